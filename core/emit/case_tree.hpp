// A line of case data, in either spelling, from a tree to a record: the way back of wire_lines.hpp.
// Ids, versions, sources and places are what the file says. What the model does not know goes to `ext`; a caveat that the
// model does not know refuses the record (H27). Pure but for its own tables; one CaseTree for each reader, one thread.
#pragma once
#include <optional>
#include <string>

#include "emit/wire_plan.hpp"
#include "read/tree.hpp"

namespace casebridge::emit {

struct Refusal {
  std::string code;  // of a finding
  std::vector<std::string> args;
  uint64_t offset = 0, length = 0;  // in the file being read
};

struct EndLine {  // DatasetEnd
  uint64_t sources = 0;
  std::vector<std::pair<std::string, uint64_t>> counts;
  std::string sha256;
};

class CaseTree {
 public:
  explicit CaseTree(bool xml) : xml_(xml) {}

  // The name of the line's type: the element's name, or the member recordType; empty if it has none.
  static std::string_view type_of(const read::Tree& tree, uint32_t node, bool xml);
  // Appends one record to the batch (text copied into its arena), or says why not.
  std::optional<Refusal> record(const read::Tree& tree, uint32_t node, RecordBatch& into);
  std::optional<Refusal> end(const read::Tree& tree, uint32_t node, EndLine& into) const;
  bool had_unknown() const { return unknown_; }  // any field so far that the model does not know

 private:
  struct Draft;
  bool xml_, unknown_ = false;
};

}  // namespace casebridge::emit

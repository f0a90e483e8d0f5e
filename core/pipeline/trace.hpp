// From a value of a data set back to the bytes it came from. The source is known by its SHA-256, so it is found wherever
// it was moved; a source that is missing or was changed is said to be so, never guessed at.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "handle/gate.hpp"
#include "pipeline/plan.hpp"
#include "base/exit_code.hpp"

namespace casebridge::host {
class Registry;
}

namespace casebridge::pipeline {

struct TraceQuery {
  std::string id;                    // of the record
  std::string field;                 // JSON Pointer ("/birthDate", "/names/0/full"), or empty: the record as a whole
  std::string data;                  // data set: JSON Lines or XML
  std::vector<std::string> sources;  // files and folders to look in
};

struct Traced {
  Exit exit = Exit::ok;
  std::string problem, hint;  // translated; empty: found
  std::string type, value;    // of the record; the value as the data set says it
  std::string source_name, agency, system, mapping, sha256;
  std::string found_at;  // file in which the bytes were found
  uint64_t offset = 0, length = 0, line = 0, column = 0;
  std::string sheet, cell;  // of a workbook: "Tips", and "D14" of an exact place; line and column are those of the sheet
  bool exact = false;       // the place of the value itself, not of its record
  std::string note;         // constant of the mapping, computed, found by the program
  handle::ClearedText* raw() { return raw_ ? &*raw_ : nullptr; }
  std::optional<handle::ClearedText> raw_;
};

Traced trace(const TraceQuery&, const Plan&, const host::Registry&, const handle::Gate&);

// The value that a JSON Pointer names in a record, or nullptr.
const Value* value_at(const Record&, std::string_view pointer);

}  // namespace casebridge::pipeline

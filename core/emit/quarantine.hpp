// What was refused, kept: the raw bytes of each refused source record, its place and its reasons.
//
//   quarantine/index.jsonl   one line for each, in the order in which they were added: place, hash, reasons
//   quarantine/raw.bin       their bytes one after the other; `at` of the index says where
//
// Both are private files and appear when finish() is called; the same refusals give the same bytes. Bytes that hold a
// picture or film are not kept (H6): place and hash stay, so that the record can be found in its source. Reasons have
// passed the gate; listings mask sensitive numbers; raw.bin itself is as private as the source.
// One thread at a time. Failures are IoError.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "emit/sink.hpp"
#include "handle/gate.hpp"

namespace casebridge::emit {

struct QuarantineItem {
  std::string input;             // name of the input, as findings write it
  uint32_t source = 0;           // number of the Source line
  Place place;                   // of the source record in it
  std::string_view raw;          // its bytes
  std::vector<Finding> reasons;  // at least one
};

class Quarantine {
 public:
  // Nothing is created before the first add(): a run without refusals leaves no folder.
  Quarantine(std::string folder, const handle::Gate& gate) : folder_(std::move(folder)), gate_(gate) {}
  void add(const QuarantineItem&);
  void finish();
  uint64_t count() const { return count_; }

 private:
  std::string folder_;
  const handle::Gate& gate_;
  std::unique_ptr<FileSink> index_, raw_;
  uint64_t count_ = 0, at_ = 0;
  std::string line_;
};

// One entry of a quarantine as it may be shown.
struct QuarantineEntry {
  std::string sha256, input;
  uint32_t source = 0;
  Place place;
  uint64_t bytes = 0;
  bool kept = false;  // its bytes are in raw.bin
  uint64_t at = 0;
  std::string excerpt;                                       // the first bytes, masked, on one line
  std::vector<std::pair<std::string, std::string>> reasons;  // code, message
};
// Reads the index and shows each entry; `excerpt` bytes of each at most. Throws IoError on a broken quarantine.
std::vector<QuarantineEntry> list_quarantine(const std::string& folder, const handle::Gate& gate, size_t excerpt = 120);
// The same as a table: CSV of rejects.
void write_rejects(const std::vector<QuarantineEntry>& entries, Sink& into);

}  // namespace casebridge::emit

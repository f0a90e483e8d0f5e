// What has passed the gate. Writers of records, findings and raw bytes take these types and nothing else, and only the
// gate can make them: that the handle stage is the only door to any output is checked by the compiler.
#pragma once
#include <span>
#include <string>

#include "base/finding.hpp"
#include "model/record.hpp"

namespace casebridge::handle {

// Records as they may leave: for `self` the batch's own records, for others copies owned by the gate's Outgoing. Borrowed.
class Cleared {
 public:
  Cleared() = default;  // nothing
  std::span<const Record> records() const { return records_; }

 private:
  friend class Gate;
  explicit Cleared(std::span<const Record> records) : records_(records) {}
  std::span<const Record> records_;
};

class ClearedFinding {
 public:
  const Finding& get() const { return finding_; }

 private:
  friend class Gate;
  explicit ClearedFinding(Finding finding) : finding_(std::move(finding)) {}
  Finding finding_;
};

// Words or bytes of a source that may be shown: sensitive identifiers and media are masked.
class ClearedText {
 public:
  const std::string& get() const { return text_; }

 private:
  friend class Gate;
  explicit ClearedText(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace casebridge::handle

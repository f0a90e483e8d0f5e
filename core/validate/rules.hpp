// The cross-field rules R-V1 to R-V17 of schema.md 4.5: what no schema language can say.
//
// Some rules need more than one record (how old was the victim of this episode?). Facts are kept in a small index: birth
// dates, dates of events, and whether an offence is of the kind a victim is made to commit. A rule whose facts come later
// in the input waits; finish() decides it. A caller who reads an input twice calls learn() on the first pass, and then
// every verdict is there when check() returns.
//
// Errors send the record to quarantine, warnings do not, notes tell of a repair. No rule guesses: where a partial date
// leaves an age open, no rule fires. One thread at a time. No rule reads the clock.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "model/record.hpp"
#include "normalise/ledgers.hpp"

namespace casebridge::validate {

struct Rule {
  std::string_view id;      // "R-V3"
  std::string_view text;    // English; tr() gives the French
  std::string_view source;  // the law or standard it comes from
};
std::span<const Rule> rules();  // R-V1 to R-V17, in order
const Rule* rule(std::string_view id) noexcept;

using FindingSink = std::function<void(Finding&&)>;

class Rules {
 public:
  explicit Rules(std::string input, std::string spill_dir = "/tmp");
  ~Rules();

  // Source lines: their handling is a floor under that of their records. The Record's text is copied.
  void source(uint32_t number, const Record& line);
  void learn(const RecordBatch&);
  // Checks every record (and learns from the batch first); may add a caveat to a record (R-V13). Gives the indexes of
  // the records with an error, ascending.
  std::vector<uint32_t> check(RecordBatch&, const FindingSink&);

  struct Late {
    Uuid record;
    uint32_t source;
    uint64_t offset;
  };
  // Decides what waited; gives the records with an error, which have left already. What no record of the input could
  // settle is no finding. Then it is ready for another input.
  std::vector<Late> finish(const FindingSink&);
  // R-V11: a reference that found no record, as normalise::ReferenceLedger tells it.
  Finding dangling(const normalise::DanglingReference&) const;

  struct Work;  // rules_internal.hpp

 private:
  std::unique_ptr<Work> work_;
};

}  // namespace casebridge::validate

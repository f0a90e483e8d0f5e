// A plugin's batch -> records in normal form, with ids. The plugin says what stood where; everything else is decided here.
//
//   Normaliser normaliser(settings);             // one per input, one thread at a time
//   normaliser.run(batch, out, report);          // out is filled anew; its text lives as long as it does
//
// What it does, and the caller need not: ids and references (design/wire.md), values by their type with the source's
// words as `original` where they differ, `absent` for what cannot be read, `ext`, computed fields, order by rank, tokens
// for sensitive numbers. Records with cells already in normal form (case data of ours) are checked and not rewritten.
// What stays for the caller: lines and columns, the inheritance from the Source line, ledgers over the input (ledgers.hpp).
//
// A value that cannot be read leaves the field absent (UNPARSEABLE); the source's words stand in `ext` under the field's
// JSON Pointer ("/gender"), where both spellings of the wire keep them. A sensitive number is never kept so.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "casebridge/plugin.h"
#include "model/record.hpp"
#include "normalise/tokens.hpp"

namespace casebridge::normalise {

struct Settings {
  std::string agency, system;           // parts of every id; where empty, taken from the first Source record of the input
  uint32_t source = 0;                  // number of the Source line
  std::string input;                    // name of the input, for findings
  std::string zone;                     // of times without an offset, unless a hint says otherwise; empty: none is known
  std::string dates;                    // patterns joined by '|', unless a hint says otherwise; empty: ISO 8601
  std::string region = "CA";            // of telephone numbers without a country code
  int run_year = 2026;                  // from the run's time: the pivot of two-digit years
  std::shared_ptr<const TokenKey> key;  // none: sensitive numbers are left out, with a finding
};

using FindingSink = std::function<void(Finding&&)>;

class Normaliser {
 public:
  explicit Normaliser(Settings);  // throws std::invalid_argument: unknown zone, pattern that cannot be compiled
  ~Normaliser();
  Normaliser(Normaliser&&) noexcept;

  // Never throws on a hostile batch: a unit that contradicts itself is quarantined with E-BATCH.
  void run(const cb_batch&, RecordBatch& out, const FindingSink&);

  struct Counts {
    uint64_t units = 0, records = 0, repeats = 0;  // repeats: the same record twice in one source record, kept once
  };
  const Counts& counts() const;
  // Dataset, Source and DatasetEnd records of the input, each different one once, in order; valid as long as *this.
  const std::vector<Record>& lines() const;

  struct Work;  // internal.hpp

 private:
  std::unique_ptr<Work> work_;
};

void warm_up();  // loads what is loaded lazily otherwise (ICU tables, telephone metadata, code lists): before a sandbox

}  // namespace casebridge::normalise

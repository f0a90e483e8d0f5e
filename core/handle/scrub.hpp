// What no one may receive, not even the custodian's own desk in an output: media bytes (H6) and sensitive numbers in
// clear (H26). Looks at every value, original and ext of a record; a record with nothing of the kind costs one look.
#pragma once
#include "handle/ledger.hpp"
#include "model/record.hpp"

namespace casebridge::handle {

struct Scrubbed {
  uint32_t media = 0, numbers = 0;
  bool any() const { return media + numbers > 0; }
};

// True if scrub() would change the record.
bool needs_scrub(const Record& record);
bool needs_scrub(const Value& value);
// Changes a copy: masked text goes into `arena`; a value that was nothing else is taken out, and its block with it when
// the model requires it there.
Scrubbed scrub(Record& record, Arena& arena);

}  // namespace casebridge::handle

// When access ends by law (schema.md 2.3; H1, H3, H18, H29), worked out over all that a store holds: what one source record
// says is judged where it is read (core/normalise/youth_clock.hpp); here a later finding of guilt from another file extends
// the period of an earlier one, and a person who is known from elsewhere too does not go with their youth record.
//
//   YOUTH        s. 119(2) of the Youth Criminal Justice Act: charges of a youth, with what belongs to them alone
//   DISCHARGE    s. 6.1 of the Criminal Records Act: an adult's absolute discharge one year, a conditional one three years after it
//   SUSPENSION   s. 6 of that Act: from the day the suspension is known
//   dates that a source states (accessEnds, destroyBy) stand in the record and can be lengthened by none of these
#pragma once
#include <map>
#include <string>
#include <unordered_map>

#include "store/store.hpp"

namespace casebridge::store {

// The clocks as the store's records make them now, by id and rule. `ends` is the last day of access, and takes the place of what
// the record says: a date that could be computed from its source alone is one that nobody stated. Empty: it cannot be told
// (`missing` is the field that would tell), or the record does not end with the charges.
struct ClockEnd {
  std::string ends, missing;
  bool operator==(const ClockEnd&) const = default;
};
using Clocks = std::map<std::pair<std::string, std::string>, ClockEnd>;
Clocks work_out_clocks(Database& db, Store& store);

// As they were known at a run: id -> the earliest end of its clocks.
std::unordered_map<std::string, std::string> known_ends(Database& db, int64_t run);

}  // namespace casebridge::store

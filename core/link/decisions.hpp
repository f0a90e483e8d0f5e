// What reviewers decided: rows of design 6.4, obeyed for ever. A row names records by (agency, system, local id), so it
// survives a new import; a row whose records are not in this run waits. Taking a row away undoes it without a trace.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "link/cluster.hpp"

namespace casebridge::link {

struct RecordName {
  std::string agency, system, local_id;
  uint64_t key() const;  // Person::key of this record
};

struct Decision {
  RecordName a, b;
  std::string code;            // link_decision: CONFIRMED, MATCH = one; REJECTED, NON_MATCH, SPLIT = never; POSSIBLE = neither
  std::string by, at, reason;  // at: ISO 8601; of several rows on one pair the latest holds
};

// A filled review file is such a CSV as well: other columns are passed over, and so are rows without a decision; same,
// different and unsure (identiques, différents, incertain) are understood.
// CSV with the columns a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason. Throws std::runtime_error
// with the line number when a column or a code is unknown.
std::vector<Decision> read_decisions(std::string_view csv);

struct AppliedDecisions {
  Constraints constraints;
  uint64_t one = 0, never = 0;  // pairs in force
  uint64_t waiting = 0;         // rows that name a record that is not here
  std::vector<std::pair<uint32_t, uint32_t>>
      contradictions;  // never-one pairs that must-links would join: kept apart, for a person to mend
};
AppliedDecisions apply_decisions(const PersonTable& t, const std::vector<Decision>& decisions);

}  // namespace casebridge::link

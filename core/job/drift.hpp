// Has a feed changed its form? Judged by what reading it said: columns and elements gone, new or renamed, values that no
// longer are what they were, a share of filled values that jumped against the last accepted night. What is gone and has one
// likely new name gets a proposal: a change of the mapping, with its evidence, tried on the feed itself. Nothing is applied:
// that is a person's decision (casebridge quarantine replay --accept).
#pragma once
#include <string>
#include <vector>

#include "job/ledger.hpp"
#include "job/reading.hpp"

namespace casebridge::job {

struct Change {
  enum class Kind { renamed, gone, added, retyped, jumped, code } kind;
  std::string was, now;        // names of source fields; for `retyped` and `code` the field of the case model
  uint64_t count = 0, of = 0;  // values concerned, of how many
  bool stops = false;          // the feed is held back for it
  std::string words() const;   // in the language of the process
};

// `last`: the profile of the last accepted night, or nullptr.
std::vector<Change> judge_drift(const Profile& now, const Profile* last);

// Changes the mapping and tries it on the feed. An empty id: nothing can be proposed. `scratch`: a folder for the trial; the
// changed mapping is removed from it again.
Proposal propose(const Job&, const SourcePlan&, const Arrival&, const std::vector<Change>&, const std::string& mapping_file,
                 const std::string& scratch, const pipeline::Plan& base, pipeline::Watch&);

}  // namespace casebridge::job

// Has a feed changed its form? Judged by what reading it said: columns and elements gone, new or renamed, values that no
// longer are what they were, a share of filled values that jumped against the last accepted night. What is gone and has one
// likely new name gets a proposal: a change of the mapping, with its evidence, tried on the feed itself. Nothing is applied:
// that is a person's decision (casebridge quarantine replay --accept).
#pragma once
#include <string>
#include <vector>

#include "job/staging.hpp"

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

struct Proposal {
  std::string id, source, format, mapping, patch, folder, key;  // mapping: the changed file; patch: a unified diff; key: of the feed
  std::vector<std::string> evidence;
  uint64_t units = 0, mapped = 0, quarantined = 0;  // of the feed, read with the changed mapping
};

// Writes proposals/ID/{mapping.yaml,patch.diff,proposal.json} and tries it on the feed. An empty id: nothing can be proposed.
Proposal propose(const Job&, const SourcePlan&, const Arrival&, const std::vector<Change>&, const std::string& mapping_file,
                 const std::string& work, const std::string& run_time, pipeline::Watch&);
std::vector<Proposal> load_proposals(const std::string& work);

}  // namespace casebridge::job

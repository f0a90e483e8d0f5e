// One page for the morning, in each language: what is new, which merges changed, what needs a decision, which feeds are
// missing. Static HTML, no scripts, nothing loaded from anywhere. Counts, names of feeds and places; no value of a record.
#pragma once
#include <string>

#include "base/text.hpp"
#include "job/held.hpp"

namespace casebridge::job {

struct Diff {                                                    // against the last run
  std::map<std::string, std::pair<uint64_t, uint64_t>> records;  // by type: then, now
  uint64_t added = 0, gone = 0;
  uint64_t clusters_new = 0, clusters_gone = 0, clusters_changed = 0;
  bool first = false;  // there was no last run
};

// From the linked case data of the last run and of this one; `before` may not be there.
Diff compare(const std::string& before, const std::string& now);

std::string morning_page(const Job&, const JobResult&, const Held&, const Diff&, Language);

}  // namespace casebridge::job

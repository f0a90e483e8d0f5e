// What has changed in a store since the last night, for the page and the manifest. Counts and ids; no value of a record.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "job/run_job.hpp"
#include "store/diff.hpp"

namespace casebridge::job {

struct News {
  struct Count {
    uint64_t added = 0, changed = 0, ended = 0, now = 0;  // now: all that hold
  };
  bool first = false;                        // there was no last night
  std::map<std::string, Count> records;      // by type, without clusters
  std::map<std::string, uint64_t> entities;  // created, merged, split, joined, left, ended
  std::vector<store::Change> merges;         // those that were there before and whose members changed, or that are gone
  std::vector<store::GoneCount> gone;
};

std::vector<Removed> removed_since(store::Store&, int64_t run);

News news_since(store::Store&, int64_t run, bool first);

}  // namespace casebridge::job

// What has changed in a store since a run, and through which run: records added, changed, gone; entities created, grown,
// shrunk, merged, split, ended.
#pragma once
#include "store/store.hpp"

namespace casebridge::store {

struct Change {
  std::string what;               // added, changed; created, joined, left, merged, split, ended
  std::string type, id;           // of a record, or Cluster
  int64_t run = 0;                // that brought it, with its kind (load, link, withdraw ...) and cause
  std::string kind, cause, file;  // file: that the version came with
  std::vector<std::string> with;  // merged: the entities that were; split: those that are; joined, left: the records
};

// In the order of what, type, id. What was taken away is counted in `gone`, never listed.
std::vector<Change> diff(Store& store, int64_t since, std::vector<GoneCount>& gone);

}  // namespace casebridge::store

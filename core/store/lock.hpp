// One writer at a time: a lock file beside the store, held by the system for as long as the process lives, so that a kill
// leaves none behind. It says who holds it and since when.
#pragma once
#include <string>

namespace casebridge::store {

class Lock {
 public:
  Lock(const std::string& store, const std::string& who, const std::string& since);  // throws StoreError (exit 10) when it is held
  ~Lock();
  Lock(const Lock&) = delete;

 private:
  int fd_ = -1;
  std::string path_;
};

}  // namespace casebridge::store

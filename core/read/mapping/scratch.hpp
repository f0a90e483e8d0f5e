// A list of values from the engine's pool, given back at the end of the block: no allocation once the pool has grown.
#pragma once
#include "read/mapping/evaluate.hpp"

namespace casebridge::read::mapping {

struct Engine::Scratch {
  explicit Scratch(Engine& engine) : engine_(engine), index_(engine.pool_used_++) {
    if (index_ == engine_.pool_.size()) engine_.pool_.emplace_back();
    if (index_ > 256) engine_.too_much("the depth of the mapping");
    engine_.pool_[index_].swap(list_);
    list_.clear();
  }
  ~Scratch() {
    engine_.pool_[index_].swap(list_);
    --engine_.pool_used_;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::vector<Val>& operator*() { return list_; }
  std::vector<Val>* operator->() { return &list_; }

 private:
  Engine& engine_;
  size_t index_;
  std::vector<Val> list_;
};

}  // namespace casebridge::read::mapping

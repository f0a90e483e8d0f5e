// The whole of link: table in, clusters out.
//   plan (blocks, pairs, memory) -> counts -> sample and EM, or a model given -> stream, compare, score -> clusters
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "link/cluster.hpp"
#include "link/common_values.hpp"
#include "link/input.hpp"
#include "link/model.hpp"

namespace casebridge::link {

struct LinkPlan {
  uint64_t records = 0, pairs = 0;  // pairs to compare: an upper bound, doubles between rules counted
  uint64_t memory_bytes = 0;        // expected peak of the process while it links, without what is spilled
  uint64_t spilled_bytes = 0;       // arrays that live in a temporary file
  BlockLimits limits;
  std::vector<RuleCost> costs;  // by rule
};

struct LinkOptions {
  unsigned threads = 2;
  uint64_t memory_limit = 0;  // bytes, 0 = none. Blocks are spilled first, which changes no result; then refined until the plan fits
  std::string spill_directory = "/tmp";
  const Model* model = nullptr;                       // use this model instead of fitting one
  const std::vector<uint64_t>* labels = nullptr;      // by row: who it is, as somebody knows (0: nobody); improves the model that is fitted
  BlockLimits limits{0, 0};                           // cap 0: default_limits() of the number of records
  Constraints constraints;                            // see decisions.hpp
  std::function<void(const LinkPlan&)> on_plan;       // called before pairs are compared
  std::function<void(const char*, double)> on_phase;  // name and seconds of each phase that ended
};

struct LinkResult {
  Clusters clusters;
  std::vector<Edge> edges;          // pairs at 0 or more, in no order
  std::vector<CommonValue> common;  // values that were found to say nothing, and were read as missing
  std::vector<Edge> review;         // pairs that a strong number joins and a birth date parts
  Model model;                      // as fitted or given
  LinkPlan plan;
  uint64_t compared = 0;  // distinct pairs
};

// Common values are taken out of the table. Constraints by source come from the table's own sources.
LinkResult link_table(PersonTable& table, const LinkOptions& options);

}  // namespace casebridge::link

// Estimating the model: EM over counts of patterns, with four classes and no training data.
#pragma once
#include <utility>
#include <vector>

#include "link/blocks.hpp"
#include "link/model.hpp"

namespace casebridge::link {

struct PatternCounts {
  std::vector<std::pair<Pattern, uint64_t>> rows;  // by pattern, ascending
  uint64_t pairs = 0;
  double scale = 1;  // all pairs of this kind / pairs counted
};
PatternCounts count_blocked(const PersonTable& t, const Blocks& b, unsigned threads);  // of a sample of records
PatternCounts count_random(const PersonTable& t, unsigned threads);                    // of pairs drawn from all

// Fills prior, weight and the estimates of the model; counts must be in it already.
void estimate(const PersonTable& t, const PatternCounts& blocked, const PatternCounts& random, Model& m);

}  // namespace casebridge::link

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
// Of a sample of records. labels: by row, the person as somebody knows it (0: not known); empty: nobody does. A pair whose
// two persons are known carries kKnownSame or kKnownOther beside its pattern.
inline constexpr Pattern kKnownSame = Pattern{1} << 62, kKnownOther = Pattern{1} << 63;
PatternCounts count_blocked(const PersonTable& t, const Blocks& b, unsigned threads, const std::vector<uint64_t>& labels = {});
PatternCounts count_random(const PersonTable& t, unsigned threads);  // of pairs drawn from all

// Where pairs are known, EM is not asked whether they are matches; all others are judged with them in view.
// Fills prior, weight and the estimates of the model; counts must be in it already.
void estimate(const PersonTable& t, const PatternCounts& blocked, const PatternCounts& random, Model& m);

}  // namespace casebridge::link

// Why, and why not: a score taken apart into fields, and the path that holds a cluster together.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "link/cluster.hpp"

namespace casebridge::link {

struct FieldScore {
  unsigned field, level;
  int32_t weight;  // hundredths of a bit: how much more likely under one person than under two unrelated people
};

// score = base + sum of the fields' weights + relatives
struct PairExplanation {
  std::vector<FieldScore> fields;  // those that are present on both sides, in the order of levels.hpp
  int32_t base = 0;                // how rare a match is among all pairs
  int32_t relatives = 0;           // 0 or less: members of one household or twins would look like this as well
  int32_t score = 0;
  bool may_merge = false;      // a name, a date or a number agrees
  bool conflict = false;       // a strong number is equal, the birth dates are years apart: for review
  bool doubtful = false;       // one of them is doubtful and no strong number agrees: for review
  const bool* rule = nullptr;  // a reviewer's word, if there is one
  bool source_forbids = false;
};
PairExplanation explain_pair(const PersonTable& t, const Scorer& scorer, const Constraints& rules, uint32_t a, uint32_t b);

// The strongest pairs that hold a cluster together (a spanning tree, strongest first); the last one is the weakest bridge.
struct ClusterExplanation {
  std::vector<Edge> path;
  const Edge* weakest() const { return path.empty() ? nullptr : &path.back(); }
};
ClusterExplanation explain_cluster(const PersonTable& t, const Scorer& scorer, std::span<const uint32_t> rows);

// Two plain sentences: what speaks for one person and what against. In the language of the process.
std::string sentences(const PairExplanation& e);

}  // namespace casebridge::link

// From scored pairs to people. Clusters are a pure function of each connected component of edges.
#pragma once
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "link/score.hpp"

namespace casebridge::link {

struct Edge {
  uint32_t a, b;  // rows, a < b
  int32_t score;  // hundredths of a bit, 0 or more
};

// What reviewers and sources forbid or demand, by row. Must-links of one group never stand beside a cannot-link in it:
// decisions.hpp sorts that out before.
struct Constraints {
  std::unordered_map<uint64_t, bool> pairs;  // smaller row << 32 | larger row -> true: one, false: never one
  std::vector<char> constrained;             // rows that stand in pairs; empty: none
  std::vector<char> deduplicated, unlinked;  // by source number
  const bool* find(uint32_t a, uint32_t b) const;
  bool forbids(const Person& a, const Person& b) const;  // by source
  void take_sources(const PersonTable& t);
  bool none() const { return pairs.empty() && unlinked.empty(); }
  std::vector<Edge> allowed(const PersonTable& t,
                            const std::vector<Edge>& edges) const;  // without what is forbidden, with what is demanded
};

struct ClusterOptions {
  uint32_t largest = 300;  // a component above this is cut again at one bit more, and so on
};

struct Clusters {
  std::vector<uint32_t> of;  // row -> row with the smallest key of its cluster
  uint32_t count = 0, recut = 0;
};

Clusters make_clusters(const PersonTable& t, const Comparer& comparer, const Scorer& scorer, const std::vector<Edge>& edges,
                       const Constraints& rules, ClusterOptions options, unsigned threads);

// Clusters one component: rows in any order; out[i] = index of the cluster's first member. For increments and tests.
class ComponentClusterer {
 public:
  ComponentClusterer(const PersonTable& t, const Comparer& c, const Scorer& s, const Constraints& r);
  ~ComponentClusterer();
  void run(std::vector<uint32_t>& rows, std::vector<uint32_t>& out);  // sorts rows by key

 private:
  struct Bond;  // what is known between two clusters
  const PersonTable& t_;
  const Comparer& comparer_;
  const Scorer& scorer_;
  const Constraints& rules_;
  std::vector<Bond> bonds_;
  std::vector<int32_t> scores_;
};

}  // namespace casebridge::link

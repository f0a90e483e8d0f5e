#include "link/cluster.hpp"

#include <limits>

#include "link/parallel.hpp"

namespace casebridge::link {

constexpr int32_t never = std::numeric_limits<int32_t>::min(), always = std::numeric_limits<int32_t>::max();

const bool* Constraints::find(uint32_t a, uint32_t b) const {
  if (constrained.empty() || !constrained[a] || !constrained[b]) return nullptr;
  const auto it = pairs.find(a < b ? uint64_t{a} << 32 | b : uint64_t{b} << 32 | a);
  return it == pairs.end() ? nullptr : &it->second;
}

bool Constraints::forbids(const Person& a, const Person& b) const {
  if (unlinked.empty()) return false;
  return unlinked[a.source] || unlinked[b.source] || (a.source == b.source && deduplicated[a.source]);
}

void Constraints::take_sources(const PersonTable& t) {
  bool any = false;
  for (const Source& s : t.sources) any |= s.deduplicated || s.unlinked;
  if (!any) return;
  deduplicated.assign(t.sources.size(), 0);
  unlinked.assign(t.sources.size(), 0);
  for (size_t i = 0; i < t.sources.size(); ++i) deduplicated[i] = t.sources[i].deduplicated, unlinked[i] = t.sources[i].unlinked;
}

std::vector<Edge> Constraints::allowed(const PersonTable& t, const std::vector<Edge>& edges) const {
  std::vector<Edge> out;
  out.reserve(edges.size());
  for (const Edge& e : edges) {
    const bool* rule = find(e.a, e.b);
    if (rule ? *rule : !forbids(t.persons[e.a], t.persons[e.b])) out.push_back(e);
  }
  for (const auto& [pair, one] : pairs) {
    if (one) out.push_back({static_cast<uint32_t>(pair >> 32), static_cast<uint32_t>(pair), 1'000'000});
  }
  return out;
}

// Single-valued fields speak by their mean over pairs in which they are present, many-valued ones by their best pair.
struct ComponentClusterer::Bond {
  std::array<Evidence, fields> sum;
  std::array<int32_t, fields> pairs;
  bool agrees, forbidden, demanded;

  static bool better(const Evidence& x, const Evidence& y) {
    const int32_t dx = x.of[c_match] - x.of[c_unrelated], dy = y.of[c_match] - y.of[c_unrelated];
    return dx != dy ? dx > dy : x.of[c_match] > y.of[c_match];
  }
  void add(const Bond& o) {
    for (unsigned f = 0; f < fields; ++f) {
      if (!o.pairs[f]) continue;
      if (many_valued(f)) {
        if (!pairs[f] || better(o.sum[f], sum[f])) sum[f] = o.sum[f];
        pairs[f] = 1;
      } else {
        sum[f] += o.sum[f];
        pairs[f] += o.pairs[f];
      }
    }
    agrees |= o.agrees;
    forbidden |= o.forbidden;
    demanded |= o.demanded;
  }
  int32_t score(const Scorer& s) const {
    if (forbidden) return never;
    if (demanded) return always;
    if (!agrees) return never;
    Evidence all;
    for (unsigned f = 0; f < fields; ++f) {
      const int32_t n = pairs[f];
      if (n == 1) {
        all += sum[f];
      } else if (n) {
        for (unsigned c = 0; c < classes; ++c) all.of[c] += sum[f].of[c] / n;
      }
    }
    return s.total(all);
  }
};

ComponentClusterer::ComponentClusterer(const PersonTable& t, const Comparer& c, const Scorer& s, const Constraints& r)
    : t_(t), comparer_(c), scorer_(s), rules_(r) {}
ComponentClusterer::~ComponentClusterer() = default;

void ComponentClusterer::run(std::vector<uint32_t>& rows, std::vector<uint32_t>& out) {
  const size_t n = rows.size();
  std::sort(rows.begin(), rows.end(), [&](uint32_t a, uint32_t b) {
    const uint64_t x = t_.persons[a].key, y = t_.persons[b].key;
    return x != y ? x < y : a < b;
  });
  bonds_.resize(n * n);
  scores_.assign(n * n, never);
  out.resize(n);
  for (size_t i = 0; i < n; ++i) {
    out[i] = static_cast<uint32_t>(i);
    const Person& p = t_.persons[rows[i]];
    for (size_t k = i + 1; k < n; ++k) {
      const Person& q = t_.persons[rows[k]];
      Bond& b = bonds_[i * n + k];
      Shared shared;
      const Pattern pattern = comparer_.compare(p, q, shared);
      for (unsigned f = 0; f < fields; ++f) {
        b.pairs[f] = level(pattern, f) != 0;
        b.sum[f] = b.pairs[f] ? scorer_.field(f, pattern, p, q, shared) : Evidence{};
      }
      b.agrees = Scorer::may_merge(pattern);
      const bool* rule = rules_.find(rows[i], rows[k]);
      b.demanded = rule && *rule;
      b.forbidden = (rule && !*rule) || (!b.demanded && rules_.forbids(p, q)) || (!b.demanded && number_conflict(shared, p, q));
      scores_[i * n + k] = b.score(scorer_);
    }
  }
  // The smallest index stands for a cluster; ties go to the pair of smallest keys.
  std::vector<uint32_t> alive(n);
  for (size_t i = 0; i < n; ++i) alive[i] = static_cast<uint32_t>(i);
  while (alive.size() > 1) {
    int32_t best = 0;
    size_t bi = 0, bk = 0;
    for (size_t x = 0; x < alive.size(); ++x) {
      for (size_t y = x + 1; y < alive.size(); ++y) {
        const int32_t s = scores_[alive[x] * n + alive[y]];
        if (s > best) best = s, bi = x, bk = y;
      }
    }
    if (best <= 0) break;
    const uint32_t into = alive[bi], gone = alive[bk];
    for (const uint32_t other : alive) {
      if (other == into || other == gone) continue;
      const auto at = [&](uint32_t x, uint32_t y) { return x < y ? x * n + y : y * n + x; };
      Bond& b = bonds_[at(into, other)];
      b.add(bonds_[at(gone, other)]);
      scores_[at(into, other)] = b.score(scorer_);
    }
    for (auto& o : out) {
      if (o == gone) o = into;
    }
    alive.erase(alive.begin() + static_cast<ptrdiff_t>(bk));
  }
}

namespace {

class Forest {
 public:
  explicit Forest(size_t n) : parent_(n) {
    for (size_t i = 0; i < n; ++i) parent_[i] = static_cast<uint32_t>(i);
  }
  uint32_t find(uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  void join(uint32_t a, uint32_t b) {
    a = find(a);
    b = find(b);
    if (a < b) parent_[b] = a;
    else parent_[a] = b;
  }

 private:
  std::vector<uint32_t> parent_;
};

// Rows of each component of two rows or more, one after the other.
struct Components {
  std::vector<uint32_t> rows, start;  // start: components + 1
  Components(Forest& forest, const std::vector<uint32_t>& among) {
    std::vector<std::pair<uint32_t, uint32_t>> by_root;
    for (const uint32_t r : among) by_root.emplace_back(forest.find(r), r);
    std::sort(by_root.begin(), by_root.end());
    fill(by_root);
  }
  Components(Forest& forest, uint32_t n) {  // all rows: counting instead of sorting
    std::vector<uint32_t> size(n, 0), at(n);
    for (uint32_t r = 0; r < n; ++r) ++size[forest.find(r)];
    uint32_t total = 0;
    for (uint32_t r = 0; r < n; ++r) {
      at[r] = total;
      if (size[r] > 1) {
        start.push_back(total);
        total += size[r];
      }
    }
    start.push_back(total);
    rows.resize(total);
    for (uint32_t r = 0; r < n; ++r) {
      const uint32_t root = forest.find(r);
      if (size[root] > 1) rows[at[root]++] = r;
    }
  }
  size_t count() const { return start.size() - 1; }

 private:
  void fill(const std::vector<std::pair<uint32_t, uint32_t>>& by_root) {
    for (size_t i = 0, end; i < by_root.size(); i = end) {
      for (end = i; end < by_root.size() && by_root[end].first == by_root[i].first; ++end) {}
      if (end - i < 2) continue;
      start.push_back(static_cast<uint32_t>(rows.size()));
      for (size_t k = i; k < end; ++k) rows.push_back(by_root[k].second);
    }
    start.push_back(static_cast<uint32_t>(rows.size()));
  }
};

}  // namespace

Clusters make_clusters(const PersonTable& t, const Comparer& comparer, const Scorer& scorer, const std::vector<Edge>& edges,
                       const Constraints& rules, ClusterOptions options, unsigned threads) {
  const uint32_t n = t.size();
  Clusters out;
  out.of.resize(n);
  for (uint32_t i = 0; i < n; ++i) out.of[i] = i;
  Forest forest(n);
  for (const Edge& e : edges) forest.join(e.a, e.b);
  const Components found(forest, n);

  // Large components are cut at higher and higher scores, by their own edges alone.
  std::vector<std::vector<uint32_t>> small;
  std::vector<uint32_t> large;
  for (size_t c = 0; c < found.count(); ++c) {
    if (found.start[c + 1] - found.start[c] > options.largest)
      large.insert(large.end(), found.rows.begin() + found.start[c], found.rows.begin() + found.start[c + 1]);
  }
  if (!large.empty()) {
    std::vector<char> in(n, 0);
    for (const uint32_t r : large) in[r] = 1;
    std::vector<Edge> own;
    for (const Edge& e : edges) {
      if (in[e.a]) own.push_back(e);
    }
    for (int32_t cut = 100; !large.empty(); cut += 100) {
      ++out.recut;
      Forest part(n);
      bool any = false;
      for (const Edge& e : own) {
        if (in[e.a] && in[e.b] && e.score >= cut) part.join(e.a, e.b), any = true;
      }
      if (!any) break;
      if (cut > 20'000) {  // only a reviewer's word is that strong: a group of must-links, taken as it is
        const Components groups(part, large);
        for (size_t c = 0; c < groups.count(); ++c) {
          uint32_t leader = groups.rows[groups.start[c]];
          for (uint32_t i = groups.start[c]; i < groups.start[c + 1]; ++i) {
            if (t.persons[groups.rows[i]].key < t.persons[leader].key) leader = groups.rows[i];
          }
          for (uint32_t i = groups.start[c]; i < groups.start[c + 1]; ++i) out.of[groups.rows[i]] = leader;
        }
        break;
      }
      const Components pieces(part, large);
      for (const uint32_t r : large) in[r] = 0;
      large.clear();
      for (size_t c = 0; c < pieces.count(); ++c) {
        const auto begin = pieces.rows.begin() + pieces.start[c], end = pieces.rows.begin() + pieces.start[c + 1];
        if (end - begin <= static_cast<ptrdiff_t>(options.largest)) {
          small.emplace_back(begin, end);
        } else {
          large.insert(large.end(), begin, end);
          for (auto r = begin; r != end; ++r) in[*r] = 1;
        }
      }
    }
  }

  constexpr size_t slice = 1024;
  const size_t slices = (found.count() + slice - 1) / slice;
  parallel(threads, slices + small.size(), [&](size_t task, unsigned) {
    ComponentClusterer clusterer(t, comparer, scorer, rules);
    std::vector<uint32_t> rows, label;
    const auto cluster = [&]() {
      clusterer.run(rows, label);
      for (size_t i = 0; i < rows.size(); ++i) out.of[rows[i]] = rows[label[i]];
    };
    if (task >= slices) {
      rows = small[task - slices];
      return cluster();
    }
    for (size_t c = task * slice; c < found.count() && c < (task + 1) * slice; ++c) {
      const uint32_t begin = found.start[c], end = found.start[c + 1];
      if (end - begin > options.largest) continue;
      rows.assign(found.rows.begin() + begin, found.rows.begin() + end);
      if (rows.size() == 2) {  // one edge decides: it is there, so they are one
        const bool first = t.persons[rows[0]].key < t.persons[rows[1]].key;
        out.of[rows[0]] = out.of[rows[1]] = first ? rows[0] : rows[1];
        continue;
      }
      cluster();
    }
  });
  for (uint32_t i = 0; i < n; ++i) out.count += out.of[i] == i;
  return out;
}

}  // namespace casebridge::link

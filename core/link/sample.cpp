// Samples are drawn by the hash of the record's own id, so the order of rows does not matter.
#include <unordered_map>

#include "link/compare.hpp"
#include "link/estimate.hpp"
#include "link/hash.hpp"
#include "link/parallel.hpp"
#include "link/stream.hpp"

namespace casebridge::link {
namespace {

using Counter = std::unordered_map<Pattern, uint64_t>;

PatternCounts gather(std::vector<Counter>& parts) {
  PatternCounts out;
  Counter all;
  for (Counter& c : parts) {
    for (const auto& [p, n] : c) all[p] += n;
  }
  out.rows.assign(all.begin(), all.end());
  std::sort(out.rows.begin(), out.rows.end());
  for (const auto& row : out.rows) out.pairs += row.second;
  return out;
}

}  // namespace

PatternCounts count_blocked(const PersonTable& t, const Blocks& b, unsigned threads) {
  constexpr uint64_t wanted = 50'000;
  const uint64_t n = t.persons.size();
  const uint64_t limit = n <= wanted ? ~0ull : ~0ull / n * wanted;
  std::vector<uint32_t> drawn;
  for (uint32_t row = 0; row < n; ++row) {
    if (mix(t.persons[row].key, 7) <= limit) drawn.push_back(row);
  }
  const Comparer comparer(t);
  std::vector<Counter> parts(threads ? threads : 1);
  std::vector<std::unique_ptr<PairStream>> streams(parts.size());
  constexpr size_t slice = 512;
  parallel(threads, (drawn.size() + slice - 1) / slice, [&](size_t task, unsigned self) {
    if (!streams[self]) streams[self] = std::make_unique<PairStream>(b, n);
    for (size_t i = task * slice; i < drawn.size() && i < (task + 1) * slice; ++i) {
      const Person& p = t.persons[drawn[i]];
      streams[self]->around(drawn[i], [&](uint32_t other) {
        const Person& q = t.persons[other];
        if (q.key < p.key || (q.key == p.key && other < drawn[i])) return;  // the pair belongs to the smaller key
        Shared s;
        ++parts[self][comparer.compare(p, q, s)];
      });
    }
  });
  PatternCounts out = gather(parts);
  out.scale = drawn.empty() ? 1 : static_cast<double>(n) / static_cast<double>(drawn.size());
  return out;
}

PatternCounts count_random(const PersonTable& t) {
  constexpr uint64_t wanted = 4096, steps = 50;
  const uint64_t n = t.persons.size();
  const uint64_t limit = n <= wanted ? ~0ull : ~0ull / n * wanted;
  std::vector<std::pair<uint64_t, uint32_t>> drawn;
  for (uint32_t row = 0; row < n; ++row) {
    const uint64_t h = mix(t.persons[row].key, 11);
    if (h <= limit) drawn.emplace_back(h, row);
  }
  std::sort(drawn.begin(), drawn.end());
  const Comparer comparer(t);
  std::vector<Counter> parts(1);
  const size_t m = drawn.size();
  if (m < 2) return gather(parts);
  const auto count = [&](size_t i, size_t k) {
    Shared s;
    ++parts[0][comparer.compare(t.persons[drawn[i].second], t.persons[drawn[k].second], s)];
  };
  if (m <= 2 * steps + 1) {
    for (size_t i = 0; i < m; ++i) {
      for (size_t k = i + 1; k < m; ++k) count(i, k);
    }
  } else {
    for (size_t i = 0; i < m; ++i) {
      for (size_t d = 1; d <= steps; ++d) count(i, (i + d) % m);
    }
  }
  PatternCounts out = gather(parts);
  out.scale = static_cast<double>(n) * static_cast<double>(n - 1) / 2 / static_cast<double>(out.pairs ? out.pairs : 1);
  return out;
}

}  // namespace casebridge::link

// Samples are drawn by the hash of the record's own id, so the order of rows does not matter.
#include "link/compare.hpp"
#include "link/estimate.hpp"
#include "link/hash.hpp"
#include "link/parallel.hpp"
#include "link/stream.hpp"

namespace casebridge::link {
namespace {

// Counts of patterns, open addressing; an empty slot has count 0.
class Counter {
 public:
  uint64_t& operator[](Pattern p) {
    if (used_ * 2 >= slots_.size()) grow();
    size_t at = mix(p) & (slots_.size() - 1);
    while (slots_[at].second && slots_[at].first != p) at = (at + 1) & (slots_.size() - 1);
    used_ += slots_[at].second == 0;
    slots_[at].first = p;
    return slots_[at].second;
  }
  template <class Each>
  void each(Each&& e) const {
    for (const auto& s : slots_) {
      if (s.second) e(s.first, s.second);
    }
  }

 private:
  void grow() {
    std::vector<std::pair<Pattern, uint64_t>> old(slots_.empty() ? 4096 : slots_.size() * 2);
    old.swap(slots_);
    used_ = 0;
    for (const auto& s : old) {
      if (s.second) (*this)[s.first] = s.second;
    }
  }
  std::vector<std::pair<Pattern, uint64_t>> slots_;
  size_t used_ = 0;
};

PatternCounts gather(std::vector<Counter>& parts) {
  PatternCounts out;
  Counter all;
  for (const Counter& c : parts) c.each([&](Pattern p, uint64_t n) { all[p] += n; });
  all.each([&](Pattern p, uint64_t n) { out.rows.emplace_back(p, n); });
  std::sort(out.rows.begin(), out.rows.end());
  for (const auto& row : out.rows) out.pairs += row.second;
  return out;
}

}  // namespace

PatternCounts count_blocked(const PersonTable& t, const Blocks& b, unsigned threads, const std::vector<uint64_t>& labels) {
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
        Pattern pattern = comparer.compare(p, q, s);
        if (!labels.empty() && labels[drawn[i]] && labels[other]) pattern |= labels[drawn[i]] == labels[other] ? kKnownSame : kKnownOther;
        ++parts[self][pattern];
      });
    }
  });
  PatternCounts out = gather(parts);
  out.scale = drawn.empty() ? 1 : static_cast<double>(n) / static_cast<double>(drawn.size());
  return out;
}

PatternCounts count_random(const PersonTable& t, unsigned threads) {
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
  std::vector<Counter> parts(threads ? threads : 1);
  const size_t m = drawn.size();
  if (m < 2) return gather(parts);
  const auto count = [&](unsigned self, size_t i, size_t k) {
    Shared s;
    ++parts[self][comparer.compare(t.persons[drawn[i].second], t.persons[drawn[k].second], s)];
  };
  constexpr size_t slice = 128;
  parallel(threads, (m + slice - 1) / slice, [&](size_t task, unsigned self) {
    for (size_t i = task * slice; i < m && i < (task + 1) * slice; ++i) {
      if (m <= 2 * steps + 1) {
        for (size_t k = i + 1; k < m; ++k) count(self, i, k);
      } else {
        for (size_t d = 1; d <= steps; ++d) count(self, i, (i + d) % m);
      }
    }
  });
  PatternCounts out = gather(parts);
  out.scale = static_cast<double>(n) * static_cast<double>(n - 1) / 2 / static_cast<double>(out.pairs ? out.pairs : 1);
  return out;
}

}  // namespace casebridge::link

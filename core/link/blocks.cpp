#include "link/blocks.hpp"

#include <cmath>

#include "link/parallel.hpp"

namespace casebridge::link {
namespace {

struct Item {
  uint64_t key;
  uint32_t row;
};

// Items of a bucket share their upper bits; what is left of the key (32 bits) and the row make one word. Sorting is by
// the key alone and stable, so rows stay in ascending order.
void sort_bucket(uint64_t* a, uint64_t* spare, size_t n) {
  if (n < 200) {
    std::sort(a, a + n);
    return;
  }
  uint32_t count[3][2048] = {};
  for (size_t i = 0; i < n; ++i) {
    const uint64_t k = a[i] >> 32;
    ++count[0][k & 2047];
    ++count[1][k >> 11 & 2047];
    ++count[2][k >> 22];
  }
  for (auto& c : count) {
    uint32_t at = 0;
    for (auto& x : c) at += std::exchange(x, at);
  }
  for (size_t i = 0; i < n; ++i) spare[count[0][a[i] >> 32 & 2047]++] = a[i];
  for (size_t i = 0; i < n; ++i) a[count[1][spare[i] >> 43 & 2047]++] = spare[i];
  for (size_t i = 0; i < n; ++i) spare[count[2][a[i] >> 54]++] = a[i];
  std::copy(spare, spare + n, a);
}

class RuleBlocks {
 public:
  RuleBlocks(const PersonTable& t, const NameParts* parts, unsigned rule, BlockLimits limits, const KeySet* fixed)
      : t_(t), keys_(t, parts), rule_(rule), limits_(limits), fixed_(fixed) {}

  void run() {
    unsigned bits = 0;
    while ((t_.persons.size() >> bits) > 4096) ++bits;
    std::vector<uint32_t> start((size_t{1} << bits) + 1, 0);
    std::vector<uint64_t> sorted;
    {
      std::vector<uint64_t> keys;
      std::vector<uint32_t> rows;
      keys.reserve(t_.persons.size());
      rows.reserve(t_.persons.size());
      for (uint32_t row = 0; row < t_.size(); ++row) {
        const Person& p = t_.persons[row];
        for (unsigned v = 0, n = keys_.variants(rule_, p); v < n; ++v) {
          const uint64_t key = first_key(p, v);
          if (!key) continue;
          keys.push_back(key);
          rows.push_back(row);
          ++start[bucket(key, bits) + 1];
        }
      }
      for (size_t b = 1; b < start.size(); ++b) start[b] += start[b - 1];
      sorted.resize(keys.size());
      std::vector<uint32_t> at(start.begin(), start.end() - 1);
      for (size_t i = 0; i < keys.size(); ++i) sorted[at[bucket(keys[i], bits)]++] = keys[i] << 32 | rows[i];
    }
    std::vector<uint64_t> spare;
    for (size_t b = 0; b + 1 < start.size(); ++b) {
      const size_t n = start[b + 1] - start[b];
      if (spare.size() < n) spare.resize(n);
      uint64_t* a = sorted.data() + start[b];
      sort_bucket(a, spare.data(), n);
      for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && a[end] >> 32 == a[i] >> 32) ++end;
        if (end - i > 1) coarse(a + i, end - i, b, bits);
      }
    }
  }

  std::vector<uint32_t> members;
  RuleCost cost;
  std::vector<uint64_t> parted;
  std::vector<std::pair<uint64_t, uint32_t>> phone_counts;
  std::vector<LargeBlock> large;

 private:
  static size_t bucket(uint64_t key, unsigned bits) { return bits ? key >> (64 - bits) : 0; }

  // The coarsest key, or under fixed limits the final one.
  uint64_t first_key(const Person& p, unsigned v) const {
    if (!fixed_) return keys_.key(rule_, 0, p, v);
    for (unsigned l = 0; l < rules[rule_].levels; ++l) {
      const uint64_t k = keys_.key(rule_, l, p, v);
      if (!k) return 0;
      if (!fixed_->contains(k)) return k;
    }
    return 0;
  }

  void emit(const std::vector<uint32_t>& rows) {
    ++cost.blocks;
    cost.pairs += uint64_t{rows.size()} * (rows.size() - 1) / 2;
    members.insert(members.end(), rows.begin(), rows.end());
    members.back() |= Blocks::last;
  }

  void coarse(const uint64_t* a, size_t n, size_t b, unsigned bits) {
    rows_.clear();
    for (size_t i = 0; i < n; ++i) {
      const uint32_t row = static_cast<uint32_t>(a[i]);
      if (rows_.empty() || rows_.back() != row) rows_.push_back(row);  // one record may give a key twice
    }
    if (rows_.size() < 2) return;
    const bool count = rule_ == rule_phone && rows_.size() >= 3;
    const bool fits = fixed_ || rows_.size() <= limits_.cap;
    uint64_t key = 0;
    if (count || !fits) {
      const Person& p = t_.persons[rows_[0]];
      for (unsigned v = 0, k = keys_.variants(rule_, p); v < k && !key; ++v) {
        const uint64_t x = first_key(p, v);
        if (x && bucket(x, bits) == b && static_cast<uint32_t>(x) == static_cast<uint32_t>(a[0] >> 32)) key = x;
      }
    }
    if (count) phone_counts.emplace_back(key, static_cast<uint32_t>(rows_.size()));
    if (fits) return emit(rows_);
    const std::vector<uint32_t> rows = rows_;
    refine(rows, key, 0);
  }

  void refine(const std::vector<uint32_t>& rows, uint64_t key, unsigned level) {
    const unsigned levels = rules[rule_].levels;
    if (level + 1 == levels) {
      if (rows.size() <= limits_.hard) return emit(rows);
      parted.push_back(key);
      ++cost.skipped;
      cost.skipped_pairs += uint64_t{rows.size()} * (rows.size() - 1) / 2;
      if (rule_ == rule_identifier || rule_ == rule_phone) large.push_back({rule_, key, rows});
      return;
    }
    parted.push_back(key);
    ++cost.refined;
    if (level == 0 && rule_ == rule_street && rows.size() > limits_.hard) large.push_back({rule_, key, rows});
    std::vector<Item> items;
    for (const uint32_t row : rows) {
      const Person& p = t_.persons[row];
      for (unsigned v = 0, n = keys_.variants(rule_, p); v < n; ++v) {
        if (keys_.key(rule_, level, p, v) != key) continue;
        const uint64_t k = keys_.key(rule_, level + 1, p, v);
        if (k) items.push_back({k, row});
        break;  // later variants that give the same parent give the same child
      }
    }
    std::sort(items.begin(), items.end(), [](const Item& x, const Item& y) { return x.key != y.key ? x.key < y.key : x.row < y.row; });
    std::vector<uint32_t> block;
    for (size_t i = 0, end; i < items.size(); i = end) {
      block.clear();
      for (end = i; end < items.size() && items[end].key == items[i].key; ++end) block.push_back(items[end].row);
      if (block.size() < 2) continue;
      if (block.size() <= limits_.cap) emit(block);
      else refine(block, items[i].key, level + 1);
    }
  }

  const PersonTable& t_;
  const KeyMaker keys_;
  const unsigned rule_;
  const BlockLimits limits_;
  const KeySet* fixed_;
  std::vector<uint32_t> rows_;
};

}  // namespace

BlockLimits default_limits(uint64_t records) {
  const double million = static_cast<double>(records ? records : 1) / 1e6;
  const double cap = std::min(20.0, 12 * std::pow(million, million < 1 ? -0.22 : -0.34));
  BlockLimits l;
  l.cap = static_cast<uint32_t>(std::max(4l, std::lround(cap)));
  l.hard = static_cast<uint32_t>(std::max(10l, std::lround(cap * 2.5)));
  return l;
}

void KeySet::assign(std::vector<uint64_t> keys) {
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  keys_ = std::move(keys);
  size_t size = 16;
  while (size < keys_.size() * 2) size *= 2;
  slots_.assign(size, 0);
  for (const uint64_t k : keys_) {
    size_t at = k & (size - 1);
    while (slots_[at]) at = (at + 1) & (size - 1);
    slots_[at] = k;
  }
}

bool KeySet::contains(uint64_t key) const {
  if (slots_.empty()) return false;
  for (size_t at = key & (slots_.size() - 1); slots_[at]; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at] == key) return true;
  }
  return false;
}

uint64_t Blocks::pairs() const {
  uint64_t n = 0;
  for (const RuleCost& c : costs) n += c.pairs;
  return n;
}

Blocks make_blocks(const PersonTable& t, BlockLimits limits, const KeySet* fixed, unsigned threads) {
  Blocks out;
  std::vector<NameParts> parts_of_names = make_name_parts(t, threads);
  std::vector<std::vector<uint32_t>> parts(rules.size());
  std::vector<std::vector<uint64_t>> parted(rules.size());
  std::vector<std::vector<LargeBlock>> large(rules.size());
  out.costs.resize(rules.size());
  parallel(threads, rules.size(), [&](size_t task, unsigned) {
    // The rules with several names a record first: they take longest.
    static constexpr std::array<unsigned, 18> order = {14, 4, 5, 15, 6, 7, 8, 9, 10, 12, 13, 11, 16, 17, 1, 0, 2, 3};
    const unsigned r = order[task];
    RuleBlocks b(t, parts_of_names.data(), r, limits, fixed);
    b.run();
    b.members.shrink_to_fit();
    parts[r] = std::move(b.members);
    parted[r] = std::move(b.parted);
    large[r] = std::move(b.large);
    out.costs[r] = b.cost;
    if (r == rule_phone) out.phone_counts = std::move(b.phone_counts);
  });
  std::vector<NameParts>().swap(parts_of_names);
  size_t total = 0;
  for (const auto& p : parts) total += p.size();
  if (total > 0xFFFFFFFFull) throw std::runtime_error("more than 4 Gi block members");
  out.members.reserve(total);
  for (unsigned r = 0; r < rules.size(); ++r) {
    out.members.insert(out.members.end(), parts[r].begin(), parts[r].end());
    std::vector<uint32_t>().swap(parts[r]);
    out.rule_end.push_back(out.members.size());
    out.parted.insert(out.parted.end(), parted[r].begin(), parted[r].end());
    for (auto& l : large[r]) out.large.push_back(std::move(l));
  }
  out.first_place.assign(t.persons.size() + 1, 0);
  for (const uint32_t m : out.members) ++out.first_place[(m & ~Blocks::last) + 1];
  for (size_t i = 1; i < out.first_place.size(); ++i) out.first_place[i] += out.first_place[i - 1];
  out.places.resize(total);
  std::vector<uint32_t> at(out.first_place.begin(), out.first_place.end() - 1);
  for (uint32_t i = 0; i < total; ++i) out.places[at[out.members[i] & ~Blocks::last]++] = i;
  return out;
}

}  // namespace casebridge::link

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

// Room for one rule's keys, used again by the next rule of the same thread. Not cleared: everything read was written.
struct Room {
  template <class T>
  struct Array {
    std::unique_ptr<T[]> at;
    size_t size = 0;
    T* reserve(size_t n) {
      if (n > size) {
        at.reset();
        at = std::make_unique_for_overwrite<T[]>(n);
        size = n;
      }
      return at.get();
    }
  };
  Array<uint64_t> keys, sorted, spare;
  Array<uint32_t> rows;
};

class RuleBlocks {
 public:
  RuleBlocks(const PersonTable& t, const NameParts* parts, unsigned rule, BlockLimits limits, const KeySet* fixed)
      : t_(t), parts_(parts), keys_(t, parts), rule_(rule), limits_(limits), fixed_(fixed) {}

  void run(Room& room) {
    unsigned bits = 0;
    while ((t_.persons.size() >> bits) > 4096) ++bits;
    std::vector<uint32_t> start((size_t{1} << bits) + 1, 0);
    size_t most = 0;
    for (const Person& p : t_.persons) most += KeyMaker::variants(rule_, p);
    uint64_t* keys = room.keys.reserve(most);
    uint32_t* rows = room.rows.reserve(most);
    size_t count = 0;
    for (uint32_t row = 0; row < t_.size(); ++row) {
      const Person& p = t_.persons[row];
      for (unsigned v = 0, n = KeyMaker::variants(rule_, p); v < n; ++v) {
        const uint64_t key = first_key(p, v);
        if (!key) continue;
        keys[count] = key;
        rows[count++] = row;
        ++start[bucket(key, bits) + 1];
      }
    }
    for (size_t b = 1; b < start.size(); ++b) start[b] += start[b - 1];
    uint64_t* sorted = room.sorted.reserve(count);
    std::vector<uint32_t> at(start.begin(), start.end() - 1);
    for (size_t i = 0; i < count; ++i) sorted[at[bucket(keys[i], bits)]++] = keys[i] << 32 | rows[i];
    for (size_t b = 0; b + 1 < start.size(); ++b) {
      const size_t n = start[b + 1] - start[b];
      uint64_t* a = sorted + start[b];
      sort_bucket(a, room.spare.reserve(n), n);
      for (size_t i = 0, end; i < n; i = end) {
        end = i + 1;
        while (end < n && a[end] >> 32 == a[i] >> 32) ++end;
        if (end - i > 1) coarse(a + i, end - i, b, bits);
      }
    }
  }

  SpillVector<uint32_t> members;
  RuleCost cost;
  std::vector<uint64_t> parted;
  std::vector<std::pair<uint64_t, uint32_t>> phone_counts;
  std::vector<LargeBlock> large;

 private:
  static size_t bucket(uint64_t key, unsigned bits) { return bits ? key >> (64 - bits) : 0; }

  // The coarsest key, or under fixed limits the final one.
  uint64_t first_key(const Person& p, unsigned v) const {
    if (!fixed_) return keys_.key(rule_, 0, p, v);
    uint64_t k = rule_ + 1;
    for (unsigned l = 0; l < rules[rule_].levels; ++l) {
      k = keys_.finer(rule_, l, k, p, v);
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
      for (unsigned v = 0, k = KeyMaker::variants(rule_, p); v < k && !key; ++v) {
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
    items.reserve(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i + 8 < rows.size()) {
        __builtin_prefetch(&t_.persons[rows[i + 8]]);
        __builtin_prefetch(parts_ + rows[i + 8]);
      }
      const Person& p = t_.persons[rows[i]];
      const unsigned n = KeyMaker::variants(rule_, p);
      for (unsigned v = 0; v < n; ++v) {
        if (n > 1 && keys_.key(rule_, level, p, v) != key) continue;
        const uint64_t k = keys_.finer(rule_, level + 1, key, p, v);
        if (k) items.push_back({k, rows[i]});
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
  const NameParts* parts_;
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

Blocks make_blocks(const PersonTable& t, BlockLimits limits, const KeySet* fixed, unsigned threads,
                   const std::function<bool(const std::vector<LargeBlock>&)>& on_large) {
  struct Made {
    SpillVector<uint32_t> members;
    RuleCost cost;
    std::vector<uint64_t> parted;
    std::vector<std::pair<uint64_t, uint32_t>> phone_counts;
    std::vector<LargeBlock> large;
  };
  std::array<Made, rules.size()> made;
  std::vector<NameParts> names = make_name_parts(t, threads);
  std::vector<Room> rooms(threads ? threads : 1);
  const auto run = [&](std::span<const unsigned> which) {
    parallel(threads, which.size(), [&](size_t task, unsigned self) {
      RuleBlocks b(t, names.data(), which[task], limits, fixed);
      b.run(rooms[self]);
      b.members.shrink_to_fit();
      made[which[task]] = {std::move(b.members), b.cost, std::move(b.parted), std::move(b.phone_counts), std::move(b.large)};
    });
  };
  // The rules with several names a record first: they take longest.
  static constexpr std::array<unsigned, 18> order = {14, 4, 5, 15, 6, 7, 8, 9, 10, 12, 13, 11, 16, 17, 1, 0, 2, 3};
  static constexpr std::array<unsigned, 3> address_rules = {4, 11, 16};
  run(order);
  if (on_large) {
    std::vector<LargeBlock> large;
    for (Made& m : made) {
      for (LargeBlock& l : m.large) large.push_back(std::move(l));
    }
    if (on_large(large)) run(address_rules);
  }
  std::vector<NameParts>().swap(names);
  rooms.clear();

  Blocks out;
  size_t total = 0;
  for (const Made& m : made) total += m.members.size();
  if (total > 0xFFFFFFFFull) throw std::runtime_error("more than 4 Gi block members");
  out.members.reserve(total);
  for (Made& m : made) {
    out.members.insert(out.members.end(), m.members.begin(), m.members.end());
    SpillVector<uint32_t>().swap(m.members);
    out.rule_end.push_back(out.members.size());
    out.costs.push_back(m.cost);
    out.parted.insert(out.parted.end(), m.parted.begin(), m.parted.end());
  }
  out.phone_counts = std::move(made[rule_phone].phone_counts);
  out.first_place.assign(t.persons.size() + 1, 0);
  for (const uint32_t m : out.members) ++out.first_place[(m & ~Blocks::last) + 1];
  for (size_t i = 1; i < out.first_place.size(); ++i) out.first_place[i] += out.first_place[i - 1];
  out.places.resize(total);
  std::vector<uint32_t> at(out.first_place.begin(), out.first_place.end() - 1);
  for (uint32_t i = 0; i < total; ++i) out.places[at[out.members[i] & ~Blocks::last]++] = i;
  return out;
}

}  // namespace casebridge::link

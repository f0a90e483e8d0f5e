#include "link/key_index.hpp"

#include "link/bytes.hpp"
#include "link/parallel.hpp"

namespace casebridge::link {

void KeyIndex::build(const PersonTable& t, const std::vector<char>& alive, const KeySet& parted, unsigned threads) {
  struct Item {
    uint64_t key;
    uint32_t row;
  };
  const KeyMaker maker(t);
  constexpr size_t slice = 4096;
  const size_t slices = (t.persons.size() + slice - 1) / slice;
  std::vector<std::vector<Item>> found(slices);
  parallel(threads, slices, [&](size_t task, unsigned) {
    for (size_t row = task * slice; row < t.persons.size() && row < (task + 1) * slice; ++row) {
      if (!alive[row]) continue;
      final_keys(maker, parted, t.persons[row], [&](unsigned, uint64_t key) { found[task].push_back({key, static_cast<uint32_t>(row)}); });
    }
  });
  start_.assign((size_t{1} << bits) + 1, 0);
  size_t total = 0;
  for (const auto& part : found) {
    total += part.size();
    for (const Item& i : part) ++start_[(i.key >> shift) + 1];
  }
  if (total > 0xFFFFFFFFull) throw std::runtime_error("more than 4 Gi keys in one state");
  for (size_t b = 1; b < start_.size(); ++b) start_[b] += start_[b - 1];
  keys_.resize(total);
  rows_.resize(total);
  std::vector<uint32_t> at(start_.begin(), start_.end() - 1);
  for (auto& part : found) {
    for (const Item& i : part) {
      const uint32_t to = at[i.key >> shift]++;
      keys_[to] = i.key;
      rows_[to] = i.row;
    }
    std::vector<Item>().swap(part);
  }
  constexpr size_t buckets = 1024;  // sorted together
  parallel(threads, (size_t{1} << bits) / buckets, [&](size_t task, unsigned) {
    std::vector<Item> items;
    for (size_t b = task * buckets; b < (task + 1) * buckets; ++b) {
      items.clear();
      for (uint32_t i = start_[b]; i < start_[b + 1]; ++i) items.push_back({keys_[i], rows_[i]});
      std::sort(items.begin(), items.end(), [](const Item& x, const Item& y) { return x.key != y.key ? x.key < y.key : x.row < y.row; });
      for (uint32_t i = start_[b]; i < start_[b + 1]; ++i) keys_[i] = items[i - start_[b]].key, rows_[i] = items[i - start_[b]].row;
    }
  });
  recent_.clear();
}

void KeyIndex::save(std::string& out) const {
  put_vector(out, keys_);
  put_vector(out, rows_);
  put_vector(out, start_);
}

void KeyIndex::save_recent(std::string& out) const {
  std::vector<std::pair<uint64_t, uint32_t>> recent;
  for (const auto& [key, rows] : recent_) {
    for (const uint32_t r : rows) recent.emplace_back(key, r);
  }
  std::sort(recent.begin(), recent.end());
  std::vector<uint64_t> keys;
  std::vector<uint32_t> rows;
  for (const auto& [k, r] : recent) keys.push_back(k), rows.push_back(r);
  put_vector(out, keys);
  put_vector(out, rows);
}

void KeyIndex::load(std::string_view& in) {
  take_vector(in, keys_);
  take_vector(in, rows_);
  take_vector(in, start_);
  if (keys_.size() != rows_.size() || start_.size() != (size_t{1} << bits) + 1 || start_.back() != keys_.size() ||
      !std::is_sorted(start_.begin(), start_.end())) {
    throw std::runtime_error("state: a broken index");
  }
}

void KeyIndex::load_recent(std::string_view& in) {
  std::vector<uint64_t> keys;
  std::vector<uint32_t> rows;
  take_vector(in, keys);
  take_vector(in, rows);
  if (keys.size() != rows.size()) throw std::runtime_error("state: a broken index");
  recent_.clear();
  for (size_t i = 0; i < keys.size(); ++i) recent_[keys[i]].push_back(rows[i]);
}

}  // namespace casebridge::link

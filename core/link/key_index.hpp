// From a block key to the rows that have it: a large sorted part that stays, and what came since.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "link/blocks.hpp"

namespace casebridge::link {

class KeyIndex {
 public:
  void build(const PersonTable& t, const std::vector<char>& alive, const KeySet& parted, unsigned threads);
  void add(uint64_t key, uint32_t row) { recent_[key].push_back(row); }
  size_t recent() const { return recent_.size(); }
  size_t size() const { return keys_.size(); }

  template <class Visit>
  void each(uint64_t key, Visit&& visit) const {
    if (!start_.empty()) {
      const size_t bucket = key >> shift;
      const auto begin = keys_.begin() + start_[bucket], end = keys_.begin() + start_[bucket + 1];
      for (auto k = std::lower_bound(begin, end, key); k != end && *k == key; ++k) visit(rows_[static_cast<size_t>(k - keys_.begin())]);
    }
    const auto it = recent_.find(key);
    if (it == recent_.end()) return;
    for (const uint32_t row : it->second) visit(row);
  }

  template <class Test>
  bool all_rows(Test&& test) const {
    bool all = std::all_of(rows_.begin(), rows_.end(), test);
    for (const auto& [key, rows] : recent_) all &= std::all_of(rows.begin(), rows.end(), test);
    return all;
  }

  void save(std::string& out) const;  // the large part
  void load(std::string_view& in);
  void save_recent(std::string& out) const;
  void load_recent(std::string_view& in);

 private:
  static constexpr unsigned bits = 18, shift = 64 - bits;
  std::vector<uint64_t> keys_;   // sorted
  std::vector<uint32_t> rows_;   // of keys_
  std::vector<uint32_t> start_;  // of each bucket of leading bits, and the end
  std::unordered_map<uint64_t, std::vector<uint32_t>> recent_;
};

}  // namespace casebridge::link

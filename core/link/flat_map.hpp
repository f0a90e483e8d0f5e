// A map from hashes to counts, filled once: one array, open addressing. For the inner loop.
#pragma once
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace casebridge::link {

class FlatMap {
 public:
  FlatMap() : slots_(1) {}
  explicit FlatMap(size_t entries) {  // room for so many
    size_t size = 16;
    while (size < entries * 2) size *= 2;
    slots_.resize(size);
  }
  explicit FlatMap(const std::unordered_map<uint64_t, uint32_t>& from) : FlatMap(from.size()) {
    for (const auto& [key, value] : from) put(key, value);
  }
  void put(uint64_t key, uint32_t value) {  // value > 0; never more entries than there is room for
    size_t at = spread(key);
    while (slots_[at].value && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {key, value};
  }
  uint32_t find(uint64_t key) const {  // 0 = absent; values are never 0
    for (size_t at = spread(key); slots_[at].value; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].key == key) return slots_[at].value;
    }
    return 0;
  }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t value = 0;
  };
  size_t spread(uint64_t key) const { return static_cast<size_t>((key * 0x9E3779B97F4A7C15ull) >> 20) & (slots_.size() - 1); }
  std::vector<Slot> slots_;
};

}  // namespace casebridge::link

// Blocks of records that share a key, and the pairs they give. Pairs are never stored: they are streamed from here.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "link/keys.hpp"
#include "link/spill.hpp"

namespace casebridge::link {

struct BlockLimits {
  uint32_t cap = 12;   // a block up to this size is used at its coarsest level
  uint32_t hard = 30;  // a block of the finest level above this size is left out
};

// Fixed name distributions make pairs grow faster than records, so the caps shrink with the number of records: 20 up to
// 100,000, 12 at a million, 5 at ten million. The same function for every data set.
BlockLimits default_limits(uint64_t records);

struct RuleCost {
  uint64_t blocks = 0, pairs = 0;           // used; pairs that several rules give are counted in each
  uint64_t refined = 0;                     // keys that were parted by the next level
  uint64_t skipped = 0, skipped_pairs = 0;  // finest keys above the limit, and what they would have cost
};

// Which keys are parted or left out. Fixed in a model, so that the pairs of a record depend on it and the model alone.
class KeySet {
 public:
  void assign(std::vector<uint64_t> keys);  // sorts them and drops doubles
  bool contains(uint64_t key) const;
  const std::vector<uint64_t>& keys() const { return keys_; }

 private:
  std::vector<uint64_t> keys_, slots_;
};

struct LargeBlock {  // of an identifier, phone or street key above the hard limit: perhaps a common value
  unsigned rule;
  uint64_t key;
  std::vector<uint32_t> rows;
};

struct Blocks {
  SpillVector<uint32_t> members;                            // rows of a block in ascending order; bit 31 marks the last of a block
  std::vector<uint64_t> rule_end;                           // where each rule's blocks end in members
  std::vector<RuleCost> costs;                              // by rule
  std::vector<uint64_t> parted;                             // keys refined or left out, when the blocks were fitted
  std::vector<std::pair<uint64_t, uint32_t>> phone_counts;  // key of a phone that three records or more share, and their number
  // index: for each row where it stands in members
  SpillVector<uint32_t> places;
  std::vector<uint32_t> first_place;  // rows + 1
  uint64_t pairs() const;             // upper bound: with doubles
  static constexpr uint32_t last = 0x80000000u;
};

// fixed == nullptr: the limits are applied to the sizes found, and parted says where. Else fixed decides alone.
// on_large, where given, sees the large blocks before the rest is put together; it may take values out of the table and
// says whether addresses were among them (their rules are then run again).
Blocks make_blocks(const PersonTable& t, BlockLimits limits, const KeySet* fixed, unsigned threads,
                   const std::function<bool(const std::vector<LargeBlock>&)>& on_large = {});

// The final keys of one record under fixed limits.
template <class Emit>
void final_keys(const KeyMaker& k, const KeySet& parted, const Person& p, Emit&& emit) {
  for (unsigned r = 0; r < rules.size(); ++r) {
    for (unsigned v = 0, n = k.variants(r, p); v < n; ++v) {
      uint64_t key = r + 1;
      for (unsigned l = 0; l < rules[r].levels; ++l) {
        key = k.finer(r, l, key, p, v);
        if (!key) break;
        if (parted.contains(key)) continue;
        emit(r, key);
        break;
      }
    }
  }
}

}  // namespace casebridge::link

// Streaming of pairs: for each record in turn its blocks are walked, and records already met are passed over with a
// stamp. Pairs are never stored or sorted.
#pragma once
#include <cstdint>
#include <vector>

#include "link/blocks.hpp"

namespace casebridge::link {

class PairStream {
 public:
  PairStream(const Blocks& b, size_t rows) : blocks_(b), stamp_(rows, 0) {}

  // Each distinct row after `row` that shares a block with it, once.
  template <class Visit>
  void after(uint32_t row, Visit&& visit) {
    const uint32_t mark = row + 1;
    if (row + 3 < stamp_.size()) {  // the blocks of a row lie far apart: fetch those of a later one
      for (uint32_t i = blocks_.first_place[row + 2]; i < blocks_.first_place[row + 3]; ++i)
        __builtin_prefetch(&blocks_.members[blocks_.places[i]]);
    }
    for (uint32_t i = blocks_.first_place[row]; i < blocks_.first_place[row + 1]; ++i) {
      uint32_t at = blocks_.places[i];
      while (!(blocks_.members[at] & Blocks::last)) {
        const uint32_t other = blocks_.members[++at] & ~Blocks::last;
        if (stamp_[other] == mark) continue;
        stamp_[other] = mark;
        visit(other);
      }
    }
  }

  // Each distinct row that shares a block with it, before or after.
  template <class Visit>
  void around(uint32_t row, Visit&& visit) {
    const uint32_t mark = row + 1;
    for (uint32_t i = blocks_.first_place[row]; i < blocks_.first_place[row + 1]; ++i) {
      uint32_t at = blocks_.places[i];
      while (at > 0 && !(blocks_.members[at - 1] & Blocks::last)) --at;
      for (;; ++at) {
        const uint32_t other = blocks_.members[at] & ~Blocks::last;
        if (other != row && stamp_[other] != mark) {
          stamp_[other] = mark;
          visit(other);
        }
        if (blocks_.members[at] & Blocks::last) break;
      }
    }
  }

 private:
  const Blocks& blocks_;
  std::vector<uint32_t> stamp_;
};

}  // namespace casebridge::link

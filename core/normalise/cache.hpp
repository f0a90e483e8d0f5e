// A bounded memory of values already normalised: sources repeat themselves, and a hash lookup is cheaper than a parser.
// Two places per hash; a newcomer takes the older one. One thread at a time.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "normalise/ids.hpp"
#include "normalise/normal.hpp"

namespace casebridge::normalise {

class Cache {
 public:
  explicit Cache(size_t places = size_t(1) << 14) : slots_(places), mask_(places / 2 - 1) {}

  // `what` tells apart fields and hints. The answer is valid until the next call.
  template <class Make>
  const Normal& get(uint64_t what, std::string_view text, Make&& make) {
    if (text.size() > kLongest) return once_ = make();
    const uint64_t hash = stable_hash(text, what) | 1;
    Slot* pair = &slots_[(hash >> 20 & mask_) * 2];
    for (Slot* slot : {pair, pair + 1})
      if (slot->hash == hash && slot->what == what && slot->text == text) {
        slot->used = ++clock_;
        return slot->normal;
      }
    Slot& old = pair[0].used <= pair[1].used ? pair[0] : pair[1];
    old.normal = make();
    old.hash = hash;
    old.what = what;
    old.text = text;
    old.used = ++clock_;
    return old.normal;
  }

 private:
  static constexpr size_t kLongest = 200;
  struct Slot {
    uint64_t hash = 0, what = 0, used = 0;
    std::string text;
    Normal normal;
  };
  std::vector<Slot> slots_;
  size_t mask_;
  uint64_t clock_ = 0;
  Normal once_;
};

}  // namespace casebridge::normalise

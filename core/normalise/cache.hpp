// A bounded memory of values already normalised: sources repeat themselves, and a hash lookup is cheaper than a parser.
// A value gets a place when it is seen for the second time: most sources have columns whose values never come again
// (telephones, numbers of persons), and those would push out what does and fetch a cold line of memory each time.
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
  explicit Cache(size_t places = size_t(1) << 13) : slots_(places), marks_(places), seen_(places * 4), mask_(places / 2 - 1) {}

  // `what` tells apart fields and hints. The answer is valid until the next call.
  template <class Make>
  const Normal& get(uint64_t what, std::string_view text, Make&& make) {
    if (text.size() > kLongest) return once_ = make();
    const uint64_t hash = stable_hash(text, what);
    const auto mark = static_cast<uint32_t>(hash >> 32) | 1;
    const size_t pair = (hash & mask_) * 2;
    for (size_t i = pair; i < pair + 2; ++i)
      if (marks_[i].mark == mark && slots_[i].what == what && slots_[i].text == text) {
        marks_[i].used = ++clock_;
        return slots_[i].normal;
      }
    uint16_t& seen = seen_[hash & (seen_.size() - 1)];
    if (const auto word = static_cast<uint16_t>(hash >> 48 | 1); seen != word) {
      seen = word;
      return once_ = make();
    }
    const size_t old = clock_ - marks_[pair].used >= clock_ - marks_[pair + 1].used ? pair : pair + 1;
    slots_[old].normal = make();
    slots_[old].what = what;
    slots_[old].text = text;
    marks_[old] = {mark, ++clock_};
    return slots_[old].normal;
  }

 private:
  static constexpr size_t kLongest = 200;
  struct Slot {
    uint64_t what = 0;
    std::string text;
    Normal normal;
  };
  struct Mark {  // apart from the slots: what is not there is told without touching them
    uint32_t mark = 0, used = 0;
  };
  std::vector<Slot> slots_;
  std::vector<Mark> marks_;
  std::vector<uint16_t> seen_;  // once, not long ago
  size_t mask_;
  uint32_t clock_ = 0;  // wraps: then the order of age is wrong for a moment, and nothing else
  Normal once_;
};

}  // namespace casebridge::normalise

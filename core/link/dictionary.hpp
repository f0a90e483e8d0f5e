// Every distinct name or place is stored once, in one cache line that holds all the comparer needs. Id 0 = missing.
// Ids depend on the order in which values arrive, so nothing that reaches a result may depend on an id.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "link/fold.hpp"

namespace casebridge::link {

struct alignas(64) Name {
  std::array<char, 16> text{};       // folded, cut to 16 bytes, padded with zeros
  uint64_t hash = 0;                 // of the folded letters: equality ("van den Berg" equals "Vandenberg")
  uint64_t key = 0;                  // of the folded words: identity in the dictionary
  uint32_t letters = 0;              // which letters occur (26 bits) and, hashed to 6 bits, which other bytes
  uint32_t phonetic = 0;             // class of the first letter and the consonants, hashed
  std::array<uint32_t, 3> tokens{};  // hashes of tokens of three letters or more; one only if the name has one word
  std::array<uint16_t, 4> nicknames{};
  uint8_t length = 0;  // of text
  uint8_t words = 0;
};
static_assert(sizeof(Name) == 64);

// One Latin letter stands for a name; one character of a script without case is a name.
inline bool is_initial(const Name& n) { return n.length == 1 && static_cast<uint8_t>(n.text[0]) < 0x80; }

class Dictionary {
 public:
  enum class Kind : uint8_t { names, places };  // places have no nicknames
  explicit Dictionary(Kind kind);
  uint32_t intern(const Folded& value);                  // 0 for an empty value
  uint32_t intern(const Dictionary& from, uint32_t id);  // merges another dictionary's entry
  const Name& operator[](uint32_t id) const { return entries_[id]; }
  const Name* data() const { return entries_.data(); }
  uint32_t size() const { return static_cast<uint32_t>(entries_.size()); }  // ids are [1, size)
  std::string_view text(uint32_t id) const;                                 // folded words, for explanations
  uint32_t find(uint64_t key) const;                                        // 0 = absent
  static uint64_t key_of(const Folded& value);
  size_t bytes() const;
  void reserve(size_t entries);
  void truncate(uint32_t size);  // takes back the entries that came last
  void save(std::string& out) const;
  void load(std::string_view& in);  // throws std::runtime_error when the bytes are not a dictionary

 private:
  uint32_t place(uint64_t key, bool& fresh);
  void grow(size_t slots);
  Kind kind_;
  std::vector<Name> entries_;
  std::vector<uint32_t> text_at_;  // in the arena: the folded words, parted by a space, ended by a zero
  std::vector<uint32_t> slots_;
  std::string arena_;
};

}  // namespace casebridge::link

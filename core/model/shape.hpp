// The shape of a record: its type, which fields stand in it in which order and which are declared absent, with no word of what
// they say. A feed has
// a handful of shapes, so what depends on the shape alone (is every needed field there, what stands between the values on
// the wire) is worked out once for each and looked up for the rest. One thread at a time.
#pragma once
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "model/record.hpp"

namespace casebridge {

class ShapeKey {
 public:
  // `apart`: records of one shape that the caller wants to tell from each other.
  void read(const Record& record, uint32_t apart = 0) {
    words_.clear();
    words_.push_back(record.type->tag);
    words_.push_back(apart);
    words_.push_back(static_cast<uint32_t>(record.values.size()));
    words_.push_back(static_cast<uint32_t>(record.blocks.size()));
    for (const Value& value : record.values) words_.push_back(word(value));
    for (const Block& block : record.blocks) {
      words_.insert(words_.end(), {block.tag, block.first, block.count});
      for (const Value& value : record.block_of(block)) words_.push_back(word(value));
    }
    for (const Absent& absent : record.absent) words_.insert(words_.end(), {absent.field, static_cast<uint32_t>(absent.block)});
    if (words_.size() % 2 != 0) words_.push_back(0);
    hash_ = 0;
    for (size_t i = 0; i < words_.size(); i += 2) {
      uint64_t two;
      std::memcpy(&two, &words_[i], sizeof two);
      const auto wide = static_cast<unsigned __int128>(hash_ ^ two) * 0xA0761D6478BD642Full;
      hash_ = static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64) ^ (i + 1);
    }
  }
  std::span<const uint32_t> words() const { return words_; }
  uint64_t hash() const { return hash_; }
  bool ordinary() const { return words_.size() <= 256; }  // worth remembering

 private:
  static uint32_t word(const Value& value) { return value.field | (value.text.empty() ? uint32_t(1) << 31 : 0u); }
  std::vector<uint32_t> words_;
  uint64_t hash_ = 0;
};

// What is known of each shape. It forgets everything when it has seen very many: memory is bounded.
template <class Known>
class Shapes {
 public:
  Known* find(const ShapeKey& key) {  // nullptr: not seen yet. Valid until the next put()
    for (size_t at = key.hash() % kPlaces; places_[at] != 0; at = (at + 1) % kPlaces) {
      Entry& entry = entries_[places_[at] - 1u];
      if (entry.hash == key.hash() && entry.words.size() == key.words().size() &&
          std::memcmp(entry.words.data(), key.words().data(), entry.words.size() * sizeof(uint32_t)) == 0)
        return &entry.known;
    }
    return nullptr;
  }
  Known& put(const ShapeKey& key, Known known) {  // one that find() did not find
    if (entries_.size() == kMost) {
      entries_.clear();
      places_.assign(kPlaces, 0);
    }
    entries_.push_back({key.hash(), {key.words().begin(), key.words().end()}, std::move(known)});
    size_t at = key.hash() % kPlaces;
    while (places_[at] != 0) at = (at + 1) % kPlaces;
    places_[at] = static_cast<uint16_t>(entries_.size());
    return entries_.back().known;
  }

 private:
  static constexpr size_t kPlaces = 1024, kMost = 512;
  struct Entry {
    uint64_t hash;
    std::vector<uint32_t> words;
    Known known;
  };
  std::vector<uint16_t> places_ = std::vector<uint16_t>(kPlaces);
  std::vector<Entry> entries_;
};

}  // namespace casebridge

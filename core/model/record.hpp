// A case record after normalising: what validate, link, handle, store and emit work on.
//
// Flat: leaves of single blocks (occurred/start) stand in the record itself; items of repeated blocks (names) are
// `Block`s with leaves of their own. Values are sorted by the model's rank, so a writer walks them once.
// All text is borrowed from the RecordBatch's arena and lives as long as the batch. Not thread-safe while being built;
// read-only use from any thread afterwards.
#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "model/model.hpp"

namespace casebridge {

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  // As two words: these stand in the innermost loops of the ledgers. The order is that of the bytes.
  bool operator==(const Uuid& o) const { return word(0) == o.word(0) && word(8) == o.word(8); }
  std::strong_ordering operator<=>(const Uuid& o) const {
    const uint64_t a = __builtin_bswap64(word(0)), b = __builtin_bswap64(o.word(0));
    return a != b ? a <=> b : __builtin_bswap64(word(8)) <=> __builtin_bswap64(o.word(8));
  }
  bool nil() const { return (word(0) | word(8)) == 0; }

 private:
  uint64_t word(size_t at) const {
    uint64_t w;
    std::memcpy(&w, bytes.data() + at, 8);
    return w;
  }
};

// Bytes from 0; line and column from 1, column in bytes. line 0: not known (yet).
struct Place {
  uint64_t offset = 0, length = 0;
  uint64_t line = 0, column = 0;
};

struct Value {
  model::Tag field = 0;
  bool normal_differs = false;  // `original` is to be written
  std::string_view text;        // normal form: what stands on the wire
  std::string_view original;    // the source's own words where they differ from the normal form, else empty
  uint64_t offset = 0;          // where the value stands in the input; length 0: it is a constant or was computed
  uint32_t length = 0;
};

struct Block {                    // one item of a repeated block
  model::Tag tag = 0;             // tag of the blocks node (Person.names)
  uint32_t first = 0, count = 0;  // into Record::block_values
};

struct Absent {
  model::Tag field = 0;
  int32_t block = -1;       // index into Record::blocks, or -1
  std::string_view reason;  // code of absent_reason
};

struct Ext {
  std::string_view name, value;
};

struct Record {
  const model::Node* type = nullptr;
  Uuid id;
  uint32_t version = 1;
  std::string_view status;  // recordStatus; empty = CURRENT
  std::string_view local_id;
  Uuid supersedes;      // nil = none
  uint32_t source = 0;  // number of the Source line; 0 = found by the program itself
  Place place;
  std::vector<std::pair<uint32_t, Place>> also;  // alsoSource: source number, place
  std::vector<Value> values;                     // own leaves, effective/*, provenance/* and handling/* leaves; by rank, lists in order
  std::vector<Block> blocks;                     // by rank, then in source order
  std::vector<Value> block_values;
  std::vector<Absent> absent;
  std::vector<Ext> ext;       // sorted by name, bytewise; several values of one name stand together
  uint64_t content_hash = 0;  // of everything but place and version: equal content = equal hash
  bool keyless = false;       // its id is a hash of its content: never superseded, only withdrawn

  void reset() {  // as new, but the lists keep their memory
    type = nullptr;
    id = supersedes = {};
    version = 1;
    status = local_id = {};
    source = 0;
    place = {};
    content_hash = 0;
    keyless = false;
    const auto emptied = [](auto& list) {
      if (list.capacity() > 256) std::remove_reference_t<decltype(list)>().swap(list);
      list.clear();
    };
    emptied(also), emptied(values), emptied(blocks), emptied(block_values), emptied(absent), emptied(ext);
  }
  std::span<const Value> block_of(const Block& b) const { return std::span(block_values).subspan(b.first, b.count); }
  const Value* find(model::Tag field) const {  // first value of a leaf, or nullptr
    for (const Value& v : values)
      if (v.field == field) return &v;
    return nullptr;
  }
};

// Text that lives as long as the batch; grows by chunks, never moves.
class Arena {
 public:
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};  // of an arena that holds nothing yet there is no place to copy to
    char* at = allocate(text.size());
    std::memcpy(at, text.data(), text.size());
    return {at, text.size()};
  }
  char* allocate(size_t size) {
    if (size > left_) grow(size);
    char* at = next_;
    next_ += size;
    left_ -= size;
    return at;
  }
  void clear() {  // keeps what a usual batch needs; the rest goes back
    if (chunks_.empty()) return;
    size_t kept = 0, bytes = 0;
    while (kept < chunks_.size() && (bytes += chunks_[kept].size) <= kKept) ++kept;
    chunks_.resize(kept ? kept : 1);
    current_ = 0;
    next_ = chunks_[0].data.get();
    left_ = chunks_[0].size;
  }

 private:
  struct Chunk {
    std::unique_ptr<char[]> data;
    size_t size;
  };
  void grow(size_t size) {
    if (!chunks_.empty()) ++current_;
    if (current_ < chunks_.size() && chunks_[current_].size < size) chunks_.resize(current_);
    if (current_ == chunks_.size()) {
      const size_t want = size > kChunk ? size : kChunk;
      chunks_.push_back({std::make_unique_for_overwrite<char[]>(want), want});
    }
    next_ = chunks_[current_].data.get();
    left_ = chunks_[current_].size;
  }
  static constexpr size_t kChunk = size_t(256) << 10, kKept = size_t(4) << 20;
  std::vector<Chunk> chunks_;
  size_t current_ = 0;  // the chunk that next_ points into
  char* next_ = nullptr;
  size_t left_ = 0;
};

// What the books say of one source record.
struct Unit {
  enum class Outcome : uint8_t { mapped, skipped, quarantined } outcome = Outcome::mapped;
  std::string_view reason;  // skip reason, or code of the finding that refused it
  Place place;
  uint32_t first_record = 0, n_records = 0;
};

// A batch that is filled again and again keeps the memory of its records: add(), keep_first() and reset() instead of the
// vector's own, which give it back.
struct RecordBatch {
  Arena arena;
  std::vector<Record> records;
  std::vector<Unit> units;

  Record& add() {  // as if new
    if (spare_.empty()) return records.emplace_back();
    records.push_back(std::move(spare_.back()));
    spare_.pop_back();
    return records.back();
  }
  void keep_first(size_t n) {  // the others are no longer records of the batch
    while (records.size() > n) {
      records.back().reset();
      if (spare_.size() < kSpare) spare_.push_back(std::move(records.back()));
      records.pop_back();
    }
  }
  void reset() {
    keep_first(0);
    arena.clear();
    units.clear();
  }

 private:
  static constexpr size_t kSpare = 8192;
  std::vector<Record> spare_;
};

}  // namespace casebridge

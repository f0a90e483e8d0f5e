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
#include <vector>

#include "model/model.hpp"

namespace casebridge {

struct Uuid {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const Uuid&) const = default;
  bool nil() const { return bytes == std::array<uint8_t, 16>{}; }
};

// Bytes from 0; line and column from 1, column in bytes. line 0: not known (yet).
struct Place {
  uint64_t offset = 0, length = 0;
  uint64_t line = 0, column = 0;
};

struct Value {
  model::Tag field = 0;
  bool normal_differs = false;   // `original` is to be written
  std::string_view text;         // normal form: what stands on the wire
  std::string_view original;     // the source's own words where they differ from the normal form, else empty
  uint64_t offset = 0;           // where the value stands in the input; length 0: it is a constant or was computed
  uint32_t length = 0;
};

struct Block {                   // one item of a repeated block
  model::Tag tag = 0;            // tag of the blocks node (Person.names)
  uint32_t first = 0, count = 0; // into Record::block_values
};

struct Absent {
  model::Tag field = 0;
  int32_t block = -1;            // index into Record::blocks, or -1
  std::string_view reason;       // code of absent_reason
};

struct Ext {
  std::string_view name, value;
};

struct Record {
  const model::Node* type = nullptr;
  Uuid id;
  uint32_t version = 1;
  std::string_view status;        // recordStatus; empty = CURRENT
  std::string_view local_id;
  Uuid supersedes;                // nil = none
  uint32_t source = 0;            // number of the Source line; 0 = found by the program itself
  Place place;
  std::vector<std::pair<uint32_t, Place>> also;  // alsoSource: source number, place
  std::vector<Value> values;      // own leaves, effective/*, provenance/* and handling/* leaves; by rank, lists in order
  std::vector<Block> blocks;      // by rank, then in source order
  std::vector<Value> block_values;
  std::vector<Absent> absent;
  std::vector<Ext> ext;           // sorted by name, bytewise; several values of one name stand together
  uint64_t content_hash = 0;      // of everything but place and version: equal content = equal hash
  bool keyless = false;           // its id is a hash of its content: never superseded, only withdrawn

  std::span<const Value> block_of(const Block& b) const { return std::span(block_values).subspan(b.first, b.count); }
  const Value* find(model::Tag field) const {  // first value of a leaf, or nullptr
    for (const Value& v : values) if (v.field == field) return &v;
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
  void clear() {  // keeps the first chunk
    if (chunks_.empty()) return;
    chunks_.resize(1);
    next_ = chunks_[0].data.get();
    left_ = chunks_[0].size;
  }

 private:
  struct Chunk { std::unique_ptr<char[]> data; size_t size; };
  void grow(size_t size) {
    const size_t want = size > kChunk ? size : kChunk;
    chunks_.push_back({std::make_unique_for_overwrite<char[]>(want), want});
    next_ = chunks_.back().data.get();
    left_ = want;
  }
  static constexpr size_t kChunk = size_t(256) << 10;
  std::vector<Chunk> chunks_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

// What the books say of one source record.
struct Unit {
  enum class Outcome : uint8_t { mapped, skipped, quarantined } outcome = Outcome::mapped;
  std::string_view reason;        // skip reason, or code of the finding that refused it
  Place place;
  uint32_t first_record = 0, n_records = 0;
};

struct RecordBatch {
  Arena arena;
  std::vector<Record> records;
  std::vector<Unit> units;
};

}  // namespace casebridge

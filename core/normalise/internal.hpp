// The insides of Normaliser, shared by its three .cpp files: identity (ids), items (values), finish (neighbours, computed).
#pragma once
#include <unordered_map>

#include "casebridge/model.h"
#include "normalise/cache.hpp"
#include "normalise/dates.hpp"
#include "normalise/ids.hpp"
#include "normalise/normaliser.hpp"
#include "normalise/plan.hpp"

namespace casebridge::normalise {

constexpr uint64_t kConstant = UINT64_MAX;  // offset of a constant until it is settled

struct HintPlan {
  DatePatterns dates;
  std::string region, unit, zone;
  uint64_t number;  // tells hints apart in the cache
};

struct UuidHash {
  size_t operator()(const Uuid& id) const {
    uint64_t h;
    std::memcpy(&h, id.bytes.data() + 8, 8);
    return h;
  }
};

// Hashes of keyless records seen in this input, for their ordinals: open addressing over 64-bit words.
class SeenHashes {
 public:
  uint32_t count(uint64_t hash);  // 1 at the first call with it, then 2, 3 ...

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t n = 0;
  };
  std::vector<Slot> slots_ = std::vector<Slot>(1024);
  size_t used_ = 0;
};

struct Normaliser::Work {
  explicit Work(Settings);
  void run(const cb_batch&, RecordBatch&, const FindingSink&);

  // --- identity.cpp ---
  bool identify(const cb_unit&);  // ids_ and twin_ of the unit's records; false: unit is quarantined
  Uuid identity(uint32_t record, int depth);
  uint64_t raw_hash(uint32_t record, uint64_t seed, int depth = 0);
  std::string_view raw(uint32_t record, model::Tag field) const;  // text of its first cell of that field, or empty
  std::string_view harmless(uint32_t record, const cb_cell&);     // text for ids: a sensitive number is its token there
  const std::string& prefix(uint32_t type);
  bool link_children(const cb_unit&);

  void line(uint32_t record);  // normaliser.cpp

  // --- items.cpp ---
  void build(uint32_t record, Record&);
  void cells(uint32_t record, std::vector<Value>&, int32_t block);
  void cell(const cb_cell&, std::vector<Value>&, int32_t block);
  void text_cell(const cb_cell&, const Plan&, std::vector<Value>&, int32_t block);
  void reference(const cb_cell&, const Plan&, std::vector<Value>&, int32_t block);
  void token_cell(const cb_cell&, const Plan&, std::vector<Value>&, int32_t block);
  void header_cell(const cb_cell&, const Plan&);
  void ext_cell(const cb_cell&);
  void checked(const cb_cell&, const Plan&, std::vector<Value>&, int32_t block);
  void date(const cb_cell&, const Plan&, Value&, std::vector<Value>&, int32_t block);
  const Normal& shape(const Plan&, std::string_view text, const HintPlan&);
  // Puts the normal form into the value; false: nothing usable, the field is absent and the value must not stay.
  bool settle(Value&, const Normal&, int32_t block, bool constant);
  void unreadable(const Plan&, std::string_view source_words, int32_t block);

  // --- finish.cpp ---
  void finish_item(std::vector<Value>&, int32_t block, const cb_record&);
  void finish_record(Record&, bool normal);
  void finish_unit(std::span<Record>);
  void identifier(std::vector<Value>&, size_t at, int32_t block);
  void selector(std::vector<Value>&, size_t at);
  void money(std::vector<Value>&, size_t at, int32_t block);
  void names(std::vector<Value>&, int32_t block, model::Tag tag);
  void civic(Record&, bool normal);
  void sort_values(std::vector<Value>&, int32_t block);
  uint64_t content_hash(const Record&) const;

  // --- youth.cpp ---
  void youth(std::span<Record>);  // accessEnds of a source record's youth charges, and of what belongs to them alone

  // --- shared ---
  std::string_view text(const cb_cell& c) const { return {heap_ + c.offset, c.length}; }
  std::string_view keep(std::string_view t) { return out_->arena.keep(t); }
  const HintPlan& hint(const cb_cell& c) const { return c.hint && c.hint <= hints_.size() ? *hints_[c.hint - 1] : *fallback_; }
  const HintPlan* hint_plan(std::string_view text);
  std::string pointer(model::Tag field, int32_t block) const;
  void report(std::string_view code, std::vector<std::string> args, model::Tag field = 0, int32_t block = -1, uint64_t offset = 0,
              uint64_t length = 0);
  void report(std::string_view code, std::string_view value, std::string_view detail, const Value&, int32_t block);
  std::string token(std::string_view kind, std::string_view canonical) const { return settings_.key->token(kind, canonical); }

  Settings settings_;
  Counts counts_;
  const Plans& plans_ = Plans::get();
  Cache cache_;
  std::unordered_map<std::string, std::unique_ptr<HintPlan>> hint_plans_;
  const HintPlan* fallback_ = nullptr;
  std::vector<std::string> prefixes_;  // by type tag: "Person␟agency␟system␟"
  std::unordered_map<std::string, bool> sensitive_names_;
  SeenHashes keyless_seen_;
  Arena line_arena_;
  std::vector<Record> lines_;

  // of the batch
  const cb_batch* batch_ = nullptr;
  RecordBatch* out_ = nullptr;
  const FindingSink* sink_ = nullptr;
  const char* heap_ = nullptr;  // a copy in the arena: values point into it
  std::vector<const HintPlan*> hints_;
  // of the unit
  uint32_t first_ = 0;          // its first record
  std::vector<Uuid> ids_;       // by record - first_
  std::vector<uint8_t> state_;  // 0 not made, 1 being made, 2 made
  std::vector<uint8_t> keyless_;
  std::vector<uint32_t> twin_;                                      // the earlier record that is the same, or itself
  std::vector<uint32_t> child_, next_;                              // block items of a record, in order
  std::unordered_map<Uuid, std::vector<uint32_t>, UuidHash> same_;  // natural key -> records that have it
  std::vector<std::pair<Uuid, uint32_t>> few_;                      // the same for small units: id, record
  bool broken_ = false;
  std::string broken_why_, conflict_;
  std::string name_, name2_;  // scratch
  // of the record
  Record* record_ = nullptr;
  const cb_record* source_ = nullptr;
  std::vector<model::Tag> item_tags_;                                   // tag of each block, for pointers
  bool last_kept_ = false, last_absent_ = false, last_secret_ = false;  // what the cell before gave, for CB_CELL_ORIGINAL
  model::Tag last_field_ = 0;
  bool any_normal_ = false;
  std::string region_;
  std::vector<uint32_t> items_, made_;  // block items of the record; record -> place in the unit's output
  std::vector<Value> item_values_;
};

}  // namespace casebridge::normalise

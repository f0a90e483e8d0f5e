// casebridge/batch.hpp -- builds a cb_batch: one heap, five vectors, no allocation per cell once they have grown.
//
//   out.begin_unit({offset, length});              one source record begins
//   const auto person = out.record(tag::Person, {offset, length});
//   out.key("4711", {offset, 4});
//   out.text(tag::Person_birthDate, "13/05/2099", {offset + 5, 10}, dates);   // dates = out.hint("date=d/M/yyyy")
//   const auto name = out.record(tag::Person_names, {offset, length}, person); // a block item
//   out.text(tag::Person_names_full, "TESTARD EXEMPLE");
//   out.select(person);                            // back to an earlier record of the same unit, in any order
//   out.end_unit();
//
// Cells go to the selected record: the one made last, or the one select()ed. Ranges are bytes of the original input,
// absolute; the builder makes them relative. An empty value writes nothing: absent and empty are the same thing, and
// absent() says why. A unit that is skipped or refused takes its records back. One thread at a time.
// A misuse (a cell without a record, a parent of another unit) throws Failure(CB_E_INTERNAL).
#pragma once
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/plugin.h"

namespace casebridge {

// Thrown inside a plugin or a reader, never across the boundary: the call fails with `status`, which says what the
// caller should do next (plugin.h). `code` is a finding code, `why` its arguments or the plugin's own message.
class Failure : public std::runtime_error {
 public:
  explicit Failure(cb_status status, const std::string& why) : std::runtime_error(why), status(status) {}
  Failure(cb_status status, std::string code, const std::string& why) : std::runtime_error(why), status(status), code(std::move(code)) {}
  cb_status status;
  std::string code;  // empty: the host names it by its status
  uint64_t offset = 0, length = 0;
};

struct Range {  // bytes of the original input; length 0 = no place
  uint64_t offset = 0, length = 0;
  uint8_t other_input = 0;  // of a value: 0 = the unit's own input; n = input n - 1 of cb_inputs (a joined table)
};

struct Hint {       // from BatchBuilder::hint(); valid as long as the builder
  uint32_t id = 0;  // 0 = none
};

struct HeapText {  // text that lies in the heap already; valid until clear()
  uint32_t offset = 0, length = 0;
};

class BatchBuilder {
 public:
  static constexpr uint32_t kNoRecord = CB_NONE;
  static constexpr size_t kHeapTarget = size_t(4) << 20;  // full() once the heap is so large
  static constexpr size_t kHeapLimit = UINT32_MAX;        // offsets are 32 bits wide

  explicit BatchBuilder(uint32_t max_records = 4096) : limit_(max_records ? max_records : 1) {}

  // True when the batch should be handed over; asked between units.
  bool full() const { return records_.size() >= limit_ || units_.size() >= limit_ || heap_.size() >= kHeapTarget; }
  bool empty() const { return units_.empty(); }
  uint32_t records() const { return static_cast<uint32_t>(records_.size()); }

  void clear() {
    units_.clear();
    records_.clear();
    cells_.clear();
    owners_.clear();
    hints_.clear();
    heap_.clear();
    in_unit_ = disordered_ = false;
    selected_ = kNoRecord;
    for (const auto& text : hint_texts_) {  // hints are declared once and stand at the head of every batch
      const HeapText at = keep(text);
      hints_.push_back({at.offset, at.length});
    }
    hint_floor_ = heap_.size();
  }

  // --- units ---
  void begin_unit(Range at, uint32_t input = 0) {  // input: index into cb_inputs
    if (in_unit_) end_unit();
    units_.push_back({records(), 0, CB_UNIT_MAPPED, 0, 0, input, at.offset, at.length});
    cells_mark_ = cells_.size();
    heap_mark_ = heap_.size();
    in_unit_ = true;
    selected_ = kNoRecord;
  }
  void extend_unit(Range at) {  // the unit reached further than was known when it began
    need_unit();
    cb_unit& unit = units_.back();
    const uint64_t end = at.offset + at.length;
    if (end > unit.source_offset + unit.source_length) unit.source_length = end - unit.source_offset;
  }
  void end_unit() {
    need_unit();
    units_.back().n_records = records() - units_.back().first_record;
    in_unit_ = false;
    selected_ = kNoRecord;
  }
  void skip(std::string_view reason) { close_without_records(CB_UNIT_SKIPPED, reason); }                // DELETE, ZERO_REPORT ...
  void refuse(std::string_view finding_code) { close_without_records(CB_UNIT_REFUSED, finding_code); }  // to quarantine
  void abandon_unit() {  // as if begin_unit() had not been called
    need_unit();
    roll_back();
    units_.pop_back();
    in_unit_ = false;
    selected_ = kNoRecord;
  }
  bool in_unit() const { return in_unit_; }

  // --- records ---
  // A case record, or an item of a repeated block (type is then the block's tag, parent the record that holds it).
  uint32_t record(uint32_t type, Range at, uint32_t parent = kNoRecord) {
    need_unit();
    if (parent != kNoRecord && (parent < units_.back().first_record || parent >= records()))
      misuse("the parent of a record must be an earlier record of the same unit");
    if (records_.size() >= CB_NONE - 1) too_large();
    records_.push_back({type, parent, static_cast<uint32_t>(cells_.size()), 0, at.offset, at.length});
    return selected_ = records() - 1;
  }
  void select(uint32_t record) {
    if (!in_unit_ || record < units_.back().first_record || record >= records()) misuse("select() names no record of this unit");
    selected_ = record;
  }
  uint32_t selected() const { return selected_; }
  void place(uint32_t record, Range at) {  // before the record has cells
    if (record >= records() || records_[record].n_cells) misuse("the place of a record is set before its cells");
    records_[record].source_offset = at.offset;
    records_[record].source_length = at.length;
  }
  uint32_t cells_of(uint32_t record) const { return records_[record].n_cells; }

  // --- cells of the selected record ---
  void text(uint32_t field, std::string_view value, Range at = {}, Hint hint = {}, uint16_t flags = 0) {
    if (!value.empty()) push(field, CB_TEXT, flags, keep(value), at, hint.id);
  }
  void text(uint32_t field, HeapText value, Range at = {}, Hint hint = {}, uint16_t flags = 0) {  // shares the text
    if (value.length) push(field, CB_TEXT, flags, value, at, hint.id);
  }
  void constant(uint32_t field, std::string_view value, Range in_mapping = {}) { text(field, value, in_mapping, {}, CB_CELL_CONSTANT); }
  void token(uint32_t field, std::string_view value, Range at = {}) {  // sensitive: the core makes a keyed token of it
    if (!value.empty()) push(field, CB_TOKEN, 0, keep(value), at, 0);
  }
  void ref(uint32_t field, uint32_t record, Range at = {}) {  // to a record of this batch
    if (record >= records()) misuse("ref() names no record of this batch");
    push(field, CB_REF, CB_CELL_INDEX, {record, 0}, at, 0);
  }
  void ref_key(uint32_t field, uint32_t type, std::string_view key, Range at = {}) {  // to a record of the feed, in any order
    if (!key.empty()) push(field, CB_REF, 0, keep(key), at, type);
  }
  void absent(uint32_t field, std::string_view reason, Range at = {}) { push(field, CB_ABSENT, 0, keep(reason), at, 0); }
  // The source's own word for the value written right before (which is, say, its code).
  void original(std::string_view value, Range at = {}) {
    if (value.empty()) return;
    if (selected_ == kNoRecord || cells_.empty() || owners_.back() != selected_) misuse("original() follows the value it belongs to");
    push(cells_.back().field, CB_TEXT, CB_CELL_ORIGINAL, keep(value), at, 0);
  }
  // What the model does not know: kept under the source's name. `hint` holds the length of the name, which may contain "=".
  void ext(std::string_view name, std::string_view value, Range at = {}) {
    if (value.empty()) return;
    room(name.size() + 1 + value.size());
    const auto start = static_cast<uint32_t>(heap_.size());
    heap_.append(name).append(1, '=').append(value);
    push(CB_FIELD_EXT, CB_TEXT, 0, {start, static_cast<uint32_t>(heap_.size() - start)}, at, static_cast<uint32_t>(name.size()));
  }
  void key(std::string_view value, Range at = {}) { text(CB_FIELD_KEY, value, at); }
  void rule(std::string_view name) { text(CB_FIELD_RULE, name, {}, {}, CB_CELL_CONSTANT); }
  void also(Range at) { push(CB_FIELD_ALSO, CB_TEXT, 0, {}, at, 0); }

  // --- heap and hints ---
  HeapText keep(std::string_view text) {
    room(text.size());
    const auto at = static_cast<uint32_t>(heap_.size());
    heap_.append(text);
    return {at, static_cast<uint32_t>(text.size())};
  }
  std::string_view text_of(HeapText at) const { return std::string_view(heap_).substr(at.offset, at.length); }  // until the next call
  // "date=d/M/yyyy", "zone=America/Toronto", "region=CA": several joined by U+001F. Declare once, before the rows.
  Hint hint(std::string_view text) {
    if (text.empty()) return {};
    for (size_t i = 0; i < hint_texts_.size(); ++i)
      if (hint_texts_[i] == text) return {static_cast<uint32_t>(i + 1)};
    if (hint_texts_.size() >= kMaxHints) misuse("a plugin may declare 4,096 hints");
    hint_texts_.emplace_back(text);
    const HeapText at = keep(text);
    hints_.push_back({at.offset, at.length});
    hint_floor_ = heap_.size();
    return {static_cast<uint32_t>(hint_texts_.size())};
  }

  // The batch as the contract wants it; borrowed until the next call on this builder. An open unit is closed.
  cb_batch view() {
    if (in_unit_) end_unit();
    if (disordered_) order();
    return {sizeof(cb_batch),
            static_cast<uint32_t>(units_.size()),
            records(),
            static_cast<uint32_t>(cells_.size()),
            static_cast<uint32_t>(hints_.size()),
            0,
            heap_.size(),
            units_.data(),
            records_.data(),
            cells_.data(),
            hints_.data(),
            heap_.data()};
  }

 private:
  static constexpr size_t kMaxHints = 4096;
  [[noreturn]] static void misuse(const char* what) { throw Failure(CB_E_INTERNAL, what); }
  [[noreturn]] static void too_large() { throw Failure(CB_E_LIMIT, "one source record makes more than a batch can hold"); }
  void need_unit() const {
    if (!in_unit_) misuse("begin_unit() comes first");
  }
  void room(size_t size) {
    if (size > kHeapLimit - heap_.size()) too_large();
  }

  void push(uint32_t field, uint16_t kind, uint16_t flags, HeapText value, Range at, uint32_t hint) {
    if (selected_ == kNoRecord) misuse("a value needs a record");
    if (cells_.size() >= CB_NONE - 1) too_large();
    cb_record& owner = records_[selected_];
    if (owner.first_cell + owner.n_cells != cells_.size()) {
      if (owner.n_cells) disordered_ = true;  // another record's cells lie between: order() mends it
      else owner.first_cell = static_cast<uint32_t>(cells_.size());
    }
    const auto length = static_cast<uint32_t>(at.length > UINT32_MAX ? UINT32_MAX : at.length);
    flags = static_cast<uint16_t>(flags | at.other_input << CB_CELL_INPUT_SHIFT);
    const uint64_t base = at.other_input ? 0 : owner.source_offset;
    cells_.push_back({field, kind, flags, value.offset, value.length, length ? static_cast<int64_t>(at.offset - base) : 0, length, hint});
    owners_.push_back(selected_);
    ++owner.n_cells;
  }

  void close_without_records(uint32_t outcome, std::string_view reason) {
    need_unit();
    roll_back();
    cb_unit& unit = units_.back();
    const HeapText at = keep(reason);
    unit.outcome = outcome;
    unit.reason_offset = at.offset;
    unit.reason_length = at.length;
    end_unit();
  }

  void roll_back() {
    records_.resize(units_.back().first_record);
    cells_.resize(cells_mark_);
    owners_.resize(cells_mark_);
    heap_.resize(heap_mark_ > hint_floor_ ? heap_mark_ : hint_floor_);  // a hint declared meanwhile stays
  }

  void order() {  // a stable counting sort of the cells by their record
    uint32_t next = 0;
    for (cb_record& r : records_) {
      r.first_cell = next;
      next += r.n_cells;
    }
    sorted_.resize(cells_.size());
    sorted_owners_.resize(cells_.size());
    std::vector<uint32_t>& at = cursor_;
    at.resize(records_.size());
    for (size_t i = 0; i < records_.size(); ++i) at[i] = records_[i].first_cell;
    for (size_t i = 0; i < cells_.size(); ++i) {
      const uint32_t to = at[owners_[i]]++;
      sorted_[to] = cells_[i];
      sorted_owners_[to] = owners_[i];
    }
    cells_.swap(sorted_);
    owners_.swap(sorted_owners_);
    disordered_ = false;
  }

  uint32_t limit_;
  std::vector<cb_unit> units_;
  std::vector<cb_record> records_;
  std::vector<cb_cell> cells_, sorted_;
  std::vector<uint32_t> owners_, sorted_owners_, cursor_;  // record of each cell
  std::vector<cb_hint> hints_;
  std::vector<std::string> hint_texts_;
  std::string heap_;
  size_t cells_mark_ = 0, heap_mark_ = 0, hint_floor_ = 0;
  uint32_t selected_ = kNoRecord;
  bool in_unit_ = false, disordered_ = false;
};

}  // namespace casebridge

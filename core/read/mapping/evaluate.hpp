// Runs a compiled mapping over source records and writes cb_batch units.
//
//   Engine engine(program, &reporter);
//   RowSource rows(*program, header);
//   engine.source_line(rows, out);         // once, with the first source record at hand: one unit of length 0 that holds
//                                          // only a record of type Source; it is not a source record of the books
//   rows.row(*row); engine.unit(rows, out);
//   engine.new_batch();                    // after every out.clear()
//
// One thread at a time. No allocation per source record once the buffers have grown. Data problems go to the reporter
// (E-MAP-...) and evaluation goes on; a source record beyond the limits throws Failure(CB_E_LIMIT).
#pragma once
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "read/mapping/place.hpp"
#include "read/report.hpp"

namespace casebridge::read::mapping {

class Engine {
 public:
  Engine(std::shared_ptr<const Program> program, Reporter* reporter);

  void source_line(Source& source, BatchBuilder& out);
  void unit(Source& source, BatchBuilder& out);
  void new_batch() { ++batch_; }
  const Program& program() const { return *program_; }
  const std::vector<uint8_t>& reached() const { return reached_; }  // of each rule: it made a record

 private:
  static constexpr size_t kMaxRecords = 200'000;  // of one source record
  static constexpr size_t kMaxCells = 4'000'000;
  struct Made {  // a record or block item of the unit at hand
    uint32_t type = 0, parent = kNone, rule = kNone;
    uint32_t first = 0, count = 0;  // in done_
    Range at;
    uint64_t key_hash = 0;                                            // 0: no key
    bool dead = false, item = false, whole = false, pending = false;  // whole: made from the unit itself, all its rows
  };
  struct Out {  // a cell before it is in the batch
    uint32_t field = 0;
    uint16_t kind = 0, flags = 0;
    std::string_view text, name, unit;
    uint64_t offset = 0;
    uint32_t length = 0, hint = 0;
    uint32_t aux = kNone;  // REF: record of the unit, or wanted_ (pending); constants: value of the program
    uint8_t input = 0;
    bool pending = false;
  };
  struct Wanted {  // a reference to what a rule made at a place
    const Field* field;
    uint64_t node;
    bool of;  // the mapping says which place
    Range at;
  };
  struct LetSlot {
    std::vector<Val> values;
    uint64_t epoch = 0;
    Disposition disposition = Disposition::none;
  };

  // evaluate_value.cpp
  void eval(uint32_t value, const Val& place, std::vector<Val>& out);
  void places_of(uint32_t each, const Val& place, std::vector<Val>& out);
  void steps(const Value& v, const Val& place, std::vector<Val>& out, size_t begin);
  void find(uint32_t path, const Val& place, std::vector<Val>& out);
  void braces(const Value& v, const Val& place, std::vector<Val>& out);
  void let_value(uint32_t let, const Val& place, std::vector<Val>& out);
  bool holds(const Condition& c, const Val& place);
  bool holds(const Test& t, const Val& place);
  bool passes(const Condition& when, const Condition& unless, const Val& place) {
    return (when.empty() || holds(when, place)) && (unless.empty() || !holds(unless, place));
  }
  void absent_words(std::vector<Val>& out, size_t begin) const;

  // evaluate.cpp: rules
  void run_rule(uint32_t rule);
  uint32_t make(uint32_t rule, const Val& place, uint32_t parent, bool placed);
  bool make_key(const Rule& r, const Val& place, uint64_t& hash);
  // evaluate_fields.cpp
  void body(const Body& b, const Val& place, uint32_t record);
  void field(const Field& f, const Val& place, uint32_t record);
  void leaf(const Field& f, const Val& place, uint32_t record);
  void ref(const Field& f, const Val& place, uint32_t record);
  bool plain_leaf(const Field& f, const Val& place);
  void items(const Field& f, const Val& place, uint32_t record);
  void drop(const Body& b, const Val& place, uint32_t reason);
  void drop_fields(const Body& b, const Val& place);
  void merge();
  uint32_t same(uint32_t record);
  void grow_slots();
  void roll_back(uint32_t record, size_t cells, size_t wanted);
  void commit(uint32_t record, size_t from);
  void put(uint32_t field, const Val& v, uint32_t hint, uint32_t value);

  // evaluate_out.cpp
  void resolve();
  uint32_t made_by(uint32_t rule, uint64_t node) const;  // after resolve() has sorted
  void bury(uint32_t record);
  void notes();
  void rest();
  void write(BatchBuilder& out);
  void write_cell(BatchBuilder& out, const Out& c, const std::vector<uint32_t>& numbers);
  Hint hint(BatchBuilder& out, uint32_t number, std::string_view unit);
  void report(const char* code, std::initializer_list<std::string_view> args, Range at);
  std::string_view keep(std::string_view s) { return arena_.keep(s); }
  [[noreturn]] void too_much(const char* what) const;

  std::shared_ptr<const Program> program_;
  Reporter* reporter_;
  Source* source_ = nullptr;
  Val root_;
  Val rule_place_;  // where the lets of the rule are seen from
  uint64_t unit_ = 0, rule_epoch_ = 0, epochs_ = 0;
  uint64_t batch_ = 1;
  bool from_source_ = false;
  uint32_t main_ = kNone;

  std::vector<Made> made_;
  std::vector<Out> done_, stack_;
  std::vector<Wanted> wanted_;
  std::vector<std::vector<std::pair<uint64_t, uint32_t>>> by_rule_;  // node, record
  std::vector<uint8_t> reached_;
  std::vector<Unmapped> leftovers_;
  std::vector<Out> extra_;  // of the main record: what nothing took
  std::vector<std::string_view> names_of_extra_;
  std::vector<LetSlot> lets_;
  std::vector<std::vector<Val>> pool_;  // scratch lists, used as a stack
  size_t pool_used_ = 0;
  Arena arena_;
  std::string scratch_;
  const Field* field_ = nullptr;  // being filled, for findings
  struct Scratch;
  friend struct Scratch;

  struct Slot {
    uint64_t unit = 0, hash = 0;
    uint32_t record = 0;
  };
  std::vector<Slot> slots_;  // keys of the unit, open addressing
  size_t slots_used_ = 0;

  std::vector<HeapText> constants_;  // of the batch
  std::vector<uint64_t> constant_batch_;
  std::vector<Hint> hints_;
  std::unordered_map<std::string, Hint> unit_hints_;
  bool hints_declared_ = false;
  uint32_t link_from_ = 0, link_to_ = 0, link_tag_ = 0, selector_kind_ = 0, selector_value_ = 0, selector_tag_ = 0;
  std::vector<Range> also_;
  std::vector<uint32_t> numbers_;
};

}  // namespace casebridge::read::mapping

// Fields of a record: leaves, blocks, items, references; and what a condition keeps out.
#include <algorithm>

#include "read/mapping/evaluate.hpp"
#include "read/mapping/scratch.hpp"

namespace casebridge::read::mapping {

void Engine::field(const Field& f, const Val& place, uint32_t record) {
  switch (f.kind) {
    case Field::Kind::leaf: leaf(f, place, record); break;
    case Field::Kind::ref: ref(f, place, record); break;
    case Field::Kind::items: items(f, place, record); break;
    case Field::Kind::first: {  // references: the first way that leads somewhere
      const size_t before = stack_.size();
      for (const Field& way : program_->bodies[f.body].fields) {
        field(way, place, record);
        if (stack_.size() > before) break;
      }
      break;
    }
    case Field::Kind::record: {
      const uint32_t made = make(f.rule, place, record, false);
      if (made == kNone) break;
      Out& cell = stack_.emplace_back();
      cell.field = f.tag;
      cell.kind = CB_REF;
      cell.flags = CB_CELL_INDEX;
      cell.aux = made;
      break;
    }
    case Field::Kind::block: {
      const Body& inner = program_->bodies[f.body];
      if (inner.conditional && !passes(inner.when, inner.unless, place)) {
        drop(inner, place, inner.reason);
        break;
      }
      const bool before = from_source_;
      const size_t from = stack_.size(), done = done_.size(), wanted = wanted_.size();
      const auto records = static_cast<uint32_t>(made_.size());
      from_source_ = !inner.when.empty();  // a condition that holds is a value of the source that asks for the block
      body(inner, place, record);
      if (!from_source_ && !inner.constant) {  // else a block exists only if a value in it comes from the source
        stack_.resize(from);
        roll_back(records, done, wanted);
      }
      from_source_ = before || from_source_;
      break;
    }
  }
}

void Engine::body(const Body& b, const Val& place, uint32_t record) {
  for (const Field& f : b.fields) field(f, place, record);
  if (b.ext.empty()) return;
  source_->mark_as(Disposition::ext, 0);
  for (const Ext& e : b.ext) {
    Scratch values(*this);
    eval(e.value, place, *values);
    for (size_t i = 0; i < values->size(); ++i) {
      const Val& v = (*values)[i];
      if (v.absent || v.text.empty()) continue;
      if (std::any_of(values->begin(), values->begin() + static_cast<ptrdiff_t>(i),
                      [&](const Val& o) { return !o.absent && o.text == v.text; }))
        continue;
      Out& cell = stack_.emplace_back();
      cell.field = CB_FIELD_EXT;
      cell.kind = v.token ? CB_TOKEN : CB_TEXT;
      cell.name = e.name;
      cell.text = v.text;
      cell.offset = v.offset;
      cell.length = v.constant ? 0 : v.length;
      cell.input = v.input;
      from_source_ = from_source_ || !v.constant;
      if (v.original.empty() || v.original == v.text || v.token) continue;
      Out word = cell;  // what stands at the place, where a table gave the value
      word.kind = CB_TEXT;
      word.flags = CB_CELL_ORIGINAL;
      word.text = v.original;
      stack_.push_back(word);
    }
  }
  source_->mark_as(Disposition::none, 0);
}

void Engine::put(uint32_t field, const Val& v, uint32_t hint, uint32_t value) {
  if (stack_.size() + done_.size() > Engine::kMaxCells) too_much("the number of values");
  Out& cell = stack_.emplace_back();
  cell.field = field;
  cell.kind = v.absent ? CB_ABSENT : v.token ? CB_TOKEN : CB_TEXT;
  cell.flags = v.constant ? CB_CELL_CONSTANT : 0;
  cell.text = v.text;
  cell.offset = v.offset;
  cell.length = v.length;
  cell.input = v.input;
  cell.hint = v.absent ? 0 : v.hint ? v.hint : v.constant ? 0 : hint;
  if (v.calendar && !v.detached) cell.hint = program_->without_pattern(cell.hint);
  cell.unit = v.unit;
  // Kept once per batch: only what is the same each time. Of `first`, another word may come next time.
  const bool same = v.constant && !v.detached && program_->values[value].kind == Value::Kind::constant && !program_->values[value].steps;
  cell.aux = same ? value : kNone;
  if (v.original.empty() || v.original == v.text || v.token) return;
  Out& word = stack_.emplace_back();
  word.field = field;
  word.kind = CB_TEXT;
  word.flags = CB_CELL_ORIGINAL;
  word.text = v.original;
  word.offset = v.offset;
  word.length = v.length;
  word.input = v.input;
}

// The common leaf without a list of values in between: a word of the mapping, or a cell of one row.
bool Engine::plain_leaf(const Field& f, const Val& place) {
  const Value& v = program_->values[f.value];
  if (v.steps) return false;
  if (v.kind == Value::Kind::constant) {
    Out& cell = stack_.emplace_back();
    cell.field = f.tag;
    cell.flags = CB_CELL_CONSTANT;
    cell.text = v.word;
    cell.offset = v.mark.offset;
    cell.length = static_cast<uint32_t>(v.mark.length);
    cell.aux = f.value;
    return true;
  }
  if (v.kind != Value::Kind::place || v.path == kNone || !source_->cells || place.node != kRoot) return false;
  const int32_t column = source_->column_of_path[v.path];
  if (column < -1) return false;
  if (column < 0 || static_cast<uint32_t>(column) >= source_->n_cells) return true;
  const Cell& c = source_->cells[column];
  if (c.text.empty()) return true;
  if (c.text.front() <= ' ' || c.text.back() <= ' ' || (program_->absent_lengths >> std::min<size_t>(c.text.size(), 63) & 1)) return false;
  source_->marks[column] = static_cast<uint8_t>(Disposition::mapped);
  from_source_ = true;
  Out& cell = stack_.emplace_back();
  cell.field = f.tag;
  cell.text = c.text;
  cell.offset = c.offset;
  cell.length = c.length;
  cell.hint = c.quoted == kCalendar ? program_->without_pattern(f.hint) : f.hint;
  return true;
}

void Engine::leaf(const Field& f, const Val& place, uint32_t record) {
  if (plain_leaf(f, place)) return;
  Scratch values(*this);
  field_ = &f;
  source_->mark_as(Disposition::mapped, 0);
  eval(f.value, place, *values);
  source_->mark_as(Disposition::none, 0);
  field_ = nullptr;
  const Val* gone = nullptr;
  size_t kept = 0, distinct = 0;
  for (size_t i = 0; i < values->size(); ++i) {
    const Val& v = (*values)[i];
    if (v.absent) {
      if (!gone) gone = &v;
      continue;
    }
    if (v.text.empty()) continue;
    if (std::any_of(values->begin(), values->begin() + static_cast<ptrdiff_t>(i),
                    [&](const Val& o) { return !o.absent && o.text == v.text; }))
      continue;
    ++distinct;
    from_source_ = from_source_ || !v.constant;
    if (f.node->many || kept == 0) {
      put(f.tag, v, f.hint, f.value);
      ++kept;
    } else {  // a field that takes one: the rest is not lost
      Out& cell = stack_.emplace_back();
      cell.field = CB_FIELD_EXT;
      cell.kind = v.token ? CB_TOKEN : CB_TEXT;
      cell.name = f.node->path;
      cell.text = v.text;
      cell.offset = v.offset;
      cell.length = v.constant ? 0 : v.length;
      cell.input = v.input;
    }
  }
  if (distinct > kept) report("E-MAP-MANY", {f.node->path, counted(distinct)}, made_[record].at);
  if (!kept && gone) put(f.tag, *gone, 0, f.value);
}

void Engine::ref(const Field& f, const Val& place, uint32_t record) {
  if (f.ref.conditional && !passes(f.ref.when, f.ref.unless, place)) {
    if (f.ref.key == kNone) return;
    Scratch values(*this);
    source_->mark_as(Disposition::dropped, f.ref.reason);
    eval(f.ref.key, place, *values);
    source_->mark_as(Disposition::none, 0);
    return;
  }
  if (f.ref.key != kNone) {
    const Rule& to = program_->rules[f.ref.rules.front()];
    Scratch values(*this);
    source_->mark_as(Disposition::mapped, 0);
    eval(f.ref.key, place, *values);
    source_->mark_as(Disposition::none, 0);
    for (size_t i = 0; i < values->size(); ++i) {
      const Val& v = (*values)[i];
      if (v.absent || v.text.empty()) continue;
      from_source_ = from_source_ || !v.constant;
      Out& cell = stack_.emplace_back();
      cell.field = f.tag;
      cell.kind = CB_REF;
      cell.text = v.text;
      cell.offset = v.offset;
      cell.length = v.constant ? 0 : v.length;
      cell.input = v.input;
      cell.hint = to.type ? to.type->tag : 0;
      if (!f.node->many) break;
    }
    return;
  }
  const auto want = [&](uint64_t node, bool of) {
    wanted_.push_back({&f, node, of, source_->place(place.node)});
    Out& cell = stack_.emplace_back();
    cell.field = f.tag;
    cell.kind = CB_REF;
    cell.pending = true;
    cell.aux = static_cast<uint32_t>(wanted_.size() - 1);
    made_[record].pending = true;
  };
  if (f.ref.of == kNone) return want(place.node, false);
  Scratch places(*this);
  source_->mark_as(Disposition::none, 0);
  find(f.ref.of, place, *places);
  for (const Val& at : *places) {
    want(at.node, true);
    if (!f.node->many) break;
  }
}

void Engine::items(const Field& f, const Val& place, uint32_t record) {
  const Body& b = program_->bodies[f.body];
  Scratch places(*this);
  if (f.each != kNone) {
    source_->mark_as(Disposition::none, 0);
    places_of(f.each, place, *places);
  } else {
    places->push_back(place);
  }
  for (size_t i = 0; i < places->size(); ++i) {
    const Val at = (*places)[i];
    if (at.absent) continue;
    if (b.conditional && !passes(b.when, b.unless, at)) {
      drop(b, at, b.reason);
      continue;
    }
    if (made_.size() >= Engine::kMaxRecords) too_much("the number of records");
    const auto item = static_cast<uint32_t>(made_.size());
    const size_t from = stack_.size(), done = done_.size(), wanted = wanted_.size();
    Made& made = made_.emplace_back();
    made.type = f.tag;
    made.parent = record;
    made.item = true;
    made.at = f.each != kNone ? source_->place(at.node) : made_[record].at;
    const bool before = from_source_;
    from_source_ = !b.when.empty();
    body(b, at, item);
    if (from_source_ || b.constant) {
      commit(item, from);
    } else {
      stack_.resize(from);
      roll_back(item, done, wanted);
    }
    from_source_ = before || from_source_;
  }
}

// What a condition keeps out is counted as dropped, unless another rule takes it.
void Engine::drop(const Body& b, const Val& place, uint32_t reason) {
  source_->mark_as(Disposition::dropped, reason);
  drop_fields(b, place);
  source_->mark_as(Disposition::none, 0);
}

void Engine::drop_fields(const Body& b, const Val& place) {
  Scratch values(*this);
  for (const Field& f : b.fields) {
    values->clear();
    if (f.kind == Field::Kind::leaf) {
      eval(f.value, place, *values);
    } else if (f.kind == Field::Kind::block || f.kind == Field::Kind::first) {
      drop_fields(program_->bodies[f.body], place);
    } else if (f.kind == Field::Kind::record) {
      drop_fields(program_->bodies[program_->rules[f.rule].body], place);
    } else if (f.kind == Field::Kind::items) {
      if (f.each == kNone) drop_fields(program_->bodies[f.body], place);
      else eval(f.each, place, *values);
    }
  }
  for (const Ext& e : b.ext) eval(e.value, place, *values);
}

}  // namespace casebridge::read::mapping

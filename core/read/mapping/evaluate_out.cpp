// The end of a source record: references meet their records, what nothing took goes to ext, the unit goes out.
#include <algorithm>
#include <unordered_map>

#include "base/text.hpp"
#include "read/mapping/evaluate.hpp"
#include "read/mapping/scratch.hpp"

namespace casebridge::read::mapping {

uint32_t Engine::made_by(uint32_t rule, uint64_t node) const {
  const auto& list = by_rule_[rule];
  if (list.size() > 8) {  // sorted
    const auto at = std::lower_bound(list.begin(), list.end(), std::pair<uint64_t, uint32_t>(node, 0));
    return at != list.end() && at->first == node ? at->second : kNone;
  }
  for (const auto& [at, record] : list)
    if (at == node) return record;
  return kNone;
}

// A reference by rule: the record made from the same place, else the only one of the source record.
void Engine::resolve() {
  for (auto& list : by_rule_)
    if (list.size() > 8) std::sort(list.begin(), list.end());
  for (uint32_t i = 0; i < made_.size(); ++i) {
    Made& m = made_[i];
    if (!m.pending) continue;
    uint32_t kept = 0;
    bool lost_end = false;
    for (uint32_t c = 0; c < m.count; ++c) {
      Out& cell = done_[m.first + c];
      if (cell.pending) {
        const Wanted& w = wanted_[cell.aux];
        const std::vector<uint32_t>& rules = w.field->ref.rules;
        const auto& list = by_rule_[rules.front()];
        uint32_t found = kNone;
        for (size_t r = 0; r < rules.size() && found == kNone; ++r) found = made_by(rules[r], w.node);
        if (found == kNone && !w.of && !list.empty()) {
          const bool one = std::all_of(list.begin(), list.end(), [&](const auto& e) { return e.second == list[0].second; });
          if (one) found = list[0].second;
          else
            report("E-MAP-WHICH-RECORD",
                   {w.field->node->path, program_->rules[m.rule == kNone ? rules.front() : m.rule].type->name,
                    program_->rules[rules.front()].name},
                   w.at);
        } else if (found == kNone) {
          report("E-MAP-NO-RECORD",
                 {w.field->node->path, m.rule == kNone ? std::string_view("an item") : program_->rules[m.rule].type->name,
                  program_->rules[rules.front()].name},
                 w.at);
        }
        if (found == kNone) {
          lost_end = lost_end || (m.type == link_tag_ && (cell.field == link_from_ || cell.field == link_to_));
          // The finding said that the reference leads nowhere; the record does not fall with it.
          if (m.type == link_tag_ || m.item || !w.field->node->required || w.field->node->many) continue;
          cell.kind = CB_ABSENT;
          cell.flags = CB_CELL_CONSTANT;
          cell.text = "UNKNOWN";
          cell.aux = kNone;
          cell.pending = false;
          if (kept != c) done_[m.first + kept] = cell;
          ++kept;
          continue;
        }
        cell.pending = false;
        cell.flags = CB_CELL_INDEX;
        cell.aux = found;
        const auto begin = done_.begin() + m.first;
        if (w.field->node->many && std::any_of(begin, begin + kept, [&](const Out& before) {
              return before.kind == CB_REF && before.field == cell.field && !before.pending && (before.flags & CB_CELL_INDEX) &&
                     before.aux == found;
            }))
          continue;  // a field that takes many takes each record once
      }
      if (kept != c) done_[m.first + kept] = cell;
      ++kept;
    }
    m.count = kept;
    if (lost_end) bury(i);
  }
}

// Records whose references had to be awaited before they could be told from others (see same()): with the same key, or a
// link, and the same content, they are one.
void Engine::merge() {
  std::unordered_map<uint64_t, std::vector<uint32_t>> known;
  std::unordered_map<uint32_t, uint32_t> now;  // record → the one it is
  const auto hangs = [&](uint32_t x, uint32_t on) { return x < made_.size() && made_[x].item && made_[x].parent == on; };
  const auto cells_equal = [&](const Made& a, const Made& b) {
    return a.type == b.type && a.count == b.count &&
           std::equal(done_.begin() + a.first, done_.begin() + a.first + a.count, done_.begin() + b.first, [](const Out& x, const Out& y) {
             return x.field == y.field && x.kind == y.kind && x.flags == y.flags && x.text == y.text && x.name == y.name &&
                    (x.kind != CB_REF || x.aux == y.aux);
           });
  };
  for (uint32_t i = 0; i < made_.size(); ++i) {
    Made& m = made_[i];
    for (uint32_t c = 0; c < m.count && !now.empty(); ++c) {
      Out& cell = done_[m.first + c];
      if (cell.kind != CB_REF || !(cell.flags & CB_CELL_INDEX)) continue;
      if (const auto at = now.find(cell.aux); at != now.end()) cell.aux = at->second;
    }
    if (!m.pending || m.dead || m.item || m.rule == kNone || i == main_ || (m.type != link_tag_ && !m.key_hash)) continue;
    uint64_t hash = m.type;
    for (uint32_t c = 0; c < m.count; ++c) {
      const Out& cell = done_[m.first + c];
      hash = (hash ^ std::hash<std::string_view>()(cell.text) ^ cell.field) * 1099511628211u + (cell.kind == CB_REF ? cell.aux : 0);
    }
    std::vector<uint32_t>& alike = known[hash];
    for (const uint32_t o : alike) {
      if (made_[o].rule != m.rule || !cells_equal(made_[o], m)) continue;
      uint32_t a = o + 1, b = i + 1;
      bool equal = true;
      for (; equal && (hangs(a, o) || hangs(b, i)); ++a, ++b) equal = hangs(a, o) && hangs(b, i) && cells_equal(made_[a], made_[b]);
      if (!equal) continue;
      m.dead = true;
      now.emplace(i, o);
      break;
    }
    if (!m.dead) alike.push_back(i);
  }
}

// A link without an end is no link; what it held stays with the main record.
void Engine::bury(uint32_t record) {
  Made& m = made_[record];
  m.dead = true;
  const Rule& r = program_->rules[m.rule];
  for (uint32_t c = 0; c < m.count; ++c) {
    const Out& cell = done_[m.first + c];
    if (cell.kind == CB_REF || cell.kind == CB_ABSENT || (cell.flags & (CB_CELL_CONSTANT | CB_CELL_ORIGINAL)) ||
        cell.field == CB_FIELD_RULE)
      continue;
    Out extra = cell;
    const std::string_view name = cell.field == CB_FIELD_EXT   ? cell.name
                                  : cell.field == CB_FIELD_KEY ? std::string_view("key")
                                                               : model::node(static_cast<model::Tag>(cell.field)).path;
    extra.field = CB_FIELD_EXT;
    extra.hint = 0;
    extra.unit = {};
    extra.name = keep(r.name + "/" + std::string(name));
    extra_.push_back(extra);
  }
}

void Engine::notes() {
  for (const Note& n : program_->notes) {
    if (!passes(n.when, n.unless, root_)) continue;
    Range at = source_->place(kRoot);
    Scratch places(*this);
    source_->mark_as(Disposition::none, 0);
    find(n.at, root_, *places);
    if (!places->empty())
      at = places->front().length ? Range{places->front().offset, places->front().length, places->front().input}
                                  : source_->place(places->front().node);
    report("E-MAP-NOTE", {french() ? n.fr : n.en}, at);
  }
}

void Engine::rest() {
  leftovers_.clear();
  for (const Drop& d : program_->drop) {
    if (d.path == kNone) continue;
    Scratch places(*this);
    source_->mark_as(Disposition::none, 0);
    find(d.path, root_, *places);
    source_->mark_as(Disposition::dropped, d.reason);
    for (const Val& v : *places) source_->mark_branch(v.node);
    source_->mark_as(Disposition::none, 0);
  }
  source_->leftovers(leftovers_);
  for (const Unmapped& u : leftovers_) {
    Out cell;
    cell.field = CB_FIELD_EXT;
    cell.kind = CB_TEXT;
    cell.name = u.name.empty() ? std::string_view("unnamed") : u.name;
    cell.text = u.text;
    cell.offset = u.offset;
    cell.length = u.length;
    extra_.push_back(cell);
  }
}

Hint Engine::hint(BatchBuilder& out, uint32_t number, std::string_view unit) {
  if (!hints_declared_) {
    for (const std::string& text : program_->hints) hints_.push_back(out.hint(text));
    hints_declared_ = true;
  }
  if (unit.empty()) return number ? hints_[number - 1] : Hint{};
  std::string text = number ? program_->hints[number - 1] + "\x1F" : std::string();
  text.append("unit=").append(unit.substr(0, 64));
  const auto known = unit_hints_.find(text);
  if (known != unit_hints_.end()) return known->second;
  if (unit_hints_.size() >= 256) return Hint{kNone};
  return unit_hints_.emplace(text, out.hint(text)).first->second;
}

void Engine::write_cell(BatchBuilder& out, const Out& c, const std::vector<uint32_t>& numbers) {
  const Range at{c.offset, c.length, c.input};
  switch (c.kind) {
    case CB_REF:
      if (c.flags & CB_CELL_INDEX) {
        if (numbers[c.aux] != kNone) out.ref(c.field, numbers[c.aux], at);
      } else {
        out.ref_key(c.field, c.hint, c.text, at);
      }
      return;
    case CB_ABSENT: out.absent(c.field, c.text, at); return;
    case CB_TOKEN:
      if (c.field == CB_FIELD_EXT) return;  // a token has no place in ext
      out.token(c.field, c.text, at);
      return;
    default: break;
  }
  if (c.flags & CB_CELL_ORIGINAL) {
    out.original(c.text, at);
    return;
  }
  if (c.field == CB_FIELD_EXT) {
    out.ext(c.name, c.text, at);
    return;
  }
  Hint h{};
  if (c.hint || !c.unit.empty()) {
    h = hint(out, c.hint, c.unit);
    if (h.id == kNone) {
      report("E-MAP-UNITS", {}, at);
      out.absent(c.field, "UNPARSEABLE", at);
      out.original(c.text, at);
      return;
    }
  }
  if (c.aux != kNone) {  // a constant stands once in the heap of a batch
    if (constant_batch_[c.aux] != batch_) {
      constants_[c.aux] = out.keep(c.text);
      constant_batch_[c.aux] = batch_;
    }
    out.text(c.field, constants_[c.aux], at, h, c.flags);
    return;
  }
  out.text(c.field, c.text, at, h, c.flags);
}

void Engine::write(BatchBuilder& out) {
  std::vector<uint32_t>& numbers = numbers_;
  numbers.assign(made_.size(), kNone);
  for (uint32_t i = 0; i < made_.size(); ++i) {
    const Made& m = made_[i];
    const bool gone = m.dead || (m.parent != kNone && numbers[m.parent] == kNone);
    if (gone) continue;
    numbers[i] = out.record(m.type, m.at, m.parent == kNone ? BatchBuilder::kNoRecord : numbers[m.parent]);
  }
  source_->more_places(also_);
  bool rest_written = extra_.empty();
  for (uint32_t i = 0; i < made_.size(); ++i) {
    if (numbers[i] == kNone) continue;
    const Made& m = made_[i];
    out.select(numbers[i]);
    for (uint32_t c = 0; c < m.count; ++c) write_cell(out, done_[m.first + c], numbers);
    if (m.whole && !also_.empty())
      for (const Range& r : also_) out.also(r);
    if (!rest_written && (main_ == kNone || i == main_)) {
      for (const Out& c : extra_) write_cell(out, c, numbers);
      rest_written = true;
    }
  }
}

void Engine::source_line(Source& source, BatchBuilder& out) {
  source_ = &source;
  ++unit_;
  const model::Node* line = model::record_type("Source");
  out.begin_unit({});
  out.record(line->tag, {});
  for (const SourceField& f : program_->source) {
    Scratch values(*this);
    source.mark_as(Disposition::mapped, 0);
    eval(f.value, root_, *values);
    source.mark_as(Disposition::none, 0);
    for (const Val& v : *values) {
      if (v.absent || v.text.empty()) continue;
      stack_.clear();
      const bool dated =
          f.node->type == model::ValueType::date || f.node->type == model::ValueType::dateTime || f.node->type == model::ValueType::when;
      put(f.tag, v, dated ? program_->date_hint : 0, f.value);
      for (const Out& c : stack_) write_cell(out, c, numbers_);
      if (!f.node->many) break;
    }
  }
  if (const model::Node* version = model::field(*line, "mappingVersion"))
    out.constant(version->tag, program_->id + "/" + program_->version);
  stack_.clear();
  out.end_unit();
}

}  // namespace casebridge::read::mapping

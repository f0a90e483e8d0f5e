// Rules: which records a source record makes, with which fields.
#include "read/mapping/evaluate.hpp"

#include <algorithm>

#include "read/mapping/scratch.hpp"

namespace casebridge::read::mapping {
namespace {

uint64_t hash_of(std::string_view s, uint64_t h = 0xcbf29ce484222325ull) {
  for (const char c : s) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return h | 1;  // 0 means no key
}

uint32_t tag_of(std::string_view type, std::string_view path) {
  const model::Node* record = model::record_type(type);
  const model::Node* node = record ? model::field(*record, path) : nullptr;
  return node ? node->tag : 0;
}

}  // namespace

Engine::Engine(std::shared_ptr<const Program> program, Reporter* reporter)
    : program_(std::move(program)),
      reporter_(reporter),
      by_rule_(program_->rules.size()),
      reached_(program_->n_top),
      lets_(program_->lets.size()),
      constants_(program_->values.size()),
      constant_batch_(program_->values.size()) {
  root_.node = kRoot;
  link_tag_ = model::record_type("Link") ? model::record_type("Link")->tag : 0;
  link_from_ = tag_of("Link", "from");
  link_to_ = tag_of("Link", "to");
  selector_kind_ = tag_of("Selector", "kind");
  selector_value_ = tag_of("Selector", "value");
  selector_tag_ = model::record_type("Selector") ? model::record_type("Selector")->tag : 0;
}

void Engine::too_much(const char* what) const { throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", what); }

void Engine::report(const char* code, std::initializer_list<std::string_view> args, Range at) {
  if (reporter_) reporter_->report(code, args, at.offset, at.length);
}

void Engine::unit(Source& source, BatchBuilder& out) {
  source_ = &source;
  ++unit_;
  rule_epoch_ = ++epochs_;
  rule_place_ = root_;
  made_.clear();
  done_.clear();
  stack_.clear();
  wanted_.clear();
  extra_.clear();
  arena_.clear();
  slots_used_ = 0;
  main_ = kNone;
  for (auto& list : by_rule_) list.clear();
  source.mark_as(Disposition::none, 0);

  const Range at = source.place(kRoot);
  const auto leave_out = [&](const std::string& as, const std::string& why) {
    source.skipped(why.empty() ? as : why);
    out.begin_unit(at, source.input);
    out.skip(as);
  };
  if (!program_->reads.refuse_as.empty()) return leave_out(program_->reads.refuse_as, program_->reads.refuse_why);
  for (const Skip& s : program_->skip)
    if (passes(s.when, s.unless, root_)) {
      if (s.as != "JOINED" || !source.orphan()) return leave_out(s.as, s.why);
      report("E-MAP-UNJOINED", {source.table()}, at);
      out.begin_unit(at, source.input);
      return out.refuse("E-MAP-UNJOINED");
    }

  for (uint32_t i = 0; i < program_->n_top; ++i) run_rule(i);
  resolve();
  merge();
  notes();
  rest();
  out.begin_unit(at, source.input);
  const bool nothing = std::all_of(made_.begin(), made_.end(), [](const Made& m) { return m.dead; });
  if (nothing && !extra_.empty()) {  // values, and no record to hold them: the source record itself is kept
    report("E-MAP-NOTHING", {counted(extra_.size())}, at);
    out.refuse("E-MAP-NOTHING");
    return;
  }
  write(out);
  out.end_unit();
}

void Engine::run_rule(uint32_t index) {
  const Rule& r = program_->rules[index];
  if (!r.type || (!r.table.empty() && !source_->table().empty() && r.table != source_->table())) return;
  if (!r.has_each) {
    rule_epoch_ = ++epochs_;
    rule_place_ = root_;
    make(index, root_, kNone, false);
    return;
  }
  Scratch places(*this);
  source_->mark_as(Disposition::none, 0);
  for (const uint32_t each : r.each) places_of(each, root_, *places);
  for (size_t i = 0; i < places->size(); ++i) {
    const Val place = (*places)[i];
    if (place.absent || place.node == kNowhere) continue;
    const bool again = std::any_of(places->begin(), places->begin() + static_cast<ptrdiff_t>(i), [&](const Val& v) {
      return v.node == place.node && (!place.detached || v.text.data() == place.text.data());
    });
    if (again) continue;  // never two records for one place
    if (std::any_of(r.besides.begin(), r.besides.end(), [&](uint32_t other) {
          return std::any_of(by_rule_[other].begin(), by_rule_[other].end(), [&](const auto& made) { return made.first == place.node; });
        }))
      continue;  // theirs
    rule_epoch_ = ++epochs_;
    rule_place_ = place;
    make(index, place, kNone, true);
  }
}

// `placed`: an each gave the place, so the record exists even if no field of it has a value.
uint32_t Engine::make(uint32_t index, const Val& place, uint32_t parent, bool placed) {
  const Rule& r = program_->rules[index];
  const Body& b = program_->bodies[r.body];
  if (b.conditional && !passes(b.when, b.unless, place)) {
    drop(b, place, b.reason);
    return kNone;
  }
  if (made_.size() >= kMaxRecords) too_much("the number of records");
  const auto record = static_cast<uint32_t>(made_.size());
  const size_t from = stack_.size(), done = done_.size(), wanted = wanted_.size();
  Made& made = made_.emplace_back();
  made.type = r.type->tag;
  made.rule = index;
  made.at = source_->place(place.node);
  made.whole = place.node == kRoot;
  const bool before = from_source_;
  from_source_ = !b.when.empty();

  uint64_t hash = 0;
  bool key = false;
  if (!r.key.empty()) key = make_key(r, place, hash);
  const bool own_key = key || r.natural;
  if (!own_key) {
    // The identity of a link comes from its ends, so it cannot give one to them: the main record does, and the name of
    // the rule tells one link's ends from another's.
    const bool in_natural = parent != kNone && made_[parent].rule != kNone && program_->rules[made_[parent].rule].natural;
    made_[record].parent = parent == kNone || in_natural ? main_ : parent;
    Out& name = stack_.emplace_back();
    name.field = CB_FIELD_RULE;
    name.flags = CB_CELL_CONSTANT;
    name.text = in_natural ? keep(program_->rules[made_[parent].rule].name + "/" + r.name) : std::string_view(r.name);
  }
  made_[record].key_hash = hash;
  body(b, place, record);
  // A link says something by its two ends alone.
  const bool exists = from_source_ || placed || key || (b.constant && r.key.empty()) || made_[record].type == link_tag_;
  from_source_ = before || from_source_;
  if (!exists) {
    roll_back(record, done, wanted);
    stack_.resize(from);
    from_source_ = before;
    return kNone;
  }
  // A link needs both its ends: where a record in its field came to nothing, so does the link.
  if (made_[record].type == link_tag_) {
    bool has_from = false, has_to = false;
    for (size_t i = from; i < stack_.size(); ++i) {
      has_from = has_from || stack_[i].field == link_from_;
      has_to = has_to || stack_[i].field == link_to_;
    }
    if (!has_from || !has_to) {
      const bool said = from_source_;
      from_source_ = before;
      if (said) {  // it had something to say: that stays with the main record
        report("E-MAP-NO-RECORD", {has_from ? "to" : "from", r.type->name, r.name}, made_[record].at);
        commit(record, from);
        bury(record);
      } else {
        stack_.resize(from);
        roll_back(record, done, wanted);
      }
      return kNone;
    }
  }
  commit(record, from);
  if (const uint32_t twin = same(record); twin != kNone) {
    roll_back(record, done, wanted);
    by_rule_[index].emplace_back(place.node, twin);
    return twin;
  }
  if (r.top) {
    if (main_ == kNone) main_ = record;
    reached_[index] = 1;
    by_rule_[index].emplace_back(place.node, record);
  }
  return record;
}

bool Engine::make_key(const Rule& r, const Val& place, uint64_t& hash) {
  source_->mark_as(Disposition::mapped, 0);
  std::string text;
  Val first;
  bool any = false;
  for (size_t i = 0; i < r.key.size(); ++i) {
    Scratch part(*this);
    eval(r.key[i], place, *part);
    const auto v = std::find_if(part->begin(), part->end(), [](const Val& x) { return !x.absent && !x.text.empty(); });
    if (i) text += '\x1F';
    if (v == part->end()) continue;
    if (!any) first = *v;
    any = true;
    from_source_ = from_source_ || !v->constant;
    if (r.key.size() > 1) text += v->text;
  }
  source_->mark_as(Disposition::none, 0);
  if (!any) return false;
  Out& cell = stack_.emplace_back();
  cell.field = CB_FIELD_KEY;
  cell.kind = CB_TEXT;
  cell.text = r.key.size() > 1 ? keep(text) : first.text;
  cell.offset = first.offset;
  cell.length = first.constant ? 0 : first.length;
  cell.input = first.input;
  hash = hash_of(cell.text, hash_of(r.type->name));
  return true;
}

// A record with this key (a selector with this value) that the unit has already, with the same content. With other
// content both go out: the normaliser, which knows ids, says so (E-KEY-CONFLICT) or makes an ordinal.
uint32_t Engine::same(uint32_t record) {
  Made& m = made_[record];
  const Rule& r = program_->rules[m.rule];
  if (!m.key_hash && m.type == selector_tag_) {
    uint64_t h = 1;
    for (uint32_t c = 0; c < m.count; ++c)
      if (const Out& o = done_[m.first + c]; o.field == selector_kind_ || o.field == selector_value_) h = hash_of(o.text, h);
    m.key_hash = h;
  }
  if (!m.key_hash) return kNone;
  const auto equal = [](const Out& a, const Out& b) {
    return a.field == b.field && a.kind == b.kind && a.flags == b.flags && a.text == b.text && a.name == b.name && !a.pending &&
           !b.pending && (a.kind != CB_REF || a.aux == b.aux);
  };
  const auto cells_equal = [&](const Made& a, const Made& b) {
    return a.type == b.type && a.count == b.count &&
           std::equal(done_.begin() + a.first, done_.begin() + a.first + a.count, done_.begin() + b.first, equal);
  };
  if (slots_.size() < 2 * (slots_used_ + 1) || slots_.empty()) grow_slots();
  size_t at = m.key_hash & (slots_.size() - 1);
  for (; slots_[at].unit == unit_; at = (at + 1) & (slots_.size() - 1)) {
    if (slots_[at].hash != m.key_hash || slots_[at].record >= record) continue;
    const uint32_t i = slots_[at].record;
    const Made& o = made_[i];
    if (o.dead || o.item || o.type != m.type || o.key_hash != m.key_hash) continue;
    if (!r.natural && done_[o.first].text != done_[m.first].text) continue;
    // What hangs on a record stands right behind it.
    bool alike = cells_equal(o, m);
    uint32_t a = i + 1, b = record + 1;
    const auto hangs = [&](uint32_t x, uint32_t on) { return x < made_.size() && made_[x].item && made_[x].parent == on; };
    for (; alike && (hangs(a, i) || hangs(b, record)); ++a, ++b) alike = hangs(a, i) && hangs(b, record) && cells_equal(made_[a], made_[b]);
    if (alike) return i;
  }
  slots_[at] = {unit_, m.key_hash, record};
  ++slots_used_;
  return kNone;
}

void Engine::grow_slots() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(std::max<size_t>(64, old.size() * 2), Slot{});
  for (const Slot& s : old) {
    if (s.unit != unit_) continue;
    size_t at = s.hash & (slots_.size() - 1);
    while (slots_[at].unit == unit_) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = s;
  }
}

void Engine::roll_back(uint32_t record, size_t done, size_t wanted) {
  if (made_.size() > record)
    for (uint32_t r = 0; r < program_->n_top; ++r)
      while (!by_rule_[r].empty() && by_rule_[r].back().second >= record && by_rule_[r].back().second != kNone) by_rule_[r].pop_back();
  made_.resize(record);
  done_.resize(done);
  wanted_.resize(wanted);
}

void Engine::commit(uint32_t record, size_t from) {
  Made& m = made_[record];
  m.first = static_cast<uint32_t>(done_.size());
  m.count = static_cast<uint32_t>(stack_.size() - from);
  done_.insert(done_.end(), stack_.begin() + static_cast<ptrdiff_t>(from), stack_.end());
  stack_.resize(from);
}

}  // namespace casebridge::read::mapping

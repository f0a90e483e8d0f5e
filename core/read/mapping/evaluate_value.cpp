// Values: from a place, through the steps, in the fixed order of the language.
#include <re2/re2.h>

#include <algorithm>

#include "read/mapping/evaluate.hpp"
#include "read/mapping/scratch.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr size_t kMaxText = size_t(1) << 20;  // of one value made of pieces
constexpr size_t kMaxPieces = 100'000;        // of one split

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

Val part_of(const Val& whole, std::string_view part) {
  Val v = whole;
  v.detached = true;
  if (whole.length == whole.text.size() && part.data() >= whole.text.data()) {  // no escapes: the bytes can be told apart
    v.offset = whole.offset + static_cast<uint64_t>(part.data() - whole.text.data());
    v.length = static_cast<uint32_t>(part.size());
  }
  v.text = part;
  return v;
}

bool usable(const Val& v) { return !v.absent && !v.text.empty(); }

}  // namespace

void Engine::find(uint32_t path, const Val& place, std::vector<Val>& out) {
  if (path == kNone) return;
  if (source_->cells && place.node == kRoot) {  // one row: a cell by its number
    const int32_t column = source_->column_of_path[path];
    if (column >= -1) {
      if (column < 0 || static_cast<uint32_t>(column) >= source_->n_cells) return;
      const Cell& c = source_->cells[column];
      uint8_t& mark = source_->marks[column];
      if (source_->marking() >= Disposition::ext) mark = std::max(mark, static_cast<uint8_t>(source_->marking()));
      else if (source_->marking() != Disposition::none) source_->mark(static_cast<uint64_t>(column) + 1);
      if (c.text.empty()) return;
      Val& v = out.emplace_back();
      v.text = c.text;
      v.offset = c.offset;
      v.length = c.length;
      v.node = static_cast<uint64_t>(column) + 1;
      if (c.text.front() <= ' ' || c.text.back() <= ' ') {
        v.text = trim(c.text);
        if (c.length == c.text.size()) {
          v.offset += static_cast<uint64_t>(v.text.data() - c.text.data());
          v.length = static_cast<uint32_t>(v.text.size());
        }
      }
      return;
    }
  }
  source_->find(path, place, out);
}

void Engine::absent_words(std::vector<Val>& out, size_t begin) const {
  const uint64_t lengths = program_->absent_lengths;
  if (!lengths) return;
  for (size_t i = begin; i < out.size(); ++i) {
    Val& v = out[i];
    if (!(lengths >> std::min<size_t>(v.text.size(), 63) & 1)) continue;
    const auto at = program_->absent_words.find(fold(v.text));
    if (at == program_->absent_words.end() || v.text.empty()) continue;
    v.original = v.text;
    v.text = at->second;
    v.absent = true;
  }
}

void Engine::eval(uint32_t index, const Val& place, std::vector<Val>& out) {
  if (index == kNone) return;
  const Value& v = program_->values[index];
  const size_t begin = out.size();
  if (v.conditional && !passes(v.when, v.unless, place)) {
    const Disposition before = source_->marking();
    const uint32_t reason = source_->marking_reason();
    if (before == Disposition::none || before == Disposition::dropped) return;
    source_->mark_as(Disposition::dropped, v.reason);  // kept out: counted under the reason of the condition
    if (v.kind == Value::Kind::place) find(v.path, place, out);
    for (const uint32_t part : v.parts) eval(part, place, out);
    out.resize(begin);
    source_->mark_as(before, reason);
    return;
  }
  switch (v.kind) {
    case Value::Kind::place:
      find(v.path, place, out);
      absent_words(out, begin);
      break;
    case Value::Kind::constant: {
      Val& word = out.emplace_back();
      word.text = v.word;
      word.offset = v.mark.offset;
      word.length = static_cast<uint32_t>(v.mark.length);
      word.constant = true;
      break;
    }
    case Value::Kind::absent: {
      Val& reason = out.emplace_back();
      reason.text = v.word;
      reason.constant = reason.absent = true;
      break;
    }
    case Value::Kind::text: braces(v, place, out); break;
    case Value::Kind::let: let_value(v.let, place, out); break;
    case Value::Kind::list:
      for (const uint32_t part : v.parts) eval(part, place, out);
      break;
    case Value::Kind::first: {
      Val gone;
      bool have_gone = false;
      for (const uint32_t part : v.parts) {
        const size_t from = out.size();
        eval(part, place, out);
        if (std::any_of(out.begin() + static_cast<ptrdiff_t>(from), out.end(), usable)) break;
        for (size_t i = from; i < out.size(); ++i)
          if (out[i].absent && (!have_gone || out[i].constant)) {
            gone = out[i];
            have_gone = true;
          }
        out.resize(from);
      }
      if (out.size() == begin && have_gone) out.push_back(gone);
      break;
    }
  }
  if (v.steps) steps(v, place, out, begin);
}

// What an each goes over: here a branch counts, which has no text of its own, so the first of several is the first that
// is there.
void Engine::places_of(uint32_t index, const Val& place, std::vector<Val>& out) {
  const Value& v = program_->values[index];
  if (v.kind != Value::Kind::first || v.steps || v.conditional) return eval(index, place, out);
  const size_t begin = out.size();
  for (const uint32_t part : v.parts) {
    places_of(part, place, out);
    if (std::any_of(out.begin() + static_cast<ptrdiff_t>(begin), out.end(),
                    [](const Val& one) { return !one.absent && one.node != kNowhere; }))
      return;
    out.resize(begin);
  }
}

void Engine::braces(const Value& v, const Val& place, std::vector<Val>& out) {
  std::string text;
  Val made;
  bool any = false, all_constant = true;
  Scratch part(*this);
  for (const Piece& piece : v.pieces) {
    if (piece.value == kNone) {
      text += piece.literal;
      continue;
    }
    part->clear();
    eval(piece.value, place, *part);
    const auto first = std::find_if(part->begin(), part->end(), usable);  // inside braces the first counts
    if (first == part->end()) continue;
    if (!any || made.length == 0) {
      made.node = first->node;
      made.offset = first->offset;
      made.length = first->constant ? 0 : first->length;
      made.input = first->input;
    }
    any = true;
    all_constant = all_constant && first->constant;
    text += first->text;
    if (text.size() > kMaxText) too_much("the length of a text");
  }
  if (!any) return;  // empty when all its places are empty
  made.text = keep(trim(text));
  made.detached = true;
  made.constant = all_constant;
  out.push_back(made);
}

void Engine::let_value(uint32_t index, const Val& place, std::vector<Val>& out) {
  if (index == kNone) return;
  LetSlot& slot = lets_[index];
  const Let& let = program_->lets[index];
  const uint64_t epoch = let.rule == kNone ? unit_ : rule_epoch_;
  if (slot.epoch != epoch || slot.disposition < source_->marking()) {
    std::vector<Val> values = std::move(slot.values);
    values.clear();
    eval(let.value, let.rule == kNone ? root_ : rule_place_, values);
    lets_[index].values = std::move(values);
    lets_[index].epoch = epoch;
    lets_[index].disposition = source_->marking();
  }
  (void)place;
  out.insert(out.end(), lets_[index].values.begin(), lets_[index].values.end());
}

void Engine::steps(const Value& v, const Val& place, std::vector<Val>& out, size_t begin) {
  if (!v.split.empty()) {
    Scratch parts(*this);
    for (size_t i = begin; i < out.size(); ++i) {
      if (!usable(out[i])) {
        parts->push_back(out[i]);
        continue;
      }
      const std::string_view whole = out[i].text;
      for (size_t at = 0; at <= whole.size();) {
        const size_t end = std::min(whole.find(v.split, at), whole.size());
        if (const std::string_view piece = trim(whole.substr(at, end - at)); !piece.empty()) parts->push_back(part_of(out[i], piece));
        at = end + v.split.size();
        if (parts->size() > kMaxPieces) too_much("the parts of a split text");
      }
    }
    out.resize(begin);
    out.insert(out.end(), parts->begin(), parts->end());
    absent_words(out, begin);
  }
  if (v.capture) {
    size_t kept = begin;
    for (size_t i = begin; i < out.size(); ++i) {
      if (usable(out[i])) {
        re2::StringPiece groups[2];
        const re2::StringPiece text(out[i].text.data(), out[i].text.size());
        const int n = std::min(1, v.capture->NumberOfCapturingGroups());
        if (!v.capture->Match(text, 0, text.size(), re2::RE2::UNANCHORED, groups, n + 1)) {
          if (source_->marking() != Disposition::dropped)
            report("E-MAP-CAPTURE", {field_ ? field_->node->path : "a value"}, {out[i].offset, out[i].length});
          continue;
        }
        const re2::StringPiece& hit = groups[n];
        out[i] = part_of(out[i], hit.data() ? std::string_view(hit.data(), hit.size()) : std::string_view());
      }
      if (kept != i) out[kept] = out[i];
      ++kept;
    }
    out.resize(kept);
  }
  if (v.has_join) {
    scratch_.clear();
    const Val* first = nullptr;
    for (size_t i = begin; i < out.size(); ++i) {
      if (!usable(out[i])) continue;
      if (first) scratch_ += v.join;
      else first = &out[i];
      scratch_ += out[i].text;
      if (scratch_.size() > kMaxText) too_much("the length of a text");
    }
    if (first) {
      Val joined = *first;
      if (joined.text.size() != scratch_.size()) {
        joined.text = keep(scratch_);
        joined.detached = true;
      }
      out.resize(begin);
      out.push_back(joined);
    }
  }
  if (v.codes != kNone) {
    const Table& table = program_->tables[v.codes];
    for (size_t i = begin; i < out.size(); ++i) {
      Val& one = out[i];
      if (!usable(one)) continue;
      const auto row = table.rows.find(fold(one.text));
      if (!one.constant) one.original = one.text;
      if (row != table.rows.end()) {
        one.text = row->second;
      } else if (!table.otherwise.empty()) {
        one.text = table.otherwise;
      } else {
        one.text = "UNPARSEABLE";
        one.absent = one.missing_code = true;
        if (source_->marking() != Disposition::dropped)
          report("E-MAP-UNKNOWN-CODE", {field_ ? field_->node->path : "a value"}, {one.offset, one.length});
      }
    }
  }
  if (v.unit != kNone) {
    Scratch unit(*this);
    eval(v.unit, place, *unit);
    const auto word = std::find_if(unit->begin(), unit->end(), usable);
    if (word != unit->end())
      for (size_t i = begin; i < out.size(); ++i) out[i].unit = word->text;
  }
  for (size_t i = begin; i < out.size(); ++i) {
    if (v.token) out[i].token = true;
    if (v.hint) out[i].hint = v.hint;
  }
}

bool Engine::holds(const Condition& c, const Val& place) {
  const Disposition before = source_->marking();
  const uint32_t reason = source_->marking_reason();
  source_->mark_as(Disposition::none, 0);  // to look at a value is not to take it
  const bool yes = std::any_of(c.any.begin(), c.any.end(), [&](const std::vector<Test>& all) {
    return std::all_of(all.begin(), all.end(), [&](const Test& t) { return holds(t, place); });
  });
  source_->mark_as(before, reason);
  return yes;
}

bool Engine::holds(const Test& t, const Val& place) {
  Scratch values(*this);
  if (t.let != kNone) {
    let_value(t.let, place, *values);
  } else {
    find(t.path, place, *values);
    if (t.has) absent_words(*values, 0);
  }
  for (const Val& v : *values) {
    if (t.has) {
      if (usable(v) || (v.text.empty() && v.node != kNowhere && !v.absent && source_->filled(v.node))) return true;
      continue;
    }
    const std::string word = fold(v.text);
    if (std::find(t.words.begin(), t.words.end(), word) != t.words.end()) return true;
    for (const auto& re : t.patterns)
      if (re2::RE2::PartialMatch(re2::StringPiece(v.text.data(), v.text.size()), *re)) return true;
  }
  return false;
}

}  // namespace casebridge::read::mapping

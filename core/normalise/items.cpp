// Cells -> values: one leaf at a time, by its plan. What needs its neighbours is settled in finish.cpp.
#include "model/joined_place.hpp"
#include "normalise/addresses.hpp"
#include "normalise/folding.hpp"
#include "normalise/identifiers.hpp"
#include "normalise/internal.hpp"
#include "normalise/masking.hpp"
#include "normalise/names.hpp"
#include "normalise/numbers.hpp"
#include "normalise/phones.hpp"
#include "normalise/selectors.hpp"

namespace casebridge::normalise {
namespace {

// A cell of a joined table counts from the first byte of that table's file.
uint64_t place_of(const cb_record& r, const cb_cell& c) {
  const uint32_t joined = c.flags >> CB_CELL_INPUT_SHIFT;
  if (joined) return joined_offset(joined - 1, static_cast<uint64_t>(c.source_delta));
  return static_cast<uint64_t>(static_cast<int64_t>(r.source_offset) + c.source_delta);
}

std::string_view date_code(DateIssue issue) {
  switch (issue) {
    case DateIssue::none: return {};
    case DateIssue::unreadable: return "E-DATE-PARSE";
    case DateIssue::impossible: return "E-DATE-IMPOSSIBLE";
    case DateIssue::ambiguous: return "E-DATE-AMBIGUOUS";
    case DateIssue::no_time: return "E-DATE-NO-TIME";
    case DateIssue::no_zone: return "E-DATE-NO-ZONE";
    case DateIssue::gap: return "E-TIME-GAP";
    case DateIssue::overlap: return "E-TIME-OVERLAP";
    case DateIssue::century: return "E-DATE-CENTURY";
    case DateIssue::end_of_day: return "E-TIME-24";
  }
  return {};
}

bool many_digits(std::string_view t) {
  size_t n = 0;
  for (const char c : t) n += digit(c);
  return n >= 9;
}

bool numbers_of(std::string_view t, uint64_t* into, size_t most, size_t& n) {
  n = 0;
  while (!(t = trim(t)).empty()) {
    if (n == most || !digit(t[0])) return false;
    uint64_t v = 0;
    size_t i = 0;
    for (; i < t.size() && digit(t[i]); ++i) {
      if (v > (UINT64_MAX - 9) / 10) return false;
      v = v * 10 + static_cast<uint64_t>(t[i] - '0');
    }
    if (i < t.size() && t[i] != ' ') return false;
    into[n++] = v;
    t.remove_prefix(i);
  }
  return n != 0;
}

}  // namespace

// The normal form of a value that needs no neighbours. Valid until the next call.
const Normal& Normaliser::Work::shape(const Plan& plan, std::string_view t, const HintPlan& hint) {
  const uint64_t what = uint64_t(plan.node->tag) | hint.number << 16;
  switch (plan.how) {
    case How::code: return cache_.get(what, t, [&] { return plan.codes->find(t); });
    case How::integer: return cache_.get(what, t, [&] { return normalise_integer(t); });
    case How::measure: return cache_.get(what, t, [&] { return normalise_measure(t, hint.unit, plan.target); });
    case How::boolean: return cache_.get(what, t, [&] { return normalise_boolean(t); });
    case How::decimal: return cache_.get(what, t, [&] { return normalise_decimal(t); });
    case How::country: return cache_.get(what, t, [&] { return normalise_country(t); });
    case How::language: return cache_.get(what, t, [&] { return normalise_language(t); });
    case How::currency: return cache_.get(what, t, [&] { return normalise_currency(t); });
    case How::province: return cache_.get(what, t, [&] { return normalise_province(t); });
    case How::postal: return cache_.get(what, t, [&] { return normalise_postal_code(t); });
    case How::vin: return cache_.get(what, t, [&] { return normalise_vin(t); });
    case How::plate: return cache_.get(what, t, [&] { return normalise_plate(t); });
    case How::url:
      return cache_.get(what, t, [&] {
        Normal n = normalise_url(t);
        if (n.use != Use::normal || n.text.find("://") == n.text.npos) n = Normal::unusable("E-URL");
        return n;
      });
    case How::lower: return cache_.get(what, t, [&] { return Normal::good(lower(trim(t))); });
    default: return cache_.get(what, t, [&] { return Normal::good(tidy(t)); });
  }
}

// The field is absent: the source had something, and it cannot be read. Its words stay under the field's pointer.
void Normaliser::Work::unreadable(const Plan& plan, std::string_view words, int32_t block) {
  record_->absent.push_back({plan.node->tag, block, "UNPARSEABLE"});
  if (!words.empty()) record_->ext.push_back({keep(pointer(plan.node->tag, block)), words});
}

bool Normaliser::Work::settle(Value& v, const Normal& n, int32_t block, bool constant) {
  const std::string_view source = v.text;
  if (!n.code.empty()) report(n.code, source, n.detail, v, block);
  if (n.use == Use::none || n.text.empty()) {
    unreadable(plans_.of(v.field), constant ? std::string_view() : v.original.empty() ? source : v.original, block);
    return false;
  }
  if (n.text != source) {
    v.text = keep(n.text);
    if (!constant && v.original.empty()) v.original = source;
  }
  v.normal_differs = !v.original.empty() && v.original != v.text;
  if (!v.normal_differs) v.original = {};
  return true;
}

void Normaliser::Work::date(const cb_cell& c, const Plan& plan, Value& v, std::vector<Value>& into, int32_t block) {
  const HintPlan& h = hint(c);
  const Date d = h.dates.parse(v.text, plan.need);
  if (d.issue != DateIssue::none) {
    const bool clock = d.issue == DateIssue::gap || d.issue == DateIssue::overlap;
    report(date_code(d.issue), v.text, clock ? std::string_view(h.zone) : std::string_view(), v, block);
  }
  last_kept_ = d.usable();
  if (!d.usable()) {
    last_absent_ = true;
    unreadable(plan, c.flags & CB_CELL_CONSTANT ? std::string_view() : v.text, block);
    return;
  }
  if (d.text() != v.text) {
    if (!(c.flags & CB_CELL_CONSTANT)) v.original = v.text;
    v.text = keep(d.text());
    v.normal_differs = !v.original.empty();
  }
  into.push_back(v);
}

// A value that its reader says is in normal form: it is looked at, and stays as it is.
void Normaliser::Work::checked(const cb_cell& c, const Plan& plan, std::vector<Value>& into, int32_t block) {
  Value v;
  v.field = plan.node->tag;
  v.text = text(c);
  bool right = true;
  Uuid id;
  switch (plan.how) {
    case How::code: right = plan.node->codes->accepts(v.text); break;
    case How::date: right = fallback_->dates.parse(v.text, plan.need).usable() && digit(v.text.empty() ? 'x' : v.text[0]); break;
    case How::ref:
    case How::uuid: right = parse_uuid(v.text, id); break;
    case How::boolean: right = v.text == "true" || v.text == "false"; break;
    default: break;
  }
  if (c.source_length) {
    v.offset = place_of(*source_, c);
    v.length = c.source_length;
  }
  if (!right) report("E-VALUE-FORM", v.text, {}, v, block);
  last_kept_ = true;
  into.push_back(v);
}

void Normaliser::Work::token_cell(const cb_cell& c, const Plan& plan, std::vector<Value>& into, int32_t block) {
  last_secret_ = true;
  Value v;
  v.field = plan.node->tag;
  v.offset = place_of(*source_, c);
  v.length = c.source_length;
  v.text = text(c);
  if (plan.how == How::identifier) {  // its type is judged, then hashed, when the item is complete
    v.normal_differs = true;          // marks it as secret until then
    last_kept_ = true;
    into.push_back(v);
    return;
  }
  if (is_token(v.text)) {
    into.push_back(v);
    last_kept_ = true;
    return;
  }
  if (!settings_.key) {
    report("E-TOKEN-NO-KEY", {}, v.field, block, v.offset, v.length);
    record_->absent.push_back({v.field, block, "WITHHELD"});
    return;
  }
  v.text = keep(token("FIELD", upper(without(v.text, " -."))));
  last_kept_ = true;
  into.push_back(v);
}

void Normaliser::Work::reference(const cb_cell& c, const Plan& plan, std::vector<Value>& into, int32_t block) {
  Value v;
  v.field = plan.node->tag;
  if (c.source_length) {
    v.offset = place_of(*source_, c);
    v.length = c.source_length;
  }
  Uuid id;
  if (c.flags & CB_CELL_INDEX) {
    id = ids_[twin_[c.offset - first_] - first_];
  } else {
    const Plan& type = plans_.of(c.hint);
    const std::string_view key = text(c);
    if (!type.node || type.node->kind != model::NodeKind::record) {
      report("E-REF-NONE", key, {}, v, block);
      record_->absent.push_back({v.field, block, "UNPARSEABLE"});
      return;
    }
    name_ = prefix(c.hint);
    name_ += key;
    id = uuid5(name_);
  }
  char* at = out_->arena.allocate(36);
  to_text(id, at);
  v.text = {at, 36};
  last_kept_ = true;
  into.push_back(v);
}

void Normaliser::Work::text_cell(const cb_cell& c, const Plan& plan, std::vector<Value>& into, int32_t block) {
  Value v;
  v.field = plan.node->tag;
  v.text = text(c);
  const bool constant = c.flags & CB_CELL_CONSTANT;
  if (c.source_length && !constant) {
    v.offset = place_of(*source_, c);
    v.length = c.source_length;
  }
  if (v.text.empty()) return;
  switch (plan.how) {
    case How::date: date(c, plan, v, into, block); return;
    case How::identifier:
    case How::selector:
    case How::money:
    case How::person_full:
      if (constant) v.offset = kConstant;
      if (plan.how == How::selector) region_ = hint(c).region;
      last_kept_ = true;
      into.push_back(v);
      return;
    case How::raw:
    case How::uuid:
      last_kept_ = true;
      into.push_back(v);
      return;
    case How::text:
    case How::name:
      if (is_plain(v.text)) {
        last_kept_ = true;
        into.push_back(v);
        return;
      }
      break;
    case How::free_text:
      if (std::string masked; many_digits(v.text)) {
        if (const int n = mask_sensitive(v.text, masked)) {
          report("E-TEXT-MASKED", {std::to_string(n)}, v.field, block, v.offset, v.length);
          v.text = keep(trim(masked));
          last_kept_ = last_secret_ = true;
          into.push_back(v);
          return;
        }
      }
      if (const std::string_view t = trim(v.text); !t.empty()) {
        if (t.size() != v.text.size() && !constant) {
          v.original = v.text;
          v.normal_differs = true;
        }
        v.text = t;
        last_kept_ = true;
        into.push_back(v);
      }
      return;
    case How::code:
      if (const model::CodeRow* row = plan.node->codes->find(v.text); row && !row->unverified && row->replaced_by.empty()) {
        last_kept_ = true;
        into.push_back(v);
        return;
      }
      break;
    case How::ref: {
      Uuid id;
      if (!parse_uuid(v.text, id)) {
        report("E-REF-NONE", v.text, {}, v, block);
        unreadable(plan, v.text, block);
        return;
      }
      break;
    }
    case How::none: return;
    default: break;
  }
  if (trim(v.text).empty()) return;  // blanks are silence
  const Normal& n = shape(plan, v.text, hint(c));
  if (n.use == Use::none && plan.handling) {
    // Who cannot read a mark must not open the record: the word stays, and the error keeps the record back.
    report("E-HANDLING-UNKNOWN", v.text, {}, v, block);
    last_kept_ = true;
    into.push_back(v);
    return;
  }
  if (settle(v, n, block, constant)) {
    last_kept_ = true;
    into.push_back(v);
  } else last_absent_ = true;
}

void Normaliser::Work::header_cell(const cb_cell& c, const Plan& plan) {
  const std::string_view t = text(c);
  uint64_t n[5] = {};
  size_t count = 0;
  Uuid id;
  switch (plan.how) {
    case How::version:
      if (numbers_of(t, n, 1, count) && n[0] && n[0] <= UINT32_MAX) record_->version = static_cast<uint32_t>(n[0]);
      else report("E-VALUE-FORM", {}, plan.node->tag);
      break;
    case How::local_id: record_->local_id = t; break;
    case How::record_status: record_->status = t == "CURRENT" ? std::string_view() : t; break;
    case How::supersedes:
      if (parse_uuid(t, id)) record_->supersedes = id;
      else report("E-VALUE-FORM", {}, plan.node->tag);
      break;
    case How::source:
    case How::also_source:
      if (!numbers_of(t, n, 5, count) || n[0] > UINT32_MAX) {
        report("E-VALUE-FORM", {}, plan.node->tag);
        break;
      }
      if (plan.how == How::source) {
        record_->source = static_cast<uint32_t>(n[0]);
        record_->place = {n[1], n[2], n[3], n[4]};
      } else {
        record_->also.emplace_back(static_cast<uint32_t>(n[0]), Place{n[1], n[2], n[3], n[4]});
      }
      break;
    default: break;
  }
}

void Normaliser::Work::ext_cell(const cb_cell& c) {
  const std::string_view whole = text(c);
  size_t cut = c.hint && c.hint < whole.size() ? c.hint : whole.find('=');
  if (cut == whole.npos || cut >= whole.size() || whole[cut] != '=') return;
  const std::string_view name = whole.substr(0, cut);
  std::string_view value = whole.substr(cut + 1);
  if (sensitive_names_.size() > 8192) sensitive_names_.clear();
  name_ = name;
  auto [known, fresh] = sensitive_names_.try_emplace(name_, false);
  if (fresh) known->second = names_sensitive(name);
  const uint64_t offset = place_of(*source_, c);
  if (known->second || c.kind == CB_TOKEN) {
    const std::string word = letters_only(name);
    const std::string_view kind = word.find("sin") != word.npos || word.find("nas") != word.npos || word.find("insurance") != word.npos
                                      ? "SIN"
                                  : word.find("ssn") != word.npos || word.find("security") != word.npos ? "SSN"
                                                                                                        : "HEALTH_CARD";
    if (is_token(value)) {
      record_->ext.push_back({name, value});
      return;
    }
    if (!settings_.key) {
      report("E-TOKEN-NO-KEY", {}, 0, -1, offset, c.source_length);
      return;
    }
    record_->ext.push_back({name, keep(token(kind, normalise_identifier(kind, value, {}).text))});
    return;
  }
  if (many_digits(value)) {
    bool words = false;
    for (const char ch : value) words = words || letter(ch);
    std::string masked;
    if (const int n = words ? mask_sensitive(value, masked) : 0) {
      report("E-TEXT-MASKED", {std::to_string(n)}, 0, -1, offset, c.source_length);
      value = keep(masked);
    }
  }
  record_->ext.push_back({name, value});
}

void Normaliser::Work::cell(const cb_cell& c, std::vector<Value>& into, int32_t block) {
  if (c.flags & CB_CELL_ORIGINAL && c.kind == CB_TEXT) {
    if (last_secret_) return;  // the source's own word for a sensitive number goes nowhere
    if (last_kept_ && !into.empty() && into.back().field == c.field) {
      into.back().original = text(c);
      into.back().normal_differs = into.back().original != into.back().text;
      if (!into.back().normal_differs) into.back().original = {};
    } else if (last_absent_ && last_field_ == c.field) {
      const std::string name = pointer(static_cast<model::Tag>(c.field), block);
      if (!record_->ext.empty() && record_->ext.back().name == name) record_->ext.back().value = text(c);
      else record_->ext.push_back({keep(name), text(c)});
    }
    return;
  }
  last_kept_ = last_absent_ = last_secret_ = false;
  last_field_ = static_cast<model::Tag>(c.field);
  any_normal_ = any_normal_ || (c.flags & CB_CELL_NORMAL);
  switch (c.field) {
    case CB_FIELD_EXT:
      if (c.kind == CB_TEXT || c.kind == CB_TOKEN) ext_cell(c);
      return;
    case CB_FIELD_KEY: {
      if (!record_->local_id.empty()) return;
      const std::string_view id = harmless(static_cast<uint32_t>(source_ - batch_->records), c);
      record_->local_id = id.data() == text(c).data() ? id : keep(id);
      return;
    }
    case CB_FIELD_RULE: return;
    case CB_FIELD_ALSO: record_->also.emplace_back(settings_.source, Place{place_of(*source_, c), c.source_length}); return;
    default: break;
  }
  const Plan& plan = plans_.of(c.field);
  if (!plan.node) {
    broken_ = true;
    broken_why_ = "a value of no field of the model";
    return;
  }
  if (c.kind == CB_ABSENT) {
    const Normal& reason = cache_.get(1, text(c), [&] { return plans_.absent_reasons().find(text(c)); });
    record_->absent.push_back({plan.node->tag, block, reason.use == Use::normal ? keep(reason.text) : std::string_view("UNKNOWN")});
    last_absent_ = true;
    return;
  }
  if (plan.how == How::none || plan.node->kind != model::NodeKind::leaf) return;
  if (plan.how == How::id) return;  // taken by identity()
  if (plan.how >= How::version) {
    header_cell(c, plan);
    return;
  }
  if (c.kind == CB_TOKEN) {
    token_cell(c, plan, into, block);
    return;
  }
  if (c.kind == CB_REF) {
    if (plan.how == How::ref) reference(c, plan, into, block);
    return;
  }
  if (c.kind != CB_TEXT) return;
  if (c.flags & CB_CELL_NORMAL) {
    if (c.field == tag::Source_source && c.kind == CB_TEXT) {  // the number by which records name this line
      uint64_t n = 0;
      size_t count = 0;
      if (numbers_of(text(c), &n, 1, count) && n <= UINT32_MAX) record_->source = static_cast<uint32_t>(n);
      else report("E-VALUE-FORM", {}, plan.node->tag);
      return;
    }
    checked(c, plan, into, block);
  } else {
    text_cell(c, plan, into, block);
  }
}

void Normaliser::Work::cells(uint32_t record, std::vector<Value>& into, int32_t block) {
  const cb_record& r = batch_->records[record];
  source_ = &r;
  for (uint32_t i = 0; i < r.n_cells; ++i) cell(batch_->cells[r.first_cell + i], into, block);
}

void Normaliser::Work::build(uint32_t record, Record& out) {
  const cb_record& r = batch_->records[record];
  record_ = &out;
  any_normal_ = false;
  out.type = plans_.of(r.type).node;
  out.id = ids_[record - first_];
  out.keyless = keyless_[record - first_];
  out.source = settings_.source;
  out.place = {r.source_offset, r.source_length, 0, 0};
  out.values.reserve(r.n_cells + 2);
  item_tags_.clear();
  cells(record, out.values, -1);
  sort_values(out.values, -1);
  finish_item(out.values, -1, r);
  // Block items by rank, then in the source's order.
  std::vector<uint32_t>& items = items_;
  items.clear();
  for (uint32_t k = child_[record - first_]; k != CB_NONE; k = next_[k - first_]) items.push_back(k);
  if (items.size() > 1)
    std::stable_sort(items.begin(), items.end(), [&](uint32_t a, uint32_t b) {
      return plans_.of(batch_->records[a].type).rank < plans_.of(batch_->records[b].type).rank;
    });
  for (const uint32_t k : items) {
    const cb_record& item = batch_->records[k];
    const auto block = static_cast<int32_t>(item_tags_.size());
    item_tags_.push_back(static_cast<model::Tag>(item.type));
    item_values_.clear();
    cells(k, item_values_, block);
    sort_values(item_values_, block);
    finish_item(item_values_, block, item);
    if (item_values_.empty()) {  // an item with nothing in it: what was said about it is said about the list
      Absent said;
      std::erase_if(out.absent, [&](const Absent& a) {
        if (a.block != block) return false;
        said = a;
        return true;
      });
      if (!said.reason.empty()) out.absent.push_back({static_cast<model::Tag>(item.type), -1, said.reason});
      item_tags_.pop_back();
      continue;
    }
    out.blocks.push_back(
        {static_cast<model::Tag>(item.type), static_cast<uint32_t>(out.block_values.size()), static_cast<uint32_t>(item_values_.size())});
    out.block_values.insert(out.block_values.end(), item_values_.begin(), item_values_.end());
  }
  source_ = &r;
  finish_record(out, any_normal_);
}

}  // namespace casebridge::normalise

// Ids by the table of design/wire.md. They depend on what the source said, before any normalising, so that a better
// normaliser never changes an id; where the source's text is a sensitive number its token takes its place.
#include <array>

#include "normalise/folding.hpp"
#include "normalise/identifiers.hpp"
#include "normalise/internal.hpp"
#include "normalise/selectors.hpp"

namespace casebridge::normalise {
namespace {
constexpr int kDeepest = 32;  // links that point at links
constexpr char kSeparator = '\x1f';
}  // namespace

uint32_t SeenHashes::count(uint64_t hash) {
  if (!hash) hash = 1;
  if (used_ * 3 > slots_.size() * 2) {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& s : old) {
      if (!s.n) continue;
      size_t at = s.hash & (slots_.size() - 1);
      while (slots_[at].n) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = s;
    }
  }
  size_t at = hash & (slots_.size() - 1);
  while (slots_[at].n && slots_[at].hash != hash) at = (at + 1) & (slots_.size() - 1);
  used_ += slots_[at].n == 0;
  slots_[at].hash = hash;
  return ++slots_[at].n;
}

const std::string& Normaliser::Work::prefix(uint32_t type) {
  if (type >= prefixes_.size()) prefixes_.resize(size_t(type) + 1);
  std::string& p = prefixes_[type];
  if (p.empty()) {
    p.append(plans_.of(type).node->name).append(1, kSeparator).append(settings_.agency).append(1, kSeparator);
    p.append(settings_.system).append(1, kSeparator);
  }
  return p;
}

std::string_view Normaliser::Work::raw(uint32_t record, model::Tag field) const {
  const cb_record& r = batch_->records[record];
  for (uint32_t i = 0; i < r.n_cells; ++i) {
    const cb_cell& c = batch_->cells[r.first_cell + i];
    if (c.field == field && c.kind == CB_TEXT && !(c.flags & CB_CELL_ORIGINAL)) return text(c);
  }
  return {};
}

std::string_view Normaliser::Work::harmless(uint32_t record, const cb_cell& c) {
  const std::string_view value = text(c);
  const Plan& plan = plans_.of(c.field);
  std::string kind;
  if (plan.how == How::identifier) {
    const Plan& type = plans_.of(plan.partner);
    if (type.codes)
      kind = cache_.get(type.node->tag, raw(record, plan.partner), [&] { return type.codes->find(raw(record, plan.partner)); }).text;
  } else if (plan.how == How::selector && is_full_card(value)) {
    kind = "PAYMENT_CARD";
  }
  const bool secret = c.kind == CB_TOKEN || (plan.how == How::identifier ? is_sensitive_identifier(kind) : !kind.empty());
  if (!secret || is_token(value)) return value;
  if (!settings_.key) return "withheld";
  name2_ = token(kind.empty() ? std::string_view("FIELD") : kind,
                 plan.how == How::identifier ? normalise_identifier(kind, value, {}).text : upper(without(value, " -.")));
  return name2_;
}

// Everything the source said of a record and its block items; equal content gives equal hashes. A reference counts by
// what its target says (one step far), never by ids, which may not be made yet.
uint64_t Normaliser::Work::raw_hash(uint32_t record, uint64_t seed, int depth) {
  const cb_record& r = batch_->records[record];
  uint64_t h = stable_hash(plans_.of(r.type).node->name, seed);
  for (uint32_t i = 0; i < r.n_cells; ++i) {
    const cb_cell& c = batch_->cells[r.first_cell + i];
    if (c.field == CB_FIELD_ALSO) continue;
    h = h * 0x9E3779B97F4A7C15ull + c.field * 8u + c.kind;
    if (c.kind != CB_REF || !(c.flags & CB_CELL_INDEX)) h = stable_hash(harmless(record, c), h);
    else h = depth ? stable_hash(plans_.of(batch_->records[c.offset].type).node->name, h) : raw_hash(c.offset, h, depth + 1);
  }
  for (uint32_t k = child_[record - first_]; k != CB_NONE; k = next_[k - first_]) h = raw_hash(k, h, depth);
  return h;
}

// The base name of a record's id, by the table; the ordinal follows where two of one unit share it.
Uuid Normaliser::Work::identity(uint32_t record, int depth) {
  const uint32_t at = record - first_;
  if (state_[at] == 2) return ids_[at];
  if (state_[at] == 1 || depth > kDeepest) {
    broken_ = true;
    broken_why_ = "records refer to each other in a circle";
    return {};
  }
  state_[at] = 1;
  const cb_record& r = batch_->records[record];
  const auto done = [&](const Uuid& id) {
    ids_[at] = id;
    state_[at] = 2;
    return id;
  };
  if (const std::string_view given = raw(record, tag::any_id); !given.empty()) {
    Uuid id;
    if (parse_uuid(given, id)) return done(id);
  }
  // Natural keys and keys: equal content is the same record; other content is a conflict, or an ordinal.
  const bool natural = r.type == tag::Selector || r.type == tag::Link;
  const cb_cell* key = nullptr;
  std::string_view rule;
  for (uint32_t i = 0; i < r.n_cells; ++i) {
    const cb_cell& c = batch_->cells[r.first_cell + i];
    if (c.field == CB_FIELD_KEY) key = &c;
    else if (c.field == CB_FIELD_RULE) rule = text(c);
    else if (c.field == tag::any_localId && c.kind == CB_TEXT && !key) key = &c;
  }
  enum { by_key, by_nature, by_parent, by_content } kind;
  std::string& name = name_;  // filled only after the records that this one refers to have their ids
  if (key) {
    kind = by_key;
    name = prefix(r.type);
    name += harmless(record, *key);
  } else if (r.type == tag::Selector) {
    kind = by_nature;
    name = prefix(r.type);
    name.append(raw(record, tag::Selector_kind)).append(1, '|');
    for (uint32_t i = 0; i < r.n_cells; ++i) {
      const cb_cell& c = batch_->cells[r.first_cell + i];
      if (c.field == tag::Selector_value && !(c.flags & CB_CELL_ORIGINAL)) {
        name += harmless(record, c);
        break;
      }
    }
  } else if (r.type == tag::Link) {
    kind = by_nature;
    std::array<char, 36> ids[2];
    const auto end = [&](model::Tag field, std::array<char, 36>& made) -> std::string_view {
      for (uint32_t i = 0; i < r.n_cells; ++i) {
        const cb_cell& c = batch_->cells[r.first_cell + i];
        if (c.field != field) continue;
        if (c.kind == CB_REF && (c.flags & CB_CELL_INDEX)) {
          if (c.offset < first_ || c.offset - first_ >= ids_.size()) return {};
          to_text(identity(c.offset, depth + 1), made.data());
          return {made.data(), made.size()};
        }
        if (c.kind == CB_REF && plans_.of(c.hint).node) {
          to_text(uuid5(prefix(c.hint) + std::string(text(c))), made.data());
          return {made.data(), made.size()};
        }
        if (c.kind == CB_TEXT) return text(c);
      }
      return {};
    };
    const std::string_view from = end(tag::Link_from, ids[0]), to = end(tag::Link_to, ids[1]);
    name = prefix(r.type);
    name.append(raw(record, tag::Link_type)).append(1, '|').append(from).append(1, '|').append(to).append(1, '|');
    name.append(raw(record, tag::Link_role)).append(1, '|').append(raw(record, tag::Link_during_start));
  } else if (r.parent != CB_NONE) {
    kind = by_parent;
    const uint32_t owner = twin_[r.parent - first_];
    const Uuid parent = identity(owner, depth + 1);
    keyless_[at] = keyless_[owner - first_];
    char id[36];
    to_text(parent, id);
    name.assign(plans_.of(r.type).node->name).append(1, kSeparator).append(id, sizeof id);
    name.append(1, kSeparator).append(rule);
  } else {
    kind = by_content;
    keyless_[at] = true;
    const uint64_t high = raw_hash(record, 0x6361736562726964ull), low = raw_hash(record, 0x67653a313a686173ull);
    Uuid both;
    std::memcpy(both.bytes.data(), &high, 8);
    std::memcpy(both.bytes.data() + 8, &low, 8);
    name = prefix(r.type) + to_text(both);
    if (const uint32_t n = keyless_seen_.count(high ^ low * 31); n > 1) name.append(1, kSeparator).append(std::to_string(n));
  }
  if (broken_) return {};
  const Uuid base = uuid5(name);
  if (kind == by_content) return done(base);
  // Is there another of this name in the unit? Few records: look at all; many: ask the table.
  if (ids_.size() <= 16) {
    bool first = true;
    for (const auto& [id, other] : few_) first = first && id != base;
    if (first) {
      few_.emplace_back(base, record);
      return done(base);
    }
  }
  auto& equals = same_[base];
  if (equals.empty())
    for (const auto& [id, other] : few_)
      if (id == base) equals.push_back(other);
  if (equals.empty()) {
    equals.push_back(record);
    return done(base);
  }
  if (kind != by_parent || twin_[r.parent - first_] != r.parent) {  // what hangs on a repeated record is repeated too
    const uint64_t content = raw_hash(record, 0);
    for (const uint32_t other : equals)
      if (raw_hash(other, 0) == content) {
        twin_[at] = other;
        return done(ids_[other - first_]);
      }
  }
  if (kind != by_parent) {
    if (!natural || kind == by_key) {
      conflict_ = std::string(key && key->kind == CB_TOKEN ? std::string_view("***") : key ? text(*key) : std::string_view());
      return done(base);
    }
  }
  equals.push_back(record);
  return done(uuid5(name + kSeparator + std::to_string(equals.size())));
}

bool Normaliser::Work::link_children(const cb_unit& unit) {
  child_.assign(unit.n_records, CB_NONE);
  next_.assign(unit.n_records, CB_NONE);
  for (uint32_t i = unit.n_records; i-- > 0;) {
    const cb_record& r = batch_->records[first_ + i];
    const model::Node* node = plans_.of(r.type).node;
    if (!node || (node->kind != model::NodeKind::record && node->kind != model::NodeKind::blocks)) {
      broken_why_ = "a record of no type of the model";
      return false;
    }
    if (uint64_t(r.first_cell) + r.n_cells > batch_->n_cells) {
      broken_why_ = "cells outside the batch";
      return false;
    }
    if (r.parent != CB_NONE && (r.parent < first_ || r.parent >= first_ + i)) {
      broken_why_ = "a parent that is not an earlier record of the unit";
      return false;
    }
    for (uint32_t k = 0; k < r.n_cells; ++k) {
      const cb_cell& c = batch_->cells[r.first_cell + k];
      const bool index = c.kind == CB_REF && (c.flags & CB_CELL_INDEX);
      if (index && (c.offset < first_ || c.offset >= first_ + unit.n_records || plans_.of(batch_->records[c.offset].type).node == nullptr ||
                    plans_.of(batch_->records[c.offset].type).node->kind != model::NodeKind::record)) {
        broken_why_ = "a reference outside its unit";
        return false;
      }
      if (!index && uint64_t(c.offset) + c.length > batch_->heap_size) {
        broken_why_ = "a value outside the heap";
        return false;
      }
    }
    if (node->kind != model::NodeKind::blocks) {
      if (r.parent != CB_NONE && plans_.of(batch_->records[r.parent].type).node &&
          plans_.of(batch_->records[r.parent].type).node->kind == model::NodeKind::blocks) {
        broken_why_ = "a record inside a block item";
        return false;
      }
      continue;
    }
    if (r.parent == CB_NONE) {
      broken_why_ = "a block item without its record";
      return false;
    }
    const model::Node* owner = plans_.of(batch_->records[r.parent].type).node;
    if (!owner || owner->kind != model::NodeKind::record) {
      broken_why_ = "a block item inside a block item";
      return false;
    }
    next_[i] = child_[r.parent - first_];
    child_[r.parent - first_] = first_ + i;
  }
  return true;
}

bool Normaliser::Work::identify(const cb_unit& unit) {
  broken_ = false;
  conflict_.clear();
  ids_.assign(unit.n_records, {});
  state_.assign(unit.n_records, 0);
  keyless_.assign(unit.n_records, 0);
  twin_.resize(unit.n_records);
  for (uint32_t i = 0; i < unit.n_records; ++i) twin_[i] = first_ + i;
  few_.clear();
  if (!same_.empty()) same_.clear();
  if (!link_children(unit)) return false;
  for (uint32_t i = 0; i < unit.n_records; ++i) {
    if (plans_.of(batch_->records[first_ + i].type).node->kind != model::NodeKind::record) continue;
    identity(first_ + i, 0);
    if (broken_) return false;
  }
  return true;
}

}  // namespace casebridge::normalise

// What needs its neighbours: identifiers by their type, selectors by their kind, money and its currency, names, addresses;
// computed fields; order; the hash of a record's content.
#include <algorithm>

#include "normalise/addresses.hpp"
#include "normalise/folding.hpp"
#include "normalise/identifiers.hpp"
#include "normalise/internal.hpp"
#include "normalise/names.hpp"
#include "normalise/numbers.hpp"
#include "normalise/selectors.hpp"

namespace casebridge::normalise {
namespace {
const Value* value_of(std::span<const Value> values, model::Tag field) {
  for (const Value& v : values)
    if (v.field == field) return &v;
  return nullptr;
}
std::string text_of(std::span<const Value> values, model::Tag field) {
  const Value* v = value_of(values, field);
  return v ? std::string(v->text) : std::string();
}
bool was_constant(Value& v) {
  if (v.offset != kConstant) return false;
  v.offset = 0;
  return true;
}
}  // namespace

void Normaliser::Work::sort_values(std::vector<Value>& values, int32_t block) {
  uint16_t before = 0;
  for (size_t i = 0; i < values.size(); ++i) {  // nearly sorted already: mappings follow the model
    const uint16_t rank = plans_.of(values[i].field).rank;
    if (before <= rank) {
      before = rank;
      continue;
    }
    if (values.size() > 64) {
      std::stable_sort(values.begin(), values.end(),
                       [&](const Value& a, const Value& b) { return plans_.of(a.field).rank < plans_.of(b.field).rank; });
      break;
    }
    const Value moved = values[i];
    size_t at = i;
    for (; at && plans_.of(values[at - 1].field).rank > rank; --at) values[at] = values[at - 1];
    values[at] = moved;
  }
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i].field != values[i - 1].field || plans_.of(values[i].field).many) continue;
    const bool secret = plans_.of(values[i].field).how == How::identifier;
    if (values[i].text != values[i - 1].text) {
      report("E-VALUE-MANY", secret ? std::string_view("***") : values[i].text, {}, values[i], block);
      if (!secret)
        record_->ext.push_back({keep(pointer(values[i].field, block)), values[i].original.empty() ? values[i].text : values[i].original});
    }
    values.erase(values.begin() + static_cast<ptrdiff_t>(i--));
  }
}

void Normaliser::Work::identifier(std::vector<Value>& values, size_t at, int32_t block) {
  Value& v = values[at];
  const Plan& plan = plans_.of(v.field);
  const bool declared = v.normal_differs && v.original.empty();  // a CB_TOKEN cell; with an original it is case data in normal form
  const Value* type = value_of(values, plan.partner);
  const std::string_view kind = type ? type->text : std::string_view();
  const bool secret = declared || is_sensitive_identifier(kind);
  const bool constant = was_constant(v);
  if (declared || secret) v.normal_differs = false;
  if (secret) {
    v.original = {};
    if (is_token(v.text)) return;
    std::string issuer;
    for (const model::Tag t : model::node(plan.node->parent).children)
      if (model::node(t).name == "issuer") issuer = text_of(values, t);
    const Normal n = normalise_identifier(kind, v.text, issuer);
    if (!n.code.empty()) report(n.code, {"***", n.detail}, v.field, block, v.offset, v.length);
    if (n.text.empty() || !settings_.key) {
      if (!settings_.key) report("E-TOKEN-NO-KEY", {}, v.field, block, v.offset, v.length);
      record_->absent.push_back({v.field, block, settings_.key ? "UNPARSEABLE" : "WITHHELD"});
      values.erase(values.begin() + static_cast<ptrdiff_t>(at));
      return;
    }
    v.text = keep(token(is_sensitive_identifier(kind) ? kind : kind.empty() ? std::string_view("FIELD") : kind, n.text));
    return;
  }
  if (any_normal_) return;
  const Normal& n = cache_.get(stable_hash(kind, plan.node->tag), v.text, [&] { return normalise_identifier(kind, v.text, {}); });
  if (!settle(v, n, block, constant)) values.erase(values.begin() + static_cast<ptrdiff_t>(at));
}

void Normaliser::Work::selector(std::vector<Value>& values, size_t at) {
  Value& v = values[at];
  const bool constant = was_constant(v);
  const Value* kind = value_of(values, tag::Selector_kind);
  const std::string_view code = kind ? kind->text : std::string_view();
  if (code == "PAYMENT_CARD" || is_full_card(v.text)) {
    if (is_full_card(v.text) && (code.empty() || code == "PAYMENT_CARD" || code == "LOYALTY_BOOKING")) {
      v.original = {};
      v.normal_differs = false;
      if (!settings_.key) {
        report("E-TOKEN-NO-KEY", {}, v.field, -1, v.offset, v.length);
        record_->absent.push_back({v.field, -1, "WITHHELD"});
        values.erase(values.begin() + static_cast<ptrdiff_t>(at));
        return;
      }
      v.text = keep(token("PAYMENT_CARD", card_digits(trim(v.text))));
      return;
    }
  }
  if (any_normal_) return;
  const Normal& n = cache_.get(stable_hash(code, stable_hash(region_, tag::Selector_value)), v.text,
                               [&] { return normalise_selector(code, v.text, region_); });
  if (!settle(v, n, -1, constant)) values.erase(values.begin() + static_cast<ptrdiff_t>(at));
}

void Normaliser::Work::money(std::vector<Value>& values, size_t at, int32_t block) {
  Value& v = values[at];
  const Plan& plan = plans_.of(v.field);
  const Value* known = value_of(values, plan.partner);
  std::string currency = known ? std::string(known->text) : std::string();
  const std::string before = currency;
  const bool constant = was_constant(v);
  const Normal n = normalise_money(v.text, currency);
  if (!settle(v, n, block, constant)) {
    values.erase(values.begin() + static_cast<ptrdiff_t>(at));
    return;
  }
  if (before.empty() && !currency.empty()) {
    Value named;
    named.field = plan.partner;
    named.text = keep(currency);
    named.offset = v.offset;
    named.length = v.length;
    values.insert(values.begin() + static_cast<ptrdiff_t>(at) + 1, named);
  } else if (before != currency) {
    report("E-VALUE-MANY", currency, {}, v, block);
  }
}

void Normaliser::Work::names(std::vector<Value>& values, int32_t block, model::Tag item) {
  if (item != tag::Person_names || any_normal_) return;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].field != tag::Person_names_full) continue;
    Value& full = values[i];
    const bool constant = was_constant(full);
    if (full.text.find(',') == full.text.npos) {
      if (!is_plain(full.text))
        settle(full, cache_.get(full.field, full.text, [&] { return Normal::good(tidy(full.text)); }), block, constant);
      break;
    }
    const NameParts parts = split_name(full.text);
    settle(full, Normal::good(parts.full), block, constant);
    if (!parts.turned || value_of(values, tag::Person_names_given) || value_of(values, tag::Person_names_family)) break;
    Value part = full;
    part.original = {};
    part.normal_differs = false;
    part.field = tag::Person_names_given;
    part.text = keep(parts.given);
    values.push_back(part);
    part.field = tag::Person_names_family;
    part.text = keep(parts.family);
    values.push_back(part);
    sort_values(values, block);
    break;
  }
  const Value *family = value_of(values, tag::Person_names_family), *full = value_of(values, tag::Person_names_full);
  if (value_of(values, tag::Person_names_phoneticKey)) return;
  const std::string_view from = family ? family->text : full ? full->text : std::string_view();
  if (from.empty()) return;
  const Normal& key =
      cache_.get(family ? 2 : 3, from, [&] { return Normal::good(family ? phonetic_key(from, {}) : phonetic_key({}, from)); });
  if (key.text.empty()) return;
  Value v;
  v.field = tag::Person_names_phoneticKey;
  v.text = keep(key.text);
  values.push_back(v);
  sort_values(values, block);
}

void Normaliser::Work::finish_item(std::vector<Value>& values, int32_t block, const cb_record& r) {
  for (size_t i = 0; i < values.size(); ++i) {
    const Plan& plan = plans_.of(values[i].field);
    const size_t before = values.size();
    switch (plan.how) {
      case How::identifier: identifier(values, i, block); break;
      case How::selector: selector(values, i); break;
      case How::money:
        if (!any_normal_) money(values, i, block);
        break;
      default:
        if (!plan.partner || any_normal_) continue;
        if (const Value* end = value_of(values, plan.partner); end && compare_dates(values[i].text, end->text) > 0)
          report("E-INTERVAL-ORDER", values[i].text, end->text, values[i], block);
        continue;
    }
    if (values.size() < before) --i;
  }
  if (block >= 0) names(values, block, static_cast<model::Tag>(r.type));
}

void Normaliser::Work::civic(Record& record, bool normal) {
  if (normal || record.find(tag::Location_normalizedKey)) return;
  const Value* full = record.find(tag::Location_civic_full);
  Civic c;
  const std::pair<model::Tag, std::string Civic::*> parts[] = {
      {tag::Location_civic_unit, &Civic::unit},         {tag::Location_civic_number, &Civic::number},
      {tag::Location_civic_street, &Civic::street},     {tag::Location_civic_city, &Civic::city},
      {tag::Location_civic_province, &Civic::province}, {tag::Location_civic_postalCode, &Civic::postal_code},
      {tag::Location_civic_country, &Civic::country}};
  bool any = false, street = false;
  for (const auto& [field, member] : parts) {
    c.*member = text_of(record.values, field);
    any = any || !(c.*member).empty();
    street = street || ((field == tag::Location_civic_number || field == tag::Location_civic_street) && !(c.*member).empty());
  }
  if (full && !street) {  // the line as given, taken apart where that is certain; what the source says itself comes first
    const Civic split = split_address(full->text);
    const Value place = *full;
    for (const auto& [field, member] : parts) {
      if ((split.*member).empty() || !(c.*member).empty()) continue;
      c.*member = split.*member;
      Value v;
      v.field = field;
      v.text = keep(split.*member);
      v.offset = place.offset;
      v.length = place.length;
      record.values.push_back(v);
      any = true;
    }
  }
  if (!any) return;
  if (has_address_key(c)) {
    constexpr uint64_t kStreet = uint64_t(1) << 60, kCity = kStreet + 1;  // apart from every field and hint
    const std::string street = cache_.get(kStreet, c.street, [&] { return Normal::good(street_key(c.street)); }).text;
    const Normal& city = cache_.get(kCity, c.city, [&] { return Normal::good(letters_only(c.city)); });
    Value v;
    v.field = tag::Location_normalizedKey;
    v.text = keep(address_key(c, street, city.text));
    record.values.push_back(v);
  }
  sort_values(record.values, -1);
}

void Normaliser::Work::finish_record(Record& record, bool normal) {
  if (record.type->tag == tag::Location) civic(record, normal);
  if (record.type->tag == tag::Occurrence && !normal && !record.find(tag::Occurrence_missing_daysMissing)) {
    const Value *seen = record.find(tag::Occurrence_missing_lastSeen), *found = record.find(tag::Occurrence_missing_locatedAt);
    int64_t days = 0;
    if (seen && found && days_between(seen->text, found->text, days) && days >= 0) {
      Value v;
      v.field = tag::Occurrence_missing_daysMissing;
      v.text = keep(std::to_string(days));
      record.values.push_back(v);
      sort_values(record.values, -1);
    }
  }
  if (record.ext.size() > 1)
    std::stable_sort(record.ext.begin(), record.ext.end(), [](const Ext& a, const Ext& b) { return a.name < b.name; });
}

// What one record of a source record says about another: is a person a minor at the time of the report?
void Normaliser::Work::finish_unit(std::span<Record> records) {
  const Value* reported = nullptr;
  for (const Record& r : records) {
    if (r.type->tag != tag::Occurrence || any_normal_) continue;
    reported = r.find(tag::Occurrence_reportedAt);
    if (reported) break;
  }
  if (!any_normal_ && std::any_of(records.begin(), records.end(), [](const Record& r) { return r.type->tag == tag::Charge; }))
    youth(records);
  for (Record& r : records) {
    if (reported && r.type->tag == tag::Person && !r.find(tag::Person_isMinorAtReport)) {
      int least, most;
      const Value* birth = r.find(tag::Person_birthDate);
      if (birth && !r.find(tag::Person_birthDateQualifier) && age_between(birth->text, reported->text, least, most) &&
          (most < 18 || least >= 18)) {
        Value v;
        v.field = tag::Person_isMinorAtReport;
        v.text = most < 18 ? "true" : "false";
        r.values.push_back(v);
        record_ = &r;
        sort_values(r.values, -1);
      }
    }
    r.content_hash = content_hash(r);
  }
}

uint64_t Normaliser::Work::content_hash(const Record& r) const {
  uint64_t h = stable_hash(r.type->name, 0x63617365);
  const auto add = [&](std::string_view t) { h = stable_hash(t, h); };
  const auto values = [&](std::span<const Value> list) {
    for (const Value& v : list) {
      h = h * 0x9E3779B97F4A7C15ull + v.field;
      add(v.text);
      if (v.normal_differs) add(v.original);
    }
  };
  add(r.status);
  add(r.local_id);
  if (!r.supersedes.nil()) add({reinterpret_cast<const char*>(r.supersedes.bytes.data()), 16});
  values(r.values);
  for (const Block& b : r.blocks) {
    h = h * 31 + b.tag;
    values(r.block_of(b));
  }
  for (const Absent& a : r.absent) {
    h = h * 31 + a.field + static_cast<uint64_t>(static_cast<int64_t>(a.block) + 7) * 65537;
    add(a.reason);
  }
  for (const Ext& e : r.ext) {
    add(e.name);
    add(e.value);
  }
  return h;
}

}  // namespace casebridge::normalise

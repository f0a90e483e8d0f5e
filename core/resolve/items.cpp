#include "resolve/items.hpp"

#include <algorithm>
#include <bitset>

#include "casebridge/model.h"
#include "model/pointers.hpp"
#include "normalise/ids.hpp"

namespace casebridge::resolve {
namespace {

// Everything that linking may read, by tag. A field that is not here stays outside.
constexpr model::Tag kCompared[] = {tag::Person_names_type,
                                    tag::Person_names_full,
                                    tag::Person_names_given,
                                    tag::Person_names_middle,
                                    tag::Person_names_family,
                                    tag::Person_names_birthDate,
                                    tag::Person_identifiers_type,
                                    tag::Person_identifiers_value,
                                    tag::Person_identifiers_issuer,
                                    tag::Person_birthDate,
                                    tag::Person_birthDateQualifier,
                                    tag::Person_birthPlace,
                                    tag::Person_occupation,
                                    tag::Organization_names_full,
                                    tag::Organization_identifiers_type,
                                    tag::Organization_identifiers_value,
                                    tag::Organization_identifiers_issuer,
                                    tag::Organization_address,
                                    tag::Organization_selectors,
                                    tag::Organization_type,
                                    tag::Location_kind,
                                    tag::Location_civic_full,
                                    tag::Location_civic_unit,
                                    tag::Location_civic_number,
                                    tag::Location_civic_street,
                                    tag::Location_civic_city,
                                    tag::Location_civic_province,
                                    tag::Location_civic_postalCode,
                                    tag::Location_name,
                                    tag::Location_normalizedKey,
                                    tag::Location_online,
                                    tag::Vehicle_plate,
                                    tag::Vehicle_plateIssuer,
                                    tag::Vehicle_vin,
                                    tag::Vehicle_make,
                                    tag::Vehicle_model,
                                    tag::Vehicle_year,
                                    tag::Selector_kind,
                                    tag::Selector_value,
                                    tag::Selector_platform,
                                    tag::Occurrence_occurrenceNumber,
                                    tag::Occurrence_kind,
                                    tag::Occurrence_reportedAt,
                                    tag::Advertisement_selectors,
                                    tag::Advertisement_postedAt,
                                    tag::Advertisement_captured,
                                    tag::Custody_subject,
                                    tag::Custody_counterpart,
                                    tag::Custody_at_start,
                                    tag::Custody_at_end,
                                    tag::Link_type,
                                    tag::Link_from,
                                    tag::Link_to,
                                    tag::Link_during_start,
                                    tag::Link_during_end};

const std::bitset<1024>& compared() {
  static const std::bitset<1024> set = [] {
    std::bitset<1024> s;
    for (const model::Tag t : kCompared) s.set(t);
    return s;
  }();
  return set;
}

constexpr std::array<std::string_view, kKinds> kNames = {"Person",     "Organization",  "Location", "Vehicle", "Selector",
                                                         "Occurrence", "Advertisement", "Custody",  "Link"};

std::string_view text_of(const Record& r, model::Tag t) {
  const Value* v = r.find(t);
  return v ? v->text : std::string_view();
}

uint64_t short_of(const Uuid& id) {
  uint64_t w;
  std::memcpy(&w, id.bytes.data(), 8);
  return w;
}

bool bad_grade(std::string_view evaluation, std::string_view assessment) { return evaluation == "3" || assessment == "E"; }

}  // namespace

std::string_view name_of(Kind k) { return kNames[static_cast<size_t>(k)]; }

uint32_t Items::origin_of(std::string_view agency, std::string_view system) {
  const auto [at, fresh] = origin_at_.try_emplace({std::string(agency), std::string(system)}, static_cast<uint32_t>(origins_.size()));
  if (fresh) origins_.push_back({std::string(agency), std::string(system)});
  return at->second;
}

uint32_t Items::hold(const handle::Handling& h) {
  std::string key;
  const auto add = [&](std::string_view s) { (key += s) += '\x1f'; };
  add(h.originator), add(h.conditions), add(h.access_ends), add(h.destroy_by), add(h.governance_body), add(h.grant_id),
      add(h.grant_expires);
  add(std::to_string(h.stated) + std::to_string(h.conditional) + (h.tlp ? std::to_string(static_cast<int>(*h.tlp)) : "-"));
  add(std::to_string(h.caveats)), add(h.purposes ? std::to_string(*h.purposes) : "-");
  if (h.releasable_to)
    for (const auto& a : *h.releasable_to) add(a);
  const auto [at, fresh] = handling_at_.try_emplace(std::move(key), static_cast<uint32_t>(handlings_.size()));
  if (!fresh) return at->second;
  Held held;
  held.is = h;
  held.is.marks.clear();  // they name values of the one record
  const auto keep = [&](std::string_view& s) {
    if (s.empty()) return;
    held.text.push_back(std::make_unique<std::string>(s));
    s = *held.text.back();
  };
  for (std::string_view* s : {&held.is.originator, &held.is.conditions, &held.is.access_ends, &held.is.destroy_by, &held.is.governance_body,
                              &held.is.grant_id, &held.is.grant_expires})
    keep(*s);
  if (held.is.releasable_to)
    for (auto& a : *held.is.releasable_to) keep(a);
  handlings_.push_back(std::move(held));
  return at->second;
}

Apart Items::apart_of(const handle::Handling& h) const {
  static const uint64_t no_linking = handle::caveats({"NO_LINKING"});
  if (!h.stated) return Apart::unreadable;
  if (h.caveats & no_linking) return Apart::marked;
  if (handle::date_passed(h.access_ends, run_date_) || handle::date_passed(h.destroy_by, run_date_)) return Apart::ended;
  return Apart::none;
}

void Items::source(const Record& line) {
  Floor f;
  handle::Handling own;
  if (handle::read_handling(line, own)) f.apart = Apart::unreadable;
  if (own.originator.empty()) own.originator = text_of(line, tag::Source_agency);
  f.handling = hold(own);
  f.is = handlings_[f.handling].is;
  if (f.apart == Apart::none) f.apart = apart_of(own);
  if (f.apart == Apart::unreadable && !own.stated) f.apart = Apart::none;  // its records may state one
  f.origin = origin_of(text_of(line, tag::Source_agency), text_of(line, tag::Source_system));
  f.name = text_of(line, tag::Source_name);
  f.doubtful = bad_grade(text_of(line, tag::Source_sourceEvaluation), text_of(line, tag::Source_informationAssessment));
  floors_[line.source] = std::move(f);
}

const std::string& Items::source_name(const Item& i) const {
  static const std::string none;
  const auto at = floors_.find(i.source);
  return at == floors_.end() ? none : at->second.name;
}

bool Items::one_open_source(std::string_view agency, std::string_view system) const {
  if (floors_.size() != 1) return false;
  const Floor& f = floors_.begin()->second;
  const Origin& o = origins_[f.origin];
  return f.is.stated && f.apart == Apart::none && !f.doubtful && o.agency == agency && o.system == system;
}

void Items::put(uint16_t tag, size_t block, std::string_view text) {
  const Head h{tag, static_cast<uint16_t>(std::min<size_t>(block, 0xFFFF)), static_cast<uint32_t>(text.size())};
  text_.append(reinterpret_cast<const char*>(&h), sizeof h);
  text_.append(text);
}

void Items::take(const Record& r) {
  size_t kind = 0;
  while (kind < kKinds && kNames[kind] != r.type->name) ++kind;
  if (kind == kKinds) return;
  const auto floor = floors_.find(r.source);
  if (floor == floors_.end()) return;  // found by the program itself
  const Floor& f = floor->second;
  Item i;
  i.id = r.id;
  i.kind = static_cast<Kind>(kind);
  i.source = r.source;
  i.offset = r.place.offset, i.line = r.place.line;
  i.length = static_cast<uint32_t>(r.place.length), i.column = static_cast<uint32_t>(r.place.column);
  i.version = r.version;
  i.handling = f.handling;
  i.origin = f.origin;
  i.apart = f.apart;
  handle::Handling own;
  std::string_view evaluation, assessment, agency, system, consent_withdrawn;
  bool stated = false;
  for (const Value& v : r.values) {
    switch (v.field) {
      case tag::any_provenance_sourceEvaluation: evaluation = v.text; break;
      case tag::any_provenance_informationAssessment: assessment = v.text; break;
      case tag::any_provenance_agency: agency = v.text; break;
      case tag::any_provenance_system: system = v.text; break;
      case tag::Person_consent_withdrawn: consent_withdrawn = v.text; break;
      default: stated |= v.field > tag::any_handling && v.field <= tag::any_handling_fieldMarks_releasableTo;
    }
  }
  for (const Block& b : r.blocks) stated |= b.tag == tag::any_handling_fieldMarks;
  static const uint64_t no_linking = handle::caveats({"NO_LINKING"});
  std::vector<std::string_view> barred;
  if (stated) {
    if (handle::read_handling(r, own)) {
      i.apart = Apart::unreadable;
    } else {
      const handle::Handling effective = handle::tightened(f.is, own);
      i.handling = hold(effective);
      i.apart = apart_of(effective);
      for (const handle::FieldMark& m : own.marks)
        if (m.caveats & no_linking) barred.push_back(m.pointer);
    }
  } else if (!f.is.stated) {
    i.apart = Apart::unreadable;
  }
  if (r.status == "WITHDRAWN" || r.status == "SUPERSEDED") i.apart = Apart::withdrawn;
  if (!consent_withdrawn.empty() && consent_withdrawn.substr(0, std::min<size_t>(10, consent_withdrawn.size())) <= run_date_)
    i.apart = Apart::withdrawn;
  if (!agency.empty() || !system.empty()) {
    const Origin& usual = origins_[f.origin];
    const std::string a(agency.empty() ? std::string_view(usual.agency) : agency),
        s(system.empty() ? std::string_view(usual.system) : system);
    i.origin = origin_of(a, s);
  }
  i.doubtful = evaluation.empty() && assessment.empty() ? f.doubtful : bad_grade(evaluation, assessment);
  i.text = text_.size();
  if (r.local_id.empty()) put(0, 0, normalise::to_text(r.id));  // without a number of the source the id is made of its content
  else put(0, 0, r.local_id);
  const auto& wanted = compared();
  const auto allowed = [&](model::Tag field, const Block* block, size_t ordinal) {
    if (barred.empty()) return true;
    std::string pointer = block ? local_pointer(block->tag) + '/' + std::to_string(ordinal) + local_pointer(field) : local_pointer(field);
    return std::none_of(barred.begin(), barred.end(),
                        [&](std::string_view b) { return pointer_covers(b, pointer) || pointer_covers(pointer, b); });
  };
  for (const Value& v : r.values)
    if (wanted.test(v.field) && allowed(v.field, nullptr, 0)) put(v.field, 0, v.text);
  size_t ordinal = 0;
  for (size_t b = 0; b < r.blocks.size(); ++b) {
    ordinal = b > 0 && r.blocks[b - 1].tag == r.blocks[b].tag ? ordinal + 1 : 0;
    for (const Value& v : r.block_of(r.blocks[b]))
      if (wanted.test(v.field) && allowed(v.field, &r.blocks[b], ordinal)) put(v.field, ordinal, v.text);
  }
  i.size = static_cast<uint32_t>(text_.size() - i.text);
  items_.push_back(i);
}

std::string_view Items::local_id(const Item& i) const {
  Head h;
  std::memcpy(&h, text_.data() + i.text, sizeof h);
  return {text_.data() + i.text + sizeof h, h.size};
}

std::string_view Items::value(const Item& i, model::Tag tag) const {
  std::string_view out;
  values(i, [&](model::Tag t, unsigned, std::string_view text) {
    if (t == tag && out.empty()) out = text;
  });
  return out;
}

uint32_t Items::find(const Uuid& id) const {
  const uint32_t at = by_id_.find(short_of(id));
  return at && items_[at - 1].id == id ? at - 1 : nothing;
}

uint32_t Items::find(std::string_view uuid) const {
  Uuid id;
  return normalise::parse_uuid(uuid, id) ? find(id) : nothing;
}

std::span<const Contact> Items::contacts_of(uint32_t holder) const {
  return std::span(contacts_).subspan(first_contact_[holder], first_contact_[holder + 1] - first_contact_[holder]);
}

void Items::settle() {
  by_id_ = link::FlatMap(items_.size());
  for (uint32_t i = 0; i < items_.size(); ++i) {
    const uint32_t before = by_id_.find(short_of(items_[i].id));
    if (before && items_[before - 1].id == items_[i].id) {  // the later version holds
      Item& old = items_[before - 1];
      if (old.version > items_[i].version) {
        items_[i].dead = true;
        continue;
      }
      old.dead = true;
    }
    by_id_.put(short_of(items_[i].id), i + 1);
  }
  for (uint32_t i = 0; i < items_.size(); ++i)
    if (!items_[i].dead) of_[static_cast<size_t>(items_[i].kind)].push_back(i);
  find_contacts();
  find_street_checks();
}

void Items::find_contacts() {
  const auto hub = [&](uint32_t i) {
    const Kind k = items_[i].kind;
    return k == Kind::selector || k == Kind::vehicle || k == Kind::location;
  };
  const auto holder = [&](uint32_t i) {
    const Kind k = items_[i].kind;
    return k == Kind::person || k == Kind::organization || k == Kind::advertisement;
  };
  const auto add = [&](uint32_t from, uint32_t to, uint32_t basis, bool own) {
    if (from != nothing && to != nothing && holder(from) && hub(to)) contacts_.push_back({from, to, basis, own});
  };
  for (const uint32_t i : of(Kind::link)) {
    std::string_view type, from, to;
    values(items_[i], [&](model::Tag t, unsigned, std::string_view text) {
      if (t == tag::Link_type) type = text;
      else if (t == tag::Link_from) from = text;
      else if (t == tag::Link_to) to = text;
    });
    const bool own = type == "USES" || type == "OWNS" || type == "RESIDES_AT";
    if (own || type == "LOCATED_AT" || type == "COMMUNICATED_WITH" || type == "WORKS_FOR") add(find(from), find(to), i, own);
  }
  for (const uint32_t i : of(Kind::advertisement))
    values(items_[i], [&](model::Tag t, unsigned, std::string_view text) {
      if (t == tag::Advertisement_selectors) add(i, find(text), i, true);
    });
  for (const uint32_t i : of(Kind::organization))
    values(items_[i], [&](model::Tag t, unsigned, std::string_view text) {
      if (t == tag::Organization_selectors || t == tag::Organization_address) add(i, find(text), i, true);
    });
  for (const uint32_t i : of(Kind::custody)) {
    uint32_t subject = nothing;
    values(items_[i], [&](model::Tag t, unsigned, std::string_view text) {
      if (t == tag::Custody_subject) subject = find(text);
      else if (t == tag::Custody_counterpart) add(subject, find(text), i, false);
    });
  }
  std::sort(contacts_.begin(), contacts_.end(), [](const Contact& a, const Contact& b) {
    return a.holder != b.holder ? a.holder < b.holder : a.hub != b.hub ? a.hub < b.hub : a.basis < b.basis;
  });
  first_contact_.assign(items_.size() + 1, 0);
  for (const Contact& c : contacts_) ++first_contact_[c.holder + 1];
  for (size_t i = 1; i < first_contact_.size(); ++i) first_contact_[i] += first_contact_[i - 1];
}

// A person whose only tie to any occurrence is a street check (O. Reg. 400/23).
void Items::find_street_checks() {
  std::map<uint32_t, std::pair<bool, bool>> tied;  // person -> by a street check, by anything else
  for (const uint32_t i : of(Kind::link)) {
    if (value(items_[i], tag::Link_type) != "ROLE_IN") continue;
    const uint32_t from = find(value(items_[i], tag::Link_from)), to = find(value(items_[i], tag::Link_to));
    if (from == nothing || to == nothing || items_[from].kind != Kind::person) continue;
    const bool check = items_[to].kind == Kind::occurrence && value(items_[to], tag::Occurrence_kind) == "STREET_CHECK";
    (check ? tied[from].first : tied[from].second) = true;
  }
  for (const auto& [person, by] : tied) items_[person].doubtful |= by.first && !by.second;
}

}  // namespace casebridge::resolve

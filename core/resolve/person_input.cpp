#include "resolve/person_input.hpp"

#include <algorithm>

#include "casebridge/model.h"
#include "link/levels.hpp"

namespace casebridge::resolve {
namespace {

// Unique within their issuer (schema.md 4.4). Social numbers are not: they are typed wrong, shared and sold.
constexpr std::string_view kStrong[] = {"FPS",         "PASSPORT",   "DRIVER_LICENCE", "OTIS",   "CPIN",     "UCI",
                                        "STATUS_CARD", "RMS_PERSON", "MCM_PERSON",     "SCHOOL", "STATE_ID", "FBI"};
// Given out by the source itself, so that they mean nothing outside it unless it names an issuer.
constexpr std::string_view kLocal[] = {"RMS_PERSON", "MCM_PERSON", "OTIS", "CPIN", "OTHER"};

template <size_t N>
bool among(const std::string_view (&list)[N], std::string_view word) {
  return std::find(list, list + N, word) != list + N;
}

std::string_view birth_of(std::string_view date, std::string_view qualifier) {
  if (qualifier.empty()) return date;
  return qualifier == "ESTIMATED" ? date.substr(0, std::min<size_t>(4, date.size()))
                                  : std::string_view();  // before or after a day says little
}

}  // namespace

link::RawPerson::RawName split_name(std::string_view full) {
  const auto trim = [](std::string_view s) {
    while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
    while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
    return s;
  };
  full = trim(full);
  if (const size_t comma = full.find(','); comma != full.npos) return {trim(full.substr(comma + 1)), trim(full.substr(0, comma))};
  const size_t space = full.rfind(' ');
  return space == full.npos ? link::RawPerson::RawName{{}, full}
                            : link::RawPerson::RawName{trim(full.substr(0, space)), full.substr(space + 1)};
}

std::string local_issuer(std::string_view agency, std::string_view system) {
  std::string out(agency);
  return (out += '\x1f') += system;
}

link::RawPerson::RawIdentifier number_of(std::string_view type, std::string_view value, std::string_view issuer, std::string_view own) {
  return {type, issuer.empty() && among(kLocal, type) ? own : issuer, value, among(kStrong, type)};
}

void PersonValues::take_names() {
  // Working names are given under control: they are compared with advertisements and accounts only.
  std::erase_if(names_, [](const Name& n) { return n.type == "STREET"; });
  const auto rank = [](const Name& n) {
    return n.type == "LEGAL" ? 0 : n.type.empty() ? 1 : n.type == "BIRTH" || n.type == "FORMER" ? 3 : n.type == "ALIAS" ? 4 : 2;
  };
  const auto main = std::min_element(names_.begin(), names_.end(), [&](const Name& a, const Name& b) { return rank(a) < rank(b); });
  for (auto n = names_.begin(); n != names_.end(); ++n) {
    link::RawPerson::RawName parts{n->given, n->family};
    if (parts.given.empty() && parts.family.empty()) parts = split_name(n->full);
    if (n == main && rank(*n) < 4) {
      raw_.given = parts.given, raw_.family = parts.family, raw_.middle = n->middle;
    } else {
      aliases_.push_back(parts);
    }
  }
}

const link::RawPerson& PersonValues::read(const Items& items, uint32_t person) {
  raw_ = {};
  names_.clear(), numbers_.clear(), phones_.clear(), emails_.clear(), aliases_.clear(), addresses_.clear(), identifiers_.clear();
  const Item& item = items.at(person);
  raw_.local_id = items.local_id(item);
  raw_.doubtful = item.doubtful;
  std::string_view birth, qualifier;
  items.values(item, [&](model::Tag t, unsigned block, std::string_view text) {
    const auto name = [&]() -> Name& {
      if (names_.size() <= block) names_.resize(block + 1);
      return names_[block];
    };
    const auto number = [&]() -> Number& {
      if (numbers_.size() <= block) numbers_.resize(block + 1);
      return numbers_[block];
    };
    switch (t) {
      case tag::Person_names_type: name().type = text; break;
      case tag::Person_names_full: name().full = text; break;
      case tag::Person_names_given: name().given = text; break;
      case tag::Person_names_middle: name().middle = text; break;
      case tag::Person_names_family: name().family = text; break;
      case tag::Person_names_birthDate: name().birth = text; break;
      case tag::Person_identifiers_type: number().type = text; break;
      case tag::Person_identifiers_value: number().value = text; break;
      case tag::Person_identifiers_issuer: number().issuer = text; break;
      case tag::Person_birthDate: birth = text; break;
      case tag::Person_birthDateQualifier: qualifier = text; break;
      case tag::Person_birthPlace: raw_.birth_city = text; break;
      case tag::Person_occupation: raw_.occupation = text; break;
      default: break;
    }
  });
  raw_.birth_date = birth_of(birth, qualifier);
  for (const Name& n : names_)  // a date that stands only under a name
    if (raw_.birth_date.empty() && n.type != "STREET") raw_.birth_date = n.birth;
  take_names();
  const Origin& origin = items.origin(item);
  issuer_ = local_issuer(origin.agency, origin.system);
  for (const Number& n : numbers_)
    if (!n.value.empty()) identifiers_.push_back(number_of(n.type, n.value, n.issuer, issuer_));
  for (const Contact& c : items.contacts_of(person)) {
    const Item& hub = items.at(c.hub);
    if (!c.own || hub.apart != Apart::none || items.at(c.basis).apart != Apart::none) continue;
    if (hub.kind == Kind::selector) {
      const std::string_view kind = items.value(hub, tag::Selector_kind), value = items.value(hub, tag::Selector_value);
      if (kind == "PHONE") phones_.push_back(value);
      else if (kind == "EMAIL") emails_.push_back(value);
    } else if (hub.kind == Kind::location && items.value(items.at(c.basis), tag::Link_type) == "RESIDES_AT") {
      link::RawPerson::RawAddress a{items.value(hub, tag::Location_civic_full), items.value(hub, tag::Location_civic_city),
                                    items.value(hub, tag::Location_civic_postalCode)};
      if (a.street.empty()) a.street = items.value(hub, tag::Location_civic_street);
      addresses_.push_back(a);
    }
  }
  raw_.names = aliases_;
  raw_.phones = phones_;
  raw_.emails = emails_;
  raw_.identifiers = identifiers_;
  raw_.addresses = addresses_;
  return raw_;
}

void PersonInput::fill(size_t chunk, link::ChunkBuilder& into) const {
  const size_t from = chunk * kChunk, to = std::min(persons_.size(), from + kChunk);
  into.reserve(to - from);
  PersonValues values;
  std::vector<int32_t> number;  // of an origin in this chunk
  for (size_t i = from; i < to; ++i) {
    link::RawPerson raw = values.read(items_, persons_[i]);
    const uint32_t origin = items_.at(persons_[i]).origin;
    if (number.size() <= origin) number.resize(origin + 1, -1);
    if (number[origin] < 0)
      number[origin] = into.source(items_.origin(items_.at(persons_[i])).agency, items_.origin(items_.at(persons_[i])).system);
    raw.source = static_cast<uint16_t>(number[origin]);
    into.add(raw);
  }
}

std::vector<ShownValue> values_of(const Items& items, uint32_t person, unsigned field) {
  PersonValues values;
  const link::RawPerson& raw = values.read(items, person);
  std::vector<ShownValue> out;
  const auto add = [&](std::string_view text, uint32_t item) {
    if (!text.empty()) out.push_back({std::string(text), item});
  };
  const auto contacts = [&](Kind kind, auto&& text) {
    for (const Contact& c : items.contacts_of(person))
      if (c.own && items.at(c.hub).kind == kind && items.at(c.hub).apart == Apart::none && items.at(c.basis).apart == Apart::none)
        text(c.hub, c.basis);
  };
  switch (field) {
    case link::f_given: add(raw.given, person); break;
    case link::f_family: add(raw.family, person); break;
    case link::f_middle: add(raw.middle, person); break;
    case link::f_date: add(raw.birth_date, person); break;
    case link::f_birth_city: add(raw.birth_city, person); break;
    case link::f_occupation: add(raw.occupation, person); break;
    case link::f_number:
      for (const auto& n : raw.identifiers) add(std::string(n.kind) + ' ' + std::string(n.value), person);
      break;
    case link::f_phone:
    case link::f_email:
      contacts(Kind::selector, [&](uint32_t hub, uint32_t) {
        if (items.value(items.at(hub), tag::Selector_kind) == (field == link::f_phone ? "PHONE" : "EMAIL"))
          add(items.value(items.at(hub), tag::Selector_value), hub);
      });
      break;
    case link::f_address:
      contacts(Kind::location, [&](uint32_t hub, uint32_t basis) {
        if (items.value(items.at(basis), tag::Link_type) != "RESIDES_AT") return;
        std::string text(items.value(items.at(hub), tag::Location_civic_full));
        if (text.empty()) text = std::string(items.value(items.at(hub), tag::Location_civic_street));
        for (const auto t : {tag::Location_civic_city, tag::Location_civic_postalCode})
          if (const auto more = items.value(items.at(hub), t); !more.empty()) text += (text.empty() ? "" : ", ") + std::string(more);
        add(text, hub);
      });
      break;
    default: break;
  }
  // A name that agrees may be another one: show them all.
  if (field == link::f_given || field == link::f_family)
    for (const auto& n : raw.names) add(field == link::f_given ? n.given : n.family, person);
  return out;
}

}  // namespace casebridge::resolve

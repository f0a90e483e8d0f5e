// Answers about single records against a loaded state.
#include <rapidjson/document.h>

#include <deque>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "resolve/nightly.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {
namespace {

constexpr size_t kLongest = size_t(1) << 20;

std::string error(const std::string& words) {
  std::string out = "{\"error\":";
  emit::append_json_string(out, words);
  return out + "}\n";
}

std::string_view text(const rapidjson::Value& from, const char* name) {
  const auto at = from.FindMember(name);
  return at != from.MemberEnd() && at->value.IsString() ? std::string_view(at->value.GetString(), at->value.GetStringLength())
                                                        : std::string_view();
}

template <class Each>
void list(const rapidjson::Value& from, const char* name, Each&& each) {
  const auto at = from.FindMember(name);
  if (at == from.MemberEnd() || !at->value.IsArray()) return;
  for (const auto& v : at->value.GetArray()) each(v);
}

}  // namespace

std::string Answerer::answer(std::string_view line) {
  if (line.size() > kLongest) return error(tr("The line is longer than 1 MiB."));
  rapidjson::Document d;
  d.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(line.data(), line.size());
  if (d.HasParseError() || !d.IsObject())
    return error(fill(tr("The line is not a JSON object (byte {0})."), std::vector<std::string>{std::to_string(d.GetErrorOffset())}));
  link::RawPerson r;
  std::vector<link::RawPerson::RawName> names;
  std::vector<std::string_view> phones, emails;
  std::vector<link::RawPerson::RawAddress> addresses;
  std::vector<link::RawPerson::RawIdentifier> identifiers;
  r.local_id = text(d, "localId").empty() ? text(d, "id") : text(d, "localId");
  r.birth_date = text(d, "birthDate");
  r.birth_city = text(d, "birthPlace");
  r.occupation = text(d, "occupation");
  bool main = false;
  list(d, "names", [&](const rapidjson::Value& n) {
    if (!n.IsObject() || text(n, "type") == "STREET") return;
    link::RawPerson::RawName parts{text(n, "given"), text(n, "family")};
    if (parts.given.empty() && parts.family.empty()) parts = split_name(text(n, "full"));
    if (main || text(n, "type") == "ALIAS") return names.push_back(parts);
    main = true;
    r.given = parts.given, r.family = parts.family, r.middle = text(n, "middle");
  });
  const auto strings = [](std::vector<std::string_view>& into) {
    return [&into](const rapidjson::Value& v) {
      if (v.IsString()) into.emplace_back(v.GetString(), v.GetStringLength());
    };
  };
  list(d, "phones", strings(phones));
  list(d, "emails", strings(emails));
  list(d, "addresses", [&](const rapidjson::Value& a) {
    if (a.IsObject()) addresses.push_back({text(a, "street"), text(a, "city"), text(a, "postalCode")});
  });
  const std::string_view agency = text(d, "agency"), system = text(d, "system");
  const std::string own = local_issuer(agency, system);
  list(d, "identifiers", [&](const rapidjson::Value& n) {
    if (n.IsObject() && !text(n, "value").empty())
      identifiers.push_back(number_of(text(n, "type"), text(n, "value"), text(n, "issuer"), own));
  });
  r.names = names, r.phones = phones, r.emails = emails, r.addresses = addresses, r.identifiers = identifiers;
  std::string out = "{\"id\":";
  emit::append_json_string(out, r.local_id);
  out += ",\"candidates\":[";
  bool first = true;
  for (const link::LinkState::Candidate& c : state_.query(r, agency, system)) {
    const link::PersonTable& t = state_.table();
    const link::Source& s = t.sources[t.persons[c.row].source];
    out += first ? "{" : ",{";
    first = false;
    for (const auto& [name, value] :
         {std::pair<const char*, std::string_view>{"agency", s.agency}, {"system", s.system}, {"localId", t.local_id(c.row)}}) {
      out += '"';
      out += name;
      out += "\":";
      emit::append_json_string(out, value);
      out += ',';
    }
    out += "\"entity\":\"" + entity_text(c.entity) + "\",\"score\":" + std::to_string(c.score) + "}";
  }
  return out + "]}\n";
}

}  // namespace casebridge::resolve

// stix: a STIX 2.1 bundle: identities, places, observables and the links between them. The reader of the same format is the
// plugin stix.
//
// STIX was made for threats to computers. So nobody here is a threat actor and nothing an indicator; people stand as
// identities, and victims, complainants, children, missing and protected people without their names (protect.hpp).
#include <algorithm>
#include <map>
#include <set>

#include "emit/exporting/json.hpp"
#include "emit/exporting/protect.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;
using emit::JsonText;

constexpr const char* kNoObject = "STIX has no object that it could stand for";
constexpr const char* kNoCountry = "a STIX location needs a country or coordinates";
constexpr const char* kEnds = "an end has no object in STIX";
constexpr const char* kProtected = "a victim, child, missing or protected person is not described in STIX";

// STIX takes UUIDs of the versions 1 to 5: the version digit of others is written as 5.
std::string stix_uuid(std::string id) {
  if (id.size() == 36 && (id[14] < '1' || id[14] > '5')) id[14] = '5';
  return id;
}

std::string stamp(std::string_view time) {  // RFC 3339 in UTC -> the same with milliseconds
  if (time.size() >= 20 && time.back() == 'Z') return std::string(time.substr(0, 19)) + ".000Z";
  return "1970-01-01T00:00:00.000Z";
}

class Stix final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void emit(DataSet& set) override {
    set_ = &set;
    const emit::Protected people(set);
    protected_ = &people;
    now_ = stamp(set.produced_at());
    std::string seed;
    for (const Record* r : set.records()) seed += emit::id_text(*r);
    std::string links;
    for (const Record* r : set.records())
      if (r->type->name != "Link") object(*r);
    for (const Record* r : set.records())
      if (r->type->name == "Link") relation(*r);
    std::string text = "{\"type\":\"bundle\",\"id\":\"bundle--" + stix_uuid(emit::derived_uuid("stix-bundle", seed)) + "\"";
    if (!markings_.empty() || !objects_.empty()) {  // an empty list is no list in STIX
      text += ",\"objects\":[\n";
      bool first = true;
      for (const auto& [id, marking] : markings_) text.append(first ? "" : ",\n").append(marking), first = false;
      for (const std::string& o : objects_) {
        text.append(first ? "" : ",\n").append(o), first = false;
        if (text.size() > (size_t(1) << 20)) out().write(text), text.clear();
      }
      text += "\n]";
    }
    text += "}\n";
    out().write(text);
  }

  static const char* observable(std::string_view kind, std::string_view value) {
    if (kind == "EMAIL") return "email-addr";
    if (kind == "URL") return "url";
    if (kind == "MAC_ADDRESS") return "mac-addr";
    if (kind == "IP_ADDRESS") return value.find(':') != value.npos ? "ipv6-addr" : "ipv4-addr";
    return "user-account";
  }

  std::string stix_id(const Record& r) const {  // empty: no object
    const std::string_view type = r.type->name;
    const std::string uuid = stix_uuid(emit::id_text(r));
    if (type == "Person" || type == "Organization") return "identity--" + uuid;
    if (type == "Location") {
      const bool where =
          !emit::raw_text(r, "civic/country").empty() || (!emit::raw_text(r, "geo/lat").empty() && !emit::raw_text(r, "geo/lon").empty());
      return where ? "location--" + uuid : std::string();
    }
    if (type == "Selector") return std::string(observable(emit::raw_text(r, "kind"), emit::raw_text(r, "value"))) + "--" + uuid;
    return {};
  }

  // TLP by the fixed objects of the standard, everything else as a statement.
  std::vector<std::string> markings(const Record& r) {
    const emit::Marking m = set_->marking(r);
    std::vector<std::string> refs;
    static constexpr struct {
      std::string_view ours, theirs, id;
    } kTlp[] = {{"CLEAR", "white", "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"},
                {"GREEN", "green", "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"},
                {"AMBER", "amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
                {"AMBER_STRICT", "amber", "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"},
                {"RED", "red", "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"}};
    for (const auto& tlp : kTlp)
      if (tlp.ours == m.tlp) {
        refs.emplace_back(tlp.id);
        markings_.emplace(tlp.id, JsonText()
                                      .open('{')
                                      .member("type", "marking-definition")
                                      .member("spec_version", "2.1")
                                      .member("id", tlp.id)
                                      .member("created", "2017-01-20T00:00:00.000Z")
                                      .member("definition_type", "tlp")
                                      .member("name", "TLP:" + upper(tlp.theirs))
                                      .open("definition", '{')
                                      .member("tlp", tlp.theirs)
                                      .close('}')
                                      .close('}')
                                      .take());
      }
    std::vector<std::string> words;
    if (set_->recipient() == "self")
      words.emplace_back(lang() == emit::Lang::fr ? "Bureau du dépositaire; pas pour communication"
                                                  : "The custodian's own desk; not for release");
    if (m.tlp == "AMBER_STRICT") words.emplace_back("TLP:AMBER+STRICT");
    if (!m.handling_code.empty()) words.push_back(emit::code_label("handling_3x5x2", m.handling_code, lang()));
    if (!m.conditions.empty()) words.emplace_back(m.conditions);
    for (const std::string_view c : m.caveats) words.push_back(emit::code_label("caveat", c, lang()));
    if (!words.empty()) {
      const std::string statement = emit::join(words, "; "),
                        id = "marking-definition--" + stix_uuid(emit::derived_uuid("stix-statement", statement));
      refs.push_back(id);
      markings_.emplace(id, JsonText()
                                .open('{')
                                .member("type", "marking-definition")
                                .member("spec_version", "2.1")
                                .member("id", id)
                                .member("created", now_)
                                .member("definition_type", "statement")
                                .open("definition", '{')
                                .member("statement", statement)
                                .close('}')
                                .close('}')
                                .take());
    }
    for (size_t i = 0; i < r.values.size(); ++i)
      if (model::node(r.values[i].field).path.starts_with("handling/") && model::node(r.values[i].field).path != "handling/destroyBy")
        set_->carry(r, i, false);
    return refs;
  }
  static std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    return out;
  }

  JsonText begin(const Record& r, const std::string& id, bool dated) {
    JsonText j;
    j.open('{').member("type", id.substr(0, id.find("--"))).member("spec_version", "2.1").member("id", id);
    if (dated) j.member("created", now_).member("modified", now_);
    j.members("object_marking_refs", markings(r));
    return j;
  }
  void references(JsonText& j, const Record& r) {  // which agency, and its own number
    const std::string_view agency = set_->agency(r);
    if (agency.empty()) return;
    j.open("external_references", '[')
        .open('{')
        .member("source_name", agency)
        .member("external_id", r.local_id)
        .member("description", r.local_id.empty() ? "-" : "")
        .close('}')
        .close(']');
    set_->carry(r, DataSet::Part::local_id);
  }

  void object(const Record& r) {
    const std::string_view type = r.type->name;
    const std::string id = stix_id(r);
    if (id.empty()) return set_->lose(std::string(type), type == "Location" ? kNoCountry : kNoObject);
    Fields f(*set_, r);
    if (type == "Person") {
      JsonText j = begin(r, id, true);
      if (protected_->has(r)) {
        j.member("name", (lang() == emit::Lang::fr ? "Personne " : "Person ") + emit::id_text(r).substr(0, 8))
            .member("identity_class", "individual");
        set_->lose("Person", kProtected);
      } else {
        const std::string name = emit::person_name(r);
        j.member("name", name.empty() ? emit::title(r, lang()) : name).member("identity_class", "individual");
        std::vector<std::string> words;
        for (const Item& n : f.items("names")) {
          n.text("type"), n.text("full"), n.text("given"), n.text("middle"), n.text("family");
          if (const std::string other = emit::name_line(r, n.block()); !other.empty() && other != name)
            words.push_back((lang() == emit::Lang::fr ? "Aussi : " : "Also: ") + other);
        }
        if (const auto born = f.text("birthDate"); !born.empty())
          words.push_back((lang() == emit::Lang::fr ? "Naissance : " : "Born: ") + std::string(born));
        j.member("description", emit::join(words, "; "));
        references(j, r);
      }
      objects_.push_back(j.close('}').take());
    } else if (type == "Organization") {
      JsonText j = begin(r, id, true);
      for (const Item& n : f.items("names")) n.text("full");
      j.member("name", emit::title(r, lang())).member("identity_class", "organization").member("description", f.label("type", lang()));
      references(j, r);
      objects_.push_back(j.close('}').take());
    } else if (type == "Location") {
      JsonText j = begin(r, id, true);
      j.member("name", emit::title(r, lang()));
      f.text("name");
      std::string street(f.text("civic/number"));
      if (const auto s = f.text("civic/street"); !s.empty()) street.append(street.empty() ? "" : " ").append(s);
      if (const auto full = f.text("civic/full"); street.empty()) street = full;
      j.member("street_address", street)
          .member("city", f.text("civic/city"))
          .member("administrative_area", f.text("civic/province"))
          .member("postal_code", f.text("civic/postalCode"))
          .member("country", f.text("civic/country"))
          .member("description", f.label("kind", lang()));
      if (!f.text("geo/lat").empty() && !f.text("geo/lon").empty())
        j.number("latitude", f.text("geo/lat")).number("longitude", f.text("geo/lon")).number("precision", f.text("geo/accuracyM"));
      references(j, r);
      objects_.push_back(j.close('}').take());
    } else {
      JsonText j = begin(r, id, false);
      const std::string_view kind = f.text("kind"), value = f.text("value");
      if (id.starts_with("user-account")) {
        const std::string platform = f.label("platform", lang());
        j.member("user_id", value)
            .member("account_type", platform.empty() ? emit::code_label("selector_kind", kind, lang()) : platform)
            .member("display_name", f.text("displayName"));
        j.member("account_created", {}).member("account_first_login", {});
      } else {
        j.member("value", value);
        if (kind == "EMAIL") j.member("display_name", f.text("displayName"));
      }
      objects_.push_back(j.close('}').take());
    }
  }

  void relation(const Record& r) {
    Fields f(*set_, r);
    const Record *from = f.ref("from"), *to = f.ref("to");
    const std::string a = from ? stix_id(*from) : std::string(), b = to ? stix_id(*to) : std::string();
    if (a.empty() || b.empty()) return set_->lose("Link", kEnds);
    JsonText j = begin(r, "relationship--" + stix_uuid(emit::id_text(r)), true);
    const std::string_view kind = f.text("type");
    const bool placed = (kind == "LOCATED_AT" || kind == "RESIDES_AT") && b.starts_with("location--") && a.starts_with("identity--");
    j.member("relationship_type", placed ? "located-at" : "related-to").member("source_ref", a).member("target_ref", b);
    const std::string role = f.label("role", lang()), what = f.label("type", lang());
    j.member("description", role.empty() ? what : what + ": " + role);
    const std::string_view start = f.text("during/start"), end = f.text("during/end");
    const bool whole = start.size() >= 20 && start.back() == 'Z' &&
                       (end.empty() || (end.size() >= 20 && end.back() == 'Z'));  // STIX knows whole times only
    if (whole) j.member("start_time", stamp(start)).member("stop_time", end.empty() ? std::string() : stamp(end));
    else if (!start.empty() || !end.empty()) set_->lose("Link.during", "STIX knows whole times in UTC only");
    objects_.push_back(j.close('}').take());
  }

  DataSet* set_ = nullptr;
  const emit::Protected* protected_ = nullptr;
  std::string now_;
  std::map<std::string, std::string> markings_;
  std::vector<std::string> objects_;
};

constexpr cb_format kFormats[] = {{"stix", "STIX 2.1 bundle", "Paquet STIX 2.1", "2.1", "stix.json json", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Stix>(
    {.id = "stix-writer", .version = "1.0.0", .title_en = "STIX 2.1 bundle, written", .title_fr = "Paquet STIX 2.1, écriture"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

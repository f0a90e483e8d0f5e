// case-uco: CASE/UCO 1.x as JSON-LD: people, organizations, places, accounts, devices, files by their hashes, and reified
// relationships; each object with the marking it is to be handled by. The reader of the same format is the plugin case-uco.
#include <algorithm>
#include <map>

#include "emit/exporting/json.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;
using emit::JsonText;

constexpr const char* kNoClass = "CASE/UCO has no class that it could stand for";
constexpr const char* kEnds = "an end is not in the data set, or has no class in CASE/UCO";

constexpr std::string_view kContext =
    "{\"kb\":\"urn:casebridge:kb:\",\"xsd\":\"http://www.w3.org/2001/XMLSchema#\",\"rdfs\":\"http://www.w3.org/2000/01/rdf-schema#\","
    "\"case-investigation\":\"https://ontology.caseontology.org/case/investigation/\",\"uco-core\":\"https://"
    "ontology.unifiedcyberontology.org/uco/core/\","
    "\"uco-identity\":\"https://ontology.unifiedcyberontology.org/uco/identity/\",\"uco-location\":\"https://"
    "ontology.unifiedcyberontology.org/uco/location/\","
    "\"uco-marking\":\"https://ontology.unifiedcyberontology.org/uco/marking/\",\"uco-observable\":\"https://"
    "ontology.unifiedcyberontology.org/uco/observable/\","
    "\"uco-types\":\"https://ontology.unifiedcyberontology.org/uco/types/\"}";

std::string iri(const std::string& kind, const std::string& uuid) { return "kb:" + kind + "-" + uuid; }

// A literal with its type, so that it is read as what it is.
void typed(JsonText& j, std::string_view name, std::string_view type, std::string_view value) {
  if (value.empty()) return;
  j.open(name, '{').member("@type", type).member("@value", value).close('}');
}
void moment(JsonText& j, std::string_view name, std::string_view value) {  // a whole time only: xsd:dateTime knows no less
  if (value.size() > 10) typed(j, name, "xsd:dateTime", value);
}

class CaseUco final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void emit(DataSet& set) override {
    set_ = &set;
    std::string text = "{\"@context\":" + std::string(kContext) + ",\"@graph\":[";
    const auto add = [&](std::string object) {
      if (object.empty()) return;
      text.append(first_ ? "\n" : ",\n").append(object);
      first_ = false;
      if (text.size() > (size_t(1) << 20)) out().write(text), text.clear();
    };
    std::map<const Record*, std::string> bodies;
    std::map<std::string, std::vector<std::string>> by_source;
    for (const Record* r : set.records()) {
      std::string object = r->type->name == "Link" ? link(*r) : thing(*r);
      if (!object.empty() && r->source) by_source[std::to_string(r->source)].push_back(iri_of(*r));
      add(std::move(object));
    }
    for (const Record* s : set.sources()) {  // who says it: one provenance record for each input
      JsonText j;
      j.open('{')
          .member("@id",
                  iri("provenance-record", std::string(emit::raw_text(*s, "sha256")).substr(0, 32) + "-" + std::to_string(s->source)))
          .member("@type", "case-investigation:ProvenanceRecord");
      j.member("uco-core:name", emit::raw_text(*s, "name"))
          .member("uco-core:description", std::string(emit::raw_text(*s, "agency")) + " " + std::string(emit::raw_text(*s, "system")));
      const auto& list = by_source[std::to_string(s->source)];
      if (!list.empty()) {
        j.open("uco-core:object", '[');
        for (const std::string& id : list) j.open('{').member("@id", id).close('}');
        j.close(']');
      }
      add(j.close('}').take());
    }
    for (auto& [words, object] : markings_) add(object);
    text += "\n]}\n";
    out().write(text);
  }

  static std::string class_of(const Record& r) {
    const std::string_view type = r.type->name;
    if (type == "Person") return "uco-identity:Person";
    if (type == "Organization") return "uco-identity:Organization";
    if (type == "Location") return "uco-location:Location";
    if (type == "Case") return "case-investigation:Investigation";
    if (type == "Occurrence") return "uco-core:Event";
    if (type == "Evidence") return "uco-observable:File";
    if (type == "Selector") {
      const std::string_view kind = emit::raw_text(r, "kind");
      if (kind == "PHONE") return "uco-observable:PhoneAccount";
      if (kind == "EMAIL") return "uco-observable:EmailAddress";
      if (kind == "URL") return "uco-observable:URL";
      if (kind == "IP_ADDRESS")
        return emit::raw_text(r, "value").find(':') != std::string_view::npos ? "uco-observable:IPv6Address" : "uco-observable:IPv4Address";
      if (kind == "MAC_ADDRESS") return "uco-observable:MACAddress";
      if (kind == "IMEI" || kind == "DEVICE_SERIAL") return "uco-observable:MobileDevice";
      if (kind == "IMSI" || kind == "ICCID") return "uco-observable:SIMCard";
      return "uco-observable:DigitalAccount";
    }
    return {};
  }
  static std::string iri_of(const Record& r) {
    std::string kind(r.type->name);
    for (char& c : kind)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return iri(kind, emit::id_text(r));
  }

  JsonText begin(const Record& r, const std::string& type) {
    JsonText j;
    j.open('{').member("@id", iri_of(r)).member("@type", type);
    const emit::Marking m = set_->marking(r);
    std::vector<std::string> words;
    if (set_->recipient() == "self")
      words.emplace_back(lang() == emit::Lang::fr ? "Bureau du dépositaire; pas pour communication"
                                                  : "The custodian's own desk; not for release");
    if (!m.tlp.empty()) words.push_back(emit::tlp_words(m.tlp));
    if (!m.handling_code.empty()) words.push_back(emit::code_label("handling_3x5x2", m.handling_code, lang()));
    if (!m.conditions.empty()) words.emplace_back(m.conditions);
    for (const std::string_view c : m.caveats) words.push_back(emit::code_label("caveat", c, lang()));
    for (size_t i = 0; i < r.values.size(); ++i)
      if (const auto path = model::node(r.values[i].field).path; path.starts_with("handling/") && path != "handling/destroyBy")
        set_->carry(r, i, false);
    if (!words.empty()) {
      const std::string statement = emit::join(words, "; "), id = iri("marking-definition", emit::derived_uuid("uco-marking", statement));
      markings_.emplace(statement, JsonText()
                                       .open('{')
                                       .member("@id", id)
                                       .member("@type", "uco-marking:MarkingDefinition")
                                       .member("uco-marking:definitionType", "statement")
                                       .open("uco-marking:definition", '[')
                                       .open('{')
                                       .member("@id", id + "-statement")
                                       .member("@type", "uco-marking:StatementMarking")
                                       .member("uco-marking:statement", statement)
                                       .close('}')
                                       .close(']')
                                       .close('}')
                                       .take());
      j.open("uco-core:objectMarking", '[').open('{').member("@id", id).close('}').close(']');
    }
    if (!r.local_id.empty()) {
      j.open("uco-core:externalReference", '[')
          .open('{')
          .member("@id", iri_of(r) + "-reference")
          .member("@type", "uco-core:ExternalReference")
          .member("uco-core:definingContext", set_->agency(r))
          .member("uco-core:externalIdentifier", r.local_id)
          .close('}')
          .close(']');
      set_->carry(r, DataSet::Part::local_id);
    }
    return j;
  }
  // Facets have names of their own: UCO wants no blank nodes.
  JsonText& facet(JsonText& j, const Record& r, const char* type, size_t number) {
    return j.open('{').member("@id", iri_of(r) + "-facet-" + std::to_string(number)).member("@type", type);
  }

  std::string thing(const Record& r) {
    const std::string type = class_of(r);
    if (type.empty()) return set_->lose(std::string(r.type->name), kNoClass), std::string();
    JsonText j = begin(r, type);
    Fields f(*set_, r);
    const std::string_view kind = r.type->name;
    if (kind == "Person") person(j, f);
    else if (kind == "Organization") {
      for (const Item& n : f.items("names")) n.text("full");
      j.member("uco-core:name", emit::title(r, lang())).member("uco-core:description", f.label("type", lang()));
    } else if (kind == "Location") location(j, f);
    else if (kind == "Case") {
      j.member("uco-core:name", f.text("caseNumber"))
          .member("uco-core:description", f.text("title"))
          .member("case-investigation:investigationStatus", f.label("status", lang()));
      j.member("case-investigation:focus", f.label("mcmClass", lang()));
    } else if (kind == "Occurrence") {
      j.member("uco-core:name", f.text("occurrenceNumber"))
          .member("uco-core:eventType", f.label("kind", lang()))
          .member("uco-core:description", f.words("summary", lang()));
      moment(j, "uco-core:startTime", f.text("occurred/start"));
      moment(j, "uco-core:endTime", f.text("occurred/end"));
      const auto places = f.refs("location");
      if (!places.empty()) {
        j.open("uco-core:eventContext", '[');
        for (const Record* place : places) j.open('{').member("@id", iri_of(*place)).close('}');
        j.close(']');
      }
    } else if (kind == "Evidence") file(j, f);
    else selector(j, f, type);
    return j.close('}').take();
  }

  void person(JsonText& j, Fields& f) {
    const Record& r = f.record();
    j.member("uco-core:name", emit::person_name(r)).open("uco-core:hasFacet", '[');
    size_t n = 0;
    for (const Item& name : f.items("names")) {
      name.text("full");
      facet(j, r, "uco-identity:SimpleNameFacet", n++)
          .member("uco-identity:givenName", name.text("given"))
          .member("uco-identity:familyName", name.text("family"))
          .member("rdfs:label", emit::name_line(r, name.block()))
          .member("rdfs:comment", emit::code_label("name_type", name.text("type"), lang()))
          .close('}');
    }
    const std::string_view born = f.text("birthDate");
    if (born.size() == 10) {
      facet(j, r, "uco-identity:BirthInformationFacet", n++);
      typed(j, "uco-identity:birthdate", "xsd:dateTime", std::string(born) + "T00:00:00Z");
      j.close('}');
    } else if (!born.empty()) {
      set_->lose("Person.birthDate", "UCO knows whole dates only");
    }
    for (const Item& id : f.items("identifiers")) {
      facet(j, r, "uco-identity:IdentifierFacet", n++)
          .member("rdfs:label", emit::code_label("identifier_type", id.text("type"), lang()))
          .member("uco-core:externalIdentifier", id.text("value"))
          .member("rdfs:comment", id.text("issuer"))
          .close('}');
    }
    j.close(']');
  }

  void location(JsonText& j, Fields& f) {
    const Record& r = f.record();
    f.text("name");
    j.member("uco-core:name", emit::title(r, lang()))
        .member("uco-core:description", f.label("kind", lang()))
        .open("uco-core:hasFacet", '[');
    std::string street(f.text("civic/unit"));
    if (!street.empty()) street += '-';
    street.append(f.text("civic/number"));
    if (const auto s = f.text("civic/street"); !s.empty()) street.append(street.empty() ? "" : " ").append(s);
    if (const auto full = f.text("civic/full"); street.empty()) street = full;
    size_t n = 0;
    facet(j, r, "uco-location:SimpleAddressFacet", n++)
        .member("uco-location:street", street)
        .member("uco-location:locality", f.text("civic/city"))
        .member("uco-location:region", f.text("civic/province"))
        .member("uco-location:postalCode", f.text("civic/postalCode"))
        .member("uco-location:country", f.text("civic/country"))
        .close('}');
    if (const auto lat = f.text("geo/lat"), lon = f.text("geo/lon"); !lat.empty() && !lon.empty()) {
      facet(j, r, "uco-location:LatLongCoordinatesFacet", n++);
      typed(j, "uco-location:latitude", "xsd:decimal", lat);
      typed(j, "uco-location:longitude", "xsd:decimal", lon);
      j.close('}');
    }
    j.close(']');
  }

  void selector(JsonText& j, Fields& f, const std::string& type) {
    const Record& r = f.record();
    const std::string_view kind = f.text("kind"), value = f.text("value");
    const std::string_view shown = f.text("displayName");
    j.member("uco-core:name", shown.empty() ? value : shown).open("uco-core:hasFacet", '[');
    const char* name = kind == "IMEI"            ? "uco-observable:IMEI"
                       : kind == "IMSI"          ? "uco-observable:IMSI"
                       : kind == "ICCID"         ? "uco-observable:ICCID"
                       : kind == "DEVICE_SERIAL" ? "uco-observable:serialNumber"
                       : kind == "PHONE"         ? "uco-observable:phoneNumber"
                       : kind == "URL"           ? "uco-observable:fullValue"
                                                 : "uco-observable:addressValue";
    const bool account = type == "uco-observable:DigitalAccount";
    facet(j, r, account ? "uco-observable:AccountFacet" : (type + "Facet").c_str(), 0);
    if (account) {
      const std::string platform = f.label("platform", lang());
      j.member("uco-observable:accountIdentifier", value)
          .member("uco-observable:accountType", platform.empty() ? emit::code_label("selector_kind", kind, lang()) : platform);
    } else {
      j.member(name, value);
    }
    j.close('}').close(']');
  }

  void file(JsonText& j, Fields& f) {
    const Record& r = f.record();
    j.member("uco-core:name", emit::title(r, lang()))
        .member("case-investigation:exhibitNumber", f.text("exhibitNumber"))
        .member("uco-core:description", f.label("type", lang()));
    j.open("uco-core:hasFacet", '[');
    facet(j, r, "uco-observable:FileFacet", 0).member("uco-observable:fileName", f.text("fileName"));
    typed(j, "uco-observable:sizeInBytes", "xsd:integer", f.text("size"));
    j.close('}');
    facet(j, r, "uco-observable:ContentDataFacet", 1).member("uco-observable:mimeType", f.text("mime"));
    const auto hashes = f.items("hashes");
    if (!hashes.empty()) {
      j.open("uco-observable:hash", '[');
      size_t n = 0;
      for (const Item& h : hashes) {
        j.open('{')
            .member("@id", iri_of(r) + "-hash-" + std::to_string(n++))
            .member("@type", "uco-types:Hash")
            .member("uco-types:hashMethod", h.text("algorithm"));
        typed(j, "uco-types:hashValue",
              emit::raw_item(r, h.block(), "value").find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos ? "xsd:hexBinary"
                                                                                                                          : "xsd:string",
              h.text("value"));
        j.close('}');
      }
      j.close(']');
    }
    j.close('}').close(']');
  }

  std::string link(const Record& r) {
    Fields f(*set_, r);
    const Record *from = f.ref("from"), *to = f.ref("to");
    if (!from || !to || class_of(*from).empty() || class_of(*to).empty()) return set_->lose("Link", kEnds), std::string();
    const auto watched = [&](const Record& end) { return class_of(end).starts_with("uco-observable:"); };
    JsonText j = begin(r, watched(*from) && watched(*to) ? "uco-observable:ObservableRelationship" : "uco-core:Relationship");
    j.open("uco-core:source", '[')
        .open('{')
        .member("@id", iri_of(*from))
        .close('}')
        .close(']')
        .open("uco-core:target", '{')
        .member("@id", iri_of(*to))
        .close('}');
    const std::string role = f.label("role", lang()), what = f.label("type", lang());
    j.member("uco-core:kindOfRelationship", role.empty() ? what : what + ": " + role).key("uco-core:isDirectional").bare("true");
    moment(j, "uco-core:startTime", f.text("during/start"));
    moment(j, "uco-core:endTime", f.text("during/end"));
    return j.close('}').take();
  }

  DataSet* set_ = nullptr;
  bool first_ = true;
  std::map<std::string, std::string> markings_;
};

constexpr cb_format kFormats[] = {{"case-uco", "CASE/UCO (JSON-LD)", "CASE/UCO (JSON-LD)", "1.4", "jsonld", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::CaseUco>(
    {.id = "case-uco-writer", .version = "1.0.0", .title_en = "CASE/UCO (JSON-LD), written", .title_fr = "CASE/UCO (JSON-LD), écriture"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

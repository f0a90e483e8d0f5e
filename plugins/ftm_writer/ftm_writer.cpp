// ftm: FollowTheMoney entities, one JSON object a line, for Aleph, OpenSanctions tools, nomenklatura. The reader of the same
// format is the plugin ftm.
//
// No topic is ever written: FtM's only way to say "trafficking" is a topic of crime on a person, and who is a victim, a
// suspect or both is said by links with roles, which this writes as they are.
#include <algorithm>
#include <map>

#include "emit/exporting/json.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;

constexpr const char* kNoThing = "FollowTheMoney has no entity that it could stand for";
constexpr const char* kEnds = "an end is not in the data set, or is nothing that FollowTheMoney can link";

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// Property -> values, each once, in order of arrival.
class Entity {
 public:
  Entity(std::string id, std::string schema) : id_(std::move(id)), schema_(std::move(schema)) {}
  void add(const char* property, std::string_view value) {
    if (value.empty()) return;
    auto& list = properties_[property];
    if (std::find(list.begin(), list.end(), value) == list.end()) list.emplace_back(value);
  }
  bool has(const char* property) const { return properties_.count(property) > 0; }
  void line(std::string& out) const {
    emit::JsonText j;
    j.open('{').member("id", id_).member("schema", schema_).open("properties", '{');
    for (const auto& [name, values] : properties_) j.members(name, values);
    out += j.close('}').close('}').take();
    out += '\n';
  }

 private:
  std::string id_, schema_;
  std::map<std::string, std::vector<std::string>> properties_;
};

class Ftm final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void emit(DataSet& set) override {
    set_ = &set;
    for (const Record* r : set.records()) {
      write(*r);
      if (text_.size() > (size_t(1) << 20)) out().write(text_), text_.clear();
    }
    out().write(text_);
    text_.clear();
  }

  // What FtM calls a record of ours; empty: nothing.
  static std::string_view schema_of(const Record& r) {
    const std::string_view type = r.type->name;
    if (type == "Person" || type == "Organization" || type == "Vehicle" || type == "Trip") return type;
    if (type == "Location") return "Address";
    if (type == "Occurrence" || type == "Custody") return "Event";
    if (type == "Case") return "CourtCase";
    if (type == "Advertisement" || type == "Evidence") return "Document";
    if (type == "Selector") {
      const std::string_view kind = emit::raw_text(r, "kind");
      return kind == "BANK_ACCOUNT" ? "BankAccount" : kind == "CRYPTO_WALLET" ? "CryptoWallet" : "UserAccount";
    }
    return {};
  }
  static bool legal(std::string_view schema) { return schema == "Person" || schema == "Organization"; }

  // Handling travels in words, for FtM has no field for it.
  std::string handling(const Record& r) const {
    const emit::Marking m = set_->marking(r);
    std::vector<std::string> parts;
    if (!m.tlp.empty()) parts.push_back(emit::tlp_words(m.tlp));
    if (!m.handling_code.empty()) parts.push_back("3x5x2 " + std::string(m.handling_code));
    if (!m.conditions.empty()) parts.emplace_back(m.conditions);
    for (const std::string_view c : m.caveats) parts.push_back(emit::code_label("caveat", c, lang()));
    return parts.empty() ? std::string() : (lang() == emit::Lang::fr ? "Traitement : " : "Handling: ") + emit::join(parts, "; ");
  }

  void common(Entity& e, Fields& f, bool thing) {
    const Record& r = f.record();
    for (size_t i = 0; i < r.values.size(); ++i)
      if (model::node(r.values[i].field).path.starts_with("handling/") && model::node(r.values[i].field).path != "handling/destroyBy")
        set_->carry(r, i, false);
    e.add("publisher", set_->agency(r));
    e.add(thing ? "notes" : "description", handling(r));
  }

  void names(Entity& e, Fields& f) {
    bool first = true;
    const std::string main = emit::person_name(f.record());
    for (const Item& n : f.items("names")) {
      const std::string_view type = n.text("type");
      std::string line = emit::name_line(f.record(), n.block());
      n.text("full");
      if (line == main && first) e.add("name", line), first = false;
      else e.add(type == "STREET" ? "weakAlias" : "alias", line);
      if (f.type() != "Person") continue;
      e.add("firstName", n.text("given"));
      e.add("middleName", n.text("middle"));
      e.add("lastName", n.text("family"));
      e.add("birthDate", n.text("birthDate"));
    }
  }

  void identifiers(Entity& e, Fields& f) {
    const std::string id = emit::id_text(f.record());
    size_t number = 0;
    for (const Item& item : f.items("identifiers")) {
      const std::string_view type = item.text("type"), value = item.text("value");
      e.add(f.type() == "Organization" ? "registrationNumber" : type == "PASSPORT" ? "passportNumber" : "idNumber", value);
      Entity paper(emit::derived_uuid("ftm-identification", id + std::to_string(number++)), "Identification");
      paper.add("holder", id);
      paper.add("type", emit::code_label("identifier_type", type, lang()));
      paper.add("number", value);
      paper.add("description", item.text("issuer"));
      paper.line(after_);
    }
  }

  void person(Entity& e, Fields& f) {
    names(e, f);
    identifiers(e, f);
    e.add("birthDate", f.text("birthDate"));
    const std::string_view gender = f.text("gender");
    if (!gender.empty() && gender != "UNKNOWN") e.add("gender", gender == "FEMININE" ? "female" : gender == "MASCULINE" ? "male" : "other");
    for (const auto c : f.all("citizenship")) e.add("nationality", lower(c));
    for (const auto l : f.all("languages")) e.add("spokenLanguage", l);
    e.add("birthPlace", f.text("birthPlace"));
    e.add("position", f.text("occupation"));
    e.add("height", f.text("physical/heightCm"));
    e.add("weight", f.text("physical/weightKg"));
    e.add("eyeColor", f.text("physical/eyes"));
    e.add("hairColor", f.text("physical/hair"));
    for (const auto m : f.all("physical/marks")) e.add("appearance", m);
  }

  void location(Entity& e, Fields& f) {
    std::string line = emit::address_line(f.record());
    const std::string_view name = f.text("name");
    e.add("full", line.empty() ? name : std::string_view(line));
    e.add("name", name);
    std::string street(f.text("civic/unit"));
    if (!street.empty()) street += '-';
    street.append(f.text("civic/number"));
    if (const auto s = f.text("civic/street"); !s.empty()) street.append(street.empty() ? "" : " ").append(s);
    f.text("civic/full");
    e.add("street", street);
    e.add("city", f.text("civic/city"));
    e.add("state", f.text("civic/province"));
    e.add("postalCode", f.text("civic/postalCode"));
    e.add("country", lower(f.text("civic/country")));
    e.add("latitude", f.text("geo/lat"));
    e.add("longitude", f.text("geo/lon"));
    e.add("sourceUrl", f.text("online"));
    e.add("remarks", f.label("kind", lang()));
    e.add("remarks", f.label("venue", lang()));
    e.add("keywords", f.text("area"));
  }

  void selector(Entity& e, Fields& f, std::string_view schema) {
    const std::string_view kind = f.text("kind"), value = f.text("value");
    if (schema == "BankAccount") e.add("accountNumber", value);
    else if (schema == "CryptoWallet") e.add("publicKey", value);
    else {
      e.add(kind == "PHONE" ? "number" : kind == "EMAIL" ? "email" : "username", value);
      const std::string platform = f.label("platform", lang());
      e.add("service", platform.empty() ? emit::code_label("selector_kind", kind, lang()) : platform);
    }
    e.add("name", value);
    e.add("alias", f.text("displayName"));
  }

  void document(Entity& e, Fields& f) {
    if (f.type() == "Advertisement") {
      e.add("title", f.text("title"));
      e.add("name", emit::title(f.record(), lang()));
      e.add("sourceUrl", f.text("url"));
      e.add("publishedAt", f.text("postedAt"));
      e.add("date", f.text("captured"));
      e.add("author", f.label("site", lang()));
      for (const auto w : f.all("indicators")) e.add("keywords", w);
      size_t number = 0;
      for (const char* path : {"selectors", "advertisedAreas"})
        for (const Record* to : f.refs(path)) {
          Entity edge(emit::derived_uuid("ftm-documentation", emit::id_text(f.record()) + path + std::to_string(number++)),
                      "Documentation");
          edge.add("document", emit::id_text(f.record()));
          edge.add("entity", emit::id_text(*to));
          edge.add("role", emit::label(*model::field(*f.record().type, path), lang()));
          edge.line(after_);
        }
    } else {
      e.add("name", emit::title(f.record(), lang()));
      f.text("exhibitNumber");
      e.add("fileName", f.text("fileName"));
      e.add("fileSize", f.text("size"));
      e.add("mimeType", f.text("mime"));
      e.add("date", f.text("capturedAt"));
      e.add("keywords", f.label("type", lang()));
      for (const Item& h : f.items("hashes")) {
        const std::string_view algorithm = emit::raw_item(f.record(), h.block(), "algorithm");
        if (algorithm == "SHA1") e.add("contentHash", h.text("value")), h.text("algorithm");
      }
    }
  }

  void event(Entity& e, Fields& f) {
    if (f.type() == "Occurrence") {
      e.add("name", f.text("occurrenceNumber"));
      e.add("recordId", f.text("occurrenceNumber"));
      e.add("keywords", f.label("kind", lang()));
      e.add("startDate", f.text("occurred/start"));
      e.add("endDate", f.text("occurred/end"));
      e.add("date", f.text("reportedAt"));
      e.add("summary", f.words("summary", lang()));
      for (const auto& u : f.labels("ucr2", lang())) e.add("keywords", u);
      for (const Record* place : f.refs("location")) where(e, *place);
      if (const Record* place = f.ref("missing/lastSeenLocation")) where(e, *place);
      if (const auto seen = f.text("missing/lastSeen"); !seen.empty()) e.add("startDate", seen);
      for (const auto& c : f.labels("missing/circumstances", lang())) e.add("keywords", c);
    } else {
      const std::string what = f.label("event", lang());
      e.add("name", what);
      e.add("keywords", what);
      e.add("startDate", f.text("at/start"));
      e.add("endDate", f.text("at/end"));
      e.add("recordId", f.text("bookingNumber"));
      involve(e, f.ref("subject"));
      for (const Record* other : f.refs("counterpart")) involve(e, other);
      if (const Record* place = f.ref("facility")) {
        if (place->type->name == "Location") where(e, *place);
        else involve(e, place);
      }
    }
  }
  void where(Entity& e, const Record& place) {
    e.add("addressEntity", emit::id_text(place));
    e.add("location", emit::title(place, lang()));
  }
  void involve(Entity& e, const Record* who) {
    if (!who) return;
    if (const std::string_view schema = schema_of(*who); legal(schema) || schema == "UserAccount" || schema == "Vehicle")
      e.add("involved", emit::id_text(*who));
  }

  void write(const Record& r) {
    const std::string_view type = r.type->name, schema = schema_of(r);
    Fields f(*set_, r);
    if (type == "Link") return link(f);
    if (type == "Transaction") return payment(f);
    if (type == "Cluster") return cluster(f);
    if (schema.empty()) return set_->lose(std::string(type), kNoThing);
    Entity e(emit::id_text(r), std::string(schema));
    common(e, f, true);
    if (type == "Person") person(e, f);
    else if (type == "Organization") {
      names(e, f);
      identifiers(e, f);
      e.add("keywords", f.label("type", lang()));
      e.add("keywords", f.label("industry", lang()));
      for (const Record* place : f.refs("address"))
        e.add("addressEntity", emit::id_text(*place)), e.add("address", emit::address_line(*place));
    } else if (type == "Location") location(e, f);
    else if (type == "Selector") selector(e, f, schema);
    else if (schema == "Document") document(e, f);
    else if (schema == "Event") event(e, f);
    else if (type == "Vehicle") {
      e.add("name", emit::title(r, lang()));
      e.add("registrationNumber", f.text("plate"));
      e.add("model", emit::join({std::string(f.text("make")), std::string(f.text("model"))}, " "));
      e.add("buildDate", f.text("year"));
      const std::string_view vin = f.text("vin");
      if (!vin.empty()) e.add("description", "VIN " + std::string(vin));
      e.add("summary", f.text("colour"));
    } else if (type == "Case") {
      e.add("name", f.text("title").empty() ? f.text("caseNumber") : f.text("title"));
      e.add("caseNumber", f.text("caseNumber"));
      e.add("status", f.label("status", lang()));
      e.add("category", f.label("mcmClass", lang()));
    } else if (type == "Trip") {
      e.add("name", emit::title(r, lang()));
      for (const Record* who : f.refs("persons")) involve(e, who);
      e.add("startDate", f.text("depart/at"));
      e.add("endDate", f.text("arrive/at"));
      if (const Record* place = f.ref("depart/place")) e.add("startLocation", emit::id_text(*place));
      if (const Record* place = f.ref("arrive/place")) e.add("endLocation", emit::id_text(*place));
      if (const Record* car = f.ref("vehicle")) e.add("vehicle", emit::id_text(*car));
      if (const Record* by = f.ref("bookedBy")) e.add("organizer", emit::id_text(*by));
      e.add("keywords", f.label("mode", lang()));
      e.add("recordId", f.text("bookingRef"));
    }
    e.line(text_);
    text_ += after_;
    after_.clear();
  }

  void link(Fields& f) {
    const Record *from = f.ref("from"), *to = f.ref("to");
    const std::string_view a = from ? schema_of(*from) : std::string_view(), b = to ? schema_of(*to) : std::string_view();
    if (a.empty() || b.empty()) return set_->lose("Link", kEnds);
    const std::string_view kind = f.text("type");
    std::string schema = "UnknownLink", source = "subject", target = "object", words = "role";
    if (kind == "FAMILY" && a == "Person" && b == "Person")
      schema = "Family", source = "person", target = "relative", words = "relationship";
    else if (kind == "ASSOCIATE" && a == "Person" && b == "Person")
      schema = "Associate", source = "person", target = "associate", words = "relationship";
    else if (kind == "OWNS" && legal(a) && (b == "Vehicle" || b == "BankAccount")) schema = "Ownership", source = "owner", target = "asset";
    else if (kind == "MEMBER_OF" && legal(a) && b == "Organization") schema = "Membership", source = "member", target = "organization";
    else if (kind == "WORKS_FOR" && a == "Person" && b == "Organization") schema = "Employment", source = "employee", target = "employer";
    Entity e(emit::id_text(f.record()), schema);
    common(e, f, false);
    e.add(source.c_str(), emit::id_text(*from));
    e.add(target.c_str(), emit::id_text(*to));
    const std::string role = f.label("role", lang());
    e.add(words.c_str(), role.empty() ? f.label("type", lang()) : role);
    e.add("startDate", f.text("during/start"));
    e.add("endDate", f.text("during/end"));
    if (!role.empty()) e.add("summary", f.label("type", lang()));
    e.line(text_);
  }

  void payment(Fields& f) {
    const Record *payer = f.ref("payer"), *payee = f.ref("payee");
    Entity e(emit::id_text(f.record()), "Payment");
    common(e, f, false);
    const auto end = [&](const Record* who, const char* party, const char* account) {
      if (!who) return;
      const std::string_view schema = schema_of(*who);
      if (legal(schema)) e.add(party, emit::id_text(*who));
      else if (schema == "BankAccount") e.add(account, emit::id_text(*who));
      else set_->lose("Transaction." + std::string(party == std::string_view("payer") ? "payer" : "payee"), kEnds);
    };
    end(payer, "payer", "payerAccount");
    end(payee, "beneficiary", "beneficiaryAccount");
    e.add("date", f.text("at"));
    e.add("amount", f.text("amount/amount"));
    e.add("currency", f.text("amount/currency"));
    e.add("purpose", f.label("kind", lang()));
    e.add("transactionNumber", f.text("reference"));
    e.line(text_);
  }

  void cluster(Fields& f) {  // records stay apart; that they are the same is said between them
    std::vector<std::string> members;
    for (const Item& m : f.items("members"))
      if (const Record* r = set_->find(m.text("ref")); r && !schema_of(*r).empty()) members.push_back(emit::id_text(*r));
    for (size_t i = 1; i < members.size(); ++i) {
      Entity e(emit::derived_uuid("ftm-similar", emit::id_text(f.record()) + std::to_string(i)), "Similar");
      e.add("candidate", members[0]);
      e.add("match", members[i]);
      e.line(text_);
    }
  }

  DataSet* set_ = nullptr;
  std::string text_, after_;
};

constexpr cb_format kFormats[] = {
    {"ftm", "FollowTheMoney entities", "Entités FollowTheMoney", "4", "ftm.json ijson json", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 =
    casebridge::writer_plugin<casebridge::Ftm>({.id = "ftm-writer",
                                                .version = "1.0.0",
                                                .title_en = "FollowTheMoney entities, written",
                                                .title_fr = "Entités FollowTheMoney, écriture"},
                                               casebridge::kFormats, casebridge::emit::kLanguageOnly);

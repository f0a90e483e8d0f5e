// niem-ht: victims of trafficking as hs:HumanTraffickingVictim of NIEM 6.0 (Human Services). Only people whom a source says to
// be victims: by an episode, a link with the role of a victim that a source or an analyst asserts, or an assessment. Nobody
// becomes one here by a rule, a model, or by being near someone.
#include <algorithm>
#include <map>

#include "emit/escape.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;

constexpr const char* kNoVictim = "no source says that it is a victim of trafficking";

// The code list names the NIEM value it was taken from, in quotation marks; empty where NIEM has none.
std::string niem_value(std::string_view list, std::string_view code) {
  const model::CodeList* codes = model::code_list(list);
  const model::CodeRow* row = codes ? codes->find(code) : nullptr;
  if (!row || !row->source.starts_with("NIEM 6.0 hs:")) return {};
  const size_t from = row->source.find('"'), to = row->source.rfind('"');
  return from == std::string_view::npos || to <= from ? std::string() : std::string(row->source.substr(from + 1, to - from - 1));
}

class Element {  // opens now, closes when it goes
 public:
  Element(std::string& out, std::string_view name, std::string_view attributes = {}) : out_(out), name_(name) {
    out_.append("<").append(name_).append(attributes).append(">");
  }
  ~Element() { out_.append("</").append(name_).append(">"); }

 private:
  std::string& out_;
  std::string name_;
};

class NiemHt final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void leaf(std::string_view name, std::string_view text) {
    if (text.empty()) return;
    const Element e(text_, name);
    emit::append_xml_text(text_, text);
  }
  // A partial date is said as what it is: nc:Date, nc:YearMonthDate, nc:YearDate, nc:DateTime.
  void date(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    const Element e(text_, name);
    leaf(value.size() > 10    ? "nc:DateTime"
         : value.size() == 10 ? "nc:Date"
         : value.size() == 7  ? "nc:YearMonthDate"
                              : "nc:YearDate",
         value);
  }

  struct Victim {
    const Record* person = nullptr;
    std::vector<const Record*> episodes, assessments, links;
  };

  void emit(DataSet& set) override {
    std::map<const Record*, size_t> at;
    std::vector<Victim> victims;
    const auto victim = [&](const Record* who) -> Victim* {
      if (!who || who->type->name != "Person") return nullptr;
      const auto [found, fresh] = at.emplace(who, victims.size());
      if (fresh) victims.push_back({who, {}, {}, {}});
      return &victims[found->second];
    };
    for (const Record* r : set.records()) {
      const std::string_view type = r->type->name;
      if (type == "Episode") {
        if (Victim* v = victim(set.find(emit::raw_text(*r, "victim")))) v->episodes.push_back(r);
      } else if (type == "Link") {
        const std::string_view role = emit::raw_text(*r, "role"), by = emit::raw_text(*r, "assertedBy");
        if ((role == "VICTIM" || role == "POTENTIAL_VICTIM") && (by == "SOURCE" || by == "ANALYST"))
          if (Victim* v = victim(set.find(emit::raw_text(*r, "from")))) v->links.push_back(r);
      } else if (type == "Assessment") {
        const std::string_view status = emit::raw_text(*r, "traffickingStatus");
        if (status == "ACTUAL" || status == "POSSIBLE")
          if (Victim* v = victim(set.find(emit::raw_text(*r, "subject")))) v->assessments.push_back(r);
      }
    }
    for (const Record* r : set.records())
      if (r->type->name == "Person" && !at.count(r)) set.lose("Person", kNoVictim);
    text_ =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ht:HumanTraffickingVictims xmlns:ht=\"urn:casebridge:niem-ht:1\" "
        "xmlns:hs=\"https://docs.oasis-open.org/niemopen/ns/model/domains/humanServices/6.0/\" "
        "xmlns:j=\"https://docs.oasis-open.org/niemopen/ns/model/domains/justice/6.0/\" "
        "xmlns:nc=\"https://docs.oasis-open.org/niemopen/ns/model/niem-core/6.0/\" "
        "xmlns:structures=\"https://docs.oasis-open.org/niemopen/ns/model/structures/6.0/\">\n";
    for (const Victim& v : victims) {
      write(set, v);
      if (text_.size() > (size_t(1) << 20)) out().write(text_), text_.clear();
    }
    text_ += "</ht:HumanTraffickingVictims>\n";
    out().write(text_);
  }

  void write(DataSet& set, const Victim& v) {
    const Record& r = *v.person;
    Fields f(set, r);
    text_ += "  ";
    {
      const Element victim(text_, "hs:HumanTraffickingVictim", " structures:id=\"_" + emit::id_text(r) + "\"");
      {
        const Element role(text_, "nc:RoleOfPerson");
        date("nc:PersonBirthDate", f.text("birthDate"));
        for (const auto c : f.all("citizenship")) leaf("nc:PersonCitizenshipText", c);
        for (const Item& n : f.items("names")) {
          const Element name(text_, "nc:PersonName");
          leaf("nc:PersonGivenName", n.text("given"));
          leaf("nc:PersonMiddleName", n.text("middle"));
          leaf("nc:PersonSurName", n.text("family"));
          leaf("nc:PersonFullName", n.text("full"));
          leaf("nc:PersonNameCategoryText", emit::code_label("name_type", n.text("type"), lang()));
        }
        for (const Item& id : f.items("identifiers")) {
          const Element other(text_, "nc:PersonOtherIdentification");
          leaf("nc:IdentificationID", id.text("value"));
          leaf("nc:IdentificationCategoryText", emit::code_label("identifier_type", id.text("type"), lang()));
          leaf("nc:IdentificationSourceText", id.text("issuer"));
        }
        for (const auto l : f.all("languages")) {
          const Element language(text_, "nc:PersonPrimaryLanguage");
          leaf("nc:LanguageName", l);
        }
        leaf("nc:PersonSexText", f.label("gender", lang()));
      }
      const emit::Marking m = set.marking(r);  // handling, in words: NIEM's own marks are those of the United States
      std::vector<std::string> words;
      if (!m.tlp.empty()) words.push_back(emit::tlp_words(m.tlp));
      if (!m.handling_code.empty()) words.push_back(emit::code_label("handling_3x5x2", m.handling_code, lang()));
      if (!m.conditions.empty()) words.emplace_back(m.conditions);
      for (const auto c : m.caveats) words.push_back(emit::code_label("caveat", c, lang()));
      statuses(set, v);
      for (const Record* e : v.episodes) event(set, *e);
      for (const Record* e : v.episodes) {
        Fields ef(set, *e);
        leaf("hs:VictimTraffickerRelationshipDescriptionText", ef.label("relationship", lang()));
      }
      const Element more(text_, "ht:HumanTraffickingVictimAugmentation");
      leaf("ht:HandlingText", emit::join(words, "; "));
      leaf("ht:AgencyText", set.agency(r));
    }
    text_ += '\n';
  }

  void statuses(DataSet& set, const Victim& v) {
    bool identified = false, possible = false;
    for (const bool actual : {true, false})
      for (const Record* a : v.assessments) {
        Fields f(set, *a);
        if ((emit::raw_text(*a, "traffickingStatus") == "ACTUAL") != actual) continue;
        (actual ? identified : possible) = true;
        const Element status(text_, actual ? "hs:IdentifiedAsVictimStatus" : "hs:ProspectiveVictimStatus");
        date("nc:StatusDate", f.text("assessedAt"));
        f.text("subject"), f.text("traffickingStatus");
        const std::string by = f.label("decisionBody", lang());
        if (actual) leaf("hs:IdentifiedAsVictimCategoryText", by);
        else leaf("hs:ProspectiveVictimCategoryText", by);
        leaf(actual ? "hs:IdentifiedAsVictimIndicator" : "hs:ProspectiveVictimIndicator", "true");
      }
    // What a source says without an assessment is a prospect, not a finding of status.
    for (const Record* l : v.links) {
      Fields f(set, *l);
      f.text("role"), f.text("from");
      possible = possible || !identified;
    }
    if (!identified && (possible || !v.episodes.empty()) && v.assessments.empty()) {
      const Element status(text_, "hs:ProspectiveVictimStatus");
      leaf("hs:ProspectiveVictimIndicator", "true");
    }
  }

  void event(DataSet& set, const Record& e) {
    Fields f(set, e);
    f.text("victim");
    const Element event(text_, "hs:TraffickingEvent");
    const std::string_view start = f.text("period/start"), end = f.text("period/end");
    if (!start.empty() || !end.empty()) {
      const Element range(text_, "nc:ActivityDateRange");
      date("nc:StartDate", start);
      date("nc:EndDate", end);
    }
    std::vector<std::string> what;
    for (const char* path : {"acts", "meansPalermo", "controls", "purposes", "sexualForms", "recruitment"})
      for (const std::string& words : f.labels(path, lang())) what.push_back(words);
    leaf("nc:ActivityDescriptionText", emit::join(what, "; "));
    leaf("hs:CurrentExploitationIndustryText", f.label("industry", lang()));
    for (const auto venue : f.all("venues")) {
      const std::string value = niem_value("exploitation_venue", venue);
      if (value.empty()) leaf("hs:CurrentTraffickedVenueText", emit::code_label("exploitation_venue", venue, lang()));
      else leaf("hs:CurrentTraffickedVenueCode", value);
    }
  }

  std::string text_;
};

constexpr cb_format kFormats[] = {
    {"niem-ht", "NIEM 6.0 victims of human trafficking", "Victimes de la traite selon NIEM 6.0", "6.0", "xml", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 =
    casebridge::writer_plugin<casebridge::NiemHt>({.id = "niem-ht",
                                                   .version = "1.0.0",
                                                   .title_en = "NIEM 6.0 victims of human trafficking",
                                                   .title_fr = "Victimes de la traite selon NIEM 6.0"},
                                                  casebridge::kFormats, casebridge::emit::kLanguageOnly);

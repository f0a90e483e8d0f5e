// kml: places with coordinates as placemarks of KML 2.2, and what happened there as placemarks with a time. Records without
// coordinates are told as lost; the marking of each place stands in its balloon.
#include <algorithm>
#include <map>

#include "emit/escape.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::append_xml_attribute;
using emit::append_xml_text;
using emit::Fields;
using emit::Lang;

constexpr const char* kNoPoint = "it has no coordinates, or its place has none";

class Kml final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  const char* say(const char* en, const char* fr) const { return lang() == Lang::fr ? fr : en; }

  static bool has_point(const Record& place) {
    return !emit::raw_text(place, "geo/lat").empty() && !emit::raw_text(place, "geo/lon").empty();
  }

  void element(std::string& out, const char* name, std::string_view text) {
    if (text.empty()) return;
    out.append("<").append(name).append(">");
    append_xml_text(out, text);
    out.append("</").append(name).append(">");
  }
  void data(std::string& out, std::string_view name, std::string_view label, std::string_view text) {
    if (text.empty()) return;
    out += "<Data name=\"";
    append_xml_attribute(out, name);
    out += "\">";
    element(out, "displayName", label);
    element(out, "value", text);
    out += "</Data>";
  }

  // Every field of the record but what the placemark says otherwise; references are left out.
  void fields(std::string& out, emit::DataSet& set, const Record& r, std::initializer_list<std::string_view> said) {
    std::map<uint32_t, std::pair<const model::Node*, std::string>> by_rank;
    for (size_t i = 0; i < r.values.size(); ++i) {
      const model::Node& leaf = model::node(r.values[i].field);
      if (leaf.type == model::ValueType::ref) continue;
      set.carry(r, i, false);
      if (leaf.path.starts_with("handling/") || std::find(said.begin(), said.end(), leaf.path) != said.end()) continue;
      auto& [node, text] = by_rank[leaf.rank];
      node = &leaf;
      text.append(text.empty() ? "" : " | ")
          .append(leaf.codes ? emit::code_label(leaf, r.values[i].text, lang()) : std::string(r.values[i].text));
    }
    for (const auto& [rank, row] : by_rank) data(out, row.first->path, emit::full_label(*row.first, lang()), row.second);
    const emit::Marking mark = set.marking(r);
    if (!mark.tlp.empty()) data(out, "tlp", "TLP", emit::tlp_words(mark.tlp));
    if (!mark.handling_code.empty())
      data(out, "handlingCode", say("Handling code", "Code de traitement"), emit::code_label("handling_3x5x2", mark.handling_code, lang()));
    data(out, "conditions", say("Conditions", "Conditions"), mark.conditions);
    std::string caveats;
    for (const std::string_view c : mark.caveats)
      caveats.append(caveats.empty() ? "" : " | ").append(emit::code_label("caveat", c, lang()));
    data(out, "caveats", say("Caveats", "Réserves"), caveats);
    data(out, "agency", say("Agency", "Organisme"), set.agency(r));
    if (const Record* source = set.source(r.source))
      data(out, "sourceFile", say("Source file", "Fichier source"), emit::raw_text(*source, "name"));
    if (r.place.line) {
      data(out, "sourceLine", say("Line in the source", "Ligne dans la source"), std::to_string(r.place.line));
      set.carry(r, emit::DataSet::Part::place);
    }
    data(out, "localId", say("Number in the source", "Numéro dans la source"), r.local_id);
    set.carry(r, emit::DataSet::Part::local_id);
    if (r.version != 1) data(out, "version", say("Version", "Version"), std::to_string(r.version));
    set.carry(r, emit::DataSet::Part::version);
  }

  // KML's times are those of XML Schema: a date, a month, a year, or a time with its offset.
  void time(std::string& out, std::string_view start, std::string_view end) {
    if (start.empty() && end.empty()) return;
    if (end.empty() || start == end) {
      out += "<TimeStamp>";
      element(out, "when", start.empty() ? end : start);
      out += "</TimeStamp>";
    } else {
      out += "<TimeSpan>";
      element(out, "begin", start);
      element(out, "end", end);
      out += "</TimeSpan>";
    }
  }

  void mark(std::string& out, emit::DataSet& set, const Record& r, const Record& place, size_t number, std::string_view start,
            std::string_view end, std::initializer_list<std::string_view> said) {
    out.append("      <Placemark id=\"_").append(emit::id_text(r));
    if (number) out.append("-").append(std::to_string(number));
    out += "\">";
    element(out, "name", emit::title(r, lang()));
    if (&place != &r) element(out, "address", emit::address_line(place));
    else element(out, "address", emit::address_line(r));
    time(out, start, end);
    out += "<ExtendedData>";
    fields(out, set, r, said);
    out.append("</ExtendedData><Point><coordinates>")
        .append(emit::raw_text(place, "geo/lon"))
        .append(",")
        .append(emit::raw_text(place, "geo/lat"));
    out += "</coordinates></Point></Placemark>\n";
  }

  void emit(emit::DataSet& set) override {
    std::string places, events;
    for (const Record* r : set.records()) {
      const std::string_view type = r->type->name;
      Fields f(set, *r);
      if (type == "Location") {
        if (has_point(*r)) mark(places, set, *r, *r, 0, {}, {}, {"geo/lat", "geo/lon"});
        else set.lose("Location", kNoPoint);
      } else if (type == "Occurrence") {
        size_t number = 0;
        for (const Record* place : f.refs("location"))
          if (has_point(*place))
            mark(events, set, *r, *place, number++, f.text("occurred/start"), f.text("occurred/end"), {"occurred/start", "occurred/end"});
        for (const char* path : {"missing/lastSeenLocation", "missing/located"}) {
          const Record* place = f.ref(path);
          const bool last = path == std::string_view("missing/lastSeenLocation");
          if (place && has_point(*place))
            mark(events, set, *r, *place, number++, f.text(last ? "missing/lastSeen" : "missing/locatedAt"), {}, {});
        }
        if (!number) set.lose("Occurrence", kNoPoint);
      } else if (type == "Transaction") {
        const Record* place = f.ref("channelLocation");
        if (place && has_point(*place)) mark(events, set, *r, *place, 0, f.text("at"), {}, {"at"});
        else set.lose("Transaction", kNoPoint);
      } else if (type == "Trip") {
        size_t number = 0;
        for (const char* end : {"depart", "arrive"}) {
          const Record* place = f.ref(std::string(end) + "/place");
          if (place && has_point(*place)) mark(events, set, *r, *place, number++, f.text(std::string(end) + "/at"), {}, {});
        }
        if (!number) set.lose("Trip", kNoPoint);
      }
    }
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\">\n  <Document>\n    ";
    element(text, "name", say("Places and events", "Lieux et événements"));
    text += "\n    ";
    element(text, "description",
            std::string(set.producer()) + ", " + std::string(set.produced_at()) + ", " + say("recipient: ", "destinataire : ") +
                std::string(set.recipient()));
    for (const auto& [name, body] : {std::pair{say("Places", "Lieux"), &places}, std::pair{say("Events", "Événements"), &events}}) {
      text += "\n    <Folder>\n      ";
      element(text, "name", name);
      text.append("\n").append(*body).append("    </Folder>");
    }
    text += "\n  </Document>\n</kml>\n";
    out().write(text);
  }
};

constexpr cb_format kFormats[] = {
    {"kml", "Map of places and events (KML)", "Carte des lieux et des événements (KML)", "2.2", "kml", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Kml>(
    {.id = "kml", .version = "1.0.0", .title_en = "Map of places and events (KML)", .title_fr = "Carte des lieux et des événements (KML)"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

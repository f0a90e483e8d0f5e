// anx: a chart for i2 Analyst's Notebook. UTF-16LE with its mark, ids by reference, one entity for each record and one link
// for each edge of the graph view. The icon of an entity is that of its type: an adult is an adult, whoever she is. There is
// no icon of a suspect, an offender or a criminal in this file, and no colour by role.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "emit/escape.hpp"
#include "emit/exporting/graph.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::append_xml_attribute;
using emit::GraphColumn;
using emit::GraphItem;
using emit::Lang;

// What i2 calls the pictures that it brings.
std::string_view icon_of(std::string_view type) {
  static constexpr std::pair<std::string_view, std::string_view> kIcons[] = {
      {"Person", "adult"},           {"Organization", "building"}, {"Location", "house"},   {"Vehicle", "car"},
      {"Selector", "phone"},         {"Transaction", "cash"},      {"Custody", "building"}, {"Evidence", "document"},
      {"Advertisement", "document"}, {"Order", "document"},        {"Case", "document"},    {"Charge", "document"},
      {"Assessment", "document"},    {"Referral", "document"},     {"Trip", "car"}};
  for (const auto& [name, icon] : kIcons)
    if (name == type) return icon;
  return "general";
}

uint32_t colour_ref(std::string_view hex) {  // "#RRGGBB" as the number 0x00BBGGRR
  const auto rgb = static_cast<uint32_t>(std::stoul(std::string(hex.substr(1)), nullptr, 16));
  return (rgb & 0xFF) << 16 | (rgb & 0xFF00) | rgb >> 16;
}

class Anx final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  static void attribute(std::string& out, const char* name, std::string_view text) {
    out.append(" ").append(name).append("=\"");
    append_xml_attribute(out, text);
    out += '"';
  }
  std::string id() { return "ID" + std::to_string(next_++); }

  // UTF-8 to UTF-16LE; what is no UTF-8 was refused long before.
  void flush(std::string& text, bool all) {
    if (!all && text.size() < (size_t(1) << 20)) return;
    std::string wide;
    wide.reserve(text.size() * 2);
    for (size_t i = 0; i < text.size();) {
      const auto lead = static_cast<unsigned char>(text[i]);
      const size_t n = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
      if (i + n > text.size()) break;
      uint32_t c = n == 1 ? lead : lead & (0xFFu >> (n + 1));
      for (size_t k = 1; k < n; ++k) c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
      i += n;
      const auto put = [&](uint32_t unit) { wide += static_cast<char>(unit & 0xFF), wide += static_cast<char>(unit >> 8); };
      if (c < 0x10000) put(c);
      else c -= 0x10000, put(0xD800 | c >> 10), put(0xDC00 | (c & 0x3FF));
    }
    out().write(wide);
    text.clear();
  }

  struct Classes {
    std::vector<std::string> ids;
    std::vector<std::string> names;
  };

  void attributes(std::string& out, const Classes& classes, const GraphItem& item) {
    if (item.values.empty()) return;
    out += "<AttributeCollection>";
    for (const auto& [column, text] : item.values) {
      out += "<Attribute";
      attribute(out, "AttributeClass", classes.names[column]);
      attribute(out, "AttributeClassReference", classes.ids[column]);
      attribute(out, "Value", text);
      out += "/>";
    }
    out += "</AttributeCollection>";
  }

  // The card says where it stands and when it was: DateTime takes a whole time without an offset.
  static std::string_view when_of(const Record& r) {
    for (const char* path : {"occurred/start", "reportedAt", "at/start", "at", "issued", "postedAt", "depart/at", "during/start"})
      if (const auto t = emit::raw_text(r, path); t.size() >= 19 && t[10] == 'T') return t.substr(0, 19);
    return {};
  }

  void emit(emit::DataSet& set) override {
    const emit::Graph graph = emit::make_graph(set, lang());
    const bool fr = lang() == Lang::fr;
    std::string text =
        "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<Chart BackColour=\"16777215\" IdReferenceLinking=\"true\" "
        "Rigorous=\"true\">\n  <ApplicationVersion Major=\"9\" Minor=\"0\" Point=\"0\" Build=\"0\"/>\n";
    const std::string strength = id();
    text += "  <StrengthCollection><Strength Id=\"" + strength + "\" Name=\"" + (fr ? "Confirmé" : "Confirmed") +
            "\" DotStyle=\"DotStyleSolid\"/></StrengthCollection>\n";

    std::set<std::string> taken;  // names of classes are unique in a chart
    text += "  <AttributeClassCollection>\n";
    const auto classes = [&](const std::vector<GraphColumn>& columns) {
      Classes c;
      for (const GraphColumn& column : columns) {
        std::string name = column.label;
        if (!taken.insert(name).second) name += " (" + column.key + ")";
        if (name != column.label && !taken.insert(name).second) name += " 2", taken.insert(name);
        c.ids.push_back(id());
        c.names.push_back(name);
        text += "    <AttributeClass";
        attribute(text, "Id", c.ids.back());
        attribute(text, "Name", name);
        const bool number = column.kind == GraphColumn::Kind::integer || column.kind == GraphColumn::Kind::real;
        attribute(text, "Type", column.kind == GraphColumn::Kind::truth ? "AttFlag" : number ? "AttNumber" : "AttText");
        text += " IsUser=\"true\" UserCanAdd=\"true\" UserCanRemove=\"true\" Visible=\"false\"/>\n";
      }
      return c;
    };
    const Classes of_nodes = classes(graph.node_columns), of_edges = classes(graph.edge_columns);
    text += "  </AttributeClassCollection>\n  <EntityTypeCollection>\n";
    std::map<std::string, std::string> types, links;
    for (const GraphItem& node : graph.nodes) {
      if (types.count(node.type)) continue;
      const std::string type_id = types[node.type] = id();
      text += "    <EntityType";
      attribute(text, "Id", type_id);
      attribute(text, "Name", node.type_label);
      attribute(text, "IconFile", icon_of(node.type));
      attribute(text, "Colour", std::to_string(colour_ref(emit::type_colour(node.type))));
      text += "/>\n";
    }
    text += "  </EntityTypeCollection>\n  <LinkTypeCollection>\n";
    for (const GraphItem& edge : graph.edges) {
      if (links.count(edge.type)) continue;
      const std::string type_id = links[edge.type] = id();
      text += "    <LinkType";
      attribute(text, "Id", type_id);
      attribute(text, "Name", edge.type_label + (edge.type.find('.') == std::string::npos ? "" : " (" + edge.type + ")"));
      text += " Colour=\"8421504\"/>\n";
    }
    text += "  </LinkTypeCollection>\n  <Summary><FieldCollection>";
    const auto summary = [&](const char* field, const std::string& words) {
      text += "<Field";
      attribute(text, "Type", field);
      attribute(text, "Field", words);
      text += "/>";
    };
    summary("SummaryFieldTitle", fr ? "Données de cas" : "Case data");
    summary("SummaryFieldAuthor", std::string(set.producer()));
    summary("SummaryFieldSubject", std::string(fr ? "Destinataire : " : "Recipient: ") + std::string(set.recipient()));
    text += "</FieldCollection>";
    if (set.produced_at().size() >= 19) {
      text += "<Origin";
      attribute(text, "CreatedDate", set.produced_at().substr(0, 19));
      text += " EditTime=\"0\" RevisionNumber=\"1\"/>";
    }
    text += "</Summary>\n  <ChartItemCollection>\n";

    const auto across = static_cast<int64_t>(std::ceil(std::sqrt(static_cast<double>(std::max<size_t>(1, graph.nodes.size())))));
    std::map<std::string_view, std::string> entity;
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const GraphItem& node = graph.nodes[i];
      const std::string number = entity[node.id] = std::to_string(i + 1);
      const int64_t x = (static_cast<int64_t>(i) % across) * 200, y = (static_cast<int64_t>(i) / across) * 150;
      text += "    <ChartItem";
      attribute(text, "Id", id());
      attribute(text, "Label", node.label);
      attribute(text, "XPosition", std::to_string(x));
      time(text, *node.record);
      text += "><End";
      attribute(text, "X", std::to_string(x));
      attribute(text, "Y", std::to_string(y));
      text += " Z=\"0\"><Entity";
      attribute(text, "EntityId", number);
      attribute(text, "Identity", node.id);
      text += " LabelIsIdentity=\"false\"><Icon><IconStyle";
      attribute(text, "Type", node.type_label);
      attribute(text, "EntityTypeReference", types[node.type]);
      attribute(text, "IconShadingColour", std::to_string(colour_ref(emit::type_colour(node.type))));
      text += "/></Icon></Entity></End>";
      attributes(text, of_nodes, node);
      text += "</ChartItem>\n";
      flush(text, false);
    }
    for (const GraphItem& edge : graph.edges) {
      text += "    <ChartItem";
      attribute(text, "Id", id());
      attribute(text, "Label", edge.label);
      time(text, *edge.record);
      text += "><Link";
      attribute(text, "End1Id", entity[edge.from]);
      attribute(text, "End2Id", entity[edge.to]);
      text += "><LinkStyle";
      attribute(text, "Type", edge.type_label);
      attribute(text, "LinkTypeReference", links[edge.type]);
      attribute(text, "StrengthReference", strength);
      text += " ArrowStyle=\"ArrowOnHead\" MlStyle=\"MultiplicityMultiple\"/></Link>";
      attributes(text, of_edges, edge);
      text += "</ChartItem>\n";
      flush(text, false);
    }
    text += "  </ChartItemCollection>\n</Chart>\n";
    flush(text, true);
  }

  static void time(std::string& out, const Record& r) {
    const std::string_view when = when_of(r);
    if (when.empty()) return;
    out += " DateSet=\"true\" TimeSet=\"true\"";
    attribute(out, "DateTime", std::string(when) + ".000");
  }

  size_t next_ = 1;
};

constexpr cb_format kFormats[] = {
    {"anx", "Chart for i2 Analyst's Notebook", "Graphique pour i2 Analyst's Notebook", "9", "anx", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Anx>(
    {.id = "anx", .version = "1.0.0", .title_en = "Chart for i2 Analyst's Notebook", .title_fr = "Graphique pour i2 Analyst's Notebook"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

// gexf: the data set as a graph in GEXF 1.3, for Gephi. Nodes have the colour of their type, never of a role. The published
// XSD has `color` in the namespace of GEXF itself, and Gephi goes by the local name: so it stands without a prefix.
#include "emit/escape.hpp"
#include "emit/exporting/graph.hpp"

namespace casebridge {
namespace {

using emit::append_xml_attribute;
using emit::GraphColumn;
using emit::GraphItem;

const char* type_name(GraphColumn::Kind kind) {
  switch (kind) {
    case GraphColumn::Kind::integer: return "long";
    case GraphColumn::Kind::real: return "double";
    case GraphColumn::Kind::truth: return "boolean";
    default: return "string";
  }
}

class Gexf final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void attribute(std::string& out, const char* name, std::string_view text) {
    out.append(" ").append(name).append("=\"");
    append_xml_attribute(out, text);
    out += '"';
  }
  void columns(std::string& out, const char* of, const char* prefix, const std::vector<GraphColumn>& columns) {
    const bool fr = lang() == emit::Lang::fr;
    out.append("    <attributes class=\"").append(of).append("\">\n");
    const auto one = [&](const std::string& id, std::string_view title, const char* type) {
      out.append("      <attribute id=\"").append(id).append("\"");
      attribute(out, "title", title);
      out.append(" type=\"").append(type).append("\"/>\n");
    };
    one(std::string(prefix) + "type", "type", "string");
    one(std::string(prefix) + "typeLabel", fr ? "Genre" : "Kind", "string");
    // Gephi shows the title; two fields of different records may share a label, so the key stands with it.
    for (size_t i = 0; i < columns.size(); ++i)
      one(prefix + std::to_string(i),
          columns[i].key.find('.') == columns[i].key.npos ? columns[i].label : columns[i].label + " (" + columns[i].key + ")",
          type_name(columns[i].kind));
    out += "    </attributes>\n";
  }
  void values(std::string& out, const char* prefix, const GraphItem& item) {
    out += "<attvalues>";
    const auto one = [&](const std::string& id, std::string_view text) {
      out.append("<attvalue for=\"").append(id).append("\"");
      attribute(out, "value", text);
      out += "/>";
    };
    one(std::string(prefix) + "type", item.type);
    one(std::string(prefix) + "typeLabel", item.type_label);
    for (const auto& [column, text] : item.values) one(prefix + std::to_string(column), text);
    out += "</attvalues>";
  }

  void emit(emit::DataSet& set) override {
    emit::GraphStream graph(set, lang());
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n  <meta";
    if (const std::string_view at = set.produced_at(); at.size() >= 10) attribute(text, "lastmodifieddate", at.substr(0, 10));
    text += ">\n    <creator>";
    emit::append_xml_text(text, set.producer().empty() ? "casebridge" : set.producer());
    text += "</creator>\n    <description>";
    emit::append_xml_text(text, std::string(lang() == emit::Lang::fr ? "Destinataire : " : "Recipient: ") + std::string(set.recipient()));
    text += "</description>\n  </meta>\n  <graph defaultedgetype=\"directed\" mode=\"static\">\n";
    columns(text, "node", "n", graph.node_columns());
    columns(text, "edge", "e", graph.edge_columns());
    text += "    <nodes>\n";
    graph.nodes([&](const GraphItem& node) {
      text.append("      <node id=\"").append(node.id).append("\"");
      attribute(text, "label", node.label);
      text += '>';
      values(text, "n", node);
      text.append("<color hex=\"").append(emit::type_colour(node.type)).append("\"/></node>\n");
      flush(text);
    });
    text += "    </nodes>\n    <edges>\n";
    graph.edges([&](const GraphItem& edge) {
      text.append("      <edge id=\"")
          .append(edge.id)
          .append("\" source=\"")
          .append(edge.from)
          .append("\" target=\"")
          .append(edge.to)
          .append("\"");
      attribute(text, "kind", edge.type);
      attribute(text, "label", edge.label);
      text += '>';
      values(text, "e", edge);
      text += "</edge>\n";
      flush(text);
    });
    text += "    </edges>\n  </graph>\n</gexf>\n";
    out().write(text);
  }
};

constexpr cb_format kFormats[] = {{"gexf", "Graph (GEXF, for Gephi)", "Graphe (GEXF, pour Gephi)", "1.3", "gexf", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Gexf>(
    {.id = "gexf", .version = "1.0.0", .title_en = "Graph (GEXF, for Gephi)", .title_fr = "Graphe (GEXF, pour Gephi)"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

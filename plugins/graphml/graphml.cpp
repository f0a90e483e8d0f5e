// graphml: the data set as a graph in GraphML 1.0, for Gephi, yEd, Cytoscape, networkx.
#include <tuple>

#include "emit/escape.hpp"
#include "emit/exporting/graph.hpp"

namespace casebridge {
namespace {

using emit::append_xml_attribute;
using emit::append_xml_text;
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

class GraphMl final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  void key(std::string& out, const std::string& id, const char* of, const std::string& name, const std::string& label, const char* type) {
    out.append("  <key id=\"").append(id).append("\" for=\"").append(of).append("\" attr.name=\"");
    append_xml_attribute(out, name);
    out.append("\" attr.type=\"").append(type).append("\">");
    if (label != name) {
      out += "<desc>";
      append_xml_text(out, label);
      out += "</desc>";
    }
    out += "</key>\n";
  }
  void data(std::string& out, const std::string& id, std::string_view text) {
    out.append("<data key=\"").append(id).append("\">");
    append_xml_text(out, text);
    out += "</data>";
  }
  void values(std::string& out, const char* prefix, const GraphItem& item) {
    data(out, std::string(prefix) + "label", item.label);
    data(out, std::string(prefix) + "type", item.type);
    data(out, std::string(prefix) + "typeLabel", item.type_label);
    for (const auto& [column, text] : item.values) data(out, prefix + std::to_string(column), text);
  }

  void emit(emit::DataSet& set) override {
    emit::GraphStream graph(set, lang());
    const bool fr = lang() == emit::Lang::fr;
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n  <desc>";
    append_xml_text(text, std::string(set.producer()) + ", " + std::string(set.produced_at()) + ", " +
                              (fr ? "destinataire : " : "recipient: ") + std::string(set.recipient()));
    text += "</desc>\n";
    for (const auto& [prefix, of, columns] :
         {std::tuple{"n", "node", &graph.node_columns()}, std::tuple{"e", "edge", &graph.edge_columns()}}) {
      const std::string p(prefix);
      key(text, p + "label", of, "label", fr ? "Libellé" : "Label", "string");
      key(text, p + "type", of, "type", "type", "string");
      key(text, p + "typeLabel", of, "typeLabel", fr ? "Genre" : "Kind", "string");
      for (size_t i = 0; i < columns->size(); ++i)
        key(text, p + std::to_string(i), of, (*columns)[i].key, (*columns)[i].label, type_name((*columns)[i].kind));
    }
    text += "  <graph id=\"G\" edgedefault=\"directed\">\n";
    graph.nodes([&](const GraphItem& node) {
      text.append("    <node id=\"").append(node.id).append("\">");
      values(text, "n", node);
      text += "</node>\n";
      flush(text);
    });
    graph.edges([&](const GraphItem& edge) {
      text.append("    <edge id=\"")
          .append(edge.id)
          .append("\" source=\"")
          .append(edge.from)
          .append("\" target=\"")
          .append(edge.to)
          .append("\">");
      values(text, "e", edge);
      text += "</edge>\n";
      flush(text);
    });
    text += "  </graph>\n</graphml>\n";
    out().write(text);
  }
};

constexpr cb_format kFormats[] = {{"graphml", "Graph (GraphML)", "Graphe (GraphML)", "1.0", "graphml", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::GraphMl>(
    {.id = "graphml", .version = "1.0.0", .title_en = "Graph (GraphML)", .title_fr = "Graphe (GraphML)"}, casebridge::kFormats,
    casebridge::emit::kLanguageOnly);

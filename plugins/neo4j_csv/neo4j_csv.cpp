// neo4j-csv: nodes and relationships as the tables of `neo4j-admin database import`: one file of nodes for each type of
// record, one of relationships, and the command that loads them.
#include <algorithm>
#include <map>

#include "casebridge/output_files.hpp"
#include "emit/escape.hpp"
#include "emit/exporting/graph.hpp"

namespace casebridge {
namespace {

using emit::GraphColumn;
using emit::GraphItem;

const char* type_name(GraphColumn::Kind kind) {
  switch (kind) {
    case GraphColumn::Kind::integer: return ":long";
    case GraphColumn::Kind::real: return ":double";
    case GraphColumn::Kind::truth: return ":boolean";
    default: return "";
  }
}

// Every text is quoted: an empty quoted string is a value, an empty cell is none. Nothing else needs an escape, for the
// importer is told of no escape character but the doubled quotation mark, and it is no spreadsheet: no formula runs.
void quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

std::string relation(const std::string& type) {  // Person.photoHashes -> PERSON_PHOTO_HASHES
  std::string out;
  for (const char c : type) {
    if (c == '.') {
      out += '_';
      continue;
    }
    if (c >= 'A' && c <= 'Z' && !out.empty() && out.back() >= 'a' && out.back() <= 'z') out += '_';
    out += c;
  }
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

class Neo4j final : public emit::DataSetWriter {
 public:
  explicit Neo4j(OpenOutput open) : DataSetWriter(open), files_(open) {}

 private:
  static std::string name_of(const GraphColumn& column, const std::string& type) {  // Person.birthDate in the file of Person: birthDate
    return column.key.starts_with(type + '.') ? column.key.substr(type.size() + 1) : column.key;
  }

  void row(std::string& out, const GraphItem& item, const std::vector<uint32_t>& columns) {
    size_t v = 0;
    for (const uint32_t column : columns) {
      out += ',';
      while (v < item.values.size() && item.values[v].first < column) ++v;
      if (v < item.values.size() && item.values[v].first == column) quoted(out, item.values[v].second);
    }
  }

  static std::vector<uint32_t> used(const std::vector<const GraphItem*>& items) {
    std::vector<uint32_t> out;
    for (const GraphItem* item : items)
      for (const auto& [column, text] : item->values) out.push_back(column);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  void emit(emit::DataSet& set) override {
    const emit::Graph graph = emit::make_graph(set, lang());
    std::map<std::string, std::vector<const GraphItem*>> nodes;
    for (const GraphItem& node : graph.nodes) nodes[node.type].push_back(&node);
    std::string command = "neo4j-admin database import full --multiline-fields=true";
    for (const auto& [type, items] : nodes) {
      const auto columns = used(items);
      std::string text = "id:ID,label,kind";
      for (const uint32_t c : columns)
        text.append(",").append(name_of(graph.node_columns[c], type)).append(type_name(graph.node_columns[c].kind));
      text += ",:LABEL\n";
      const std::string file = "nodes-" + type + ".csv";
      for (const GraphItem* node : items) {
        text.append(node->id).append(",");
        quoted(text, node->label);
        text += ',';
        quoted(text, node->type_label);
        row(text, *node, columns);
        text.append(",").append(type).append("\n");
        flush(file, text);
      }
      files_.write(file, text);
      command.append(" --nodes=").append(file);
    }
    std::vector<const GraphItem*> edges;
    for (const GraphItem& edge : graph.edges) edges.push_back(&edge);
    const auto columns = used(edges);
    std::string text = ":START_ID,:END_ID,id,label,kind";
    for (const uint32_t c : columns) text.append(",").append(graph.edge_columns[c].key).append(type_name(graph.edge_columns[c].kind));
    text += ",:TYPE\n";
    for (const GraphItem* edge : edges) {
      text.append(edge->from).append(",").append(edge->to).append(",").append(edge->id).append(",");
      quoted(text, edge->label);
      text += ',';
      quoted(text, edge->type_label);
      row(text, *edge, columns);
      text.append(",").append(relation(edge->type)).append("\n");
      flush("relationships.csv", text);
    }
    files_.write("relationships.csv", text);
    files_.write("import.txt", command + " --relationships=relationships.csv casebridge\n");
    files_.finish();
  }
  void flush(const std::string& file, std::string& text) {
    if (text.size() < (size_t(1) << 20)) return;
    files_.write(file, text);
    text.clear();
  }

  OutputFiles files_;
};

constexpr cb_format kFormats[] = {
    {"neo4j-csv", "Graph tables for Neo4j (CSV)", "Tableaux de graphe pour Neo4j (CSV)", "5", "tar", nullptr, CB_WRITES | CB_FOLDER}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Neo4j>(
    {.id = "neo4j-csv", .version = "1.0.0", .title_en = "Graph tables for Neo4j (CSV)", .title_fr = "Tableaux de graphe pour Neo4j (CSV)"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

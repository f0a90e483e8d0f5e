// A data set as a graph: what GraphML, GEXF, Neo4j and charts have in common. A record is a node; a Link whose two ends are
// there is an edge, and so is every reference to a record that is there, named by its field. Labels are the model's, in
// English or French; codes show their labels. Nodes come in the order of the data set, edges in the order of what says them.
//
// The colour of a node is that of its type, never of a role: a picture must not make an offender of a victim.
#pragma once
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "emit/exporting/data_set.hpp"

namespace casebridge::emit {

struct GraphColumn {
  enum class Kind : uint8_t { text, integer, real, truth };
  std::string key;  // "label", "Person.birthDate": ASCII, unique among nodes or among edges
  std::string label;
  Kind kind = Kind::text;
};

struct GraphItem {       // a node or an edge
  std::string id;        // of the record; of a reference: record:field:number
  std::string from, to;  // edges only
  std::string label;     // what people call it
  std::string type;      // "Person"; of an edge the link_type or "Person.photoHashes"
  std::string type_label;
  const Record* record = nullptr;                        // a node's own, or the one that says the edge
  std::vector<std::pair<uint32_t, std::string>> values;  // column, text; by column
};

struct Graph {
  std::vector<GraphColumn> node_columns, edge_columns;  // only those in use
  std::vector<GraphItem> nodes, edges;
};

// Marks everything it carries; what points at records that are not there is told as lost.
Graph make_graph(DataSet&, Lang);

// "#4E79A7" for a type of record; one for all that have none of their own.
std::string_view type_colour(std::string_view record_type);

}  // namespace casebridge::emit

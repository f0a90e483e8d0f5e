// A data set as a graph: what GraphML, GEXF, Neo4j and charts have in common. A record is a node; a Link whose two ends are
// there is an edge, and so is every reference to a record that is there, named by its field. Labels are the model's, in
// English or French; codes show their labels. Nodes come in the order of the data set, edges in the order of what says them.
//
// The colour of a node is that of its type, never of a role: a picture must not make an offender of a victim.
#pragma once
#include <functional>
#include <memory>
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

// The graph, walked through as often as it is asked for: an item is made when its turn comes and gone after it, so that
// memory holds the records alone. The first walk finds the columns, marks everything that is carried, and tells as lost what
// points at records that are not there.
class GraphStream {
 public:
  using Take = std::function<void(const GraphItem&)>;
  GraphStream(DataSet&, Lang);
  ~GraphStream();
  const std::vector<GraphColumn>& node_columns() const;  // only those in use
  const std::vector<GraphColumn>& edge_columns() const;
  void nodes(const Take&);
  void edges(const Take&);

 private:
  class Maker;
  std::unique_ptr<Maker> maker_;
};

// The same, all of it at once: for formats that need more than one look at an item.
struct Graph {
  std::vector<GraphColumn> node_columns, edge_columns;
  std::vector<GraphItem> nodes, edges;
};
Graph make_graph(DataSet&, Lang);

// "#4E79A7" for a type of record; one for all that have none of their own.
std::string_view type_colour(std::string_view record_type);

}  // namespace casebridge::emit

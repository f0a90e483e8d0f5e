#include "emit/exporting/graph.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "emit/exporting/words.hpp"

namespace casebridge::emit {
namespace {

constexpr const char* kBetween = " | ";
constexpr const char* kOutside = "it points at a record that is not in the data set";
using Kind = GraphColumn::Kind;

std::string key_of(const model::Node& type, const model::Node& leaf) {
  std::string out(type.name);
  out += '.';
  for (const char c : leaf.path) out += c == '/' ? '.' : c;
  return out;
}

Kind kind_of(const model::Node& leaf, bool repeated) {
  using model::ValueType;
  if (leaf.many || repeated) return Kind::text;
  switch (leaf.type) {
    case ValueType::integer: return Kind::integer;
    case ValueType::boolean: return Kind::truth;
    case ValueType::decimal: return Kind::real;
    default: return Kind::text;
  }
}

// Columns are made as they are met, then put into one order: what every node has first, the model's own order after it.
class Columns {
 public:
  uint32_t at(const std::string& key, const std::string& label, Kind kind, uint64_t order) {
    const auto [found, fresh] = index_.emplace(key, static_cast<uint32_t>(made_.size()));
    if (fresh) made_.push_back({{key, label, kind}, order});
    return found->second;
  }
  std::vector<GraphColumn> settle() {
    std::vector<uint32_t> sorted(made_.size());
    for (uint32_t i = 0; i < sorted.size(); ++i) sorted[i] = i;
    std::stable_sort(sorted.begin(), sorted.end(), [&](uint32_t a, uint32_t b) {
      return std::tie(made_[a].second, made_[a].first.key) < std::tie(made_[b].second, made_[b].first.key);
    });
    place_.resize(made_.size());
    std::vector<GraphColumn> out;
    for (uint32_t i = 0; i < sorted.size(); ++i) {
      place_[sorted[i]] = i;
      out.push_back(std::move(made_[sorted[i]].first));
    }
    return out;
  }
  void settle(GraphItem& item) const {
    for (auto& [column, text] : item.values) column = place_[column];
    std::sort(item.values.begin(), item.values.end());
  }

 private:
  std::map<std::string, uint32_t> index_;
  std::vector<std::pair<GraphColumn, uint64_t>> made_;
  std::vector<uint32_t> place_;  // of each column in the order of settle()
};

}  // namespace

class GraphStream::Maker {
 public:
  Maker(DataSet& data, Lang lang) : data_(data), lang_(lang) {
    walk();
    first_ = false;
    node_columns = nodes_.settle();
    edge_columns = edges_.settle();
  }

  void walk(const Take* take_node = nullptr, const Take* take_edge = nullptr) {
    take_node_ = take_node;
    take_edge_ = take_edge;
    for (const Record* r : data_.records()) {
      if (!is_edge(*r)) node(*r);
      else if (first_ || take_edge_) link(*r);
    }
  }
  std::vector<GraphColumn> node_columns, edge_columns;

 private:
  void done(GraphItem& item, const Columns& columns, const Take* take) {
    if (!take) return;
    columns.settle(item);
    (*take)(item);
  }
  bool there(std::string_view id) const {
    const Record* r = data_.find(id);
    return r && !is_edge(*r);
  }
  bool is_edge(const Record& r) const {
    if (r.type->name != "Link") return false;
    const Record *from = data_.find(raw_text(r, "from")), *to = data_.find(raw_text(r, "to"));
    return from && to && from->type->name != "Link" && to->type->name != "Link";
  }

  void set(GraphItem& item, Columns& columns, const std::string& key, const std::string& label, Kind kind, uint64_t order,
           std::string text) {
    if (text.empty()) return;
    const uint32_t column = columns.at(key, label, kind, order);
    for (auto& [known, there] : item.values)
      if (known == column) return void(there.append(kBetween).append(text));
    item.values.emplace_back(column, std::move(text));
  }

  const char* say(const char* en, const char* fr) const { return lang_ == Lang::fr ? fr : en; }

  // Where it comes from and how it is to be handled: on everything.
  void standing(GraphItem& item, Columns& columns, const Record& r) {
    const auto put = [&](const char* key, const char* en, const char* fr, Kind kind, uint64_t order, std::string text) {
      set(item, columns, key, say(en, fr), kind, order, std::move(text));
    };
    put("agency", "Agency", "Organisme", Kind::text, 1, std::string(data_.agency(r)));
    if (const Record* s = data_.source(r.source))
      put("sourceFile", "Source file", "Fichier source", Kind::text, 2, std::string(raw_text(*s, "name")));
    if (r.place.line) {
      put("sourceLine", "Line in the source", "Ligne dans la source", Kind::integer, 3, std::to_string(r.place.line));
      if (r.source) data_.carry(r, DataSet::Part::place);
    }
    put("localId", "Number in the source", "Numéro dans la source", Kind::text, 4, std::string(r.local_id));
    data_.carry(r, DataSet::Part::local_id);
    if (r.version != 1) put("version", "Version", "Version", Kind::integer, 5, std::to_string(r.version));
    data_.carry(r, DataSet::Part::version);
    const Marking mark = data_.marking(r);
    put("tlp", "Traffic Light Protocol", "Protocole TLP", Kind::text, 6, tlp_words(mark.tlp));
    put("handlingCode", "Handling code", "Code de traitement", Kind::text, 7,
        mark.handling_code.empty() ? std::string() : code_label("handling_3x5x2", mark.handling_code, lang_));
    put("conditions", "Conditions", "Conditions", Kind::text, 8, std::string(mark.conditions));
    std::string caveats;
    for (const std::string_view c : mark.caveats) caveats.append(caveats.empty() ? "" : kBetween).append(code_label("caveat", c, lang_));
    put("caveats", "Caveats", "Réserves", Kind::text, 9, caveats);
    if (!r.ext.empty()) {
      std::string ext;
      for (const Ext& x : r.ext) ext.append(ext.empty() ? "" : kBetween).append(x.name).append("=").append(x.value);
      put("ext", "Other source fields", "Autres champs de la source", Kind::text, UINT64_MAX, ext);
    }
    data_.carry(r, DataSet::Part::ext);
  }

  void value(GraphItem& item, Columns& columns, const Record& r, const Value& v, bool repeated) {
    const model::Node& leaf = model::node(v.field);
    set(item, columns, key_of(*r.type, leaf), full_label(leaf, lang_), kind_of(leaf, repeated),
        uint64_t(r.type->tag) << 32 | (1000u + leaf.rank), leaf.codes ? code_label(leaf, v.text, lang_) : std::string(v.text));
  }

  // References become edges; what they say beside themselves (the score of a member) stands on the edge.
  void reference(const Record& r, const Value& v, const Block* block, size_t number) {
    if (!first_ && !take_edge_) return;
    const model::Node& leaf = model::node(v.field);
    GraphItem edge;
    edge.id = id_text(r) + ":" + key_of(*r.type, leaf).substr(r.type->name.size() + 1) + ":" + std::to_string(number);
    edge.from = id_text(r);
    edge.to = v.text;
    edge.type = key_of(*r.type, leaf);
    edge.label = edge.type_label = full_label(leaf, lang_);
    edge.record = &r;
    if (block)
      for (const Value& beside : r.block_of(*block))
        if (model::node(beside.field).type != model::ValueType::ref) value(edge, edges_, r, beside, false);
    done(edge, edges_, take_edge_);
  }

  void node(const Record& r) {
    GraphItem item;
    whole_ = first_ || take_node_;  // else its references alone are wanted
    if (whole_) {
      item.id = id_text(r);
      item.label = title(r, lang_);
      item.type = r.type->name;
      item.type_label = label(*r.type, lang_);
      item.record = &r;
      standing(item, nodes_, r);
    }
    size_t number = 0;
    for (size_t i = 0; i < r.values.size(); ++i) take(item, r, r.values[i], i, nullptr, number);
    for (const Block& b : r.blocks)
      for (size_t i = b.first; i < b.first + b.count; ++i) take(item, r, r.block_values[i], i, &b, number);
    done(item, nodes_, take_node_);
  }

  void take(GraphItem& item, const Record& r, const Value& v, size_t index, const Block* block, size_t& number) {
    const model::Node& leaf = model::node(v.field);
    data_.carry(r, index, block != nullptr);
    if (leaf.path.starts_with("handling/") && !block) return;  // part of the marking
    if (leaf.type == model::ValueType::ref && there(v.text)) return reference(r, v, block, ++number);
    if (!whole_) return;
    if (leaf.type != model::ValueType::ref) return value(item, nodes_, r, v, block != nullptr);
    if (first_) data_.lose(key_of(*r.type, leaf), kOutside);
    value(item, nodes_, r, v, block != nullptr);  // its id at least stays with the node
  }

  void link(const Record& r) {
    Fields f(data_, r);
    GraphItem edge;
    edge.id = id_text(r);
    edge.from = f.text("from");
    edge.to = f.text("to");
    edge.type = f.text("type");
    edge.type_label = f.label("type", lang_);
    const std::string role = f.label("role", lang_);
    edge.label = role.empty() ? edge.type_label : edge.type_label + ": " + role;
    edge.record = &r;
    standing(edge, edges_, r);
    const model::Node *from = model::field(*r.type, "from"), *to = model::field(*r.type, "to");
    for (size_t i = 0; i < r.values.size(); ++i) {
      const Value& v = r.values[i];
      data_.carry(r, i, false);
      if (v.field != from->tag && v.field != to->tag && !model::node(v.field).path.starts_with("handling/"))
        value(edge, edges_, r, v, false);
    }
    for (const Block& b : r.blocks)
      for (size_t i = b.first; i < b.first + b.count; ++i) {
        data_.carry(r, i, true);
        value(edge, edges_, r, r.block_values[i], true);
      }
    done(edge, edges_, take_edge_);
  }

  DataSet& data_;
  Lang lang_;
  Columns nodes_, edges_;
  bool first_ = true;  // the walk that finds the columns
  bool whole_ = true;
  const Take *take_node_ = nullptr, *take_edge_ = nullptr;
};

GraphStream::GraphStream(DataSet& data, Lang lang) : maker_(std::make_unique<Maker>(data, lang)) {}
GraphStream::~GraphStream() = default;
const std::vector<GraphColumn>& GraphStream::node_columns() const { return maker_->node_columns; }
const std::vector<GraphColumn>& GraphStream::edge_columns() const { return maker_->edge_columns; }
void GraphStream::nodes(const Take& take) { maker_->walk(&take); }
void GraphStream::edges(const Take& take) { maker_->walk(nullptr, &take); }

Graph make_graph(DataSet& data, Lang lang) {
  GraphStream stream(data, lang);
  Graph graph{stream.node_columns(), stream.edge_columns(), {}, {}};
  stream.nodes([&](const GraphItem& item) { graph.nodes.push_back(item); });
  stream.edges([&](const GraphItem& item) { graph.edges.push_back(item); });
  return graph;
}

std::string_view type_colour(std::string_view type) {
  static constexpr std::pair<std::string_view, std::string_view> kColours[] = {
      {"Person", "#4E79A7"},     {"Organization", "#F28E2B"}, {"Location", "#59A14F"},      {"Vehicle", "#9C755F"}, {"Selector", "#76B7B2"},
      {"Occurrence", "#EDC948"}, {"Case", "#B07AA1"},         {"Advertisement", "#FF9DA7"}, {"Order", "#86BCB6"},   {"Cluster", "#79706E"}};
  for (const auto& [name, colour] : kColours)
    if (name == type) return colour;
  return "#BAB0AC";
}

}  // namespace casebridge::emit

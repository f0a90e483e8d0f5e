// Case data as text for tests: a JSON line or an XML element as a tree, by Boost's parser (the product has its own).
#pragma once
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

#include "emit/case_tree.hpp"
#include "emit/writer.hpp"
#include "handle/gate.hpp"

namespace case_text {

using namespace casebridge;
using boost::property_tree::ptree;

inline uint32_t add(read::Tree& tree, uint32_t parent, std::string_view name, std::string_view text, bool attribute) {
  read::TreeNode node;
  node.name = name.empty() ? read::Names::kNone : tree.names->intern(name);
  node.parent = parent;
  node.attribute = attribute;
  node.text = tree.arena.keep(text);
  node.has_text = !text.empty();
  tree.nodes.push_back(node);
  const auto at = static_cast<uint32_t>(tree.nodes.size() - 1);
  if (parent == read::Names::kNone) return at;
  uint32_t* link = &tree.nodes[parent].first_child;
  while (*link != read::Names::kNone) link = &tree.nodes[*link].next_sibling;
  *link = at;
  return at;
}

inline void json_node(read::Tree& tree, uint32_t parent, const std::string& name, const ptree& value) {
  const bool list = !value.empty() && value.front().first.empty();
  if (list) {
    for (const auto& [key, item] : value) json_node(tree, parent, name, item);
    return;
  }
  const uint32_t at = add(tree, parent, name, value.data(), false);
  for (const auto& [key, child] : value) json_node(tree, at, key, child);
}

inline void xml_node(read::Tree& tree, uint32_t parent, const std::string& name, const ptree& value) {
  const uint32_t at = add(tree, parent, name, value.data(), false);
  if (const auto attributes = value.get_child_optional("<xmlattr>"))
    for (const auto& [key, text] : *attributes) add(tree, at, key, text.data(), true);
  for (const auto& [key, child] : value)
    if (key != "<xmlattr>") xml_node(tree, at, key, child);
}

inline read::Tree json_tree(const std::string& line, read::Names& names) {
  std::istringstream in(line);
  ptree value;
  boost::property_tree::read_json(in, value);
  read::Tree tree;
  tree.names = &names;
  json_node(tree, read::Names::kNone, "", value);
  return tree;
}

inline read::Tree xml_tree(const std::string& element, read::Names& names) {
  std::istringstream in(element);
  ptree value;
  boost::property_tree::read_xml(in, value);
  read::Tree tree;
  tree.names = &names;
  xml_node(tree, read::Names::kNone, value.front().first, value.front().second);
  return tree;
}

inline std::string file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// Records of a JSON Lines text, Dataset and Source lines too, without the end line.
inline RecordBatch records(const std::string& jsonl) {
  RecordBatch batch;
  read::Names names;
  emit::CaseTree reader(false);
  for (const std::string& line : lines(jsonl)) {
    if (line.starts_with("{\"recordType\":\"DatasetEnd\"")) continue;
    const read::Tree tree = json_tree(line, names);
    if (const auto refusal = reader.record(tree, 0, batch))
      throw std::runtime_error(refusal->code + ' ' + refusal->args.at(0) + " in " + line);
  }
  return batch;
}

// The whole data set through a gate for self and a writer.
inline std::string written(RecordBatch& batch, bool xml, const emit::WriteOptions& options = {}) {
  std::string out;
  emit::TextSink sink(out);
  const auto gate = handle::Gate::for_self("2099-07-15");
  const auto writer = xml ? emit::make_xml_writer(sink, options) : emit::make_jsonl_writer(sink, options);
  for (Record& record : batch.records) {
    if (record.type->name == "Dataset") writer->begin(gate->dataset(record).cleared());
    else if (record.type->name == "Source") writer->lines(gate->source(record).cleared());
    else writer->lines(gate->pass({&record, 1}).cleared());
  }
  writer->finish();
  return out;
}

}  // namespace case_text

#include "model/pointers.hpp"

#include <algorithm>

namespace casebridge {

const std::string& local_pointer(model::Tag tag) {
  static const std::vector<std::string> pointers = [] {
    std::vector<std::string> made;
    for (const model::Node& node : model::nodes()) {
      if (made.size() <= node.tag) made.resize(size_t(node.tag) + 1);
      std::string& pointer = made[node.tag];
      pointer = '/' + std::string(node.name);
      for (const model::Node* up = model::find_node(node.parent); up && up->kind == model::NodeKind::block;
           up = model::find_node(up->parent))
        pointer = '/' + std::string(up->name) + pointer;
    }
    return made;
  }();
  return pointers.at(tag);
}

std::string absent_pointer(const Record& record, const Absent& absent) {
  if (absent.block < 0) return local_pointer(absent.field);
  const auto at = static_cast<size_t>(absent.block);
  size_t index = 0;
  while (index < at && record.blocks[at - index - 1].tag == record.blocks[at].tag) ++index;
  return local_pointer(record.blocks[at].tag) + '/' + std::to_string(index) + local_pointer(absent.field);
}

bool pointer_covers(std::string_view outer, std::string_view inner) {
  return inner.starts_with(outer) && (inner.size() == outer.size() || inner[outer.size()] == '/');
}

Record copied(const Record& record, Arena& arena) {
  Record out = record;
  const auto keep = [&](std::string_view& text) {
    if (!text.empty()) text = arena.keep(text);
  };
  keep(out.status);
  keep(out.local_id);
  for (auto* values : {&out.values, &out.block_values})
    for (Value& value : *values) keep(value.text), keep(value.original);
  for (Absent& absent : out.absent) keep(absent.reason);
  for (Ext& ext : out.ext) keep(ext.name), keep(ext.value);
  return out;
}

}  // namespace casebridge

#include "read/mapping/jsonld.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr uint32_t kNone = Names::kNone;

// Where the local name of a name or a type begins.
size_t local_at(std::string_view name) {
  const size_t at = name.find_last_of("/#:");
  return at == name.npos || at + 1 == name.size() ? 0 : at + 1;
}

// What the prefixes stand for, from every @context of the tree.
std::unordered_map<std::string_view, std::string_view> prefixes(const Tree& tree, uint32_t context) {
  std::unordered_map<std::string_view, std::string_view> out;
  for (const TreeNode& node : tree.nodes)
    if (node.parent != kNone && tree.nodes[node.parent].name == context && node.name != kNone && !node.text.empty())
      out.emplace(tree.names->text(node.name), node.text);
  return out;
}

}  // namespace

void read_as_linked_data(Tree& tree) {
  Names& names = *tree.names;
  const uint32_t context = names.intern("@context"), value = names.intern("@value"), type = names.intern("@type");
  const auto known = prefixes(tree, context);
  const auto in_context = [&](const TreeNode& node) { return node.parent != kNone && tree.nodes[node.parent].name == context; };
  for (TreeNode& node : tree.nodes) {  // typed values first, while their members have their names
    if (node.name != value || node.parent == kNone) continue;
    TreeNode& whole = tree.nodes[node.parent];
    whole.text = node.text;
    whole.text_offset = node.text_offset;
    whole.text_length = node.text_length;
    whole.has_text = node.has_text;
  }
  std::vector<std::pair<uint32_t, std::pair<uint32_t, uint32_t>>> renamed;  // @context keeps its name until the end
  for (uint32_t n = 0; n < tree.nodes.size(); ++n) {
    TreeNode& node = tree.nodes[n];
    if (node.name == kNone || in_context(node)) continue;
    const std::string_view name = names.text(node.name);
    if (node.name == type && !node.text.empty()) {
      const size_t at = local_at(node.text);
      if (node.text_length == node.text.size()) {
        node.text_offset += at;
        node.text_length -= static_cast<uint32_t>(at);
      }
      node.text.remove_prefix(at);
    }
    if (name.starts_with('@')) {
      node.attribute = name != "@graph" && name != "@list" && name != "@set" && name != "@included";  // those hold objects
      renamed.push_back({n, {names.intern(name.substr(1)), kNone}});
    } else if (const size_t at = local_at(name); at) {
      const bool prefixed = name[at - 1] == ':';
      const std::string_view space = name.substr(0, prefixed ? at - 1 : at);
      const auto stands_for = prefixed ? known.find(space) : known.end();
      renamed.push_back({n,
                         {names.intern(std::string(name.substr(at))),
                          names.intern(std::string(stands_for == known.end() ? space : stands_for->second))}});
    }
  }
  for (const auto& [n, as] : renamed) tree.nodes[n].name = as.first, tree.nodes[n].ns = as.second;
}

}  // namespace casebridge::read::mapping

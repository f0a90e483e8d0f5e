// An XML input in memory, handed out in small pieces so that every token meets the edge of a window.
#pragma once
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <string>
#include <vector>

#include "read/xml_tree.hpp"

namespace casebridge::read {

struct MemoryInput {
  std::string bytes;
  size_t at = 0, piece;
  cb_input input{};
  explicit MemoryInput(std::string_view text, size_t piece = 7) : bytes(text), piece(piece) {
    input.struct_size = sizeof input;
    input.self = this;
    input.size = static_cast<int64_t>(bytes.size());
    input.read = [](void* self, void* into, uint64_t size) -> int64_t {
      auto& me = *static_cast<MemoryInput*>(self);
      const size_t n = std::min({static_cast<size_t>(size), me.piece, me.bytes.size() - me.at});
      std::memcpy(into, me.bytes.data() + me.at, n);
      me.at += n;
      return static_cast<int64_t>(n);
    };
  }
};

struct XmlRun {  // everything one reading gave
  Names names;
  std::vector<Finding> findings;
  std::vector<Tree> trees;
  cb_status status = CB_OK;
  std::optional<XmlReader::Span> broken;
  std::string codes() const {
    std::string out;
    for (const Finding& f : findings) out += (out.empty() ? "" : " ") + f.code;
    return out;
  }
};

inline std::unique_ptr<XmlRun> read_xml(std::string_view bytes, XmlOptions options = {}, size_t piece = 7) {
  auto run = std::make_unique<XmlRun>();
  MemoryInput input(bytes, piece);
  XmlReader reader(input.input, std::move(options), run->names, [&](Finding f) { run->findings.push_back(std::move(f)); });
  for (;;) {
    Tree tree;
    if (!reader.next(tree)) break;
    run->trees.push_back(std::move(tree));
  }
  run->status = reader.status();
  run->broken = reader.broken();
  return run;
}

// The tree as text: name@attribute=value{children}text, for comparing in one line.
inline std::string show(const Tree& tree, uint32_t at = 0) {
  const TreeNode& node = tree.nodes[at];
  std::string out = node.attribute ? "@" : "";
  if (node.ns != Names::kNone) out += "{" + std::string(tree.names->text(node.ns)) + "}";
  out += tree.names->text(node.name);
  if (node.nil) out += "!nil";
  if (node.has_text) out += "=" + std::string(node.text);
  if (node.first_child != Names::kNone) {
    out += "(";
    for (uint32_t child = node.first_child; child != Names::kNone; child = tree.nodes[child].next_sibling)
      out += (child == node.first_child ? "" : " ") + show(tree, child);
    out += ")";
  }
  return out;
}

}  // namespace casebridge::read

// One source record as a tree: the same shape for XML and JSON, so that a path of the mapping language means the same
// in both.
//   XML   an element is a node; an attribute is a child node with `attribute` set; `text` is the element's own character
//         data, references decoded, outer white space trimmed (mixed content: its pieces joined in order).
//   JSON  a member is a node; an array is the member repeated (nested arrays flatten); an object has child nodes; a
//         number or truth value is its text as written; null is a node without text. The root is unnamed.
// Positions are bytes of the original input, before decoding. Text is borrowed from the tree's arena; a tree is cleared
// and used again for the next source record. One thread at a time.
#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/record.hpp"  // Arena

namespace casebridge::read {

// Names are interned once per input: a path compares numbers, not text.
class Names {
 public:
  uint32_t intern(std::string_view name) {
    if (const auto at = ids_.find(name); at != ids_.end()) return at->second;
    kept_.emplace_back(name);
    const auto id = static_cast<uint32_t>(kept_.size() - 1);
    ids_.emplace(kept_.back(), id);
    return id;
  }
  uint32_t find(std::string_view name) const {
    const auto at = ids_.find(name);
    return at == ids_.end() ? kNone : at->second;
  }
  std::string_view text(uint32_t id) const { return kept_[id]; }
  size_t size() const { return kept_.size(); }
  static constexpr uint32_t kNone = UINT32_MAX;

 private:
  std::deque<std::string> kept_;  // never moves
  std::unordered_map<std::string_view, uint32_t> ids_;
};

struct TreeNode {
  uint32_t name = Names::kNone;  // local name, interned
  uint32_t ns = Names::kNone;    // namespace URI, interned; kNone for none and for JSON
  uint32_t parent = Names::kNone, first_child = Names::kNone, next_sibling = Names::kNone;
  bool attribute = false;
  bool nil = false;  // xsi:nil="true", JSON null
  bool has_text = false;
  std::string_view text;            // UTF-8
  uint64_t text_offset = 0;         // of the value: character data, attribute value, JSON scalar without its quotes
  uint32_t text_length = 0;         // in bytes of the input (more than text.size() where there were escapes)
  uint64_t offset = 0, length = 0;  // of the whole element, attribute or member value
  uint64_t line = 0;                // where offset stands, from 1
};

struct Tree {
  Names* names = nullptr;  // of the input; outlives the tree
  Arena arena;
  std::vector<TreeNode> nodes;  // in document order; nodes[0] is the root: the document element, or the JSON value
  uint32_t unit = 0;            // the node that is the source record: below the root stand its ancestors with what came
                                // before it (their attributes and earlier simple children), so that /*/x and .. work
  uint64_t offset = 0, length = 0;
  const char* refused = nullptr;  // code of the finding that refused this source record; the nodes are then what could be
                                  // read of it (perhaps none), to be looked at and not to be mapped
  void clear() {
    nodes.clear();
    arena.clear();
    unit = 0;
    offset = length = 0;
    refused = nullptr;
  }
};

// Told of every value that stands outside the source records, once, when it has been read: what no tree holds, or every
// tree anew. `path`: the names from the top to the value itself (XML: from the document element), interned.
class OutsideSink {
 public:
  virtual ~OutsideSink() = default;
  virtual void outside(const uint32_t* path, size_t size, const TreeNode& value) = 0;
};

}  // namespace casebridge::read

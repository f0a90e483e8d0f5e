#include "emit/case_tree.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

namespace casebridge::emit {
namespace {

using read::Names;
using read::Tree;
using read::TreeNode;

constexpr int kDepth = 16;  // the model's own depth is four

// The children of each node of the model by name.
class ByName {
 public:
  static const ByName& get() {
    static const ByName made;
    return made;
  }
  const model::Node* find(model::Tag parent, std::string_view name) const {
    const auto& list = children_[parent];
    const auto at = std::lower_bound(list.begin(), list.end(), name, [](const auto& c, std::string_view n) { return c->name < n; });
    return at != list.end() && (*at)->name == name ? *at : nullptr;
  }

 private:
  ByName() {
    for (const model::Node& node : model::nodes()) {
      if (children_.size() <= node.tag) children_.resize(size_t(node.tag) + 1);
      for (const model::Tag child : node.children) children_[node.tag].push_back(&model::node(child));
      std::sort(children_[node.tag].begin(), children_[node.tag].end(), [](const auto* a, const auto* b) { return a->name < b->name; });
    }
  }
  std::vector<std::vector<const model::Node*>> children_;
};

std::string_view name_of(const Tree& tree, uint32_t node) {
  const uint32_t id = tree.nodes[node].name;
  return id == Names::kNone ? std::string_view() : tree.names->text(id);
}

template <class Each>
void children(const Tree& tree, uint32_t node, Each&& each) {
  for (uint32_t c = tree.nodes[node].first_child; c != Names::kNone; c = tree.nodes[c].next_sibling) each(c);
}

std::string_view child_text(const Tree& tree, uint32_t node, std::string_view name) {
  std::string_view found;
  children(tree, node, [&](uint32_t c) {
    if (found.empty() && name_of(tree, c) == name) found = tree.nodes[c].text;
  });
  return found;
}

bool number(std::string_view text, uint64_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool numbers(std::string_view text, std::vector<uint64_t>& out) {  // separated by one space
  while (true) {
    const size_t space = text.find(' ');
    uint64_t n = 0;
    if (!number(text.substr(0, space), n)) return false;
    out.push_back(n);
    if (space == std::string_view::npos) return true;
    text.remove_prefix(space + 1);
  }
}

std::string unescaped(std::string_view segment) {  // RFC 6901
  std::string out;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '~' && i + 1 < segment.size() && (segment[i + 1] == '0' || segment[i + 1] == '1'))
      out += segment[++i] == '0' ? '~' : '/';
    else out += segment[i];
  }
  return out;
}

}  // namespace

struct CaseTree::Draft {
  const Tree& tree;
  Record record;
  Arena& arena;
  bool xml, unknown = false;
  std::optional<Refusal> refusal;
  struct Item {
    const model::Node* node;
    std::vector<Value> values;
  };
  std::vector<Item> items;
  std::vector<std::pair<std::string_view, std::string_view>> originals, absents;  // pointer, text
  std::vector<std::pair<std::string_view, std::vector<uint64_t>>> places;

  void refuse(std::string code, uint32_t node, std::vector<std::string> args) {
    if (!refusal) refusal = Refusal{std::move(code), std::move(args), tree.nodes[node].offset, tree.nodes[node].length};
  }
  void shape(uint32_t node, std::string_view name) { refuse("E-CASE-SHAPE", node, {std::string(name)}); }

  void ext(std::string name, uint32_t node) {  // a field that the model does not know, with all that stands below it
    unknown = true;
    const TreeNode& n = tree.nodes[node];
    if (n.has_text && !n.text.empty()) record.ext.push_back({arena.keep(name), arena.keep(n.text)});
    if (std::count(name.begin(), name.end(), '/') < kDepth)
      children(tree, node, [&](uint32_t c) { ext(name + '/' + std::string(name_of(tree, c)), c); });
    else if (n.first_child != Names::kNone) shape(node, name);
  }

  void value(const model::Node& node, uint32_t at, std::vector<Value>& into, const std::string& path) {
    const TreeNode& n = tree.nodes[at];
    Value value;
    value.field = node.tag;
    if (n.text.empty()) return;  // null and empty text say nothing; canonical form has neither
    value.text = arena.keep(n.text);
    if (node.codes && node.codes->name == "caveat" && !node.codes->find(n.text)) refuse("E-CASE-CAVEAT", at, {std::string(n.text)});
    children(tree, at, [&](uint32_t c) {
      const std::string_view name = name_of(tree, c);
      if (xml && tree.nodes[c].attribute && name == "original") {
        value.original = arena.keep(tree.nodes[c].text);
        value.normal_differs = !value.original.empty();
      } else if (xml && tree.nodes[c].attribute && name == "place") {
        std::vector<uint64_t> place;
        if (!numbers(tree.nodes[c].text, place) || (place.size() != 2 && place.size() != 4) || place[1] > UINT32_MAX) return shape(c, name);
        value.offset = place[0];
        value.length = static_cast<uint32_t>(place[1]);
      } else {
        ext(path + '/' + std::string(name), c);
      }
    });
    into.push_back(value);
  }

  void fields(const model::Node& model, uint32_t at, std::vector<Value>& into, bool in_item, const std::string& path, int depth) {
    if (depth > kDepth) return shape(at, path);
    children(tree, at, [&](uint32_t c) {
      const std::string_view name = name_of(tree, c);
      if (depth == 0 && common(name, c)) return;
      const model::Node* node = ByName::get().find(model.tag, name);
      const std::string below = path.empty() ? std::string(name) : path + '/' + std::string(name);
      if (!node) return ext(below, c);
      switch (node->kind) {
        case model::NodeKind::leaf: value(*node, c, into, below); break;
        case model::NodeKind::block:
          if (tree.nodes[c].has_text && tree.nodes[c].first_child == Names::kNone && !tree.nodes[c].text.empty()) return shape(c, below);
          fields(*node, c, into, in_item, below, depth + 1);
          break;
        case model::NodeKind::blocks:
          if (in_item) return shape(c, below);
          items.push_back({node, {}});
          {
            const size_t index = items.size() - 1;
            std::vector<Value> values;
            fields(*node, c, values, true, below, depth + 1);
            items[index].values = std::move(values);
          }
          break;
        case model::NodeKind::record: shape(c, below); break;
      }
    });
  }

  // What stands at the top of every record and is no field of its type. True: taken.
  bool common(std::string_view name, uint32_t c) {
    const TreeNode& n = tree.nodes[c];
    const bool line = record.type->name == "Dataset" || record.type->name == "Source";
    if (!xml && name == "recordType") return true;
    if (record.type->name == "Source" && name == "source") {
      uint64_t at = 0;
      if (!number(n.text, at) || at == 0 || at > UINT32_MAX) shape(c, name);
      record.source = static_cast<uint32_t>(at);
      return true;
    }
    if (line) return false;
    if (name == "id") {
      if (!parse_uuid(n.text, record.id)) shape(c, name);
    } else if (name == "version") {
      uint64_t at = 0;
      if (!number(n.text, at) || at == 0 || at > UINT32_MAX) shape(c, name);
      record.version = static_cast<uint32_t>(at);
    } else if (name == "localId") {
      record.local_id = arena.keep(n.text);
    } else if (name == "source" && (!xml || n.attribute)) {
      place_part(c);
    } else if (name == "alsoSource") {
      if (xml ? !numbers(n.text, also_numbers) : !also_part(c)) shape(c, name);
    } else if (name == "recordStatus") {
      record.status = arena.keep(n.text);
    } else if (name == "supersedes") {
      if (!parse_uuid(n.text, record.supersedes)) shape(c, name);
    } else if (name == "absent") {
      absents.emplace_back(child_text(tree, c, "field"), child_text(tree, c, "reason"));
    } else if (name == "original" && !xml) {
      children(tree, c, [&](uint32_t o) { originals.emplace_back(name_of(tree, o), tree.nodes[o].text); });
    } else if (name == "ext") {
      if (xml) record.ext.push_back({arena.keep(child_text(tree, c, "name")), arena.keep(n.text)});
      else children(tree, c, [&](uint32_t e) { record.ext.push_back({arena.keep(name_of(tree, e)), arena.keep(tree.nodes[e].text)}); });
    } else if (name == "places" && !xml) {
      children(tree, c, [&](uint32_t p) {
        uint64_t n0 = 0;
        if (!number(tree.nodes[p].text, n0)) return shape(p, "places");
        if (places.empty() || places.back().first != name_of(tree, p)) places.push_back({name_of(tree, p), {}});
        places.back().second.push_back(n0);
      });
    } else {
      return false;
    }
    return true;
  }

  std::vector<uint64_t> place_numbers, also_numbers;
  void place_part(uint32_t c) {  // JSON: the list's numbers come one by one; XML: all in one attribute
    uint64_t at = 0;
    if (xml ? !numbers(tree.nodes[c].text, place_numbers) : !number(tree.nodes[c].text, at)) return shape(c, "source");
    if (!xml) place_numbers.push_back(at);
  }
  bool also_part(uint32_t c) {
    uint64_t at = 0;
    if (!number(tree.nodes[c].text, at)) return false;
    also_numbers.push_back(at);
    return true;
  }

  void header_done(uint32_t node) {
    if (record.type->name == "Dataset" || record.type->name == "Source") {
      if (record.type->name == "Source" && record.source == 0) shape(node, "source");
      return;
    }
    if (record.id.nil()) return refuse("E-CASE-NO-ID", node, {std::string(record.type->name)});
    const auto& p = place_numbers;
    if ((p.size() != 1 || p[0] != 0) && (p.size() != 5 || p[0] == 0 || p[0] > UINT32_MAX)) return shape(node, "source");
    record.source = static_cast<uint32_t>(p[0]);
    if (p.size() == 5) record.place = {p[1], p[2], p[3], p[4]};
    const auto& a = also_numbers;
    if (a.size() % 5 != 0) return shape(node, "alsoSource");
    for (size_t i = 0; i < a.size(); i += 5) {
      if (a[i] == 0 || a[i] > UINT32_MAX) return shape(node, "alsoSource");
      record.also.push_back({static_cast<uint32_t>(a[i]), {a[i + 1], a[i + 2], a[i + 3], a[i + 4]}});
    }
  }

  void settle(uint32_t node) {
    const WirePlan& plan = WirePlan::get();
    const auto by_rank = [&](const Value& x, const Value& y) { return plan.at(x.field).node->rank < plan.at(y.field).node->rank; };
    std::stable_sort(record.values.begin(), record.values.end(), by_rank);
    std::stable_sort(items.begin(), items.end(), [](const Item& x, const Item& y) { return x.node->rank < y.node->rank; });
    for (Item& item : items) {
      std::stable_sort(item.values.begin(), item.values.end(), by_rank);
      record.blocks.push_back(
          {item.node->tag, static_cast<uint32_t>(record.block_values.size()), static_cast<uint32_t>(item.values.size())});
      record.block_values.insert(record.block_values.end(), item.values.begin(), item.values.end());
    }
    std::stable_sort(record.ext.begin(), record.ext.end(), [](const Ext& x, const Ext& y) { return x.name < y.name; });
    said(node);
    for (const auto& [pointer, reason] : absents) absent(pointer, reason, node);
    const auto place_of = [&](const Absent& a) { return std::pair(plan.at(a.field).node->rank, a.block); };
    std::stable_sort(record.absent.begin(), record.absent.end(),
                     [&](const Absent& x, const Absent& y) { return place_of(x) < place_of(y); });
  }

  void said(uint32_t node) {  // `original` and `places` of the JSON spelling, to their values
    if (originals.empty() && places.empty()) return;
    std::unordered_map<std::string, Value*> by_pointer;
    each_pointer(record,
                 [&](std::string pointer, const Value& value) { by_pointer.emplace(std::move(pointer), const_cast<Value*>(&value)); });
    for (const auto& [pointer, text] : originals) {
      const auto at = by_pointer.find(std::string(pointer));
      if (at == by_pointer.end()) return refuse("E-CASE-POINTER", node, {std::string(pointer), "original"});
      at->second->original = arena.keep(text);
      at->second->normal_differs = !text.empty();
    }
    for (const auto& [pointer, place] : places) {
      const auto at = by_pointer.find(std::string(pointer));
      if (at == by_pointer.end()) return refuse("E-CASE-POINTER", node, {std::string(pointer), "places"});
      if ((place.size() != 2 && place.size() != 4) || place[1] > UINT32_MAX) return shape(node, "places");
      at->second->offset = place[0];
      at->second->length = static_cast<uint32_t>(place[1]);
    }
  }

  void absent(std::string_view pointer, std::string_view reason, uint32_t node) {
    const model::Node* at = record.type;
    int32_t block = -1;
    std::string_view rest = pointer;
    while (rest.starts_with('/') && at) {
      rest.remove_prefix(1);
      const std::string segment = unescaped(rest.substr(0, rest.find('/')));
      rest = rest.find('/') == std::string_view::npos ? std::string_view() : rest.substr(rest.find('/'));
      uint64_t index = 0;
      if (at->kind == model::NodeKind::blocks && block < 0 && number(segment, index)) {
        uint64_t seen = 0;
        for (size_t i = 0; i < record.blocks.size() && block < 0; ++i)
          if (record.blocks[i].tag == at->tag && seen++ == index) block = static_cast<int32_t>(i);
        if (block < 0) at = nullptr;
      } else {
        at = ByName::get().find(at->tag, segment);
      }
    }
    if (!at || at == record.type || !rest.empty() || reason.empty())
      return refuse("E-CASE-POINTER", node, {std::string(pointer), "absent"});
    record.absent.push_back({at->tag, block, arena.keep(reason)});
  }
};

std::string_view CaseTree::type_of(const Tree& tree, uint32_t node, bool xml) {
  return xml ? name_of(tree, node) : child_text(tree, node, "recordType");
}

std::optional<Refusal> CaseTree::record(const Tree& tree, uint32_t node, RecordBatch& into) {
  Draft draft{tree, {}, into.arena, xml_};
  const std::string_view name = type_of(tree, node, xml_);
  draft.record.type = model::record_type(name);
  if (!draft.record.type || name == "DatasetEnd")
    return Refusal{"E-CASE-TYPE", {std::string(name)}, tree.nodes[node].offset, tree.nodes[node].length};
  draft.fields(*draft.record.type, node, draft.record.values, false, {}, 0);
  draft.header_done(node);
  if (!draft.refusal) draft.settle(node);
  if (draft.refusal) return draft.refusal;
  unknown_ = unknown_ || draft.unknown;
  into.records.push_back(std::move(draft.record));
  return std::nullopt;
}

std::optional<Refusal> CaseTree::end(const Tree& tree, uint32_t node, EndLine& into) const {
  bool good = number(child_text(tree, node, "sources"), into.sources);
  into.sha256 = child_text(tree, node, "sha256");
  children(tree, node, [&](uint32_t c) {
    if (name_of(tree, c) != "counts") return;
    uint64_t n = 0;
    if (xml_) {
      good = good && number(tree.nodes[c].text, n);
      into.counts.emplace_back(child_text(tree, c, "name"), n);
    } else {
      children(tree, c, [&](uint32_t k) {
        good = good && number(tree.nodes[k].text, n);
        into.counts.emplace_back(name_of(tree, k), n);
      });
    }
  });
  std::sort(into.counts.begin(), into.counts.end());
  if (!good || into.sha256.size() != 64) return Refusal{"E-CASE-SHAPE", {"DatasetEnd"}, tree.nodes[node].offset, tree.nodes[node].length};
  return std::nullopt;
}

}  // namespace casebridge::emit

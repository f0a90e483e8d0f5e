#include "read/mapping/trees.hpp"

#include <algorithm>

namespace casebridge::read::mapping {
namespace {

// A prefix of the mapping means a family of namespaces, of any version.
constexpr std::pair<std::string_view, std::string_view> kFamilies[] = {
    {"nc", "niem-core"},       {"j", "jxdm"},       {"s", "structures"},   {"hs", "humanservices"},
    {"cyfs", "cyfs"},          {"em", "emergency"}, {"im", "immigration"}, {"scr", "screening"},
    {"intel", "intelligence"}, {"ndexia", "n-dex"}, {"lexs", "lexs"},      {"lexsdigest", "digest"},
    {"nibrs", "nibrs"},        {"ucr", "ucr"},      {"i", "appinfo"},      {"xsi", "xmlschema-instance"}};

bool like(std::string_view pattern, std::string_view name) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const std::string_view head = pattern.substr(0, star), rest = pattern.substr(star + 1);
  if (!name.starts_with(head)) return false;
  for (size_t i = head.size(); i <= name.size(); ++i)
    if (like(rest, name.substr(i))) return true;
  return false;
}

// The namespaces of s:id, s:ref, s:metadata; LEXS, which is NIEM 2.0, has a reference of its own from its payload to its
// digest (lexslib:ref).
bool structures(std::string_view ns) {
  return ns.find("/structures/") != std::string_view::npos || ns.ends_with("/structures") ||
         ns.find("/lexs/library/") != std::string_view::npos;
}

}  // namespace

TreeSource::TreeSource(const Program& p, Names& names) : Source(p), names_(names) {
  for (const std::string& name : p.step_names) step_names_.push_back(names.intern(name));
  for (const auto& [element, attribute] : p.reads.labels) label_names_.emplace_back(names.intern(element), names.intern(attribute));
}

void TreeSource::tree(const Tree& tree) {
  tree_ = &tree;
  new_unit();
  dangling_ = 0;
  unit_ = tree.unit;
  unit_end_ = static_cast<uint32_t>(tree.nodes.size());
  for (const uint32_t name : used_names_) by_name_[name].clear();
  used_names_.clear();
  marks_.assign(tree.nodes.size(), 0);
  reasons_.assign(tree.nodes.size(), 0);
  for (uint32_t n = unit_; n < unit_end_; ++n) {
    const TreeNode& node = tree.nodes[n];
    if (node.attribute || node.name == Names::kNone) continue;
    if (node.name >= by_name_.size()) by_name_.resize(node.name + 64);
    if (by_name_[node.name].empty()) used_names_.push_back(node.name);
    by_name_[node.name].push_back(n);
  }
  link_references();
  look_around();
}

uint32_t TreeSource::outside_path(const uint32_t* path, size_t size, bool attribute) {
  if (outside_root_ == kNone) {
    outside_root_ = static_cast<uint32_t>(names_of_paths_.size());
    names_of_paths_.emplace_back();
  }
  uint32_t at = outside_root_;
  TreeNode node;
  for (size_t i = 0; i < size; ++i) {
    node.name = path[i];
    node.attribute = attribute && i + 1 == size;
    at = path_of(at, node);
  }
  return at;
}

void TreeSource::outside(const uint32_t* path, size_t size, const TreeNode& value) {
  if (!structural(value)) ++names_of_paths_[outside_path(path, size, value.attribute)].outside;
}

void TreeSource::forget_outside() {
  around_.clear();
  for (PathName& p : names_of_paths_) p.outside = 0;
}

void TreeSource::count(PathName& p, const Around& value) {
  if (value.done == Disposition::mapped) ++p.mapped;
  else if (value.done == Disposition::ext) ++p.ext;
  else if (value.done == Disposition::dropped) ++p.dropped[value.reason];
}

// The nodes below the unit grow and shrink like a stack: what stands at the same number with the same place is the same.
void TreeSource::look_around() {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  size_t same = 0;
  while (same < around_.size() && same < unit_ && around_[same].offset == nodes[same].offset) ++same;
  for (size_t i = same; i < around_.size(); ++i)
    if (around_[i].path != kNone) count(names_of_paths_[around_[i].path], around_[i]);
  around_.resize(same);
  for (size_t i = same; i < unit_; ++i) around_.push_back({nodes[i].offset, kNone, 0, Disposition::none});
}

void TreeSource::keep_marks() {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  std::vector<uint32_t> path;
  for (uint32_t n = 0; n < unit_; ++n) {
    const auto done = static_cast<Disposition>(marks_[n]);
    if (done <= around_[n].done || nodes[n].text.empty() || structural(nodes[n])) continue;
    around_[n].done = done;
    around_[n].reason = reasons_[n];
    if (around_[n].path != kNone) continue;
    path.clear();
    for (uint32_t up = n; up != Names::kNone; up = nodes[up].parent)
      if (nodes[up].name != Names::kNone) path.push_back(nodes[up].name);
    std::reverse(path.begin(), path.end());
    around_[n].path = outside_path(path.data(), path.size(), nodes[n].attribute);
  }
}

// What each element stands for: with references, an element that only points is what it points to.
void TreeSource::link_references() {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  alias_.resize(nodes.size());
  for (uint32_t n = 0; n < nodes.size(); ++n) alias_[n] = n;
  const Reads& r = program_.reads;
  if (!r.niem && !r.linked && r.ref_names.empty()) return;
  ids_.clear();
  if (r.linked) return link_objects();
  const auto named = [&](const TreeNode& node, std::string_view name) {
    if (name.starts_with('@')) return node.attribute && names_.text(node.name) == name.substr(1);
    return !node.attribute && node.name != Names::kNone && names_.text(node.name) == name;
  };
  const uint32_t id = number("id"), ref = number("ref"), uri = number("uri");
  const auto is_id = [&](const TreeNode& n) {
    return r.niem ? n.attribute && n.name == id && n.ns != Names::kNone && structures(names_.text(n.ns)) : named(n, r.id_name);
  };
  const auto is_ref = [&](const TreeNode& n) {
    if (r.niem) return n.attribute && (n.name == ref || n.name == uri) && n.ns != Names::kNone && structures(names_.text(n.ns));
    return std::any_of(r.ref_names.begin(), r.ref_names.end(), [&](const std::string& name) { return named(n, name); });
  };
  for (uint32_t n = 0; n < nodes.size(); ++n)
    if (nodes[n].parent != Names::kNone && !nodes[n].text.empty() && is_id(nodes[n])) ids_.emplace(nodes[n].text, nodes[n].parent);
  for (uint32_t n = 0; n < nodes.size(); ++n) {
    if (nodes[n].parent == Names::kNone || nodes[n].text.empty() || !is_ref(nodes[n])) continue;
    std::string_view to = nodes[n].text;
    if (r.niem && nodes[n].name == uri && to.starts_with('#')) to.remove_prefix(1);
    const auto at = ids_.find(to);
    if (at == ids_.end()) ++dangling_;
    else alias_[nodes[n].parent] = at->second;
  }
  for (uint32_t n = 0; n < nodes.size(); ++n)  // a reference to a reference, at most a few hops
    for (int hops = 0; hops < 8 && alias_[alias_[n]] != alias_[n]; ++hops) alias_[n] = alias_[alias_[n]];
}

// JSON-LD: an object with nothing but its @id stands for the object of that @id.
void TreeSource::link_objects() {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  const uint32_t id = number("id");
  const auto alone = [&](uint32_t object) {
    return nodes[object].first_child != kNone && nodes[nodes[object].first_child].next_sibling == kNone;
  };
  const auto is_id = [&](const TreeNode& n) { return n.attribute && n.name == id && n.parent != kNone && !n.text.empty(); };
  for (const TreeNode& n : nodes)
    if (is_id(n) && !alone(n.parent)) ids_.emplace(n.text, n.parent);
  for (const TreeNode& n : nodes) {
    if (!is_id(n) || !alone(n.parent)) continue;
    if (const auto at = ids_.find(n.text); at != ids_.end()) alias_[n.parent] = at->second;
    else ++dangling_;
  }
}

bool TreeSource::in_family(uint32_t ns, const std::string& prefix) const {
  if (ns == Names::kNone) return false;
  const uint64_t key = static_cast<uint64_t>(ns) << 32 | (std::hash<std::string>()(prefix) & 0xFFFFFFFF);
  if (const auto at = families_.find(key); at != families_.end()) return at->second;
  const std::string uri = fold(names_.text(ns));
  std::string_view want = prefix;
  for (const auto& [name, part] : kFamilies)
    if (name == prefix) want = part;
  const bool yes = uri.find(fold(want)) != std::string::npos;
  families_.emplace(key, yes);
  return yes;
}

bool TreeSource::matches(uint32_t n, const Step& s) const {
  const TreeNode& node = tree_->nodes[n];
  if (node.attribute != (s.axis == Step::Axis::attribute)) return false;
  if (s.axis != Step::Axis::any && (node.name == Names::kNone || node.name != number(s))) return false;
  return s.prefix.empty() || in_family(node.ns, s.prefix);
}

void TreeSource::hit(uint32_t n, std::vector<uint64_t>& out) const { out.push_back(id_of(alias_[n])); }

void TreeSource::children_of(uint32_t n, const Step& s, std::vector<uint64_t>& out) const {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  for (uint32_t c = nodes[n].first_child; c != Names::kNone; c = nodes[c].next_sibling)
    if (matches(c, s)) hit(c, out);
}

void TreeSource::step(uint64_t from, const Step& s, bool first, bool, std::vector<uint64_t>& out) {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  if (from == kDocument) {
    // An XML path names the document element; a JSON root has no name and is stepped over.
    if (nodes[0].name == Names::kNone) children_of(0, s, out);
    else if (matches(0, s)) hit(0, out);
    return;
  }
  if (from == kNowhere) return;
  const uint32_t n = node_of(from);
  switch (s.axis) {
    case Step::Axis::self: out.push_back(from); return;
    case Step::Axis::parent:
      if (nodes[n].parent != Names::kNone) out.push_back(id_of(nodes[n].parent));
      else out.push_back(kDocument);
      return;
    case Step::Axis::name: return;
    default: break;
  }
  if (s.descend) {  // anywhere in this source record, or anywhere below
    uint32_t begin = first ? unit_ : n + 1, end = unit_end_;
    if (!first) {
      uint32_t up = n;
      while (up != Names::kNone && nodes[up].next_sibling == Names::kNone && up != unit_) up = nodes[up].parent;
      end = up == Names::kNone || up == unit_ ? unit_end_ : nodes[up].next_sibling;
    }
    if (s.axis == Step::Axis::child) {
      const uint32_t name = number(s);
      if (name == Names::kNone || name >= by_name_.size()) return;
      for (const uint32_t c : by_name_[name])
        if (c >= begin && c < end && matches(c, s)) hit(c, out);
    } else {
      for (uint32_t c = begin; c < end; ++c)
        if (matches(c, s)) hit(c, out);
    }
    return;
  }
  if (nodes[n].attribute && program_.reads.niem && !nodes[n].text.empty()) {  // @s:metadata/…: goes on in what it names
    const std::string_view all = nodes[n].text;
    for (size_t at = 0; at < all.size();) {
      const size_t end = std::min(all.find(' ', at), all.size());
      if (const auto to = ids_.find(all.substr(at, end - at)); to != ids_.end()) children_of(to->second, s, out);
      at = end + 1;
    }
    return;
  }
  children_of(n, s, out);
}

Val TreeSource::value(uint64_t from) const {
  Val v;
  v.node = from;
  if (from == kDocument || from == kNowhere) return v;
  const TreeNode& node = tree_->nodes[node_of(from)];
  v.text = node.text;
  v.offset = node.text_offset;
  v.length = node.text_length;
  return v;
}

std::string_view TreeSource::name_of(uint64_t from) const {
  if (from == kDocument || from == kNowhere) return {};
  const uint32_t name = tree_->nodes[node_of(from)].name;
  return name == Names::kNone ? std::string_view() : names_.text(name);
}

bool TreeSource::has(uint64_t from) const { return from != kNowhere && from != kDocument && !tree_->nodes[node_of(from)].nil; }

bool TreeSource::filled(uint64_t from) const {
  if (!has(from)) return false;
  const std::vector<TreeNode>& nodes = tree_->nodes;
  for (uint32_t c = nodes[node_of(from)].first_child; c != Names::kNone; c = nodes[c].next_sibling)
    if (!nodes[c].attribute) return true;
  return false;
}

Range TreeSource::place(uint64_t from) const {
  if (from == kNowhere || from == kDocument) return {tree_->offset, tree_->length};
  const TreeNode& node = tree_->nodes[node_of(from)];
  return {node.offset, node.length};
}

void TreeSource::mark(uint64_t from) {
  if (from == kNowhere || from == kDocument) return;
  const uint32_t n = node_of(from);
  if (marks_[n] >= static_cast<uint8_t>(disposition_)) return;
  marks_[n] = static_cast<uint8_t>(disposition_);
  reasons_[n] = reason_;
}

void TreeSource::mark_branch(uint64_t from) {
  if (from == kNowhere || from == kDocument) return;
  const std::vector<TreeNode>& nodes = tree_->nodes;
  const uint32_t top = node_of(from);
  uint32_t up = top;  // nodes stand in document order: the branch ends where the next one begins
  while (up != unit_ && nodes[up].next_sibling == kNone) up = nodes[up].parent;
  const uint32_t end = up == unit_ ? unit_end_ : nodes[up].next_sibling;
  for (uint32_t n = top; n < end; ++n) mark(id_of(n));
}

// What holds the document together says nothing about the case.
bool TreeSource::structural(const TreeNode& node) const {
  if (!node.attribute || node.ns == Names::kNone) return false;
  const std::string_view ns = names_.text(node.ns);
  return ns.find("XMLSchema-instance") != std::string_view::npos || ns.find("XML/1998/namespace") != std::string_view::npos ||
         (program_.reads.niem && structures(ns));
}

uint32_t TreeSource::path_of(uint32_t parent, const TreeNode& node) {
  const uint64_t key = static_cast<uint64_t>(parent) << 32 | static_cast<uint64_t>(node.name & 0x7FFFFFFF) << 1 | (node.attribute ? 1 : 0);
  if (const auto at = path_ids_.find(key); at != path_ids_.end()) return at->second;
  const auto id = static_cast<uint32_t>(names_of_paths_.size());
  path_ids_.emplace(key, id);
  PathName p;
  p.parent = parent;
  p.name = node.name;
  p.attribute = node.attribute;
  const std::string own = node.name == Names::kNone ? std::string() : (node.attribute ? "@" : "") + std::string(names_.text(node.name));
  if (parent != kNone) {
    p.text = parent == outside_root_ ? "/" + own : names_of_paths_[parent].text.empty() ? own : names_of_paths_[parent].text + "/" + own;
    p.drop = names_of_paths_[parent].drop;  // a branch drops what hangs on it
  }
  for (size_t d = 0; d < program_.drop.size() && p.drop < 0; ++d) {
    const std::vector<std::string>& want = program_.drop[d].names;
    if (want.empty()) continue;
    uint32_t up = parent;
    bool same = like(want.back(), own);
    for (size_t i = want.size() - 1; same && i-- > 0;) {
      same = up != kNone && names_of_paths_[up].name != kNone && like(want[i], names_.text(names_of_paths_[up].name));
      if (same) up = names_of_paths_[up].parent;
    }
    if (same) p.drop = static_cast<int32_t>(d);
  }
  names_of_paths_.push_back(std::move(p));
  return id;
}

bool TreeSource::labels(const TreeNode& node) const {
  if (label_names_.empty() || !node.attribute || node.parent == Names::kNone || node.text.empty()) return false;
  const std::pair<uint32_t, uint32_t> names{tree_->nodes[node.parent].name, node.name};
  return std::find(label_names_.begin(), label_names_.end(), names) != label_names_.end();
}

uint32_t TreeSource::path_of_node(uint32_t n) {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  const uint32_t plain = path_of(n == unit_ ? kNone : paths_[nodes[n].parent], nodes[n]);
  if (label_names_.empty() || nodes[n].attribute) return plain;
  uint32_t c = nodes[n].first_child;  // attributes come first
  while (c != Names::kNone && nodes[c].attribute && !labels(nodes[c])) c = nodes[c].next_sibling;
  if (c == Names::kNone || !nodes[c].attribute) return plain;
  std::string key = std::to_string(plain) + " " + std::string(nodes[c].text);
  if (const auto at = labelled_.find(key); at != labelled_.end()) return at->second;
  if (labelled_.size() >= kMaxLabels) return plain;
  const auto id = static_cast<uint32_t>(names_of_paths_.size());
  const PathName& base = names_of_paths_[plain];
  PathName p;
  p.parent = base.parent;
  p.name = base.name;
  p.drop = base.drop;
  p.text = (base.text.empty() ? std::string(name_of(id_of(n))) : base.text) + "[" + std::string(nodes[c].text) + "]";
  names_of_paths_.push_back(std::move(p));
  labelled_.emplace(std::move(key), id);
  return id;
}

void TreeSource::leftovers(std::vector<Unmapped>& out) {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  keep_marks();
  paths_.assign(nodes.size(), kNone);
  for (uint32_t n = unit_; n < unit_end_; ++n) {
    const TreeNode& node = nodes[n];
    paths_[n] = path_of_node(n);
    if (labels(node)) continue;  // part of the name of its element
    if ((node.text.empty() && marks_[n] < static_cast<uint8_t>(Disposition::ext)) || structural(node)) continue;
    if (node.text.empty() && filled(n)) continue;  // a branch: its values count
    PathName& p = names_of_paths_[paths_[n]];
    switch (static_cast<Disposition>(marks_[n])) {
      case Disposition::mapped: ++p.mapped; break;
      case Disposition::ext: ++p.ext; break;
      case Disposition::dropped: ++p.dropped[reasons_[n]]; break;
      default:
        if (p.drop >= 0) {
          ++p.pattern;
        } else {
          ++p.unmapped;
          out.push_back({p.text.empty() ? name_of(n) : std::string_view(p.text), node.text, node.text_offset, node.text_length});
        }
    }
  }
}

void TreeSource::skipped(std::string_view reason) {
  const std::vector<TreeNode>& nodes = tree_->nodes;
  keep_marks();
  paths_.assign(nodes.size(), kNone);
  auto& counts = skipped_[std::string(reason)];
  for (uint32_t n = unit_; n < unit_end_; ++n) {
    paths_[n] = path_of_node(n);
    if (nodes[n].text.empty() || labels(nodes[n]) || structural(nodes[n])) continue;
    const auto at = std::find_if(counts.begin(), counts.end(), [&](const auto& c) { return c.first == paths_[n]; });
    if (at == counts.end()) counts.emplace_back(paths_[n], 1);
    else ++at->second;
  }
}

void TreeSource::tell(Loss& loss) const {
  std::deque<PathName> all = names_of_paths_;
  for (const Around& value : around_)
    if (value.path != kNone) count(all[value.path], value);
  std::vector<const PathName*> sorted;
  for (PathName& p : all) {
    sorted.push_back(&p);
    if (!p.outside) continue;
    uint64_t taken = p.mapped + p.ext;
    for (const auto& [reason, n] : p.dropped) taken += n;
    const uint64_t left = p.outside - std::min(p.outside, taken);
    (p.drop >= 0 ? p.pattern : p.unmapped) += left;
  }
  std::sort(sorted.begin(), sorted.end(), [](const PathName* a, const PathName* b) { return a->text < b->text; });
  for (const PathName* p : sorted) {
    const std::string_view name =
        p->text.empty() ? (p->name == kNone ? std::string_view("/") : names_.text(p->name)) : std::string_view(p->text);
    if (p->mapped) loss.count(name, Disposition::mapped, "", p->mapped);
    if (p->ext) loss.count(name, Disposition::ext, "", p->ext);
    std::vector<std::pair<uint32_t, uint64_t>> dropped(p->dropped.begin(), p->dropped.end());
    std::sort(dropped.begin(), dropped.end());
    for (const auto& [reason, n] : dropped) loss.count(name, Disposition::dropped, program_.reasons[reason], n);
    if (p->pattern) loss.count(name, Disposition::dropped, program_.drop[static_cast<size_t>(p->drop)].why, p->pattern);
    if (p->unmapped) loss.count(name, Disposition::unmapped, "", p->unmapped);
  }
  std::vector<std::pair<std::string, const std::vector<std::pair<uint32_t, uint64_t>>*>> left_out;
  for (const auto& [reason, counts] : skipped_) left_out.emplace_back(reason, &counts);
  std::sort(left_out.begin(), left_out.end());
  for (const auto& [reason, counts] : left_out)
    for (const auto& [path, n] : *counts) loss.count(names_of_paths_[path].text, Disposition::dropped, reason, n);
}

}  // namespace casebridge::read::mapping

#include "read/xml_tree.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace casebridge::read {
namespace {

constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kXsi = "http://www.w3.org/2001/XMLSchema-instance";
constexpr uint32_t kNone = Names::kNone;

bool blank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace

XmlReader::XmlReader(const cb_input& input, XmlOptions options, Names& names, XmlReport report)
    : options_(std::move(options)),
      names_(names),
      report_(std::move(report)),
      source_(input, options_.recover),
      scan_(source_, options_.limits),
      judge_(options_.judge),
      ids_(options_.limits.id_bytes) {
  if (!judge_) {
    own_judge_ = make_wellformed_judge();
    judge_ = own_judge_.get();
  }
  if (options_.each.starts_with('{')) {
    const size_t end = options_.each.find('}');
    each_any_ns_ = false;
    each_ns_ = options_.each.substr(1, end - 1);
    each_name_ = end == std::string::npos ? std::string() : options_.each.substr(end + 1);
  } else {
    for (size_t from = 0; from <= options_.each.size();) {  // "a|b": every one of them
      const size_t end = std::min(options_.each.find('|', from), options_.each.size());
      if (from == 0) each_name_ = options_.each.substr(0, end);
      else each_more_.push_back(options_.each.substr(from, end - from));
      from = end + 1;
    }
  }
  xml_ns_ = names_.intern(kXml);
  xsi_ns_ = names_.intern(kXsi);
  bindings_.push_back({"xml", xml_ns_});
}

XmlReader::~XmlReader() = default;

bool XmlReader::start() {
  if (status_ != CB_OK) return false;
  if (rooted_) return true;
  spare_.names = &names_;
  std::vector<Finding> findings;
  const bool good = source_.begin(findings);
  for (Finding& finding : findings) report_(std::move(finding));
  if (!good) {
    if (source_.stop() == XmlSource::Stop::io) return fail("E-XML-IO", {}, source_.size(), source_.size(), CB_E_IO);
    status_ = CB_E_INPUT;
    broken_ = Span{0, source_.offset(source_.size())};
    return false;
  }
  while (!rooted_ && step()) {}
  return rooted_ && status_ == CB_OK;
}

bool XmlReader::next(Tree& tree) {
  if (status_ != CB_OK) return false;
  tree.clear();
  if (!rooted_ && !start()) return false;
  if (tree_ == &spare_) std::swap(tree, spare_);
  tree.names = &names_;
  tree_ = &tree;
  while (!unit_ready_ && step()) {}
  if (each_name_.empty() && unit_ready_)  // the document is the source record: it is good only if the rest is
    while (step()) {}
  const bool ready = unit_ready_ && (each_name_.empty() ? status_ == CB_END : status_ == CB_OK);
  unit_ready_ = false;
  return ready;
}

bool XmlReader::step() {
  if (status_ != CB_OK) return false;
  switch (scan_.next(token_)) {
    case XmlTokenKind::start: return on_start(token_);
    case XmlTokenKind::end: return on_end(token_);
    case XmlTokenKind::text:
    case XmlTokenKind::cdata: return on_text(token_);
    case XmlTokenKind::other: return true;
    case XmlTokenKind::need:
      if (rooted_ && !feed(false)) return false;  // before the document element come comments: of no use to the judge
      scan_.refill();
      fed_ = 0;
      return true;
    case XmlTokenKind::finish: return finish();
    case XmlTokenKind::failed: return fail();
  }
  return false;
}

bool XmlReader::feed(bool last) {
  fed_ = std::max(fed_, scan_.body());
  const std::string_view bytes = scan_.text(fed_, std::max(fed_, scan_.position()));
  fed_ = std::max(fed_, scan_.position());
  if (judge_->feed(bytes, last)) return true;
  if (status_ == CB_OK) status_ = CB_E_INPUT;  // the judge has said why
  set_broken(source_.offset(scan_.position()));
  return false;
}

// What of the input is refused: the source record that was open, else what comes after the last one.
void XmlReader::set_broken(uint64_t end) {
  if (closed_ && !each_name_.empty()) return;
  const uint64_t from = unit_depth_ && unit_depth_ <= open_.size() ? open_[unit_depth_ - 1].place.offset : each_name_.empty() ? 0 : end;
  broken_ = Span{from, std::max(from, end) - from};
}

bool XmlReader::too_many_names(size_t bytes) {
  name_bytes_ += bytes;
  return ++name_count_ > options_.limits.names || name_bytes_ > options_.limits.names_bytes;
}

bool XmlReader::fail() {
  Finding finding = scan_.failure();
  status_ = scan_.status();
  if (finding.code == "E-XML-TRUNCATED" && !open_.empty()) {
    const Open& last = open_.back();
    finding.args = {qnames_[last.qname].raw, std::to_string(last.place.line)};
  }
  set_broken(finding.offset + finding.length);
  report_(std::move(finding));
  return false;
}

bool XmlReader::fail(std::string_view code, std::vector<std::string> args, size_t begin, size_t end, cb_status status) {
  scan_.fail(code, std::move(args), begin, end, status);
  return fail();
}

uint32_t XmlReader::qname(std::string_view raw) {
  if (const auto at = qname_ids_.find(raw); at != qname_ids_.end()) return at->second;
  if (too_many_names(raw.size())) return kNone;
  QName& made = qnames_.emplace_back();
  made.raw = raw;
  const size_t colon = raw.find(':');
  if (colon != std::string_view::npos) made.prefix = static_cast<uint32_t>(colon);
  made.local = names_.intern(colon == std::string_view::npos ? raw : raw.substr(colon + 1));
  const auto id = static_cast<uint32_t>(qnames_.size() - 1);
  qname_ids_.emplace(made.raw, id);
  return id;
}

uint32_t XmlReader::resolve(QName& name, bool attribute, size_t index) {
  if (name.prefix == 0 && attribute) return kNone;
  if (name.epoch == epoch_) return name.ns;
  name.epoch = epoch_;
  name.ns = kNone;
  const std::string_view prefix = std::string_view(name.raw).substr(0, name.prefix);
  for (size_t i = bindings_.size(); i-- > 0;) {
    if (bindings_[i].prefix == prefix) return name.ns = bindings_[i].ns;
  }
  if (name.prefix) report_(xml_finding("E-XML-PREFIX", {std::string(prefix), name.raw}, source_.place(index), name.raw.size()));
  return kNone;
}

bool XmlReader::is_unit(const QName& name) const {
  if (each_name_.empty()) return open_.size() == 1;
  if (each_name_ == "*") return open_.size() == 2;
  if (std::find(each_more_.begin(), each_more_.end(), names_.text(name.local)) != each_more_.end()) return true;
  if (names_.text(name.local) != each_name_) return false;
  return each_any_ns_ || (name.ns == kNone ? std::string_view{} : names_.text(name.ns)) == each_ns_;
}

uint32_t XmlReader::add_node(const TreeNode& node, uint32_t parent) {
  auto& all = nodes();
  const auto index = static_cast<uint32_t>(all.size());
  all.push_back(node);
  all.back().parent = parent;
  if (!unit_depth_) context_spans_.emplace_back(0, 0);
  return index;
}

void XmlReader::set_text(uint32_t node, std::string_view text) {
  TreeNode& at = nodes()[node];
  at.has_text = true;
  if (unit_depth_) {
    at.text = tree_->arena.keep(text);
    record_bytes_ += text.size();
  } else {
    context_spans_[node] = {context_text_.size(), text.size()};
    context_text_ += text;
  }
}

void XmlReader::tell_outside(uint32_t node, bool attribute) {
  path_.clear();
  for (const Open& open : open_) path_.push_back(qnames_[open.qname].local);
  if (attribute) path_.push_back(context_[node].name);
  options_.outside->outside(path_.data(), path_.size(), context_[node]);
}

// The source record begins: its tree starts with what is kept of its surroundings, under the same numbers.
void XmlReader::begin_unit(uint32_t element) {
  found_ = true;
  unit_depth_ = open_.size();
  for (Open& ancestor : open_) ancestor.holds_unit = true;
  tree_->nodes.assign(context_.begin(), context_.end());
  record_bytes_ = 0;
  for (size_t i = 0; i < tree_->nodes.size(); ++i) {
    const auto [from, size] = context_spans_[i];
    if (tree_->nodes[i].has_text) tree_->nodes[i].text = tree_->arena.keep(std::string_view(context_text_).substr(from, size));
  }
  tree_->unit = element;
}

bool XmlReader::on_start(const XmlToken& token) {
  if (closed_) return fail("E-XML-AFTER-ROOT", {}, token.begin, token.end);
  if (open_.size() == options_.limits.depth)
    return fail("E-XML-LIMIT", {tr("open elements"), std::to_string(options_.limits.depth)}, token.begin, token.end, CB_E_LIMIT);
  const std::string_view raw = scan_.text(token.first, token.last);
  const uint32_t id = qname(raw);
  if (id == kNone)
    return fail("E-XML-LIMIT", {tr("different names"), std::to_string(options_.limits.names)}, token.begin, token.end, CB_E_LIMIT);
  const XmlPlace place = source_.place(token.begin);
  const auto& attributes = scan_.attributes();

  // Namespace declarations first: they hold for this very tag.
  const auto bindings = static_cast<uint32_t>(bindings_.size());
  for (const XmlAttribute& attribute : attributes) {
    const std::string_view name = scan_.text(attribute.name, attribute.name_end);
    if (!name.starts_with("xmlns") || (name.size() > 5 && name[5] != ':')) continue;
    scratch_.clear();
    XmlPrescan::decode(scan_.text(attribute.value, attribute.value_end), true, scratch_);
    const std::string_view prefix = name.size() > 5 ? name.substr(6) : std::string_view{};
    if ((name.size() == 6) || (!prefix.empty() && scratch_.empty()) || (prefix == "xml" && scratch_ != kXml) || prefix == "xmlns")
      return fail("E-XML-SYNTAX", {std::string(name)}, attribute.name, attribute.value_end + 1);
    if (!scratch_.empty() && names_.find(scratch_) == kNone && too_many_names(scratch_.size() + prefix.size()))
      return fail("E-XML-LIMIT", {tr("different names"), std::to_string(options_.limits.names)}, token.begin, token.end, CB_E_LIMIT);
    bindings_.push_back({std::string(prefix), scratch_.empty() ? kNone : names_.intern(scratch_)});
    ++epoch_;
  }

  QName& name = qnames_[id];
  const size_t colon = raw.find(':');
  if (colon == 0 || (colon != std::string_view::npos && (colon + 1 == raw.size() || raw.find(':', colon + 1) != std::string_view::npos)))
    return fail("E-XML-SYNTAX", {std::string(raw)}, token.begin, token.end);
  const uint32_t ns = resolve(name, false, token.first);
  if (!rooted_) {
    rooted_ = true;
    root_name_ = name.local;
    root_ns_ = ns;
    fed_ = scan_.body();
    judge_->begin(ns == kNone ? std::string_view{} : names_.text(ns), names_.text(name.local), report_);
  }

  const uint32_t parent = open_.empty() ? kNone : open_.back().node;
  Open& open = open_.emplace_back();
  open = Open{id, 0, kNone, kNone, bindings, pending_.size(), context_text_.size(), {}, 0, {}, 0, false, place};
  const bool begins = !unit_depth_ && is_unit(name);
  TreeNode node;
  node.name = name.local;
  node.ns = ns;
  node.offset = place.offset;
  node.line = place.line;
  uint32_t prior = kNone;
  const auto link = [&](std::vector<TreeNode>& all, uint32_t child) {
    if (open_.size() < 2) return;
    Open& above = open_[open_.size() - 2];
    prior = above.last_child;
    if (prior == kNone) all[above.node].first_child = child;
    else all[prior].next_sibling = child;
  };
  if (begins) begin_unit(static_cast<uint32_t>(context_.size()));
  open.node = add_node(node, parent);
  link(nodes(), open.node);
  open.prior = prior;
  if (open_.size() >= 2 && !begins) open_[open_.size() - 2].last_child = open.node;

  XmlMark mark;
  mark.start = true;
  mark.name = qnames_[id].raw;
  mark.place = place;
  mark.length = source_.offset(token.end) - place.offset;
  const size_t marks = judge_->attribute_marks.size();
  for (const XmlAttribute& attribute : attributes)
    if (!on_attribute(attribute, open.node)) return false;
  if (options_.outside && !unit_depth_)
    for (uint32_t at = context_[open.node].first_child; at != kNone; at = context_[at].next_sibling)
      if (context_spans_[at].second > 0) tell_outside(at, true);
  mark.n_attributes = static_cast<uint32_t>(judge_->attribute_marks.size() - marks);
  judge_->marks.push_back(mark);

  // Two attributes of one name: by name in a namespace, and sorted, because a thousand are allowed.
  if (attributes.size() > 1) {
    auto& seen = seen_;
    seen.clear();
    const auto& all = nodes();
    size_t i = 0;
    for (uint32_t at = all[open.node].first_child; at != kNone; at = all[at].next_sibling, ++i)
      seen.emplace_back(uint64_t(all[at].ns) << 32 | all[at].name, all[at].offset);
    for (size_t b = bindings; b < bindings_.size(); ++b)
      seen.emplace_back(uint64_t(kNone - 1) << 32 | names_.intern(bindings_[b].prefix), 0);
    std::sort(seen.begin(), seen.end());
    for (size_t k = 1; k < seen.size(); ++k)
      if (seen[k].first == seen[k - 1].first)
        return fail("E-XML-ATTRIBUTE-TWICE", {std::string(names_.text(static_cast<uint32_t>(seen[k].first)))}, token.begin, token.end);
  }
  if (unit_depth_ && record_bytes_ + tree_->nodes.size() * sizeof(TreeNode) > options_.limits.record_bytes)
    return fail("E-XML-LIMIT", {tr("bytes in a source record"), std::to_string(options_.limits.record_bytes)}, token.begin, token.end,
                CB_E_LIMIT);
  if (!unit_depth_ && context_.size() * sizeof(TreeNode) + context_text_.size() > options_.limits.open_bytes)
    return fail("E-XML-LIMIT", {tr("bytes around the source records"), std::to_string(options_.limits.open_bytes)}, token.begin, token.end,
                CB_E_LIMIT);
  if (token.empty) return close(place.offset, mark.length, token.end);
  return true;
}

bool XmlReader::on_attribute(const XmlAttribute& attribute, uint32_t element) {
  const std::string_view raw = scan_.text(attribute.name, attribute.name_end);
  const XmlPlace place = source_.place(attribute.name);
  const XmlPlace value_place = source_.place(attribute.value);
  const uint64_t value_length = source_.offset(attribute.value_end) - value_place.offset;
  if (raw.starts_with("xmlns") && (raw.size() == 5 || raw[5] == ':')) return true;
  const uint32_t id = qname(raw);
  if (id == kNone)
    return fail("E-XML-LIMIT", {tr("different names"), std::to_string(options_.limits.names)}, attribute.name, attribute.name_end,
                CB_E_LIMIT);
  const size_t colon = raw.find(':');
  if (colon == 0 || (colon != std::string_view::npos && (colon + 1 == raw.size() || raw.find(':', colon + 1) != std::string_view::npos)))
    return fail("E-XML-SYNTAX", {std::string(raw)}, attribute.name, attribute.name_end);
  QName& name = qnames_[id];
  TreeNode node;
  node.name = name.local;
  node.ns = resolve(name, true, attribute.name);
  node.attribute = true;
  node.offset = place.offset;
  node.length = source_.offset(attribute.value_end + 1) - place.offset;
  node.line = place.line;
  node.text_offset = value_place.offset;
  node.text_length = static_cast<uint32_t>(value_length);
  const uint32_t made = add_node(node, element);
  auto& all = nodes();
  Open& open = open_.back();
  if (open.last_child == kNone) all[element].first_child = made;
  else all[open.last_child].next_sibling = made;
  open.last_child = made;
  std::string_view value = scan_.text(attribute.value, attribute.value_end);
  if (!attribute.plain) {
    scratch_.clear();
    XmlPrescan::decode(value, true, scratch_);
    value = scratch_;
  }
  set_text(made, value);
  judge_->attribute_marks.push_back({name.raw, value_place, value_length});
  if (node.ns == xsi_ns_ && names_.text(name.local) == "nil" && (trimmed(value) == "true" || trimmed(value) == "1"))
    all[element].nil = true;
  if (options_.check_ids) {
    const std::string_view ns = node.ns == kNone ? std::string_view{} : names_.text(node.ns), local = names_.text(name.local);
    XmlIdKind kind = node.ns == kNone ? XmlIdKind::none : known_id_attribute(ns, local);
    if (kind == XmlIdKind::none && options_.ids)
      for (const XmlIdAttribute& known : *options_.ids)
        if (known.name == local && known.ns == ns && (known.element.empty() || known.element == names_.text(qnames_[open.qname].local)))
          kind = known.kind;
    if (kind != XmlIdKind::none) ids_.add(kind, value, value_place, value_length, report_);
  }
  return true;
}

bool XmlReader::on_text(const XmlToken& token) {
  if (open_.empty()) {
    if (token.kind == XmlTokenKind::text && (token.blank || trimmed(scan_.text(token.first, token.last)).empty())) return true;
    return fail(closed_ ? "E-XML-AFTER-ROOT" : "E-XML-SYNTAX",
                {std::string(scan_.text(token.first, std::min(token.last, token.first + 20)))}, token.begin, token.end);
  }
  Open& open = open_.back();
  if (token.blank && open.pieces == 0) return true;
  const std::string_view raw = scan_.text(token.first, token.last);
  size_t first = 0, last = raw.size();
  while (first < last && blank(raw[first])) ++first;
  while (last > first && blank(raw[last - 1])) --last;
  if (first == last && open.pieces == 0) return true;  // still nothing but white space
  if (token.plain) pending_.append(open.pieces == 0 ? raw.substr(first) : raw);
  else XmlPrescan::decode(raw, false, pending_);
  if (pending_.size() - open.text_begin > options_.limits.text_bytes)
    return fail("E-XML-LIMIT", {tr("bytes in a text"), std::to_string(options_.limits.text_bytes)}, token.begin, token.end, CB_E_LIMIT);
  if (first == last) return true;
  // The span of a text in several pieces covers what stands between them; a lone CDATA section is its inside.
  const bool section = token.kind == XmlTokenKind::cdata;
  if (open.pieces++ == 0) {
    open.outer = section ? source_.place(token.begin) : XmlPlace{};
    open.text = source_.place(token.first + first);
    if (!section) open.outer = open.text;
    open.text_end = source_.offset(token.first + last);
  } else {
    open.text = open.outer;
    open.text_end = section ? source_.offset(token.end) : source_.offset(token.first + last);
  }
  return true;
}

bool XmlReader::on_end(const XmlToken& token) {
  const std::string_view raw = scan_.text(token.first, token.last);
  if (open_.empty()) return fail("E-XML-TAG", {std::string(raw), "-", "0"}, token.begin, token.end);
  const Open& open = open_.back();
  if (qnames_[open.qname].raw != raw)
    return fail("E-XML-TAG", {std::string(raw), qnames_[open.qname].raw, std::to_string(open.place.line)}, token.begin, token.end);
  return close(source_.offset(token.begin), source_.offset(token.end) - source_.offset(token.begin), token.end);
}

bool XmlReader::close(uint64_t offset, uint64_t length, size_t index) {
  Open& open = open_.back();
  XmlMark mark;
  mark.place = source_.place(index);
  mark.place.column -= std::min(mark.place.column - 1, length);
  mark.place.offset = offset;
  mark.length = length;
  if (open.pieces) {
    mark.text = open.text;
    mark.text_length = open.text_end - open.text.offset;
    const std::string_view text = trimmed(std::string_view(pending_).substr(open.text_begin));
    TreeNode& node = nodes()[open.node];
    node.text_offset = open.text.offset;
    node.text_length = static_cast<uint32_t>(open.text_end - open.text.offset);
    if (!text.empty()) set_text(open.node, options_.keep_space ? std::string_view(pending_).substr(open.text_begin) : text);
    if (options_.outside && !unit_depth_ && !text.empty()) tell_outside(open.node, false);
  }
  judge_->marks.push_back(mark);
  TreeNode& node = nodes()[open.node];
  node.length = offset + length - node.offset;
  pending_.resize(open.text_begin);
  if (bindings_.size() != open.bindings) {
    bindings_.resize(open.bindings);
    ++epoch_;
  }
  const bool unit_ends = unit_depth_ == open_.size();
  if (unit_ends) {
    tree_->offset = node.offset;
    tree_->length = node.length;
    unit_depth_ = 0;
    unit_ready_ = true;
  } else if (!unit_depth_) {
    // Outside the source records an element is kept, so that a path can name it, while there is room and it held none.
    const bool full = context_.size() * sizeof(TreeNode) + context_text_.size() > options_.limits.context_bytes;
    if (full && !context_full_ && !open.holds_unit) {
      context_full_ = true;
      report_(xml_finding("E-XML-CONTEXT", {std::to_string(options_.limits.context_bytes)}, open.place, node.length));
    }
    if (full || open.holds_unit) {
      const uint32_t gone = open.node, prior = open.prior;
      context_text_.resize(open.heap_begin);
      if (open_.size() >= 2) {
        Open& above = open_[open_.size() - 2];
        above.last_child = prior;
        if (prior == kNone) context_[above.node].first_child = kNone;
        else context_[prior].next_sibling = kNone;
      }
      context_.resize(gone);
      context_spans_.resize(gone);
    }
  }
  open_.pop_back();
  closed_ = open_.empty();
  return unit_ends ? feed(false) : true;
}

bool XmlReader::finish() {
  if (!rooted_) return fail("E-XML-EMPTY", {}, scan_.position(), scan_.position());
  if (!open_.empty()) {
    scan_.cut({});
    return fail();
  }
  if (!feed(true)) return false;
  if (options_.check_ids) ids_.finish(report_);
  if (!found_) report_(xml_finding("E-XML-NO-RECORD", {options_.each}, {0, 1, 1}, 0));
  status_ = CB_END;
  return false;
}

}  // namespace casebridge::read

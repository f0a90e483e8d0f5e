#include "read/json_cursor.hpp"

#include <algorithm>
#include <cstring>

namespace casebridge::read {
namespace {

constexpr size_t kContextNodes = 1000;  // ancestors' simple members: a document's head, not its body
constexpr size_t kContextText = 4096;   // of one of them
constexpr uint64_t kMaxNumber = 1000;   // bytes; the longest decimal of a double has 767 digits

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> steps;
  if (!path.empty() && path.front() == '/') path.remove_prefix(1);
  while (!path.empty()) {
    const size_t slash = path.find('/');
    std::string step;
    const std::string_view raw = path.substr(0, slash);
    for (size_t i = 0; i < raw.size(); ++i) {
      const bool escape = raw[i] == '~' && i + 1 < raw.size() && (raw[i + 1] == '0' || raw[i + 1] == '1');
      step += escape ? (raw[++i] == '1' ? '/' : '~') : raw[i];
    }
    if (!step.empty()) steps.push_back(std::move(step));
    path.remove_prefix(slash == path.npos ? path.size() : slash + 1);
  }
  return steps;
}

}  // namespace

JsonCursor::JsonCursor(const cb_input& input, JsonOptions options, Names& names, Reporter& reporter)
    : options_(std::move(options)),
      names_(&names),
      reporter_(&reporter),
      window_(input, options_.encoding, reporter),
      decoder_(window_.bytes_are_input() ? window_.detected().encoding : Encoding::utf8, reporter) {
  options_.max_string = std::min<uint64_t>(options_.max_string, uint64_t(1) << 30);  // places have 32-bit lengths
  whole_ = options_.lines || options_.each.empty();
  if (!whole_) steps_ = split_path(options_.each);
  at_ = window_.begin();
}

bool JsonCursor::next(Tree& tree) {
  tree_ = &tree;
  tree.clear();
  tree.names = names_;
  if (status() != CB_OK) return false;
  if (!(options_.lines ? next_line() : run())) return false;
  if (tree.unit >= tree.nodes.size()) {  // refused before it had a node
    tree.nodes.clear();
    tree.unit = 0;
  }
  return true;
}

bool JsonCursor::run() {
  for (;;) {
    switch (step()) {
      case Step::go_on: continue;
      case Step::unit: return true;
      case Step::stop: return false;
    }
  }
}

bool JsonCursor::next_line() {
  for (;;) {  // blank lines are no records
    if (!skip_space()) return false;
    if (*at_ != '\n') break;
    ++at_;
    ++line_;
  }
  state_ = State::value;
  stack_.clear();
  keys_.clear();
  in_unit_ = false;
  for (Step now = Step::go_on; now == Step::go_on;) now = step();
  if (status() != CB_OK && status() != CB_E_LIMIT) return false;
  if (!tree_->refused && skip_space() && *at_ != '\n') {
    reporter_->report("E-JSON-TRAILING", {}, window_.offset(at_), 0);
    tree_->refused = "E-JSON-TRAILING";
  }
  if (tree_->refused) {  // its place is the rest of the line
    while (here() && *at_ != '\n') {
      const auto left = static_cast<size_t>(window_.end() - at_);
      const void* end = std::memchr(at_, '\n', left);
      at_ = end ? static_cast<const char*>(end) : window_.end();
    }
    tree_->length = window_.offset(at_) - tree_->offset;
  }
  if (here()) skip_line();
  return true;
}

// --- grammar -------------------------------------------------------------------------------------------------------

JsonCursor::Step JsonCursor::step() {
  if (!skip_space()) {
    if (state_ == State::done) {
      if (!whole_ && !met_ && options_.must_be_there) reporter_->report("E-JSON-EACH", {options_.each}, 0, 0);
      return Step::stop;
    }
    return cut();
  }
  const char c = *at_;
  if (options_.lines && c == '\n') return fail("E-JSON-LINE", {});
  switch (state_) {
    case State::value_or_end:
      if (c == ']') return close();
      [[fallthrough]];
    case State::value: return read_value();
    case State::key_or_end:
      if (c == '}') return close();
      [[fallthrough]];
    case State::key:
      if (c != '"') return fail("E-JSON-SYNTAX", "\"");
      return read_key();
    case State::after_value:
      if (c == ',') {
        ++at_;
        state_ = stack_.back().array ? State::value : State::key;
        return Step::go_on;
      }
      if (c == (stack_.back().array ? ']' : '}')) return close();
      return fail("E-JSON-SYNTAX", stack_.back().array ? ", ]" : ", }");
    case State::done:
      reporter_->report("E-JSON-TRAILING", {}, window_.offset(at_), 0);
      status_ = CB_E_INPUT;
      return Step::stop;
  }
  return Step::stop;
}

JsonCursor::Step JsonCursor::read_value() {
  const char c = *at_;
  begin_value(c == '[');
  switch (c) {
    case '{': return open(false);
    case '[': return open(true);
    case '"': {
      Text text;
      if (!building()) scratch_.clear();
      if (!read_string(text, building() ? tree_->arena : scratch_)) return failed_;
      return scalar(text, false, at_);
    }
    case 't': return read_literal("true");
    case 'f': return read_literal("false");
    case 'n': return read_literal("null");
    default:
      if (c == '-' || (c >= '0' && c <= '9')) return read_number();
      return fail("E-JSON-SYNTAX", "{ [ \" 0 true false null");
  }
}

JsonCursor::Step JsonCursor::read_literal(std::string_view word) {
  at_ = window_.ensure(at_, word.size());
  if (std::string_view(at_, std::min<size_t>(word.size(), static_cast<size_t>(window_.end() - at_))) != word)
    return static_cast<size_t>(window_.end() - at_) < word.size() ? (at_ = window_.end(), cut()) : fail("E-JSON-SYNTAX", word);
  const Text text{word, window_.offset(at_), static_cast<uint32_t>(word.size())};
  at_ += word.size();
  return scalar(text, word == "null", at_);
}

JsonCursor::Step JsonCursor::read_number() {
  const char* at = at_;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto part = [&](char c) { return digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; };
  for (;;) {
    while (at != window_.end() && part(*at)) ++at;
    const auto size = static_cast<uint64_t>(at - at_);
    if (size > kMaxNumber) {
      reporter_->report("E-JSON-NUMBER-LENGTH", {counted(kMaxNumber)}, value_offset_, size);
      refuse("E-JSON-NUMBER-LENGTH");
      at_ = at;
      while (here() && part(*at_)) ++at_;
      return scalar({{}, value_offset_, 0}, false, at_);
    }
    if (at != window_.end()) break;
    const bool more = window_.more(at_);
    at_ = window_.begin();
    at = at_ + size;
    if (!more) break;
  }
  const char* p = at_;
  bool good = true;
  const auto digits = [&] {
    const char* const from = p;
    while (p != at && digit(*p)) ++p;
    return p != from;
  };
  if (p != at && *p == '-') ++p;
  if (p != at && *p == '0') ++p;
  else good = digits();
  if (good && p != at && *p == '.') ++p, good = digits();
  if (good && p != at && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != at && (*p == '+' || *p == '-')) ++p;
    good = digits();
  }
  if (!good || p != at) {
    if (at == window_.end() && window_.at_end()) return at_ = at, cut();
    at_ = p;
    return fail("E-JSON-SYNTAX", "0-9");
  }
  const Text text{{at_, static_cast<size_t>(at - at_)}, value_offset_, static_cast<uint32_t>(window_.length(at_, at))};
  at_ = at;
  return scalar(text, false, at_);
}

JsonCursor::Step JsonCursor::read_key() {
  Text key;
  scratch_.clear();
  if (!read_string(key, scratch_)) return failed_;
  const size_t depth = stack_.size() - 1;
  const bool on_path = stack_[depth].matched >= 0 && !in_unit_;
  if (on_path || building()) {
    if (key.text.size() > 1000) {
      reporter_->report("E-JSON-NAME-LENGTH", {counted(1000)}, key.offset, key.length);
      refuse("E-JSON-NAME-LENGTH");
      key.text = {};
    }
    uint32_t name = names_->find(key.text);
    if (name == kNone) {
      if (names_->size() >= options_.max_names) {
        reporter_->report("E-JSON-NAMES", {counted(options_.max_names)}, key.offset, key.length);
        status_ = CB_E_LIMIT;
        refuse("E-JSON-NAMES");
        return in_unit_ ? Step::unit : Step::stop;
      }
      name = names_->intern(key.text);
    }
    stack_[depth].name = name;
    keys_.push_back(name);
  } else if (options_.outside && !in_unit_) {  // what is only counted has no name beyond the limits, and breaks nothing
    uint32_t name = key.text.size() > 1000 ? kNone : names_->find(key.text);
    if (name == kNone && key.text.size() <= 1000 && names_->size() < options_.max_names) name = names_->intern(key.text);
    stack_[depth].name = name;
  }
  Frame& frame = stack_[depth];
  frame.next_matched = -1;
  if (on_path && static_cast<size_t>(frame.matched) < steps_.size()) {
    const std::string& want = steps_[static_cast<size_t>(frame.matched)];
    if (want == "*" || want == key.text) frame.next_matched = frame.matched + 1;
  }
  if (++frame.members > options_.max_members && building()) {
    reporter_->report("E-JSON-MEMBERS", {counted(options_.max_members)}, key.offset, key.length);
    refuse("E-JSON-MEMBERS");
  }
  if (!skip_space()) return cut();
  if (*at_ != ':') return fail("E-JSON-SYNTAX", ":");
  ++at_;
  state_ = State::value;
  return Step::go_on;
}

JsonCursor::Step JsonCursor::open(bool array) {
  if (stack_.size() >= options_.max_depth) {
    reporter_->report("E-JSON-DEPTH", {counted(options_.max_depth)}, value_offset_, 1);
    refuse("E-JSON-DEPTH");
    if (options_.lines) return Step::unit;
    ++at_;
    if (!skip_brackets(1)) return cut();
    return value_done();
  }
  ++at_;
  Frame frame;
  frame.array = array;
  frame.matched = value_matched_;
  frame.keys = keys_.size();
  frame.context = static_cast<uint32_t>(context_.size());
  frame.owner = static_cast<uint32_t>(stack_.size());
  const uint32_t name = stack_.empty() ? kNone : stack_.back().name;
  const bool at_unit = in_unit_ && stack_.size() == unit_depth_;
  if (array) frame.name = name;
  const bool root_array = array && at_unit;  // the record is an array: it needs a node of its own
  if (array && !stack_.empty() && !root_array) {
    frame.owner = stack_.back().owner;
  } else if (building()) {
    if (room(0)) frame.node = add_node(tree_->nodes, name);
    if (root_array) frame.name = kNone;
  } else if (!in_unit_ && value_matched_ >= 0) {  // an ancestor of records to come
    frame.before = stack_.empty() ? kNone : stack_[stack_.back().owner].last_child;
    frame.node = add_node(context_, name);
    context_text_.emplace_back();
  }
  stack_.push_back(frame);
  state_ = array ? State::value_or_end : State::key_or_end;
  return Step::go_on;
}

JsonCursor::Step JsonCursor::close() {
  ++at_;
  const Frame frame = stack_.back();
  if (!frame.array && (building() || (!in_unit_ && frame.matched >= 0)) && frame.node != kNone) check_names(frame);
  keys_.resize(frame.keys);
  stack_.pop_back();
  if (in_unit_ && frame.node != kNone && frame.node < tree_->nodes.size()) {
    TreeNode& node = tree_->nodes[frame.node];
    node.length = window_.offset(at_) - node.offset;
  } else if (!in_unit_ && frame.node != kNone) {
    context_.resize(frame.context);
    context_text_.resize(frame.context);
    if (!stack_.empty()) {
      Frame& owner = stack_[stack_.back().owner];
      owner.last_child = frame.before;
      if (frame.before != kNone) context_[frame.before].next_sibling = kNone;
      else if (owner.node != kNone) context_[owner.node].first_child = kNone;
    }
  }
  return value_done();
}

JsonCursor::Step JsonCursor::value_done() {
  state_ = stack_.empty() ? State::done : State::after_value;
  if (!in_unit_ || stack_.size() != unit_depth_) return Step::go_on;
  in_unit_ = false;
  tree_->length = window_.offset(at_) - tree_->offset;
  return Step::unit;
}

// --- building ------------------------------------------------------------------------------------------------------

void JsonCursor::begin_value(bool array) {
  value_offset_ = window_.offset(at_);
  value_line_ = line_;
  if (stack_.empty()) value_matched_ = 0;
  else value_matched_ = stack_.back().array ? stack_.back().matched : stack_.back().next_matched;
  if (in_unit_ || value_matched_ < 0 || static_cast<size_t>(value_matched_) != steps_.size()) return;
  if (whole_ || !array) begin_unit();
}

void JsonCursor::begin_unit() {
  in_unit_ = met_ = true;
  unit_depth_ = stack_.size();
  unit_text_ = 0;
  tree_->offset = value_offset_;
  tree_->nodes.assign(context_.begin(), context_.end());
  for (size_t i = 0; i < context_.size(); ++i)
    if (context_[i].has_text) tree_->nodes[i].text = tree_->arena.keep(context_text_[i]);
  tree_->unit = static_cast<uint32_t>(context_.size());
}

// A node for the value that begins at value_offset_, below the innermost object.
uint32_t JsonCursor::add_node(std::vector<TreeNode>& nodes, uint32_t name) {
  const auto at = static_cast<uint32_t>(nodes.size());
  TreeNode& node = nodes.emplace_back();
  node.name = name;
  node.offset = value_offset_;
  node.line = value_line_;
  if (stack_.empty()) return at;
  Frame& owner = stack_[stack_.back().owner];
  node.parent = owner.node;
  // The record's own node hangs in the context: its links there are those of the copy in the tree.
  if (owner.last_child != kNone) nodes[owner.last_child].next_sibling = at;
  else if (owner.node != kNone) nodes[owner.node].first_child = at;
  const bool kept = &nodes == &context_ || stack_.size() > unit_depth_;
  if (kept) owner.last_child = at;
  return at;
}

bool JsonCursor::room(size_t text) {
  unit_text_ += text;
  if (tree_->nodes.size() < options_.max_nodes && unit_text_ <= options_.max_text) return true;
  reporter_->report("E-JSON-RECORD-SIZE", {counted(options_.max_nodes), counted(options_.max_text >> 20)}, tree_->offset,
                    value_offset_ - tree_->offset);
  refuse("E-JSON-RECORD-SIZE");
  return false;
}

void JsonCursor::tell_outside(const Text& text, uint32_t name) {
  path_.clear();
  for (const Frame& frame : stack_)
    if (!frame.array) path_.push_back(frame.name);
  TreeNode value;
  value.name = name;
  value.text_offset = text.offset;
  value.text_length = text.length;
  options_.outside->outside(path_.data(), path_.size(), value);
}

JsonCursor::Step JsonCursor::scalar(const Text& text, bool nil, const char* end) {
  const bool simple_member = !in_unit_ && !stack_.empty() && stack_.back().matched >= 0 && !stack_.back().array;
  const uint32_t name = stack_.empty() ? kNone : stack_.back().name;
  if (options_.outside && !in_unit_ && !nil && !text.text.empty()) tell_outside(text, name);
  if (building()) {
    if (room(text.text.size())) {
      const uint32_t at = add_node(tree_->nodes, name);
      TreeNode& node = tree_->nodes[at];
      node.length = window_.offset(end) - node.offset;
      node.nil = nil;
      node.text_offset = text.offset;
      node.text_length = text.length;
      if (!nil) {
        node.has_text = true;
        // An escaped or mended string lies in the arena already; what lies in the window is copied out of it.
        const bool lent = text.text.data() >= window_.begin() && text.text.data() <= window_.end();
        node.text = lent ? tree_->arena.keep(text.text) : text.text;
      }
    }
  } else if (simple_member && context_.size() < kContextNodes && text.text.size() <= kContextText) {
    const uint32_t at = add_node(context_, name);
    TreeNode& node = context_[at];
    node.length = window_.offset(end) - node.offset;
    node.nil = nil;
    node.text_offset = text.offset;
    node.text_length = text.length;
    node.has_text = !nil;
    context_text_.emplace_back(nil ? std::string_view() : text.text);
  }
  return value_done();
}

void JsonCursor::check_names(const Frame& frame) {
  const auto from = keys_.begin() + static_cast<ptrdiff_t>(frame.keys);
  const auto n = keys_.end() - from;
  if (n < 2) return;
  const auto twice = [&](uint32_t name) {
    reporter_->report("E-JSON-DUPLICATE", {names_->text(name)}, (in_unit_ ? tree_->nodes : context_)[frame.node].offset, 1);
  };
  if (n <= 12) {
    for (auto a = from + 1; a != keys_.end(); ++a)
      if (std::find(from, a, *a) != a) twice(*a);
    return;
  }
  std::sort(from, keys_.end());  // nobody looks at them after this
  for (auto a = from + 1; a != keys_.end(); ++a)
    if (*a == a[-1]) twice(*a);
}

// --- what goes wrong -----------------------------------------------------------------------------------------------

void JsonCursor::refuse(const char* code) {
  if (in_unit_ && !tree_->refused) tree_->refused = code;
}

JsonCursor::Step JsonCursor::cut() {
  const uint64_t offset = window_.offset(at_);
  if (window_.status() != CB_OK) return Step::stop;  // cut by a failure to read, not by the sender
  reporter_->report("E-JSON-CUT", {}, offset, 0);
  state_ = State::done;
  if (!options_.lines) status_ = CB_E_INPUT;
  if (!in_unit_) {
    if (!options_.lines) return Step::stop;
    tree_->offset = value_offset_;  // a line that ends before its value begins
    in_unit_ = true;
  }
  refuse("E-JSON-CUT");
  in_unit_ = false;
  tree_->length = offset - tree_->offset;
  return Step::unit;
}

JsonCursor::Step JsonCursor::fail(const char* code, std::string_view what) {
  reporter_->report(code, {what}, window_.offset(at_), at_ == window_.end() ? 0 : 1);
  if (options_.lines) {
    if (!in_unit_) tree_->offset = window_.offset(at_);
    in_unit_ = true;
    refuse(code);
    in_unit_ = false;
    return Step::unit;
  }
  if (!in_unit_) {
    status_ = CB_E_INPUT;
    return Step::stop;
  }
  refuse(code);
  // The brackets tell where the record ends, if it stands among others.
  const auto levels = static_cast<uint32_t>(stack_.size() - unit_depth_);
  if (unit_depth_ == 0 || levels == 0 || !skip_brackets(levels)) {
    status_ = CB_E_INPUT;
    in_unit_ = false;
    tree_->length = window_.offset(at_) - tree_->offset;
    return Step::unit;
  }
  keys_.resize(stack_[unit_depth_].keys);
  stack_.resize(unit_depth_);
  return value_done();
}

}  // namespace casebridge::read

#include "emit/json_shape.hpp"

#include <algorithm>

#include "emit/escape.hpp"

namespace casebridge::emit {
namespace {

bool bare_word(std::string_view text) {
  if (text == "true" || text == "false") return true;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && digits.size() <= 19 && (digits[0] != '0' || digits.size() == 1) &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

// Walks the values and blocks of a record (or the values of one block item) and writes down what stands around them.
class JsonShapeMaker {
 public:
  JsonShapeMaker(JsonShape& shape, const Record& record) : shape_(shape), record_(record), plan_(WirePlan::get()) {}

  void run(std::span<const Value> values, std::span<const Block> blocks) {
    size_t v = 0, b = 0;
    while (v < values.size() || b < blocks.size()) {
      const uint16_t value_rank = v < values.size() ? plan_.at(values[v].field).node->rank : UINT16_MAX;
      const uint16_t block_rank = b < blocks.size() ? plan_.at(blocks[b].tag).node->rank : UINT16_MAX;
      if (b == blocks.size() || (v < values.size() && value_rank < block_rank)) v = leaf(values, v);
      else b = items(blocks, b);
    }
    close_to(0);
  }

 private:
  // What stands between tokens: a comma, unless an object or a list has just been opened.
  void comma() {
    const bool behind_value = !shape_.slots_.empty() && shape_.slots_.back().end == text().size();
    if (behind_value || text().empty() || (text().back() != '{' && text().back() != '[')) text() += ',';
  }
  void slot(const WireNode& node, const Value& value) {
    const bool own = &value >= record_.values.data() && &value < record_.values.data() + record_.values.size();
    const auto at = static_cast<uint32_t>(&value - (own ? record_.values.data() : record_.block_values.data()));
    shape_.slots_.push_back({static_cast<uint32_t>(text().size()), at, own, node.bare});
  }

  size_t leaf(std::span<const Value> values, size_t at) {
    const WireNode& node = plan_.at(values[at].field);
    if (node.header || values[at].text.empty()) return at + 1;
    open(node);
    comma();
    text() += node.key;
    if (!node.node->many) {
      slot(node, values[at]);
      return at + 1;
    }
    text() += '[';
    const model::Tag field = values[at].field;
    for (bool first = true; at < values.size() && values[at].field == field; ++at) {
      if (values[at].text.empty()) continue;
      if (!first) text() += ',';
      first = false;
      slot(node, values[at]);
    }
    text() += ']';
    return at;
  }

  size_t items(std::span<const Block> blocks, size_t at) {
    const WireNode& node = plan_.at(blocks[at].tag);
    open(node);
    comma();
    text().append(node.key) += '[';
    const model::Tag tag = blocks[at].tag;
    for (; at < blocks.size() && blocks[at].tag == tag; ++at) {
      comma();
      text() += '{';
      JsonShapeMaker(shape_, record_).run(record_.block_of(blocks[at]), {});
      text() += '}';
    }
    text() += ']';
    return at;
  }

  void open(const WireNode& node) {
    size_t same = 0;
    while (same < depth_ && same < node.chain.size() && open_[same] == node.chain[same]) ++same;
    close_to(same);
    while (depth_ < node.chain.size()) {
      comma();
      text().append(plan_.at(node.chain[depth_]).key) += '{';
      open_[depth_] = node.chain[depth_];
      ++depth_;
    }
  }
  void close_to(size_t depth) {
    for (; depth_ > depth; --depth_) text() += '}';
  }

  std::string& text() { return shape_.text_; }
  JsonShape& shape_;
  const Record& record_;
  const WirePlan& plan_;
  model::Tag open_[8] = {};
  size_t depth_ = 0;
};

JsonShape::JsonShape(const Record& of) {
  const WirePlan& plan = WirePlan::get();
  text_.append("{\"recordType\":\"").append(of.type->name) += '"';
  begin_ = text_.size();
  const auto late_value = std::partition_point(of.values.begin(), of.values.end(), [&](const Value& v) { return !plan.at(v.field).late; });
  const auto late_block = std::partition_point(of.blocks.begin(), of.blocks.end(), [&](const Block& b) { return !plan.at(b.tag).late; });
  JsonShapeMaker(*this, of).run({of.values.begin(), late_value}, {of.blocks.begin(), late_block});
  early_ = slots_.size();
  early_end_ = text_.size();
  JsonShapeMaker(*this, of).run({late_value, of.values.end()}, {late_block, of.blocks.end()});
  late_end_ = text_.size();
  text_.append(LineBuffer::kPad, ' ');
}

void JsonShape::part(LineBuffer& line, const Record& record, size_t from, size_t first, size_t last, size_t end) const {
  for (size_t i = first; i < last; ++i) {
    const Slot& slot = slots_[i];
    piece(line, from, slot.end);
    from = slot.end;
    const std::string_view text = slot.own ? record.values[slot.at].text : record.block_values[slot.at].text;
    // A number that is none has been reported; quoted, the line is still JSON and still says what it said.
    if (slot.bare && bare_word(text)) line.add(text);
    else line.quoted(text);
  }
  piece(line, from, end);
}

const std::vector<JsonShape::Pointer>& JsonShape::pointers(const Record& of) {
  if (pointed_) return pointers_;
  pointed_ = true;
  each_pointer(of, [&](std::string pointer, const Value& value) {
    const bool own = pointers_.size() < of.values.size();
    pointers_.push_back({std::move(pointer), static_cast<uint32_t>(&value - (own ? of.values.data() : of.block_values.data())), own});
  });
  std::sort(pointers_.begin(), pointers_.end(), [](const Pointer& a, const Pointer& b) { return a.key < b.key; });
  for (Pointer& pointer : pointers_) {
    std::string key;
    append_json_string(key, pointer.key);
    pointer.key = key + ':';
  }
  return pointers_;
}

}  // namespace casebridge::emit

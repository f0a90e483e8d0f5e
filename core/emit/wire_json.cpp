#include <algorithm>

#include "emit/escape.hpp"
#include "emit/wire_lines.hpp"

namespace casebridge::emit {
namespace {

// What stands between tokens: a comma, unless an object or a list has just been opened.
void comma(std::string& out) {
  if (out.back() != '{' && out.back() != '[') out += ',';
}

bool bare_word(std::string_view text) {
  if (text == "true" || text == "false") return true;
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  return !digits.empty() && digits.size() <= 19 && (digits[0] != '0' || digits.size() == 1) &&
         std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void value_text(std::string& out, const WireNode& node, std::string_view text) {
  // A number that is none has been reported; quoted, the line is still JSON and still says what it said.
  if (node.bare && bare_word(text)) out += text;
  else append_json_string(out, text);
}

// Values and blocks of one record (or the values of one block item), from `open` single blocks already open: none.
class Body {
 public:
  explicit Body(std::string& out) : out_(out), plan_(WirePlan::get()) {}

  void run(const Record& record, std::span<const Value> values, std::span<const Block> blocks) {
    size_t v = 0, b = 0;
    while (v < values.size() || b < blocks.size()) {
      const uint16_t value_rank = v < values.size() ? plan_.at(values[v].field).node->rank : UINT16_MAX;
      const uint16_t block_rank = b < blocks.size() ? plan_.at(blocks[b].tag).node->rank : UINT16_MAX;
      if (b == blocks.size() || (v < values.size() && value_rank < block_rank)) v = leaf(values, v);
      else b = items(record, blocks, b);
    }
    close_to(0);
  }

 private:
  size_t leaf(std::span<const Value> values, size_t at) {
    const WireNode& node = plan_.at(values[at].field);
    if (node.header || values[at].text.empty()) return at + 1;
    open(node);
    comma(out_);
    out_ += node.key;
    if (!node.node->many) {
      value_text(out_, node, values[at].text);
      return at + 1;
    }
    out_ += '[';
    const model::Tag field = values[at].field;
    for (; at < values.size() && values[at].field == field; ++at) {
      if (values[at].text.empty()) continue;
      comma(out_);
      value_text(out_, node, values[at].text);
    }
    out_ += ']';
    return at;
  }

  size_t items(const Record& record, std::span<const Block> blocks, size_t at) {
    const WireNode& node = plan_.at(blocks[at].tag);
    open(node);
    comma(out_);
    out_.append(node.key) += '[';
    const model::Tag tag = blocks[at].tag;
    for (; at < blocks.size() && blocks[at].tag == tag; ++at) {
      comma(out_);
      out_ += '{';
      Body(out_).run(record, record.block_of(blocks[at]), {});
      out_ += '}';
    }
    out_ += ']';
    return at;
  }

  void open(const WireNode& node) {
    size_t same = 0;
    while (same < depth_ && same < node.chain.size() && open_[same] == node.chain[same]) ++same;
    close_to(same);
    while (depth_ < node.chain.size()) {
      comma(out_);
      out_.append(plan_.at(node.chain[depth_]).key) += '{';
      open_[depth_] = node.chain[depth_];
      ++depth_;
    }
  }
  void close_to(size_t depth) {
    for (; depth_ > depth; --depth_) out_ += '}';
  }

  std::string& out_;
  const WirePlan& plan_;
  model::Tag open_[8] = {};
  size_t depth_ = 0;
};

// each_pointer() for the few values that are wanted: no pointer is made for the others.
template <class Wanted, class Each>
void each_wanted(const Record& record, Wanted&& wanted, Each&& each) {
  const auto list = [&](const Block* block, uint32_t item, std::span<const Value> values) {
    uint32_t index = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      index = i > 0 && values[i - 1].field == values[i].field ? index + 1 : 0;
      if (!wanted(values[i])) continue;
      std::string pointer = block ? local_pointer(block->tag) + '/' + std::to_string(item) : std::string();
      pointer += local_pointer(values[i].field);
      if (model::node(values[i].field).many) pointer.append("/").append(std::to_string(index));
      each(std::move(pointer), values[i]);
    }
  };
  list(nullptr, 0, record.values);
  uint32_t item = 0;
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    item = i > 0 && record.blocks[i - 1].tag == record.blocks[i].tag ? item + 1 : 0;
    list(&record.blocks[i], item, record.block_of(record.blocks[i]));
  }
}

}  // namespace

std::vector<uint64_t> place_numbers(const Record& record, const Value& value, const LineFinder* lines) {
  std::vector<uint64_t> numbers{value.offset, value.length};
  uint64_t line = 0, column = 0;
  if (lines && lines->find(record.source, value.offset, line, column) && line != record.place.line)
    numbers.insert(numbers.end(), {line, column});
  return numbers;
}

void JsonLine::header(std::string& out, const Record& record) {
  out.append("{\"recordType\":\"").append(record.type->name) += '"';
  const WirePlan& plan = WirePlan::get();
  if (record.type == plan.dataset) return;
  if (record.type == plan.source_line) {
    out += ",\"source\":";
    append_number(out, record.source);
    return;
  }
  out += ",\"id\":\"";
  append_uuid(out, record.id);
  out += '"';
  if (record.version != 1) out += ",\"version\":", append_number(out, record.version);
  if (!record.local_id.empty()) out += ",\"localId\":", append_json_string(out, record.local_id);
  out += ",\"source\":[";
  append_place(out, record.source, record.place, ',');
  out += ']';
  if (!record.also.empty()) {
    out += ",\"alsoSource\":[";
    for (const auto& [source, place] : record.also) {
      comma(out);
      out += '[';
      append_place(out, source, place, ',');
      out += ']';
    }
    out += ']';
  }
  if (!record.status.empty() && record.status != "CURRENT") out += ",\"recordStatus\":", append_json_string(out, record.status);
  if (!record.supersedes.nil()) {
    out += ",\"supersedes\":\"";
    append_uuid(out, record.supersedes);
    out += '"';
  }
}

void JsonLine::absent(std::string& out, const Record& record) {
  if (record.absent.empty()) return;
  absent_.clear();
  for (const Absent& absent : record.absent) absent_.emplace_back(absent_pointer(record, absent), absent.reason);
  std::sort(absent_.begin(), absent_.end());
  out += '[';
  for (const auto& [pointer, reason] : absent_) {
    comma(out);
    out += "{\"field\":";
    append_json_string(out, pointer);
    out += ",\"reason\":";
    append_json_string(out, reason);
    out += '}';
  }
  out += ']';
}

void JsonLine::original(std::string& out, const Record& record) {
  const auto differs = [](const Value& v) { return v.normal_differs && !v.original.empty() && !v.text.empty(); };
  if (std::none_of(record.values.begin(), record.values.end(), differs) &&
      std::none_of(record.block_values.begin(), record.block_values.end(), differs))
    return;
  noted_.clear();
  each_wanted(record, differs, [&](std::string pointer, const Value& value) { noted_.push_back({std::move(pointer), &value}); });
  std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) { return a.pointer < b.pointer; });
  out += '{';
  for (const Noted& noted : noted_) {
    comma(out);
    append_json_string(out, noted.pointer);
    out += ':';
    append_json_string(out, noted.value->original);
  }
  out += '}';
}

void JsonLine::ext(std::string& out, const Record& record) {
  if (record.ext.empty()) return;
  out += '{';
  for (size_t i = 0; i < record.ext.size();) {
    comma(out);
    append_json_string(out, record.ext[i].name);
    out += ":[";
    for (const std::string_view name = record.ext[i].name; i < record.ext.size() && record.ext[i].name == name; ++i) {
      comma(out);
      append_json_string(out, record.ext[i].value);
    }
    out += ']';
  }
  out += '}';
}

void JsonLine::places(std::string& out, const Record& record) {
  noted_.clear();
  each_pointer(record, [&](std::string pointer, const Value& value) {
    if (value.length > 0 && !value.text.empty()) noted_.push_back({std::move(pointer), &value});
  });
  if (noted_.empty()) return;
  std::sort(noted_.begin(), noted_.end(), [](const Noted& a, const Noted& b) { return a.pointer < b.pointer; });
  out += '{';
  for (const Noted& noted : noted_) {
    comma(out);
    append_json_string(out, noted.pointer);
    out += ":[";
    for (const uint64_t number : place_numbers(record, *noted.value, options_.lines)) {
      comma(out);
      append_number(out, number);
    }
    out += ']';
  }
  out += '}';
}

void JsonLine::append_part(std::string& out, const Record& record, Part part) {
  switch (part) {
    case Part::absent: return absent(out, record);
    case Part::original: return original(out, record);
    case Part::ext: return ext(out, record);
    case Part::places: return places(out, record);
  }
}

void JsonLine::keyed(std::string& out, const Record& record, std::string_view key, Part part) {
  if ((part == Part::absent && record.absent.empty()) || (part == Part::ext && record.ext.empty())) return;
  const size_t before = out.size();
  out += key;
  const size_t with_key = out.size();
  append_part(out, record, part);
  if (out.size() == with_key) out.resize(before);
}

void JsonLine::append(std::string& out, const Record& record) {
  const WirePlan& plan = WirePlan::get();
  header(out, record);
  const auto late_value =
      std::partition_point(record.values.begin(), record.values.end(), [&](const Value& v) { return !plan.at(v.field).late; });
  const auto late_block =
      std::partition_point(record.blocks.begin(), record.blocks.end(), [&](const Block& b) { return !plan.at(b.tag).late; });
  Body(out).run(record, {record.values.begin(), late_value}, {record.blocks.begin(), late_block});
  keyed(out, record, ",\"absent\":", Part::absent);
  keyed(out, record, ",\"original\":", Part::original);
  keyed(out, record, ",\"ext\":", Part::ext);
  Body(out).run(record, {late_value, record.values.end()}, {late_block, record.blocks.end()});
  if (options_.value_places) keyed(out, record, ",\"places\":", Part::places);
  out += "}\n";
}

}  // namespace casebridge::emit

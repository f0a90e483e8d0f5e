#include "emit/wire_plan.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "emit/escape.hpp"

namespace casebridge::emit {
namespace {

bool is_header(const model::Node& node) {
  static constexpr std::string_view kNames[] = {"recordType", "id",         "version",      "localId",
                                                "source",     "alsoSource", "recordStatus", "supersedes"};
  return node.parent == 0 && node.kind == model::NodeKind::leaf &&
         std::find(std::begin(kNames), std::end(kNames), node.name) != std::end(kNames);
}

}  // namespace

WirePlan::WirePlan() {
  model::Tag last = 0;
  for (const model::Node& node : model::nodes()) last = std::max(last, node.tag);
  nodes_.resize(size_t(last) + 1);
  for (const model::Node& node : model::nodes()) {
    WireNode& wire = nodes_[node.tag];
    wire.node = &node;
    const std::string name(node.name);
    wire.key = '"' + name + "\":";
    wire.open = '<' + name;
    wire.close = "</" + name + '>';
    wire.bare = node.type == model::ValueType::integer || node.type == model::ValueType::boolean;
    wire.header = is_header(node) || (node.kind == model::NodeKind::leaf && node.attribute && node.name == "source");
    std::string_view top = node.name;
    bool inside = true;  // still below the nearest record or block item
    for (const model::Node* up = model::find_node(node.parent); up && up->kind != model::NodeKind::record;
         up = model::find_node(up->parent)) {
      top = up->name;
      if (up->kind == model::NodeKind::blocks) inside = false;
      if (!inside) continue;
      wire.chain.insert(wire.chain.begin(), up->tag);
    }
    wire.late = top == "provenance" || top == "handling";
  }
  const model::Node* person = model::record_type("Person");
  const auto tag = [&](std::string_view name) {
    const model::Node* node = person ? model::field(*person, name) : nullptr;
    return node ? node->tag : model::Tag(0);
  };
  id = tag("id"), version = tag("version"), source = tag("source"), also_source = tag("alsoSource");
  record_status = tag("recordStatus"), supersedes = tag("supersedes");
  dataset = model::record_type("Dataset");
  source_line = model::record_type("Source");
  dataset_end = model::record_type("DatasetEnd");
}

const WirePlan& WirePlan::get() {
  static const WirePlan plan;
  return plan;
}

void write_uuid(char* out, const Uuid& id) {
  static constexpr char kDigits[] = "0123456789abcdef";
  static constexpr std::array<std::array<char, 2>, 256> kPairs = [] {
    std::array<std::array<char, 2>, 256> table{};
    for (size_t i = 0; i < 256; ++i) table[i] = {kDigits[i >> 4], kDigits[i & 15]};
    return table;
  }();
  static constexpr uint8_t kAt[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};
  for (size_t i = 0; i < 16; ++i) std::memcpy(out + kAt[i], kPairs[id.bytes[i]].data(), 2);
  out[8] = out[13] = out[18] = out[23] = '-';
}

void append_uuid(std::string& out, const Uuid& id) {
  char text[36];
  write_uuid(text, id);
  out.append(text, sizeof text);
}

bool parse_uuid(std::string_view text, Uuid& out) {
  if (text.size() != 36) return false;
  size_t nibble = 0;
  Uuid made;
  for (size_t i = 0; i < 36; ++i) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
      continue;
    }
    const char c = text[i];
    const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (value < 0) return false;
    made.bytes[nibble / 2] = static_cast<uint8_t>(nibble % 2 == 0 ? value << 4 : made.bytes[nibble / 2] | value);
    ++nibble;
  }
  out = made;
  return true;
}

void append_place(std::string& out, uint32_t source, const Place& place, char between) {
  char text[5 * 21], *at = std::to_chars(text, text + 20, source).ptr;
  if (source != 0)
    for (const uint64_t number : {place.offset, place.length, place.line, place.column}) {
      *at++ = between;
      at = std::to_chars(at, at + 20, number).ptr;
    }
  out.append(text, static_cast<size_t>(at - text));
}

}  // namespace casebridge::emit

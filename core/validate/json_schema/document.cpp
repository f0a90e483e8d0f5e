#include "validate/json_schema/document.hpp"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/memorystream.h>

#include <bit>
#include <cmath>
#include <cstring>

namespace casebridge::schema {

// Feeds a Document from RapidJSON's SAX events.
struct Builder {
  Document& document;
  std::vector<uint32_t> open;  // containers we are in
  uint32_t key = 0, key_size = 0;
  bool has_key = false;

  Node& add(Type type) {
    Node node;
    node.type = type;
    node.key = key;
    node.key_size = key_size;
    node.has_key = has_key;
    has_key = false;
    if (!open.empty()) {
      node.parent = open.back();
      ++document.nodes_[open.back()].size;
    }
    node.next = static_cast<uint32_t>(document.nodes_.size() + 1);
    document.nodes_.push_back(node);
    return document.nodes_.back();
  }
  uint32_t keep(const char* text, size_t size) {
    const auto at = static_cast<uint32_t>(document.pool_.size());
    document.pool_.append(text, size);
    return at;
  }
  bool Null() {
    add(Type::null);
    return true;
  }
  bool Bool(bool value) {
    add(Type::boolean).truth = value;
    return true;
  }
  bool Int(int value) { return Int64(value); }
  bool Uint(unsigned value) { return Int64(value); }
  bool Int64(int64_t value) {
    Node& node = add(Type::number);
    node.integral = node.is_int64 = true;
    node.integer = value;
    node.number = static_cast<double>(value);
    return true;
  }
  bool Uint64(uint64_t value) {
    if (value <= INT64_MAX) return Int64(static_cast<int64_t>(value));
    Node& node = add(Type::number);
    node.integral = true;
    node.number = static_cast<double>(value);
    return true;
  }
  bool Double(double value) {
    Node& node = add(Type::number);
    node.number = value;
    node.integral = std::floor(value) == value && std::isfinite(value);
    if (node.integral && std::fabs(value) < 9.0e15) node.is_int64 = true, node.integer = static_cast<int64_t>(value);
    return true;
  }
  bool RawNumber(const char*, rapidjson::SizeType, bool) { return false; }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    const uint32_t at = keep(text, size);
    Node& node = add(Type::string);
    node.text = at;
    node.size = size;
    return true;
  }
  bool Key(const char* text, rapidjson::SizeType size, bool) {
    key = keep(text, size);
    key_size = size;
    has_key = true;
    return true;
  }
  bool start(Type type) {
    if (open.size() >= Document::kMaxDepth) return false;
    add(type);
    open.push_back(static_cast<uint32_t>(document.nodes_.size() - 1));
    return true;
  }
  bool end() {
    document.nodes_[open.back()].next = static_cast<uint32_t>(document.nodes_.size());
    open.pop_back();
    return true;
  }
  bool StartObject() { return start(Type::object); }
  bool StartArray() { return start(Type::array); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool EndArray(rapidjson::SizeType) { return end(); }
};

// UTF-8 is judged once over the whole text, eight ASCII bytes at a time, and not again for each character by the parser.
// Offset of the first bad byte, or npos.
static size_t bad_utf8(std::string_view text) {
  size_t i = 0;
  const auto byte = [&](size_t at) { return static_cast<unsigned char>(text[at]); };
  const auto tail = [&](size_t at) { return at < text.size() && (byte(at) & 0xC0) == 0x80; };
  while (i < text.size()) {
    uint64_t eight;
    while (i + 8 <= text.size() && (std::memcpy(&eight, text.data() + i, 8), (eight & 0x8080808080808080ull) == 0)) i += 8;
    if (i >= text.size()) break;
    const unsigned char c = byte(i);
    if (c < 0x80) ++i;
    else if (c >= 0xC2 && c <= 0xDF && tail(i + 1)) i += 2;
    else if (c >= 0xE0 && c <= 0xEF && tail(i + 1) && tail(i + 2) && !(c == 0xE0 && byte(i + 1) < 0xA0) &&
             !(c == 0xED && byte(i + 1) > 0x9F))
      i += 3;
    else if (c >= 0xF0 && c <= 0xF4 && tail(i + 1) && tail(i + 2) && tail(i + 3) && !(c == 0xF0 && byte(i + 1) < 0x90) &&
             !(c == 0xF4 && byte(i + 1) > 0x8F))
      i += 4;
    else return i;
  }
  return std::string_view::npos;
}

bool Document::reparse(std::string_view json, ParseError& error) {
  nodes_.clear();
  pool_.clear();
  if (const size_t bad = bad_utf8(json); bad != json.npos) {
    error.offset = bad;
    error.what = "these bytes are not UTF-8";
    return false;
  }
  Builder builder{*this, {}, 0, 0, false};
  rapidjson::MemoryStream memory(json.data(), json.size());
  rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> in(memory);
  rapidjson::Reader reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(in, builder);
  if (result) return true;
  error.offset = result.Offset();
  error.what = result.Code() == rapidjson::kParseErrorTermination ? "nested too deeply" : rapidjson::GetParseError_En(result.Code());
  return false;
}

std::optional<Document> Document::parse(std::string_view json, ParseError& error) {
  Document document;
  if (!document.reparse(json, error)) return std::nullopt;
  return document;
}

uint32_t Document::member(uint32_t object, std::string_view name) const {
  if (nodes_[object].type != Type::object) return 0;
  uint32_t found = 0;  // the last of doubled members counts, as everywhere in JSON
  for (uint32_t at = object + 1; at < nodes_[object].next; at = nodes_[at].next)
    if (key(nodes_[at]) == name) found = at;
  return found;
}

uint32_t Document::item(uint32_t array, uint32_t index) const {
  if (nodes_[array].type != Type::array || index >= nodes_[array].size) return 0;
  uint32_t at = array + 1;
  while (index--) at = nodes_[at].next;
  return at;
}

std::string Document::pointer(uint32_t at) const {
  std::string out;
  while (nodes_[at].parent != UINT32_MAX) {
    const uint32_t parent = nodes_[at].parent;
    std::string step = "/";
    if (nodes_[parent].type == Type::object) {
      for (const char c : key(nodes_[at])) {
        if (c == '~') step += "~0";
        else if (c == '/') step += "~1";
        else step += c;
      }
    } else {
      uint32_t index = 0;
      for (uint32_t k = parent + 1; k != at; k = nodes_[k].next) ++index;
      step += std::to_string(index);
    }
    out.insert(0, step);
    at = parent;
  }
  return out;
}

// A second walk over text that is known to be good JSON: counts values until the one asked for.
Position Document::locate(std::string_view json, uint32_t wanted) {
  uint64_t i = json.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  int64_t seen = -1;
  std::vector<bool> in_object;  // and whether a key comes next
  std::vector<bool> key_next;
  std::optional<uint64_t> begin;
  size_t begin_depth = 0;
  Position position;
  const auto finish = [&](uint64_t end) {
    position.offset = *begin;
    position.length = end - *begin;
    for (uint64_t k = 0; k < *begin; ++k) {
      if (json[k] == '\n') ++position.line, position.column = 1;
      else ++position.column;
    }
  };
  while (i < json.size()) {
    const char c = json[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      ++i;
      continue;
    }
    if (c == ',') {
      if (!key_next.empty() && in_object.back()) key_next.back() = true;
      ++i;
      continue;
    }
    if (c == ':') {
      ++i;
      continue;
    }
    if (c == '}' || c == ']') {
      in_object.pop_back();
      key_next.pop_back();
      ++i;
      if (begin && in_object.size() == begin_depth) {
        finish(i);
        return position;
      }
      continue;
    }
    const uint64_t start = i;
    const bool is_key = c == '"' && !in_object.empty() && in_object.back() && key_next.back();
    if (!is_key && ++seen == static_cast<int64_t>(wanted)) begin = start, begin_depth = in_object.size();
    if (c == '{' || c == '[') {
      in_object.push_back(c == '{');
      key_next.push_back(c == '{');
      ++i;
      continue;
    }
    if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i)
        if (json[i] == '\\') ++i;
      ++i;
    } else {
      while (i < json.size() && std::string_view(",]} \t\r\n").find(json[i]) == std::string_view::npos) ++i;
    }
    if (is_key) key_next.back() = false;
    else if (begin && in_object.size() == begin_depth) {
      finish(i);
      return position;
    }
  }
  return position;
}

bool equal(const Document& a, uint32_t x, const Document& b, uint32_t y) {
  const Node &m = a[x], &n = b[y];
  if (m.type != n.type) return false;
  switch (m.type) {
    case Type::null: return true;
    case Type::boolean: return m.truth == n.truth;
    case Type::number: return m.is_int64 && n.is_int64 ? m.integer == n.integer : m.number == n.number;
    case Type::string: return a.string(m) == b.string(n);
    case Type::array:
      if (m.size != n.size) return false;
      for (uint32_t i = x + 1, k = y + 1; i < m.next; i = a[i].next, k = b[k].next)
        if (!equal(a, i, b, k)) return false;
      return true;
    case Type::object:
      if (m.size != n.size) return false;
      for (uint32_t i = x + 1; i < m.next; i = a[i].next) {
        const uint32_t k = b.member(y, a.key(a[i]));
        if (!k || !equal(a, i, b, k)) return false;
      }
      return true;
  }
  return false;
}

uint64_t hash(const Document& a, uint32_t x) {
  const auto mix = [](uint64_t h, uint64_t v) {
    h ^= v + 0x9E3779B97F4A7C15ull + (h << 6) + (h >> 2);
    return h * 0xff51afd7ed558ccdull;
  };
  const Node& n = a[x];
  uint64_t h = mix(0x1234, static_cast<uint64_t>(n.type));
  switch (n.type) {
    case Type::null: return h;
    case Type::boolean: return mix(h, n.truth);
    case Type::number: return mix(h, std::bit_cast<uint64_t>(n.number == 0 ? 0.0 : n.number));
    case Type::string: return mix(h, std::hash<std::string_view>{}(a.string(n)));
    case Type::array:
      for (uint32_t i = x + 1; i < n.next; i = a[i].next) h = mix(h, hash(a, i));
      return h;
    case Type::object: {
      uint64_t sum = 0;  // order does not count
      for (uint32_t i = x + 1; i < n.next; i = a[i].next) sum += mix(std::hash<std::string_view>{}(a.key(a[i])), hash(a, i));
      return mix(h, sum);
    }
  }
  return h;
}

}  // namespace casebridge::schema

// A JSON document as one flat array in document order: small, quick to build from a SAX parse, quick to walk.
// Used for instances and for schemas alike. Positions are not stored: locate() finds them again when an error needs one,
// so the valid document pays nothing for them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::schema {

enum class Type : uint8_t { null, boolean, number, string, array, object };

struct Node {
  Type type = Type::null;
  bool truth = false;     // of a boolean
  bool integral = false;  // the number has no fraction: 2 and 2.0 alike
  bool is_int64 = false;  // `integer` is exact
  bool has_key = false;
  uint32_t size = 0;  // members, items, or bytes of the string
  uint32_t next = 0;  // index behind this value and all that is in it
  uint32_t text = 0;  // offset of the string in the pool
  uint32_t key = 0, key_size = 0;
  uint32_t parent = UINT32_MAX;
  double number = 0;
  int64_t integer = 0;  // where is_int64
};

struct Position {
  uint64_t offset = 0, length = 0, line = 1, column = 1;  // bytes from 0; line and column from 1, column in bytes
};

struct ParseError {
  uint64_t offset = 0;
  std::string what;
};

class Document {
 public:
  static constexpr uint32_t kMaxDepth = 512;
  // The text need not outlive the call. Hardened: iterative, UTF-8 checked, full precision, depth limited.
  static std::optional<Document> parse(std::string_view json, ParseError& error);
  bool reparse(std::string_view json, ParseError& error);  // keeps its memory: for one document after the other

  const Node& operator[](uint32_t at) const { return nodes_[at]; }
  uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  std::string_view string(const Node& n) const { return {pool_.data() + n.text, n.size}; }
  std::string_view key(const Node& n) const { return {pool_.data() + n.key, n.key_size}; }
  uint32_t member(uint32_t object, std::string_view name) const;  // 0: none (0 is the root, never a member)
  uint32_t item(uint32_t array, uint32_t index) const;            // 0: none
  std::string pointer(uint32_t at) const;                         // RFC 6901

  // Where value `at` stands in the text it was parsed from.
  static Position locate(std::string_view json, uint32_t at);

 private:
  friend struct Builder;
  std::vector<Node> nodes_;
  std::string pool_;
};

bool equal(const Document& a, uint32_t x, const Document& b, uint32_t y);  // 1 and 1.0 are equal; member order does not count
uint64_t hash(const Document& a, uint32_t x);                              // equal values, equal hash

}  // namespace casebridge::schema

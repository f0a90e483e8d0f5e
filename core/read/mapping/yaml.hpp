// The YAML of a mapping file: every scalar is text, every node knows its line. Anchors, aliases, tags and doubled keys
// are refused, so that what is read is what stands there.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"

namespace casebridge::read::mapping {

struct Mark {  // line and column from 1; bytes of the mapping file
  uint32_t line = 0, column = 0;
  uint64_t offset = 0, length = 0;
};

struct YamlEntry;
struct Yaml {
  enum class Kind : uint8_t { none, scalar, list, map };  // none: a key without a value
  Kind kind = Kind::none;
  bool quoted = false;
  std::string text;
  Mark mark;
  std::vector<Yaml> items;
  std::vector<YamlEntry> entries;  // as written

  bool is_map() const { return kind == Kind::map; }
  bool is_list() const { return kind == Kind::list; }
  bool is_text() const { return kind == Kind::scalar; }
  const Yaml* find(std::string_view key) const;
};
struct YamlEntry {
  Yaml key, value;
};
inline const Yaml* Yaml::find(std::string_view key) const {
  for (const YamlEntry& e : entries)
    if (e.key.text == key) return &e.value;
  return nullptr;
}

// All problems of one mapping file, in the order of its lines.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}
  void add(std::string_view code, const Mark& at, std::vector<std::string> args);
  bool failed() const;  // at least one error (warnings do not count)
  std::vector<Finding> take();
  const std::vector<Finding>& all() const { return found_; }
  const std::string& file() const { return file_; }

 private:
  std::string file_;
  std::vector<Finding> found_;
};

// Reads one document. On a syntax error the problem is added and what was read so far is returned.
Yaml read_yaml(std::string_view text, Problems& problems);

// " (did you mean …?)": the nearest of `known`, or nothing. Optimal string alignment distance, case ignored.
std::string nearest(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace casebridge::read::mapping

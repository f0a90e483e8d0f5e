// Places of the mapping language (a subset of what XPath users know; one meaning for columns, elements and members):
//   SURNAME   a/b   @id   *   ..   .   //Booking   /*/Date   j:Arrest   x[code]   x[kind = home]   x[2]
//   aliases[ID = this/ID]/NAME   flags/*/name()   `Zip/Postal Code`
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::read::mapping {

struct Filter;
struct Step {
  enum class Axis : uint8_t { child, any, attribute, parent, self, name };
  Axis axis = Axis::child;
  bool descend = false;      // written after "//": anywhere below
  std::string name, prefix;  // prefix: "" = any namespace
  std::vector<Filter> filters;
  uint32_t id = 0;  // number of this step in its program, from 1; 0: not numbered
};

struct Path {
  bool absolute = false;    // from the top of the document
  bool from_this = false;   // begins with "this": only on the right of a filter
  std::vector<Step> steps;  // empty: here
  std::string text;         // as written
};

struct Filter {
  enum class Kind : uint8_t { has, equals, joined, nth };
  Kind kind = Kind::has;
  Path left, right;  // right: joined
  std::string word;  // equals
  uint32_t n = 0;    // nth, from 1
  uint32_t id = 0;   // number of this filter in its program: joins keep their index under it
};

struct PathError {
  size_t at = 0;    // byte of the text
  std::string why;  // empty: no error
};

// Reads one path; the whole text must be one. Depth of filters is at most 4.
PathError read_path(std::string_view text, Path& out);

// Simple: one child name, nothing else. For tables that is a column.
inline bool is_simple(const Path& p) {
  return !p.absolute && !p.from_this && p.steps.size() == 1 && p.steps[0].axis == Step::Axis::child && !p.steps[0].descend &&
         p.steps[0].filters.empty() && p.steps[0].prefix.empty();
}

}  // namespace casebridge::read::mapping

// A regular expression as JSON Schema means it: ECMA-262, unanchored. Linear time (RE2) wherever RE2 can say it; what
// it cannot (look-ahead, long property names) goes to ICU with a time limit.
#pragma once
#include <memory>
#include <string>
#include <string_view>

namespace casebridge::schema {

class Pattern {
 public:
  static std::unique_ptr<Pattern> make(std::string_view expression);  // nullptr: not a regular expression
  ~Pattern();
  bool found_in(std::string_view text) const;  // any thread

 private:
  Pattern();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace casebridge::schema

// What every value normaliser gives back: the normal form, how much of it may be used, and the finding it deserves.
// The source's own words are never changed: the caller keeps them as `original` where the normal form differs.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace casebridge::normalise {

enum class Use : uint8_t {
  normal,  // `text` is the normal form
  kept,    // no normal form exists; `text` is the value as given (outer space taken off)
  none     // nothing usable: the field becomes absent UNPARSEABLE, the source's words stay as original
};

struct Normal {
  std::string text;
  Use use = Use::normal;
  std::string_view code;  // of the catalogue (static), or empty: nothing to report
  std::string detail;     // the message's {1}; {0} is the value. Never holds clear text of a sensitive identifier

  static Normal good(std::string text) { return {std::move(text), Use::normal, {}, {}}; }
  static Normal noted(std::string text, std::string_view code, std::string detail = {}) {
    return {std::move(text), Use::normal, code, std::move(detail)};
  }
  static Normal as_given(std::string_view text, std::string_view code, std::string detail = {}) {
    return {std::string(text), Use::kept, code, std::move(detail)};
  }
  static Normal unusable(std::string_view code, std::string detail = {}) { return {{}, Use::none, code, std::move(detail)}; }
};

}  // namespace casebridge::normalise

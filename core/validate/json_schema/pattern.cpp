#include "validate/json_schema/pattern.hpp"

#include <re2/re2.h>
#include <unicode/regex.h>

namespace casebridge::schema {

struct Pattern::Inside {
  std::unique_ptr<re2::RE2> linear;
  std::unique_ptr<icu::RegexPattern> other;
};

Pattern::Pattern() : inside_(std::make_unique<Inside>()) {}
Pattern::~Pattern() = default;

std::unique_ptr<Pattern> Pattern::make(std::string_view expression) {
  std::unique_ptr<Pattern> made(new Pattern);
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  auto linear = std::make_unique<re2::RE2>(re2::StringPiece(expression.data(), expression.size()), options);
  if (linear->ok()) {
    made->inside_->linear = std::move(linear);
    return made;
  }
  std::string ecma;  // "$" means the very end in ECMA, but "before a last line end" in ICU
  bool in_class = false;
  for (size_t i = 0; i < expression.size(); ++i) {
    const char c = expression[i];
    if (c == '\\' && i + 1 < expression.size()) {
      ecma += c;
      ecma += expression[++i];
      continue;
    }
    if (c == '[') in_class = true;
    if (c == ']') in_class = false;
    if (c == '$' && !in_class) ecma += "\\z";
    else ecma += c;
  }
  UErrorCode status = U_ZERO_ERROR;
  UParseError where;
  made->inside_->other.reset(icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(ecma), 0, where, status));
  if (U_FAILURE(status)) return nullptr;
  return made;
}

bool Pattern::found_in(std::string_view text) const {
  if (inside_->linear) return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *inside_->linear);
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString wide = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const std::unique_ptr<icu::RegexMatcher> matcher(inside_->other->matcher(wide, status));
  if (U_FAILURE(status)) return false;
  matcher->setTimeLimit(2000, status);
  return matcher->find(status) && U_SUCCESS(status);
}

}  // namespace casebridge::schema

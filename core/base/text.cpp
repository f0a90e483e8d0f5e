#include "base/text.hpp"

#include <boost/locale.hpp>
#include <locale>

namespace casebridge {
namespace {
Language g_language = Language::en;
std::locale g_locale;
}  // namespace

void set_language(Language language, std::string_view locale_dir) {
  g_language = language;
  boost::locale::generator make;
  make.add_messages_path(std::string(locale_dir));
  make.add_messages_domain("casebridge");
  g_locale = make(language == Language::fr ? "fr_CA.UTF-8" : "en_CA.UTF-8");
}

Language language() { return g_language; }

std::string tr(std::string_view english) {
  if (g_language == Language::en || english.empty()) return std::string(english);
  return boost::locale::translate(std::string(english)).str(g_locale);
}

std::string trn(std::string_view one, std::string_view many, uint64_t n) {
  if (g_language == Language::en) return std::string(n == 1 ? one : many);
  return boost::locale::translate(std::string(one), std::string(many), static_cast<int>(n > 1000000 ? 1000000 : n)).str(g_locale);
}

std::string fill(std::string_view text, std::span<const std::string> args) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{') {
      out += text[i];
      continue;
    }
    if (i + 1 < text.size() && text[i + 1] == '{') {
      out += '{';
      ++i;
      continue;
    }
    const size_t close = text.find('}', i);
    size_t index = 0;
    bool digits = close != text.npos && close > i + 1;
    for (size_t k = i + 1; digits && k < close; ++k) {
      digits = text[k] >= '0' && text[k] <= '9';
      index = index * 10 + static_cast<size_t>(text[k] - '0');
    }
    if (!digits) {
      out += '{';
      continue;
    }
    if (index < args.size()) out += args[index];
    i = close;
  }
  return out;
}

}  // namespace casebridge

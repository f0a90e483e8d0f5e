// Words for people, in English and French. English stands in the code; French in core/locale/fr.po under the same
// text, compiled to share/locale/fr/LC_MESSAGES/casebridge.mo beside the program. No system locale is needed.
// set_language() is called once, before threads start; the rest is read-only and may be called from any thread.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace casebridge {

enum class Language { en, fr };
void set_language(Language, std::string_view locale_dir);  // locale_dir holds fr/LC_MESSAGES/casebridge.mo
Language language();
inline bool french() { return language() == Language::fr; }

std::string tr(std::string_view english);                                    // the text itself where French is missing
std::string trn(std::string_view one, std::string_view many, uint64_t n);    // plural forms
std::string fill(std::string_view text, std::span<const std::string> args);  // {0} {1} ...; "{{" is a brace

// Marks a text of a table that is translated where it is used: tr(table[i]). tests/locale/check.py reads the mark.
#define TR_NOOP(text) text

}  // namespace casebridge

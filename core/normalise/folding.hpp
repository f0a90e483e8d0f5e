// Text in one form, so that equal words compare equal. Pure; any thread. ASCII takes a path of its own; the rest goes
// through ICU, whose tables are in memory once warm_folding() was called.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::normalise {

void warm_folding();

std::string_view trim(std::string_view);                       // ASCII blanks, and the no-break and typographic spaces
bool is_plain(std::string_view);                               // ASCII, no control characters, no outer or doubled blanks
std::string tidy(std::string_view);                            // NFC, inner white space to one blank, outer white space off; case kept
std::string fold(std::string_view);                            // tidy, lower case, no diacritics, typographic marks as ASCII
std::string letters_only(std::string_view);                    // fold, then only a-z, 0-9 and letters of other scripts, words apart
std::string upper(std::string_view);                           // ASCII letters only
std::string lower(std::string_view);                           // ASCII letters only
std::string without(std::string_view, std::string_view drop);  // the ASCII characters of `drop` taken out
inline bool digit(char c) { return c >= '0' && c <= '9'; }
inline bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool all_digits(std::string_view);                    // and not empty
bool luhn(std::string_view digits);                   // digits only
bool equal_fold(std::string_view, std::string_view);  // ASCII case

}  // namespace casebridge::normalise

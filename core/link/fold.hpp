// Folding: what the comparer sees of a name. Case, accents, marks and apostrophes go; Cyrillic, Greek and Arabic are
// written in Latin; every other script keeps one byte a character (a hash, so that two names do not look alike because
// their UTF-8 does). Tables: tables/letters.csv, nicknames.csv, street_words.csv, placeholders.csv, compiled in.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace casebridge::link {

struct Folded {
  static constexpr size_t max_text = 120, max_tokens = 12;
  std::array<char, max_text> text;               // letters and digits of all tokens, joined
  std::array<uint8_t, max_tokens + 1> token_at;  // start of each token in text; token_at[tokens] = size
  uint8_t size = 0, tokens = 0;
  std::string_view view() const { return {text.data(), size}; }
  std::string_view token(size_t i) const { return {text.data() + token_at[i], size_t(token_at[i + 1] - token_at[i])}; }
};

void fold(std::string_view utf8, Folded& out);                     // longer values are cut, never refused
bool is_placeholder(std::string_view folded);                      // UNKNOWN, INCONNU ...
std::array<uint16_t, 4> nickname_groups(std::string_view folded);  // 0 = none; equal numbers: the names may stand for one another
enum class StreetWord : uint8_t { name, type, unit };
StreetWord street_word(std::string_view folded);
void load_tables();  // reads the compiled tables; called by everything above, and before threads start by the loader

}  // namespace casebridge::link

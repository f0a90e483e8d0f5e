#include "link/values.hpp"

#include "link/hash.hpp"

namespace casebridge::link {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool number(std::string_view s, uint32_t& out) {
  out = 0;
  for (const char c : s) {
    if (!digit(c)) return false;
    out = out * 10 + static_cast<uint32_t>(c - '0');
  }
  return !s.empty();
}
constexpr std::array<uint8_t, 13> month_days = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

}  // namespace

Date parse_date(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  uint32_t y = 0, m = 0, d = 0;
  bool ok = false;
  if (s.size() == 10 && s[4] == '-' && s[7] == '-') ok = number(s.substr(0, 4), y) && number(s.substr(5, 2), m) && number(s.substr(8), d);
  else if (s.size() == 8) ok = number(s.substr(0, 4), y) && number(s.substr(4, 2), m) && number(s.substr(6), d);
  else if (s.size() == 7 && s[4] == '-') ok = number(s.substr(0, 4), y) && number(s.substr(5), m);
  else if (s.size() == 4) ok = number(s, y);
  if (!ok || y < 1000 || y > 2999 || m > 12) return {};
  if (d > 31 || (m && d > month_days[m])) d = 0;
  if (m == 0) d = 0;
  return Date::of(y, m, d);
}

uint64_t parse_phone(std::string_view s) {
  uint64_t v = 0;
  unsigned n = 0;
  char first = 0;
  bool varied = false;
  for (const char c : s) {
    if (!digit(c)) {
      if ((c == 'x' || c == 'X' || c == '#') && n >= 10) break;  // an extension
      continue;
    }
    if (n == 0) first = c;
    varied |= c != first;
    if (++n > 15) return 0;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  if (n < 7 || !varied) return 0;
  if (n == 11 && first == '1') v -= 10'000'000'000ull;
  return v;
}

uint64_t parse_postcode(std::string_view s) {
  uint64_t v = 0;
  unsigned n = 0;
  for (char c : s) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    if (!digit(c) && !(c >= 'A' && c <= 'Z')) continue;
    if (n == 8) break;
    v |= static_cast<uint64_t>(static_cast<uint8_t>(c)) << (8 * n++);
  }
  return n >= 3 ? v : 0;
}

uint64_t postcode_area(uint64_t p) {
  const unsigned n = postcode_length(p);
  const unsigned keep = n >= 6 ? n - 3 : n >= 4 ? n - 2 : n;
  return keep ? p & (~0ull >> (64 - 8 * keep)) : 0;
}

std::array<char, 16> parse_identifier(std::string_view s) {
  std::array<char, 16> out{};
  size_t n = 0;
  bool varied = false;
  for (char c : s) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
    const bool keep = digit(c) || (c >= 'A' && c <= 'Z') || static_cast<uint8_t>(c) >= 0x80;
    if (!keep) continue;
    if (n < 16) out[n] = c;
    varied |= c != out[0];
    ++n;
  }
  if (n < 3 || !varied) return {};
  if (n > 15) {
    const uint64_t h = hash_text(s), g = hash_text(s, 1);
    std::memcpy(out.data(), &h, 8);
    std::memcpy(out.data() + 8, &g, 7);
    if (!out[0]) out[0] = 1;
    out[15] = '\x01';
  }
  return out;
}

void parse_street(std::string_view text, StreetLine& out) {
  Folded all;
  fold(text, all);
  out = {};
  bool unit_number = false;
  const auto keep = [&](std::string_view token) {
    Folded& f = out.name;
    if (f.tokens == Folded::max_tokens || f.size + token.size() > Folded::max_text) return;
    f.token_at[f.tokens++] = f.size;
    std::memcpy(f.text.data() + f.size, token.data(), token.size());
    f.size = static_cast<uint8_t>(f.size + token.size());
    f.token_at[f.tokens] = f.size;
  };
  std::string_view last_type;
  for (size_t i = 0; i < all.tokens; ++i) {
    const std::string_view t = all.token(i);
    if (unit_number) {
      unit_number = false;
      if (digit(t[0]) || t.size() == 1) continue;
    }
    if (digit(t[0])) {
      uint32_t n = 0;
      for (size_t k = 0; k < t.size() && digit(t[k]) && n < 100'000'000; ++k) n = n * 10 + static_cast<uint32_t>(t[k] - '0');
      if (out.number == 0 && out.name.tokens == 0) out.number = n;
      else if (out.name.tokens == 0 && i == 1) out.number = n;  // "5-123 Elm": unit, then number
      else if (out.number == 0) out.number = n;
      continue;
    }
    const StreetWord kind = street_word(t);
    if (kind == StreetWord::unit) {
      unit_number = true;
    } else if (kind == StreetWord::type) {
      last_type = t;
    } else {
      if (t.size() > 3 && digit(t.back())) {  // "apt369"
        size_t letters = 0;
        while (letters < t.size() && !digit(t[letters])) ++letters;
        if (street_word(t.substr(0, letters)) == StreetWord::unit) continue;
      }
      keep(t);
    }
  }
  if (out.name.tokens == 0 && !last_type.empty()) keep(last_type);  // "12 North Street": the name is a word that is left out elsewhere
}

}  // namespace casebridge::link

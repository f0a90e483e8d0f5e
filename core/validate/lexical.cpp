#include "validate/lexical.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace casebridge::validate {
namespace {

constexpr auto kNames = std::to_array<std::string_view>(
    {"text",      "code",  "date", "dateTime", "when",      "integer", "count",    "version",  "year",   "boolean", "decimal", "latitude",
     "longitude", "share", "uuid", "pointer",  "agencyKey", "country", "language", "currency", "sha256", "url",     "semver"});

constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool lower_hex(char c) { return digit(c) || (c >= 'a' && c <= 'f'); }

template <class Test>
bool all(std::string_view text, Test test) {
  for (const char c : text)
    if (!test(c)) return false;
  return true;
}
int two(std::string_view text, size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); }

// Eight bytes at a time: is any below 0x20, or 0xef (U+FFFE and U+FFFF begin so)? May say yes where it is no, never the
// other way round.
bool look_closer(uint64_t word) {
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  const uint64_t low = (word - kOnes * 0x20) & ~word & kHigh, ef = word ^ kOnes * 0xef;
  return (low | ((ef - kOnes) & ~ef & kHigh)) != 0;
}
bool xml_byte(const unsigned char* at, const unsigned char* end) {
  if (*at < 0x20) return *at == '\t' || *at == '\n' || *at == '\r';
  return !(*at == 0xef && end - at >= 3 && at[1] == 0xbf && at[2] >= 0xbe);
}

// Not U+0000 to U+001F but tab and line ends, not U+FFFE, not U+FFFF. The text is UTF-8 already.
bool xml_text(std::string_view text) {
  if (text.empty()) return false;
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  if (text.size() <= 16) {  // most are: two words that overlap, or one that is filled up
    uint64_t first = 0x2020202020202020, last = first;
    std::memcpy(&first, at, text.size() < 8 ? text.size() : 8);
    if (text.size() > 8) std::memcpy(&last, end - 8, 8);
    if (!look_closer(first) && !look_closer(last)) return true;
  }
  while (at != end) {
    uint64_t word;
    if (end - at >= 8) {
      std::memcpy(&word, at, 8);
      if (!look_closer(word)) {
        at += 8;
        continue;
      }
    }
    const auto* const stop = end - at >= 8 ? at + 8 : end;
    for (; at != stop; ++at)
      if (!xml_byte(at, end)) return false;
  }
  return true;
}

// YYYY, YYYY-MM or YYYY-MM-DD in front of `text`; how many bytes, 0 = none.
size_t day(std::string_view text, bool whole) {
  if (text.size() < 4 || text[0] < '1' || !all(text.substr(0, 4), digit)) return 0;
  if (text.size() == 4) return whole ? 0 : 4;
  if (text.size() < 7 || text[4] != '-' || !digit(text[5]) || !digit(text[6])) return 0;
  const int month = two(text, 5);
  if (month < 1 || month > 12) return 0;
  if (text.size() == 7) return whole ? 0 : 7;
  if (text.size() < 10 || text[7] != '-' || !digit(text[8]) || !digit(text[9])) return 0;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = two(text, 0) * 100 + two(text, 2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const int last = month == 2 && leap ? 29 : kDays[month - 1];
  const int d = two(text, 8);
  return d >= 1 && d <= last ? 10 : 0;
}
bool date(std::string_view text) { return !text.empty() && day(text, false) == text.size(); }

bool date_time(std::string_view text) {
  if (text.size() < 20 || day(text.substr(0, 10), true) != 10 || text[10] != 'T') return false;
  const std::string_view clock = text.substr(11, 8);
  if (!digit(clock[0]) || !digit(clock[1]) || clock[2] != ':' || !digit(clock[3]) || !digit(clock[4]) || clock[5] != ':' ||
      !digit(clock[6]) || !digit(clock[7]))
    return false;
  if (two(clock, 0) > 23 || two(clock, 3) > 59 || two(clock, 6) > 59) return false;
  std::string_view rest = text.substr(19);
  if (rest[0] == '.') {
    size_t n = 1;
    while (n < rest.size() && digit(rest[n])) ++n;
    if (n < 2 || n > 10) return false;
    rest.remove_prefix(n);
  }
  if (rest == "Z") return true;
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return false;
  if (!digit(rest[1]) || !digit(rest[2]) || !digit(rest[4]) || !digit(rest[5])) return false;
  return two(rest, 1) <= 14 && two(rest, 4) <= 59;
}

bool whole_number(std::string_view text, size_t most = 15) {  // below 2^53: no reader of JSON rounds it
  if (text.empty() || text.size() > most || !all(text, digit)) return false;
  return text[0] != '0' || text.size() == 1;
}
bool integer(std::string_view text) {
  if (text.size() > 1 && text[0] == '-') return text[1] != '0' && whole_number(text.substr(1));
  return whole_number(text);
}

// Digits, then perhaps a point and 1 to 18 digits. `highest`: the whole part is at most this, and at it only with zeros.
bool decimal(std::string_view text, bool sign, int highest) {
  if (sign && !text.empty() && text[0] == '-') text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (!whole_number(whole, 18)) return false;
  std::string_view part;
  if (point != std::string_view::npos) {
    part = text.substr(point + 1);
    if (part.empty() || part.size() > 18 || !all(part, digit)) return false;
  }
  if (highest < 0) return true;
  if (whole.size() > 3) return false;
  int value = 0;
  for (const char c : whole) value = value * 10 + (c - '0');
  return value < highest || (value == highest && all(part, [](char c) { return c == '0'; }));
}

constexpr auto kNoLowerHex = [] {
  std::array<uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) table[size_t(c)] = c < 128 && lower_hex(char(c)) ? 0 : 1;
  return table;
}();

bool uuid(std::string_view text) {
  if (text.size() != 36) return false;
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  unsigned wrong = (at[8] ^ '-') | (at[13] ^ '-') | (at[18] ^ '-') | (at[23] ^ '-');
  for (const size_t from : {0u, 4u, 9u, 14u, 19u, 24u, 28u, 32u})
    wrong |= kNoLowerHex[at[from]] | kNoLowerHex[at[from + 1]] | kNoLowerHex[at[from + 2]] | kNoLowerHex[at[from + 3]];
  return wrong == 0;
}

bool pointer(std::string_view text) {
  if (!xml_text(text) || text[0] != '/') return false;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1'))) return false;
  return true;
}

bool agency_key(std::string_view text) {
  const auto letter = [](char c) { return digit(c) || (c >= 'a' && c <= 'z'); };
  if (text.empty() || text.size() > 64 || !letter(text.front()) || !letter(text.back())) return false;
  return all(text, [&](char c) { return letter(c) || c == '-'; });
}

bool semver(std::string_view text) {
  for (int part = 0; part < 3; ++part) {
    const size_t dot = part == 2 ? text.size() : text.find('.');
    if (dot == std::string_view::npos || !whole_number(text.substr(0, dot))) return false;
    text.remove_prefix(part == 2 ? dot : dot + 1);
  }
  return true;
}

bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

Form form_of(std::string_view name) {
  if (name == "ref") return Form::uuid;
  for (size_t i = 0; i < kNames.size(); ++i)
    if (kNames[i] == name) return Form(i);
  return Form::other;
}

bool matches(Form form, std::string_view text) noexcept {
  switch (form) {
    case Form::text: return xml_text(text);
    case Form::date: return date(text);
    case Form::dateTime: return date_time(text);
    case Form::when: return text.size() > 10 ? date_time(text) : date(text);
    case Form::integer: return integer(text);
    case Form::count: return whole_number(text);
    case Form::version: return whole_number(text, 9) && text != "0";
    case Form::year: return text.size() == 4 && text[0] != '0' && all(text, digit);
    case Form::boolean: return text == "true" || text == "false";
    case Form::decimal: return decimal(text, true, -1);
    case Form::latitude: return decimal(text, true, 90);
    case Form::longitude: return decimal(text, true, 180);
    case Form::share: return decimal(text, false, 1);
    case Form::uuid: return uuid(text);
    case Form::pointer: return pointer(text);
    case Form::agencyKey: return agency_key(text);
    case Form::country: return text.size() == 2 && all(text, upper);
    case Form::language: return text.size() == 3 && all(text, lower);
    case Form::currency: return text.size() == 3 && all(text, upper);
    case Form::sha256: return text.size() == 64 && all(text, lower_hex);
    case Form::url: return xml_text(text) && text.find_first_of(" \t\r\n") == std::string_view::npos;
    case Form::semver: return semver(text);
    case Form::code:
    case Form::other: return true;
  }
  return false;
}

}  // namespace casebridge::validate

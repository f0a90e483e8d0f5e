#include "normalise/date_words.hpp"

#include <cstring>

namespace casebridge::normalise {
namespace {

struct Word {
  const char* text;
  int value;
};  // lower case, without diacritics

constexpr Word kMonths[] = {{"january", 1},   {"janvier", 1}, {"janv", 1},      {"jan", 1},       {"february", 2},  {"fevrier", 2},
                            {"fevr", 2},      {"feb", 2},     {"fev", 2},       {"march", 3},     {"mars", 3},      {"mar", 3},
                            {"april", 4},     {"avril", 4},   {"apr", 4},       {"avr", 4},       {"may", 5},       {"mai", 5},
                            {"june", 6},      {"juin", 6},    {"jun", 6},       {"july", 7},      {"juillet", 7},   {"juil", 7},
                            {"jul", 7},       {"august", 8},  {"aout", 8},      {"aug", 8},       {"september", 9}, {"septembre", 9},
                            {"sept", 9},      {"sep", 9},     {"october", 10},  {"octobre", 10},  {"oct", 10},      {"november", 11},
                            {"novembre", 11}, {"nov", 11},    {"december", 12}, {"decembre", 12}, {"dec", 12}};
constexpr Word kDays[] = {{"sunday", 0},   {"dimanche", 0}, {"sun", 0},    {"dim", 0},      {"monday", 1}, {"lundi", 1}, {"mon", 1},
                          {"lun", 1},      {"tuesday", 2},  {"mardi", 2},  {"tues", 2},     {"tue", 2},    {"mar", 2},   {"wednesday", 3},
                          {"mercredi", 3}, {"wed", 3},      {"mer", 3},    {"thursday", 4}, {"jeudi", 4},  {"thurs", 4}, {"thur", 4},
                          {"thu", 4},      {"jeu", 4},      {"friday", 5}, {"vendredi", 5}, {"fri", 5},    {"ven", 5},   {"saturday", 6},
                          {"samedi", 6},   {"sat", 6},      {"sam", 6}};

// One letter of the text as lower-case ASCII; é, è, û (either case) lose their mark. Gives the bytes used.
size_t letter_of(std::string_view t, char& c) noexcept {
  if (t.empty()) return 0;
  const auto b = static_cast<unsigned char>(t[0]);
  if (b >= 'A' && b <= 'Z') {
    c = static_cast<char>(b + 32);
    return 1;
  }
  if (b >= 'a' && b <= 'z') {
    c = static_cast<char>(b);
    return 1;
  }
  if (b == 0xC3 && t.size() > 1) {
    const auto low = static_cast<unsigned char>(static_cast<unsigned char>(t[1]) | 0x20);
    if (low >= 0xA8 && low <= 0xAA) {
      c = 'e';
      return 2;
    }
    if (low >= 0xB9 && low <= 0xBB) {
      c = 'u';
      return 2;
    }
  }
  return 0;
}

// The whole run of letters must be one of the words; a full stop after it belongs to it.
template <size_t N>
size_t read(std::string_view text, const Word (&words)[N], int& value) noexcept {
  char word[12];
  size_t length = 0, used = 0;
  for (char c; const size_t n = letter_of(text.substr(used), c); used += n) {
    if (length == sizeof word - 1) return 0;
    word[length++] = c;
  }
  word[length] = 0;
  if (!length) return 0;
  for (const Word& w : words)
    if (!std::strcmp(w.text, word)) {
      value = w.value;
      return used + (used < text.size() && text[used] == '.' ? 1 : 0);
    }
  return 0;
}

}  // namespace

size_t read_month(std::string_view text, int& month) noexcept { return read(text, kMonths, month); }
size_t read_weekday(std::string_view text, int& weekday) noexcept { return read(text, kDays, weekday); }

size_t read_half(std::string_view t, int& half) noexcept {
  char a = 0, m = 0;
  if (!letter_of(t, a) || (a != 'a' && a != 'p')) return 0;
  size_t at = 1;
  if (at < t.size() && t[at] == '.') ++at;
  if (!letter_of(t.substr(at), m) || m != 'm') return 0;
  ++at;
  if (at < t.size() && t[at] == '.') ++at;
  half = a == 'p';
  return at;
}

}  // namespace casebridge::normalise

#include "normalise/addresses.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <vector>

#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

struct Pair {
  std::string_view word, code;
};

constexpr Pair kProvinces[] = {  // folded, without full stops
    {"ontario", "ON"},
    {"ont", "ON"},
    {"quebec", "QC"},
    {"que", "QC"},
    {"qc", "QC"},
    {"pq", "QC"},
    {"british columbia", "BC"},
    {"colombie-britannique", "BC"},
    {"c-b", "BC"},
    {"alberta", "AB"},
    {"alta", "AB"},
    {"alb", "AB"},
    {"saskatchewan", "SK"},
    {"sask", "SK"},
    {"manitoba", "MB"},
    {"man", "MB"},
    {"new brunswick", "NB"},
    {"nouveau-brunswick", "NB"},
    {"n-b", "NB"},
    {"nova scotia", "NS"},
    {"nouvelle-ecosse", "NS"},
    {"n-e", "NS"},
    {"prince edward island", "PE"},
    {"ile-du-prince-edouard", "PE"},
    {"pei", "PE"},
    {"i-p-e", "PE"},
    {"newfoundland and labrador", "NL"},
    {"terre-neuve-et-labrador", "NL"},
    {"newfoundland", "NL"},
    {"terre-neuve", "NL"},
    {"nfld", "NL"},
    {"nf", "NL"},
    {"t-n-l", "NL"},
    {"yukon", "YT"},
    {"yk", "YT"},
    {"northwest territories", "NT"},
    {"territoires du nord-ouest", "NT"},
    {"nwt", "NT"},
    {"t n-o", "NT"},
    {"nunavut", "NU"},
    {"nvt", "NU"}};
constexpr std::string_view kCanada[] = {"AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT"};
constexpr Pair kStates[] = {{"alabama", "AL"},
                            {"alaska", "AK"},
                            {"arizona", "AZ"},
                            {"arkansas", "AR"},
                            {"california", "CA"},
                            {"colorado", "CO"},
                            {"connecticut", "CT"},
                            {"delaware", "DE"},
                            {"district of columbia", "DC"},
                            {"florida", "FL"},
                            {"georgia", "GA"},
                            {"hawaii", "HI"},
                            {"idaho", "ID"},
                            {"illinois", "IL"},
                            {"indiana", "IN"},
                            {"iowa", "IA"},
                            {"kansas", "KS"},
                            {"kentucky", "KY"},
                            {"louisiana", "LA"},
                            {"maine", "ME"},
                            {"maryland", "MD"},
                            {"massachusetts", "MA"},
                            {"michigan", "MI"},
                            {"minnesota", "MN"},
                            {"mississippi", "MS"},
                            {"missouri", "MO"},
                            {"montana", "MT"},
                            {"nebraska", "NE"},
                            {"nevada", "NV"},
                            {"new hampshire", "NH"},
                            {"new jersey", "NJ"},
                            {"new mexico", "NM"},
                            {"new york", "NY"},
                            {"north carolina", "NC"},
                            {"north dakota", "ND"},
                            {"ohio", "OH"},
                            {"oklahoma", "OK"},
                            {"oregon", "OR"},
                            {"pennsylvania", "PA"},
                            {"rhode island", "RI"},
                            {"south carolina", "SC"},
                            {"south dakota", "SD"},
                            {"tennessee", "TN"},
                            {"texas", "TX"},
                            {"utah", "UT"},
                            {"vermont", "VT"},
                            {"virginia", "VA"},
                            {"washington", "WA"},
                            {"west virginia", "WV"},
                            {"wisconsin", "WI"},
                            {"wyoming", "WY"},
                            {"puerto rico", "PR"},
                            {"guam", "GU"}};

constexpr Pair kStreetTypes[] = {
    {"street", "st"},   {"st", "st"},        {"str", "st"},        {"rue", "st"},      {"avenue", "av"},    {"ave", "av"},
    {"av", "av"},       {"boulevard", "bl"}, {"blvd", "bl"},       {"boul", "bl"},     {"bl", "bl"},        {"road", "rd"},
    {"rd", "rd"},       {"chemin", "rd"},    {"ch", "rd"},         {"drive", "dr"},    {"dr", "dr"},        {"promenade", "dr"},
    {"prom", "dr"},     {"crescent", "cr"},  {"cres", "cr"},       {"cr", "cr"},       {"croissant", "cr"}, {"crois", "cr"},
    {"court", "ct"},    {"crt", "ct"},       {"ct", "ct"},         {"cour", "ct"},     {"place", "pl"},     {"pl", "pl"},
    {"square", "sq"},   {"sq", "sq"},        {"carre", "sq"},      {"lane", "ln"},     {"ln", "ln"},        {"ruelle", "ln"},
    {"terrace", "tc"},  {"terr", "tc"},      {"ter", "tc"},        {"terrasse", "tc"}, {"tsse", "tc"},      {"circle", "ci"},
    {"cir", "ci"},      {"cercle", "ci"},    {"parkway", "pw"},    {"pkwy", "pw"},     {"highway", "hw"},   {"hwy", "hw"},
    {"route", "hw"},    {"rte", "hw"},       {"autoroute", "hw"},  {"aut", "hw"},      {"way", "wy"},       {"voie", "wy"},
    {"trail", "tr"},    {"trl", "tr"},       {"sentier", "tr"},    {"gate", "gt"},     {"heights", "ht"},   {"hts", "ht"},
    {"line", "li"},     {"ligne", "li"},     {"concession", "co"}, {"conc", "co"},     {"rang", "co"},      {"rg", "co"},
    {"sideroad", "sr"}, {"sdrd", "sr"},      {"mews", "mw"},       {"row", "rw"},      {"quay", "qy"},      {"quai", "qy"},
    {"allee", "al"},    {"impasse", "im"},   {"cote", "ce"},       {"montee", "mt"}};
constexpr Pair kDirections[] = {{"north", "n"},     {"nord", "n"},       {"n", "n"},          {"south", "s"},       {"sud", "s"},
                                {"s", "s"},         {"east", "e"},       {"est", "e"},        {"e", "e"},           {"west", "w"},
                                {"ouest", "w"},     {"w", "w"},          {"o", "w"},          {"northeast", "ne"},  {"ne", "ne"},
                                {"nord-est", "ne"}, {"northwest", "nw"}, {"nw", "nw"},        {"nord-ouest", "nw"}, {"southeast", "se"},
                                {"se", "se"},       {"sud-est", "se"},   {"southwest", "sw"}, {"sw", "sw"},         {"sud-ouest", "sw"}};
constexpr std::string_view kUnitWords[] = {"apt", "apartment", "app", "appartement", "unit", "unite", "suite", "ste", "bureau",
                                           "bur", "room",      "rm",  "chambre",     "ch",   "piece", "local", "loc", "#"};

template <size_t N>
std::string_view look(const Pair (&table)[N], std::string_view word) {
  for (const Pair& p : table)
    if (p.word == word) return p.code;
  return {};
}
template <size_t N>
bool among(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

std::string place_word(std::string_view text) {  // folded, full stops out
  std::string out = fold(text);
  std::erase(out, '.');
  while (!out.empty() && out.front() == '(') out.erase(0, 1);
  while (!out.empty() && out.back() == ')') out.pop_back();
  return out;
}

// A short ASCII word in lower case, without full stops and outer brackets, in `buffer`; nothing where it takes more than that.
std::optional<std::string_view> small_word(std::string_view text, std::array<char, 24>& buffer) {
  size_t n = 0;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x7F || static_cast<unsigned char>(c) < 0x20 || n == buffer.size()) return std::nullopt;
    if (c != '.') buffer[n++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  std::string_view word(buffer.data(), n);
  while (!word.empty() && word.front() == '(') word.remove_prefix(1);
  while (!word.empty() && word.back() == ')') word.remove_suffix(1);
  return word;
}

// False: no name of a province or state ends with this word, so that the longer way need not be gone.
bool may_end_a_province(std::string_view text) {
  static const std::vector<std::string_view> last = [] {
    std::vector<std::string_view> words;
    const auto add = [&](std::string_view name) { words.push_back(name.substr(name.rfind(' ') + 1)); };
    for (const Pair& p : kProvinces) add(p.word);
    for (const Pair& p : kStates) add(p.word);
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    return words;
  }();
  std::array<char, 24> buffer;
  const auto word = small_word(text, buffer);
  if (!word) return true;
  if (word->size() < 2 || word->find_first_of("-() ") != word->npos) return true;  // "O. N.", "CA-ON"
  if (word->size() == 2) {
    const char code[] = {static_cast<char>((*word)[0] & ~32), static_cast<char>((*word)[1] & ~32)};
    if (is_canadian_province({code, 2}) || is_us_state({code, 2})) return true;
  }
  return std::binary_search(last.begin(), last.end(), *word);
}

bool postal_shape(std::string_view t) {  // A1A1A1
  return t.size() == 6 && letter(t[0]) && digit(t[1]) && letter(t[2]) && digit(t[3]) && letter(t[4]) && digit(t[5]);
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> out;
  out.reserve(8);
  for (size_t i = 0; i < text.size();) {
    const size_t cut = std::min(text.find(' ', i), text.size());
    if (cut > i) out.emplace_back(text.substr(i, cut - i));
    i = cut + 1;
  }
  return out;
}

bool house_number(std::string_view w) {  // 12, 12A, 12½
  if (w.empty() || !digit(w[0]) || w.size() > 8) return false;
  size_t n = 0;
  while (n < w.size() && digit(w[n])) ++n;
  return n == w.size() || (n + 1 == w.size() && letter(w[n])) || w.substr(n) == "\xC2\xBD";
}

bool unit_word(std::string_view w) {
  std::array<char, 24> buffer;
  const auto small = small_word(w, buffer);
  return small ? among(kUnitWords, *small) : among(kUnitWords, std::string_view(place_word(w)));
}

// Takes a postal code or ZIP and a province off the end of the last pieces.
void take_tail(std::vector<std::string>& pieces, Civic& out) {
  while (!pieces.empty()) {
    std::string& last = pieces.back();
    const std::vector<std::string_view> w = words(last);
    if (w.empty()) {
      pieces.pop_back();
      continue;
    }
    const auto drop = [&](size_t n) {
      std::string rest;
      for (size_t i = 0; i + n < w.size(); ++i) {
        if (!rest.empty()) rest += ' ';
        rest += w[i];
      }
      last = std::move(rest);
      if (last.empty()) pieces.pop_back();
    };
    const char end = last.back();  // of "Canada", "USA", "United States", in brackets or with a full stop
    const bool may_be_a_country = end == 'a' || end == 'A' || end == 's' || end == 'S' || end == '.' || end == ')' ||
                                  static_cast<unsigned char>(end) >= 0x7F || static_cast<unsigned char>(end) <= ' ';
    if (may_be_a_country && out.postal_code.empty() && out.province.empty() && out.country.empty()) {
      const std::string f = place_word(last);
      if (f == "canada") {
        out.country = "CA";
        pieces.pop_back();
        continue;
      }
      if (f == "usa" || f == "united states" || f == "etats-unis") {
        out.country = "US";
        pieces.pop_back();
        continue;
      }
    }
    const size_t tail = w.back().size();
    if (out.postal_code.empty() && (tail == 3 || tail == 5 || tail == 6 || tail == 10)) {
      const std::string one = upper(w.back());
      const std::string two = w.size() > 1 ? upper(w[w.size() - 2]) + one : std::string();
      if (postal_shape(one)) {
        out.postal_code = one.substr(0, 3) + " " + one.substr(3);
        drop(1);
        continue;
      }
      if (two.size() == 6 && w.back().size() == 3 && postal_shape(two)) {
        out.postal_code = two.substr(0, 3) + " " + two.substr(3);
        drop(2);
        continue;
      }
      const bool zip = (one.size() == 5 && all_digits(one)) || (one.size() == 10 && one[5] == '-');
      if (zip && w.size() > 1 && is_us_state(upper(w[w.size() - 2]))) {
        out.postal_code = one;
        drop(1);
        continue;
      }
    }
    if (out.province.empty() && may_end_a_province(w.back())) {
      bool found = false;
      for (size_t n = std::min<size_t>(w.size(), 4); n >= 1 && !found; --n) {
        std::string name;
        for (size_t i = w.size() - n; i < w.size(); ++i) {
          if (!name.empty()) name += ' ';
          name += w[i];
        }
        // A word may be a province and a city (Québec, New York): alone in its piece after a city it is the province.
        if (n == w.size() && pieces.size() < 2) continue;
        const Normal code = normalise_province(name);
        if (code.use == Use::normal) {
          out.province = code.text;
          drop(n);
          found = true;
        }
      }
      if (found) continue;
    }
    break;
  }
}

}  // namespace

bool is_canadian_province(std::string_view code) { return among(kCanada, code); }
bool is_us_state(std::string_view code) {
  for (const Pair& p : kStates)
    if (p.code == code) return true;
  return false;
}

Normal normalise_postal_code(std::string_view text) {
  const std::string given = tidy(text);
  const std::string joined = upper(without(given, " -"));
  if (postal_shape(joined)) {
    std::string out = joined.substr(0, 3) + " " + joined.substr(3);
    const bool never = std::string_view("DFIOQUWZ").find(joined[0]) != std::string_view::npos ||
                       std::string_view("DFIOQU").find(joined[2]) != std::string_view::npos ||
                       std::string_view("DFIOQU").find(joined[4]) != std::string_view::npos;
    return never ? Normal::noted(std::move(out), "E-POSTAL-CODE") : Normal::good(std::move(out));
  }
  if ((given.size() == 5 && all_digits(given)) ||
      (given.size() == 10 && given[5] == '-' && all_digits(std::string_view(given).substr(0, 5)) &&
       all_digits(std::string_view(given).substr(6))))
    return Normal::good(given);
  if (given.size() == 9 && all_digits(given)) return Normal::good(given.substr(0, 5) + "-" + given.substr(5));
  // The first half alone is common in statistics and is not an error.
  if (joined.size() == 3 && letter(joined[0]) && digit(joined[1]) && letter(joined[2])) return Normal::good(joined);
  return Normal::as_given(given, "E-POSTAL-CODE");
}

Normal normalise_province(std::string_view text) {
  const std::string given = tidy(text);
  std::string code = upper(without(given, ".() "));
  if (code.starts_with("CA-")) code.erase(0, 3);
  if (code.starts_with("US-")) code.erase(0, 3);
  if (code.size() == 2 && (is_canadian_province(code) || is_us_state(code))) return Normal::good(code);
  const std::string word = place_word(given);
  if (const auto found = look(kProvinces, word); !found.empty()) return Normal::good(std::string(found));
  if (const auto found = look(kStates, word); !found.empty()) return Normal::good(std::string(found));
  return Normal::as_given(given, "E-PROVINCE");
}

Civic split_address(std::string_view full) {
  Civic out;
  std::vector<std::string> pieces;
  const std::string text = tidy(full);
  for (size_t from = 0; from <= text.size();) {
    const size_t cut = std::min(text.find_first_of(",;", from), text.size());
    if (const std::string_view t = trim(std::string_view(text).substr(from, cut - from)); !t.empty()) pieces.emplace_back(t);
    from = cut + 1;
  }
  // "Sudbury (Ontario) P3A 1A1": the brackets are a boundary.
  for (size_t i = 0; i < pieces.size(); ++i) {
    const size_t open = pieces[i].find(" ("), close = pieces[i].find(')', open == std::string::npos ? 0 : open);
    if (open == std::string::npos || close == std::string::npos) continue;
    const std::string province = pieces[i].substr(open + 2, close - open - 2), rest(trim(std::string_view(pieces[i]).substr(close + 1)));
    if (normalise_province(province).use != Use::normal) continue;
    pieces[i].resize(open);
    pieces.insert(pieces.begin() + static_cast<ptrdiff_t>(i) + 1, rest.empty() ? province : province + " " + rest);
    break;
  }
  take_tail(pieces, out);
  if (pieces.empty()) return out;
  const bool anchored = !out.province.empty() || !out.postal_code.empty();
  std::vector<std::string_view> w = words(pieces[0]);
  size_t at = 0;
  if (w.size() > 1 && unit_word(w[0])) {  // "Apt 4 345 Main St" or a piece of its own: "Apt 4, 345 Main St"
    std::string_view unit = w[1];
    if (unit.starts_with('#')) unit.remove_prefix(1);
    out.unit = unit;
    at = 2;
    if (at == w.size() && pieces.size() > 1) {
      pieces.erase(pieces.begin());
      w = words(pieces[0]);
      at = 0;
    }
  }
  if (at >= w.size()) return out;
  std::string first(w[at]);
  // 12-345: Canada Post writes unit, hyphen, number.
  const size_t dash = first.find('-');
  if (out.unit.empty() && dash != std::string::npos && dash && house_number(first.substr(dash + 1)) && first.size() - dash - 1 <= 6) {
    out.unit = first.substr(0, dash);
    first.erase(0, dash + 1);
    if (out.unit.starts_with('#')) out.unit.erase(0, 1);
  }
  if (!house_number(first)) {
    out.unit.clear();
    return out;
  }
  out.number = first;
  ++at;
  size_t next = 1;
  if (at == w.size() && pieces.size() > 1) {  // "345, rue Principale"
    w = words(pieces[1]);
    at = 0;
    next = 2;
  }
  std::vector<std::string_view> street(w.begin() + static_cast<ptrdiff_t>(at), w.end());
  // The unit may end the street ("345 Main St Apt 4") or follow as a piece ("345, rue Principale, app. 4").
  for (size_t i = 1; i + 1 < street.size(); ++i) {
    if (!unit_word(street[i]) || i + 2 != street.size() || !out.unit.empty()) continue;
    if (fold(street[i]) == "ste" && !digit(street[i + 1][0])) continue;  // rue Sainte ...
    out.unit = street[i + 1];
    street.resize(i);
  }
  if (street.size() > 1 && street.back().starts_with('#') && street.back().size() > 1 && out.unit.empty()) {
    out.unit = street.back().substr(1);
    street.pop_back();
  }
  if (next < pieces.size()) {
    const std::vector<std::string_view> u = words(pieces[next]);
    if (out.unit.empty() && u.size() == 2 && unit_word(u[0])) {
      out.unit = u[1];
      ++next;
    } else if (out.unit.empty() && u.size() == 1 && u[0].starts_with('#') && u[0].size() > 1) {
      out.unit = u[0].substr(1);
      ++next;
    }
  }
  if (out.unit.starts_with('#')) out.unit.erase(0, 1);
  for (const std::string_view s : street) {
    if (!out.street.empty()) out.street += ' ';
    out.street += s;
  }
  if (anchored && next + 1 == pieces.size()) out.city = pieces[next];
  if (out.street.empty()) {
    out.number.clear();
    out.unit.clear();
    out.city.clear();
  }
  return out;
}

std::string street_key(std::string_view street) {
  std::string text = fold(street);
  std::erase(text, '.');
  std::vector<std::string_view> w = words(text);
  std::string_view direction, type;
  const auto take_direction = [&](size_t at) {
    if (w.size() < 2 || !direction.empty()) return;
    if (const auto d = look(kDirections, w[at]); !d.empty()) {
      direction = d;
      w.erase(w.begin() + static_cast<ptrdiff_t>(at));
    }
  };
  const auto take_type = [&](size_t at) {
    if (w.size() < 2 || !type.empty()) return;
    if (const auto t = look(kStreetTypes, w[at]); !t.empty()) {
      type = t;
      w.erase(w.begin() + static_cast<ptrdiff_t>(at));
    }
  };
  take_direction(w.empty() ? 0 : w.size() - 1);
  // French puts the type in front (rue Principale), English behind (Main Street). In front only where none is behind.
  if (!w.empty()) take_type(w.size() - 1);
  if (!w.empty() && w[0] != "st") take_type(0);
  if (direction.empty() && w.size() > 1) take_direction(0);
  while (w.size() > 1 && (w[0] == "de" || w[0] == "du" || w[0] == "des" || w[0] == "la" || w[0] == "le")) w.erase(w.begin());
  std::string out;
  for (const std::string_view word : w) {
    std::string x(word);
    if (x.starts_with("d'") || x.starts_with("l'")) x.erase(0, 2);
    if (x == "saint") x = "st";
    if (x == "sainte") x = "ste";
    if (x.starts_with("saint-")) x = "st-" + x.substr(6);
    if (x.starts_with("sainte-")) x = "ste-" + x.substr(7);
    for (char& c : x)
      if (c == '-') c = ' ';
    if (!out.empty()) out += ' ';
    out += x;
  }
  if (!type.empty()) out.append(1, ' ').append(type);
  if (!direction.empty()) out.append(1, ' ').append(direction);
  return out;
}

bool has_address_key(const Civic& c) { return !c.number.empty() && !c.street.empty() && (!c.city.empty() || !c.postal_code.empty()); }

std::string address_key(const Civic& c) {
  return has_address_key(c) ? address_key(c, street_key(c.street), letters_only(c.city)) : std::string();
}

std::string address_key(const Civic& c, std::string_view street, std::string_view city) {
  std::string key;
  key.reserve(64);
  if (!c.country.empty()) key = lower(c.country);
  else if (is_canadian_province(c.province)) key = "ca";
  else if (is_us_state(c.province)) key = "us";
  key.append(1, '|').append(lower(c.province)).append(1, '|');
  if (city.empty()) key += lower(without(c.postal_code, " "));
  else key += city;
  key.append(1, '|').append(fold(c.number)).append(1, '|').append(street).append(1, '|');
  if (!c.unit.empty()) key += letters_only(c.unit);
  return key;
}

}  // namespace casebridge::normalise

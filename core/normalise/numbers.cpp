#include "normalise/numbers.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "normalise/codes.hpp"
#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

// Sign, whole digits (no leading zeros), fraction digits.
struct Decimal {
  bool negative = false;
  std::string whole, fraction;
  std::string text() const {
    const bool zero = whole == "0" && fraction.find_first_not_of('0') == std::string::npos;
    return (negative && !zero ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
  }
};

bool read_decimal(std::string_view raw, Decimal& out, bool& ambiguous) {
  std::string t = tidy(raw);
  ambiguous = false;
  if (t.starts_with("\xE2\x88\x92")) t.replace(0, 3, "-");
  std::string_view s = t;
  if (!s.empty() && (s[0] == '-' || s[0] == '+')) {
    out.negative = s[0] == '-';
    s.remove_prefix(1);
  }
  if (s.empty() || s.size() > 40) return false;
  for (const char c : s)
    if (!digit(c) && c != '.' && c != ',' && c != ' ' && c != '\'') return false;
  const size_t commas = static_cast<size_t>(std::count(s.begin(), s.end(), ',')),
               points = static_cast<size_t>(std::count(s.begin(), s.end(), '.'));
  char mark = 0;  // what stands before the fraction
  if (commas && points) mark = s.rfind(',') > s.rfind('.') ? ',' : '.';
  else if (points == 1) mark = '.';
  else if (commas == 1) {
    const size_t after = s.size() - s.find(',') - 1, before = s.find(',');
    mark = ',';
    if (after == 3 && before >= 1 && before <= 3 && s[0] != '0' && s.find(' ') == s.npos) {
      ambiguous = true;
      return false;
    }
  }
  if (mark && std::count(s.begin(), s.end(), mark) > 1) return false;
  const size_t cut = mark ? s.rfind(mark) : s.size();
  const std::string_view whole = s.substr(0, cut), fraction = mark ? s.substr(cut + 1) : std::string_view();
  if (!fraction.empty() && !all_digits(fraction)) return false;
  // Groups: a first one of one to three digits, the rest of three, all with the same mark.
  std::vector<std::string_view> groups;
  char group_mark = 0;
  for (size_t i = 0, from = 0; i <= whole.size(); ++i) {
    if (i < whole.size() && digit(whole[i])) continue;
    if (i < whole.size()) {
      if (group_mark && group_mark != whole[i]) return false;
      group_mark = whole[i];
    }
    groups.push_back(whole.substr(from, i - from));
    from = i + 1;
  }
  if (groups.size() > 1) {
    if (groups[0].empty() || groups[0].size() > 3) return false;
    for (size_t i = 1; i < groups.size(); ++i)
      if (groups[i].size() != 3) return false;
  }
  for (const std::string_view g : groups) out.whole += g;
  if (out.whole.empty() && fraction.empty()) return false;
  out.fraction = fraction;
  const size_t lead = out.whole.find_first_not_of('0');
  out.whole = lead == std::string::npos ? "0" : out.whole.substr(lead);
  return true;
}

// The value in thousandths of nothing: scaled integer and its number of decimals, bounded so that products fit.
struct Scaled {
  int64_t value;
  int decimals;
};
std::optional<Scaled> scaled(const Decimal& d) {
  if (d.negative || d.whole.size() > 7) return std::nullopt;
  const std::string fraction = d.fraction.substr(0, 4);
  int64_t v = 0;
  for (const char c : d.whole + fraction) v = v * 10 + (c - '0');
  return Scaled{v, static_cast<int>(fraction.size())};
}

struct Unit {
  std::string_view name;
  char target;
  int64_t num, den;
};  // target: c cm, k kg, s s, m m
constexpr Unit kUnits[] = {{"cm", 'c', 1, 1},
                           {"cmt", 'c', 1, 1},
                           {"centimetre", 'c', 1, 1},
                           {"centimetres", 'c', 1, 1},
                           {"centimeter", 'c', 1, 1},
                           {"centimeters", 'c', 1, 1},
                           {"mm", 'c', 1, 10},
                           {"m", 'c', 100, 1},
                           {"mtr", 'c', 100, 1},
                           {"metre", 'c', 100, 1},
                           {"metres", 'c', 100, 1},
                           {"meter", 'c', 100, 1},
                           {"meters", 'c', 100, 1},
                           {"in", 'c', 254, 100},
                           {"inh", 'c', 254, 100},
                           {"inch", 'c', 254, 100},
                           {"inches", 'c', 254, 100},
                           {"po", 'c', 254, 100},
                           {"pouce", 'c', 254, 100},
                           {"pouces", 'c', 254, 100},
                           {"[in_i]", 'c', 254, 100},
                           {"\"", 'c', 254, 100},
                           {"ft", 'c', 3048, 100},
                           {"fot", 'c', 3048, 100},
                           {"foot", 'c', 3048, 100},
                           {"feet", 'c', 3048, 100},
                           {"pi", 'c', 3048, 100},
                           {"pied", 'c', 3048, 100},
                           {"pieds", 'c', 3048, 100},
                           {"'", 'c', 3048, 100},
                           {"km", 'c', 100000, 1},
                           {"kilometre", 'c', 100000, 1},
                           {"kilometres", 'c', 100000, 1},
                           {"mi", 'c', 160934400, 1000},
                           {"mile", 'c', 160934400, 1000},
                           {"miles", 'c', 160934400, 1000},
                           {"kg", 'k', 1, 1},
                           {"kgm", 'k', 1, 1},
                           {"kilo", 'k', 1, 1},
                           {"kilos", 'k', 1, 1},
                           {"kilogram", 'k', 1, 1},
                           {"kilograms", 'k', 1, 1},
                           {"kilogramme", 'k', 1, 1},
                           {"kilogrammes", 'k', 1, 1},
                           {"g", 'k', 1, 1000},
                           {"lb", 'k', 45359237, 100000000},
                           {"lbs", 'k', 45359237, 100000000},
                           {"lbr", 'k', 45359237, 100000000},
                           {"pound", 'k', 45359237, 100000000},
                           {"pounds", 'k', 45359237, 100000000},
                           {"livre", 'k', 45359237, 100000000},
                           {"livres", 'k', 45359237, 100000000},
                           {"[lb_av]", 'k', 45359237, 100000000},
                           {"s", 's', 1, 1},
                           {"sec", 's', 1, 1},
                           {"second", 's', 1, 1},
                           {"seconds", 's', 1, 1},
                           {"seconde", 's', 1, 1},
                           {"secondes", 's', 1, 1},
                           {"min", 's', 60, 1},
                           {"minute", 's', 60, 1},
                           {"minutes", 's', 60, 1},
                           {"h", 's', 3600, 1},
                           {"hr", 's', 3600, 1},
                           {"hour", 's', 3600, 1},
                           {"hours", 's', 3600, 1},
                           {"heure", 's', 3600, 1},
                           {"heures", 's', 3600, 1},
                           {"d", 's', 86400, 1},
                           {"day", 's', 86400, 1},
                           {"days", 's', 86400, 1},
                           {"j", 's', 86400, 1},
                           {"jour", 's', 86400, 1},
                           {"jours", 's', 86400, 1}};

const Unit* unit_named(std::string_view name, std::string_view target) {
  const std::string f = fold(name);
  const char want = target == "kg" ? 'k' : target == "s" ? 's' : 'c';
  for (const Unit& u : kUnits)
    if (u.target == want && (u.name == f || (f.ends_with('.') && u.name == std::string_view(f).substr(0, f.size() - 1)))) return &u;
  return nullptr;
}

}  // namespace

Normal normalise_decimal(std::string_view text) {
  Decimal d;
  bool ambiguous;
  if (!read_decimal(text, d, ambiguous)) return Normal::unusable(ambiguous ? "E-NUMBER-AMBIGUOUS" : "E-NUMBER-PARSE");
  return Normal::good(d.text());
}

Normal normalise_integer(std::string_view text) {
  Decimal d;
  bool ambiguous;
  if (!read_decimal(text, d, ambiguous)) return Normal::unusable(ambiguous ? "E-NUMBER-AMBIGUOUS" : "E-NUMBER-PARSE");
  if (d.fraction.find_first_not_of('0') != std::string::npos || d.whole.size() > 15) return Normal::unusable("E-NUMBER-PARSE");
  d.fraction.clear();
  return Normal::good(d.text());
}

Normal normalise_boolean(std::string_view text) {
  static constexpr std::string_view yes[] = {"true", "yes", "y", "1", "oui", "o", "vrai", "v", "t", "x"},
                                    no[] = {"false", "no", "n", "0", "non", "faux", "f"};
  const std::string word = fold(text);
  if (std::find(std::begin(yes), std::end(yes), word) != std::end(yes)) return Normal::good("true");
  if (std::find(std::begin(no), std::end(no), word) != std::end(no)) return Normal::good("false");
  return Normal::unusable("E-BOOLEAN-PARSE");
}

Normal normalise_measure(std::string_view text, std::string_view unit, std::string_view target) {
  std::string given = fold(text);
  for (size_t at; (at = given.find("''")) != std::string::npos;) given.replace(at, 2, "\"");
  // Number, unit, number, unit ...: 5'11", 1 m 80, 180 lb. A last number without a unit takes the next smaller one.
  __int128 total = 0;  // in 1e-12 of the target
  constexpr __int128 kOne = 1000000000000;
  const Unit* fallback = unit.empty() ? nullptr : unit_named(unit, target);
  if (!unit.empty() && !fallback) return Normal::unusable("E-UNIT", std::string(unit));
  const Unit* last = nullptr;
  std::string_view s = given;
  int parts = 0;
  while (!(s = trim(s)).empty()) {
    size_t n = 0;
    while (n < s.size() && (digit(s[n]) || s[n] == '.' || s[n] == ',')) ++n;
    Decimal d;
    bool ambiguous;
    if (!n || ++parts > 3 || !read_decimal(s.substr(0, n), d, ambiguous)) return Normal::unusable("E-NUMBER-PARSE");
    s = trim(s.substr(n));
    size_t m = 0;
    if (!s.empty() && (s[0] == '\'' || s[0] == '"')) m = 1;
    else
      while (m < s.size() && !digit(s[m]) && s[m] != ' ') ++m;
    const Unit* here = nullptr;
    if (m) {
      here = unit_named(s.substr(0, m), target);
      if (!here) return Normal::unusable("E-UNIT", std::string(s.substr(0, m)));
      s.remove_prefix(m);
    } else if (last && last->num == 3048) {
      here = unit_named("in", target);
    } else if (last && last->num == 100 && last->den == 1 && target != "kg" && target != "s") {
      here = unit_named("cm", target);
    } else if (last) {
      return Normal::unusable("E-NUMBER-PARSE");
    } else {
      here = fallback ? fallback : unit_named(target, target);
    }
    last = here;
    const auto value = scaled(d);
    if (!value) return Normal::unusable("E-NUMBER-PARSE");
    __int128 piece = static_cast<__int128>(value->value) * kOne /
                     (value->decimals == 0   ? 1
                      : value->decimals == 1 ? 10
                      : value->decimals == 2 ? 100
                      : value->decimals == 3 ? 1000
                                             : 10000);
    piece = piece * here->num / here->den;
    if (target == "m") piece /= 100;
    total += piece;
  }
  if (!parts) return Normal::unusable("E-NUMBER-PARSE");
  const auto rounded = static_cast<int64_t>((total + kOne / 2) / kOne);
  return Normal::good(std::to_string(rounded));
}

Normal normalise_money(std::string_view text, std::string& currency) {
  std::string given = tidy(text);
  std::string rest;
  for (size_t i = 0; i < given.size(); ++i) {
    if (letter(given[i])) {
      size_t n = i;
      while (n < given.size() && letter(given[n])) ++n;
      const std::string word = upper(std::string_view(given).substr(i, n - i));
      if ((word == "CA" || word == "C" || word == "US") && n < given.size() && given[n] == '$') {
        currency = word == "US" ? "USD" : "CAD";
        i = n;
        continue;
      }
      if (normalise_currency(word).use != Use::normal) return Normal::unusable("E-NUMBER-PARSE");
      currency = word;
      i = n - 1;
    } else if (given[i] == '$') {
      continue;
    } else if (given.compare(i, 3, "\xE2\x82\xAC") == 0) {
      currency = "EUR";
      i += 2;
    } else {
      rest += given[i];
    }
  }
  Decimal d;
  bool ambiguous;
  if (!read_decimal(rest, d, ambiguous)) {
    // Money has two decimals: three digits after a comma are thousands.
    if (!ambiguous) return Normal::unusable("E-NUMBER-PARSE");
    d = {};
    std::erase(rest, ',');
    if (!read_decimal(rest, d, ambiguous)) return Normal::unusable("E-NUMBER-PARSE");
  }
  const bool whole_only =
      currency == "JPY" || currency == "KRW" || currency == "VND" || currency == "CLP" || currency == "XAF" || currency == "XOF";
  while (!whole_only && d.fraction.size() < 2) d.fraction += '0';
  return Normal::good(d.text());
}

}  // namespace casebridge::normalise

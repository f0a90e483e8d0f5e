#include "draft/shapes.hpp"

#include <algorithm>
#include <charconv>

#include "normalise/dates.hpp"
#include "normalise/folding.hpp"

namespace casebridge::draft {
namespace {

using normalise::digit;
using normalise::letter;

bool hex(std::string_view v, size_t size) {
  return v.size() == size &&
         std::all_of(v.begin(), v.end(), [](char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

std::string only_digits(std::string_view v) {
  std::string out;
  for (const char c : v)
    if (digit(c)) out += c;
  return out;
}

bool number_within(std::string_view v, double least, double most) {
  double n = 0;
  const auto [end, error] = std::from_chars(v.data(), v.data() + v.size(), n);
  return error == std::errc() && end == v.data() + v.size() && n >= least && n <= most;
}

bool looks_like_name(std::string_view v) {  // words of letters; other scripts count as letters
  bool any = false;
  for (const char c : v) {
    if (letter(c) || static_cast<unsigned char>(c) >= 0x80) any = true;
    else if (c != ' ' && c != '-' && c != '\'' && c != '.' && c != ',') return false;
  }
  return any && v.size() <= 80;
}

bool looks_like_phone(std::string_view v) {
  const std::string digits = only_digits(v.substr(0, v.find_first_of("xX#")));
  if (!std::all_of(v.begin(), v.end(),
                   [](char c) { return digit(c) || std::string_view("+ ()-./xX#ext").find(c) != std::string_view::npos; }))
    return false;
  return digits.size() >= 7 && digits.size() <= 15;
}

bool looks_like_postal(std::string_view v) {  // A1A 1A1, or an American code
  const std::string w = normalise::without(v, " -");
  if (w.size() == 6) return letter(w[0]) && digit(w[1]) && letter(w[2]) && digit(w[3]) && letter(w[4]) && digit(w[5]);
  return (w.size() == 5 || w.size() == 9) && normalise::all_digits(w);
}

bool looks_like_ip(std::string_view v) {
  if (v.find(':') != v.npos)
    return v.size() >= 3 && std::count(v.begin(), v.end(), ':') >= 2 && std::all_of(v.begin(), v.end(), [](char c) {
             return c == ':' || c == '.' || hex({&c, 1}, 1);
           });
  int parts = 0;
  for (size_t from = 0; from <= v.size(); ++parts) {
    const size_t end = std::min(v.find('.', from), v.size());
    if (!normalise::all_digits(v.substr(from, end - from)) || end - from > 3) return false;
    from = end + 1;
  }
  return parts == 4;
}

bool looks_like_email(std::string_view v) {
  const size_t at = v.find('@');
  return at != v.npos && at > 0 && v.find('@', at + 1) == v.npos && v.find('.', at) != v.npos && v.find(' ') == v.npos && v.back() != '.';
}

bool looks_like_mac(std::string_view v) { return v.size() == 17 && hex(normalise::without(v, ":-"), 12); }

// A cell may hold several, with semicolons between; all of them must look so.
template <typename Looks>
bool each_part(std::string_view v, Looks looks) {
  for (size_t from = 0; from <= v.size();) {
    const size_t end = std::min(v.find(';', from), v.size());
    const std::string_view part = normalise::trim(v.substr(from, end - from));
    if (!part.empty() && !looks(part)) return false;
    from = end + 1;
  }
  return true;
}

bool in(const std::vector<CodeWord>& words, std::string_view value) {
  return std::any_of(words.begin(), words.end(), [&](const CodeWord& w) { return normalise::fold(value) == normalise::fold(w.word); });
}

const std::vector<normalise::DatePatterns>& patterns() {
  static const std::vector<normalise::DatePatterns> made = [] {
    std::vector<normalise::DatePatterns> out;
    for (const DateForm& form : date_forms()) out.emplace_back(form.pattern);
    return out;
  }();
  return made;
}

}  // namespace

const std::vector<DateForm>& date_forms() {
  static const std::vector<DateForm> forms = [] {
    const std::vector<DateForm> days{{"yyyy/M/d", "2099/07/03"},   {"d/M/yyyy", "3/07/2099"},      {"M/d/yyyy", "7/03/2099"},
                                     {"d-M-yyyy", "3-07-2099"},    {"M-d-yyyy", "7-03-2099"},      {"d.M.yyyy", "3.07.2099"},
                                     {"d MMM yyyy", "3 Jul 2099"}, {"MMM d, yyyy", "Jul 3, 2099"}, {"d-MMM-yyyy", "3-Jul-2099"}};
    std::vector<DateForm> out{{"", "2099-07-03"}};
    out.insert(out.end(), days.begin(), days.end());
    for (const DateForm& day : days)
      for (const DateForm& time :
           {DateForm{"HH:mm", "21:30"}, {"HH:mm:ss", "21:30:00"}, {"h:mm a", "9:30 PM"}, {"h:mm:ss a", "9:30:00 PM"}})
        out.push_back({day.pattern + " " + time.pattern, day.example + " " + time.example});
    out.push_back({"yyyy-MM-dd h:mm a", "2099-07-03 9:30 PM"});
    out.push_back({"M/yyyy", "07/2099"});
    return out;
  }();
  return forms;
}

const std::vector<CodeWord>& gender_words() {
  static const std::vector<CodeWord> words{
      {"M", "MASCULINE"},       {"Male", "MASCULINE"},     {"Man", "MASCULINE"},    {"H", "MASCULINE"},
      {"Homme", "MASCULINE"},   {"Masculin", "MASCULINE"}, {"F", "FEMININE"},       {"Female", "FEMININE"},
      {"Woman", "FEMININE"},    {"Femme", "FEMININE"},     {"Féminin", "FEMININE"}, {"X", "NON_CONFORMING"},
      {"NB", "NON_CONFORMING"}, {"U", "UNKNOWN"},          {"Unknown", "UNKNOWN"},  {"Inconnu", "UNKNOWN"}};
  return words;
}

const std::vector<CodeWord>& role_words() {
  static const std::vector<CodeWord> words{{"Victim", "VICTIM"},
                                           {"VIC", "VICTIM"},
                                           {"Victime", "VICTIM"},
                                           {"Complainant", "COMPLAINANT"},
                                           {"COMP", "COMPLAINANT"},
                                           {"Plaignant", "COMPLAINANT"},
                                           {"Witness", "WITNESS"},
                                           {"WIT", "WITNESS"},
                                           {"Témoin", "WITNESS"},
                                           {"Suspect", "SUSPECT"},
                                           {"SUSP", "SUSPECT"},
                                           {"Accused", "ACCUSED"},
                                           {"ACC", "ACCUSED"},
                                           {"Accusé", "ACCUSED"},
                                           {"Missing", "MISSING_PERSON"},
                                           {"MISS", "MISSING_PERSON"},
                                           {"Disparu", "MISSING_PERSON"},
                                           {"Reporter", "REPORTER"},
                                           {"Caller", "REPORTER"},
                                           {"Appelant", "REPORTER"}};
  return words;
}

void Shapes::see(std::string_view value) {
  const std::string_view v = normalise::trim(value);
  if (v.empty()) return;
  ++values;
  if (hashes_.size() < kDistinct) hashes_.insert(std::hash<std::string_view>()(v));
  else overflow_ = true;
  const auto fits = [&](Shape s, bool yes) { fits_[static_cast<size_t>(s)] += yes; };
  const std::string digits = only_digits(v);
  fits(Shape::name, looks_like_name(v));
  fits(Shape::id, v.size() <= 64 && (!digits.empty() || v.find(' ') == v.npos));
  fits(Shape::digits, digits == v);
  fits(Shape::gender, in(gender_words(), v));
  fits(Shape::role, in(role_words(), v));
  fits(Shape::country, looks_like_name(v));
  fits(Shape::postal, looks_like_postal(v));
  fits(Shape::latitude, number_within(v, -90, 90));
  fits(Shape::longitude, number_within(v, -180, 180));
  fits(Shape::plate,
       v.size() <= 10 && std::all_of(v.begin(), v.end(), [](char c) { return letter(c) || digit(c) || c == ' ' || c == '-'; }));
  fits(Shape::vin, v.size() == 17 && std::all_of(v.begin(), v.end(), [](char c) { return letter(c) || digit(c); }));
  fits(Shape::year, digits == v && number_within(v, 1900, 2100));
  separated += v.find(';') != v.npos && v.find(';') + 1 < v.size();
  fits(Shape::phone, each_part(v, looks_like_phone));
  fits(Shape::email, each_part(v, looks_like_email));
  fits(Shape::url, v.starts_with("http://") || v.starts_with("https://") || v.starts_with("www."));
  fits(Shape::ip, each_part(v, looks_like_ip));
  fits(Shape::imei, digits.size() >= 14 && digits.size() <= 16 && digits.size() == normalise::without(v, " -").size());
  fits(Shape::mac, looks_like_mac(v));
  fits(Shape::hash32, hex(v, 32));
  fits(Shape::hash40, hex(v, 40));
  fits(Shape::hash64, hex(v, 64));
  if (tried_ >= kDatesTried) return;
  ++tried_;
  dates_.resize(date_forms().size());
  if (v.size() < 6 || v.size() > 40 || digits.empty()) return;
  for (size_t i = 0; i < dates_.size(); ++i) {
    const normalise::Date date = patterns()[i].parse(v, normalise::DateNeed::when);
    dates_[i] += date.usable() || date.issue == normalise::DateIssue::no_zone;
  }
}

double Shapes::share(Shape s) const {
  if (!values) return 0;
  if (s == Shape::any || s == Shape::text) return 1;
  return static_cast<double>(fits_[static_cast<size_t>(s)]) / static_cast<double>(values);
}

const DateForm* Shapes::date(double& share, std::vector<const DateForm*>& rivals) const {
  share = 0;
  rivals.clear();
  if (!tried_ || dates_.empty()) return nullptr;
  const auto best = std::max_element(dates_.begin(), dates_.end());
  if (!*best) return nullptr;
  share = static_cast<double>(*best) / static_cast<double>(tried_);
  for (size_t i = 0; i < dates_.size(); ++i)
    if (dates_.begin() + static_cast<ptrdiff_t>(i) != best && dates_[i] == *best &&
        date_forms()[i].pattern.size() == date_forms()[static_cast<size_t>(best - dates_.begin())].pattern.size())
      rivals.push_back(&date_forms()[i]);
  return &date_forms()[static_cast<size_t>(best - dates_.begin())];
}

}  // namespace casebridge::draft

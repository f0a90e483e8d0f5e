#include "handle/mask.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace casebridge::handle {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool luhn(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int d = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1 && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return sum % 10 == 0;
}

struct Run {  // digits with single separators between groups
  size_t begin = 0, end = 0;
  std::string digits;
  std::string shape;  // "3-3-3" as \3\3\3: length of each group
  bool grouped = false;
};

// The longest run of digit groups at `at`: one space, dash, dot, or the no-break space between groups.
Run run_at(std::string_view text, size_t at) {
  Run run;
  run.begin = at;
  size_t i = at;
  while (i < text.size()) {
    size_t n = 0;
    while (i + n < text.size() && digit(text[i + n])) ++n;
    if (n == 0) break;
    run.digits.append(text, i, n);
    run.shape += static_cast<char>(std::min<size_t>(n, 100));
    i += n;
    run.end = i;
    if (run.digits.size() > 24) break;
    size_t gap = 0;
    if (i < text.size() && (text[i] == ' ' || text[i] == '-' || text[i] == '.')) gap = 1;
    if (text.substr(i, 2) == "\xC2\xA0") gap = 2;
    if (text.substr(i, 3) == "\xE2\x80\xAF" || text.substr(i, 3) == "\xE2\x80\x91" || text.substr(i, 3) == "\xE2\x80\x93") gap = 3;
    if (gap == 0 || i + gap >= text.size() || !digit(text[i + gap])) break;
    i += gap;
  }
  run.grouped = run.shape.size() > 1;
  return run;
}

// Does one of the names of these numbers stand close before `at`?
bool named_before(std::string_view text, size_t at) {
  const size_t from = at > 40 ? at - 40 : 0;
  return names_sensitive_number(text.substr(from, at - from));
}

bool version_letters(std::string_view text, size_t at) {  // "-AB" or " AB" after a health card number
  if (at < text.size() && (text[at] == '-' || text[at] == ' ')) ++at;
  return at + 1 < text.size() && letter(text[at]) && letter(text[at + 1]) && (at + 2 == text.size() || !letter(text[at + 2]));
}

bool sensitive(std::string_view text, const Run& run, Care care) {
  const std::string_view shape = run.shape;
  const size_t n = run.digits.size();
  const char before = run.begin > 0 ? text[run.begin - 1] : ' ';
  if (before == '+') return false;                                                                 // a telephone number
  if (letter(before) || before == '_') return n >= 9 && n <= 10 && named_before(text, run.begin);  // part of a local key
  if (n == 9 && shape == "\3\3\3" && luhn(run.digits)) return true;
  if (n == 9 && shape == "\3\2\4") return true;
  if (n == 10 && shape == "\4\3\3" && (luhn(run.digits) || version_letters(text, run.end))) return true;
  if (n >= 9 && n <= 10 && named_before(text, run.begin)) return true;
  if (care == Care::record) return false;
  return (n == 9 && !run.grouped && luhn(run.digits)) || (n == 10 && !run.grouped && version_letters(text, run.end));
}

bool base64(char c) { return digit(c) || letter(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '='; }

constexpr size_t kLongRun = 512;  // longer than any hash or token; a thumbnail is larger
constexpr size_t kShortRun = 64;  // enough behind the first letters of a known kind of file
constexpr auto kKinds = std::to_array<std::string_view>({"/9j/", "iVBORw0KGgo", "R0lGOD", "JVBERi0", "UklGR", "AAAAGGZ0eX", "AAAAHGZ0eX",
                                                         "AAAAIGZ0eX", "Qk0", "SUkqA", "TU0AK", "GkXfo", "UEsDB", "T2dnU", "SUQz"});

struct Media {
  size_t begin = 0, end = 0;
};

Media media_from(std::string_view text, size_t from) {
  for (size_t i = from; i < text.size();) {
    if (text[i] == 'd' && text.substr(i, 5) == "data:") {
      const size_t comma = text.find(',', i);
      if (comma != std::string_view::npos && comma - i < 200 && text.substr(i, comma - i).find(";base64") != std::string_view::npos) {
        size_t end = comma + 1;
        while (end < text.size() && base64(text[end])) ++end;
        return {i, end};
      }
    }
    if (!base64(text[i])) {
      ++i;
      continue;
    }
    size_t end = i, lines = 0;  // base64 may be broken into lines
    while (end < text.size()) {
      if (base64(text[end])) ++end;
      else if ((text[end] == '\n' || text[end] == '\r') && end - i >= 60 * (lines / 2 + 1)) ++end, ++lines;
      else break;
    }
    const std::string_view run = text.substr(i, end - i);
    if (run.size() < kShortRun) {  // by far the most: words
      const size_t uri = text.substr(i + 1, end - i - 1 + 5).find("data:");
      i = uri == std::string_view::npos ? end : i + 1 + uri;
      continue;
    }
    bool kind = false;
    for (const std::string_view k : kKinds) kind = kind || run.starts_with(k);
    // All digits, or all one letter, is no file; a path of words with slashes is not either.
    const bool mixed = std::any_of(run.begin(), run.end(), digit) &&
                       std::any_of(run.begin(), run.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
                       std::any_of(run.begin(), run.end(), [](char c) { return c >= 'a' && c <= 'z'; });
    if ((kind && run.size() >= kShortRun && mixed) || (run.size() >= kLongRun && mixed)) return {i, end};
    // "data:" may begin inside a run that is too short to be anything
    const size_t uri = text.substr(i + 1, end - i - 1 + 5).find("data:");
    i = uri == std::string_view::npos ? end : i + 1 + uri;
  }
  return {text.size(), text.size()};
}

}  // namespace

bool names_sensitive_number(std::string_view name) {
  // Each of the names begins with one of these, whole; by far the most texts hold none.
  const auto begins = [](char a, char b, char c) {
    switch (lower(a)) {
      case 's': return (lower(b) == 'i' && lower(c) == 'n') || (lower(b) == 's' && lower(c) == 'n') || (lower(b) == 'o' && lower(c) == 'c');
      case 'n': return (lower(b) == 'a' && lower(c) == 's') || (lower(b) == 'i' && lower(c) == 'r');
      case 'o': return lower(b) == 'h' && lower(c) == 'i';
      case 'h': return (lower(b) == 'c' && lower(c) == 'n') || (lower(b) == 'e' && lower(c) == 'a') || (lower(b) == 'i' && lower(c) == 'n');
      case 'a': return lower(b) == 's' && lower(c) == 's';
      case 'c': return lower(b) == 'a' && lower(c) == 'r';
      case 'r': return lower(b) == 'a' && lower(c) == 'm';
      default: return false;
    }
  };
  bool any = false;
  for (size_t i = 2; i < name.size() && !any; ++i) any = begins(name[i - 2], name[i - 1], name[i]);
  if (!any) return false;
  std::string plain(" ");  // lower case, words apart: "healthCardNo" -> " health card no "
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const auto upper = [&](size_t at) { return at < name.size() && name[at] >= 'A' && name[at] <= 'Z'; };
    const auto small = [&](size_t at) { return at < name.size() && name[at] >= 'a' && name[at] <= 'z'; };
    if (upper(i) && i > 0 && (small(i - 1) || (upper(i - 1) && small(i + 1)))) plain += ' ';  // "PersonSSNIdentification" too
    plain += letter(c) || static_cast<uint8_t>(c) >= 0x80 ? lower(c) : ' ';
  }
  plain += ' ';
  static constexpr auto kNames = std::to_array<std::string_view>(
      {" sin ", " ssn ", " nas ", " ohip ", " hcn ", " social insurance", " social security", " assurance sociale", " health card",
       " healthcard", " socialinsurance", " socialsecurity", " carte sant", " health number", " hin ", " ramq ", " nir "});
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view n) { return plain.find(n) != std::string::npos; });
}

bool is_token(std::string_view value) {  // "tok:" key id ":" 32 letters of base32
  if (!value.starts_with("tok:") || value.size() < 4 + 1 + 1 + 32) return false;
  const std::string_view end = value.substr(value.size() - 33);
  return end[0] == ':' && std::all_of(end.begin() + 1, end.end(), [](char c) { return letter(c) || (c >= '2' && c <= '7'); });
}

bool holds_media(std::string_view text) {
  if (text.size() < kShortRun && text.find(':') == text.npos) return false;  // too short for a file, and no address
  return text.size() >= 20 && media_from(text, 0).begin < text.size();
}

bool holds_sensitive_number(std::string_view text, Care care) {
  if (text.size() < 9) return false;
  size_t digits = 0;
  for (const char c : text) digits += digit(c);
  if (digits < 9) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!digit(text[i])) continue;
    const Run run = run_at(text, i);
    if (sensitive(text, run, care)) return true;
    i = run.end;
  }
  return false;
}

std::string masked(std::string_view text, Care care) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const Media media = text.size() >= 20 ? media_from(text, at) : Media{text.size(), text.size()};
    const std::string_view part = text.substr(at, media.begin - at);
    const size_t base = out.size();
    out += part;
    for (size_t i = 0; i < part.size(); ++i) {
      if (!digit(part[i])) continue;
      const Run run = run_at(part, i);
      if (sensitive(part, run, care))
        for (size_t k = run.begin; k < run.end; ++k)
          if (digit(part[k])) out[base + k] = '*';
      i = run.end;
    }
    if (media.begin < text.size()) out += "[media removed]";
    at = media.end;
  }
  return out;
}

}  // namespace casebridge::handle

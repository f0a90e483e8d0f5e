#include "normalise/masking.hpp"

#include <vector>

#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

struct Group {
  size_t begin, end;
};  // a run of digits

bool word_char(char c) { return letter(c) || digit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

// A single separator of the kinds people write inside a number: blank, hyphen, full stop, no-break space, dashes.
bool separator(std::string_view t, size_t from, size_t to) {
  const std::string_view s = t.substr(from, to - from);
  return s == " " || s == "-" || s == "." || s == "\xC2\xA0" || s == "\xE2\x80\xAF" || s == "\xE2\x80\x91" || s == "\xE2\x80\x93" ||
         s == " - ";
}

// Does a word that announces such a number stand in the 32 characters before?
bool announced(std::string_view t, size_t at) {
  const std::string before = letters_only(t.substr(at > 32 ? at - 32 : 0, at > 32 ? 32 : at));
  const std::string padded = " " + before + " ";
  for (const char* word : {" ssn ", " sin ", " nas ", " social security ", " social insurance ", "assurance sociale ", " securite sociale ",
                           " soc sec ", " ohip ", " health card ", " carte sante ", " health number ", " ramq "})
    if (padded.find(word) != padded.npos) return true;
  return false;
}

std::string digits_of(std::string_view t, size_t from, size_t to) {
  std::string out;
  for (size_t i = from; i < to; ++i)
    if (digit(t[i])) out += t[i];
  return out;
}

}  // namespace

int mask_sensitive(std::string_view text, std::string& out) {
  std::vector<Group> groups;
  for (size_t i = 0; i < text.size();) {
    if (!digit(text[i])) {
      ++i;
      continue;
    }
    size_t n = i;
    while (n < text.size() && digit(text[n])) ++n;
    groups.push_back({i, n});
    i = n;
  }
  int found = 0;
  const auto length = [&](size_t g) { return g < groups.size() ? groups[g].end - groups[g].begin : 0; };
  const auto joined = [&](size_t g) { return g + 1 < groups.size() && separator(text, groups[g].end, groups[g + 1].begin); };
  const auto alone = [&](size_t first, size_t last) {  // no further digits or letters hang on it
    const size_t begin = groups[first].begin, end = groups[last].end;
    if (begin && (word_char(text[begin - 1]) || text[begin - 1] == '+')) return false;
    if (first && separator(text, groups[first - 1].end, begin) && text[begin - 1] != ' ') return false;
    if (last + 1 < groups.size() && separator(text, end, groups[last + 1].begin) && text[end] != ' ') return false;
    return end == text.size() || !word_char(text[end]);
  };
  const auto mask = [&](size_t from, size_t to) {
    if (!found) out = text;
    for (size_t i = from; i < to; ++i)
      if (digit(out[i])) out[i] = '*';
    ++found;
  };
  for (size_t g = 0; g < groups.size(); ++g) {
    const size_t begin = groups[g].begin;
    if (length(g) == 4 && begin >= 4 && joined(g) && length(g + 1) == 4 && (begin < 6 || !word_char(text[begin - 6]))) {
      const std::string_view head = text.substr(begin >= 5 ? begin - 5 : begin - 4, 4);  // ABCD 1234 5678
      bool four = begin >= 5 && (text[begin - 1] == ' ' || text[begin - 1] == '-');
      for (const char c : head) four = four && letter(c);
      if (four && (announced(text, begin - 5) || text.substr(begin - 5, 4) == upper(text.substr(begin - 5, 4)))) {
        mask(begin, groups[g + 1].end);
        ++g;
        continue;
      }
    }
    if (length(g) == 3 && joined(g) && joined(g + 1) && length(g + 1) == 2 && length(g + 2) == 4 && alone(g, g + 2)) {
      mask(begin, groups[g + 2].end);
      g += 2;
    } else if (length(g) == 3 && joined(g) && joined(g + 1) && length(g + 1) == 3 && length(g + 2) == 3 && alone(g, g + 2) &&
               (luhn(digits_of(text, begin, groups[g + 2].end)) || announced(text, begin))) {
      mask(begin, groups[g + 2].end);
      g += 2;
    } else if (length(g) == 4 && joined(g) && joined(g + 1) && length(g + 1) == 3 && length(g + 2) == 3 &&
               (luhn(digits_of(text, begin, groups[g + 2].end)) || announced(text, begin))) {
      mask(begin, groups[g + 2].end);
      g += 2;
    } else if ((length(g) == 9 || length(g) == 10) && alone(g, g) &&
               ((length(g) == 9 && luhn(text.substr(begin, 9)) && text[begin] != '0') || announced(text, begin))) {
      mask(begin, groups[g].end);
    }
  }
  return found;
}

bool names_sensitive(std::string_view name) {
  std::string spaced;  // PersonSSNIdentification -> "person ssn identification"
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool up = c >= 'A' && c <= 'Z';
    const bool next_low = i + 1 < name.size() && name[i + 1] >= 'a' && name[i + 1] <= 'z';
    const bool before_low = i && name[i - 1] >= 'a' && name[i - 1] <= 'z';
    if (up && i && (before_low || (next_low && name[i - 1] >= 'A' && name[i - 1] <= 'Z'))) spaced += ' ';
    spaced += c == '_' ? ' ' : c;
  }
  const std::string padded = " " + letters_only(spaced) + " ";
  for (const char* word :
       {" ssn ", " sin ", " nas ", " social security ", " socialsecurity ", " social insurance ", " socialinsurance ", "assurance sociale ",
        " securite sociale ", " soc sec ", " ohip ", " health card ", " healthcard ", " carte sante ", " ramq ", " health number "})
    if (padded.find(word) != padded.npos) return true;
  return false;
}

}  // namespace casebridge::normalise

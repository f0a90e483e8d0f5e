#include "normalise/names.hpp"

#include <algorithm>
#include <vector>

#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

std::vector<std::string> words_of(std::string_view folded) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : folded) {
    if (letter(c) || static_cast<unsigned char>(c) >= 0x80 || digit(c)) {
      word += c;
      continue;
    }
    if (c == '\'' || c == '.') {
      // d'Arc, l'Heureux: the particle ends here. O'Brien, N'Diaye: one word. A full stop ends an abbreviation silently.
      if (c == '\'' && (word == "d" || word == "l")) {
        out.push_back(word);
        word.clear();
      }
      continue;
    }
    if (!word.empty()) {
      out.push_back(word);
      word.clear();
    }
  }
  if (!word.empty()) out.push_back(word);
  return out;
}

std::string without_dots(std::string_view word) {
  std::string out = fold(word);
  std::erase(out, '.');
  return out;
}

// Replaces the ending `tail` (at least `stem` letters must stay before it).
bool ending(std::string& w, std::string_view tail, std::string_view by, size_t stem = 2) {
  if (w.size() < tail.size() + stem || std::string_view(w).substr(w.size() - tail.size()) != tail) return false;
  w.replace(w.size() - tail.size(), tail.size(), by);
  return true;
}

}  // namespace

bool is_suffix(std::string_view word) {
  static constexpr std::string_view kWords[] = {"jr",    "sr",    "ii",     "iii",    "iv",  "fils", "pere", "aine",
                                                "ainee", "cadet", "junior", "senior", "esq", "phd",  "md"};
  const std::string w = without_dots(trim(word));
  return std::find(std::begin(kWords), std::end(kWords), w) != std::end(kWords);
}

bool is_particle(std::string_view word) {
  static constexpr std::string_view kWords[] = {"de",  "la",  "le",  "les", "du",  "des", "d",   "l",  "van", "von",   "der", "den",
                                                "dem", "ter", "ten", "da",  "das", "do",  "dos", "di", "del", "della", "el",  "al",
                                                "bin", "ben", "ibn", "abu", "zu",  "zur", "af",  "av", "y",   "e"};
  const std::string w = without_dots(trim(word));
  return std::find(std::begin(kWords), std::end(kWords), w) != std::end(kWords);
}

std::string join_name(std::string_view given, std::string_view middle, std::string_view family) {
  std::string out;
  for (const std::string_view part : {given, middle, family}) {
    if (part.empty()) continue;
    if (!out.empty()) out += ' ';
    out += part;
  }
  return out;
}

NameParts split_name(std::string_view text) {
  NameParts parts;
  parts.full = tidy(text);
  std::vector<std::string> pieces;
  for (size_t from = 0; from <= parts.full.size();) {
    size_t cut = parts.full.find(',', from);
    if (cut == std::string::npos) cut = parts.full.size();
    pieces.emplace_back(trim(std::string_view(parts.full).substr(from, cut - from)));
    from = cut + 1;
  }
  if (pieces.size() < 2) return parts;
  // Suffixes may stand as pieces of their own (Smith, Jr., John) or end the family piece (Smith Jr., John).
  std::vector<std::string> names;
  for (const std::string& piece : pieces) {
    if (piece.empty()) continue;
    if (!names.empty() && is_suffix(piece) && parts.suffix.empty()) parts.suffix = piece;
    else names.push_back(piece);
  }
  if (names.size() != 2) return parts;  // only a suffix after the comma, or more commas than an inversion has
  std::string family = names[0], given = names[1];
  const auto last_word = [](std::string& s) -> std::string {
    const size_t blank = s.rfind(' ');
    if (blank == std::string::npos || !is_suffix(std::string_view(s).substr(blank + 1))) return {};
    std::string word = s.substr(blank + 1);
    s.resize(blank);
    return word;
  };
  if (parts.suffix.empty()) parts.suffix = last_word(family);
  if (parts.suffix.empty()) parts.suffix = last_word(given);
  // "Cruz, Maria de la": the particles belong to the family name that stands in front.
  std::string moved;
  for (size_t blank = given.rfind(' '); blank != std::string::npos; blank = given.rfind(' ')) {
    const std::string word = given.substr(blank + 1);
    if (!is_particle(word) || word.size() < 2) break;
    moved = moved.empty() ? word : word + " " + moved;
    given.resize(blank);
  }
  parts.family = moved.empty() ? family : moved + " " + family;
  parts.given = given;
  parts.full = join_name(parts.given, {}, parts.family);
  if (!parts.suffix.empty()) parts.full += " " + parts.suffix;
  parts.turned = true;
  return parts;
}

std::string phonetic_word(std::string_view word) {
  std::string w(word);
  for (const char c : w)
    if (static_cast<unsigned char>(c) >= 0x80) return {};
  std::erase_if(w, [](char c) { return !letter(c); });
  if (w.empty()) return {};
  if (w == "st" || w == "ste" || w == "saint" || w == "sainte" || w == "sant" || w == "santa" || w == "san") return "SN";
  // Endings that French does not sound, and their English spellings.
  const auto ends_in = [&](std::string_view letters) { return letters.find(w.back()) != std::string_view::npos; };
  if (ends_in("xtdus"))
    for (const std::string_view tail : {"eaux", "eault", "eaud", "eau", "ault", "aulx", "aud", "aut", "aux", "ot", "od", "os", "oux"})
      if (ending(w, tail, "o")) break;
  if (ends_in("rseytz"))
    for (const std::string_view tail : {"ier", "iers", "ie", "ey", "ay", "ais", "ait", "et", "ez", "er", "ee", "y"})
      if (ending(w, tail, "i")) break;
  while (w.size() > 3 && (w.back() == 'e' || w.back() == 's' || w.back() == 'x' || w.back() == 't' || w.back() == 'd') &&
         std::string_view("aeiouy").find(w[w.size() - 2]) == std::string_view::npos && w[w.size() - 2] != w.back())
    w.pop_back();
  std::string key;
  const auto add = [&](char c) {
    if (key.empty() || key.back() != c) key += c;
  };
  const auto at = [&](size_t i) { return i < w.size() ? w[i] : '\0'; };
  const auto soft = [&](size_t i) { return at(i) == 'e' || at(i) == 'i' || at(i) == 'y'; };
  for (size_t i = 0; i < w.size(); ++i) {
    switch (w[i]) {
      case 'a':
      case 'e':
      case 'i':
      case 'o':
      case 'u':
      case 'y':
        if (i == 0) key += 'A';  // any vowel at the start is one class
        break;
      case 'h': break;  // mute, or part of ch, sh, ph, th, gh
      case 'b': add('P'); break;
      case 'p':
        if (at(i + 1) == 'h') {
          add('F');
          ++i;
        } else add('P');
        break;
      case 'f':
      case 'v': add('F'); break;
      case 'w':
        if (i == 0 || std::string_view("aeiou").find(at(i - 1)) == std::string_view::npos) add('F');
        break;
      case 'c':
        if (at(i + 1) == 'h') {
          add(at(i + 2) == 'r' || at(i + 2) == 'l' ? 'K' : 'S');
          ++i;
        } else if (at(i + 1) == 'k' || at(i + 1) == 'q') {
          add('K');
          ++i;
        } else add(soft(i + 1) ? 'S' : 'K');
        break;
      case 'k':
        if (i == 0 && at(1) == 'n') break;
        add('K');
        break;
      case 'q':
        add('K');
        if (at(i + 1) == 'u') ++i;
        break;
      case 'x':
        add('K');
        add('S');
        break;
      case 'g':
        if (at(i + 1) == 'h') {
          if (i == 0) add('K');
          ++i;
        }  // night, Hughes; Ghali
        else if (at(i + 1) == 'n') {
          add('N');
          ++i;
        }  // Gagnon, Gagné
        else
          add(soft(i + 1) ? 'S' : 'K');
        break;
      case 'j':
      case 's':
      case 'z':
        if (w[i] == 's' && at(i + 1) == 'c' && soft(i + 2)) ++i;
        add('S');
        break;
      case 'd':
      case 't':
        add('T');
        if (at(i + 1) == 'h') ++i;
        break;
      case 'l': add('L'); break;
      case 'r': add('R'); break;
      case 'm':
      case 'n': add('N'); break;
      default: break;
    }
  }
  return key;
}

std::string phonetic_key(std::string_view family, std::string_view full) {
  // One word of plain letters, as most are: no list has to be made.
  if (!family.empty() && family.size() <= 64 && std::all_of(family.begin(), family.end(), letter)) return phonetic_word(lower(family));
  std::vector<std::string> words = words_of(fold(family));
  const auto drop = [](std::vector<std::string>& list) {
    std::vector<std::string> kept;
    for (const std::string& w : list)
      if (!is_particle(w) && !is_suffix(w)) kept.push_back(w);
    if (kept.empty() && !list.empty()) kept.push_back(list.back());  // a family name that looks like a particle (Le, Do)
    list = std::move(kept);
  };
  if (words.empty()) {
    const NameParts parts = split_name(full);
    if (parts.turned) return phonetic_key(parts.family, {});
    words = words_of(fold(full));
    drop(words);
    if (words.size() > 1) words.erase(words.begin(), words.end() - 1);
  } else {
    drop(words);
  }
  std::vector<std::string> keys;
  for (const std::string& w : words)
    if (std::string key = phonetic_word(w); !key.empty()) keys.push_back(std::move(key));
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  std::string out;
  for (const std::string& key : keys) {
    if (!out.empty()) out += '-';
    out += key;
  }
  return out;
}

}  // namespace casebridge::normalise

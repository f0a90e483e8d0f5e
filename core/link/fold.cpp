#include "link/fold.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "link/hash.hpp"

namespace casebridge::link {
namespace tables {
extern const std::string_view letters, nicknames, street_words, placeholders;  // made by CMake from tables/*.csv
}
namespace {

constexpr uint32_t table_end = 0x2000;
struct Letter {
  char latin[4];
  uint8_t size;  // 0xFF: not in the table
};

template <class Row>
void each_row(std::string_view csv, Row&& row) {
  std::vector<std::string_view> cells;
  while (!csv.empty()) {
    const size_t end = csv.find('\n');
    std::string_view line = csv.substr(0, end);
    csv = end == std::string_view::npos ? std::string_view() : csv.substr(end + 1);
    if (line.empty() || line[0] == '#') continue;
    cells.clear();
    for (size_t comma; (comma = line.find(',')) != std::string_view::npos; line.remove_prefix(comma + 1))
      cells.push_back(line.substr(0, comma));
    cells.push_back(line);
    row(cells);
  }
}

struct Tables {
  std::vector<Letter> letters = std::vector<Letter>(table_end, Letter{{}, 0xFF});
  std::unordered_map<std::string_view, std::array<uint16_t, 4>> nicknames;
  std::unordered_map<std::string_view, StreetWord> streets;
  std::unordered_set<std::string_view> placeholders;
  std::array<uint32_t, 256> placeholder_sizes{};  // by first letter: a bit for each length, so that most names need no look-up

  Tables() {
    for (uint32_t c = 0; c < 128; ++c) {
      Letter& l = letters[c];
      l.size = 0;
      if (c >= 'A' && c <= 'Z') l = {{static_cast<char>(c + 32)}, 1};
      if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) l = {{static_cast<char>(c)}, 1};
    }
    each_row(tables::letters, [&](const auto& cells) {
      const uint32_t cp = static_cast<uint32_t>(std::stoul(std::string(cells[0]), nullptr, 16));
      if (cp >= table_end || cells.size() < 2 || cells[1].size() > 4) return;
      Letter& l = letters[cp];
      l.size = 0;
      if (cells[1] != "-") {
        l.size = static_cast<uint8_t>(cells[1].size());
        std::memcpy(l.latin, cells[1].data(), cells[1].size());
      }
    });
    uint16_t group = 0;
    each_row(tables::nicknames, [&](const auto& cells) {
      ++group;
      for (std::string_view name : cells) {
        auto& groups = nicknames[name];
        for (auto& g : groups) {
          if (g == 0 || g == group) {
            g = group;
            break;
          }
        }
      }
    });
    each_row(tables::street_words,
             [&](const auto& cells) { streets[cells[0]] = cells[1] == "unit" ? StreetWord::unit : StreetWord::type; });
    each_row(tables::placeholders, [&](const auto& cells) {
      placeholders.insert(cells[0]);
      placeholder_sizes[static_cast<uint8_t>(cells[0][0])] |= 1u << (cells[0].size() & 31);
    });
  }
};

const Tables& the_tables() {
  static const Tables t;
  return t;
}

// One code point; broken UTF-8 gives U+FFFD and moves on by one byte.
uint32_t next_code_point(std::string_view s, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const uint8_t b = byte(at);
  const int more = b >= 0xF0 && b < 0xF8 ? 3 : b >= 0xE0 ? 2 : b >= 0xC2 ? 1 : -1;
  if (b >= 0xF8 || more < 0 || at + more >= s.size()) {
    ++at;
    return 0xFFFD;
  }
  uint32_t cp = b & (0x3F >> more);
  for (int i = 1; i <= more; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) {
      ++at;
      return 0xFFFD;
    }
    cp = cp << 6 | (byte(at + i) & 0x3F);
  }
  at += static_cast<size_t>(more) + 1;
  return cp;
}

bool joins(uint32_t c) {  // apostrophes and full stops inside a word do not part it: O'Brien, St.
  return c == '\'' || c == '`' || c == '.' || c == 0x2018 || c == 0x2019 || c == 0x2BC;
}

}  // namespace

void load_tables() { the_tables(); }

void fold(std::string_view s, Folded& out) {
  const Tables& t = the_tables();
  out.size = out.tokens = 0;
  bool open = false;  // inside a token
  const auto put = [&](char c) {
    if (!open && out.tokens < Folded::max_tokens) {
      out.token_at[out.tokens++] = out.size;
      open = true;
    }
    if (out.size < Folded::max_text) out.text[out.size++] = c;
  };
  for (size_t at = 0; at < s.size();) {
    const uint8_t b = static_cast<uint8_t>(s[at]);
    if (b < 0x80) {
      ++at;
      const Letter& l = t.letters[b];
      if (l.size) put(l.latin[0]);
      else if (!joins(b)) open = false;
      continue;
    }
    const uint32_t cp = next_code_point(s, at);
    if (cp < table_end && t.letters[cp].size != 0xFF) {
      const Letter& l = t.letters[cp];
      for (int i = 0; i < l.size; ++i) put(l.latin[i]);
    } else if (cp >= 0x2000 && cp < 0x2E80) {  // punctuation and symbols
      if (!joins(cp)) open = false;
    } else if (cp < 0x2000 && cp < 0xC0) {
      open = false;
    } else if (cp != 0xFFFD) {
      put(static_cast<char>(0x80 | (mix(cp) & 0x7F)));
    }
  }
  out.token_at[out.tokens] = out.size;
}

bool is_placeholder(std::string_view folded) {
  const Tables& t = the_tables();
  if (folded.empty() || folded.size() >= 32 || !(t.placeholder_sizes[static_cast<uint8_t>(folded[0])] >> folded.size() & 1)) return false;
  return t.placeholders.contains(folded);
}

std::array<uint16_t, 4> nickname_groups(std::string_view folded) {
  const auto& n = the_tables().nicknames;
  const auto it = n.find(folded);
  return it == n.end() ? std::array<uint16_t, 4>{} : it->second;
}

StreetWord street_word(std::string_view folded) {
  const auto& s = the_tables().streets;
  const auto it = s.find(folded);
  return it == s.end() ? StreetWord::name : it->second;
}

}  // namespace casebridge::link

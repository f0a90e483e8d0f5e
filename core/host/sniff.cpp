#include "host/sniff.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::host {
namespace {

constexpr size_t kTextSize = 300;  // of the text of a member, for json-text
constexpr size_t kMostKeys = 1000, kDeepest = 6;
constexpr std::string_view kInside = " > ", kBesides = " + ";

constexpr bool space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void put_utf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 63));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 63));
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
  }
}

std::string from_utf16(std::string_view raw, bool little) {
  std::string out;
  const auto unit = [&](size_t i) {
    const auto a = static_cast<uint8_t>(raw[i]), b = static_cast<uint8_t>(raw[i + 1]);
    return static_cast<uint32_t>(little ? a | b << 8 : a << 8 | b);
  };
  for (size_t i = 0; i + 1 < raw.size(); i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xDC00 && i + 3 < raw.size()) {
      const uint32_t low = unit(i + 2);
      if (low >= 0xDC00 && low < 0xE000) c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00), i += 2;
      else c = 0xFFFD;
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;
    }
    put_utf8(out, c);
  }
  return out;
}

// Length of the longest valid UTF-8 beginning; a character cut by the end of the head counts as valid.
bool valid_utf8(std::string_view s) {
  for (size_t i = 0; i < s.size();) {
    const auto c = static_cast<uint8_t>(s[i]);
    const size_t n = c < 0x80 ? 1 : c >= 0xC2 && c < 0xE0 ? 2 : c >= 0xE0 && c < 0xF0 ? 3 : c >= 0xF0 && c < 0xF5 ? 4 : 0;
    if (!n) return false;
    for (size_t k = 1; k < n; ++k) {
      if (i + k >= s.size()) return true;
      if ((static_cast<uint8_t>(s[i + k]) & 0xC0) != 0x80) return false;
    }
    i += n;
  }
  return true;
}

std::string from_windows1252(std::string_view raw) {
  static constexpr std::array<uint16_t, 32> kHigh{0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                                  0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                                  0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  std::string out;
  for (const char c : raw) {
    const auto b = static_cast<uint8_t>(c);
    put_utf8(out, b >= 0x80 && b < 0xA0 ? kHigh[b - 0x80] : b);
  }
  return out;
}

void sniff_xml(Sniffed& s) {
  const std::string_view t = s.text;
  size_t i = 0;
  const auto skip_past = [&](std::string_view end) {
    const size_t at = t.find(end, i);
    i = at == t.npos ? t.size() : at + end.size();
  };
  for (;;) {  // declaration, comments, DOCTYPE
    while (i < t.size() && space(t[i])) ++i;
    if (i >= t.size() || t[i] != '<') return;
    const std::string_view rest = t.substr(i);
    if (rest.starts_with("<?")) {
      skip_past("?>");
    } else if (rest.starts_with("<!--")) {
      skip_past("-->");
    } else if (rest.starts_with("<!")) {
      int depth = 0;
      for (; i < t.size(); ++i) {
        if (t[i] == '[') ++depth;
        if (t[i] == ']') --depth;
        if (t[i] == '>' && depth <= 0) {
          ++i;
          break;
        }
      }
    } else {
      break;
    }
  }
  const auto name_end = [&](size_t from) {
    while (from < t.size() && !space(t[from]) && t[from] != '>' && t[from] != '/' && t[from] != '=') ++from;
    return from;
  };
  const size_t end = name_end(++i);
  const std::string_view name = t.substr(i, end - i);
  if (name.empty() || end == t.size()) return;
  const size_t colon = name.find(':');
  const std::string declares = colon == name.npos ? "xmlns" : "xmlns:" + std::string(name.substr(0, colon));
  s.root_name = name.substr(colon == name.npos ? 0 : colon + 1);
  for (i = end; i < t.size();) {  // its attributes
    while (i < t.size() && space(t[i])) ++i;
    if (i >= t.size() || t[i] == '>' || t[i] == '/') return;
    const size_t stop = name_end(i);
    const std::string_view attribute = t.substr(i, stop - i);
    i = stop;
    while (i < t.size() && (space(t[i]) || t[i] == '=')) ++i;
    if (i >= t.size() || (t[i] != '"' && t[i] != '\'')) return;
    const size_t close = t.find(t[i], i + 1);
    if (close == t.npos) return;
    if (attribute == declares) s.root_namespace = t.substr(i + 1, close - i - 1);
    i = close + 1;
  }
}

void sniff_json(Sniffed& s) {
  const std::string_view t = s.text;
  size_t i = 0;
  const auto blank = [&] {
    while (i < t.size() && space(t[i])) ++i;
  };
  blank();
  while (i < t.size() && t[i] == '[') ++i, blank();  // an array of objects: the first one shows the keys
  if (i >= t.size() || t[i] != '{') return;
  ++i;
  // Open containers below the first object: where the members of an object stand ("response > Event"). An array is passed
  // through, as if each thing in it stood in its place.
  struct Open {
    std::string path;
    bool object, key_next;
  };
  std::vector<Open> open{{"", true, true}};
  std::string last;  // the member whose value comes next
  while (i < t.size() && !open.empty() && s.json_keys.size() < kMostKeys) {
    const char c = t[i];
    if (c == '"') {
      std::string word;
      size_t k = i + 1;
      for (; k < t.size() && t[k] != '"'; ++k) {
        if (t[k] == '\\') ++k;
        if (k < t.size()) word += t[k];
      }
      if (k >= t.size()) return;
      i = k + 1;
      Open& at = open.back();
      if (at.object && at.key_next) {
        blank();
        at.key_next = false;
        if (i >= t.size() || t[i] != ':') continue;
        if (open.size() == 1) {
          last = word.substr(0, kTextSize);
          s.json_keys.push_back(std::move(word));
          s.json_texts.emplace_back();
        } else {
          last.clear();
          if (at.path.empty() || at.path.size() + word.size() > kTextSize || s.json_paths.size() >= kMostKeys) continue;
          last = at.path + std::string(kInside) + word;
          s.json_paths.insert(last);
        }
      } else if (open.size() == 1 && !s.json_texts.empty() && s.json_texts.back().empty()) {
        s.json_texts.back() = word.substr(0, kTextSize);
      }
      continue;
    }
    if (c == '{' || c == '[') {
      const bool in_array = !open.back().object;
      const std::string path = open.size() > kDeepest ? std::string() : in_array ? open.back().path : last;
      open.push_back({path, c == '{', true});
    }
    if (c == '}' || c == ']') open.pop_back();
    if (c == ',' && !open.empty()) open.back().key_next = true;
    ++i;
  }
}

std::string folded(std::string_view cell) {
  while (!cell.empty() && space(cell.front())) cell.remove_prefix(1);
  while (!cell.empty() && space(cell.back())) cell.remove_suffix(1);
  std::string out(cell);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}

// One line of a table; quotes as RFC 4180 has them.
std::vector<std::string> split_row(std::string_view line, char by) {
  std::vector<std::string> out;
  std::string cell;
  bool quoted = false;
  for (size_t i = 0; i < line.size() && out.size() < 100000; ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') cell += c;
      else if (i + 1 < line.size() && line[i + 1] == '"') cell += c, ++i;
      else quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == by) {
      out.push_back(folded(cell));
      cell.clear();
    } else {
      cell += c;
    }
  }
  out.push_back(folded(cell));
  return out;
}

void sniff_table(Sniffed& s) {
  std::string_view t = s.text;
  while (!t.empty() && (t.front() == '\n' || t.front() == '\r')) t.remove_prefix(1);
  size_t end = 0;  // the first line end outside of quotes
  for (bool quoted = false; end < t.size() && (quoted || (t[end] != '\n' && t[end] != '\r')); ++end)
    if (t[end] == '"') quoted = !quoted;
  const std::string_view line = t.substr(0, end);
  if (line.empty()) return;
  for (const char by : {',', ';', '\t', '|'}) {
    auto row = split_row(line, by);
    if (row.size() > 1 || s.headers.empty()) s.headers.push_back(std::move(row));
  }
}

void sniff_sheets(Sniffed& s) {
  std::string_view rest = std::string_view(s.text).substr(read::kSheetText.size());
  for (size_t end; (end = rest.find('\n')) != rest.npos && s.sheet_rows.size() < 10'000; rest.remove_prefix(end + 1)) {
    std::string_view line = rest.substr(0, end);
    if (line.starts_with("%rows")) return;
    if (!line.starts_with("%head\t")) continue;
    Sniffed::SheetRow row;
    size_t n = 0;
    for (size_t at = 6; at <= line.size(); ++n) {
      const size_t stop = std::min(line.find('\t', at), line.size());
      const std::string_view field = line.substr(at, stop - at);
      at = stop + 1;
      if (n == 0) std::from_chars(field.data(), field.data() + field.size(), row.sheet);
      if (n == 1) std::from_chars(field.data(), field.data() + field.size(), row.row);
      const size_t equals = field.find('=');
      if (n < 2 || equals == field.npos) continue;
      if (const auto ref = read::cell_ref(field.substr(0, equals)))
        row.cells.emplace_back(ref->column, folded(read::unescaped(field.substr(equals + 1))));
    }
    s.sheet_rows.push_back(std::move(row));
  }
}

// The columns stand in this row, or in this row and the one above it, where a title spans several columns.
bool in_row(const std::vector<std::string>& wanted, const Sniffed::SheetRow& row, const Sniffed::SheetRow* above) {
  std::vector<std::string> names;
  for (const auto& [column, text] : row.cells) {
    names.push_back(text);
    const std::string* title = nullptr;
    if (above)
      for (const auto& [over, words] : above->cells)
        if (over <= column) title = &words;
    if (title) names.push_back(*title + " " + text);
  }
  if (above)
    for (const auto& [column, text] : above->cells)
      if (std::none_of(row.cells.begin(), row.cells.end(), [&](const auto& cell) { return cell.first == column; })) names.push_back(text);
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& w) { return std::find(names.begin(), names.end(), w) != names.end(); });
}

int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

std::string unescape(std::string_view text) {  // \xHH, \n, \t, \\ in magic=
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 >= text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size() && hex(text[i + 1]) >= 0 && hex(text[i + 2]) >= 0)
      out += static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2])), i += 2;
    else out += c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c == '0' ? '\0' : c;
  }
  return out;
}

// "http://x/*#Media" fits what begins with http://x/, goes on with any text and then has #Media.
bool begins_like(std::string_view text, std::string_view pattern) {
  for (bool anywhere = false;; anywhere = true) {
    const size_t star = pattern.find('*');
    const std::string_view piece = pattern.substr(0, star);
    const size_t at = anywhere ? text.find(piece) : text.starts_with(piece) ? 0 : text.npos;
    if (at == text.npos) return false;
    text.remove_prefix(at + piece.size());
    if (star == pattern.npos) return true;
    pattern.remove_prefix(star + 1);
  }
}

}  // namespace

const char* name_of(TextEncoding e) {
  switch (e) {
    case TextEncoding::utf8: return "UTF-8";
    case TextEncoding::utf8_bom: return TR_NOOP("UTF-8 with BOM");
    case TextEncoding::utf16le: return "UTF-16LE";
    case TextEncoding::utf16be: return "UTF-16BE";
    case TextEncoding::windows1252: return "Windows-1252";
    case TextEncoding::binary: return "binary";
  }
  return "";
}

Sniffed sniff(std::string_view head) {
  head = head.substr(0, kHeadSize);
  Sniffed s;
  if (head.starts_with("\xEF\xBB\xBF")) {
    s.encoding = TextEncoding::utf8_bom;
    s.text = head.substr(3);
  } else if (head.starts_with("\xFF\xFE") || (head.size() > 3 && head[0] && !head[1] && head[2] && !head[3])) {
    s.encoding = TextEncoding::utf16le;
    s.text = from_utf16(head.substr(head.starts_with("\xFF\xFE") ? 2 : 0), true);
  } else if (head.starts_with("\xFE\xFF") || (head.size() > 3 && !head[0] && head[1] && !head[2] && head[3])) {
    s.encoding = TextEncoding::utf16be;
    s.text = from_utf16(head.substr(head.starts_with("\xFE\xFF") ? 2 : 0), false);
  } else if (head.find('\0') != head.npos) {
    s.encoding = TextEncoding::binary;
    return s;
  } else if (valid_utf8(head)) {
    s.text = head;
  } else {
    s.encoding = TextEncoding::windows1252;
    s.text = from_windows1252(head);
  }
  if (s.text.starts_with(read::kSheetText)) {
    sniff_sheets(s);
    return s;
  }
  sniff_xml(s);
  if (s.root_name.empty()) sniff_json(s);
  if (s.root_name.empty() && s.json_keys.empty()) sniff_table(s);
  return s;
}

uint32_t match_signature(std::string_view signature, const Sniffed& s, std::string_view raw, std::string& why) {
  const size_t equals = signature.find('=');
  if (equals == signature.npos) return 0;
  const std::string_view kind = signature.substr(0, equals), value = signature.substr(equals + 1);
  const auto say = [&](std::string_view english, std::vector<std::string> args) { why = fill(tr(english), args); };
  if (kind == "magic") {
    const std::string bytes = unescape(value);
    if (bytes.empty() || (!raw.starts_with(bytes) && !std::string_view(s.text).starts_with(bytes))) return 0;
    say("it begins with {0}", {std::string(value)});
    return static_cast<uint32_t>(70 + std::min<size_t>(20, 5 * bytes.size()));
  }
  if (kind == "root") {
    if (s.root_name.empty()) return 0;
    const size_t blank = value.rfind(' ');
    const std::string_view ns = blank == value.npos ? "*" : value.substr(0, blank),
                           local = value.substr(blank == value.npos ? 0 : blank + 1);
    if (local != "*" && local != s.root_name) return 0;
    const bool family = ns.size() > 1 && ns.ends_with('*');  // "http://example.org/case/*": any version of it
    if (family ? !s.root_namespace.starts_with(ns.substr(0, ns.size() - 1)) : ns != "*" && ns != s.root_namespace) return 0;
    say("its root element is {0}", {s.root_name});
    return ns == "*" ? 80 : local == "*" ? 85 : 95;
  }
  if (kind == "json-text") {  // a member and how its text begins; * is any text
    const size_t colon = value.find('=');
    if (colon == value.npos) return 0;
    for (size_t i = 0; i < s.json_keys.size(); ++i)
      if (s.json_keys[i] == value.substr(0, colon) && begins_like(s.json_texts[i], value.substr(colon + 1))) {
        say("its member {0} begins with {1}", {s.json_keys[i], std::string(value.substr(colon + 1))});
        return 90;
      }
    return 0;
  }
  // Members that must all be there: "type=bundle + objects", "response > Event > info".
  if (kind == "json-key" && (value.find(kBesides) != value.npos || value.find(kInside) != value.npos)) {
    uint32_t pieces = 0;
    for (std::string_view rest = value; !rest.empty(); ++pieces) {
      const size_t end = rest.find(kBesides);
      const std::string_view piece = rest.substr(0, end);
      rest.remove_prefix(end == rest.npos ? rest.size() : end + kBesides.size());
      const size_t equals_sign = piece.find('=');
      bool there = s.json_paths.contains(std::string(piece));
      for (size_t i = 0; i < s.json_keys.size() && !there; ++i)
        there = equals_sign == piece.npos
                    ? s.json_keys[i] == piece
                    : s.json_keys[i] == piece.substr(0, equals_sign) && begins_like(s.json_texts[i], piece.substr(equals_sign + 1));
      if (!there) return 0;
    }
    say("it has the members {0}", {std::string(value)});
    return std::min<uint32_t>(92, 84 + 2 * pieces);
  }
  if (kind == "json-key") {
    // "*:object" is the key `object` under any prefix: in linked data the prefix is the sender's own choice.
    const auto is_it = [&](const std::string& key) {
      return value.starts_with("*:") ? key.size() >= value.size() && key.ends_with(value.substr(1)) : key == value;
    };
    const auto found = std::find_if(s.json_keys.begin(), s.json_keys.end(), is_it);
    if (found == s.json_keys.end()) return 0;
    say("it has the key {0}", {*found});
    return found == s.json_keys.begin() ? 85 : 80;
  }
  if (kind == "fixed-header") {  // the names in their order, blanks between them, in one of the first lines
    const auto wanted = split_row(value, ',');
    std::string_view rest = s.text;
    for (int line_number = 0; line_number < 10 && !rest.empty(); ++line_number) {
      const size_t end = rest.find_first_of("\r\n");
      const std::string line = folded(rest.substr(0, end));
      rest.remove_prefix(std::min(rest.size(), end == rest.npos ? rest.size() : end + 1));
      size_t at = 0;
      const bool all = !wanted.empty() && std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
        for (size_t found = line.find(name, at); found != line.npos; found = line.find(name, found + 1)) {
          const size_t after = found + name.size();
          if ((found > 0 && !space(line[found - 1])) || (after < line.size() && !space(line[after]))) continue;
          at = after;
          return true;
        }
        return false;
      });
      if (!all) continue;
      say("its header line has the columns {0}", {std::string(value)});
      return static_cast<uint32_t>(65 + std::min<size_t>(25, 3 * wanted.size()));
    }
    return 0;
  }
  if (kind == "sheet-header") {
    const auto wanted = split_row(value, ',');
    for (size_t i = 0; i < s.sheet_rows.size(); ++i) {
      const Sniffed::SheetRow& row = s.sheet_rows[i];
      const Sniffed::SheetRow* above =
          i && s.sheet_rows[i - 1].sheet == row.sheet && s.sheet_rows[i - 1].row + 1 == row.row ? &row - 1 : nullptr;
      if (!in_row(wanted, row, above)) continue;
      say("row {1} of its sheet {2} has the columns {0}", {std::string(value), std::to_string(row.row), std::to_string(row.sheet)});
      return static_cast<uint32_t>(65 + std::min<size_t>(25, 3 * wanted.size()));
    }
    return 0;
  }
  if (kind == "csv-header") {
    const auto wanted = split_row(value, ',');
    for (const auto& header : s.headers) {
      if (!std::all_of(wanted.begin(), wanted.end(),
                       [&](const auto& w) { return std::find(header.begin(), header.end(), w) != header.end(); }))
        continue;
      say("its first line has the columns {0}", {std::string(value)});
      return static_cast<uint32_t>(65 + std::min<size_t>(25, 3 * wanted.size()));  // more columns, less chance
    }
  }
  return 0;
}

}  // namespace casebridge::host

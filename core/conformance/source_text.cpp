#include "conformance/source_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "host/batch_check.hpp"
#include "read/encoding.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::conformance {
namespace {

bool blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == text.npos; }

// 0x80..0x9F of Windows-1252; what has no character there stands for itself.
constexpr uint16_t kWindows[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                   0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                   0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

std::string utf8_of(std::string_view bytes, host::TextEncoding encoding) {
  std::string out;
  if (encoding == host::TextEncoding::utf16le || encoding == host::TextEncoding::utf16be) {
    const bool big = encoding == host::TextEncoding::utf16be;
    const auto unit = [&](size_t i) {
      return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i + (big ? 0 : 1)]) << 8 |
                                   static_cast<unsigned char>(bytes[i + (big ? 1 : 0)]));
    };
    for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
      uint32_t c = unit(i);
      if (c >= 0xD800 && c < 0xDC00 && i + 3 < bytes.size()) c = 0x10000 + ((c - 0xD800) << 10) + (unit(i += 2) - 0xDC00);
      read::append_utf8(out, c);
    }
    return out;
  }
  if (host::valid_utf8(bytes.data(), bytes.size())) return std::string(bytes);
  for (const char byte : bytes) {
    const auto c = static_cast<unsigned char>(byte);
    read::append_utf8(out, c >= 0x80 && c < 0xA0 ? kWindows[c - 0x80] : c);
  }
  return out;
}

void put_entity(std::string& out, std::string_view name) {
  if (name == "amp") out += '&';
  else if (name == "lt") out += '<';
  else if (name == "gt") out += '>';
  else if (name == "quot") out += '"';
  else if (name == "apos") out += '\'';
  else if (name.starts_with('#')) {
    const bool hex = name.size() > 1 && (name[1] == 'x' || name[1] == 'X');
    uint32_t c = 0;
    const std::string_view digits = name.substr(hex ? 2 : 1);
    std::from_chars(digits.data(), digits.data() + digits.size(), c, hex ? 16 : 10);
    if (c && c < 0x110000) read::append_utf8(out, c);
  }
}

std::string without_xml(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i).starts_with("<![CDATA[")) {
      const size_t end = std::min(text.find("]]>", i), text.size());
      out += text.substr(i + 9, end - std::min(end, i + 9));
      i = std::min(text.size(), end + 3);
    } else if (text[i] == '<' && text.find('>', i) != text.npos) {  // a tag or comment between two pieces of text
      i = text.find('>', i) + 1;
    } else if (const size_t end = text[i] == '&' ? text.find(';', i) : text.npos; end != text.npos && end - i < 12) {
      put_entity(out, text.substr(i + 1, end - i - 1));
      i = end + 1;
    } else {
      out += text[i++];
    }
  }
  return out;
}

std::string without_json(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::string out;
  const auto hex = [&](size_t at) {
    uint32_t c = 0;
    if (at + 4 <= text.size()) std::from_chars(text.data() + at, text.data() + at + 4, c, 16);
    return c;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    switch (const char c = text[++i]) {
      case 'n': out += '\n'; break;
      case 't': out += '\t'; break;
      case 'r': out += '\r'; break;
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'u': {
        uint32_t code = hex(i + 1);
        i += 4;
        if (code >= 0xD800 && code < 0xDC00 && i + 6 < text.size())
          code = 0x10000 + ((code - 0xD800) << 10) + (hex(i + 3) - 0xDC00), i += 6;
        read::append_utf8(out, code);
        break;
      }
      default: out += c;
    }
  }
  return out;
}

std::string without_quotes(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') text = text.substr(1, text.size() - 2);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '"' && i + 1 < text.size() && text[i + 1] == '"') ++i;
  }
  return out;
}

void table_leaves(std::string_view bytes, std::vector<Leaf>& out) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);  // offsets name rows; three bytes do not matter
  const std::string_view first = bytes.substr(0, bytes.find('\n'));
  char comma = ',';
  for (const char c : {';', '\t', '|'})
    if (std::count(first.begin(), first.end(), c) > std::count(first.begin(), first.end(), comma)) comma = c;
  std::vector<std::string> header, row;
  std::string cell;
  bool quoted = false, any = false;
  uint64_t begin = 0;
  const auto end_row = [&](size_t next) {
    row.push_back(std::move(cell));
    cell.clear();
    if (any && header.empty()) header = row;
    else if (any)
      for (size_t i = 0; i < std::min(row.size(), header.size()); ++i)
        if (!blank(row[i]) && !blank(header[i])) out.push_back({header[i], begin});
    row.clear();
    any = false;
    begin = next;
  };
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (c == '"') {
      if (quoted && i + 1 < bytes.size() && bytes[i + 1] == '"') cell += bytes[++i];
      else quoted = !quoted;
    } else if (c == comma && !quoted) {
      row.push_back(std::move(cell));
      cell.clear();
      any = true;
    } else if (c == '\n' && !quoted) {
      end_row(i + 1);
    } else if (c != '\r' || quoted) {
      cell += c;
      any = any || c != ' ';
    }
  }
  if (any) end_row(bytes.size());
}

// The first table of a workbook: a sheet of which a row has two cells. Its header is the first row with half as many cells as
// the longest; what it does not name is no field. Under merged titles the names are not looked for.
void sheet_leaves(std::string_view bytes, std::vector<Leaf>& out) {
  struct SheetCell {
    uint32_t column;
    std::string text;
    uint64_t row;
    bool value;
  };
  std::vector<std::vector<SheetCell>> rows;
  bool merged = false;
  const auto end_sheet = [&] {
    size_t most = 0;
    for (const auto& row : rows) most = std::max(most, row.size());
    const auto header = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row.size() * 2 >= most; });
    const bool first = out.empty() && most > 1 && !merged;
    for (auto row = header; first && row != rows.end(); ++row)
      for (const SheetCell& cell : *row)
        for (const SheetCell& name : *header)
          if (row != header && name.column == cell.column && cell.value && !blank(cell.text)) out.push_back({name.text, cell.row});
    rows.clear();
    merged = false;
  };
  for (size_t at = 0; at < bytes.size();) {
    const size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view line = bytes.substr(at, end - at);
    if (line.starts_with("%end")) end_sheet();
    merged = merged || line.starts_with("%merge");
    if (!line.starts_with('%')) {
      rows.emplace_back();
      for (size_t tab = line.find('\t'); tab != line.npos;) {
        const size_t next = line.find('\t', tab + 1);
        const std::string_view field = line.substr(tab + 1, next == line.npos ? line.npos : next - tab - 1);
        tab = next;
        if (field.starts_with('!') && !rows.back().empty()) rows.back().back().value = field == "!date";
        const size_t equals = field.find('=');
        if (const auto ref = equals == field.npos ? std::nullopt : read::cell_ref(field.substr(0, equals)))
          rows.back().push_back({ref->column, read::unescaped(field.substr(equals + 1)), at, true});
      }
    }
    at = end + 1;
  }
}

void json_leaves(std::string_view bytes, std::vector<Leaf>& out) {
  std::string name;
  std::vector<std::string> names;  // of the arrays around us: their items have the array's name
  for (size_t i = 0; i < bytes.size();) {
    const char c = bytes[i];
    if (c == '"') {
      size_t end = i + 1;
      while (end < bytes.size() && bytes[end] != '"') end += bytes[end] == '\\' ? 2 : 1;
      const std::string text = without_json(bytes.substr(i, std::min(end + 1, bytes.size()) - i));
      size_t after = std::min(end + 1, bytes.size());
      while (after < bytes.size() && std::strchr(" \t\r\n", bytes[after])) ++after;
      if (after < bytes.size() && bytes[after] == ':') name = text;
      else if (!blank(text) && !name.empty()) out.push_back({name, i});
      i = std::min(end + 1, bytes.size());
    } else if (c == '[') {
      names.push_back(name), ++i;
    } else if (c == ']') {
      if (!names.empty()) names.pop_back();
      ++i;
    } else if (c == ',' || c == '{') {
      if (c == ',' && !names.empty()) name = names.back();
      ++i;
    } else if ((c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f') {
      if (!name.empty()) out.push_back({name, i});
      while (i < bytes.size() && !std::strchr(",]} \t\r\n", bytes[i])) ++i;
    } else {
      ++i;
    }
  }
}

void xml_leaves(std::string_view bytes, std::vector<Leaf>& out) {
  std::string open;  // the element that began last and has no children so far
  uint64_t text_at = 0;
  for (size_t i = 0; i < bytes.size();) {
    if (bytes[i] != '<') {
      ++i;
      continue;
    }
    if (bytes.substr(i).starts_with("<!--")) {
      i = std::min(bytes.find("-->", i), bytes.size() - 1) + 1;
      continue;
    }
    if (bytes.substr(i).starts_with("<![CDATA[")) {
      i = std::min(bytes.find("]]>", i), bytes.size() - 1) + 1;
      continue;
    }
    const size_t end = std::min(bytes.find('>', i), bytes.size());
    if (i + 1 < bytes.size() && bytes[i + 1] == '/') {
      if (!open.empty() && text_at < i && !blank(bytes.substr(text_at, i - text_at))) out.push_back({open, text_at});
      open.clear();
    } else if (i + 1 < bytes.size() && bytes[i + 1] != '?' && bytes[i + 1] != '!') {
      std::string name(bytes.substr(i + 1, bytes.find_first_of(" \t\r\n/>", i + 1) - i - 1));
      if (const size_t colon = name.rfind(':'); colon != name.npos) name.erase(0, colon + 1);
      open = end > 0 && bytes[end - 1] == '/' ? std::string() : name;
      text_at = end + 1;
    }
    i = std::min(end + 1, bytes.size());
  }
}

}  // namespace

Shape shape_of(std::string_view bytes, const host::Sniffed& seen) {
  if (seen.encoding == host::TextEncoding::binary) return Shape::other;
  if (bytes.starts_with(read::kSheetText)) return Shape::sheets;
  if (!seen.root_name.empty()) return Shape::xml;
  const size_t first = bytes.find_first_not_of("\xEF\xBB\xBF \t\r\n");
  if (!seen.json_keys.empty() || (first != bytes.npos && (bytes[first] == '{' || bytes[first] == '['))) return Shape::json;
  return Shape::table;
}

std::string decoded(std::string_view bytes, host::TextEncoding encoding, Shape shape) {
  const std::string text = utf8_of(bytes, encoding);
  switch (shape) {
    case Shape::xml: return without_xml(text);
    case Shape::json: return without_json(text);
    case Shape::table: return without_quotes(text);
    case Shape::sheets: return read::unescaped(text);
    default: return text;
  }
}

std::vector<Leaf> leaves(std::string_view bytes, Shape shape, bool header) {
  std::vector<Leaf> out;
  if (shape == Shape::table && header) table_leaves(bytes, out);
  if (shape == Shape::sheets) sheet_leaves(bytes, out);
  if (shape == Shape::json) json_leaves(bytes, out);
  if (shape == Shape::xml) xml_leaves(bytes, out);
  return out;
}

}  // namespace casebridge::conformance

#include "emit/escape.hpp"

#include <array>
#include <charconv>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace casebridge::emit {
namespace {

using Table = std::array<bool, 256>;

constexpr Table special(std::string_view signs, bool controls) {
  Table table{};
  for (const char c : signs) table[static_cast<uint8_t>(c)] = true;
  for (size_t i = 0; controls && i < 0x20; ++i) table[i] = true;
  return table;
}
constexpr Table kJson = special("\"\\", true);
constexpr Table kXmlText = special("&<>\xEF", true);  // EF: U+FFFE and U+FFFF begin with it
constexpr Table kXmlAttribute = special("&<>\"\xEF", true);
constexpr Table kHtml = special("&<>\"'", true);

// Length of the run at the start of `text` that needs no escape.
size_t plain_run(std::string_view text, const Table& table) {
  size_t i = 0;
  while (i < text.size() && !table[static_cast<uint8_t>(text[i])]) ++i;
  return i;
}

size_t plain_json_run(std::string_view text) {
  size_t i = 0;
#if defined(__SSE2__)
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x1F);
  for (; i + 16 <= text.size(); i += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + i));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, space), bytes);  // unsigned: byte <= 0x1F
    const __m128i hit = _mm_or_si128(low, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)));
    if (const int mask = _mm_movemask_epi8(hit)) return i + static_cast<size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
  }
#endif
  return i + plain_run(text.substr(i), kJson);
}

void append_xml(std::string& out, std::string_view text, const Table& table) {
  while (true) {
    const size_t run = plain_run(text, table);
    out.append(text.data(), run);
    if (run == text.size()) return;
    text.remove_prefix(run);
    size_t used = 1;
    switch (text[0]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\t': out += "&#x9;"; break;
      case '\n': out += "&#xA;"; break;
      case '\r': out += "&#xD;"; break;
      case '\xEF':
        if (text.size() >= 3 && text[1] == '\xBF' && (text[2] == '\xBE' || text[2] == '\xBF')) {
          out += "\xEF\xBF\xBD";
          used = 3;
        } else {
          out += text[0];
        }
        break;
      default: out += "\xEF\xBF\xBD";  // XML 1.0 cannot hold it; the readers have reported it
    }
    text.remove_prefix(used);
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  size_t run = plain_json_run(text);
  if (run == text.size() && run <= 96) {  // by far the most: all quotes, and the text over them
    out.append(run + 2, '"');
    if (run != 0) std::memcpy(out.data() + out.size() - run - 1, text.data(), run);
    return;
  }
  out += '"';
  for (;; run = plain_json_run(text)) {
    out.append(text.data(), run);
    if (run == text.size()) break;
    const char c = text[run];
    text.remove_prefix(run + 1);
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\t': out += "\\t"; break;
      case '\r': out += "\\r"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default:
        out += "\\u00";
        out += kDigits[static_cast<uint8_t>(c) >> 4];
        out += kDigits[static_cast<uint8_t>(c) & 15];
    }
  }
  out += '"';
}

void append_xml_text(std::string& out, std::string_view text) {
  // White space at either end would be trimmed by a reader of mixed content: as references it stays.
  size_t from = 0, to = text.size();
  while (from < to && text[from] == ' ') ++from, out += "&#x20;";
  while (to > from && text[to - 1] == ' ') --to;
  append_xml(out, text.substr(from, to - from), kXmlText);
  for (size_t i = to; i < text.size(); ++i) out += "&#x20;";
}
void append_xml_attribute(std::string& out, std::string_view text) { append_xml(out, text, kXmlAttribute); }

void append_html(std::string& out, std::string_view text) {
  while (true) {
    const size_t run = plain_run(text, kHtml);
    out.append(text.data(), run);
    if (run == text.size()) return;
    switch (text[run]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      case '\t':
      case '\n':
      case '\r': out += text[run]; break;
      default: out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(run + 1);
  }
}

void append_csv_cell(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

void append_csv_safe(std::string& out, std::string_view text) {
  if (text.empty() || std::string_view("=+-@\t\r'").find(text[0]) == std::string_view::npos) return append_csv_cell(out, text);
  std::string marked("'");
  marked += text;
  append_csv_cell(out, marked);
}

std::string_view csv_unsafe(std::string_view cell) { return !cell.empty() && cell[0] == '\'' ? cell.substr(1) : cell; }

void append_number(std::string& out, uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, static_cast<size_t>(end - digits));
}

}  // namespace casebridge::emit

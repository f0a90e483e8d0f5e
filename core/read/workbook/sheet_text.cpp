#include "read/workbook/sheet_text.hpp"

#include <charconv>

namespace casebridge::read {

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      default: out += c;
    }
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    const char c = text[++i];
    out += c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
  }
  return out;
}

std::string column_name(uint32_t column) {
  std::string out;
  for (; column; column = (column - 1) / 26) out.insert(out.begin(), static_cast<char>('A' + (column - 1) % 26));
  return out;
}

std::optional<CellRef> cell_ref(std::string_view a1) {
  CellRef ref;
  size_t i = 0;
  for (; i < a1.size() && a1[i] >= 'A' && a1[i] <= 'Z' && i < 4; ++i) ref.column = ref.column * 26 + static_cast<uint32_t>(a1[i] - 'A' + 1);
  const auto [end, error] = std::from_chars(a1.data() + i, a1.data() + a1.size(), ref.row);
  if (error != std::errc() || end != a1.data() + a1.size()) return std::nullopt;
  if (!ref.column || ref.column > kMostColumns || !ref.row || ref.row > kMostRows) return std::nullopt;
  return ref;
}

std::optional<CellRange> cell_range(std::string_view text) {
  const size_t colon = text.find(':');
  const auto first = cell_ref(text.substr(0, colon));
  const auto last = colon == text.npos ? first : cell_ref(text.substr(colon + 1));
  if (!first || !last || last->row < first->row || last->column < first->column) return std::nullopt;
  return CellRange{*first, *last};
}

CellRef cell_at(std::string_view line, size_t at) {
  CellRef out{0, 1};
  if (line.empty() || line[0] < '0' || line[0] > '9') return out;
  std::from_chars(line.data(), line.data() + line.size(), out.row);
  for (size_t from = line.find('\t'); from != line.npos && from < at; from = line.find('\t', from + 1)) {
    const std::string_view rest = line.substr(from + 1, 12);
    if (const size_t equals = rest.find('='); equals != rest.npos)
      if (const auto ref = cell_ref(rest.substr(0, equals))) out.column = ref->column;
  }
  return out;
}

}  // namespace casebridge::read

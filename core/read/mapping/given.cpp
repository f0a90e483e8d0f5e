#include "read/mapping/given.hpp"

#include <algorithm>
#include <cstring>

#include "read/mapping/table_set.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::read::mapping {
namespace {

int64_t read(void* self, void* into, uint64_t size) {
  auto& g = *static_cast<Given*>(self);
  const size_t give = std::min<size_t>(size, g.bytes.size() - g.at);
  std::memcpy(into, g.bytes.data() + g.at, give);
  g.at += give;
  return static_cast<int64_t>(give);
}
int64_t seek(void* self, int64_t to) {
  static_cast<Given*>(self)->at = static_cast<size_t>(to);
  return to;
}

std::string cell(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Rows of a test as the table they stand for.
std::string table_of(const std::vector<const Yaml*>& rows, const Reads& reads) {
  std::vector<std::string> names = reads.columns;
  for (const Yaml* row : rows)
    for (const YamlEntry& e : row->entries)
      if (std::find(names.begin(), names.end(), e.key.text) == names.end()) names.push_back(e.key.text);
  const char comma = reads.delimiter.empty() ? ',' : delimited_options(reads).delimiter;
  std::string out;
  if (reads.columns.empty()) {
    for (size_t i = 0; i < names.size(); ++i) out += (i ? std::string(1, comma) : std::string()) + cell(names[i]);
    out += "\n";
  }
  for (const Yaml* row : rows) {
    for (size_t i = 0; i < names.size(); ++i) {
      const Yaml* v = row->find(names[i]);
      out += (i ? std::string(1, comma) : std::string()) + (v && !v->text.empty() ? cell(v->text) : std::string());
    }
    out += "\n";
  }
  return out;
}

std::vector<const Yaml*> rows_of(const Yaml& y) {
  std::vector<const Yaml*> out;
  if (y.is_list())
    for (const Yaml& one : y.items) out.push_back(&one);
  else out.push_back(&y);
  return out;
}

// Rows of a test as the sheet they stand for, in the text that a workbook is read as.
std::string sheet_of(const std::vector<const Yaml*>& rows, const Reads& reads) {
  std::vector<std::string> names = reads.columns;
  for (const Yaml* row : rows)
    for (const YamlEntry& e : row->entries)
      if (std::find(names.begin(), names.end(), e.key.text) == names.end()) names.push_back(e.key.text);
  const bool numbered = !reads.sheet.empty() && reads.sheet.find_first_not_of("0123456789") == std::string::npos;
  const size_t sheet = numbered ? std::clamp<size_t>(std::strtoul(reads.sheet.c_str(), nullptr, 10), 1, 100) : 1;
  std::string out(kSheetText);
  for (size_t i = 1; i <= sheet; ++i) {
    out += "%sheet\t" + std::to_string(i) + "\tvisible\t";
    append_escaped(out, numbered || reads.sheet.empty() || reads.sheet == "all" ? "Sheet" + std::to_string(i) : reads.sheet);
    out += "\n";
  }
  const auto cell = [](uint32_t column, uint32_t row, std::string_view text) {
    std::string field;
    if (text.empty()) return field;
    field = "\t" + column_name(column) + std::to_string(row) + "=";
    append_escaped(field, text);
    return field;
  };
  uint32_t at = reads.header_row ? reads.header_row : 1;
  std::string header = std::to_string(at);
  for (size_t i = 0; i < names.size(); ++i) header += cell(static_cast<uint32_t>(i + 1), at, names[i]);
  if (reads.columns.empty()) out += "%head\t" + std::to_string(sheet) + "\t" + header + "\n";
  out += "%rows\t" + std::to_string(sheet) + "\n";
  if (reads.columns.empty()) {
    out += header + "\n";
    ++at;
  }
  for (const Yaml* row : rows) {
    out += std::to_string(at);
    for (size_t i = 0; i < names.size(); ++i) {
      const Yaml* v = row->find(names[i]);
      out += cell(static_cast<uint32_t>(i + 1), at, v ? std::string_view(v->text) : std::string_view());
    }
    out += "\n";
    ++at;
  }
  return out + "%end\t" + std::to_string(sheet) + "\n";
}

using Places = std::vector<std::pair<std::string, std::pair<uint32_t, uint32_t>>>;

std::string value_in(const Yaml& row, const std::string& name) {
  const Yaml* v = row.find(name);
  return v ? v->text : std::string();
}

void put(std::string& line, uint32_t first, std::string_view text) {  // places from 1
  if (text.empty()) return;
  line.resize(std::max<size_t>(line.size(), first - 1 + text.size()), ' ');
  line.replace(first - 1, text.size(), text);
}

// Rows as lines of fixed width. A row is of the kind that the test names ({victim: [rows]}), or of the first whose
// conditions its own values meet.
std::string lines_of(const Yaml& given, const Reads& reads) {
  std::vector<std::pair<const Yaml*, const LinesOfKind*>> rows;
  const auto kind_named = [&](const std::string& name) -> const LinesOfKind* {
    const auto at = std::find_if(reads.lines.begin(), reads.lines.end(), [&](const LinesOfKind& k) { return k.name == name; });
    return at == reads.lines.end() ? nullptr : &*at;
  };
  const auto kind_of = [&](const Yaml& row) -> const LinesOfKind* {
    for (const LinesOfKind& kind : reads.lines)
      if (kind.of.empty() &&
          std::all_of(kind.when.begin(), kind.when.end(), [&](const auto& w) { return value_in(row, w.first) == w.second; }))
        return &kind;
    return nullptr;
  };
  const bool by_kind = given.is_map() && !given.entries.empty() &&
                       std::all_of(given.entries.begin(), given.entries.end(),
                                   [&](const YamlEntry& e) { return kind_named(e.key.text) && !e.value.is_text(); });
  if (by_kind)
    for (const YamlEntry& e : given.entries)
      for (const Yaml* row : rows_of(e.value)) rows.emplace_back(row, kind_named(e.key.text));
  else
    for (const Yaml* row : rows_of(given)) rows.emplace_back(row, kind_of(*row));

  Places common = reads.widths;
  if (common.empty()) {  // only the header line says where columns stand: wide enough for all values
    uint32_t at = 1;
    const auto add = [&](const std::string& name) {
      if (std::any_of(common.begin(), common.end(), [&](const auto& c) { return c.first == name; })) return;
      size_t width = name.size();
      for (const auto& [row, kind] : rows) width = std::max(width, value_in(*row, name).size());
      common.push_back({name, {at, at + static_cast<uint32_t>(width) - 1}});
      at += static_cast<uint32_t>(width) + 1;
    };
    if (!reads.headers.empty())
      for (const std::string& name : reads.headers[0]) add(name);
    for (const auto& [row, kind] : rows)
      for (const YamlEntry& e : row->entries) add(e.key.text);
  }
  std::string out;
  if (!reads.headers.empty() || reads.header_row) {
    for (uint32_t i = 1; i < reads.header_row; ++i) out += "\n";
    std::string header;
    for (const auto& [name, at] : common) put(header, at.first, std::string_view(name).substr(0, at.second - at.first + 1));
    out += header + "\n";
  }
  for (const auto& [row, kind] : rows) {
    std::string line;
    if (kind)
      for (const auto& [name, word] : kind->when)
        for (const Places* columns : {static_cast<const Places*>(&common), &kind->columns})
          for (const auto& [column, at] : *columns)
            if (column == name) put(line, at.first, word);
    for (const auto& [name, at] : common) put(line, at.first, std::string_view(value_in(*row, name)).substr(0, at.second - at.first + 1));
    if (kind)
      for (const auto& [name, at] : kind->columns)
        put(line, at.first, std::string_view(value_in(*row, name)).substr(0, at.second - at.first + 1));
    for (const LinesOfKind& part : reads.lines) {
      const Yaml* given_parts = kind && part.of == kind->name ? row->find(part.name) : nullptr;
      if (!given_parts) continue;
      uint32_t shift = 0;
      for (const Yaml* one : rows_of(*given_parts)) {
        for (const auto& [name, at] : part.columns)
          put(line, at.first + shift, std::string_view(value_in(*one, name)).substr(0, at.second - at.first + 1));
        shift += part.every;
      }
    }
    if (reads.line_bytes) line.resize(reads.line_bytes, ' ');
    out += line;
    if (!reads.line_bytes) out += "\n";
  }
  return out;
}

}  // namespace

Given::Given(std::string n, std::string b) : name(std::move(n)), bytes(std::move(b)) {
  raw = {sizeof(cb_input), 0, this, {name.data(), name.size()}, static_cast<int64_t>(bytes.size()), read, seek};
}

std::deque<Given> inputs_of(const Program& p, const Yaml& given) {
  std::deque<Given> out;
  if (given.is_text()) {
    out.emplace_back("test", given.text);
  } else if (!p.reads.tables.empty()) {
    for (const RelatedTable& table : p.reads.tables) {
      const Yaml* rows = given.find(table.name);
      if (!rows) continue;
      const bool sheet = p.reads.reader == Reads::Reader::xlsx;
      out.emplace_back(table.name, sheet ? sheet_of(rows_of(*rows), p.reads) : table_of(rows_of(*rows), p.reads)).table = table.name;
    }
  } else if (p.reads.reader == Reads::Reader::fixed) {
    out.emplace_back("test", lines_of(given, p.reads));
  } else if (p.reads.reader == Reads::Reader::xlsx) {
    out.emplace_back("test", sheet_of(rows_of(given), p.reads));
  } else {
    out.emplace_back("test", table_of(rows_of(given), p.reads));
  }
  return out;
}

}  // namespace casebridge::read::mapping

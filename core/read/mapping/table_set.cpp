#include "read/mapping/table_set.hpp"

#include <algorithm>
#include <set>

#include "read/mapping/row_table.hpp"

namespace casebridge::read::mapping {
namespace {

bool glob(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') {
    for (size_t i = 0; i <= name.size(); ++i)
      if (glob(pattern.substr(1), name.substr(i))) return true;
    return false;
  }
  return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) && glob(pattern.substr(1), name.substr(1));
}

void joins_of(const Path& p, std::set<std::string>& names) {
  if (!p.steps.empty() &&
      std::any_of(p.steps[0].filters.begin(), p.steps[0].filters.end(), [](const Filter& f) { return f.kind == Filter::Kind::joined; }))
    names.insert(p.steps[0].name);
  for (const Step& s : p.steps)
    for (const Filter& f : s.filters) {
      joins_of(f.left, names);
      joins_of(f.right, names);
    }
}

}  // namespace

DelimitedOptions delimited_options(const Reads& reads) {
  DelimitedOptions o;
  if (!reads.delimiter.empty()) o.delimiter = reads.delimiter == "tab" || reads.delimiter == "\\t" ? '\t' : reads.delimiter[0];
  o.encoding = reads.encoding;
  if (!reads.columns.empty()) {
    o.columns = reads.columns;
    o.header_row = 0;
  } else if (reads.header_row) {
    o.header_row = reads.header_row;
  }
  return o;
}

std::string table_named(const Reads& reads, std::string_view file) {
  if (const size_t cut = file.find_last_of("/!"); cut != std::string_view::npos) file.remove_prefix(cut + 1);
  const std::string name = fold(file);
  for (const auto& [table, pattern] : reads.tables) {
    std::string_view plain = pattern;
    if (glob(fold(plain), name)) return table;
    if (name.ends_with(".gz") && glob(fold(plain), std::string_view(name).substr(0, name.size() - 3))) return table;
  }
  return {};
}

void KeptRows::add(const Row& row) {
  std::vector<Cell>& cells = cells_.emplace_back(row.cells.begin(), row.cells.end());
  for (Cell& c : cells) {
    c.text = arena_.keep(c.text);
    bytes_ += c.text.size() + sizeof(Cell);
  }
  rows_.push_back(row);
  rows_.back().cells = cells;
  bytes_ += sizeof(Row);
}

void JoinTables::load(const Program& program, const cb_inputs& inputs, Reporter& reporter) {
  std::set<std::string> wanted;
  for (const Path& p : program.paths) joins_of(p, wanted);
  uint64_t bytes = 0;
  for (const auto& [name, pattern] : program.reads.tables) {
    if (!wanted.count(name)) continue;
    for (uint32_t i = 0; i < inputs.n_inputs; ++i) {
      const cb_input& input = *inputs.inputs[i];
      if (table_named(program.reads, view(input.name)) != name) continue;
      if (!input.seek) throw Failure(CB_E_UNSUPPORTED, "E-MAP-JOIN-INPUT", std::string(view(input.name)));
      const std::unique_ptr<RowTable> table = open_rows(program, input, reporter);
      RowSource::JoinTable& joined = tables_.emplace_back();
      joined.name = name;
      joined.input = static_cast<uint8_t>(i + 1);
      joined.header = table->shape().header;
      KeptRows& kept = kept_.emplace_back();
      while (const Row* row = table->next()) {
        if (row->refused) continue;
        kept.add(*row);
        if (bytes + kept.bytes() > kLimit) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", "the size of a joined table");
      }
      bytes += kept.bytes();
      for (size_t r = 0; r < kept.size(); ++r) joined.rows.push_back(kept[r].cells);
      input.seek(input.self, 0);
    }
  }
}

}  // namespace casebridge::read::mapping

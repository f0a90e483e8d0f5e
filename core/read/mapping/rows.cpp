#include <algorithm>

#include "read/mapping/place.hpp"

namespace casebridge::read::mapping {
namespace {

// A node of a table: a row (column 0) or a cell. Tables from 1 are joined ones, 0 is the unit's own.
constexpr uint64_t node_of(uint64_t table, uint64_t row, uint64_t column) { return table << 48 | row << 16 | column; }
constexpr uint64_t table_of(uint64_t n) { return n >> 48; }
constexpr uint64_t row_of(uint64_t n) { return (n >> 16) & 0xFFFFFFFF; }
constexpr uint64_t column_of(uint64_t n) { return n & 0xFFFF; }

bool like(std::string_view pattern, std::string_view name) {  // * within a name
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  const std::string_view head = pattern.substr(0, star), rest = pattern.substr(star + 1);
  if (!name.starts_with(head)) return false;
  for (size_t i = head.size(); i <= name.size(); ++i)
    if (like(rest, name.substr(i))) return true;
  return false;
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

}  // namespace

RowSource::RowSource(const Program& p, const std::vector<std::string>& header, std::string_view table)
    : RowSource(p, RowShape{header, {}, {}, SIZE_MAX}, table) {}

RowSource::RowSource(const Program& p, const RowShape& shape, std::string_view table)
    : Source(p), table_(table), header_(shape.header), kinds_(shape.kinds), part_of_(shape.part_of), n_common_(shape.n_common) {
  part_of_.resize(kinds_.size());
  if (header_.size() > 0xFFFE) header_.resize(0xFFFE);
  counts_.resize(header_.size() * (kinds_.size() + 1));
  for (size_t i = 0; i < header_.size(); ++i) {
    header_[i] = trimmed(header_[i]);
    columns_.emplace(header_[i], static_cast<int32_t>(i));
    folded_.emplace(fold(header_[i]), static_cast<int32_t>(i));
  }
  for (const auto& [name, others] : p.reads.spellings) {
    if (column(name) >= 0) continue;  // it came under its own name
    for (const std::string& other : others)
      if (const int32_t c = column(other); c >= 0) {
        folded_.emplace(fold(name), c);
        break;
      }
  }
  for (const Path& path : p.paths) {
    const bool simple =
        is_simple(path) &&
        std::none_of(p.reads.tables.begin(), p.reads.tables.end(), [&](const RelatedTable& t) { return t.name == path.steps[0].name; }) &&
        std::find(kinds_.begin(), kinds_.end(), path.steps[0].name) == kinds_.end();
    path_columns_.push_back(simple ? column(path.steps[0].name) : -2);
    const auto optional = [&](const std::string& pattern) { return like(fold(pattern), fold(path.steps[0].name)); };
    if (simple && path_columns_.back() < 0 && std::none_of(p.reads.optional.begin(), p.reads.optional.end(), optional))
      missing_.push_back(path.steps[0].name);
  }
  column_of_path = path_columns_.data();
  for (size_t kind = 0; kind <= kinds_.size(); ++kind)
    for (const std::string& name : header_) {
      const std::string_view branch = kind ? std::string_view(kinds_[kind - 1]) : std::string_view(table_);
      int32_t found = -1;
      for (size_t d = 0; d < p.drop.size() && found < 0; ++d) {
        const std::vector<std::string>& names = p.drop[d].names;
        if (names.size() == 1 ? like(names[0], name) : names.size() == 2 && names[0] == branch && like(names[1], name))
          found = static_cast<int32_t>(d);
      }
      drops_.push_back(found);
    }
}

int32_t RowSource::column(std::string_view name) const {
  if (const auto at = columns_.find(std::string(name)); at != columns_.end()) return at->second;
  const auto at = folded_.find(fold(name));
  return at == folded_.end() ? -1 : at->second;
}

void RowSource::join(RowJoins* joins) {
  joins_ = joins;
  joined_ = joins ? &joins->tables() : nullptr;
}

void RowSource::look_up(const Step& s, const Filter& join, std::string_view key, std::vector<uint64_t>& out) {
  const auto table = static_cast<size_t>(find_table(s.name) - joined_->data());
  const size_t from = out.size();
  joins_->rows_with(table, join, key, out);
  for (size_t i = from; i < out.size(); ++i) out[i] = node_of(table + 1, out[i], 0);
}

bool RowSource::orphan() { return joins_ && joins_->take_orphan(table_, row_ ? row_->number : rows_[0].number); }

void RowSource::row(const Row& row) {
  if (joins_) joins_->new_unit();
  row_ = &row;
  rows_.clear();
  new_unit();
  if (mark_rows_.empty()) mark_rows_.emplace_back();
  if (reason_rows_.empty()) reason_rows_.emplace_back();
  const size_t n = row.cells.size();
  mark_rows_[0].assign(n, 0);
  if (reasons_used_ || reason_rows_[0].size() != n) reason_rows_[0].assign(n, 0);
  reasons_used_ = false;
  cells = row.cells.data();
  n_cells = static_cast<uint32_t>(n);
  marks = mark_rows_[0].data();
}

void RowSource::rows(const std::vector<Row>& rows) {
  if (rows.size() == 1) {
    rows_.clear();
    row(rows[0]);
    return;
  }
  if (joins_) joins_->new_unit();
  new_unit();
  row_ = nullptr;
  cells = nullptr;
  rows_ = rows;
  mark_rows_.resize(std::max(mark_rows_.size(), rows.size()));
  reason_rows_.resize(std::max(reason_rows_.size(), rows.size()));
  for (size_t r = 0; r < rows.size(); ++r) {
    mark_rows_[r].assign(rows[r].cells.size(), 0);
    reason_rows_[r].assign(rows[r].cells.size(), 0);
  }
}

const RowSource::JoinTable* RowSource::find_table(std::string_view name) const {
  if (joined_)
    for (const JoinTable& t : *joined_)
      if (t.name == name) return &t;
  return nullptr;
}

const Cell* RowSource::cell(uint64_t n) const {
  if (n >= kRoot || column_of(n) == 0) return nullptr;
  const uint64_t c = column_of(n) - 1, r = row_of(n);
  if (const uint64_t t = table_of(n); t > 0) {
    const std::span<const Cell> row = (*joined_)[t - 1].rows[r];
    return c < row.size() ? &row[c] : nullptr;
  }
  const Row& row = row_ ? *row_ : rows_[r];
  return c < row.cells.size() ? &row.cells[c] : nullptr;
}

Range RowSource::place(uint64_t n) const {
  if (n != kNowhere && n != kRoot && table_of(n) == 0 && !row_) return {rows_[row_of(n)].offset, rows_[row_of(n)].length};
  const Row& row = row_ ? *row_ : rows_[0];
  return {row.offset, row.length};
}

void RowSource::more_places(std::vector<Range>& out) const {
  out.clear();
  for (size_t r = 1; r < rows_.size(); ++r)
    if (!rows_[r].part) out.push_back({rows_[r].offset, rows_[r].length});
}

void RowSource::mark(uint64_t n) {
  if (n >= kRoot || column_of(n) == 0 || table_of(n) != 0) return;
  const uint64_t r = row_of(n), c = column_of(n) - 1;
  if (c >= mark_rows_[r].size()) return;
  uint8_t& m = mark_rows_[r][c];
  if (m >= static_cast<uint8_t>(disposition_)) return;
  m = static_cast<uint8_t>(disposition_);
  reason_rows_[r][c] = reason_;
  reasons_used_ = true;
}

Val RowSource::value(uint64_t n) const {
  Val v;
  v.node = n;
  const Cell* c = cell(n);
  if (!c) return v;
  v.text = trimmed(c->text);
  const bool plain = c->length == c->text.size();
  v.offset = plain ? c->offset + static_cast<uint64_t>(v.text.data() - c->text.data()) : c->offset;
  v.calendar = c->quoted == kCalendar;
  v.length = plain ? static_cast<uint32_t>(v.text.size()) : c->length;
  if (const uint64_t t = table_of(n)) v.input = (*joined_)[t - 1].input;  // its place is in another file
  return v;
}

std::string_view RowSource::name_of(uint64_t n) const {
  if (n >= kRoot || column_of(n) == 0) return {};
  const uint64_t c = column_of(n) - 1;
  const std::vector<std::string>& names = table_of(n) ? (*joined_)[table_of(n) - 1].header : header_;
  return c < names.size() ? std::string_view(names[c]) : std::string_view();
}

bool RowSource::has(uint64_t n) const {
  const Cell* c = cell(n);
  return c ? !trimmed(c->text).empty() : n != kNowhere;
}

void RowSource::step(uint64_t from, const Step& s, bool first, bool joined, std::vector<uint64_t>& out) {
  const size_t n_rows = row_ ? 1 : rows_.size();
  const auto cells_of = [&](uint64_t table, uint64_t row, const std::vector<std::string>& names, int32_t known) {
    if (s.axis == Step::Axis::any) {
      for (size_t c = 0; c < names.size(); ++c) out.push_back(node_of(table, row, c + 1));
    } else if (known >= 0) {
      out.push_back(node_of(table, row, static_cast<uint64_t>(known) + 1));
    } else if (table) {
      const std::string want = fold(s.name);
      for (size_t c = 0; c < names.size(); ++c)
        if (fold(names[c]) == want) {
          out.push_back(node_of(table, row, c + 1));
          break;
        }
    }
  };
  switch (s.axis) {
    case Step::Axis::self: out.push_back(from); return;
    case Step::Axis::parent:
      if (from < kRoot && column_of(from)) out.push_back(row_ && table_of(from) == 0 ? kRoot : node_of(table_of(from), row_of(from), 0));
      else if (from < kRoot && !row_ && table_of(from) == 0 && rows_[row_of(from)].part)
        out.push_back(node_of(0, line_of(row_of(from)), 0));
      else out.push_back(kRoot);
      return;
    case Step::Axis::child:
    case Step::Axis::any: break;
    default: return;
  }
  if (s.axis == Step::Axis::child && !row_ && from < kRoot && column_of(from) == 0 && table_of(from) == 0) {
    // From a line: the parts of it.
    const Row& line = rows_[row_of(from)];
    const auto kind = std::find(kinds_.begin(), kinds_.end(), s.name);
    if (kind != kinds_.end() && line.kind && part_of_[static_cast<size_t>(kind - kinds_.begin())] == line.kind) {
      const auto wanted = static_cast<uint32_t>(kind - kinds_.begin()) + 1;
      for (size_t r = row_of(from) + 1; r < n_rows && rows_[r].part; ++r)
        if (rows_[r].kind == wanted) out.push_back(node_of(0, r, 0));
      return;
    }
  }
  if (first && s.axis == Step::Axis::child) {
    if (joined)
      if (const JoinTable* t = find_table(s.name)) {
        const auto index = static_cast<uint64_t>(t - joined_->data()) + 1;
        for (size_t r = 0; r < t->rows.size(); ++r) out.push_back(node_of(index, r, 0));
        return;
      }
    if (!table_.empty() && s.name == table_) {
      if (row_) out.push_back(kRoot);
      else
        for (size_t r = 0; r < n_rows; ++r) out.push_back(node_of(0, r, 0));
      return;
    }
    if (const auto kind = std::find(kinds_.begin(), kinds_.end(), s.name); kind != kinds_.end()) {
      const auto wanted = static_cast<uint32_t>(kind - kinds_.begin()) + 1;
      if (row_ && row_->kind == wanted) out.push_back(kRoot);
      for (size_t r = 0; !row_ && r < n_rows; ++r)
        if (rows_[r].kind == wanted) out.push_back(node_of(0, r, 0));
      return;
    }
  }
  const int32_t known = s.axis == Step::Axis::child ? column(s.name) : -1;
  if (from == kRoot) {
    for (size_t r = 0; r < n_rows; ++r) cells_of(0, r, header_, known);
  } else if (from < kRoot && column_of(from) == 0) {
    if (const uint64_t t = table_of(from)) cells_of(t, row_of(from), (*joined_)[t - 1].header, -1);
    else cells_of(0, row_of(from), header_, known);
  }
}

void RowSource::leftovers(std::vector<Unmapped>& out) {
  const size_t n_rows = row_ ? 1 : rows_.size();
  for (size_t r = 0; r < n_rows; ++r) {
    const Row& row = row_ ? *row_ : rows_[r];
    const std::vector<uint8_t>& marked = mark_rows_[r];
    const size_t n = std::min(row.cells.size(), header_.size());
    for (size_t c = 0; c < row.cells.size(); ++c) {
      if (row.cells[c].text.empty()) continue;
      if (c >= n) {  // a cell beyond the header has no name
        out.push_back({"", trimmed(row.cells[c].text), row.cells[c].offset, row.cells[c].length});
        continue;
      }
      const size_t at = count_of(row, c);
      Count& count = counts_[at];
      switch (static_cast<Disposition>(marked[c])) {
        case Disposition::mapped: ++count.mapped; break;
        case Disposition::ext: ++count.ext; break;
        case Disposition::dropped: ++count.dropped[reason_rows_[r][c]]; break;
        default:
          if (drops_[at] >= 0) ++count.pattern;
          else {
            ++count.unmapped;
            out.push_back({header_[c], trimmed(row.cells[c].text), row.cells[c].offset, row.cells[c].length});
          }
      }
    }
  }
}

void RowSource::skipped(std::string_view reason) {
  std::vector<uint64_t>& count = skipped_[std::string(reason)];
  count.resize(counts_.size());
  const size_t n_rows = row_ ? 1 : rows_.size();
  for (size_t r = 0; r < n_rows; ++r) {
    const Row& row = row_ ? *row_ : rows_[r];
    for (size_t c = 0; c < row.cells.size() && c < header_.size(); ++c) count[count_of(row, c)] += !row.cells[c].text.empty();
  }
}

void RowSource::tell(Loss& loss) const {
  for (size_t c = 0; c < counts_.size(); ++c) {
    const size_t kind = c / header_.size(), column = c % header_.size();
    const std::string name = kind             ? kinds_[kind - 1] + "/" + header_[column]
                             : table_.empty() ? header_[column]
                                              : table_ + "/" + header_[column];
    const Count& count = counts_[c];
    if (count.mapped) loss.count(name, Disposition::mapped, "", count.mapped);
    if (count.ext) loss.count(name, Disposition::ext, "", count.ext);
    std::vector<std::pair<uint32_t, uint64_t>> dropped(count.dropped.begin(), count.dropped.end());
    std::sort(dropped.begin(), dropped.end());
    for (const auto& [reason, n] : dropped) loss.count(name, Disposition::dropped, program_.reasons[reason], n);
    if (count.pattern) loss.count(name, Disposition::dropped, program_.drop[static_cast<size_t>(drops_[c])].why, count.pattern);
    if (count.unmapped) loss.count(name, Disposition::unmapped, "", count.unmapped);
    std::vector<std::pair<std::string, uint64_t>> left_out;
    for (const auto& [reason, n] : skipped_)
      if (n[c]) left_out.emplace_back(reason, n[c]);
    std::sort(left_out.begin(), left_out.end());
    for (const auto& [reason, n] : left_out) loss.count(name, Disposition::dropped, reason, n);
  }
}

}  // namespace casebridge::read::mapping

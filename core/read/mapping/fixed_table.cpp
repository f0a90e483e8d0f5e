// Lines of fixed width as rows. Bytes between the columns of the mapping are columns too, named by their place ("26-40"),
// so that text which no column covers is kept and counted as anything else that the mapping does not take.
#include <algorithm>
#include <deque>

#include "read/fixed_width.hpp"
#include "read/mapping/row_table.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr uint32_t kOpenEnd = uint32_t(1) << 30;  // the last column goes on to the end of the line

using Places = std::vector<std::pair<std::string, std::pair<uint32_t, uint32_t>>>;

std::string place_of(uint32_t first, uint32_t last) {
  return std::to_string(first) + "-" + (last >= kOpenEnd ? std::string() : std::to_string(last));
}

bool like(std::string_view pattern, std::string_view name) {  // * within a name
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == name;
  if (!name.starts_with(pattern.substr(0, star))) return false;
  for (size_t i = star; i <= name.size(); ++i)
    if (like(pattern.substr(star + 1), name.substr(i))) return true;
  return false;
}

// What the mapping says of the column: a rule takes it, or it is dropped.
bool known(const Program& p, std::string_view name) {
  const std::string want = fold(name);
  for (const Path& path : p.paths)
    for (const Step& step : path.steps)
      if (fold(step.name) == want) return true;
  for (const auto& [column, others] : p.reads.spellings)
    if (std::any_of(others.begin(), others.end(), [&](const std::string& other) { return fold(other) == want; })) return true;
  return std::any_of(p.drop.begin(), p.drop.end(), [&](const Drop& d) { return !d.names.empty() && like(d.names.back(), name); });
}

class FixedTable final : public RowTable {
 public:
  FixedTable(const Program& p, const cb_input& input, Reporter& reporter)
      : program_(p), reporter_(reporter), lines_(input, options_of(p.reads), reporter) {
    if (lines_.status() != CB_OK) return;
    common_ = p.reads.widths;
    if (!lines_.header().empty()) name_by_header();
    std::vector<FixedColumn> common;
    for (const auto& [name, at] : common_) common.push_back({name, at.first, at.second});
    for (const FixedColumn& c : common) column(c.name);
    shape_.n_common = shape_.header.size();
    std::vector<FixedKind> kinds;
    for (const LinesOfKind& kind : p.reads.lines) shape_.kinds.push_back(kind.name);
    for (uint32_t k = 0; k < p.reads.lines.size(); ++k) {
      const LinesOfKind& kind = p.reads.lines[k];
      shape_.part_of.push_back(kind.of.empty() ? 0 : 1 + kind_named(p.reads, kind.of));
      if (!kind.of.empty()) continue;
      FixedKind made;
      made.name = kind.name;
      for (const auto& [name, word] : kind.when) made.when.push_back({name, word});
      for (const auto& [name, at] : kind.columns) made.columns.push_back({name, at.first, at.second});
      // The columns of its parts are read with those of the line, and cut off behind them.
      LineShape& line = lines_of_.emplace_back();
      line.kind = k + 1;
      line.own = made.columns.size();
      for (uint32_t part = 0; part < p.reads.lines.size(); ++part) {
        const LinesOfKind& repeated = p.reads.lines[part];
        if (repeated.of != kind.name) continue;
        PartShape shape{part + 1, repeated.times, {}};
        for (const auto& [name, at] : repeated.columns) shape.slots.push_back(column(name));
        for (uint32_t i = 0; i < repeated.times; ++i)
          for (const auto& [name, at] : repeated.columns)
            made.columns.push_back({kind.name + "/" + name, at.first + i * repeated.every, at.second + i * repeated.every});
        line.parts.push_back(std::move(shape));
      }
      line.of_parts = made.columns.size() - line.own;
      for (FixedColumn& gap : gaps(common, made.columns)) made.columns.push_back(std::move(gap));
      kinds.push_back(std::move(made));
    }
    if (kinds.empty())
      for (FixedColumn& gap : gaps(common, {})) common.push_back(std::move(gap));
    // Where the cells of each kind stand among all columns.
    slots_.resize(kinds.size() + 1);
    for (size_t k = 0; k <= kinds.size(); ++k) {
      for (const FixedColumn& c : common) slots_[k].push_back(column(c.name));
      for (size_t i = 0; k < kinds.size() && i < kinds[k].columns.size(); ++i) {
        const bool of_part = i >= lines_of_[k].own && i < lines_of_[k].own + lines_of_[k].of_parts;
        slots_[k].push_back(of_part ? kNoSlot : column(kinds[k].columns[i].name));
      }
    }
    n_common_ = common.size();
    lines_.use(std::move(common), std::move(kinds));
    cells_.resize(shape_.header.size());
  }

  const Row* next() override {
    const FixedLine* line = lines_.next();
    if (!line) return nullptr;
    row_ = {};
    row_.offset = line->offset;
    row_.length = line->length;
    row_.line = line->line;
    row_.number = line->number;
    row_.refused = line->refused;
    const bool kind = line->kind != FixedLine::kNoKind;
    if (!kind && !shape_.kinds.empty() && !row_.refused) row_.refused = "E-FIXED-KIND";  // what it says is not known: its bytes are kept
    row_.kind = kind ? lines_of_[line->kind].kind : 0;
    std::fill(cells_.begin(), cells_.end(), Cell{});
    const std::vector<uint32_t>& slots = kind ? slots_[line->kind] : slots_.back();
    for (size_t i = 0; i < std::min(line->cells.size(), slots.size()); ++i)
      if (slots[i] != kNoSlot) cells_[slots[i]] = line->cells[i];
    row_.cells = cells_;
    parts_.clear();
    if (kind && !row_.refused && !lines_of_[line->kind].parts.empty()) cut(*line, lines_of_[line->kind]);
    return &row_;
  }
  std::span<const Row> parts() const override { return parts_; }
  cb_status status() const override { return lines_.status(); }

 private:
  static constexpr uint32_t kNoSlot = UINT32_MAX;
  struct PartShape {
    uint32_t kind, times;
    std::vector<uint32_t> slots;  // of its columns, among all
  };
  struct LineShape {
    uint32_t kind = 0;
    size_t own = 0, of_parts = 0;  // how many columns; they stand in this order behind those of every line
    std::vector<PartShape> parts;
  };

  static uint32_t kind_named(const Reads& reads, std::string_view name) {
    const auto at = std::find_if(reads.lines.begin(), reads.lines.end(), [&](const LinesOfKind& k) { return k.name == name; });
    return static_cast<uint32_t>(at - reads.lines.begin());
  }

  // The parts of a line that hold something, each as a row of its own with its own bytes.
  void cut(const FixedLine& line, const LineShape& shape) {
    size_t n = 0;  // of parts, in part_cells_
    size_t at = n_common_ + shape.own;
    for (const PartShape& part : shape.parts)
      for (uint32_t i = 0; i < part.times; ++i, at += part.slots.size()) {
        uint64_t from = UINT64_MAX, to = 0;
        for (size_t c = at; c < at + part.slots.size() && c < line.cells.size(); ++c)
          if (const Cell& cell = line.cells[c]; !cell.text.empty()) {
            from = std::min(from, cell.offset);
            to = std::max(to, cell.offset + cell.length);
          }
        if (to == 0) continue;
        if (n == part_cells_.size()) part_cells_.emplace_back();
        std::vector<Cell>& cells = part_cells_[n++];
        cells.assign(cells_.size(), Cell{});
        for (size_t c = 0; c < part.slots.size() && at + c < line.cells.size(); ++c) cells[part.slots[c]] = line.cells[at + c];
        Row& row = parts_.emplace_back();
        row.offset = from;
        row.length = to - from;
        row.line = line.line;
        row.number = line.number;
        row.kind = part.kind;
        row.part = true;
      }
    for (size_t i = 0; i < n; ++i) parts_[i].cells = part_cells_[i];
  }

  static FixedOptions options_of(const Reads& reads) {
    FixedOptions o;
    o.encoding = reads.encoding;
    o.header_line = reads.header_row ? reads.header_row : reads.headers.empty() ? 0 : 1;
    o.characters = reads.characters;
    o.line_bytes = reads.line_bytes;
    return o;
  }

  uint32_t column(const std::string& name) {  // of this name, made if it is not there
    const auto at = std::find(shape_.header.begin(), shape_.header.end(), name);
    if (at != shape_.header.end()) return static_cast<uint32_t>(at - shape_.header.begin());
    shape_.header.push_back(name);
    return static_cast<uint32_t>(shape_.header.size() - 1);
  }

  static std::vector<FixedColumn> gaps(const std::vector<FixedColumn>& common, const std::vector<FixedColumn>& own) {
    std::vector<std::pair<uint32_t, uint32_t>> covered;
    for (const auto* columns : {&common, &own})
      for (const FixedColumn& c : *columns) covered.emplace_back(c.first, c.last);
    std::sort(covered.begin(), covered.end());
    std::vector<FixedColumn> out;
    uint32_t next = 1;
    for (const auto& [first, last] : covered) {
      if (first > next) out.push_back({place_of(next, first - 1), next, first - 1});
      next = std::max(next, last + 1);
    }
    if (next < kOpenEnd) out.push_back({place_of(next, kOpenEnd), next, kOpenEnd});
    return out;
  }

  // The words of the header line from `i` on that are one name: the longest name that the mapping knows, else one word.
  std::string name_at(size_t i, size_t end, size_t& n) const {
    const std::span<const FixedWord> words = lines_.header();
    std::string name = words[i].text, found = name;
    n = 1;
    for (size_t k = i + 1; k < std::min(end, i + 8) && words[k].first == words[k - 1].last + 2; ++k) {
      name += " " + words[k].text;
      if (known(program_, name)) found = name, n = k - i + 1;
    }
    return found;
  }

  // Columns for the words i .. end: each begins at its word (the first of them at `first`) and ends before the next one.
  void derive(size_t i, size_t end, uint32_t first, uint32_t last, Places& out) {
    const std::span<const FixedWord> words = lines_.header();
    while (i < end) {
      size_t n = 1;
      const std::string name = name_at(i, end, n);
      const uint32_t stop = i + n < end ? words[i + n].first - 1 : last;
      out.emplace_back(name, std::pair(first, stop));
      if (!known(program_, name)) tell_unknown(name, i, i + n, first, stop);
      first = stop + 1;
      i += n;
    }
  }

  void tell_unknown(const std::string& name, size_t i, size_t end, uint32_t first, uint32_t last) {
    const FixedWord &a = lines_.header()[i], &b = lines_.header()[end - 1];
    reporter_.report("E-FIXED-UNKNOWN", {name, place_of(first, last)}, a.offset, b.offset + b.length - a.offset);
  }

  // Another name of the column that the mapping allows.
  bool spelled(const std::string& name, const std::string& got) const {
    for (const auto& [column, others] : program_.reads.spellings)
      if (column == name && std::any_of(others.begin(), others.end(), [&](const std::string& other) { return fold(other) == got; }))
        return true;
    return false;
  }

  void name_by_header() {
    const std::span<const FixedWord> words = lines_.header();
    if (common_.empty()) return derive(0, words.size(), 1, kOpenEnd, common_);
    // Places are given beside the header line: what it says there is the name of the column tonight.
    std::vector<uint8_t> used(words.size());
    for (auto& [name, at] : common_) {
      std::string said;
      size_t from = words.size(), to = 0;
      for (size_t i = 0; i < words.size(); ++i)
        if (words[i].first >= at.first && words[i].first <= at.second) {
          said += (said.empty() ? "" : " ") + words[i].text;
          from = std::min(from, i);
          to = i + 1;
          used[i] = 1;
        }
      const std::string want = fold(name), got = fold(said);
      const bool cut = got.size() >= at.second - at.first && want.starts_with(got);  // a name wider than its column
      if (said.empty() || want == got || cut) continue;
      if (spelled(name, got)) {
        name = said;
        continue;
      }
      const uint64_t begin = words[from].offset, end = words[to - 1].offset + words[to - 1].length;
      reporter_.report("E-FIXED-RENAMED", {said, place_of(at.first, at.second), name}, begin, end - begin);
      name = said;
    }
    std::vector<FixedColumn> common;
    for (const auto& [name, at] : common_) common.push_back({name, at.first, at.second});
    for (const FixedColumn& gap : gaps(common, {})) {
      size_t from = words.size(), to = 0;
      for (size_t i = 0; i < words.size(); ++i)
        if (!used[i] && words[i].first >= gap.first && words[i].first <= gap.last) from = std::min(from, i), to = i + 1;
      if (from < to) derive(from, to, gap.first, gap.last, common_);
    }
  }

  const Program& program_;
  Reporter& reporter_;
  FixedWidth lines_;
  Places common_;
  std::vector<std::vector<uint32_t>> slots_;  // per kind, the last for lines without kind
  std::vector<LineShape> lines_of_;           // in the order of the kinds that lines_ knows
  size_t n_common_ = 0;
  std::vector<Cell> cells_;
  Row row_;
  std::vector<Row> parts_;
  std::deque<std::vector<Cell>> part_cells_;
};

}  // namespace

std::unique_ptr<RowTable> open_fixed(const Program& p, const cb_input& input, Reporter& reporter) {
  return std::make_unique<FixedTable>(p, input, reporter);
}

}  // namespace casebridge::read::mapping

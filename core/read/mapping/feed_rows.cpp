// Rows (delimited text, lines of fixed width, sheets): a row is a source record, or all rows with one value in the group
// columns.
#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>

#include "base/text.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr uint64_t kGroupLimit = uint64_t(768) << 20;  // of rows held for grouping

// Rows copied out of a reader, without their empty cells: a line of one kind has few of the columns of all kinds.
class SparseRows {
 public:
  void add(const Row& row) {
    Kept& kept = rows_.emplace_back(Kept{row, cells_.size(), 0});
    kept.n_cells = row.cells.size();
    kept.row.cells = {};
    for (uint32_t c = 0; c < row.cells.size(); ++c) {
      if (row.cells[c].text.empty()) continue;
      Cell cell = row.cells[c];
      cell.text = arena_.keep(cell.text);
      bytes_ += cell.text.size() + sizeof(std::pair<uint32_t, Cell>);
      cells_.emplace_back(c, cell);
    }
    bytes_ += sizeof(Kept);
  }
  Row row(size_t i, std::vector<Cell>& cells) const {  // `cells`: where its cells are put, for as long as the row is used
    const Kept& kept = rows_[i];
    cells.assign(kept.n_cells, Cell{});
    const size_t end = i + 1 < rows_.size() ? rows_[i + 1].first : cells_.size();
    for (size_t c = kept.first; c < end; ++c) cells[cells_[c].first] = cells_[c].second;
    Row row = kept.row;
    row.cells = cells;
    return row;
  }
  size_t size() const { return rows_.size(); }
  uint64_t bytes() const { return bytes_; }

 private:
  struct Kept {
    Row row;
    size_t first, n_cells;
  };
  Arena arena_;
  std::deque<std::pair<uint32_t, Cell>> cells_;
  std::deque<Kept> rows_;
  uint64_t bytes_ = 0;
};

class RowFeed final : public Feed {
 public:
  RowFeed(const Program& p, const cb_input& input, uint32_t index, const std::string& table, std::vector<RowSource::JoinTable>* joins,
          Reporter& reporter)
      : program_(p), table_(open_rows(p, input, reporter)), source_(p, table_->shape(), table) {
    source_.input = index;
    source_.join(joins);
    std::vector<std::string_view> names(table_->shape().header.begin(), table_->shape().header.end());
    if (table_->status() == CB_OK && p.reads.refuse_as.empty() && p.reads.tables.empty())
      for (const std::string& missing : source_.missing_columns())
        reporter.report("E-MAP-COLUMN", {missing, nearest(missing, names)}, 0, 0);
    for (const std::string& place : p.reads.group)
      if (const int32_t c = source_.column(place); c >= 0) group_columns_.push_back(c);
    grouped_ = !p.reads.group.empty() && !group_columns_.empty();
  }

  bool next(Engine& engine, BatchBuilder& out) override {
    if (grouped_) return next_group(engine, out);
    const Row* row = table_->next();
    if (!row) return ended(engine, out);
    if (refused(*row, out)) return true;
    if (const std::span<const Row> parts = table_->parts(); !parts.empty()) {
      unit_.assign(1, *row);
      unit_.insert(unit_.end(), parts.begin(), parts.end());
      source_.rows(unit_);
    } else {
      source_.row(*row);
    }
    start(engine, out);
    engine.unit(source_, out);
    return true;
  }
  void tell(Loss& loss) const override { source_.tell(loss); }

 private:
  void start(Engine& engine, BatchBuilder& out) {
    if (!started_) engine.source_line(source_, out);
    started_ = true;
  }
  bool ended(Engine& engine, BatchBuilder& out) {
    if (table_->status() < 0) throw Failure(table_->status(), "the table cannot be read further");
    if (!started_) {  // an input without rows still says who it is from
      const Row none;
      source_.row(none);
      start(engine, out);
    }
    return false;
  }
  bool refused(const Row& row, BatchBuilder& out) {
    if (!row.refused) return false;
    out.begin_unit({row.offset, row.length}, source_.input);
    out.refuse(row.refused);
    return true;
  }

  // All rows are held: those of one group may lie anywhere in the file. Groups come in the order of their first rows.
  bool next_group(Engine& engine, BatchBuilder& out) {
    if (!collected_) collect();
    if (at_ == groups_.size()) return ended(engine, out);
    if (groups_[at_].empty()) return ++at_, true;
    unit_.clear();
    cells_.resize(std::max(cells_.size(), groups_[at_].size()));
    for (size_t i = 0; i < groups_[at_].size(); ++i) unit_.push_back(kept_.row(groups_[at_][i], cells_[i]));
    ++at_;
    if (refused(unit_[0], out)) return true;
    if (program_.reads.once) leave_out_repeats();
    source_.rows(unit_);
    start(engine, out);
    engine.unit(source_, out);
    return true;
  }
  // A line with its parts that says what an earlier one of the unit says.
  void leave_out_repeats() {
    repeats_.clear();
    std::unordered_set<std::string> said;
    size_t kept = 0;
    for (size_t i = 0; i < unit_.size();) {
      std::string words;
      size_t end = i;
      do {
        for (size_t c = 0; c < unit_[end].cells.size(); ++c)
          if (const std::string_view text = unit_[end].cells[c].text; !text.empty()) {
            words += std::to_string(c) + '\x1F';
            words += text;
            words += '\x1F';
          }
        words += '\x1E';
      } while (++end < unit_.size() && unit_[end].part);
      const bool fresh = said.insert(std::to_string(unit_[i].kind) + '\x1F' + words).second;
      for (; i < end; ++i) {
        if (fresh) unit_[kept++] = unit_[i];
        else repeats_.push_back(unit_[i]);
      }
    }
    unit_.resize(kept);
    if (repeats_.empty()) return;
    source_.rows(repeats_);
    source_.skipped(tr("repeats another line of its source record"));
  }
  void collect() {
    collected_ = true;
    std::unordered_map<std::string, size_t> known;
    std::string key;
    while (const Row* row = table_->next()) {
      key.clear();
      bool any = false;
      for (const int32_t c : group_columns_) {
        if (static_cast<size_t>(c) < row->cells.size()) {
          any = any || !row->cells[static_cast<size_t>(c)].text.empty();
          key += row->cells[static_cast<size_t>(c)].text;
        }
        key += '\x1F';
      }
      kept_.add(*row);
      if (kept_.bytes() > kGroupLimit) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", "the rows held for grouping");
      size_t group = groups_.size();
      if (any && !row->refused) group = known.emplace(key, groups_.size()).first->second;
      if (group == groups_.size()) groups_.emplace_back();
      groups_[group].push_back(kept_.size() - 1);
      for (const Row& part : table_->parts()) {  // they go with their line
        kept_.add(part);
        groups_[group].push_back(kept_.size() - 1);
      }
    }
  }

  const Program& program_;
  std::unique_ptr<RowTable> table_;
  RowSource source_;
  std::vector<int32_t> group_columns_;
  bool grouped_ = false, started_ = false, collected_ = false;
  std::vector<Row> unit_, repeats_;       // the rows at hand, and what only repeats them
  std::vector<std::vector<Cell>> cells_;  // and theirs
  SparseRows kept_;
  std::vector<std::vector<size_t>> groups_;
  size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Feed> row_feed(const Program& p, const cb_input& input, uint32_t index, std::string table,
                               std::vector<RowSource::JoinTable>* joins, Reporter& r) {
  return std::make_unique<RowFeed>(p, input, index, table, joins, r);
}

}  // namespace casebridge::read::mapping

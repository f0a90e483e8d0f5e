// Rows (delimited text, lines of fixed width, sheets): a row is a source record, or all rows with one value in the group
// columns.
#include <algorithm>
#include <deque>
#include <unordered_set>

#include "base/text.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

class RowFeed final : public Feed {
 public:
  RowFeed(const Program& p, const cb_input& input, uint32_t index, const std::string& table, JoinTables* joins, const cb_spill* spill,
          Reporter& reporter)
      : program_(p), joins_(joins), spill_(spill), name_(table), table_(open_rows(p, input, reporter)), source_(p, table_->shape(), table) {
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
    if (joins_) joins_->meet(name_, table_->shape().header, row->cells);
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

  // Rows of one group may lie anywhere in the file. Groups come in the order of their first rows: sorted once by what is equal,
  // and once more by the first row of each group.
  bool next_group(Engine& engine, BatchBuilder& out) {
    if (!groups_) collect();
    if (!more_) return ended(engine, out);
    const uint64_t group = piece_.a;
    unit_.clear();
    arena_.clear();
    do {
      if (cells_.size() == unit_.size()) cells_.emplace_back();
      std::vector<Cell>& cells = cells_[unit_.size()];
      cells.clear();
      Row& row = unit_.emplace_back();
      unpack_row(arena_.keep(piece_.bytes), row, cells);
      row.cells = cells;
      more_ = groups_->next(piece_);
    } while (more_ && piece_.a == group);
    if (refused(unit_[0], out)) return true;
    if (joins_)
      for (const Row& row : unit_) joins_->meet(name_, table_->shape().header, row.cells);
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
    const uint64_t memory = (spill_ ? spill_->memory : kHeldMost) / 2;
    static constexpr const char* kWhat = "the rows held for grouping";
    SortedBytes equal(spill_, memory, kWhat);
    groups_ = std::make_unique<SortedBytes>(spill_, memory, kWhat);
    std::string key, packed;
    uint64_t number = 0;
    while (const Row* row = table_->next()) {
      const bool grouped = !row->refused && key_of(row->cells, key);
      const uint64_t group = grouped ? key_hash(key) : number;  // else it is a group of its own
      SortedBytes& into = grouped ? equal : *groups_;
      pack_row(*row, packed);
      into.add(group, number++, packed);
      for (const Row& part : table_->parts()) {  // they go with their line
        pack_row(part, packed);
        into.add(group, number++, packed);
      }
    }
    equal.sort();
    // Of the rows with one hash, the first row of each key.
    std::vector<std::pair<std::string, uint64_t>> firsts;
    std::vector<Cell> cells;
    uint64_t hash = 0, first = 0;
    for (SortedBytes::Piece piece; equal.next(piece);) {
      if (piece.a != hash) firsts.clear();
      hash = piece.a;
      Row row;
      cells.clear();
      unpack_row(piece.bytes, row, cells);
      if (!row.part) {
        key_of(cells, key);
        const auto known = std::find_if(firsts.begin(), firsts.end(), [&](const auto& f) { return f.first == key; });
        first = known == firsts.end() ? piece.b : known->second;
        if (known == firsts.end()) firsts.emplace_back(key, piece.b);
      }
      groups_->add(first, piece.b, piece.bytes);
    }
    groups_->sort();
    more_ = groups_->next(piece_);
  }
  bool key_of(std::span<const Cell> cells, std::string& key) const {  // false: all of it is empty
    bool any = false;
    key.clear();
    for (const int32_t c : group_columns_) {
      if (static_cast<size_t>(c) < cells.size()) {
        any = any || !cells[static_cast<size_t>(c)].text.empty();
        key += cells[static_cast<size_t>(c)].text;
      }
      key += '\x1F';
    }
    return any;
  }

  const Program& program_;
  JoinTables* joins_;
  const cb_spill* spill_;
  std::string name_;
  std::unique_ptr<RowTable> table_;
  RowSource source_;
  std::vector<int32_t> group_columns_;
  bool grouped_ = false, started_ = false, more_ = false;
  std::unique_ptr<SortedBytes> groups_;  // a: number of the first row of the group, b: of the row
  SortedBytes::Piece piece_;             // the next one of it
  std::vector<Row> unit_, repeats_;      // the rows at hand, and what only repeats them
  std::deque<std::vector<Cell>> cells_;  // and theirs
  Arena arena_;
};

}  // namespace

std::unique_ptr<Feed> row_feed(const Program& p, const cb_input& input, uint32_t index, std::string table, JoinTables* joins,
                               const cb_spill* spill, Reporter& r) {
  return std::make_unique<RowFeed>(p, input, index, table, joins, spill, r);
}

}  // namespace casebridge::read::mapping

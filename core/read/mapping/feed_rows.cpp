// Rows (delimited text, lines of fixed width, sheets): a row is a source record, or all rows with one value in the group
// columns.
#include <algorithm>
#include <unordered_map>

#include "read/mapping/reader.hpp"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr uint64_t kGroupLimit = uint64_t(768) << 20;  // of rows held for grouping

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
    source_.row(*row);
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
    std::vector<Row> rows;
    for (const size_t r : groups_[at_]) rows.push_back(kept_[r]);
    ++at_;
    if (refused(rows[0], out)) return true;
    source_.rows(rows);
    start(engine, out);
    engine.unit(source_, out);
    return true;
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
    }
  }

  const Program& program_;
  std::unique_ptr<RowTable> table_;
  RowSource source_;
  std::vector<int32_t> group_columns_;
  bool grouped_ = false, started_ = false, collected_ = false;
  KeptRows kept_;
  std::vector<std::vector<size_t>> groups_;
  size_t at_ = 0;
};

}  // namespace

std::unique_ptr<Feed> row_feed(const Program& p, const cb_input& input, uint32_t index, std::string table,
                               std::vector<RowSource::JoinTable>* joins, Reporter& r) {
  return std::make_unique<RowFeed>(p, input, index, table, joins, r);
}

}  // namespace casebridge::read::mapping

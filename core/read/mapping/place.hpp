// What paths run over: one source record, be it rows of a table or a tree. The engine asks, the source answers.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "casebridge/batch.hpp"
#include "read/delimited.hpp"
#include "read/mapping/program.hpp"
#include "read/mapping/row_table.hpp"

namespace casebridge::read::mapping {

inline constexpr uint64_t kNowhere = UINT64_MAX;
inline constexpr uint64_t kRoot = UINT64_MAX - 1;  // the source record itself

// A value on its way: a place with its text, or a word of the mapping.
struct Val {
  std::string_view text;  // borrowed from the source record, the program or the engine's arena: until the next unit
  uint64_t node = kNowhere;
  uint64_t offset = 0;  // of the value in the input
  uint32_t length = 0;
  uint32_t hint = 0;          // 1 + index into Program::hints
  std::string_view original;  // the source's word that became `text` through a table
  std::string_view unit;
  uint8_t input = 0;  // Range::other_input: not 0 for a value of a joined table
  bool constant = false, absent = false, token = false;
  bool calendar = false;      // ISO 8601, however the feed writes dates
  bool detached = false;      // `text` is a part of its node: "." is this text
  bool missing_code = false;  // absent because no table knew the word
};

enum class Disposition : uint8_t { none, unmapped, dropped, ext, mapped };  // a later one outranks an earlier one

// What became of each place of the source, for the loss report.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual void count(std::string_view place, Disposition, std::string_view reason, uint64_t n) = 0;
};

struct Unmapped {
  std::string_view name, text;
  uint64_t offset;
  uint32_t length;
};

class Source {
 public:
  explicit Source(const Program& p) : program_(p) {}
  virtual ~Source() = default;
  // Appends what `path` means seen from `from`; `disposition` is marked on every place found.
  void find(uint32_t path, const Val& from, std::vector<Val>& out) { find(program_.paths[path], from, out); }
  void find(const Path& path, const Val& from, std::vector<Val>& out);
  void mark_as(Disposition d, uint32_t reason) {
    disposition_ = d;
    reason_ = reason;
  }
  Disposition marking() const { return disposition_; }
  uint32_t marking_reason() const { return reason_; }

  virtual bool filled(uint64_t node) const { return has(node); }  // without text of its own, but something hangs on it
  virtual std::string_view table() const { return {}; }           // of the rows of this unit
  virtual Range place(uint64_t node) const = 0;                   // of the record made there
  virtual bool orphan() { return false; }                         // a row for joins alone whose key stands in no other table: true once
  uint32_t input = 0;                                             // index into cb_inputs of the unit at hand
  virtual void more_places(std::vector<Range>& out) const { out.clear(); }  // further rows of a grouped record
  virtual void mark(uint64_t node) = 0;                                     // with the present disposition
  virtual void mark_branch(uint64_t node) { mark(node); }                   // and all that hangs on it
  // After the rules: counts every value into the totals and lists those that nothing took.
  virtual void leftovers(std::vector<Unmapped>& out) = 0;
  // The whole unit is left out: counts every value as dropped for this reason.
  virtual void skipped(std::string_view reason) = 0;
  virtual void tell(Loss& loss) const = 0;  // the totals, at the end of the input

  // Fast way for one row of a table: cells by column number.
  const Cell* cells = nullptr;
  uint32_t n_cells = 0;
  uint8_t* marks = nullptr;
  const int32_t* column_of_path = nullptr;  // -1: not in the header; -2: not a column alone

 protected:
  // Primitive steps; results are appended in document order.
  virtual void step(uint64_t from, const Step& s, bool first, bool joined, std::vector<uint64_t>& out) = 0;
  virtual void top(std::vector<uint64_t>& out) = 0;  // where an absolute path begins
  virtual Val value(uint64_t node) const = 0;
  virtual std::string_view name_of(uint64_t node) const = 0;
  virtual bool has(uint64_t node) const = 0;
  // Candidates of a first step that do not depend on where it is seen from (tables, "//"): their join index is kept.
  virtual bool fixed_candidates(const Step& s) const = 0;
  void new_unit() { indexes_.clear(); }                         // forget the joins of the last unit
  virtual bool keep_index(const Step&) const { return false; }  // joined tables outlive the unit
  virtual bool looks_up(const Step&) const { return false; }    // the rows of this table are asked for by their keys
  virtual void look_up(const Step&, const Filter&, std::string_view /*key*/, std::vector<uint64_t>& /*out*/) {}
  const Program& program_;
  Disposition disposition_ = Disposition::none;
  uint32_t reason_ = 0;

 private:
  // Lists of nodes from a pool, given back at the end of the block.
  struct Nodes {
    explicit Nodes(Source& s) : source(s), list(s.pool_take()) { list.clear(); }
    ~Nodes() { --source.pool_used_; }
    Nodes(const Nodes&) = delete;
    Source& source;
    std::vector<uint64_t>& list;
  };
  std::vector<uint64_t>& pool_take() {
    if (pool_used_ == pool_.size()) pool_.push_back(std::make_unique<std::vector<uint64_t>>());
    return *pool_[pool_used_++];
  }
  std::vector<std::unique_ptr<std::vector<uint64_t>>> pool_;
  size_t pool_used_ = 0;
  struct Joined {
    std::unordered_map<std::string, std::vector<uint64_t>> rows;
  };
  void walk(const Path& p, const Val& from, const Val& here, std::vector<uint64_t>& out, int depth);
  void filter(const Step& s, bool first, uint64_t context, const Val& here, std::vector<uint64_t>& nodes, int depth);
  bool holds(const Filter& f, uint64_t node, const Val& here, int depth);
  void join_keys(const Path& p, uint64_t node, const Val& here, std::vector<std::string>& out, int depth);
  std::unordered_map<uint32_t, Joined> indexes_;  // by filter
  std::unordered_map<uint32_t, Joined> kept_indexes_;
};

class RowJoins;

// Rows of a table. One row, or all rows of a group, are one source record.
class RowSource final : public Source {
 public:
  // `header`: the names of the columns. Findings: a column the mapping takes and the header lacks.
  RowSource(const Program& p, const RowShape& shape, std::string_view table = {});
  RowSource(const Program& p, const std::vector<std::string>& header, std::string_view table = {});
  struct JoinTable {  // a related table, and those of its rows that were looked up for the source record at hand
    std::string name;
    std::vector<std::string> header;
    std::vector<std::span<const Cell>> rows;  // borrowed
    uint8_t input = 0;                        // Range::other_input of its values
  };
  void join(RowJoins* joins);

  void row(const Row& row);                 // the unit is this row
  void rows(const std::vector<Row>& rows);  // the unit is these rows; borrowed until the next call
  std::vector<std::string> missing_columns() const { return missing_; }
  int32_t column(std::string_view name) const;  // -1: none

  std::string_view table() const override { return table_; }
  Range place(uint64_t node) const override;
  void more_places(std::vector<Range>& out) const override;
  void mark(uint64_t node) override;
  bool orphan() override;
  void leftovers(std::vector<Unmapped>& out) override;
  void skipped(std::string_view reason) override;
  void tell(Loss& loss) const override;

 protected:
  void step(uint64_t from, const Step& s, bool first, bool joined, std::vector<uint64_t>& out) override;
  void top(std::vector<uint64_t>& out) override { out.push_back(kRoot); }
  Val value(uint64_t node) const override;
  std::string_view name_of(uint64_t node) const override;
  bool has(uint64_t node) const override;
  bool fixed_candidates(const Step& s) const override { return find_table(s.name) != nullptr; }
  bool looks_up(const Step& s) const override { return find_table(s.name) != nullptr; }
  void look_up(const Step&, const Filter&, std::string_view key, std::vector<uint64_t>& out) override;

 private:
  const JoinTable* find_table(std::string_view name) const;
  size_t line_of(size_t row) const {  // the line that a part stands in
    while (row > 0 && rows_[row].part) --row;
    return row;
  }
  const Cell* cell(uint64_t node) const;
  std::string table_;
  std::vector<std::string> header_, kinds_;
  std::vector<uint32_t> part_of_;  // of kinds_: 1 + index of the kind each is a part of, 0: none
  size_t n_common_;                // columns from here on are counted per kind of line
  size_t count_of(const Row& row, size_t column) const { return column < n_common_ ? column : row.kind * header_.size() + column; }
  std::unordered_map<std::string, int32_t> columns_, folded_;
  std::vector<int32_t> path_columns_;
  std::vector<int32_t> drops_;  // of each column, per kind of line: index into Program::drop, or -1
  std::vector<std::string> missing_;
  const Row* row_ = nullptr;
  std::vector<Row> rows_;
  std::vector<std::vector<uint8_t>> mark_rows_;  // per row of the unit
  std::vector<std::vector<uint32_t>> reason_rows_;
  bool reasons_used_ = false;
  RowJoins* joins_ = nullptr;
  std::vector<JoinTable>* joined_ = nullptr;
  struct Count {
    uint64_t mapped = 0, ext = 0, unmapped = 0;
    std::unordered_map<uint32_t, uint64_t> dropped;
    uint64_t pattern = 0;
  };
  std::vector<Count> counts_;
  std::unordered_map<std::string, std::vector<uint64_t>> skipped_;
};

// Where the rows of related tables are looked up (table_set.hpp).
class RowJoins {
 public:
  virtual ~RowJoins() = default;
  virtual std::vector<RowSource::JoinTable>& tables() = 0;
  // Appends the places in tables()[table].rows of the rows that `join` finds by this key, in the order of the table.
  virtual void rows_with(size_t table, const Filter& join, std::string_view key, std::vector<uint64_t>& rows) = 0;
  virtual void new_unit() = 0;  // what was looked up is forgotten
  // Whether the key of this row stands in no other table, so far; once it was said, tell_orphans() leaves it out.
  virtual bool take_orphan(std::string_view table, uint64_t number) = 0;
};

}  // namespace casebridge::read::mapping

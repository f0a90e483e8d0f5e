// The tables of one feed: which input is which table, and what of them is looked up from others. What does not fit into the
// memory that the host allows lies in its spill file; the rows found, and their order, are the same either way.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "casebridge/sdk.hpp"
#include "casebridge/spill.h"
#include "read/mapping/place.hpp"
#include "read/mapping/sorted_bytes.hpp"

namespace casebridge::read::mapping {

// The options of a delimited input as the mapping states them.
DelimitedOptions delimited_options(const Reads& reads);

// Which table each input is: as the host says (setting "casebridge.tables": the names, U+001F between), else by the pattern
// of its file name; or empty.
std::vector<std::string> tables_of(const Reads& reads, const cb_inputs& inputs, std::string_view told);

// A row as bytes, to be kept anywhere and taken up again.
void pack_row(const Row&, std::string& into);
// The text of the cells is that of `bytes`; `cells` is empty before; row.cells is the caller's to set.
void unpack_row(std::string_view bytes, Row&, std::vector<Cell>& cells);

// What a reader may hold where the host offers no spill file.
inline constexpr uint64_t kHeldMost = uint64_t(512) << 20;

class JoinTables final : public RowJoins {
 public:
  // spill: nullptr: what passes kHeldMost is Failure(CB_E_LIMIT).
  explicit JoinTables(const cb_spill* spill) : spill_(spill) {}
  // Reads every input whose table some path of the program joins: joined tables can be looked into from then on. What is wrong
  // with their rows is told when their turn comes as source records.
  void load(const Program& program, const cb_inputs& inputs, const std::vector<std::string>& names);
  bool any() const { return !stores_.empty(); }

  // A row of `table`, whose cells these are, stands in the feed: joined rows with its keys are no orphans.
  void meet(const std::string& table, const std::vector<std::string>& header, std::span<const Cell> cells);
  // After the last row: the joined rows whose key stands in no other table. Tables that are joined are read after the others.
  void tell_orphans(Reporter& reporter);

  std::vector<RowSource::JoinTable>& tables() override { return tables_; }
  void rows_with(size_t table, const Filter& join, std::string_view key, std::vector<uint64_t>& rows) override;
  void new_unit() override;
  bool take_orphan(std::string_view table, uint64_t number) override;

 private:
  struct Store {  // a table sorted by one of its columns
    size_t table;
    std::string column, other;          // folded; other: the column on the right, in the tables that look in; empty: no column
    std::unique_ptr<SortedBytes> rows;  // a: hash of the key, b: number of the row
    std::unique_ptr<SortedBytes> unkeyed;
    std::vector<bool> met, taken;                        // by number of the row; taken: a source record has looked it up
    int32_t at = -1;                                     // of `column`, in the table's header
    std::unordered_map<std::string, int32_t> seen_from;  // table → where `other` stands in its header, or -1
  };
  void find(Store& store, std::string_view key, const std::function<void(const SortedBytes::Piece&)>& each);

  const cb_spill* spill_;
  std::vector<RowSource::JoinTable> tables_;
  std::deque<Store> stores_;
  std::unordered_map<uint32_t, Store*> by_filter_;
  // What was looked up for the source record at hand.
  struct Held {
    std::unordered_map<uint64_t, uint32_t> slots;  // number of a row → its place in JoinTable::rows
    std::deque<std::vector<Cell>> cells;
  };
  std::vector<Held> held_;
  Arena arena_;
  bool used_ = false;
  std::vector<Cell> scratch_;
};

}  // namespace casebridge::read::mapping

// The tables of one feed: which input is which table, and the ones that others join, held in memory within a limit.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "casebridge/sdk.hpp"
#include "read/mapping/place.hpp"

namespace casebridge::read::mapping {

// The options of a delimited input as the mapping states them.
DelimitedOptions delimited_options(const Reads& reads);

// Name of the table whose pattern fits this file name (its last part), or empty.
std::string table_named(const Reads& reads, std::string_view file);

// Rows copied out of a reader: text and places stay.
class KeptRows {
 public:
  void add(const Row& row);
  size_t size() const { return rows_.size(); }
  const Row& operator[](size_t i) const { return rows_[i]; }
  uint64_t bytes() const { return bytes_; }

 private:
  Arena arena_;
  std::deque<std::vector<Cell>> cells_;
  std::vector<Row> rows_;
  uint64_t bytes_ = 0;
};

class JoinTables {
 public:
  static constexpr uint64_t kLimit = uint64_t(512) << 20;
  // Reads every input whose table some path of the program joins. Throws Failure(CB_E_LIMIT) beyond the limit.
  void load(const Program& program, const cb_inputs& inputs, Reporter& reporter);
  std::vector<RowSource::JoinTable>* tables() { return &tables_; }

 private:
  std::vector<RowSource::JoinTable> tables_;
  std::deque<KeptRows> kept_;
};

}  // namespace casebridge::read::mapping

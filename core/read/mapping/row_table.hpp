// One face for every input made of rows (delimited text, lines of fixed width, sheets): names of the columns, then row by
// row. A row's cells stand in the order of header(), whatever kind of line it is; a column that a line does not have is empty.
// Rows and cells are lent until the next call of next(). One thread at a time.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "read/mapping/program.hpp"
#include "read/delimited.hpp"  // Row, Cell

namespace casebridge::read::mapping {

struct RowShape {
  std::vector<std::string> header;
  std::vector<std::string> kinds;  // of lines and their parts; Row::kind is 1 + an index into them
  std::vector<uint32_t> part_of;   // per kind: 1 + index of the kind it is a part of; 0: it is a kind of line
  size_t n_common = SIZE_MAX;      // columns before this one stand in lines of every kind
};

class RowTable {
 public:
  virtual ~RowTable() = default;
  const RowShape& shape() const { return shape_; }
  virtual const Row* next() = 0;                             // nullptr: the end, or see status()
  virtual std::span<const Row> parts() const { return {}; }  // of the row that next() gave: those that hold something, in order
  virtual cb_status status() const = 0;

 protected:
  RowShape shape_;
};

// Opens the input as the mapping says. `input` and `reporter` are borrowed for life.
std::unique_ptr<RowTable> open_rows(const Program&, const cb_input& input, Reporter& reporter);
std::unique_ptr<RowTable> open_sheets(const Program&, const cb_input& input, Reporter& reporter);
std::unique_ptr<RowTable> open_fixed(const Program&, const cb_input& input, Reporter& reporter);

}  // namespace casebridge::read::mapping

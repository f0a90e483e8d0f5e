// The rows of a table of people for the comparer, without a case record in between. A row is taken here only if nothing
// about it deserves a finding and nothing in it would be changed in a way that the comparer sees; every other row is left
// to the usual way, and its place is told. So both ways give the same people.
//
// Runs in a locked process (locked.hpp): it reads bytes that nobody has looked at.
#pragma once
#include <memory>
#include <string_view>
#include <vector>

#include "direct/columns.hpp"
#include "link/input.hpp"

namespace casebridge::direct {

struct LeftRow {
  uint64_t line = 0, offset = 0, length = 0;  // line from 1; without the line end
  uint64_t before = 0;                        // rows taken before it
};

class Rows final : public link::LinkInput {
 public:
  // `text`: the whole file, mapped (pages that were read are let go). Both are borrowed for life.
  Rows(std::string_view text, const Columns& columns);
  // False: the file is to be read the usual way as a whole (another encoding, line breaks inside of marks, no such header).
  bool fits() const { return fits_; }
  size_t chunks() const override { return parts_.size(); }
  void fill(size_t chunk, link::ChunkBuilder& into) const override;  // may find that the file does not fit

  // After all chunks: those left, in the order of the file.
  bool still_fits() const;
  std::vector<LeftRow> left() const;
  uint64_t taken() const;

 private:
  struct Bound {
    const Column* column;
    uint32_t at;  // of the row
  };
  struct Part {
    uint64_t from = 0, to = 0;
    // Written by fill(), by one thread.
    mutable uint64_t lines = 0, taken = 0;
    mutable std::vector<LeftRow> left;  // line: within the part, from 1
    mutable bool broken = false;
  };
  class Reader;
  std::string_view text_;
  const Columns& columns_;
  std::vector<Bound> bound_;
  std::vector<Part> parts_;
  size_t width_ = 0;
  bool fits_ = false;
};

}  // namespace casebridge::direct

// A record's line but for its values: the pieces of text between them, worked out once for each shape (model/shape.hpp).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emit/line_buffer.hpp"
#include "emit/wire_plan.hpp"

namespace casebridge::emit {

class JsonShape {
 public:
  explicit JsonShape(const Record& of);

  // Of a record of this shape.
  void begin(LineBuffer& line) const { piece(line, 0, begin_); }  // {"recordType":"Person"
  void early(LineBuffer& line, const Record& record) const { part(line, record, begin_, 0, early_, early_end_); }
  void late(LineBuffer& line, const Record& record) const {  // provenance and handling
    part(line, record, early_end_, early_, slots_.size(), late_end_);
  }
  // Values in the order of their JSON Pointers, with each pointer as a JSON string and a colon. Made when first wanted.
  struct Pointer {
    std::string key;
    uint32_t at = 0;
    bool own = false;
    const Value& value(const Record& record) const { return own ? record.values[at] : record.block_values[at]; }
  };
  const std::vector<Pointer>& pointers(const Record& of);

 private:
  friend class JsonShapeMaker;
  struct Slot {
    uint32_t end = 0;  // of the piece in front of the value
    uint32_t at = 0;
    bool own = false, bare = false;
  };
  void piece(LineBuffer& line, size_t from, size_t to) const {
    line.room(to - from);
    line.padded(text_.data() + from, to - from);
  }
  void part(LineBuffer&, const Record&, size_t from, size_t first, size_t last, size_t end) const;

  std::string text_;  // all pieces one behind the other, padded
  std::vector<Slot> slots_;
  size_t begin_ = 0, early_ = 0, early_end_ = 0, late_end_ = 0;
  std::vector<Pointer> pointers_;
  bool pointed_ = false;
};

}  // namespace casebridge::emit

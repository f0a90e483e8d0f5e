// The suite's own look at a sample, independent of the readers it judges: small, plain, and only as good as it must be.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "host/sniff.hpp"

namespace casebridge::conformance {

enum class Shape : uint8_t { table, json, xml, sheets, other };  // sheets: the text of a workbook
Shape shape_of(std::string_view bytes, const host::Sniffed&);

// Bytes of an input as UTF-8. `marks`: as `shape` writes text; outer quotes, doubled quotes, escapes and entities undone.
std::string decoded(std::string_view bytes, host::TextEncoding, Shape shape);

struct Leaf {           // a place of the source that holds a value
  std::string name;     // column; member; local name of an element
  uint64_t offset = 0;  // of the value, or of the row it stands in
};
// What holds a value (not blank, not null). `header`: the first line names the columns; a table without gives nothing.
std::vector<Leaf> leaves(std::string_view bytes, Shape, bool header);

}  // namespace casebridge::conformance

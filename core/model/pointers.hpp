// JSON Pointers (RFC 6901) of the values of a record, as `original`, `absent`, `places` and field marks name them.
// Pure functions over static tables; any thread.
#pragma once
#include <string>
#include <string_view>

#include "model/record.hpp"

namespace casebridge {

// The pointer of a node below its record or, inside a repeated block, below the item: "/occurred/start", "/full".
const std::string& local_pointer(model::Tag tag);

// The pointer of each value, lists and items counted: "/names/0/full". Own values first, then those of the blocks.
template <class Each>
void each_pointer(const Record& record, Each&& each) {
  const auto list = [&](const std::string& base, std::span<const Value> values) {
    uint32_t index = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      index = i > 0 && values[i - 1].field == values[i].field ? index + 1 : 0;
      std::string pointer = base + local_pointer(values[i].field);
      if (model::node(values[i].field).many) pointer.append("/").append(std::to_string(index));
      each(std::move(pointer), values[i]);
    }
  };
  list({}, record.values);
  uint32_t index = 0;
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    index = i > 0 && record.blocks[i - 1].tag == record.blocks[i].tag ? index + 1 : 0;
    list(local_pointer(record.blocks[i].tag) + '/' + std::to_string(index), record.block_of(record.blocks[i]));
  }
}

std::string absent_pointer(const Record& record, const Absent& absent);
// "/names" covers "/names/0/full" and itself.
bool pointer_covers(std::string_view outer, std::string_view inner);

// A copy whose text lies in `arena`.
Record copied(const Record& record, Arena& arena);

}  // namespace casebridge

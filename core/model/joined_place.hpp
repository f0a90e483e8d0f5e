// Where a value of a joined table stands: Value::offset counts in another file of the feed than the record's own, and its
// upper byte says in which. Such a place is for who has the feed at hand (findings, trace); it goes into no data set, where
// a value's place is that of its record's source.
#pragma once
#include <cstdint>

namespace casebridge {

inline constexpr int kJoinedShift = 56;
// `file`: from 0, as the feed counts.
constexpr uint64_t joined_offset(uint32_t file, uint64_t offset) { return uint64_t(file + 1) << kJoinedShift | offset; }
constexpr bool is_joined(uint64_t offset) { return offset >> kJoinedShift != 0; }
constexpr uint32_t joined_file(uint64_t offset) { return static_cast<uint32_t>(offset >> kJoinedShift) - 1; }
constexpr uint64_t offset_there(uint64_t offset) { return offset & ((uint64_t(1) << kJoinedShift) - 1); }

}  // namespace casebridge

#include "host/batch_check.hpp"

#include <cstring>

namespace casebridge::host {
namespace {

std::string at(const char* what, uint32_t index, const char* why) { return std::string(what) + " " + std::to_string(index) + " " + why; }

constexpr bool inside(uint64_t offset, uint64_t length, uint64_t size) { return offset <= size && length <= size - offset; }

}  // namespace

bool valid_utf8(const char* data, uint64_t size) {
  const auto* s = reinterpret_cast<const uint8_t*>(data);
  const uint8_t* const end = s + size;
  while (s < end) {
    if (end - s >= 8) {  // eight ASCII bytes at a time
      uint64_t eight;
      std::memcpy(&eight, s, 8);
      if (!(eight & 0x8080808080808080ull)) {
        s += 8;
        continue;
      }
    }
    const uint8_t c = *s;
    if (c < 0x80) {
      ++s;
      continue;
    }
    const auto tail = [&](int i) { return end - s > i && (s[i] & 0xC0) == 0x80; };
    if (c >= 0xC2 && c < 0xE0 && tail(1)) {
      s += 2;
    } else if (c >= 0xE0 && c < 0xF0 && tail(1) && tail(2) && !(c == 0xE0 && s[1] < 0xA0) && !(c == 0xED && s[1] >= 0xA0)) {
      s += 3;
    } else if (c >= 0xF0 && c < 0xF5 && tail(1) && tail(2) && tail(3) && !(c == 0xF0 && s[1] < 0x90) && !(c == 0xF4 && s[1] >= 0x90)) {
      s += 4;
    } else {
      return false;
    }
  }
  return true;
}

std::string check_batch(const cb_batch& b, uint32_t n_inputs) {
  if (b.struct_size < sizeof(cb_batch)) return "the batch structure is cut off";
  if ((b.n_units && !b.units) || (b.n_records && !b.records) || (b.n_cells && !b.cells) || (b.n_hints && !b.hints) ||
      (b.heap_size && !b.heap))
    return "an array of the batch is missing";
  if (b.heap_size > UINT32_MAX) return "the heap is larger than offsets can tell";
  if (!valid_utf8(b.heap, b.heap_size)) return "the heap is not UTF-8";
  // Valid as a whole; a cell must not begin or end inside a character either.
  const auto text = [&](uint64_t offset, uint64_t length) {
    if (!inside(offset, length, b.heap_size)) return false;
    const auto boundary = [&](uint64_t i) { return i == b.heap_size || (static_cast<uint8_t>(b.heap[i]) & 0xC0) != 0x80; };
    return boundary(offset) && boundary(offset + length);
  };

  for (uint32_t i = 0; i < b.n_hints; ++i)
    if (!text(b.hints[i].offset, b.hints[i].length)) return at("hint", i, "lies outside the heap");

  uint32_t next_record = 0, next_cell = 0;
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    if (unit.outcome > CB_UNIT_REFUSED) return at("unit", u, "has an unknown outcome");
    if (unit.first_record != next_record || unit.n_records > b.n_records - next_record)
      return at("unit", u, "does not hold the next records");
    if (unit.outcome != CB_UNIT_MAPPED && unit.n_records) return at("unit", u, "is left out but holds records");
    if (unit.outcome != CB_UNIT_MAPPED && !unit.reason_length) return at("unit", u, "is left out without a reason");
    if (!text(unit.reason_offset, unit.reason_length)) return at("unit", u, "has a reason outside the heap");
    if (unit.input >= n_inputs && unit.input) return at("unit", u, "names an input that is not there");
    if (unit.source_offset > INT64_MAX || unit.source_length > INT64_MAX) return at("unit", u, "has a place beyond any file");
    for (uint32_t end = next_record + unit.n_records; next_record < end; ++next_record) {
      const cb_record& r = b.records[next_record];
      if (r.parent != CB_NONE && (r.parent >= next_record || r.parent < unit.first_record))
        return at("record", next_record, "has a parent that is not an earlier record of its unit");
      if (r.source_offset > INT64_MAX || r.source_length > INT64_MAX) return at("record", next_record, "has a place beyond any file");
      if (r.n_cells && r.first_cell != next_cell) return at("record", next_record, "does not hold the next cells");
      if (r.n_cells > b.n_cells - next_cell) return at("record", next_record, "holds cells that are not there");
      for (uint32_t end_cell = next_cell + r.n_cells, first = next_cell; next_cell < end_cell; ++next_cell) {
        const cb_cell& c = b.cells[next_cell];
        if (c.kind > CB_TOKEN) return at("cell", next_cell, "has an unknown kind");
        const bool index = c.kind == CB_REF && c.flags & CB_CELL_INDEX;
        if (index ? c.offset >= b.n_records : !text(c.offset, c.length))
          return at("cell", next_cell, index ? "points to a record that is not there" : "lies outside the heap");
        if (c.kind == CB_TEXT && c.field != CB_FIELD_EXT && c.hint > b.n_hints)
          return at("cell", next_cell, "has a hint that is not there");
        if (c.field == CB_FIELD_EXT && c.kind == CB_TEXT && c.hint && (c.hint >= c.length || b.heap[c.offset + c.hint] != '='))
          return at("cell", next_cell, "has no name=value");
        if (c.flags & CB_CELL_ORIGINAL && (next_cell == first || b.cells[next_cell - 1].field != c.field))
          return at("cell", next_cell, "is the original of nothing");
        if (c.flags >> CB_CELL_INPUT_SHIFT > n_inputs) return at("cell", next_cell, "names an input that is not there");
        if (!(c.flags & CB_CELL_CONSTANT) && c.source_length) {
          const int64_t base = c.flags >> CB_CELL_INPUT_SHIFT ? 0 : static_cast<int64_t>(r.source_offset);
          int64_t place = 0;
          if (__builtin_add_overflow(base, c.source_delta, &place) || place < 0)
            return at("cell", next_cell, "has a place before the first byte");
        }
      }
    }
  }
  if (next_record != b.n_records) return "there are records outside of all units";
  if (next_cell != b.n_cells) return "there are cells outside of all records";
  return {};
}

}  // namespace casebridge::host

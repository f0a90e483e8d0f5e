#include "emit/batch_form.hpp"

#include <algorithm>
#include <charconv>

#include "emit/wire_plan.hpp"
#include "model/joined_place.hpp"

namespace casebridge::emit {
namespace {

[[noreturn]] void broken(const char* why) { throw Failure(CB_E_INTERNAL, why); }

bool is_line(const Record& record) {
  const WirePlan& plan = WirePlan::get();
  return record.type == plan.dataset || record.type == plan.source_line || record.type == plan.dataset_end;
}

void add_value(BatchBuilder& out, const Value& value) {
  if (value.text.empty()) return;
  const Range at = is_joined(value.offset) ? Range{} : Range{value.offset, value.length};
  out.text(value.field, value.text, at, {}, CB_CELL_NORMAL);
  if (value.normal_differs) out.original(value.original, at);
}

std::vector<uint64_t> numbers(std::string_view text) {
  std::vector<uint64_t> out;
  while (!text.empty()) {
    uint64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc()) broken("a place is not a row of numbers");
    out.push_back(n);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    if (!text.empty() && text[0] == ' ') text.remove_prefix(1);
    else if (!text.empty()) broken("a place is not a row of numbers");
  }
  return out;
}

std::pair<uint32_t, Place> place(std::string_view text) {
  const auto n = numbers(text);
  if (n.size() == 1 && n[0] == 0) return {0, {}};
  if (n.size() != 5 || n[0] > UINT32_MAX) broken("a place has five numbers");
  return {static_cast<uint32_t>(n[0]), {n[1], n[2], n[3], n[4]}};
}

struct Decoder {
  const cb_batch& batch;
  RecordBatch& out;
  const WirePlan& plan = WirePlan::get();

  std::string_view heap(const cb_cell& cell) const {
    if (uint64_t(cell.offset) + cell.length > batch.heap_size) broken("a cell points past the heap");
    return {batch.heap + cell.offset, cell.length};
  }

  void header(Record& record, const cb_cell& cell, std::string_view text) {
    if (cell.field == plan.id) {
      if (!parse_uuid(text, record.id)) broken("an id is not a UUID");
    } else if (cell.field == plan.supersedes) {
      if (!parse_uuid(text, record.supersedes)) broken("an id is not a UUID");
    } else if (cell.field == plan.version) {
      const auto n = numbers(text);
      if (n.size() != 1 || n[0] == 0 || n[0] > UINT32_MAX) broken("a version is not a number");
      record.version = static_cast<uint32_t>(n[0]);
    } else if (cell.field == plan.record_status) {
      record.status = out.arena.keep(text);
    } else if (cell.field == plan.also_source) {
      record.also.push_back(place(text));
    } else {
      std::tie(record.source, record.place) = place(text);
    }
  }

  bool is_header(uint32_t field) const {
    return field == plan.id || field == plan.supersedes || field == plan.version || field == plan.record_status ||
           field == plan.also_source || field == plan.source;
  }

  // The cells of one record or block item. `item`: index of the block, or -1.
  void cells(Record& record, const cb_record& from, std::vector<Value>& into, int32_t item) {
    if (uint64_t(from.first_cell) + from.n_cells > batch.n_cells) broken("a record points past the cells");
    for (uint32_t i = from.first_cell; i < from.first_cell + from.n_cells; ++i) {
      const cb_cell& cell = batch.cells[i];
      const std::string_view text = heap(cell);
      if ((cell.flags & CB_CELL_ORIGINAL) != 0) {
        if (into.empty() || into.back().field != cell.field) broken("an original follows no value");
        into.back().original = out.arena.keep(text);
        into.back().normal_differs = true;
        continue;
      }
      if (cell.field == CB_FIELD_EXT) {
        const size_t split = cell.hint ? std::min<size_t>(cell.hint, text.size()) : text.find('=');
        if (split >= text.size()) broken("an ext cell has no name");
        record.ext.push_back({out.arena.keep(text.substr(0, split)), out.arena.keep(text.substr(split + 1))});
        continue;
      }
      if (cell.field == CB_FIELD_KEY) {
        record.local_id = out.arena.keep(text);
        continue;
      }
      if (cell.field < CB_FIELD_FIRST) continue;
      if (item < 0 && is_header(cell.field)) {
        header(record, cell, text);
        continue;
      }
      const model::Node* node = cell.field <= UINT16_MAX ? model::find_node(static_cast<model::Tag>(cell.field)) : nullptr;
      if (!node) broken("a cell has a tag that never was");
      if (cell.kind == CB_ABSENT) {
        record.absent.push_back({node->tag, item, out.arena.keep(text)});
        continue;
      }
      if (record.type == plan.source_line && plan.at(node->tag).header) {
        record.source = static_cast<uint32_t>(numbers(text).at(0));
        continue;
      }
      if ((cell.flags & CB_CELL_NORMAL) == 0) broken("a value is not in normal form");
      Value value;
      value.field = node->tag;
      value.text = out.arena.keep(text);
      if (cell.source_length > 0) {
        value.offset = static_cast<uint64_t>(static_cast<int64_t>(from.source_offset) + cell.source_delta);
        value.length = cell.source_length;
      }
      into.push_back(value);
    }
  }

  void run() {
    std::vector<int64_t> made(batch.n_records, -1);
    std::vector<Value> values;
    for (uint32_t i = 0; i < batch.n_records; ++i) {
      const cb_record& from = batch.records[i];
      const model::Node* node = from.type <= UINT16_MAX ? model::find_node(static_cast<model::Tag>(from.type)) : nullptr;
      if (node && node->kind == model::NodeKind::record) {
        Record& record = out.records.emplace_back();
        made[i] = static_cast<int64_t>(out.records.size()) - 1;
        record.type = node;
        cells(record, from, record.values, -1);
        const auto by_rank = [&](const Value& x, const Value& y) { return plan.at(x.field).node->rank < plan.at(y.field).node->rank; };
        std::stable_sort(record.values.begin(), record.values.end(), by_rank);
      } else if (node && node->kind == model::NodeKind::blocks && from.parent < i && made[from.parent] >= 0) {
        Record& record = out.records[static_cast<size_t>(made[from.parent])];
        values.clear();
        cells(record, from, values, static_cast<int32_t>(record.blocks.size()));
        record.blocks.push_back({node->tag, static_cast<uint32_t>(record.block_values.size()), static_cast<uint32_t>(values.size())});
        record.block_values.insert(record.block_values.end(), values.begin(), values.end());
      } else {
        broken("a block item without its record");
      }
    }
  }
};

}  // namespace

void add_record(BatchBuilder& out, const Record& record, Range unit) {
  const WirePlan& plan = WirePlan::get();
  out.begin_unit(unit);
  const uint32_t main = out.record(record.type->tag, {record.place.offset, record.place.length});
  std::string scratch;
  if (record.type == plan.source_line) {
    for (const model::Tag child : record.type->children)
      if (plan.at(child).header) out.text(child, std::to_string(record.source), {}, {}, CB_CELL_NORMAL);
  } else if (!is_line(record)) {
    const auto say = [&](model::Tag field, std::string_view text) { out.text(field, text, {}, {}, CB_CELL_NORMAL); };
    append_uuid(scratch, record.id);
    say(plan.id, scratch);
    if (record.version != 1) say(plan.version, std::to_string(record.version));
    out.text(CB_FIELD_KEY, record.local_id, {}, {}, CB_CELL_NORMAL);
    scratch.clear();
    append_place(scratch, record.source, record.place, ' ');
    say(plan.source, scratch);
    for (const auto& [source, at] : record.also) {
      scratch.clear();
      append_place(scratch, source, at, ' ');
      say(plan.also_source, scratch);
    }
    say(plan.record_status, record.status);
    if (!record.supersedes.nil()) {
      scratch.clear();
      append_uuid(scratch, record.supersedes);
      say(plan.supersedes, scratch);
    }
  }
  for (const Value& value : record.values) add_value(out, value);
  for (const Absent& absent : record.absent)
    if (absent.block < 0) out.absent(absent.field, absent.reason);
  for (const Ext& ext : record.ext) out.ext(ext.name, ext.value);
  for (size_t i = 0; i < record.blocks.size(); ++i) {
    out.record(record.blocks[i].tag, {record.place.offset, record.place.length}, main);
    for (const Value& value : record.block_of(record.blocks[i])) add_value(out, value);
    for (const Absent& absent : record.absent)
      if (absent.block == static_cast<int32_t>(i)) out.absent(absent.field, absent.reason);
  }
  out.end_unit();
}

void from_batch(const cb_batch& batch, RecordBatch& out) { Decoder{batch, out}.run(); }

}  // namespace casebridge::emit

// Runs a mapping over a small table and writes what came out as lines that a test can compare:
//   Person key=7 birthDate=2084-03 ; names.family=TREMBLAY ... in the order of the batch.
#pragma once
#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "read/mapping/evaluate.hpp"
#include "core/read/memory_input.hpp"

namespace mapping_help {

using namespace casebridge;
using namespace casebridge::read;

struct Codes {  // of the findings, in order
  cb_host raw{};
  std::vector<std::string> seen;
  Codes() {
    raw.struct_size = sizeof raw;
    raw.self = this;
    raw.report = [](void* self, const cb_issue* issue) { static_cast<Codes*>(self)->seen.emplace_back(issue->code); };
    raw.cancelled = [](void*) { return 0; };
  }
};

inline std::string line_of(const cb_batch& b, uint32_t r) {
  const cb_record& rec = b.records[r];
  const model::Node& type = model::node(static_cast<model::Tag>(rec.type));
  std::string out(type.kind == model::NodeKind::record ? type.name : type.path);
  if (rec.parent != CB_NONE) out += " of #" + std::to_string(rec.parent);
  for (uint32_t c = rec.first_cell; c < rec.first_cell + rec.n_cells; ++c) {
    const cb_cell& cell = b.cells[c];
    std::string name = cell.field == CB_FIELD_EXT    ? "ext"
                       : cell.field == CB_FIELD_KEY  ? "key"
                       : cell.field == CB_FIELD_RULE ? "rule"
                       : cell.field == CB_FIELD_ALSO ? "also"
                                                     : std::string(model::node(static_cast<model::Tag>(cell.field)).path);
    if (type.kind != model::NodeKind::record && name.starts_with(type.path)) name.erase(0, type.path.size() + 1);
    out += " " + name;
    if (cell.kind == CB_REF && cell.flags & CB_CELL_INDEX) {
      out += "=#" + std::to_string(cell.offset);
      continue;
    }
    const std::string text(b.heap + cell.offset, cell.length);
    out += cell.kind == CB_ABSENT          ? "!"
           : cell.kind == CB_REF           ? "->"
           : cell.kind == CB_TOKEN         ? "~"
           : cell.flags & CB_CELL_ORIGINAL ? "<"
                                           : "=";
    out += text;
    if (cell.kind == CB_TEXT && cell.hint && cell.field != CB_FIELD_EXT) {
      std::string hint(b.heap + b.hints[cell.hint - 1].offset, b.hints[cell.hint - 1].length);
      std::replace(hint.begin(), hint.end(), '\x1F', ',');
      out += "{" + hint + "}";
    }
  }
  return out;
}

inline std::vector<std::string> lines_of(const cb_batch& b) {
  std::vector<std::string> out;
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    if (unit.outcome == CB_UNIT_SKIPPED) out.push_back("skipped " + std::string(b.heap + unit.reason_offset, unit.reason_length));
    for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r)
      if (model::node(static_cast<model::Tag>(b.records[r].type)).name != "Source") out.push_back(line_of(b, r));
  }
  return out;
}

struct Result {
  std::vector<std::string> lines, findings, loss;
};

struct LossLines : mapping::Loss {
  std::vector<std::string> lines;
  void count(std::string_view place, mapping::Disposition d, std::string_view reason, uint64_t n) override {
    static constexpr const char* kNames[] = {"none", "unmapped", "dropped", "ext", "mapped"};
    lines.push_back(std::string(place) + " " + kNames[static_cast<int>(d)] + " " + std::to_string(n) +
                    (reason.empty() ? "" : " " + std::string(reason)));
  }
};

inline std::shared_ptr<const mapping::Program> compiled(const std::string& yaml, std::vector<Finding>* found = nullptr) {
  mapping::Problems problems("test.yaml");
  auto program = mapping::compile(yaml, problems);
  if (found) *found = problems.take();
  else
    for (const Finding& f : problems.all()) throw std::runtime_error(f.code + " " + message_of(f) + " line " + std::to_string(f.line));
  return program;
}

// `head` stands before every mapping, so that a test says only what it is about.
inline const std::string kHead =
    "mapping: t/1\nreads: {reader: delimited, header: [A]}\n"
    "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n";

inline Result rows(const std::string& yaml, const std::string& csv, bool grouped = false) {
  const auto program = compiled(yaml.starts_with("mapping:") ? yaml : kHead + yaml);
  Codes codes;
  Reporter reporter(&codes.raw);
  casebridge::test::MemoryInput in(csv);
  Delimited table(*in, {}, reporter);
  std::vector<std::string> header;
  for (const Column& c : table.header()) header.push_back(c.name);
  mapping::RowSource source(*program, header);
  mapping::Engine engine(program, &reporter);
  BatchBuilder out;
  if (grouped) {  // all rows are one source record
    std::vector<std::vector<Cell>> kept;
    std::deque<std::string> texts;
    std::vector<Row> all;
    while (const Row* row = table.next()) {
      std::vector<Cell>& cells = kept.emplace_back(row->cells.begin(), row->cells.end());
      for (Cell& c : cells) c.text = texts.emplace_back(c.text);
      all.push_back(*row);
    }
    for (size_t i = 0; i < all.size(); ++i) all[i].cells = kept[i];
    source.rows(all);
    engine.unit(source, out);
  } else {
    while (const Row* row = table.next()) {
      source.row(*row);
      engine.unit(source, out);
    }
  }
  LossLines loss;
  source.tell(loss);
  return {lines_of(out.view()), codes.seen, loss.lines};
}

}  // namespace mapping_help

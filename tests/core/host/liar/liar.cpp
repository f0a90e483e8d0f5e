// A plugin in plain C style that lies in its batches, one lie per value of its option "do". For the tests of the host.
#include <cstring>
#include <string>

#include "casebridge/sdk.hpp"

namespace {

using namespace casebridge;

// One unit, one record, one cell, made by hand: the SDK would not let it lie.
struct Liar {
  std::string what;
  int calls = 0;
  cb_unit unit{0, 1, 0, 0, 0, 0, 0, 10};
  cb_record record{20, CB_NONE, 0, 1, 0, 10};
  cb_cell cell{21, CB_TEXT, 0, 0, 4, 0, 4, 0};
  char heap[16] = "text and more";
};

cb_status open_liar(const cb_host*, const cb_args* args, const cb_input*, cb_reader** out) {
  auto* liar = new Liar;
  liar->what = Options(args).text("do");
  *out = reinterpret_cast<cb_reader*>(liar);
  return CB_OK;
}

cb_status read_liar(cb_reader* raw, cb_batch* out) {
  auto& l = *reinterpret_cast<Liar*>(raw);
  if (l.calls++) return CB_END;
  *out = cb_batch{sizeof(cb_batch), 1, 1, 1, 0, 0, 14, &l.unit, &l.record, &l.cell, nullptr, l.heap};
  if (l.what == "offset") l.cell.offset = 0xFFFFFFF0u;
  if (l.what == "length") l.cell.length = 0xFFFFFFFFu;
  if (l.what == "overflow") l.cell.offset = 8, l.cell.length = 0xFFFFFFF9u;
  if (l.what == "hint") l.cell.hint = 7;
  if (l.what == "kind") l.cell.kind = 99;
  if (l.what == "parent") l.record.parent = 0;
  if (l.what == "cells") l.record.n_cells = 2;
  if (l.what == "first") l.record.first_cell = 1;
  if (l.what == "units") l.unit.n_records = 2;
  if (l.what == "outside") l.unit.n_records = 0;
  if (l.what == "outcome") l.unit.outcome = 9;
  if (l.what == "reason") l.unit.reason_offset = 10, l.unit.reason_length = 100;
  if (l.what == "utf8") l.heap[1] = '\xFF';
  if (l.what == "inside") std::memcpy(l.heap, "\xC3\xA9t\xC3\xA9", 5), l.cell.offset = 1;
  if (l.what == "place") l.cell.source_delta = -5;
  if (l.what == "index") l.cell.kind = CB_REF, l.cell.flags = CB_CELL_INDEX, l.cell.offset = 1;
  if (l.what == "original") l.cell.flags = CB_CELL_ORIGINAL;
  if (l.what == "input") l.unit.input = 3;
  if (l.what == "null") out->cells = nullptr;
  if (l.what == "status") return 17;
  return CB_OK;
}

constexpr cb_format kFormats[] = {{"liar", "Liar", "Menteur", nullptr, "liar", "magic=LIAR", CB_READS}};
constexpr cb_option kOptions[] = {{"do", CB_OPT_TEXT, 0, "nothing", nullptr, "What to lie about.", "Le mensonge."}};

constexpr cb_plugin liar() {
  cb_plugin p{CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_plugin), 0, "liar", "1", "Liar", "Menteur", "Apache-2.0", kFormats, kOptions, 1, 1};
  p.open_reader = open_liar;
  p.read = read_liar;
  p.close_reader = [](cb_reader* r) { delete reinterpret_cast<Liar*>(r); };
  return p;
}

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = liar();

// A plugin of the first days: plain C against the frozen header, no SDK. It must load and run in every later host.
#include "plugin_1_0.h"

namespace {

struct Reader {
  const cb_input* in;
  const cb_host* host;
  char heap[64];
  cb_unit unit;
  cb_record record;
  cb_cell cell;
};

cb_status open(const cb_host* host, const cb_args* args, const cb_input* in, cb_reader** out) {
  if (args->struct_size < sizeof(cb_args) || host->struct_size < sizeof(cb_host)) return CB_E_UNSUPPORTED;
  *out = reinterpret_cast<cb_reader*>(new Reader{in, host, {}, {}, {}, {}});
  return CB_OK;
}

cb_status read(cb_reader* raw, cb_batch* out) {
  auto& r = *reinterpret_cast<Reader*>(raw);
  const int64_t got = r.in->read(r.in->self, r.heap, sizeof r.heap);
  if (got <= 0) return got == 0 ? CB_END : static_cast<cb_status>(got);
  const auto n = static_cast<uint32_t>(got);
  r.unit = {0, 1, CB_UNIT_MAPPED, 0, 0, 0, 0, n};
  r.record = {20, CB_NONE, 0, 1, 0, n};
  r.cell = {21, CB_TEXT, 0, 0, n, 0, n, 0};
  cb_issue issue{sizeof(cb_issue), CB_NOTE, "old/hello", {"hello", 5}, {nullptr, 0}, 0, 0, 0, n};
  r.host->report(r.host->self, &issue);
  out->n_units = out->n_records = out->n_cells = 1;
  out->heap_size = n;
  out->units = &r.unit;
  out->records = &r.record;
  out->cells = &r.cell;
  out->heap = r.heap;
  return CB_OK;
}

void close(cb_reader* raw) { delete reinterpret_cast<Reader*>(raw); }

uint32_t probe(const char*, cb_text, const void*, uint64_t) { return 77; }

const cb_format kFormats[] = {{"old", "Old", "Vieux", nullptr, "old", "magic=OLD", CB_READS}};

}  // namespace

extern "C" const cb_plugin casebridge_plugin_v1 = {CB_ABI_MAJOR,
                                                   CB_ABI_MINOR,
                                                   sizeof(cb_plugin),
                                                   0,
                                                   "old-plugin",
                                                   "1.0.0",
                                                   "Old",
                                                   "Vieux",
                                                   "Apache-2.0",
                                                   kFormats,
                                                   nullptr,
                                                   1,
                                                   0,
                                                   probe,
                                                   open,
                                                   read,
                                                   close,
                                                   nullptr,
                                                   nullptr,
                                                   nullptr,
                                                   nullptr,
                                                   nullptr};

/* casebridge/spill.h -- room for what a reader has to hold and cannot (related tables joined on their keys, rows grouped
 * wherever they lie). Part of the plugin contract (plugin.h), append-only like it.
 *
 * extension("casebridge.spill/1") of the host, for formats without CB_STREAMS; NULL: there is none, hold it or refuse.
 * What is appended stays readable until close_reader; it lies encrypted in a file without a name, under a key that lives in
 * this process only. One thread at a time. */
#ifndef CASEBRIDGE_SPILL_H
#define CASEBRIDGE_SPILL_H

#include "casebridge/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CB_SERVICE_SPILL "casebridge.spill/1"

typedef struct cb_spill {
  uint32_t struct_size, reserved;
  void* self;
  uint64_t memory; /* bytes that a session may hold itself, all it holds together, before it appends */
  int64_t (*append)(void* self, const void* from, uint64_t size);            /* its offset, or a cb_status: CB_E_IO, CB_E_LIMIT */
  cb_status (*read)(void* self, uint64_t offset, void* into, uint64_t size); /* of what was appended */
} cb_spill;

#ifdef __cplusplus
}
#endif
#endif

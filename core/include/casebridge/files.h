/* casebridge/files.h -- formats that are several files. Part of the plugin contract (plugin.h), append-only like it. */
#ifndef CASEBRIDGE_FILES_H
#define CASEBRIDGE_FILES_H

#include "casebridge/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CB_FOLDER (1u << 4) /* cb_format.caps, beside CB_WRITES: the output is a folder of files */

/* "casebridge.files/1", where the host writes a folder: further outputs by name, each lent until close_writer. A writer of
   a CB_FOLDER format that gets NULL for this service packs its files into one tar on its cb_output (output_files.hpp). */
typedef struct cb_files {
  uint32_t struct_size, reserved;
  void* self;
  const cb_output* (*file)(void* self, cb_text name); /* relative, of letters, digits, ".", "_", "-", "/"; NULL: refused */
} cb_files;

/* A writer counts with "casebridge.loss/1" what its format cannot carry: the model's own names ("Person.names.full"),
   CB_LOSS_UNKEPT, and why. */

#ifdef __cplusplus
}
#endif
#endif

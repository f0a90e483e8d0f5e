/* casebridge/plugin.h -- the plugin contract: plain C, append-only.
 *
 * Rules that hold for every function and structure below:
 *  - Sizes and versions stand first. New members go at the end, nowhere else, and raise CB_ABI_MINOR; a plugin built
 *    for 1.x loads in every host 1.y. Whoever receives a structure reads no further than its struct_size.
 *  - Nothing allocated on one side is freed on the other. A borrowed pointer says until when.
 *  - Text is UTF-8, borrowed, without terminator (cb_text), unless it is a `const char *`, which is static and terminated.
 *  - Offsets are bytes of the original input (inside a named archive member; for gzip of the decompressed stream),
 *    before decoding.
 *  - A session (cb_reader, cb_writer) is used by one thread at a time; different sessions by different threads.
 *  - Plugins map, the core normalises: a plugin delivers what the source said under the model's tags.
 */
#ifndef CASEBRIDGE_PLUGIN_H
#define CASEBRIDGE_PLUGIN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CB_ABI_MAJOR 1u /* grows when an existing slot changes meaning; the exported symbol's name carries it */
#define CB_ABI_MINOR 0u /* grows when a slot is appended */

/* What the caller should do next. 0 done, > 0 more to say, < 0 failed; the words went to host->report. */
typedef int32_t cb_status;
#define CB_OK 0
#define CB_END 1              /* the input is exhausted; not an error */
#define CB_E_OPTION (-1)      /* ask the user: an option's value cannot be honoured */
#define CB_E_INPUT (-2)       /* quarantine the file: it is not what its format says, and cannot be read further */
#define CB_E_IO (-3)          /* retry: reading or writing failed below us */
#define CB_E_LIMIT (-4)       /* quarantine the file: a limit of the host (depth, length, memory) was reached */
#define CB_E_CANCELLED (-5)   /* the host asked to stop, and so it was */
#define CB_E_UNSUPPORTED (-6) /* refuse: recognised, but not something this plugin reads (statistics, a newer version) */
#define CB_E_INTERNAL (-7)    /* blame the plugin: the SDK maps every escaped C++ exception here */

typedef struct cb_text {
  const char* data;
  uint64_t size;
} cb_text;

/* --- What a plugin says of itself: static data, readable without calling any plugin code ------------------------ */

enum { CB_OPT_BOOL, CB_OPT_INT, CB_OPT_REAL, CB_OPT_TEXT, CB_OPT_CHOICE, CB_OPT_PATH, CB_OPT_SECRET };
enum { CB_OPT_REQUIRED = 1u << 0, CB_OPT_REPEATABLE = 1u << 1 };

typedef struct cb_option {
  const char* name; /* "date-order": kebab-case, stable for ever */
  uint32_t type, flags;
  const char* fallback;   /* the default as text, or NULL */
  const char* choices;    /* "mdy|dmy|ymd" for CB_OPT_CHOICE, else NULL */
  const char* summary_en; /* one sentence: command line help, README and job schema all print this one */
  const char* summary_fr;
} cb_option;

enum { CB_READS = 1u << 0, CB_WRITES = 1u << 1, CB_STREAMS = 1u << 2, CB_LOSSLESS = 1u << 3 };

typedef struct cb_format {
  const char* id; /* "toronto-police"; the folder is the id with "_" */
  const char *title_en, *title_fr;
  const char* versions;   /* "1.0 1.1", or NULL */
  const char* extensions; /* "csv txt": a hint, never a proof */
  const char* signatures; /* what the host looks for before it loads the plugin, one per line, any of them:
                             "magic=PK" | "root=NAMESPACE LOCALNAME" (NAMESPACE "*" = any) | "json-key=NAME" |
                             "csv-header=A,B,C" (all of them in the first line) | "fixed-header=A,B,C" (the same, for
                             columns of fixed width) | "json-text=NAME=BEGINNING OF ITS TEXT". A json-key "*:x" is x under any prefix.
                             NULL: always ask probe(). */
  uint32_t caps;
} cb_format;

/* --- Data: flat arrays linked by index and offset, never by pointer, so that a batch crosses a socket as it is --- */

#define CB_NONE UINT32_MAX

enum {                  /* cb_unit.outcome */
       CB_UNIT_MAPPED,  /* gave the records that follow (perhaps none worth a record) */
       CB_UNIT_SKIPPED, /* left out on purpose; reason is DELETE, ZERO_REPORT, DUPLICATE, LEGAL_CALL, AGGREGATE, RECEIPT ... */
       CB_UNIT_REFUSED  /* could not be read as what it should be; reason is the code of the finding: goes to quarantine */
};

/* One source record: what the books count. All records made from it are in one batch. */
typedef struct cb_unit {
  uint32_t first_record, n_records;
  uint32_t outcome;
  uint32_t reason_offset, reason_length; /* in the heap; length 0 = none */
  uint32_t input;                        /* index into cb_inputs of the file it stands in; 0 = the session's own input */
  uint64_t source_offset, source_length; /* its (first) place; further places of a grouped unit are CB_FIELD_ALSO cells */
} cb_unit;

/* A case record, or one item of a repeated block (a name, an identifier: type is then the block's tag). */
typedef struct cb_record {
  uint32_t type;   /* tag of a record type or of a repeated block, from casebridge/model.h; tags are never reused */
  uint32_t parent; /* block item: the record that holds it. Record: the record its identity derives from (the main
                      record of the unit, or the one in whose field it stands) unless it has a key; or CB_NONE.
                      Always an earlier index of the same unit. */
  uint32_t first_cell, n_cells;
  uint64_t source_offset, source_length;
} cb_record;

enum {            /* cb_cell.kind */
       CB_TEXT,   /* text, a number, a date, a code: as the source wrote it; the model knows its type */
       CB_REF,    /* a record: CB_CELL_INDEX set: `offset` is its index in this batch; else the heap holds its key, `hint` its type tag */
       CB_ABSENT, /* the heap holds the reason why this field (or block) has no value */
       CB_TOKEN   /* sensitive: becomes a keyed token whatever the field; the clear text goes nowhere */
};
enum { /* cb_cell.flags */
       CB_CELL_INDEX = 1u << 0,
       CB_CELL_CONSTANT = 1u << 1, /* not from the source: a constant of the mapping; source_* are the place in the mapping file */
       CB_CELL_ORIGINAL = 1u << 2, /* the source's own word for the cell right before this one (which is, say, its code) */
       CB_CELL_NORMAL = 1u << 3,   /* already in normal form (case data of ours): the core checks and does not rewrite */
       CB_CELL_INPUT_SHIFT = 8     /* flags >> 8: 0 = the value stands in the unit's input; n = in input n - 1 of cb_inputs (a
                                      joined table), and source_delta counts from the first byte of that input */
};
/* Reserved fields; every other tag is a leaf of the model. */
enum {
  CB_FIELD_EXT = 0,   /* what the model does not know: "name=value"; hint = length of the name, 0 = up to the first "=" */
  CB_FIELD_KEY = 1,   /* the record's key in its source: becomes localId */
  CB_FIELD_RULE = 2,  /* name of the rule or field that made a record without a key: part of its id */
  CB_FIELD_ALSO = 3,  /* a further place of a grouped record: only source_delta and source_length count */
  CB_FIELD_FIRST = 16 /* the model's own tags begin here */
};

typedef struct cb_cell {
  uint32_t field; /* tag of a leaf; a field with many values is so many cells, in order */
  uint16_t kind, flags;
  uint32_t offset, length; /* into the heap */
  int64_t source_delta;    /* where the value stands, from the record's source_offset; meaningful if source_length > 0 */
  uint32_t source_length;
  uint32_t hint; /* CB_TEXT: 0, or 1 + index into hints; CB_REF by key: type tag of the target; CB_FIELD_EXT: see there */
} cb_cell;

/* How a value is meant: "date=d/M/yyyy HH:mm|d/M/yyyy", "zone=America/Toronto", "unit=in", "region=CA",
   joined by U+001F, in the heap. */
typedef struct cb_hint {
  uint32_t offset, length;
} cb_hint;

typedef struct cb_batch {
  uint32_t struct_size;
  uint32_t n_units, n_records, n_cells, n_hints, flags;
  uint64_t heap_size;
  const cb_unit* units;
  const cb_record* records;
  const cb_cell* cells;
  const cb_hint* hints;
  const char* heap; /* all borrowed: valid until the next call on the same session */
} cb_batch;

/* --- What the host lends to a plugin ----------------------------------------------------------------------------- */

enum { CB_NOTE, CB_WARNING, CB_ERROR };

typedef struct cb_issue {
  uint32_t struct_size, severity;
  const char* code;   /* "E-DATE-PARSE" from the host's catalogue, or "booking-csv/bad-date" with the plugin's own message */
  cb_text message;    /* for a catalogue code: its arguments joined by U+001F; else the message in English. One argument
                         more than the message of an E-XSD- or E-SCHEMA- code takes names the source's own field. */
  cb_text message_fr; /* of a plugin's own code; may be empty */
  uint32_t field;     /* tag, or 0 */
  uint32_t input;     /* index into cb_inputs; 0 = the session's own input */
  uint64_t source_offset, source_length;
} cb_issue;

typedef struct cb_host {
  uint32_t abi_major, abi_minor, struct_size, reserved;
  void* self;
  void (*report)(void* self, const cb_issue*); /* [any-thread] a problem in the data; reading goes on */
  int32_t (*cancelled)(void* self);            /* [any-thread] poll once per batch */
  /* Services by name and version, or NULL: "casebridge.delimited/1", "casebridge.fixed/1", "casebridge.xml/1",
     "casebridge.json/1" ... (casebridge/services.h), and those below: "casebridge.loss/1", "casebridge.inputs/1".
     The table lives as long as the session. */
  const void* (*extension)(void* self, const char* id);
} cb_host;

/* A plugin never opens a file: the same code reads a file, a pipe, a member of an archive, a fuzz case. */
typedef struct cb_input {
  uint32_t struct_size, reserved;
  void* self;
  cb_text name;                                           /* for messages only */
  int64_t size;                                           /* -1 when unknown */
  int64_t (*read)(void* self, void* into, uint64_t size); /* bytes read, 0 at the end, < 0 a cb_status */
  int64_t (*seek)(void* self, int64_t to);                /* NULL when the input cannot seek */
} cb_input;

/* "casebridge.inputs/1": all files of a session that reads several tables; inputs[0] is the one open_reader got. */
typedef struct cb_inputs {
  uint32_t struct_size, n_inputs;
  const cb_input* const* inputs;
} cb_inputs;

/* "casebridge.loss/1": what became of the source fields, above all of those that found no home of their own. */
enum {
  CB_LOSS_EXT,      /* kept in ext */
  CB_LOSS_DROPPED,  /* left out by a rule of the mapping; `why` is its reason */
  CB_LOSS_UNKEPT,   /* could not be kept */
  CB_LOSS_UNMAPPED, /* no rule takes it; kept in ext of the main record: a sign that the feed has changed */
  CB_LOSS_MAPPED    /* found its home: what the others are measured against */
};
typedef struct cb_loss {
  uint32_t struct_size, reserved;
  void* self;
  void (*count)(void* self, cb_text field, uint32_t what, cb_text why, uint64_t n); /* adds n to what was counted before */
} cb_loss;

typedef struct cb_output {
  uint32_t struct_size, reserved;
  void* self;
  int64_t (*write)(void* self, const void* from, uint64_t size);
} cb_output;

typedef struct cb_setting {
  const char* name;
  cb_text value; /* already checked against its cb_option */
} cb_setting;

typedef struct cb_args {
  uint32_t struct_size, model_version;
  const char* format;
  const cb_setting* settings;
  uint32_t n_settings, max_batch_records; /* a batch may pass the limit only by the rest of one unit */
  const void* prepared;                   /* what cb_prepare.prepare made, or NULL */
} cb_args;

/* extension("casebridge.prepare/1") of a plugin: the only time it may open files, and only those of its own folder
   (code lists, a mapping). Called once per process before the sandbox closes and before any byte of an input is seen;
   open_reader finds the result in cb_args.prepared. `folder` ends without "/"; it is valid during the call. */
typedef struct cb_prepare {
  uint32_t struct_size, reserved;
  cb_status (*prepare)(const cb_host*, const cb_args*, const char* folder, void** out);
  void (*release)(void*);
} cb_prepare;

/* --- The plugin --------------------------------------------------------------------------------------------------- */

typedef struct cb_reader cb_reader;
typedef struct cb_writer cb_writer;

typedef struct cb_plugin {
  uint32_t abi_major, abi_minor, struct_size, reserved;
  const char *id, *version, *title_en, *title_fr, *licence;
  const cb_format* formats;
  const cb_option* options;
  uint32_t n_formats, n_options;

  /* How sure are we, 0..100, that an input which begins like this is `format`? Pure: no I/O, no state. [any-thread] */
  uint32_t (*probe)(const char* format, cb_text name, const void* head, uint64_t size);

  /* host, args and input are borrowed until close_reader. */
  cb_status (*open_reader)(const cb_host*, const cb_args*, const cb_input*, cb_reader** out);
  cb_status (*read)(cb_reader*, cb_batch* out); /* pull one batch; CB_END with an empty batch */
  void (*close_reader)(cb_reader*);

  /* Batches for a writer are in normal form and have passed the handle stage. */
  cb_status (*open_writer)(const cb_host*, const cb_args*, const cb_output*, cb_writer** out);
  cb_status (*write)(cb_writer*, const cb_batch*);
  cb_status (*finish)(cb_writer*); /* trailer and flush; a writer closed without it leaves no valid file */
  void (*close_writer)(cb_writer*);

  const void* (*extension)(const char* id); /* optional faces of a plugin, by name and version; may be NULL */
  /* -- end of 1.0; append below, and raise CB_ABI_MINOR -- */
} cb_plugin;

#if defined(__GNUC__)
#define CB_EXPORT __attribute__((visibility("default")))
#else
#define CB_EXPORT
#endif
extern CB_EXPORT const cb_plugin casebridge_plugin_v1; /* the one symbol a plugin exports */

#ifdef __cplusplus
}
#endif
#endif

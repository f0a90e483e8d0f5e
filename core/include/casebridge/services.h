/* casebridge/services.h -- the parsers the host lends to plugins, through host->extension(host->self, CB_SERVICE_...).
 *
 * A cursor is opened on a cb_input and pulled row by row or tree by tree. Every cell and every node carries the bytes of
 * the input it came from. Limits (depth, lengths, counts), encodings and their findings are the host's: what is wrong
 * with the input is reported to the host as it is met, and a plugin cannot forget a limit.
 *
 * The rules of plugin.h hold. What next() gives is lent until the next call on the same cursor. A cursor is used by one
 * thread at a time. host, input and options are borrowed: options until open() returns, the others until close().
 * A zero in an option means the limit of the host; a plugin may lower it, not raise it. In C++, casebridge/cursors.hpp is more comfortable.
 *
 * next(): CB_OK one more; CB_END the input is exhausted; < 0 reading stopped, the words went to host->report:
 *   CB_E_INPUT  the input is cut off or not what it should be from some place on; what came before was good
 *   CB_E_LIMIT, CB_E_IO, CB_E_UNSUPPORTED (encoding), CB_E_OPTION as in plugin.h
 * A row or tree with `refused` set is a source record that could not be read: deliver it as CB_UNIT_REFUSED with that
 * code as its reason; the finding has been reported already.
 */
#ifndef CASEBRIDGE_SERVICES_H
#define CASEBRIDGE_SERVICES_H

#include "casebridge/plugin.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CB_SERVICE_DELIMITED "casebridge.delimited/1"
#define CB_SERVICE_FIXED "casebridge.fixed/1"
#define CB_SERVICE_JSON "casebridge.json/1"
#define CB_SERVICE_XML "casebridge.xml/1"

/* --- Rows ------------------------------------------------------------------------------------------------------- */

enum { CB_SLOT_QUOTED = 1u << 0 };
typedef struct cb_slot { /* one cell of a row */
  cb_text text;          /* UTF-8, without quotation marks */
  uint64_t offset;       /* of its bytes in the input */
  uint32_t length, flags;
} cb_slot;

#define CB_NO_KIND UINT32_MAX
typedef struct cb_row {
  uint32_t struct_size;
  uint32_t n_slots;
  const cb_slot* slots;
  uint64_t offset, length; /* without the line end */
  uint64_t line, number;   /* of the input; among the rows of data; from 1 */
  const char* refused;     /* NULL, or the code of the finding; static */
  uint32_t kind;           /* fixed columns: index into the kinds; CB_NO_KIND: none holds, or there are none */
  uint32_t unread;         /* fixed columns: bytes, other than blanks, that no column covers */
} cb_row;

typedef struct cb_delimited_options {
  uint32_t struct_size;
  uint32_t input;               /* index into cb_inputs, for findings */
  char delimiter, quote;        /* ASCII; 0: found from the first rows; 0: '"' */
  uint8_t no_header, no_quotes; /* 1: the first row is data; quotation marks are ordinary characters */
  uint32_t header_row;          /* line that holds the names, from 1; 0: 1 */
  cb_text encoding;             /* as declared; empty: found */
  const cb_text* columns;       /* names, with no_header */
  uint32_t n_columns, max_columns;
  uint64_t max_field, max_row;
} cb_delimited_options;

typedef struct cb_rows cb_rows;
typedef struct cb_delimited_service {
  uint32_t struct_size, version;
  cb_status (*open)(const cb_host*, const cb_input*, const cb_delimited_options*, cb_rows** out); /* reads the header */
  cb_status (*next)(cb_rows*, cb_row* out);
  uint32_t (*columns)(cb_rows*, const cb_slot** out); /* names of the header with their places, until close() */
  cb_text (*encoding)(cb_rows*);                      /* "UTF-8", "windows-1252" ...; "ASCII": nothing else so far */
  char (*delimiter)(cb_rows*);
  void (*close)(cb_rows*); /* NULL is allowed */
} cb_delimited_service;

typedef struct cb_fixed_column {
  cb_text name;
  uint32_t first, last; /* bytes from 1, both included */
} cb_fixed_column;
typedef struct cb_fixed_kind {
  cb_text name;
  cb_text when_column, when_value; /* the first kind whose column has this value is the line's; empty column: always */
  const cb_fixed_column* columns;  /* besides those of every line */
  uint32_t n_columns, reserved;
} cb_fixed_kind;
typedef struct cb_fixed_options {
  uint32_t struct_size;
  uint32_t input;
  const cb_fixed_column* columns; /* of every line */
  const cb_fixed_kind* kinds;     /* slots of a row: columns of every line, then those of its kind */
  uint32_t n_columns, n_kinds;
  uint32_t line_bytes, reserved; /* > 0: no line ends */
  cb_text encoding;
  uint64_t max_line;
} cb_fixed_options;
typedef struct cb_fixed_service {
  uint32_t struct_size, version;
  cb_status (*open)(const cb_host*, const cb_input*, const cb_fixed_options*, cb_rows** out);
  cb_status (*next)(cb_rows*, cb_row* out);
  cb_text (*encoding)(cb_rows*);
  void (*close)(cb_rows*);
} cb_fixed_service;

/* --- Trees: the same shape for XML and JSON ------------------------------------------------------------------------ */

enum { CB_NODE_ATTRIBUTE = 1u << 0, CB_NODE_NIL = 1u << 1, CB_NODE_TEXT = 1u << 2 };
typedef struct cb_node {
  uint32_t name, ns;                          /* interned: compare numbers; CB_NONE = none */
  uint32_t parent, first_child, next_sibling; /* indices, or CB_NONE */
  uint32_t flags;
  cb_text text;            /* UTF-8; only with CB_NODE_TEXT */
  uint64_t text_offset;    /* of the value: character data, attribute value, JSON scalar without its quotation marks */
  uint64_t offset, length; /* of the whole element, attribute or member value */
  uint64_t line;           /* of offset, from 1 */
  uint32_t text_length, reserved;
} cb_node;

typedef struct cb_tree {
  uint32_t struct_size;
  uint32_t n_nodes;
  const cb_node* nodes;    /* in document order; 0 is the document element or the JSON value */
  uint32_t unit, reserved; /* the source record; its ancestors stand before it with the simple children that came earlier */
  uint64_t offset, length;
  const char* refused;
} cb_tree;

typedef struct cb_json_options {
  uint32_t struct_size;
  uint32_t input;
  uint32_t lines, reserved; /* 1: one line is one source record */
  cb_text each;             /* "/reports", "/@graph", "/": the elements at the top; empty: the document is the record */
  cb_text encoding;
  uint32_t max_depth, max_members, max_nodes, max_names;
  uint64_t max_string, max_text;
} cb_json_options;

typedef struct cb_xml_options {
  uint32_t struct_size;
  uint32_t input;
  cb_text each;     /* "Custody" in any namespace, "{namespace}Custody"; empty: the document is the record */
  uint32_t recover; /* 1: leave out what stands before a late XML declaration */
  uint32_t reserved;
} cb_xml_options;

typedef struct cb_trees cb_trees;
typedef struct cb_json_service {
  uint32_t struct_size, version;
  cb_status (*open)(const cb_host*, const cb_input*, const cb_json_options*, cb_trees** out);
  cb_status (*next)(cb_trees*, cb_tree* out);
  uint32_t (*intern)(cb_trees*, cb_text name); /* the number of a name or namespace, now and later */
  cb_text (*name)(cb_trees*, uint32_t number); /* until close() */
  cb_text (*encoding)(cb_trees*);
  void (*close)(cb_trees*);
} cb_json_service;
typedef struct cb_xml_service {
  uint32_t struct_size, version;
  cb_status (*open)(const cb_host*, const cb_input*, const cb_xml_options*, cb_trees** out);
  cb_status (*next)(cb_trees*, cb_tree* out);
  uint32_t (*intern)(cb_trees*, cb_text name);
  cb_text (*name)(cb_trees*, uint32_t number);
  void (*close)(cb_trees*);
  /* Name and namespace of the document element, without reading further; CB_OK, or as next(). */
  cb_status (*root)(cb_trees*, uint32_t* name, uint32_t* ns);
} cb_xml_service;

#ifdef __cplusplus
}
#endif
#endif

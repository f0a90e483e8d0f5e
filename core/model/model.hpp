// The case model at run time: one constexpr table of nodes, made by modelgen from schemas/case/*.yaml.
// Everything that knows a field by name (mappings, readers, writers, validators, the linker) asks here; nobody writes
// a field name by hand. All data is static; every function is pure and may be called from any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace casebridge::model {

using Tag = uint16_t;  // from schemas/generated/model.lock: explicit, never reused. 0 is "no such node".

enum class NodeKind : uint8_t {
  record,  // one of the nineteen types, or Dataset, Source, DatasetEnd
  block,   // one value with parts (occurred, civic): its leaves stand flat in the record, named by path
  blocks,  // a repeated block (names, identifiers): each item is a child with its own leaves
  leaf
};

enum class ValueType : uint8_t {
  text,
  code,
  openCode,  // openCode: the list, or X-[A-Z0-9_]+ (ucr2: four digits)
  date,      // YYYY[-MM[-DD]]: its form is its precision
  dateTime,  // RFC 3339 with offset
  when,      // date or dateTime: the end of an interval
  integer,
  boolean,
  decimal,  // decimal text on the wire: money, coordinates, confidence
  ref,      // id of another record
  uuid,
  pointer,  // JSON Pointer
  agencyKey,
  country,
  language,
  currency,
  sha256,
  url,
  place,  // [number, offset, length, line, column]
  map     // name -> texts (ext), pointer -> text (original), pointer -> place (places), type -> count (counts)
};

enum class Key : uint8_t { none = 0, strong = 1, weak = 2, block = 4 };  // S, W, B of schema.md section 4; a bit set

struct CodeRow {
  std::string_view code, en, fr, source, valid_from, valid_to, replaced_by;
  bool unverified;  // warns on use, stands in no rule
};
struct CodeList {
  std::string_view name;
  std::span<const CodeRow> rows;  // sorted by code, bytewise
  bool open;
  std::string_view open_form;                        // pattern of further codes of an open list, else empty
  const CodeRow* find(std::string_view code) const;  // nullptr: not in the list
  bool accepts(std::string_view code) const;         // in the list, or in the open form
};

struct Node {
  Tag tag;
  Tag parent;  // the node it stands in; 0 for a record and for what every record has (header, handling ...)
  NodeKind kind;
  ValueType type;                 // leaves only
  bool many;                      // a leaf with a list of values (blocks are many by their kind)
  bool required;                  // in its parent, when the parent is there
  bool computed;                  // the core writes it (daysMissing, phoneticKey): never mapped
  bool sensitive;                 // a sensitive trait (H22): never a match feature, off by default in exports
  bool attribute;                 // XML attribute rather than element
  uint8_t key;                    // Key bits
  uint16_t rank;                  // wire order: sorting the values of any record by rank gives the order of the model
  std::string_view name;          // "start"
  std::string_view path;          // from its record: "occurred/start", "names/full"
  const CodeList* codes;          // of code and openCode, else nullptr
  std::span<const Tag> targets;   // of ref: record types it may point to; empty = any
  std::span<const Tag> children;  // of records and blocks, in wire order (a record's begin with the header's)
  std::string_view doc_en, doc_fr;
  std::string_view label_en, label_fr;
  std::string_view maps_to;  // "HTCDS prs_Gender; NIEM nc:PersonSexText ..."
  std::string_view form;  // lexical form of a leaf by its name in schemas/README.md: "count", "latitude"; block type of a block: "Interval"
  std::string_view with;  // a strong key is unique together with this: "agency", a field of the record, or empty
  std::string_view since;  // version of the model that brought it: "1.0"
  bool hard;               // required, and no `absent` entry excuses it
};

std::span<const Node> nodes();  // by tag, ascending
const Node& node(Tag);          // throws std::out_of_range on a tag that never was
const Node* find_node(Tag) noexcept;
const Node* record_type(std::string_view name) noexcept;                // "Person"
const Node* field(const Node& record, std::string_view path) noexcept;  // "occurred/start", "names/full", "handling/tlp"
std::span<const CodeList> code_lists();
const CodeList* code_list(std::string_view name) noexcept;  // "gender"
// At least one field of each group must stand in a record of this type, or be excused by `absent`.
struct AnyOf {
  Tag record;
  std::span<const Tag> fields;
};
std::span<const AnyOf> any_of();
std::string_view schema_version();      // "1.0.0"
std::string_view code_list_versions();  // "2026-11-22"

}  // namespace casebridge::model

// A compiled mapping: flat, read-only, shared by any number of sessions. Indices instead of pointers; every part knows
// the line of the mapping file it came from.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/model.hpp"
#include "read/mapping/path.hpp"
#include "read/mapping/yaml.hpp"

namespace re2 {
class RE2;
}

namespace casebridge::read::mapping {

inline constexpr uint32_t kNone = UINT32_MAX;

// Words compared without regard to case (ASCII and Latin letters of UTF-8 stay as they are) and outer blanks.
std::string fold(std::string_view);

struct Test {  // one line of a condition
  uint32_t path = kNone, let = kNone;
  bool has = false;                // has a value
  std::vector<std::string> words;  // folded: is one of these
  std::vector<std::shared_ptr<const re2::RE2>> patterns;
};
struct Condition {
  std::vector<std::vector<Test>> any;  // any of (all of); empty: always true
  bool empty() const { return any.empty(); }
};

struct Piece {  // of a text with braces
  std::string literal;
  uint32_t value = kNone;  // kNone: the literal
};

// Where a value comes from and what is done with it, in the fixed order of section 4.
struct Value {
  enum class Kind : uint8_t { constant, place, text, let, list, first, absent };
  Kind kind = Kind::constant;
  std::string word;  // constant; reason of absent
  uint32_t path = kNone, let = kNone;
  std::vector<Piece> pieces;    // text
  std::vector<uint32_t> parts;  // list, first: values
  // steps
  std::string split, join;
  bool has_join = false, token = false;
  std::shared_ptr<const re2::RE2> capture;
  uint32_t codes = kNone;  // table
  uint32_t unit = kNone;   // value
  uint32_t hint = 0;       // 1 + index into Program::hints: date, zone
  Condition when, unless;
  uint32_t reason = 0;                      // loss reason when a condition keeps it out
  bool conditional = false, steps = false;  // steps: anything beyond the bare kind
  Mark mark;
  std::string why;
};

struct Table {  // source word → code
  std::string name;
  std::unordered_map<std::string, std::string> rows;  // folded word → code
  std::string otherwise;                              // empty: a finding
  Mark mark;
};

struct RefSpec {
  std::vector<uint32_t> rules;  // in the order in which they are asked
  uint32_t of = kNone;          // path
  uint32_t key = kNone;         // value
  Condition when, unless;
  bool conditional = false;
  uint32_t reason = 0;  // loss reason of the places in it when a condition keeps it out
  Mark mark;
};

struct Field {
  enum class Kind : uint8_t { leaf, ref, record, block, items, first };  // first: the first field of `body` that gives something
  Kind kind = Kind::leaf;
  const model::Node* node = nullptr;
  model::Tag tag = 0;
  uint32_t value = kNone;  // leaf; or the absent of any kind
  uint32_t hint = 0;       // default: how dates are written in this feed, region
  RefSpec ref;
  uint32_t rule = kNone;  // record: the rule of the record in this field
  uint32_t body = kNone;  // block, items
  uint32_t each = kNone;  // items: value whose places give one item each
  Mark mark;
};

struct Ext {
  std::string name;
  uint32_t value = kNone;
};

struct Body {
  std::vector<Field> fields;
  std::vector<Ext> ext;
  Condition when, unless;
  bool conditional = false;
  bool constant = false;  // no place in it at all: it always stands
  uint32_t reason = 0;
};

struct Rule {
  std::string name;  // of the rule; of a record in a field: the path of that field
  const model::Node* type = nullptr;
  bool top = false;      // stands under records:
  bool natural = false;  // Selector, Link: the model knows their key
  bool has_each = false;
  std::vector<uint32_t> each;  // values
  std::vector<uint32_t> key;   // values; parts joined by U+001F
  uint32_t body = kNone;
  uint32_t first_let = 0, n_lets = 0;
  std::string table;              // each begins with the name of a table
  std::vector<uint32_t> besides;  // rules above it whose places it leaves to them
  Mark mark;
};

struct Let {
  std::string name;
  uint32_t value = kNone;
  uint32_t rule = kNone;  // kNone: of the file
};

struct Skip {
  Condition when, unless;
  std::string as, why;
};

struct Note {
  Condition when, unless;
  uint32_t at = kNone;  // path
  std::string en, fr;
};

struct Drop {
  std::string pattern, why;        // "REPORT_*", "persons/LAST_EDIT_BY"
  std::vector<std::string> names;  // the pattern's steps; empty: `path` says it
  uint32_t path = kNone;           // with a filter: a place of each source record, and all below it
  uint32_t reason = 0;
  Mark mark;
};

struct LinesOfKind {  // fixed width: one kind of line
  std::string name;
  std::vector<std::pair<std::string, std::string>> when;                       // column, word
  std::vector<std::pair<std::string, std::pair<uint32_t, uint32_t>>> columns;  // name, from, to (from 1)
  std::string of;                 // not empty: no line of its own, but a part of each line of that kind,
  uint32_t times = 1, every = 0;  // so often, each so many columns on from the one before; its columns are those of the first
};

struct RelatedTable {               // one of the tables of a feed
  std::string name, file;           // file: pattern of its name; empty: any
  std::vector<std::string> header;  // columns that its first line has; empty: any
  bool optional = false;            // a feed may come without it
};

struct Reads {
  enum class Reader : uint8_t { delimited, xlsx, table, fixed, xml, json, jsonl };  // table: delimited or xlsx, as it comes
  Reader reader = Reader::delimited;
  std::vector<std::vector<std::string>> headers;  // any of them, all names of it
  std::string delimiter, encoding, sheet;
  std::vector<std::string> begins;            // the first bytes of an input, any of them
  bool characters = false;                    // fixed: columns count characters, not bytes
  uint32_t line_bytes = 0;                    // fixed: no line ends
  uint32_t header_row = 0, header_first = 0;  // xlsx: names may stand in several rows, from header_first to header_row
  std::vector<std::string> columns;           // when there is no header
  std::vector<std::pair<std::string, std::pair<uint32_t, uint32_t>>> widths;  // fixed: every line
  std::vector<LinesOfKind> lines;
  std::vector<std::string> roots;      // xml: local names
  std::vector<std::string> keys;       // json: members that must be there
  std::string each;                    // xml: name; json: pointer
  std::vector<std::string> each_more;  // xml: further names; json: the next paths, where nothing stands at those before
  std::vector<std::pair<std::string, std::string>> labels;  // xml: element, and the attribute that says what it is
  bool together = false;                                    // jsonl: all lines are one source record, with a member "line" for each
  bool niem = false;
  bool linked = false;            // json: JSON-LD; see jsonld.hpp
  std::string id_name, ref_name;  // references of another kind; attribute or member names, "@" marks an attribute
  std::vector<std::string> ref_names;
  std::vector<RelatedTable> tables;
  std::vector<std::pair<std::string, std::vector<std::string>>> spellings;  // name of a column → other names of it
  std::vector<std::string> optional;                                        // columns whose absence is no finding; * stands within a name
  std::vector<std::string> group;                                           // places
  bool once = false;                                                        // of a group: a row that says what another says is left out
  std::string refuse_as, refuse_why;                                        // recognised, and not case data
};

struct SourceField {  // of the Source line
  const model::Node* node = nullptr;
  model::Tag tag = 0;
  uint32_t value = kNone;
};

struct Program {
  std::string id, version, title_en, title_fr, file;
  Reads reads;
  std::vector<SourceField> source;  // and its handling
  std::string agency, system, time_zone, region;
  std::vector<std::string> dates;
  std::unordered_map<std::string, std::string> absent_words;  // folded → reason
  uint64_t absent_lengths = 0;                                // bit n: some word has n bytes (63: more)
  std::vector<Path> paths;
  std::vector<Value> values;
  std::vector<Body> bodies;
  std::vector<Rule> rules;  // top rules first, in order; then the records in fields
  uint32_t n_top = 0;
  std::vector<Let> lets;
  std::vector<Table> tables;
  std::vector<Skip> skip;
  std::vector<Drop> drop;
  std::vector<Note> notes;
  std::vector<std::string> hints;        // "date=…␟zone=…"
  std::vector<uint32_t> calendar_hints;  // of each hint, 1 + index of the same without "date=": for dates that need no pattern
  uint32_t without_pattern(uint32_t hint) const { return hint ? calendar_hints[hint - 1] : 0; }
  std::vector<std::string> reasons;  // of loss; [0] = ""
  uint32_t n_filters = 0, n_steps = 0;
  std::vector<std::string> step_names;  // of each step, from 1
  uint32_t date_hint = 0;               // of the feed: dates, timeZone
  Yaml tests;                           // the inline tests as written
};

// Reads and compiles one mapping. `other(name)` gives the bytes of a file beside it (code tables) or nothing.
using OtherFile = bool (*)(void* context, std::string_view name, std::string& into);
std::shared_ptr<const Program> compile(std::string_view text, Problems& problems, OtherFile other = nullptr, void* context = nullptr);

}  // namespace casebridge::read::mapping

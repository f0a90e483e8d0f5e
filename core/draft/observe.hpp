// A sample as columns: read by the readers that every mapping has, in the sandbox, through a mapping that knows nothing.
#pragma once
#include <stdexcept>
#include <string>
#include <vector>

#include "draft/shapes.hpp"

namespace casebridge::draft {

struct Column {
  std::string place;  // as a mapping names it: "DOB", "contact/phone", "person/@id"
  Shapes shapes;
  uint64_t records = 0;  // source records that have it
  uint64_t most = 0;     // values in one of them
};

enum class Reader : uint8_t { delimited, json, jsonl, xml, xlsx };

struct Observed {
  Reader reader = Reader::delimited;
  std::vector<std::string> header;  // of a table, as the file spells it
  std::string root;                 // XML: "name", or "namespace name"
  std::vector<std::string> keys;    // JSON: members of the first object
  std::string each;                 // element name or path; empty: the document
  std::vector<Column> columns;      // in the order in which they came
  uint64_t records = 0;             // source records read
  uint64_t refused = 0;
  uint64_t hidden = 0;  // columns left out because their names look like somebody's data
  bool cut = false;     // only its beginning was read
};

// What there is to say when no draft can be made: translated words, and what to do.
struct NoDraft : std::runtime_error {
  NoDraft(const std::string& words, std::string hint) : std::runtime_error(words), fix(std::move(hint)) {}
  std::string fix;
};

struct Safety {
  bool in_process = false, allow_unsandboxed = false;
};

Observed observe(const std::string& file, const Safety&);  // throws NoDraft

const char* reader_word(Reader);

// A word of YAML: plain where that is safe, else in double quotes.
std::string yaml_word(std::string_view);
// A place of the mapping language for a path of names; a name with a sign of the language in back quotes. In a table a slash
// is part of the column's name, in XML @ marks an attribute. Empty: the language cannot name it.
std::string place_word(std::string_view path, Reader);

}  // namespace casebridge::draft

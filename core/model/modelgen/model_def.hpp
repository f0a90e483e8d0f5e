// The case model as modelgen reads it from schemas/case, before it is written as tables, schemas and pages.
#pragma once
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace modelgen {

struct ModelError : std::runtime_error {  // "schemas/case/Person.yaml:12: …"
  using std::runtime_error::runtime_error;
};

enum class Kind { record, block, blocks, leaf };

// A lexical form: its name in the model files, the ValueType of model.hpp, and its pattern (empty: text, not empty).
// Patterns use only what RE2, XSD 1.0 and ECMA 262 read alike, and are anchored on both ends by whoever uses them.
struct Form {
  const char* name;
  const char* value_type;
  const char* pattern;
  const char* json_type;  // "string", "integer", "boolean"; "map" and "place" are written by hand
};
const std::vector<Form>& forms();
const Form* find_form(const std::string& name);

struct Words {
  std::string en, fr;
};

struct Field {
  std::string name, path, file;
  int line = 0;
  Kind kind = Kind::leaf;
  const Form* form = nullptr;                         // leaves
  std::string codes;                                  // name of the code list ("person_role,mcm_role" is their union), or empty
  std::vector<std::string> targets;                   // of ref; empty = any
  std::string block_type;                             // "Interval" where the block is a value type
  bool many = false, required = false, hard = false;  // hard: no `absent` entry excuses it
  bool computed = false, sensitive = false, attribute = false;
  int key = 0;       // S 1, W 2, B 4
  std::string with;  // a strong key is unique together with this ("agency", "plateIssuer")
  Words label, doc;
  std::map<std::string, std::string> maps;  // htcds, niem, ftm, ctdc
  std::string since = "1.0";
  std::vector<Field> parts;  // of records and blocks
  uint16_t tag = 0, parent = 0, rank = 0;
};

struct Record : Field {
  bool line = false;                             // Dataset, Source, DatasetEnd: neither header nor trailer
  bool handling = false;                         // a line with a handling block (Source), whose handlingCode is required
  std::vector<std::vector<std::string>> any_of;  // one of each group must stand, or have its `absent` entry
};

struct Code {
  std::string code, en, fr, source, valid_from, valid_to, replaced_by;
  bool unverified = false;
};
struct List {
  std::string name, open_form;  // open_form empty: closed
  std::vector<Code> codes;      // sorted by code
};

struct Model {
  std::string version, list_version, ns;
  std::vector<Field> header, trailer;  // common nodes: they stand once, with parent 0
  std::vector<Record> records;         // case records by name, then Dataset, Source, DatasetEnd
  std::map<std::string, std::vector<Field>> types;
  std::map<std::string, List> lists;
};

Model read_model(const std::string& schemas_dir);                      // throws ModelError
std::map<std::string, List> read_lists(const std::string& codes_dir);  // throws ModelError

// Tags: taken from the lock, or, with `allot`, new ones after the highest ever used. Throws ModelError on a conflict.
void assign_tags(Model&, const std::string& lock_path, bool allot, std::string& new_lock);

using Files = std::map<std::string, std::string>;  // name -> content
void write_tables(const Model&, Files&);           // model_tables.cpp
void write_header(const Model&, Files&);           // casebridge/model.h
void write_xsd(const Model&, Files&);              // case.xsd
void write_json_schema(const Model&, Files&);      // case.schema.json, case.schema.draft4.json
void write_pages(const Model&, Files&);            // fields.en.md, fields.fr.md, mappings.csv, comparators.csv
void write_sql(const Model&, Files&);              // store.sql

// What records share is written for each of them: header fields of a record in wire order, then own, then trailer.
std::vector<const Field*> fields_of(const Model&, const Record&);
std::string constant_name(const std::string& record, const std::string& path);  // CB_TAG_PERSON_NAMES_FULL

}  // namespace modelgen

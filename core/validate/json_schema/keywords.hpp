// Every keyword of every draft, declared once: in which drafts it lives, to which vocabulary it belongs, and what its
// value must look like. The compiler asks this table where subschemas stand; the metaschemas are written from it.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace casebridge::schema {

enum class Draft : uint8_t { d4, d6, d7, d2019, d2020 };
enum Vocabulary : uint8_t {
  kCore = 1,
  kApplicator = 2,
  kUnevaluated = 4,
  kValidation = 8,
  kMetaData = 16,
  kFormat = 32,
  kContent = 64,
  kAllVocabularies = 127
};
enum class Holds : uint8_t { data, schema, schemas, schema_map, schema_or_schemas, schema_map_or_names };

struct Keyword {
  std::string_view name;
  Draft first, last;
  Vocabulary vocabulary;
  Holds holds;
  std::string_view shape;  // of its value, for the metaschema: a word of shapes() in keywords.cpp
};

std::span<const Keyword> keywords();
const Keyword* keyword(std::string_view name, Draft draft);

std::string_view metaschema_uri(Draft draft);           // "http://json-schema.org/draft-07/schema"
std::string metaschema(std::string_view uri);           // text of a metaschema or vocabulary part, empty: not one of them
bool draft_of_uri(std::string_view uri, Draft& draft);  // uri without an empty fragment
bool vocabulary_of_uri(std::string_view uri, Vocabulary& vocabulary);

}  // namespace casebridge::schema

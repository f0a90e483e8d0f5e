#include "validate/json_schema/keywords.hpp"

#include <array>
#include <map>
#include <vector>

namespace casebridge::schema {
namespace {

using enum Draft;
using H = Holds;

constexpr auto kKeywords = std::to_array<Keyword>({
    {"$schema", d4, d2020, kCore, H::data, "uri"},
    {"id", d4, d4, kCore, H::data, "string"},
    {"$id", d6, d7, kCore, H::data, "string"},
    {"$id", d2019, d2020, kCore, H::data, "id"},
    {"$ref", d4, d2020, kCore, H::data, "string"},
    {"$anchor", d2019, d2020, kCore, H::data, "anchor"},
    {"$dynamicRef", d2020, d2020, kCore, H::data, "string"},
    {"$dynamicAnchor", d2020, d2020, kCore, H::data, "anchor"},
    {"$recursiveRef", d2019, d2019, kCore, H::data, "string"},
    {"$recursiveAnchor", d2019, d2019, kCore, H::data, "boolean"},
    {"$vocabulary", d2019, d2020, kCore, H::data, "booleans"},
    {"$comment", d7, d2020, kCore, H::data, "string"},
    {"$defs", d2019, d2020, kCore, H::schema_map, "schema-map"},
    {"definitions", d4, d2020, kCore, H::schema_map, "schema-map"},
    {"properties", d4, d2020, kApplicator, H::schema_map, "schema-map"},
    {"patternProperties", d4, d2020, kApplicator, H::schema_map, "schema-map"},
    {"additionalProperties", d4, d4, kApplicator, H::schema, "boolean-or-schema"},
    {"additionalProperties", d6, d2020, kApplicator, H::schema, "schema"},
    {"propertyNames", d6, d2020, kApplicator, H::schema, "schema"},
    {"items", d4, d2019, kApplicator, H::schema_or_schemas, "schema-or-schemas"},
    {"items", d2020, d2020, kApplicator, H::schema, "schema"},
    {"prefixItems", d2020, d2020, kApplicator, H::schemas, "schemas"},
    {"additionalItems", d4, d4, kApplicator, H::schema, "boolean-or-schema"},
    {"additionalItems", d6, d2019, kApplicator, H::schema, "schema"},
    {"contains", d6, d2020, kApplicator, H::schema, "schema"},
    {"dependencies", d4, d2020, kApplicator, H::schema_map_or_names, "dependencies"},
    {"dependentSchemas", d2019, d2020, kApplicator, H::schema_map, "schema-map"},
    {"if", d7, d2020, kApplicator, H::schema, "schema"},
    {"then", d7, d2020, kApplicator, H::schema, "schema"},
    {"else", d7, d2020, kApplicator, H::schema, "schema"},
    {"allOf", d4, d2020, kApplicator, H::schemas, "schemas"},
    {"anyOf", d4, d2020, kApplicator, H::schemas, "schemas"},
    {"oneOf", d4, d2020, kApplicator, H::schemas, "schemas"},
    {"not", d4, d2020, kApplicator, H::schema, "schema"},
    {"unevaluatedItems", d2019, d2020, kUnevaluated, H::schema, "schema"},
    {"unevaluatedProperties", d2019, d2020, kUnevaluated, H::schema, "schema"},
    {"type", d4, d2020, kValidation, H::data, "types"},
    {"enum", d4, d4, kValidation, H::data, "values"},
    {"enum", d6, d2020, kValidation, H::data, "array"},
    {"const", d6, d2020, kValidation, H::data, "any"},
    {"multipleOf", d4, d2020, kValidation, H::data, "positive"},
    {"maximum", d4, d2020, kValidation, H::data, "number"},
    {"exclusiveMaximum", d4, d4, kValidation, H::data, "boolean"},
    {"exclusiveMaximum", d6, d2020, kValidation, H::data, "number"},
    {"minimum", d4, d2020, kValidation, H::data, "number"},
    {"exclusiveMinimum", d4, d4, kValidation, H::data, "boolean"},
    {"exclusiveMinimum", d6, d2020, kValidation, H::data, "number"},
    {"maxLength", d4, d2020, kValidation, H::data, "count"},
    {"minLength", d4, d2020, kValidation, H::data, "count"},
    {"pattern", d4, d2020, kValidation, H::data, "string"},
    {"maxItems", d4, d2020, kValidation, H::data, "count"},
    {"minItems", d4, d2020, kValidation, H::data, "count"},
    {"uniqueItems", d4, d2020, kValidation, H::data, "boolean"},
    {"maxContains", d2019, d2020, kValidation, H::data, "count"},
    {"minContains", d2019, d2020, kValidation, H::data, "count"},
    {"maxProperties", d4, d2020, kValidation, H::data, "count"},
    {"minProperties", d4, d2020, kValidation, H::data, "count"},
    {"required", d4, d4, kValidation, H::data, "some-names"},
    {"required", d6, d2020, kValidation, H::data, "names"},
    {"dependentRequired", d2019, d2020, kValidation, H::data, "name-lists"},
    {"title", d4, d2020, kMetaData, H::data, "string"},
    {"description", d4, d2020, kMetaData, H::data, "string"},
    {"default", d4, d2020, kMetaData, H::data, "any"},
    {"deprecated", d2019, d2020, kMetaData, H::data, "boolean"},
    {"readOnly", d7, d2020, kMetaData, H::data, "boolean"},
    {"writeOnly", d7, d2020, kMetaData, H::data, "boolean"},
    {"examples", d6, d2020, kMetaData, H::data, "array"},
    {"format", d4, d2020, kFormat, H::data, "string"},
    {"contentEncoding", d7, d2020, kContent, H::data, "string"},
    {"contentMediaType", d7, d2020, kContent, H::data, "string"},
    {"contentSchema", d2019, d2020, kContent, H::schema, "schema"},
});

// What a keyword's value may be; {S} stands for "any schema" in the draft at hand.
const std::map<std::string_view, std::string_view>& shapes() {
  static const std::map<std::string_view, std::string_view> table{
      {"any", "{}"},
      {"string", R"({"type":"string"})"},
      {"uri", R"({"type":"string","format":"uri"})"},
      {"id", R"({"type":"string","pattern":"^[^#]*#?$"})"},
      {"anchor", R"({"type":"string","pattern":"^[A-Za-z_][-A-Za-z0-9._]*$"})"},
      {"boolean", R"({"type":"boolean"})"},
      {"booleans", R"({"type":"object","additionalProperties":{"type":"boolean"}})"},
      {"number", R"({"type":"number"})"},
      {"positive", R"({"type":"number","allOf":[{"not":{"type":"number","maximum":0}}]})"},
      {"count", R"({"type":"integer","minimum":0})"},
      {"array", R"({"type":"array"})"},
      {"values", R"({"type":"array","minItems":1,"uniqueItems":true})"},
      {"names", R"({"type":"array","items":{"type":"string"},"uniqueItems":true})"},
      {"some-names", R"({"type":"array","items":{"type":"string"},"minItems":1,"uniqueItems":true})"},
      {"name-lists", R"({"type":"object","additionalProperties":{"type":"array","items":{"type":"string"},"uniqueItems":true}})"},
      {"types", R"({"anyOf":[{T},{"type":"array","items":{T},"minItems":1,"uniqueItems":true}]})"},
      {"schema", "{S}"},
      {"schemas", R"({"type":"array","items":{S},"minItems":1})"},
      {"schema-map", R"({"type":"object","additionalProperties":{S}})"},
      {"schema-or-schemas", R"({"anyOf":[{S},{"type":"array","items":{S},"minItems":1}]})"},
      {"boolean-or-schema", R"({"anyOf":[{"type":"boolean"},{S}]})"},
      {"dependencies",
       R"({"type":"object","additionalProperties":{"anyOf":[{S},{"type":"array","items":{"type":"string"},"uniqueItems":true}]}})"},
  };
  return table;
}

constexpr std::string_view kTypes = R"({"enum":["array","boolean","integer","null","number","object","string"]})";

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size()) text.replace(at, what.size(), with);
  return text;
}

struct Part {
  std::string_view path;
  Vocabulary vocabulary;
};
constexpr auto kParts = std::to_array<Part>({{"core", kCore},
                                             {"applicator", kApplicator},
                                             {"unevaluated", kUnevaluated},
                                             {"validation", kValidation},
                                             {"meta-data", kMetaData},
                                             {"format", kFormat},
                                             {"format-annotation", kFormat},
                                             {"content", kContent}});

constexpr std::string_view k2019 = "https://json-schema.org/draft/2019-09/", k2020 = "https://json-schema.org/draft/2020-12/";

bool part_in(const Part& part, Draft draft) {
  if (draft == d2019) return part.path != "format-annotation" && part.path != "unevaluated";
  return part.path != "format";
}

// Draft 2019-09 knows no vocabulary for unevaluated*: they stand with the applicators.
uint8_t vocabularies_of(const Part& part, Draft draft) {
  return draft == d2019 && part.vocabulary == kApplicator ? kApplicator | kUnevaluated : part.vocabulary;
}

std::string properties(Draft draft, uint8_t vocabularies, std::string_view any_schema) {
  std::string out = "{";
  for (const Keyword& k : kKeywords) {
    if (draft < k.first || draft > k.last || !(k.vocabulary & vocabularies)) continue;
    if (out.size() > 1) out += ",";
    out += "\"" + std::string(k.name) + "\":" + replaced(replaced(std::string(shapes().at(k.shape)), "{S}", any_schema), "{T}", kTypes);
  }
  return out + "}";
}

}  // namespace

std::span<const Keyword> keywords() { return kKeywords; }

const Keyword* keyword(std::string_view name, Draft draft) {
  for (const Keyword& k : kKeywords)
    if (k.name == name && draft >= k.first && draft <= k.last) return &k;
  return nullptr;
}

std::string_view metaschema_uri(Draft draft) {
  switch (draft) {
    case d4: return "http://json-schema.org/draft-04/schema";
    case d6: return "http://json-schema.org/draft-06/schema";
    case d7: return "http://json-schema.org/draft-07/schema";
    case d2019: return "https://json-schema.org/draft/2019-09/schema";
    case d2020: return "https://json-schema.org/draft/2020-12/schema";
  }
  return {};
}

bool draft_of_uri(std::string_view uri, Draft& draft) {
  if (uri.ends_with('#')) uri.remove_suffix(1);
  for (const Draft d : {d4, d6, d7, d2019, d2020})
    if (uri == metaschema_uri(d)) {
      draft = d;
      return true;
    }
  return false;
}

bool vocabulary_of_uri(std::string_view uri, Vocabulary& vocabulary) {
  for (const std::string_view base : {k2019, k2020}) {
    const std::string start = std::string(base) + "vocab/";
    if (!uri.starts_with(start)) continue;
    for (const Part& part : kParts)
      if (uri.substr(start.size()) == part.path) {
        vocabulary = part.vocabulary;
        return true;
      }
  }
  return false;
}

std::string metaschema(std::string_view uri) {
  for (const Draft draft : {d4, d6, d7}) {
    if (uri != metaschema_uri(draft)) continue;
    const std::string id = std::string(uri) + "#";
    return "{\"" + std::string(draft == d4 ? "id" : "$id") + "\":\"" + id + "\",\"$schema\":\"" + id +
           "\",\"type\":" + (draft == d4 ? "\"object\"" : "[\"object\",\"boolean\"]") +
           ",\"properties\":" + properties(draft, kAllVocabularies, "{\"$ref\":\"#\"}") +
           (draft == d4 ? ",\"dependencies\":{\"exclusiveMaximum\":[\"maximum\"],\"exclusiveMinimum\":[\"minimum\"]}}" : "}");
  }
  for (const Draft draft : {d2019, d2020}) {
    const std::string_view base = draft == d2019 ? k2019 : k2020;
    if (!uri.starts_with(base)) continue;
    const std::string anchor = draft == d2019 ? "\"$recursiveAnchor\":true" : "\"$dynamicAnchor\":\"meta\"";
    const std::string any = draft == d2019 ? "{\"$recursiveRef\":\"#\"}" : "{\"$dynamicRef\":\"#meta\"}";
    const std::string head = "{\"$schema\":\"" + std::string(metaschema_uri(draft)) + "\",\"$id\":\"" + std::string(uri) + "\"," + anchor +
                             ",\"type\":[\"object\",\"boolean\"],";
    const std::string_view rest = uri.substr(base.size());
    if (rest == "schema") {
      std::string parts, vocabularies;
      for (const Part& part : kParts) {
        if (!part_in(part, draft)) continue;
        parts += (parts.empty() ? "" : ",") + std::string("{\"$ref\":\"meta/") + std::string(part.path) + "\"}";
        vocabularies += (vocabularies.empty() ? "\"" : ",\"") + std::string(base) + "vocab/" + std::string(part.path) +
                        "\":" + (part.vocabulary == kFormat ? "false" : "true");
      }
      return head + "\"$vocabulary\":{" + vocabularies + "},\"allOf\":[" + parts + "]}";
    }
    for (const Part& part : kParts)
      if (part_in(part, draft) && rest == "meta/" + std::string(part.path))
        return head + "\"$vocabulary\":{\"" + std::string(base) + "vocab/" + std::string(part.path) +
               "\":true},\"properties\":" + properties(draft, vocabularies_of(part, draft), any) + "}";
  }
  return {};
}

}  // namespace casebridge::schema

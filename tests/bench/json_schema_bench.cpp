// JSON Schema validation beside the hardened RapidJSON parse alone, on a generated JSON Lines file of bookings (synthetic).
// Prints name, value, budget and verdict, separated by tabs.
#include <rapidjson/document.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "validate/json_schema/schema.hpp"

namespace {

std::string bookings(size_t bytes) {
  std::string out;
  for (uint64_t i = 0; out.size() < bytes; ++i) {
    char line[1024];
    std::snprintf(line, sizeof line,
                  "{\"bookingNumber\":\"BK-%08llu\",\"agency\":\"example-corrections\",\"facility\":\"North Test "
                  "Jail\",\"admitted\":\"2099-%02llu-%02lluT%02llu:15:00Z\","
                  "\"person\":{\"family\":\"EXEMPLE%llu\",\"given\":\"Test\",\"birthDate\":\"20%02llu-03-09\",\"heightCm\":%llu,"
                  "\"aliases\":[\"Alias %llu\",\"A\\u00e9\"]},"
                  "\"charges\":[{\"section\":\"XX-%llu\",\"counts\":%llu,\"held\":%s},{\"section\":\"YY-1\",\"counts\":1,\"held\":false}],"
                  "\"bail\":%llu.50,\"status\":\"%s\",\"released\":null}\n",
                  static_cast<unsigned long long>(i), static_cast<unsigned long long>(i % 12 + 1),
                  static_cast<unsigned long long>(i % 28 + 1), static_cast<unsigned long long>(i % 24),
                  static_cast<unsigned long long>(i % 7919), static_cast<unsigned long long>(i % 80 + 10),
                  static_cast<unsigned long long>(i % 60 + 140), static_cast<unsigned long long>(i % 97),
                  static_cast<unsigned long long>(i % 300), static_cast<unsigned long long>(i % 5 + 1), i % 2 ? "true" : "false",
                  static_cast<unsigned long long>(i % 5000), i % 3 ? "REMAND" : "SENTENCED");
    out += line;
  }
  return out;
}

constexpr const char* kSchema = R"({
  "$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "additionalProperties": false,
  "required": ["bookingNumber", "agency", "admitted", "person", "charges"],
  "properties": {
    "bookingNumber": {"type": "string", "pattern": "^BK-[0-9]{8}$"}, "agency": {"type": "string", "minLength": 1}, "facility": {"type": "string"},
    "admitted": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T"},
    "person": {"$ref": "#/$defs/person"}, "charges": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/charge"}},
    "bail": {"type": "number", "minimum": 0}, "status": {"enum": ["REMAND", "SENTENCED", "RELEASED"]}, "released": {"type": ["string", "null"]}},
  "$defs": {
    "person": {"type": "object", "required": ["family"], "unevaluatedProperties": false, "properties": {
      "family": {"type": "string", "maxLength": 200}, "given": {"type": "string"}, "birthDate": {"type": "string"},
      "heightCm": {"type": "integer", "minimum": 30, "maximum": 280}, "aliases": {"type": "array", "items": {"type": "string"}, "uniqueItems": true}}},
    "charge": {"type": "object", "required": ["section"], "properties": {
      "section": {"type": "string"}, "counts": {"type": "integer", "minimum": 1}, "held": {"type": "boolean"}}}}})";

template <class Body>
double best_seconds(Body body) {
  double best = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    body();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

}  // namespace

int main() {
  using namespace casebridge::schema;
  const std::string text = bookings(size_t(60) << 20);
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    lines.push_back(std::string_view(text).substr(at, end - at));
    at = end + 1;
  }
  CompileError error;
  const auto schema = Schema::compile(kSchema, "urn:bench", {}, {}, error);
  if (!schema) return std::fprintf(stderr, "%s\n", error.what.c_str()), 1;

  constexpr unsigned kHardened =
      rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseFullPrecisionFlag;
  uint64_t good = 0;
  const double parse = best_seconds([&] {
    for (const auto line : lines) {
      rapidjson::Document document;
      document.Parse<kHardened>(line.data(), line.size());
      good += !document.HasParseError();
    }
  });
  uint64_t valid = 0;
  Document document;
  ParseError broken;
  const double both = best_seconds([&] {
    for (const auto line : lines) valid += document.reparse(line, broken) && schema->valid(document);
  });
  const double ours_parse = best_seconds([&] {
    for (const auto line : lines) good += document.reparse(line, broken);
  });
  if (valid != lines.size() * 5)
    return std::fprintf(stderr, "%llu of %zu lines are valid\n", static_cast<unsigned long long>(valid / 5), lines.size()), 1;
  const double mb = static_cast<double>(text.size()) / 1e6;
  std::printf("JSON: hardened RapidJSON parse alone, MB/s\t%.0f\t\t\n", mb / parse);
  std::printf("JSON: our parse alone, MB/s\t%.0f\t\t\n", mb / ours_parse);
  std::printf("JSON: our parse and validation, MB/s\t%.0f\t\t\n", mb / both);
  std::printf("JSON: parse and validation against that parse\t%.2f x\tat least 0.7 x\t%s\n", parse / both,
              parse / both >= 0.7 ? "met" : "missed");
}

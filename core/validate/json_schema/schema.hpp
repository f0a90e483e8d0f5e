// JSON Schema, drafts 4, 6, 7, 2019-09 and 2020-12: compiled once, then run over any number of documents.
// compile() is the only step that may ask the loader for other schemas (it never uses a network of itself). A compiled
// schema is immutable: validate() may run on many threads at once. Every error has the instance's JSON Pointer, the
// keyword's place in the schema, and, given the instance's text, line and column.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "validate/json_schema/document.hpp"
#include "validate/json_schema/keywords.hpp"

namespace casebridge::schema {

struct Error {
  std::string code;               // "E-SCHEMA-TYPE": of core/validate/findings.def
  std::vector<std::string> args;  // of its message
  std::string instance;           // JSON Pointer of the value
  std::string keyword;            // "#/properties/age/minimum", with the schema's URI before it where it is not the root's
  uint32_t node = 0;              // of the value in its Document
  Position position;              // filled by Schema::check()
};

struct CompileError {
  std::string what;  // translated
  std::string uri;   // of the schema document
  Position position;
};

struct Settings {
  Draft draft = Draft::d2020;  // where a schema does not say
  bool assert_formats = false;
  uint64_t max_steps = 50'000'000;  // per document; a schema can ask for exponential work
  size_t max_errors = 1000;
};

using Loader = std::function<std::optional<std::string>(const std::string& uri)>;

struct Program;  // compile.hpp

class Schema {
 public:
  // nullptr: `error` says why. Metaschemas need no loader.
  static std::unique_ptr<Schema> compile(std::string_view text, const std::string& uri, const Settings&, const Loader&,
                                         CompileError& error);
  ~Schema();
  bool valid(const Document&) const;                   // stops at the first error
  std::vector<Error> validate(const Document&) const;  // all errors, up to the limit
  // Parses and validates; a text that is not JSON gives one error, E-SCHEMA-JSON. With positions.
  std::vector<Error> check(std::string_view json) const;

 private:
  explicit Schema(std::unique_ptr<Program>);
  std::unique_ptr<Program> program_;
};

}  // namespace casebridge::schema

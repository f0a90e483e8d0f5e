#include <boost/test/unit_test.hpp>

#include "validate/json_schema/schema.hpp"
#include "validate/json_schema/uri.hpp"

using namespace casebridge::schema;

namespace {
std::unique_ptr<Schema> made(std::string_view text, Settings settings = {}) {
  CompileError error;
  auto schema = Schema::compile(text, "urn:test", settings, {}, error);
  BOOST_REQUIRE_MESSAGE(schema, error.what);
  return schema;
}
}  // namespace

BOOST_AUTO_TEST_CASE(an_error_names_line_column_pointer_and_keyword) {
  const auto schema = made(R"({"type":"object","properties":{"people":{"items":{"required":["id"],"properties":{"age":{"minimum":0}}}}}})");
  const auto errors = schema->check("{\n  \"people\": [\n    {\"id\": 1, \"age\": 4},\n    {\"age\": -3}\n  ]\n}");
  BOOST_REQUIRE(errors.size() == 2);
  BOOST_TEST(errors[0].code == "E-SCHEMA-MINIMUM");
  BOOST_TEST(errors[0].instance == "/people/1/age");
  BOOST_TEST(errors[0].keyword == "#/properties/people/items/properties/age/minimum");
  BOOST_TEST(errors[0].position.line == 4);
  BOOST_TEST(errors[0].position.column == 13);
  BOOST_TEST(errors[0].position.length == 2);
  BOOST_TEST(errors[1].code == "E-SCHEMA-REQUIRED");
  BOOST_TEST(errors[1].position.column == 5);
}

BOOST_AUTO_TEST_CASE(a_broken_schema_is_named_as_such_with_its_place) {
  CompileError error;
  BOOST_TEST(!Schema::compile("{\n \"properties\": {\"a\": {\"$ref\": \"#/nowhere\"}}\n}", "a.json", {}, {}, error));
  BOOST_TEST(error.uri == "a.json");
  BOOST_TEST(error.position.line == 2);
  BOOST_TEST(!Schema::compile("{\"pattern\": \"(\"}", "b.json", {}, {}, error));
  BOOST_TEST(!Schema::compile("{\"type\": \"strnig\"}", "c.json", {}, {}, error));
  BOOST_TEST(!Schema::compile("{\"type\": ", "d.json", {}, {}, error));
}

BOOST_AUTO_TEST_CASE(deep_and_broken_documents_end_in_an_error) {
  const auto schema = made("{}");
  BOOST_TEST(schema->check(std::string(200000, '[')).front().code == "E-SCHEMA-JSON");
  BOOST_TEST(schema->check("\"\xff\"").front().code == "E-SCHEMA-JSON");
  BOOST_TEST(schema->check("{\"a\":1").front().code == "E-SCHEMA-JSON");
  BOOST_TEST(schema->check("{\"a\":1}").empty());
}

BOOST_AUTO_TEST_CASE(exponential_work_is_bounded) {
  std::string schema = "{\"$defs\":{\"0\":true";
  for (int i = 1; i < 40; ++i) {
    const std::string before = "{\"$ref\":\"#/$defs/" + std::to_string(i - 1) + "\"}";
    schema += ",\"" + std::to_string(i) + "\":{\"allOf\":[" + before + "," + before + "]}";
  }
  schema += "},\"$ref\":\"#/$defs/39\"}";
  Settings settings;
  settings.max_steps = 100000;
  const auto made_schema = made(schema, settings);
  BOOST_TEST(made_schema->check("1").front().code == "E-SCHEMA-LIMIT");
}

BOOST_AUTO_TEST_CASE(a_discriminated_choice_tells_what_is_wrong_in_its_branch) {
  const auto schema = made(R"({"oneOf":[{"properties":{"k":{"const":"a"},"n":{"type":"integer"}},"required":["k"]},
    {"properties":{"k":{"const":"b"}},"required":["k"]},{"properties":{"k":{"const":"c"}},"required":["k"]}]})");
  BOOST_TEST(schema->check(R"({"k":"a","n":1})").empty());
  BOOST_TEST(schema->check(R"({"k":"a","n":"x"})").front().instance == "/n");
  BOOST_TEST(schema->check(R"({"k":"z"})").front().code == "E-SCHEMA-KIND");
  BOOST_TEST(schema->check(R"({"n":1})").front().code == "E-SCHEMA-REQUIRED");
}

BOOST_AUTO_TEST_CASE(the_metaschemas_judge_themselves) {
  for (const Draft draft : {Draft::d4, Draft::d6, Draft::d7, Draft::d2019, Draft::d2020}) {
    const std::string text = metaschema(metaschema_uri(draft));
    CompileError error;
    const auto schema = Schema::compile(text, std::string(metaschema_uri(draft)), {}, {}, error);
    BOOST_REQUIRE_MESSAGE(schema, error.what);
    BOOST_TEST(schema->check(text).empty());
    BOOST_TEST(!schema->check(R"({"type": 7})").empty());
    BOOST_TEST(!schema->check(R"({"properties": {"a": {"minLength": -1}}})").empty());
  }
}

BOOST_AUTO_TEST_CASE(formats_are_asserted_only_when_asked_for) {
  const std::string text = R"({"format":"date"})";
  BOOST_TEST(made(text)->check("\"2099-02-30\"").empty());
  Settings settings;
  settings.assert_formats = true;
  BOOST_TEST(!made(text, settings)->check("\"2099-02-30\"").empty());
  BOOST_TEST(made(text, settings)->check("\"2099-02-28\"").empty());
}

BOOST_AUTO_TEST_CASE(references_resolve_as_rfc_3986_says) {
  BOOST_TEST(resolve_uri("http://a/b/c/d;p?q", "../g") == "http://a/b/g");
  BOOST_TEST(resolve_uri("http://a/b/c/d;p?q", "g#s") == "http://a/b/c/g#s");
  BOOST_TEST(resolve_uri("urn:x:y", "#z") == "urn:x:y#z");
  BOOST_TEST(resolve_uri("http://a/b", "http://c/d") == "http://c/d");
}

BOOST_AUTO_TEST_CASE(large_whole_numbers_are_compared_exactly) {
  const auto schema = made(
      R"({"properties":{"a":{"maximum":999999999999999999},"b":{"minimum":-999999999999999999},"c":{"exclusiveMaximum":1000000000000000000},
    "d":{"exclusiveMinimum":-1000000000000000000},"e":{"maximum":999999999999999999.5}}})");
  BOOST_TEST(schema->check(R"({"a":999999999999999999,"b":-999999999999999999,"c":999999999999999999,"d":-999999999999999999})").empty());
  const auto errors =
      schema->check(R"({"a":1000000000000000000,"b":-1000000000000000000,"c":1000000000000000000,"d":-1000000000000000000})");
  BOOST_REQUIRE(errors.size() == 4);
  BOOST_TEST(errors[0].args.at(0) == "999999999999999999");
  const auto old = made(R"({"$schema":"http://json-schema.org/draft-04/schema#","maximum":1000000000000000000,"exclusiveMaximum":true})");
  BOOST_TEST(old->check("999999999999999999").empty());
  BOOST_TEST(old->check("1000000000000000000").size() == 1);
}

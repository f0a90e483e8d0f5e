#include <boost/test/unit_test.hpp>
#include <set>

#include "casebridge/model.h"
#include "schema/fixtures.hpp"
#include "validate/structure.hpp"

using namespace casebridge;

namespace {

struct Checked {
  bool good = false;
  std::vector<Finding> found;
  std::set<std::string> codes() const {
    std::set<std::string> all;
    for (const Finding& f : found) all.insert(f.code);
    return all;
  }
};

Checked check(const std::string& json, unsigned passes = validate::kAllPasses) {
  RecordBatch batch;
  Record record;
  BOOST_REQUIRE_MESSAGE(fixtures::to_record(json, batch, record), json);
  Checked checked;
  checked.good = validate::structure().check(record, checked.found, passes);
  return checked;
}

std::string person(const std::string& fields) {
  return R"({"recordType":"Person","id":"00000000-0000-5000-8000-000000000001","source":[1,0,252,3,9])" + fields + "}";
}
std::string charge(const std::string& fields) {
  return R"({"recordType":"Charge","id":"00000000-0000-5000-8000-000000000002","source":[1,0,252,1,1],"accused":"00000000-0000-5000-8000-000000000001","youth":false)" +
         fields + "}";
}
std::string episode(const std::string& period, const std::string& fact) {
  return R"({"recordType":"Episode","id":"00000000-0000-5000-8000-000000000003","source":[1,0,252,1,1],"victim":"00000000-0000-5000-8000-000000000001","period":{"start":")" +
         period + R"("},"acts":["RECRUITS"],"statutoryFacts":[")" + fact + R"("],"purposes":["SEXUAL"]})";
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_person_without_anything_is_a_record) {
  const Checked checked = check(person(""));
  BOOST_TEST(checked.good);
  BOOST_TEST(checked.found.empty());
}

BOOST_AUTO_TEST_CASE(a_finding_names_field_record_and_place) {
  const Checked checked = check(person(R"(,"names":[{"full":"A"},{"full":""}])"));
  BOOST_TEST(!checked.good);
  BOOST_REQUIRE(checked.found.size() == 1u);
  const Finding& finding = checked.found[0];
  BOOST_TEST(finding.code == "E-MODEL-EMPTY");
  BOOST_TEST(finding.field_path == "/names/1/full");
  BOOST_TEST(finding.field == tag::Person_names_full);
  BOOST_TEST(finding.record_id == "00000000-0000-5000-8000-000000000001");
  BOOST_TEST(finding.source == 1u);
  BOOST_TEST(finding.line == 3u);
  BOOST_TEST(finding.column == 9u);
  BOOST_TEST(message_of(finding) == "/names/1/full is empty.");
}

BOOST_AUTO_TEST_CASE(a_required_field_is_excused_by_its_absent_entry_or_one_for_a_part_of_it) {
  const std::string custody =
      R"({"recordType":"Custody","id":"00000000-0000-5000-8000-000000000004","source":[1,0,252,1,1],"subject":"00000000-0000-5000-8000-000000000001","event":"RELEASE")";
  BOOST_TEST(check(custody + "}").codes() == std::set<std::string>{"E-MODEL-REQUIRED"}, boost::test_tools::per_element());
  BOOST_TEST(check(custody + "}").found.size() == 2u);
  BOOST_TEST(check(custody + "}", validate::kStructure).good);
  BOOST_TEST(check(custody + R"(,"absent":[{"field":"/at","reason":"UNKNOWN"},{"field":"/facility","reason":"WITHHELD"}]})").good);
  BOOST_TEST(check(custody + R"(,"absent":[{"field":"/at/start","reason":"UNKNOWN"},{"field":"/facility","reason":"WITHHELD"}]})").good);
  BOOST_TEST(!check(custody + R"(,"absent":[{"field":"/unit","reason":"UNKNOWN"},{"field":"/facility","reason":"WITHHELD"}]})").good);
}

BOOST_AUTO_TEST_CASE(an_absent_entry_of_one_item_excuses_only_that_item) {
  const std::string two = R"(,"identifiers":[{"type":"OTHER"},{"type":"OTHER"}])";
  BOOST_TEST(check(person(two)).found.size() == 2u);
  const Checked one = check(person(two + R"(,"absent":[{"field":"/identifiers/1/value","reason":"UNKNOWN"}])"));
  BOOST_REQUIRE(one.found.size() == 1u);
  BOOST_TEST(one.found[0].field_path == "/identifiers/0/value");
}

BOOST_AUTO_TEST_CASE(a_value_with_an_absent_entry_is_a_warning) {
  const Checked checked = check(person(R"(,"birthDate":"2084","absent":[{"field":"/birthDate","reason":"UNKNOWN"}])"));
  BOOST_TEST(checked.good);
  BOOST_TEST(checked.codes() == std::set<std::string>{"E-MODEL-ABSENT"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_charge_has_its_statute_or_the_words_of_the_source) {
  BOOST_TEST(check(charge("")).codes() == std::set<std::string>{"E-MODEL-ANY-OF"}, boost::test_tools::per_element());
  BOOST_TEST(check(charge(R"(,"description":"words")")).good);
  BOOST_TEST(check(charge(R"(,"statute":{"section":"1"})")).good);
  BOOST_TEST(check(charge(R"(,"absent":[{"field":"/statute","reason":"UNKNOWN"}])")).good);
}

BOOST_AUTO_TEST_CASE(a_sensitive_number_in_clear_is_refused_and_not_repeated) {
  for (const std::string type : {"SIN", "SSN", "HEALTH_CARD"}) {
    const Checked clear = check(person(R"(,"identifiers":[{"type":")" + type + R"(","value":"000-000-000"}])"));
    BOOST_TEST(clear.codes() == std::set<std::string>{"E-MODEL-CLEAR"}, boost::test_tools::per_element());
    for (const Finding& finding : clear.found)
      for (const auto& arg : finding.args) BOOST_TEST(arg.find("000") == std::string::npos);
    BOOST_TEST(check(person(R"(,"identifiers":[{"type":")" + type + R"(","value":"tok:key-1:abcdefghijklmnopqrstuvwxyz234567"}])")).good);
  }
  BOOST_TEST(check(person(R"(,"identifiers":[{"type":"OTIS","value":"000-000-000"}])")).good);
}

BOOST_AUTO_TEST_CASE(a_code_that_is_not_verified_warns) {
  const Checked checked = check(
      R"({"recordType":"Occurrence","id":"00000000-0000-5000-8000-000000000005","source":[1,0,252,1,1],"occurrenceNumber":"1","kind":"CRIME","ucr2":["1310","1525","9999"]})");
  BOOST_TEST(checked.good);
  BOOST_REQUIRE(checked.found.size() == 1u);
  BOOST_TEST(checked.found[0].code == "E-MODEL-UNVERIFIED");
  BOOST_TEST(checked.found[0].args[1] == "1310");
}

BOOST_AUTO_TEST_CASE(a_code_is_held_against_the_day_the_record_speaks_of) {
  using S = std::set<std::string>;
  BOOST_TEST(check(episode("2026-07-17", "D_CONTROLLING")).codes() == S{"E-MODEL-NOT-IN-FORCE"}, boost::test_tools::per_element());
  BOOST_TEST(check(episode("2026-06", "D_CONTROLLING")).codes() == S{"E-MODEL-NOT-IN-FORCE"}, boost::test_tools::per_element());
  BOOST_TEST(check(episode("2026-07-18", "D_CONTROLLING")).found.empty());
  BOOST_TEST(check(episode("2026-07", "D_CONTROLLING")).found.empty());  // the month may lie on either side
  BOOST_TEST(check(episode("2026", "D_CONTROLLING")).found.empty());
  BOOST_TEST(check(episode("2026-07-17", "A_FORCE_COERCION")).found.empty());
  BOOST_TEST(check(episode("2026-07-17", "D_CONTROLLING"), validate::kStructure | validate::kCompleteness).found.empty());
}

BOOST_AUTO_TEST_CASE(what_a_record_of_this_type_cannot_have_is_told) {
  RecordBatch batch;
  Record record;
  BOOST_REQUIRE(fixtures::to_record(person(""), batch, record));
  Value value;
  value.field = tag::Vehicle_plate;
  value.text = "X";
  record.values.push_back(value);
  value.field = 60000;
  record.values.push_back(value);
  value.field = tag::Person_names_full;  // belongs into an item, not into the record
  record.values.push_back(value);
  std::vector<Finding> found;
  BOOST_TEST(!validate::structure().check(record, found));
  BOOST_TEST(found.size() == 3u);
  for (const Finding& finding : found) BOOST_TEST(finding.code == "E-MODEL-FIELD");
  record.type = nullptr;
  found.clear();
  BOOST_TEST(!validate::structure().check(record, found));
  BOOST_TEST(found[0].code == "E-MODEL-TYPE");
}

BOOST_AUTO_TEST_CASE(two_values_for_one_are_told) {
  RecordBatch batch;
  Record record;
  BOOST_REQUIRE(fixtures::to_record(person(R"(,"birthDate":"2084")"), batch, record));
  record.values.push_back(record.values[0]);
  std::vector<Finding> found;
  BOOST_TEST(!validate::structure().check(record, found));
  BOOST_TEST(found[0].code == "E-MODEL-MANY");
}

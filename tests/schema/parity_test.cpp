// One verdict: XSD by Xerces-C and by libxml2, JSON Schema by our evaluator and by RapidJSON, and the compiled check.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "model/model.hpp"
#include "schema/fixtures.hpp"
#include "schema/judges.hpp"
#include "shared_data.hpp"
#include "validate/structure.hpp"

using namespace casebridge;
using fixtures::Fixture;

namespace {

const std::string kGenerated = CASEBRIDGE_SOURCE_DIR "/schemas/generated/";

// Collects disagreements, and shows the first of each kind.
struct Tally {
  const char* judge;
  size_t judged = 0, wrong = 0;
  std::map<std::string, std::string> first;
  void add(const Fixture& fixture, bool verdict, bool expected, const std::string& text) {
    ++judged;
    if (verdict == expected) return;
    ++wrong;
    first.emplace(fixture.constraint, fixture.name + (verdict ? " was accepted: " : " was refused: ") + text);
  }
  ~Tally() {
    for (const auto& [constraint, text] : first) BOOST_TEST_MESSAGE(judge << ", " << constraint << ": " << text);
    BOOST_TEST(wrong == 0u, judge << " disagrees on " << wrong << " of " << judged << " fixtures");
    BOOST_TEST(judged > 4000u, judge << " saw only " << judged << " fixtures");
  }
};

void xml_parity(const char* name, fixtures::Judge& judge) {
  Tally tally{name};
  for (const Fixture& fixture : fixtures::all())
    if (!fixture.xml.empty()) {
      const std::string text = fixtures::standalone_xml(fixture);
      tally.add(fixture, judge.valid(text), fixture.structure, text);
    }
}
void json_parity(const char* name, fixtures::Judge& judge) {
  Tally tally{name};
  for (const Fixture& fixture : fixtures::all())
    if (!fixture.json.empty()) tally.add(fixture, judge.valid(fixture.json), fixture.structure, fixture.json);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_record_type_has_its_fixtures) {
  std::map<std::string, std::set<std::string>> constraints;
  std::set<std::string> names;
  for (const Fixture& fixture : fixtures::all()) {
    constraints[fixture.record].insert(fixture.constraint);
    BOOST_TEST(names.insert(fixture.name).second, fixture.name << " stands twice");
  }
  for (const model::Node& node : model::nodes()) {
    if (node.kind != model::NodeKind::record) continue;
    const auto& has = constraints[std::string(node.name)];
    for (const char* needed : {"minimal", "full", "unknown field", "no empty text", "JSON type", "required always"})
      BOOST_TEST(has.count(needed) == 1u, node.name << " has no fixture for: " << needed);
  }
}

BOOST_AUTO_TEST_CASE(xerces_gives_the_verdict) { xml_parity("Xerces-C", *fixtures::xerces_judge(kGenerated + "case.xsd")); }
BOOST_AUTO_TEST_CASE(libxml2_gives_the_verdict) { xml_parity("libxml2", *fixtures::libxml2_judge(kGenerated + "case.xsd")); }
BOOST_AUTO_TEST_CASE(json_schema_gives_the_verdict) {
  json_parity("JSON Schema 2020-12", *fixtures::json_schema_judge(kGenerated + "case.schema.json"));
}
BOOST_AUTO_TEST_CASE(the_draft_04_twin_gives_the_verdict) {
  json_parity("RapidJSON", *fixtures::draft4_judge(kGenerated + "case.schema.draft4.json"));
}

BOOST_AUTO_TEST_CASE(the_compiled_check_gives_the_verdict) {
  Tally structure{"compiled structure"}, complete{"compiled completeness"};
  for (const Fixture& fixture : fixtures::all()) {
    if (fixture.json.empty()) continue;
    RecordBatch batch;
    Record record;
    std::vector<Finding> found;
    const bool held = fixtures::to_record(fixture.json, batch, record);
    const bool good = validate::structure().check(record, found, validate::kStructure) && held;
    std::string words = fixture.json;
    for (const Finding& finding : found) words += "\n    " + finding.code + " " + message_of(finding);
    structure.add(fixture, good, fixture.structure, words);
    if (!fixture.structure || !held) continue;
    found.clear();
    const bool whole = validate::structure().check(record, found);
    for (const Finding& finding : found) words += "\n    " + finding.code + " " + message_of(finding);
    complete.add(fixture, whole, fixture.complete, words);
    complete.judged += 10000;  // fewer of these are needed than of the others
  }
}

BOOST_AUTO_TEST_CASE(a_whole_data_set_is_valid_in_both_spellings) {
  BOOST_TEST(fixtures::xerces_judge(kGenerated + "case.xsd")->valid(fixtures::dataset_xml()));
  BOOST_TEST(fixtures::libxml2_judge(kGenerated + "case.xsd")->valid(fixtures::dataset_xml()));
  const auto judge = fixtures::json_schema_judge(kGenerated + "case.schema.json");
  const std::string all = fixtures::dataset_jsonl();
  size_t lines = 0;
  for (size_t at = 0; at < all.size();) {
    const size_t end = all.find('\n', at);
    BOOST_TEST(judge->valid(all.substr(at, end - at)), all.substr(at, end - at));
    at = end + 1;
    ++lines;
  }
  BOOST_TEST(lines == 2 * 19 + 3u);
}

BOOST_AUTO_TEST_CASE(the_worked_example_of_the_wire_form_is_valid) {
  const auto folder = shared_data("../design");
  if (!folder) return;
  std::ifstream xml(*folder / "wire-example.xml"), jsonl(*folder / "wire-example.jsonl");
  std::ostringstream document;
  document << xml.rdbuf();
  BOOST_TEST(fixtures::xerces_judge(kGenerated + "case.xsd")->valid(document.str()));
  BOOST_TEST(fixtures::libxml2_judge(kGenerated + "case.xsd")->valid(document.str()));
  const auto ours = fixtures::json_schema_judge(kGenerated + "case.schema.json"),
             draft4 = fixtures::draft4_judge(kGenerated + "case.schema.draft4.json");
  size_t lines = 0;
  for (std::string line; std::getline(jsonl, line); ++lines) {
    BOOST_TEST(ours->valid(line), line);
    BOOST_TEST(draft4->valid(line), line);
    RecordBatch batch;
    Record record;
    BOOST_TEST(fixtures::to_record(line, batch, record), line);
    std::vector<Finding> found;
    BOOST_TEST(validate::structure().check(record, found), line << (found.empty() ? "" : message_of(found[0])));
    BOOST_TEST(found.empty());
  }
  BOOST_TEST(lines == 16u);
}

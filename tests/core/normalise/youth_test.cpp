// The clocks of s. 119(2) of the Youth Criminal Justice Act, and accessEnds of whole source records. All synthetic.
#include <boost/test/unit_test.hpp>

#include "casebridge/batch.hpp"
#include "casebridge/model.h"
#include "emit/batch_form.hpp"
#include "normalise/normaliser.hpp"
#include "normalise/youth_clock.hpp"

using namespace casebridge;
using namespace casebridge::normalise;
using State = YouthClock::State;

namespace {

using Fields = std::initializer_list<std::pair<model::Tag, const char*>>;

Record charge(Fields fields, const char* youth = "true") {
  Record r;
  r.type = model::record_type("Charge");
  const auto put = [&](model::Tag field, const char* text) {
    Value v;
    v.field = field;
    v.text = text;
    r.values.push_back(v);
  };
  put(tag::Charge_youth, youth);
  for (const auto& [field, text] : fields) put(field, text);
  return r;
}
std::string end(const Record& r) {
  const YouthClock clock = youth_clock(r);
  return clock.state == State::ends      ? day_text(clock.day)
         : clock.state == State::unknown ? "? " + std::string(clock.missing)
         : clock.state == State::running ? "running"
                                         : "none";
}
std::string decided(const char* outcome, const char* on) {
  return end(charge({{tag::Charge_outcome, outcome}, {tag::Charge_outcomeDate, on}}));
}
Record sentence(const char* found, const char* completed, const char* procedure, const char* youth = "true") {
  return charge({{tag::Charge_outcome, "YOUTH_SENTENCE"},
                 {tag::Charge_outcomeDate, found},
                 {tag::Charge_sentence_completed, completed},
                 {tag::Charge_procedure, procedure}},
                youth);
}

struct Fixture {
  Fixture() {
    Settings settings;
    settings.agency = "example-ps";
    settings.system = "court";
    settings.source = 1;
    settings.run_year = 2099;
    normaliser = std::make_unique<Normaliser>(settings);
  }
  uint32_t record(uint32_t type, uint32_t parent = CB_NONE) { return b.record(type, {0, 100}, parent); }
  uint32_t youth_charge(uint32_t person, const char* youth = "true") {
    const uint32_t c = record(tag::Charge, person);
    b.ref(tag::Charge_accused, person);
    b.text(tag::Charge_description, "Synthetic");
    b.text(tag::Charge_youth, youth);
    b.text(tag::Charge_outcome, "WITHDRAWN");
    b.text(tag::Charge_outcomeDate, "2098-12-31");
    return c;
  }
  void run() {
    const cb_batch batch = b.view();
    normaliser->run(batch, out, [&](Finding&& f) { codes += (codes.empty() ? "" : " ") + f.code; });
  }
  std::string ends(size_t r) const {
    const Value* v = out.records.at(r).find(tag::any_handling_accessEnds);
    return v ? std::string(v->text) : "";
  }
  BatchBuilder b;
  RecordBatch out;
  std::unique_ptr<Normaliser> normaliser;
  std::string codes;
};

}  // namespace

BOOST_AUTO_TEST_CASE(every_clock_of_the_table) {
  BOOST_TEST(end(charge({{tag::Charge_outcome, "EJS"}, {tag::Charge_ejsConsentDate, "2096-02-29"}})) == "2098-02-28");
  BOOST_TEST(end(charge({{tag::Charge_outcome, "ACQUITTED"}, {tag::Charge_appealEnd, "2098-12-31"}})) == "2099-02-28");
  BOOST_TEST(decided("DISMISSED", "2098-05-15") == "2098-07-15");
  BOOST_TEST(decided("WITHDRAWN", "2098-11-30") == "2099-01-30");
  BOOST_TEST(decided("YOUTH_REPRIMAND", "2098-05-15") == "2098-07-15");
  BOOST_TEST(decided("STAYED", "2098-05-15") == "2099-05-15");
  BOOST_TEST(end(charge({{tag::Charge_outcome, "PEACE_BOND"}, {tag::Charge_sentence_completed, "2098-05-15"}})) == "2098-11-15");
  BOOST_TEST(decided("YOUTH_ABSOLUTE", "2098-05-15") == "2099-05-15");
  BOOST_TEST(decided("YOUTH_CONDITIONAL", "2098-05-15") == "2101-05-15");
  BOOST_TEST(end(sentence("2095-01-01", "2097-05-15", "SUMMARY")) == "2100-05-15");
  BOOST_TEST(end(sentence("2095-01-01", "2097-05-15", "INDICTABLE")) == "2102-05-15");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_computed_is_said) {
  BOOST_TEST(decided("EJS", "2098-01-01") == "? ejsConsentDate");
  BOOST_TEST(decided("ACQUITTED", "2098-01-01") == "? appealEnd");
  BOOST_TEST(decided("NCR", "2098-01-01") == "? outcome");
  BOOST_TEST(end(charge({})) == "? outcome");
  BOOST_TEST(end(charge({{tag::Charge_outcome, "DISMISSED"}})) == "? outcomeDate");
  BOOST_TEST(end(sentence("2095-01-01", "2097-05-15", "HYBRID")) == "? procedure");
  BOOST_TEST(end(charge({{tag::Charge_outcome, "YOUTH_SENTENCE"}, {tag::Charge_procedure, "SUMMARY"}})) == "? sentence/completed");
  BOOST_TEST(decided("LAID", "2098-01-01") == "running");
  BOOST_TEST(decided("EJM", "2098-01-01") == "running");
  BOOST_TEST(decided("ADULT_SENTENCE", "2098-01-01") == "none");
  BOOST_TEST(end(charge({{tag::Charge_outcome, "WITHDRAWN"}, {tag::Charge_outcomeDate, "2098-01-01"}}, "false")) == "none");
  const YouthClock partial = youth_clock(charge({{tag::Charge_outcome, "WITHDRAWN"}, {tag::Charge_outcomeDate, "2098-05"}}));
  BOOST_TEST(partial.partial);
  BOOST_TEST(day_text(partial.day) == "2098-07-01");
}

BOOST_AUTO_TEST_CASE(a_later_finding_inside_the_period_extends_it_or_makes_it_an_adults_record) {
  const Record first = sentence("2090-01-01", "2091-01-01", "SUMMARY");      // to 2094-01-01
  const Record inside = sentence("2093-06-01", "2094-06-01", "INDICTABLE");  // to 2099-06-01
  const Record outside = sentence("2094-01-02", "2095-01-01", "INDICTABLE");
  const auto with = [&](std::vector<const Record*> others) {
    others.push_back(&first);
    const YouthClock clock = youth_clock(first, others);
    return clock.state == State::ends ? day_text(clock.day) : clock.state == State::none ? "none" : "?";
  };
  BOOST_TEST(with({}) == "2094-01-01");
  BOOST_TEST(with({&inside}) == "2099-06-01");
  BOOST_TEST(with({&outside}) == "2094-01-01");
  BOOST_TEST(with({&outside, &inside}) == "2100-01-01");  // the longer period has the later one inside
  const Record adult = charge({{tag::Charge_outcome, "CONVICTED"}, {tag::Charge_outcomeDate, "2093-12-31"}}, "false");
  BOOST_TEST(with({&adult}) == "none");
  const Record unclear = sentence("2093-06-01", "", "INDICTABLE");
  BOOST_TEST(with({&unclear}) == "?");
}

BOOST_FIXTURE_TEST_CASE(the_person_shares_the_end_where_nothing_else_is_said_of_them, Fixture) {
  b.begin_unit({0, 100});
  const uint32_t person = record(tag::Person);
  b.text(tag::any_localId, "1");
  youth_charge(person);
  run();
  BOOST_REQUIRE(out.records.size() == 2u);
  for (size_t i = 0; i < 2; ++i) BOOST_TEST(ends(i) == "2099-02-28");
  BOOST_TEST(codes == "");
}

BOOST_FIXTURE_TEST_CASE(the_person_does_not_share_it_where_an_adult_charge_stands, Fixture) {
  b.begin_unit({0, 100});
  const uint32_t person = record(tag::Person);
  b.text(tag::any_localId, "1");
  youth_charge(person);
  youth_charge(person, "false");
  run();
  size_t with = 0;
  for (size_t i = 0; i < out.records.size(); ++i) {
    with += !ends(i).empty();
    if (!ends(i).empty()) BOOST_TEST(out.records[i].find(tag::Charge_youth)->text == "true");
  }
  BOOST_TEST(with == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_charge_whose_clock_is_unknown_is_reported, Fixture) {
  b.begin_unit({0, 100});
  const uint32_t person = record(tag::Person);
  record(tag::Charge, person);
  b.ref(tag::Charge_accused, person);
  b.text(tag::Charge_description, "Synthetic");
  b.text(tag::Charge_youth, "true");
  b.text(tag::Charge_outcome, "ACQUITTED");
  run();
  BOOST_TEST(codes == "E-YOUTH-CLOCK");
  for (size_t i = 0; i < out.records.size(); ++i) BOOST_TEST(ends(i) == "");
}

BOOST_FIXTURE_TEST_CASE(an_end_that_the_source_states_stays, Fixture) {
  b.begin_unit({0, 100});
  const uint32_t person = record(tag::Person);
  youth_charge(person);
  b.text(tag::any_handling_accessEnds, "2099-01-15");
  run();
  std::string all;
  for (size_t i = 0; i < out.records.size(); ++i) all += ends(i) + ' ';
  BOOST_TEST(all.find("2099-01-15") != std::string::npos);
}

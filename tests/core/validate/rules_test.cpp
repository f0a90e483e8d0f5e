// The cross-field rules, one case each: what fires, and what must not. All synthetic.
#include <boost/test/unit_test.hpp>

#include "casebridge/model.h"
#include "normalise/ids.hpp"
#include "validate/rules.hpp"
#include "validate/rules_internal.hpp"

using namespace casebridge;
using namespace casebridge::validate;

namespace {

using Cells = std::vector<std::pair<model::Tag, std::string>>;

struct Input {
  Uuid add(model::Tag type, const std::string& name, const Cells& cells, const std::vector<std::pair<model::Tag, Cells>>& items = {}) {
    Record r;
    r.type = &model::node(type);
    r.id = normalise::uuid5(name);
    r.source = 1;
    for (const auto& [field, text] : cells) r.values.push_back(value(field, text));
    for (const auto& [block, list] : items) {
      r.blocks.push_back({block, static_cast<uint32_t>(r.block_values.size()), static_cast<uint32_t>(list.size())});
      for (const auto& [field, text] : list) r.block_values.push_back(value(field, text));
    }
    batch.records.push_back(std::move(r));
    return normalise::uuid5(name);
  }
  Value value(model::Tag field, const std::string& text) {
    Value v;
    v.field = field;
    v.text = batch.arena.keep(text);
    return v;
  }
  // Codes with their rules, in order: "R-V3 E-RULE-VICTIM-ADULT"
  std::string run() {
    found.clear();
    bad = rules.check(batch, [&](Finding&& f) { found.push_back(std::move(f)); });
    return codes();
  }
  std::string codes() const {
    std::string all;
    for (const Finding& f : found) {
      BOOST_TEST(rule(f.rule) != nullptr);
      BOOST_TEST(finding_code(f.code) != nullptr, f.code);
      all += (all.empty() ? "" : ", ") + f.rule + " " + f.code.substr(7);
    }
    return all;
  }
  void next() { batch.records.clear(); }
  RecordBatch batch;
  Rules rules{"test.csv"};
  std::vector<Finding> found;
  std::vector<uint32_t> bad;
};

std::string text(const Uuid& id) { return normalise::to_text(id); }
Uuid person(Input& in, const std::string& name, const std::string& birth) {
  return in.add(tag::Person, name, birth.empty() ? Cells{} : Cells{{tag::Person_birthDate, birth}});
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_rule_has_a_name_a_text_and_a_source) {
  BOOST_REQUIRE(rules().size() == 17u);
  for (size_t i = 0; i < 17; ++i) {
    BOOST_TEST(rules()[i].id == "R-V" + std::to_string(i + 1));
    BOOST_TEST(!rules()[i].text.empty());
    BOOST_TEST(!rules()[i].source.empty());
  }
}

BOOST_AUTO_TEST_CASE(r_v1_means_follow_the_age_of_the_victim) {
  struct Row {
    const char *birth, *start, *means, *expect;
  };
  const Row rows[] = {{"2084-01-01", "2099-01-01", "USE_OF_FORCE", "R-V1 MEANS-CHILD"},
                      {"2084-01-01", "2099-01-01", "NONE_REQUIRED_CHILD", ""},
                      {"2070-01-01", "2099-01-01", "USE_OF_FORCE", ""},
                      {"2070-01-01", "2099-01-01", "", "R-V1 MEANS-ADULT"},
                      {"2070-01-01", "2099-01-01", "NONE_REQUIRED_CHILD", "R-V1 MEANS-ADULT"},
                      {"2081", "2099-06-01", "USE_OF_FORCE", ""},
                      {"", "2099-01-01", "USE_OF_FORCE", ""},
                      {"2081-01-02", "2099-01-01", "FRAUD", "R-V1 MEANS-CHILD"},
                      {"2081-01-01", "2099-01-01", "FRAUD", ""}};
  for (const Row& row : rows) {
    Input in;
    const Uuid victim = person(in, "v", row.birth);
    Cells cells{{tag::Episode_victim, text(victim)}, {tag::Episode_period_start, row.start}};
    if (*row.means) cells.push_back({tag::Episode_meansPalermo, row.means});
    in.add(tag::Episode, "e", cells);
    BOOST_TEST(in.run() == row.expect, row.birth << " " << row.start << " " << row.means);
    BOOST_TEST(in.bad.empty() == (std::string(row.expect).find("CHILD") == std::string::npos));
  }
  Input stated;  // the source states the age itself
  stated.add(tag::Episode, "e", {{tag::Episode_meansPalermo, "FRAUD"}, {tag::Episode_ageAtStart, "16"}});
  BOOST_TEST(stated.run() == "R-V1 MEANS-CHILD");
}

BOOST_AUTO_TEST_CASE(r_v2_new_statutory_facts_need_a_date_after_the_law) {
  for (const auto& [end, fact, fires] : {std::tuple{"2026-07-17", "D_CONTROLLING", true},
                                         {"2026-07-18", "D_CONTROLLING", false},
                                         {"2026-07-17", "A_FORCE_COERCION", false},
                                         {"2026-07-17", "E1_ANIMAL", true},
                                         {"2026-07", "I_TARGETED", false},
                                         {"", "I_TARGETED", false}}) {
    Input in;
    Cells cells{{tag::Episode_period_start, "2020-01-01"}};
    if (*end) cells.push_back({tag::Episode_period_end, end});
    cells.push_back({tag::Episode_statutoryFacts, fact});
    in.add(tag::Episode, "e", cells);
    BOOST_TEST(in.run() == (fires ? "R-V2 FACTS-EARLY" : ""), end << " " << fact);
    BOOST_TEST(in.bad.empty());
  }
}

BOOST_AUTO_TEST_CASE(r_v3_offences_against_children_have_a_child_victim) {
  for (const auto& [code, birth, second, fires] : {std::tuple{"CC-279.011", "2070-01-01", "", true},
                                                   {"CC-279.011", "2084-01-01", "", false},
                                                   {"CC-279.01", "2070-01-01", "", false},
                                                   {"CC-286.1-2", "2070-01-01", "", true},
                                                   {"CC-279.02-2", "", "", false},
                                                   {"CC-279.011", "2070-01-01", "2090-01-01", false}}) {
    Input in;
    Cells cells{{tag::Charge_statute_code, code},
                {tag::Charge_offenceDate_start, "2099-01-01"},
                {tag::Charge_victim, text(person(in, "v", birth))}};
    if (*second) cells.push_back({tag::Charge_victim, text(person(in, "w", second))});
    in.add(tag::Charge, "c", cells);
    BOOST_TEST(in.run() == (fires ? "R-V3 VICTIM-ADULT" : ""), code << " " << birth);
  }
}

BOOST_AUTO_TEST_CASE(r_v6_and_r_v12_young_accused) {
  struct Row {
    const char *birth, *youth, *caveat, *expect;
  };
  const Row rows[] = {{"2084-01-01", "true", "YCJA_RECORD", ""},
                      {"2084-01-01", "false", "YCJA_RECORD", "R-V6 YOUTH-MARKS"},
                      {"2084-01-01", "true", "", "R-V6 YOUTH-MARKS"},
                      {"2070-01-01", "false", "", ""},
                      {"2088-01-01", "true", "YCJA_RECORD", "R-V12 ACCUSED-CHILD"},
                      {"2081", "false", "", ""},
                      {"2100-01-01", "false", "", ""}};
  for (const Row& row : rows) {
    Input in;
    const Uuid accused = person(in, "a", row.birth);
    Cells cells{{tag::Charge_accused, text(accused)},
                {tag::Charge_statute_code, "CC-271"},
                {tag::Charge_offenceDate_start, "2099-01-01"},
                {tag::Charge_youth, row.youth}};
    if (*row.caveat) cells.push_back({tag::any_handling_caveats, row.caveat});
    in.add(tag::Charge, "c", cells);
    BOOST_TEST(in.run() == row.expect, row.birth << " " << row.youth << " " << row.caveat);
  }
  Input floor;  // the Source line carries the caveat
  Record line;
  line.type = model::record_type("Source");
  line.values.push_back(floor.value(tag::any_handling_caveats, "YCJA_RECORD"));
  floor.rules.source(1, line);
  const Uuid accused = person(floor, "a", "2084-01-01");
  floor.add(tag::Charge, "c",
            {{tag::Charge_accused, text(accused)}, {tag::Charge_offenceDate_start, "2099-01-01"}, {tag::Charge_youth, "true"}});
  BOOST_TEST(floor.run() == "");
}

BOOST_AUTO_TEST_CASE(r_v15_a_victims_own_conduct_is_not_held_against_a_child) {
  for (const auto& [offence, yes] : {std::pair{"CC-213-1", true},
                                     {"CC-286.4", true},
                                     {"286.1(1)", true},
                                     {"CC-286.2-1", true},
                                     {"40A", true},
                                     {"s. 213(1)", true},
                                     {"40B", false},
                                     {"CC-286.45", false},
                                     {"CC-2130", false},
                                     {"CC-279.01", false},
                                     {"286", false},
                                     {"90Z", false}})
    BOOST_TEST(victims_conduct(offence) == yes, offence);
  struct Row {
    const char *birth, *role, *offence, *expect;
  };
  const Row rows[] = {{"2084-01-01", "SUSPECT", "40A", "R-V15 OWN-EXPLOITATION"},
                      {"2084-01-01", "OFFENDER_IN_CUSTODY", "CC-213-1", "R-V15 OWN-EXPLOITATION"},
                      {"2070-01-01", "SUSPECT", "40A", ""},
                      {"2084-01-01", "VICTIM", "40A", ""},
                      {"2084-01-01", "SUSPECT", "23H", ""}};
  for (const Row& row : rows) {
    Input in;
    const Uuid who = person(in, "p", row.birth);
    const Uuid event = in.add(tag::Occurrence, "o", {{tag::Occurrence_occurred_start, "2099-01-01"}},
                              {{tag::Occurrence_offences, {{tag::Occurrence_offences_code, row.offence}}}});
    in.add(tag::Link, "l",
           {{tag::Link_type, "ROLE_IN"}, {tag::Link_from, text(who)}, {tag::Link_to, text(event)}, {tag::Link_role, row.role}});
    BOOST_TEST(in.run() == row.expect, row.birth << " " << row.role << " " << row.offence);
    if (*row.expect) {
      BOOST_TEST(in.found[0].args.at(0) == "POTENTIAL_VICTIM");
      BOOST_TEST((in.bad == std::vector<uint32_t>{2}));
    }
  }
  Input charge;
  const Uuid who = person(charge, "p", "2084-01-01");
  charge.add(tag::Charge, "c",
             {{tag::Charge_accused, text(who)},
              {tag::Charge_statute_code, "CC-213-1"},
              {tag::Charge_offenceDate_start, "2099-01-01"},
              {tag::Charge_youth, "true"},
              {tag::any_handling_caveats, "YCJA_RECORD"}});
  BOOST_TEST(charge.run() == "R-V15 OWN-EXPLOITATION");
}

BOOST_AUTO_TEST_CASE(an_age_without_a_birth_date_tells_a_child) {
  for (const auto& [age, years] :
       {std::pair{"16", 16}, {"14-17", 17}, {"14 to 19", 19}, {"BABY", -1}, {"over 16", -1}, {"16 years", -1}, {"", -1}})
    BOOST_TEST(most_years(age) == years, age);
  struct Row {
    const char *age, *role, *offence, *expect;
  };
  const Row rows[] = {{"16", "SUSPECT", "40A", "R-V15 OWN-EXPLOITATION"},
                      {"14-17", "ACCUSED", "40A", "R-V15 OWN-EXPLOITATION"},
                      {"17-19", "ACCUSED", "40A", ""},
                      {"16", "ACCUSED", "23H", ""},
                      {"11", "ACCUSED", "23H", "R-V12 ACCUSED-CHILD"},
                      {"11", "SUSPECT", "23H", ""}};
  for (const Row& row : rows) {
    Input in;
    const Uuid who = in.add(tag::Person, "p", {{tag::Person_ageRange, row.age}});
    const Uuid event = in.add(tag::Occurrence, "o", {}, {{tag::Occurrence_offences, {{tag::Occurrence_offences_code, row.offence}}}});
    in.add(tag::Link, "l",
           {{tag::Link_type, "ROLE_IN"}, {tag::Link_from, text(who)}, {tag::Link_to, text(event)}, {tag::Link_role, row.role}});
    BOOST_TEST(in.run() == row.expect, row.age << " " << row.role << " " << row.offence);
  }
}

BOOST_AUTO_TEST_CASE(r_v13_adds_the_publication_ban) {
  Input in;
  const Uuid victim = person(in, "v", "2084-01-01");
  in.add(tag::Episode, "e",
         {{tag::Episode_victim, text(victim)},
          {tag::Episode_period_start, "2099-01-01"},
          {tag::Episode_meansPalermo, "NONE_REQUIRED_CHILD"},
          {tag::Episode_purposes, "SEXUAL"},
          {tag::any_handling_tlp, "RED"},
          {tag::any_handling_purposes, "CSPA_80"}});
  BOOST_TEST(in.run() == "R-V13 BAN-ADDED");
  BOOST_TEST((in.found[0].severity == Severity::note));
  BOOST_TEST(in.bad.empty());
  const Record& r = in.batch.records[1];
  BOOST_REQUIRE(r.find(tag::any_handling_caveats) != nullptr);
  BOOST_TEST(r.find(tag::any_handling_caveats)->text == "PUBLICATION_BAN");
  for (size_t i = 1; i < r.values.size(); ++i) BOOST_TEST(model::node(r.values[i - 1].field).rank <= model::node(r.values[i].field).rank);
  BOOST_TEST(in.run() == "");  // it stands now
}

BOOST_AUTO_TEST_CASE(a_rule_waits_for_a_record_that_comes_later) {
  Input in;
  const Uuid who = normalise::uuid5("p");
  in.add(tag::Episode, "e",
         {{tag::Episode_victim, text(who)},
          {tag::Episode_period_start, "2099-01-01"},
          {tag::Episode_meansPalermo, "FRAUD"},
          {tag::Episode_purposes, "SEXUAL"}});
  BOOST_TEST(in.run() == "");
  in.next();
  person(in, "p", "2084-01-01");
  BOOST_TEST(in.run() == "");
  const auto late = in.rules.finish([&](Finding&& f) { in.found.push_back(std::move(f)); });
  BOOST_TEST(in.codes() == "R-V1 MEANS-CHILD, R-V13 BAN-MISSING");
  BOOST_REQUIRE(late.size() == 2u);
  BOOST_TEST((late[0].record == normalise::uuid5("e")));
  in.found.clear();
  (void)in.rules.finish([&](Finding&& f) { in.found.push_back(std::move(f)); });
  BOOST_TEST(in.found.empty());
  // Read twice: the verdict is there at once, and the repair too.
  Input twice;
  person(twice, "p", "2084-01-01");
  twice.rules.learn(twice.batch);
  twice.next();
  twice.add(tag::Episode, "e",
            {{tag::Episode_victim, text(who)},
             {tag::Episode_period_start, "2099-01-01"},
             {tag::Episode_purposes, "SEXUAL"},
             {tag::Episode_meansPalermo, "NONE_REQUIRED_CHILD"}});
  BOOST_TEST(twice.run() == "R-V13 BAN-ADDED");
}

BOOST_AUTO_TEST_CASE(two_birth_dates_of_one_person_are_no_fact) {
  Input in;
  const Uuid who = person(in, "p", "2084-01-01");
  person(in, "p", "2060-01-01");
  in.add(tag::Episode, "e",
         {{tag::Episode_victim, text(who)}, {tag::Episode_period_start, "2099-01-01"}, {tag::Episode_meansPalermo, "FRAUD"}});
  BOOST_TEST(in.run() == "");
}

BOOST_AUTO_TEST_CASE(r_v5_r_v7_and_r_v10_marks) {
  struct Row {
    Cells cells;
    const char* expect;
  };
  const Row rows[] = {
      {{{tag::any_handling_handlingCode, "C"}}, "R-V5 CONDITIONS"},
      {{{tag::any_handling_handlingCode, "C"}, {tag::any_handling_conditions, "Ask first"}}, ""},
      {{{tag::any_handling_handlingCode, "P"}}, ""},
      {{{tag::any_handling_tlp, "CLEAR"}, {tag::any_handling_caveats, "YCJA_RECORD"}}, "R-V10 CLEAR"},
      {{{tag::any_handling_tlp, "CLEAR"}, {tag::any_handling_caveats, "INTEL_NOT_EVIDENCE"}}, ""},
      {{{tag::any_handling_tlp, "RED"}, {tag::any_handling_caveats, "YCJA_RECORD"}}, ""},
      {{{tag::Evidence_containsCsaem, "true"}, {tag::any_handling_caveats, "CSAEM"}}, ""},
      {{{tag::Evidence_containsCsaem, "true"}}, "R-V7 CSAEM-CAVEAT"},
      {{{tag::Evidence_containsCsaem, "true"}, {tag::Evidence_uri, "https://example.org/x"}, {tag::any_handling_caveats, "CSAEM"}},
       "R-V7 CSAEM-URI"},
      {{{tag::Evidence_containsCsaem, "false"}, {tag::Evidence_uri, "https://example.org/x"}}, ""}};
  for (const Row& row : rows) {
    Input in;
    in.add(tag::Evidence, "e", row.cells);
    BOOST_TEST(in.run() == row.expect);
    BOOST_TEST(in.bad.empty() == std::string(row.expect).empty());
  }
  Input thumb;
  thumb.add(tag::Evidence, "e", {{tag::Evidence_containsCsaem, "true"}, {tag::any_handling_caveats, "CSAEM"}});
  thumb.batch.records[0].ext.push_back({"ThumbnailData", "x"});
  BOOST_TEST(thumb.run() == "R-V7 CSAEM-THUMBNAIL");
}

BOOST_AUTO_TEST_CASE(rules_within_one_record) {
  struct Row {
    model::Tag type;
    Cells cells;
    const char* expect;
  };
  const Row rows[] = {
      {tag::Assessment, {{tag::Assessment_stage, "AT_RISK"}, {tag::Assessment_indicators, "EN_AWOL_LONG"}}, "R-V4 STAGE"},
      {tag::Assessment, {{tag::Assessment_stage, "ENTRENCHED"}, {tag::Assessment_indicators, "EN_AWOL_LONG"}}, ""},
      {tag::Assessment, {{tag::Assessment_stage, "NOT_ASSESSED"}, {tag::Assessment_indicators, "EN_AWOL_LONG"}}, ""},
      {tag::Assessment, {{tag::Assessment_traffickingStatus, "ACTUAL"}}, "R-V14 DECISION"},
      {tag::Assessment, {{tag::Assessment_traffickingStatus, "POSSIBLE"}}, ""},
      {tag::Assessment, {{tag::Assessment_confidence, "85 %"}}, "R-V16 CONFIDENCE"},
      {tag::Assessment, {{tag::Assessment_confidence, "fairly sure"}}, ""},
      {tag::Assessment, {{tag::Assessment_riskFactors, "POVERTY"}}, "R-V17 STRENGTHS"},
      {tag::Order, {{tag::Order_issued, "2099-06-01"}, {tag::Order_expires, "2099-05-01"}}, "R-V8 EXPIRES"},
      {tag::Order, {{tag::Order_issued, "2099-06-01"}, {tag::Order_expires, "2099-06"}}, ""},
      {tag::Order, {{tag::Order_type, "RELEASE_ORDER"}}, "R-V8 RELEASE-CONDITIONS"},
      {tag::Charge, {{tag::Charge_statute_code, "CC-263.1"}, {tag::Charge_offenceDate_start, "2020-01-01"}}, "R-V9 NOT-IN-FORCE"},
      {tag::Charge, {{tag::Charge_statute_code, "CC-263.1"}, {tag::Charge_offenceDate_start, "2099-01-01"}}, ""}};
  for (const Row& row : rows) {
    Input in;
    in.add(row.type, "x", row.cells);
    BOOST_TEST(in.run() == row.expect);
  }
  Input identity;
  identity.add(tag::Assessment, "x", {{tag::Assessment_riskFactors, "OTHER"}, {tag::Assessment_strengths, "OTHER"}});
  identity.batch.records[0].values[0].original = "Autochtone";
  BOOST_TEST(identity.run() == "R-V17 IDENTITY-RISK");
  Input isolation;
  isolation.add(tag::Assessment, "x", {{tag::Assessment_riskFactors, "ISOLATED"}, {tag::Assessment_strengths, "OTHER"}});
  isolation.batch.records[0].values[0].original = "Isolation, no transport";
  BOOST_TEST(isolation.run() == "");
  Input score;
  score.add(tag::Assessment, "x", {{tag::Assessment_kind, "OTHER"}});
  score.batch.records[0].ext.push_back({"RISK_SCORE", "0.83"});
  BOOST_TEST(score.run() == "R-V16 SCORE");
}

BOOST_AUTO_TEST_CASE(r_v11_a_dangling_reference_becomes_a_finding) {
  Input in;
  const Finding f = in.rules.dangling({normalise::uuid5("a"), normalise::uuid5("b"), tag::Custody_subject, 1, 77});
  BOOST_TEST(f.rule == "R-V11");
  BOOST_TEST(f.field_path == "/subject");
  BOOST_TEST(f.record_id == text(normalise::uuid5("a")));
  BOOST_TEST(f.args.at(0) == text(normalise::uuid5("b")));
  BOOST_TEST(f.offset == 77u);
}

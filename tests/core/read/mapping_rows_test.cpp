#include <boost/test/unit_test.hpp>

#include "core/read/mapping_help.hpp"

using namespace mapping_help;
using Lines = std::vector<std::string>;

BOOST_TEST_DONT_PRINT_LOG_VALUE(Lines)

#define SAME(a, b) BOOST_TEST((a) == (Lines b), boost::test_tools::per_element())

BOOST_AUTO_TEST_CASE(words_places_and_braces_make_fields) {
  const Result r = rows("records:\n  p: {record: Person, key: ID, names: {type: =LEGAL, full: '{G} {F}'}, ageRange: X}\n",
                        "ID,G,F,X\n7,Ana,Example,\n8,,,30\n");
  SAME(r.lines, ({"Person key=7", "names of #0 type=LEGAL full=Ana Example", "Person key=8 ageRange=30"}));
}

BOOST_AUTO_TEST_CASE(a_block_exists_only_if_a_value_in_it_comes_from_the_source) {
  const Result r =
      rows("records:\n  l: {record: Location, key: ID, kind: =OTHER, civic: {city: C, country: =CA}}\n", "ID,C\n1,Moosonee\n2,\n");
  SAME(r.lines, ({"Location key=1 kind=OTHER civic/city=Moosonee civic/country=CA", "Location key=2 kind=OTHER"}));
}

BOOST_AUTO_TEST_CASE(codes_keep_the_word_and_an_unknown_word_becomes_absent) {
  const Result r =
      rows("codes:\n  g: {m: MASCULINE}\nrecords:\n  p: {record: Person, key: ID, gender: {take: S, codes: g}}\n", "ID,S\n1,M \n2,Q\n");
  SAME(r.lines, ({"Person key=1 gender=MASCULINE gender<M", "Person key=2 gender!UNPARSEABLE gender<Q"}));
  SAME(r.findings, ({"E-MAP-UNKNOWN-CODE"}));
}

BOOST_AUTO_TEST_CASE(a_word_that_means_nothing_is_an_absent_entry_in_any_field) {
  const Result r = rows("absent: {UNK: UNKNOWN}\nrecords:\n  p: {record: Person, key: ID, occupation: O}\n", "ID,O\n1,unk\n");
  SAME(r.lines, ({"Person key=1 occupation!UNKNOWN occupation<unk"}));
}

BOOST_AUTO_TEST_CASE(split_capture_join_and_first_apply_in_their_order) {
  const Result r = rows(
      "records:\n  p:\n    record: Person\n    key: ID\n    languages: {take: L, split: ;}\n    occupation: {take: [O, P], join: ' / '}\n"
      "    birthPlace: {first: [B, C]}\n    birthDate: {take: D, capture: '^\\S+'}\n",
      "ID,L,O,P,B,C,D\n1,eng; fra;eng,x,y,,Sault,1/2/2099 00:00\n");
  SAME(r.lines, ({"Person key=1 languages=eng languages=fra occupation=x / y birthPlace=Sault birthDate=1/2/2099"}));
}

BOOST_AUTO_TEST_CASE(dates_and_zones_travel_as_hints) {
  const Result r = rows(
      "mapping: t/1\nreads: {reader: delimited, header: [A]}\nsource: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY, "
      "dates: d/M/yyyy, timeZone: America/Toronto, region: CA}\n"
      "records:\n  p: {record: Person, key: A, birthDate: B, effective: {start: {take: C, date: yyyy, zone: UTC}}}\n  s: {record: "
      "Selector, kind: =PHONE, value: D}\n",
      "A,B,C,D\n1,3/4/2099,2099,555-0100\n");
  SAME(r.lines, ({"Person key=1 birthDate=3/4/2099{date=d/M/yyyy,zone=America/Toronto} effective/start=2099{date=yyyy,zone=UTC}",
                  "Selector kind=PHONE value=555-0100{region=CA}"}));
}

BOOST_AUTO_TEST_CASE(a_reference_finds_the_record_of_the_same_place_also_when_its_rule_stands_below) {
  const Result r =
      rows("records:\n  c: {record: Custody, key: ID, subject: {ref: p}, event: =VISIT}\n  p: {record: Person, key: ID}\n", "ID\n5\n");
  SAME(r.lines, ({"Custody key=5 subject=#1 event=VISIT", "Person key=5"}));
}

BOOST_AUTO_TEST_CASE(a_reference_that_leads_nowhere_leaves_the_record_with_an_absent_entry) {
  const Result r = rows(
      "records:\n  c: {record: Custody, key: ID, subject: {ref: p, of: ID}, event: =VISIT}\n  p: {record: Person, each: NAME, key: .}\n",
      "ID,NAME\n5,A\n");
  SAME(r.lines, ({"Custody key=5 subject!UNKNOWN event=VISIT", "Person key=A"}));
  SAME(r.findings, ({"E-MAP-NO-RECORD"}));
}

BOOST_AUTO_TEST_CASE(a_mark_of_handling_may_hold_under_a_condition_and_is_a_word_of_the_mapping) {
  const Result r =
      rows("records:\n  p: {record: Person, key: ID, handling: {caveats: [THIRD_PARTY, {take: =INFORMER, when: {KIND: source}}]}}\n",
           "ID,KIND\n1,source\n2,other\n");
  SAME(r.lines, ({"Person key=1 handling/caveats=THIRD_PARTY handling/caveats=INFORMER ext=KIND=source",
                  "Person key=2 handling/caveats=THIRD_PARTY ext=KIND=other"}));
}

BOOST_AUTO_TEST_CASE(a_reference_by_key_names_a_record_of_the_feed) {
  const Result r =
      rows("records:\n  c: {record: Custody, key: ID, subject: {ref: p, key: PID}}\n  p: {record: Person, key: PID, when: NEW}\n",
           "ID,PID,NEW\n5,9,\n");
  SAME(r.lines, ({"Custody key=5 subject->9"}));
}

BOOST_AUTO_TEST_CASE(a_link_lacking_an_end_is_none_and_what_it_says_stays_with_the_main_record) {
  const std::string y =
      "records:\n  p: {record: Person, key: ID}\n"
      "  u: {record: Link, type: =USES, from: {ref: p}, to: {record: Selector, kind: =PHONE, value: T}, during: {start: S}}\n";
  SAME(rows(y, "ID,T,S\n1,555-0100,2099\n").lines,
       ({"Person key=1", "Link type=USES from=#0 to=#2 during/start=2099 assertedBy=SOURCE", "Selector kind=PHONE value=555-0100"}));
  SAME(rows(y, "ID,T,S\n1,,\n").lines, ({"Person key=1"}));
  const Result r = rows(y, "ID,T,S\n1,,2099\n");
  SAME(r.lines, ({"Person key=1 ext=u/during/start=2099"}));
  SAME(r.findings, ({"E-MAP-NO-RECORD"}));
}

BOOST_AUTO_TEST_CASE(a_link_between_two_rules_needs_no_value_of_its_own) {
  const std::string y =
      "records:\n  p: {record: Person, key: ID}\n  o: {record: Occurrence, key: O, occurrenceNumber: O}\n"
      "  r: {record: Link, type: =ROLE_IN, from: {ref: p}, to: {ref: o}, role: =VICTIM}\n";
  SAME(rows(y, "ID,O\n1,9\n").lines,
       ({"Person key=1", "Occurrence key=9 occurrenceNumber=9", "Link type=ROLE_IN from=#0 to=#1 role=VICTIM assertedBy=SOURCE"}));
  const Result r = rows(y, "ID,O\n1,\n");
  SAME(r.lines, ({"Person key=1"}));
  SAME(r.findings, ({"E-MAP-NO-RECORD"}));
}

BOOST_AUTO_TEST_CASE(a_source_record_that_makes_nothing_is_refused_and_not_lost) {
  const Result r = rows("records:\n  p: {record: Person, key: ID}\n", "ID,X\n,word\n");
  SAME(r.findings, ({"E-MAP-NOTHING"}));
  BOOST_TEST(r.lines.empty());
}

BOOST_AUTO_TEST_CASE(a_reference_may_name_ways_and_the_first_that_leads_somewhere_counts) {
  const Result r = rows(
      "records:\n  c: {record: Custody, key: ID, facility: {first: [{record: Organization, key: F, type: =OTHER}, {absent: UNKNOWN}]}}\n",
      "ID,F\n1,jail\n2,\n");
  SAME(r.lines, ({"Custody key=1 facility=#1", "Organization key=jail type=OTHER", "Custody key=2 facility!UNKNOWN"}));
}

BOOST_AUTO_TEST_CASE(of_several_words_each_source_record_gets_its_own_also_within_one_batch) {
  const Result r = rows("records:\n  s: {record: Selector, kind: {first: [{take: =EMAIL, when: {V: '/@/'}}, =PHONE]}, value: V}\n",
                        "V\na@example.org\n613-555-0142\nb@example.org\n");
  SAME(r.lines,
       ({"Selector kind=EMAIL value=a@example.org", "Selector kind=PHONE value=613-555-0142", "Selector kind=EMAIL value=b@example.org"}));
}

BOOST_AUTO_TEST_CASE(a_block_of_words_alone_stands_always) {
  const Result r = rows("records:\n  o: {record: Organization, key: =X, type: =OTHER, names: {full: =X}}\n", "ID\n1\n");
  BOOST_REQUIRE_EQUAL(r.lines.size(), 2u);
  BOOST_TEST(r.lines[1] == "names of #0 full=X");
}

BOOST_AUTO_TEST_CASE(what_no_rule_takes_goes_to_the_main_record_and_into_the_loss_report) {
  const Result r = rows("records:\n  p: {record: Person, key: ID, ext: {note: N}}\ndrop: {REPORT_*: Repeats the date}\n",
                        "ID,N,REPORT_DAY,NEW\n1,x,2,y\n");
  SAME(r.lines, ({"Person key=1 ext=note=x ext=NEW=y"}));
  SAME(r.loss, ({"ID mapped 1", "N ext 1", "REPORT_DAY dropped 1 Repeats the date", "NEW unmapped 1"}));
}

BOOST_AUTO_TEST_CASE(conditions_decide_and_what_they_keep_out_is_counted_with_their_reason) {
  const std::string y =
      "records:\n  l: {record: Location, key: ID, kind: =OTHER, geo: {unless: {LAT: ['0', '/^0\\.0*$/']}, why: withheld, lat: LAT, lon: "
      "LON}}\n"
      "skip: [{when: {ACTION: d}, as: DELETE, why: withdrawn}]\n";
  const Result r = rows(y, "ID,LAT,LON,ACTION\n1,43.5,-79.5,\n2,0.00,1,\n3,1,1,D\n");
  SAME(r.lines, ({"Location key=1 kind=OTHER geo/lat=43.5 geo/lon=-79.5", "Location key=2 kind=OTHER", "skipped DELETE"}));
  SAME(r.loss, ({"ID mapped 2", "ID dropped 1 withdrawn", "LAT mapped 1", "LAT dropped 1 withheld", "LAT dropped 1 withdrawn",
                 "LON mapped 1", "LON dropped 1 withheld", "LON dropped 1 withdrawn", "ACTION dropped 1 withdrawn"}));
}

BOOST_AUTO_TEST_CASE(grouped_rows_are_one_source_record) {
  const Result r = rows("records:\n  o: {record: Occurrence, key: ID, occurrenceNumber: ID, ucr2: U, division: D}\n",
                        "ID,U,D\nG1,1525,D1\nG1,1430,D2\nG1,1525,D1\n", true);
  BOOST_REQUIRE_EQUAL(r.lines.size(), 1u);
  BOOST_TEST(r.lines[0].starts_with("Occurrence key=G1 occurrenceNumber=G1 ucr2=1525 ucr2=1430 division=D1 ext=division=D2"));
  SAME(r.findings, ({"E-MAP-MANY"}));
}

BOOST_AUTO_TEST_CASE(records_in_fields_belong_to_their_parent_unless_they_have_a_key) {
  const Result r = rows(
      "records:\n  o:\n    record: Occurrence\n    key: ID\n    location: {record: Location, civic: {city: C}}\n"
      "  h: {record: Link, type: =LOCATED_AT, from: {ref: o}, to: {record: Location, civic: {city: C}}}\n",
      "ID,C\n1,Moosonee\n");
  SAME(r.lines, ({"Occurrence key=1 location=#1", "Location of #0 rule=location civic/city=Moosonee",
                  "Link type=LOCATED_AT from=#0 to=#3 assertedBy=SOURCE", "Location of #0 rule=h/to civic/city=Moosonee"}));
}

BOOST_AUTO_TEST_CASE(one_key_made_twice_is_one_record_and_with_two_contents_both_go_out) {
  const std::string y =
      "records:\n  o: {record: Occurrence, key: ID, kind: =TIP}\n  a: {record: Organization, key: N, type: =OTHER}\n  b: {record: "
      "Organization, key: M, type: =OTHER, industry: I}\n";
  SAME(rows(y, "ID,N,M,I\n1,x,x,\n").lines, ({"Occurrence key=1 kind=TIP", "Organization key=x type=OTHER"}));
  SAME(rows(y, "ID,N,M,I\n1,x,x,y\n").lines,
       ({"Occurrence key=1 kind=TIP", "Organization key=x type=OTHER", "Organization key=x type=OTHER industry=y"}));
}

BOOST_AUTO_TEST_CASE(a_token_value_crosses_as_a_token) {
  const Result r =
      rows("records:\n  p: {record: Person, key: ID, identifiers: {type: =OTHER, value: {take: N, token: yes}}}\n", "ID,N\n1,000\n");
  SAME(r.lines, ({"Person key=1", "identifiers of #0 type=OTHER value~000"}));
}

BOOST_AUTO_TEST_CASE(the_unit_of_a_number_may_be_a_word_or_a_place) {
  const Result r = rows("records:\n  p: {record: Person, key: ID, physical: {heightCm: {take: H, unit: {first: [U, =in]}}}}\n",
                        "ID,H,U\n1,70,\n2,170,cm\n");
  SAME(r.lines, ({"Person key=1 physical/heightCm=70{unit=in}", "Person key=2 physical/heightCm=170{unit=cm}"}));
}

BOOST_AUTO_TEST_CASE(a_column_may_come_under_another_name_and_may_be_missing_without_a_word) {
  const std::string head =
      "mapping: t/1\nreads: {reader: delimited, spellings: {NAME: [Full_Name, Label]}, optional: [X_*]}\n"
      "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n"
      "records:\n  p: {record: Person, key: ID, ageRange: X_AGE, names: {full: NAME}}\n";
  SAME(rows(head, "ID,label\n1,Testard\n").lines, ({"Person key=1", "names of #0 full=Testard"}));
  const Result both = rows(head, "ID,NAME,Label\n1,Testard,Other\n");  // its own name counts, and the other is not lost
  SAME(both.lines, ({"Person key=1 ext=Label=Other", "names of #0 full=Testard"}));
  SAME(both.findings, (Lines{}));
}

BOOST_AUTO_TEST_CASE(a_block_may_name_ways_and_the_first_that_has_a_value_counts) {
  const Result r =
      rows("records:\n  e: {record: Episode, key: ID, period: {first: [{start: D}, {absent: UNKNOWN}]}}\n", "ID,D\n1,2099\n2,\n");
  SAME(r.lines, ({"Episode key=1 period/start=2099", "Episode key=2 period!UNKNOWN"}));
}

BOOST_AUTO_TEST_CASE(a_note_is_a_finding_each_time_it_holds) {
  const Result r = rows("records:\n  p: {record: Person, key: ID}\nnotes: [{when: {X: odd}, at: X, en: It is odd., fr: C'est étrange.}]\n",
                        "ID,X\n1,odd\n2,even\n");
  SAME(r.findings, ({"E-MAP-NOTE"}));
}

BOOST_AUTO_TEST_CASE(marks_of_a_record_may_be_what_the_source_states) {
  const Result r =
      rows("codes:\n  t: {red: RED}\nrecords:\n  p: {record: Person, key: ID, handling: {tlp: {take: T, codes: t}, caveats: [HEALTH]}}\n",
           "ID,T\n1,Red\n2,\n");
  SAME(r.lines, ({"Person key=1 handling/tlp=RED handling/tlp<Red handling/caveats=HEALTH", "Person key=2 handling/caveats=HEALTH"}));
}

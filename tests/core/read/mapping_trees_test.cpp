// Paths over XML and JSON: prefixes, references, metadata, joins, what is left over.
#include <boost/test/unit_test.hpp>

#include "core/read/mapping_runs.hpp"

using namespace mapping_help;
using Text = std::vector<std::string>;

namespace {
const std::string kXml =
    "mapping: t/1\nreads: {reader: xml, root: r, references: niem}\n"
    "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n";
const std::string kJson =
    "mapping: t/1\nreads: {reader: json, each: /reports}\n"
    "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n";
const std::string kOpen =
    "<r xmlns:nc=\"http://release.niem.gov/niem/niem-core/3.0/\" xmlns:j=\"http://release.niem.gov/niem/domains/jxdm/5.1/\" "
    "xmlns:s=\"http://release.niem.gov/niem/structures/3.0/\">";

Run document(const std::string& yaml, const std::string& text) {
  Run run;
  std::deque<NamedInput> inputs;
  inputs.emplace_back("test", text);
  run_inputs(run, compiled(yaml), inputs);
  return run;
}
}  // namespace

#define SAME(a, b) BOOST_TEST((a) == (Text b), boost::test_tools::per_element())

BOOST_AUTO_TEST_CASE(a_reference_stands_for_what_it_points_to_and_inline_needs_the_same_path) {
  const std::string y = kXml + "records:\n  p: {record: Person, each: //RoleOfPerson, names: {family: PersonName/PersonSurName}}\n";
  const std::string person = "<nc:PersonName><nc:PersonSurName>Exemple</nc:PersonSurName></nc:PersonName>";
  const Text want{"Person rule=p", "names of #0 family=Exemple"};
  Run by_ref = document(y, kOpen + "<nc:RoleOfPerson s:ref=\"P\"/><nc:Person s:id=\"P\">" + person + "</nc:Person></r>");
  Run inlined = document(y, kOpen + "<nc:RoleOfPerson>" + person + "</nc:RoleOfPerson></r>");
  for (Run* r : {&by_ref, &inlined}) {
    std::for_each(r->lines.begin(), r->lines.end(), [](std::string& l) {
      if (l.starts_with("names of")) l = "names of #0" + l.substr(l.find(' ', 9));
    });
    SAME(r->lines, (want));
    BOOST_TEST(r->values_wrong == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_prefix_narrows_to_a_family_of_namespaces) {
  const std::string y = kXml + "records:\n  p: {record: Person, key: id, occupation: 'j:Job', birthPlace: Place}\n";
  const Run r = document(y, kOpen + "<id>1</id><nc:Job>wrong</nc:Job><j:Job>right</j:Job><nc:Place>Moosonee</nc:Place></r>");
  BOOST_TEST(r.lines.at(0).starts_with("Person key=1 occupation=right birthPlace=Moosonee"));
}

BOOST_AUTO_TEST_CASE(metadata_tells_values_apart) {
  const std::string y =
      kXml + "records:\n  p: {record: Person, key: id, birthDate: 'PersonBirthDate[@metadata/CommentText = primary]/Date'}\n";
  const Run r = document(y, kOpen +
                                "<id>1</id><nc:PersonBirthDate s:metadata=\"M1\"><nc:Date>2001-01-01</nc:Date></nc:PersonBirthDate>"
                                "<nc:PersonBirthDate s:metadata=\"M0 M2\"><nc:Date>2002-02-02</nc:Date></nc:PersonBirthDate>"
                                "<nc:Metadata s:id=\"M1\"><nc:CommentText>Alias</nc:CommentText></nc:Metadata>"
                                "<nc:Metadata s:id=\"M2\"><nc:CommentText>Primary</nc:CommentText></nc:Metadata></r>");
  BOOST_TEST(r.lines.at(0).starts_with("Person key=1 birthDate=2002-02-02"));
}

BOOST_AUTO_TEST_CASE(associations_that_point_here_are_found_by_their_join) {
  const std::string y =
      kXml + "records:\n  c: {record: Charge, each: //Charge, key: Id, offenceDate: {start: '//Assoc[Charge = this]/Offense/Date'}}\n";
  const Run r =
      document(y, kOpen +
                      "<j:Charge s:id=\"C1\"><Id>1</Id></j:Charge><j:Charge s:id=\"C2\"><Id>2</Id></j:Charge>"
                      "<j:Offense s:id=\"O1\"><Date>2099-01-01</Date></j:Offense><j:Offense s:id=\"O2\"><Date>2099-02-02</Date></j:Offense>"
                      "<Assoc><j:Offense s:ref=\"O2\"/><j:Charge s:ref=\"C1\"/></Assoc><Assoc><j:Offense s:ref=\"O1\"/><j:Charge "
                      "s:ref=\"C2\"/></Assoc></r>");
  BOOST_REQUIRE(r.records.at("Charge") == 2u);  // the references to a charge are no further charges
  BOOST_TEST(r.lines.at(0).find("offenceDate/start=2099-02-02") != std::string::npos);
  BOOST_TEST(r.lines.at(1).find("offenceDate/start=2099-01-01") != std::string::npos);
}

// A payload that points back at its digest (LEXS) is joined like any reference, and the pointer is no value to be lost.
BOOST_AUTO_TEST_CASE(a_payload_is_joined_to_its_digest_by_the_reference_of_lexs) {
  const std::string y = kXml + "records:\n  p: {record: Person, each: '//j:Person', key: Id, occupation: '//nc:Person[Same = this]/Job'}\n";
  const Run r = document(y, "<r xmlns:l=\"http://example.test/lexs/library/3.1\" " + kOpen.substr(kOpen.find("xmlns")) +
                                "<j:Person s:id=\"P1\"><Id>1</Id></j:Person><j:Person s:id=\"P2\"><Id>2</Id></j:Person>"
                                "<nc:Person><Same l:ref=\"P2\"/><Job>Baker</Job></nc:Person></r>");
  SAME(r.lines, ({"Person key=1", "Person key=2 occupation=Baker"}));
}

BOOST_AUTO_TEST_CASE(a_rule_leaves_to_those_above_the_places_they_took_and_a_reference_may_name_several_rules) {
  const std::string y =
      kXml +
      "records:\n"
      "  main: {record: Occurrence, each: {first: ['//act[kind = Incident][1]', '//act[1]']}, key: no}\n"
      "  part: {record: Occurrence, each: //act, besides: main, key: no}\n"
      "  place: {record: Location, each: //place, key: no}\n"
      "  link: {record: Link, each: //link, type: =PART_OF, from: {ref: [main, part], of: a}, to: {ref: [place, part, main], of: b}}\n";
  const Run r =
      document(y, kOpen +
                      "<act s:id=\"A1\"><no>1</no><kind>Offense</kind></act><act s:id=\"A2\"><no>2</no><kind>Incident</kind></act>"
                      "<place s:id=\"L1\"><no>9</no></place><link><a s:ref=\"A1\"/><b s:ref=\"A2\"/></link><link><a s:ref=\"A2\"/><b "
                      "s:ref=\"L1\"/></link></r>");
  SAME(r.lines, ({"Occurrence key=2 ext=act/kind=Offense ext=act/kind=Incident", "Occurrence key=1", "Location key=9",
                  "Link type=PART_OF from=#2 to=#1 assertedBy=SOURCE", "Link type=PART_OF from=#1 to=#3 assertedBy=SOURCE"}));
}

BOOST_AUTO_TEST_CASE(an_attribute_may_say_what_an_element_is_and_names_what_no_rule_takes) {
  const std::string y =
      "mapping: t/1\nreads: {reader: xml, root: r, labels: [f/@n]}\n"
      "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n"
      "records:\n  o: {record: Occurrence, key: 'f[@n = No]/v', division: g/@n}\n";
  const Run r = document(y, "<r><f n=\"No\"><v>1</v></f><f n=\"Eye\" t=\"x\"><v>blue</v></f><f><v>2</v></f><g n=\"D1\">3</g></r>");
  SAME(r.lines, ({"Occurrence key=1 division=D1 ext=f[Eye]/@t=x ext=f[Eye]/v=blue ext=f/v=2 ext=g=3"}));
  BOOST_TEST(r.places.count("f[No]/v") == 1u);
  BOOST_TEST(r.places.count("f/@n") == 0u);  // the label is part of the name
}

BOOST_AUTO_TEST_CASE(names_of_elements_positions_and_parents) {
  const std::string y =
      kXml + "records:\n  o: {record: Occurrence, key: id, flags: 'notes/*/name()', division: 'x[2]', summary: {en: 'notes/../top'}}\n";
  const Run r = document(y, "<r><id>1</id><notes><a/><b/></notes><x>D1</x><x>D2</x><top>words</top></r>");
  BOOST_TEST(r.lines.at(0).starts_with("Occurrence key=1 flags=a flags=b division=D2 summary/en=words ext=x=D1"));
  BOOST_TEST(r.places.at("x").at(CB_LOSS_UNMAPPED) == 1u);
}

BOOST_AUTO_TEST_CASE(a_branch_that_is_dropped_takes_what_hangs_on_it_but_never_what_a_rule_takes) {
  const std::string y = kXml + "records:\n  o: {record: Occurrence, key: id, division: Health/Unit}\ndrop: {Health: Health detail}\n";
  const Run r = document(y, "<r><id>1</id><Health><Unit>D</Unit><Note>n</Note></Health></r>");
  SAME(r.lines, ({"Occurrence key=1 division=D"}));
  BOOST_TEST(r.places.at("Health/Note").at(CB_LOSS_DROPPED) == 1u);
  BOOST_TEST(r.places.at("Health/Unit").at(CB_LOSS_MAPPED) == 1u);
}

BOOST_AUTO_TEST_CASE(each_element_is_a_source_record_and_the_top_of_the_document_can_be_asked) {
  std::string y = kXml + "records:\n  o: {record: Occurrence, key: id, reportedAt: /*/Sent}\n";
  y.replace(y.find("root: r"), 7, "root: r, each: item");
  const Run r = document(y, "<r><Sent>2099-01-01</Sent><item><id>1</id></item><item><id>2</id></item></r>");
  SAME(r.lines, ({"Occurrence key=1 reportedAt=2099-01-01", "Occurrence key=2 reportedAt=2099-01-01"}));
  const Run whole = document(y, "<r><id>7</id></r>");  // where there is none, the whole document
  SAME(whole.lines, ({"Occurrence key=7"}));
  BOOST_TEST(whole.units == 1u);
}

BOOST_AUTO_TEST_CASE(what_stands_around_the_source_records_is_counted_once_each) {
  std::string y = kXml + "records:\n  o: {record: Occurrence, key: id, reportedAt: /*/Sent}\ndrop: {Seal: Tells nothing}\n";
  y.replace(y.find("root: r"), 7, "root: r, each: item");
  const Run r =
      document(y,
               "<r v=\"2\"><Sent>2099-01-01</Sent><Head><From kind=\"a\">X</From><From>Y</From></Head><Seal>s</Seal>"
               "<item><id>1</id></item><group by=\"g\"><item><id>2</id></item><item><id>3</id></item></group>words<Count>3</Count></r>");
  BOOST_TEST(r.units == 3u);
  const auto at = [&](const char* place, uint32_t what) {
    return r.places.contains(place) && r.places.at(place).contains(what) ? r.places.at(place).at(what) : 0;
  };
  BOOST_TEST(at("/r/Sent", CB_LOSS_MAPPED) == 1u);  // three source records took it
  BOOST_TEST(at("/r/Sent", CB_LOSS_UNMAPPED) == 0u);
  BOOST_TEST(at("/r/@v", CB_LOSS_UNMAPPED) == 1u);
  BOOST_TEST(at("/r/Head/From", CB_LOSS_UNMAPPED) == 2u);
  BOOST_TEST(at("/r/Head/From/@kind", CB_LOSS_UNMAPPED) == 1u);
  BOOST_TEST(at("/r/Seal", CB_LOSS_DROPPED) == 1u);
  BOOST_TEST(at("/r/group/@by", CB_LOSS_UNMAPPED) == 1u);
  BOOST_TEST(at("/r", CB_LOSS_UNMAPPED) == 1u);                // its own words
  BOOST_TEST(at("/r/Count", CB_LOSS_UNMAPPED) == 1u);          // after the last of them
  const Run whole = document(y, "<r v=\"2\"><id>7</id></r>");  // nothing stands around the whole document
  BOOST_TEST(!whole.places.contains("/r/@v"));
  BOOST_TEST(whole.places.at("@v").at(CB_LOSS_UNMAPPED) == 1u);
}

BOOST_AUTO_TEST_CASE(what_stands_around_json_source_records_is_counted_once_each) {
  const std::string y = kJson + "records:\n  p: {record: Person, key: id}\n";
  const Run r = document(
      y,
      R"({"sent": "x", "by": {"name": "Testard", "roles": ["a", "b"], "none": null, "empty": ""}, "reports": [{"id": 5}, {"id": 6}], "count": 2})");
  const auto at = [&](const char* place) { return r.places.contains(place) ? r.places.at(place).at(CB_LOSS_UNMAPPED) : 0; };
  BOOST_TEST(at("/sent") == 1u);
  BOOST_TEST(at("/by/name") == 1u);
  BOOST_TEST(at("/by/roles") == 2u);
  BOOST_TEST(at("/count") == 1u);
  BOOST_TEST(!r.places.contains("/by/none"));
  BOOST_TEST(!r.places.contains("/by/empty"));
  BOOST_TEST(r.places.at("id").at(CB_LOSS_MAPPED) == 2u);
}

BOOST_AUTO_TEST_CASE(json_members_lists_and_filters) {
  const std::string y = kJson +
                        "records:\n  p: {record: Person, key: id, names: {full: name/full}, languages: langs}\n"
                        "  u: {record: Link, each: 'phones[kind = home]', type: =USES, from: {ref: p}, to: {record: Selector, kind: "
                        "=PHONE, value: number}}\n";
  const Run r = document(y, R"({"sent": "x", "reports": [{"id": 5, "name": {"full": "Testard"}, "langs": ["eng", "fra"],
      "phones": [{"kind": "work", "number": "1"}, {"kind": "home", "number": "2"}], "none": null}]})");
  SAME(r.lines, ({"Person key=5 languages=eng languages=fra ext=phones/kind=work ext=phones/number=1 ext=phones/kind=home",
                  "names of #1 full=Testard", "Link type=USES from=#1 to=#4 assertedBy=SOURCE", "Selector kind=PHONE value=2"}));
  BOOST_TEST(r.values_wrong == 0u);
}

BOOST_AUTO_TEST_CASE(a_document_that_breaks_is_a_failure_and_not_a_shorter_one) {
  const Run r = document(kXml + "records:\n  o: {record: Occurrence, key: id}\n", "<r><id>1</id>");
  BOOST_TEST(r.failed == 1u);
  BOOST_TEST(r.mapped == 0u);
}

BOOST_AUTO_TEST_CASE(what_a_filter_names_is_dropped_with_all_below_it_and_what_a_rule_takes_is_not) {
  const std::string y = kJson +
                        "records:\n  p: {record: Person, each: 'things[type = person]', names: {full: name}}\n"
                        "drop: {'things[type = tool]': Not case data}\n";
  const Run r = document(
      y, R"({"reports": {"things": [{"type": "person", "name": "Testard"}, {"type": "tool", "name": "x", "more": {"deep": "y"}}]}})");
  SAME(r.lines, ({"Person rule=p ext=things/type=person", "names of #1 full=Testard"}));
  BOOST_TEST(r.places.at("things/more/deep").at(CB_LOSS_DROPPED) == 1u);
  BOOST_TEST(r.places.at("things/name").at(CB_LOSS_DROPPED) == 1u);
}

BOOST_AUTO_TEST_CASE(lines_read_together_meet_each_other) {
  std::string y = kJson + "records:\n  p: {record: Person, each: //line, key: id, names: {each: '//line[id = this/id]/n', full: .}}\n";
  y.replace(y.find("reader: json, each: /reports"), 28, "reader: jsonl, together: yes");
  const Run r = document(y, "{\"id\":\"1\",\"n\":\"A\"}\n{\"id\":\"2\",\"n\":\"B\"}\n{broken\n{\"id\":\"1\",\"n\":\"C\"}\n");
  SAME(r.lines, ({"Person key=1", "names of #1 full=A", "names of #1 full=C", "Person key=2", "names of #4 full=B"}));
  BOOST_TEST(r.units == 2u);
  BOOST_TEST(r.refused == 1u);  // the broken line alone
  BOOST_TEST(r.values_wrong == 0u);
}

BOOST_AUTO_TEST_CASE(linked_data_has_no_prefixes_and_an_id_alone_is_what_it_names) {
  std::string y =
      kJson + "records:\n  p: {record: Person, each: '//*[@type = Person]', key: '@id', birthDate: birthdate, occupation: knows/label}\n";
  y.replace(y.find("each: /reports"), 14, "references: jsonld");
  const Run r = document(y, R"({"@context": {"u": "https://example.org/identity/"}, "@graph": [
      {"@id": "kb:1", "@type": ["u:Person", "u:Thing"], "u:birthdate": {"@type": "xsd:date", "@value": "2084-04"}, "u:knows": {"@id": "kb:2"}},
      {"@id": "kb:2", "@type": "https://example.org/identity#Thing", "https://example.org/core/label": "Maya"}]})");
  BOOST_REQUIRE(!r.lines.empty());
  BOOST_TEST(r.lines[0].starts_with("Person key=kb:1 birthDate=2084-04 occupation=Maya"));
  BOOST_TEST(r.values_wrong == 0u);
}

BOOST_AUTO_TEST_CASE(of_several_places_json_takes_the_first_with_something_and_xml_every_one) {
  std::string y = kJson + "records:\n  o: {record: Occurrence, key: id}\n";
  y.replace(y.find("each: /reports"), 14, "each: [/a/b, /a]");
  SAME(document(y, R"({"a": [{"id": "1"}, {"id": "2"}]})").lines, ({"Occurrence key=1", "Occurrence key=2"}));
  SAME(document(y, R"({"a": {"b": [{"id": "3"}]}})").lines, ({"Occurrence key=3"}));
  BOOST_TEST(document(y, R"({"c": 1})").findings.at("E-JSON-EACH") == 1u);
  std::string x = kXml + "records:\n  o: {record: Occurrence, key: id}\n";
  x.replace(x.find("root: r"), 7, "root: r, each: [a, b]");
  SAME(document(x, "<r><a><id>1</id></a><b><id>2</id></b></r>").lines, ({"Occurrence key=1", "Occurrence key=2"}));
}

BOOST_AUTO_TEST_CASE(of_several_words_each_record_of_a_batch_gets_its_own) {
  // The condition asks what points at this place: one place is where somebody lives, the other is not.
  const std::string y = kXml +
                        "records:\n  l: {record: Location, each: //Place, kind: {first: [{take: =RESIDENCE, when: '//Home[Where = this]'}, "
                        "=OTHER]}, name: Name}\n";
  const std::string home = "<Home><Where s:ref=\"B\"/></Home>";
  const auto place = [](const char* id) { return "<Place s:id=\"" + std::string(id) + "\"><Name>" + id + "</Name></Place>"; };
  for (const std::string& both : {place("A") + place("B"), place("B") + place("A")}) {
    const Run r = document(y, kOpen + both + home + "</r>");
    std::string lines;
    for (const std::string& l : r.lines) lines += l + "\n";
    BOOST_TEST(r.records.at("Location") == 2u);
    BOOST_TEST(lines.find("kind=OTHER name=A") != std::string::npos, lines);
    BOOST_TEST(lines.find("kind=RESIDENCE name=B") != std::string::npos, lines);
  }
}

BOOST_AUTO_TEST_CASE(a_reference_may_have_a_condition) {
  const std::string y = kXml +
                        "records:\n  c: {record: Custody, key: id, event: =VISIT, counterpart: {first: [{ref: a, when: {kind: [a]}}, "
                        "{ref: b, unless: {kind: none}}]}}\n"
                        "  a: {record: Person, when: A, key: 'A/id'}\n  b: {record: Person, when: B, key: 'B/id'}\n";
  const auto counterparts = [&](const std::string& text) {
    const Run r = document(y, kOpen + "<id>1</id>" + text + "</r>");
    BOOST_TEST(r.findings.empty(), text);
    size_t n = 0;
    for (size_t at = r.lines.at(0).find("counterpart="); at != std::string::npos; at = r.lines[0].find("counterpart=", at + 1)) ++n;
    return std::to_string(n) + (r.lines.size() > 1 ? " " + r.lines.at(1) : std::string());
  };
  BOOST_TEST(counterparts("<kind>a</kind><A><id>7</id></A>").starts_with("1 Person key=7"));
  BOOST_TEST(counterparts("<kind>b</kind><B><id>8</id></B>").starts_with("1 Person key=8"));
  BOOST_TEST(counterparts("<kind>none</kind>") == "0");
}

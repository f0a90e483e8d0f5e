// Which mappings can be read directly, and that anything more than is known sends the whole file the usual way.
#include <boost/test/unit_test.hpp>

#include "direct/columns.hpp"
#include "direct/rows.hpp"

using namespace casebridge;

namespace {

constexpr const char* kPlain = R"(mapping: people-csv/1
title: {en: Table of people, fr: Table de personnes}
reads: {reader: delimited, header: [rec_id, given, family]}
source: {agency: example, agencyName: {en: Example, fr: Exemple}, agencyType: OTHER, system: TEST, legalAuthority: CSPA_DUTY, region: CA}
handling: {handlingCode: P}
records:
  person:
    record: Person
    key: rec_id
    names:
      - {type: =LEGAL, given: given, family: family}
      - {each: {take: aliases, split: ;}, type: =ALIAS, full: .}
    identifiers:
      - {when: number, type: =RMS_PERSON, value: number}
    birthDate: born
  lives:
    record: Link
    when: [street, city]
    why: no address
    type: =RESIDES_AT
    from: {ref: person}
    to: {record: Location, kind: =RESIDENCE, civic: {full: street, city: city}}
)";

std::shared_ptr<const read::mapping::Program> compiled(std::string text) {
  read::mapping::Problems problems("mapping.yaml");
  auto program = read::mapping::compile(text, problems);
  std::string why;
  for (const Finding& f : problems.take()) why += message_of(f) + "\n";
  BOOST_REQUIRE_MESSAGE(program && why.empty(), why);
  return program;
}
std::string with(std::string_view from, std::string_view to) {
  std::string text = kPlain;
  const size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != text.npos, from);
  return text.replace(at, from.size(), to);
}

// What became of the rows of a table under the plain mapping.
struct Read {
  std::shared_ptr<const read::mapping::Program> program = compiled(kPlain);
  direct::Columns columns = direct::columns_of(*program).value();
  std::string text;
  direct::Rows rows;
  link::PersonTable table;
  explicit Read(std::string body) : text("rec_id,given,family,born,aliases,number,street,city\n" + body), rows(text, columns) {
    if (rows.fits()) table = link::build_table(rows, 2);
  }
  std::vector<uint64_t> left() const {
    std::vector<uint64_t> lines;
    for (const direct::LeftRow& row : rows.left()) lines.push_back(row.line);
    return lines;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(direct_columns)

BOOST_AUTO_TEST_CASE(a_plain_mapping_is_understood) {
  const auto program = compiled(kPlain);
  const auto columns = direct::columns_of(*program);
  BOOST_REQUIRE(columns);
  BOOST_TEST(columns->agency == "example");
  BOOST_TEST(columns->system == "TEST");
  BOOST_TEST(columns->region == "CA");
  std::string said;
  for (const direct::Column& c : columns->all) said += c.name + (c.split.empty() ? " " : "[" + c.split + "] ");
  BOOST_TEST(said == "rec_id given family aliases[;] number born street city ");
}

BOOST_AUTO_TEST_CASE(a_mapping_that_does_more_goes_the_usual_way) {
  const std::pair<const char*, const char*> more[] = {
      {"    birthDate: born\n", "    birthDate: {take: born, date: dd/MM/yyyy}\n"},
      {"    birthDate: born\n", "    birthDate: born\n    handling: {caveats: [NO_LINKING]}\n"},
      {"    birthDate: born\n", "    birthDate: born\n    consent: {withdrawn: gone}\n"},
      {"    key: rec_id\n", "    key: [rec_id, given]\n"},
      {"    key: rec_id\n", "    key: rec_id\n    when: given\n    why: none\n"},
      {"    when: [street, city]\n", "    when: street\n"},
      {"type: =LEGAL, given: given", "type: =STREET, given: given"},
      {"type: =LEGAL, given: given", "type: =LEGAL, birthDate: born, given: given"},
      {"value: number}", "value: number, issuer: given}"},
      {"type: =RMS_PERSON", "type: =PASSPORT"},
      {"records:\n", "skip:\n  - {when: gone, as: EMPTY, why: gone}\nrecords:\n"},
      {"records:\n", "absent: {none: WITHHELD}\nrecords:\n"},
  };
  for (const auto& [from, to] : more) {
    read::mapping::Problems problems("mapping.yaml");
    const auto program = read::mapping::compile(with(from, to), problems);
    if (!program || problems.failed()) {
      std::string why;
      for (const Finding& f : problems.take()) why += message_of(f) + "\n";
      BOOST_ERROR(std::string(to) + ": " + why);
      continue;
    }
    BOOST_TEST(!direct::columns_of(*program), to);
  }
}

BOOST_AUTO_TEST_CASE(a_row_that_deserves_a_finding_is_left_with_its_place) {
  const Read r(
      "A,Holwyn,Marshstead,2050-04-04,,123,1 Test Road,Exampleville\n"
      "B,Holwyn,Marshstead,2050-02-30,,123,,\n"
      "\n"
      "C,Holwyn,Marshstead,2050-04,Holly Marsh;H,,,\r\n"
      "D,Holwyn,Marshstead,,\"Marsh, H\",,,\n"
      "E,Holwyn\n"
      "F,,,,,,,\n"
      "G,Holwyn,Marshstead,,,,,Exampleville");
  BOOST_TEST(r.rows.still_fits());
  BOOST_TEST(r.rows.taken() == 2u);
  BOOST_TEST(r.left() == (std::vector<uint64_t>{3, 6, 7, 8, 9}), boost::test_tools::per_element());
  BOOST_TEST(r.text.substr(r.rows.left()[2].offset, r.rows.left()[2].length) == "E,Holwyn");
  BOOST_TEST(r.rows.left()[0].before == 1u);
  BOOST_TEST(r.rows.left()[1].before == 2u);
  BOOST_TEST(r.table.local_id(1) == "C");
  BOOST_TEST(r.table.persons[1].aliases == 2);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_something_else_does_not_fit) {
  for (const char* body :
       {"A,\"Hol\nwyn\",Marshstead,,,,,\n", "A,Hol\"wyn,Marshstead,,,,,\n", "A,Zo\xEB,Marshstead,,,,,\n", "A,Hol\rwyn,Marshstead,,,,,\n"})
    BOOST_TEST(!Read(body).rows.still_fits(), body);
  const auto program = compiled(kPlain);
  const direct::Columns columns = direct::columns_of(*program).value();
  for (const char* head : {"rec_id;given;family\n", "rec_id,given\n", "rec_id,given,family,given\n", "rec_id,given,family"})
    BOOST_TEST(!direct::Rows(head, columns).fits(), head);
}

BOOST_AUTO_TEST_SUITE_END()

// Batches as a plugin would make them, all synthetic.
#include <boost/test/unit_test.hpp>

#include <map>

#include "casebridge/batch.hpp"
#include "casebridge/model.h"
#include "emit/batch_form.hpp"
#include "normalise/ids.hpp"
#include "normalise/normaliser.hpp"

using namespace casebridge;
using namespace casebridge::normalise;

namespace {

struct Fixture {
  Fixture() {
    settings.agency = "example-ps";
    settings.system = "tips";
    settings.source = 1;
    settings.zone = "America/Toronto";
    settings.run_year = 2099;
    settings.key = std::make_shared<const TokenKey>(TokenKey::from_bytes("k1", std::string(32, 'k')));
  }
  void run() {
    if (!normaliser) normaliser = std::make_unique<Normaliser>(settings);
    found.clear();
    const cb_batch batch = b.view();
    normaliser->run(batch, out, [&](Finding&& f) { found.push_back(std::move(f)); });
    b.clear();  // nothing of the result may point into the batch
  }
  void unit() {
    b.begin_unit({offset, 100});
    offset += 100;
  }
  uint32_t record(uint32_t type, uint32_t parent = CB_NONE) { return b.record(type, {offset - 100, 100}, parent); }
  std::string text(size_t r, model::Tag field) const {
    const Value* v = out.records.at(r).find(field);
    return v ? std::string(v->text) : "";
  }
  std::string in_block(size_t r, size_t block, model::Tag field) const {
    for (const Value& v : out.records.at(r).block_of(out.records[r].blocks.at(block)))
      if (v.field == field) return std::string(v.text);
    return "";
  }
  std::string codes() const {
    std::string all;
    for (const Finding& f : found) all += (all.empty() ? "" : " ") + f.code;
    return all;
  }
  // Everything the result says, to search it for what must not be there.
  std::string all() const {
    std::string s;
    for (const Record& r : out.records) {
      s += r.local_id;
      for (const auto* list : {&r.values, &r.block_values})
        for (const Value& v : *list) {
          s += '|';
          s += v.text;
          s += '|';
          s += v.original;
        }
      for (const Ext& e : r.ext) {
        s += '|';
        s += e.name;
        s += '=';
        s += e.value;
      }
    }
    for (const Finding& f : found)
      for (const std::string& a : f.args) s += "|" + a;
    return s;
  }
  Settings settings;
  BatchBuilder b;
  std::unique_ptr<Normaliser> normaliser;
  RecordBatch out;
  std::vector<Finding> found;
  uint64_t offset = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(ids_follow_the_wire_document, Fixture) {
  unit();
  const auto person = record(tag::Person);
  b.key("71");
  const auto occurrence = record(tag::Occurrence);
  b.key("XP-2099-0417");
  const auto phone = record(tag::Selector, person);
  b.constant(tag::Selector_kind, "PHONE");
  b.text(tag::Selector_value, "705 555-0101", {4, 12});
  record(tag::Link, person);
  b.constant(tag::Link_type, "ROLE_IN");
  b.ref(tag::Link_from, person);
  b.ref(tag::Link_to, occurrence);
  b.constant(tag::Link_role, "MISSING_PERSON");
  record(tag::Link, person);
  b.constant(tag::Link_type, "USES");
  b.ref(tag::Link_from, person);
  b.ref(tag::Link_to, phone);
  const auto place = record(tag::Location, occurrence);
  b.rule("location");
  b.text(tag::Location_name, "Example Motel");
  record(tag::Location, occurrence);
  b.rule("location");
  b.text(tag::Location_name, "Another Motel");
  b.select(occurrence);
  b.ref(tag::Occurrence_location, place);
  b.ref_key(tag::Occurrence_missing_reportedBy, tag::Person, "72");
  run();
  BOOST_TEST(codes() == "");
  BOOST_REQUIRE(out.records.size() == 7u);
  BOOST_TEST(to_text(out.records[0].id) == "c11374db-5a8f-5817-81de-c5782e1d10d4");
  BOOST_TEST(out.records[0].local_id == "71");
  BOOST_TEST(to_text(out.records[1].id) == "9c23107b-0236-5cd0-81e3-d6b0cf3fa5e8");
  BOOST_TEST(to_text(out.records[2].id) == "b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b");
  BOOST_TEST(text(2, tag::Selector_value) == "+17055550101");
  BOOST_TEST(out.records[2].find(tag::Selector_value)->original == "705 555-0101");
  BOOST_TEST(to_text(out.records[3].id) == "bd2ac4a6-0eca-52e9-b5d6-b4a010d01b06");
  BOOST_TEST(to_text(out.records[4].id) == "d5f72a6b-2eaa-5f2a-993b-77af62265652");
  const std::string parent = to_text(out.records[1].id);
  BOOST_TEST((out.records[5].id == uuid5({"Location", parent, "location"})));
  BOOST_TEST((out.records[6].id == uuid5({"Location", parent, "location", "2"})));
  BOOST_TEST(text(1, tag::Occurrence_location) == to_text(out.records[5].id));
  BOOST_TEST(text(1, tag::Occurrence_missing_reportedBy) == to_text(uuid5({"Person", "example-ps", "tips", "72"})));
  BOOST_TEST(out.units.at(0).n_records == 7u);
}

BOOST_FIXTURE_TEST_CASE(values_are_normal_and_keep_the_words_of_the_source, Fixture) {
  const auto dates = b.hint("date=d/M/yyyy|MM/yyyy\x1fzone=America/Toronto");
  const auto inches = b.hint("unit=in");
  unit();
  const auto person = record(tag::Person);
  b.key("1");
  b.text(tag::Person_physical_heightCm, "5'11\"", {20, 5}, inches);  // out of the model's order on purpose
  b.text(tag::Person_birthDate, "03/2084", {10, 7}, dates);
  b.text(tag::Person_gender, "F\xC3\xA9minin", {30, 8});
  b.text(tag::Person_occupation, "  Tester ", {40, 9});
  b.text(tag::Person_citizenship, "Canada", {50, 6});
  b.text(tag::Person_citizenship, "FRA", {56, 3});
  record(tag::Person_names, person);
  b.constant(tag::Person_names_type, "LEGAL");
  b.text(tag::Person_names_full, "TESTARD, Exemple", {60, 16});
  run();
  BOOST_TEST(codes() == "");
  BOOST_TEST(text(0, tag::Person_birthDate) == "2084-03");
  BOOST_TEST(out.records[0].find(tag::Person_birthDate)->original == "03/2084");
  BOOST_TEST(out.records[0].find(tag::Person_birthDate)->offset == 10u);
  BOOST_TEST(text(0, tag::Person_gender) == "FEMININE");
  BOOST_TEST(text(0, tag::Person_physical_heightCm) == "180");
  BOOST_TEST(text(0, tag::Person_occupation) == "Tester");
  BOOST_TEST(text(0, tag::Person_citizenship) == "CA");
  BOOST_TEST(in_block(0, 0, tag::Person_names_full) == "Exemple TESTARD");
  BOOST_TEST(in_block(0, 0, tag::Person_names_family) == "TESTARD");
  BOOST_TEST(in_block(0, 0, tag::Person_names_given) == "Exemple");
  BOOST_TEST(in_block(0, 0, tag::Person_names_phoneticKey) != "");
  for (size_t i = 1; i < out.records[0].values.size(); ++i)
    BOOST_TEST(model::node(out.records[0].values[i - 1].field).rank <= model::node(out.records[0].values[i].field).rank);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_read_is_absent_and_its_words_stay, Fixture) {
  unit();
  const auto person = record(tag::Person);
  b.key("1");
  b.text(tag::Person_birthDate, "30/02/2084", {10, 10});
  b.text(tag::Person_gender, "Q", {20, 1});
  b.ext("note", "kept", {30, 4});
  b.absent(tag::Person_occupation, "DECLINED");
  b.original("REFUSED");
  record(tag::Person_names, person);
  b.text(tag::Person_names_full, "Test Exemple");
  b.text(tag::Person_names_birthDate, "never", {40, 5});
  run();
  BOOST_TEST(codes() == "E-DATE-PARSE E-CODE-UNKNOWN E-DATE-PARSE");
  const Record& r = out.records[0];
  BOOST_TEST(r.find(tag::Person_birthDate) == nullptr);
  BOOST_TEST(r.find(tag::Person_gender) == nullptr);
  std::map<std::string, std::string> ext;
  for (const Ext& e : r.ext) ext[std::string(e.name)] = e.value;
  BOOST_TEST(ext["/birthDate"] == "30/02/2084");
  BOOST_TEST(ext["/gender"] == "Q");
  BOOST_TEST(ext["/names/0/birthDate"] == "never");
  BOOST_TEST(ext["/occupation"] == "REFUSED");
  BOOST_TEST(ext["note"] == "kept");
  BOOST_REQUIRE(r.absent.size() == 4u);
  BOOST_TEST(r.absent[0].reason == "UNPARSEABLE");
  BOOST_TEST(found[2].field_path == "/names/0/birthDate");
  BOOST_TEST(found[0].record_id == to_text(r.id));
}

BOOST_FIXTURE_TEST_CASE(sensitive_numbers_are_nowhere_in_clear, Fixture) {
  for (const bool with_key : {true, false}) {
    if (!with_key) {
      settings.key.reset();
      normaliser.reset();
    }
    unit();
    const auto person = record(tag::Person);
    b.token(CB_FIELD_KEY, "130692544");
    b.ext("PersonSSNIdentification", "078-05-1120");
    b.ext("REMARK", "her number is 078-05-1120");
    record(tag::Person_identifiers, person);
    b.text(tag::Person_identifiers_type, "SIN");
    b.text(tag::Person_identifiers_value, "130 692 544", {4, 11});
    b.original("130-692-544");
    record(tag::Person_identifiers, person);
    b.text(tag::Person_identifiers_type, "SSN");
    b.token(tag::Person_identifiers_value, "078-05-1121");
    record(tag::Person_identifiers, person);
    b.text(tag::Person_identifiers_type, "SIN");
    b.text(tag::Person_identifiers_value, "130692545");
    const auto occurrence = record(tag::Occurrence, person);
    b.text(tag::Occurrence_summary_en, "Caller gave SIN 130 692 544");
    b.select(occurrence);
    record(tag::Selector, person);
    b.text(tag::Selector_kind, "PAYMENT_CARD");
    b.text(tag::Selector_value, "4111 1111 1111 1111");
    run();
    std::string squeezed;
    for (const char c : all())
      if (c != ' ' && c != '-') squeezed += c;
    for (const char* clear : {"130692544", "130692545", "078051120", "078051121", "4111111111111111"})
      BOOST_TEST(squeezed.find(clear) == squeezed.npos, clear);
    if (!with_key) {
      BOOST_TEST(codes().find("E-TOKEN-NO-KEY") != std::string::npos);
      continue;
    }
    BOOST_TEST(in_block(0, 0, tag::Person_identifiers_value) == settings.key->token("SIN", "130692544"));
    BOOST_TEST(in_block(0, 1, tag::Person_identifiers_value) == settings.key->token("SSN", "078051121"));
    BOOST_TEST(codes().find("E-CHECK-DIGIT") != std::string::npos);
    BOOST_TEST(is_token(text(2, tag::Selector_value)));
    BOOST_TEST(text(1, tag::Occurrence_summary_en) == "Caller gave SIN *** *** ***");
    BOOST_TEST(is_token(out.records[0].local_id));
  }
}

BOOST_FIXTURE_TEST_CASE(equal_records_of_one_source_record_are_kept_once_and_conflicts_are_refused, Fixture) {
  unit();
  const auto custody = record(tag::Custody);
  b.key("BK-1");
  const auto a = record(tag::Organization);
  b.key("JAIL");
  b.constant(tag::Organization_type, "CORRECTIONS_PROVINCIAL");
  const auto twin = record(tag::Organization);
  b.key("JAIL");
  b.constant(tag::Organization_type, "CORRECTIONS_PROVINCIAL");
  for (const char* name : {"Motel", "Motel", "Other"}) {
    record(tag::Selector);
    b.text(tag::Selector_kind, "SOCIAL_HANDLE");
    b.text(tag::Selector_value, "@test");
    b.text(tag::Selector_displayName, name);
  }
  b.select(custody);
  b.ref(tag::Custody_facility, twin);
  unit();
  record(tag::Person);
  b.key("1");
  b.text(tag::Person_gender, "FEMININE");
  record(tag::Person);
  b.key("1");
  b.text(tag::Person_gender, "MASCULINE");
  unit();
  record(tag::Person);
  b.key("2");
  run();
  (void)a;
  BOOST_TEST(codes() == "E-KEY-CONFLICT");
  BOOST_REQUIRE(out.units.size() == 3u);
  BOOST_TEST(out.units[0].n_records == 4u);
  BOOST_TEST((out.units[1].outcome == Unit::Outcome::quarantined));
  BOOST_TEST(out.units[1].reason == "E-KEY-CONFLICT");
  BOOST_TEST(out.units[1].n_records == 0u);
  BOOST_TEST(out.units[2].first_record == 4u);
  BOOST_TEST(text(0, tag::Custody_facility) == to_text(out.records[1].id));
  BOOST_TEST((out.records[2].id != out.records[3].id));
  BOOST_TEST((out.records[3].id == uuid5({"Selector", "example-ps", "tips", "SOCIAL_HANDLE|@test", "2"})));
  BOOST_TEST(normaliser->counts().repeats == 2u);
}

BOOST_FIXTURE_TEST_CASE(records_without_any_key_are_known_by_their_content, Fixture) {
  for (const char* city : {"Sudbury", "Sudbury", "Ottawa"}) {
    unit();
    record(tag::Location);
    b.text(tag::Location_civic_city, city);
  }
  run();
  BOOST_TEST((out.records[0].id != out.records[1].id));
  BOOST_TEST((out.records[0].id != out.records[2].id));
  BOOST_TEST(out.records[0].keyless);
  const Uuid first = out.records[0].id, second = out.records[1].id;
  normaliser.reset();
  offset = 5000;  // elsewhere in another file: the same ids
  for (int i = 0; i < 2; ++i) {
    unit();
    record(tag::Location);
    b.text(tag::Location_civic_city, "Sudbury");
  }
  run();
  BOOST_TEST((out.records[0].id == first && out.records[1].id == second));
}

BOOST_FIXTURE_TEST_CASE(computed_fields_follow_from_the_others, Fixture) {
  unit();
  const auto occurrence = record(tag::Occurrence);
  b.key("9");
  b.text(tag::Occurrence_reportedAt, "2099-07-02T08:05:00-04:00");
  b.text(tag::Occurrence_missing_lastSeen, "2099-07-01T21:30:00-04:00");
  b.text(tag::Occurrence_missing_locatedAt, "2099-07-09T14:20:00-04:00");
  for (const char* birth : {"2084-03", "2081-07-02", "2081-07", "2050"}) {
    record(tag::Person, occurrence);
    b.text(tag::Person_birthDate, birth);
  }
  record(tag::Location, occurrence);
  b.text(tag::Location_civic_full, "345 Main St E, Sudbury, ON P3A 1A1");
  run();
  BOOST_TEST(text(0, tag::Occurrence_missing_daysMissing) == "7");
  BOOST_TEST(text(1, tag::Person_isMinorAtReport) == "true");
  BOOST_TEST(text(2, tag::Person_isMinorAtReport) == "false");
  BOOST_TEST(text(3, tag::Person_isMinorAtReport) == "");  // the month decides nothing
  BOOST_TEST(text(4, tag::Person_isMinorAtReport) == "false");
  BOOST_TEST(text(5, tag::Location_normalizedKey) == "ca|on|sudbury|345|main st e|");
  BOOST_TEST(text(5, tag::Location_civic_city) == "Sudbury");
}

BOOST_FIXTURE_TEST_CASE(case_data_of_ours_passes_unchanged, Fixture) {
  unit();
  record(tag::Person);
  b.text(tag::any_id, "c11374db-5a8f-5817-81de-c5782e1d10d4", {}, {}, CB_CELL_NORMAL);
  b.text(tag::any_version, "2", {}, {}, CB_CELL_NORMAL);
  b.text(tag::any_localId, "71", {}, {}, CB_CELL_NORMAL);
  b.text(tag::any_source, "3 10 20 2 1", {}, {}, CB_CELL_NORMAL);
  b.text(tag::Person_birthDate, "2084-03", {}, {}, CB_CELL_NORMAL);
  b.original("03/2084");
  b.text(tag::Person_gender, "nonsense", {}, {}, CB_CELL_NORMAL);
  run();
  const Record& r = out.records[0];
  BOOST_TEST(to_text(r.id) == "c11374db-5a8f-5817-81de-c5782e1d10d4");
  BOOST_TEST(r.version == 2u);
  BOOST_TEST(r.local_id == "71");
  BOOST_TEST(r.source == 3u);
  BOOST_TEST(r.place.line == 2u);
  BOOST_TEST(r.find(tag::Person_birthDate)->original == "03/2084");
  BOOST_TEST(text(0, tag::Person_gender) == "nonsense");
  BOOST_TEST(codes() == "E-VALUE-FORM");
}

// The form in which case data of ours crosses the plugin contract: what goes in comes out, the sensitive excepted.
BOOST_FIXTURE_TEST_CASE(case_data_comes_back_as_it_was, Fixture) {
  RecordBatch before;
  const auto value = [](model::Tag field, const char* text, const char* original = "") {
    Value v;
    v.field = field;
    v.text = text;
    v.original = original;
    v.normal_differs = *original;
    return v;
  };
  Record r;
  r.type = model::record_type("Person");
  r.id = uuid5("somebody");
  r.local_id = "71";
  r.source = 4;
  r.place = {10, 20, 2, 1};
  r.also.emplace_back(5, Place{1, 2, 3, 4});
  r.version = 3;
  r.values = {value(tag::Person_birthDate, "2084-03", "03/2084"), value(tag::Person_gender, "FEMININE"),
              value(tag::Person_occupation, "odd  spaces, kept"), value(tag::any_handling_caveats, "THIRD_PARTY")};
  r.blocks = {{tag::Person_names, 0, 1}, {tag::Person_names, 1, 1}};
  r.block_values = {value(tag::Person_names_full, "TESTARD, Exemple"), value(tag::Person_names_full, "Second")};
  r.absent = {{tag::Person_citizenship, -1, "DECLINED"}, {tag::Person_names_birthDate, 1, "UNKNOWN"}};
  r.ext = {{"/languages", "klingon"}, {"zone", "Z4"}};
  emit::add_record(b, r, {0, 100});
  Record tip;  // its phone stays as it stands, and nothing is computed
  tip.type = model::record_type("Selector");
  tip.id = uuid5("a phone");
  tip.source = 4;
  tip.values = {value(tag::Selector_kind, "PHONE"), value(tag::Selector_value, "555-1234")};
  emit::add_record(b, tip, {100, 100});
  run();
  BOOST_TEST(codes() == "");
  BOOST_REQUIRE(out.records.size() == 2u);
  BatchBuilder one, two;
  emit::add_record(one, r);
  emit::add_record(one, tip);
  for (const Record& back : out.records) emit::add_record(two, back);
  const cb_batch x = one.view(), y = two.view();
  BOOST_TEST(std::string(x.heap, x.heap_size) == std::string(y.heap, y.heap_size));
  BOOST_REQUIRE(x.n_cells == y.n_cells);
  for (uint32_t i = 0; i < x.n_cells; ++i)
    BOOST_TEST((x.cells[i].field == y.cells[i].field && x.cells[i].flags == y.cells[i].flags && x.cells[i].offset == y.cells[i].offset));
}

BOOST_FIXTURE_TEST_CASE(an_unknown_handling_mark_stays_and_is_an_error, Fixture) {
  unit();
  record(tag::Person);
  b.key("1");
  b.text(tag::any_handling_caveats, "TOP_SECRET_X");
  run();
  BOOST_TEST(codes() == "E-HANDLING-UNKNOWN");
  BOOST_TEST((found[0].severity == Severity::error));
  BOOST_TEST(text(0, tag::any_handling_caveats) == "TOP_SECRET_X");
}

BOOST_FIXTURE_TEST_CASE(a_source_line_is_taken_and_is_no_source_record, Fixture) {
  settings.agency = settings.system = "";
  unit();
  record(tag::Source);
  b.constant(tag::Source_agency, "example-ps");
  b.constant(tag::Source_system, "tips");
  unit();
  record(tag::Person);
  b.key("71");
  run();
  BOOST_TEST(out.units.size() == 1u);
  BOOST_TEST(to_text(out.records.at(0).id) == "c11374db-5a8f-5817-81de-c5782e1d10d4");
  BOOST_REQUIRE(normaliser->lines().size() == 1u);
  BOOST_TEST(normaliser->lines()[0].find(tag::Source_system)->text == "tips");
}

BOOST_FIXTURE_TEST_CASE(a_batch_that_lies_costs_its_unit_only, Fixture) {
  const char heap[] = "abc";
  cb_record records[4] = {
      {tag::Person, CB_NONE, 0, 1, 0, 1}, {tag::Person, 7, 0, 0, 0, 1}, {60000, CB_NONE, 0, 0, 0, 1}, {tag::Person, CB_NONE, 1, 1, 0, 1}};
  cb_cell cells[2] = {{tag::Person_occupation, CB_TEXT, 0, 1, 4000000000u, 0, 0, 0}, {tag::Person_occupation, CB_TEXT, 0, 0, 3, 0, 0, 9}};
  cb_unit units[5] = {{0, 1, 0, 0, 0, 0, 0, 1},
                      {1, 1, 0, 0, 0, 0, 1, 1},
                      {2, 1, 0, 0, 0, 0, 2, 1},
                      {3, 1, 0, 0, 0, 0, 3, 1},
                      {3, 4000000000u, 0, 0, 0, 0, 4, 1}};
  const cb_batch batch{sizeof(cb_batch), 5, 4, 2, 0, 0, 3, units, records, cells, nullptr, heap};
  Normaliser n(settings);
  n.run(batch, out, [&](Finding&& f) { found.push_back(std::move(f)); });
  BOOST_TEST(codes() == "E-BATCH E-BATCH E-BATCH E-BATCH");
  BOOST_REQUIRE(out.records.size() == 1u);
  BOOST_TEST(text(0, tag::Person_occupation) == "abc");
  BOOST_TEST(out.units.size() == 5u);
}

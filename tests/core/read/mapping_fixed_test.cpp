// Mappings over lines of fixed width, through the reader that plugins use.
#include <boost/test/unit_test.hpp>

#include "core/read/mapping_runs.hpp"

using namespace mapping_help;

namespace {

const std::string kSource = "source: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n";

Run run_text(const std::string& reads, const std::string& records, const std::string& text) {
  Run run;
  std::deque<NamedInput> inputs;
  inputs.emplace_back("feed.txt", text);
  run_inputs(run, compiled("mapping: t/1\nreads: " + reads + "\n" + kSource + "records:\n" + records), inputs);
  return run;
}

std::string joined(const Run& r) {
  std::string out;
  for (const std::string& l : r.lines) out += l + "\n";
  return out;
}

const std::string kCells = "  p: {record: Person, key: NO, names: {full: NAME}, birthDate: DOB}\n";
const std::string kPlaces = "{reader: fixed, header: [NO], columns: {NO: 1-4, NAME: 6-19, DOB: 21-30}}";
const std::string kLines = "NO   NAME           DOB\n0001 EXEMPLE, Ana   2084-03-01 x7\n0002 FICTIF\n";

}  // namespace

BOOST_AUTO_TEST_CASE(columns_stand_at_their_bytes_and_what_no_column_covers_is_kept) {
  const Run r = run_text("{reader: fixed, columns: {NO: 1-4, NAME: 6-19, DOB: 21-30}}", kCells, kLines.substr(kLines.find('\n') + 1));
  BOOST_TEST(joined(r).find("key=0001") != std::string::npos);
  BOOST_TEST(joined(r).find("31-=x7") != std::string::npos);
  BOOST_TEST(r.units == 2u);
  BOOST_TEST(r.values_wrong == 0u);
  BOOST_TEST(r.places.at("31-").at(CB_LOSS_UNMAPPED) == 1u);
}

BOOST_AUTO_TEST_CASE(a_header_line_gives_the_columns_their_places) {
  const Run r = run_text("{reader: fixed, header: [NO, DOB]}", kCells, kLines);
  BOOST_TEST(joined(r).find("birthDate=2084-03-01 x7") != std::string::npos);  // the last column goes on to the end of the line
  BOOST_TEST(joined(r).find("full=FICTIF") != std::string::npos);
  BOOST_TEST(r.units == 2u);
  BOOST_TEST(r.findings.empty());
}

BOOST_AUTO_TEST_CASE(a_renamed_column_is_told_and_its_values_are_kept_under_tonights_name) {
  const Run sound = run_text(kPlaces, kCells, kLines);
  BOOST_TEST(sound.findings.empty());
  std::string text = kLines;
  text.replace(text.find("NAME"), 4, "NOM ");
  const Run r = run_text(kPlaces, kCells, text);
  BOOST_TEST(r.findings.at("E-FIXED-RENAMED") == 1u);
  BOOST_TEST(r.findings.at("E-MAP-COLUMN") == 1u);
  BOOST_TEST(joined(r).find("NOM=EXEMPLE, Ana") != std::string::npos);
  BOOST_TEST(joined(r).find("full=") == std::string::npos);
  BOOST_TEST(r.places.at("NOM").at(CB_LOSS_UNMAPPED) == 2u);
}

BOOST_AUTO_TEST_CASE(a_column_that_the_mapping_does_not_know_is_told) {
  std::string text = kLines;
  text.replace(text.find("DOB\n"), 4, "DOB        CELL\n");
  const Run r = run_text(kPlaces, kCells, text);
  BOOST_TEST(r.findings.at("E-FIXED-UNKNOWN") == 1u);
  BOOST_TEST(joined(r).find("CELL=x7") != std::string::npos);
  BOOST_TEST(run_text("{reader: fixed, header: [NO]}", kCells, text).findings.at("E-FIXED-UNKNOWN") == 1u);
}

BOOST_AUTO_TEST_CASE(a_header_that_never_comes_ends_the_input_in_words) {
  const Run r = run_text("{reader: fixed, header: [NO], headerRow: 3, columns: {NO: 1-4}}", "  p: {record: Person, key: NO}\n", "a\nb\n");
  BOOST_TEST(r.failed == 1u);
  BOOST_TEST(r.findings.at("E-FIXED-NO-HEADER") == 1u);
}

BOOST_AUTO_TEST_CASE(kinds_of_lines_are_places_and_a_group_joins_them) {
  const std::string reads =
      "{reader: fixed, group: NO, columns: {NO: 1-3, KIND: 4}, lines: {event: {when: {KIND: 1}, columns: {ON: 5-14}}, "
      "victim: {when: {KIND: 4}, columns: {SEQ: 5-6, SEX: 7}}}}";
  const std::string records =
      "  e: {record: Occurrence, each: event, key: NO, kind: =CRIME, occurred: {start: ON}}\n"
      "  v: {record: Person, each: victim, key: [NO, SEQ], gender: {take: SEX, codes: {F: FEMININE, M: MASCULINE}}}\n"
      "drop: {KIND: kind of line}\n";
  const Run r = run_text(reads, records, "A0112099-01-02\nA02401F\nA01401F\nA01402M\nA0199 junk\n");
  BOOST_TEST(r.records.at("Occurrence") == 1u);
  BOOST_TEST(r.records.at("Person") == 3u);
  BOOST_TEST(r.findings.at("E-FIXED-KIND") == 1u);
  BOOST_TEST(r.units == 3u);  // A01, A02 and the line of no kind
  BOOST_TEST(r.refused == 1u);
  BOOST_TEST(r.values_wrong == 0u);
  BOOST_TEST(r.places.at("victim/SEX").at(CB_LOSS_MAPPED) == 3u);
  BOOST_TEST(r.places.at("KIND").at(CB_LOSS_DROPPED) == 4u);
}

BOOST_AUTO_TEST_CASE(places_may_count_characters) {
  const std::string line =
      "N\xC3\xA9"
      "e  1234\nNee  5678\n";
  const std::string records = "  p: {record: Person, key: B, names: {full: A}}\n";
  const Run bytes = run_text("{reader: fixed, columns: {A: 1-5, B: 6-9}}", records, line);
  BOOST_TEST(joined(bytes).find("key=123") != std::string::npos);
  BOOST_TEST(joined(bytes).find("key=1234") == std::string::npos);
  const Run characters = run_text("{reader: fixed, places: characters, columns: {A: 1-5, B: 6-9}}", records, line);
  BOOST_TEST(joined(characters).find("key=1234") != std::string::npos);
  BOOST_TEST(joined(characters).find("key=5678") != std::string::npos);
  BOOST_TEST(characters.values_wrong == 0u);
}

BOOST_AUTO_TEST_CASE(a_condition_on_a_column_that_no_line_has_is_refused) {
  std::vector<Finding> found;
  compiled("mapping: t/1\nreads: {reader: fixed, columns: {A: 1}, lines: {x: {when: {B: 1}, columns: {C: 2}}}}\n" + kSource +
               "records:\n  p: {record: Person, key: A}\n",
           &found);
  BOOST_REQUIRE(!found.empty());
  BOOST_TEST(found[0].code == "E-MAP-WORD");
}

namespace {
// An event and its victims; a victim line says up to three times what the victim is to an offender.
const std::string kParts =
    "{reader: fixed, group: NO, columns: {NO: 1-3, KIND: 4}, lines: {event: {when: {KIND: 1}, columns: {ON: 5-14}}, "
    "victim: {when: {KIND: 4}, columns: {SEQ: 5-6}}, tie: {of: victim, times: 3, every: 4, columns: {WHO: 7-8, HOW: 9-10}}, "
    "offender: {when: {KIND: 5}, columns: {SEQ: 5-6}}}}";
const std::string kTies =
    "  e: {record: Occurrence, key: NO, occurrenceNumber: NO, kind: =CRIME, flags: \"victim[tie/HOW = SE]/SEQ\"}\n"
    "  v: {record: Person, each: victim, key: \"{NO}/v{SEQ}\", names: {absent: WITHHELD}, ext: {ties: tie/HOW}}\n"
    "  o: {record: Person, each: offender, key: \"{NO}/o{SEQ}\", names: {absent: WITHHELD}}\n"
    "  t: {record: Link, each: tie, type: =ASSOCIATE, from: {ref: o, of: \"offender[SEQ = this/WHO]\"}, to: {ref: v, of: ..}, "
    "ext: {how: HOW, event: ../NO}}\n";
}  // namespace

BOOST_AUTO_TEST_CASE(parts_of_a_line_are_rows_that_know_their_line) {
  const Run r = run_text(kParts, kTies, "00112099-01-01\n001401\n00140201ST    02SEx\n001501\n001502\n");
  const std::string out = joined(r);
  BOOST_TEST(r.units == 1u);
  BOOST_TEST(r.findings.empty());
  BOOST_TEST(r.values_wrong == 0u);
  BOOST_TEST(out.find("flags=02") != std::string::npos);  // the victim's own parts, not those of another
  BOOST_TEST(out.find("ext ties=") == std::string::npos);
  BOOST_TEST(out.find("how=ST") != std::string::npos);
  BOOST_TEST(out.find("how=SE") != std::string::npos);
  BOOST_TEST(out.find("event=001") != std::string::npos);
  BOOST_TEST(out.find("19-=x") != std::string::npos);  // behind the last part
  BOOST_TEST(r.places.at("tie/HOW").at(CB_LOSS_EXT) +
                 (r.places.at("tie/HOW").count(CB_LOSS_MAPPED) ? r.places.at("tie/HOW").at(CB_LOSS_MAPPED) : 0) ==
             2u);
}

BOOST_AUTO_TEST_CASE(a_line_with_parts_is_a_source_record_without_a_group) {
  std::string reads = kParts;
  reads.replace(reads.find(", group: NO"), 11, "");
  const Run r = run_text(reads, "  v: {record: Person, key: \"{NO}{SEQ}\", names: {absent: WITHHELD}, ext: {ties: tie/HOW}}\n",
                         "00140201ST    02SE\n001401\n");
  BOOST_TEST(r.units == 2u);
  BOOST_TEST(joined(r).find("ties=SE") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_is_wrong_with_a_part_is_said_when_the_mapping_is_read) {
  const auto said = [](std::string from, std::string to) {
    std::string reads = kParts;
    reads.replace(reads.find(from), from.size(), to);
    std::vector<Finding> found;
    compiled("mapping: t/1\nreads: " + reads + "\n" + kSource + "records:\n" + kTies, &found);
    return found.empty() ? std::string() : std::string(found[0].code);
  };
  BOOST_TEST(said("of: victim,", "of: victims,") == "E-MAP-WORD");
  BOOST_TEST(said("every: 4", "every: 3") == "E-MAP-NUMBER");  // narrower than the part
  BOOST_TEST(said("times: 3", "times: none") == "E-MAP-NUMBER");
}

// The suite itself: a plugin that keeps every promise passes, and each broken promise is found by its own check.
#include <filesystem>
#include <fstream>

#include "conformance/suite.hpp"
#include "worker/builtins.hpp"

using namespace casebridge;
using namespace casebridge::conformance;
namespace fs = std::filesystem;

namespace {

struct Builtin {
  Builtin() { install_builtins(); }
};

// Names of the checks that failed, in order.
std::vector<std::string> failures(const Ask& ask) {
  std::vector<std::string> out;
  for (const Result& r : run_suite(find_subject(ask))) {
    if (r.outcome.verdict != Verdict::failed) continue;
    out.emplace_back(r.check->name);
    for (const std::string& detail : r.outcome.details) BOOST_TEST_MESSAGE(r.check->name << ": " << detail);
  }
  return out;
}

struct Folder {
  fs::path path = fs::temp_directory_path() / ("casebridge-suite-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return (path / name).string();
  }
};

std::string people() {
  std::string out = "no,who\n";
  for (int i = 1; i <= 12; ++i) out += std::to_string(i) + ",TESTARD Exemple" + std::to_string(i) + "\n";
  return out;
}

std::vector<std::string> caught(const std::string& lie) {
  const Folder folder;
  Ask ask{std::string(CASEBRIDGE_TEST_PLUGINS) + "/dishonest", {folder.file("people.csv", people())}, {{"lie", lie}}};
  return failures(ask);
}

constexpr const char* kMapping = R"(mapping: shelter-tips/1
title: {en: Shelter tips, fr: Signalements d'un refuge}
reads: {reader: delimited, header: [TIP, WHEN, WORDS]}
source:
  agency: example-shelter
  agencyName: {en: Example shelter, fr: Refuge d'exemple}
  agencyType: OTHER
  system: TIPS
  legalAuthority: CSPA_DUTY
  timeZone: America/Toronto
  dates: [yyyy-MM-dd HH:mm]
handling: {handlingCode: P}
records:
  tip:
    record: Occurrence
    key: TIP
    occurrenceNumber: TIP
    kind: =TIP
    reportedAt: WHEN
    summary: {en: WORDS}
tests:
  - name: a tip
    given: {TIP: T-1, WHEN: 2099-07-01 21:30, WORDS: synthetic}
    expect: [Occurrence: {key: T-1, kind: TIP, summary: {en: EXPECTED}}]
)";

std::string mapping(const std::string& expected) {
  std::string out = kMapping;
  return out.replace(out.find("EXPECTED"), 8, expected);
}

}  // namespace

BOOST_GLOBAL_FIXTURE(Builtin);

using Names = std::vector<std::string>;

BOOST_AUTO_TEST_CASE(a_plugin_that_keeps_its_promises_passes) { BOOST_TEST(caught("none") == Names{}, boost::test_tools::per_element()); }

BOOST_AUTO_TEST_CASE(reading_that_depends_on_the_batch_is_found) {
  BOOST_TEST(caught("counting") == Names({"read.batch-size"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(state_kept_from_one_session_to_the_next_is_found) {
  BOOST_TEST(caught("chatter") == Names({"read.sandbox"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_crash_on_a_cut_off_input_is_found) {
  const Names found = caught("fragile");
  BOOST_TEST((std::find(found.begin(), found.end(), "read.truncated") != found.end()));
}

BOOST_AUTO_TEST_CASE(an_escaped_exception_on_a_damaged_byte_is_found) {
  BOOST_TEST(caught("brittle") == Names({"read.flipped"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_place_beyond_the_input_is_found) {
  const Names found = caught("beyond");
  BOOST_TEST((std::find(found.begin(), found.end(), "read.places") != found.end()));
}

BOOST_AUTO_TEST_CASE(a_place_where_the_value_does_not_stand_is_found) {
  BOOST_TEST(caught("off-by-some") == Names({"read.places"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(batches_that_grow_past_their_limit_are_found) {
  BOOST_TEST(caught("greedy") == Names({"read.batch-size"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_that_does_not_stop_is_found) {
  BOOST_TEST(caught("deaf") == Names({"read.cancelled"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_column_that_the_loss_report_forgets_is_found) {
  BOOST_TEST(caught("silent") == Names({"loss.complete"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_mapping_file_is_a_plugin_without_being_built) {
  const Folder folder;
  const std::string sample = folder.file(
      "tips.csv",
      "TIP,WHEN,WORDS\nT-1,2099-07-01 21:30,synthetic\nT-2,2099-07-02 21:30,more\nT-3,2099-07-03 21:30,\"a, b\"\nT-4,2099-07-03 21:30,d\n");
  BOOST_TEST(failures({folder.file("mapping.yaml", mapping("synthetic")), {sample}, {}}) == Names{}, boost::test_tools::per_element());
  BOOST_TEST(failures({folder.path.string(), {sample}, {}}) == Names{}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_test_in_the_mapping_that_does_not_hold_is_found) {
  const Folder folder;
  const std::string sample = folder.file("tips.csv", "TIP,WHEN,WORDS\nT-1,2099-07-01 21:30,synthetic\n");
  BOOST_TEST(failures({folder.file("mapping.yaml", mapping("other words")), {sample}, {}}) == Names({"mapping.tests"}),
             boost::test_tools::per_element());
}

// Names of unknown places were once lent from a vector that grew under them.
BOOST_AUTO_TEST_CASE(many_unknown_places_of_a_document_keep_their_names) {
  const Folder folder;
  std::string text = mapping("synthetic");
  text.replace(text.find("{reader: delimited, header: [TIP, WHEN, WORDS]}"), 47, "{reader: xml, root: [tips], each: tip}");
  text.erase(text.find("tests:"));
  text += "tests: [{name: t, given: '<tips><tip><TIP>T-1</TIP></tip></tips>', expect: [Occurrence: {key: T-1}]}]\n";
  std::string sample = "<tips>";
  for (int n = 1; n < 5; ++n) {
    sample += "<tip><TIP>T-" + std::to_string(n) + "</TIP><WORDS>w</WORDS>";
    for (int i = 0; i < 50; ++i) sample += "<a" + std::to_string(i) + "><b>" + std::to_string(i) + "</b></a" + std::to_string(i) + ">";
    sample += "</tip>";
  }
  std::string path = folder.file("tips.xml", sample + "</tips>");
  const Subject subject = find_subject({folder.file("mapping.yaml", text), {path}, {}});
  for (const Result& r : run_suite(subject))
    if (std::string(r.check->name).starts_with("read.") || std::string(r.check->name) == "loss.complete")
      BOOST_TEST((r.outcome.verdict == Verdict::passed),
                 r.check->name << ": " << (r.outcome.details.empty() ? "" : r.outcome.details.front()));
}

BOOST_AUTO_TEST_CASE(a_required_field_that_no_record_has_is_found) {
  const Folder folder;
  const std::string sample = folder.file("tips.csv", "TIP,WHEN,WORDS\nT-1,2099-07-01 21:30,synthetic\n");
  std::string text = mapping("synthetic");
  text.erase(text.find("    occurrenceNumber: TIP\n"), 26);
  BOOST_TEST(failures({folder.file("mapping.yaml", text), {sample}, {}}) == Names({"records.fit"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_plugin_without_a_sample_has_shown_nothing) {
  const Folder folder;
  BOOST_TEST(failures({folder.file("mapping.yaml", mapping("synthetic")), {}, {}}) == Names({"samples.present"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_no_plugin_is_said_to_be_none) {
  const Folder folder;
  BOOST_CHECK_THROW(find_subject({folder.path.string(), {}, {}}), NoPlugin);
  BOOST_CHECK_THROW(find_subject({"/nowhere/at/all", {}, {}}), NoPlugin);
  BOOST_CHECK_THROW(find_subject({folder.file("notes.txt", "no"), {}, {}}), NoPlugin);
  BOOST_CHECK_THROW(find_subject({folder.file("mapping.yaml", "mapping: 7\n"), {}, {}}), NoPlugin);
}

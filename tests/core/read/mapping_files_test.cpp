// The plugins that are only a mapping, over their samples and over the real files where these are at hand.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/read/mapping_runs.hpp"

using namespace mapping_help;
namespace fs = std::filesystem;
using Counts = std::map<std::string, uint64_t>;

namespace {

const std::string kTop = CASEBRIDGE_SOURCE_DIR;

std::string plugin(const std::string& name) { return kTop + "/plugins/" + name; }

std::vector<std::string> files(const std::string& folder, const std::string& extension) {
  std::vector<std::string> out;
  for (const auto& e : fs::recursive_directory_iterator(folder))
    if (e.is_regular_file() && e.path().extension() == extension && e.path().string().find("/xsd/") == std::string::npos)
      out.push_back(e.path().string());
  std::sort(out.begin(), out.end());
  return out;
}

// Empty: not at hand, and said so.
std::string shared(const std::string& folder) {
  const char* at = std::getenv("CASEBRIDGE_SHARED");
  const fs::path path = (at ? fs::path(at) : fs::path(kTop) / ".." / "shared") / "data" / folder;
  if (fs::is_directory(path)) return path.string();
  const char* must = std::getenv("CASEBRIDGE_REQUIRE_DATA");
  BOOST_REQUIRE_MESSAGE(!must || std::string(must) != "1", "the data folder " << path << " is required and absent");
  std::cout << "SKIPPED: " << path << " is absent\n";
  return "";
}

void books(const Run& r) {  // every source record has one fate; no value loses its place
  BOOST_TEST(r.units == r.mapped + r.skipped + r.refused);
  BOOST_TEST(r.values_wrong == 0u);
}

void same(const Counts& got, const Counts& want) {
  for (const auto& [type, n] : want)
    BOOST_TEST((got.count(type) ? got.at(type) : 0) == n, type << ": " << (got.count(type) ? got.at(type) : 0) << " instead of " << n);
  for (const auto& [type, n] : got) BOOST_TEST(want.count(type) == 1u, type << ": " << n << " not expected");
}

}  // namespace

BOOST_AUTO_TEST_CASE(toronto_sample_two_events_of_three_rows) {
  const Run r = run_files(plugin("toronto_police/mapping.yaml"), {kTop + "/samples/toronto-police/events.csv"});
  books(r);
  same(r.records, {{"Occurrence", 2}, {"Location", 2}});
  BOOST_TEST(r.values(CB_LOSS_UNMAPPED) == 0u);
}

BOOST_AUTO_TEST_CASE(otis_samples_people_placements_deaths_and_refused_counts) {
  const std::string at = kTop + "/samples/otis/";
  same(run_files(plugin("otis/mapping.yaml"), {at + "b02.csv"}).records, {{"Person", 2}, {"Custody", 2}, {"Organization", 2}});
  same(run_files(plugin("otis/otis-placements.yaml"), {at + "b01.csv"}).records, {{"Person", 2}, {"Custody", 2}, {"Organization", 2}});
  same(run_files(plugin("otis/otis-deaths.yaml"), {at + "d01.csv"}).records, {{"Person", 1}, {"Custody", 1}, {"Organization", 1}});
  const Run counted = run_files(plugin("otis/otis-statistics.yaml"), {at + "b03.csv"});
  books(counted);
  BOOST_TEST(counted.skipped == 2u);
  same(counted.records, {});
}

BOOST_AUTO_TEST_CASE(custody_samples_a_booking_and_a_release) {
  const Run r = run_files(plugin("ojbc_custody/mapping.yaml"), files(kTop + "/samples/ojbc-custody", ".xml"));
  books(r);
  same(r.records, {{"Person", 2}, {"Custody", 3}, {"Organization", 2}, {"Charge", 1}, {"Order", 1}, {"Location", 1}, {"Link", 1}});
}

BOOST_AUTO_TEST_CASE(cybertip_samples_a_report_a_file_and_a_receipt) {
  const Run r = run_files(plugin("ncmec_cybertip/mapping.yaml"), files(kTop + "/samples/ncmec-cybertip", ".xml"));
  books(r);
  BOOST_TEST(r.skipped == 1u);
  same(r.records, {{"Occurrence", 1}, {"Person", 3}, {"Selector", 7}, {"Link", 11}, {"Evidence", 1}, {"Organization", 1}});
}

BOOST_AUTO_TEST_CASE(tables_sample_joins_across_files_and_keeps_their_places) {
  const Run r = run_files(plugin("rms_tables/mapping.yaml"), files(kTop + "/samples/rms-tables", ".csv"));
  books(r);
  same(r.records, {{"Person", 2}, {"Occurrence", 2}, {"Location", 2}, {"Selector", 2}, {"Link", 5}});
  BOOST_TEST(std::any_of(r.lines.begin(), r.lines.end(),
                         [](const std::string& l) { return l.find("missing/reportedBy->8") != std::string::npos; }));
}

BOOST_AUTO_TEST_CASE(people_sample) {
  const Run r = run_files(plugin("people_csv/mapping.yaml"), {kTop + "/samples/people-csv/people.csv"});
  books(r);
  same(r.records, {{"Person", 2}, {"Location", 1}, {"Selector", 2}, {"Link", 3}});
  BOOST_TEST(r.findings.empty());
}

// The counts below were looked at once, record by record for a few files, and are pinned so that a change is noticed.
BOOST_AUTO_TEST_CASE(toronto_real_every_row_is_an_event_of_its_own) {
  const std::string at = shared("toronto-police-open-data");
  if (at.empty()) return;
  const Run r = run_files(plugin("toronto_police/mapping.yaml"), files(at, ".csv"));
  books(r);
  BOOST_TEST(r.units == 650u);
  same(r.records, {{"Occurrence", 650}, {"Location", 650}});
  BOOST_TEST(r.values(CB_LOSS_UNMAPPED) == 0u);
  BOOST_TEST(r.places.size() == 31u);
}

BOOST_AUTO_TEST_CASE(otis_real_people_are_mapped_and_counts_are_refused) {
  const std::string at = shared("ontario-otis-corrections");
  if (at.empty()) return;
  const auto table = [&](const std::string& begins) {
    std::vector<std::string> all = files(at, ".csv");
    std::erase_if(all, [&](const std::string& f) { return !fs::path(f).filename().string().starts_with(begins); });
    return all;
  };
  const Run people = run_files(plugin("otis/mapping.yaml"), table("b02"));
  books(people);
  same(people.records, {{"Person", 12000}, {"Custody", 12000}, {"Organization", 12000}});  // five regions, each made 12,000 times in all
  BOOST_TEST(people.values(CB_LOSS_UNMAPPED) + people.values(CB_LOSS_DROPPED) + people.values(CB_LOSS_EXT) == 0u);
  const Run deaths = run_files(plugin("otis/otis-deaths.yaml"), table("d01"));
  books(deaths);
  same(deaths.records, {{"Person", 116}, {"Custody", 116}, {"Organization", 116}});
  for (const auto& [name, rows] : Counts{{"b03", 852}, {"b06", 960}, {"c02", 148}}) {
    const Run r = run_files(plugin("otis/otis-statistics.yaml"), table(name));
    books(r);
    BOOST_TEST(r.skipped == rows);
    same(r.records, {});
  }
}

BOOST_AUTO_TEST_CASE(custody_real_all_four_exchanges) {
  const std::string at = shared("ojbc-custody");
  if (at.empty()) return;
  const Run r = run_files(plugin("ojbc_custody/mapping.yaml"), files(at, ".xml"));
  books(r);
  BOOST_TEST(r.units == 24u);
  BOOST_TEST(r.failed == 0u);
  same(r.records, {{"Person", 24}, {"Custody", 79}, {"Organization", 22}, {"Charge", 102}, {"Order", 102}, {"Location", 21}, {"Link", 38}});
  // Three in the source records; 81 in the envelopes around them (16 answers of five values, one of one).
  BOOST_TEST(r.values(CB_LOSS_UNMAPPED) == 84u);
}

BOOST_AUTO_TEST_CASE(cybertip_real_reports_and_receipts) {
  const std::string at = shared("ncmec-cybertip");
  if (at.empty()) return;
  const Run r = run_files(plugin("ncmec_cybertip/mapping.yaml"), files(at, ".xml"));
  books(r);
  BOOST_TEST(r.skipped == 10u);
  BOOST_TEST(r.mapped == 5u);
  BOOST_TEST(r.failed == 2u);  // two files are not well-formed
  BOOST_TEST(r.values(CB_LOSS_UNMAPPED) == 0u);
}

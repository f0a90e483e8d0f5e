#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "emit/report.hpp"
#include "handle/gate.hpp"

using namespace casebridge;
using namespace casebridge::emit;
using boost::property_tree::ptree;

namespace {

Finding bad_date(uint64_t line = 88) {
  Finding f;
  f.code = "booking-csv/bad-date";
  f.args = {"birth date \"13/45/1990\" is not a date; kept as text", "la date de naissance « 13/45/1990 » n'est pas une date"};
  f.input = "night feeds.zip!bookings.csv";
  f.offset = 9120;
  f.length = 10;
  f.line = line;
  f.column = 14;
  f.field_path = "/birthDate";
  f.record_id = "c11374db-5a8f-5817-81de-c5782e1d10d4";
  f.severity = Severity::warning;
  return f;
}
Finding no_file() {
  Finding f;
  f.code = "E-IO-READ";
  f.args = {"a<b>.csv", "no such \"file\""};
  return f;
}

std::string written(ReportFormat format, const std::vector<Finding>& findings) {
  std::string out;
  TextSink sink(out);
  const auto gate = handle::Gate::for_self("2099-01-01");
  const auto writer = make_finding_writer(format, sink, {"0.1.0", "2099-07-15T06:00:00Z"});
  for (const Finding& f : findings) writer->write(*gate->pass(f));
  writer->finish();
  return out;
}
ptree json(const std::string& text) {
  std::istringstream in(text);
  ptree tree;
  boost::property_tree::read_json(in, tree);
  return tree;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_says_what_where_and_what_now) {
  BOOST_TEST(
      written(ReportFormat::text, {bad_date(), no_file()}) ==
      "night feeds.zip!bookings.csv: line 88 (byte 9,120): birth date \"13/45/1990\" is not a date; kept as text [booking-csv/bad-date]\n"
      "a<b>.csv cannot be read: no such \"file\" [E-IO-READ]\n"
      "  Check that the file exists and that you may read it.\n");
}

BOOST_AUTO_TEST_CASE(text_never_steers_a_terminal) {
  Finding f = no_file();
  f.args[0] =
      "x\x1B[2J\xC2\x9B"
      "31m\ny";
  const std::string out = written(ReportFormat::text, {f});
  BOOST_TEST(out.find('\x1B') == std::string::npos);
  BOOST_TEST(out.find("\xC2\x9B") == std::string::npos);
  BOOST_TEST(out.starts_with("x?[2J?31m\\ny cannot be read"));
}

BOOST_AUTO_TEST_CASE(json_lines_hold_every_part_of_a_finding) {
  const ptree line = json(written(ReportFormat::jsonl, {bad_date()}));
  BOOST_TEST(line.get<std::string>("severity") == "warning");
  BOOST_TEST(line.get<int>("line") == 88);
  BOOST_TEST(line.get<int>("column") == 14);
  BOOST_TEST(line.get<int>("offset") == 9120);
  BOOST_TEST(line.get<std::string>("field") == "/birthDate");
}

BOOST_AUTO_TEST_CASE(csv_has_one_row_for_each_finding) {
  const std::string out = written(ReportFormat::csv, {bad_date(), no_file()});
  BOOST_TEST(
      out ==
      "input,line,column,offset,length,severity,code,message,fix,field,recordId,rule\r\n"
      "night feeds.zip!bookings.csv,88,14,9120,10,warning,booking-csv/bad-date,\"birth date \"\"13/45/1990\"\" is not a date; kept as "
      "text\",,"
      "/birthDate,c11374db-5a8f-5817-81de-c5782e1d10d4,\r\n"
      ",,,,,error,E-IO-READ,\"a<b>.csv cannot be read: no such \"\"file\"\"\",Check that the file exists and that you may read it.,,,\r\n");
}

// What the SARIF 2.1.0 schema requires of the parts we write: sections 3.13, 3.14, 3.19, 3.27, 3.30, 3.49 of the standard.
BOOST_AUTO_TEST_CASE(sarif_keeps_the_essential_constraints) {
  const ptree log = json(written(ReportFormat::sarif, {bad_date(), no_file(), bad_date(90)}));
  BOOST_TEST(log.get<std::string>("version") == "2.1.0");
  BOOST_TEST(log.get_child("runs").size() == 1u);
  const ptree& run = log.get_child("runs").front().second;
  const ptree& driver = run.get_child("tool.driver");
  BOOST_TEST(driver.get<std::string>("name") == "casebridge");
  std::vector<std::string> rules;
  for (const auto& [key, rule] : driver.get_child("rules")) {
    rules.push_back(rule.get<std::string>("id"));
    BOOST_TEST((rule.get<std::string>("defaultConfiguration.level") == "error" ||
                rule.get<std::string>("defaultConfiguration.level") == "warning"));
  }
  BOOST_TEST(rules == (std::vector<std::string>{"booking-csv/bad-date", "E-IO-READ"}));
  size_t n = 0;
  for (const auto& [key, result] : run.get_child("results")) {
    ++n;
    BOOST_TEST(rules.at(result.get<size_t>("ruleIndex")) == result.get<std::string>("ruleId"));
    BOOST_TEST(!result.get<std::string>("message.text").empty());
    if (const auto locations = result.get_child_optional("locations")) {
      const ptree& place = locations->front().second.get_child("physicalLocation");
      BOOST_TEST(place.get<std::string>("artifactLocation.uri") == "night%20feeds.zip!bookings.csv");
      BOOST_TEST(place.get<int>("region.startLine") >= 1);
      BOOST_TEST(place.get<int>("region.byteOffset") == 9120);
      BOOST_TEST(place.get<int>("region.byteLength") == 10);
    }
  }
  BOOST_TEST(n == 3u);
}

BOOST_AUTO_TEST_CASE(sarif_of_nothing_is_still_a_log) {
  const ptree log = json(written(ReportFormat::sarif, {}));
  BOOST_TEST(log.get_child("runs").front().second.get_child("results").empty());
}

BOOST_AUTO_TEST_CASE(junit_counts_and_names_what_failed) {
  std::vector<Finding> findings(30, bad_date());
  findings.push_back(no_file());
  std::istringstream in(written(ReportFormat::junit, findings));
  ptree tree;
  boost::property_tree::read_xml(in, tree);
  BOOST_TEST(tree.get<int>("testsuites.<xmlattr>.tests") == 2);
  BOOST_TEST(tree.get<int>("testsuites.<xmlattr>.failures") == 1);
  const std::string all = written(ReportFormat::junit, findings);
  BOOST_TEST(all.find("and 10 more findings of this kind") != std::string::npos);
  BOOST_TEST(all.find("a&lt;b&gt;.csv") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(html_escapes_its_input_and_runs_no_script) {
  const std::string page = written(ReportFormat::html, {no_file(), bad_date()});
  BOOST_TEST(page.find("a&lt;b&gt;.csv") != std::string::npos);
  BOOST_TEST(page.find("<b>") == std::string::npos);
  BOOST_TEST(page.find("<script") == std::string::npos);
  BOOST_TEST(page.find("default-src 'none'") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_order_of_findings_does_not_change_grouped_reports) {
  for (const ReportFormat format : {ReportFormat::junit, ReportFormat::html})
    BOOST_TEST(written(format, {bad_date(), no_file()}) == written(format, {no_file(), bad_date()}));
}

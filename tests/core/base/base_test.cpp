#include <boost/test/unit_test.hpp>

#include "base/finding.hpp"
#include "base/text.hpp"

using namespace casebridge;

BOOST_AUTO_TEST_CASE(a_message_is_filled_with_its_arguments) {
  const std::vector<std::string> args{"a.csv", "no such file"};
  BOOST_TEST(fill("{0}: {1} {{x} {7}", args) == "a.csv: no such file {x} ");
  Finding finding;
  finding.code = "E-IO-READ";
  finding.args = args;
  BOOST_TEST(message_of(finding) == "a.csv cannot be read: no such file");
}

BOOST_AUTO_TEST_CASE(a_code_of_a_plugin_brings_its_own_words) {
  Finding finding;
  finding.code = "booking-csv/bad-date";
  finding.args = {"not a date", "n'est pas une date"};
  BOOST_TEST(message_of(finding) == "not a date");
  BOOST_TEST(finding_code("booking-csv/bad-date") == nullptr);
}

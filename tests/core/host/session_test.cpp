#include <boost/test/unit_test.hpp>

#include "host_fixture.hpp"

using namespace casebridge;
using namespace casebridge::host;
using namespace casebridge::host::test;

BOOST_AUTO_TEST_CASE(a_file_is_read_hashed_and_indexed) {
  const Scratch scratch;
  const auto path = scratch.write("b.csv", "booking_id,family\n1,TESTARD\n\n2,odd\n");
  for (const bool in_process : {true, false}) {
    const auto input = open_file(path);
    const auto out = read_all(*registry().plugin("booking-csv"), *input, {.format = "booking-csv", .settings = {{"date-order", "mdy"}}, .in_process = in_process});
    BOOST_TEST(out.status == CB_END);
    BOOST_TEST(out.units == 3u);
    BOOST_TEST(out.cells == "21=1@18;22=TESTARD@20;21=2@29;22=odd@31;");
    BOOST_REQUIRE(out.findings.size() == 1);
    BOOST_TEST(out.findings[0].code == "booking-csv/odd");
    BOOST_TEST(out.findings[0].line == 4u);
    BOOST_TEST(out.findings[0].args[1] == "une rangée étrange");
    const auto result = input->finish();
    BOOST_TEST(result.bytes == 35u);
    BOOST_TEST(result.lines == 5u);
    BOOST_TEST(result.sha256.size() == 64u);
    BOOST_TEST(!result.problem.has_value());
  }
}

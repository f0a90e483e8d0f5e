#include <boost/test/unit_test.hpp>

#include "host_fixture.hpp"

using namespace casebridge;
using namespace casebridge::host;
using namespace casebridge::host::test;

namespace {

struct Outcome {
  std::string cells;  // "field=text@place;" of every cell
  uint64_t units = 0, records = 0;
  std::vector<Finding> findings;
  cb_status status = CB_OK;
};

Outcome read_all(const PluginInfo& plugin, Input& input, Request request) {
  Outcome out;
  Finding problem;
  request.inputs = {&input};
  auto session = open_session(plugin, request, problem);
  if (!session) return {.findings = {problem}, .status = CB_E_INTERNAL};
  cb_batch b;
  while ((out.status = session->next(b)) == CB_OK) {
    out.units += b.n_units;
    out.records += b.n_records;
    for (uint32_t r = 0; r < b.n_records; ++r)
      for (uint32_t c = b.records[r].first_cell; c < b.records[r].first_cell + b.records[r].n_cells; ++c)
        out.cells += std::to_string(b.cells[c].field) + "=" + std::string(b.heap + b.cells[c].offset, b.cells[c].length) + "@" +
                     std::to_string(b.records[r].source_offset + static_cast<uint64_t>(b.cells[c].source_delta)) + ";";
  }
  session->close();
  out.findings = session->take_findings();
  return out;
}

}  // namespace

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

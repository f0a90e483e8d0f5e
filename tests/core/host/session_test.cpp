#include <sys/stat.h>

#include <boost/test/unit_test.hpp>
#include <thread>

#include "host_fixture.hpp"

using namespace casebridge;
using namespace casebridge::host;
using namespace casebridge::host::test;

BOOST_AUTO_TEST_CASE(a_file_is_read_hashed_and_indexed) {
  const Scratch scratch;
  const auto path = scratch.write("b.csv", "booking_id,family\n1,TESTARD\n\n2,odd\n");
  for (const bool in_process : {true, false}) {
    const auto input = open_file(path);
    const auto out = read_all(*registry().plugin("booking-csv"), *input,
                              {.format = "booking-csv", .settings = {{"date-order", "mdy"}}, .in_process = in_process});
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

namespace {

// A file of many batches with long and short rows, letters of two bytes, empty lines and findings.
std::string many_rows() {
  std::string rows = "booking_id,family\n";
  for (int i = 0; i < 30'000; ++i)
    rows += std::to_string(i) + ",TESTARD" + std::string(static_cast<size_t>(i * 7919 % 60), 'x') + (i % 3 ? "É" : "") +
            (i % 5000 == 7 ? "odd" : "") + (i % 11 ? "\n" : "\n\n");
  return rows;
}

// Every byte of every batch, pointers aside.
std::string raw_batches(const PluginInfo& plugin, Input& input, bool in_process, std::vector<Finding>& findings) {
  Finding problem;
  Request request{.format = "booking-csv",
                  .settings = {{"date-order", "ymd"}},
                  .inputs = {&input},
                  .max_batch_records = 1000,
                  .in_process = in_process};
  request.limits.hang = std::chrono::milliseconds(1500);
  auto session = open_session(plugin, request, problem);
  BOOST_REQUIRE(session);
  std::string all;
  const auto add = [&](const void* data, size_t size) { all.append(static_cast<const char*>(data), size); };
  for (cb_batch b; session->next(b) == CB_OK;) {
    for (const uint64_t n : {uint64_t(b.n_units), uint64_t(b.n_records), uint64_t(b.n_cells), uint64_t(b.n_hints), b.heap_size})
      add(&n, sizeof n);
    add(b.units, b.n_units * sizeof(cb_unit));
    add(b.records, b.n_records * sizeof(cb_record));
    add(b.cells, b.n_cells * sizeof(cb_cell));
    add(b.hints, b.n_hints * sizeof(cb_hint));
    add(b.heap, b.heap_size);
  }
  session->close();
  findings = session->take_findings();
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(worker_and_local_session_give_the_same_bytes_and_findings) {
  const Scratch scratch;
  const auto path = scratch.write("b.csv", many_rows());
  std::string bytes[2], hash[2];
  std::vector<Finding> findings[2];
  for (const int i : {0, 1}) {
    const auto input = open_file(path);
    bytes[i] = raw_batches(*registry().plugin("booking-csv"), *input, i == 0, findings[i]);
    hash[i] = input->finish().sha256;
  }
  BOOST_TEST((bytes[0] == bytes[1]));
  BOOST_TEST(bytes[0].size() > 1'000'000u);
  BOOST_TEST(hash[0] == hash[1]);
  BOOST_REQUIRE(findings[0].size() == 6u);
  BOOST_REQUIRE(findings[1].size() == 6u);
  for (size_t i = 0; i < 6; ++i) {
    BOOST_TEST(findings[0][i].line == findings[1][i].line);
    BOOST_TEST(findings[0][i].offset == findings[1][i].offset);
  }
}

BOOST_AUTO_TEST_CASE(a_pipe_is_read_like_a_file_and_waiting_for_it_is_not_hanging) {
  const Scratch scratch;
  const std::string rows = many_rows();
  const auto file = open_file(scratch.write("b.csv", rows));
  std::vector<Finding> findings;
  const std::string expected = raw_batches(*registry().plugin("booking-csv"), *file, true, findings);
  const auto fifo = (scratch.folder / "fifo").string();
  BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
  for (const bool in_process : {true, false}) {
    std::thread sender([&] {
      std::ofstream out(fifo, std::ios::binary);
      out.write(rows.data(), 100'000);
      out.flush();
      std::this_thread::sleep_for(std::chrono::milliseconds(2500));  // longer than a worker may hang
      out.write(rows.data() + 100'000, static_cast<std::streamsize>(rows.size() - 100'000));
    });
    Finding problem;
    const auto input = Input::open({.name = "fifo", .path = fifo}, {}, problem);
    BOOST_REQUIRE(input);
    BOOST_TEST(!input->seekable());
    BOOST_TEST((raw_batches(*registry().plugin("booking-csv"), *input, in_process, findings) == expected));
    BOOST_TEST(input->finish().sha256 == file->finish().sha256);
    sender.join();
  }
}

BOOST_AUTO_TEST_CASE(a_session_that_is_closed_early_leaves_nothing_behind) {
  const Scratch scratch;
  const auto path = scratch.write("b.csv", many_rows());
  const auto input = open_file(path);
  Finding problem;
  Request request{.format = "booking-csv", .settings = {{"date-order", "mdy"}}, .inputs = {input.get()}, .max_batch_records = 10};
  auto session = open_session(*registry().plugin("booking-csv"), request, problem);
  cb_batch b;
  BOOST_REQUIRE(session->next(b) == CB_OK);
  session->close();
  BOOST_TEST(session->next(b) == CB_END);
  session.reset();
  BOOST_TEST(input->finish(false).sha256.size() <= 64u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_session_says_so) {
  const Scratch scratch;
  const auto path = scratch.write("b.csv", many_rows());
  for (const bool in_process : {true, false}) {
    const auto input = open_file(path);
    int asked = 0;
    Request request{
        .format = "booking-csv", .settings = {{"date-order", "mdy"}}, .max_batch_records = 10, .in_process = in_process, .cancelled = [&] {
          return ++asked > 3;
        }};
    const Outcome o = read_all(*registry().plugin("booking-csv"), *input, request);
    if (in_process) BOOST_TEST(o.status == CB_E_CANCELLED);
  }
}

BOOST_AUTO_TEST_CASE(a_plugin_borrows_the_cursors_of_the_host_inside_the_sandbox) {
  const Scratch scratch;
  const struct {
    const char* format;
    const char* bytes;
    const char* cells;
  } feeds[] = {{"cursor-rows", "id;family\n1;TESTARD\n2;EXEMPLE\n", "21=TESTARD@10;21=EXEMPLE@20;"},
               {"cursor-json", R"({"people":[{"family":"TESTARD"},{"family":"EXEMPLE"}]})", "21=TESTARD@11;21=EXEMPLE@32;"},
               {"cursor-xml", "<people><person><family>TESTARD</family></person></people>", "21=TESTARD@8;"}};
  for (const auto& feed : feeds) {
    const auto input = open_file(scratch.write(feed.format, feed.bytes));
    const auto out = read_all(*registry().plugin("cursors"), *input, {.format = feed.format});
    BOOST_TEST(out.status == CB_END);
    BOOST_TEST(out.cells == feed.cells);
    for (const Finding& finding : out.findings) BOOST_ERROR(message_of(finding));
  }
}

#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>

#include "host/line_index.hpp"
#include "host_fixture.hpp"

using namespace casebridge::host;
using namespace casebridge::host::test;

namespace {
std::string at(const LineIndex& index, uint64_t offset) {
  const Position p = index.at(offset);
  return std::to_string(p.line) + ":" + std::to_string(p.column);
}
}  // namespace

BOOST_AUTO_TEST_CASE(lines_and_columns_count_from_one) {
  LineIndex index;
  index.add("ab\n\nc\r\nd");
  index.finish();
  BOOST_TEST(at(index, 0) == "1:1");
  BOOST_TEST(at(index, 2) == "1:3");
  BOOST_TEST(at(index, 3) == "2:1");
  BOOST_TEST(at(index, 4) == "3:1");
  BOOST_TEST(at(index, 7) == "4:1");
  BOOST_TEST(at(index, 8) == "4:2");  // the end of the input
  BOOST_TEST(index.lines() == 4u);
}

BOOST_AUTO_TEST_CASE(every_offset_agrees_with_counting_past_line_65535_in_memory_and_spilled) {
  std::mt19937 random(7);
  std::string text;
  std::vector<uint64_t> starts{0};
  while (starts.size() < 200'000) {
    const size_t length = random() % 100 == 0 ? random() % 3000 : random() % 30;
    text.append(length, 'x');
    text += '\n';
    starts.push_back(text.size());
  }
  for (const size_t pages : {size_t(2048), size_t(3)}) {  // all in memory; nearly all in the temporary file
    LineIndex index(pages);
    for (size_t i = 0; i < text.size(); i += 5003) index.add(std::string_view(text).substr(i, 5003));
    index.finish();
    LineIndex::Cursor cursor(index);
    BOOST_TEST(index.lines() == starts.size());
    for (size_t line = 0; line + 1 < starts.size(); ++line) {  // rising
      const Position p = cursor.at(starts[line]);
      if (p.line != line + 1 || p.column != 1) BOOST_ERROR("line " + std::to_string(line + 1) + " became " + std::to_string(p.line));
    }
    for (int i = 0; i < 20'000; ++i) {  // anywhere
      const uint64_t offset = random() % text.size();
      const auto line = static_cast<size_t>(std::upper_bound(starts.begin(), starts.end(), offset) - starts.begin());
      const Position p = i % 2 ? cursor.at(offset) : index.at(offset);
      if (p.line != line || p.column != offset - starts[line - 1] + 1) BOOST_ERROR("offset " + std::to_string(offset));
    }
  }
}

BOOST_AUTO_TEST_CASE(utf16_lines_end_at_their_code_unit_only) {
  for (const bool little : {true, false}) {
    std::string text = little ? std::string("\xFF\xFE", 2) : std::string("\xFE\xFF", 2);
    const auto put = [&](char16_t c) {
      const char low = static_cast<char>(c & 0xFF), high = static_cast<char>(c >> 8);
      text += little ? low : high;
      text += little ? high : low;
    };
    for (const char16_t c : u"a\u0A0Ab\u010Ac\nd\ne")
      if (c) put(c);
    LineIndex index;
    for (const char c : text) index.add({&c, 1});  // byte by byte: nothing depends on the chunks
    index.finish();
    BOOST_TEST(index.lines() == 3u);
    BOOST_TEST(at(index, 14) == "2:1");
    BOOST_TEST(at(index, 18) == "3:1");
  }
}

BOOST_AUTO_TEST_CASE(who_asks_too_early_waits) {
  LineIndex index;
  index.add("one\n");
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    index.add("two\nthree\n");
    index.finish();
  });
  BOOST_TEST(at(index, 9) == "3:2");
  later.join();
}

BOOST_AUTO_TEST_CASE(offsets_beyond_four_gibibytes_have_lines) {
  LineIndex index;
  const std::string megabyte(size_t(1) << 20, 'x');
  for (int i = 0; i < 4200; ++i) index.add(megabyte);
  index.add("\nlate\n");
  index.finish();
  const uint64_t far = uint64_t(4200) << 20;
  BOOST_TEST(far > UINT32_MAX);
  BOOST_TEST(at(index, far + 1) == "2:1");
  BOOST_TEST(at(index, far) == "1:" + std::to_string(far + 1));
}

BOOST_AUTO_TEST_CASE(a_sparse_file_of_more_than_four_gibibytes_is_read_where_it_says) {
  const Scratch scratch;
  const auto path = scratch.write("big.csv", "booking_id,family\n");
  const uint64_t far = (uint64_t(1) << 32) + 4096;
  const int fd = ::open(path.c_str(), O_WRONLY);
  BOOST_REQUIRE(::pwrite(fd, "\nlast line", 10, static_cast<off_t>(far)) == 10);
  ::close(fd);
  const auto input = open_file(path);
  input->start();
  const Position p = input->lines().at(far + 3);
  BOOST_TEST(p.line == 3u);
  BOOST_TEST(p.column == 3u);
  const auto result = input->finish();
  BOOST_TEST(result.bytes == far + 10);
  BOOST_TEST(result.sha256.size() == 64u);
}

BOOST_AUTO_TEST_CASE(a_file_that_changes_while_it_is_read_is_reported) {
  const Scratch scratch;
  const auto path = scratch.write("a.csv", "1\n2\n");
  const auto input = open_file(path);
  std::ofstream(path, std::ios::app) << "3\n";
  const auto result = input->finish();
  BOOST_REQUIRE(result.problem.has_value());
  BOOST_TEST(result.problem->code == "E-INPUT-CHANGED");
}

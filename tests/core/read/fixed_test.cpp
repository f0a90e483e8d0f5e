#include "read/fixed_width.hpp"

#include <boost/test/unit_test.hpp>

#include "core/read/memory_input.hpp"

using namespace casebridge;
using namespace casebridge::read;
using casebridge::test::Host;
using casebridge::test::MemoryInput;

namespace {

struct Lines {
  std::string text, places, findings;
  uint32_t unread = 0;
  uint64_t blank = 0;
  cb_status status;
};

FixedOptions segments() {
  FixedOptions options;
  options.columns = {{"level", 1, 1}, {"ori", 2, 5}};
  options.kinds = {{"victim", {{"level", "4"}}, {{"number", 6, 8}, {"sex", 9, 9}}},
                   {"offender", {{"level", "5"}, {"mark", "X"}}, {{"mark", 6, 6}}}};
  return options;
}

Lines read_fixed(const std::string& bytes, FixedOptions options, uint64_t step = UINT64_MAX) {
  Host host;
  Reporter reporter(host.get());
  MemoryInput input(bytes, step);
  FixedWidth fixed(*input, options, reporter);
  Lines out;
  while (const FixedLine* line = fixed.next()) {
    out.text += line->kind == FixedLine::kNoKind ? "-" : options.kinds[line->kind].name;
    for (const Cell& cell : line->cells) {
      out.text += "<" + std::string(cell.text) + ">";
      out.places += "[" + input.at(cell.offset, cell.length) + "]";
    }
    out.text += line->refused ? std::string(line->refused) + "/" : "@" + std::to_string(line->line) + "/";
    out.unread += line->unread;
  }
  out.findings = host.said();
  out.status = fixed.status();
  out.blank = fixed.blank_lines();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(kinds_of_lines_have_their_columns) {
  const Lines f = read_fixed("4ON01 12F\r\n\r\n5ON02X\r\n5ON03Y\n   \n4ON\n\x1A", segments());
  BOOST_TEST(f.text == "victim<4><ON01><12><F>@1/offender<5><ON02><X>@3/-<5><ON03>@4/victim<4><ON><><>@6/");
  BOOST_TEST(f.places == "[4][ON01][12][F][5][ON02][X][5][ON03][4][ON][][]");
  BOOST_TEST(f.findings == "E-FIXED-KIND()@21+6");
  BOOST_TEST(f.unread == 1u);
  BOOST_TEST(f.blank == 3u);
  BOOST_TEST(read_fixed("4ON01 12F\r5ON02X", segments()).text == "victim<4><ON01><12><F>@1/offender<5><ON02><X>@2/");
}

BOOST_AUTO_TEST_CASE(lines_may_have_no_ends) {
  FixedOptions options;
  options.columns = {{"a", 1, 2}, {"b", 3, 4}};
  options.line_bytes = 4;
  BOOST_TEST(read_fixed("aabbccdde", options).text == "-<aa><bb>@1/-<cc><dd>@2/-<e><>@3/");
}

BOOST_AUTO_TEST_CASE(text_past_ascii_is_read_by_bytes) {
  FixedOptions options;
  options.columns = {{"name", 1, 6}, {"sex", 7, 7}};
  BOOST_TEST(read_fixed("ZO\xE9   F\n", options).text == "-<ZO\xC3\xA9><F>@1/");
  BOOST_TEST(read_fixed("ZO\xC3\xA9  F\n", options).text == "-<ZO\xC3\xA9><F>@1/");
}

BOOST_AUTO_TEST_CASE(a_line_without_end_is_refused_and_the_rest_is_read) {
  FixedOptions options = segments();
  options.max_line = 1000;
  const Lines f = read_fixed("4ON01 12F\n" + std::string(900'000, 'x') + "\n5ON02X\n", options);
  BOOST_TEST(f.text == "victim<4><ON01><12><F>@1/-E-FIXED-LENGTH/offender<5><ON02><X>@3/");
  BOOST_TEST(f.findings == "E-FIXED-LENGTH(1000)@10+900000");
}

BOOST_AUTO_TEST_CASE(columns_that_make_no_sense_are_an_error_of_the_options) {
  FixedOptions options;
  options.columns = {{"a", 5, 2}};
  BOOST_TEST(read_fixed("abc\n", options).status == CB_E_OPTION);
  options.columns = {{"a", 1, 2}};
  options.kinds = {{"k", {{"nowhere", "1"}}, {}}};
  BOOST_TEST(read_fixed("abc\n", options).status == CB_E_OPTION);
}

BOOST_AUTO_TEST_CASE(lines_do_not_depend_on_how_the_bytes_arrive) {
  std::string text;
  for (int i = 0; i < 50'000; ++i) text += (i % 2 ? "4ON01 12F " : "5ON02X    ") + std::to_string(i) + "\n";
  BOOST_TEST((read_fixed(text, segments()).text == read_fixed(text, segments(), 777).text));
}

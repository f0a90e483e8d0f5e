#include "read/delimited.hpp"

#include <boost/test/unit_test.hpp>

#include "core/read/memory_input.hpp"

using namespace casebridge;
using namespace casebridge::read;
using casebridge::test::Host;
using casebridge::test::MemoryInput;

namespace {

struct Table {
  std::string rows;  // cells in <>, rows ended by '/', refused rows with their code
  std::string findings, header, encoding, why;
  cb_status status;
  uint64_t blank = 0;
  std::string places;  // the raw bytes of every cell, as its offset and length say
};

Table read_table(const std::string& bytes, DelimitedOptions options = {}, uint64_t step = UINT64_MAX) {
  Host host;
  Reporter reporter(host.get());
  MemoryInput input(bytes, step);
  Delimited table(*input, options, reporter);
  Table out;
  for (const Column& column : table.header()) out.header += "<" + column.name + ">";
  uint64_t number = 0, line = 1, counted = 0;  // line ends up to `counted`
  const bool wide = bytes.find('\0') != bytes.npos;
  const char line_end = bytes.find('\n') == bytes.npos ? '\r' : '\n';
  while (const Row* row = table.next()) {
    BOOST_TEST(row->number == ++number);
    for (const Cell& cell : row->cells) {
      out.rows += "<" + std::string(cell.text) + ">";
      out.places += "[" + input.at(cell.offset, cell.length) + "]";
    }
    if (row->refused) out.rows += row->refused;
    out.rows += "/";
    // The row's own place begins where its line begins.
    for (; counted < row->offset; ++counted) line += bytes[counted] == line_end;
    if (!wide) BOOST_TEST(row->line == line);
  }
  reporter.finish();
  out.findings = host.said();
  out.encoding = encoding_name(table.encoding());
  out.why = table.delimiter_why();
  out.status = table.status();
  out.blank = table.blank_lines();
  return out;
}

std::string utf16(std::string_view ascii_and_e_acute, bool little, bool bom) {  // 'E' with acute is written as '~'
  std::string out;
  const auto unit = [&](unsigned code) {
    const char low = static_cast<char>(code & 255), high = static_cast<char>(code >> 8);
    out += little ? std::string{low, high} : std::string{high, low};
  };
  if (bom) unit(0xFEFF);
  for (const char c : ascii_and_e_acute) unit(c == '~' ? 0xE9 : static_cast<unsigned char>(c));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(cells_have_their_text_and_their_bytes) {
  const Table t = read_table("a,b,c\n1,two,\n,\"x, \"\"y\"\"\nz\",3\n");
  BOOST_TEST(t.header == "<a><b><c>");
  BOOST_TEST(t.rows == "<1><two><>/<><x, \"y\"\nz><3>/");
  BOOST_TEST(t.places == "[1][two][][][x, \"\"y\"\"\nz][3]");
  BOOST_TEST(t.findings == "");
}

BOOST_AUTO_TEST_CASE(line_ends_may_be_crlf_or_cr_and_the_last_may_be_missing) {
  BOOST_TEST(read_table("a,b\r\n1,2\r\n3,\"4\"\r\n\r\n").rows == "<1><2>/<3><4>/");
  BOOST_TEST(read_table("a,b\r1,2\r3,\"4\"").rows == "<1><2>/<3><4>/");
  BOOST_TEST(read_table("a,b\n1,2").rows == "<1><2>/");
  BOOST_TEST(read_table("a,b\n1,\"2\"").rows == "<1><2>/");
  BOOST_TEST(read_table("a,b\r\n1,2\r\n3,\"\r\n\"\r\n").places == "[1][2][3][\r\n]");
}

BOOST_AUTO_TEST_CASE(a_carriage_return_inside_a_line_is_part_of_its_cell) { BOOST_TEST(read_table("a,b\n1\r2,3\n").rows == "<1\r2><3>/"); }

BOOST_AUTO_TEST_CASE(blank_lines_are_passed_over_and_counted) {
  const Table t = read_table("\n\na,b\n\n1,2\n\r\n\n3,4\n\n\n");
  BOOST_TEST(t.rows == "<1><2>/<3><4>/");
  BOOST_TEST(t.blank == 7u);
}

BOOST_AUTO_TEST_CASE(the_delimiter_is_found_and_explained) {
  BOOST_TEST(read_table("a;b;c\n1,5;2;3\n4,5;5;6\n").rows == "<1,5><2><3>/<4,5><5><6>/");
  BOOST_TEST(read_table("a\tb\n1, x\t2\n").rows == "<1, x><2>/");
  BOOST_TEST(read_table("a|b\n1|2\n").rows == "<1><2>/");
  const Table t = read_table("name\nTESTARD\n");
  BOOST_TEST(t.rows == "<TESTARD>/");
  BOOST_TEST(t.why == "no delimiter found; taken as one column");
  BOOST_TEST(read_table("a,b\n1,2\n").why == "2 cells in 2 of the first 2 rows");
  DelimitedOptions given;
  given.delimiter = ';';
  BOOST_TEST(read_table("a,b\n1,2\n", given).rows == "<1,2>/");
}

BOOST_AUTO_TEST_CASE(ragged_rows_are_findings_and_are_kept) {
  const Table t = read_table("a,b\n1\n1,2,3\n1,2\n");
  BOOST_TEST(t.rows == "<1>/<1><2><3>/<1><2>/");
  BOOST_TEST(t.findings == "E-CSV-RAGGED(1,2)@4+1 E-CSV-RAGGED(3,2)@6+5");
}

BOOST_AUTO_TEST_CASE(the_header_may_stand_further_down_or_be_missing) {
  DelimitedOptions options;
  options.header_row = 3;
  BOOST_TEST(read_table("Report of 2099\nmade, by; hand\na,b\n1,2\n", options).rows == "<1><2>/");
  options.header_row = 0;
  options.columns = {"x", "y"};
  const Table t = read_table("1,2\n3,4\n", options);
  BOOST_TEST(t.header == "<x><y>");
  BOOST_TEST(t.rows == "<1><2>/<3><4>/");
  options.header_row = 9;
  const Table none = read_table("a\n", options);
  BOOST_TEST(none.findings == "E-CSV-NO-HEADER(9)@2+0");
  BOOST_TEST(none.status == CB_E_INPUT);
  BOOST_TEST(read_table("").findings == "E-CSV-NO-HEADER(1)@0+0");
}

BOOST_AUTO_TEST_CASE(a_column_name_that_stands_twice_is_a_finding) {
  BOOST_TEST(read_table("a,b,a\n1,2,3\n").findings == "E-CSV-HEADER-TWICE(a)@4+1");
}

BOOST_AUTO_TEST_CASE(an_unclosed_mark_costs_one_row) {
  const Table end = read_table("a,b\n1,2\n3,\"4\n5,6\n7,8\n");
  BOOST_TEST(end.rows == "<1><2>/<3><\"4>E-CSV-UNCLOSED/<5><6>/<7><8>/");
  BOOST_TEST(end.findings == "E-CSV-UNCLOSED()@10+1");
  // The next mark opens a cell; it does not close this one.
  const Table next = read_table("a,b\n3,\"4\n5,\"6\"\n\"7\",8\n");
  BOOST_TEST(next.rows == "<3><\"4>E-CSV-UNCLOSED/<5><6>/<7><8>/");
  DelimitedOptions small;
  small.max_field = 100;
  const Table far = read_table("a,b\n1,\"2\n" + std::string(40, 'x') + ",1\n" + std::string(90, 'y') + ",\"2\"\n", small);
  BOOST_TEST(far.rows == "<1><\"2>E-CSV-UNCLOSED/<" + std::string(40, 'x') + "><1>/<" + std::string(90, 'y') + "><2>/");
}

BOOST_AUTO_TEST_CASE(text_behind_a_closing_mark_is_kept_and_said) {
  const Table t = read_table("a,b\n\"x \"y\" z\",2\n\"p\"q,\"r\"\n");
  BOOST_TEST(t.rows == "<x y\" z\"><2>/<pq><r>/");
  BOOST_TEST(t.findings == "E-CSV-AFTER-QUOTE()@4+9 E-CSV-AFTER-QUOTE()@16+4");
}

BOOST_AUTO_TEST_CASE(a_mark_inside_an_unquoted_cell_is_text) { BOOST_TEST(read_table("a,b\n5'11\",x\"\"y\n").rows == "<5'11\"><x\"\"y>/"); }

BOOST_AUTO_TEST_CASE(limits_refuse_the_row_and_reading_goes_on) {
  DelimitedOptions options;
  options.max_columns = 4;
  options.max_field = 50;
  options.max_row = 1000;
  const Table columns = read_table("a,b\n1,2,3,4,5,6\n7,8\n", options);
  BOOST_TEST(columns.rows == "<1><2><3><4>E-CSV-COLUMNS/<7><8>/");
  BOOST_TEST(columns.findings == "E-CSV-COLUMNS(4)@4+11");
  const Table field = read_table("a,b\n" + std::string(51, 'x') + ",2\n7,8\n", options);
  BOOST_TEST(field.findings == "E-CSV-FIELD-LENGTH(50)@4+53");
  const Table row = read_table("a,b\n" + std::string(900'000, 'x') + "\n7,8\n", options);
  BOOST_TEST(row.rows == "E-CSV-ROW-LENGTH/<7><8>/");
  BOOST_TEST(row.findings == "E-CSV-ROW-LENGTH(1000)@4+900000");
}

BOOST_AUTO_TEST_CASE(encodings_are_found_and_their_bytes_are_exact) {
  const Table bom = read_table("\xEF\xBB\xBFnom,b\nZo\xC3\xA9,2\n");
  BOOST_TEST(bom.header == "<nom><b>");
  BOOST_TEST(bom.rows == "<Zo\xC3\xA9><2>/");
  BOOST_TEST(bom.places == "[Zo\xC3\xA9][2]");
  BOOST_TEST(bom.findings == "");
  const Table latin = read_table("nom,b\nZo\xE9,\x80\n");
  BOOST_TEST(latin.rows == "<Zo\xC3\xA9><\xE2\x82\xAC>/");
  BOOST_TEST(latin.places == "[Zo\xE9][\x80]");
  BOOST_TEST(latin.encoding == "windows-1252");
  BOOST_TEST(latin.findings == "E-TEXT-GUESS(E9 2C 80 0A,windows-1252)@8+1");
  for (const bool little : {true, false})
    for (const bool mark : {true, false}) {
      const Table wide = read_table(utf16("nom,b\nZo~,2\n\"x\"\"y\",4\n", little, mark));
      BOOST_TEST(wide.rows == "<Zo\xC3\xA9><2>/<x\"y><4>/");
      BOOST_TEST(wide.places == "[" + utf16("Zo~", little, false) + "][" + utf16("2", little, false) + "][" +
                                    utf16("x\"\"y", little, false) + "][" + utf16("4", little, false) + "]");
      BOOST_TEST(wide.findings == "");
    }
}

BOOST_AUTO_TEST_CASE(what_cannot_stand_in_text_is_replaced_and_said_with_its_bytes) {
  const Table bad = read_table(std::string("a,b\nx\0y,\x01\n\xEF\xBF\xBF,\xC3\xA9\xFF\xFE!\n", 20), {});
  BOOST_TEST(bad.rows == "<x\xEF\xBF\xBDy><\xEF\xBF\xBD>/<\xEF\xBF\xBD><\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD!>/");
  BOOST_TEST(bad.findings == "E-TEXT-CHAR(U+0000)@5+1 E-TEXT-CHAR(U+0001)@8+1 E-TEXT-CHAR(U+FFFF)@10+3 E-TEXT-UTF8(FF FE)@16+2");
}

BOOST_AUTO_TEST_CASE(lies_about_the_encoding_are_reported) {
  DelimitedOptions options;
  options.encoding = "windows-1252";
  BOOST_TEST(read_table("\xEF\xBB\xBF"
                        "a,b\n\xC3\xA9,2\n",
                        options)
                 .findings == "E-TEXT-ENCODING(windows-1252,byte order mark,UTF-8)@0+3");
  BOOST_TEST(read_table("\xEF\xBB\xBF"
                        "a,b\n\xE9,2\n")
                 .findings == "E-TEXT-UTF8(E9)@7+1");
  options.encoding = "utf-16";
  BOOST_TEST(read_table("a,b\nc,d\n", options).findings == "E-TEXT-ENCODING(UTF-16LE,its bytes are plain ASCII,UTF-8)@0+0");
  options.encoding = "iso-8859-1";
  BOOST_TEST(read_table("a,b\nO\x92"
                        "Example,d\n",
                        options)
                 .findings == "E-TEXT-LATIN1(92)@5+1");
  BOOST_TEST(read_table("\xFF\xFE"
                        "a,b\nc,d\ne,f\n")
                 .findings == "E-TEXT-ENCODING(UTF-16LE,its bytes are plain ASCII,UTF-8)@0+2");
  options.encoding = "ebcdic";
  BOOST_TEST(read_table("a,b\nc,d\n", options).status == CB_E_UNSUPPORTED);
}

BOOST_AUTO_TEST_CASE(the_table_does_not_depend_on_how_the_bytes_arrive) {
  std::string text = "number,name,note\n";
  for (int i = 0; i < 30'000; ++i) {
    text += std::to_string(i) + ",TESTARD EXEMPLE " + std::to_string(i * 7) +
            (i % 7 ? ",plain\n" : ",\"quoted, \"\"twice\"\"\nand broken\"\r\n");
    if (i == 20'000) text += "x,\xE9,y\n";
  }
  const Table whole = read_table(text);
  BOOST_TEST(whole.findings.substr(0, 12) == "E-TEXT-GUESS");
  BOOST_TEST((read_table(text, {}, 4093).rows == whole.rows));
  BOOST_TEST((read_table(text, {}, 65).places == whole.places));
  std::string again;
  for (const char c : whole.rows) again += c == '/' ? '\n' : c;
  BOOST_TEST(std::count(again.begin(), again.end(), '<') == 3 * 30'001);
}

BOOST_AUTO_TEST_CASE(a_failure_to_read_is_not_the_end_of_the_table) {
  Host host;
  Reporter reporter(host.get());
  MemoryInput input("a,b\n1,2\n3,4");
  input.fail_at = 10;
  Delimited table(*input, {}, reporter);
  BOOST_TEST(table.next() != nullptr);
  BOOST_TEST(table.next() == nullptr);
  BOOST_TEST(table.status() == CB_E_IO);
}

BOOST_AUTO_TEST_CASE(a_flood_of_findings_is_counted_not_sent) {
  Host host;
  Reporter reporter(host.get(), 10);
  std::string text = "a,b\n";
  for (int i = 0; i < 100; ++i) text += "1\n";
  MemoryInput input(text);
  Delimited table(*input, {}, reporter);
  while (table.next()) {}
  reporter.finish();
  BOOST_TEST(host.found.size() == 11u);
  BOOST_TEST(host.found.back().code == "E-READ-MORE");
  BOOST_TEST(host.found.back().args ==
             "90\x1f"
             "E-CSV-RAGGED");
}

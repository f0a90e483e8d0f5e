#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/stat.h>
#include <unistd.h>

#include "emit/escape.hpp"
#include "emit/sink.hpp"

using namespace casebridge::emit;
namespace fs = std::filesystem;

namespace {
struct Folder {
  fs::path path = fs::temp_directory_path() / ("cb-sink-" + std::to_string(::getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};
std::string content(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
}  // namespace

BOOST_AUTO_TEST_CASE(a_file_is_private_and_appears_when_it_is_whole) {
  const Folder folder;
  const fs::path at = folder.path / "deep" / "out.txt";
  {
    FileSink sink(at.string());
    sink.write("whole");
    BOOST_TEST(!fs::exists(at));
    sink.commit();
  }
  BOOST_TEST(content(at) == "whole");
  struct stat about {};
  BOOST_REQUIRE(::stat(at.c_str(), &about) == 0);
  BOOST_TEST((about.st_mode & 0777) == 0600u);
}

BOOST_AUTO_TEST_CASE(what_is_not_committed_leaves_nothing_behind) {
  const Folder folder;
  { FileSink(std::string(folder.path / "out.txt")).write("half"); }
  BOOST_TEST(fs::is_empty(folder.path));
}

BOOST_AUTO_TEST_CASE(a_place_that_cannot_be_written_is_said_so) {
  const Folder folder;
  BOOST_CHECK_THROW(FileSink sink(folder.path.string()), IoError);
}

BOOST_AUTO_TEST_CASE(json_text_escapes_only_what_it_must) {
  std::string out;
  append_json_string(out, "a\"\\\n\t\r\b\f\x01\x7F é/ then more than sixteen plain bytes \x1F!");
  BOOST_TEST(out == "\"a\\\"\\\\\\n\\t\\r\\b\\f\\u0001\x7F é/ then more than sixteen plain bytes \\u001f!\"");
}

BOOST_AUTO_TEST_CASE(xml_text_stays_on_one_line_and_keeps_its_ends) {
  std::string out;
  append_xml_text(out, " a&b<c>\n\"d\" ");
  BOOST_TEST(out == "&#x20;a&amp;b&lt;c&gt;&#xA;\"d\"&#x20;");
  out.clear();
  append_xml_attribute(out, "a\"b\tc\x02");
  BOOST_TEST(out == "a&quot;b&#x9;c\xEF\xBF\xBD");
  out.clear();
  append_xml_text(out, "\xEF\xBF\xBF é \xEF\xBB\xBF");
  BOOST_TEST(out == "\xEF\xBF\xBD é \xEF\xBB\xBF");
}

BOOST_AUTO_TEST_CASE(a_csv_cell_never_is_a_formula_and_comes_back_as_it_was) {
  for (const char* text : {"=1+1", "+1", "-1", "@x", "'quoted", "''", "plain", ""}) {
    std::string cell;
    append_csv_safe(cell, text);
    BOOST_TEST((cell.empty() || std::string("=+-@\t\r").find(cell[0]) == std::string::npos));
    BOOST_TEST(csv_unsafe(cell) == text);
  }
  std::string out;
  append_csv_cell(out, "a,\"b\"\n");
  BOOST_TEST(out == "\"a,\"\"b\"\"\n\"");
}

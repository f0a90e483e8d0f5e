// For every text and attribute value of every real file: the bytes at its place decode to the value.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "core/read/xml_fixture.hpp"

using namespace casebridge;
using namespace casebridge::read;
namespace fs = std::filesystem;

namespace {

std::string trimmed(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  while (!text.empty() && blank(text.back())) text.pop_back();
  size_t first = 0;
  while (first < text.size() && blank(text[first])) ++first;
  return text.substr(first);
}

// The character data in a piece of XML: without what lies deeper, without comments and instructions.
std::string character_data(std::string_view raw) {
  std::string out;
  int depth = 0;
  for (size_t i = 0; i < raw.size();) {
    const std::string_view rest = raw.substr(i);
    if (rest.starts_with("<!--")) i += rest.find("-->") + 3;
    else if (rest.starts_with("<?")) i += rest.find("?>") + 2;
    else if (rest.starts_with("<![CDATA[")) {
      const size_t end = rest.find("]]>");
      if (depth == 0) out += rest.substr(9, end - 9);
      i += end + 3;
    } else if (rest[0] == '<') {
      const size_t end = rest.find('>');
      if (rest[1] == '/') --depth;
      else if (rest[end - 1] != '/') ++depth;
      i += end + 1;
    } else {
      const size_t end = std::min(rest.find('<'), rest.size());
      if (depth == 0) XmlPrescan::decode(rest.substr(0, end), false, out);
      i += end;
    }
  }
  return trimmed(out);
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_value_of_the_custody_files_stands_where_its_place_says) {
  const char* shared = std::getenv("CASEBRIDGE_SHARED");
  const fs::path folder = fs::path(shared ? shared : CASEBRIDGE_SOURCE_DIR "/../shared") / "data/ojbc-custody";
  if (!fs::exists(folder)) {
    std::cout << "SKIPPED: " << folder << " is absent\n";
    BOOST_TEST(std::getenv("CASEBRIDGE_REQUIRE_DATA") == nullptr);
    return;
  }
  size_t files = 0, values = 0;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".xml" || entry.path().string().find("/xsd/") != std::string::npos) continue;
    std::stringstream all;
    all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    const std::string bytes = all.str();
    const auto run = read_xml(bytes, {}, 1009);
    BOOST_TEST_CONTEXT(entry.path().filename()) {
      BOOST_REQUIRE(run->trees.size() == 1u);
      ++files;
      for (const TreeNode& node : run->trees[0].nodes) {
        BOOST_REQUIRE(node.offset + node.length <= bytes.size());
        BOOST_TEST(bytes[node.offset + node.length - 1] == (node.attribute ? bytes[node.text_offset - 1] : '>'));
        BOOST_TEST(node.line == 1u + size_t(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(node.offset), '\n')));
        if (!node.has_text) continue;
        ++values;
        const std::string_view raw = std::string_view(bytes).substr(node.text_offset, node.text_length);
        std::string value;
        if (node.attribute) XmlPrescan::decode(raw, true, value);
        else value = character_data(raw);
        BOOST_TEST(value == node.text);
      }
    }
  }
  BOOST_TEST(files == 24u);
  BOOST_TEST(values == 3929u);
}

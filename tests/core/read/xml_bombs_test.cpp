// Every bomb ends in a finding within 5 seconds and 256 MiB. Each is read in a child under those very limits.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/read/xml_fixture.hpp"

using namespace casebridge;
using namespace casebridge::read;
namespace fs = std::filesystem;

namespace {

const fs::path kSamples = CASEBRIDGE_SOURCE_DIR "/samples/bombs/xml";
const fs::path kMade = CASEBRIDGE_BINARY_DIR "/tests/bombs-xml";

struct Outcome {
  int state = 0;
  std::string codes;
};

// The codes of the findings, first of each kind once, as a child under the limits gives them.
Outcome defuse(const fs::path& file, const std::string& each) {
  int ends[2];
  BOOST_REQUIRE(pipe(ends) == 0);
  const pid_t child = fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    close(ends[0]);
#ifndef CASEBRIDGE_SANITIZED  // a sanitizer's shadow does not fit into the limit
    const rlimit memory{256u << 20, 256u << 20};
    setrlimit(RLIMIT_AS, &memory);
#endif
    const rlimit time{5, 6};
    setrlimit(RLIMIT_CPU, &time);
    int fd = open(file.c_str(), O_RDONLY);
    cb_input input{};
    input.struct_size = sizeof input;
    input.self = &fd;
    input.size = -1;
    input.read = [](void* self, void* into, uint64_t size) -> int64_t { return ::read(*static_cast<int*>(self), into, size); };
    std::string codes;
    try {
      Names names;
      XmlOptions options;
      options.each = each;
      XmlReader reader(input, options, names, [&](Finding finding) {
        if (codes.find(finding.code) == std::string::npos) codes += (codes.empty() ? "" : " ") + finding.code;
      });
      Tree tree;
      while (reader.next(tree)) {}
    } catch (const std::exception& wrong) { codes = std::string("exception: ") + wrong.what(); }
    const ssize_t written = write(ends[1], codes.data(), codes.size());
    _exit(written == static_cast<ssize_t>(codes.size()) ? 0 : 1);
  }
  close(ends[1]);
  Outcome out;
  char buffer[4096];
  for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;) out.codes.append(buffer, static_cast<size_t>(n));
  close(ends[0]);
  waitpid(child, &out.state, 0);
  return out;
}

void expect(const fs::path& file, const std::string& codes, const std::string& each = {}) {
  BOOST_TEST_CONTEXT(file.filename().string() << " each '" << each << "'") {
    BOOST_REQUIRE(fs::exists(file));
    const Outcome out = defuse(file, each);
    BOOST_TEST(out.state == 0);
    BOOST_TEST(out.codes == codes);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(xml_bombs)

BOOST_AUTO_TEST_CASE(small_ones_end_in_the_finding_they_are_named_for) {
  const std::map<std::string, std::string> files = {{"billion-laughs", "E-XML-DOCTYPE"},
                                                    {"external-entity", "E-XML-DOCTYPE"},
                                                    {"external-dtd", "E-XML-DOCTYPE"},
                                                    {"unknown-entity", "E-XML-ENTITY"},
                                                    {"comment-before-declaration", "E-XML-DECL-PLACE"},
                                                    {"duplicate-id", "E-XML-ID-TWICE"},
                                                    {"dangling-reference", "E-XML-REF-DANGLING"},
                                                    {"undefined-prefix", "E-XML-PREFIX"},
                                                    {"nul-byte", "E-XML-CHARACTER"},
                                                    {"says-utf8-is-latin1", "E-XML-ENCODING"},
                                                    {"says-utf16-is-utf8", "E-XML-ENCODING-LIE"},
                                                    {"bom-lie", "E-XML-ENCODING-LIE"},
                                                    {"bom-utf16-on-ascii", "E-XML-SYNTAX"},
                                                    {"two-documents", "E-XML-AFTER-ROOT"},
                                                    {"crossed-tags", "E-XML-TAG"},
                                                    {"whole", ""}};
  for (const auto& [name, codes] : files) expect(kSamples / (name + ".xml"), codes);
  for (const auto& entry : fs::directory_iterator(kSamples))
    if (entry.path().extension() == ".xml") BOOST_TEST(files.contains(entry.path().stem().string()), entry.path() << " is not tested");
}

BOOST_AUTO_TEST_CASE(large_ones_end_within_five_seconds_and_256_mebibytes) {
  BOOST_REQUIRE(std::system(("sh " + (kSamples / "make.sh").string() + " " + kMade.string()).c_str()) == 0);
  for (const char* name : {"attributes-200000", "depth-200000", "text-15mb", "cdata-15mb", "comment-15mb", "attribute-15mb", "name-1mb",
                           "names-500000", "namespaces-500000", "elements-3000000"})
    expect(kMade / (std::string(name) + ".xml"), "E-XML-LIMIT");
  expect(kMade / "quadratic-entity.xml", "E-XML-DOCTYPE");
  expect(kMade / "references-600000.xml", "E-XML-ID-LIMIT", "e");
  expect(kMade / "open-tags.xml", "E-XML-ENCODING-LIE E-XML-SYNTAX");
  expect(kMade / "wide-and-deep.xml", "E-XML-TRUNCATED");
  // The same where the record is an element: what stands around records is bounded, too.
  expect(kMade / "elements-3000000.xml", "E-XML-CONTEXT E-XML-NO-RECORD", "record");
  expect(kMade / "elements-3000000.xml", "", "a");
  expect(kMade / "wide-and-deep.xml", "E-XML-LIMIT", "record");
}

BOOST_AUTO_TEST_CASE(a_document_cut_at_every_five_percent_is_never_a_shorter_document) {
  std::stringstream all;
  all << std::ifstream(kSamples / "whole.xml", std::ios::binary).rdbuf();
  const std::string whole = all.str();
  size_t before = 0;
  for (int percent = 0; percent < 100; percent += 5) {
    XmlOptions options;
    options.each = "booking";
    const std::string part = whole.substr(0, whole.size() * static_cast<size_t>(percent) / 100);
    const auto run = read_xml(part, options, 64);
    BOOST_TEST_CONTEXT(percent << " %") {
      BOOST_TEST(run->status < 0);
      BOOST_TEST(!run->findings.empty());
      BOOST_TEST(run->broken.has_value());
      if (run->broken) BOOST_TEST(run->broken->offset + run->broken->length <= part.size());
      BOOST_TEST(run->trees.size() >= before);
      before = run->trees.size();
      BOOST_TEST(read_xml(part, {}, 64)->trees.size() == 0u);
    }
  }
  BOOST_TEST(before >= 2u);
  XmlOptions options;
  options.each = "booking";
  BOOST_TEST(read_xml(whole, options, 64)->trees.size() == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

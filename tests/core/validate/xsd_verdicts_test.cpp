// The real files against the schemas that came with them: our verdicts beside those of xmllint, kept in VERDICTS.tsv.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <iostream>
#include <sstream>

#include "core/validate/xsd_fixture.hpp"

using namespace casebridge;
using namespace casebridge::validate;
namespace fs = std::filesystem;

namespace {

fs::path data() {
  const char* shared = std::getenv("CASEBRIDGE_SHARED");
  return fs::path(shared ? shared : CASEBRIDGE_SOURCE_DIR "/../shared") / "data";
}

std::string slurp(const fs::path& path) {
  std::stringstream all;
  all << std::ifstream(path, std::ios::binary).rdbuf();
  return all.str();
}

struct Counts {
  size_t valid = 0, invalid = 0, findings = 0, other = 0;
};

// The folder's files that xmllint has judged by a schema; the schema is found by us, from the root element.
Counts compare(const std::string& folder, const std::string& schemas, XsdSet::Mode mode) {
  Counts counts;
  std::ifstream verdicts(data() / folder / "VERDICTS.tsv");
  XsdSet set;
  const read::XmlReport report = [&](Finding finding) { BOOST_ERROR(finding.input << ":" << finding.line << ": " << message_of(finding)); };
  const fs::path where = schemas.starts_with('/') ? fs::path(schemas) : data() / folder / schemas;
  BOOST_REQUIRE(set.load({where}, {}, report));
  std::string line;
  std::getline(verdicts, line);
  while (std::getline(verdicts, line)) {
    std::istringstream row(line);
    std::string file, verdict, schema;
    std::getline(row, file, '\t');
    std::getline(row, verdict, '\t');
    std::getline(row, schema, '\t');
    if (schema == "-") continue;
    const std::string bytes = slurp(data() / folder / file);
    read::MemoryInput head(bytes, 4096);
    read::Names names;
    read::XmlReader peek(head.input, {}, names, [](Finding) {});
    BOOST_REQUIRE(peek.start());
    const std::string ns(peek.root_ns() == read::Names::kNone ? "" : names.text(peek.root_ns())), root(names.text(peek.root_name()));
    BOOST_TEST_CONTEXT(folder << "/" << file) {
      BOOST_REQUIRE(set.preload(ns, root, mode, report));
      BOOST_TEST(fs::path(set.schema_for(ns, root)).filename() == fs::path(schema.substr(schema.rfind('/') + 1)).filename());
      const auto run = check_xml(set, mode, bytes);
      BOOST_TEST(run->trees.size() == 1u);
      size_t found = 0;
      for (const Finding& finding : run->findings) {
        if (finding.code.starts_with("E-XSD") && finding.code != "E-XSD-HINT") {
          ++found;
          BOOST_TEST(finding.length > 0u);
          BOOST_TEST(finding.line == 1u + size_t(std::count(bytes.begin(), bytes.begin() + std::ptrdiff_t(finding.offset), '\n')));
          if (std::getenv("SHOW_XSD"))
            std::cout << file << ":" << finding.line << ":" << finding.column << " " << finding.code << " " << message_of(finding) << "\n";
        } else {
          ++counts.other;
        }
      }
      BOOST_TEST((found == 0 ? "valid" : "invalid") == verdict);
      ++(found == 0 ? counts.valid : counts.invalid);
      counts.findings += found;
    }
  }

  return counts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(real_files_get_the_verdicts_of_xmllint) {
  if (!fs::exists(data() / "ojbc-custody")) {
    std::cout << "SKIPPED: " << data() << " is absent\n";
    BOOST_TEST(std::getenv("CASEBRIDGE_REQUIRE_DATA") == nullptr);
    return;
  }
  const fs::path unpacked = fs::path(CASEBRIDGE_BINARY_DIR) / "tests" / "incident-xsd";
  if (!fs::exists(unpacked / "xsd")) {
    fs::create_directories(unpacked);
    BOOST_REQUIRE(std::system(("tar -xzf " + (data() / "ojbc-incident-report/xsd.tar.gz").string() + " -C " + unpacked.string()).c_str()) ==
                  0);
  }
  const struct {
    const char* folder;
    std::string schemas;
    size_t valid, invalid, fast, strict;
  } folders[] = {
      {"ojbc-custody", "xsd", 2, 22, 44, 88},
      {"nibrs-xml", "NIBRS_2019.1", 5, 5, 11, 12},
      {"ndex-lexs", "xsd", 9, 0, 0, 0},
      {"ojbc-warrant", "xsd", 15, 0, 0, 0},
      {"ojbc-court", "xsd", 12, 0, 0, 0},
      {"ojbc-criminal-history", "xsd", 11, 0, 0, 0},
      {"ojbc-parole-probation", "xsd", 4, 0, 0, 0},
      {"ojbc-person-vehicle-search", "xsd", 2, 2, 3, 6},
      {"ojbc-incident-report", unpacked.string(), 0, 28, 84, 160},
  };
  for (const auto& one : folders) {
    const Counts counts = compare(one.folder, one.schemas, XsdSet::Mode::fast);
    BOOST_TEST_CONTEXT(one.folder) {
      BOOST_TEST(counts.valid == one.valid);
      BOOST_TEST(counts.invalid == one.invalid);
      BOOST_TEST(counts.findings == one.fast);
    }
    const Counts strict = compare(one.folder, one.schemas, XsdSet::Mode::strict);
    BOOST_TEST_CONTEXT(one.folder << " strict") {
      BOOST_TEST(strict.valid == one.valid);
      BOOST_TEST(strict.invalid == one.invalid);
      BOOST_TEST(strict.findings == one.strict);
    }
  }
}

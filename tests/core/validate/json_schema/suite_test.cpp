// The official JSON Schema test suite, mandatory cases of five drafts, remotes from disk.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <sstream>

#include "shared_data.hpp"
#include "validate/json_schema/schema.hpp"

using namespace casebridge::schema;

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Tally {
  int run = 0, good = 0;
};

Tally run_draft(const std::filesystem::path& suite, const std::string& folder, Draft draft) {
  Tally tally;
  const Loader loader = [&](const std::string& uri) -> std::optional<std::string> {
    const std::string base = "http://localhost:1234/";
    if (!uri.starts_with(base)) return std::nullopt;
    const auto path = suite / "remotes" / uri.substr(base.size());
    if (!std::filesystem::is_regular_file(path)) return std::nullopt;
    return read_file(path);
  };
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(suite / "tests" / folder))
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const std::string text = read_file(file);
    ParseError broken;
    const auto document = Document::parse(text, broken);
    BOOST_REQUIRE_MESSAGE(document, file << ": " << broken.what);
    for (uint32_t group = 1; group < (*document)[0].next; group = (*document)[group].next) {
      const Position at = Document::locate(text, document->member(group, "schema"));
      Settings settings;
      settings.draft = draft;
      CompileError error;
      const auto schema =
          Schema::compile(std::string_view(text).substr(at.offset, at.length), "http://localhost/root.json", settings, loader, error);
      const std::string title(document->string((*document)[document->member(group, "description")]));
      const uint32_t tests = document->member(group, "tests");
      for (uint32_t test = tests + 1; test < (*document)[tests].next; test = (*document)[test].next) {
        ++tally.run;
        const std::string name = folder + "/" + file.filename().string() + ": " + title + ": " +
                                 std::string(document->string((*document)[document->member(test, "description")]));
        if (!schema) {
          BOOST_ERROR(name + ": does not compile: " + error.what);
          continue;
        }
        const Position data = Document::locate(text, document->member(test, "data"));
        const bool wanted = (*document)[document->member(test, "valid")].truth;
        const auto errors = schema->check(std::string_view(text).substr(data.offset, data.length));
        if (errors.empty() == wanted) ++tally.good;
        else
          BOOST_ERROR(name + (wanted ? ": is valid, and was refused with " + errors.front().code + " at " + errors.front().keyword
                                     : std::string(": is invalid, and was accepted")));
      }
    }
  }
  return tally;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_mandatory_case_of_the_official_suite_holds) {
  const auto suite = shared_data("json-schema-test-suite");
  if (!suite) return;
  const std::vector<std::tuple<std::string, Draft, int>> drafts{{"draft4", Draft::d4, 618},
                                                                {"draft6", Draft::d6, 839},
                                                                {"draft7", Draft::d7, 927},
                                                                {"draft2019-09", Draft::d2019, 1259},
                                                                {"draft2020-12", Draft::d2020, 1299}};
  for (const auto& [folder, draft, count] : drafts) {
    const Tally tally = run_draft(*suite, folder, draft);
    std::cout << folder << ": " << tally.good << " of " << tally.run << "\n";
    BOOST_TEST(tally.run == count);
    BOOST_TEST(tally.good == tally.run);
  }
}

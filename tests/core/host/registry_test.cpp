#include <boost/test/unit_test.hpp>

#include "host_fixture.hpp"

using namespace casebridge;
using namespace casebridge::host;
using namespace casebridge::host::test;

BOOST_AUTO_TEST_CASE(a_description_comes_from_the_library_and_says_the_same_in_both_languages) {
  const PluginInfo* p = registry().plugin("booking-csv");
  BOOST_REQUIRE(p);
  BOOST_TEST(p->title_en == "Jail bookings");
  BOOST_TEST(p->title_fr == "Écrous");
  BOOST_TEST(p->library == "booking_csv.so");
  BOOST_REQUIRE(p->formats.size() == 1);
  BOOST_TEST(p->formats[0].extensions[0] == "csv");
  BOOST_TEST(p->options[0].choices.size() == 3);
  BOOST_TEST(*p->options[0].fallback == "mdy");
  BOOST_TEST(!p->options[1].fallback.has_value());
  BOOST_TEST(bool(registry().reader("booking-csv")));
  BOOST_TEST(!registry().writer("booking-csv"));
}

BOOST_AUTO_TEST_CASE(a_manifest_survives_being_written_and_read) {
  const Scratch scratch;
  PluginInfo p = *registry().plugin("booking-csv");
  scratch.write("x/plugin.json", to_json(p));
  BOOST_TEST(to_json(read_manifest(scratch.folder / "x" / "plugin.json")) == to_json(p));
}

BOOST_AUTO_TEST_CASE(broken_and_doubled_plugins_are_reported_and_the_others_still_work) {
  const Scratch scratch;
  const std::string good = to_json(*registry().plugin("booking-csv"));
  scratch.write("a/plugin.json", good);
  scratch.write("b/plugin.json", good);
  scratch.write("c/plugin.json", "{\"id\": \"c\", ");
  scratch.write("d/plugin.json", "{\"id\": \"d\", \"abi\": \"2.0\", \"library\": \"d.so\", \"formats\": []}");
  scratch.write("e/plugin.json",
                "{\"id\": \"e\", \"abi\": \"1.0\", \"library\": \"../evil.so\", \"formats\": [{\"id\": \"e\", \"reads\": true}]}");
  scratch.write("f/readme.txt", "not a plugin");
  const Registry r(std::vector<fs::path>{scratch.folder, scratch.folder / "missing"});
  BOOST_TEST(r.plugins().size() == 1u);
  BOOST_TEST(r.plugins()[0].folder.filename() == "a");
  std::string codes;
  for (const Finding& f : r.problems()) codes += f.code + " ";
  BOOST_TEST(codes == "E-PLUGIN-DUPLICATE E-PLUGIN-MANIFEST E-PLUGIN-MANIFEST E-PLUGIN-MANIFEST E-PLUGIN-FOLDER ");
}

BOOST_AUTO_TEST_CASE(a_wrong_format_name_is_answered_with_the_nearest_right_one) {
  const Finding f = registry().unknown("boking-csv");
  BOOST_TEST(f.code == "E-FORMAT-UNKNOWN-ID-NEAR");
  BOOST_TEST(f.args[1] == "booking-csv");
}

BOOST_AUTO_TEST_CASE(options_are_checked_once_and_defaults_are_filled_in) {
  const PluginInfo& p = *registry().plugin("booking-csv");
  std::vector<Finding> problems;
  auto settings = check_options(p, std::vector<Setting>{{"limit", "0042"}}, problems);
  BOOST_TEST(problems.empty());
  BOOST_REQUIRE(settings.size() == 2);
  BOOST_TEST(settings[0].second == "mdy");
  BOOST_TEST(settings[1].second == "42");
  check_options(p, std::vector<Setting>{{"date-ordr", "dmy"}, {"limit", "many"}, {"date-order", "xyz"}, {"limit", "1"}}, problems);
  std::string codes;
  for (const Finding& f : problems) codes += f.code + " ";
  BOOST_TEST(codes == "E-OPTION-UNKNOWN-NEAR E-OPTION-CHOICE E-OPTION-VALUE E-OPTION-TWICE ");
  BOOST_TEST(options_help(p).find("mdy|dmy|ymd [mdy]") != std::string::npos);
  BOOST_TEST(options_schema(p).find("\"limit\":{\"description\":\"Rows to read.\",\"type\":\"integer\"}") != std::string::npos);
}

namespace {
std::string seen(std::string_view head, std::string_view signature) {
  std::string why;
  return std::to_string(match_signature(signature, sniff(head), head, why));
}
}  // namespace

BOOST_AUTO_TEST_CASE(signatures_look_through_encodings) {
  BOOST_TEST(seen("Booking_ID , family\r\n1,2\r\n", "csv-header=booking_id,family") != "0");
  BOOST_TEST(seen("\xEF\xBB\xBFid;\"a, b\";c\n", "csv-header=ID,\"a, b\"") != "0");
  BOOST_TEST(seen("id;a;c\n", "csv-header=ID,x") == "0");
  BOOST_TEST(seen("nom,pr\xE9nom\n", "csv-header=nom") != "0");
  const std::string utf16("\xFF\xFE<\0a\0 \0x\0m\0l\0n\0s\0=\0'\0u\0'\0>\0", 28);
  BOOST_TEST(seen(utf16, "root=u a") == "95");
  BOOST_TEST(seen("<!-- a --><?xml version='1.0'?><!DOCTYPE q [<!ENTITY b '>'>]>\n<n:r xmlns:o='no' xmlns:n=\"urn:yes\" >",
                  "root=urn:yes r") == "95");
  BOOST_TEST(seen("<n:r xmlns:n='urn:no'>", "root=urn:yes r") == "0");
  BOOST_TEST(seen("<r>", "root=* r") == "80");
  BOOST_TEST(seen("[ {\"a\": {\"deep\": 1}, \"b\": \"x,\\\"deep\\\":\"", "json-key=b") == "80");
  BOOST_TEST(seen("[{\"a\": {\"deep\": 1}}]", "json-key=deep") == "0");
  const std::string event = R"({"response":[{"Event":{"id":"1","info":"x","Tag":[{"name":"info"}]}}],"type":"bundle of","n":{"a":1}})";
  for (const auto& [signature, score] : {std::pair{"json-key=response > Event > info", "86"},
                                         {"json-key=response > Event + type=bundle", "88"},
                                         {"json-key=response > Event > Tag > name", "86"},
                                         {"json-key=response > info", "0"},
                                         {"json-key=Event > info", "0"},
                                         {"json-key=n > a + response + missing", "0"},
                                         {"json-key=response + type=Bundle", "0"},
                                         {"json-key=n > info", "0"}})
    BOOST_TEST(seen(event, signature) == score, signature);
  // What is too deep or too long has no path, and what comes behind it has its own again.
  std::string deep = R"({"a":)";
  for (int i = 0; i < 20; ++i) deep += R"({"b":)";
  deep += "1" + std::string(20, '}') + R"(,"c":{"d":1},"x":{")" + std::string(500, 'y') + R"(":{"z":1},"e":1}})";
  BOOST_TEST(seen(deep, "json-key=c > d + x > e + a > b > b") == "90");
  BOOST_TEST(seen(deep, "json-key=z > e") == "0");
  BOOST_TEST(seen("{\"a\": 1, \"kind\": \"http://x/2.0/US#Media\", \"b\": [", "json-text=kind=http://x/*#Media") == "90");
  BOOST_TEST(seen("{\"a\": 1, \"kind\": \"http://x/2.0/US#Media\", \"b\": [", "json-text=kind=http://x/") == "90");
  BOOST_TEST(seen("{\"a\": 1, \"kind\": \"http://x/2.0/US#Media\", \"b\": [", "json-text=kind=http://x/*#Cases") == "0");
  BOOST_TEST(seen("{\"a\": \"http://x/\", \"kind\": 1}", "json-text=kind=http://x/") == "0");
  BOOST_TEST(seen(std::string_view("\x89PNG\0\0", 6), "magic=\\x89PNG") == "90");
}

BOOST_AUTO_TEST_CASE(a_known_header_is_recognised_and_an_unknown_one_is_refused_with_reasons) {
  const Request here{.in_process = true};
  const auto yes = recognise(registry(), "x.csv", "booking_id,family,given\n1,TESTARD,EXEMPLE\n", here);
  BOOST_TEST(bool(yes.best));
  BOOST_TEST(!yes.problem.has_value());
  const auto no = recognise(registry(), "x.csv", "a,b\n1,2\n", here);
  BOOST_TEST(!no.best);
  BOOST_TEST(no.problem->code == "E-FORMAT-NONE");
  BOOST_TEST(no.problem->args[1].find("booking-csv") != std::string::npos);  // the extension fits, the content does not
  BOOST_TEST(recognise(registry(), "x.csv", "", here).problem->code == "E-INPUT-EMPTY");
}

BOOST_AUTO_TEST_CASE(two_formats_that_fit_equally_well_are_a_refusal_that_names_both) {
  const Scratch scratch;
  for (const char* id : {"one", "two"})
    scratch.write(std::string(id) + "/plugin.json", "{\"id\": \"" + std::string(id) +
                                                        "\", \"abi\": \"1.0\", \"library\": \"x.so\", \"formats\": [{\"id\": \"" + id +
                                                        "\", \"reads\": true, \"signatures\": [\"json-key=items\"]}]}");
  const Registry r(std::vector<fs::path>{scratch.folder});
  const auto both = recognise(r, "x.json", "{\"items\": []}");
  BOOST_TEST(!both.best);
  BOOST_TEST(both.problem->code == "E-FORMAT-AMBIGUOUS");
  BOOST_TEST(both.candidates.size() == 2u);
  BOOST_TEST(both.problem->args[1].find("two 85 (it has the key items)") != std::string::npos);
}

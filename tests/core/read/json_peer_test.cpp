#include "core/read/json_peer.hpp"

#include <boost/test/unit_test.hpp>
#include <random>

using casebridge::test::verdicts_agree;

BOOST_AUTO_TEST_CASE(our_verdict_on_json_is_that_of_rapidjson) {
  for (const char* text : {"",
                           " ",
                           "{}",
                           "[]",
                           "[[]]",
                           "{\"a\":1}",
                           "{\"a\":1,}",
                           "[1,]",
                           "[,1]",
                           "[1 2]",
                           "{1:2}",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1 \"b\":2}",
                           "0",
                           "-0",
                           "01",
                           "1.",
                           ".1",
                           "1.5e",
                           "1e5",
                           "1E+5",
                           "1e-05",
                           "+1",
                           "-",
                           "--1",
                           "1e5.5",
                           "true",
                           "True",
                           "tru",
                           "nulll",
                           "null null",
                           "\"a\"",
                           "\"\\u12\"",
                           "\"\\u12G4\"",
                           "\"\\ud800\"",
                           "\"\\ud800\\udc00\"",
                           "\"\\udc00\"",
                           "\"\\x\"",
                           "\"\t\"",
                           "\"",
                           "\"\\\"",
                           "\"\\",
                           "[\"a\":1]",
                           "{\"a\",1}",
                           "[1}",
                           "{]",
                           "]",
                           "}",
                           ",",
                           ":",
                           "[1]]",
                           "{}{}",
                           "// c\n1",
                           "/* c */ 1",
                           "'a'",
                           "NaN",
                           "Infinity",
                           "\f1",
                           "\v[]"})
    BOOST_TEST(verdicts_agree(text), "they differ on: " << text);
}

BOOST_AUTO_TEST_CASE(our_verdict_is_that_of_rapidjson_on_documents_with_a_flaw) {
  const std::string good = R"({"id": 12, "list": [1.5e3, -0, true, null, {"a": "x\"y\\z\u00e9"}, []], "o": {"p": {}, "q": "TESTARD"}})";
  BOOST_REQUIRE(verdicts_agree(good));
  std::mt19937 random(7);
  const std::string alphabet = "{}[]\",:0123456789eE+-.\\u/bfnrt tals";
  for (int i = 0; i < 30'000; ++i) {
    std::string text = good;
    for (unsigned n = 1 + random() % 2; n; --n) {
      const size_t at = random() % text.size();
      switch (random() % 3) {
        case 0: text.erase(at, 1 + random() % 3); break;
        case 1: text[at] = alphabet[random() % alphabet.size()]; break;
        default: text.insert(at, 1, alphabet[random() % alphabet.size()]);
      }
    }
    BOOST_REQUIRE_MESSAGE(verdicts_agree(text), "they differ on: " << text);
  }
}

// All numbers are synthetic: 046 454 286 is the number that published forms show as an example.
#include <boost/test/unit_test.hpp>

#include "handle/gate.hpp"
#include "handle/mask.hpp"

using namespace casebridge;
using namespace casebridge::handle;

BOOST_AUTO_TEST_CASE(a_grouped_social_insurance_number_is_masked_and_keeps_its_length) {
  BOOST_TEST(masked("SIN 046 454 286.", Care::record) == "SIN *** *** ***.");
  BOOST_TEST(masked("046-454-286", Care::record) == "***-***-***");
  BOOST_TEST(masked("numéro 046\xC2\xA0"
                    "454\xC2\xA0"
                    "286",
                    Care::record) == "numéro ***\xC2\xA0***\xC2\xA0***");
}

BOOST_AUTO_TEST_CASE(other_numbers_are_left_alone) {
  for (const char* text :
       {"(705) 555-0101", "+17055550101", "2099-07-01T10:15:00", "046 454 287", "1234567890123456", "XP-2099-0417", "705-555-0101"})
    BOOST_TEST(masked(text, Care::record) == text);
}

BOOST_AUTO_TEST_CASE(a_bare_number_is_masked_beside_its_name_and_in_listings) {
  BOOST_TEST(masked("NAS: 046454286", Care::record) == "NAS: *********");
  BOOST_TEST(masked("SIN046454286", Care::record) == "SIN*********");
  BOOST_TEST(masked("file 046454286", Care::record) == "file 046454286");
  BOOST_TEST(masked("a,046454286,b", Care::listing) == "a,*********,b");
}

BOOST_AUTO_TEST_CASE(us_social_security_and_health_card_numbers_are_masked) {
  BOOST_TEST(masked("123-45-6789", Care::record) == "***-**-****");
  BOOST_TEST(masked("1234 567 897 AB", Care::record) == "**** *** *** AB");
  BOOST_TEST(masked("1234567890AB", Care::listing) == "**********AB");
}

BOOST_AUTO_TEST_CASE(media_bytes_are_taken_out) {
  const std::string picture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  BOOST_TEST(holds_media("data:image/png;base64," + picture));
  BOOST_TEST(holds_media(picture));
  BOOST_TEST(masked("before \"" + picture + "\" after", Care::record) == "before \"[media removed]\" after");
  BOOST_TEST(masked("x data:image/jpeg;base64,AAAA y", Care::record).find("AAAA") == std::string::npos);
  BOOST_TEST(!holds_media(std::string(128, 'a') + "0123456789abcdef"));  // a long hash in hex
  BOOST_TEST(!holds_media("https://example.invalid/some/long/path/of/words/and/more/words/until/it/is/longer/than/a/line"));
}

BOOST_AUTO_TEST_CASE(names_of_sensitive_numbers_are_known_in_both_languages) {
  for (const char* name : {"SIN", "sin_no", "healthCardNo", "Social Insurance Number", "numéro d'assurance sociale", "NAS", "ssn"})
    BOOST_TEST(names_sensitive_number(name), name);
  for (const char* name : {"single", "business", "cousin", "asking", "nasal"}) BOOST_TEST(!names_sensitive_number(name), name);
}

BOOST_AUTO_TEST_CASE(a_finding_leaves_through_the_gate_masked) {
  const auto gate = Gate::for_self("2099-01-01");
  Finding finding;
  finding.code = "demo/number";
  finding.args = {"\"046 454 286\" is not a date"};
  BOOST_TEST(gate->pass(finding)->get().args[0] == "\"*** *** ***\" is not a date");
  BOOST_TEST(gate->show("TESTARD;046454286;x").get() == "TESTARD;*********;x");
}

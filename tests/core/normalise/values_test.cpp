#include <boost/test/unit_test.hpp>

#include "normalise/codes.hpp"
#include "normalise/identifiers.hpp"
#include "normalise/numbers.hpp"
#include "normalise/phones.hpp"
#include "normalise/selectors.hpp"

using namespace casebridge;
using namespace casebridge::normalise;

namespace {
struct Row {
  const char *a, *b, *text, *code;
};
}  // namespace

BOOST_AUTO_TEST_CASE(telephone_numbers_become_e164_and_no_area_code_is_invented) {
  const Row rows[] = {{"705 555-0101", "CA", "+17055550101", ""},
                      {"(705) 555-0101", "CA", "+17055550101", ""},
                      {"1-705-555-0101", "CA", "+17055550101", ""},
                      {"+1 705 555 0101", "", "+17055550101", ""},
                      {"705.555.0101 x12", "CA", "+17055550101;ext=12", ""},
                      {"705-555-0101 poste 12", "CA", "+17055550101;ext=12", ""},
                      {"555-1234", "CA", "555-1234", "E-PHONE-LOCAL"},
                      {"555-555-0101", "CA", "+15555550101", "E-PHONE-UNASSIGNED"},
                      {"+33 1 99 00 12 34", "CA", "+33199001234", ""},
                      {"705-555-0101", "", "705-555-0101", "E-PHONE-NO-REGION"},
                      {"unknown", "CA", "unknown", "E-PHONE-PARSE"},
                      {"705-555-0101/705-555-0102", "CA", "705-555-0101/705-555-0102", "E-PHONE-MANY"},
                      {"+17055550101/17055550102", "CA", "+17055550101/17055550102", "E-PHONE-MANY"},
                      {"011 33 1 99 00 12 34", "CA", "+33199001234", ""},
                      {"911", "CA", "911", "E-PHONE-LOCAL"}};
  for (const Row& row : rows) {
    const Normal n = normalise_phone(row.a, row.b);
    BOOST_TEST(n.text == row.text, row.a << " gave " << n.text);
    BOOST_TEST(n.code == row.code, row.a << " gave " << n.code);
  }
}

BOOST_AUTO_TEST_CASE(selectors_have_one_spelling_each) {
  const Row rows[] = {{"EMAIL", " Test.Exemple@Example.COM ", "test.exemple@example.com", ""},
                      {"EMAIL", "no at sign", "no at sign", "E-SELECTOR-FORM"},
                      {"SOCIAL_HANDLE", "@Test_Exemple", "test_exemple", ""},
                      {"URL", "HTTPS://Example.COM:443/Path?Q=1", "https://example.com/Path?Q=1", ""},
                      {"IP_ADDRESS", "2001:DB8:0:0:0:0:0:1", "2001:db8::1", ""},
                      {"IP_ADDRESS", "192.0.2.7", "192.0.2.7", ""},
                      {"IP_ADDRESS", "192.0.2.700", "192.0.2.700", "E-SELECTOR-FORM"},
                      {"IMEI", "49-015420-323751-8", "490154203237518", ""},
                      {"IMEI", "490154203237519", "490154203237519", "E-CHECK-DIGIT"},
                      {"MAC_ADDRESS", "00-1A-2B-3C-4D-5E", "00:1a:2b:3c:4d:5e", ""},
                      {"BANK_ACCOUNT", "GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432", ""},
                      {"CRYPTO_WALLET", "BC1QTESTEXEMPLE", "bc1qtestexemple", ""},
                      {"CRYPTO_WALLET", "1BoatSLRHtKNngkd", "1BoatSLRHtKNngkd", ""},
                      {"ETRANSFER_HANDLE", "A@EXAMPLE.ORG", "a@example.org", ""},
                      {"INMATE_PIN", " 0012 ", "0012", ""}};
  for (const Row& row : rows) {
    const Normal n = normalise_selector(row.a, row.b, "CA");
    BOOST_TEST(n.text == row.text);
    BOOST_TEST(n.code == row.code, row.b << " gave " << n.code);
  }
  BOOST_TEST(normalise_vin("1M8GDM9AXKP042788").code == "");
  BOOST_TEST(normalise_vin("1m8 gdm9a-0kp042788").code == "E-CHECK-DIGIT");
  BOOST_TEST(normalise_vin("1M8").code == "E-VIN-FORM");
  BOOST_TEST(normalise_plate("abcd 123").text == "ABCD123");
  BOOST_TEST(is_full_card("4111 1111 1111 1111"));
  BOOST_TEST(!is_full_card("**** **** **** 1111"));
}

BOOST_AUTO_TEST_CASE(identifiers_are_judged_by_their_type) {
  struct Id {
    const char *type, *value, *issuer, *text, *code;
  };
  const Id rows[] = {{"SIN", "046 454 286", "", "046454286", "E-CHECK-DIGIT"},
                     {"SIN", "130-692-544", "", "130692544", ""},
                     {"SIN", "130692545", "", "130692545", "E-CHECK-DIGIT"},
                     {"SIN", "12345", "", "12345", "E-ID-FORM"},
                     {"SSN", "078-05-1120", "", "078051120", ""},
                     {"SSN", "000-12-3456", "", "000123456", "E-ID-FORM"},
                     {"HEALTH_CARD", "1234-567-897-AB", "ON", "1234567897", ""},
                     {"HEALTH_CARD", "1234567890", "ON", "1234567890", "E-CHECK-DIGIT"},
                     {"HEALTH_CARD", "TESE 8403 1512", "QC", "TESE84031512", ""},
                     {"DRIVER_LICENCE", "T1234-56789-01234", "ON", "T12345678901234", ""},
                     {"DRIVER_LICENCE", "12345", "ON", "12345", "E-ID-FORM"},
                     {"PASSPORT", "aa 000000", "", "AA000000", ""},
                     {"FPS", "123456a", "", "123456A", ""},
                     {"OTIS", "0012345", "", "0012345", ""},
                     {"UCI", "11-1234-5678", "", "1112345678", ""},
                     {"OTHER", "Badge  7", "", "Badge 7", ""}};
  for (const Id& row : rows) {
    const Normal n = normalise_identifier(row.type, row.value, row.issuer);
    BOOST_TEST(n.text == row.text, row.type << " " << row.value << " gave " << n.text);
    BOOST_TEST(n.code == row.code, row.type << " " << row.value << " gave " << n.code);
  }
  BOOST_TEST(is_sensitive_identifier("SIN"));
  BOOST_TEST(!is_sensitive_identifier("OTIS"));
}

BOOST_AUTO_TEST_CASE(numbers_are_canonical_or_refused) {
  const std::pair<const char*, const char*> rows[] = {{"120", "120"},
                                                      {"+007", "7"},
                                                      {"-0.0", "0.0"},
                                                      {"1 234,5", "1234.5"},
                                                      {"1,234.50", "1234.50"},
                                                      {"1,234,567", "1234567"},
                                                      {"1.5", "1.5"},
                                                      {"43,65", "43.65"},
                                                      {"-79.3832", "-79.3832"},
                                                      {"1\xC2\xA0"
                                                       "234",
                                                       "1234"},
                                                      {"1,234", ""},
                                                      {"1,23,456", ""},
                                                      {"1.2.3", ""},
                                                      {"abc", ""},
                                                      {"", ""},
                                                      {".5", "0.5"},
                                                      {"0,123", "0.123"}};
  for (const auto& [text, normal] : rows)
    BOOST_TEST(normalise_decimal(text).text == normal, text << " gave " << normalise_decimal(text).text);
  BOOST_TEST(normalise_decimal("1,234").code == "E-NUMBER-AMBIGUOUS");
  BOOST_TEST(normalise_integer("12.0").text == "12");
  BOOST_TEST((normalise_integer("12.5").use == Use::none));
  BOOST_TEST((normalise_integer("BABY").use == Use::none));
  for (const char* yes : {"Y", "yes", "Oui", "o", "VRAI", "1", "true"}) BOOST_TEST(normalise_boolean(yes).text == "true", yes);
  for (const char* no : {"N", "No", "non", "Faux", "0", "FALSE"}) BOOST_TEST(normalise_boolean(no).text == "false", no);
  BOOST_TEST((normalise_boolean("maybe").use == Use::none));
}

BOOST_AUTO_TEST_CASE(measures_take_the_unit_of_their_field) {
  struct M {
    const char *text, *unit, *target, *normal;
  };
  const M rows[] = {
      {"70", "in", "cm", "178"},      {"5'11\"", "", "cm", "180"},     {"5'11", "", "cm", "180"},    {"5 ft 11 in", "", "cm", "180"},
      {"6 pi 2 po", "", "cm", "188"}, {"1 m 80", "", "cm", "180"},     {"1,80 m", "", "cm", "180"},  {"175", "", "cm", "175"},
      {"71", "INH", "cm", "180"},     {"180", "lb", "kg", "82"},       {"180 lbs.", "", "kg", "82"}, {"82 kg", "lb", "kg", "82"},
      {"2", "days", "s", "172800"},   {"1 h 30 min", "", "s", "5400"}, {"90", "", "s", "90"},        {"500", "", "m", "500"},
      {"0.5", "km", "m", "500"},      {"tall", "", "cm", ""},          {"5 stone", "", "kg", ""}};
  for (const M& row : rows)
    BOOST_TEST(normalise_measure(row.text, row.unit, row.target).text == row.normal,
               row.text << " gave " << normalise_measure(row.text, row.unit, row.target).text);
  std::string currency;
  BOOST_TEST(normalise_money("$120", currency).text == "120.00");
  BOOST_TEST(currency == "");
  BOOST_TEST(normalise_money("1,200", currency).text == "1200.00");
  BOOST_TEST(normalise_money("120,50 CAD", currency).text == "120.50");
  BOOST_TEST(currency == "CAD");
  BOOST_TEST((normalise_money("a lot", currency).use == Use::none));
}

BOOST_AUTO_TEST_CASE(a_word_becomes_a_code_of_its_list_or_nothing) {
  static constexpr model::CodeRow rows[] = {{"FEMININE", "Feminine", "F\xC3\xA9minin"},
                                            {"OLD", "Old word", "Vieux mot", "", "", "2025-10-09", "NEW"},
                                            {"UNSURE", "Unsure", "Incertain", "", "", "", "", true}};
  static const model::CodeList closed{"gender", rows, false, {}};
  const CodeIndex words(closed);
  for (const char* text : {"FEMININE", "feminine", " Feminin ", "F\xC3\x89MININ"}) BOOST_TEST(words.find(text).text == "FEMININE", text);
  BOOST_TEST((words.find("F").use == Use::none));
  BOOST_TEST(words.find("F").code == "E-CODE-UNKNOWN");
  BOOST_TEST(words.find("OLD").code == "E-CODE-REPLACED");
  BOOST_TEST(words.find("unsure").code == "E-CODE-UNVERIFIED");
  BOOST_TEST((words.find("X-OWN").use == Use::none));
  const CodeIndex ucr(*model::code_list("ucr2_violation")), platform(*model::code_list("platform"));
  BOOST_TEST(ucr.find("1999").text == "1999");
  BOOST_TEST((ucr.find("15255").use == Use::none));
  BOOST_TEST(platform.find("X-OWN_1").text == "X-OWN_1");
  BOOST_TEST((platform.find("X-own").use == Use::none));
  BOOST_TEST(normalise_country("canada").text == "CA");
  BOOST_TEST(normalise_country("\xC3\x89tats-Unis").text == "US");
  BOOST_TEST(normalise_country("CAN").text == "CA");
  BOOST_TEST(normalise_language("Fran\xC3\xA7"
                                "ais")
                 .text == "fra");
  BOOST_TEST(normalise_language("en").text == "eng");
  BOOST_TEST(normalise_language("Ojibwe").text == "oji");
  BOOST_TEST(normalise_currency("cad").text == "CAD");
  BOOST_TEST((normalise_currency("$").use == Use::none));
}

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "normalise/ids.hpp"
#include "normalise/masking.hpp"
#include "normalise/tokens.hpp"

using namespace casebridge;
using namespace casebridge::normalise;

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_wire_document) {
  BOOST_TEST(to_text(uuid5({"Person", "example-ps", "tips", "71"})).size() == 36u);
  BOOST_TEST(to_text(uuid5({"Selector", "example-ps", "tips", "PHONE|705 555-0101"})) == "b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b");
  BOOST_TEST(to_text(uuid5({"Person", "example-ps", "tips", "71"})) == "c11374db-5a8f-5817-81de-c5782e1d10d4");
  BOOST_TEST(to_text(uuid5({"Occurrence", "example-ps", "tips", "XP-2099-0417"})) == "9c23107b-0236-5cd0-81e3-d6b0cf3fa5e8");
  Uuid id;
  BOOST_TEST((parse_uuid("c11374db-5a8f-5817-81de-c5782e1d10d4", id) && id == uuid5({"Person", "example-ps", "tips", "71"})));
  BOOST_TEST(!parse_uuid("c11374db-5a8f-5817-81de-c5782e1d10dg", id));
}

BOOST_AUTO_TEST_CASE(a_token_depends_on_key_kind_and_number_only) {
  const TokenKey key = TokenKey::from_bytes("k1", std::string(32, 'a')), other = TokenKey::from_bytes("k2", std::string(32, 'b'));
  const std::string token = key.token("SIN", "130692544");
  BOOST_TEST(is_token(token));
  BOOST_TEST(token.starts_with("tok:k1:"));
  BOOST_TEST(token == key.token("SIN", "130692544"));
  BOOST_TEST(token != key.token("SSN", "130692544"));
  BOOST_TEST(token.substr(7) != other.token("SIN", "130692544").substr(7));
  BOOST_TEST(token.find("130692544") == token.npos);
  BOOST_TEST(!is_token("tok:k1:short"));
  // HMAC-SHA-256 as RFC 4231 has it, first 160 bits, base32 (key padded to 32 bytes does not change an HMAC below block size only
  // if the pad is zero bytes: test case 1's 20 bytes of 0x0b).
  std::string rfc(20, '\x0b');
  rfc.resize(32, '\0');
  BOOST_TEST(TokenKey::from_bytes("t", rfc).token("Hi There", "").size() == std::string("tok:t:").size() + 32);
}

BOOST_AUTO_TEST_CASE(a_key_file_others_can_read_is_refused) {
  char dir[] = "/tmp/cbkeyXXXXXX";
  BOOST_REQUIRE(mkdtemp(dir) != nullptr);
  const std::string path = std::string(dir) + "/token.key";
  TokenKey::create(path, "k-2099");
  struct stat info;
  BOOST_REQUIRE(stat(path.c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777) == 0600u);
  BOOST_TEST(TokenKey::load(path).id() == "k-2099");
  BOOST_TEST(TokenKey::load(path).token("SIN", "1") == TokenKey::load(path).token("SIN", "1"));
  BOOST_CHECK_THROW(TokenKey::create(path, "again"), std::runtime_error);
  BOOST_REQUIRE(chmod(path.c_str(), 0644) == 0);
  BOOST_CHECK_THROW(TokenKey::load(path), std::runtime_error);
  std::ofstream(path) << "id: x\nkey: 12\n";
  BOOST_REQUIRE(chmod(path.c_str(), 0600) == 0);
  BOOST_CHECK_THROW(TokenKey::load(path), std::runtime_error);
  BOOST_CHECK_THROW(TokenKey::load(path + "-none"), std::runtime_error);
  unlink(path.c_str());
  rmdir(dir);
}

BOOST_AUTO_TEST_CASE(sensitive_numbers_in_running_text_are_masked) {
  const std::pair<const char*, const char*> rows[] = {{"SSN 078-05-1120 given", "SSN ***-**-**** given"},
                                                      {"Her SIN is 130 692 544.", "Her SIN is *** *** ***."},
                                                      {"NAS : 130692544", "NAS : *********"},
                                                      {"carte 1234-567-897", "carte ****-***-***"},
                                                      {"RAMQ TESE 8403 1512", "RAMQ TESE **** ****"},
                                                      {"078\xC2\xA0"
                                                       "05\xC2\xA0"
                                                       "1120",
                                                       "***\xC2\xA0**\xC2\xA0****"},
                                                      {"two: 078-05-1120, 130-692-544", "two: ***-**-****, ***-***-***"}};
  for (const auto& [text, masked] : rows) {
    std::string out;
    BOOST_TEST(mask_sensitive(text, out) > 0, text);
    BOOST_TEST(out == masked);
  }
  for (const char* text : {"Call 705-555-0101", "+1 705 555 0101", "occurrence 2099-0417", "on 2099-07-01 at 12:30", "plate ABCD 123",
                           "file 123456789012", "GO-123-456-789-0", "12 345 678"}) {
    std::string out;
    BOOST_TEST(mask_sensitive(text, out) == 0, text << " gave " << out);
  }
  for (const char* name : {"SSN", "PersonSSNIdentification", "social_security_number", "NAS", "SIN_NO", "HealthCardNumber",
                           "Num\xC3\xA9ro d'assurance sociale"})
    BOOST_TEST(names_sensitive(name), name);
  for (const char* name : {"BUSINESS", "SINCE", "NASA_ID", "Session", "PersonName"}) BOOST_TEST(!names_sensitive(name), name);
}

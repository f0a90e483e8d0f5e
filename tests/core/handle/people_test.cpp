// The rules about people, H1 to H3, H7 to H9, H12, H15 and H23, each with what must stay and what must still go. Synthetic.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "core/emit/case_text.hpp"
#include "handle/offences.hpp"

using namespace casebridge;
using namespace case_text;
using handle::Rule;
namespace fs = std::filesystem;

namespace {

std::string uuid(char c) { return "c11374db-5a8f-5817-81de-c5782e1d10d" + std::string(1, c); }
std::string line(const std::string& type, char id, const std::string& rest) {
  return "{\"recordType\":\"" + type + "\",\"id\":\"" + uuid(id) + "\",\"source\":[1,7000,10,70,7]," + rest + "}\n";
}
std::string link(char id, const std::string& type, char from, char to, const std::string& role = {}, const std::string& by = "SOURCE") {
  return line("Link", id,
              "\"type\":\"" + type + "\",\"from\":\"" + uuid(from) + "\",\"to\":\"" + uuid(to) + "\"," +
                  (role.empty() ? "" : "\"role\":\"" + role + "\",") + "\"assertedBy\":\"" + by + "\"");
}
std::string person(char id, const std::string& name, const std::string& more = {}) {
  return line("Person", id, "\"names\":[{\"full\":\"" + name + "\"}]" + more);
}
std::string phone(char id, const std::string& number) { return line("Selector", id, "\"kind\":\"PHONE\",\"value\":\"" + number + "\""); }
std::string accused(char c) { return "\"accused\":\"" + uuid(c) + "\","; }

struct Keys {
  fs::path path = fs::temp_directory_path() / ("cb-people-" + std::to_string(::getpid()));
  Keys() {
    std::ofstream(path) << std::string(32, 'k');
    ::chmod(path.c_str(), 0600);
  }
  ~Keys() { fs::remove(path); }
  std::string policy(const std::string& more) const {
    return "policy: synthetic\nrecipients:\n  there:\n    agency: example-there\n    purposes: [CSPA_80]\n    legalAuthorities: [CSPA_80, "
           "CC_INTERCEPT]\n    tlp: AMBER\n"
           "    types: [Person, Occurrence, Link, Location, Selector, Charge, Episode, Advertisement, Custody, Order]\n    unlisted: "
           "true\n    keyId: k\n    key: " +
           path.string() + "\n" + more;
  }
};

struct Sent {
  std::string text;
  std::unique_ptr<handle::Gate> gate;
  bool has(const std::string& word) const { return text.find(word) != std::string::npos; }
  uint64_t operator[](Rule rule) const { return gate->ledger()[rule]; }
};

// The records as JSON lines for `there` (or, without a policy, for self).
Sent sent(const std::string& data, const std::string* more, const std::string& authority = "CSPA_80",
          std::vector<std::string>* refused = nullptr) {
  const Keys keys;
  const std::string source =
      R"({"recordType":"Source","source":1,"name":"a.csv","sha256":"c483c47ce1e9211b14980c2d890b29d722ce0092ec0358ff4cb624ba10b00161","bytes":1,"agency":"example-ps","agencyType":"MUNICIPAL_POLICE","system":"t","importer":"t 1","mappingVersion":"t/1","recordedAt":"2099-01-01T00:00:00Z","legalAuthority":"CSPA_DUTY","handling":{"handlingCode":"P","tlp":"AMBER"}})"
      "\n";
  RecordBatch batch = records(source + data);
  Sent out;
  out.gate = more ? handle::Gate::for_recipient(handle::parse_policy(keys.policy(*more), "p"), "there", "CSPA_80", authority, "2099-07-15")
                  : handle::Gate::for_self("2099-07-15");
  emit::TextSink sink(out.text);
  const auto writer = emit::make_jsonl_writer(sink);
  const std::span<const Record> rest = std::span(batch.records).subspan(1);
  Record head;
  head.type = model::record_type("Dataset");
  writer->begin(out.gate->dataset(head).cleared());
  writer->lines(out.gate->source(batch.records[0]).cleared());
  if (more) {
    out.gate->survey(rest);
    writer->lines(out.gate->settle().cleared());
  }
  const auto passed = out.gate->pass(rest);
  writer->lines(passed.cleared());
  if (refused)
    for (const auto& one : passed.refused()) refused->push_back(one.finding.code);
  return out;
}
Sent others(const std::string& data, const std::string& more = {}, const std::string& authority = "CSPA_80") {
  return sent(data, &more, authority);
}

}  // namespace

BOOST_AUTO_TEST_CASE(h1_a_youth_charge_whose_clock_has_run_out_leaves_no_more) {
  const std::string head = person('0', "EXEMPLE ADULTE");
  const std::string ended =
      line("Charge", '1', accused('0') + R"("description":"CANARY-ENDED","youth":true,"outcome":"WITHDRAWN","outcomeDate":"2099-01-01")");
  const std::string open =
      line("Charge", '2', accused('0') + R"("description":"STILL-OPEN","youth":true,"outcome":"WITHDRAWN","outcomeDate":"2099-06-01")");
  const Sent self = sent(head + ended + open, nullptr);
  BOOST_TEST(!self.has("CANARY"));
  BOOST_TEST(self.has("STILL-OPEN"));
  BOOST_TEST(self[Rule::access_ended] == 1u);
  const Sent there = others(head + ended + open, "    youthBasis: YCJA_119\n");
  BOOST_TEST(!there.has("CANARY"));
  BOOST_TEST(there.has("STILL-OPEN"));
  RecordBatch batch = records(ended + open);
  BOOST_TEST(self.gate->ended(batch.records[0], nullptr));
  BOOST_TEST(!self.gate->ended(batch.records[1], nullptr));
}

BOOST_AUTO_TEST_CASE(h2_h3_extrajudicial_measures_and_copies_without_an_end_stay) {
  const std::string data =
      person('0', "EXEMPLE") + line("Charge", '1', accused('0') + R"("description":"CANARY-EJM","youth":true,"outcome":"EJM")") +
      line(
          "Charge", '2',
          accused('0') + R"("description":"CANARY-APART","youth":true,"outcome":"LAID","handling":{"caveats":["YCJA_SEPARATE_DESTROY"]})") +
      line(
          "Charge", '3',
          accused('0') +
              R"("description":"APART","youth":true,"outcome":"LAID","handling":{"caveats":["YCJA_SEPARATE_DESTROY"],"destroyBy":"2099-12-31"})");
  const Sent there = others(data, "    youthBasis: YCJA_125\n    caveats: [YCJA_SEPARATE_DESTROY]\n");
  BOOST_TEST(!there.has("CANARY"));
  BOOST_TEST(there.has("\"APART\""));
  BOOST_TEST(there[Rule::extrajudicial] == 1u);
  BOOST_TEST(there[Rule::youth] == 1u);
  BOOST_TEST(others(data)[Rule::youth] == 2u);  // no basis: none of them
}

BOOST_AUTO_TEST_CASE(h7_private_records_need_the_reference_of_a_basis) {
  const Keys keys;
  BOOST_CHECK_THROW(handle::parse_policy(keys.policy("    caveats: [CC278_THERAPEUTIC]\n"), "p"), handle::PolicyError);
  const std::string data = person('0', "CANARY-THERAPY", R"(,"handling":{"caveats":["CC278_THERAPEUTIC"]})");
  const Sent kept = others(data);
  BOOST_TEST(!kept.has("CANARY"));
  BOOST_TEST(kept[Rule::private_record] == 1u);
  BOOST_TEST(others(data, "    caveats: [CC278_THERAPEUTIC]\n    privateRecordBasis: order 99-0142\n").has("CANARY-THERAPY"));
}

BOOST_AUTO_TEST_CASE(h7_a_notice_says_that_private_records_are_held_and_nothing_else) {
  const std::string data = person('0', "CANARY-THERAPY", R"(,"handling":{"caveats":["CC278_THERAPEUTIC"]})") +
                           person('1', "CANARY-INFORMER", R"(,"handling":{"caveats":["CC278_THERAPEUTIC","INFORMER"]})") +
                           person('2', "EXEMPLE OPEN");
  const Sent told = others(data, "    privateRecordNotice: true\n");
  BOOST_TEST(!told.has("CANARY"));
  const std::vector<std::string> notices = told.gate->notices();
  BOOST_REQUIRE_EQUAL(notices.size(), 1u);  // of the second another rule lets nothing be known
  BOOST_TEST(notices[0].size() == 36u);
  BOOST_TEST(notices[0] != uuid('0'));
  BOOST_TEST(others(data).gate->notices().empty());
  BOOST_TEST(sent(data, nullptr).gate->notices().empty());
}

BOOST_AUTO_TEST_CASE(h8_what_is_published_identifies_nobody_under_a_ban) {
  const std::string data =
      person('0', "ACCUSED ADULT") + person('1', "CANARY-VICTIM") + person('2', "CANARY-MOTHER") +
      person('3', "CANARY-MARKED", R"(,"handling":{"caveats":["PUBLICATION_BAN"]})") + person('4', "PASSER BY") +
      phone('5', "+17055550142") + link('6', "USES", '1', '5') + link('7', "FAMILY", '2', '1') +
      line(
          "Charge", '8',
          accused('0') +
              R"("statute":{"code":"CC-279.011"},"description":"CANARY-TOWN","courtFile":"CANARY-FILE","youth":false,"outcome":"LAID","victim":[")" +
              uuid('1') + "\"]") +
      line("Charge", '9', accused('0') + R"("statute":{"code":"CC-346"},"description":"CANARY-346","youth":false)") +
      line("Charge", 'a', accused('0') + R"("statute":{"code":"CC-467.12"},"description":"NO-BAN","youth":false)") +
      line("Charge", 'b', accused('0') + R"("description":"CANARY-UNNAMED","youth":false)") +
      line("Charge", 'c', accused('4') + R"("description":"CANARY-YOUNG","youth":true)") + line("Person", 'd', R"("gender":"F")") +
      link('e', "FAMILY", 'd', '0');
  const Sent press = others(data, "    audience: [publisher]\n");
  for (const char* word : {"CANARY", "+17055550142", "PASSER BY"}) BOOST_TEST(!press.has(word), word << " in " << press.text);
  for (const char* word : {"ACCUSED ADULT", "NO-BAN", "CC-279.011"}) BOOST_TEST(press.has(word), word);
  BOOST_TEST(press[Rule::publication_ban] >= 6u);
  const Sent police = others(data, "    caveats: [PUBLICATION_BAN]\n");
  for (const char* word : {"CANARY-VICTIM", "CANARY-MOTHER", "CANARY-MARKED", "CANARY-TOWN", "+17055550142"})
    BOOST_TEST(police.has(word), word);
  const Sent lifted = others(data, "    audience: [publisher]\n    bansLifted: [CANARY-FILE]\n");
  BOOST_TEST(lifted.has("CANARY-TOWN"));
  BOOST_TEST(lifted.has("CANARY-VICTIM"));
  BOOST_TEST(!lifted.has("CANARY-MARKED"));
  BOOST_TEST(!lifted.has("CANARY-UNNAMED"));
  const Keys keys;
  for (const char* more : {"    audience: [publisher]\n    caveats: [PUBLICATION_BAN]\n",
                           "    audience: [publisher]\n    youthBasis: YCJA_119\n", "    audience: [crowd]\n"})
    BOOST_CHECK_THROW(handle::parse_policy(keys.policy(more), "p"), handle::PolicyError);
}

BOOST_AUTO_TEST_CASE(h8_sections_are_read_however_they_are_written) {
  using namespace handle;
  for (const char* text : {"CC-279.01", "s. 279.01(1)", "C.C. 279.01", "279.01"}) BOOST_TEST(section_of(text) == "279.01", text);
  for (const char* banned : {"279.01", "279.011", "279.02", "279.03", "286.1", "286.2", "286.3", "153.1"})
    BOOST_TEST(banned_section(banned), banned);
  for (const char* open : {"279", "279.04", "467.12", "", "28"}) BOOST_TEST(!banned_section(open), open);
}

BOOST_AUTO_TEST_CASE(h9_no_program_makes_a_person_an_offender) {
  const std::string data = person('0', "EXEMPLE") + line("Occurrence", '1', R"("occurrenceNumber":"XP-1","kind":"MISSING_PERSON")");
  std::vector<std::string> refused;
  for (const char* by : {"RULE", "MODEL"})
    BOOST_TEST(!sent(data + link('2', "ROLE_IN", '0', '1', "SUSPECT", by), nullptr, {}, &refused).has("SUSPECT"));
  BOOST_TEST(!sent(data + link('2', "CONTROLS", '0', '1', "", "RULE"), nullptr, {}, &refused).has("CONTROLS"));
  BOOST_TEST(refused == (std::vector<std::string>{"E-HANDLE-INFERRED", "E-HANDLE-INFERRED", "E-HANDLE-INFERRED"}));
  for (const char* by : {"SOURCE", "ANALYST"})
    BOOST_TEST(sent(data + link('2', "ROLE_IN", '0', '1', "SUSPECT", by), nullptr).has("SUSPECT"));
  BOOST_TEST(sent(data + link('2', "ROLE_IN", '0', '1', "VICTIM", "RULE"), nullptr).has("VICTIM"));
  BOOST_TEST(!others(data + link('2', "ROLE_IN", '0', '1', "SUSPECT", "RULE")).has("SUSPECT"));
}

BOOST_AUTO_TEST_CASE(h9_own_services_stay_out_of_a_view_of_offenders) {
  const std::string data =
      person('0', "EXEMPLE") + line("Occurrence", '1', R"("occurrenceNumber":"XP-1","kind":"OTHER","offences":[{"code":"286.4"}])") +
      link('2', "ROLE_IN", '0', '1', "VICTIM") + link('3', "ROLE_IN", '0', '1', "SUSPECT") +
      line("Charge", '4', accused('0') + R"("statute":{"code":"CC-286.4"},"description":"OWN-ADS","youth":false)") +
      line("Charge", '5', accused('0') + R"("statute":{"code":"CC-346"},"description":"EXTORTION","youth":false)") +
      line("Advertisement", '6', R"("site":"X-EXAMPLE","captured":"2099-01-01","title":"OWN-AD")") + link('7', "DEPICTED_IN", '0', '6');
  const Sent view = others(data, "    audience: [offenders]\n");
  for (const char* word : {"OWN-ADS", "OWN-AD\"", "\"SUSPECT\""}) BOOST_TEST(!view.has(word), word << " in " << view.text);
  BOOST_TEST(view.has("EXTORTION"));
  BOOST_TEST(view[Rule::victim] == 3u);
  const Sent crown = others(data);
  for (const char* word : {"OWN-ADS", "OWN-AD\"", "\"SUSPECT\"", "\"VICTIM\""}) BOOST_TEST(crown.has(word), word);
}

BOOST_AUTO_TEST_CASE(h9_nobody_is_an_offender_where_it_is_kept_back_that_they_are_a_victim) {
  const std::string hidden = R"({"recordType":"Link","id":")" + uuid('2') + R"(","source":[1,1,1,1,1],"type":"ROLE_IN","from":")" +
                             uuid('0') + R"(","to":")" + uuid('1') +
                             R"(","role":"VICTIM","assertedBy":"SOURCE","handling":{"caveats":["SEALED"]}})"
                             "\n";
  const std::string data = person('0', "EXEMPLE") + line("Occurrence", '1', R"("occurrenceNumber":"XP-1","kind":"OTHER")") +
                           link('3', "ROLE_IN", '0', '1', "RECRUITER");
  BOOST_TEST(others(data).has("RECRUITER"));
  BOOST_TEST(others(data + link('2', "ROLE_IN", '0', '1', "VICTIM")).has("RECRUITER"));
  const Sent there = others(data + hidden);
  BOOST_TEST(!there.has("RECRUITER"));
  BOOST_TEST(there[Rule::victim] == 1u);
}

BOOST_AUTO_TEST_CASE(h12_legal_calls_and_intercepts) {
  const std::string calls = line("Custody", '1',
                                 R"("subject":")" + uuid('0') + R"(","event":"CALL","at":{"start":"2099-01-01"},"facility":")" + uuid('3') +
                                     R"(","unit":"CANARY-LEGAL","legalCall":true)");
  const std::string heard = person('2', "CANARY-HEARD", R"(,"handling":{"caveats":["INTERCEPT"]})");
  const Sent there = others(person('0', "EXEMPLE") + line("Location", '3', R"("kind":"CUSTODY_FACILITY","names":["X"])") + calls + heard,
                            "    caveats: [INTERCEPT]\n");
  BOOST_TEST(!there.has("CANARY"));
  BOOST_TEST(there[Rule::legal_call] == 1u);
  BOOST_TEST(there[Rule::caveat] == 1u);
  BOOST_TEST(others(heard, "    caveats: [INTERCEPT]\n", "CC_INTERCEPT").has("CANARY-HEARD"));
}

BOOST_AUTO_TEST_CASE(h15_of_who_does_not_want_contact_only_that_they_were_located) {
  const std::string found = line(
      "Occurrence", '1',
      R"("occurrenceNumber":"XP-1","kind":"MISSING_PERSON","reportedAt":"2099-06-01","summary":{"en":"CANARY-SUMMARY"},"missing":{"circumstances":["AWOL_PLACEMENT"],"outcome":"LOCATED_NO_DISCLOSE","locatedAt":"2099-06-09","daysMissing":8})");
  const std::string data = person('0', "EXEMPLE SOUGHT") + found + link('2', "ROLE_IN", '0', '1', "MISSING_PERSON") +
                           phone('3', "+17055550142") + link('4', "USES", '0', '3') + phone('5', "+17055550142") +
                           line("Location", '6', R"("kind":"RESIDENCE","civic":{"full":"1 CANARY Street"})") +
                           link('7', "RESIDES_AT", '0', '6') +
                           line("Custody", '8',
                                R"("subject":")" + uuid('0') + R"(","event":"BOOKING","at":{"start":"2099-06-09"},"facility":")" +
                                    uuid('6') + R"(","unit":"CANARY-UNIT")");
  const Sent there = others(data);
  for (const char* word : {"CANARY", "+17055550142", "2099-06-09", "daysMissing"})
    BOOST_TEST(!there.has(word), word << " in " << there.text);
  for (const char* word : {"EXEMPLE SOUGHT", "LOCATED_NO_DISCLOSE", "XP-1", "2099-06-01"}) BOOST_TEST(there.has(word), word);
  BOOST_TEST(there[Rule::unwilling] >= 4u);
  std::string contact = data;
  for (size_t at; (at = contact.find("LOCATED_NO_DISCLOSE")) != std::string::npos;) contact.replace(at, 19, "LOCATED_SAFE");
  for (const char* word : {"CANARY-SUMMARY", "+17055550142", "2099-06-09", "CANARY Street"}) BOOST_TEST(others(contact).has(word), word);
}

BOOST_AUTO_TEST_CASE(h23_consent_taken_back) {
  const std::string data = person('0', "CANARY-WITHDRAWN", R"(,"consent":{"given":true,"withdrawn":"2099-07-01"})") +
                           person('1', "CANARY-REFUSED", R"(,"consent":{"given":false},"handling":{"caveats":["SURVIVOR_CONSENT"]})") +
                           person('2', "CONSENTING", R"(,"consent":{"given":true},"handling":{"caveats":["SURVIVOR_CONSENT"]})") +
                           phone('3', "+17055550142") + link('4', "USES", '0', '3') + phone('5', "+17055550143") +
                           link('6', "USES", '0', '5') + link('7', "USES", '2', '5');
  const Sent there = others(data, "    caveats: [SURVIVOR_CONSENT]\n");
  for (const char* word : {"CANARY", "+17055550142"}) BOOST_TEST(!there.has(word), word << " in " << there.text);
  for (const char* word : {"CONSENTING", "+17055550143"}) BOOST_TEST(there.has(word), word);
  BOOST_TEST(there[Rule::consent] == 3u);
  BOOST_TEST(sent(data, nullptr).has("CANARY-WITHDRAWN"));  // the custodian has to know, to tell who had it before
}

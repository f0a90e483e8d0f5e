// Canaries: words and numbers that must not get out, planted in records, findings and raw bytes, and looked for in
// everything that leaves: every writer, every form of findings, quarantine, loss report and messages. All synthetic.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <set>

#include <sys/stat.h>
#include <unistd.h>

#include "core/emit/case_text.hpp"
#include "emit/loss.hpp"
#include "emit/quarantine.hpp"
#include "emit/report.hpp"

using namespace casebridge;
using namespace case_text;
namespace fs = std::filesystem;

namespace {

struct Folder {
  fs::path path = fs::temp_directory_path() / ("cb-canary-" + std::to_string(::getpid()));
  Folder() {
    fs::remove_all(path);
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string all() const {  // every byte of every file
    std::string out;
    for (const auto& entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file()) out += entry.path().filename().string() + '\n' + file(entry.path().string());
    return out;
  }
};

const std::string kPicture = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

std::string uuid(char c) { return "c11374db-5a8f-5817-81de-c5782e1d10d" + std::string(1, c); }
std::string head(const std::string& type, char id, int source = 1) {
  return "{\"recordType\":\"" + type + "\",\"id\":\"" + uuid(id) + "\",\"localId\":\"CANARY-LOCAL\",\"source\":[" + std::to_string(source) +
         ",7000,10,70,7],";
}
std::string source_line(int n, const std::string& handling) {
  return "{\"recordType\":\"Source\",\"source\":" + std::to_string(n) + ",\"name\":\"CANARY-FILE-" + std::to_string(n) +
         ".csv\",\"sha256\":\"c483c47ce1e9211b14980c2d890b29d722ce0092ec0358ff4cb624ba10b0016" + std::to_string(n) +
         "\",\"bytes\":424242,\"agency\":\"example-ps\",\"agencyType\":\"MUNICIPAL_POLICE\",\"system\":\"t\",\"importer\":\"t "
         "1\",\"mappingVersion\":\"t/1\","
         "\"recordedAt\":\"2099-01-01T00:00:00Z\",\"legalAuthority\":\"CSPA_DUTY\",\"handling\":{" +
         handling + "}}\n";
}

// 0..f: ids. Only 0 (a person), 1 (an occurrence), 2 (their link) and d (an organization) may reach the other recipient.
std::string data() {
  return R"({"recordType":"Dataset","schemaVersion":"1.0.0","codeListVersions":"2026-11-22","producedBy":"t","producedAt":"2099-01-01T00:00:00Z","recipient":"nobody"})"
         "\n" +
         source_line(1, R"("handlingCode":"P","tlp":"AMBER")") +
         source_line(2, R"("handlingCode":"P","tlp":"AMBER","releasableTo":["elsewhere"])") + head("Person", '0') +
         R"("names":[{"full":"TESTARD EXEMPLE"}],"identifiers":[{"type":"SIN","value":"046-454-286"},{"type":"SSN","value":"tok:k1:abcdefghijklmnopqrstuvwxyz234567"},{"type":"RMS_PERSON","value":"71"}],"indigenousIdentity":["METIS"],"original":{"/names/0/full":"TESTARD, EXEMPLE CANARY-ORIGINAL"},"ext":{"sin":["046454286"],"photo":[")" +
         kPicture +
         R"("],"note":["CANARY-EXT"]}})"
         "\n" +
         head("Occurrence", '1') +
         R"("occurrenceNumber":"XP-1","kind":"MISSING_PERSON","summary":{"en":"CANARY-RESTRICTED words","fr":"Il a dit: NAS 046 454 286. data:image/png;base64,)" +
         kPicture +
         R"("},"handling":{"fieldMarks":[{"field":"/summary/en","caveats":["HEALTH"]}]}})"
         "\n" +
         head("Link", '2') + R"("type":"ROLE_IN","from":")" + uuid('0') + R"(","to":")" + uuid('1') +
         R"(","role":"MISSING_PERSON","assertedBy":"SOURCE"})"
         "\n" +
         head("Location", '3') +
         R"("kind":"SAFE_LOCATION","civic":{"full":"1 CANARY-SAFE Street"}})"
         "\n" +
         head("Location", '4') +
         R"("kind":"RESIDENCE","civic":{"full":"1 CANARY-SAFE Street"}})"
         "\n" +
         head("Order", '5') + R"("type":"HT_RESTRAINING","issued":"2099-01-01","protected":[")" + uuid('0') +
         R"("],"conditions":[{"text":{"en":"not near CANARY-NEAR"}}]})"
         "\n" +
         head("Link", '6') + R"("type":"USES","from":")" + uuid('0') + R"(","to":")" + uuid('7') +
         R"(","assertedBy":"SOURCE"})"
         "\n" +
         head("Selector", '7') +
         R"("kind":"PHONE","value":"+17055550142"})"
         "\n" +
         head("Selector", '8') +
         R"("kind":"PHONE","value":"+17055550142"})"
         "\n" +
         head("Charge", '9') + R"("accused":")" + uuid('d') +
         R"(","description":"CANARY-YOUTH","youth":true})"
         "\n" +
         head("Occurrence", 'a') +
         R"("occurrenceNumber":"CANARY-MPA","kind":"MISSING_PERSON","handling":{"caveats":["MPA_ONLY"]}})"
         "\n" +
         head("Person", 'b', 2) +
         R"("names":[{"full":"CANARY-RELEASE"}]})"
         "\n" +
         head("Person", 'c') +
         R"("names":[{"full":"CANARY-GRANT"}],"handling":{"governance":{"body":"Exemple","grantId":"g1","grantExpires":"2098-12-31"}}})"
         "\n" +
         head("Organization", 'd') +
         R"("names":[{"full":"Exemple"}],"type":"NGO"})"
         "\n" +
         head("Person", 'e') +
         R"("names":[{"full":"CANARY-INFORMER"}],"handling":{"caveats":["INFORMER"]}})"
         "\n" +
         "{\"recordType\":\"Cluster\",\"id\":\"" + uuid('f') + R"(","source":[0],"entityType":"Person","members":[{"ref":")" + uuid('0') +
         R"("},{"ref":")" + uuid('b') +
         R"("}],"method":"CANARY-CLUSTER","modelVersion":"1","handling":{"handlingCode":"P","tlp":"AMBER"}})"
         "\n";
}

const std::vector<std::string> kNever = {"046-454-286", "046 454 286", "046454286", kPicture, kPicture.substr(20, 40)};
std::vector<std::string> never_to_others() {
  std::vector<std::string> out = kNever;
  for (const char* word : {"CANARY", "tok:k1", "METIS", "SAFE_LOCATION", "+17055550142", "WITHHELD", "withheld", "424242", "7000",
                           "c483c47c", "elsewhere", "5817-81de"})
    out.push_back(word);
  return out;
}

void silent(const std::string& text, const std::vector<std::string>& canaries, const std::string& where) {
  for (const std::string& canary : canaries)
    BOOST_TEST((text.find(canary) == std::string::npos), where << " lets out " << canary << ":\n" << text);
}

std::string policy_text(const fs::path& folder, const std::string& more = {}) {
  const std::string key = (folder / "key").string();
  emit::FileSink sink(key);
  sink.write(std::string(32, 'k'));
  sink.commit();
  return "policy: synthetic\nrecipients:\n  crown:\n    agency: example-crown\n    purposes: [CSPA_80]\n    legalAuthorities: [CSPA_80]\n  "
         "  tlp: AMBER\n"
         "    types: [Person, Occurrence, Link, Location, Order, Selector, Charge, Organization, Cluster, Evidence]\n"
         "    unlisted: true\n    key: " +
         key + "\n    keyId: k1\n" + more;
}
std::unique_ptr<handle::Gate> crown(const fs::path& folder, const std::string& more = {}) {
  return handle::Gate::for_recipient(handle::parse_policy(policy_text(folder, more), "policy.yaml"), "crown", "CSPA_80", "CSPA_80",
                                     "2099-07-15");
}

// The data set through the gate into a writer, as the pipeline does it.
void run(handle::Gate& gate, emit::CaseWriter& writer, std::vector<Finding>* findings = nullptr) {
  RecordBatch batch = records(data());
  const auto is = [](const Record& r, const char* name) { return r.type->name == name; };
  const std::span<const Record> rest = std::span(batch.records).subspan(3);
  writer.begin(gate.dataset(batch.records[0]).cleared());
  for (size_t i = 1; i < 3; ++i) {
    BOOST_REQUIRE(is(batch.records[i], "Source"));
    writer.lines(gate.source(batch.records[i]).cleared());
  }
  if (gate.needs_survey()) {
    gate.survey(rest);
    writer.lines(gate.settle().cleared());
  }
  const auto out = gate.pass(rest);
  writer.lines(out.cleared());
  if (findings) *findings = out.findings();
  writer.finish();
}

std::string as_text(handle::Gate& gate, bool xml) {
  std::string out;
  emit::TextSink sink(out);
  run(gate, *(xml ? emit::make_xml_writer(sink) : emit::make_jsonl_writer(sink)));
  return out;
}

// Findings that quote the canaries, about records that may and may not be known.
std::vector<Finding> quoting() {
  std::vector<Finding> out;
  for (const char id : {'0', '1', 'b', 'e'}) {
    Finding f;
    f.code = "demo/quotes";
    f.args = {"\"046 454 286\", 046454286, data:image/png;base64," + kPicture + " and CANARY-RESTRICTED stood here"};
    f.input = "CANARY-FILE-1.csv";
    f.source = 1;
    f.offset = 7000;
    f.length = 10;
    f.line = 70;
    f.record_id = uuid(id);
    f.field_path = "/summary/en";
    out.push_back(f);
  }
  out.push_back(out[0]);
  out.back().record_id.clear();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_writer_lets_a_sensitive_number_or_media_out_even_to_self) {
  const Folder folder;
  for (const bool xml : {false, true}) {
    const auto gate = handle::Gate::for_self("2099-07-15");
    const std::string text = as_text(*gate, xml);
    silent(text, kNever, xml ? "XML for self" : "JSON for self");
    BOOST_TEST(text.find("CANARY-RESTRICTED") != std::string::npos);  // the custodian's own words stay
    BOOST_TEST(text.find("tok:k1:") != std::string::npos);
    BOOST_TEST(text.find(xml ? "<recipient>self<" : "\"recipient\":\"self\"") != std::string::npos);
    BOOST_TEST(gate->ledger()[handle::Rule::clear_number] >= 3u);
    BOOST_TEST(gate->ledger()[handle::Rule::media] >= 2u);
  }
  const auto gate = handle::Gate::for_self("2099-07-15");
  std::vector<Finding> findings;
  run(*gate, *emit::make_csv_writer((folder.path / "tables").string()), &findings);
  silent(folder.all(), kNever, "CSV for self");
  std::set<std::string> codes;
  for (const Finding& f : findings) codes.insert(f.code);
  BOOST_TEST(codes == (std::set<std::string>{"E-HANDLE-CLEAR-NUMBER", "E-HANDLE-MEDIA"}));
}

BOOST_AUTO_TEST_CASE(no_writer_lets_anything_withheld_out_to_another_recipient) {
  const Folder keys;
  for (const bool xml : {false, true}) {
    const auto gate = crown(keys.path);
    const std::string text = as_text(*gate, xml);
    silent(text, never_to_others(), xml ? "XML" : "JSON");
    BOOST_TEST(text.find("TESTARD EXEMPLE") != std::string::npos);  // what may go goes
    BOOST_TEST(text.find("XP-1") != std::string::npos);
    BOOST_TEST(text.find("crown") != std::string::npos);
  }
  const Folder out;
  const auto gate = crown(keys.path);
  const fs::path tables = out.path / "tables";
  run(*gate, *emit::make_csv_writer(tables.string()));
  std::string all;
  for (const auto& entry : fs::directory_iterator(tables)) {
    all += file(entry.path().string());
    struct stat about {};
    BOOST_REQUIRE(::stat(entry.path().c_str(), &about) == 0);
    BOOST_TEST((about.st_mode & 0777) == 0600u);
  }
  silent(all, never_to_others(), "CSV");
}

BOOST_AUTO_TEST_CASE(what_leaves_is_a_whole_data_set_without_a_trace_of_what_stayed) {
  const Folder keys;
  const auto gate = crown(keys.path);
  const std::string text = as_text(*gate, false);
  RecordBatch batch = records(text);
  std::set<std::string> ids, refs, types;
  size_t sources = 0;
  for (const Record& record : batch.records) {
    if (record.type->name == "Source") {
      ++sources;
      BOOST_TEST(record.source == sources);
      continue;
    }
    if (record.type->name == "Dataset") continue;
    std::string id;
    emit::append_uuid(id, record.id);
    ids.insert(id);
    types.insert(std::string(record.type->name));
    BOOST_TEST(record.place.line == 1u);
    for (const auto* values : {&record.values, &record.block_values})
      for (const Value& v : *values)
        if (model::node(v.field).type == model::ValueType::ref) refs.insert(std::string(v.text));
  }
  BOOST_TEST(sources == 1u);
  BOOST_TEST(types == (std::set<std::string>{"Link", "Occurrence", "Order", "Organization", "Person"}));
  for (const std::string& ref : refs) BOOST_TEST(ids.contains(ref), ref << " points at nothing");
  BOOST_TEST(text.find("\"counts\":{\"Link\":1,\"Occurrence\":1,\"Order\":1,\"Organization\":1,\"Person\":1}") != std::string::npos);
  using handle::Rule;
  const auto& ledger = gate->ledger();
  BOOST_TEST(ledger[Rule::safe_location] + ledger[Rule::protected_person] >= 4u);
  for (const Rule rule : {Rule::youth, Rule::missing_person, Rule::release_to, Rule::governed, Rule::informer, Rule::reference})
    BOOST_TEST(ledger[rule] >= 1u, handle::rule_id(rule));
  for (const Rule rule : {Rule::trait, Rule::field_mark, Rule::unmapped, Rule::clear_number})
    BOOST_TEST(ledger[rule] >= 1u, handle::rule_id(rule));
}

BOOST_AUTO_TEST_CASE(pseudonyms_are_stable_for_one_recipient_and_purpose_and_join_no_two) {
  const Folder keys;
  const auto one = as_text(*crown(keys.path), false), again = as_text(*crown(keys.path), false);
  BOOST_TEST(one == again);
  const std::string other_policy = policy_text(keys.path) +
                                   "  court:\n    agency: example-court\n    purposes: [CSPA_80]\n    legalAuthorities: [CSPA_80]\n    "
                                   "tlp: AMBER\n    types: [Person, Organization]\n    unlisted: true\n    key: " +
                                   (keys.path / "key").string() + "\n    keyId: k1\n";
  const auto gate = handle::Gate::for_recipient(handle::parse_policy(other_policy, "p"), "court", "CSPA_80", "CSPA_80", "2099-07-15");
  RecordBatch a = records(one), b = records(as_text(*gate, false));
  std::set<Uuid> ids;
  for (const Record& r : a.records)
    if (!r.id.nil()) ids.insert(r.id);
  for (const Record& r : b.records) BOOST_TEST(!ids.contains(r.id));
}

BOOST_AUTO_TEST_CASE(no_form_of_findings_lets_a_canary_out) {
  const Folder keys;
  for (const auto format : {emit::ReportFormat::text, emit::ReportFormat::jsonl, emit::ReportFormat::csv, emit::ReportFormat::sarif,
                            emit::ReportFormat::junit, emit::ReportFormat::html}) {
    const auto self = handle::Gate::for_self("2099-07-15");
    const auto other = crown(keys.path);
    as_text(*other, false);
    for (const auto* gate : {self.get(), other.get()}) {
      std::string out;
      emit::TextSink sink(out);
      const auto writer = emit::make_finding_writer(format, sink, {"0.1.0", "2099-01-01T00:00:00Z", gate->recipient()});
      size_t passed = 0;
      for (const Finding& f : quoting())
        if (const auto cleared = gate->pass(f)) writer->write(*cleared), ++passed;
      writer->finish();
      silent(out, gate == self.get() ? kNever : never_to_others(), "findings " + std::to_string(static_cast<int>(format)));
      BOOST_TEST(passed == (gate == self.get() ? 5u : 2u));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_finding_about_a_marked_or_sensitive_field_quotes_nothing) {
  const auto gate = handle::Gate::for_self("2099-07-15");
  RecordBatch batch = records(data());
  const Finding f = quoting()[1];
  BOOST_TEST(gate->pass(f, &batch.records[4])->get().args[0] == "•••");
  Finding trait = f;
  trait.field = model::field(*model::record_type("Person"), "indigenousIdentity")->tag;
  BOOST_TEST(gate->pass(trait)->get().args[0] == "•••");
}

BOOST_AUTO_TEST_CASE(raw_bytes_messages_quarantine_and_loss_are_masked) {
  const Folder folder, keys;
  const auto self = handle::Gate::for_self("2099-07-15");
  const auto other = crown(folder.path);
  silent(self->show("a;046454286;" + kPicture).get(), kNever, "show");
  silent(other->show("CANARY").get(), {"CANARY"}, "show to others");
  const std::string q = (folder.path / "quarantine").string();
  {
    emit::Quarantine quarantine(q, *self);
    Finding reason = quoting()[0];
    quarantine.add({"a.csv", 1, {10, 40, 2, 1}, "TESTARD;046 454 286;x", {reason}});
    quarantine.add({"a.csv", 1, {50, 140, 3, 1}, "x;data:image/png;base64," + kPicture, {reason}});
    quarantine.finish();
  }
  silent(file(q + "/index.jsonl"), kNever, "index");
  silent(file(q + "/raw.bin"), {kPicture}, "raw.bin");  // media are not even kept
  BOOST_TEST(file(q + "/raw.bin") == "TESTARD;046 454 286;x");
  const auto entries = emit::list_quarantine(q, *self);
  BOOST_REQUIRE(entries.size() == 2u);
  BOOST_TEST(entries[0].excerpt == "TESTARD;*** *** ***;x");
  BOOST_TEST(!entries[1].kept);
  std::string rejects;
  emit::TextSink sink(rejects);
  emit::write_rejects(entries, sink);
  silent(rejects, kNever, "rejects");
  emit::LossReport loss;
  loss.add("a.csv", "x", "column 046 454 286", emit::LossReport::What::ext, "", 2);
  loss.add("a.csv", "x", "other", emit::LossReport::What::dropped, "not needed", 3);
  std::string report;
  emit::TextSink into(report);
  loss.write(into, *self);
  silent(report, kNever, "loss");
  BOOST_TEST(
      report ==
      "{\"loss\":1,\"totals\":{\"mapped\":0,\"ext\":2,\"dropped\":3,\"unkept\":0},\"inputs\":[\n{\"input\":\"a.csv\",\"format\":\"x\","
      "\"fields\":[\n"
      "  {\"field\":\"column *** *** ***\",\"ext\":2},\n  {\"field\":\"other\",\"dropped\":[{\"why\":\"not needed\",\"count\":3}]}]}]}\n");
}

BOOST_AUTO_TEST_CASE(what_no_policy_grants_is_refused_at_the_door) {
  const Folder keys;
  const auto policy = handle::parse_policy(policy_text(keys.path), "policy.yaml");
  const auto refused = [](const handle::PolicyError& e) { return e.refusal; };
  const auto faulty = [](const handle::PolicyError& e) { return !e.refusal && std::string(e.what()).starts_with("policy.yaml:"); };
  BOOST_CHECK_EXCEPTION(handle::Gate::for_recipient(policy, "press", "CSPA_80", "CSPA_80", "2099-07-15"), handle::PolicyError, refused);
  BOOST_CHECK_EXCEPTION(handle::Gate::for_recipient(policy, "crown", "MPA_4", "CSPA_80", "2099-07-15"), handle::PolicyError, refused);
  BOOST_CHECK_EXCEPTION(handle::Gate::for_recipient(policy, "crown", "CSPA_80", "CONSENT", "2099-07-15"), handle::PolicyError, refused);
  for (const char* more : {"    caveats: [INFORMER]\n", "    caveats: [FUTURE]\n", "    colour: red\n", "    traits: [Person/names]\n",
                           "    withhold: [Person/nothing]\n", "    youthBasis: ALL\n"})
    BOOST_CHECK_EXCEPTION(handle::parse_policy(policy_text(keys.path, more), "policy.yaml"), handle::PolicyError, faulty);
  ::chmod((keys.path / "key").c_str(), 0644);
  std::string text =
      "policy: p\nrecipients:\n  a: {agency: a, purposes: [CSPA_80], legalAuthorities: [CSPA_80], tlp: RED, types: [Person], key: " +
      (keys.path / "key").string() + ", keyId: k}\n";
  BOOST_CHECK_EXCEPTION(handle::parse_policy(text, "policy.yaml"), handle::PolicyError, faulty);
}

BOOST_AUTO_TEST_CASE(grants_open_exactly_what_they_name) {
  const Folder keys;
  const auto gate =
      crown(keys.path, "    caveats: [HEALTH]\n    youthBasis: YCJA_119\n    traits: [Person/indigenousIdentity]\n    originals: true\n");
  const std::string text = as_text(*gate, false);
  for (const char* word : {"CANARY-RESTRICTED", "CANARY-YOUTH", "METIS", "CANARY-ORIGINAL"})
    BOOST_TEST(text.find(word) != std::string::npos, word);
  silent(text,
         {"046-454-286", "046 454 286", kPicture, "CANARY-EXT", "CANARY-MPA", "CANARY-INFORMER", "CANARY-GRANT", "CANARY-RELEASE",
          "CANARY-SAFE", "CANARY-NEAR", "CANARY-CLUSTER"},
         "with grants");
}

BOOST_AUTO_TEST_CASE(a_record_without_readable_handling_is_refused_for_everyone) {
  const std::string text = data();
  RecordBatch batch = records(text);
  const auto gate = handle::Gate::for_self("2099-07-15");
  const auto no_source = gate->pass(std::span(batch.records).subspan(3, 1));
  BOOST_REQUIRE(no_source.refused().size() == 1u);
  BOOST_TEST(no_source.refused()[0].finding.code == "E-HANDLE-NO-SOURCE");
  BOOST_TEST(no_source.cleared().records().empty());
  for (size_t i = 1; i < 3; ++i) gate->source(batch.records[i]);
  Record& marked = batch.records[13 - 1];
  for (Value& v : marked.values)
    if (model::node(v.field).path == "handling/caveats") v.text = "FUTURE_MARK";
  const auto out = gate->pass(std::span(batch.records).subspan(3));
  size_t caveat = 0;
  for (const auto& refused : out.refused()) caveat += refused.finding.code == "E-HANDLE-CAVEAT";
  BOOST_TEST(caveat == (marked.type->name == "Occurrence" ? 1u : 0u));
  Record bare = batch.records.back();
  std::erase_if(bare.values, [](const Value& v) { return model::node(v.field).path == "handling/handlingCode"; });
  BOOST_TEST(gate->pass({&bare, 1}).refused().at(0).finding.code == "E-HANDLE-MISSING");
}

BOOST_AUTO_TEST_CASE(access_that_has_ended_has_ended_for_self_too) {
  RecordBatch batch = records(source_line(1, "\"handlingCode\":\"P\"") + head("Selector", '7') +
                              R"("kind":"PHONE","value":"+17055550142","handling":{"accessEnds":"2099-07-14"}})"
                              "\n" +
                              head("Selector", '8') +
                              R"("kind":"PHONE","value":"+17055550143","handling":{"accessEnds":"2099-07-15"}})"
                              "\n");
  const auto gate = handle::Gate::for_self("2099-07-15");
  gate->source(batch.records[0]);
  const auto out = gate->pass(std::span(batch.records).subspan(1));
  BOOST_TEST(out.cleared().records().size() == 1u);
  BOOST_TEST(out.findings().at(0).code == "E-HANDLE-ENDED");
}

BOOST_AUTO_TEST_CASE(a_floor_is_never_loosened_by_a_record) {
  using namespace handle;
  Handling floor, own;
  floor.stated = own.stated = true;
  floor.conditional = true;
  floor.tlp = Tlp::amber;
  own.tlp = Tlp::clear;
  floor.caveats = caveats({"HEALTH"});
  own.caveats = caveats({"CSAEM"});
  floor.releasable_to = {"a", "b"};
  own.releasable_to = {"b", "c"};
  floor.purposes = 3;
  own.purposes = 6;
  floor.access_ends = "2099";
  own.access_ends = "2100-01-01";
  const Handling out = tightened(floor, own);
  BOOST_TEST(out.conditional);
  BOOST_TEST((*out.tlp == Tlp::amber));
  BOOST_TEST(out.caveats == caveats({"HEALTH", "CSAEM"}));
  BOOST_TEST((*out.releasable_to == std::vector<std::string_view>{"b"}));
  BOOST_TEST(*out.purposes == 2u);
  BOOST_TEST(out.access_ends == "2099");
}

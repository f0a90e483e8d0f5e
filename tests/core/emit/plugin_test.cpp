// The plugins case-jsonl and case-xml through the C contract: what they read they write again, byte for byte.
#include <boost/test/unit_test.hpp>
#include <cstring>

#include "base/sha256.hpp"
#include "case_jsonl/case_jsonl.hpp"
#include "case_text.hpp"
#include "case_xml/case_xml.hpp"
#include "core/read/memory_input.hpp"
#include "emit/batch_form.hpp"

using namespace casebridge;
using namespace case_text;

namespace {

const std::string kFolder = CASEBRIDGE_SOURCE_DIR "/tests/core/emit/data/";

struct Told {
  std::string code, args;
};

struct Session {
  std::vector<Told> told;
  cb_host host{CB_ABI_MAJOR,
               CB_ABI_MINOR,
               sizeof(cb_host),
               0,
               this,
               [](void* self, const cb_issue* i) {
                 static_cast<Session*>(self)->told.push_back({i->code, {i->message.data ? i->message.data : "", i->message.size}});
               },
               [](void*) { return int32_t(0); },
               [](void*, const char*) -> const void* { return nullptr; }};

  // Reads with one plugin and hands every batch to `each`; the status at the end.
  template <class Each>
  cb_status read(const cb_plugin& plugin, const std::string& bytes, Each&& each, uint32_t batch = 4096, uint64_t step = UINT64_MAX) {
    const test::MemoryInput input(bytes, step);
    const cb_args args{sizeof(cb_args), 1, plugin.formats[0].id, nullptr, 0, batch, nullptr};
    cb_reader* reader = nullptr;
    cb_status status = plugin.open_reader(&host, &args, &*input, &reader);
    if (status != CB_OK) return status;
    cb_batch got;
    while ((status = plugin.read(reader, &got)) == CB_OK) each(got);
    plugin.close_reader(reader);
    return status;
  }

  std::string convert(const cb_plugin& from, const cb_plugin& to, const std::string& bytes, bool places = false, uint32_t batch = 4096,
                      uint64_t step = UINT64_MAX) {
    std::string out;
    const cb_output output{sizeof(cb_output), 0, &out, [](void* self, const void* data, uint64_t size) {
                             static_cast<std::string*>(self)->append(static_cast<const char*>(data), size);
                             return static_cast<int64_t>(size);
                           }};
    const cb_setting positions{"positions", {places ? "value" : "record", places ? 5u : 6u}};
    const cb_args args{sizeof(cb_args), 1, to.formats[0].id, &positions, 1, batch, nullptr};
    cb_writer* writer = nullptr;
    BOOST_REQUIRE(to.open_writer(&host, &args, &output, &writer) == CB_OK);
    const cb_status status = read(
        from, bytes, [&](const cb_batch& b) { BOOST_REQUIRE(to.write(writer, &b) == CB_OK); }, batch, step);
    BOOST_TEST(status == CB_END);
    BOOST_TEST(to.finish(writer) == CB_OK);
    to.close_writer(writer);
    return out;
  }
};

// A data set of these lines with the right end line.
std::string with_end(std::string lines, uint64_t sources, const std::string& counts) {
  const std::string sha = sha256_hex(lines);
  return lines + "{\"recordType\":\"DatasetEnd\",\"sources\":" + std::to_string(sources) + ",\"counts\":" + counts + ",\"sha256\":\"" +
         sha + "\"}\n";
}

const std::string kHead =
    R"({"recordType":"Dataset","schemaVersion":"1.0.0","codeListVersions":"2026-11-22","producedBy":"t","producedAt":"2099-01-01T00:00:00Z","recipient":"self"})"
    "\n";
const std::string kPhone =
    R"({"recordType":"Selector","id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b","source":[0],"kind":"PHONE","value":"+17055550101","handling":{"handlingCode":"P"}})"
    "\n";

Told failure(const std::string& bytes, const cb_plugin& plugin = case_jsonl_plugin) {
  Session session;
  const cb_status status = session.read(plugin, bytes, [](const cb_batch&) {});
  if (status == CB_END) return {};
  return session.told.empty() ? Told{"no word", ""} : session.told.back();
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_a_plugin_reads_it_writes_again) {
  const std::string json = file(kFolder + "wire.jsonl"), xml = file(kFolder + "wire.xml");
  for (const uint32_t batch : {1u, 3u, 4096u})
    for (const uint64_t step : {uint64_t(7), UINT64_MAX}) {
      Session s;
      BOOST_TEST(s.convert(case_jsonl_plugin, case_jsonl_plugin, json, false, batch, step) == json);
      BOOST_TEST(s.convert(case_jsonl_plugin, case_xml_plugin, json, false, batch, step) == xml);
      BOOST_TEST(s.convert(case_xml_plugin, case_jsonl_plugin, xml, false, batch, step) == json);
      BOOST_TEST(s.convert(case_xml_plugin, case_xml_plugin, xml, false, batch, step) == xml);
      BOOST_TEST(s.told.empty());
    }
}

BOOST_AUTO_TEST_CASE(places_of_values_survive_both_spellings) {
  const std::string json = with_end(
      kHead +
          R"({"recordType":"Source","source":1,"name":"a.csv","sha256":"c483c47ce1e9211b14980c2d890b29d722ce0092ec0358ff4cb624ba10b00162","bytes":9,"agency":"example-ps","agencyType":"MUNICIPAL_POLICE","system":"a","importer":"a 1","mappingVersion":"a/1","recordedAt":"2099-01-01T00:00:00Z","legalAuthority":"CSPA_DUTY","handling":{"handlingCode":"P"}})"
          "\n"
          R"({"recordType":"Person","id":"c11374db-5a8f-5817-81de-c5782e1d10d4","localId":"7","source":[1,100,50,3,1],"alsoSource":[[1,300,40,5,1]],"names":[{"full":" TESTARD  EXEMPLE\n"}],"birthDate":"2084-03","absent":[{"field":"/names/0/given","reason":"UNKNOWN"}],"original":{"/birthDate":"03/2084"},"ext":{"a=b":["1=2","3"]},"places":{"/birthDate":[110,7],"/names/0/full":[120,15]}})"
          "\n",
      1, "{\"Person\":1}");
  Session s;
  const std::string xml = s.convert(case_jsonl_plugin, case_xml_plugin, json, true);
  BOOST_TEST(xml.find("<birthDate original=\"03/2084\" place=\"110 7\">") != std::string::npos);
  BOOST_TEST(s.convert(case_xml_plugin, case_jsonl_plugin, xml, true) == json);
}

BOOST_AUTO_TEST_CASE(a_file_in_another_order_is_read_and_its_hash_may_be_of_either_form) {
  const std::string line =
      R"({ "kind":"PHONE", "value":"\u002b17055550101","recordType":"Selector","handling":{"handlingCode":"P"},"source":[0],"id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b"})"
      "\n";
  const std::string canonical = with_end(kHead + kPhone, 0, "{\"Selector\":1}");
  const std::string end = canonical.substr(kHead.size() + kPhone.size());
  Session s;
  BOOST_TEST(s.convert(case_jsonl_plugin, case_jsonl_plugin, with_end(kHead + line, 0, "{\"Selector\":1}")) == canonical);
  BOOST_TEST(s.convert(case_jsonl_plugin, case_jsonl_plugin, kHead + line + end) == canonical);
}

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_off_or_changed_is_an_error) {
  const std::string json = file(kFolder + "wire.jsonl"), xml = file(kFolder + "wire.xml");
  BOOST_TEST(failure(json).code == "");
  BOOST_TEST(failure(json.substr(0, json.rfind("{\"recordType\":\"DatasetEnd\""))).code == "E-CASE-CUT-OFF");
  std::string changed = json;
  changed.replace(changed.find("Anouk"), 5, "Agnes");
  BOOST_TEST(failure(changed).code == "E-CASE-HASH");
  changed = xml;
  changed.replace(changed.find("Anouk"), 5, "Agnes");
  BOOST_TEST(failure(changed, case_xml_plugin).code == "E-CASE-HASH");
  const size_t from = json.find("{\"recordType\":\"Selector\""), to = json.find('\n', from) + 1;
  BOOST_TEST(failure(json.substr(0, from) + json.substr(to)).code == "E-CASE-COUNTS");
  BOOST_TEST(failure(json + kPhone).code == "E-CASE-AFTER-END");
  BOOST_TEST(failure(kPhone + json).code == "E-CASE-NO-HEAD");
  changed = xml;
  changed.insert(changed.find("<birthDate"), "<later>1</later>");
  BOOST_TEST(failure(changed, case_xml_plugin).code == "E-CASE-HASH");
}

BOOST_AUTO_TEST_CASE(every_cut_of_a_file_is_an_error_and_never_a_shorter_data_set) {
  const std::string json = file(kFolder + "wire.jsonl"), xml = file(kFolder + "wire.xml");
  for (size_t part = 0; part < 40; ++part) {
    BOOST_TEST(failure(json.substr(0, json.size() * part / 40)).code != "");
    BOOST_TEST(failure(xml.substr(0, xml.size() * part / 40), case_xml_plugin).code != "");
  }
}

BOOST_AUTO_TEST_CASE(a_record_with_an_unknown_caveat_is_refused_alone) {
  std::string future = kPhone;
  future.replace(future.find("\"handlingCode\":\"P\""), 18, "\"caveats\":[\"FUTURE\"]");
  Session s;
  uint32_t refused = 0, mapped = 0;
  std::string reason;
  const cb_status status = s.read(case_jsonl_plugin, with_end(kHead + future + kPhone, 0, "{\"Selector\":2}"), [&](const cb_batch& b) {
    for (uint32_t i = 0; i < b.n_units; ++i) {
      ++(b.units[i].outcome == CB_UNIT_REFUSED ? refused : mapped);
      if (b.units[i].outcome == CB_UNIT_REFUSED) reason.assign(b.heap + b.units[i].reason_offset, b.units[i].reason_length);
    }
  });
  BOOST_TEST(status == CB_END);
  BOOST_TEST(refused == 1u);
  BOOST_TEST(mapped == 2u);
  BOOST_TEST(reason == "E-CASE-CAVEAT");
  BOOST_TEST(s.told.at(0).code == "E-CASE-CAVEAT");
}

BOOST_AUTO_TEST_CASE(the_host_face_and_the_contract_give_the_same_bytes) {
  RecordBatch batch = records(file(kFolder + "wire.jsonl"));
  BatchBuilder builder(1 << 20);
  builder.clear();
  for (const Record& record : batch.records) emit::add_record(builder, record);
  RecordBatch again;
  const cb_batch view = builder.view();
  emit::from_batch(view, again);
  BOOST_REQUIRE(again.records.size() == batch.records.size());
  BOOST_TEST(written(again, false) == file(kFolder + "wire.jsonl"));
}

BOOST_AUTO_TEST_CASE(a_batch_that_lies_is_an_error_and_no_crash) {
  RecordBatch batch = records(kPhone), out;
  BatchBuilder builder(16);
  builder.clear();
  emit::add_record(builder, batch.records[0]);
  cb_batch view = builder.view();
  std::vector<cb_cell> cells(view.cells, view.cells + view.n_cells);
  view.cells = cells.data();
  cells.back().offset = UINT32_MAX;
  BOOST_CHECK_THROW(emit::from_batch(view, out), Failure);
  cells.back().offset = 0;
  cells.back().field = 65000;
  BOOST_CHECK_THROW(emit::from_batch(view, out), Failure);
}

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <filesystem>

#include "case_text.hpp"

using namespace casebridge;
using namespace case_text;

namespace {
const std::string kFolder = CASEBRIDGE_SOURCE_DIR "/tests/core/emit/data/";

std::vector<std::string> elements(const std::string& xml) {
  std::vector<std::string> out;
  for (const std::string& line : lines(xml))
    if (line.starts_with("<") && !line.starts_with("<?") && !line.starts_with("<dataset") && !line.starts_with("</") &&
        !line.starts_with("<DatasetEnd"))
      out.push_back(line);
  return out;
}
}  // namespace

BOOST_AUTO_TEST_CASE(json_lines_come_back_byte_for_byte) {
  const std::string text = file(kFolder + "wire.jsonl");
  RecordBatch batch = records(text);
  BOOST_TEST(written(batch, false) == text);
}

BOOST_AUTO_TEST_CASE(json_becomes_xml_byte_for_byte) {
  RecordBatch batch = records(file(kFolder + "wire.jsonl"));
  BOOST_TEST(written(batch, true) == file(kFolder + "wire.xml"));
}

BOOST_AUTO_TEST_CASE(xml_becomes_json_and_xml_again) {
  const std::string text = file(kFolder + "wire.xml");
  RecordBatch batch;
  read::Names names;
  emit::CaseTree reader(true);
  for (const std::string& element : elements(text)) {
    const read::Tree tree = xml_tree(element, names);
    const auto refusal = reader.record(tree, 0, batch);
    BOOST_REQUIRE_MESSAGE(!refusal, (refusal ? refusal->code + " " + refusal->args[0] : ""));
  }
  BOOST_TEST(written(batch, false) == file(kFolder + "wire.jsonl"));
  BOOST_TEST(written(batch, true) == text);
}

BOOST_AUTO_TEST_CASE(any_order_of_keys_is_read_and_the_models_order_is_written) {
  RecordBatch batch = records(
      R"({"kind":"PHONE","handling":{"caveats":["HEALTH","CSAEM"],"handlingCode":"P"},"value":"+17055550101","source":[0],"id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b","recordType":"Selector"})");
  std::string out;
  emit::JsonLine().append(out, batch.records.at(0));
  BOOST_TEST(
      out ==
      R"({"recordType":"Selector","id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b","source":[0],"kind":"PHONE","value":"+17055550101","handling":{"handlingCode":"P","caveats":["HEALTH","CSAEM"]}})"
      "\n");
}

BOOST_AUTO_TEST_CASE(every_part_of_the_form_survives_both_spellings) {
  const std::string line =
      R"({"recordType":"Person","id":"c11374db-5a8f-5817-81de-c5782e1d10d4","version":3,"localId":"7\"1","source":[1,0,252,1,1],"alsoSource":[[1,300,40,5,1],[2,0,9,1,1]],"recordStatus":"SUPERSEDED","supersedes":"c11374db-5a8f-5817-81de-c5782e1d10d5","effective":{"start":"2099-01-01","end":"2099-02"},"names":[{"type":"LEGAL","full":"Éloïse TESTARD-EXEMPLE"},{"full":"\"Bébé\" & <co>\n2"}],"birthDate":"2084-03","citizenship":["CA","FR"],"physical":{"heightCm":171,"marks":["étoile","ancre"]},"absent":[{"field":"/gender","reason":"NOT_ASKED"},{"field":"/names/1/given","reason":"UNKNOWN"}],"original":{"/birthDate":"03/2084","/citizenship/1":"France","/names/1/full":" Bébé "},"ext":{"a":["1","2"],"zone":["Z4"]},"provenance":{"sourceEvaluation":"2","originalGrading":{"text":"B2"}},"handling":{"handlingCode":"P","governance":{"body":"Exemple"},"fieldMarks":[{"field":"/names/1/full","caveats":["HEALTH"],"releasableTo":["example-ps"]}]},"places":{"/birthDate":[17,7],"/names/0/full":[30,22]}})";
  RecordBatch batch = records(line);
  emit::WriteOptions options;
  options.value_places = true;
  std::string json, xml;
  emit::JsonLine(options).append(json, batch.records.at(0));
  BOOST_TEST(json == line + '\n');
  emit::XmlLine(options).append(xml, batch.records.at(0));
  BOOST_TEST(lines(xml).size() == 1u);
  BOOST_TEST(xml.find("alsoSource=\"1 300 40 5 1 2 0 9 1 1\"") != std::string::npos);
  RecordBatch again;
  read::Names names;
  const read::Tree tree = xml_tree(xml, names);
  BOOST_REQUIRE(!emit::CaseTree(true).record(tree, 0, again));
  json.clear();
  emit::JsonLine(options).append(json, again.records.at(0));
  BOOST_TEST(json == line + '\n');
}

BOOST_AUTO_TEST_CASE(an_unknown_field_is_kept_and_an_unknown_caveat_is_refused) {
  RecordBatch batch = records(
      R"({"recordType":"Selector","id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b","source":[0],"kind":"PHONE","value":"+17055550101","later":{"deep":["x","y"]},"handling":{"handlingCode":"P"}})");
  std::string out;
  emit::JsonLine().append(out, batch.records.at(0));
  BOOST_TEST(out.find(R"("ext":{"later/deep":["x","y"]})") != std::string::npos);
  read::Names names;
  RecordBatch none;
  const read::Tree tree = json_tree(
      R"({"recordType":"Selector","id":"b94d9c4d-81f2-5b3c-a55c-2fe7fa04fa6b","source":[0],"handling":{"caveats":["FUTURE_MARK"]}})",
      names);
  const auto refusal = emit::CaseTree(false).record(tree, 0, none);
  BOOST_REQUIRE(refusal);
  BOOST_TEST(refusal->code == "E-CASE-CAVEAT");
  BOOST_TEST(none.records.empty());
}

BOOST_AUTO_TEST_CASE(the_same_bytes_however_the_records_are_cut_into_chunks) {
  RecordBatch batch = records(file(kFolder + "wire.jsonl"));
  const auto gate = handle::Gate::for_self("2099-07-15");
  std::string out;
  emit::TextSink sink(out);
  const auto writer = emit::make_jsonl_writer(sink);
  writer->begin(gate->dataset(batch.records[0]).cleared());
  for (size_t i = 1; i < 3; ++i) writer->lines(gate->source(batch.records[i]).cleared());
  const std::span<const Record> rest = std::span(batch.records).subspan(3);
  emit::Chunk first, second;
  const auto one = writer->encoder(), two = writer->encoder();
  two->encode(gate->pass(rest.subspan(5)).cleared(), second);
  one->encode(gate->pass(rest.first(5)).cleared(), first);
  writer->put(first);
  writer->put(second);
  writer->finish();
  BOOST_TEST(out == file(kFolder + "wire.jsonl"));
  BOOST_TEST(writer->records() == 12u);
}

BOOST_AUTO_TEST_CASE(tables_hold_every_value_and_name_their_columns_from_the_model) {
  const auto folder = std::filesystem::temp_directory_path() / ("cb-tables-" + std::to_string(::getpid()));
  RecordBatch batch = records(
      R"({"recordType":"Person","id":"c11374db-5a8f-5817-81de-c5782e1d10d4","localId":"=7","source":[0],"names":[{"type":"LEGAL","full":"=TESTARD, \"EXEMPLE\""},{"full":"-x"}],"citizenship":["CA","FR"],"physical":{"heightCm":171},"absent":[{"field":"/gender","reason":"NOT_ASKED"}],"ext":{"a":["1"]},"handling":{"handlingCode":"P"}})"
      "\n");
  const auto gate = handle::Gate::for_self("2099-07-15");
  {
    const auto unfinished = emit::make_csv_writer(folder.string());
    unfinished->lines(gate->pass(batch.records).cleared());
  }
  BOOST_TEST(std::filesystem::is_empty(folder));
  const auto writer = emit::make_csv_writer(folder.string());
  writer->lines(gate->pass(batch.records).cleared());
  writer->finish();
  const std::string names = file((folder / "Person.names.csv").string());
  BOOST_TEST(names ==
             "id,version,index,type,full,given,middle,family,script,phoneticKey,birthDate\r\n"
             "c11374db-5a8f-5817-81de-c5782e1d10d4,1,0,LEGAL,\"'=TESTARD, \"\"EXEMPLE\"\"\",,,,,,\r\n"
             "c11374db-5a8f-5817-81de-c5782e1d10d4,1,1,,'-x,,,,,,\r\n");
  const auto rows = lines(file((folder / "Person.csv").string()));
  BOOST_REQUIRE(rows.size() == 2u);
  const auto cells = [](const std::string& row) {  // RFC 4180, one line
    std::vector<std::string> out(1);
    bool quoted = false;
    for (size_t i = 0; i < row.size() && row[i] != '\r'; ++i) {
      if (row[i] == '"' && quoted && row[i + 1] == '"') out.back() += row[i++];
      else if (row[i] == '"') quoted = !quoted;
      else if (row[i] == ',' && !quoted) out.emplace_back();
      else out.back() += row[i];
    }
    return out;
  };
  const auto header = cells(rows[0]), row = cells(rows[1]);
  BOOST_REQUIRE(header.size() == row.size());
  const auto at = [&](const std::string& name) {
    return row.at(static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin()));
  };
  BOOST_TEST(at("localId") == "'=7");
  BOOST_TEST(at("citizenship") == "[\"CA\",\"FR\"]");
  BOOST_TEST(at("physical/heightCm") == "171");
  BOOST_TEST(at("absent") == "[{\"field\":\"/gender\",\"reason\":\"NOT_ASKED\"}]");
  BOOST_TEST(at("ext") == "{\"a\":[\"1\"]}");
  BOOST_TEST(at("handling/handlingCode") == "P");
  std::filesystem::remove_all(folder);
}

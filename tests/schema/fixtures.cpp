#include "schema/fixtures.hpp"

#include <rapidjson/document.h>

#include <fstream>
#include <map>
#include <stdexcept>

#include "base/sha256.hpp"

namespace casebridge::fixtures {
namespace {

const Fixture& named(const std::string& name) {
  for (const Fixture& fixture : all())
    if (fixture.name == name) return fixture;
  throw std::runtime_error("no fixture " + name);
}

struct Lines {
  std::vector<const Fixture*> head, records;
  std::map<std::string, int> counts;
};
Lines lines() {
  Lines lines;
  lines.head = {&named("Dataset/full"), &named("Source/full")};
  for (const Fixture& fixture : all())
    if ((fixture.constraint == "minimal" || fixture.constraint == "full") && fixture.record != "Dataset" && fixture.record != "Source" &&
        fixture.record != "DatasetEnd") {
      lines.records.push_back(&fixture);
      ++lines.counts[fixture.record];
    }
  return lines;
}
std::string jsonl_before_end() {
  std::string all;
  const Lines l = lines();
  for (const auto* part : {&l.head, &l.records})
    for (const Fixture* fixture : *part) all += fixture->json + "\n";
  return all;
}

}  // namespace

const std::vector<Fixture>& all() {
  static const std::vector<Fixture> fixtures = [] {
    const std::string path = CASEBRIDGE_BINARY_DIR "/generated/fixtures.jsonl";
    std::ifstream in(path);
    if (!in) throw std::runtime_error(path + " is missing: build the target cb_fixtures");
    std::vector<Fixture> all;
    for (std::string line; std::getline(in, line);) {
      rapidjson::Document d;
      d.Parse(line.data(), line.size());
      if (d.HasParseError()) throw std::runtime_error(path + " is damaged");
      const auto text = [&](const char* key) { return std::string(d[key].GetString(), d[key].GetStringLength()); };
      all.push_back(
          {text("name"), text("record"), text("constraint"), d["structure"].GetBool(), d["complete"].GetBool(), text("json"), text("xml")});
    }
    return all;
  }();
  return fixtures;
}

std::string standalone_xml(const Fixture& fixture) {
  const size_t at = fixture.xml.find_first_of(" />", 1);
  return fixture.xml.substr(0, at) + " xmlns=\"urn:casebridge:case:1\"" + fixture.xml.substr(at);
}

std::string dataset_jsonl() {
  const std::string before = jsonl_before_end();
  std::string counts;
  for (const auto& [name, n] : lines().counts) counts += (counts.empty() ? "\"" : ",\"") + name + "\":" + std::to_string(n);
  return before + "{\"recordType\":\"DatasetEnd\",\"sources\":1,\"counts\":{" + counts + "},\"sha256\":\"" + sha256_hex(before) + "\"}\n";
}

std::string dataset_xml() {
  std::string all = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<dataset xmlns=\"urn:casebridge:case:1\">\n";
  const Lines l = lines();
  for (const auto* part : {&l.head, &l.records})
    for (const Fixture* fixture : *part) all += fixture->xml + "\n";
  all += "<DatasetEnd><sources>1</sources>";
  for (const auto& [name, n] : l.counts) all += "<counts name=\"" + name + "\">" + std::to_string(n) + "</counts>";
  return all + "<sha256>" + sha256_hex(jsonl_before_end()) + "</sha256></DatasetEnd>\n</dataset>\n";
}

}  // namespace casebridge::fixtures

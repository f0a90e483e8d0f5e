// Fixtures that modelgen made from the model: for every record type one minimal, one full, and one that breaks each
// constraint alone, in both spellings. All synthetic; ids differ from fixture to fixture.
#pragma once
#include <string>
#include <vector>

#include "model/record.hpp"

namespace casebridge::fixtures {

struct Fixture {
  std::string name;        // "Person/names/full:empty"
  std::string record;      // "Person"
  std::string constraint;  // "no empty text"; "minimal", "full" for the valid instances
  bool structure = false;  // the verdict of XSD, JSON Schema and the compiled structure pass
  bool complete = false;   // and of the completeness pass
  std::string json, xml;   // empty where this spelling cannot say it; xml has no namespace declaration
};

const std::vector<Fixture>& all();
std::string standalone_xml(const Fixture&);  // with xmlns, so that it is a document of its own

// A whole data set of the minimal and full record of every type: Dataset, Source, records, DatasetEnd with right counts
// and hash. The two spellings say the same, line for line.
std::string dataset_jsonl();
std::string dataset_xml();

// A fixture's JSON as a Record, mistakes included, borrowed from the batch's arena. False: a Record cannot hold it (an
// unknown field, null, a number where text belongs …), which is for a reader to refuse.
bool to_record(const std::string& json, RecordBatch& batch, Record& record);

}  // namespace casebridge::fixtures

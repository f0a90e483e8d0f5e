// What came out of a mapping, in normal form, and whether it is what a test expects.
#pragma once
#include <deque>
#include <string>
#include <vector>

#include "model/record.hpp"
#include "read/mapping/yaml.hpp"

namespace casebridge::read::mapping {

struct Outcome {
  std::deque<RecordBatch> batches;     // own the text
  std::vector<const Record*> records;  // each once; without the Source line
  std::string agency, system;          // parts of the ids of what another file of the feed holds
  std::vector<std::string> findings;   // codes, sorted, each once
};

// Compares and returns what is wrong, as sentences.
std::vector<std::string> compare(const Outcome& got, const Yaml& expect, const Yaml* findings);

// A record in one line, for messages: "Person 7 {birthDate: 2084-03, ...}".
std::string picture(const Record& record);

}  // namespace casebridge::read::mapping

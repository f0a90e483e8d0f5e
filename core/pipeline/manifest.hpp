// run.json: what a run read, decided and wrote, for machines and for the record. Reproducible: no duration, no path of
// the machine, no clock but the run's own time. No content of any record.
#pragma once
#include <string>
#include <vector>

#include "pipeline/books.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::pipeline {

struct OutputBooks {
  std::string format, name, sha256;  // name without folders; sha256 of the data set (its DatasetEnd), empty for tables
  uint64_t records = 0;
};

std::string manifest_json(const Plan&, const Books&, const std::vector<OutputBooks>&, Exit, const std::string& program_version);

}  // namespace casebridge::pipeline

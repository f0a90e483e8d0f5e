// A look at an input without converting it: what it is, how much of it there is, what its first records would become,
// and what is wrong or without a home. Bounded in time whatever the size; writes nothing.
#pragma once
#include <chrono>
#include <string>
#include <vector>

#include "handle/gate.hpp"
#include "host/recognise.hpp"
#include "pipeline/feed.hpp"

namespace casebridge::pipeline {

struct Preview {
  FeedBooks books;                           // of what was looked at, all files together
  std::vector<FeedBooks> files;              // name, hash and size of each
  std::vector<std::string> tables;           // which of the related tables each file is; else empty
  std::vector<host::Candidate> candidates;   // formats that were weighed
  bool whole = false;                        // the counts are exact
  uint64_t seen_bytes = 0;                   // up to the end of the last source record that was read
  uint64_t estimated_units = 0;              // where not whole
  std::vector<handle::ClearedText> records;  // the first ones, as JSON lines
  std::vector<host::LossCount> homeless;     // fields without a home, so far
  std::vector<handle::ClearedFinding> findings;
  uint64_t more_findings = 0;
};

Preview preview(const host::Registry&, const host::InputSet&, const Plan&, handle::Gate&, size_t records, std::chrono::milliseconds budget);

}  // namespace casebridge::pipeline

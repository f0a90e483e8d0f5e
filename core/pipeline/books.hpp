// The books of a run: what came in, what went out, and what became of the difference. They must balance:
//   source records in = mapped + quarantined + skipped (each skip with a named reason)
// Books hold counts and names of inputs, never content, so they may go to logs and metrics.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/finding.hpp"

namespace casebridge::pipeline {

struct FeedBooks {
  std::string input, format, version, encoding;
  std::string sha256, agency, system, mapping;
  uint64_t bytes = 0;
  uint64_t units = 0, mapped = 0, quarantined = 0;
  std::map<std::string, uint64_t> skipped;   // by reason
  std::map<std::string, uint64_t> records;   // case records out, by type
  std::map<std::string, uint64_t> withheld;  // case records kept back in quarantine, by type
  std::string left_out;                      // not read at all, and why: KNOWN (loaded before), WITHDRAWN
  uint64_t repeated = 0;                     // made again with the same content: counted, not written twice
  std::map<std::string, uint64_t> findings;  // by code
  uint64_t errors = 0, warnings = 0, notes = 0;
  double seconds = 0;    // for people only: in no file that must be reproducible
  Exit exit = Exit::ok;  // what this feed alone would end with

  void count(const Finding&);
  uint64_t skipped_units() const;
  uint64_t records_out() const;
  bool balance() const { return units == mapped + quarantined + skipped_units(); }
};

struct Books {
  std::vector<FeedBooks> feeds;  // in the order of the inputs
  FeedBooks total() const;
};

}  // namespace casebridge::pipeline

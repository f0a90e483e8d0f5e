// One feed brought into case data, on its own, so that whatever is wrong with it holds back only itself. What comes of it
// lies in a folder named by a key over its bytes and everything that decides what becomes of them: the same feed is never
// read twice, and a run that was killed goes on where it was. profile.json is written last; without it nothing counts.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/exit_code.hpp"
#include "base/finding.hpp"
#include "job/job_file.hpp"
#include "pipeline/run.hpp"

namespace casebridge::job {

struct FieldCount {
  uint64_t mapped = 0, ext = 0, dropped = 0, unkept = 0;
  uint64_t total() const { return mapped + ext + dropped + unkept; }
};

struct Profile {  // what a feed looked like: names and counts
  uint64_t units = 0, mapped = 0, quarantined = 0, bytes = 0, errors = 0, warnings = 0, notes = 0;
  std::map<std::string, uint64_t> skipped, records, findings;
  std::map<std::string, FieldCount> fields;
  std::map<std::string, uint64_t> by_field;                  // "CODE field" -> findings
  std::vector<std::pair<std::string, std::string>> renamed;  // was, now: told by the place in the file
  std::vector<std::string> gone;                             // columns that the mapping takes and the feed lacks
  std::string format, mapping, agency, system, sha256;
  bool governed = false;  // a Source line names who governs it, or a locating use only
  Exit exit = Exit::ok;
};

struct Staged {
  std::string key, folder;  // folder/case.jsonl, findings.jsonl, quarantine/, loss.json, profile.json
  Profile profile;
  bool reused = false;
};

// What is there of a feed, before it is read.
struct Arrival {
  std::vector<std::string> inputs;  // as the plan names them
  std::string key;                  // empty: nothing is there
  uint64_t bytes = 0;
  bool missing = false, empty = false;
};

Arrival look_for(const Job&, const SourcePlan&, const std::string& mapping);
Staged stage(const Job&, const SourcePlan&, const Arrival&, const std::string& mapping, const std::string& feeds_folder,
             const std::string& run_time, pipeline::Watch&);

}  // namespace casebridge::job

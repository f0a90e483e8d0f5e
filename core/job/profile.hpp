// What a feed looked like when it was read: names and counts, no value of any record. Drift is judged by it, and the store
// keeps it for the nights to come.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/exit_code.hpp"

namespace casebridge::job {

struct FieldCount {
  uint64_t mapped = 0, ext = 0, dropped = 0, unkept = 0;
  uint64_t total() const { return mapped + ext + dropped + unkept; }
};

struct Profile {
  uint64_t units = 0, mapped = 0, quarantined = 0, bytes = 0, errors = 0, warnings = 0, notes = 0;
  uint64_t files = 0, known = 0, withdrawn = 0;  // files that were read; that the store knew; that were withdrawn from it
  uint64_t known_units = 0;                      // source records of those that it knew
  std::map<std::string, uint64_t> skipped, records, findings;
  std::map<std::string, FieldCount> fields;
  std::map<std::string, uint64_t> by_field;                  // "CODE field" -> findings
  std::vector<std::pair<std::string, std::string>> renamed;  // was, now: told by the place in the file
  std::vector<std::string> gone;                             // columns that the mapping takes and the feed lacks
  std::string format, mapping, agency, system, sha256;       // of the first file
  std::string settings;                                      // a hash over how it was read
  bool governed = false;                                     // a Source line names who governs it, or a locating use only
  Exit exit = Exit::ok;
};

std::string profile_json(const Profile&);
Profile parse_profile(const std::string& json);  // an empty one of what is no profile

}  // namespace casebridge::job

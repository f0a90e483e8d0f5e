// The inline tests of a mapping (section 7): given a row, rows, tables or a document, expect these records and no others.
// A value is right in its normal form or in the source's own words; references read Type:key; none means not there.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "read/mapping/program.hpp"

namespace casebridge::read::mapping {

struct TestResult {
  std::string name;
  uint32_t line = 0;                  // of the mapping file
  std::vector<std::string> failures;  // whole sentences; empty: passed
  bool passed() const { return failures.empty(); }
};

// Runs all tests of the mapping in this process. `warnings` gets a finding for every rule that no test reaches.
std::vector<TestResult> run_tests(std::shared_ptr<const Program> program, std::vector<Finding>& warnings);

}  // namespace casebridge::read::mapping

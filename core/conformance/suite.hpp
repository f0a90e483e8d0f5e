// What every plugin promises, as a list of small claims that are tried out on it. The names of the claims are the contract
// in short; the author of a plugin writes nothing for it.
//
//   conformance::Subject subject = conformance::find_subject({.path = "plugins/people_csv"});
//   for (const conformance::Result& r : conformance::run_suite(subject)) ...
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "conformance/subject.hpp"

namespace casebridge::conformance {

enum class Verdict : uint8_t { passed, failed, not_applicable };

struct Outcome {
  Verdict verdict = Verdict::passed;
  std::vector<std::string> details;  // whole sentences in the language of the process; quote no value of a sample
};

struct Check {
  const char* name;   // "read.twice": stable for ever
  const char* claim;  // English; tr() gives the French
  Outcome (*run)(const Subject&);
};
const std::vector<Check>& checks();

struct Result {
  const Check* check = nullptr;
  Outcome outcome;
};
using Progress = std::function<void(const Check&)>;
// In the order of the list. A check that throws has failed.
std::vector<Result> run_suite(const Subject&, const Progress& before_each = {});

}  // namespace casebridge::conformance

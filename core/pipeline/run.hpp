// The spine: probe -> read -> normalise -> validate -> handle -> emit, over every input of a plan.
#pragma once
#include <string>
#include <vector>

#include "pipeline/books.hpp"
#include "pipeline/manifest.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::pipeline {

// Who watches a run. Called from the thread that runs it; never with content that has not passed the gate.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void feed(const std::string& name, uint64_t bytes) = 0;   // bytes 0: unknown
  virtual void at(uint64_t bytes, uint64_t records) = 0;
  virtual void finding(const std::string& line) = 0;
  virtual bool cancelled() = 0;
};

struct RunResult {
  Books books;
  std::vector<OutputBooks> outputs;
  Exit exit = Exit::ok;
  std::string manifest;               // what run.json says
  std::vector<std::string> words;     // for people: what was withheld, what failed as a whole
  std::string next;                   // the next command to try
};

RunResult run(const Plan&, Watch&);

}  // namespace casebridge::pipeline

// The spine: probe -> read -> normalise -> validate -> handle -> emit, over every input of a plan.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "model/record.hpp"
#include "pipeline/books.hpp"
#include "pipeline/keeper.hpp"
#include "pipeline/manifest.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::pipeline {

// Who watches a run. Called from the thread that runs it; never with content that has not passed the gate.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual void feed(const std::string& name, uint64_t bytes) = 0;  // bytes 0: unknown
  virtual void at(uint64_t bytes, uint64_t records) = 0;
  virtual void finding(const std::string& line) = 0;
  virtual void told(const Finding&) {}  // every finding, as it passed the gate
  virtual bool cancelled() = 0;
};

struct RunResult {
  Books books;
  std::vector<OutputBooks> outputs;
  Exit exit = Exit::ok;
  std::map<std::string, uint64_t> found;                   // records that linking added, by type
  std::string manifest;                                    // what run.json says
  std::vector<std::string> words;                          // for people: what was withheld, what failed as a whole
  std::vector<std::pair<size_t, host::LossCount>> losses;  // what became of each source field, by feed
  std::vector<std::pair<std::string, uint64_t>> ledger;    // withheld or changed, by rule
  std::string next;                                        // the next command to try
};

// Who sees every record that a run lets through, and adds what it finds in them: linking. Called in the order of the run,
// by one thread at a time.
class Tap {
 public:
  virtual ~Tap() = default;
  virtual void source(const Record& line) = 0;  // a Source line, before its records
  virtual void take(const Record& record) = 0;
  virtual bool replaces(const Record& record) = 0;                       // true: found in an earlier run, not written again
  virtual void find(const std::function<void(RecordBatch&)>& each) = 0;  // after the last record: what was found
};

// With a keeper what is read is kept too; with a supply it is what is written, and the plan needs no inputs.
RunResult run(const Plan&, Watch&, Tap* = nullptr, Keeper* = nullptr, Supply* = nullptr);

}  // namespace casebridge::pipeline

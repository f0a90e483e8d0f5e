// What a run did, for people: a row a feed, then what to look at next. And progress while it lasts.
#pragma once
#include <memory>
#include <string>

#include "cli/console.hpp"
#include "pipeline/run.hpp"

namespace casebridge::cli {

std::string run_table(const pipeline::RunResult&);

class Watcher final : public pipeline::Watch {
 public:
  explicit Watcher(bool quiet) : quiet_(quiet) {}
  void feed(const std::string& name, uint64_t bytes) override;
  void at(uint64_t bytes, uint64_t records) override;
  void finding(const std::string& line) override;  // already through the gate
  bool cancelled() override;                       // SIGINT or SIGTERM came
  void done();

 private:
  bool quiet_;
  std::unique_ptr<Progress> progress_;
  uint64_t shown_ = 0;
};

}  // namespace casebridge::cli

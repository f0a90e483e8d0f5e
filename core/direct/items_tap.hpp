// What linking may compare of a run, and nothing else: no record is written from here. Called as pipeline::Tap says.
#pragma once
#include <functional>
#include <string>

#include "pipeline/run.hpp"
#include "resolve/found.hpp"
#include "resolve/items.hpp"

namespace casebridge::direct {

class ItemsTap final : public pipeline::Tap {
 public:
  explicit ItemsTap(const std::string& run_date) : items_(run_date) {}
  void source(const Record& line) override { items_.source(line); }
  void take(const Record& record) override { items_.take(record); }
  bool replaces(const Record& record) override { return resolve::found_before(record); }
  void find(const std::function<void(RecordBatch&)>&) override { items_.settle(), whole_ = true; }
  const resolve::Items& items() const { return items_; }
  bool whole() const { return whole_; }  // the run came to its end

 private:
  resolve::Items items_;
  bool whole_ = false;
};

}  // namespace casebridge::direct

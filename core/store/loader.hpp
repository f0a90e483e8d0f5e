// From the pipeline into the store: hand it to pipeline::run(), within a run of the store. For each feed a row of
// SourceFile for each of its Source lines, then what the file states. Feeds that are known or barred are not read.
#pragma once
#include <map>
#include <mutex>

#include "handle/gate.hpp"
#include "pipeline/keeper.hpp"
#include "pipeline/set_keeper.hpp"
#include "store/store.hpp"

namespace casebridge::store {

class Loader final : public pipeline::Keeper, public pipeline::SetKeeper {
 public:
  explicit Loader(Store& store);
  ~Loader() override;
  // Of the next feed: read it though it is known, because it is read by other settings than before.
  void read_again(bool again) { again_ = again; }

  bool begin_feed(const pipeline::FeedBooks& books, std::span<const Record> source_lines, std::string& why_not) override {
    return begin_set({&books, 1}, source_lines, why_not);
  }
  bool begin_set(std::span<const pipeline::FeedBooks>, std::span<const Record> source_lines, std::string& why_not) override;
  void record(const Record&) override;
  bool knows(const Uuid& id) const override { return store_.has(id); }
  void quarantined(const emit::QuarantineItem&) override;
  void finding(const Finding&) override;
  void end_feed(const pipeline::FeedBooks&) override;

  struct Counts {
    uint64_t files = 0, known = 0, records = 0, added = 0, changed = 0, unchanged = 0;
    uint64_t refused = 0, ended = 0, barred = 0;  // by the gate: unreadable handling, ended access; taken away before
  };
  const Counts& counts() const { return counts_; }

 private:
  struct Part {
    int64_t source = 0, floor = 0, ordinal = 0;
    bool suspended = false;  // the file says so of all its records
  };
  Store& store_;
  std::mutex mutex_;
  std::unique_ptr<handle::Gate> gate_;
  std::map<uint32_t, Part> parts_;  // by number of the Source line in this run
  std::vector<Finding> early_;      // told while probing, before the feed has a row
  uint32_t first_ = 0;
  bool any_barred_ = false, again_ = false;
  Counts counts_;
  bool suspended(const Record& record, const Part& part) const;
  std::unique_ptr<Query> add_finding_, add_item_, add_reason_;
};

}  // namespace casebridge::store

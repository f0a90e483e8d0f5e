// From the store to the stages that write: the records that hold now, or held at a run, in the order in which they came.
// The same state gives the same records in the same order, whatever numbers they have in the file.
#pragma once
#include <set>
#include <unordered_map>

#include "pipeline/keeper.hpp"
#include "store/store.hpp"

namespace casebridge::store {

struct View {
  int64_t as_of = 0;                                           // a run; 0: now
  bool all_versions = false;                                   // every version known, not only what holds
  bool derived = true;                                         // clusters and links that the program found
  std::set<std::string> types, agencies, systems, files, ids;  // empty: all
  bool filtered() const { return !types.empty() || !agencies.empty() || !systems.empty() || !files.empty() || !ids.empty(); }
};
// "type=Person,Link", "agency=...", "system=...", "file=name or sha256", "id=..."; throws StoreError (exit 2).
void add_filter(View& view, const std::string& words);

class Supply final : public pipeline::Supply {
 public:
  Supply(Store& store, View view);
  ~Supply() override;
  void lines(RecordBatch& into) override;
  void rewind(bool all = false) override;
  bool next(RecordBatch& into) override;  // begins by itself with the first record
  std::string produced_at() const override { return produced_at_; }
  void sent(std::span<const std::pair<Uuid, uint32_t>> records) override { sent_.insert(sent_.end(), records.begin(), records.end()); }

  void set_produced_at(std::string time) { produced_at_ = std::move(time); }
  const std::vector<std::pair<Uuid, uint32_t>>& all_sent() const { return sent_; }

 private:
  void set_end(Record& record, const std::string& id, RecordBatch& into) const;
  bool wanted(const Record& record, int64_t source) const;
  Store& store_;
  View view_;
  std::string produced_at_;
  std::vector<int64_t> sources_;        // at number - 1
  std::vector<uint32_t> number_of_;     // by source
  std::vector<uint8_t> source_wanted_;  // by source
  std::unique_ptr<Query> rows_;
  std::unordered_map<std::string, std::string> ends_;  // by id: when access ends, as the store has worked it out
  bool all_ = false, derived_now_ = false, ended_ = false;
  std::vector<std::pair<Uuid, uint32_t>> sent_;
};

}  // namespace casebridge::store

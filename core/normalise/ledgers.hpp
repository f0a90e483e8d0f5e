// What is known over a whole input, or several: which ids exist, in which version, and which references point nowhere.
// Memory is bounded: beyond a limit the ledgers lie in unlinked temporary files. One thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/record.hpp"

namespace casebridge::normalise {

// A table of fixed rows by id that never grows beyond its bytes in memory: a full table goes to a nameless file as one run,
// sorted by a hash of the id; small runs are merged into larger ones. Of each run there stay in memory a filter of ten bits for each row
// and the id of every 128th row, so that a new id costs no read and a known one costs one. Throws std::runtime_error when the disk is full.
class IdTable {
 public:
  struct Row {
    Uuid id;  // nil: free
    uint64_t content = 0;
    uint32_t version = 0, source = 0;
  };
  IdTable(std::string spill_dir, size_t bytes_in_memory);
  ~IdTable();
  IdTable(const IdTable&) = delete;
  Row& row(const Uuid&, bool& fresh);  // valid until the next call
  bool has(const Uuid&) const;
  void expect(const Uuid& id) const;  // it will be asked for soon
  size_t size() const { return size_; }
  bool spilled() const { return !runs_.empty(); }

 private:
  struct Run;
  void grow();
  void spill();
  void merge(size_t first);  // the runs from there to the last become one
  bool find_on_disk(const Uuid&, Row&) const;
  std::string dir_;
  size_t most_, rows_ = 0, used_ = 0, size_ = 0;
  Row* table_ = nullptr;
  std::vector<std::unique_ptr<Run>> runs_;  // the newest last
};

// The same id again. Same content: a repeat, which is counted and not written again. Other content from another source
// record: a new version. A keyless record is never a version of another: equal ids are equal content.
class VersionLedger {
 public:
  explicit VersionLedger(std::string spill_dir, size_t bytes_in_memory = size_t(16) << 20)
      : table_(std::move(spill_dir), bytes_in_memory) {}
  enum class Verdict : uint8_t { fresh, repeat, new_version };
  // Sets record.version where it is a new one. Records with a version of their own (case data of ours) keep it.
  Verdict see(Record&);
  // Takes the repeats out of the batch (units keep their counts) and sets versions; gives the number of repeats.
  uint64_t see(RecordBatch&);
  // Known from an earlier run: the last version and the hash of its content.
  void seed(const Uuid&, uint32_t version, uint64_t content);
  bool has(const Uuid& id) const { return table_.has(id); }  // was any version of it seen
  void expect(const Uuid& id) const { table_.expect(id); }   // see() will be asked soon: begin to fetch
  struct Counts {
    uint64_t fresh = 0, repeats = 0, versions = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  IdTable table_;
  Counts counts_;
};

struct DanglingReference {
  Uuid from, to;
  model::Tag field = 0;
  uint32_t source = 0;
  uint64_t offset = 0;  // of the record that points
};

// References by key may point forward, backward, into another file. Ids made and ids pointed at are collected in sorted
// runs; finish() merges them. References inside one source record are settled at once and never stored.
class ReferenceLedger {
 public:
  // `known`: says whether a record of this id was written, where somebody keeps count already; then ids are not kept here.
  explicit ReferenceLedger(std::string spill_dir, size_t bytes_in_memory = size_t(16) << 20, std::function<bool(const Uuid&)> known = {});
  ~ReferenceLedger();
  ReferenceLedger(const ReferenceLedger&) = delete;
  void add(const RecordBatch&);  // records that left the batch as repeats exist already: no loss
  void exists(const Uuid&);      // declared external, or made elsewhere
  void refers(const DanglingReference&);
  // Those that found nothing, ordered by source and offset within each id; each reference is told once. Then it is empty.
  void finish(const std::function<void(const DanglingReference&)>&);
  uint64_t made() const { return made_; }
  uint64_t open() const { return open_; }

 private:
  struct Runs;
  std::unique_ptr<Runs> ids_, references_;
  std::function<bool(const Uuid&)> known_;
  uint64_t made_ = 0, open_ = 0;
};

}  // namespace casebridge::normalise

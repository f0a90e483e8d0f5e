// One feed read into the store, within a run and a savepoint of it, so that whatever is wrong with the feed holds back only
// itself: who judges it keeps what was read or lets it be undone. No file is written.
#pragma once
#include <string>
#include <vector>

#include "emit/quarantine.hpp"
#include "job/job_file.hpp"
#include "job/profile.hpp"
#include "pipeline/run.hpp"
#include "store/store.hpp"

namespace casebridge::job {

// What is there of a feed, before it is read.
struct Arrival {
  std::vector<std::string> inputs;  // as the plan names them
  std::string settings;             // a hash over how it is read
  std::string key;                  // of its bytes and all that decides what becomes of them; empty: nothing is there
  uint64_t bytes = 0;
  bool missing = false, empty = false;
};

struct Refused {  // a source record in quarantine, with bytes of its own
  explicit Refused(const emit::QuarantineItem&);
  emit::QuarantineItem item;  // its `raw` is the reader's: use ours
  std::string raw;
};

struct Reading {
  Profile profile;
  std::vector<Refused> refused;  // the first of them, up to a bound
};

// `mapping`: a file in place of the format's own, or empty.
Arrival look_for(const Job&, const SourcePlan&, const std::string& mapping);
// `base`: time, threads and sandbox. Without a store the feed is only looked at.
Reading read_feed(const Job&, const SourcePlan&, const Arrival&, const std::string& mapping, const pipeline::Plan& base, pipeline::Watch&,
                  store::Store* store);

}  // namespace casebridge::job

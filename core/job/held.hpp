// What is held back, and the decisions about it. Nothing here reads a feed or changes the store: a decision is written, and
// the next run obeys it. The original bytes stay where they are, and the chain from them to what was made of them is in
// the ledger.
#pragma once
#include <string>
#include <vector>

#include "emit/quarantine.hpp"
#include "job/run_job.hpp"

namespace casebridge::job {

struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct HeldRecord {
  std::string id, feed, folder;  // id: the first digits of the hash of its bytes and place
  std::string state;             // waiting, edited, discarded: a word for people
  emit::QuarantineEntry entry;
};

struct Held {
  std::vector<HeldRecord> records;  // by feed, in the order of the feed
  std::vector<Proposal> proposals;  // that nobody has accepted yet
};

Held what_is_held(const Job&);
void accept_proposal(const Job&, const std::string& id, Decision);  // Decision: by, why, at are given
void accept_held(const Job&, const std::string& item, Decision);    // a feed that is held back, as it is; or an edited record
void edit_record(const Job&, const std::string& id, const std::string& file, Decision);
void discard_record(const Job&, const std::string& id, Decision);

}  // namespace casebridge::job

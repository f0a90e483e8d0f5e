// What is held back, and the decisions about it. A decision is written into the store, and the next run obeys it. The
// original bytes stay in quarantine, and the chain from them to what was made of them is in the store.
#pragma once
#include <string>
#include <vector>

#include "job/run_job.hpp"

namespace casebridge::job {

struct Unknown : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct HeldRecord {
  std::string id, feed;  // id: the first digits of the hash of its bytes and place
  // waiting; held: its whole feed is; edited; accepted: edited, and the next run reads it; refused: edited, and refused
  // again; replayed; discarded
  std::string state;
  int64_t item = 0, source = 0;  // of the store
  std::string input, sha256;
  Place place;
  std::string excerpt;                                       // the first bytes, masked, on one line
  std::vector<std::pair<std::string, std::string>> reasons;  // code, message
};
std::string words_of_state(const HeldRecord&);  // for people

struct Held {
  std::vector<HeldRecord> records;  // by feed, in the order of the feed
  std::vector<Proposal> proposals;  // that nobody has accepted yet
};

Held what_is_held(const Job&);  // nothing, where there is no store yet
Held what_is_held(const Job&, store::Store&);
void accept_proposal(const Job&, const std::string& id, Decision);  // Decision: by, why, at are given
void accept_held(const Job&, const std::string& item, Decision);    // a feed that is held back, as it is; or an edited record
void edit_record(const Job&, const std::string& id, const std::string& file, Decision);
void discard_record(const Job&, const std::string& id, Decision);

}  // namespace casebridge::job

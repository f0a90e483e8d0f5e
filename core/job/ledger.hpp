// What a job remembers from night to night: the night under way, the feeds it has found, what people decided, and the
// changes of mappings that were proposed. All of it stands in the store, so that one file is the truth: what is withdrawn
// from the store is forgotten here too, and a backup has everything. One thread; failures are store::StoreError.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "job/profile.hpp"
#include "store/store.hpp"

namespace casebridge::job {

struct Night {
  uint64_t number = 0;   // of this night, from 1
  int64_t since = 1;     // the last run of the store when the last night ended: what is later is new
  int64_t from = 1;      // ... when this night began: what is later, this night brought
  std::string run_time;  // RFC 3339; of a night that goes on after a kill that of the one that was killed
  bool resumed = false;
};

struct FeedRow {
  std::string key, state;  // loaded, held, mended
  int64_t run = 0;
  uint64_t units = 0, bytes = 0;
  Profile profile;
};

struct Decision {
  std::string what;           // mapping: a proposal is accepted; accept: a held feed, by its key; edit, replay, discard: an item
  std::string feed, subject;  // subject: proposal, key or item
  std::string by, why, at;
};

struct Receipt {  // that records have left under the grant of a governing body
  std::string body, grant;
  uint64_t records = 0;
};

struct Proposal {
  std::string id, feed, key, format, patch;                // patch: a unified diff; key: of the feed
  std::vector<std::string> evidence;                       // sentences
  std::vector<std::pair<std::string, std::string>> files;  // name, content: mapping.yaml, and the code tables beside it
};

class Ledger {
 public:
  Ledger(store::Store& store, std::string job) : store_(store), job_(std::move(job)) {}

  // Commits by itself, so that a night that is killed is gone on with.
  Night begin_night(const std::string& run_time);
  void end_night();
  // Are the clusters of the store those of its records, found in this way?
  bool linked(const std::string& how);      // before anything of the run under way
  void set_linked(const std::string& how);  // of the run under way, or of the last

  std::optional<FeedRow> find(const std::string& feed, const std::string& key);
  std::optional<FeedRow> last_loaded(const std::string& feed);  // of a whole feed, and not an empty one
  // Within a run. Files of the store after `after` are those of the feed. What was held of the same bytes goes.
  // `mended_from`: the file from which an edited record came; 0: this is a whole feed.
  void put_loaded(const std::string& feed, const std::string& key, const Profile&, uint64_t bytes, int64_t after, int64_t mended_from = 0);
  void put_held(const std::string& feed, const std::string& key, const Profile&, uint64_t bytes);
  void put_held_item(int64_t item, const std::string& feed, const std::string& key, const Profile&);

  // In a transaction of its own, with what `also` does: a decision is no run.
  void decide(const Decision&, const std::function<void()>& also = {});
  std::vector<Decision> decisions();
  bool decided(const std::string& what, const std::string& feed, const std::string& subject);
  std::string proposal_of(const std::string& feed);  // the last one accepted, or empty

  void put_receipts(int64_t export_number, const std::vector<Receipt>&);  // in a transaction of its own

  void put_proposal(const Proposal&);  // within a run; one that is known stays
  std::vector<Proposal> proposals();   // without their files, by id
  // Lays the files of a proposal into folder/ID, where a reader can have them; gives the path of the mapping.
  std::string lay_out(const std::string& proposal, const std::string& folder);

 private:
  store::Store& store_;
  std::string job_;
};

}  // namespace casebridge::job

// What a job remembers from night to night, beside its store: which feeds were accepted, what people decided, and the run
// that is under way. One file, replaced as a whole, so that a kill at any instant leaves the old state or the new one.
// It holds names of feeds, hashes, counts and the words of decisions; no content of any record.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace casebridge::job {

struct Accepted {                          // a feed that was loaded
  std::string source, key, at;             // key: of its bytes and of all that decides what becomes of them; at: time of that run
  uint64_t units = 0, bytes = 0, run = 0;  // run: number of the run that loaded it
};

struct Decision {
  std::string what;  // "mapping": use `subject` for this feed; "accept": load the held feed with key `subject`; "discard"
  std::string source, subject, by, why, at;
  uint64_t number = 0;  // from 1
};

struct Ledger {
  std::string run_time;            // of the run under way; empty: the last one ended
  uint64_t runs = 0;               // that ended
  uint64_t kept = 0;               // the run for which the linked data of the one before was put aside
  std::vector<Accepted> accepted;  // in the order in which they were loaded
  std::vector<Decision> decisions;

  const Accepted* last(const std::string& source) const;
  const Accepted* find(const std::string& source, const std::string& key) const;
  std::string mapping_of(const std::string& source) const;  // decided mapping file, or empty
  bool decided(const std::string& what, const std::string& source, const std::string& subject) const;
};

Ledger load_ledger(const std::string& folder);               // an empty one where there is none; throws std::runtime_error on a broken one
void save_ledger(const std::string& folder, const Ledger&);  // throws emit::IoError

}  // namespace casebridge::job

// Source records that people gave new bytes: each is read as a file of its own, in the head and tail of the file that it
// came from.
#pragma once
#include <string>
#include <vector>

#include "job/job_file.hpp"
#include "job/ledger.hpp"

namespace casebridge::job {

struct Edited {
  std::string id;            // of the record that was refused, as quarantine list names it
  int64_t item = 0, of = 0;  // of the store: the new bytes, and the ones they replace
  int64_t source = 0;        // the file they came from
  std::string input, raw, head, tail;
};

std::string item_id(const std::string& feed, const std::string& sha256, uint64_t offset);
// Those of a feed that are to be read.
std::vector<Edited> edited_and_accepted(const Job&, store::Store&, const std::string& feed);
// Within a run: it was read, or refused again.
void settle_edited(store::Store&, const Edited&, bool good);

// The file that is read: in memory only, behind a name beside the store. Throws emit::IoError.
class EditedFile {
 public:
  EditedFile(const std::string& scratch, const Edited&);
  ~EditedFile();
  EditedFile(const EditedFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  int fd_ = -1;
  std::string folder_, path_;
};

void clear_scratch(const std::string& folder);  // of what a run that was killed has left
// The mapping that was accepted for a feed, laid out as a file; empty: the format's own.
std::string mapping_decided_for(Ledger&, const std::string& feed, const std::string& scratch);

}  // namespace casebridge::job

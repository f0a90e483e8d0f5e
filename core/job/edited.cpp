#include "job/edited.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/sink.hpp"

namespace casebridge::job {

namespace fs = std::filesystem;

std::string item_id(const std::string& feed, const std::string& sha256, uint64_t offset) {
  return sha256_hex(feed + "\x1f" + sha256 + "\x1f" + std::to_string(offset)).substr(0, 12);
}

std::vector<Edited> edited_and_accepted(const Job& job, store::Store& store, const std::string& feed) {
  std::vector<Edited> out;
  store::Query q(store.db(),
                 "SELECT e.\"item\", e.\"of\", e.\"input\", e.\"raw\", a.\"head\", a.\"tail\", o.\"sha256\", o.\"offset\", e.\"source\" "
                 "FROM \"Quarantine\" e "
                 "JOIN \"Quarantine\" o ON o.\"item\"=e.\"of\" JOIN \"Around\" a ON a.\"item\"=e.\"item\" "
                 "JOIN \"FeedFile\" f ON f.\"source\"=e.\"source\" WHERE e.\"state\"='accepted' AND f.\"job\"=? AND f.\"feed\"=? ORDER BY "
                 "e.\"item\"");
  q.text(job.name).text(feed);
  while (q.step()) {
    Edited e;
    e.item = q.as_number(0), e.of = q.as_number(1), e.input = q.as_text(2);
    e.raw = q.as_bytes(3), e.head = q.as_bytes(4), e.tail = q.as_bytes(5);
    e.source = q.as_number(8);
    e.id = item_id(feed, std::string(q.as_text(6)), static_cast<uint64_t>(q.as_number(7)));
    out.push_back(std::move(e));
  }
  return out;
}

void settle_edited(store::Store& store, const Edited& edited, bool good) {
  store::Query by(store.db(), "SELECT \"by\", \"why\" FROM \"Quarantine\" WHERE \"item\"=?");
  by.number(edited.item);
  std::string who, why;
  if (by.step()) who = by.as_text(0), why = by.as_text(1);
  by.reset();
  store.set_quarantine_state(edited.item, good ? "replayed" : "refused", who, why);
  if (!good) return;
  store.set_quarantine_state(edited.of, "replayed", who, why);
  store::Query around(store.db(), "DELETE FROM \"Around\" WHERE \"item\"=?");
  around.number(edited.item).done();
}

EditedFile::EditedFile(const std::string& scratch, const Edited& edited) {
  const auto fail = [&] { throw emit::IoError(fill(tr("{0} cannot be written"), std::vector<std::string>{scratch})); };
  fd_ = ::memfd_create("casebridge", MFD_CLOEXEC);
  if (fd_ < 0) fail();
  for (const std::string* part : {&edited.head, &edited.raw, &edited.tail})
    for (size_t at = 0; at < part->size();) {
      const ssize_t n = ::write(fd_, part->data() + at, part->size() - at);
      if (n <= 0) fail();
      at += static_cast<size_t>(n);
    }
  folder_ = (fs::path(scratch) / ("edited-" + edited.id)).string();
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  path_ = (fs::path(folder_) / fs::path(edited.input).filename()).string();
  fs::create_symlink("/proc/self/fd/" + std::to_string(fd_), path_);
}

EditedFile::~EditedFile() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  if (fd_ >= 0) ::close(fd_);
}

void clear_scratch(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> left;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name.starts_with("edited-") || name.starts_with("trial-")) left.push_back(at->path());
  }
  for (const fs::path& path : left) fs::remove_all(path, error);
}

std::string mapping_decided_for(Ledger& ledger, const std::string& feed, const std::string& scratch) {
  const std::string proposal = ledger.proposal_of(feed);
  return proposal.empty() ? "" : ledger.lay_out(proposal, (fs::path(scratch) / "mappings").string());
}

}  // namespace casebridge::job

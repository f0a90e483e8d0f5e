// One feed on its way in, a single input or the related tables of one format: opened, hashed, recognised, read by one
// session. Hands out batches that are its own copies, so
// that several threads can work on them while the worker reads on. Opened and read by one thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "host/input.hpp"
#include "host/registry.hpp"
#include "host/related_tables.hpp"
#include "host/session.hpp"
#include "pipeline/books.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::pipeline {

// A batch that nobody takes back.
class OwnedBatch {
 public:
  void copy(const cb_batch&);
  cb_batch view() const;

 private:
  std::vector<cb_unit> units_;
  std::vector<cb_record> records_;
  std::vector<cb_cell> cells_;
  std::vector<cb_hint> hints_;
  std::string heap_;
};

// What came as a stream (standard input, a member of an archive), held in anonymous memory: the Source line, which has its
// hash, stands before its records, so a stream is read to its end first. Nothing of it touches a disk.
class Spool {
 public:
  static constexpr uint64_t kMost = uint64_t(1) << 30;
  // Drains the input. nullptr: `problem` says why (too large, broken).
  static std::shared_ptr<Spool> of(host::Input&, Finding& problem);
  ~Spool();
  host::InputRef ref(const host::InputRef& of) const;

 private:
  int fd_ = -1;
  std::string received_sha256_;  // of a workbook: the file's, not its text's
  uint64_t received_bytes_ = 0;
};

// An input that can be read at any place: the file itself; or what a stream gave, or a workbook says, held in memory.
struct SeekableInput {
  host::InputRef ref;
  std::shared_ptr<Spool> spool;  // nullptr: the file itself
  std::unique_ptr<host::Input> input;
  bool opened = false;  // as far as to be spooled: what is wrong came later
};
// `input` is nullptr when something is wrong: `problem` says what.
SeekableInput open_seekable(const host::InputRef&, const host::InputLimits&, Finding& problem);

class Feed {
 public:
  // Opens the inputs, finds their format and hashes them. On failure `books.exit` says how grave, and a finding why; then
  // read() gives nothing. One entry of the books for each file, in their order; the books stay where they are.
  Feed(const host::Registry&, const host::InputSet&, const Plan&, std::span<FeedBooks>);
  ~Feed();

  bool open() const { return choice_ && inputs_.size() == set_.refs.size(); }
  const host::InputSet& set() const { return set_; }  // of the spools, where an input was a stream
  const std::vector<std::shared_ptr<Spool>>& spools() const { return spools_; }
  const host::Choice& choice() const { return choice_; }
  const std::string& name() const { return set_.refs.front().name; }
  size_t files() const { return set_.refs.size(); }
  host::LineIndex& lines(size_t file = 0) { return inputs_[file]->lines(); }

  // Opens the session; false: books and findings say why. `cancelled` is asked often while a batch is waited for: true, and
  // the input ends there.
  bool start(std::function<bool()> cancelled = {});
  bool read(OwnedBatch& into);                         // false: the end, good or bad (see failed())
  bool failed() const { return failed_; }              // an input broke or its reader did; what was read before stands
  void await_digest();                                 // waits until every byte is hashed; books get hash and size
  std::vector<Finding> take_findings();                // `source` is the number of the file in this feed, from 0
  const std::vector<host::LossCount>& losses() const;  // after stop()
  void stop(bool whole = true);  // closes session and input; books get hash and size. Not `whole`: the rest is not read
  std::string raw(size_t file, uint64_t offset, uint64_t length,
                  uint64_t most = uint64_t(16) << 20) const;  // bytes of an input, for quarantine

 private:
  bool open_file(size_t file);
  bool recognise();
  void fail(Finding, Exit, size_t file = 0);
  std::vector<host::Setting> with_schemas();
  const host::Registry& registry_;
  host::InputSet set_;
  const Plan& plan_;
  std::span<FeedBooks> books_;
  host::Choice choice_;
  std::vector<std::shared_ptr<Spool>> spools_;  // of each file; nullptr: it needs none
  std::vector<std::unique_ptr<host::Input>> inputs_;
  std::unique_ptr<host::Session> session_;
  std::vector<Finding> findings_;
  bool failed_ = false, ended_ = false;
};

Exit exit_of(const Finding& problem);  // an input that could not be opened or listed
Exit exit_of(cb_status);               // what a failed reader means for the run

}  // namespace casebridge::pipeline

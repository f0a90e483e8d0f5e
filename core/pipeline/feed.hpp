// One input on its way in: opened, hashed, recognised, read by a session. Hands out batches that are its own copies, so
// that several threads can work on them while the worker reads on. Opened and read by one thread.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/input.hpp"
#include "host/registry.hpp"
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
  // Opens the input, finds its format and hashes it. On failure `books.exit` says how grave, and a finding why; then
  // read() gives nothing.
  Feed(const host::Registry&, const host::InputRef&, const Plan&, FeedBooks&);
  ~Feed();

  bool open() const { return choice_ && input_; }
  const host::InputRef& ref() const { return ref_; }  // of the spool, where the input was a stream
  std::shared_ptr<Spool> spool() const { return spool_; }
  const host::Choice& choice() const { return choice_; }
  const std::string& name() const { return ref_.name; }
  host::LineIndex& lines() { return input_->lines(); }

  // Opens the session; false: books and findings say why. `cancelled` is asked often while a batch is waited for: true, and
  // the input ends there.
  bool start(std::function<bool()> cancelled = {});
  bool read(OwnedBatch& into);             // false: the end, good or bad (see failed())
  bool failed() const { return failed_; }  // the input broke or its reader did; what was read before stands
  void await_digest();                     // waits until every byte is hashed; books get hash and size
  std::vector<Finding> take_findings();
  const std::vector<host::LossCount>& losses() const;  // after stop()
  void stop(bool whole = true);  // closes session and input; books get hash and size. Not `whole`: the rest is not read
  std::string raw(uint64_t offset, uint64_t length,
                  uint64_t most = uint64_t(16) << 20) const;  // bytes of the input, for quarantine and trace

 private:
  void fail(Finding, Exit);
  void digest();
  std::vector<host::Setting> with_schemas();
  const host::Registry& registry_;
  host::InputRef ref_;
  const Plan& plan_;
  FeedBooks& books_;
  host::Choice choice_;
  std::shared_ptr<Spool> spool_;
  std::unique_ptr<host::Input> input_;
  std::unique_ptr<host::Session> session_;
  std::vector<Finding> findings_;
  bool failed_ = false, ended_ = false;
};

Exit exit_of(const Finding& problem);  // an input that could not be opened or listed
Exit exit_of(cb_status);               // what a failed reader means for the run

}  // namespace casebridge::pipeline

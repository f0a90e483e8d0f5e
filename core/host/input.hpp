// An opened input: a file, standard input, or a member of an archive. The host hashes and indexes every byte while the
// session reads: for a file in a second sequential pass on a thread of its own, for a stream on the way through.
// Opened by one thread, read by one session, finished once.
#pragma once
#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/finding.hpp"
#include "base/sha256.hpp"
#include "host/line_index.hpp"

namespace casebridge::host {

// What untrusted archives may cost. Each is reported as E-ARCHIVE-LIMIT, never cut off in silence.
struct InputLimits {
  uint64_t archive_ratio = 100;  // unpacked to packed, once more than free_bytes are unpacked
  uint64_t archive_free_bytes = uint64_t(64) << 20;
  uint64_t archive_bytes = uint64_t(64) << 30;  // unpacked, of one archive
  uint64_t archive_entries = 100'000;
  uint32_t archive_depth = 3;       // an archive in an archive in an archive
  uint32_t archive_seconds = 3600;  // of processor time
  bool allow_unsandboxed = false;
};

// What to open. Made by expand() (inputs.hpp) from what the user typed.
struct InputRef {
  std::string name;               // for messages, as the user would write it: "night/set.zip!persons.csv"; "-" is standard input
  std::string label;              // for the Source line: the same wherever the files lie ("set.zip!persons.csv")
  bool walked = false;            // found in a folder or archive, not named: what no plugin knows is left aside, and said
  std::filesystem::path path;     // of the file, or of the outermost archive
  std::vector<uint64_t> members;  // number of the member in each archive, outermost first; empty: not an archive
  std::vector<std::string> member_names;
  bool standard_input = false;
  // Of an input that is read as text made from it (a workbook): hash and size of the file as it came. Empty: of what is read.
  std::string received_sha256;
  uint64_t received_bytes = 0;
};

struct ArchiveStream;

class Input {
 public:
  // nullptr and a finding when it cannot be opened.
  static std::unique_ptr<Input> open(const InputRef&, const InputLimits&, Finding& problem);
  ~Input();

  const std::string& name() const { return name_; }
  std::string_view head() const { return head_; }  // up to 64 KiB, for probing
  int64_t size() const { return size_; }           // -1 unknown
  bool seekable() const { return seekable_; }
  // A workbook: what is read is the text of its cells, a stream; hash and size in the result are those of the file.
  bool workbook() const { return file_ >= 0; }

  // What the session reads from: pread() where seekable(), else read() once. Starts hashing and indexing. Owned by the
  // input; a session that hands it to another process calls release_reader() afterwards.
  int start();
  void release_reader();

  LineIndex& lines() { return index_; }  // waits for the index where it must

  struct Result {
    std::string sha256;  // lower-case hex; empty if the input was not read whole
    uint64_t bytes = 0, lines = 0;
    std::optional<Finding> problem;  // changed while being read; an archive that broke or passed a limit: do not trust what was read
  };
  // Starts the pass where it has not begun and waits until a file is hashed whole; the session may be reading meanwhile.
  // Nothing for a stream: its hash is known when it has been read.
  Result await();

  // After the session is closed: waits for the end of the pass (`whole`), or gives it up (inspect, a failed input).
  Result finish(bool whole = true);
  bool starved() const { return starved_; }  // a stream that has nothing to give at the moment
  bool broken() const { return broken_; }    // the stream ended early; finish() says why

 private:
  Input();
  void file_pass();
  void stream_pass();
  void tap(std::string_view bytes);
  bool open_workbook(const InputRef&, const InputLimits&, Finding& problem);
  void hash_file();
  bool fill_head();

  std::string name_, head_;
  std::filesystem::path path_;
  int64_t size_ = -1;
  bool seekable_ = false, started_ = false;
  int fd_ = -1, file_ = -1, pipe_read_ = -1, pipe_write_ = -1;
  std::unique_ptr<ArchiveStream> archive_;  // the worker that unpacks it
  std::array<int64_t, 6> stat_{};           // of the file when it was opened
  LineIndex index_;
  Sha256 hash_;
  std::thread pass_;
  std::atomic<bool> stop_ = false, broken_ = false, starved_ = false;
  bool complete_ = false;
  std::string failure_;  // of the pass
  std::string received_sha256_;
  uint64_t received_bytes_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace casebridge::host

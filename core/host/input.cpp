#include "host/input.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "host/archive.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::host {
namespace {

constexpr size_t kChunk = size_t(1) << 20;

std::array<int64_t, 6> identity(const struct stat& s) {
  return {static_cast<int64_t>(s.st_dev),
          static_cast<int64_t>(s.st_ino),
          s.st_size,
          s.st_mtim.tv_sec,
          s.st_mtim.tv_nsec,
          s.st_ctim.tv_sec * 1'000'000'000 + s.st_ctim.tv_nsec};
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

}  // namespace

std::unique_ptr<Input> Input::open(const InputRef& ref, const InputLimits& limits, Finding& problem) {
  auto in = std::unique_ptr<Input>(new Input);
  in->name_ = ref.name;
  in->path_ = ref.path;
  const auto missing = [&](int error) {
    problem = {.code = "E-INPUT-MISSING", .args = {ref.name, std::strerror(error)}, .input = ref.name};
    return nullptr;
  };
  in->fd_ = ref.standard_input ? ::fcntl(0, F_DUPFD_CLOEXEC, 3) : ::open(ref.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (in->fd_ < 0) return missing(errno);
  struct stat s {};
  if (::fstat(in->fd_, &s) != 0) return missing(errno);
  if (S_ISDIR(s.st_mode)) return missing(EISDIR);
  const bool regular = S_ISREG(s.st_mode);
  if (!ref.standard_input) ::fcntl(in->fd_, F_SETFL, ::fcntl(in->fd_, F_GETFL) & ~O_NONBLOCK);
  in->stat_ = identity(s);
  if (!ref.members.empty()) {
    in->archive_ = unpack(in->fd_, ref, limits, problem);
    if (!in->archive_) return nullptr;
    ::close(std::exchange(in->fd_, in->archive_->take_output()));
  } else if (regular && ::lseek(in->fd_, 0, SEEK_CUR) == 0) {
    in->seekable_ = true;
    in->size_ = s.st_size;
    in->head_.resize(64 << 10);
    const ssize_t got = ::pread(in->fd_, in->head_.data(), in->head_.size(), 0);
    if (got < 0) return missing(errno);
    in->head_.resize(static_cast<size_t>(got));
    in->received_sha256_ = ref.received_sha256;
    in->received_bytes_ = ref.received_bytes;
    if (in->head_.starts_with(read::kSheetText)) in->index_.sheets(in->fd_);
    if (office_file(in->head_) && !in->open_workbook(ref, limits, problem)) return nullptr;
    return in;
  }
  if (!in->fill_head()) return missing(errno);
  return in;
}

// A stream: what the head takes is given out again by the pass.
bool Input::fill_head() {
  head_.resize(64 << 10);
  size_t have = 0;
  while (have < head_.size()) {
    const ssize_t got = ::read(fd_, head_.data() + have, head_.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;
    have += static_cast<size_t>(got);
  }
  head_.resize(have);
  return true;
}

// False: it is one and cannot be read. A zip that turns out to be none stays the file that it is.
bool Input::open_workbook(const InputRef& ref, const InputLimits& limits, Finding& problem) {
  archive_ = host::open_workbook(fd_, ref, limits, problem);
  if (!archive_) return false;
  std::string head = std::move(head_);
  file_ = std::exchange(fd_, archive_->take_output());
  const bool read = fill_head();
  if (read && !head_.empty()) {
    seekable_ = false;
    size_ = -1;
    return true;
  }
  const std::optional<Finding> words = archive_->last_words();
  archive_.reset();
  ::close(std::exchange(fd_, std::exchange(file_, -1)));
  head_ = std::move(head);
  if (words && words->code != "E-XLSX-NONE") {
    problem = *words;
    return false;
  }
  return true;
}

Input::Input() = default;

Input::~Input() {
  stop_ = true;
  close_fd(pipe_read_);
  if (pass_.joinable()) pass_.join();
  archive_.reset();
  close_fd(pipe_write_);
  close_fd(fd_);
  close_fd(file_);
}

int Input::start() {
  if (started_) return seekable_ ? fd_ : pipe_read_;
  started_ = true;
  if (!seekable_) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error(std::string("no pipe: ") + std::strerror(errno));
    pipe_read_ = ends[0];
    pipe_write_ = ends[1];
    ::fcntl(pipe_write_, F_SETPIPE_SZ, static_cast<int>(kChunk));
  }
  pass_ = std::thread([this] {
    sigset_t pipe;  // a reader that stops early is no reason to die
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    try {
      seekable_ ? file_pass() : stream_pass();
    } catch (const std::exception& e) { failure_ = e.what(); }
    if (!seekable_) close_fd(pipe_write_);
    index_.finish();
  });
  return seekable_ ? fd_ : pipe_read_;
}

void Input::release_reader() { close_fd(pipe_read_); }

void Input::tap(std::string_view bytes) {
  index_.add(bytes);
  if (workbook()) return;  // hash_file()
  hash_.add(bytes);
  bytes_ += bytes.size();
}

void Input::hash_file() {
  std::vector<char> buffer(kChunk);
  while (!stop_) {
    const ssize_t got = ::pread(file_, buffer.data(), buffer.size(), static_cast<off_t>(bytes_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::runtime_error(std::strerror(errno));
    if (got == 0) return;
    hash_.add({buffer.data(), static_cast<size_t>(got)});
    bytes_ += static_cast<uint64_t>(got);
  }
}

void Input::file_pass() {
  std::vector<char> buffer(kChunk);
  ::posix_fadvise(fd_, 0, 0, POSIX_FADV_SEQUENTIAL);
  for (uint64_t at = 0; !stop_;) {
    const ssize_t got = ::pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw std::runtime_error(std::strerror(errno));
    if (got == 0) {
      complete_ = true;
      return;
    }
    tap({buffer.data(), static_cast<size_t>(got)});
    at += static_cast<uint64_t>(got);
  }
}

void Input::stream_pass() {
  if (workbook()) hash_file();
  bool read_by_someone = true;
  const auto give = [&](std::string_view bytes) {
    tap(bytes);
    while (read_by_someone && !bytes.empty()) {
      const ssize_t put = ::write(pipe_write_, bytes.data(), bytes.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) read_by_someone = false;  // EPIPE: the session has what it wants; the hash still wants the rest
      else bytes.remove_prefix(static_cast<size_t>(put));
    }
  };
  for (std::string_view rest = head_; !rest.empty() && !stop_;) {
    give(rest.substr(0, kChunk));
    rest.remove_prefix(std::min(rest.size(), kChunk));
  }
  std::vector<char> buffer(kChunk);
  while (!stop_) {
    pollfd wait{fd_, POLLIN, 0};
    starved_ = ::poll(&wait, 1, 100) == 0;
    if (starved_) continue;
    const ssize_t got = ::read(fd_, buffer.data(), buffer.size());
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (got < 0) throw std::runtime_error(std::strerror(errno));
    if (got == 0) {
      complete_ = true;
      return;
    }
    give({buffer.data(), static_cast<size_t>(got)});
  }
}

Input::Result Input::await() {
  Result result;
  if (!seekable_) return result;
  if (!started_) start();
  if (pass_.joinable()) pass_.join();
  if (complete_ && failure_.empty()) result.sha256 = received_sha256_.empty() ? hash_.hex() : received_sha256_;
  result.bytes = received_sha256_.empty() ? bytes_ : received_bytes_;
  return result;
}

Input::Result Input::finish(bool whole) {
  if (!whole) stop_ = true;
  close_fd(pipe_read_);
  if (!started_ && whole) start(), close_fd(pipe_read_);
  if (pass_.joinable()) pass_.join();
  Result result{.bytes = received_sha256_.empty() ? bytes_ : received_bytes_, .lines = index_.lines()};
  if (!failure_.empty()) result.problem = Finding{.code = "E-INPUT-IO", .args = {failure_}, .input = name_};
  if (complete_ && failure_.empty()) result.sha256 = received_sha256_.empty() ? hash_.hex() : received_sha256_;
  if (archive_ && complete_ && !result.problem) result.problem = archive_->last_words();
  if (archive_ && result.problem) result.sha256.clear();
  if (path_.empty() || fd_ < 0) return result;
  struct stat s {};
  const int file = workbook() ? file_ : fd_;
  const bool same = !seekable_ && !workbook()
                        ? true
                        : ::fstat(file, &s) == 0 && identity(s) == stat_ && (!complete_ || static_cast<int64_t>(bytes_) == s.st_size);
  if (!same) result.problem = Finding{.code = "E-INPUT-CHANGED", .args = {name_}, .input = name_};
  if (result.problem) broken_ = true;
  return result;
}

}  // namespace casebridge::host

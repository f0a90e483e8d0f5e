// A cb_input over a file descriptor: pread where it can seek, so that several processes may share one descriptor.
#pragma once
#include <errno.h>
#include <unistd.h>

#include <atomic>
#include <string>

#include "casebridge/plugin.h"

namespace casebridge::host {

class FdInput {
 public:
  FdInput(int fd, bool seekable, int64_t size, std::string name) : fd_(fd), seekable_(seekable), name_(std::move(name)) {
    raw_ = {sizeof(cb_input), 0, this, {name_.data(), name_.size()}, size, read, seekable ? seek : nullptr};
  }
  FdInput(const FdInput&) = delete;
  FdInput& operator=(const FdInput&) = delete;
  const cb_input* raw() const { return &raw_; }
  void follow(std::atomic<uint64_t>* consumed) { consumed_ = consumed; }  // adds what is read

 private:
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& in = *static_cast<FdInput*>(self);
    constexpr uint64_t kMost = uint64_t(1) << 30;
    if (size > kMost) size = kMost;
    for (;;) {
      const ssize_t got = in.seekable_ ? ::pread(in.fd_, into, size, static_cast<off_t>(in.at_)) : ::read(in.fd_, into, size);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return CB_E_IO;
      in.at_ += static_cast<uint64_t>(got);
      if (in.consumed_) in.consumed_->fetch_add(static_cast<uint64_t>(got), std::memory_order_relaxed);
      return got;
    }
  }
  static int64_t seek(void* self, int64_t to) {
    if (to < 0) return CB_E_IO;
    static_cast<FdInput*>(self)->at_ = static_cast<uint64_t>(to);
    return to;
  }
  int fd_;
  bool seekable_;
  std::string name_;
  uint64_t at_ = 0;
  std::atomic<uint64_t>* consumed_ = nullptr;
  cb_input raw_{};
};

}  // namespace casebridge::host

// What host and worker say to each other over one socket: frames of a kind, a size and a body. Both are the same build on
// the same machine, so numbers cross in native order. The host trusts no length it reads.
#pragma once
#include <sys/uio.h>

#include <atomic>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::host {

enum class FrameKind : uint32_t { start = 0xCB01, ready, batch, issue, loss, scores, members, done, fork, forked };

struct FrameHead {
  FrameKind kind;
  uint32_t n_units = 0, n_records = 0, n_cells = 0, n_hints = 0;  // of a batch; else 0
  int32_t status = 0;                                             // of done
  uint64_t size = 0;                                              // of the body; of a batch: of its heap
};

// Shared page: what the host must see even when the worker cannot speak any more.
struct Pulse {
  std::atomic<uint64_t> consumed{0};          // bytes taken from the inputs: a worker that reads on is not hanging
  std::atomic<int64_t> forbidden_syscall{0};  // 1 + number, written by the handler of SIGSYS
};

constexpr int kSocketFd = 3, kLifelineFd = 4, kPulseFd = 5, kFirstInputFd = 6;  // in the worker
constexpr int kExitForbidden = 97, kExitOrphan = 98, kExitBroken = 99;

class Packer {
 public:
  Packer& number(uint64_t n) { return bytes({reinterpret_cast<const char*>(&n), sizeof n}); }
  Packer& text(std::string_view s) { return number(s.size()).bytes(s); }
  const std::string& body() const { return body_; }

 private:
  Packer& bytes(std::string_view s) {
    body_ += s;
    return *this;
  }
  std::string body_;
};

class Unpacker {  // throws std::runtime_error on a body that is cut off
 public:
  explicit Unpacker(std::string_view body) : rest_(body) {}
  uint64_t number() {
    uint64_t n = 0;
    std::memcpy(&n, take(sizeof n).data(), sizeof n);
    return n;
  }
  std::string_view text() { return take(number()); }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view take(uint64_t size) {
    if (size > rest_.size()) throw std::runtime_error("a message is cut off");
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }
  std::string_view rest_;
};

bool write_all(int fd, iovec* parts, int n);  // false: the other side is gone
inline bool write_frame(int fd, FrameHead head, std::string_view body) {
  head.size = body.size();
  iovec parts[2] = {{&head, sizeof head}, {const_cast<char*>(body.data()), body.size()}};
  return write_all(fd, parts, body.empty() ? 1 : 2);
}

}  // namespace casebridge::host

#include "host/worker_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "host/registry.hpp"
#include "host/sandbox.hpp"

namespace casebridge::host {

bool write_all(int fd, iovec* parts, int n) {
  while (n > 0) {
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = static_cast<size_t>(n);
    ssize_t put = ::sendmsg(fd, &message, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    for (; n > 0 && static_cast<size_t>(put) >= parts->iov_len; --n) put -= static_cast<ssize_t>((parts++)->iov_len);
    if (n > 0) parts->iov_base = static_cast<char*>(parts->iov_base) + put, parts->iov_len -= static_cast<size_t>(put);
  }
  return true;
}

std::string worker_program() {
  namespace fs = std::filesystem;
  for (const char* at : {"casebridge-worker", "../bin/casebridge-worker", "../libexec/casebridge/casebridge-worker"}) {
    std::error_code error;
    if (const fs::path p = program_folder() / at; fs::exists(p, error)) return p.string();
  }
  throw std::runtime_error("casebridge-worker is missing beside " + program_folder().string());
}

namespace {

struct Fds {  // closed together, whatever happens
  std::vector<int> all;
  ~Fds() {
    for (const int fd : all) ::close(fd);
  }
  int add(int fd, const char* what) {
    if (fd < 0) throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
    all.push_back(fd);
    return fd;
  }
  // Well above the numbers the worker knows them by, so that one dup2 does not overwrite the next one's source.
  int high(int fd) { return add(::fcntl(fd, F_DUPFD_CLOEXEC, 200), "descriptor"); }
};

}  // namespace

struct WorkerProcess::Channels {
  Fds theirs;
  int socket = -1, lifeline = -1, pulse = -1;
};

void WorkerProcess::open(Channels& c) {
  int pair[2], life[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) throw std::runtime_error("no socket pair");
  socket_ = pair[0], c.socket = c.theirs.add(pair[1], "socket");
  const int buffer = 4 << 20;  // the kernel cuts it to what the system allows
  for (const int end : pair) ::setsockopt(end, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  if (::pipe2(life, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  c.lifeline = c.theirs.add(life[0], "pipe"), lifeline_ = life[1];
  c.pulse = c.theirs.add(::memfd_create("casebridge-pulse", MFD_CLOEXEC | MFD_ALLOW_SEALING), "memfd");
  // Sealed: a worker that may write to a spill file must not make this one grow.
  if (::ftruncate(c.pulse, sizeof(Pulse)) != 0 || ::fcntl(c.pulse, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
    throw std::runtime_error("memfd");
  void* at = ::mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED, c.pulse, 0);
  if (at == MAP_FAILED) throw std::runtime_error("memfd cannot be mapped");
  pulse_ = new (at) Pulse;
}

void WorkerProcess::close_ours() {
  if (socket_ >= 0) ::close(socket_);
  if (lifeline_ >= 0) ::close(lifeline_);
  if (pulse_) ::munmap(pulse_, sizeof(Pulse));
  socket_ = lifeline_ = -1;
  pulse_ = nullptr;
}

WorkerProcess::WorkerProcess(std::string_view start, const std::vector<int>& fds, WorkerProcess& nursery) {
  try {
    Channels c;
    open(c);
    std::vector<int> sent{c.socket, c.lifeline, c.pulse};
    sent.insert(sent.end(), fds.begin(), fds.end());
    FrameHead head{FrameKind::fork};
    head.size = start.size();
    iovec part{&head, sizeof head};
    std::vector<char> control(CMSG_SPACE(sent.size() * sizeof(int)));
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    cmsghdr* rights = CMSG_FIRSTHDR(&message);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sent.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), sent.data(), sent.size() * sizeof(int));
    iovec body{const_cast<char*>(start.data()), start.size()};
    uint64_t pid = 0;
    if (::sendmsg(nursery.socket_, &message, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof head) || !write_all(nursery.socket_, &body, 1) ||
        nursery.read(&head, sizeof head, std::chrono::seconds(10), {}) != Read::ok || head.kind != FrameKind::forked ||
        head.size != sizeof pid || nursery.read(&pid, sizeof pid, std::chrono::seconds(10), {}) != Read::ok || pid == 0 || pid > INT32_MAX)
      throw std::runtime_error("the nursery gives no worker");
    pid_ = static_cast<pid_t>(pid);
  } catch (...) {
    close_ours();
    throw;
  }
}

WorkerProcess::WorkerProcess(std::string_view start, const std::vector<int>& fds) {
  const std::string program = worker_program();
  Channels c;
  try {
    open(c);
  } catch (...) {
    close_ours();
    throw;
  }
  Fds& theirs = c.theirs;

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);  // a plugin's chatter may hold personal data
  posix_spawn_file_actions_adddup2(&actions, theirs.high(c.socket), kSocketFd);
  posix_spawn_file_actions_adddup2(&actions, theirs.high(c.lifeline), kLifelineFd);
  posix_spawn_file_actions_adddup2(&actions, theirs.high(c.pulse), kPulseFd);
  for (size_t i = 0; i < fds.size(); ++i)
    posix_spawn_file_actions_adddup2(&actions, theirs.high(fds[i]), kFirstInputFd + static_cast<int>(i));
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C is for the program, which then ends its workers in order
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  // No environment of ours: no LD_PRELOAD, no locale, no secrets.
  char lang[] = "LC_ALL=C.UTF-8", zone[] = "TZ=UTC0", no_dtd[] = "XERCES_DISABLE_DTD=1", name[] = "casebridge-worker";
  char* environment[] = {lang, zone, no_dtd, nullptr};
  char* arguments[] = {name, nullptr};
  const int error = ::posix_spawn(&pid_, program.c_str(), &actions, &attributes, arguments, environment);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error) {
    close_ours();
    throw std::runtime_error(program + ": " + std::strerror(error));
  }
  // A worker that cannot start shows at the first read.
  write_frame(socket_, {.kind = FrameKind::start}, start);
}

WorkerProcess::~WorkerProcess() {
  if (!waited_) kill();
  if (!waited_ && pid_ > 0) ::waitpid(pid_, &wait_status_, 0);
  close_ours();
}

void WorkerProcess::kill() {
  if (pid_ > 0 && !waited_) ::kill(pid_, SIGKILL);
}

WorkerProcess::Read WorkerProcess::read(void* into, size_t size, std::chrono::milliseconds patience, const std::function<bool()>& cancelled,
                                        const std::function<bool()>& excused) {
  using clock = std::chrono::steady_clock;
  auto* at = static_cast<char*>(into);
  clock::time_point since{};  // of the last sign of life; the clock is asked only when nothing is there
  uint64_t consumed = 0;
  while (size > 0) {
    const ssize_t got = ::recv(socket_, at, size, MSG_DONTWAIT);
    if (got > 0) {
      at += got;
      size -= static_cast<size_t>(got);
      since = {};
      continue;
    }
    if (got == 0) return Read::gone;
    if (errno == EINTR) continue;
    if (errno != EAGAIN) return Read::gone;
    pollfd wait{socket_, POLLIN, 0};
    ::poll(&wait, 1, 50);
    if (cancelled && cancelled()) return Read::cancelled;
    const auto now = clock::now();
    const uint64_t seen = pulse_->consumed.load(std::memory_order_relaxed);
    if (since == clock::time_point{} || seen != consumed || (excused && excused())) since = now, consumed = seen;
    else if (now - since > patience) return Read::hung;
  }
  return Read::ok;
}

std::optional<Finding> WorkerProcess::autopsy(const std::string& plugin, uint64_t cpu_seconds) {
  if (!waited_) ::waitpid(pid_, &wait_status_, 0);
  waited_ = true;
  if (const int64_t call = pulse_->forbidden_syscall.load();
      call > 0 && WIFEXITED(wait_status_) && WEXITSTATUS(wait_status_) == kExitForbidden)
    return Finding{.code = "E-WORKER-FORBIDDEN", .args = {plugin, syscall_name(call - 1)}};
  if (WIFSIGNALED(wait_status_)) {
    const int signal = WTERMSIG(wait_status_);
    if (signal == SIGSYS) return Finding{.code = "E-WORKER-FORBIDDEN", .args = {plugin, "with its signals blocked"}};
    if (signal == SIGXCPU) return Finding{.code = "E-WORKER-CPU", .args = {std::to_string(cpu_seconds)}};
    return Finding{.code = "E-WORKER-SIGNAL", .args = {std::to_string(signal), ::strsignal(signal)}};
  }
  if (WEXITSTATUS(wait_status_)) return Finding{.code = "E-WORKER-EXIT", .args = {std::to_string(WEXITSTATUS(wait_status_))}};
  return std::nullopt;
}

}  // namespace casebridge::host

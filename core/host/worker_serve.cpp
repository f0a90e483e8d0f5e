#include "host/worker_serve.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "casebridge/sdk.hpp"
#include "host/archive_worker.hpp"
#include "host/batch_check.hpp"
#include "host/builtin.hpp"
#include "host/plugin_run.hpp"
#include "host/sandbox.hpp"
#include "host/worker_start.hpp"

namespace casebridge::host {
namespace {

bool read_all(int fd, void* into, size_t size) {
  auto* at = static_cast<char*>(into);
  while (size > 0) {
    const ssize_t got = ::read(fd, at, size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    size -= static_cast<size_t>(got);
  }
  return true;
}

// When the host is gone, its end of the lifeline closes, and the kernel ends us: even in the middle of an endless loop,
// and whichever thread of the host had started us.
void follow_host() {
  ::fcntl(kLifelineFd, F_SETOWN, ::getpid());
  ::fcntl(kLifelineFd, F_SETSIG, SIGKILL);
  ::fcntl(kLifelineFd, F_SETFL, ::fcntl(kLifelineFd, F_GETFL) | O_ASYNC);
  char nothing;
  ::fcntl(kLifelineFd, F_SETFL, ::fcntl(kLifelineFd, F_GETFL) | O_NONBLOCK);
  if (::read(kLifelineFd, &nothing, 1) == 0) ::_exit(kExitOrphan);  // it was gone before we asked
}

// The next frame with the descriptors that came with it; false: the host has closed.
bool receive(FrameHead& head, std::string& body, std::vector<int>& fds) {
  fds.clear();
  std::vector<char> control(CMSG_SPACE(64 * sizeof(int)));
  iovec part{&head, sizeof head};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t got;
  do got = ::recvmsg(kSocketFd, &message, MSG_WAITALL);
  while (got < 0 && errno == EINTR);
  if (got != static_cast<ssize_t>(sizeof head)) return false;
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < n; ++i) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      fds.push_back(fd);
    }
  }
  body.resize(head.size);
  return read_all(kSocketFd, body.data(), body.size());
}

[[noreturn]] void host_is_gone() { ::_exit(kExitOrphan); }

void send(FrameHead head, std::string_view body = {}) {
  if (!write_frame(kSocketFd, head, body)) host_is_gone();
}

void send_batch(const cb_batch& b) {
  FrameHead head{FrameKind::batch, b.n_units, b.n_records, b.n_cells, b.n_hints, 0, b.heap_size};
  iovec parts[] = {{&head, sizeof head},
                   {const_cast<cb_unit*>(b.units), b.n_units * sizeof(cb_unit)},
                   {const_cast<cb_record*>(b.records), b.n_records * sizeof(cb_record)},
                   {const_cast<cb_cell*>(b.cells), b.n_cells * sizeof(cb_cell)},
                   {const_cast<cb_hint*>(b.hints), b.n_hints * sizeof(cb_hint)},
                   {const_cast<char*>(b.heap), b.heap_size}};
  if (!write_all(kSocketFd, parts, 6)) host_is_gone();
}

struct SocketSink final : PluginRun::Sink {
  void issue(const cb_issue& i) override {
    constexpr uint64_t kMost = 64 << 10;
    Packer p;
    const auto text = [&](cb_text t) { p.text({t.data ? t.data : "", t.data ? std::min(t.size, kMost) : 0}); };
    p.number(i.severity).number(i.field).number(i.input).number(i.source_offset).number(i.source_length).text(i.code);
    text(i.message);
    text(i.message_fr);
    told = told || i.severity == CB_ERROR;
    if (!last_words || i.severity != CB_ERROR) return send({.kind = FrameKind::issue}, p.body());
    if (held.empty()) held = p.body();  // why preparing failed: goes out as the answer to the start
  }
  bool cancelled() override { return false; }  // the host ends us
  bool told = false, last_words = false;
  std::string held;
};

void ready(const char* code, const std::string& why) {
  send({.kind = FrameKind::ready, .status = code ? 1 : 0}, code ? Packer().text(code).text(why).body() : std::string());
}

int done(cb_status status) {
  send({.kind = FrameKind::done, .status = status});
  return 0;
}

// Waits for inputs and makes a worker for each: a child of the host's, not of ours, so that the host buries it itself.
// Returns only in such a worker, with what it is to do; this process has never read a byte of an input.
Start await_input(size_t n_files) {
  FrameHead head{};
  std::string body;
  std::vector<int> fds;
  while (receive(head, body, fds)) {
    if (head.kind != FrameKind::fork || fds.size() != 3 + n_files) ::_exit(kExitBroken);
    const long pid = ::syscall(SYS_clone, CLONE_PARENT | SIGCHLD, nullptr, nullptr, nullptr, 0);
    if (pid < 0) ::_exit(kExitBroken);
    if (pid == 0) {  // socket, lifeline, pulse, inputs: each stands higher than where it is to go
      for (size_t i = 0; i < fds.size(); ++i) ::dup2(fds[i], kSocketFd + static_cast<int>(i));
      ::close_range(static_cast<unsigned>(kFirstInputFd + n_files), ~0u, 0);
      return Start::unpack(body);
    }
    for (const int fd : fds) ::close(fd);
    send({.kind = FrameKind::forked}, Packer().number(static_cast<uint64_t>(pid)).body());
  }
  ::_exit(0);  // the host has no more
}

int read_job(PluginRun& run, SocketSink& sink) {
  cb_status status = run.open();
  cb_batch batch;
  while (status == CB_OK) {
    status = run.next(batch);
    if (status > CB_END) status = CB_E_INTERNAL;  // a status that is none
    if (status == CB_OK) send_batch(batch);
  }
  if (status < 0 && !sink.told) {
    const std::string why = "status " + std::to_string(status);
    const cb_issue issue{sizeof(cb_issue), CB_ERROR, detail::code_of(status), {why.data(), why.size()}, {}, 0, 0, 0, 0};
    sink.issue(issue);
  }
  run.close();
  for (const auto& [key, count] : run.losses())
    send({.kind = FrameKind::loss}, Packer().text(std::get<0>(key)).text(std::get<2>(key)).number(std::get<1>(key)).number(count).body());
  return done(status);
}

}  // namespace

int serve() {
  follow_host();
  FrameHead head{};
  std::string body;
  if (!read_all(kSocketFd, &head, sizeof head) || head.kind != FrameKind::start) return kExitBroken;
  body.resize(head.size);
  if (!read_all(kSocketFd, body.data(), body.size())) return kExitBroken;
  Start start = Start::unpack(body);
  const int n_inputs = static_cast<int>(start.inputs.size());
  const uint64_t spill = start.job == Job::read ? spill_memory(start.settings) : 0;  // its file stands behind the inputs
  const int n_files = n_inputs + (spill ? 1 : 0);
  ::close_range(static_cast<unsigned>(kFirstInputFd + n_files), ~0u, 0);
  void* page = ::mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED, kPulseFd, 0);
  if (page == MAP_FAILED) return kExitBroken;
  auto* pulse = static_cast<Pulse*>(page);

  SocketSink sink;
  std::shared_ptr<const Library> library;
  std::unique_ptr<PluginRun> run;
#ifndef CASEBRIDGE_SANITIZED  // a sanitizer needs the address space and the calls that the sandbox takes away
  try {
    // A few descriptors more than are open now: loading the plugin opens its files one after the other.
    limit_process({start.memory, start.cpu_seconds, static_cast<uint64_t>(kFirstInputFd + n_files + 16), spill ? SpillFile::kMost : 0});
  } catch (const std::exception& e) {
    ready("E-WORKER-SANDBOX", e.what());
    return 0;
  }
#endif
  const bool plugin_job = start.job == Job::read || start.job == Job::probe;
  try {
    if (plugin_job) {
      if (builtins().warm_up) builtins().warm_up();
      library = Library::open(start.plugin());
      if (start.job == Job::read) {
        run = std::make_unique<PluginRun>(library, start.plugin(), start.format, start.settings,
                                          static_cast<uint32_t>(start.max_batch_records), static_cast<uint32_t>(start.model_version), sink);
        run->follow(&pulse->consumed);
        sink.last_words = true;
        if (const cb_status status = run->prepare(); status != CB_OK) {
          std::string why = "status " + std::to_string(status);
          if (!sink.held.empty()) {
            Unpacker u(sink.held);
            for (int i = 0; i < 5; ++i) u.number();
            const std::string code(u.text()), words(u.text());
            if (status == CB_E_OPTION) {  // what the user gave, not the plugin: the finding as it is
              ready(code.c_str(), words);
              return 0;
            }
            why = code + ": " + words;
          }
          ready("E-PLUGIN-LOAD", why);
          return 0;
        }
        sink.last_words = false;
        if (start.nursery) {
          ready(nullptr, {});
          start = await_input(static_cast<size_t>(n_files));
          follow_host();
          ::munmap(page, sizeof(Pulse));
          page = ::mmap(nullptr, sizeof(Pulse), PROT_READ | PROT_WRITE, MAP_SHARED, kPulseFd, 0);
          if (page == MAP_FAILED) return kExitBroken;
          pulse = static_cast<Pulse*>(page);
          run->follow(&pulse->consumed);
        }
        for (int i = 0; i < n_inputs; ++i) {
          const StartInput& in = start.inputs[static_cast<size_t>(i)];
          run->add_input(kFirstInputFd + i, in.seekable, in.size, in.name);
        }
        if (spill) run->offer_spill(kFirstInputFd + n_inputs, spill);
      }
    } else {
      if (start.job == Job::workbook && builtins().warm_up) builtins().warm_up();  // it reads XML
      prepare_archives();
    }
  } catch (const std::exception& e) {
    ready("E-PLUGIN-LOAD", e.what());
    return 0;
  }
#ifdef CASEBRIDGE_SANITIZED
  const std::string open_door;
#else
  const std::string open_door = close_sandbox(&pulse->forbidden_syscall);
#endif
  if (!open_door.empty() && !start.allow_unsandboxed) {
    ready("E-WORKER-SANDBOX", open_door);
    return 0;
  }
  ready(nullptr, {});
  switch (start.job) {
    case Job::read: return read_job(*run, sink);
    case Job::probe: {
      Packer scores;
      for (const std::string& format : start.formats)
        scores.number(library->plugin().probe ? library->plugin().probe(format.c_str(), {start.name.data(), start.name.size()},
                                                                        start.head.data(), start.head.size())
                                              : 0);
      send({.kind = FrameKind::scores}, scores.body());
      return done(CB_END);
    }
    case Job::list_archive: return list_archive_job(start, *pulse);
    case Job::unpack: return unpack_job(start, *pulse);
    case Job::workbook: return workbook_job(start, *pulse);
  }
  return kExitBroken;
}

}  // namespace casebridge::host

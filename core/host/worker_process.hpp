// One worker process as the host sees it: how it is started, spoken to, watched and buried. One thread.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "host/wire.hpp"

namespace casebridge::host {

class WorkerProcess {
 public:
  // Starts casebridge-worker with the descriptors as kFirstInputFd and up, and sends `start`. Throws std::runtime_error.
  WorkerProcess(std::string_view start, const std::vector<int>& fds);
  // The same, as a child of `nursery`, which has been prepared for it and is not waited for longer than a moment.
  WorkerProcess(std::string_view start, const std::vector<int>& fds, WorkerProcess& nursery);
  ~WorkerProcess();  // ends it at once if it still runs
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  enum class Read { ok, gone, hung, cancelled };
  // The next `size` bytes. `hung` after `patience` without a byte and without the worker reading on, unless `excused`
  // says that it waits for an input that itself has nothing to give.
  Read read(void* into, size_t size, std::chrono::milliseconds patience, const std::function<bool()>& cancelled,
            const std::function<bool()>& excused = {});
  int socket() const { return socket_; }
  void kill();
  // How it ended, as a finding; nothing if it ended well. Waits for it. `plugin` is named in the words.
  std::optional<Finding> autopsy(const std::string& plugin, uint64_t cpu_seconds);

 private:
  struct Channels;  // what the worker is given, until it has it
  void open(Channels&);
  void close_ours();
  int socket_ = -1, lifeline_ = -1;
  Pulse* pulse_ = nullptr;
  pid_t pid_ = -1;
  int wait_status_ = 0;
  bool waited_ = false;
};

// The worker for a session. From the second session of one kind on (same plugin, format, settings, limits) it is forked from
// a process that has loaded and prepared everything and has never seen a byte of an input: a tenth of the time, and as
// before one worker for each input, which nothing of another can reach. Throws std::runtime_error.
struct Start;
WorkerProcess start_worker(const Start&, const std::vector<int>& fds);

std::string worker_program();  // beside the program, in ../bin or in ../libexec/casebridge

}  // namespace casebridge::host

// A worker process and what it says, frame by frame. One thread.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/worker_process.hpp"
#include "host/worker_start.hpp"

namespace casebridge::host {

// Reads frames; whatever goes wrong becomes one finding.
class WorkerTalk {
 public:
  // `plugin` is named in findings. Throws std::runtime_error when no worker can be started.
  WorkerTalk(std::string plugin, std::chrono::milliseconds hang, std::function<bool()> cancelled, const Start& start,
             const std::vector<int>& fds)
      : plugin_(std::move(plugin)),
        hang_(hang),
        cancelled_(std::move(cancelled)),
        cpu_seconds_(start.cpu_seconds),
        worker_(start_worker(start, fds)) {}

  void excuse(std::function<bool()> waits_for_input) { excused_ = std::move(waits_for_input); }
  bool head(FrameHead& h) { return take(&h, sizeof h); }
  bool body(std::string& into, uint64_t size) {
    if (size > kMostMessage) return spoke("it is too long");
    into.resize(size);
    return take(into.data(), size);
  }
  bool take(void* into, uint64_t size) {
    switch (worker_.read(into, size, hang_, cancelled_, excused_)) {
      case WorkerProcess::Read::ok: return true;
      case WorkerProcess::Read::gone: {
        worker_.kill();  // a worker that closed its socket and lives on
        problem_ = worker_.autopsy(plugin_, cpu_seconds_);
        if (!problem_) problem_ = Finding{.code = "E-WORKER-EXIT", .args = {"0"}};
        return false;
      }
      case WorkerProcess::Read::hung:
        worker_.kill();
        problem_ = Finding{.code = "E-WORKER-HANG",
                           .args = {std::to_string(hang_.count() / 1000) +
                                    (hang_.count() % 1000 ? "." + std::to_string(hang_.count() % 1000 / 100) : "")}};
        return false;
      case WorkerProcess::Read::cancelled:
        worker_.kill();
        problem_ = Finding{.code = "E-CANCELLED", .severity = Severity::warning};
        return false;
    }
    return false;
  }
  bool spoke(std::string what) {  // nonsense: a worker that was taken over, or a defect of ours
    worker_.kill();
    problem_ = Finding{.code = "E-WORKER-SPOKE", .args = {std::move(what)}};
    return false;
  }
  // The first frame: was the sandbox closed, did the plugin load?
  bool ready() {
    FrameHead h{};
    if (!head(h)) return false;
    std::string text;
    if (h.kind != FrameKind::ready || !body(text, h.size)) return problem_ ? false : spoke("it is not ready");
    if (h.status == 0) return true;
    Unpacker u(text);
    std::string code(u.text());
    std::string why(u.text());
    problem_ = Finding{.code = code};
    if (code == "E-PLUGIN-LOAD") problem_->args = {plugin_, why};
    else
      for (size_t at = 0, end = 0; end != why.npos; at = end + 1)
        problem_->args.push_back(why.substr(at, (end = why.find('\x1f', at)) == why.npos ? why.npos : end - at));
    return false;
  }
  const std::optional<Finding>& problem() const { return problem_; }
  WorkerProcess& process() { return worker_; }

 private:
  static constexpr uint64_t kMostMessage = uint64_t(64) << 20;
  std::string plugin_;
  std::chrono::milliseconds hang_;
  std::function<bool()> cancelled_, excused_;
  uint64_t cpu_seconds_;
  WorkerProcess worker_;
  std::optional<Finding> problem_;
};

}  // namespace casebridge::host

// A reading session: one plugin, one format, one input (or the tables of one feed). The same face in this process and in
// a sandboxed worker, which is the default. Used by one thread at a time.
//
//   auto session = open_session(plugin, request, problem);   // nullptr and a finding: nothing was read
//   cb_batch batch;
//   while (session->next(batch) == CB_OK) { ... }             // batch is checked, and lent until the next call
//   session->close();                                         // losses are complete now
//   findings = session->take_findings();                      // in the order they were reported
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "casebridge/plugin.h"
#include "host/input.hpp"
#include "host/manifest.hpp"
#include "host/options.hpp"

namespace casebridge::host {

struct WorkerLimits {
  uint64_t memory = uint64_t(2) << 30;     // bytes of address space
  uint32_t cpu_seconds = 6 * 3600;         // of the whole session
  std::chrono::milliseconds hang{60'000};  // without a message and without the input being read on
  uint64_t batch_bytes = uint64_t(512) << 20;
  uint32_t findings = 1'000'000;  // per session; what is beyond is counted and said
};

struct Request {
  std::string format;
  std::vector<Setting> settings;  // from check_options()
  std::vector<Input*> inputs;     // not null; [0] is the main one; borrowed until close()
  uint32_t max_batch_records = 4096;
  uint32_t model_version = 1;
  bool in_process = false;         // sanitizer builds always are
  bool allow_unsandboxed = false;  // where the kernel cannot confine the worker
  WorkerLimits limits;
  std::function<bool()> cancelled;  // asked often; may be empty
};

struct LossCount {
  std::string field;  // the source's own name of the field
  uint32_t what = CB_LOSS_EXT;
  std::string why;  // reason of the rule that dropped it
  uint64_t count = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  // CB_OK with a batch; CB_END once; a failure (< 0) once, with a finding that says why. Then the session is over.
  virtual cb_status next(cb_batch& out) = 0;
  virtual void close() = 0;                                         // idempotent
  std::vector<Finding> take_findings();                             // with line and column
  const std::vector<LossCount>& losses() const { return losses_; }  // after close(); sorted by field, what, why
  uint64_t findings_dropped() const { return dropped_; }

 protected:
  explicit Session(const Request& r) : request_(r) {}
  void report(Finding);  // of input 0 unless it names one
  void report(uint32_t input, uint32_t severity, std::string code, std::string_view args, std::string_view message_fr, uint32_t field,
              uint64_t offset, uint64_t length);
  Request request_;
  std::vector<Finding> findings_;
  std::vector<LossCount> losses_;
  uint64_t dropped_ = 0;
  bool told_error_ = false;  // an error of this session has been reported
};

std::unique_ptr<Session> open_session(const PluginInfo&, const Request&, Finding& problem);

// probe() of several formats of one plugin, in a worker of its own unless `in_process`: 0..100 each. A plugin that
// crashes or hangs scores 0 for all, and `problem` says so.
std::vector<uint32_t> probe_formats(const PluginInfo&, const std::vector<std::string>& formats, std::string_view name,
                                    std::string_view head, const Request& how, std::optional<Finding>& problem);

}  // namespace casebridge::host

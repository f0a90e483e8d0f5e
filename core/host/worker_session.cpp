#include "host/worker_session.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "host/batch_check.hpp"
#include "host/plugin_run.hpp"
#include "host/worker_talk.hpp"

namespace casebridge::host {
namespace {

Start start_for(const PluginInfo& plugin, const Request& request, Job job) {
  Start s;
  s.job = job;
  s.of(plugin);
  s.memory = request.limits.memory;
  s.cpu_seconds = request.limits.cpu_seconds;
  s.allow_unsandboxed = request.allow_unsandboxed;
  return s;
}

class WorkerSession final : public Session {
 public:
  WorkerSession(const PluginInfo& plugin, const Request& request) : Session(request), plugin_(plugin) {
    Start start = start_for(plugin, request_, Job::read);
    start.format = request_.format;
    start.settings = request_.settings;
    start.max_batch_records = request_.max_batch_records;
    start.model_version = request_.model_version;
    std::vector<int> fds;
    for (Input* in : request_.inputs) {
      fds.push_back(in->start());
      start.inputs.push_back({in->seekable(), in->size(), in->name()});
    }
    int spill = -1;
    if (spill_memory(start.settings)) try {
        spill = nameless_file(std::filesystem::temp_directory_path().string());
        fds.push_back(spill);
      } catch (const std::exception&) {  // no room: it holds what it can, and refuses what it cannot
        std::erase_if(start.settings, [](const Setting& s) { return s.first == kSpillSetting; });
      }
    const struct Closer {
      int fd;
      ~Closer() {
        if (fd >= 0) ::close(fd);
      }
    } ours{spill};  // the worker has its own
    worker_ = std::make_unique<WorkerTalk>(plugin_.id, request_.limits.hang, request_.cancelled, start, fds);
    for (Input* in : request_.inputs) in->release_reader();
    worker_->excuse(
        [this] { return std::any_of(request_.inputs.begin(), request_.inputs.end(), [](const Input* in) { return in->starved(); }); });
  }
  ~WorkerSession() override { close(); }

  bool open(Finding& problem) {
    if (worker_->ready()) return true;
    problem = *worker_->problem();
    over_ = true;
    return false;
  }

  cb_status next(cb_batch& out) override {
    out = {sizeof(cb_batch)};
    if (over_) return CB_END;
    const cb_status status = receive(out);
    if (status == CB_OK) return status;
    over_ = true;
    if (status < 0 && worker_->problem()) report(*worker_->problem());
    else if (status < 0 && !told_error_) report({.code = "E-PLUGIN-INTERNAL", .args = {"status " + std::to_string(status)}});
    out = {sizeof(cb_batch)};
    return status;
  }

  void close() override {
    if (closed_) return;
    closed_ = over_ = true;
    worker_.reset();  // ends a worker that is still reading
    std::sort(losses_.begin(), losses_.end(),
              [](const LossCount& a, const LossCount& b) { return std::tie(a.field, a.what, a.why) < std::tie(b.field, b.what, b.why); });
  }

 private:
  cb_status receive(cb_batch& out) {
    for (;;) {
      FrameHead h{};
      if (!worker_->head(h)) return worker_->problem()->code == "E-CANCELLED" ? CB_E_CANCELLED : CB_E_INTERNAL;
      if (h.kind == FrameKind::batch) return batch(h, out);
      if (!worker_->body(body_, h.size)) return CB_E_INTERNAL;
      try {
        Unpacker u(body_);
        switch (h.kind) {
          case FrameKind::issue: {
            const auto severity = static_cast<uint32_t>(u.number()), field = static_cast<uint32_t>(u.number()),
                       input = static_cast<uint32_t>(u.number());
            const uint64_t offset = u.number(), length = u.number();
            const std::string_view code = u.text(), message = u.text(), french = u.text();
            for (const std::string_view t : {code, message, french})
              if (!valid_utf8(t.data(), t.size())) throw std::runtime_error("an issue is not UTF-8");
            report(input, severity, std::string(code), message, french, field, offset, length);
            break;
          }
          case FrameKind::loss: {
            std::string field(u.text()), why(u.text());
            const auto what = static_cast<uint32_t>(u.number());
            losses_.push_back({std::move(field), what, std::move(why), u.number()});
            break;
          }
          case FrameKind::done:
            if (h.status != CB_END && h.status >= 0) throw std::runtime_error("an end that is none");
            return h.status;
          default: throw std::runtime_error("kind " + std::to_string(static_cast<uint32_t>(h.kind)));
        }
      } catch (const std::exception& e) {
        worker_->spoke(e.what());
        return CB_E_INTERNAL;
      }
    }
  }

  cb_status batch(const FrameHead& h, cb_batch& out) {
    const uint64_t units = uint64_t(h.n_units) * sizeof(cb_unit), records = uint64_t(h.n_records) * sizeof(cb_record),
                   cells = uint64_t(h.n_cells) * sizeof(cb_cell), hints = uint64_t(h.n_hints) * sizeof(cb_hint);
    const uint64_t most = request_.limits.batch_bytes;
    if (h.size > most || units + records + cells + hints > most - h.size)
      return worker_->spoke("a batch is larger than the limit"), CB_E_LIMIT;
    const uint64_t size = units + records + cells + hints + h.size;
    if (size > capacity_) {
      capacity_ = size + size / 4;
      buffer_.reset(new char[capacity_]);  // aligned for every structure of a batch
    }
    if (!worker_->take(buffer_.get(), size)) return CB_E_INTERNAL;
    const char* at = buffer_.get();
    out.n_units = h.n_units;
    out.n_records = h.n_records;
    out.n_cells = h.n_cells;
    out.n_hints = h.n_hints;
    out.heap_size = h.size;
    out.units = reinterpret_cast<const cb_unit*>(at);
    out.records = reinterpret_cast<const cb_record*>(at += units);
    out.cells = reinterpret_cast<const cb_cell*>(at += records);
    out.hints = reinterpret_cast<const cb_hint*>(at += cells);
    out.heap = at += hints;
    const std::string wrong = check_batch(out, static_cast<uint32_t>(request_.inputs.size()));
    if (wrong.empty()) return CB_OK;
    worker_->process().kill();
    report({.code = "E-PLUGIN-BATCH", .args = {plugin_.id, wrong}});
    return CB_E_INTERNAL;
  }

  PluginInfo plugin_;
  std::unique_ptr<WorkerTalk> worker_;
  std::unique_ptr<char[]> buffer_;
  uint64_t capacity_ = 0;
  std::string body_;
  bool over_ = false, closed_ = false;
};

}  // namespace

std::unique_ptr<Session> open_worker_session(const PluginInfo& plugin, const Request& request, Finding& problem) {
  try {
    auto session = std::make_unique<WorkerSession>(plugin, request);
    if (!session->open(problem)) return nullptr;
    return session;
  } catch (const std::exception& e) {
    problem = {.code = "E-WORKER-START", .args = {e.what()}};
    return nullptr;
  }
}

std::vector<uint32_t> probe_in_worker(const PluginInfo& plugin, const std::vector<std::string>& formats, std::string_view name,
                                      std::string_view head, const Request& how, std::optional<Finding>& problem) {
  std::vector<uint32_t> scores(formats.size(), 0);
  try {
    Request request = how;
    request.limits.hang = std::min(request.limits.hang, std::chrono::milliseconds(10'000));
    request.limits.cpu_seconds = std::min<uint32_t>(request.limits.cpu_seconds, 10);
    Start start = start_for(plugin, request, Job::probe);
    start.formats = formats;
    start.name = name;
    start.head = head;
    WorkerTalk worker(plugin.id, request.limits.hang, request.cancelled, start, {});
    FrameHead h{};
    std::string body;
    if (worker.ready() && worker.head(h) && h.kind == FrameKind::scores && worker.body(body, h.size)) {
      Unpacker u(body);
      for (auto& score : scores) score = static_cast<uint32_t>(std::min<uint64_t>(100, u.number()));
    }
    problem = worker.problem();
  } catch (const std::exception& e) { problem = Finding{.code = "E-WORKER-START", .args = {e.what()}}; }
  return scores;
}

}  // namespace casebridge::host

#include "host/local_session.hpp"

#include <filesystem>

#include "casebridge/sdk.hpp"
#include "host/batch_check.hpp"
#include "host/builtin.hpp"
#include "host/plugin_run.hpp"

namespace casebridge::host {
namespace {

class LocalSession final : public Session, private PluginRun::Sink {
 public:
  LocalSession(const PluginInfo& plugin, const Request& request)
      : Session(request),
        id_(plugin.id),
        run_(Library::open(plugin), plugin, request.format, request.settings, request.max_batch_records, request.model_version, *this) {}
  ~LocalSession() override { close(); }

  bool open(Finding& problem) {
    const cb_status status = run_.prepare();
    if (status == CB_OK) {
      if (const uint64_t memory = spill_memory(request_.settings)) try {
          run_.offer_spill(nameless_file(std::filesystem::temp_directory_path().string()), memory);
        } catch (const std::exception&) {}  // no room: it holds what it can, and refuses what it cannot
      for (Input* in : request_.inputs) run_.add_input(in->start(), in->seekable(), in->size(), in->name());
      return true;
    }
    Finding why = failure(status);
    if (status == CB_E_OPTION) problem = std::move(why);  // what the user gave, not the plugin
    else problem = {.code = "E-PLUGIN-LOAD", .args = {id_, why.code + ": " + (why.args.empty() ? "" : why.args[0])}};
    over_ = true;
    return false;
  }

  cb_status next(cb_batch& out) override {
    out = {sizeof(cb_batch)};
    if (over_) return CB_END;
    cb_status status = open_ ? CB_OK : run_.open();  // at the first call, as in the worker: what it reports comes with it
    open_ = true;
    if (status == CB_OK) status = run_.next(out);
    if (status > CB_END) status = CB_E_INTERNAL;  // a status that is none
    if (status == CB_OK) {
      const std::string wrong = check_batch(out, static_cast<uint32_t>(request_.inputs.size()));
      if (wrong.empty()) return CB_OK;
      report({.code = "E-PLUGIN-BATCH", .args = {id_, wrong}});
      status = CB_E_INTERNAL;
    } else if (status < 0) {
      if (!told_) report(failure(status));
    }
    out = {sizeof(cb_batch)};
    close();
    over_ = true;
    return status;
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    run_.close();
    for (const auto& [key, count] : run_.losses()) losses_.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
    for (Input* in : request_.inputs) in->release_reader();
  }

 private:
  Finding failure(cb_status status) {
    if (told_)
      for (auto it = findings_.rbegin(); it != findings_.rend(); ++it)
        if (it->severity == Severity::error) return *it;
    Finding f{.code = detail::code_of(status), .args = {"status " + std::to_string(status)}};
    if (status == CB_E_CANCELLED) f.severity = Severity::warning;
    return f;
  }
  void issue(const cb_issue& i) override {
    told_ = told_ || i.severity == CB_ERROR;
    report(i.input, i.severity, i.code, {i.message.data, i.message.size}, {i.message_fr.data, i.message_fr.size}, i.field, i.source_offset,
           i.source_length);
  }
  bool cancelled() override { return request_.cancelled && request_.cancelled(); }

  std::string id_;
  PluginRun run_;
  bool open_ = false, over_ = false, closed_ = false;
  bool told_ = false;  // an error was reported, in this call or an earlier one, as in the worker
};

}  // namespace

std::unique_ptr<Session> open_local_session(const PluginInfo& plugin, const Request& request, Finding& problem) {
  try {
    if (builtins().warm_up) builtins().warm_up();
    auto session = std::make_unique<LocalSession>(plugin, request);
    if (!session->open(problem)) return nullptr;
    return session;
  } catch (const std::exception& e) {
    problem = {.code = "E-PLUGIN-LOAD", .args = {plugin.id, e.what()}};
    return nullptr;
  }
}

std::vector<uint32_t> probe_locally(const PluginInfo& plugin, const std::vector<std::string>& formats, std::string_view name,
                                    std::string_view head, std::optional<Finding>& problem) {
  std::vector<uint32_t> scores(formats.size(), 0);
  try {
    const auto library = Library::open(plugin);
    if (!library->plugin().probe) return scores;
    for (size_t i = 0; i < formats.size(); ++i)
      scores[i] = std::min(100u, library->plugin().probe(formats[i].c_str(), {name.data(), name.size()}, head.data(), head.size()));
  } catch (const std::exception& e) { problem = Finding{.code = "E-PLUGIN-LOAD", .args = {plugin.id, e.what()}}; }
  return scores;
}

}  // namespace casebridge::host

#include "host/session.hpp"

#include "host/batch_check.hpp"
#include "host/local_session.hpp"
#include "host/worker_session.hpp"

namespace casebridge::host {

void Session::report(Finding f) {
  told_error_ |= f.severity == Severity::error;
  if (findings_.size() >= request_.limits.findings && f.severity != Severity::error) {
    ++dropped_;
    return;
  }
  if (f.input.empty() && !request_.inputs.empty()) f.input = request_.inputs[0]->name();
  findings_.push_back(std::move(f));
}

void Session::report(uint32_t input, uint32_t severity, std::string code, std::string_view args, std::string_view message_fr,
                     uint32_t field, uint64_t offset, uint64_t length) {
  if (findings_.size() >= request_.limits.findings) {
    ++dropped_;
    return;
  }
  Finding f;
  f.code = std::move(code);
  f.severity = severity == CB_NOTE ? Severity::note : severity == CB_WARNING ? Severity::warning : Severity::error;
  told_error_ |= f.severity == Severity::error;
  const bool own = finding_code(f.code) == nullptr;
  if (own) {  // a plugin's own message and its French
    f.args = {std::string(args)};
    if (!message_fr.empty()) f.args.emplace_back(message_fr);
  } else {
    for (std::string_view rest = args; !rest.empty();) {
      const size_t end = rest.find('\x1F');
      f.args.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    if (f.code.starts_with("E-XSD-") || f.code.starts_with("E-SCHEMA-")) {
      const std::string_view message = finding_code(f.code)->message;
      size_t takes = 0;
      while (message.find("{" + std::to_string(takes) + "}") != message.npos) ++takes;
      if (f.args.size() > takes) {
        f.field_path = std::move(f.args[takes]);
        f.args.resize(takes);
      }
    }
  }
  f.field = static_cast<uint16_t>(field);
  f.offset = offset;
  f.length = length;
  if (input >= request_.inputs.size()) input = 0;
  if (input < request_.inputs.size()) f.input = request_.inputs[input]->name();
  // 0 and no length is "the input as a whole"; whoever asks for findings wants to see where they stand.
  f.source = input;
  findings_.push_back(std::move(f));
}

std::vector<Finding> Session::take_findings() {
  std::vector<Finding> out = std::move(findings_);
  findings_.clear();
  for (Finding& f : out) {
    Input* in = f.source < request_.inputs.size() ? request_.inputs[f.source] : nullptr;
    if (!in || (!f.offset && !f.length)) continue;
    const Position at = in->lines().at(f.offset);
    f.line = at.line;
    f.column = at.column;
  }
  return out;
}

namespace {
bool here(const Request& request) {
#ifdef CASEBRIDGE_SANITIZED
  return static_cast<void>(request), true;  // AddressSanitizer does not live under RLIMIT_AS, LeakSanitizer not under seccomp
#else
  return request.in_process;
#endif
}
}  // namespace

std::unique_ptr<Session> open_session(const PluginInfo& plugin, const Request& request, Finding& problem) {
  return here(request) ? open_local_session(plugin, request, problem) : open_worker_session(plugin, request, problem);
}

std::vector<uint32_t> probe_formats(const PluginInfo& plugin, const std::vector<std::string>& formats, std::string_view name,
                                    std::string_view head, const Request& how, std::optional<Finding>& problem) {
  return here(how) ? probe_locally(plugin, formats, name, head, problem) : probe_in_worker(plugin, formats, name, head, how, problem);
}

}  // namespace casebridge::host

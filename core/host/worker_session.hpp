// The session in a sandboxed worker process: the default.
#pragma once
#include "host/session.hpp"

namespace casebridge::host {

std::unique_ptr<Session> open_worker_session(const PluginInfo&, const Request&, Finding& problem);

std::vector<uint32_t> probe_in_worker(const PluginInfo&, const std::vector<std::string>& formats, std::string_view name,
                                      std::string_view head, const Request& how, std::optional<Finding>& problem);

}  // namespace casebridge::host

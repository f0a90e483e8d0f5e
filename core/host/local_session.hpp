// The session in this process: for sanitizer builds, fuzzing, plugin development and measurements.
#pragma once
#include "host/session.hpp"

namespace casebridge::host {

std::unique_ptr<Session> open_local_session(const PluginInfo&, const Request&, Finding& problem);
std::vector<uint32_t> probe_locally(const PluginInfo&, const std::vector<std::string>& formats, std::string_view name,
                                    std::string_view head, std::optional<Finding>& problem);

}  // namespace casebridge::host

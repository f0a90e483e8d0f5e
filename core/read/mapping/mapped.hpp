// The built-in plugin "mapped": it reads every format whose plugin is only a mapping.yaml.
#pragma once
#include <filesystem>

#include "casebridge/plugin.h"
#include "host/manifest.hpp"

namespace casebridge::read::mapping {

const cb_plugin& mapped_plugin();

// plugin.json of a folder that holds mapping.yaml and perhaps further mappings (*.yaml beside it): one format each, named
// by its own id; the plugin is named by mapping.yaml. Throws std::runtime_error with file, line, column and the words of
// the first problem.
host::PluginInfo describe_mapping(const std::filesystem::path& mapping);

}  // namespace casebridge::read::mapping

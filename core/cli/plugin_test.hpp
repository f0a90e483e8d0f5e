// Whether a plugin keeps the contract: the suite of core/conformance, shown to people or as JSON.
#pragma once
#include <string>
#include <vector>

#include "cli/app.hpp"

namespace casebridge::cli {

struct PluginTest {
  std::string path;                   // plugin folder, mapping file, library, or the id of an installed plugin
  std::vector<std::string> samples;   // further samples
  std::vector<std::string> settings;  // NAME=VALUE
};

// Exit ok, or quarantined (3) when a check failed. Throws Failure (usage) when the path is no plugin.
Exit test_plugin(const Common&, const PluginTest&);

}  // namespace casebridge::cli

// Which plugins there are. Reads one plugin.json per folder and nothing else, so that listing fifty formats takes
// milliseconds. A broken manifest or a second plugin of the same name is a finding, never the end.
#pragma once
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "host/manifest.hpp"

namespace casebridge::host {

// A format and the plugin that knows it; points into the registry.
struct Choice {
  const PluginInfo* plugin = nullptr;
  const FormatInfo* format = nullptr;
  explicit operator bool() const { return format != nullptr; }
};

class Registry {
 public:
  // Built-in plugins first, then the folders in order; the first of two equal ids wins.
  explicit Registry(std::span<const std::filesystem::path> folders);
  // Beside the program ("plugins", "../lib/casebridge/plugins", "../bin/plugins"), then CASEBRIDGE_PLUGIN_PATH.
  static std::vector<std::filesystem::path> default_folders();
  static Registry with_defaults() { return Registry(default_folders()); }

  // A plugin that is not installed, in place of one with its id: how a plugin is tested where its author keeps it. Ends
  // the life of every Choice given out before.
  void put(PluginInfo);

  std::span<const PluginInfo> plugins() const { return plugins_; }  // sorted by id
  const PluginInfo* plugin(std::string_view id) const;
  Choice reader(std::string_view format) const;
  Choice writer(std::string_view format) const;
  std::vector<Choice> formats() const;  // sorted by format id
  // Why `format` cannot be used, with the nearest right name: E-FORMAT-UNKNOWN-ID.
  Finding unknown(std::string_view format) const;
  std::span<const Finding> problems() const { return problems_; }

 private:
  void add(PluginInfo);
  std::vector<PluginInfo> plugins_;
  std::vector<Finding> problems_;
};

std::filesystem::path program_folder();  // where the running program lies

}  // namespace casebridge::host

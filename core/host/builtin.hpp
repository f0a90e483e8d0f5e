// What the program brings itself: plugins that are compiled in (the mapping engine, case data of ours) and the parser
// services it lends to all plugins. Said once at the start of the program and of the worker, before any session opens;
// read-only afterwards, from any thread. The list stands in core/worker/builtins.cpp.
#pragma once
#include <filesystem>
#include <span>
#include <string_view>

#include "casebridge/plugin.h"
#include "host/manifest.hpp"

namespace casebridge::host {

struct Builtins {
  std::span<const cb_plugin* const> plugins;
  const void* (*service)(std::string_view id) = nullptr;  // "casebridge.xml/1" -> its table, or nullptr; static tables
  void (*warm_up)() = nullptr;  // loads what would be loaded lazily from files (ICU, converters), before the sandbox closes
  // Compiles a mapping.yaml to its manifest: id, version, titles, formats, signatures, options. The file is named by
  // `mapping`, the engine by `engine`. Throws std::runtime_error with the line in the file. Used at build time only.
  PluginInfo (*describe_mapping)(const std::filesystem::path& mapping) = nullptr;
};

void use_builtins(const Builtins&);
const Builtins& builtins();
const cb_plugin* builtin_plugin(std::string_view id);

}  // namespace casebridge::host

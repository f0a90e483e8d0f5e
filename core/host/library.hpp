// Opens a plugin's library and checks its descriptor before anything of it is used. A library stays loaded while a
// Library lives. Any thread.
#pragma once
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "casebridge/plugin.h"
#include "host/manifest.hpp"

namespace casebridge::host {

class Library {
 public:
  // Of a plugin in the registry: its library, or the built-in engine. Throws std::runtime_error.
  static std::shared_ptr<const Library> open(const PluginInfo&);
  static std::shared_ptr<const Library> open(const std::filesystem::path& library);
  ~Library();
  // The table; slots beyond the plugin's own struct_size are null.
  const cb_plugin& plugin() const { return table_; }

 private:
  Library() = default;
  void take(const cb_plugin&);
  struct Handle;
  std::unique_ptr<Handle> handle_;
  cb_plugin table_{};
};

}  // namespace casebridge::host

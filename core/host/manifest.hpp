// What a plugin says of itself, as data: read from plugin.json, which the build wrote from the library's own descriptor
// or from a compiled mapping. Listing formats needs nothing else: no library is opened, no YAML parsed.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/plugin.h"

namespace casebridge::host {

struct OptionInfo {
  std::string name;
  uint32_t type = CB_OPT_TEXT, flags = 0;
  std::optional<std::string> fallback;
  std::vector<std::string> choices;
  std::string summary_en, summary_fr;
};

struct FormatInfo {
  std::string id, title_en, title_fr;
  std::vector<std::string> versions, extensions;
  std::vector<std::string> signatures;  // "magic=PK" ... as in cb_format
  uint32_t caps = 0;
  bool reads() const { return caps & CB_READS; }
  bool writes() const { return caps & CB_WRITES; }
};

struct PluginInfo {
  std::string id, version, title_en, title_fr, licence;
  uint32_t abi_major = CB_ABI_MAJOR, abi_minor = CB_ABI_MINOR;
  std::string library;           // file name in the folder; empty: built into the program under `engine`
  std::string engine;            // id of the built-in plugin that runs it (a mapping: the mapping engine), or empty
  std::string mapping;           // file name in the folder of the mapping it is made from, or empty
  bool probes = false;           // has a probe(); else the signatures decide alone
  std::filesystem::path folder;  // where plugin.json lies; empty for built-in plugins
  std::vector<FormatInfo> formats;
  std::vector<OptionInfo> options;

  const FormatInfo* format(std::string_view id) const;
};

PluginInfo describe(const cb_plugin&);                        // throws std::runtime_error on a broken descriptor
std::string to_json(const PluginInfo&);                       // plugin.json: sorted the way it is declared, ends with LF
PluginInfo read_manifest(const std::filesystem::path& file);  // throws std::runtime_error that says what is wrong

const char* option_type_name(uint32_t type);  // "bool" "int" "real" "text" "choice" "path" "secret"

}  // namespace casebridge::host

#include "host/registry.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "host/builtin.hpp"
#include "base/suggest.hpp"

namespace casebridge::host {
namespace fs = std::filesystem;

fs::path program_folder() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path(".") : self.parent_path();
}

std::vector<fs::path> Registry::default_folders() {
  const fs::path bin = program_folder();
  std::vector<fs::path> out;
  for (const char* beside : {"plugins", "../lib/casebridge/plugins", "../bin/plugins"}) {
    std::error_code error;
    const fs::path at = fs::weakly_canonical(bin / beside, error);
    if (!error && fs::is_directory(at, error) && std::find(out.begin(), out.end(), at) == out.end()) out.push_back(at);
  }
  if (const char* more = std::getenv("CASEBRIDGE_PLUGIN_PATH")) {
    std::string_view rest = more;
    while (!rest.empty()) {
      const size_t end = rest.find(':');
      if (end != 0) out.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
  }
  return out;
}

Registry::Registry(std::span<const fs::path> folders) {
  for (const cb_plugin* p : builtins().plugins) {
    PluginInfo info = describe(*p);
    info.engine = info.id;
    add(std::move(info));
  }
  for (const fs::path& folder : folders) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) found.push_back(at->path());
    if (error) {
      problems_.push_back({.code = "E-PLUGIN-FOLDER", .severity = Severity::warning, .args = {folder.string(), error.message()}});
      continue;
    }
    std::sort(found.begin(), found.end());
    for (const fs::path& plugin : found) {
      // A mapping of one's own needs no build: without a manifest it is compiled here.
      const bool described = fs::exists(plugin / "plugin.json", error);
      const fs::path manifest = plugin / (described ? "plugin.json" : "mapping.yaml");
      if (!described && (!builtins().describe_mapping || !fs::exists(manifest, error))) continue;
      try {
        PluginInfo info = described ? read_manifest(manifest) : builtins().describe_mapping(manifest);
        if (!described) info.folder = plugin;
        add(std::move(info));
      } catch (const std::exception& e) {
        problems_.push_back({.code = "E-PLUGIN-MANIFEST", .severity = Severity::warning, .args = {manifest.string(), e.what()}});
      }
    }
  }
  std::sort(plugins_.begin(), plugins_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
}

void Registry::add(PluginInfo info) {
  if (const PluginInfo* first = plugin(info.id)) {
    problems_.push_back(
        {.code = "E-PLUGIN-DUPLICATE", .severity = Severity::warning, .args = {info.id, info.folder.string(), first->folder.string()}});
    return;
  }
  for (const FormatInfo& f : info.formats) {
    const Choice r = f.reads() ? reader(f.id) : Choice{}, w = f.writes() ? writer(f.id) : Choice{};
    if (r || w)
      problems_.push_back(
          {.code = "E-PLUGIN-FORMAT-TWICE", .severity = Severity::warning, .args = {f.id, info.id, (r ? r : w).plugin->id}});
  }
  plugins_.push_back(std::move(info));
}

void Registry::put(PluginInfo info) {
  std::erase_if(plugins_, [&](const PluginInfo& p) { return p.id == info.id; });
  const auto at =
      std::lower_bound(plugins_.begin(), plugins_.end(), info.id, [](const PluginInfo& p, const std::string& id) { return p.id < id; });
  plugins_.insert(at, std::move(info));
}

const PluginInfo* Registry::plugin(std::string_view id) const {
  for (const PluginInfo& p : plugins_)
    if (p.id == id) return &p;
  return nullptr;
}

namespace {
Choice find(std::span<const PluginInfo> plugins, std::string_view format, uint32_t cap) {
  for (const PluginInfo& p : plugins)
    if (const FormatInfo* f = p.format(format); f && f->caps & cap) return {&p, f};
  return {};
}
}  // namespace

Choice Registry::reader(std::string_view format) const { return find(plugins_, format, CB_READS); }
Choice Registry::writer(std::string_view format) const { return find(plugins_, format, CB_WRITES); }

std::vector<Choice> Registry::formats() const {
  std::vector<Choice> out;
  for (const PluginInfo& p : plugins_)
    for (const FormatInfo& f : p.formats) out.push_back({&p, &f});
  std::sort(out.begin(), out.end(),
            [](const Choice& a, const Choice& b) { return std::tie(a.format->id, a.plugin->id) < std::tie(b.format->id, b.plugin->id); });
  return out;
}

Finding Registry::unknown(std::string_view format) const {
  std::vector<std::string> known;
  for (const Choice& c : formats()) known.push_back(c.format->id);
  const std::string near = nearest(format, known);
  if (near.empty()) return {.code = "E-FORMAT-UNKNOWN-ID", .args = {std::string(format)}};
  return {.code = "E-FORMAT-UNKNOWN-ID-NEAR", .args = {std::string(format), near}};
}

}  // namespace casebridge::host

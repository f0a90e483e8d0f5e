// casebridge formats: what can be read and written. Opens no library, parses no YAML.
#include <algorithm>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/words.hpp"
#include "emit/writer.hpp"
#include "host/registry.hpp"

namespace casebridge::cli {
namespace {

std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

}  // namespace

Command add_formats(CLI::App& root) {
  CLI::App* app = root.add_subcommand("formats", tr("List the formats that can be read and written."));
  auto reads = std::make_shared<bool>(false), writes = std::make_shared<bool>(false);
  app->add_flag("--read", *reads, tr("Only formats that can be read."));
  app->add_flag("--write", *writes, tr("Only formats that can be written."));
  return {app, [=](const Common& common) {
            const host::Registry registry = host::Registry::with_defaults();
            const auto runs_others = [&](const host::PluginInfo& plugin) {  // an engine is no format of its own
              return std::any_of(registry.plugins().begin(), registry.plugins().end(),
                                 [&](const host::PluginInfo& other) { return other.id != plugin.id && other.engine == plugin.id; });
            };
            Table table({tr("Format"), tr("Reads"), tr("Writes"), tr("What it is"), tr("Files")});
            std::vector<std::string> items;
            for (const host::Choice& choice : registry.formats()) {
              const host::FormatInfo& format = *choice.format;
              if (runs_others(*choice.plugin)) continue;
              if ((*reads && !format.reads()) || (*writes && !format.writes())) continue;
              if (common.json) {
                items.push_back(JsonObject()
                                    .text("id", format.id)
                                    .text("title_en", format.title_en)
                                    .text("title_fr", format.title_fr)
                                    .truth("reads", format.reads())
                                    .truth("writes", format.writes())
                                    .texts("versions", format.versions)
                                    .texts("extensions", format.extensions)
                                    .text("plugin", choice.plugin->id)
                                    .text("pluginVersion", choice.plugin->version)
                                    .done());
              } else {
                table.row({format.id, format.reads() ? tr("yes") : "", format.writes() ? tr("yes") : "", title_of(format),
                           joined(format.extensions, " ")});
              }
            }
            for (const emit::FolderFormat& format : emit::folder_formats()) {
              if (*reads) continue;
              const std::string title(french() ? format.title_fr : format.title_en);
              if (common.json)
                items.push_back(JsonObject()
                                    .text("id", format.id)
                                    .text("title_en", format.title_en)
                                    .text("title_fr", format.title_fr)
                                    .truth("reads", false)
                                    .truth("writes", true)
                                    .done());
              else table.row({std::string(format.id), "", tr("yes"), title, tr("a folder")});
            }
            print(common.json ? json_array(items) + "\n" : table.text());
            for (const Finding& problem : registry.problems()) say(finding_words(problem));
            return registry.problems().empty() ? Exit::ok : Exit::plugin;
          }};
}

}  // namespace casebridge::cli

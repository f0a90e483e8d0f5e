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

// Who reads a format and who writes it; what is said of it is said by the one that reads it.
struct Both {
  host::Choice first, reader, writer;
  std::vector<std::string> versions, extensions;
  void add(const host::Choice& choice) {
    if (choice.format->reads() && !reader) reader = choice;
    if (choice.format->writes() && !writer) writer = choice;
    first = reader ? reader : writer;
    const auto more = [](std::vector<std::string>& to, const std::vector<std::string>& from) {
      for (const std::string& one : from)
        if (std::find(to.begin(), to.end(), one) == to.end()) to.push_back(one);
    };
    more(versions, choice.format->versions);
    more(extensions, choice.format->extensions);
  }
};

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
            const std::vector<host::Choice> all = registry.formats();
            for (size_t i = 0, next; i < all.size(); i = next) {  // one plugin may read what another writes: it is one format
              Both both;
              for (next = i; next < all.size() && all[next].format->id == all[i].format->id; ++next)
                if (!runs_others(*all[next].plugin)) both.add(all[next]);
              if (!both.first || (*reads && !both.reader) || (*writes && !both.writer)) continue;
              const host::FormatInfo& format = *both.first.format;
              if (common.json) {
                JsonObject item;
                item.text("id", format.id)
                    .text("title_en", format.title_en)
                    .text("title_fr", format.title_fr)
                    .truth("reads", bool(both.reader))
                    .truth("writes", bool(both.writer))
                    .texts("versions", both.versions)
                    .texts("extensions", both.extensions)
                    .text("plugin", both.first.plugin->id)
                    .text("pluginVersion", both.first.plugin->version);
                if (both.writer && both.writer.plugin != both.first.plugin)
                  item.text("writer", both.writer.plugin->id).text("writerVersion", both.writer.plugin->version);
                items.push_back(item.done());
              } else {
                table.row({format.id, both.reader ? tr("yes") : "", both.writer ? tr("yes") : "", title_of(format),
                           joined(both.extensions, " ")});
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

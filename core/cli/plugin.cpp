// casebridge plugin list|show|test|new: what is installed, what one plugin says of itself, whether it keeps the contract, and a
// draft of one.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/plugin_new.hpp"
#include "cli/plugin_test.hpp"
#include "cli/words.hpp"
#include "host/options.hpp"
#include "host/registry.hpp"

namespace casebridge::cli {
namespace {

Exit list(const Common& common) {
  const host::Registry registry = host::Registry::with_defaults();
  Table table({tr("Plugin"), tr("Version"), tr("Made from"), tr("What it is")});
  std::vector<std::string> items;
  for (const host::PluginInfo& plugin : registry.plugins()) {
    const std::string made = !plugin.library.empty() ? tr("library") : !plugin.mapping.empty() ? tr("mapping") : tr("built in");
    if (common.json) items.push_back(host::to_json(plugin));
    else table.row({plugin.id, plugin.version, made, title_of(plugin)});
  }
  print(common.json ? json_array(items) + "\n" : table.text());
  for (const Finding& problem : registry.problems()) say(finding_words(problem));
  return registry.problems().empty() ? Exit::ok : Exit::plugin;
}

Exit show(const Common& common, const std::string& id) {
  const host::Registry registry = host::Registry::with_defaults();
  const host::PluginInfo* plugin = registry.plugin(id);
  if (!plugin)
    if (const host::Choice reader = registry.reader(id)) plugin = reader.plugin;
  if (!plugin)
    if (const host::Choice writer = registry.writer(id)) plugin = writer.plugin;
  if (!plugin) {
    const Finding unknown = registry.unknown(id);
    throw Failure{Exit::usage, message_of(unknown), fix_of(unknown)};
  }
  if (common.json) {
    print(host::to_json(*plugin));
    return Exit::ok;
  }
  std::string out = bold(plugin->id) + " " + plugin->version + "  " + title_of(*plugin) + "\n";
  const auto line = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) out += "  " + name + colon() + " " + value + "\n";
  };
  line(tr("licence"), plugin->licence);
  line(tr("contract"), std::to_string(plugin->abi_major) + "." + std::to_string(plugin->abi_minor));
  line(tr("folder"), plugin->folder.empty() ? tr("built in") : plugin->folder.string());
  for (const host::FormatInfo& format : plugin->formats) {
    out += "  " + bold(format.id) + "  " + title_of(format) + "\n";
    std::string does = format.reads() ? tr("reads") : "";
    if (format.writes()) does += (does.empty() ? "" : ", ") + tr("writes");
    line("  " + tr("direction"), does);
    for (const auto& version : format.versions) line("  " + tr("version"), version);
    for (const auto& signature : format.signatures) line("  " + tr("recognised by"), signature);
  }
  if (!plugin->options.empty()) out += tr("Options (--set NAME=VALUE):") + "\n" + host::options_help(*plugin);
  print(out);
  return Exit::ok;
}

}  // namespace

Command add_plugin(CLI::App& root) {
  CLI::App* app = root.add_subcommand("plugin", tr("List, show and test plugins, and draft new ones."));
  app->require_subcommand(1);
  CLI::App* list_app = app->add_subcommand("list", tr("List the plugins that are installed."));
  CLI::App* show_app = app->add_subcommand("show", tr("Show what a plugin says of itself: formats, signatures, options."));
  CLI::App* test_app = app->add_subcommand("test", tr("Test a plugin folder or a mapping file: does it keep the contract?"));
  auto id = std::make_shared<std::string>();
  auto test = std::make_shared<PluginTest>();
  show_app->add_option("PLUGIN", *id, tr("Id of a plugin or of a format."))->required();
  test_app->add_option("PATH", test->path, tr("Folder of a plugin, a mapping file, a library, or the id of an installed plugin."))
      ->required();
  test_app->add_option("--sample", test->samples, tr("A further sample of its formats, a file or a folder; may be given again."));
  test_app->add_option("--set", test->settings, tr("An option of the plugin, NAME=VALUE; may be given again."));
  CLI::App* new_app = app->add_subcommand("new", tr("Draft a mapping plugin from a sample (CSV, JSON, JSON Lines, XML), with the reason "
                                                    "for each guess; without a sample, a template."));
  auto fresh = std::make_shared<PluginNew>();
  new_app->add_option("--from", fresh->sample, tr("The sample. It is read in the sandbox; the draft quotes none of its values."));
  new_app->add_option("--id", fresh->id, tr("Id of the new format; made from the sample's name if not given."));
  new_app->add_option("-o,--output", fresh->folder, tr("Folder of the draft; must not be there yet. The id with _ for - if not given."));
  return {app, [=](const Common& common) {
            if (list_app->parsed()) return list(common);
            if (show_app->parsed()) return show(common, *id);
            if (new_app->parsed()) return new_plugin(common, *fresh);
            return test_plugin(common, *test);
          }};
}

}  // namespace casebridge::cli

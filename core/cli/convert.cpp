// casebridge convert: any readable format to any writable one, streaming, with reports on what happened.
#include <algorithm>
#include <filesystem>

#include "base/suggest.hpp"
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "cli/words.hpp"
#include "emit/writer.hpp"
#include "host/registry.hpp"
#include "pipeline/plugin_output.hpp"
#include "pipeline/run.hpp"

namespace casebridge::cli {
namespace {

namespace fs = std::filesystem;

std::string file_of(const std::string& format) {
  if (format == "case-jsonl") return "case.jsonl";
  if (format == "case-xml") return "case.xml";
  if (format == "case-csv") return "tables";
  const host::Registry registry = host::Registry::with_defaults();
  const host::Choice choice = registry.writer(format);
  if (!choice || choice.format->extensions.empty() || pipeline::wants_folder(*choice.format, format)) return format;
  return format + "." + choice.format->extensions.front();
}

bool in_a_folder(const std::string& format, const std::string& path) {
  if (format == "case-csv") return true;
  const host::Registry registry = host::Registry::with_defaults();
  const host::Choice choice = registry.writer(format);
  return choice && pipeline::wants_folder(*choice.format, path);
}

}  // namespace

void check_formats(const std::vector<std::string>& formats) {
  std::vector<std::string> known;
  const host::Registry registry = host::Registry::with_defaults();
  for (const host::Choice& choice : registry.formats())
    if (choice.format->writes()) known.push_back(choice.format->id);
  for (const emit::FolderFormat& format : emit::folder_formats()) known.emplace_back(format.id);
  for (const std::string& format : formats) {
    if (std::find(known.begin(), known.end(), format) != known.end()) continue;
    const std::string near = nearest(format, known);
    throw Failure{
        Exit::usage, fill(tr("{0} is not a format that can be written."), std::vector<std::string>{format}),
        near.empty() ? tr("casebridge formats --write lists them.") : fill(tr("Did you mean {0}?"), std::vector<std::string>{near})};
  }
}

// A folder takes every format under its usual name, and the reports; a file or "-" takes one format.
void place_outputs(pipeline::Plan& plan, const std::string& out, const std::vector<std::string>& formats, const std::string& reports) {
  const bool folder = out != "-" && (formats.size() > 1 || out.ends_with('/') || fs::is_directory(out) ||
                                     (formats.size() == 1 && in_a_folder(formats[0], out)));
  if (formats.size() > 1 && out == "-")
    throw Failure{Exit::usage, tr("Standard output takes one format only."), tr("Name a folder with -o FOLDER/.")};
  for (const std::string& format : formats) plan.outputs.push_back({format, folder ? (fs::path(out) / file_of(format)).string() : out});
  if (!reports.empty()) plan.reports = reports;
  else if (folder) plan.reports = out;
  else if (out != "-") plan.reports = out + ".reports";
  if (plan.force) return;
  for (const auto& output : plan.outputs)
    if (output.path != "-" && fs::exists(output.path))
      throw Failure{Exit::usage, fill(tr("{0} is there already."), std::vector<std::string>{output.path}),
                    tr("Choose another place, or replace it with --force.")};
}

namespace {

// Each setting goes to the formats that have an option of its name; one that none of them has is a mistake.
void give_settings(pipeline::Plan& plan, const std::vector<std::string>& pairs) {
  const host::Registry registry = host::Registry::with_defaults();
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0)
      throw Failure{Exit::usage, fill(tr("--set-output {0} is not NAME=VALUE."), std::vector<std::string>{pair}),
                    tr("casebridge plugin show FORMAT lists the options of a format.")};
    const std::string name = pair.substr(0, equals);
    bool taken = false;
    for (pipeline::OutputPlan& output : plan.outputs) {
      const host::Choice choice = registry.writer(output.format);
      if (!choice) continue;
      for (const host::OptionInfo& known : choice.plugin->options) {
        if (known.name != name) continue;
        std::vector<Finding> problems;
        const std::vector<host::Setting> one{{name, pair.substr(equals + 1)}};
        host::check_options(*choice.plugin, one, problems);
        if (!problems.empty()) throw Failure{Exit::usage, message_of(problems.front()), fix_of(problems.front())};
        output.settings.push_back(one.front());
        taken = true;
      }
    }
    if (!taken)
      throw Failure{Exit::usage, fill(tr("No format that is written has an option {0}."), std::vector<std::string>{name}),
                    tr("casebridge plugin show FORMAT lists the options of a format.")};
  }
}

}  // namespace

Command add_convert(CLI::App& root) {
  CLI::App* app = root.add_subcommand("convert", tr("Convert feeds from any readable format to any writable one."));
  auto options = add_reading_options(app);
  auto out = std::make_shared<std::string>();
  auto to = std::make_shared<std::vector<std::string>>();
  auto reports = std::make_shared<std::string>();
  auto set_output = std::make_shared<std::vector<std::string>>();
  option(app, "-o,--output", *out, tr("A file, a folder, or - for standard output."))->required();
  option(app, "--to", *to, tr("Format to write; may be given again when the output is a folder."))->required();
  option(app, "--set-output", *set_output, tr("An option of the format that is written, NAME=VALUE; may be given again."));
  option(app, "--reports", *reports,
         tr("Folder for findings, quarantine, loss report and manifest (default: the output folder, or FILE.reports)."));
  app->add_flag("--force", options->plan.force, tr("Replace outputs that are there already."));
  option(app, "--positions", options->positions, tr("Places to write: of each record, or of each value too."))
      ->check(CLI::IsMember({"record", "value"}));
  option(app, "--quarantine-threshold", options->threshold,
         tr("Share of source records (0 to 1) that may be quarantined before the run fails with exit 4."))
      ->check(CLI::Range(0.0, 1.0));
  option(app, "-j,--jobs", options->plan.jobs, tr("Threads to use; the output is the same for any number."));
  add_handling_options(app, *options);
  return {app, [=](const Common& common) {
            pipeline::Plan plan = finished_plan(*options, common);
            check_formats(*to);
            place_outputs(plan, *out, *to, *reports);
            give_settings(plan, *set_output);
            Watcher watch(common.quiet || *out == "-" ? common.quiet : false);
            const pipeline::RunResult result = pipeline::run(plan, watch);
            watch.done();
            if (common.json && *out != "-") print(result.manifest);
            else if (!common.quiet) say(run_table(result));
            return result.exit;
          }};
}

}  // namespace casebridge::cli

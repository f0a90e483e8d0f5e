// casebridge export: a data set out of the store, of what holds now or held at a date.
#include "store/export.hpp"

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "cli/store_options.hpp"

namespace casebridge::cli {

Command add_export(CLI::App& root) {
  CLI::App* app = root.add_subcommand("export", tr("Write a data set out of a case store, for a recipient, of now or of any past date."));
  auto options = std::make_shared<RunOptions>();
  auto of = add_store_options(app);
  auto out = std::make_shared<std::string>();
  auto to = std::make_shared<std::vector<std::string>>();
  auto reports = std::make_shared<std::string>();
  auto as_of = std::make_shared<std::string>();
  auto filters = std::make_shared<std::vector<std::string>>();
  auto view = std::make_shared<store::View>();
  option(app, "-o,--output", *out, tr("A file, a folder, or - for standard output."))->required();
  option(app, "--to", *to, tr("Format to write; may be given again when the output is a folder."))->required();
  option(app, "--reports", *reports,
         tr("Folder for findings, quarantine, loss report and manifest (default: the output folder, or FILE.reports)."));
  app->add_flag("--force", options->plan.force, tr("Replace outputs that are there already."));
  option(app, "--positions", options->positions, tr("Places to write: of each record, or of each value too."))
      ->check(CLI::IsMember({"record", "value"}));
  option(app, "--as-of", *as_of, tr("The state of a past date (all of that day, UTC) or time, instead of what holds now."));
  option(app, "--filter", *filters,
         tr("Write only what fits: type=, agency=, system=, file= or id=, with one or more values; may be given again."));
  app->add_flag("--all-versions", view->all_versions, tr("Every version of each record, not only the one that holds."));
  option(app, "-j,--jobs", options->plan.jobs, tr("Threads to use; the output is the same for any number."));
  add_handling_options(app, *options);
  return {app, [=](const Common& common) {
            options->plan.run_time = of->run_time;
            pipeline::Plan plan = finished_plan(*options, common);
            check_formats(*to);
            place_outputs(plan, *out, *to, *reports);
            store::Store store = open_store(*of, store::Store::Mode::write, "export");
            for (const std::string& words : store.words()) say(words);
            store::View wanted = *view;
            for (const std::string& filter : *filters) store::add_filter(wanted, filter);
            if (!as_of->empty()) {
              wanted.as_of = store.run_at(*as_of);
              if (!wanted.as_of)
                throw Failure{Exit::usage, fill(tr("The store holds nothing as of {0}."), std::vector<std::string>{*as_of}),
                              tr("casebridge diff STORE lists the runs.")};
            }
            Watcher watch(common.quiet);
            const store::ExportResult result = store::export_set(store, plan, wanted, watch);
            watch.done();
            if (common.json && *out != "-") {
              std::vector<std::string> gone;
              for (const store::GoneCount& g : result.gone)
                gone.push_back(JsonObject().text("rule", g.rule).number("records", g.records).done());
              print(JsonObject()
                        .number("export", static_cast<uint64_t>(result.number))
                        .number("run", static_cast<uint64_t>(wanted.as_of ? wanted.as_of : store.last_run()))
                        .text("recipient", plan.recipient)
                        .number("records", result.records)
                        .raw("noLongerAvailable", json_array(gone))
                        .done() +
                    "\n");
            } else if (!common.quiet) {
              for (const std::string& word : result.run.words) say(word);
              for (const store::GoneCount& g : result.gone)
                say(fill(trn("{0} record of that time is no longer available ({1}).",
                             "{0} records of that time are no longer available ({1}).", g.records),
                         std::vector<std::string>{grouped(g.records), tr(g.rule)}));
              say(fill(trn("{0} record has left for {1}; it is export {2} in the log.",
                           "{0} records have left for {1}; it is export {2} in the log.", result.records),
                       std::vector<std::string>{grouped(result.records), plan.recipient, std::to_string(result.number)}));
            }
            return result.run.exit;
          }};
}

}  // namespace casebridge::cli

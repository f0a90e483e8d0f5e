// casebridge load: files into a case store, by hand. What a job does every night for its feeds, for one file that came by itself.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "cli/store_options.hpp"
#include "pipeline/run.hpp"
#include "store/loader.hpp"

namespace casebridge::cli {

Command add_load(CLI::App& root) {
  CLI::App* app = root.add_subcommand("load", tr("Load files into a case store; what is known already changes nothing."));
  auto path = std::make_shared<StoreOptions>();
  app->add_option("STORE", path->path, tr("The case store: one file, made by casebridge init."))->required();
  auto options = add_reading_options(app);
  option(app, "--quarantine-threshold", options->threshold,
         tr("Share of source records (0 to 1) that may be quarantined before the run fails with exit 4."))
      ->check(CLI::Range(0.0, 1.0));
  option(app, "-j,--jobs", options->plan.jobs, tr("Threads to use; the output is the same for any number."));
  return {app, [=](const Common& common) {
            const pipeline::Plan plan = finished_plan(*options, common);
            path->run_time = plan.run_time;
            store::Store store = open_store(*path, store::Store::Mode::write, "load");
            for (const std::string& words : store.words()) say(words);
            for (const std::string& backup : store.enforce_clocks(plan.run_time.substr(0, 10), plan.run_time).unreachable)
              say(red("casebridge: ") + fill(tr("The backup {0} could not be reached; it still holds what was destroyed. Destroy it."),
                                             std::vector<std::string>{backup}));
            store.begin_run("load", plan.run_time);
            store::Loader loader(store);
            Watcher watch(common.quiet);
            const pipeline::RunResult result = pipeline::run(plan, watch, nullptr, &loader);
            watch.done();
            const bool keep = result.exit == Exit::ok || result.exit == Exit::quarantined;
            const store::Loader::Counts& n = loader.counts();
            const int64_t run = store.run();
            // A file that is known adds nothing: the store is then as it was.
            if (keep && n.files) store.commit_run(result.manifest);
            else store.abandon_run();
            if (common.json) {
              print(JsonObject()
                        .number("run", keep && n.files ? static_cast<uint64_t>(run) : 0)
                        .number("files", n.files)
                        .number("known", n.known)
                        .number("added", n.added)
                        .number("changed", n.changed)
                        .number("unchanged", n.unchanged)
                        .number("refused", n.refused)
                        .number("ended", n.ended)
                        .number("barred", n.barred)
                        .number("exit", static_cast<uint64_t>(result.exit))
                        .done() +
                    "\n");
            } else if (!common.quiet) {
              say(run_table(result));
              if (!keep) say(tr("Nothing was loaded: the store is as it was."));
              else
                say(fill(tr("{0} new records, {1} changed, {2} unchanged; {3} files were known already."),
                         std::vector<std::string>{grouped(n.added), grouped(n.changed), grouped(n.unchanged), grouped(n.known)}));
            }
            return result.exit;
          }};
}

}  // namespace casebridge::cli

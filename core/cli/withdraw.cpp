// casebridge withdraw: takes a source, a file or a record out of a store, whole, and says who has received it.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/store_options.hpp"

namespace casebridge::cli {

Command add_withdraw(CLI::App& root) {
  CLI::App* app = root.add_subcommand(
      "withdraw", tr("Take a source, a file or a record out of a store, whole, from all its history; lists who has received it."));
  auto options = add_store_options(app);
  auto what = std::make_shared<std::string>();
  auto readmit = std::make_shared<bool>(false);
  app->add_option("WHAT", *what, tr("An agency, AGENCY/SYSTEM, the name or SHA-256 of a file, or the id of a record."))->required();
  app->add_flag("--readmit", *readmit, tr("Let what was withdrawn come in again, with the next run that reads it."));
  add_decider_options(app, *options);
  return {app, [=](const Common& common) {
            const std::string now = run_time_now(options->run_time);
            store::Store store = open_store(*options, store::Store::Mode::write, "withdraw");
            for (const std::string& words : store.words()) say(words);
            if (*readmit) {
              if (!store.readmit(*what, now, options->by, options->why))
                throw Failure{Exit::usage, fill(tr("{0} is not kept out of the store."), std::vector<std::string>{*what}), {}};
              say(fill(tr("{0} may come in again."), std::vector<std::string>{*what}));
              return Exit::ok;
            }
            const store::Store::Removal gone = store.withdraw(*what, now, options->by, options->why);
            if (!gone.found)
              throw Failure{Exit::usage, fill(tr("The store holds no source, file or record {0}."), std::vector<std::string>{*what}),
                            tr("The view source_overview of the store lists what it holds.")};
            if (common.json) {
              print(JsonObject()
                        .number("records", gone.records)
                        .number("files", gone.files)
                        .number("quarantined", gone.quarantined)
                        .number("clusters", gone.derived)
                        .texts("recipients", gone.recipients)
                        .texts("unreachableBackups", gone.unreachable)
                        .done() +
                    "\n");
            } else {
              say(fill(tr("Withdrawn: {0} records of {1} files; {2} clusters and links that rested on them must be found anew."),
                       std::vector<std::string>{grouped(gone.records), grouped(gone.files), grouped(gone.derived)}));
              if (gone.recipients.empty()) say(tr("Nobody has received any of it."));
              else say(tr("It was received by:"));
              for (const std::string& recipient : gone.recipients) print(recipient + "\n");
              for (const std::string& path : gone.unreachable)
                say(red("casebridge: ") + fill(tr("The backup {0} could not be reached; it still holds what was withdrawn. Destroy it."),
                                               std::vector<std::string>{path}));
            }
            return gone.unreachable.empty() ? Exit::ok : Exit::temporary;
          }};
}

}  // namespace casebridge::cli

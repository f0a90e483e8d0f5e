// casebridge backup and restore.
#include "store/backup.hpp"

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/run_options.hpp"
#include "cli/store_options.hpp"

namespace casebridge::cli {

Command add_backup(CLI::App& root) {
  CLI::App* app = root.add_subcommand("backup", tr("Copy a store, also while it is in use; the copy stays in the store's keeping."));
  auto options = add_store_options(app);
  auto to = std::make_shared<std::string>();
  app->add_option("BACKUP", *to, tr("Where the copy goes; never over a file that is there."))->required();
  return {app, [=](const Common& common) {
            store::Store store = open_store(*options, store::Store::Mode::write, "backup");
            for (const std::string& words : store.words()) say(words);
            store::backup(store, *to, run_time_now(options->run_time));
            if (!common.quiet)
              say(fill(tr("{0} is a whole copy. What is withdrawn or destroyed later is taken out of it too, as long as it lies there."),
                       std::vector<std::string>{*to}));
            return Exit::ok;
          }};
}

Command add_restore(CLI::App& root) {
  CLI::App* app = root.add_subcommand("restore", tr("Put a backup in the place of a store, after checking it."));
  auto from = std::make_shared<std::string>(), to = std::make_shared<std::string>(), time = std::make_shared<std::string>();
  auto force = std::make_shared<bool>(false);
  app->add_option("BACKUP", *from, tr("The copy that casebridge backup made."))->required();
  app->add_option("STORE", *to, tr("Where the store goes."))->required();
  app->add_flag("--force", *force, tr("Replace the store that is there; what it had withdrawn or destroyed is taken out of the backup."));
  option(app, "--run-time", *time, tr("Time of the run, such as 2099-07-15T06:00:00Z; else SOURCE_DATE_EPOCH, else now."));
  return {app, [=](const Common& common) {
            const uint64_t again = store::restore(*from, *to, run_time_now(*time), *force);
            if (!common.quiet)
              say(fill(tr("{0} is restored. {1} records and files that had been taken away since were taken out again."),
                       std::vector<std::string>{*to, grouped(again)}));
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli

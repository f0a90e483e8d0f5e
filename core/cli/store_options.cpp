#include "cli/store_options.hpp"

#include <cstdlib>

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/run_options.hpp"

namespace casebridge::cli {

std::shared_ptr<StoreOptions> add_store_options(CLI::App* app) {
  auto options = std::make_shared<StoreOptions>();
  app->add_option("STORE", options->path, tr("The case store: one file, made by casebridge init."))->required();
  option(app, "--run-time", options->run_time, tr("Time of the run, such as 2099-07-15T06:00:00Z; else SOURCE_DATE_EPOCH, else now."));
  return options;
}

void add_decider_options(CLI::App* app, StoreOptions& options) {
  option(app, "--by", options.by, tr("Who decides this; it is written down."));
  option(app, "--reason", options.why, tr("Why; it is written down."));
}

store::Store open_store(const StoreOptions& options, store::Store::Mode mode, const char* command) {
  return store::Store(options.path, mode, std::string("casebridge ") + command, run_time_now(options.run_time));
}

}  // namespace casebridge::cli

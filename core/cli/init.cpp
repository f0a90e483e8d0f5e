// casebridge init: makes an empty case store.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/store_options.hpp"
#include "model/model.hpp"

namespace casebridge::cli {

Command add_init(CLI::App& root) {
  CLI::App* app = root.add_subcommand("init", tr("Make an empty case store: one SQLite file that only its owner may read."));
  auto options = add_store_options(app);
  return {app, [=](const Common& common) {
            store::Store::create(options->path, run_time_now(options->run_time));
            if (common.json)
              print(JsonObject()
                        .text("store", options->path)
                        .number("version", static_cast<uint64_t>(store::kStoreVersion))
                        .text("schemaVersion", model::schema_version())
                        .done() +
                    "\n");
            else if (!common.quiet)
              say(fill(tr("{0} is a new, empty case store. casebridge run JOB loads it; any SQLite tool can read it."),
                       std::vector<std::string>{options->path}));
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli

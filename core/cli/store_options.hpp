// What the commands on a store share: the store itself, the time, and who does it.
#pragma once
#include "cli/app.hpp"
#include "store/store.hpp"

namespace casebridge::cli {

struct StoreOptions {
  std::string path, run_time, by, why;
};

std::shared_ptr<StoreOptions> add_store_options(CLI::App* app);  // STORE, --run-time
void add_decider_options(CLI::App* app, StoreOptions& options);  // --by, --reason
store::Store open_store(const StoreOptions& options, store::Store::Mode mode, const char* command);

}  // namespace casebridge::cli

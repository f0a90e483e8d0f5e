// casebridge key: makes the key by which sensitive identifiers become tokens.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "normalise/tokens.hpp"

namespace casebridge::cli {

Command add_key(CLI::App& root) {
  CLI::App* app = root.add_subcommand("key", tr("Make a key file by which sensitive identifiers become tokens."));
  auto path = std::make_shared<std::string>();
  auto id = std::make_shared<std::string>("key-1");
  app->add_option("FILE", *path, tr("File to make; only its owner may read it. An existing file is never replaced."))->required();
  app->add_option("--id", *id, tr("Name of the key; it stands in every token, so that keys can be changed."));
  return {app, [=](const Common&) {
            try {
              normalise::TokenKey::create(*path, *id);
            } catch (const std::exception& error) { throw Failure{Exit::usage, error.what(), {}}; }
            say(fill(tr("{0} holds the new key {1}. Keep a copy where the records are kept: other keys give other tokens."),
                     std::vector<std::string>{*path, *id}));
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli

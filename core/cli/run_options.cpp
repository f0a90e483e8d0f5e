#include "cli/run_options.hpp"

#include <re2/re2.h>

#include <cstdlib>
#include <ctime>

#include "base/text.hpp"

namespace casebridge::cli {
namespace {

std::string utc(std::time_t seconds) {
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace

std::string run_time_now(const std::string& given) {
  if (!given.empty()) {
    if (!RE2::FullMatch(given, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"))
      throw Failure{Exit::usage,
                    fill(tr("The run time {0} is not a date and time with an offset, such as 2099-07-15T06:00:00Z."),
                         std::vector<std::string>{given}),
                    {}};
    return given;
  }
  if (const char* epoch = std::getenv("SOURCE_DATE_EPOCH")) return utc(static_cast<std::time_t>(std::atoll(epoch)));
  return utc(std::time(nullptr));
}

std::shared_ptr<RunOptions> add_reading_options(CLI::App* app, bool inputs_required) {
  auto options = std::make_shared<RunOptions>();
  pipeline::Plan& plan = options->plan;
  CLI::Option* inputs = app->add_option(
      "INPUT", plan.inputs, tr("Files, folders, patterns such as 'night/*.xml', archives (zip, tar.gz, gz), or - for standard input."));
  if (inputs_required) inputs->required();
  option(app, "--from", plan.from, tr("Format of the inputs; else it is recognised."));
  option(app, "--set", options->set, tr("An option of the format, NAME=VALUE; may be given again."));
  option(app, "--schema", plan.schemas,
         tr("The feed's own XSD or JSON Schema, a file or a folder, that its documents are checked against."));
  app->add_flag("--strict", plan.strict, tr("Let the stricter XML validator give the verdict (slower)."));
  app->add_flag("--recover", plan.recover, tr("Read documents that a conforming parser refuses, where that is safe, and say so."));
  option(app, "--token-key", plan.token_key,
         tr("File (mode 0600) with the key by which sensitive identifiers become tokens; without it they are withheld."));
  option(app, "--agency", plan.agency, tr("Key of the agency that the feed comes from, in place of what the mapping says."));
  option(app, "--system", plan.system, tr("Key of the system that the feed comes from, in place of what the mapping says."));
  option(app, "--run-time", plan.run_time, tr("Time of the run, such as 2099-07-15T06:00:00Z; else SOURCE_DATE_EPOCH, else now."));
  return options;
}

void add_handling_options(CLI::App* app, RunOptions& options) {
  option(app, "--recipient", options.plan.recipient,
         tr("Who receives the output: self (your own desk, the default), or a name of the policy file."));
  option(app, "--policy", options.plan.policy, tr("Policy file: who may receive what. Needed for any recipient but self."));
  option(app, "--purpose", options.plan.purpose, tr("Purpose of the data set: a code of legal_authority."));
  option(app, "--authority", options.plan.authority, tr("Legal authority for the release: a code of legal_authority."));
}

pipeline::Plan finished_plan(const RunOptions& options, const Common& common) {
  pipeline::Plan plan = options.plan;
  for (const std::string& pair : options.set) {
    const size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0)
      throw Failure{Exit::usage, fill(tr("--set {0} is not NAME=VALUE."), std::vector<std::string>{pair}),
                    tr("casebridge plugin show FORMAT lists the options of a format.")};
    plan.settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  plan.run_time = run_time_now(plan.run_time);
  plan.in_process = common.in_process;
  plan.allow_unsandboxed = common.no_sandbox;
  plan.value_positions = options.positions == "value";
  if (options.threshold >= 0) plan.quarantine_threshold = options.threshold;
  if (plan.recipient != "self" && plan.policy.empty())
    throw Failure{Exit::policy, fill(tr("Nothing may go to {0} without a policy file."), std::vector<std::string>{plan.recipient}),
                  tr("Name it with --policy FILE; casebridge schema policy shows its form.")};
  return plan;
}

}  // namespace casebridge::cli

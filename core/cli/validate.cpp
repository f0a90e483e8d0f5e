// casebridge validate: source documents against their own schema, feeds against their mapping, case data against ours.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "emit/report.hpp"
#include "pipeline/run.hpp"

namespace casebridge::cli {

Command add_validate(CLI::App& root) {
  CLI::App* app = root.add_subcommand(
      "validate", tr("Check inputs: case data against the case schema, source documents against their own (--schema)."));
  auto options = add_reading_options(app);
  auto format = std::make_shared<std::string>("text");
  option(app, "--format", *format, tr("Form of the findings on standard output: text, jsonl, sarif, csv, junit or html."))
      ->check(CLI::IsMember({"text", "jsonl", "sarif", "csv", "junit", "html"}));
  option(app, "--reports", options->plan.reports, tr("Folder for findings, quarantine, loss report and manifest."));
  return {app, [=](const Common& common) {
            pipeline::Plan plan = finished_plan(*options, common);
            plan.validating = true;
            plan.findings_to_stdout = common.json ? "jsonl" : *format;
            Watcher watch(true);
            const pipeline::RunResult result = pipeline::run(plan, watch);
            const auto all = result.books.total();
            if (!common.quiet)
              say(fill(tr("Source records checked: {0}. Errors: {1}. Warnings: {2}. Notes: {3}."),
                       std::vector<std::string>{grouped(all.units), grouped(all.errors), grouped(all.warnings), grouped(all.notes)}));
            for (const auto& words : result.words) say(words);
            return result.exit;
          }};
}

}  // namespace casebridge::cli

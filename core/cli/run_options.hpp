// Options that every command which reads feeds has, declared once.
#pragma once
#include "cli/app.hpp"
#include "pipeline/plan.hpp"

namespace casebridge::cli {

struct RunOptions {
  pipeline::Plan plan;
  std::vector<std::string> set;  // NAME=VALUE
  std::string positions = "record";
  double threshold = -1;
};

std::shared_ptr<RunOptions> add_reading_options(CLI::App* app, bool inputs_required = true);  // INPUT…, --from, --set, --schema …
void add_handling_options(CLI::App* app, RunOptions&);  // --recipient, --policy, --purpose, --authority
// Checks what the parser cannot and fills in what depends on the surroundings. Throws Failure.
pipeline::Plan finished_plan(const RunOptions&, const Common&);
// Throws Failure on a format that cannot be written.
void check_formats(const std::vector<std::string>& formats);
// Where the outputs and reports of a plan go: a folder takes every format, a file or "-" one. Throws Failure.
void place_outputs(pipeline::Plan& plan, const std::string& out, const std::vector<std::string>& formats, const std::string& reports);
std::string run_time_now(const std::string& given);  // given, else SOURCE_DATE_EPOCH, else the clock, read once

}  // namespace casebridge::cli

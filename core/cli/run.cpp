// casebridge run: the nightly job, from a job file.
#include <unistd.h>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "job/run_job.hpp"

namespace casebridge::cli {
namespace {

// What happened, for a journal: as words or as one JSON object a line. Names of feeds, counts and hashes, nothing else.
void log_line(bool json, const std::string& event, const std::vector<std::pair<std::string, std::string>>& facts) {
  if (json) {
    JsonObject line;
    line.text("event", event);
    for (const auto& [name, value] : facts)
      if (!value.empty()) line.text(name, value);
    say(line.done());
    return;
  }
  std::string words = event;
  for (const auto& [name, value] : facts)
    if (!value.empty()) words += " " + name + "=" + value;
  say(words);
}

std::string table(const job::Job& job, const job::JobResult& result) {
  Table feeds({tr("Feed"), tr("Condition"), tr("In"), tr("Mapped"), tr("Quarantined"), tr("Skipped")});
  for (const job::FeedResult& f : result.feeds) {
    uint64_t skipped = 0;
    for (const auto& [reason, n] : f.profile.skipped) skipped += n;
    feeds.row({f.name, job::words_of(f.verdict), grouped(f.profile.units), grouped(f.profile.mapped), grouped(f.profile.quarantined),
               grouped(skipped)});
  }
  std::string out = feeds.text();
  for (const job::FeedResult& f : result.feeds)
    if (!f.why.empty())
      out += "\n" + yellow(f.name) + ": " + f.why +
             (f.proposal.empty() ? ""
                                 : "\n  " + fill(tr("A change of the mapping is proposed: {0}. Nothing is applied before you accept it."),
                                                 std::vector<std::string>{f.proposal}));
  out += "\n\n";
  Table sets({tr("Data set"), tr("Recipient"), tr("Records"), tr("Lacks")});
  for (const job::OutputResult& o : result.outputs) {
    std::string lacks = o.why;
    for (const std::string& feed : o.lacks) lacks += (lacks.empty() ? "" : ", ") + feed;
    sets.row({o.path, o.recipient, grouped(o.records), lacks});
  }
  out += sets.text();
  for (const job::OutputResult& o : result.outputs)
    for (const job::Receipt& r : o.receipts)
      out += "\n" + fill(tr("A receipt for {0}: {1} records in {2}."),
                         std::vector<std::string>{r.body + " " + r.grant, grouped(r.records), o.name});
  for (const job::Removed& r : result.removed) {
    out += "\n" + fill(tr("Taken away since the last night ({0}): {1} records."), std::vector<std::string>{tr(r.rule), grouped(r.records)});
    for (const std::string& recipient : r.recipients) out += "\n  " + fill(tr("received by {0}"), std::vector<std::string>{recipient});
  }
  for (const std::string& path : result.unreachable)
    out += "\n" + red("casebridge: ") +
           fill(tr("The backup {0} could not be reached; it still holds what was taken away. Destroy it."), std::vector<std::string>{path});
  const std::string store = job.path(job.store);
  out +=
      "\n\n" + fill(tr("The store {0} holds {1} records and {2} clusters, as of its run {3}."),
                    std::vector<std::string>{store, grouped(result.records), grouped(result.clusters), std::to_string(result.store_run)});
  out += "\n" + tr("Next commands to try:");
  out += "\n  casebridge diff " + store + " --since " + std::to_string(result.since);
  out += "\n  casebridge quarantine list " + job.file;
  out += "\n  casebridge audit verify " + store;
  return out;
}

}  // namespace

Command add_run(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("run", tr("Run a job: every feed of a job file into its store, linked, and the data sets that leave."));
  auto file = std::make_shared<std::string>();
  auto time = std::make_shared<std::string>();
  auto log = std::make_shared<std::string>("none");
  auto check = std::make_shared<bool>(false);
  app->add_option("JOB", *file, tr("The job file; casebridge schema job shows its form."))->required();
  app->add_flag("--check", *check, tr("Only say what is wrong with the job file; needs neither data nor network."));
  option(app, "--run-time", *time, tr("Time of the run, such as 2099-07-15T06:00:00Z; else SOURCE_DATE_EPOCH, else now."));
  option(app, "--log", *log, tr("Log lines on standard error, without personal data: none, text or json."))
      ->check(CLI::IsMember({"none", "text", "json"}));
  return {app, [=](const Common& common) {
            const job::Job job = job::load_job(*file);
            const std::vector<std::string> problems = job::check_job(job);
            for (const std::string& problem : problems) say(problem);
            if (!problems.empty()) return Exit::usage;
            if (*check) {
              if (!common.quiet)
                say(fill(tr("{0}: {1} sources, {2} outputs; nothing is wrong with it."),
                         std::vector<std::string>{*file, std::to_string(job.sources.size()), std::to_string(job.outputs.size())}));
              return Exit::ok;
            }
            job::RunOptions options;
            options.run_time = run_time_now(*time);
            options.in_process = common.in_process;
            options.allow_unsandboxed = common.no_sandbox;
            if (*log != "none")
              options.log = [json = *log == "json"](const std::string& event, const auto& facts) { log_line(json, event, facts); };
            Watcher watch(common.quiet || *log != "none");
            const job::JobResult result = job::run_job(job, options, watch);
            watch.done();
            if (common.json) print(job::manifest_json(job, result));
            else if (!common.quiet) say(table(job, result));
            return result.exit;
          }};
}

}  // namespace casebridge::cli

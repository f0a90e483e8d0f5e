// casebridge link: which records of all inputs are one person, organization, place, vehicle, selector or occurrence.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/link_options.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "emit/sink.hpp"
#include "link/decisions.hpp"
#include "link/model_file.hpp"
#include "pipeline/run.hpp"
#include "resolve/found.hpp"

namespace casebridge::cli {
namespace {

namespace fs = std::filesystem;

// Feeds every record of the run to linking, and gives back what was found.
class LinkTap final : public pipeline::Tap {
 public:
  LinkTap(const pipeline::Plan& plan, resolve::Settings settings, Watcher& watch)
      : items_(plan.run_time.substr(0, 10)), settings_(std::move(settings)), watch_(watch), writing_(!plan.outputs.empty()) {}
  void source(const Record& line) override { items_.source(line); }
  void take(const Record& record) override { items_.take(record); }
  bool replaces(const Record& record) override { return resolve::found_before(record); }
  void find(const std::function<void(RecordBatch&)>& each) override {
    watch_.done();
    items_.settle();
    linking_ = std::make_unique<resolve::Linking>(items_, settings_);
    linking_->run();
    if (writing_) resolve::found_records(*linking_, each);
  }
  const resolve::Linking* linking() const { return linking_.get(); }

 private:
  resolve::Items items_;
  resolve::Settings settings_;
  Watcher& watch_;
  bool writing_;
  std::unique_ptr<resolve::Linking> linking_;
};

void write_file(const std::string& path, const std::function<void(const std::function<void(std::string_view)>&)>& body) {
  if (path == "-") return body([](std::string_view text) { print(text); });
  emit::FileSink sink(path);
  body([&](std::string_view text) { sink.write(text); });
  sink.commit();
}

struct Outputs {
  std::string folder, clusters;
  bool force = false;
};

void place_outputs(pipeline::Plan& plan, const Outputs& o) {
  if (o.folder.empty() && o.clusters.empty())
    throw Failure{Exit::usage, tr("Nothing says where the result goes."), tr("Name a folder with -o FOLDER, or a file of record and entity ids with --clusters FILE.")};
  plan.force = o.force;
  std::vector<std::string> files;
  if (!o.clusters.empty() && o.clusters != "-") files.push_back(o.clusters);
  if (!o.folder.empty()) {
    plan.outputs.push_back({"case-jsonl", (fs::path(o.folder) / "case.jsonl").string()});
    plan.reports = o.folder;
    files.push_back(plan.outputs[0].path);
  }
  for (const std::string& file : files)
    if (!o.force && fs::exists(file)) throw Failure{Exit::usage, fill(tr("{0} is there already."), std::vector<std::string>{file}), tr("Choose another place, or replace it with --force.")};
}

}  // namespace

std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Failure{Exit::input, fill(tr("There is no file {0}."), std::vector<std::string>{path}), {}};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

uint64_t size_of(const std::string& text) {
  if (text.empty()) return 0;
  char* end = nullptr;
  const double n = std::strtod(text.c_str(), &end);
  std::string unit(end);
  for (char& c : unit) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  if (unit.ends_with("IB")) unit.resize(unit.size() - 2);
  else if (unit.size() > 1 && unit.back() == 'B') unit.pop_back();
  const uint64_t factor = unit == "K" ? 1024 : unit == "M" || unit.empty() ? uint64_t(1) << 20 : unit == "G" ? uint64_t(1) << 30 : 0;
  if (end == text.c_str() || !factor || n <= 0)
    throw Failure{Exit::usage, fill(tr("--memory {0} is not an amount of memory."), std::vector<std::string>{text}), tr("Say it as 500M or 2G.")};
  return static_cast<uint64_t>(n * static_cast<double>(factor));
}

resolve::Settings link_settings(const LinkOptions& o, const pipeline::Plan& plan, bool quiet) {
  resolve::Settings s;
  s.threads = plan.jobs ? plan.jobs : std::max(1u, std::thread::hardware_concurrency());
  s.memory_limit = size_of(o.memory);
  s.deduplicated = o.deduplicated;
  const auto checked = [](const std::string& path, auto&& check) {
    if (path.empty()) return std::string();
    std::string text = file_text(path);
    try {
      check(text);
    } catch (const std::exception& error) {
      throw Failure{Exit::usage, fill(tr("{0} cannot be used: {1}"), std::vector<std::string>{path, error.what()}), {}};
    }
    return text;
  };
  s.model_json = checked(o.model, [](const std::string& text) { link::read_model(text); });
  s.decisions_csv = checked(o.decisions, [](const std::string& text) { link::read_decisions(text); });
  if (!quiet)
    s.on_plan = [limit = s.memory_limit](const link::LinkPlan& plan) {
      say(fill(tr("Comparing at most {0} pairs of {1} person records; about {2} of memory."), std::vector<std::string>{grouped(plan.pairs), grouped(plan.records), bytes_text(plan.memory_bytes)}));
      if (plan.spilled_bytes) say(fill(tr("To stay within {0}, {1} of blocks lie in a temporary file."), std::vector<std::string>{bytes_text(limit), bytes_text(plan.spilled_bytes)}));
      uint64_t skipped = 0, pairs = 0;
      for (const auto& c : plan.costs) skipped += c.skipped, pairs += c.skipped_pairs;
      if (skipped) say(fill(tr("{0} blocks are too large and left out ({1} pairs); the summary names their rules."), std::vector<std::string>{grouped(skipped), grouped(pairs)}));
      if (limit && plan.memory_bytes > limit) say(fill(tr("The limit of {0} cannot be kept with this many records."), std::vector<std::string>{bytes_text(limit)}));
    };
  return s;
}

std::shared_ptr<LinkOptions> add_link_options(CLI::App* app) {
  auto o = std::make_shared<LinkOptions>();
  option(app, "--model", o->model, tr("A model file of an earlier run, to judge by it again instead of estimating a new one."));
  option(app, "--decisions", o->decisions, tr("What reviewers decided (CSV): obeyed as long as the row is there."));
  option(app, "--one-record-per-person", o->deduplicated, tr("AGENCY or AGENCY/SYSTEM that has one record a person already: two of its records are never one."));
  option(app, "--memory", o->memory, tr("Memory to stay within, such as 500M or 2G."));
  return o;
}

Command add_link(CLI::App& root) {
  CLI::App* app = root.add_subcommand("link", tr("Find which records are the same person, organization, place, vehicle, number or occurrence."));
  auto options = add_reading_options(app);
  auto linking = add_link_options(app);
  auto outputs = std::make_shared<Outputs>();
  option(app, "-o,--output", outputs->folder, tr("Folder for the case data with what was found, the pairs, the model and the summary."));
  option(app, "--clusters", outputs->clusters, tr("A file (or -) for record_id,entity_id of every person record."));
  app->add_flag("--force", outputs->force, tr("Replace outputs that are there already."));
  option(app, "-j,--jobs", options->plan.jobs, tr("Threads to use; the output is the same for any number."));
  app->footer(tr("The result is for your own desk. To hand it on, run casebridge convert on its case.jsonl with --recipient and --policy."));
  return {app, [=](const Common& common) {
    pipeline::Plan plan = finished_plan(*options, common);
    place_outputs(plan, *outputs);
    const resolve::Settings settings = link_settings(*linking, plan, common.quiet);
    Watcher watch(common.quiet);
    LinkTap tap(plan, settings, watch);
    const pipeline::RunResult result = pipeline::run(plan, watch, &tap);
    watch.done();
    const resolve::Linking* linked = tap.linking();
    if (!linked) return result.exit;  // interrupted
    const resolve::Summary summary = resolve::summarise(*linked);
    const auto gate = handle::Gate::for_self(plan.run_time.substr(0, 10));
    const std::string text = resolve::summary_text(*linked, summary, *gate), json = resolve::summary_json(*linked, summary);
    if (!outputs->clusters.empty()) write_file(outputs->clusters, [&](const auto& out) { resolve::write_clusters(*linked, out); });
    if (!outputs->folder.empty()) {
      const fs::path folder(outputs->folder);
      write_file(folder / "pairs.csv", [&](const auto& out) { resolve::write_pairs(*linked, out); });
      write_file(folder / "model.json", [&](const auto& out) { out(linked->model_json()); });
      write_file(folder / "summary.json", [&](const auto& out) { out(json); });
      write_file(folder / "summary.txt", [&](const auto& out) { out(text); });
    }
    if (common.json && outputs->clusters != "-") print(json);
    if (!common.quiet) {
      say(run_table(result));
      say("");
      say(std::string_view(text).substr(0, text.find("\n\n")));
      if (!outputs->folder.empty()) {
        const auto first = std::find_if(linked->groups().begin(), linked->groups().end(), [](const resolve::Group& g) { return g.kind == resolve::Kind::person; });
        if (first != linked->groups().end())
          say(fill(tr("Next: {0}"), std::vector<std::string>{"casebridge explain " + resolve::entity_text(first->entity) + " --in " + outputs->folder}));
      }
    }
    return result.exit;
  }};
}

}  // namespace casebridge::cli

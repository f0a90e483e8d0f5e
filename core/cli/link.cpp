// casebridge link: which records of all inputs are one person, organization, place, vehicle, selector or occurrence.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/decisions_file.hpp"
#include "cli/link_options.hpp"
#include "cli/run_options.hpp"
#include "cli/run_table.hpp"
#include "direct/direct.hpp"
#include "direct/items_tap.hpp"
#include "emit/sink.hpp"
#include "link/decisions.hpp"
#include "link/hash.hpp"
#include "link/model_file.hpp"
#include "pipeline/run.hpp"
#include "resolve/found.hpp"
#include "resolve/labels.hpp"
#include "resolve/nightly.hpp"
#include "resolve/review.hpp"

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
  std::string folder, clusters, review, labels, state;
  bool force = false, refit = false, serve = false;
};

std::unique_ptr<resolve::Nightly> open_state(const std::string& dir, const std::string& date) {
  try {
    return std::make_unique<resolve::Nightly>(dir, date);
  } catch (const std::runtime_error& error) {
    throw Failure{Exit::integrity, fill(tr("{0} cannot be used: {1}"), std::vector<std::string>{dir, error.what()}),
                  tr("A state can be made again from the data: link them into a new folder.")};
  }
}

// A run into a state. Without inputs: what decisions, ended access or a new model change.
Exit run_state(const Common& common, pipeline::Plan plan, const Outputs& o, const resolve::Settings& settings) {
  if (!o.folder.empty() || !o.review.empty() || !o.labels.empty())
    throw Failure{Exit::usage, tr("--state goes with --clusters, and not with an output folder, --review or --labels."), {}};
  const std::string date = plan.run_time.substr(0, 10);
  const auto night = open_state(o.state, date);
  if (night->fresh() && plan.inputs.empty())
    throw Failure{Exit::usage, fill(tr("The state {0} is new, so it needs records."), std::vector<std::string>{o.state}), {}};
  if (!night->fresh() && !settings.model_json.empty())
    throw Failure{Exit::usage, tr("A state has its own model; --model is for a new one."),
                  tr("--refit estimates a new model for a state.")};
  direct::ItemsTap tap(date);
  Exit exit = Exit::ok;
  if (plan.inputs.empty()) {
    tap.find({});
  } else {
    Watcher watch(common.quiet);
    const pipeline::RunResult result = pipeline::run(plan, watch, &tap);
    watch.done();
    exit = result.exit;
    if (!tap.whole() || exit == Exit::interrupted || exit == Exit::input) return exit;  // the state stays as it was
    if (!common.quiet) say(run_table(result));
  }
  night->apply(tap.items(), settings, o.refit);
  night->save();
  write_file((fs::path(o.state) / "changes.csv").string(), [&](const auto& out) { out(night->changes_csv()); });
  if (!o.clusters.empty()) write_file(o.clusters, [&](const auto& out) { night->write_clusters(out); });
  if (common.json && o.clusters != "-") print(night->report_json());
  if (!common.quiet) say(night->report_text());
  return exit;
}

// Answers until the input ends; every line gets exactly one answer.
Exit serve(const Outputs& o, const std::string& date) {
  if (o.state.empty()) throw Failure{Exit::usage, tr("--serve-stdin needs a state to answer from."), tr("Name it with --state DIR.")};
  const auto night = open_state(o.state, date);
  if (night->fresh()) throw Failure{Exit::input, fill(tr("There is no state in {0}."), std::vector<std::string>{o.state}), {}};
  resolve::Answerer answerer(night->state());
  for (std::string line; std::getline(std::cin, line);) {
    print(answerer.answer(line));
    std::fflush(stdout);
  }
  return Exit::ok;
}

// Which record is whom, and nothing else: a table of people then needs no case records (core/direct). Nothing: the usual way.
std::optional<Exit> link_direct(const Common& common, const pipeline::Plan& plan, const Outputs& o, const resolve::Settings& settings) {
  if (o.clusters.empty() || o.clusters == "-" || !o.folder.empty() || !o.review.empty() || !o.labels.empty() || common.json)
    return std::nullopt;
  Watcher watch(common.quiet);
  emit::FileSink sink(o.clusters);
  const auto done = direct::link(plan, settings, watch, [&](std::string_view text) { sink.write(text); });
  watch.done();
  if (!done) return std::nullopt;
  if (done->result.exit == Exit::interrupted) return done->result.exit;
  sink.commit();
  if (!common.quiet) {
    const direct::Totals& t = done->totals;
    say(run_table(done->result));
    say("");
    const auto words = [](const char* english, std::vector<std::string> args) { say(fill(tr(english), args)); };
    words("{0} person records, {1} of them compared: {2} people, of whom {3} have more than one record.",
          {grouped(t.records), grouped(t.records), grouped(t.people), grouped(t.several)});
    words("Pairs compared: {0}; at 0 bits or more: {1}; for review: {2}.", {grouped(t.compared), grouped(t.edges), grouped(t.review)});
    if (t.one || t.never || t.waiting)
      words("Decisions in force: {0} one, {1} never; {2} wait for records that are not here.",
            {grouped(t.one), grouped(t.never), grouped(t.waiting)});
    say(tr("Only people were looked for, since nothing but --clusters was asked; -o FOLDER finds what they share, too."));
  }
  return done->result.exit;
}

void place_outputs(pipeline::Plan& plan, const Outputs& o) {
  if (o.folder.empty() && o.clusters.empty() && o.review.empty() && o.labels.empty())
    throw Failure{Exit::usage, tr("Nothing says where the result goes."),
                  tr("Name a folder with -o FOLDER, or a file of record and entity ids with --clusters FILE.")};
  plan.force = o.force;
  std::vector<std::string> files;
  if (!o.clusters.empty() && o.clusters != "-") files.push_back(o.clusters);
  if (!o.review.empty()) files.push_back(o.review);
  if (!o.folder.empty()) {
    plan.outputs.push_back({"case-jsonl", (fs::path(o.folder) / "case.jsonl").string()});
    plan.reports = o.folder;
    files.push_back(plan.outputs[0].path);
  }
  for (const std::string& file : files)
    if (!o.force && fs::exists(file))
      throw Failure{Exit::usage, fill(tr("{0} is there already."), std::vector<std::string>{file}),
                    tr("Choose another place, or replace it with --force.")};
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
    throw Failure{Exit::usage, fill(tr("--memory {0} is not an amount of memory."), std::vector<std::string>{text}),
                  tr("Say it as 500M or 2G.")};
  return static_cast<uint64_t>(n * static_cast<double>(factor));
}

resolve::Settings link_settings(const LinkOptions& o, const pipeline::Plan& plan, bool quiet) {
  resolve::Settings s;
  s.threads = plan.jobs ? plan.jobs : std::max(1u, std::thread::hardware_concurrency());
  s.memory_limit = size_of(o.memory);
  s.deduplicated = o.deduplicated;
  const auto checked = [](const std::string& path, auto&& read, auto&& check) {
    if (path.empty()) return std::string();
    std::string text = read(path);
    try {
      check(text);
    } catch (const std::exception& error) {
      throw Failure{Exit::usage, fill(tr("{0} cannot be used: {1}"), std::vector<std::string>{path, error.what()}), {}};
    }
    return text;
  };
  s.model_json = checked(o.model, file_text, [](const std::string& text) { link::read_model(text); });
  s.decisions_csv = checked(
      o.decisions, [&](const std::string& path) { return decisions_text(path, plan.allow_unsandboxed); },
      [](const std::string& text) { link::read_decisions(text); });
  if (!quiet)
    s.on_plan = [limit = s.memory_limit](const link::LinkPlan& plan) {
      say(fill(tr("Comparing at most {0} pairs of {1} person records; about {2} of memory."),
               std::vector<std::string>{grouped(plan.pairs), grouped(plan.records), bytes_text(plan.memory_bytes)}));
      if (plan.spilled_bytes)
        say(fill(tr("To stay within {0}, {1} of blocks lie in a temporary file."),
                 std::vector<std::string>{bytes_text(limit), bytes_text(plan.spilled_bytes)}));
      uint64_t skipped = 0, pairs = 0;
      for (const auto& c : plan.costs) skipped += c.skipped, pairs += c.skipped_pairs;
      if (skipped)
        say(fill(tr("{0} blocks are too large and left out ({1} pairs); the summary names their rules."),
                 std::vector<std::string>{grouped(skipped), grouped(pairs)}));
      if (limit && plan.memory_bytes > limit)
        say(fill(tr("The limit of {0} cannot be kept with this many records."), std::vector<std::string>{bytes_text(limit)}));
    };
  return s;
}

std::shared_ptr<LinkOptions> add_link_options(CLI::App* app) {
  auto o = std::make_shared<LinkOptions>();
  option(app, "--model", o->model, tr("A model file of an earlier run, to judge by it again instead of estimating a new one."));
  option(app, "--decisions", o->decisions,
         tr("What reviewers decided (.csv, or a filled review workbook): obeyed as long as the row is there."));
  option(app, "--one-record-per-person", o->deduplicated,
         tr("AGENCY or AGENCY/SYSTEM that has one record a person already: two of its records are never one."));
  option(app, "--memory", o->memory, tr("Memory to stay within, such as 500M or 2G."));
  return o;
}

Command add_link(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("link", tr("Find which records are the same person, organization, place, vehicle, number or occurrence."));
  auto options = add_reading_options(app, false);
  auto linking = add_link_options(app);
  auto outputs = std::make_shared<Outputs>();
  option(app, "-o,--output", outputs->folder, tr("Folder for the case data with what was found, the pairs, the model and the summary."));
  option(app, "--clusters", outputs->clusters, tr("A file (or -) for record_id,entity_id of every person record."));
  option(app, "--state", outputs->state,
         tr("Folder of a state: the records are added to what was linked before, and entities keep their ids."));
  app->add_flag("--refit", outputs->refit,
                tr("Estimate a new model from all records of the state, link them all by it, and say what moved."));
  app->add_flag("--serve-stdin", outputs->serve,
                tr("Answer from the state: a JSON person a line in, the records that may be the same person a line out."));
  option(app, "--review", outputs->review,
         tr("A file (.xlsx or .csv) for the pairs worth a person's minute; filled in, it is given back with --decisions."));
  option(app, "--labels", outputs->labels,
         tr("A file record_id,entity_id[,pattern] with the truth about some records: improves the model, and says how good the result is, "
            "with intervals."));
  app->add_flag("--force", outputs->force, tr("Replace outputs that are there already."));
  option(app, "-j,--jobs", options->plan.jobs, tr("Threads to use; the output is the same for any number."));
  app->footer(
      tr("The result is for your own desk. To hand it on, run casebridge convert on its case.jsonl with --recipient and --policy."));
  return {
      app, [=](const Common& common) {
        pipeline::Plan plan = finished_plan(*options, common);
        if (outputs->serve) return serve(*outputs, plan.run_time.substr(0, 10));
        if (outputs->refit && outputs->state.empty())
          throw Failure{Exit::usage, tr("--refit needs a state."), tr("Name it with --state DIR.")};
        const resolve::Settings settings = link_settings(*linking, plan, common.quiet);
        if (!outputs->state.empty()) return run_state(common, plan, *outputs, settings);
        if (plan.inputs.empty()) throw Failure{Exit::usage, fill(tr("{0} is missing."), std::vector<std::string>{"INPUT"}), {}};
        place_outputs(plan, *outputs);
        if (const auto exit = link_direct(common, plan, *outputs, settings)) return *exit;
        const auto labels = [&] {
          try {
            return outputs->labels.empty() ? resolve::Labels{} : resolve::read_labels(file_text(outputs->labels));
          } catch (const std::runtime_error& error) {
            throw Failure{Exit::usage, fill(tr("{0} cannot be used: {1}"), std::vector<std::string>{outputs->labels, error.what()}), {}};
          }
        }();
        Watcher watch(common.quiet);
        resolve::Settings fitted = settings;
        if (!labels.of.empty())
          fitted.label_of = [&](std::string_view id) {
            const auto at = labels.of.find(id);
            return at == labels.of.end() ? uint64_t(0) : link::hash_text(at->second.entity) | 1;
          };
        LinkTap tap(plan, fitted, watch);
        const pipeline::RunResult result = pipeline::run(plan, watch, &tap);
        watch.done();
        const resolve::Linking* linked = tap.linking();
        if (!linked) return result.exit;  // interrupted
        const resolve::Summary summary = resolve::summarise(*linked);
        const auto gate = handle::Gate::for_self(plan.run_time.substr(0, 10));
        std::string text = resolve::summary_text(*linked, summary, *gate), json = resolve::summary_json(*linked, summary);
        std::string judged;
        if (!labels.of.empty()) {
          const resolve::Judgement judgement = resolve::judge(*linked, labels);
          judged = resolve::judgement_text(judgement);
          text += "\n" + judged;
          json.insert(json.rfind('}'),
                      ",\"labels\":" + resolve::judgement_json(judgement) + ",\"fairness\":" + resolve::fairness_json(&judgement));
          text += resolve::fairness_text(&judgement);
        } else {
          json.insert(json.rfind('}'), ",\"fairness\":" + resolve::fairness_json(nullptr));
          text += "\n" + resolve::fairness_text(nullptr);
        }
        if (!outputs->review.empty()) {
          const std::vector<resolve::ReviewPair> pairs = resolve::review_pairs(*linked, *gate);
          write_file(outputs->review, [&](const auto& out) {
            if (fs::path(outputs->review).extension() == ".xlsx") resolve::write_review_workbook(pairs, plan.run_time, out);
            else resolve::write_review(pairs, out);
          });
        }
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
          if (!judged.empty()) say("\n" + judged);
          if (!outputs->folder.empty()) {
            const auto first = std::find_if(linked->groups().begin(), linked->groups().end(),
                                            [](const resolve::Group& g) { return g.kind == resolve::Kind::person; });
            if (first != linked->groups().end())
              say(fill(tr("Next: {0}"),
                       std::vector<std::string>{"casebridge explain " + resolve::entity_text(first->entity) + " --in " + outputs->folder}));
          }
        }
        return result.exit;
      }};
}

}  // namespace casebridge::cli

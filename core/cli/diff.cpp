// casebridge diff: what has changed in a store since a run, and why.
#include "store/diff.hpp"

#include <charconv>

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/store_options.hpp"

namespace casebridge::cli {
namespace {

void list_runs(store::Store& store, const Common& common) {
  Table table({tr("run"), tr("time"), tr("kind"), tr("cause")});
  std::string lines;
  for (const store::RunRow& run : store.runs()) {
    if (common.json)
      lines += JsonObject()
                   .number("run", static_cast<uint64_t>(run.run))
                   .text("time", run.time)
                   .text("kind", run.kind)
                   .text("cause", run.cause)
                   .done() +
               "\n";
    else table.row({std::to_string(run.run), run.time, run.kind, run.cause});
  }
  print(common.json ? lines : table.text());
}

}  // namespace

Command add_diff(CLI::App& root) {
  CLI::App* app =
      root.add_subcommand("diff", tr("List what has changed in a store since a run, with the cause; without --since, list the runs."));
  auto options = add_store_options(app);
  auto since = std::make_shared<std::string>();
  app->add_option("--since", *since, tr("Number of a run, or a date: what has changed after it."));
  return {app, [=](const Common& common) {
            store::Store store = open_store(*options, store::Store::Mode::read, "diff");
            if (since->empty()) {
              list_runs(store, common);
              return Exit::ok;
            }
            int64_t run = 0;
            const auto [end, error] = std::from_chars(since->data(), since->data() + since->size(), run);
            if (error != std::errc() || end != since->data() + since->size()) run = store.run_at(*since);
            if (run < 1 || run > store.last_run())
              throw Failure{Exit::usage, fill(tr("The store has no run {0}."), std::vector<std::string>{*since}),
                            tr("casebridge diff STORE lists the runs.")};
            std::vector<store::GoneCount> gone;
            const std::vector<store::Change> changes = store::diff(store, run, gone);
            Table table({tr("change"), tr("type"), tr("id"), tr("run"), tr("kind"), tr("file or cause"), tr("with")});
            std::string lines;
            for (const store::Change& c : changes) {
              if (common.json) {
                lines += JsonObject()
                             .text("change", c.what)
                             .text("type", c.type)
                             .text("id", c.id)
                             .number("run", static_cast<uint64_t>(c.run))
                             .text("kind", c.kind)
                             .text("cause", c.cause)
                             .text("file", c.file)
                             .texts("with", c.with)
                             .done() +
                         "\n";
              } else {
                std::string with;
                for (const std::string& id : c.with) with += (with.empty() ? "" : " ") + id;
                table.row({tr(c.what), c.type, c.id, std::to_string(c.run), c.kind,
                           c.file.empty() || c.type == "Cluster" ? c.cause : c.file, with});
              }
            }
            for (const store::GoneCount& g : gone) {
              if (common.json)
                lines += JsonObject().text("change", "gone").text("cause", g.rule).number("records", g.records).done() + "\n";
              else table.row({tr("gone"), "", std::to_string(g.records), "", "", tr(g.rule), ""});
            }
            print(common.json ? lines : table.text());
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli

// casebridge audit: reads the chained log and holds the store against it.
#include "store/audit.hpp"

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/store_options.hpp"

namespace casebridge::cli {
namespace {

Exit verify(const StoreOptions& options, const std::string& head, const Common& common) {
  store::Store store = open_store(options, store::Store::Mode::read, "audit verify");
  const store::AuditReport report = store::verify(store, head);
  if (common.json) {
    print(JsonObject()
              .truth("holds", report.problems.empty())
              .number("rows", report.rows)
              .number("files", report.files)
              .number("records", report.records)
              .number("pending", report.pending)
              .text("head", report.head)
              .texts("problems", report.problems)
              .done() +
          "\n");
  } else {
    for (const std::string& problem : report.problems) say(red("casebridge: ") + problem);
    if (report.problems.empty())
      print(fill(tr("The store holds: {0} rows of the audit log, {1} files, {2} versions of records."),
                 std::vector<std::string>{grouped(report.rows), grouped(report.files - 1), grouped(report.records)}) +
            "\n" +
            fill(tr("The last row is {0}. Note it elsewhere: with --head it shows a log that was made anew."),
                 std::vector<std::string>{report.head}) +
            "\n");
    if (report.pending)
      say(fill(tr("{0} places still hold what was taken away: this file or backups. The next command that writes to the store cleans those "
                  "it can reach."),
               std::vector<std::string>{grouped(report.pending)}));
  }
  return report.problems.empty() ? Exit::ok : Exit::integrity;
}

Exit taken(const StoreOptions& options, const std::string& what, const Common& common) {
  store::Store store = open_store(options, store::Store::Mode::read, "audit taken");
  const auto taken = store.taken(what);
  if (common.json) {
    JsonObject out;
    out.truth("taken", taken.has_value());
    if (taken) out.text("time", taken->time).text("rule", taken->rule).number("records", taken->records);
    print(out.done() + "\n");
  } else if (!taken) {
    print(fill(tr("The audit log knows of no {0} that was taken away."), std::vector<std::string>{what}) + "\n");
  } else {
    print(fill(tr("{0} was taken away at {1}: {2}, with {3} records."),
               std::vector<std::string>{what, taken->time, tr(taken->rule), grouped(taken->records)}) +
          "\n");
  }
  return taken ? Exit::ok : Exit::input;
}

Exit destroy_key(const StoreOptions& options, const Common& common) {
  store::Store store = open_store(options, store::Store::Mode::write, "audit destroy-key");
  for (const std::string& words : store.words()) say(words);
  const store::Store::Removal gone = store.destroy_key(run_time_now(options.run_time), options.by, options.why);
  if (!gone.found) say(tr("The key had been destroyed already."));
  else if (!common.quiet)
    say(tr("The key of the keyed hashes is destroyed. What was taken away can no longer be asked about, and is no longer kept out."));
  for (const std::string& path : gone.unreachable)
    say(red("casebridge: ") +
        fill(tr("The backup {0} could not be reached; it still holds the key. Destroy it."), std::vector<std::string>{path}));
  return gone.unreachable.empty() ? Exit::ok : Exit::temporary;
}

Exit show(const StoreOptions& options, const Common& common) {
  store::Store store = open_store(options, store::Store::Mode::read, "audit show");
  store::Query q(store.db(), "SELECT \"seq\", \"time\", \"run\", \"action\", \"detail\" FROM \"Audit\" ORDER BY \"seq\"");
  Table table({tr("row"), tr("time"), tr("run"), tr("action"), tr("detail")});
  std::string lines;
  while (q.step()) {
    if (common.json)
      lines += JsonObject()
                   .number("seq", static_cast<uint64_t>(q.as_number(0)))
                   .text("time", q.as_text(1))
                   .number("run", static_cast<uint64_t>(q.as_number(2)))
                   .text("action", q.as_text(3))
                   .raw("detail", q.as_text(4))
                   .done() +
               "\n";
    else
      table.row({std::to_string(q.as_number(0)), std::string(q.as_text(1)), std::to_string(q.as_number(2)), std::string(q.as_text(3)),
                 std::string(q.as_text(4))});
  }
  print(common.json ? lines : table.text());
  return Exit::ok;
}

}  // namespace

Command add_audit(CLI::App& root) {
  CLI::App* app = root.add_subcommand("audit", tr("The audit log of a store: check it, or show it."));
  app->require_subcommand(1);
  CLI::App* check = app->add_subcommand("verify", tr("Check the whole store against its chained audit log; finds one flipped bit."));
  auto options = add_store_options(check);
  auto head = std::make_shared<std::string>();
  check->add_option("--head", *head, tr("The last row's hash as it was noted earlier; it must still be part of the log."));
  CLI::App* list = app->add_subcommand("show", tr("Show the rows of the audit log."));
  auto shown = add_store_options(list);
  CLI::App* ask = app->add_subcommand("taken", tr("Ask whether a source, file or record was taken away, when, and by which rule."));
  auto asked = add_store_options(ask);
  auto what = std::make_shared<std::string>();
  ask->add_option("WHAT", *what, tr("An agency, AGENCY/SYSTEM, the SHA-256 of a file, or the id of a record."))->required();
  CLI::App* mute = app->add_subcommand("destroy-key", tr("Destroy the key of the keyed hashes, here and in backups, for good."));
  auto muted = add_store_options(mute);
  add_decider_options(mute, *muted);
  return {app, [=](const Common& common) {
            if (check->parsed()) return verify(*options, *head, common);
            if (ask->parsed()) return taken(*asked, *what, common);
            return mute->parsed() ? destroy_key(*muted, common) : show(*shown, common);
          }};
}

}  // namespace casebridge::cli

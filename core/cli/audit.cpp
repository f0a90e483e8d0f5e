// casebridge audit: reads the chained log and holds the store against it.
#include "store/audit.hpp"

#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
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
  }
  return report.problems.empty() ? Exit::ok : Exit::integrity;
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
  return {app, [=](const Common& common) { return check->parsed() ? verify(*options, *head, common) : show(*shown, common); }};
}

}  // namespace casebridge::cli

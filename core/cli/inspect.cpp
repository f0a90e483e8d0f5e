// casebridge inspect: what is this file, and what would become of it. Writes nothing.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "cli/words.hpp"
#include "emit/report.hpp"
#include "host/inputs.hpp"
#include "host/related_tables.hpp"
#include "pipeline/preview.hpp"

namespace casebridge::cli {
namespace {

std::string amount(const pipeline::Preview& p) {
  if (p.whole) return grouped(p.books.units);
  if (!p.estimated_units && !p.books.units) return {};
  return p.estimated_units ? "≈ " + grouped(p.estimated_units) : tr("more than") + " " + grouped(p.books.units);
}

std::string counts_text(const std::map<std::string, uint64_t>& counts) {
  std::string out;
  for (const auto& [what, n] : counts) out += (out.empty() ? "" : ", ") + grouped(n) + " " + what;
  return out;
}

void tell(const std::string& name, const pipeline::Preview& p, const host::Registry& registry) {
  std::string out = bold(name) + "\n";
  const auto line = [&](const std::string& what, const std::string& value) {
    if (!value.empty()) out += "  " + what + colon() + " " + value + "\n";
  };
  if (const host::Choice choice = registry.reader(p.books.format)) line(tr("format"), p.books.format + ", " + title_of(*choice.format));
  for (const auto& candidate : p.candidates)
    line("  " + candidate.choice.format->id, std::to_string(candidate.score) + ", " + candidate.why);
  for (size_t i = 0; i < p.tables.size(); ++i) line("  " + p.tables[i], p.files[i].input + ", " + bytes_text(p.files[i].bytes));
  line(tr("mapping"), p.books.mapping);
  line(tr("encoding"), tr(p.books.encoding));
  line(tr("size"), bytes_text(p.books.bytes));
  line(tr("source records"), amount(p));
  line(tr("case records from what was read"), counts_text(p.books.records));
  line(tr("skipped"), counts_text(p.books.skipped));
  line(tr("quarantined"), p.books.quarantined ? grouped(p.books.quarantined) : std::string());
  if (!p.homeless.empty()) {
    out += "  " + tr("fields without a home in the case schema") + colon() + "\n";
    for (const auto& loss : p.homeless) out += "    " + loss.field + "  " + grouped(loss.count) + "\n";
  }
  if (!p.records.empty()) out += "  " + tr("first records") + colon() + "\n";
  for (const auto& record : p.records) out += "    " + record.get() + "\n";
  if (!p.findings.empty()) out += "  " + tr("problems") + colon() + "\n";
  for (const auto& finding : p.findings) out += "    " + emit::finding_line(finding.get()) + "\n";
  if (p.more_findings) out += "    " + fill(tr("and {0} more"), std::vector<std::string>{grouped(p.more_findings)}) + "\n";
  print(out);
}

std::string as_json(const pipeline::Preview& p) {
  std::vector<std::string> records, findings, homeless;
  for (const auto& record : p.records) records.push_back(record.get());
  for (const auto& finding : p.findings)
    findings.push_back(JsonObject()
                           .text("code", finding.get().code)
                           .number("line", finding.get().line)
                           .number("column", finding.get().column)
                           .text("message", message_of(finding.get()))
                           .done());
  for (const auto& loss : p.homeless) homeless.push_back(JsonObject().text("field", loss.field).number("count", loss.count).done());
  std::vector<std::string> tables;
  for (size_t i = 0; i < p.tables.size(); ++i)
    tables.push_back(JsonObject().text("table", p.tables[i]).text("input", p.files[i].input).number("bytes", p.files[i].bytes).done());
  JsonObject out;
  out.text("input", p.books.input)
      .text("format", p.books.format)
      .text("mapping", p.books.mapping)
      .text("encoding", p.books.encoding)
      .number("bytes", p.books.bytes)
      .number("sourceRecords", p.whole ? p.books.units : p.estimated_units)
      .truth("exact", p.whole)
      .raw("tables", json_array(tables))
      .raw("records", json_array(records))
      .raw("homeless", json_array(homeless))
      .raw("findings", json_array(findings))
      .number("moreFindings", p.more_findings);
  return out.done();
}

}  // namespace

Command add_inspect(CLI::App& root) {
  CLI::App* app = root.add_subcommand("inspect", tr("Recognise inputs and show what would become of them; writes nothing."));
  auto options = add_reading_options(app);
  auto records = std::make_shared<size_t>(5);
  option(app, "--records", *records, tr("How many of the first case records to show."));
  return {app, [=](const Common& common) {
            const pipeline::Plan plan = finished_plan(*options, common);
            const host::Registry registry = host::Registry::with_defaults();
            const auto gate = handle::Gate::for_self(plan.run_time.substr(0, 10));
            std::vector<Finding> problems;
            const auto inputs = host::into_sets(registry, host::expand(plan.inputs, {}, problems), plan.from);
            Exit exit = Exit::ok;
            for (const Finding& problem : problems) say(finding_words(problem)), exit = worse(exit, pipeline::exit_of(problem));
            std::vector<std::string> items;
            for (const host::InputSet& set : inputs) {
              const pipeline::Preview p = pipeline::preview(registry, set, plan, *gate, *records, std::chrono::milliseconds(1200));
              exit = worse(exit, p.books.exit == Exit::quarantined ? Exit::ok : p.books.exit);
              if (common.json) items.push_back(as_json(p));
              else tell(set.refs[0].name, p, registry);
            }
            if (common.json) print(json_array(items) + "\n");
            return exit;
          }};
}

}  // namespace casebridge::cli

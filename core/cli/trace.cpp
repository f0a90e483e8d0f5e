// casebridge trace: the file, line, column and bytes that a value came from.
#include "base/text.hpp"
#include "cli/app.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "cli/run_options.hpp"
#include "host/registry.hpp"
#include "pipeline/trace.hpp"

namespace casebridge::cli {

Command add_trace(CLI::App& root) {
  CLI::App* app = root.add_subcommand("trace", tr("Show the file, line, column and bytes that a record or value came from."));
  auto query = std::make_shared<pipeline::TraceQuery>();
  auto options = std::make_shared<RunOptions>();
  app->add_option("RECORD-ID", query->id, tr("Id of the record."))->required();
  app->add_option("FIELD", query->field, tr("The value, as a JSON Pointer such as /birthDate or /names/0/full; else the whole record."));
  option(app, "--in", query->data, tr("The data set: case data as JSON Lines or XML."))->required();
  option(app, "--source", query->sources, tr("Where to look for the source: a file or a folder; may be given again."));
  option(app, "--token-key", options->plan.token_key, tr("File (mode 0600) with the key by which sensitive identifiers became tokens."));
  return {app, [=](const Common& common) {
            const pipeline::Plan plan = finished_plan(*options, common);
            const host::Registry registry = host::Registry::with_defaults();
            const auto gate = handle::Gate::for_self(plan.run_time.substr(0, 10));
            pipeline::Traced traced = pipeline::trace(*query, plan, registry, *gate);
            if (!traced.problem.empty()) throw Failure{traced.exit, traced.problem, traced.hint};
            const std::string raw = traced.raw() ? traced.raw()->get() : std::string();
            if (common.json) {
              print(JsonObject()
                        .text("record", query->id)
                        .text("type", traced.type)
                        .text("field", query->field)
                        .text("value", traced.value)
                        .text("source", traced.source_name)
                        .text("sha256", traced.sha256)
                        .text("agency", traced.agency)
                        .text("system", traced.system)
                        .text("mapping", traced.mapping)
                        .text("foundAt", traced.found_at)
                        .text("sheet", traced.sheet)
                        .text("cell", traced.cell)
                        .number("line", traced.line)
                        .number("column", traced.column)
                        .number("offset", traced.offset)
                        .number("length", traced.length)
                        .truth("exact", traced.exact)
                        .text("note", traced.note)
                        .text("raw", raw)
                        .done() +
                    "\n");
              return Exit::ok;
            }
            std::string out =
                traced.type + " " + query->id + (query->field.empty() ? "" : "  " + query->field + " = " + traced.value) + "\n";
            if (!traced.found_at.empty()) {
              if (!traced.sheet.empty() && !traced.cell.empty())
                out += fill(tr("{0}: sheet {1}, cell {2}"), std::vector<std::string>{traced.found_at, traced.sheet, traced.cell}) + "\n";
              else if (!traced.sheet.empty())
                out += fill(tr("{0}: sheet {1}, row {2}"), std::vector<std::string>{traced.found_at, traced.sheet, grouped(traced.line)}) +
                       "\n";
              else
                out += fill(tr("{0}: line {1}, column {2} (bytes {3} to {4})"),
                            std::vector<std::string>{traced.found_at, grouped(traced.line), grouped(traced.column), grouped(traced.offset),
                                                     grouped(traced.offset + traced.length)}) +
                       "\n";
              out += "  " +
                     fill(tr("received as {0} from {1}, {2}; mapping {3}"),
                          std::vector<std::string>{traced.source_name, traced.agency, traced.system, traced.mapping}) +
                     "\n";
            }
            if (!traced.note.empty()) out += "  " + traced.note + "\n";
            if (!raw.empty()) out += raw + (raw.ends_with('\n') ? "" : "\n");
            print(out);
            return Exit::ok;
          }};
}

}  // namespace casebridge::cli

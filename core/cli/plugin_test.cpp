#include "cli/plugin_test.hpp"

#include "base/text.hpp"
#include "cli/console.hpp"
#include "cli/json_text.hpp"
#include "conformance/suite.hpp"

namespace casebridge::cli {
namespace {

using conformance::Verdict;

std::string verdict_word(Verdict v) {
  return v == Verdict::passed ? tr("passed") : v == Verdict::failed ? tr("FAILED") : tr("not applicable");
}

const char* verdict_id(Verdict v) { return v == Verdict::passed ? "passed" : v == Verdict::failed ? "failed" : "not-applicable"; }

conformance::Ask ask_of(const Common& common, const PluginTest& test) {
  conformance::Ask ask{test.path, test.samples, {}, common.in_process, common.no_sandbox};
  for (const std::string& setting : test.settings) {
    const size_t equals = setting.find('=');
    if (equals == setting.npos) throw Failure{Exit::usage, fill(tr("{0} is not NAME=VALUE."), std::vector<std::string>{setting}), {}};
    ask.settings.emplace_back(setting.substr(0, equals), setting.substr(equals + 1));
  }
  return ask;
}

}  // namespace

Exit test_plugin(const Common& common, const PluginTest& test) {
  std::vector<conformance::Result> results;
  std::string id, version;
  try {
    const conformance::Subject subject = conformance::find_subject(ask_of(common, test));
    id = subject.plugin.id;
    version = subject.plugin.version;
    results = conformance::run_suite(subject, [&](const conformance::Check& check) {
      if (!common.quiet && stderr_is_terminal()) say(dim(tr(check.claim)));
    });
  } catch (const conformance::NoPlugin& e) {
    throw Failure{Exit::usage, e.what(),
                  tr("Name a folder with a plugin.json or a mapping.yaml, a mapping file, a library, or an installed plugin.")};
  }

  uint64_t counts[3] = {};
  Table table({tr("Check"), tr("Verdict"), tr("What it says")});
  std::vector<std::string> items;
  std::string failures;
  for (const conformance::Result& r : results) {
    ++counts[static_cast<size_t>(r.outcome.verdict)];
    items.push_back(JsonObject()
                        .text("check", r.check->name)
                        .text("claim", tr(r.check->claim))
                        .text("verdict", verdict_id(r.outcome.verdict))
                        .texts("details", r.outcome.details)
                        .done());
    const bool failed = r.outcome.verdict == Verdict::failed;
    const bool passed = r.outcome.verdict == Verdict::passed;
    table.row({r.check->name, verdict_word(r.outcome.verdict),
               passed || failed || r.outcome.details.empty() ? tr(r.check->claim) : r.outcome.details.front()});
    for (const std::string& detail : r.outcome.details)
      if (failed || (passed && !common.quiet)) failures += "  " + std::string(r.check->name) + ": " + detail + "\n";
  }
  if (common.json) {
    print(JsonObject()
              .text("plugin", id)
              .text("version", version)
              .number("passed", counts[0])
              .number("failed", counts[1])
              .number("notApplicable", counts[2])
              .raw("checks", json_array(items))
              .done() +
          "\n");
  } else {
    print(bold(id) + " " + version + "\n" + table.text() + (failures.empty() ? "" : "\n" + failures) + "\n" +
          fill(tr("{0} passed, {1} failed, {2} not applicable."),
               std::vector<std::string>{std::to_string(counts[0]), std::to_string(counts[1]), std::to_string(counts[2])}) +
          "\n");
  }
  return counts[1] ? Exit::quarantined : Exit::ok;
}

}  // namespace casebridge::cli

#include "read/mapping/testing.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "casebridge/tables.h"
#include "normalise/normaliser.hpp"
#include "read/mapping/expectation.hpp"
#include "read/mapping/given.hpp"
#include "read/mapping/reader.hpp"

namespace casebridge::read::mapping {
namespace {

struct TestHost {
  cb_host raw{};
  cb_inputs inputs{};
  std::set<std::string> codes;
  TestHost() {
    raw = {CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_host), 0, this, report, [](void*) -> int32_t { return 0; }, extension};
  }
  static void report(void* self, const cb_issue* issue) { static_cast<TestHost*>(self)->codes.insert(issue->code); }
  static const void* extension(void* self, const char* id) {
    return std::string_view(id) == "casebridge.inputs/1" ? &static_cast<TestHost*>(self)->inputs : nullptr;
  }
};

std::string joined(const std::vector<std::string>& parts, char with) {
  std::string out;
  for (const std::string& p : parts) out += (out.empty() ? "" : std::string(1, with)) + p;
  return out;
}

// A test knows only the columns it is about: what is missing of the others is no finding.
bool about_columns(const std::string& code) { return code == "E-MAP-COLUMN" || code == "E-TEXT-GUESS" || code == "E-CSV-RAGGED"; }

Outcome run(const std::shared_ptr<const Program>& program, const Yaml& given, std::vector<uint8_t>& reached,
            std::vector<std::string>& failures) {
  const std::shared_ptr<const Program>& p = program;
  Outcome outcome;
  outcome.agency = p->agency;
  outcome.system = p->system;
  std::deque<Given> inputs = inputs_of(*p, given);
  if (inputs.empty()) {
    failures.push_back(tr("The test gives nothing to read."));
    return outcome;
  }
  TestHost host;
  std::vector<const cb_input*> raw;
  std::string tables;
  for (const Given& g : inputs) raw.push_back(&g.raw), tables += (raw.size() > 1 ? "\x1F" : "") + g.table;
  host.inputs = {sizeof(cb_inputs), static_cast<uint32_t>(raw.size()), raw.data()};
  const cb_setting setting{CB_SETTING_TABLES, {tables.data(), tables.size()}};
  cb_args args{};
  args.struct_size = sizeof args;
  args.format = p->id.c_str();
  if (!p->reads.tables.empty()) args.settings = &setting, args.n_settings = 1;
  normalise::Settings settings;
  settings.agency = p->agency;
  settings.system = p->system;
  settings.source = 1;
  settings.zone = p->time_zone;
  settings.dates = joined(p->dates, '|');
  if (!p->region.empty()) settings.region = p->region;
  settings.run_year = 2099;
  settings.key = std::make_shared<const normalise::TokenKey>(normalise::TokenKey::from_bytes("test", std::string(32, 't')));
  normalise::Normaliser normaliser(settings);
  const auto sink = [&](Finding&& f) { host.codes.insert(f.code); };
  try {
    MappedReader reader(Open{Host(&host.raw), Options(&args), Input(raw[0])}, p);
    BatchBuilder out;
    for (bool more = true; more;) {
      out.clear();
      more = reader.read(out);
      normaliser.run(out.view(), outcome.batches.emplace_back(), sink);
    }
    for (size_t i = 0; i < reached.size(); ++i) reached[i] |= reader.engine().reached()[i];
  } catch (const Failure& f) { failures.push_back(fill(tr("Reading failed: {0} {1}"), std::vector<std::string>{f.code, f.what()})); }
  std::set<std::pair<std::string, uint64_t>> seen;
  for (const RecordBatch& b : outcome.batches)
    for (const Record& r : b.records)
      if (r.type->name != "Source" &&
          seen.emplace(std::string(reinterpret_cast<const char*>(r.id.bytes.data()), 16), r.content_hash).second)
        outcome.records.push_back(&r);
  for (const std::string& code : host.codes)
    if (!about_columns(code)) outcome.findings.push_back(code);
  return outcome;
}

}  // namespace

std::vector<TestResult> run_tests(std::shared_ptr<const Program> p, std::vector<Finding>& warnings) {
  std::vector<TestResult> results;
  std::vector<uint8_t> reached(p->n_top);
  normalise::warm_up();
  for (const Yaml& test : p->tests.items) {
    TestResult r;
    r.line = test.mark.line;
    if (const Yaml* name = test.find("name")) r.name = name->text;
    const Yaml* given = test.find("given");
    const Yaml* expect = test.find("expect");
    if (!given || !expect || !expect->is_list()) {
      r.failures.push_back(tr("A test says given and expect, and expect is a list."));
    } else {
      const Outcome outcome = run(p, *given, reached, r.failures);
      const std::vector<std::string> wrong = compare(outcome, *expect, test.find("findings"));
      r.failures.insert(r.failures.end(), wrong.begin(), wrong.end());
    }
    results.push_back(std::move(r));
  }
  Problems problems(p->file);
  for (uint32_t i = 0; i < p->n_top; ++i)
    if (!reached[i]) problems.add("E-MAP-UNTESTED", p->rules[i].mark, {p->rules[i].name});
  warnings = problems.take();
  return results;
}

}  // namespace casebridge::read::mapping

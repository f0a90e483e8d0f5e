#include "read/mapping/testing.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/text.hpp"
#include "normalise/normaliser.hpp"
#include "read/mapping/expectation.hpp"
#include "read/mapping/reader.hpp"
#include "read/mapping/table_set.hpp"

namespace casebridge::read::mapping {
namespace {

struct Given {  // one input in memory
  std::string name, bytes;
  size_t at = 0;
  cb_input raw{};
  Given(std::string n, std::string b) : name(std::move(n)), bytes(std::move(b)) {
    raw = {sizeof(cb_input), 0, this, {name.data(), name.size()}, static_cast<int64_t>(bytes.size()), read, seek};
  }
  Given(const Given&) = delete;
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& g = *static_cast<Given*>(self);
    const size_t give = std::min<size_t>(size, g.bytes.size() - g.at);
    std::memcpy(into, g.bytes.data() + g.at, give);
    g.at += give;
    return static_cast<int64_t>(give);
  }
  static int64_t seek(void* self, int64_t to) {
    static_cast<Given*>(self)->at = static_cast<size_t>(to);
    return to;
  }
};

std::string cell(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Rows of a test as the table they stand for.
std::string table_of(const std::vector<const Yaml*>& rows, const Reads& reads) {
  std::vector<std::string> names = reads.columns;
  for (const Yaml* row : rows)
    for (const YamlEntry& e : row->entries)
      if (std::find(names.begin(), names.end(), e.key.text) == names.end()) names.push_back(e.key.text);
  const char comma = reads.delimiter.empty() ? ',' : delimited_options(reads).delimiter;
  std::string out;
  if (reads.columns.empty()) {
    for (size_t i = 0; i < names.size(); ++i) out += (i ? std::string(1, comma) : std::string()) + cell(names[i]);
    out += "\n";
  }
  for (const Yaml* row : rows) {
    for (size_t i = 0; i < names.size(); ++i) {
      const Yaml* v = row->find(names[i]);
      out += (i ? std::string(1, comma) : std::string()) + (v && !v->text.empty() ? cell(v->text) : std::string());
    }
    out += "\n";
  }
  return out;
}

std::vector<const Yaml*> rows_of(const Yaml& y) {
  std::vector<const Yaml*> out;
  if (y.is_list()) for (const Yaml& one : y.items) out.push_back(&one);
  else out.push_back(&y);
  return out;
}

std::deque<Given> inputs_of(const Program& p, const Yaml& given) {
  std::deque<Given> out;
  if (given.is_text()) {
    out.emplace_back("test", given.text);
  } else if (!p.reads.tables.empty()) {
    for (const auto& [table, pattern] : p.reads.tables) {
      const Yaml* rows = given.find(table);
      if (!rows) continue;
      std::string name = pattern;
      name.erase(std::remove(name.begin(), name.end(), '*'), name.end());
      out.emplace_back(name, table_of(rows_of(*rows), p.reads));
    }
  } else {
    out.emplace_back("test", table_of(rows_of(given), p.reads));
  }
  return out;
}

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

Outcome run(const std::shared_ptr<const Program>& p, const Yaml& given, std::vector<uint8_t>& reached, std::vector<std::string>& failures) {
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
  for (const Given& g : inputs) raw.push_back(&g.raw);
  host.inputs = {sizeof(cb_inputs), static_cast<uint32_t>(raw.size()), raw.data()};
  cb_args args{};
  args.struct_size = sizeof args;
  args.format = p->id.c_str();
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
  } catch (const Failure& f) {
    failures.push_back(fill(tr("Reading failed: {0} {1}"), std::vector<std::string>{f.code, f.what()}));
  }
  std::set<std::pair<std::string, uint64_t>> seen;
  for (const RecordBatch& b : outcome.batches)
    for (const Record& r : b.records)
      if (r.type->name != "Source" && seen.emplace(std::string(reinterpret_cast<const char*>(r.id.bytes.data()), 16), r.content_hash).second)
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

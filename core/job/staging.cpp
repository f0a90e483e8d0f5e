#include "job/staging.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "base/sha256.hpp"
#include "emit/sink.hpp"
#include "host/inputs.hpp"
#include "host/registry.hpp"
#include "job/content.hpp"
#include "job/json_out.hpp"
#include "model/model.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

void add_file(Sha256& hash, const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<char> buffer(1 << 18);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount())
    hash.add({buffer.data(), static_cast<size_t>(in.gcount())});
}

// Watches for what drift is judged by, and passes the rest on.
class Listener final : public pipeline::Watch {
 public:
  Listener(pipeline::Watch& next, Profile& profile) : next_(next), profile_(profile) {}
  void feed(const std::string& name, uint64_t bytes) override { next_.feed(name, bytes); }
  void at(uint64_t bytes, uint64_t records) override { next_.at(bytes, records); }
  void finding(const std::string&) override {}  // the run says at its end how many there were, and where they stand
  bool cancelled() override { return next_.cancelled(); }
  void told(const Finding& f) override {
    if (f.code == "E-FIXED-RENAMED" && f.args.size() > 2) profile_.renamed.emplace_back(f.args[2], f.args[0]);
    if (f.code == "E-MAP-COLUMN" && !f.args.empty()) profile_.gone.push_back(f.args[0]);
    const std::string field = f.field ? std::string(model::node(f.field).path) : f.field_path;
    if (!field.empty() && f.severity != Severity::note) ++profile_.by_field[f.code + " " + field];
  }

 private:
  pipeline::Watch& next_;
  Profile& profile_;
};

void write_profile(const std::string& path, const Profile& p) {
  JsonOut j;
  j.open('{')
      .text("format", p.format)
      .text("mapping", p.mapping)
      .text("agency", p.agency)
      .text("system", p.system)
      .text("sha256", p.sha256)
      .truth("governed", p.governed);
  j.number("units", p.units)
      .number("mapped", p.mapped)
      .number("quarantined", p.quarantined)
      .number("bytes", p.bytes)
      .number("errors", p.errors)
      .number("warnings", p.warnings)
      .number("notes", p.notes);
  j.number("exit", static_cast<uint64_t>(p.exit));
  const auto counts = [&](const char* name, const std::map<std::string, uint64_t>& map) {
    j.open(name, '{');
    for (const auto& [what, n] : map) j.number(what, n);
    j.close('}');
  };
  counts("skipped", p.skipped), counts("records", p.records), counts("findings", p.findings), counts("byField", p.by_field);
  j.open("fields", '{');
  for (const auto& [name, f] : p.fields)
    j.open(name, '{').number("mapped", f.mapped).number("ext", f.ext).number("dropped", f.dropped).number("unkept", f.unkept).close('}');
  j.close('}').open("renamed", '[');
  for (const auto& [was, now] : p.renamed) j.open('[').text(was).text(now).close(']');
  j.close(']').open("gone", '[');
  for (const std::string& name : p.gone) j.text(name);
  j.close(']').close('}');
  emit::FileSink sink(path);
  sink.write(j.done());
  sink.commit();
}

bool read_profile(const std::string& path, Profile& p) {
  const std::string json = content(path);
  rapidjson::Document d;
  d.Parse(json.c_str());
  if (d.HasParseError() || !d.IsObject()) return false;
  const auto text = [&](const char* name) {
    return d.HasMember(name) && d[name].IsString() ? std::string(d[name].GetString()) : std::string();
  };
  const auto number = [](const rapidjson::Value& v, const char* name) {
    return v.HasMember(name) && v[name].IsUint64() ? v[name].GetUint64() : 0;
  };
  p.format = text("format"), p.mapping = text("mapping"), p.agency = text("agency"), p.system = text("system"), p.sha256 = text("sha256");
  p.governed = d.HasMember("governed") && d["governed"].IsTrue();
  p.units = number(d, "units"), p.mapped = number(d, "mapped"), p.quarantined = number(d, "quarantined"), p.bytes = number(d, "bytes");
  p.errors = number(d, "errors"), p.warnings = number(d, "warnings"), p.notes = number(d, "notes");
  p.exit = static_cast<Exit>(number(d, "exit"));
  const auto counts = [&](const char* name, std::map<std::string, uint64_t>& map) {
    if (d.HasMember(name))
      for (const auto& m : d[name].GetObject()) map[m.name.GetString()] = m.value.GetUint64();
  };
  counts("skipped", p.skipped), counts("records", p.records), counts("findings", p.findings), counts("byField", p.by_field);
  if (d.HasMember("fields"))
    for (const auto& m : d["fields"].GetObject())
      p.fields[m.name.GetString()] = {number(m.value, "mapped"), number(m.value, "ext"), number(m.value, "dropped"),
                                      number(m.value, "unkept")};
  if (d.HasMember("renamed"))
    for (const auto& v : d["renamed"].GetArray()) p.renamed.emplace_back(v[0].GetString(), v[1].GetString());
  if (d.HasMember("gone"))
    for (const auto& v : d["gone"].GetArray()) p.gone.emplace_back(v.GetString());
  return true;
}

// The second line of a case file is its first Source line.
bool governed(const std::string& case_file) {
  std::ifstream in(case_file, std::ios::binary);
  std::string line;
  std::getline(in, line);
  std::getline(in, line);
  return line.find("\"governance\"") != line.npos || line.find("FN_GOVERNED") != line.npos || line.find("MPA_ONLY") != line.npos;
}

}  // namespace

Arrival look_for(const Job& job, const SourcePlan& source, const std::string& mapping) {
  Arrival out;
  for (const std::string& path : source.paths) out.inputs.push_back(job.path(path));
  std::vector<Finding> problems;
  const auto refs = host::expand(out.inputs, {}, problems);
  Sha256 hash;
  const auto part = [&](std::string_view text) { hash.add(text), hash.add(std::string_view("\x1f", 1)); };
  part(CASEBRIDGE_VERSION), part(source.format), part(source.agency), part(source.system);
  for (const auto& [name, value] : source.options) part(name), part(value);
  for (const auto& [name, value] : source.handling) part(name), part(value);
  for (const std::string& code : source.refuse) part(code);
  if (!job.token_key.empty()) part(sha256_hex(content(job.path(job.token_key))));
  if (!mapping.empty()) {
    part(content(mapping));
  } else if (!source.format.empty()) {
    const host::Registry registry = host::Registry::with_defaults();
    if (const host::Choice choice = registry.reader(source.format))
      part(choice.plugin->version), part(choice.plugin->mapping.empty() ? "" : content(choice.plugin->folder / choice.plugin->mapping));
  }
  std::set<std::string> seen;
  for (const host::InputRef& ref : refs) {
    part(ref.label.empty() ? fs::path(ref.name).filename().string() : ref.label);
    if (!seen.insert(ref.path).second) continue;
    std::error_code error;
    const auto size = fs::file_size(ref.path, error);
    if (!error) out.bytes += size;
    add_file(hash, ref.path);
  }
  out.missing = refs.empty() && std::none_of(problems.begin(), problems.end(), [](const Finding& f) { return f.code == "E-INPUT-EMPTY"; });
  out.empty = !out.missing && (refs.empty() || out.bytes == 0);
  if (!out.missing && !out.empty) out.key = hash.hex().substr(0, 24);
  return out;
}

Staged stage(const Job& job, const SourcePlan& source, const Arrival& arrival, const std::string& mapping, const std::string& feeds_folder,
             const std::string& run_time, pipeline::Watch& watch) {
  Staged out;
  out.key = arrival.key;
  out.folder = (fs::path(feeds_folder) / source.name / arrival.key).string();
  const std::string done = (fs::path(out.folder) / "profile.json").string();
  if (fs::exists(done) && read_profile(done, out.profile)) {
    out.reused = true;
    return out;
  }
  fs::remove_all(out.folder);  // of a run that was killed
  pipeline::Plan plan;
  plan.inputs = arrival.inputs;
  plan.from = source.format;
  plan.settings = source.options;
  plan.agency = source.agency, plan.system = source.system;
  plan.handling = source.handling;
  plan.refuse = source.refuse;
  if (!mapping.empty()) plan.mappings = {mapping};
  plan.run_time = run_time;
  if (!job.token_key.empty()) plan.token_key = job.path(job.token_key);
  plan.outputs = {{"case-jsonl", (fs::path(out.folder) / "case.jsonl").string()}};
  plan.reports = out.folder;
  plan.force = true;
  plan.jobs = static_cast<unsigned>(job.limits.jobs);
  Profile& p = out.profile;
  Listener listener(watch, p);
  const pipeline::RunResult result = pipeline::run(plan, listener);
  if (result.exit == Exit::interrupted || result.exit == Exit::terminated) {
    p.exit = result.exit;
    return out;
  }
  const pipeline::FeedBooks total = result.books.total();
  p.units = total.units, p.mapped = total.mapped, p.quarantined = total.quarantined, p.bytes = total.bytes;
  p.errors = total.errors, p.warnings = total.warnings, p.notes = total.notes;
  p.skipped = total.skipped, p.records = total.records;
  p.exit = result.exit;
  for (const pipeline::FeedBooks& feed : result.books.feeds) {
    for (const auto& [code, n] : feed.findings) p.findings[code] += n;
    if (p.format.empty())
      p.format = feed.format, p.mapping = feed.mapping, p.agency = feed.agency, p.system = feed.system, p.sha256 = feed.sha256;
  }
  for (const auto& [feed, loss] : result.losses) {
    FieldCount& f = p.fields[loss.field];
    (loss.what == CB_LOSS_MAPPED    ? f.mapped
     : loss.what == CB_LOSS_EXT     ? f.ext
     : loss.what == CB_LOSS_DROPPED ? f.dropped
                                    : f.unkept) += loss.count;
  }
  p.governed = governed((fs::path(out.folder) / "case.jsonl").string());
  write_profile(done, p);
  return out;
}

}  // namespace casebridge::job

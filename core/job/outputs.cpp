#include "job/outputs.hpp"

#include <rapidjson/document.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/sink.hpp"
#include "handle/policy.hpp"
#include "job/json_out.hpp"
#include "store/export.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

// Only the bar of progress: what was wrong with the records was told when they were read.
class Silent final : public pipeline::Watch {
 public:
  explicit Silent(pipeline::Watch& next) : next_(next) {}
  void feed(const std::string& name, uint64_t bytes) override { next_.feed(name, bytes); }
  void at(uint64_t bytes, uint64_t records) override { next_.at(bytes, records); }
  void finding(const std::string&) override {}
  bool cancelled() override { return next_.cancelled(); }

 private:
  pipeline::Watch& next_;
};

// The hash that a data set says of itself in its last line; of other forms that of the file.
std::string hash_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return {};  // a folder of tables
  std::string line, last;
  Sha256 whole;
  while (std::getline(in, line)) {
    whole.add(line), whole.add("\n");
    last = line;
  }
  const size_t at = last.find("\"sha256\":\"");
  return last.starts_with("{\"recordType\":\"DatasetEnd\"") && at != last.npos ? last.substr(at + 10, 64) : whole.hex();
}

// What has left under the grants of governing bodies: by body and grant, records by type.
using Grants = std::map<std::pair<std::string, std::string>, std::map<std::string, uint64_t>>;

Grants grants_in(const std::string& path) {
  Grants out;
  std::map<uint64_t, std::pair<std::string, std::string>> by_source;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const bool source_line = line.starts_with("{\"recordType\":\"Source\"");
    rapidjson::Document d;
    d.Parse(line.c_str());
    if (d.HasParseError() || !d.IsObject()) continue;
    std::pair<std::string, std::string> grant;
    if (d.HasMember("handling") && d["handling"].HasMember("governance")) {
      const auto& g = d["handling"]["governance"];
      grant = {g.HasMember("body") ? g["body"].GetString() : "", g.HasMember("grantId") ? g["grantId"].GetString() : ""};
    }
    if (source_line) {
      if (!grant.first.empty() || !grant.second.empty()) by_source[d["source"].GetUint64()] = grant;
      continue;
    }
    if (grant.first.empty() && grant.second.empty() && d.HasMember("source") && d["source"].IsArray() && d["source"].Size()) {
      const auto at = by_source.find(d["source"][0].GetUint64());
      if (at != by_source.end()) grant = at->second;
    }
    if (!grant.first.empty() || !grant.second.empty()) ++out[grant][d["recordType"].GetString()];
  }
  return out;
}

void write_receipts(const Job& job, const OutputPlan& plan, OutputResult& output, const std::string& run_time) {
  for (const auto& [grant, counts] : grants_in(job.path(plan.path))) {
    uint64_t total = 0;
    JsonOut j;
    j.open('{')
        .text("receipt", "casebridge 1")
        .text("body", grant.first)
        .text("grantId", grant.second)
        .text("recipient", plan.recipient)
        .text("purpose", plan.purpose)
        .text("authority", plan.authority);
    j.text("producedAt", run_time).text("sha256", output.sha256).open("records", '{');
    for (const auto& [type, n] : counts) j.number(type, n), total += n;
    j.close('}').close('}');
    const std::string name = plan.name + "-" + (grant.second.empty() ? sha256_hex(grant.first).substr(0, 12) : grant.second) + ".json";
    emit::FileSink sink((fs::path(job.path(plan.receipts)) / name).string());
    sink.write(j.done());
    sink.commit();
    output.receipts.push_back({grant.first, grant.second, total});
  }
}

// Beside a data set: what it is, and which feeds it lacks. Anyone but the custodian is told only of feeds that no governing
// body and no locating-only rule hides: to say that such a feed is late is to say that there is one.
void write_about(const Job& job, const OutputPlan& plan, OutputResult& output, const JobResult& result) {
  JsonOut j;
  j.open('{')
      .text("output", plan.name)
      .text("recipient", plan.recipient)
      .text("producedAt", result.run_time)
      .text("sha256", output.sha256)
      .number("records", output.records);
  j.open("lacks", '[');
  for (const FeedResult& feed : result.feeds) {
    if (!held(feed.verdict) || (plan.recipient != "self" && (feed.profile.governed || feed.profile.units == 0))) continue;
    output.lacks.push_back(feed.name);
    j.open('{').text("feed", feed.name).text("condition", name_of(feed.verdict));
    if (plan.recipient == "self") j.text("why", feed.why);
    j.close('}');
  }
  j.close(']').close('}');
  emit::FileSink sink(job.path(plan.path) + ".about.json");
  sink.write(j.done());
  sink.commit();
}

}  // namespace

void write_outputs(const Job& job, store::Store& store, JobResult& result, const pipeline::Plan& base, pipeline::Watch& watch) {
  Silent silent(watch);
  Ledger ledger(store, job.name);
  const bool any = store.db().number("SELECT EXISTS (SELECT 1 FROM \"SourceFile\" WHERE \"source\" > 0)");
  for (const OutputPlan& planned : job.outputs) {
    if (!any && !fs::exists(job.path(planned.path))) continue;  // nothing has come yet
    OutputResult output;
    output.name = planned.name, output.path = planned.path, output.recipient = planned.recipient;
    pipeline::Plan plan = base;
    plan.outputs = {{planned.format, job.path(planned.path)}};
    plan.recipient = planned.recipient;
    plan.policy = planned.policy.empty() ? "" : job.path(planned.policy);
    plan.purpose = planned.purpose, plan.authority = planned.authority;
    store::View view;
    for (const std::string& words : planned.filter) store::add_filter(view, words);
    try {
      const store::ExportResult made = store::export_set(store, plan, view, silent);
      if (made.run.exit == Exit::interrupted || made.run.exit == Exit::terminated) return;
      if (made.run.exit != Exit::ok && made.run.exit != Exit::quarantined) output.exit = made.run.exit;
      for (const auto& one : made.run.outputs) output.records = one.records;
      output.sha256 = hash_of(job.path(planned.path));
      output.number = made.number;
      if (!planned.receipts.empty() && planned.format == "case-jsonl") {
        write_receipts(job, planned, output, result.run_time);
        ledger.put_receipts(made.number, output.receipts);
      }
      write_about(job, planned, output, result);
    } catch (const handle::PolicyError& error) {  // this data set does not leave; the others do
      output.exit = error.refusal ? Exit::policy : Exit::usage;
      output.why = error.what();
      std::error_code ignored;  // what stands there from an earlier night may hold what was taken away since
      if (!result.removed.empty()) fs::remove_all(job.path(planned.path), ignored);
    }
    result.outputs.push_back(std::move(output));
  }
}

}  // namespace casebridge::job

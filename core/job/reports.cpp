// What a run leaves for machines: the manifest and the metrics. Counts and names of feeds; nothing of any record.
#include "job/json_out.hpp"
#include "job/run_job.hpp"

namespace casebridge::job {
namespace {

uint64_t sum(const std::map<std::string, uint64_t>& counts) {
  uint64_t out = 0;
  for (const auto& [what, n] : counts) out += n;
  return out;
}

std::string label(std::string_view text) {  // of OpenMetrics: backslash, quote and line feed are escaped
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out;
}

}  // namespace

std::string manifest_json(const Job& job, const JobResult& result) {
  JsonOut j;
  j.open('{')
      .text("job", job.name)
      .number("run", result.run)
      .text("runTime", result.run_time)
      .number("exit", static_cast<uint64_t>(result.exit));
  j.open("feeds", '[');
  uint64_t in = 0, mapped = 0, quarantined = 0, skipped = 0;
  for (const FeedResult& feed : result.feeds) {
    const Profile& p = feed.profile;
    j.open('{')
        .text("feed", feed.name)
        .text("condition", name_of(feed.verdict))
        .number("exit", static_cast<uint64_t>(feed.exit))
        .truth("inOutputs", !held(feed.verdict));
    if (!feed.why.empty()) j.text("why", feed.why);
    if (!feed.key.empty())
      j.text("key", feed.key)
          .text("format", p.format)
          .text("mappingVersion", p.mapping)
          .text("agency", p.agency)
          .text("system", p.system)
          .text("sha256", p.sha256)
          .number("bytes", p.bytes);
    j.open("sourceRecords", '{').number("in", p.units).number("mapped", p.mapped).number("quarantined", p.quarantined).open("skipped", '{');
    for (const auto& [reason, n] : p.skipped) j.number(reason, n);
    j.close('}').truth("balance", p.units == p.mapped + p.quarantined + sum(p.skipped)).close('}');
    j.open("caseRecords", '{');
    for (const auto& [type, n] : p.records) j.number(type, n);
    j.close('}').open("findings", '{');
    for (const auto& [code, n] : p.findings) j.number(code, n);
    j.close('}');
    if (!feed.proposal.empty()) j.text("proposal", feed.proposal);
    j.close('}');
    in += p.units, mapped += p.mapped, quarantined += p.quarantined, skipped += sum(p.skipped);
  }
  j.close(']')
      .open("total", '{')
      .number("in", in)
      .number("mapped", mapped)
      .number("quarantined", quarantined)
      .number("skipped", skipped)
      .truth("balance", in == mapped + quarantined + skipped)
      .close('}');
  j.number("storeRecords", result.records)
      .number("storeClusters", result.clusters)
      .number("storeRun", static_cast<uint64_t>(result.store_run))
      .number("sinceRun", static_cast<uint64_t>(result.since));
  j.open("removed", '[');
  for (const Removed& r : result.removed) {
    j.open('{').text("time", r.time).text("rule", r.rule).number("records", r.records).open("recipients", '[');
    for (const std::string& one : r.recipients) j.text(one);
    j.close(']').close('}');
  }
  j.close(']').open("unreachableBackups", '[');
  for (const std::string& path : result.unreachable) j.text(path);
  j.close(']');
  j.open("outputs", '[');
  for (const OutputResult& o : result.outputs) {
    j.open('{')
        .text("output", o.name)
        .text("recipient", o.recipient)
        .text("path", o.path)
        .text("sha256", o.sha256)
        .number("records", o.records)
        .number("export", static_cast<uint64_t>(o.number))
        .number("exit", static_cast<uint64_t>(o.exit));
    if (!o.why.empty()) j.text("why", o.why);
    j.open("lacks", '[');
    for (const std::string& feed : o.lacks) j.text(feed);
    j.close(']').open("receipts", '[');
    for (const Receipt& r : o.receipts) j.open('{').text("to", r.body).text("grant", r.grant).number("records", r.records).close('}');
    j.close(']').close('}');
  }
  return j.close(']').close('}').done();
}

std::string open_metrics(const Job& job, const JobResult& result) {
  std::string out;
  const auto family = [&](const char* name, const char* help) {
    out += std::string("# TYPE ") + name + " gauge\n# HELP " + name + " " + help + "\n";
  };
  const auto line = [&](const char* name, const std::string& labels, uint64_t value) {
    out += std::string(name) + "{job=\"" + label(job.name) + "\"" + labels + "} " + std::to_string(value) + "\n";
  };
  family("casebridge_job_exit", "Exit code of the last run.");
  line("casebridge_job_exit", "", static_cast<uint64_t>(result.exit));
  family("casebridge_job_run", "Number of the last run.");
  line("casebridge_job_run", "", result.run);
  family("casebridge_feed_held", "1: the feed is not in the outputs of this run.");
  for (const FeedResult& f : result.feeds)
    line("casebridge_feed_held", ",feed=\"" + label(f.name) + "\",condition=\"" + std::string(name_of(f.verdict)) + "\"", held(f.verdict));
  family("casebridge_feed_source_records", "Source records of a feed by what became of them.");
  for (const FeedResult& f : result.feeds) {
    line("casebridge_feed_source_records", ",feed=\"" + label(f.name) + "\",outcome=\"mapped\"", f.profile.mapped);
    line("casebridge_feed_source_records", ",feed=\"" + label(f.name) + "\",outcome=\"quarantined\"", f.profile.quarantined);
    line("casebridge_feed_source_records", ",feed=\"" + label(f.name) + "\",outcome=\"skipped\"", sum(f.profile.skipped));
  }
  family("casebridge_output_records", "Records of a data set that was written.");
  for (const OutputResult& o : result.outputs) line("casebridge_output_records", ",output=\"" + label(o.name) + "\"", o.records);
  return out + "# EOF\n";
}

}  // namespace casebridge::job

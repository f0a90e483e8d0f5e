#include "pipeline/manifest.hpp"

#include <filesystem>

#include "emit/escape.hpp"
#include "model/model.hpp"

namespace casebridge::pipeline {
namespace {

using emit::append_json_string;

class Lines {  // indented JSON, so that two manifests can be compared with diff
 public:
  void open(char bracket) {
    put_comma();
    out_ += bracket;
    ++depth_;
    fresh_ = true;
  }
  void open(std::string_view name, char bracket) {
    key(name);
    out_ += bracket;
    ++depth_;
    fresh_ = true;
  }
  void close(char bracket) {
    --depth_;
    if (!fresh_) line();
    out_ += bracket;
    fresh_ = false;
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    key(name);
    append_json_string(out_, value);
  }
  void number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
  }
  void truth(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void counts(std::string_view name, const std::map<std::string, uint64_t>& map) {
    open(name, '{');
    for (const auto& [what, n] : map) number(what, n);
    close('}');
  }
  std::string done() { return out_ + "\n"; }

 private:
  void line() {
    out_ += '\n';
    out_.append(static_cast<size_t>(depth_) * 2, ' ');
  }
  void put_comma() {
    if (depth_) {
      if (!fresh_) out_ += ',';
      line();
    }
    fresh_ = false;
  }
  void key(std::string_view name) {
    put_comma();
    append_json_string(out_, name);
    out_ += ": ";
  }
  std::string out_;
  int depth_ = 0;
  bool fresh_ = true;
};

void feed_json(Lines& j, const FeedBooks& f) {
  j.open('{');
  j.text("input", f.input);
  j.text("format", f.format);
  j.text("mappingVersion", f.mapping);
  j.text("encoding", f.encoding);
  j.text("agency", f.agency);
  j.text("system", f.system);
  j.text("sha256", f.sha256);
  j.number("bytes", f.bytes);
  j.text("leftOut", f.left_out);
  j.open("sourceRecords", '{');
  j.number("in", f.units);
  j.number("mapped", f.mapped);
  j.number("quarantined", f.quarantined);
  j.counts("skipped", f.skipped);
  j.truth("balance", f.balance());
  j.close('}');
  j.counts("caseRecords", f.records);
  if (!f.withheld.empty()) j.counts("caseRecordsInQuarantine", f.withheld);
  if (f.repeated) j.number("repeated", f.repeated);
  j.counts("findings", f.findings);
  j.number("exit", static_cast<uint64_t>(f.exit));
  j.close('}');
}

}  // namespace

std::string manifest_json(const Plan& plan, const Books& books, const std::vector<OutputBooks>& outputs, Exit exit,
                          const std::string& program_version) {
  Lines j;
  j.open('{');
  j.text("program", "casebridge " + program_version);
  j.text("schemaVersion", model::schema_version());
  j.text("codeListVersions", model::code_list_versions());
  j.text("runTime", plan.run_time);
  j.text("recipient", plan.recipient);
  j.text("purpose", plan.purpose);
  j.text("authority", plan.authority);
  j.open("feeds", '[');
  for (const FeedBooks& feed : books.feeds) feed_json(j, feed);
  j.close(']');
  const FeedBooks all = books.total();
  j.open("total", '{');
  j.number("feeds", books.feeds.size());
  j.number("bytes", all.bytes);
  j.number("sourceRecords", all.units);
  j.number("mapped", all.mapped);
  j.number("quarantined", all.quarantined);
  j.number("skipped", all.skipped_units());
  j.counts("caseRecords", all.records);
  j.number("errors", all.errors);
  j.number("warnings", all.warnings);
  j.number("notes", all.notes);
  j.close('}');
  j.open("outputs", '[');
  for (const OutputBooks& output : outputs) {
    j.open('{');
    j.text("format", output.format);
    j.text("name", output.name);
    j.text("sha256", output.sha256);
    j.number("records", output.records);
    j.close('}');
  }
  j.close(']');
  j.number("exit", static_cast<uint64_t>(exit));
  j.close('}');
  return j.done();
}

}  // namespace casebridge::pipeline

// Around the flow: outputs and reports opened, a feed closed, the run brought to its end.
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "normalise/ids.hpp"
#include "pipeline/state.hpp"

namespace casebridge::pipeline {

namespace fs = std::filesystem;

void Stages::State::open_reports() {
  const emit::ReportInfo info{program_version, plan.run_time, plan.recipient};
  const auto add = [&](std::unique_ptr<emit::Sink> sink, emit::ReportFormat format) {
    Report report{std::move(sink), nullptr};
    report.writer = emit::make_finding_writer(format, *report.sink, info);
    reports.push_back(std::move(report));
  };
  if (!plan.findings_to_stdout.empty())
    add(std::make_unique<emit::DescriptorSink>(STDOUT_FILENO),
        emit::report_format(plan.findings_to_stdout).value_or(emit::ReportFormat::text));
  if (plan.reports.empty()) return;
  const fs::path folder(plan.reports);
  add(std::make_unique<emit::FileSink>((folder / "findings.jsonl").string()), emit::ReportFormat::jsonl);
  add(std::make_unique<emit::FileSink>((folder / "findings.sarif").string()), emit::ReportFormat::sarif);
  add(std::make_unique<emit::FileSink>((folder / "findings.csv").string()), emit::ReportFormat::csv);
  quarantine = std::make_unique<emit::Quarantine>((folder / "quarantine").string(), *gate);
}

// Findings name their input by its label, which is the same wherever the files lie.
void Stages::State::tell(const Finding& told, size_t file) {
  FeedBooks& feed_books = books.feeds[file];
  feed_books.count(told);
  Finding finding = told;
  std::string path = finding.input;
  auto of = std::upper_bound(feeds.begin(), feeds.end(), file, [](size_t n, const FeedState& f) { return n < f.first_file; });
  if (of != feeds.begin() && file - (--of)->first_file < of->set.refs.size()) path = of->set.refs[file - of->first_file].name;
  if (!feed_books.input.empty()) {
    for (std::string& arg : finding.args)
      if (arg == path) arg = feed_books.input;
    finding.input = feed_books.input;
  }
  const auto cleared = gate->pass(finding);
  if (!cleared) return;
  if (keeper) keeper->finding(cleared->get());
  for (Report& report : reports) report.writer->write(*cleared);
  watch.told(cleared->get());
  if (finding.severity == Severity::error && plan.findings_to_stdout.empty()) watch.finding(emit::finding_line(cleared->get()));
}

void Stages::begin_outputs() {
  State& s = *s_;
  RecordBatch lines;
  add_dataset_line(lines, s.plan, s.program_version);
  if (s.supply) {
    LineBuilder line(lines, Record(lines.records.front()));
    line.set("producedAt", s.supply->produced_at());
    lines.records.erase(lines.records.begin());
  }
  for (const OutputPlan& planned : s.plan.outputs) {
    Output output;
    output.plan = planned;
    output.books.format = planned.format;
    output.books.name = planned.path == "-" ? "-" : fs::path(planned.path).filename().string();
    emit::WriteOptions options;
    options.value_places = s.plan.value_positions;
    if (planned.format == "case-csv") {
      output.writer = emit::make_csv_writer(planned.path, options);
    } else {
      const bool ours = planned.format == "case-jsonl" || planned.format == "case-xml";
      const host::Choice choice = ours ? host::Choice{} : s.registry->writer(planned.format);
      if (!ours && !choice) throw PluginOutputError(message_of(s.registry->unknown(planned.format)));
      const bool folder = !ours && wants_folder(*choice.format, planned.path);
      if (planned.path == "-") output.sink = std::make_unique<emit::DescriptorSink>(STDOUT_FILENO);
      else if (!folder) output.sink = std::make_unique<emit::FileSink>(planned.path);
      if (planned.format == "case-jsonl") output.writer = emit::make_jsonl_writer(*output.sink, options);
      else if (planned.format == "case-xml") output.writer = emit::make_xml_writer(*output.sink, options);
      else {
        auto plugin = make_plugin_output(choice, planned.settings, output.sink.get(), folder ? planned.path : std::string());
        output.plugin = plugin.get();
        output.writer = std::move(plugin);
      }
    }
    s.outputs.push_back(std::move(output));
  }
  const handle::Outgoing dataset = s.gate->dataset(lines.records.front());
  for (Output& output : s.outputs) output.writer->begin(dataset.cleared());
  const auto write = [&](const handle::Outgoing& source) {
    for (Output& output : s.outputs) output.writer->lines(source.cleared());
  };
  for (const FeedState& feed : s.feeds)
    if (s.tap && feed.lines)
      for (const Record& line : feed.lines->records) s.tap->source(line);
  if (s.needs_survey) {
    write(s.gate->settle());
    return;
  }
  for (const FeedState& feed : s.feeds)
    if (feed.lines)
      for (const Record& line : feed.lines->records) write(s.gate->source(line));
}

// What a plugin's format could not carry goes to the loss report, and what the plugin had to say to the findings.
void Stages::State::account_for(Output& output, RunResult& r) {
  uint64_t lost = 0;
  for (const host::LossCount& count : output.plugin->losses()) {
    loss.add_output(output.books.name, output.books.format, count.field, count.why, count.count);
    lost += count.count;
  }
  for (Finding& finding : output.plugin->take_findings())
    if (const auto cleared = gate->pass(finding))
      for (Report& report : reports) report.writer->write(*cleared);
  if (lost)
    r.words.push_back(fill(tr("{0} could not carry {1} values; loss.json names the fields."),
                           std::vector<std::string>{output.books.format, std::to_string(lost)}));
}

void Stages::State::quarantine_unit(const Parcel& parcel, size_t number) {
  if (!quarantine && !keeper) return;
  const Unit& unit = parcel.records.units[number];
  const uint32_t file = parcel.files[number];
  emit::QuarantineItem item;
  item.input = file_books(file).input;
  item.source = feed().first_source + (feed().case_data ? 0 : file);
  item.place = unit.place;
  const host::Position at = cursors[file]->at(unit.place.offset);
  item.place.line = at.line, item.place.column = at.column;
  const std::string raw = feed().feed->raw(file, unit.place.offset, unit.place.length);
  item.raw = raw;
  for (const Finding& finding : parcel.findings)
    if (finding.severity == Severity::error && file_of(finding.source) == file && finding.offset >= unit.place.offset &&
        finding.offset < unit.place.offset + std::max<uint64_t>(1, unit.place.length))
      item.reasons.push_back(finding);
  if (item.reasons.empty()) {
    Finding refused;
    refused.code = unit.reason.empty() ? "E-UNIT-REFUSED" : std::string(unit.reason);
    item.reasons.push_back(std::move(refused));
  }
  if (quarantine) quarantine->add(item);
  if (keeper) keeper->quarantined(item);
}

// An input that broke: what stands behind the last good source record is one more, which could not be read.
void Stages::State::quarantine_rest(const FeedState& f, Feed& broken, size_t file, const std::vector<Finding>& reasons, uint64_t from) {
  FeedBooks& b = books.feeds[f.first_file + file];
  if (!broken.failed() || b.exit != Exit::quarantined || (b.units && last_refused)) return;
  if (f.set.refs.size() > 1 && b.units && b.bytes <= from + 2) return;  // of several tables this one was read to its end
  ++b.units;
  ++b.quarantined;
  if (!quarantine && !keeper) return;
  emit::QuarantineItem item;
  item.input = b.input;
  item.source = f.first_source ? f.first_source + static_cast<uint32_t>(file) : 0;
  item.place.offset = from;
  item.place.length = b.bytes > from ? b.bytes - from : 0;
  const std::string raw = broken.raw(file, item.place.offset, item.place.length);
  item.raw = raw;
  for (const Finding& finding : reasons)
    if (finding.severity == Severity::error) {
      item.reasons.push_back(finding);
      item.reasons.back().input = b.input;
    }
  if (item.reasons.empty()) return;
  if (quarantine) quarantine->add(item);
  if (keeper) keeper->quarantined(item);
}

void Stages::close_feed() {
  State& s = *s_;
  FeedState& f = s.feed();
  const std::span<FeedBooks> b = s.books_of(f);
  if (f.feed) {
    f.feed->stop();
    std::vector<Finding> last = f.feed->take_findings();
    for (Finding& finding : last) finding.source += f.first_source;
    if (s.rules) s.rules->finish([&](Finding&& finding) { last.push_back(std::move(finding)); });
    s.bytes_done.resize(b.size());
    for (size_t file = 0; file < b.size(); ++file) s.quarantine_rest(f, *f.feed, file, last, s.bytes_done[file]);
    for (Finding& finding : last) {
      const size_t file = s.file_of(finding.source);
      if (finding.input.empty()) finding.input = f.set.refs[file].name;
      finding.source = f.first_source + static_cast<uint32_t>(file);
      s.tell(finding, f.first_file + file);
    }
    using What = emit::LossReport::What;
    for (const host::LossCount& count : f.feed->losses()) s.result.losses.emplace_back(f.first_file, count);
    for (const host::LossCount& count : f.feed->losses())
      s.loss.add(b[0].input, b[0].format, count.field,
                 count.what == CB_LOSS_MAPPED    ? What::mapped
                 : count.what == CB_LOSS_EXT     ? What::ext
                 : count.what == CB_LOSS_DROPPED ? What::dropped
                                                 : What::unkept,
                 count.why, count.count);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - s.feed_begin;
  if (s.supply) s.books.feeds[0].seconds = took.count();
  uint64_t bytes = 0;
  for (const FeedBooks& one : b) bytes += one.bytes;
  for (FeedBooks& one : b) {  // what a set took is shared out by size
    if (s.keeper && !s.supply) s.keeper->end_feed(one);
    one.seconds = bytes ? took.count() * static_cast<double>(one.bytes) / static_cast<double>(bytes) : took.count();
  }
  s.cursors.clear();
  s.keys.reset();
  s.rules.reset();
  s.idle.clear();
  f.feed.reset();
  f.pending.clear();
}

void Stages::link() {
  State& s = *s_;
  if (s.watch.cancelled()) return;
  s.tap->find([&](RecordBatch& batch) {
    Parcel parcel;
    std::swap(parcel.records, batch);
    handle(parcel);
    for (size_t i = 0; i < s.outputs.size(); ++i) s.outputs[i].writer->put(parcel.chunks[i]);
    for (const Record& record : parcel.records.records) ++s.result.found[std::string(record.type->name)];
    std::swap(parcel.records, batch);
  });
}

// H7: what a recipient who is to be told of private records is told, beside what it receives.
void Stages::State::write_notices(RunResult& r) {
  const std::vector<std::string> notices = gate->notices();
  if (notices.empty() || plan.reports.empty()) return;
  emit::FileSink file((fs::path(plan.reports) / "private-records.json").string());
  std::string text = "{\n  \"recipient\": ";
  emit::append_json_string(text, gate->recipient());
  text += ",\n  \"notice\": ";
  emit::append_json_string(text,
                           tr("Records in which a person has a reasonable expectation of privacy are held and not disclosed. Nothing of "
                              "what they say is given here."));
  text += ",\n  \"law\": \"Criminal Code, s. 278.2\",\n  \"records\": [";
  std::string_view comma = "\n    ";
  for (const std::string& reference : notices) {
    text += comma;
    emit::append_json_string(text, reference);
    comma = ",\n    ";
  }
  file.write(text + "\n  ]\n}\n");
  file.commit();
  r.words.push_back(fill(tr("{0} private records stay; private-records.json tells the recipient that they are held."),
                         std::vector<std::string>{std::to_string(notices.size())}));
}

RunResult Stages::finish() {
  State& s = *s_;
  RunResult& r = s.result;
  if (s.references) {
    const validate::Rules words{std::string()};
    s.references->finish([&](const normalise::DanglingReference& ref) {
      Finding finding = words.dangling(ref);
      size_t file = 0;
      for (const FeedState& f : s.feeds)
        if (f.first_source && f.first_source <= ref.source)
          file = f.first_file + (f.case_data ? 0 : std::min<size_t>(ref.source - f.first_source, f.set.refs.size() - 1));
      finding.input = s.books.feeds[file].input;
      s.tell(finding, file);
    });
  }
  const bool cancelled = s.watch.cancelled();
  Exit exit = Exit::ok;
  for (FeedBooks& feed : s.books.feeds) {
    if (!feed.balance()) throw std::logic_error("the books of " + feed.input + " do not balance");
    if (feed.quarantined || (s.plan.validating && feed.errors)) feed.exit = worse(feed.exit, Exit::quarantined);
    if (s.plan.quarantine_threshold && feed.units &&
        static_cast<double>(feed.quarantined) > *s.plan.quarantine_threshold * static_cast<double>(feed.units))
      feed.exit = worse(feed.exit, Exit::threshold);
    exit = worse(exit, feed.exit);
  }
  if (cancelled) exit = Exit::interrupted;
  bool any = s.supply || s.feeds.empty() && s.books.feeds.empty();
  for (const FeedState& feed : s.feeds) any |= feed.lines && !feed.lines->records.empty();
  if (!cancelled && any) {  // outputs appear whole or not at all; where no input could be read there is nothing to write
    for (Output& output : s.outputs) {
      output.writer->finish();
      output.books.records = output.writer->records();
      if (output.plugin) s.account_for(output, r);
      r.outputs.push_back(output.books);
    }
  }
  s.outputs.clear();
  for (Report& report : s.reports) report.writer->finish();
  if (s.quarantine) s.quarantine->finish();
  r.manifest = manifest_json(s.plan, s.books, r.outputs, exit, s.program_version);
  if (!s.plan.reports.empty()) {
    emit::FileSink loss((fs::path(s.plan.reports) / "loss.json").string());
    s.loss.write(loss, *s.gate);
    emit::FileSink manifest((fs::path(s.plan.reports) / "run.json").string());
    manifest.write(r.manifest);
    manifest.commit();
  }
  s.write_notices(r);
  r.ledger = s.gate->ledger().rows();
  for (const auto& [rule, n] : r.ledger)
    r.words.push_back(fill(tr("Withheld or changed by rule {0}: {1}"), std::vector<std::string>{rule, std::to_string(n)}));
  for (const OutputPlan& output : s.plan.outputs) {
    if (output.format != "case-jsonl" || output.path == "-" || r.outputs.empty()) continue;
    if (!s.plan.inputs.empty())
      r.next = s.example.empty()
                   ? "casebridge validate " + output.path
                   : "casebridge trace " + s.example + " /birthDate --in " + output.path + " --source " + s.plan.inputs.front();
  }
  r.books = s.books;
  r.exit = exit;
  return std::move(r);
}

}  // namespace casebridge::pipeline

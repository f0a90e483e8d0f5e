#include "pipeline/preview.hpp"

#include "emit/wire_lines.hpp"
#include "model/joined_place.hpp"
#include "normalise/normaliser.hpp"
#include "pipeline/lines.hpp"
#include "validate/structure.hpp"

namespace casebridge::pipeline {
namespace {

constexpr size_t kFindings = 20;
constexpr uint64_t kSoonRead = uint64_t(64) << 20;  // an input up to this size is waited for: its first record is worth it

void count_units(const RecordBatch& batch, Preview& p, uint64_t& seen_bytes) {
  for (const Unit& unit : batch.units) {
    if (!unit.place.length && !unit.place.line && unit.n_records && batch.records[unit.first_record].type->name == "Source") continue;
    ++p.books.units;
    if (unit.outcome == Unit::Outcome::mapped) ++p.books.mapped;
    else if (unit.outcome == Unit::Outcome::quarantined) ++p.books.quarantined;
    else ++p.books.skipped[std::string(unit.reason)];
    seen_bytes = std::max(seen_bytes, unit.place.offset + unit.place.length);
  }
}

}  // namespace

Preview preview(const host::Registry& registry, const host::InputSet& set, const Plan& plan, handle::Gate& gate, size_t records,
                std::chrono::milliseconds budget) {
  const auto end = std::chrono::steady_clock::now() + budget;
  Preview p;
  bool late = false;  // a large document of one record, whose end is too far
  p.files.resize(set.refs.size());
  p.tables = set.tables;
  Feed feed(registry, set, plan, p.files);
  p.books = p.files[0];
  p.books.bytes = 0;
  for (const FeedBooks& file : p.files) p.books.bytes += file.bytes;
  const auto file_of = [&](uint32_t source) { return source && source <= p.files.size() ? source - 1 : 0; };  // numbered from 1 here
  const auto keep = [&](const Finding& finding, const Record* about) {
    p.books.count(finding);
    if (p.findings.size() >= kFindings) {
      ++p.more_findings;
      return;
    }
    if (auto cleared = gate.pass(finding, about)) p.findings.push_back(std::move(*cleared));
  };
  const auto cancelled = [&] { return late = late || (p.books.bytes > kSoonRead && std::chrono::steady_clock::now() >= end); };
  const Exit known = p.books.exit;
  if (feed.open() && feed.start(cancelled)) {
    normalise::Settings settings;
    settings.agency = plan.agency;
    settings.system = plan.system;
    settings.input = feed.name();
    settings.source = 1;
    settings.run_year = std::atoi(plan.run_time.c_str());
    if (!plan.token_key.empty()) settings.key = std::make_shared<normalise::TokenKey>(normalise::TokenKey::load(plan.token_key));
    normalise::Normaliser normaliser(settings);
    OwnedBatch batch;
    RecordBatch out;
    emit::JsonLine line;
    p.whole = true;
    size_t floors = 0;
    std::vector<uint64_t> seen_bytes(p.files.size());
    while (feed.read(batch)) {
      std::vector<Finding> found;
      normaliser.run(batch.view(), out, [&](Finding&& finding) { found.push_back(std::move(finding)); });
      // The files of a set come one after the other, in most readers: what of them was seen is the sum.
      const uint32_t file = batch.view().n_units ? batch.view().units[batch.view().n_units - 1].input : 0;
      if (file < seen_bytes.size()) count_units(out, p, seen_bytes[file]);
      p.seen_bytes = 0;
      for (const uint64_t one : seen_bytes) p.seen_bytes += one;
      for (; floors < normaliser.lines().size(); ++floors) {  // the floor of handling, before any record of that source
        const Record& said = normaliser.lines()[floors];
        if (said.type->name != "Source") continue;
        RecordBatch line;
        const bool tables = p.files.size() > 1;  // one line for each
        for (uint32_t i = 0; i < (tables ? p.files.size() : 1); ++i)
          add_source_line(line, said, tables ? i + 1 : said.source ? said.source : 1, p.files[i], "casebridge", plan);
        for (const Record& one : line.records) gate.source(one);
      }
      for (Record& record : out.records) {
        if (p.records.size() < records && record.place.length && !record.place.line) {
          const host::Position at = feed.lines(file_of(record.source)).at(record.place.offset);
          record.place.line = at.line, record.place.column = at.column;
        }
        if (record.source == 0 && record.type->name != "Cluster" && record.type->name != "Link") continue;  // Dataset and Source lines
        ++p.books.records[std::string(record.type->name)];
        validate::structure().check(record, found, validate::kStructure | validate::kCompleteness);
        if (p.records.size() >= records) continue;
        const handle::Outgoing cleared = gate.pass(std::span(&record, 1));
        for (const Record& shown : cleared.cleared().records()) {
          std::string text;
          line.append(text, shown);
          text.pop_back();
          p.records.push_back(gate.show(text));
        }
      }
      for (Finding& finding : found) {
        if (is_joined(finding.offset)) {
          finding.source = joined_file(finding.offset) + 1;
          finding.offset = offset_there(finding.offset);
        }
        if (!finding.line && finding.offset) {
          const host::Position at = feed.lines(file_of(finding.source)).at(finding.offset);
          finding.line = at.line, finding.column = at.column;
        }
        if (finding.source) finding.input = p.files[file_of(finding.source)].input;
        keep(finding, nullptr);
      }
      if (std::chrono::steady_clock::now() >= end) {
        p.whole = false;
        break;
      }
    }
  }
  if (late) p.whole = false, p.books.exit = known;
  feed.stop(p.whole);  // a preview waits for no hash of the rest
  for (const FeedBooks& file : p.files)
    if (!late) p.books.exit = worse(p.books.exit, file.exit);
  for (const Finding& finding : feed.take_findings())
    if (!late || finding.code != "E-CANCELLED") keep(finding, nullptr);
  for (const auto& loss : feed.losses())
    if (loss.what == CB_LOSS_UNMAPPED) p.homeless.push_back(loss);
  if (!p.whole && p.seen_bytes && p.books.bytes > p.seen_bytes)
    p.estimated_units =
        static_cast<uint64_t>(static_cast<double>(p.books.units) * static_cast<double>(p.books.bytes) / static_cast<double>(p.seen_bytes));
  return p;
}

}  // namespace casebridge::pipeline

// The flow: what happens to each parcel.
#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "casebridge/model.h"
#include "normalise/ids.hpp"
#include "pipeline/state.hpp"
#include "pipeline/trace.hpp"
#include "validate/structure.hpp"

namespace casebridge::pipeline {

namespace fs = std::filesystem;

namespace {

bool is_line(const Record& record) {
  return record.type->tag == tag::Dataset || record.type->tag == tag::Source || record.type->tag == tag::DatasetEnd;
}

}  // namespace

bool Stages::next_feed() {
  State& s = *s_;
  while (++s.current < s.feeds.size()) {
    FeedState& f = s.feed();
    if (s.supply) {
      s.supply->rewind(false);
      s.feed_begin = std::chrono::steady_clock::now();
      return true;
    }
    if (!f.lines || f.lines->records.empty() || s.watch.cancelled()) continue;
    if (std::string why_not; s.keeper && !s.keeper->begin_feed(s.feed_books(), f.lines->records, why_not)) {
      s.feed_books().left_out = why_not;
      f.lines->records.clear();
      f.feed.reset();
      f.pending.clear();
      continue;
    }
    if (!f.feed) {  // it was closed between probing and reading
      FeedBooks& b = s.feed_books();
      const FeedBooks known = b;
      f.feed = std::make_unique<Feed>(*s.registry, f.ref, s.plan, b);
      if (!f.feed->open() || !f.feed->start()) {
        close_feed();
        continue;
      }
      b.agency = known.agency, b.system = known.system, b.mapping = known.mapping;
    }
    s.watch.feed(f.ref.name, s.feed_books().bytes);
    s.feed_begin = std::chrono::steady_clock::now();
    s.idle.clear();
    s.ordered = std::make_unique<normalise::Normaliser>(f.settings);
    s.cursor = std::make_unique<host::LineIndex::Cursor>(f.feed->lines());
    s.rules = std::make_unique<validate::Rules>(f.ref.name, fs::temp_directory_path().string());
    for (const Record& line : f.lines->records) s.rules->source(line.source, line);
    s.bytes_done = 0;
    s.last_refused = false;
    return true;
  }
  return false;
}

bool Stages::read(Parcel& parcel) {
  State& s = *s_;
  if (s.watch.cancelled()) return false;
  if (s.supply) {
    parcel.records.reset();
    return s.supply->next(parcel.records);
  }
  FeedState& f = s.feed();
  parcel.findings.clear();
  if (!f.pending.empty()) {
    parcel.batch = std::move(f.pending.front());
    f.pending.pop_front();
  } else if (f.whole || !f.feed->read(parcel.batch)) {
    return false;
  }
  for (Finding& finding : f.feed->take_findings()) parcel.findings.push_back(std::move(finding));
  parcel.said_by_reader = parcel.findings.size();
  return true;
}

void Stages::State::normalise_with(normalise::Normaliser& normaliser, Parcel& parcel) {
  normaliser.run(parcel.batch.view(), parcel.records, [&](Finding&& finding) { parcel.findings.push_back(std::move(finding)); });
  const uint32_t first = feed().first_source;
  if (feed().case_data)
    for (Record& record : parcel.records.records) {
      if (record.source) record.source += first - 1;
      for (auto& [source, place] : record.also)
        if (source) source += first - 1;
    }
}

void Stages::normalise(Parcel& parcel) {
  State& s = *s_;
  if (s.supply) return;
  std::unique_ptr<normalise::Normaliser> mine;
  {
    const std::lock_guard lock(s.idle_mutex);
    if (!s.idle.empty()) mine = std::move(s.idle.back()), s.idle.pop_back();
  }
  if (!mine) mine = std::make_unique<normalise::Normaliser>(s.feed().settings);
  s.normalise_with(*mine, parcel);
  const std::lock_guard lock(s.idle_mutex);
  s.idle.push_back(std::move(mine));
}

void Stages::validate(Parcel& parcel) {
  if (s_->supply) return;
  // Codes that are unverified or not in force were told when the source's words were normalised; case data of ours was not.
  const unsigned passes = validate::kStructure | validate::kCompleteness | (s_->feed().case_data ? validate::kCodes : 0u);
  auto& records = parcel.records.records;
  parcel.refused.assign(records.size(), 0);
  for (size_t i = 0; i < records.size(); ++i)
    if (!is_line(records[i]) && !validate::structure().check(records[i], parcel.findings, passes, &parcel.shapes)) parcel.refused[i] = 1;
}

void Stages::account(Parcel& parcel) {
  State& s = *s_;
  if (s.supply) {
    FeedBooks& books = s.feed_books();
    for (const Record& record : parcel.records.records) ++books.records[std::string(record.type->name)];
    return;
  }
  // A record without any key is told from its equals by counting them: that needs the order of the input.
  auto& records = parcel.records.records;
  if (std::any_of(records.begin(), records.end(), [](const Record& r) { return r.keyless; })) {
    parcel.findings.erase(parcel.findings.begin() + static_cast<ptrdiff_t>(parcel.said_by_reader), parcel.findings.end());
    s.normalise_with(*s.ordered, parcel);
    validate(parcel);
  }
  for (const uint32_t index : s.rules->check(parcel.records, [&](Finding&& finding) { parcel.findings.push_back(std::move(finding)); }))
    parcel.refused[index] = 1;
  s.locate(parcel);
  s.refuse_by_code(parcel);
  FeedBooks& b = s.feed_books();
  std::vector<uint8_t> left(records.size(), 0);  // 1: not written
  for (const Unit& unit : parcel.records.units) {
    bool line_only = unit.n_records > 0;
    for (uint32_t i = unit.first_record; i < unit.first_record + unit.n_records; ++i) line_only &= is_line(records[i]);
    if (line_only) continue;
    ++b.units;
    if (unit.outcome == Unit::Outcome::skipped) {
      ++b.skipped[std::string(unit.reason)];
      continue;
    }
    bool refused = unit.outcome == Unit::Outcome::quarantined;
    // A record that needs a refused one (the ends of a Link, the subject of a Custody) waits with it.
    const auto begin = parcel.refused.begin() + unit.first_record;
    const bool any = std::find(begin, begin + unit.n_records, 1) != begin + unit.n_records;
    for (bool more = any; more && !refused;) {
      more = false;
      for (uint32_t i = unit.first_record; i < unit.first_record + unit.n_records; ++i) {
        if (parcel.refused[i]) continue;
        for (const Value& value : records[i].values) {
          const model::Node& node = model::node(value.field);
          if (node.type != model::ValueType::ref || !node.required || node.many) continue;
          for (uint32_t k = unit.first_record; k < unit.first_record + unit.n_records; ++k)
            if (parcel.refused[k] && value.text == normalise::to_text(records[k].id)) parcel.refused[i] = 1, more = true;
        }
      }
    }
    refused |= any;
    if (refused) ++b.quarantined;
    else ++b.mapped;
    if (refused) s.quarantine_unit(parcel, unit);
  }
  constexpr size_t kAhead = 8;
  std::vector<std::pair<const model::Node*, uint64_t>> written;  // a handful of types: their names are for the books
  for (size_t i = 0; i < records.size(); ++i) {
    Record& record = records[i];
    if (i + kAhead < records.size()) s.versions->expect(records[i + kAhead].id);
    if (is_line(record) || (s.tap && s.tap->replaces(record))) {
      left[i] = 1;
      continue;
    }
    if (parcel.refused[i]) {
      left[i] = 1;
      ++b.withheld[std::string(record.type->name)];
      continue;
    }
    if (s.keeper) s.keeper->record(record);
    if (s.versions->see(record) == normalise::VersionLedger::Verdict::repeat) {  // the same record again, unchanged
      ++b.repeated;
      left[i] = 1;
      continue;
    }
    if (s.example.empty() && record.type->tag == tag::Person && value_at(record, "/birthDate")) s.example = normalise::to_text(record.id);
    auto at = std::find_if(written.begin(), written.end(), [&](const auto& known) { return known.first == record.type; });
    if (at == written.end()) at = written.insert(at, {record.type, 0});
    ++at->second;
  }
  for (const auto& [type, n] : written) b.records[std::string(type->name)] += n;
  size_t kept = 0, done = 0;
  const auto pass = [&](size_t end) {
    for (; done < end; ++done) {
      if (left[done]) continue;
      if (kept != done) std::swap(records[kept], records[done]);
      ++kept;
    }
  };
  for (Unit& unit : parcel.records.units) {  // the units go on naming their records
    pass(unit.first_record);
    const size_t first = kept;
    pass(unit.first_record + unit.n_records);
    unit.first_record = static_cast<uint32_t>(first);
    unit.n_records = static_cast<uint32_t>(kept - first);
  }
  pass(records.size());
  parcel.records.keep_first(kept);
  s.references->add(parcel.records);
  if (s.tap)
    for (const Record& record : records) s.tap->take(record);
  if (!parcel.records.units.empty()) {
    s.last_refused = parcel.records.units.back().outcome == Unit::Outcome::quarantined;
    const Place& last = parcel.records.units.back().place;
    s.bytes_done = std::max(s.bytes_done, last.offset + last.length);
    parcel.bytes_done = s.bytes_done, parcel.units_done = b.units;
  }
}

// Findings that the plan does not let pass are errors of the source record in which they stand.
void Stages::State::refuse_by_code(Parcel& parcel) {
  if (plan.refuse.empty()) return;
  for (Finding& finding : parcel.findings) {
    if (std::find(plan.refuse.begin(), plan.refuse.end(), finding.code) == plan.refuse.end()) continue;
    for (const Unit& unit : parcel.records.units) {
      if (finding.offset < unit.place.offset || finding.offset >= unit.place.offset + std::max<uint64_t>(1, unit.place.length)) continue;
      finding.severity = Severity::error;
      for (uint32_t i = unit.first_record; i < unit.first_record + unit.n_records; ++i) parcel.refused[i] = 1;
      break;
    }
  }
}

// Lines and columns, from our own index of the input.
void Stages::State::locate(Parcel& parcel) {
  if (feed().case_data) return;  // its records stand where their own sources say
  for (Record& record : parcel.records.records) {
    if (record.place.line || !record.place.length) continue;
    const host::Position at = cursor->at(record.place.offset);
    record.place.line = at.line, record.place.column = at.column;
    for (auto& [source, place] : record.also) {
      const host::Position also = cursor->at(place.offset);
      place.line = also.line, place.column = also.column;
    }
  }
  for (Unit& unit : parcel.records.units) {
    if (unit.outcome == Unit::Outcome::mapped || !unit.place.length) continue;
    const host::Position at = cursor->at(unit.place.offset);
    unit.place.line = at.line, unit.place.column = at.column;
  }
  for (Finding& finding : parcel.findings) {
    finding.input = feed_books().input;
    finding.source = feed().first_source;
    if (finding.line || (!finding.offset && !finding.length)) continue;
    const host::Position at = cursor->at(finding.offset);
    finding.line = at.line, finding.column = at.column;
  }
}

void Stages::handle(Parcel& parcel) {
  State& s = *s_;
  parcel.chunks.resize(s.outputs.size());
  while (parcel.encoders.size() < s.outputs.size()) parcel.encoders.push_back(s.outputs[parcel.encoders.size()].writer->encoder());
  if (s.supply) return handle_kept(parcel);
  const handle::Outgoing out = s.gate->pass(parcel.records.records);
  for (size_t i = 0; i < s.outputs.size(); ++i) {
    parcel.chunks[i].clear();
    parcel.encoders[i]->encode(out.cleared(), parcel.chunks[i]);
  }
  for (const Finding& finding : out.findings()) parcel.masked.push_back(finding);
  for (const handle::Refused& refused : out.refused()) parcel.turned_away.push_back(refused);
}

// What leaves a store is written down record by record: a withdrawal has to say who received it.
void Stages::handle_kept(Parcel& parcel) {
  State& s = *s_;
  for (emit::Chunk& chunk : parcel.chunks) chunk.clear();
  parcel.sent.clear();
  for (const Record& record : parcel.records.records) {
    const handle::Outgoing out = s.gate->pass({&record, 1});
    for (const Finding& finding : out.findings()) parcel.masked.push_back(finding);
    for (const handle::Refused& refused : out.refused()) parcel.turned_away.push_back(refused);
    if (out.cleared().records().empty()) continue;
    parcel.sent.emplace_back(record.id, record.version);
    for (size_t i = 0; i < s.outputs.size(); ++i) parcel.encoders[i]->encode(out.cleared(), parcel.chunks[i]);
  }
}

void Stages::emit(Parcel& parcel) {
  State& s = *s_;
  if (s.supply) s.supply->sent(parcel.sent);
  for (size_t i = 0; i < s.outputs.size(); ++i) s.outputs[i].writer->put(parcel.chunks[i]);
  // Told here and nowhere else in the flow: account() of the next parcel runs beside this, and the order is to be one.
  for (const Finding& finding : parcel.findings) s.tell(finding, s.current);
  for (const Finding& finding : parcel.masked) s.tell(finding, s.current);
  for (const handle::Refused& refused : parcel.turned_away) s.tell(refused.finding, s.current);
  if (parcel.units_done) s.watch.at(parcel.bytes_done, parcel.units_done);
  parcel.bytes_done = parcel.units_done = 0;
  parcel.findings.clear();
  parcel.masked.clear();
  parcel.turned_away.clear();
}

}  // namespace casebridge::pipeline

// The flow: what happens to each parcel.
#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "casebridge/model.h"
#include "model/joined_place.hpp"
#include "normalise/ids.hpp"
#include "pipeline/set_keeper.hpp"
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
    if (std::string why_not; s.keeper && !s.keeps(f, why_not)) {
      for (FeedBooks& one : s.books_of(f)) one.left_out = why_not;
      f.lines->records.clear();
      f.feed.reset();
      f.pending.clear();
      continue;
    }
    s.bytes_done.assign(f.set.refs.size(), 0);
    s.keys.reset();
    if (!f.feed) {  // it was closed between probing and reading
      const std::span<FeedBooks> b = s.books_of(f);
      const std::vector<FeedBooks> known(b.begin(), b.end());
      f.feed = std::make_unique<Feed>(*s.registry, f.set, s.plan, b);
      if (!f.feed->open() || !f.feed->start()) {
        close_feed();
        continue;
      }
      for (size_t i = 0; i < b.size(); ++i) b[i].agency = known[i].agency, b[i].system = known[i].system, b[i].mapping = known[i].mapping;
    }
    uint64_t bytes = 0;
    for (const FeedBooks& one : s.books_of(f)) bytes += one.bytes;
    s.watch.feed(f.set.refs[0].name, bytes);
    s.feed_begin = std::chrono::steady_clock::now();
    s.idle.clear();
    s.ordered = std::make_unique<normalise::Normaliser>(f.settings);
    s.cursors.clear();
    for (size_t i = 0; i < f.set.refs.size(); ++i) s.cursors.push_back(std::make_unique<host::LineIndex::Cursor>(f.feed->lines(i)));
    s.rules = std::make_unique<validate::Rules>(f.set.refs[0].name, fs::temp_directory_path().string());
    for (const Record& line : f.lines->records) s.rules->source(line.source, line);
    if (f.set.refs.size() > 1) s.keys = std::make_unique<normalise::IdTable>(fs::temp_directory_path().string(), size_t(16) << 20);
    s.last_refused = false;
    return true;
  }
  return false;
}

bool Stages::State::keeps(FeedState& f, std::string& why_not) {
  const std::span<const FeedBooks> b = books_of(f);
  if (b.size() == 1) return keeper->begin_feed(b[0], f.lines->records, why_not);
  auto* sets = dynamic_cast<SetKeeper*>(keeper);
  if (!sets) throw std::logic_error("this keeper takes no sets of tables");
  return sets->begin_set(b, f.lines->records, why_not);
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
  for (Finding& finding : f.feed->take_findings()) {
    if (!f.case_data) finding.source += f.first_source;
    parcel.findings.push_back(std::move(finding));
  }
  parcel.said_by_reader = parcel.findings.size();
  return true;
}

// The files of the units that normalising keeps: a unit of lines alone is none of the books.
void files_of_units(const cb_batch& batch, Parcel& parcel) {
  parcel.files.clear();
  for (uint32_t u = 0; u < batch.n_units; ++u) {
    const cb_unit& unit = batch.units[u];
    bool lines = unit.outcome == CB_UNIT_MAPPED && unit.n_records > 0;
    for (uint32_t r = unit.first_record; lines && r < unit.first_record + unit.n_records; ++r) {
      const uint32_t type = batch.records[r].type;
      lines = type == tag::Source || type == tag::Dataset || type == tag::DatasetEnd;
    }
    if (!lines) parcel.files.push_back(unit.input);
  }
  parcel.files.resize(parcel.records.units.size());  // equal, but for a broken batch
}

void Stages::State::normalise_with(normalise::Normaliser& normaliser, Parcel& parcel) {
  normaliser.run(parcel.batch.view(), parcel.records, [&](Finding&& finding) { parcel.findings.push_back(std::move(finding)); });
  files_of_units(parcel.batch.view(), parcel);
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
    FeedBooks& books = s.books.feeds[0];
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
  if (s.keys) s.keys_once(parcel);
  s.refuse_by_code(parcel);
  std::vector<uint8_t> left(records.size(), 0);  // 1: not written
  for (size_t u = 0; u < parcel.records.units.size(); ++u) {
    const Unit& unit = parcel.records.units[u];
    bool line_only = unit.n_records > 0;
    for (uint32_t i = unit.first_record; i < unit.first_record + unit.n_records; ++i) line_only &= is_line(records[i]);
    if (line_only) continue;
    FeedBooks& b = s.file_books(parcel.files[u]);
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
    if (refused) s.quarantine_unit(parcel, u);
  }
  constexpr size_t kAhead = 8;
  struct Written {
    const model::Node* type;
    size_t file;
    uint64_t n;
  };
  std::vector<Written> written;  // a handful of types: their names are for the books
  for (size_t i = 0; i < records.size(); ++i) {
    Record& record = records[i];
    if (i + kAhead < records.size()) s.versions->expect(records[i + kAhead].id);
    if (is_line(record) || (s.tap && s.tap->replaces(record))) {
      left[i] = 1;
      continue;
    }
    const size_t file = s.file_of(record.source);
    if (parcel.refused[i]) {
      left[i] = 1;
      ++s.file_books(file).withheld[std::string(record.type->name)];
      continue;
    }
    if (s.keeper) s.keeper->record(record);
    if (s.versions->see(record) == normalise::VersionLedger::Verdict::repeat) {  // the same record again, unchanged
      ++s.file_books(file).repeated;
      left[i] = 1;
      continue;
    }
    if (s.example.empty() && record.type->tag == tag::Person && value_at(record, "/birthDate")) s.example = normalise::to_text(record.id);
    auto at =
        std::find_if(written.begin(), written.end(), [&](const Written& known) { return known.type == record.type && known.file == file; });
    if (at == written.end()) at = written.insert(at, {record.type, file, 0});
    ++at->n;
  }
  for (const Written& one : written) s.file_books(one.file).records[std::string(one.type->name)] += one.n;
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
    for (size_t u = 0; u < parcel.records.units.size(); ++u) {
      const Place& at = parcel.records.units[u].place;
      s.bytes_done[parcel.files[u]] = std::max(s.bytes_done[parcel.files[u]], at.offset + at.length);
    }
    uint64_t bytes = 0, units = 0;
    for (const uint64_t one : s.bytes_done) bytes += one;
    for (const FeedBooks& one : s.books_of(s.feed())) units += one.units;
    parcel.bytes_done = bytes, parcel.units_done = units;
  }
}

// In related tables a row is known by its key: a second row with it is a finding that names both lines.
void Stages::State::keys_once(Parcel& parcel) {
  for (const Unit& unit : parcel.records.units) {
    if (!unit.n_records) continue;
    const Record& record = parcel.records.records[unit.first_record];  // what the row itself is
    if (record.local_id.empty()) continue;
    bool fresh = false;
    normalise::IdTable::Row& row = keys->row(record.id, fresh);
    if (fresh) {
      row.content = record.place.offset;
      row.source = record.source;
      continue;
    }
    const size_t file = file_of(row.source);
    Finding twice{.code = "E-KEY-TWICE", .severity = Severity::warning};
    twice.args = {file_books(file).input, std::to_string(cursors[file]->at(row.content).line)};
    twice.input = file_books(file_of(record.source)).input;
    twice.source = record.source;
    twice.offset = record.place.offset, twice.length = record.place.length;
    twice.line = record.place.line, twice.column = record.place.column;
    twice.record_id = normalise::to_text(record.id);
    parcel.findings.push_back(std::move(twice));
  }
}

// Findings that the plan does not let pass are errors of the source record in which they stand.
void Stages::State::refuse_by_code(Parcel& parcel) {
  if (plan.refuse.empty()) return;
  for (Finding& finding : parcel.findings) {
    if (std::find(plan.refuse.begin(), plan.refuse.end(), finding.code) == plan.refuse.end()) continue;
    for (size_t u = 0; u < parcel.records.units.size(); ++u) {
      const Unit& unit = parcel.records.units[u];
      if (parcel.files[u] != file_of(finding.source) || finding.offset < unit.place.offset ||
          finding.offset >= unit.place.offset + std::max<uint64_t>(1, unit.place.length))
        continue;
      finding.severity = Severity::error;
      for (uint32_t i = unit.first_record; i < unit.first_record + unit.n_records; ++i) parcel.refused[i] = 1;
      break;
    }
  }
}

// Lines and columns, from our own index of the input.
void Stages::State::locate(Parcel& parcel) {
  if (feed().case_data) return;  // its records stand where their own sources say
  const auto at = [&](uint32_t source, uint64_t offset) { return cursors[file_of(source)]->at(offset); };
  for (Record& record : parcel.records.records) {
    if (record.place.line || !record.place.length) continue;
    const host::Position here = at(record.source, record.place.offset);
    record.place.line = here.line, record.place.column = here.column;
    for (auto& [source, place] : record.also) {
      const host::Position also = at(source, place.offset);
      place.line = also.line, place.column = also.column;
    }
  }
  for (size_t u = 0; u < parcel.records.units.size(); ++u) {
    Unit& unit = parcel.records.units[u];
    if (unit.outcome == Unit::Outcome::mapped || !unit.place.length) continue;
    const host::Position here = cursors[parcel.files[u]]->at(unit.place.offset);
    unit.place.line = here.line, unit.place.column = here.column;
  }
  for (Finding& finding : parcel.findings) {
    size_t file = file_of(finding.source);
    if (is_joined(finding.offset)) {  // it is about a value of a joined table
      file = std::min<size_t>(joined_file(finding.offset), feed().set.refs.size() - 1);
      finding.offset = offset_there(finding.offset);
      finding.line = 0;
    }
    finding.input = file_books(file).input;
    finding.source = feed().first_source + static_cast<uint32_t>(file);
    if (finding.line || (!finding.offset && !finding.length)) continue;
    const host::Position here = cursors[file]->at(finding.offset);
    finding.line = here.line, finding.column = here.column;
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
  const auto tell = [&](const Finding& finding) { s.tell(finding, s.supply ? 0 : s.feed().first_file + s.file_of(finding.source)); };
  for (const Finding& finding : parcel.findings) tell(finding);
  for (const Finding& finding : parcel.masked) tell(finding);
  for (const handle::Refused& refused : parcel.turned_away) tell(refused.finding);
  if (parcel.units_done) s.watch.at(parcel.bytes_done, parcel.units_done);
  parcel.bytes_done = parcel.units_done = 0;
  parcel.findings.clear();
  parcel.masked.clear();
  parcel.turned_away.clear();
}

}  // namespace casebridge::pipeline

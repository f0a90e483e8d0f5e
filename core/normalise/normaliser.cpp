#include "normalise/normaliser.hpp"

#include <algorithm>
#include <stdexcept>

#include "normalise/folding.hpp"
#include "normalise/internal.hpp"
#include "normalise/names.hpp"
#include "normalise/phones.hpp"

namespace casebridge::normalise {

void warm_up() {
  warm_folding();
  warm_phones();
  warm_codes();
  (void)Plans::get();
}

Normaliser::Normaliser(Settings settings) : work_(std::make_unique<Work>(std::move(settings))) {}
Normaliser::~Normaliser() = default;
Normaliser::Normaliser(Normaliser&&) noexcept = default;
void Normaliser::run(const cb_batch& batch, RecordBatch& out, const FindingSink& sink) { work_->run(batch, out, sink); }
const Normaliser::Counts& Normaliser::counts() const { return work_->counts_; }
const std::vector<Record>& Normaliser::lines() const { return work_->lines_; }

Normaliser::Work::Work(Settings settings) : settings_(std::move(settings)) {
  region_ = settings_.region;
  if (!settings_.zone.empty() && !Zone::find(settings_.zone)) throw std::invalid_argument("there is no time zone " + settings_.zone);
  fallback_ = hint_plan({});
}

// "date=...", "zone=...", "unit=...", "region=..." joined by U+001F. A hint that makes no sense falls back to the feed's own.
const HintPlan* Normaliser::Work::hint_plan(std::string_view text) {
  if (const auto at = hint_plans_.find(std::string(text)); at != hint_plans_.end()) return at->second.get();
  std::string dates = settings_.dates, zone = settings_.zone, region = settings_.region, unit;
  for (std::string_view rest = text; !rest.empty();) {
    const size_t cut = std::min(rest.find('\x1f'), rest.size());
    const std::string_view one = rest.substr(0, cut);
    rest.remove_prefix(std::min(cut + 1, rest.size()));
    if (one.starts_with("date=")) dates = one.substr(5);
    if (one.starts_with("zone=")) zone = one.substr(5);
    if (one.starts_with("region=")) region = one.substr(7);
    if (one.starts_with("unit=")) unit = one.substr(5);
  }
  const Zone* found = zone.empty() ? nullptr : Zone::find(zone);
  if (!zone.empty() && !found && sink_) report("E-HINT", {zone});
  const auto compile = [&] {
    try {
      return DatePatterns(dates, found, settings_.run_year);
    } catch (const std::invalid_argument& why) {
      if (!sink_) throw;
      report("E-HINT", {dates + ": " + why.what()});
      return DatePatterns(settings_.dates, found, settings_.run_year);
    }
  };
  auto plan = std::make_unique<HintPlan>(HintPlan{compile(), region, unit, zone, hint_plans_.size()});
  return hint_plans_.emplace(std::string(text), std::move(plan)).first->second.get();
}

std::string Normaliser::Work::pointer(model::Tag field, int32_t block) const {
  const model::Node* node = plans_.of(field).node;
  if (!node) return {};
  std::string path = "/" + std::string(node->path);
  if (block < 0 || static_cast<size_t>(block) >= item_tags_.size()) return path;
  const model::Node* list = plans_.of(item_tags_[static_cast<size_t>(block)]).node;
  size_t nth = 0;
  for (size_t i = 0; i < static_cast<size_t>(block); ++i) nth += item_tags_[i] == item_tags_[static_cast<size_t>(block)];
  return "/" + std::string(list->path) + "/" + std::to_string(nth) +
         std::string(node->path.substr(std::min(list->path.size(), node->path.size())));
}

void Normaliser::Work::report(std::string_view code, std::vector<std::string> args, model::Tag field, int32_t block, uint64_t offset,
                              uint64_t length) {
  if (!sink_) return;
  Finding f;
  f.code = code;
  const FindingCode* known = finding_code(code);
  f.severity = known ? known->severity : Severity::error;
  f.args = std::move(args);
  f.input = settings_.input;
  f.source = settings_.source;
  f.offset = offset;
  f.length = length;
  if (record_) {
    if (!length) {
      f.offset = record_->place.offset;
      f.length = record_->place.length;
    }
    f.record_id = to_text(record_->id);
  }
  f.field = field;
  if (field) f.field_path = pointer(field, block);
  (*sink_)(std::move(f));
}

void Normaliser::Work::report(std::string_view code, std::string_view value, std::string_view detail, const Value& v, int32_t block) {
  report(code, {std::string(value.substr(0, 200)), std::string(detail)}, v.field, block, v.offset, v.length);
}

void Normaliser::Work::run(const cb_batch& batch, RecordBatch& out, const FindingSink& sink) {
  batch_ = &batch;
  out_ = &out;
  sink_ = &sink;
  out.reset();
  // One copy of the heap instead of one per value: the values point into it.
  heap_ = keep({batch.heap ? batch.heap : "", batch.heap ? batch.heap_size : 0}).data();
  hints_.clear();
  record_ = nullptr;
  for (uint32_t i = 0; i < batch.n_hints; ++i) {
    const cb_hint& h = batch.hints[i];
    if (uint64_t(h.offset) + h.length > batch.heap_size || hint_plans_.size() > 8192) {
      hints_.push_back(fallback_);
      continue;
    }
    hints_.push_back(hint_plan({heap_ + h.offset, h.length}));
  }
  out.records.reserve(batch.n_records);
  out.units.reserve(batch.n_units);
  const uint32_t first_source = settings_.source;  // of several files of one feed each has its own number
  uint32_t next = 0;                               // units stand one behind the other
  for (uint32_t u = 0; u < batch.n_units; ++u) {
    const cb_unit& unit = batch.units[u];
    Unit made;
    made.place = {unit.source_offset, unit.source_length, 0, 0};
    settings_.source = first_source + unit.input;
    made.first_record = static_cast<uint32_t>(out.records.size());
    record_ = nullptr;
    item_tags_.clear();
    const auto refuse = [&](std::string_view code, std::vector<std::string> args) {
      record_ = nullptr;
      report(code, std::move(args), 0, -1, unit.source_offset, unit.source_length);
      out.keep_first(made.first_record);
      made.n_records = 0;
      made.outcome = Unit::Outcome::quarantined;
      made.reason = code;
    };
    if (uint64_t(unit.reason_offset) + unit.reason_length > batch.heap_size || unit.first_record < next ||
        uint64_t(unit.first_record) + unit.n_records > batch.n_records) {
      refuse("E-BATCH", {"a unit outside the batch"});
      out.units.push_back(made);
      ++counts_.units;
      continue;
    }
    next = unit.first_record + unit.n_records;
    if (unit.outcome != CB_UNIT_MAPPED) {
      made.outcome = unit.outcome == CB_UNIT_SKIPPED ? Unit::Outcome::skipped : Unit::Outcome::quarantined;
      made.reason = {heap_ + unit.reason_offset, unit.reason_length};
      out.units.push_back(made);
      ++counts_.units;
      continue;
    }
    first_ = unit.first_record;
    bool only_lines = unit.n_records > 0;
    if (!identify(unit)) {
      refuse("E-BATCH", {broken_why_});
      out.units.push_back(made);
      ++counts_.units;
      continue;
    }
    if (!conflict_.empty()) {
      refuse("E-KEY-CONFLICT", {conflict_});
      out.units.push_back(made);
      ++counts_.units;
      continue;
    }
    bool normal = false;
    for (uint32_t i = 0; i < unit.n_records; ++i) {
      const uint32_t at = first_ + i;
      const cb_record& r = batch.records[at];
      const model::Node* type = plans_.of(r.type).node;
      if (type->kind != model::NodeKind::record) continue;
      if (type->tag == tag::Source || type->tag == tag::Dataset || type->tag == tag::DatasetEnd) {
        line(at);
        continue;
      }
      only_lines = false;
      if (twin_[i] != at) {  // the same record again: one more place of the first
        ++counts_.repeats;
        Record& first = out.records[made.first_record + made_[twin_[i] - first_]];
        if (r.source_length && (r.source_offset != first.place.offset || r.source_length != first.place.length))
          first.also.emplace_back(settings_.source, Place{r.source_offset, r.source_length, 0, 0});
        continue;
      }
      if (made_.size() < unit.n_records) made_.resize(unit.n_records);
      made_[i] = static_cast<uint32_t>(out.records.size()) - made.first_record;
      build(at, out.add());
      normal = normal || any_normal_;
    }
    if (broken_) {
      refuse("E-BATCH", {broken_why_});
    } else {
      any_normal_ = normal;
      made.n_records = static_cast<uint32_t>(out.records.size()) - made.first_record;
      finish_unit(std::span(out.records).subspan(made.first_record, made.n_records));
      counts_.records += made.n_records;
    }
    if (only_lines && !broken_) continue;  // a line about the input is no source record
    ++counts_.units;
    out.units.push_back(made);
  }
  settings_.source = first_source;
  record_ = nullptr;
  sink_ = nullptr;
  batch_ = nullptr;
}

// A Source (or Dataset) record: kept for the caller; its agency and system make the ids where the settings have none.
void Normaliser::Work::line(uint32_t record) {
  Record made;
  build(record, made);
  made.content_hash = content_hash(made);
  for (const Record& known : lines_)
    if (known.content_hash == made.content_hash) return;
  // Its text must outlive the batch.
  const auto own = [&](std::string_view& t) { t = t.empty() ? std::string_view() : line_arena_.keep(t); };
  const auto own_values = [&](std::vector<Value>& values) {
    for (Value& v : values) {
      own(v.text);
      own(v.original);
    }
  };
  own_values(made.values);
  own_values(made.block_values);
  own(made.local_id);
  own(made.status);
  for (Absent& a : made.absent) own(a.reason);
  for (Ext& e : made.ext) {
    own(e.name);
    own(e.value);
  }
  if (made.type->tag == tag::Source && lines_.empty()) {
    for (const Value& v : made.values) {
      if (v.field == tag::Source_agency && settings_.agency.empty()) settings_.agency = v.text;
      if (v.field == tag::Source_system && settings_.system.empty()) settings_.system = v.text;
    }
    prefixes_.clear();
  }
  if (lines_.size() < 65536) lines_.push_back(std::move(made));
}

}  // namespace casebridge::normalise

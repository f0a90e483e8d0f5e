#include "validate/rules.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "validate/rules_internal.hpp"

namespace casebridge::validate {
namespace {

constexpr Rule kRules[] = {
    {"R-V1", TR_NOOP("Means (Palermo): of a victim under 18 only NONE_REQUIRED_CHILD; of an adult at least one mean or statutory fact."),
     "UN Trafficking in Persons Protocol, art. 3(a), (c)"},
    {"R-V2", TR_NOOP("The statutory facts D to I of s. 279.04(2) apply on or after 2026-07-18."),
     "Criminal Code s. 279.04(2); 2026, c. 19, s. 35; transition to be confirmed by counsel"},
    {"R-V3", TR_NOOP("An offence against a person under 18 has a victim under 18 at the offence."),
     "Criminal Code ss. 279.011, 279.02(2), 279.03(2), 286.1(2), 286.2(2), 286.3(2)"},
    {"R-V4", TR_NOOP("A stage indicator usually belongs to the stage assessed."),
     "Ontario Anti-Human Trafficking Strategy, training material"},
    {"R-V5", TR_NOOP("Handling code C needs conditions."), "3x5x2 intelligence report"},
    {"R-V6", TR_NOOP("An accused aged 12 to 17 at the offence is marked as youth, with a caveat of the Youth Criminal Justice Act."),
     "YCJA ss. 2, 118, 119"},
    {"R-V7", TR_NOOP("Child sexual abuse and exploitation material: hash only, no address, no thumbnail, with its caveat."),
     "Criminal Code s. 163.1"},
    {"R-V8", TR_NOOP("An order expires after it was issued; a release order has conditions."), "Criminal Code Part XVI"},
    {"R-V9", TR_NOOP("The offence code was in force on the day of the offence."), "Code list of offences with its dates"},
    {"R-V10", TR_NOOP("TLP:CLEAR never stands beside a statutory caveat."), "FIRST TLP 2.0; the statute of the caveat"},
    {"R-V11", TR_NOOP("A reference finds its record, or is declared external."), "Case model"},
    {"R-V12", TR_NOOP("A person under 12 at the offence is never an accused."), "Criminal Code s. 13"},
    {"R-V13", TR_NOOP("Sexual exploitation of a person under 18 carries the publication ban."), "Criminal Code s. 486.4"},
    {"R-V14", TR_NOOP("The trafficking status ACTUAL names the body that decided."), "HTCDS v2.0 vic_TraffickingStatusDecisionMakingOrg"},
    {"R-V15", TR_NOOP("A person under 18 is not stored as accused, suspect or offender for conduct in their own exploitation."),
     "Criminal Code ss. 213, 286.1 to 286.5; NIBRS 40A"},
    {"R-V16", TR_NOOP("An assessment carries no computed number; confidence is the assessor's own word."), "Case model"},
    {"R-V17", TR_NOOP("Identity is never a risk factor, and strengths stand beside risks."),
     "Case model; Ontario Anti-Human Trafficking Strategy"}};

int64_t unpack(uint64_t content, bool last) { return static_cast<int32_t>(last ? content & 0xFFFFFFFFu : content >> 32); }

}  // namespace

std::span<const Rule> rules() { return kRules; }
const Rule* rule(std::string_view id) noexcept {
  for (const Rule& r : kRules)
    if (r.id == id) return &r;
  return nullptr;
}

Days days_of(std::string_view text) {
  Days d;
  d.known = !text.empty() && normalise::day_span(text, d.first, d.last);
  return d;
}

Days interval(const Record& r, model::Tag start, model::Tag end) {
  const Value *a = r.find(start), *b = r.find(end);
  Days from = days_of(a ? a->text : std::string_view()), to = days_of(b ? b->text : std::string_view());
  if (!from.known) return to;
  if (to.known && to.last > from.last) from.last = to.last;
  return from;
}

bool victims_conduct(std::string_view offence) {
  std::string t;
  for (const char c : offence)
    if (c != ' ') t += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  if (t == "40A" || t == "40B" || t == "40C") return t == "40A";
  for (const std::string_view lead : {"CC-", "CCC", "CC", "C.C.", "S.", "SEC.", "ART."})
    if (t.starts_with(lead)) {
      t.erase(0, lead.size());
      break;
    }
  for (const std::string_view section : {"213", "286.1", "286.2", "286.3", "286.4"}) {
    if (!t.starts_with(section)) continue;
    const char next = t.size() > section.size() ? t[section.size()] : '-';
    if ((next < '0' || next > '9') && (next != '.' || section == "213")) return true;
  }
  return false;
}

int most_years(std::string_view age) {
  std::vector<int> years;
  bool digit = false;
  for (const char c : age) {
    if (c >= '0' && c <= '9') {
      if (!digit) years.push_back(0);
      years.back() = std::min(years.back() * 10 + (c - '0'), 1000);
    } else if (c != ' ' && c != '-' && c != 't' && c != 'o') {
      return -1;
    }
    digit = c >= '0' && c <= '9';
  }
  return years.size() == 1 || years.size() == 2 ? *std::max_element(years.begin(), years.end()) : -1;
}

Rules::Rules(std::string input, std::string dir) : work_(std::make_unique<Work>(std::move(input), dir)) {}
Rules::~Rules() = default;

void Rules::source(uint32_t number, const Record& line) {
  SourceMarks marks;
  for (const Value& v : line.values) {
    if (v.field == tag::any_handling_tlp) marks.tlp = v.text;
    if (v.field == tag::any_handling_handlingCode) marks.code = v.text;
    if (v.field == tag::any_handling_conditions) marks.conditions = true;
    if (v.field == tag::any_handling_caveats) marks.caveats.emplace_back(v.text);
  }
  work_->sources[number] = std::move(marks);
}

// --- facts ---

void Rules::Work::learn(const Record& r) {
  Days days;
  uint32_t flags = kSeen;
  if (r.type->tag == tag::Person) {
    if (!r.find(tag::Person_birthDateQualifier))
      if (const Value* birth = r.find(tag::Person_birthDate)) days = days_of(birth->text);
    if (const Value* age = r.find(tag::Person_ageRange); age && !days.known) {
      const int most = most_years(age->text);
      if (most >= 0 && most < 18) flags |= kUnder18;
      if (most >= 0 && most < 12) flags |= kUnder12;
    }
  } else if (r.type->tag == tag::Occurrence) {
    days = interval(r, tag::Occurrence_occurred_start, tag::Occurrence_occurred_end);
    for (const Block& b : r.blocks)
      for (const Value& v : r.block_of(b))
        if (v.field == tag::Occurrence_offences_code && victims_conduct(v.text)) flags |= kConduct;
  } else if (r.type->tag == tag::Charge) {
    days = interval(r, tag::Charge_offenceDate_start, tag::Charge_offenceDate_end);
    for (const model::Tag field : {tag::Charge_statute_code, tag::Charge_statute_section})
      if (const Value* v = r.find(field); v && victims_conduct(v->text)) flags |= kConduct;
  } else {
    return;
  }
  bool fresh;
  normalise::IdTable::Row& row = facts.row(r.id, fresh);
  const uint64_t packed = static_cast<uint64_t>(static_cast<uint32_t>(days.first)) << 32 | static_cast<uint32_t>(days.last);
  // Two versions that disagree: neither is a fact.
  if (!fresh && days.known && (row.version & kDated) && row.content != packed) flags |= kUnclear;
  if (days.known) {
    row.content = packed;
    flags |= kDated;
  }
  row.version |= flags;
}

Days Rules::Work::fact(const Uuid& id, uint32_t& flags, bool& there) {
  bool fresh;
  const normalise::IdTable::Row& row = facts.row(id, fresh);
  flags = row.version;
  there = flags & kSeen;
  Days d;
  d.known = (flags & kDated) && !(flags & kUnclear);
  d.first = unpack(row.content, false);
  d.last = unpack(row.content, true);
  return d;
}

// --- reporting ---

void Rules::Work::send(Finding&& f) {
  const FindingCode* known = finding_code(f.code);
  f.severity = known ? known->severity : Severity::error;
  f.input = input;
  error = error || f.severity == Severity::error;
  if (sink && *sink) (*sink)(std::move(f));
}

void Rules::Work::report(const Record& r, std::string_view code, std::string_view rule_id, std::vector<std::string> args,
                         model::Tag field) {
  Finding f;
  f.code = code;
  f.rule = rule_id;
  f.args = std::move(args);
  f.source = r.source;
  f.offset = r.place.offset;
  f.length = r.place.length;
  f.line = r.place.line;
  f.column = r.place.column;
  f.record_id = normalise::to_text(r.id);
  f.field = field;
  if (field) {
    f.field_path = "/" + std::string(model::node(field).path);
    if (const Value* v = r.find(field); v && v->length) {
      f.offset = v->offset;
      f.length = v->length;
      f.line = f.column = 0;
    }
  }
  send(std::move(f));
}

void Rules::Work::report(const Waiting& w, std::string_view code, std::string_view rule_id, std::vector<std::string> args,
                         model::Tag field) {
  Finding f;
  f.code = code;
  f.rule = rule_id;
  f.args = std::move(args);
  f.source = w.source;
  f.offset = w.offset;
  f.length = w.length;
  f.record_id = normalise::to_text(w.record);
  f.field = field;
  if (field) f.field_path = "/" + std::string(model::node(field).path);
  send(std::move(f));
}

const SourceMarks* Rules::Work::floor(const Record& r) const {
  const auto at = sources.find(r.source);
  return at == sources.end() ? nullptr : &at->second;
}

bool Rules::Work::has_caveat(const Record& r, std::string_view caveat) const {
  for (const Value& v : r.values)
    if (v.field == tag::any_handling_caveats && v.text == caveat) return true;
  const SourceMarks* marks = floor(r);
  return marks && std::find(marks->caveats.begin(), marks->caveats.end(), caveat) != marks->caveats.end();
}

// --- the passes ---

void Rules::Work::check(Record& r, RecordBatch& batch) {
  marks(r);
  records(r);
  switch (r.type->tag) {
    case tag::Episode: episode(r, batch); break;
    case tag::Charge: charge(r); break;
    case tag::Link: role(r); break;
    default: break;
  }
}

void Rules::learn(const RecordBatch& batch) {
  constexpr size_t kAhead = 32;
  const auto& records = batch.records;
  for (size_t i = 0; i < records.size(); ++i) {
    if (i + kAhead < records.size() && records[i + kAhead].type->tag == tag::Person) work_->facts.expect(records[i + kAhead].id);
    work_->learn(records[i]);
  }
}

std::vector<uint32_t> Rules::check(RecordBatch& batch, const FindingSink& sink) {
  learn(batch);
  work_->sink = &sink;
  std::vector<uint32_t> bad;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    work_->error = false;
    if (batch.records[i].status != "WITHDRAWN") work_->check(batch.records[i], batch);
    if (work_->error) bad.push_back(static_cast<uint32_t>(i));
  }
  work_->sink = nullptr;
  return bad;
}

std::vector<Rules::Late> Rules::finish(const FindingSink& sink) {
  work_->sink = &sink;
  std::vector<Late> late;
  for (const Waiting& w : work_->waiting) {
    work_->error = false;
    work_->decide(w, nullptr, nullptr);
    if (work_->error) late.push_back({w.record, w.source, w.offset});
  }
  if (work_->undecided) {
    Finding f;
    f.code = "E-RULES-UNDECIDED";
    f.args = {std::to_string(work_->undecided)};
    work_->send(std::move(f));
  }
  work_->waiting.clear();
  work_->undecided = 0;
  work_->sink = nullptr;
  return late;
}

Finding Rules::dangling(const normalise::DanglingReference& r) const {
  Finding f;
  f.code = "E-RULE-REFERENCE";
  f.rule = "R-V11";
  f.severity = finding_code(f.code)->severity;
  f.input = work_->input;
  f.args = {normalise::to_text(r.to)};
  f.source = r.source;
  f.offset = r.offset;
  f.field = r.field;
  if (r.field) f.field_path = "/" + std::string(model::node(r.field).path);
  f.record_id = normalise::to_text(r.from);
  return f;
}

}  // namespace casebridge::validate

#include "handle/gate.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/text.hpp"
#include "casebridge/model.h"
#include "handle/mask.hpp"
#include "handle/offences.hpp"
#include "handle/release.hpp"
#include "handle/scrub.hpp"
#include "handle/survey.hpp"
#include "model/pointers.hpp"
#include "normalise/youth_clock.hpp"

namespace casebridge::handle {
namespace {

struct Floor {
  Record line;
  Handling handling;
  std::optional<Unreadable> bad;
  std::string_view agency;
  uint32_t out = 0;  // number in what leaves
};

struct Tags {
  model::Tag recipient, purpose, authority, ceiling, agency, name, sha256, bytes, authority_reference, releasable;
  const model::Node *source, *dataset;
  uint16_t handling_rank;
  static const Tags& get() {
    static const Tags tags;
    return tags;
  }

 private:
  static model::Tag tag(std::string_view type, std::string_view path) {
    const model::Node* record = model::record_type(type);
    const model::Node* node = record ? model::field(*record, path) : nullptr;
    if (!node) throw std::logic_error("the model has no field " + std::string(type) + '/' + std::string(path));
    return node->tag;
  }
  Tags()
      : recipient(tag("Dataset", "recipient")),
        purpose(tag("Dataset", "purpose")),
        authority(tag("Dataset", "legalAuthority")),
        ceiling(tag("Dataset", "handlingCeiling")),
        agency(tag("Source", "agency")),
        name(tag("Source", "name")),
        sha256(tag("Source", "sha256")),
        bytes(tag("Source", "bytes")),
        authority_reference(tag("Source", "authorityReference")),
        releasable(tag("Person", "handling/releasableTo")),
        source(model::record_type("Source")),
        dataset(model::record_type("Dataset")),
        handling_rank(model::node(tag("Person", "handling")).rank) {}
};

std::string_view tlp_code(Tlp tlp) {
  static constexpr std::string_view kCodes[] = {"CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"};
  return kCodes[static_cast<size_t>(tlp)];
}

Finding finding(std::string_view code, std::vector<std::string> args, const Record& record) {
  Finding f;
  f.code = code;
  if (const FindingCode* known = finding_code(code)) f.severity = known->severity;
  f.args = std::move(args);
  f.source = record.source;
  f.offset = record.place.offset;
  f.length = record.place.length;
  f.line = record.place.line;
  f.column = record.place.column;
  if (!record.id.nil()) {
    static constexpr char kDigits[] = "0123456789abcdef";
    for (size_t i = 0; i < 16; ++i) {
      if (i == 4 || i == 6 || i == 8 || i == 10) f.record_id += '-';
      f.record_id += kDigits[record.id.bytes[i] >> 4];
      f.record_id += kDigits[record.id.bytes[i] & 15];
    }
  }
  return f;
}

bool has_handling(const Record& record) {
  const Tags& tags = Tags::get();
  return (!record.values.empty() && model::node(record.values.back().field).rank >= tags.handling_rank) ||
         (!record.blocks.empty() && model::node(record.blocks.back().tag).rank >= tags.handling_rank);
}

void set(Record& record, model::Tag field, std::string_view text) {
  const auto rank = model::node(field).rank;
  const auto at = std::lower_bound(record.values.begin(), record.values.end(), rank,
                                   [](const Value& v, uint16_t r) { return model::node(v.field).rank < r; });
  if (at != record.values.end() && at->field == field) {
    at->text = text;
    at->original = {};
    at->normal_differs = false;
  } else {
    Value value;
    value.field = field;
    value.text = text;
    record.values.insert(at, value);
  }
}

}  // namespace

struct Gate::State {
  std::string recipient = "self", purpose, authority, run_date;
  std::optional<Release> release;  // nothing for self
  mutable Ledger ledger;
  mutable std::shared_mutex mutex;
  Arena arena;  // of the Source lines
  std::map<uint32_t, Floor> floors;
  Survey survey;
  bool settled = false;

  // The handling that applies, or why the record is refused.
  bool ended(const Handling& h) const {
    return date_passed(h.access_ends, run_date) || date_passed(h.destroy_by, run_date) ||
           (h.clock.state == normalise::YouthClock::State::ends && date_passed(normalise::day_text(h.clock.day), run_date));
  }
  std::optional<Unreadable> effective(const Record& record, Handling& out, std::string_view& agency) const {
    const Floor* floor = nullptr;
    if (record.source > 0) {
      const auto at = floors.find(record.source);
      if (at == floors.end()) return Unreadable{"E-HANDLE-NO-SOURCE", std::to_string(record.source)};
      floor = &at->second;
      agency = floor->agency;
      if (floor->bad) return floor->bad;
    }
    if (!has_handling(record)) {
      if (floor) out = floor->handling;
    } else {
      Handling own;
      if (auto bad = read_handling(record, own)) return bad;
      out = floor ? tightened(floor->handling, own) : std::move(own);
    }
    if (!out.stated) return Unreadable{"E-HANDLE-MISSING", {}};
    if (inferred_offender(record)) return Unreadable{"E-HANDLE-INFERRED", std::string(model::node(tag::Link_role).name)};
    if (record.type->tag == tag::Charge && out.access_ends.empty()) out.clock = normalise::youth_clock(record);
    return std::nullopt;
  }
};

Gate::Gate(std::unique_ptr<State> state) : state_(std::move(state)) {}
Gate::~Gate() = default;

std::unique_ptr<Gate> Gate::for_self(std::string run_date) {
  auto state = std::make_unique<State>();
  state->run_date = std::move(run_date);
  return std::unique_ptr<Gate>(new Gate(std::move(state)));
}

std::unique_ptr<Gate> Gate::for_recipient(const Policy& policy, std::string_view recipient, std::string_view purpose,
                                          std::string_view authority, std::string run_date) {
  const std::string args[]{std::string(recipient), policy.name, std::string(purpose), std::string(authority)};
  const auto refuse = [&](const char* why) { throw PolicyError(fill(tr(why), args), true); };
  const auto at = policy.recipients.find(std::string(recipient));
  if (at == policy.recipients.end()) refuse("the policy {1} names no recipient {0}: nothing may go there");
  const auto want = purpose_bits().bit(purpose), by = purpose_bits().bit(authority);
  if (!want || (at->second.purposes & *want) == 0) refuse("the policy {1} does not let {0} receive data for the purpose \"{2}\"");
  if (!by || (at->second.authorities & *by) == 0) refuse("the policy {1} does not let {0} receive data by the authority \"{3}\"");
  auto state = std::make_unique<State>();
  state->recipient = recipient;
  state->purpose = purpose;
  state->authority = authority;
  state->run_date = std::move(run_date);
  state->release.emplace(at->second, *want, *by, std::string(purpose), state->run_date);
  state->survey.audience(at->second);
  return std::unique_ptr<Gate>(new Gate(std::move(state)));
}

const std::string& Gate::recipient() const { return state_->recipient; }
bool Gate::needs_survey() const { return state_->release.has_value(); }
const Ledger& Gate::ledger() const { return state_->ledger; }

Outgoing Gate::dataset(const Record& line) const {
  const Tags& tags = Tags::get();
  Outgoing out;
  Record made = line;
  set(made, tags.recipient, out.arena_->keep(state_->recipient));
  if (state_->release) {
    set(made, tags.purpose, out.arena_->keep(state_->purpose));
    set(made, tags.authority, out.arena_->keep(state_->authority));
    set(made, tags.ceiling, tlp_code(state_->release->policy().ceiling));
  }
  out.own_->push_back(std::move(made));
  out.cleared_ = Cleared(*out.own_);
  return out;
}

Outgoing Gate::source(const Record& line) {
  const Tags& tags = Tags::get();
  Outgoing out;
  const std::unique_lock lock(state_->mutex);
  Floor& floor = state_->floors[line.source];
  floor = {};
  floor.line = copied(line, state_->arena);
  floor.bad = read_handling(floor.line, floor.handling);
  if (const Value* agency = floor.line.find(tags.agency)) floor.agency = agency->text;
  if (floor.bad) out.refused_.push_back({0, finding(floor.bad->code, {floor.bad->value}, line)});
  else if (!state_->release) {
    Record shown = floor.line;
    scrub(shown, *out.arena_);
    out.own_->push_back(std::move(shown));
    out.cleared_ = Cleared(*out.own_);
  }
  return out;
}

void Gate::survey(std::span<const Record> records) {
  if (!state_->release) return;
  const std::unique_lock lock(state_->mutex);
  Arena scratch;
  for (const Record& record : records) {
    Handling handling;
    std::string_view agency;
    if (state_->effective(record, handling, agency)) {
      state_->survey.note(record, nullptr, Rule::unreadable);
      continue;
    }
    const auto rule = state_->ended(handling) ? std::optional(Rule::access_ended) : state_->release->withheld(record, handling, agency);
    if (rule) {
      state_->survey.note(record, nullptr, *rule);
      continue;
    }
    scratch.clear();
    const auto left = state_->release->trimmed(
        record, handling, [](const Uuid&) { return true; }, record.source, scratch, nullptr);
    state_->survey.note(record, left ? &*left : nullptr, Rule::field_policy);
  }
}

Outgoing Gate::settle() {
  const Tags& tags = Tags::get();
  Outgoing out;
  if (!state_->release) return out;
  const std::unique_lock lock(state_->mutex);
  state_->survey.settle(state_->ledger);
  state_->settled = true;
  uint32_t next = 0;
  for (auto& [number, floor] : state_->floors) {
    if (floor.bad || !state_->survey.source_used(number)) continue;
    floor.out = ++next;
    Record line = floor.line;
    scrub(line, *out.arena_);
    line.source = floor.out;
    line.ext.clear();
    const Value* sha256 = floor.line.find(tags.sha256);
    // Name, size and hash of the file would let two recipients put their parts together again.
    set(line, tags.name, out.arena_->keep("source-" + std::to_string(floor.out)));
    set(line, tags.bytes, "0");
    set(line, tags.sha256, out.arena_->keep(state_->release->pseudonym("source", sha256 ? sha256->text : std::string_view())));
    std::erase_if(line.values, [&](const Value& v) {
      return v.field == tags.authority_reference || (v.field == tags.releasable && v.text != state_->release->policy().agency);
    });
    line.blocks.clear();
    line.block_values.clear();
    out.own_->push_back(std::move(line));
  }
  out.cleared_ = Cleared(*out.own_);
  return out;
}

std::vector<std::string> Gate::notices() const {
  std::vector<std::string> out;
  if (!state_->release || !state_->release->policy().private_notice) return out;
  const std::shared_lock lock(state_->mutex);
  for (const Uuid& id : state_->survey.withheld_by(Rule::private_record)) {
    Record named;
    named.id = state_->release->pseudonym(id);
    out.push_back(finding("", {}, named).record_id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Outgoing Gate::pass(std::span<const Record> records) const {
  Outgoing out;
  const std::shared_lock lock(state_->mutex);
  if (state_->release && !state_->settled) throw std::logic_error("settle() comes before pass()");
  bool whole = true;  // nothing changed so far: the records themselves may go
  const auto split = [&](size_t at) {
    if (!whole) return;
    out.own_->assign(records.begin(), records.begin() + static_cast<ptrdiff_t>(at));
    whole = false;
  };
  const Floor* usual = nullptr;  // for self: the floor of the records before, where it lets through what adds nothing to it
  for (size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    if (!state_->release && !has_handling(record) && record.type->tag != tag::Charge && !inferred_offender(record)) {
      if (!usual || usual->line.source != record.source) {
        const auto at = record.source > 0 ? state_->floors.find(record.source) : state_->floors.end();
        usual = at == state_->floors.end() ? nullptr : &at->second;
        if (usual && (usual->bad || !usual->handling.stated || state_->ended(usual->handling))) usual = nullptr;
      }
      if (usual && !needs_scrub(record)) {
        if (!whole) out.own_->push_back(record);
        continue;
      }
    }
    Handling handling;
    std::string_view agency;
    if (auto bad = state_->effective(record, handling, agency)) {
      split(i);
      if (!state_->release) state_->ledger.add(Rule::unreadable);
      out.refused_.push_back({i, finding(bad->code, {bad->value}, record)});
      continue;
    }
    if (state_->release) {
      split(i);
      if (!state_->survey.alive(record.id)) continue;
      const auto floor = state_->floors.find(record.source);
      const auto alive = [&](const Uuid& id) { return state_->survey.alive(id); };
      auto left = state_->release->trimmed(record, handling, alive, floor == state_->floors.end() ? 0 : floor->second.out, *out.arena_,
                                           &state_->ledger);
      if (!left) continue;
      const Scrubbed done = scrub(*left, *out.arena_);
      state_->ledger.add(Rule::media, done.media);
      state_->ledger.add(Rule::clear_number, done.numbers);
      out.own_->push_back(std::move(*left));
      continue;
    }
    if (state_->ended(handling)) {
      split(i);
      state_->ledger.add(Rule::access_ended);
      std::string end(earlier(handling.access_ends, handling.destroy_by));
      if (handling.clock.state == normalise::YouthClock::State::ends) end = earlier(end, normalise::day_text(handling.clock.day));
      out.findings_.push_back(finding("E-HANDLE-ENDED", {end}, record));
      continue;
    }
    if (!needs_scrub(record)) {
      if (!whole) out.own_->push_back(record);
      continue;
    }
    split(i);
    out.own_->push_back(record);
    const Scrubbed done = scrub(out.own_->back(), *out.arena_);
    state_->ledger.add(Rule::media, done.media);
    state_->ledger.add(Rule::clear_number, done.numbers);
    if (done.media > 0) out.findings_.push_back(finding("E-HANDLE-MEDIA", {}, record));
    if (done.numbers > 0) out.findings_.push_back(finding("E-HANDLE-CLEAR-NUMBER", {}, record));
  }
  out.cleared_ = Cleared(whole ? records : std::span<const Record>(*out.own_));
  return out;
}

std::optional<ClearedFinding> Gate::pass(const Finding& finding, const Record* about) const {
  Finding shown = finding;
  bool hide = false;  // the words quote what is not to be quoted
  const model::Node* node = model::find_node(finding.field);
  for (const model::Node* up = node; up; up = model::find_node(up->parent)) hide = hide || up->sensitive;
  if (about) {
    Handling own;
    hide = hide || read_handling(*about, own).has_value();
    for (const FieldMark& mark : own.marks)
      hide = hide || pointer_covers(mark.pointer, finding.field_path) || pointer_covers(finding.field_path, mark.pointer);
  }
  if (state_->release) {
    const std::shared_lock lock(state_->mutex);
    Uuid id;
    if (!parse_id(finding.record_id, id) || !state_->survey.alive(id)) return std::nullopt;
    const Uuid other = state_->release->pseudonym(id);
    Record named;
    named.id = other;
    shown.record_id = handle::finding("", {}, named).record_id;
    const auto floor = state_->floors.find(finding.source);
    shown.source = floor == state_->floors.end() ? 0 : floor->second.out;
    shown.input = shown.source > 0 ? "source-" + std::to_string(shown.source) : std::string();
    shown.offset = shown.length = shown.line = shown.column = 0;
    if (node) shown.field_path = node->path;
    else shown.field_path.clear();
    hide = true;
  }
  for (std::string& arg : shown.args) arg = hide ? "•••" : masked(arg, Care::listing);
  shown.input = masked(shown.input, Care::listing);
  shown.field_path = masked(shown.field_path, Care::listing);
  return ClearedFinding(std::move(shown));
}

bool Gate::ended(const Record& record, const Record* source_line) const {
  Handling own, floor;
  if (read_handling(record, own) || (source_line && read_handling(*source_line, floor))) return true;
  Handling both = tightened(floor, own);
  both.clock = normalise::youth_clock(record);
  return state_->ended(both);
}

ClearedText Gate::show(std::string_view raw) const { return ClearedText(state_->release ? tr("[withheld]") : masked(raw, Care::listing)); }

}  // namespace casebridge::handle

#include "resolve/nightly.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "emit/sink.hpp"
#include "link/model_file.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kChange[] = {TR_NOOP("created"), TR_NOOP("joined"), TR_NOOP("merged"), TR_NOOP("split"), TR_NOOP("retired")};
constexpr std::string_view kCause[] = {TR_NOOP("records of this run"), TR_NOOP("a decision"), TR_NOOP("records withdrawn"),
                                       TR_NOOP("a new model")};
constexpr std::string_view kCauseWord[] = {"RECORDS", "DECISION", "WITHDRAWAL", "REFIT"};

bool row_less(const std::string& a, const std::string& b) { return a < b; }

std::string number(uint64_t n) { return std::to_string(n); }

}  // namespace

Nightly::Nightly(std::string dir, std::string run_date) : dir_(std::move(dir)), run_date_(std::move(run_date)) {
  if (!fs::exists(fs::path(dir_) / "records.bin")) return;
  state_ = std::make_unique<link::LinkState>(link::LinkState::load(dir_));
  load_members();
}
Nightly::~Nightly() = default;

bool Nightly::fresh() const { return !state_; }
const link::LinkState& Nightly::state() const { return *state_; }
link::LinkState& Nightly::state() { return *state_; }

// One line a record: agency, system, id, end of access; parted by U+001F, which no field holds.
void Nightly::load_members() {
  std::ifstream in(fs::path(dir_) / "members.txt", std::ios::binary);
  if (!in) throw std::runtime_error(dir_ + ": members.txt is missing");
  for (std::string line; std::getline(in, line);) {
    Member m;
    std::string* parts[] = {&m.agency, &m.system, &m.id, &m.ends};
    size_t part = 0;
    for (const char c : line) {
      if (c == '\x1f') ++part;
      else if (part < 4) *parts[part] += c;
    }
    if (part != 3) throw std::runtime_error(dir_ + ": members.txt is broken");
    members_.push_back(std::move(m));
  }
}

void Nightly::save() const {
  state_->save(dir_);
  emit::FileSink sink((fs::path(dir_) / "members.txt").string());
  for (const Member& m : members_) {
    std::string line = m.agency + '\x1f' + m.system + '\x1f' + m.id + '\x1f' + m.ends;
    std::replace(line.begin(), line.end(), '\n', ' ');
    sink.write(line + '\n');
  }
  sink.commit();
}

void Nightly::apply(const Items& items, const Settings& settings, bool refit) {
  std::vector<uint32_t> persons;
  std::vector<link::RecordName> withdrawn;
  std::map<uint64_t, Member> members;
  for (Member& m : members_) {
    const link::RecordName name{m.agency, m.system, m.id};
    if (handle::date_passed(m.ends, run_date_)) {
      withdrawn.push_back(name);
      ++ended_;
    } else {
      members.emplace(name.key(), std::move(m));
    }
  }
  for (const uint32_t i : items.of(Kind::person)) {
    const Item& item = items.at(i);
    const Origin& o = items.origin(item);
    const link::RecordName name{o.agency, o.system, std::string(items.local_id(item))};
    if (item.apart != Apart::none) {
      if (members.erase(name.key())) withdrawn.push_back(name);
      continue;
    }
    persons.push_back(i);
    const handle::Handling& h = items.handling(item);
    members[name.key()] = {name.agency, name.system, name.local_id, std::string(handle::earlier(h.access_ends, h.destroy_by))};
  }
  members_.clear();
  for (auto& [key, m] : members) members_.push_back(std::move(m));
  std::vector<link::Decision> decisions = link::read_decisions(settings.decisions_csv);
  const PersonInput input(items, persons);
  if (!state_) {
    link::PersonTable table = link::build_table(input, settings.threads);
    mark_deduplicated(table, settings.deduplicated);
    link::LinkOptions options;
    options.threads = settings.threads;
    options.memory_limit = settings.memory_limit;
    options.on_plan = settings.on_plan;
    const link::AppliedDecisions applied = link::apply_decisions(table, decisions);
    options.constraints = applied.constraints;
    link::Model given;
    if (!settings.model_json.empty()) {
      given = link::read_model(settings.model_json);
      options.model = &given;
    }
    link::LinkResult result = link::link_table(table, options);
    report_.added = table.size();
    report_.compared = result.compared;
    report_.applied_one = applied.one, report_.applied_never = applied.never;
    state_ = std::make_unique<link::LinkState>(
        link::LinkState::start(std::move(table), std::move(result), std::move(decisions), settings.threads));
    std::map<uint64_t, uint32_t> size;
    for (uint32_t row = 0; row < state_->table().size(); ++row) ++size[state_->entity(row)];
    for (const auto& [entity, n] : size) report_.changes.push_back({link::ChangeKind::created, link::Cause::records, entity, 0, n});
    return;
  }
  state_->one_record_a_person(settings.deduplicated);
  report_ = state_->apply(&input, withdrawn, decisions, settings.threads);
  if (!refit) return;
  const link::NightReport moved = state_->refit(std::move(decisions), settings.threads, settings.on_plan);
  report_.changes.insert(report_.changes.end(), moved.changes.begin(), moved.changes.end());
  refitted_ = true;
}

uint64_t Nightly::records() const {
  uint64_t n = 0;
  for (uint32_t row = 0; row < state_->table().size(); ++row) n += state_->alive(row);
  return n;
}

std::string Nightly::changes_csv() const {
  std::string out = "change,entity,other,records,cause\n";
  for (const link::EntityChange& c : report_.changes) {
    std::string kind(kChange[static_cast<size_t>(c.kind)]);
    for (char& ch : kind) ch = static_cast<char>(ch - 32);
    out += kind + ',' + entity_text(c.entity) + ',' + (c.other ? entity_text(c.other) : "") + ',' + number(c.records) + ',' +
           std::string(kCauseWord[static_cast<size_t>(c.cause)]) + '\n';
  }
  return out;
}

std::string Nightly::report_json() const {
  std::array<uint64_t, 5> n{};
  for (const link::EntityChange& c : report_.changes) ++n[static_cast<size_t>(c.kind)];
  std::string out = "{\"records\":" + number(records()) + ",\"added\":" + number(report_.added) +
                    ",\"changed\":" + number(report_.changed) + ",\"withdrawn\":" + number(report_.withdrawn) +
                    ",\"accessEnded\":" + number(ended_) + ",\"pairsCompared\":" + number(report_.compared) +
                    ",\"refit\":" + (refitted_ ? "true" : "false");
  for (size_t k = 0; k < 5; ++k) out += ",\"" + std::string(kChange[k]) + "\":" + number(n[k]);
  return out + ",\"decisions\":{\"one\":" + number(report_.applied_one) + ",\"never\":" + number(report_.applied_never) + "}}\n";
}

std::string Nightly::report_text() const {
  const auto words = [](const char* english, std::vector<std::string> args) { return fill(tr(english), args) + '\n'; };
  std::string out = words("{0} records in the state: {1} added, {2} changed, {3} withdrawn ({4} because access ended).",
                          {number(records()), number(report_.added), number(report_.changed), number(report_.withdrawn), number(ended_)});
  std::map<std::pair<size_t, size_t>, uint64_t> n;
  for (const link::EntityChange& c : report_.changes) ++n[{static_cast<size_t>(c.kind), static_cast<size_t>(c.cause)}];
  for (const auto& [what, count] : n)
    out += "  " + words("{0} entities {1}, by {2}", {number(count), tr(kChange[what.first]), tr(kCause[what.second])});
  if (n.empty()) out += "  " + words("no entity changed", {});
  return out;
}

void Nightly::write_clusters(const std::function<void(std::string_view)>& out) const {
  // By source and number, so that the file does not depend on the nights.
  std::vector<std::string> rows;
  const link::PersonTable& t = state_->table();
  for (uint32_t row = 0; row < t.size(); ++row) {
    if (!state_->alive(row)) continue;
    std::string line;
    emit::append_csv_cell(line, t.local_id(row));
    rows.push_back(line + ',' + entity_text(state_->entity(row)) + '\n');
  }
  std::sort(rows.begin(), rows.end(), row_less);
  std::string text = "record_id,entity_id\n";
  for (const std::string& row : rows) {
    text += row;
    if (text.size() > 1 << 20) out(text), text.clear();
  }
  out(text);
}

}  // namespace casebridge::resolve

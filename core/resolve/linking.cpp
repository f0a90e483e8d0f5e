#include "resolve/linking.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "link/hash.hpp"
#include "link/model_file.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {

std::string entity_text(uint64_t entity) {
  std::string out = "E";
  for (int i = 0; i < 16; ++i, entity <<= 4) out += "0123456789abcdef"[entity >> 60];
  return out;
}

uint64_t entity_alone(const Items& items, const Item& item) {
  const Origin& o = items.origin(item);
  return link::mix(link::RecordName{o.agency, o.system, std::string(items.local_id(item))}.key(), 0xE);
}

void mark_deduplicated(link::PersonTable& table, const std::vector<std::string>& sources) {
  for (link::Source& s : table.sources)
    for (const std::string& named : sources) s.deduplicated |= named == s.agency || named == s.agency + "/" + s.system;
}

Linking::Linking(const Items& items, Settings settings) : items_(items), settings_(std::move(settings)) {
  decisions_ = link::read_decisions(settings_.decisions_csv);
}

uint32_t Linking::row_of(uint32_t item) const { return item < row_at_.size() ? row_at_[item] - 1 : ~0u; }

uint64_t Linking::entity_of(uint32_t item) const {
  const uint32_t row = row_of(item);
  return row == ~0u ? entity_alone(items_, items_.at(item)) : link::mix(table_.persons[result_.clusters.of[row]].key, 0xE);
}

void Linking::run() {
  row_at_.assign(items_.all().size(), 0);
  for (const uint32_t i : items_.of(Kind::person)) {
    ++apart_[static_cast<size_t>(items_.at(i).apart)];
    if (items_.at(i).apart != Apart::none || !settings_.persons) continue;
    persons_.push_back(i);
    row_at_[i] = static_cast<uint32_t>(persons_.size());
  }
  link_persons();
  link_things();
  share();
}

void Linking::link_persons() {
  table_ = link::build_table(PersonInput(items_, persons_), settings_.threads);
  mark_deduplicated(table_, settings_.deduplicated);
  link::LinkOptions options;
  options.threads = settings_.threads;
  options.memory_limit = settings_.memory_limit > items_.bytes() ? settings_.memory_limit - items_.bytes() : settings_.memory_limit ? 1 : 0;
  options.on_plan = [&](const link::LinkPlan& plan) {
    if (!settings_.on_plan) return;
    link::LinkPlan whole = plan;
    whole.memory_bytes += items_.bytes();
    settings_.on_plan(whole);
  };
  options.on_phase = settings_.on_phase;
  applied_ = link::apply_decisions(table_, decisions_);
  options.constraints = applied_.constraints;
  std::vector<uint64_t> labels;
  if (settings_.label_of) {
    for (uint32_t row = 0; row < table_.size(); ++row) labels.push_back(settings_.label_of(table_.local_id(row)));
    options.labels = &labels;
  }
  link::Model given;
  if (!settings_.model_json.empty()) {
    given = link::read_model(settings_.model_json);
    options.model = &given;
  }
  result_ = link::link_table(table_, options);
  model_json_ = settings_.model_json.empty() ? link::write_model(result_.model) : settings_.model_json;
  Sha256 hash;
  hash.add(model_json_);
  model_version_ = std::to_string(link::Model::version) + "-" + hash.hex().substr(0, 16);
  std::unordered_map<uint32_t, size_t> group_of;
  std::vector<uint32_t> size(table_.persons.size(), 0);
  for (const uint32_t leader : result_.clusters.of) ++size[leader];
  for (uint32_t row = 0; row < table_.size(); ++row) {
    const uint32_t leader = result_.clusters.of[row];
    if (size[leader] < 2) continue;
    const auto [at, fresh] = group_of.try_emplace(leader, groups_.size());
    if (fresh) {
      groups_.emplace_back();
      groups_.back().entity = link::mix(table_.persons[leader].key, 0xE);
    }
    groups_[at->second].members.push_back(persons_[row]);
  }
  for (const link::CommonValue& c : result_.common) {
    static constexpr std::string_view what[] = {"birthDate", "phone", "number", "address"};
    ignored_.push_back({std::string(what[static_cast<size_t>(c.kind)]), c.records, c.names, persons_[c.row]});
  }
}

void Linking::link_things() {
  if (settings_.shares)
    for (Group& g : group_things(items_)) groups_.push_back(std::move(g));
  const auto name_of_item = [&](uint32_t i) {
    const Origin& o = items_.origin(items_.at(i));
    return std::tuple(std::string_view(o.agency), std::string_view(o.system), items_.local_id(items_.at(i)), items_.at(i).id);
  };
  for (Group& g : groups_)
    std::sort(g.members.begin(), g.members.end(), [&](uint32_t a, uint32_t b) { return name_of_item(a) < name_of_item(b); });
  std::sort(groups_.begin(), groups_.end(), [&](const Group& a, const Group& b) {
    return a.kind != b.kind ? a.kind < b.kind : items_.at(a.members[0]).id < items_.at(b.members[0]).id;
  });
}

void Linking::share() {
  if (!settings_.shares) return;
  find_shared(
      items_, groups_, [&](uint32_t item) { return items_.at(item).kind == Kind::person ? entity_of(item) : 0; }, shared_, ignored_);
}

}  // namespace casebridge::resolve

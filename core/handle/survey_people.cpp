// What the survey knows of people: who is protected by an order (H11), by a publication ban (H8), by s. 7 of the Missing
// Persons Act (H15), by having taken back their consent (H23), and who is a victim (H9).
#include <algorithm>

#include "casebridge/model.h"
#include "handle/offences.hpp"
#include "handle/survey.hpp"

namespace casebridge::handle {
namespace {

std::string_view text(const Record& record, model::Tag field) {
  const Value* value = record.find(field);
  return value ? value->text : std::string_view();
}

template <class Each>
void each_ref(const Record& record, Each&& each) {
  Uuid id;
  for (const auto* values : {&record.values, &record.block_values})
    for (const Value& v : *values)
      if (model::node(v.field).type == model::ValueType::ref && parse_id(v.text, id)) each(v.field, id);
}

bool tells_where(const Record& r) {
  switch (r.type->tag) {
    case tag::Custody:
    case tag::Trip:
    case tag::Referral:
    case tag::Transaction: return true;
    case tag::Link: {
      const std::string_view type = text(r, tag::Link_type);
      return type == "LOCATED_AT" || type == "RESIDES_AT" || type == "CO_CUSTODY" || type == "MEMBER_OF" || type == "WORKS_FOR" ||
             type == "DEPICTED_IN";
    }
    default: return false;
  }
}

}  // namespace

void Survey::audience(const RecipientPolicy& policy) {
  publisher_ = policy.publisher;
  offenders_ = policy.offenders;
  bans_lifted_ = policy.bans_lifted;
}

void Survey::watch_people(const Record& record) {
  Uuid from, to;
  if (tells_where(record)) {
    Names names{record.id, {}};
    each_ref(record, [&](model::Tag, const Uuid& id) { names.persons.push_back(id); });
    whereabouts_.push_back(std::move(names));
  }
  // A court may have lifted the ban in its file; what else shows the same person as a victim keeps it.
  const std::string_view file = text(record, tag::Charge_courtFile);
  const bool lifted = !file.empty() && std::find(bans_lifted_.begin(), bans_lifted_.end(), file) != bans_lifted_.end();
  const auto victim = [&](const Uuid& person) {
    victims_.insert(person);
    if (!lifted) banned_.insert(person);
    victim_in_[person].push_back(record.id);
  };
  if (own_service(record)) own_service_.insert(record.id);
  switch (record.type->tag) {
    case tag::Episode:
      each_ref(record, [&](model::Tag field, const Uuid& id) {
        if (field == tag::Episode_victim) victim(id);
      });
      break;
    case tag::Charge: {
      each_ref(record, [&](model::Tag field, const Uuid& id) {
        if (field == tag::Charge_accused) {
          accused_.emplace_back(record.id, id);
          if (text(record, tag::Charge_youth) != "false") young_.insert(id);
        } else if (field == tag::Charge_victim) {
          victim(id);
        }
      });
      break;
    }
    case tag::Occurrence:
      if (text(record, tag::Occurrence_missing_outcome) == "LOCATED_NO_DISCLOSE") missing_.insert(record.id);
      break;
    case tag::Advertisement: ads_.insert(record.id); break;
    case tag::Link: {
      if (!parse_id(text(record, tag::Link_from), from) || !parse_id(text(record, tag::Link_to), to)) break;
      const std::string_view role = text(record, tag::Link_role), type = text(record, tag::Link_type);
      if (type == "FAMILY" || role == "PARENT_GUARDIAN") relations_.emplace_back(from, to);
      if (type == "DEPICTED_IN" || type == "USES" || type == "OWNS") shown_.emplace_back(from, to);
      if (role == "MISSING_PERSON") sought_.emplace_back(from, to);
      if (victim_role(role)) victim(from);
      if (victim_role(role) || role == "WITNESS" || offender_role(role)) roles_.push_back({record.id, from, to, offender_role(role)});
      break;
    }
    default: break;
  }
}

void Survey::spread(Ids& persons) const {
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& members : clusters_) {
      if (std::none_of(members.begin(), members.end(), [&](const Uuid& id) { return persons.contains(id); })) continue;
      for (const Uuid& id : members) grew = persons.insert(id).second || grew;
    }
  }
}

void Survey::hide(const Ids& persons, Ids hidden, Rule rule) {
  for (const auto& [from, to] : links_) {
    if (persons.contains(from) && values_of_.contains(to)) hidden.insert(to);
    if (persons.contains(to) && values_of_.contains(from)) hidden.insert(from);
  }
  std::vector<Uuid> queue(hidden.begin(), hidden.end());
  while (!queue.empty()) {
    const Uuid id = queue.back();
    queue.pop_back();
    const auto values = values_of_.find(id);
    if (values == values_of_.end()) continue;
    for (const std::string& key : values->second)
      for (const Uuid& same : same_value_[key])
        if (hidden.insert(same).second) queue.push_back(same);
  }
  for (const Uuid& id : hidden)
    if (const auto at = index_.find(id); at != index_.end()) withhold(entries_[at->second], rule);
}

// The numbers and addresses of protected persons, under whatever record and source they stand (H11); the same for safe
// locations that one source marks and another does not (H10).
void Survey::hide_protected() {
  spread(protected_);
  for (const auto& [id, at] : index_)
    if (entries_[at].withheld && entries_[at].rule == Rule::safe_location && values_of_.contains(id)) hidden_.insert(id);
  hide(protected_, hidden_, Rule::protected_person);
}

// H15: of a located person who does not want contact only that they were located. The Occurrence is trimmed to that
// (release.cpp); here goes what would tell where they are.
void Survey::hide_unwilling() {
  if (missing_.empty()) return;
  for (const auto& [person, occurrence] : sought_)
    if (missing_.contains(occurrence)) unwilling_.insert(person);
  spread(unwilling_);
  hide(unwilling_, {}, Rule::unwilling);
  for (const Names& names : whereabouts_) {
    if (std::none_of(names.persons.begin(), names.persons.end(),
                     [&](const Uuid& id) { return unwilling_.contains(id) || missing_.contains(id); }))
      continue;
    if (const auto at = index_.find(names.record); at != index_.end()) withhold(entries_[at->second], Rule::unwilling);
  }
}

// H8: for a recipient that publishes, nobody whom a ban protects, nor their family, numbers or addresses.
void Survey::hide_banned() {
  if (!publisher_) return;
  Ids banned = banned_;
  banned.insert(young_.begin(), young_.end());
  banned.insert(protected_.begin(), protected_.end());
  const auto ban = [&](const Uuid& id) {
    const auto at = index_.find(id);
    return at != index_.end() && entries_[at->second].withheld &&
           (entries_[at->second].rule == Rule::publication_ban || entries_[at->second].rule == Rule::youth);
  };
  for (const auto& [id, at] : index_)
    if (ban(id)) banned.insert(id);
  for (const Role& role : roles_)
    if (!role.offender) banned.insert(role.person);  // victims and witnesses, as a Link says
  spread(banned);
  const Ids persons = banned;
  for (const auto& [one, other] : relations_) {
    if (persons.contains(one)) banned.insert(other);
    if (persons.contains(other)) banned.insert(one);
  }
  spread(banned);
  hide(banned, banned, Rule::publication_ban);
}

// H9, s. 286.5: a view of offenders does not show what a victim did with their own services.
void Survey::hide_own_service() {
  if (!offenders_) return;
  Ids victims = victims_;
  spread(victims);
  const auto stays = [&](const Uuid& id) {
    if (const auto at = index_.find(id); at != index_.end()) withhold(entries_[at->second], Rule::victim);
  };
  for (const auto& [charge, person] : accused_)
    if (victims.contains(person) && own_service_.contains(charge)) stays(charge);
  for (const Role& role : roles_)
    if (role.offender && victims.contains(role.person) && own_service_.contains(role.in)) stays(role.link);
  for (const auto& [person, advertisement] : shown_)
    if (victims.contains(person) && ads_.contains(advertisement)) stays(advertisement);
}

// H9: shown as a victim somewhere in the data, and by nothing that leaves.
bool Survey::role_without_the_other(const Uuid& person) const {
  const auto at = victim_in_.find(person);
  return at != victim_in_.end() && std::none_of(at->second.begin(), at->second.end(), [&](const Uuid& id) { return alive(id); });
}

// H23: numbers and addresses that belonged to nobody but persons who took back their consent.
bool Survey::hide_left_alone() {
  std::unordered_map<Uuid, bool, UuidHash> of_others;
  const auto rule_of = [&](const Uuid& id) {
    const auto at = index_.find(id);
    return at != index_.end() && entries_[at->second].withheld ? entries_[at->second].rule : Rule::count_;
  };
  for (const auto& [from, to] : links_)
    for (const auto& [owner, value] : {std::pair(from, to), std::pair(to, from)})
      if (values_of_.contains(value)) {
        bool& others = of_others[value];
        others = others || rule_of(owner) != Rule::consent;
      }
  bool changed = false;
  for (const auto& [id, others] : of_others)
    if (!others && alive(id)) withhold(entries_[index_.at(id)], Rule::consent), changed = true;
  return changed;
}

}  // namespace casebridge::handle

#include "handle/survey.hpp"

#include <algorithm>
#include <stdexcept>

namespace casebridge::handle {
namespace {

struct Tags {
  model::Tag protected_, condition_location, link_from, link_to, kind, value, key, full, street, number, city, lat, lon, members,
      location_kind;
  const model::Node *selector, *location, *link, *cluster, *order;
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
      : protected_(tag("Order", "protected")),
        condition_location(tag("Order", "conditions/location")),
        link_from(tag("Link", "from")),
        link_to(tag("Link", "to")),
        kind(tag("Selector", "kind")),
        value(tag("Selector", "value")),
        key(tag("Location", "normalizedKey")),
        full(tag("Location", "civic/full")),
        street(tag("Location", "civic/street")),
        number(tag("Location", "civic/number")),
        city(tag("Location", "civic/city")),
        lat(tag("Location", "geo/lat")),
        lon(tag("Location", "geo/lon")),
        members(tag("Cluster", "members")),
        location_kind(tag("Location", "kind")),
        selector(model::record_type("Selector")),
        location(model::record_type("Location")),
        link(model::record_type("Link")),
        cluster(model::record_type("Cluster")),
        order(model::record_type("Order")) {}
};

std::string_view text(const Record& record, model::Tag field) {
  const Value* value = record.find(field);
  return value ? value->text : std::string_view();
}

}  // namespace

bool parse_id(std::string_view text, Uuid& id) {
  size_t nibble = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const int v = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (v < 0 || nibble >= 32) return false;
    id.bytes[nibble / 2] = static_cast<uint8_t>(nibble % 2 == 0 ? v << 4 : id.bytes[nibble / 2] | v);
    ++nibble;
  }
  return nibble == 32;
}

void Survey::need(std::vector<Uuid>&& ids) {
  groups_.push_back({static_cast<uint32_t>(needed_.size()), static_cast<uint32_t>(ids.size())});
  needed_.insert(needed_.end(), ids.begin(), ids.end());
}

void Survey::note(const Record& record, const Record* left, Rule rule) {
  const Tags& tags = Tags::get();
  watch(record);
  watch_people(record);
  const auto [at, fresh] = index_.try_emplace(record.id, static_cast<uint32_t>(entries_.size()));
  if (fresh) entries_.push_back({record.source, false, {}, static_cast<uint32_t>(groups_.size()), 0});
  Entry& entry = entries_[at->second];
  // A second version of a record shares its fate: the stricter of the two decides.
  if (!left) return withhold(entry, rule);
  const auto first = static_cast<uint32_t>(groups_.size());
  std::vector<Uuid> ids;
  Uuid id;
  for (size_t i = 0; i < record.values.size();) {
    const model::Node& node = model::node(record.values[i].field);
    ids.clear();
    size_t j = i;
    for (; j < record.values.size() && record.values[j].field == node.tag; ++j)
      if (node.type == model::ValueType::ref && node.required && parse_id(record.values[j].text, id)) ids.push_back(id);
    const model::Node* up = model::find_node(node.parent);
    const bool own = !up || up->kind == model::NodeKind::record || up->required;
    if (!ids.empty() && own) need(std::move(ids));
    i = j;
  }
  if (record.type == tags.cluster) {  // a hidden member must not be betrayed: one withheld, all withheld
    for (const Block& block : record.blocks)
      for (const Value& v : record.block_of(block))
        if (block.tag == tags.members && model::node(v.field).type == model::ValueType::ref && parse_id(v.text, id)) need({id});
  } else {
    for (size_t b = 0; b < record.blocks.size();) {  // a required block of which every item needs a record
      const model::Tag tag = record.blocks[b].tag;
      ids.clear();
      for (; b < record.blocks.size() && record.blocks[b].tag == tag; ++b)
        for (const Value& v : record.block_of(record.blocks[b]))
          if (model::node(tag).required && model::node(v.field).type == model::ValueType::ref && model::node(v.field).required &&
              parse_id(v.text, id))
            ids.push_back(id);
      if (!ids.empty()) need(std::move(ids));
    }
  }
  const auto made = static_cast<uint32_t>(groups_.size()) - first;
  if (entry.groups == 0) entry.first_group = first, entry.groups = made;
  else if (made > 0) {  // groups of several versions stand together
    std::vector<Group> all(groups_.begin() + entry.first_group, groups_.begin() + entry.first_group + entry.groups);
    entry.first_group = static_cast<uint32_t>(groups_.size());
    groups_.insert(groups_.end(), all.begin(), all.end());
    const std::vector<Group> fresh_groups(groups_.begin() + first, groups_.begin() + first + made);
    groups_.insert(groups_.end(), fresh_groups.begin(), fresh_groups.end());
    entry.groups += made;
  }
}

void Survey::watch(const Record& record) {
  const Tags& tags = Tags::get();
  Uuid id, other;
  if (record.type == tags.order) {
    for (const Value& v : record.values)
      if (v.field == tags.protected_ && parse_id(v.text, id)) protected_.insert(id);
    if (record.find(tags.protected_))
      for (const Value& v : record.block_values)
        if (v.field == tags.condition_location && parse_id(v.text, id)) hidden_.insert(id);
  } else if (record.type == tags.link) {
    if (parse_id(text(record, tags.link_from), id) && parse_id(text(record, tags.link_to), other)) links_.emplace_back(id, other);
  } else if (record.type == tags.cluster) {
    std::vector<Uuid> members;
    for (const Block& block : record.blocks)
      for (const Value& v : record.block_of(block))
        if (block.tag == tags.members && model::node(v.field).type == model::ValueType::ref && parse_id(v.text, id)) members.push_back(id);
    clusters_.push_back(std::move(members));
  } else if (record.type == tags.selector || record.type == tags.location) {
    std::vector<std::string> keys;
    const auto key = [&](std::string_view what, std::initializer_list<std::string_view> parts) {
      std::string made(what);
      for (const std::string_view part : parts) {
        if (part.empty()) return;
        made.append(1, '\x1F').append(part);
      }
      keys.push_back(std::move(made));
    };
    if (record.type == tags.selector) key("s", {text(record, tags.value)});
    else {
      key("k", {text(record, tags.key)});
      key("f", {text(record, tags.full)});
      key("a", {text(record, tags.number), text(record, tags.street), text(record, tags.city)});
      key("g", {text(record, tags.lat), text(record, tags.lon)});
      if (text(record, tags.location_kind) == "SAFE_LOCATION") hidden_.insert(record.id);
    }
    for (const std::string& k : keys) same_value_[k].push_back(record.id);
    values_of_[record.id] = std::move(keys);
  }
}

void Survey::settle(Ledger& ledger) {
  hide_protected();
  hide_unwilling();
  hide_banned();
  hide_own_service();
  bool changed = true;
  while (changed) {
    changed = false;
    for (Entry& entry : entries_) {
      if (entry.withheld) continue;
      for (uint32_t g = entry.first_group; g < entry.first_group + entry.groups && !entry.withheld; ++g) {
        const Group& group = groups_[g];
        const bool left = std::any_of(needed_.begin() + group.first, needed_.begin() + group.first + group.count,
                                      [&](const Uuid& id) { return alive(id); });
        if (!left) withhold(entry, Rule::reference), changed = true;
      }
    }
    // H9: nobody is shown as an offender by a data set that keeps back that they are a victim.
    for (const Role& role : roles_)
      if (role.offender && alive(role.link) && role_without_the_other(role.person))
        withhold(entries_[index_.at(role.link)], Rule::victim), changed = true;
    if (!changed) changed = hide_left_alone();
  }
  for (const Entry& entry : entries_) {
    if (entry.withheld) ledger.add(entry.rule);
    else used_.insert(entry.source);
  }
}

std::vector<Uuid> Survey::withheld_by(Rule rule) const {
  std::vector<Uuid> out;
  for (const auto& [id, at] : index_)
    if (entries_[at].withheld && entries_[at].rule == rule) out.push_back(id);
  return out;
}

bool Survey::alive(const Uuid& id) const {
  const auto at = index_.find(id);
  return at != index_.end() && !entries_[at->second].withheld;
}

}  // namespace casebridge::handle

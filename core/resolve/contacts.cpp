// Who shares a number, an account, a device, a vehicle or a place. Sharing is contact, nothing more: numbers and cars are
// often shared because one person controls another, and nothing here says which way.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "casebridge/model.h"
#include "resolve/linking.hpp"

namespace casebridge::resolve {
namespace {

constexpr size_t kPairs = 12;  // up to so many holders each two of them are linked
constexpr size_t kStar = 100;  // up to so many each is linked to the hub; beyond it the value says nothing
constexpr size_t kBasis = 20;  // records named as the basis of one link

struct Hold {
  uint64_t entity;
  uint32_t holder, hub, basis;
};

bool usable(const Item& i) { return i.apart == Apart::none && !i.doubtful; }

// What is not worth a link, or must not have one.
bool is_hub(const Items& items, const Item& hub) {
  static const uint64_t safe = handle::caveats({"SAFE_LOCATION", "WITNESS_PROTECTION", "INFORMER"});
  if (items.handling(hub).caveats & safe) return false;
  if (hub.kind == Kind::location) {  // a house, not a town; and never a shelter
    if (items.value(hub, tag::Location_kind) == "SAFE_LOCATION") return false;
    return !items.value(hub, tag::Location_normalizedKey).empty();
  }
  if (hub.kind == Kind::selector) return items.value(hub, tag::Selector_kind) != "URL";
  return true;
}

struct When {
  std::string from, to;
  void take(const Items& items, uint32_t basis) {
    const Item& i = items.at(basis);
    const auto first = [&](std::string_view t) {
      if (!t.empty() && (from.empty() || t < from)) from = t;
    };
    const auto last = [&](std::string_view t) {
      if (!t.empty() && t > to) to = t;
    };
    switch (i.kind) {
      case Kind::link: first(items.value(i, tag::Link_during_start)), last(items.value(i, tag::Link_during_end)); break;
      case Kind::custody:
        first(items.value(i, tag::Custody_at_start)), last(items.value(i, tag::Custody_at_start)),
            last(items.value(i, tag::Custody_at_end));
        break;
      case Kind::advertisement: {
        const std::string_view posted = items.value(i, tag::Advertisement_postedAt), seen = items.value(i, tag::Advertisement_captured);
        first(posted.empty() ? seen : posted), last(seen);
        break;
      }
      default: break;
    }
  }
};

}  // namespace

void find_shared(const Items& items, const std::vector<Group>& groups, const std::function<uint64_t(uint32_t)>& same,
                 std::vector<Shared>& shared, std::vector<Ignored>& ignored) {
  std::unordered_map<uint32_t, uint32_t> first;  // item -> the first record of its entity
  std::unordered_map<uint32_t, uint64_t> entity;
  for (const Group& g : groups)
    for (const uint32_t m : g.members) first[m] = g.members[0], entity[m] = g.entity;
  const auto entity_of = [&](uint32_t i) {
    if (items.at(i).kind == Kind::person) return same(i);
    const auto at = entity.find(i);
    return at != entity.end() ? at->second : entity_alone(items, items.at(i));
  };
  std::map<uint32_t, std::vector<Hold>> hubs;
  for (const Contact& c : items.contacts()) {
    if (!usable(items.at(c.holder)) || !usable(items.at(c.hub)) || !usable(items.at(c.basis)) || !is_hub(items, items.at(c.hub))) continue;
    const auto at = first.find(c.hub);
    hubs[at == first.end() ? c.hub : at->second].push_back({entity_of(c.holder), c.holder, c.hub, c.basis});
  }
  for (auto& [hub, all] : hubs) {
    if (all.size() < 2) continue;
    std::map<uint64_t, std::vector<Hold>> by_entity;
    for (const Hold& h : all) by_entity[h.entity].push_back(h);
    if (by_entity.size() < 2) continue;
    if (by_entity.size() > kStar) {
      std::string what(name_of(items.at(hub).kind));
      what[0] = static_cast<char>(what[0] + 32);
      ignored.push_back({what, all.size(), by_entity.size(), hub});
      continue;
    }
    const uint32_t size = static_cast<uint32_t>(by_entity.size());
    const auto id_of = [&](uint32_t i) { return items.at(i).id; };
    struct End {
      uint32_t item;
      const std::vector<Hold>* holds;
    };
    std::vector<End> ends;
    for (const auto& [e, holds] : by_entity) {
      uint32_t smallest = holds[0].holder;
      for (const Hold& h : holds)
        if (id_of(h.holder) < id_of(smallest)) smallest = h.holder;
      ends.push_back({smallest, &holds});
    }
    std::sort(ends.begin(), ends.end(), [&](const End& a, const End& b) { return id_of(a.item) < id_of(b.item); });
    const auto make = [&](const End& a, const End* b) {
      Shared s;
      s.a = a.item, s.b = b ? b->item : hub, s.hub = hub, s.size = size;
      When when;
      std::set<std::pair<Uuid, uint32_t>> basis;
      for (const End* end : {&a, b})
        if (end)
          for (const Hold& h : *end->holds) {
            basis.emplace(id_of(h.basis), h.basis);
            when.take(items, h.basis);
          }
      for (const auto& [id, item] : basis)
        if (s.basis.size() < kBasis) s.basis.push_back(item);
      s.from = when.from, s.to = when.to;
      if (!s.from.empty() && !s.to.empty() && s.to < s.from) s.to.clear();
      shared.push_back(std::move(s));
    };
    if (ends.size() <= kPairs) {
      for (size_t i = 0; i < ends.size(); ++i)
        for (size_t k = i + 1; k < ends.size(); ++k) make(ends[i], &ends[k]);
    } else {
      for (const End& end : ends) make(end, nullptr);
    }
  }
  const auto order = [&](const Shared& a, const Shared& b) {
    return std::tuple(items.at(a.a).id, items.at(a.b).id, items.at(a.hub).id) <
           std::tuple(items.at(b.a).id, items.at(b.b).id, items.at(b.hub).id);
  };
  std::sort(shared.begin(), shared.end(), order);
}

}  // namespace casebridge::resolve

#include "store/diff.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"

namespace casebridge::store {
namespace {

using Members = std::map<std::string, std::set<std::string>>;  // entity -> records

Members entities(Store& store, int64_t at) {
  Members out;
  Query q(store.db(),
          "SELECT m.\"id\", m.\"ref\" FROM \"Cluster_members\" m JOIN \"Record\" r ON r.\"id\"=m.\"id\" AND r.\"version\"=m.\"version\" "
          "WHERE r.\"run\" <= ?1 AND (r.\"untilRun\" IS NULL OR r.\"untilRun\" > ?1)");
  q.number(at);
  while (q.step()) out[std::string(q.as_text(0))].emplace(q.as_text(1));
  return out;
}

std::map<std::string, std::string> owners(const Members& of) {
  std::map<std::string, std::string> out;
  for (const auto& [entity, members] : of)
    for (const std::string& member : members) out[member] = entity;
  return out;
}

}  // namespace

std::vector<Change> diff(Store& store, int64_t since, std::vector<GoneCount>& gone) {
  std::vector<Change> out;
  const int64_t now = store.last_run();
  gone = store.gone(since, since);
  Query q(store.db(),
          "SELECT r.\"recordType\", r.\"id\", r.\"run\", k.\"kind\", k.\"cause\", f.\"name\", (SELECT min(b.\"run\") FROM \"Record\" b "
          "WHERE b.\"id\"=r.\"id\") > ?1 FROM \"Record\" r JOIN \"Run\" k ON k.\"run\"=r.\"run\" "
          "JOIN \"SourceFile\" f ON f.\"source\"=r.\"source\" WHERE r.\"run\" > ?1 AND r.\"untilRun\" IS NULL AND r.\"recordType\" <> "
          "'Cluster'");
  q.number(since);
  while (q.step())
    out.push_back({q.as_number(6) ? TR_NOOP("added") : TR_NOOP("changed"),
                   std::string(q.as_text(0)),
                   std::string(q.as_text(1)),
                   q.as_number(2),
                   std::string(q.as_text(3)),
                   std::string(q.as_text(4)),
                   std::string(q.as_text(5)),
                   {}});
  Query over(store.db(),
             "SELECT r.\"recordType\", r.\"id\", r.\"untilRun\", k.\"kind\", k.\"cause\" FROM \"Record\" r JOIN \"Run\" k ON "
             "k.\"run\"=r.\"untilRun\" WHERE r.\"untilRun\" > ?1 AND r.\"run\" <= ?1 AND r.\"recordType\" <> 'Cluster' "
             "AND NOT EXISTS (SELECT 1 FROM \"Record\" n WHERE n.\"id\"=r.\"id\" AND n.\"untilRun\" IS NULL)");
  over.number(since);
  while (over.step())
    out.push_back({TR_NOOP("ended"),
                   std::string(over.as_text(0)),
                   std::string(over.as_text(1)),
                   over.as_number(2),
                   std::string(over.as_text(3)),
                   std::string(over.as_text(4)),
                   {},
                   {}});

  const Members before = entities(store, since), after = entities(store, now);
  const auto was = owners(before), is = owners(after);
  // The run of the change: the one that made the version that holds, or ended the last one.
  Query cause(store.db(),
              "SELECT k.\"run\", k.\"kind\", k.\"cause\" FROM \"Record\" r JOIN \"Run\" k ON k.\"run\"=coalesce(r.\"untilRun\", r.\"run\") "
              "WHERE r.\"id\"=? ORDER BY r.\"version\" DESC LIMIT 1");
  const auto add = [&](std::string what, const std::string& entity, std::vector<std::string> with) {
    Change change{std::move(what), "Cluster", entity, 0, {}, {}, {}, std::move(with)};
    cause.text(entity);
    if (cause.step()) change.run = cause.as_number(0), change.kind = cause.as_text(1), change.cause = cause.as_text(2);
    cause.reset();
    out.push_back(std::move(change));
  };
  for (const auto& [entity, members] : after) {
    std::set<std::string> from;
    std::vector<std::string> joined;
    for (const std::string& member : members) {
      if (const auto at = was.find(member); at != was.end()) from.insert(at->second);
      const auto old = before.find(entity);
      if (old != before.end() && !old->second.contains(member)) joined.push_back(member);
    }
    if (from.size() > 1) add(TR_NOOP("merged"), entity, {from.begin(), from.end()});
    else if (!before.contains(entity)) {
      if (from.empty()) add(TR_NOOP("created"), entity, {members.begin(), members.end()});
    } else if (!joined.empty()) add(TR_NOOP("joined"), entity, joined);
  }
  for (const auto& [entity, members] : before) {
    std::set<std::string> into;
    std::vector<std::string> left;
    for (const std::string& member : members) {
      const auto at = is.find(member);
      if (at != is.end()) into.insert(at->second);
      if (at == is.end() || at->second != entity) left.push_back(member);
    }
    if (into.size() > 1) add(TR_NOOP("split"), entity, {into.begin(), into.end()});
    else if (into.empty()) add(TR_NOOP("ended"), entity, {});
    else if (!left.empty() && after.contains(entity)) add(TR_NOOP("left"), entity, left);
  }
  std::sort(out.begin(), out.end(),
            [](const Change& a, const Change& b) { return std::tie(a.what, a.type, a.id) < std::tie(b.what, b.type, b.id); });
  return out;
}

}  // namespace casebridge::store

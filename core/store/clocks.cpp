// The clocks of the store. See clocks.hpp.
#include "store/clocks.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "casebridge/model.h"
#include "handle/handling.hpp"
#include "model/model.hpp"
#include "normalise/dates.hpp"
#include "normalise/ids.hpp"
#include "normalise/months.hpp"
#include "normalise/youth_clock.hpp"
#include "store/remover.hpp"

namespace casebridge::store {

using normalise::to_text;
using normalise::YouthClock;

namespace {

constexpr std::string_view kYouth = "YOUTH", kDischarge = "DISCHARGE", kSuspension = "SUSPENSION";
constexpr std::string_view kCurrent =
    " JOIN \"Record\" r ON r.\"id\"=t.\"id\" AND r.\"version\"=t.\"version\" AND r.\"untilRun\" IS NULL AND r.\"source\" > 0 ";

std::string_view text(const Record& r, model::Tag field) {
  const Value* v = r.find(field);
  return v ? v->text : std::string_view();
}

// s. 6.1: of an adult; of a youth s. 119(2) has its own.
std::optional<ClockEnd> discharge(const Record& charge) {
  const std::string_view outcome = text(charge, tag::Charge_outcome);
  const int months = outcome == "DISCHARGED_ABSOLUTE" ? 12 : outcome == "DISCHARGED_CONDITIONAL" ? 36 : 0;
  if (!months || text(charge, tag::Charge_youth) == "true") return std::nullopt;
  int64_t first = 0, last = 0;
  if (!normalise::day_span(text(charge, tag::Charge_outcomeDate), first, last)) return ClockEnd{{}, "outcomeDate"};
  return ClockEnd{normalise::day_text(normalise::months_later(first, months)), {}};
}

// What a source states is never lengthened; what could be computed from it alone it did not state.
void bound(std::string& ends, std::string_view stated, const std::set<std::string>& own) {
  if (stated.empty() || own.contains(std::string(stated))) return;
  ends = handle::earlier(ends, stated);
}

struct Person {
  std::vector<std::pair<std::string, std::string>>
      parts;                  // with the date that stands in each: their custody, and links that say no more than that they were charged
  std::string last, rule;     // of their charges
  std::set<std::string> own;  // ends that can be computed from one source alone
  bool all_end = true, alone = true, youth = false;
};

// Every column that refers to a record, by the naming of core/model/modelgen/write_sql.cpp.
struct Reference {
  std::string table, column;
  const model::Node* type;
  const model::Node* node;
};

std::vector<Reference> references() {
  std::vector<Reference> out;
  const auto name = [](std::string text) {
    std::replace(text.begin(), text.end(), '/', '_');
    return '"' + text + '"';
  };
  for (const model::Node& type : model::nodes()) {
    if (type.kind != model::NodeKind::record) continue;
    const std::function<void(const model::Node&, const model::Node*)> walk = [&](const model::Node& node, const model::Node* in) {
      const std::string path(node.path), child = std::string(type.name) + "_" + path;
      if (node.kind == model::NodeKind::block || node.kind == model::NodeKind::blocks) {
        for (const model::Tag tag : node.children) walk(model::node(tag), node.kind == model::NodeKind::blocks ? &node : in);
      } else if (node.type != model::ValueType::ref || node.parent == 0) {
        return;  // of every record: supersedes
      } else if (node.many) {
        out.push_back({name(child), "\"value\"", &type, &node});
      } else if (in) {
        out.push_back({name(std::string(type.name) + "_" + std::string(in->path)), name(path.substr(in->path.size() + 1)), &type, &node});
      } else {
        out.push_back({name(std::string(type.name)), name(path), &type, &node});
      }
    };
    for (const model::Tag tag : type.children) walk(model::node(tag), nullptr);
  }
  return out;
}

// Where else the persons are named. Whoever is more than an accused is not a youth record.
void look_around(Database& db, std::map<std::string, Person>& people) {
  db.run("CREATE TEMP TABLE IF NOT EXISTS \"Accused\" (\"id\" TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM \"Accused\"");
  {
    Query add(db, "INSERT INTO \"Accused\" VALUES (?)");
    for (const auto& [id, person] : people) add.text(id).done();
  }
  for (const Reference& at : references()) {
    const bool link = at.type->tag == tag::Link;
    const bool part = at.node->tag == tag::Link_from || at.node->tag == tag::Link_to || at.node->tag == tag::Custody_subject;
    Query q(db, "SELECT t.\"id\", t." + at.column + (part ? ", t.\"handling_accessEnds\"" : ", ''") +
                    (link && part ? ", t.\"role\"" : ", ''") + " FROM " + at.table + " t" + std::string(kCurrent) +
                    "JOIN \"Accused\" a ON a.\"id\"=t." + at.column);
    while (q.step()) {
      Person& person = people.at(std::string(q.as_text(1)));
      const std::string_view role = q.as_text(3);
      if (at.node->tag == tag::Charge_accused) continue;
      if (part && (!link || role == "ACCUSED" || role == "OFFENDER_IN_CUSTODY")) person.parts.emplace_back(q.as_text(0), q.as_text(2));
      else person.alone = false;
    }
  }
  // A file that states the person and no charge of theirs knows them for something else.
  Query q(db,
          "SELECT DISTINCT a.\"id\" FROM \"Accused\" a JOIN \"Stated\" s ON s.\"id\"=a.\"id\" WHERE NOT EXISTS (SELECT 1 FROM \"Charge\" t "
          "JOIN "
          "\"Stated\" o ON o.\"id\"=t.\"id\" WHERE t.\"accused\"=a.\"id\" AND o.\"source\"=s.\"source\")");
  while (q.step()) people.at(std::string(q.as_text(0))).alone = false;
}

}  // namespace

Clocks work_out_clocks(Database& db, Store& store) {
  Clocks out;
  std::map<std::string, Person> people;
  Query q(db, "SELECT t.\"accused\", r.\"source\", " + std::string(kStatedColumns) + " FROM \"Charge\" t" + std::string(kCurrent) +
                  "JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" JOIN \"Content\" c ON "
                  "c.\"content\"=s.\"content\" "
                  "WHERE t.\"accused\" IN (SELECT \"accused\" FROM \"Charge\" WHERE \"youth\"=1 OR \"outcome\" IN ('DISCHARGED_ABSOLUTE', "
                  "'DISCHARGED_CONDITIONAL')) ORDER BY t.\"accused\", t.\"id\"");
  RecordBatch charges;  // of one accused
  std::string accused;
  const auto judge = [&] {
    std::vector<const Record*> all;
    for (const Record& charge : charges.records) all.push_back(&charge);
    Person& person = people[accused];
    for (const Record& charge : charges.records) {
      ClockEnd end;
      std::string_view rule = kDischarge;
      std::set<std::string> own;
      if (text(charge, tag::Charge_youth) == "true") {
        person.youth = true;
        rule = kYouth;
        std::vector<const Record*> alone{&charge}, of_source;
        for (const Record* other : all)
          if (other->source == charge.source) of_source.push_back(other);
        for (const auto* among : {&alone, &of_source})
          if (const YouthClock clock = normalise::youth_clock(charge, *among); clock.state == YouthClock::State::ends)
            own.insert(normalise::day_text(clock.day));
        const YouthClock clock = normalise::youth_clock(charge, all);
        if (clock.state == YouthClock::State::ends) end.ends = normalise::day_text(clock.day);
        if (clock.state == YouthClock::State::unknown) end.missing = clock.missing;
      } else if (const auto discharged = discharge(charge)) {
        end = *discharged;
        own.insert(end.ends);
      } else {
        person.all_end = false;
        continue;
      }
      bound(end.ends, text(charge, tag::any_handling_accessEnds), own);
      person.own.insert(own.begin(), own.end());
      out[{to_text(charge.id), std::string(rule)}] = end;
      if (end.ends.empty()) person.all_end = false;
      else if (end.ends > person.last) person.last = end.ends, person.rule = rule;
    }
    charges.reset();
  };
  while (q.step()) {
    if (q.as_text(0) != accused) {
      if (!charges.records.empty()) judge();
      accused = q.as_text(0);
    }
    store.read_stated(q, 2, charges);
    charges.records.back().source = static_cast<uint32_t>(q.as_number(1));
  }
  if (!charges.records.empty()) judge();
  if (people.empty()) return out;
  look_around(db, people);
  Query stated(db, "SELECT t.\"handling_accessEnds\" FROM \"Person\" t" + std::string(kCurrent) + "WHERE t.\"id\"=?");
  for (const auto& [id, person] : people) {
    if (!person.all_end && !person.youth) continue;
    const std::string rule = person.rule.empty() || person.youth ? std::string(kYouth) : person.rule;
    stated.text(id);
    ClockEnd end{person.all_end && person.alone ? person.last : std::string(), {}};
    if (stated.step()) bound(end.ends, stated.as_text(0), person.own);
    stated.reset();
    out[{id, rule}] = end;
    for (const auto& [part, said] : person.parts) {
      ClockEnd of{person.all_end ? person.last : std::string(), {}};
      bound(of.ends, said, person.own);
      out[{part, rule}] = of;
    }
  }
  return out;
}

std::unordered_map<std::string, std::string> known_ends(Database& db, int64_t run) {
  std::unordered_map<std::string, std::string> out;
  Query q(db,
          "SELECT \"id\", \"ends\" FROM \"Clock\" WHERE \"run\" <= ?1 AND (\"untilRun\" IS NULL OR \"untilRun\" > ?1) AND \"rule\" <> "
          "'SUSPENSION'");
  q.number(run);
  while (q.step()) {
    const auto [at, fresh] = out.emplace(q.as_text(0), q.as_text(1));
    if (!fresh) at->second = handle::earlier(at->second, q.as_text(1));
  }
  return out;
}

bool Store::keep_clocks() {
  Clocks now = work_out_clocks(db_, *this);
  std::vector<std::pair<std::string, std::string>> over;
  {
    Query q(db_, "SELECT \"id\", \"rule\", \"ends\", \"missing\" FROM \"Clock\" WHERE \"untilRun\" IS NULL");
    while (q.step()) {
      if (q.as_text(1) == kSuspension) continue;
      const auto at = now.find({std::string(q.as_text(0)), std::string(q.as_text(1))});
      if (at != now.end() && at->second == ClockEnd{std::string(q.as_text(2)), std::string(q.as_text(3))}) now.erase(at);
      else over.emplace_back(q.as_text(0), q.as_text(1));
    }
  }
  if (over.empty() && now.empty()) return false;
  if (!run_) return true;
  Query end(db_, "UPDATE \"Clock\" SET \"untilRun\"=? WHERE \"id\"=? AND \"rule\"=? AND \"untilRun\" IS NULL");
  for (const auto& [id, rule] : over) end.number(run_).text(id).text(rule).done();
  Query add(db_, "INSERT OR REPLACE INTO \"Clock\" VALUES (?, ?, ?, NULL, ?, ?)");
  for (const auto& [key, clock] : now)
    add.text(key.first).text(key.second).number(run_).text_or_null(clock.ends).text_or_null(clock.missing).done();
  return true;
}

Store::Removal Store::enforce_clocks(std::string_view today, std::string_view time) {
  // A clock that was set back ends nothing later than it was.
  const std::string date = std::max(std::string(today), run_time(last_run()).substr(0, 10));
  if (keep_clocks()) {  // by this program's rules, or since a file was withdrawn
    begin_run("clocks", time);
    commit_run();
  }
  std::set<std::string> ids;
  {
    const uint64_t suspended = handle::caveats({"RECORD_SUSPENSION"});
    const auto clocks = known_ends(db_, last_run());
    std::map<int64_t, std::pair<RecordBatch, handle::Handling>> floors;
    Query files(db_, "SELECT \"source\", \"line\" FROM \"SourceFile\" WHERE \"source\" > 0 ORDER BY \"source\"");
    while (files.step()) {
      auto& [batch, floor] = floors[files.as_number(0)];
      if (handle::read_handling(read_body(files.as_bytes(1), batch), floor)) floor = {};  // refused at every door
    }
    Query q(db_, "SELECT r.\"source\", r.\"id\", " + std::string(kStatedColumns) +
                     " FROM \"Record\" r JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" JOIN \"Content\" c "
                     "ON c.\"content\"=s.\"content\" "
                     "WHERE r.\"source\" > 0 AND r.\"untilRun\" IS NULL ORDER BY r.\"source\", r.\"ordinal\"");
    RecordBatch batch;
    while (q.step()) {
      batch.reset();
      read_stated(q, 2, batch);
      const Record& record = batch.records.front();
      const handle::Handling& floor = floors.at(q.as_number(0)).second;
      handle::Handling own;
      if (handle::read_handling(record, own)) continue;  // cannot leave, so no access has begun
      const std::string id(q.as_text(1));
      const auto clock = clocks.find(id);
      if (clock != clocks.end()) own.access_ends = clock->second;
      const handle::Handling both = handle::tightened(floor, own);
      if (handle::date_passed(both.access_ends, date) || handle::date_passed(both.destroy_by, date) || (both.caveats & suspended) != 0)
        ids.insert(id);
    }
    Query known(db_,
                "SELECT DISTINCT c.\"id\" FROM \"Clock\" c JOIN \"Record\" r ON r.\"id\"=c.\"id\" WHERE c.\"rule\"='SUSPENSION' AND "
                "c.\"untilRun\" IS NULL");
    while (known.step()) ids.emplace(known.as_text(0));
  }
  if (ids.empty()) return {};
  return take_away("destroy", TR_NOOP("access ended"), time, {}, {}, [&](Remover& remover) {
    remover.records(ids);
    remover.settle();
    for (const std::string& id : remover.removed()) remover.bar("record", id);
  });
}

}  // namespace casebridge::store

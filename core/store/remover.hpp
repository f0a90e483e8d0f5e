// What takes records and files out of a store, within a run of it: from every version and past view, from findings, quarantine
// and decisions. What remains is what would be there had they never come. Not for use outside core/store.
#pragma once
#include <algorithm>
#include <map>
#include <set>

#include "normalise/ids.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

class Remover {
 public:
  Remover(Store& store, std::string rule) : store_(store), db_(store.db()), rule_(std::move(rule)) {
    db_.run(
        "CREATE TEMP TABLE IF NOT EXISTS \"Touched\" (\"id\" TEXT PRIMARY KEY, \"brought\" INTEGER) WITHOUT ROWID; DELETE FROM "
        "\"Touched\";");
  }

  // All that a file states.
  void file(int64_t source) {
    const std::string which = std::to_string(source);
    note_recipients("r.\"source\"=" + which);
    note_keys("s.\"source\"=" + which);
    file_runs_.insert(db_.number("SELECT \"run\" FROM \"SourceFile\" WHERE \"source\"=" + which));
    touch("SELECT DISTINCT \"id\" FROM \"Stated\" WHERE \"source\"=" + which);
    forget_versions();
    db_.run("DELETE FROM \"Stated\" WHERE \"source\"=" + which + "; DELETE FROM \"Finding\" WHERE \"source\"=" + which);
    out.quarantined += static_cast<uint64_t>(db_.number("SELECT count(*) FROM \"Quarantine\" WHERE \"source\"=" + which));
    db_.run("DELETE FROM \"Quarantine\" WHERE \"source\"=" + which);
    files_.push_back(source);
    ++out.files;
  }

  // What is kept of feeds that are held back: their files have no row here.
  void held(std::string_view kind, std::string_view name) {
    const std::string_view is = kind == "file" ? "\"sha256\"=?1" : "(\"agency\"=?1 OR \"agency\"||'/'||\"system\"=?1)";
    Query items(db_, "DELETE FROM \"Quarantine\" WHERE \"item\" IN (SELECT \"item\" FROM \"HeldItem\" WHERE " + std::string(is) + ")");
    items.text(name).done();
    out.quarantined += static_cast<uint64_t>(db_.changes());
    Query feeds(db_, "DELETE FROM \"Feed\" WHERE " + held_feed(kind));
    feeds.text(name).done();
  }

  static std::string held_feed(std::string_view kind) {
    const std::string agency = "json_extract(\"profile\",'$.agency')";
    return "\"state\"='held' AND " + (kind == "file"
                                          ? std::string("json_extract(\"profile\",'$.sha256')=?1")
                                          : "(" + agency + "=?1 OR " + agency + "||'/'||json_extract(\"profile\",'$.system')=?1)");
  }

  // Records by their ids, whatever files state them, with what cannot stand without them.
  void records(std::set<std::string> ids) {
    with_what_needs(ids);
    {
      Query add(db_, "INSERT OR IGNORE INTO \"Touched\" VALUES (?1, (SELECT min(\"run\") FROM \"Record\" WHERE \"id\"=?1))");
      for (const std::string& id : ids) add.text(id).done();
    }
    note_recipients("r.\"id\" IN (SELECT \"id\" FROM \"Touched\")");
    note_keys("s.\"id\" IN (SELECT \"id\" FROM \"Touched\")");
    // Source records that are in quarantine or have findings at the same place, or quote the record's own key.
    {
      Query q(db_, "SELECT \"source\", \"offset\", max(\"length\", 1) FROM \"Stated\" WHERE \"id\" IN (SELECT \"id\" FROM \"Touched\")");
      Query findings(db_, "DELETE FROM \"Finding\" WHERE \"source\"=? AND \"offset\" < ? AND \"offset\"+max(\"length\",1) > ?");
      Query items(db_, "DELETE FROM \"Quarantine\" WHERE \"source\"=? AND \"offset\" < ? AND \"offset\"+max(\"length\",1) > ?");
      while (q.step()) {
        const int64_t begin = q.as_number(1), end = begin + q.as_number(2);
        findings.number(q.as_number(0)).number(end).number(begin).done();
        items.number(q.as_number(0)).number(end).number(begin).done();
        out.quarantined += static_cast<uint64_t>(db_.changes());
        sealed_.insert(q.as_number(0));
      }
    }
    Query quoted(db_, "DELETE FROM \"Quarantine\" WHERE instr(\"raw\", ?) > 0");
    for (const std::string& id : ids) {
      const auto key = keys_.find(id);
      if (key == keys_.end() || key->second.local_id.size() < 4) continue;
      quoted.bytes(key->second.local_id).done();
      out.quarantined += static_cast<uint64_t>(db_.changes());
    }
    db_.run("DELETE FROM \"Finding\" WHERE \"id\" IN (SELECT \"id\" FROM \"Touched\")");
    forget_versions();
    db_.run("DELETE FROM \"Stated\" WHERE \"id\" IN (SELECT \"id\" FROM \"Touched\")");
    removed_.insert(ids.begin(), ids.end());
  }

  // Versions as the files that remain make them; clusters and links that rest on what went; contents nobody states.
  void settle() {
    rebuild();
    drop_derived();
    drop_decisions();
    db_.run("DELETE FROM \"Content\" WHERE \"content\" NOT IN (SELECT \"content\" FROM \"Stated\")");
    if (!files_.empty())  // a name tells too: no run keeps that of a file that is gone
      db_.run("DELETE FROM \"Ledger\" WHERE \"input\" IN (SELECT \"name\" FROM \"SourceFile\" WHERE \"source\" IN (" +
              list({files_.begin(), files_.end()}) +
              ")) AND \"input\" NOT IN (SELECT \"name\" FROM \"SourceFile\" WHERE \"source\" NOT IN (" +
              list({files_.begin(), files_.end()}) + "))");
    for (const int64_t source : files_) {
      sealed_.erase(source);
      db_.run("DELETE FROM \"SourceFile\" WHERE \"source\"=" + std::to_string(source));
    }
    // A feed of which no file is left was never loaded: what is judged by it is judged without it.
    if (!files_.empty())
      db_.run(
          "DELETE FROM \"Feed\" WHERE \"state\"<>'held' AND NOT EXISTS (SELECT 1 FROM \"FeedFile\" f WHERE f.\"job\"=\"Feed\".\"job\" AND "
          "f.\"feed\"=\"Feed\".\"feed\" AND f.\"key\"=\"Feed\".\"key\")");
    db_.run("DELETE FROM \"Clock\" WHERE NOT EXISTS (SELECT 1 FROM \"Record\" r WHERE r.\"id\"=\"Clock\".\"id\")");
    db_.run(
        "DELETE FROM \"Received\" WHERE NOT EXISTS (SELECT 1 FROM \"Record\" r WHERE r.\"id\"=\"Received\".\"id\" AND "
        "r.\"version\"=\"Received\".\"version\")");
    db_.run(
        "DELETE FROM \"Ledger\" WHERE \"input\" NOT IN (SELECT \"name\" FROM \"SourceFile\") AND \"run\" IN (SELECT \"run\" FROM \"Run\" "
        "WHERE \"kind\"='load')");
    // Manifests name files and count what they held.
    if (!files_.empty()) db_.run("UPDATE \"Run\" SET \"manifest\"=NULL WHERE \"run\" IN (" + list(file_runs_) + ")");
    if (db_.number("SELECT count(*) FROM \"Stated\" WHERE \"source\"=0") ||
        db_.number("SELECT EXISTS (SELECT 1 FROM \"Audit\" WHERE \"action\"='source' AND json_extract(\"detail\",'$.source')=0)"))
      sealed_.insert(0);
    for (const int64_t source : sealed_)
      store_.audit("source", "{\"source\":" + std::to_string(source) + ",\"digest\":\"" + source_digest(db_, source) + "\"}");
    Query gone(db_, "INSERT INTO \"Gone\" VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET \"records\"=\"records\"+excluded.\"records\"");
    for (const auto& [run, n] : brought_) {
      gone.number(run).number(store_.run()).text(rule_).number(n).done();
      out.records += static_cast<uint64_t>(n);
    }
    out.recipients.assign(recipients_.begin(), recipients_.end());
    out.found = true;
  }

  void bar(std::string_view kind, const std::string& name) {
    names_.emplace(kind, name);
    const std::string hash = store_.keyed(std::string(kind) + '\x1F' + name);
    if (hash.empty()) return;
    Query q(db_, "INSERT OR IGNORE INTO \"Barred\" VALUES (?, ?, ?)");
    q.text(kind).text(hash).number(store_.run()).done();
    hashes_.push_back(hash);
  }

  void log(const std::string& action, const std::string& by) {
    Store& s = store_;
    std::string hashes;
    for (const std::string& hash : hashes_) hashes += (hashes.empty() ? "\"" : ",\"") + hash + "\"";
    std::string recipients;
    for (const std::string& recipient : out.recipients) recipients += (recipients.empty() ? "" : ",") + json_text(recipient);
    s.audit(action, "{\"rule\":" + json_text(rule_) + ",\"records\":" + std::to_string(out.records) +
                        ",\"files\":" + std::to_string(out.files) + ",\"derived\":" + std::to_string(out.derived) +
                        (by.empty() ? "" : ",\"by\":" + json_text(by)) + ",\"recipients\":[" + recipients + "],\"keyed\":[" + hashes +
                        "]}");
  }

  const std::set<std::string>& removed() const { return removed_; }
  const std::set<std::pair<std::string, std::string>>& names() const { return names_; }
  Store::Removal out;

 private:
  static std::string list(const std::set<int64_t>& numbers) {
    std::string out = "-1";
    for (const int64_t n : numbers) out += "," + std::to_string(n);
    return out;
  }

  // The run that brought each first, while it can be told.
  void touch(const std::string& ids) {
    db_.run("INSERT OR IGNORE INTO \"Touched\" SELECT i.\"id\", (SELECT min(\"run\") FROM \"Record\" r WHERE r.\"id\"=i.\"id\") FROM (" +
            ids + ") i");
  }

  // By what decisions name the records.
  void note_keys(const std::string& which) {
    Query q(db_,
            "SELECT DISTINCT s.\"id\", f.\"agency\", c.\"body\" FROM \"Stated\" s JOIN \"Content\" c ON c.\"content\"=s.\"content\" "
            "JOIN \"SourceFile\" f ON f.\"source\"=s.\"source\" WHERE " +
                which);
    RecordBatch batch;
    while (q.step()) {
      batch.reset();
      const Record& record = read_body(q.as_bytes(2), batch);
      if (!record.local_id.empty()) keys_[std::string(q.as_text(0))] = {std::string(q.as_text(1)), std::string(record.local_id)};
    }
  }

  void drop_decisions() {
    if (!db_.number("SELECT EXISTS (SELECT 1 FROM \"Decision\")")) return;
    Query named(db_,
                "DELETE FROM \"Decision\" WHERE (\"aLocalId\"=?1 AND coalesce(\"aAgency\", ?2)=?2) OR (\"bLocalId\"=?1 AND "
                "coalesce(\"bAgency\", ?2)=?2)");
    for (const auto& [id, key] : keys_)
      if (removed_.contains(id)) named.text(key.local_id).text(key.agency).done();
  }

  void note_recipients(const std::string& which) {
    Query q(db_,
            "SELECT DISTINCT e.\"recipient\", e.\"name\", e.\"time\" FROM \"Received\" v JOIN \"Record\" r ON r.\"id\"=v.\"id\" AND "
            "r.\"version\"=v.\"version\" JOIN \"Export\" e ON e.\"recipient\"=v.\"recipient\" "
            "AND e.\"name\"=v.\"name\" AND e.\"export\" BETWEEN v.\"firstExport\" AND v.\"lastExport\" WHERE " +
                which + " UNION SELECT \"recipient\", \"name\", \"time\" FROM \"Export\" WHERE \"sha256\"=''");
    while (q.step())
      recipients_.insert(std::string(q.as_text(0)) + ": " + std::string(q.as_text(1)) + " (" + std::string(q.as_text(2)) + ")");
  }

  void forget_versions() {
    db_.run("DELETE FROM \"Record\" WHERE \"source\" > 0 AND \"id\" IN (SELECT \"id\" FROM \"Touched\")");
    out.versions += static_cast<uint64_t>(db_.changes());
  }

  // Records that must name one of these cannot stand without it: a Link without its end, a Custody without its person.
  void with_what_needs(std::set<std::string>& ids) {
    for (bool more = true; more;) {
      more = false;
      Query q(db_,
              "SELECT c.\"body\" FROM \"Record\" r JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" JOIN "
              "\"Content\" c ON c.\"content\"=s.\"content\" WHERE r.\"source\" > 0 AND r.\"untilRun\" IS NULL");
      RecordBatch batch;
      while (q.step()) {
        batch.reset();
        const Record& record = read_body(q.as_bytes(0), batch);
        for (const Value& v : record.values) {
          const model::Node& node = model::node(v.field);
          if (node.type != model::ValueType::ref || !node.required || node.many || !ids.contains(std::string(v.text))) continue;
          more = ids.insert(normalise::to_text(record.id)).second || more;
        }
      }
    }
  }

  void rebuild() {
    std::vector<std::pair<std::string, int64_t>> ids;
    {
      Query q(db_, "SELECT \"id\", \"brought\" FROM \"Touched\" ORDER BY \"id\"");
      while (q.step()) ids.emplace_back(q.as_text(0), q.as_number(1));
    }
    Query stated(db_, "SELECT s.\"source\", s.\"ordinal\", s.\"run\", s.\"ownVersion\", f.\"floor\", " + std::string(kStatedColumns) +
                          " FROM \"Stated\" s JOIN \"Content\" c ON c.\"content\"=s.\"content\" "
                          "JOIN \"SourceFile\" f ON f.\"source\"=s.\"source\" WHERE s.\"id\"=? AND s.\"source\" > 0 ORDER BY s.\"source\", "
                          "s.\"ordinal\"");
    RecordBatch batch;
    for (const auto& [id, brought] : ids) {
      stated.text(id);
      bool any = false;
      while (stated.step()) {
        any = true;
        batch.reset();
        store_.read_stated(stated, 5, batch);
        store_.put_version(batch.records.front(), stated.as_number(0), stated.as_number(1), stated.as_number(2), stated.as_number(3),
                           stated.as_number(4));
      }
      stated.reset();
      if (any) continue;
      removed_.insert(id);
      if (brought) ++brought_[brought];
    }
  }

  void drop_derived() {
    std::set<std::string> touched;
    {
      Query q(db_, "SELECT \"id\" FROM \"Touched\"");
      while (q.step()) touched.emplace(q.as_text(0));
    }
    std::set<std::string> dropped;
    for (bool more = true; more;) {  // links between clusters that go, go too
      more = false;
      Query q(db_, "SELECT s.\"id\", c.\"body\" FROM \"Stated\" s JOIN \"Content\" c ON c.\"content\"=s.\"content\" WHERE s.\"source\"=0");
      RecordBatch batch;
      while (q.step()) {
        const std::string id(q.as_text(0));
        if (dropped.contains(id)) continue;
        batch.reset();
        const Record& record = read_body(q.as_bytes(1), batch);
        const auto names = [&](const std::vector<Value>& values) {
          return std::any_of(values.begin(), values.end(), [&](const Value& v) {
            return model::node(v.field).type == model::ValueType::ref &&
                   (touched.contains(std::string(v.text)) || dropped.contains(std::string(v.text)));
          });
        };
        if (names(record.values) || names(record.block_values)) more = dropped.insert(id).second || more;
      }
    }
    Query versions(db_, "DELETE FROM \"Record\" WHERE \"id\"=? AND \"source\"=0"),
        stated(db_, "DELETE FROM \"Stated\" WHERE \"id\"=? AND \"source\"=0");
    for (const std::string& id : dropped) versions.text(id).done(), stated.text(id).done();
    out.derived += dropped.size();
  }

  Store& store_;
  Database& db_;
  std::string rule_;
  std::vector<int64_t> files_;
  std::set<int64_t> sealed_, file_runs_;
  std::map<int64_t, int64_t> brought_;
  std::set<std::string> recipients_, removed_;
  struct Key {
    std::string agency, local_id;
  };
  std::map<std::string, Key> keys_;  // by id
  std::vector<std::string> hashes_;
  std::set<std::pair<std::string, std::string>> names_;  // kind and name
};

}  // namespace casebridge::store

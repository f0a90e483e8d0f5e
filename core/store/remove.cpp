// Taking away: withdrawal, ended access, destruction. They outrank history (H1, H3, H18, H29). What is taken away goes from
// every version and past view, from findings, quarantine and decisions, from free pages, the write-ahead log and the backups
// that the store knows of. What remains is what would be there had it never come. The audit log keeps time, rule, count and
// keyed hashes.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "base/text.hpp"
#include "handle/gate.hpp"
#include "normalise/ids.hpp"
#include "pipeline/lines.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

using normalise::to_text;

// Within a run of its store.
class Remover {
 public:
  Remover(Store& store, std::string rule) : store_(store), db_(store.db()), rule_(std::move(rule)) {
    db_.run("CREATE TEMP TABLE IF NOT EXISTS \"Touched\" (\"id\" TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM \"Touched\";");
  }

  // All that a file states.
  void file(int64_t source) {
    count_brought("\"source\"=" + std::to_string(source), std::to_string(source));
    note_recipients("r.\"source\"=" + std::to_string(source));
    const std::string which = std::to_string(source);
    db_.run("INSERT OR IGNORE INTO \"Touched\" SELECT \"id\" FROM \"Stated\" WHERE \"source\"=" + which);
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
    Query add(db_, "INSERT OR IGNORE INTO \"Touched\" VALUES (?)");
    for (const std::string& id : ids) add.text(id).done();
    count_brought("\"id\" IN (SELECT \"id\" FROM \"Touched\")", {});
    note_recipients("r.\"id\" IN (SELECT \"id\" FROM \"Touched\")");
    // Source records that are in quarantine or have findings at the same place, or quote the record's own key.
    std::vector<std::string> keys;
    {
      Query q(db_,
              "SELECT DISTINCT c.\"body\", s.\"source\", s.\"offset\", s.\"length\" FROM \"Stated\" s JOIN \"Content\" c ON "
              "c.\"content\"=s.\"content\" WHERE s.\"id\" IN (SELECT \"id\" FROM \"Touched\")");
      Query findings(db_, "DELETE FROM \"Finding\" WHERE \"source\"=? AND \"offset\" < ? AND \"offset\"+max(\"length\",1) > ?");
      Query items(db_, "DELETE FROM \"Quarantine\" WHERE \"source\"=? AND \"offset\" < ? AND \"offset\"+max(\"length\",1) > ?");
      RecordBatch batch;
      while (q.step()) {
        batch.reset();
        const Record& record = read_body(q.as_bytes(0), batch);
        if (record.local_id.size() >= 4) keys.emplace_back(record.local_id);
        const int64_t begin = q.as_number(2), end = begin + std::max<int64_t>(1, q.as_number(3));
        findings.number(q.as_number(1)).number(end).number(begin).done();
        items.number(q.as_number(1)).number(end).number(begin).done();
        out.quarantined += static_cast<uint64_t>(db_.changes());
        sealed_.insert(q.as_number(1));
      }
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    Query quoted(db_, "DELETE FROM \"Quarantine\" WHERE instr(\"raw\", ?) > 0");
    Query named(db_, "DELETE FROM \"Decision\" WHERE \"aLocalId\"=?1 OR \"bLocalId\"=?1");
    for (const std::string& key : keys) {
      quoted.bytes(key).done();
      out.quarantined += static_cast<uint64_t>(db_.changes());
      named.text(key).done();
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
    db_.run("DELETE FROM \"Content\" WHERE \"content\" NOT IN (SELECT \"content\" FROM \"Stated\")");
    for (const int64_t source : files_) {
      sealed_.erase(source);
      db_.run("DELETE FROM \"SourceFile\" WHERE \"source\"=" + std::to_string(source));
    }
    // A feed of which no file is left was never loaded: what is judged by it is judged without it.
    if (!files_.empty())
      db_.run(
          "DELETE FROM \"Feed\" WHERE \"state\"<>'held' AND NOT EXISTS (SELECT 1 FROM \"FeedFile\" f WHERE f.\"job\"=\"Feed\".\"job\" AND "
          "f.\"feed\"=\"Feed\".\"feed\" AND f.\"key\"=\"Feed\".\"key\")");
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
  Store::Removal out;

 private:
  static std::string list(const std::set<int64_t>& numbers) {
    std::string out = "-1";
    for (const int64_t n : numbers) out += "," + std::to_string(n);
    return out;
  }

  // How many records go for good, by the run that brought them first.
  void count_brought(const std::string& which, const std::string& but_of) {
    std::string sql =
        "SELECT \"brought\", count(*) FROM (SELECT \"id\", min(\"run\") AS \"brought\" FROM \"Record\" WHERE \"id\" IN (SELECT \"id\" FROM "
        "\"Stated\" WHERE " +
        which + ") AND \"source\" > 0 GROUP BY \"id\")";
    if (!but_of.empty()) sql += " WHERE \"id\" NOT IN (SELECT \"id\" FROM \"Stated\" WHERE \"source\" <> " + but_of + ")";
    sql += " GROUP BY \"brought\"";
    Query q(db_, sql);
    while (q.step()) brought_[q.as_number(0)] += q.as_number(1);
    if (!but_of.empty()) file_runs_.insert(db_.number("SELECT \"run\" FROM \"SourceFile\" WHERE \"source\"=" + but_of));
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

  void forget_versions() { db_.run("DELETE FROM \"Record\" WHERE \"source\" > 0 AND \"id\" IN (SELECT \"id\" FROM \"Touched\")"); }

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
          more = ids.insert(to_text(record.id)).second || more;
        }
      }
    }
  }

  void rebuild() {
    std::vector<std::string> ids;
    {
      Query q(db_, "SELECT \"id\" FROM \"Touched\" ORDER BY \"id\"");
      while (q.step()) ids.emplace_back(q.as_text(0));
    }
    Query stated(db_, "SELECT s.\"source\", s.\"ordinal\", s.\"run\", s.\"ownVersion\", f.\"floor\", " + std::string(kStatedColumns) +
                          " FROM \"Stated\" s JOIN \"Content\" c ON c.\"content\"=s.\"content\" "
                          "JOIN \"SourceFile\" f ON f.\"source\"=s.\"source\" WHERE s.\"id\"=? AND s.\"source\" > 0 ORDER BY s.\"source\", "
                          "s.\"ordinal\"");
    RecordBatch batch;
    for (const std::string& id : ids) {
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
      if (!any) removed_.insert(id);
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
  std::vector<std::string> hashes_;
};

namespace {

struct Target {
  std::string kind, name;  // of Barred
  std::vector<int64_t> files;
  std::string id;
  bool held = false;  // of feeds that are held back something is kept
  bool nothing() const { return files.empty() && id.empty() && !held; }
};

Target target_of(Database& db, std::string_view what) {
  Target out;
  Uuid id;
  if (normalise::parse_uuid(what, id)) {
    out.kind = "record", out.name = out.id = to_text(id);
    Query q(db, "SELECT 1 FROM \"Record\" WHERE \"id\"=? AND \"source\" > 0 LIMIT 1");
    q.text(out.id);
    if (!q.step()) out.id.clear();
    return out;
  }
  Query file(
      db,
      "SELECT \"source\", \"sha256\" FROM \"SourceFile\" WHERE \"source\" > 0 AND (\"sha256\"=?1 OR \"name\"=?1 AND \"source\" NOT IN "
      "(SELECT \"source\" FROM \"FeedFile\" WHERE \"mendedFrom\" IS NOT NULL)) ORDER BY \"source\"");
  file.text(what);
  std::set<std::string> hashes;
  while (file.step()) out.files.push_back(file.as_number(0)), hashes.emplace(file.as_text(1));
  if (hashes.size() > 1)
    throw StoreError(Exit::usage, fill(tr("Several files are called {0}."), std::vector<std::string>{std::string(what)}),
                     tr("Name the one by its SHA-256: the view source_overview of the store lists them."));
  const auto look_for_held = [&] {
    Query held(db, "SELECT 1 FROM \"Feed\" WHERE " + Remover::held_feed(out.kind) + " LIMIT 1");
    held.text(out.name);
    out.held = held.step();
  };
  if (!out.files.empty()) {
    Query mended(db, "SELECT \"source\" FROM \"FeedFile\" WHERE \"mendedFrom\"=?");  // what people made of its records
    for (size_t i = 0, n = out.files.size(); i < n; ++i) {
      mended.number(out.files[i]);
      while (mended.step()) out.files.push_back(mended.as_number(0));
      mended.reset();
    }
    out.kind = "file", out.name = *hashes.begin();
    look_for_held();
    return out;
  }
  Query source(db,
               "SELECT \"source\" FROM \"SourceFile\" WHERE \"source\" > 0 AND (\"agency\"=?1 OR \"agency\"||'/'||\"system\"=?1) ORDER BY "
               "\"source\"");
  source.text(what);
  while (source.step()) out.files.push_back(source.as_number(0));
  out.kind = what.size() == 64 && what.find_first_not_of("0123456789abcdef") == what.npos ? "file" : "source";
  out.name = what;
  look_for_held();
  return out;
}

}  // namespace

void Store::leave_no_trace() {
  // Deleted rows were overwritten when they went (secure_delete). The pages that are free now are dropped from the file,
  // and the log of it is emptied; readers that hold an old view keep it from that, and then it is said.
  db_.run("VACUUM");
  Query q(db_, "PRAGMA wal_checkpoint(TRUNCATE)");
  if (q.step() && q.as_number(0) != 0)
    throw StoreError(
        Exit::temporary,
        fill(tr("{0} is being read by another program, which still sees what was taken away."), std::vector<std::string>{path()}),
        tr("Close it and run the command again."));
}

Store::Removal Store::withdraw(std::string_view what, std::string_view time, std::string_view by, std::string_view why) {
  const Target target = target_of(db_, what);
  if (target.nothing()) return {};
  begin_run("withdraw", time, why);
  Removal out;
  std::set<std::string> removed;
  try {
    Remover remover(*this, TR_NOOP("withdrawn"));
    for (const int64_t file : target.files) remover.file(file);
    if (!target.id.empty()) remover.records({target.id});
    if (target.held) remover.held(target.kind, target.name);
    remover.settle();
    remover.bar(target.kind, target.name);
    if (target.kind == "record")
      for (const std::string& id : remover.removed()) remover.bar("record", id);
    remover.log("withdraw", std::string(by));
    out = remover.out;
    removed = remover.removed();
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  leave_no_trace();
  clean_backups(*this, std::string(what), target.id.empty() ? std::set<std::string>{} : removed, time, out);
  return out;
}

bool Store::readmit(std::string_view what, std::string_view time, std::string_view by, std::string_view why) {
  const Target target = target_of(db_, what);
  begin_run("readmit", time, why);
  const std::string hash = keyed(target.kind + '\x1F' + target.name);
  Query q(db_, "DELETE FROM \"Barred\" WHERE \"kind\"=? AND \"hash\"=?");
  q.text(target.kind).text(hash).done();
  if (!db_.changes()) {
    abandon_run();
    return false;
  }
  audit("readmit", "{\"by\":" + json_text(by) + ",\"keyed\":\"" + hash + "\"}");
  commit_run();
  return true;
}

Store::Removal Store::enforce_clocks(std::string_view date, std::string_view time) {
  std::set<std::string> ids;
  std::vector<int64_t> ended_files;
  {
    const auto gate = handle::Gate::for_self(std::string(date));
    std::map<int64_t, uint32_t> number;
    RecordBatch lines;
    Query files(db_, "SELECT \"source\", \"line\" FROM \"SourceFile\" WHERE \"source\" > 0 ORDER BY \"source\"");
    while (files.step()) {
      RecordBatch scratch;
      const Record& said = read_body(files.as_bytes(1), scratch);
      pipeline::LineBuilder line(lines, said);
      line.record().source = static_cast<uint32_t>(files.as_number(0));
      line.done();
      gate->source(lines.records.back());
    }
    Query q(db_, "SELECT r.\"source\", r.\"id\", " + std::string(kStatedColumns) +
                     " FROM \"Record\" r JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" JOIN \"Content\" c "
                     "ON c.\"content\"=s.\"content\" "
                     "WHERE r.\"source\" > 0 AND r.\"untilRun\" IS NULL ORDER BY r.\"source\", r.\"ordinal\"");
    RecordBatch batch;
    while (q.step()) {
      batch.reset();
      read_stated(q, 2, batch);
      Record& record = batch.records.front();
      record.source = static_cast<uint32_t>(q.as_number(0));
      const handle::Outgoing out = gate->pass({&record, 1});
      if (out.cleared().records().empty() && out.refused().empty()) ids.emplace(q.as_text(1));
    }
  }
  if (ids.empty()) return {};
  begin_run("destroy", time);
  Removal out;
  std::set<std::string> removed;
  try {
    Remover remover(*this, TR_NOOP("access ended"));
    remover.records(ids);
    remover.settle();
    removed = remover.removed();
    for (const std::string& id : removed) remover.bar("record", id);
    remover.log("destroy", {});
    out = remover.out;
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  leave_no_trace();
  clean_backups(*this, {}, removed, time, out);
  return out;
}

void Store::destroy_key(std::string_view time) {
  begin_run("destroy", time);
  db_.run("DELETE FROM \"Meta\" WHERE \"name\"='key'");
  audit("destroy-key", "{}");
  commit_run();
  leave_no_trace();
}

// Backups in our keeping lose the same. One that cannot be reached is named: somebody has to see to it.
void clean_backups(Store& store, const std::string& what, const std::set<std::string>& ids, std::string_view time, Store::Removal& out) {
  std::vector<std::string> paths;
  {
    Query q(store.db(), "SELECT \"path\" FROM \"Backup\" ORDER BY \"path\"");
    while (q.step()) paths.emplace_back(q.as_text(0));
  }
  for (const std::string& path : paths) {
    try {
      if (!std::filesystem::exists(path)) throw StoreError(Exit::input, path);
      Store copy(path, Store::Mode::write, "casebridge", std::string(time));
      copy.remove_again(what, ids, time);
      copy.db().run("PRAGMA journal_mode=DELETE");
    } catch (const std::exception&) { out.unreachable.push_back(path); }
  }
}

void Store::remove_again(const std::string& what, const std::set<std::string>& ids, std::string_view time) {
  const Target target = ids.empty() ? target_of(db_, what) : Target{};
  std::set<std::string> here;
  for (const std::string& id : ids) {
    Uuid uuid;
    if (normalise::parse_uuid(id, uuid) && has(uuid)) here.insert(id);
  }
  if (target.nothing() && here.empty()) return leave_no_trace();
  begin_run("destroy", time);
  try {
    Remover remover(*this, ids.empty() ? "withdrawn" : "access ended");
    for (const int64_t file : target.files) remover.file(file);
    if (target.held) remover.held(target.kind, target.name);
    if (!target.id.empty()) here.insert(target.id);
    if (!here.empty()) remover.records(here);
    remover.settle();
    if (!target.files.empty()) remover.bar(target.kind, target.name);
    for (const std::string& id : here) remover.bar("record", id);
    remover.log("destroy", {});
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  leave_no_trace();
}

// What another store, made of the same, keeps out, and this one still holds.
uint64_t Store::remove_what_is_barred_in(const std::string& other_path, std::string_view time) {
  std::set<std::pair<std::string, std::string>> barred;
  {
    Database other(other_path, Database::Open::read);
    if (other.number("PRAGMA application_id") != kApplicationId) return 0;
    Query q(other, "SELECT \"kind\", \"hash\" FROM \"Barred\"");
    while (q.step()) barred.emplace(q.as_text(0), q.as_text(1));
  }
  if (barred.empty()) return 0;
  const auto out = [&](const std::string& kind, std::string_view name) {
    return barred.contains({kind, keyed(kind + '\x1F' + std::string(name))});
  };
  std::set<std::string> ids, files;
  {
    Query q(db_, "SELECT DISTINCT \"id\" FROM \"Record\" WHERE \"source\" > 0");
    while (q.step())
      if (out("record", q.as_text(0))) ids.emplace(q.as_text(0));
    Query f(db_, "SELECT \"sha256\", \"agency\", \"system\" FROM \"SourceFile\" WHERE \"source\" > 0");
    while (f.step())
      if (out("file", f.as_text(0)) || out("source", f.as_text(1)) ||
          out("source", std::string(f.as_text(1)) + "/" + std::string(f.as_text(2))))
        files.emplace(f.as_text(0));
  }
  if (!ids.empty()) remove_again({}, ids, time);
  for (const std::string& file : files) remove_again(file, {}, time);
  return ids.size() + files.size();
}

}  // namespace casebridge::store

// What is owed after something was taken away: free pages and write-ahead log of the store, and the same in every backup in
// our keeping. It stands in the store, written in the run that takes away, until it is done: who is killed in between leaves
// it to the next opening. The journal has time, rule, count and hashes keyed by a secret of its own; never a value.

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "store/remover.hpp"

namespace casebridge::store {

namespace fs = std::filesystem;

namespace {

std::string hash_of(std::string_view secret, std::string_view kind, std::string_view name) {
  return std::string(kind) + ' ' + to_hex(hmac_sha256(secret, std::string(kind) + '\x1F' + std::string(name)));
}

void remove_beside(const std::string& path, const char* what) {
  std::error_code ignored;
  for (const char* beside : {"", "-wal", "-shm", "-journal", ".lock"}) fs::remove(path + what + beside, ignored);
}

}  // namespace

void Store::leave_no_trace() {
  // Deleted rows were overwritten when they went (secure_delete). The pages that are free now are dropped from the file,
  // and the log of it is emptied; readers that hold an old view keep it from that, and then it is said.
  // VACUUM makes a copy of what holds: in memory, and of a large store in a file beside it that has no name.
  constexpr int64_t kMostInMemory = int64_t(256) << 20;
  if (db_.number("PRAGMA page_count") * db_.number("PRAGMA page_size") > kMostInMemory) {
    const std::string folder = fs::absolute(path()).parent_path().string();
    sqlite3_free(sqlite3_temp_directory);
    sqlite3_temp_directory = sqlite3_mprintf("%s", folder.c_str());
    db_.run("PRAGMA temp_store=FILE; VACUUM; PRAGMA temp_store=MEMORY");
  } else {
    db_.run("VACUUM");
  }
  Query q(db_, "PRAGMA wal_checkpoint(TRUNCATE)");
  if (q.step() && q.as_number(0) != 0)
    throw StoreError(
        Exit::temporary,
        fill(tr("{0} is being read by another program, which still sees what was taken away."), std::vector<std::string>{path()}),
        tr("Close it and run the command again."));
}

void Store::owe(std::string_view rule, uint64_t records, const Names& names) {
  const std::string secret = random_bytes(32);
  std::string keyed;
  for (const auto& [kind, name] : names) keyed += hash_of(secret, kind, name) + '\n';
  Query add(db_, "INSERT INTO \"Pending\" VALUES (?, ?, ?, ?, ?, ?)");
  add.number(run_).text(time_).text(rule).number(static_cast<int64_t>(records)).bytes(secret).text(keyed).done();
  const std::string run = std::to_string(run_);
  db_.run("INSERT INTO \"PendingPlace\" VALUES (" + run + ", ''); INSERT INTO \"PendingPlace\" SELECT " + run +
          ", \"path\" FROM \"Backup\"");
}

// A backup that is not there stays owed: should it come back, the next opening cleans it. Restoring it cleans it too.
void Store::finish_pending(std::vector<std::string>& unreachable) {
  struct Owed {
    int64_t run;
    std::string time, rule, secret;
    std::set<std::string> keyed;
  };
  std::vector<Owed> all;
  {
    Query q(db_, "SELECT \"run\", \"time\", \"rule\", \"secret\", \"keyed\" FROM \"Pending\" ORDER BY \"run\"");
    while (q.step()) {
      Owed& owed =
          all.emplace_back(Owed{q.as_number(0), std::string(q.as_text(1)), std::string(q.as_text(2)), std::string(q.as_bytes(3)), {}});
      const std::string_view lines = q.as_text(4);
      for (size_t at = 0; at < lines.size();) {
        const size_t end = std::min(lines.find('\n', at), lines.size());
        owed.keyed.emplace(lines.substr(at, end - at));
        at = end + 1;
      }
    }
  }
  if (all.empty()) return;
  std::vector<std::pair<int64_t, std::string>> places, clean;
  {
    Query q(db_, "SELECT \"run\", \"path\" FROM \"PendingPlace\" ORDER BY \"run\", \"path\"");
    while (q.step()) places.emplace_back(q.as_number(0), q.as_text(1));
  }
  std::optional<StoreError> in_the_way;  // a reader of this file: the backups can be cleaned all the same
  bool own = false;
  std::set<std::string> missed;
  for (const auto& [run, path] : places) {
    try {
      if (path.empty()) {
        if (!own) leave_no_trace();
        own = true;
      } else {
        const Owed& owed = *std::find_if(all.begin(), all.end(), [run = run](const Owed& one) { return one.run == run; });
        remove_beside(path, ".partial");  // of a backup that was cut off
        if (!fs::exists(path)) throw StoreError(Exit::input, path);
        Store copy(path, Mode::backup, "casebridge", owed.time);
        const auto taken = [&](std::string_view kind, std::string_view name) {
          return owed.keyed.contains(hash_of(owed.secret, kind, name));
        };
        copy.remove_again(copy.matching(taken), owed.rule, owed.time);
        copy.db_.run("PRAGMA journal_mode=DELETE");
      }
      clean.emplace_back(run, path);
    } catch (const StoreError& error) {
      if (path.empty()) in_the_way = error;
      else missed.insert(path);
    } catch (const std::exception&) { missed.insert(path); }
  }
  unreachable.assign(missed.begin(), missed.end());
  if (!clean.empty()) {
    Change change(*this);
    Query done(db_, "DELETE FROM \"PendingPlace\" WHERE \"run\"=? AND \"path\"=?");
    for (const auto& [run, path] : clean) done.number(run).text(path).done();
    db_.run("DELETE FROM \"Pending\" WHERE \"run\" NOT IN (SELECT \"run\" FROM \"PendingPlace\")");
    change.commit();
    Query q(db_, "PRAGMA wal_checkpoint(TRUNCATE)");
    q.step();
  }
  if (in_the_way) throw *in_the_way;
}

// At the opening: what a run that was killed, or whose cleaning was in the way of a reader, left owed; and copies it was making.
void Store::resume_pending() {
  for (const char* cut_off : {".restored", ".restored.partial"}) remove_beside(path(), cut_off);
  const auto owed = [&] { return db_.number("SELECT count(*) FROM \"PendingPlace\""); };
  const bool own = db_.number("SELECT EXISTS (SELECT 1 FROM \"PendingPlace\" WHERE \"path\"='')");
  if (!owed()) return;
  const int64_t before = owed();
  std::vector<std::string> unreachable;
  try {
    finish_pending(unreachable);
  } catch (const StoreError& still_read) {  // by another program: said, and tried again next time
    words_.push_back(still_read.what());
    return;
  }
  if (own || owed() < before)
    words_.push_back(tr("What was taken away before is now gone from free pages, write-ahead log and backups too: that had been cut off."));
}

Store::Away Store::matching(const std::function<bool(std::string_view kind, std::string_view name)>& taken) {
  Away out;
  out.key = taken("key", "");
  Query q(db_, "SELECT DISTINCT \"id\" FROM \"Record\" WHERE \"source\" > 0");
  while (q.step())
    if (taken("record", q.as_text(0))) out.ids.emplace(q.as_text(0)), out.names.emplace("record", q.as_text(0));
  Query f(db_, "SELECT \"source\", \"sha256\", \"agency\", \"system\" FROM \"SourceFile\" WHERE \"source\" > 0 ORDER BY \"source\"");
  while (f.step()) {
    const std::string agency(f.as_text(2)), system = agency + "/" + std::string(f.as_text(3));
    bool any = false;
    for (const auto& [kind, name] : {std::pair<std::string, std::string>("file", f.as_text(1)), {"source", agency}, {"source", system}})
      if (taken(kind, name)) any = true, out.names.emplace(kind, name);
    if (any) out.files.push_back(f.as_number(0));
  }
  Query mended(db_, "SELECT \"source\" FROM \"FeedFile\" WHERE \"mendedFrom\"=?");  // what people made of its records
  for (size_t i = 0, n = out.files.size(); i < n; ++i) {
    mended.number(out.files[i]);
    while (mended.step())
      if (std::find(out.files.begin(), out.files.end(), mended.as_number(0)) == out.files.end()) out.files.push_back(mended.as_number(0));
    mended.reset();
  }
  Query held(db_,
             "SELECT json_extract(\"profile\",'$.sha256'), json_extract(\"profile\",'$.agency'), json_extract(\"profile\",'$.system') FROM "
             "\"Feed\" WHERE \"state\"='held'");
  while (held.step()) {
    const std::string agency(held.as_text(1)), system = agency + "/" + std::string(held.as_text(2));
    for (const auto& [kind, name] : {std::pair<std::string, std::string>("file", held.as_text(0)), {"source", agency}, {"source", system}})
      if (taken(kind, name)) out.held.emplace(kind, name), out.names.emplace(kind, name);
  }
  return out;
}

void Store::remove_again(const Away& away, std::string_view rule, std::string_view time) {
  if (away.key) {
    Change change(*this);
    db_.run("DELETE FROM \"Meta\" WHERE \"name\"='key'");
    change.commit();
  }
  if (away.files.empty() && away.ids.empty() && away.held.empty()) return leave_no_trace();
  begin_run("destroy", time);
  try {
    Remover remover(*this, std::string(rule));
    for (const int64_t file : away.files) remover.file(file);
    for (const auto& [kind, name] : away.held) remover.held(kind, name);
    if (!away.ids.empty()) remover.records(away.ids);
    remover.settle();
    for (const auto& [kind, name] : away.names) remover.bar(kind, name);
    remover.log("destroy", {});
    commit_run();
  } catch (...) {
    abandon_run();
    throw;
  }
  leave_no_trace();
}

// What the store that is replaced keeps out, also where this one never held it, and where its backups lie: a later
// withdrawal must reach them. Within a run.
void Store::take_over(const std::string& other_path) {
  Database other(other_path, Database::Open::read);
  if (other.number("PRAGMA application_id") != kApplicationId) return;
  Query barred(other, "SELECT \"kind\", \"hash\" FROM \"Barred\" ORDER BY \"kind\", \"hash\"");
  while (barred.step()) {
    Query q(db_, "INSERT OR IGNORE INTO \"Barred\" VALUES (?, ?, (SELECT max(\"run\") FROM \"Run\"))");
    q.text(barred.as_text(0)).text(barred.as_text(1)).done();
  }
  Query backups(other, "SELECT \"path\", \"time\" FROM \"Backup\" ORDER BY \"path\"");
  while (backups.step()) {
    Query q(db_, "INSERT OR IGNORE INTO \"Backup\" VALUES (?, ?)");
    q.text(backups.as_text(0)).text(backups.as_text(1)).done();
  }
}

// What another store, made of the same, keeps out, and this one still holds.
uint64_t Store::remove_what_is_barred_in(const std::string& other_path, std::string_view time) {
  Names barred;
  {
    Database other(other_path, Database::Open::read);
    if (other.number("PRAGMA application_id") != kApplicationId) return 0;
    Query q(other, "SELECT \"kind\", \"hash\" FROM \"Barred\"");
    while (q.step()) barred.emplace(q.as_text(0), q.as_text(1));
  }
  if (barred.empty()) return 0;
  const Away away = matching([&](std::string_view kind, std::string_view name) {
    return barred.contains({std::string(kind), keyed(std::string(kind) + '\x1F' + std::string(name))});
  });
  if (!away.ids.empty() || !away.files.empty() || !away.held.empty()) remove_again(away, "withdrawn", time);
  return away.ids.size() + away.files.size();
}

}  // namespace casebridge::store

// Versions of the store. A newer one is refused; an older one is backed up beside itself and brought to this version in
// one transaction. The tables made from the model hold nothing that the bodies do not: a new model means making them anew.
#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "store/backup.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {
void Store::check_version(Mode mode, const std::string& now) {
  const int64_t version = db_.number("PRAGMA user_version");
  if (version > kStoreVersion)
    throw StoreError(Exit::usage,
                     fill(tr("{0} was written by a newer casebridge (store version {1}; this program knows {2})."),
                          std::vector<std::string>{path(), std::to_string(version), std::to_string(kStoreVersion)}),
                     tr("Use that program, or a newer one. The store was not touched."));
  const bool model_changed = db_.text("SELECT \"value\" FROM \"Meta\" WHERE \"name\"='model'") != sha256_hex(model_sql());
  if (version == kStoreVersion && !model_changed) return;
  if (mode == Mode::read)
    throw StoreError(Exit::usage,
                     fill(tr("{0} was written by an older casebridge and has to be migrated first."), std::vector<std::string>{path()}),
                     tr("Any command that writes to the store does it, after a backup."));
  const std::string at = utc(now);
  std::string copy;
  if (mode == Mode::write) {
    copy = std::filesystem::absolute(path() + ".before-" + at.substr(0, 10) + "-v" + std::to_string(version)).lexically_normal().string();
    if (!std::filesystem::exists(copy)) backup_file(db_, copy);
  }
  db_.run("PRAGMA foreign_keys=OFF; BEGIN IMMEDIATE");
  try {
    for (int64_t v = version; v < kStoreVersion; ++v) db_.run(std::string(own_sql_added(static_cast<int>(v) + 1)));
    refill_model_tables();
    if (!copy.empty()) {
      Query backup(db_, "INSERT INTO \"Backup\" VALUES (?, ?) ON CONFLICT DO UPDATE SET \"time\"=excluded.\"time\"");
      backup.text(copy).text(at).done();
    }
    append_audit(db_, std::max(at, run_time(last_run())), last_run(), "migrate",
                 "{\"from\":" + std::to_string(version) + ",\"to\":" + std::to_string(kStoreVersion) + "}");
    seal_tables(db_, std::max(at, run_time(last_run())), last_run());
    db_.run("PRAGMA user_version=" + std::to_string(kStoreVersion) + "; COMMIT");
  } catch (...) {
    if (db_.in_transaction()) db_.run("ROLLBACK");
    throw;
  }
  if (!copy.empty())
    words_.push_back(fill(tr("The store was migrated to this version; as it was before, it lies in {0}."), std::vector<std::string>{copy}));
}

// Makes the tables of the model anew, and fills them from the bodies.
void Store::refill_model_tables() {
  std::vector<std::string> views, tables;
  {
    const std::string own = own_sql();
    Query q(db_, "SELECT \"type\", \"name\" FROM sqlite_schema WHERE \"type\" IN ('table', 'view') AND \"name\" NOT LIKE 'sqlite_%'");
    while (q.step()) {
      const std::string name(q.as_text(1));
      if (q.as_text(0) == "view") views.push_back(name);
      else if (own.find("CREATE TABLE \"" + name + "\"") == own.npos) tables.push_back(name);
    }
  }
  for (const std::string& view : views) db_.run("DROP VIEW \"" + view + "\"");
  for (const std::string& table : tables) db_.run("DROP TABLE \"" + table + "\"");
  db_.run(std::string(model_sql()));
  db_.run(view_sql());
  TypedTables typed(db_);
  Query q(db_, "SELECT r.\"source\", r.\"version\", " + std::string(kStatedColumns) +
                   " FROM \"Record\" r JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" "
                   "JOIN \"Content\" c ON c.\"content\"=s.\"content\" ORDER BY r.\"source\", r.\"ordinal\"");
  RecordBatch batch;
  while (q.step()) {
    batch.reset();
    read_stated(q, 2, batch);
    typed.insert(batch.records.front(), q.as_number(1), q.as_number(0));
  }
  Query meta(db_, "INSERT INTO \"Meta\" VALUES ('model', ?) ON CONFLICT DO UPDATE SET \"value\"=excluded.\"value\"");
  meta.text(sha256_hex(model_sql())).done();
}

}  // namespace casebridge::store

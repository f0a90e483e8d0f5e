#include "base/sha256.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

Store::Statements::Statements(Database& db)
    : find_content(db, "SELECT \"content\" FROM \"Content\" WHERE \"digest\"=?"),
      add_content(db, "INSERT INTO \"Content\" (\"digest\", \"body\") VALUES (?, ?)"),
      last_version(db,
                   "SELECT r.\"version\", r.\"untilRun\", c.\"body\", f.\"floor\" FROM \"Record\" r JOIN \"Stated\" s ON "
                   "s.\"source\"=r.\"source\" AND s.\"ordinal\"=r.\"ordinal\" "
                   "JOIN \"Content\" c ON c.\"content\"=s.\"content\" JOIN \"SourceFile\" f ON f.\"source\"=r.\"source\" WHERE r.\"id\"=? "
                   "ORDER BY r.\"version\" DESC LIMIT 1"),
      end_version(db, "UPDATE \"Record\" SET \"untilRun\"=? WHERE \"id\"=? AND \"version\"=?"),
      add_record(db, "INSERT INTO \"Record\" VALUES (?, ?, ?, ?, ?, ?, NULL)"),
      add_stated(db, "INSERT INTO \"Stated\" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      has(db, "SELECT 1 FROM \"Record\" WHERE \"id\"=? LIMIT 1") {}

void Store::Statements::seal_sources(Store& store, int64_t run) {
  std::vector<int64_t> files;
  Query q(store.db(), "SELECT \"source\" FROM \"SourceFile\" WHERE \"run\"=? AND \"source\" > 0 ORDER BY \"source\"");
  q.number(run);
  while (q.step()) files.push_back(q.as_number(0));
  if (store.db().number("SELECT count(*) FROM \"Stated\" WHERE \"source\"=0 AND \"run\"=" + std::to_string(run))) files.push_back(0);
  for (const int64_t file : files)
    store.audit("source", "{\"source\":" + std::to_string(file) + ",\"digest\":\"" + source_digest(store.db(), file) + "\"}");
}

std::string source_digest(Database& db, int64_t source) {
  Query secret(db,
               "SELECT \"secret\", \"name\", \"sha256\", \"agency\", \"system\", \"format\", \"mapping\", \"line\" FROM \"SourceFile\" "
               "WHERE \"source\"=?");
  secret.number(source);
  if (!secret.step()) return {};
  Sha256 hash;
  const auto add = [&](std::string_view text) { hash.add(std::to_string(text.size()) + ":"), hash.add(text); };
  const std::string key(secret.as_bytes(0));
  for (int i = 1; i <= 6; ++i) add(secret.as_text(i));
  add(secret.as_bytes(7));
  Query q(db,
          "SELECT s.\"ordinal\", s.\"id\", c.\"digest\", s.\"ownVersion\", s.\"offset\", s.\"length\", s.\"line\", s.\"column\", "
          "s.\"also\", s.\"run\" FROM \"Stated\" s JOIN \"Content\" c "
          "ON c.\"content\"=s.\"content\" WHERE s.\"source\"=? ORDER BY s.\"ordinal\"");
  q.number(source);
  while (q.step()) {
    std::string row;
    for (const int i : {0, 3, 4, 5, 6, 7, 9}) row += std::to_string(q.as_number(i)) + ' ';
    add(row);
    add(q.as_text(1));
    add(q.as_bytes(2));
    add(q.as_bytes(8));
  }
  return to_hex(hmac_sha256(key, hash.hex()));
}

}  // namespace casebridge::store

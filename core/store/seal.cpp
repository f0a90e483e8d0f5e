// The seal of the store's own tables: who changed a row of Run, Decision, Export, Received ... by any other way than this program
// is found, and so is a bit that fell over. What files state has seals of its own (source_digest), and so have the bodies.
#include "base/sha256.hpp"
#include "store/internal.hpp"

namespace casebridge::store {
namespace {

// The tables, each under its name, and the schema.
std::vector<std::string> sealed_tables() {
  std::vector<std::string> out;
  const std::string sql = own_sql();
  constexpr std::string_view kCreate = "CREATE TABLE \"";
  for (size_t at = sql.find(kCreate); at != sql.npos; at = sql.find(kCreate, at)) {
    at += kCreate.size();
    const std::string name = sql.substr(at, sql.find('"', at) - at);
    if (name != "Audit" && name != "Content" && name != "Stated") out.push_back(name);
  }
  out.emplace_back("sqlite_schema");
  return out;
}

// Every value with its kind: 1 and '1' are not the same.
std::string digest_of(Database& db, const std::string& table, std::string_view key) {
  Sha256 hash;
  std::string row;
  Query q(db, table == "sqlite_schema" ? "SELECT \"type\", \"name\", \"tbl_name\", \"sql\" FROM sqlite_schema ORDER BY \"type\", \"name\""
                                       : "SELECT * FROM \"" + table + "\" NOT INDEXED");
  while (q.step()) {
    row.clear();
    for (int column = 0; column < q.columns(); ++column) {
      row += std::to_string(q.kind(column)) + ":";  // before it is read: reading may turn it into text
      const std::string_view value = q.as_bytes(column);
      row += std::to_string(value.size()) + ":";
      row += value;
    }
    hash.add(std::to_string(row.size()) + ":");
    hash.add(row);
  }
  return to_hex(hmac_sha256(key, hash.hex())).substr(0, 32);
}

}  // namespace

void seal_tables(Database& db, std::string_view time, int64_t run) {
  // The last key goes: of an older state nothing can be tried out with what its seal says.
  const std::string key = random_bytes(32);
  Query meta(db, "INSERT INTO \"Meta\" VALUES ('seal', ?) ON CONFLICT DO UPDATE SET \"value\"=excluded.\"value\"");
  meta.bytes(key).done();
  std::string detail = "{";
  for (const std::string& table : sealed_tables())
    detail += (detail.size() > 1 ? ",\"" : "\"") + table + "\":\"" + digest_of(db, table, key) + "\"";
  append_audit(db, time, run, "seal", detail + "}");
}

std::vector<std::string> broken_seals(Database& db, std::string_view sealed) {
  std::vector<std::string> out;
  std::string key;
  {
    Query meta(db, "SELECT \"value\" FROM \"Meta\" WHERE \"name\"='seal'");
    if (meta.step()) key = meta.as_bytes(0);
  }
  for (const std::string& table : sealed_tables())
    if (sealed.find("\"" + table + "\":\"" + digest_of(db, table, key) + "\"") == sealed.npos) out.push_back(table);
  return out;
}

}  // namespace casebridge::store

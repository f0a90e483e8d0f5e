// What the files of the store share. Not for use outside core/store.
#pragma once
#include "store/store.hpp"

namespace casebridge::store {

std::string random_bytes(size_t n);
std::string file_sha256(const std::string& path);
// The next row of the chain. `detail` is JSON without personal data.
void append_audit(Database& db, std::string_view time, int64_t run, std::string_view action, std::string_view detail);
std::string audit_hash(std::string_view previous, int64_t seq, std::string_view time, int64_t run, std::string_view action,
                       std::string_view detail);
// Seals all tables of the store's own by a row of the audit log, under a new key: at the end of every transaction.
void seal_tables(Database& db, std::string_view time, int64_t run);
// Names of the tables that are not as they were sealed.
std::vector<std::string> broken_seals(Database& db, std::string_view sealed);
// Over all that a file states, keyed by the file's own secret: equal only for those who hold the store.
std::string source_digest(Database& db, int64_t source);

struct Store::Statements {
  explicit Statements(Database& db);
  void seal_sources(Store& store, int64_t run);  // a row of the audit log for each file of the run
  std::string body, also;
  Query find_content, add_content, last_version, end_version, add_record, add_stated, has;
};

}  // namespace casebridge::store

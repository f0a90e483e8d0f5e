#include "store/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <vector>

#include "base/system_words.hpp"
#include "base/text.hpp"

namespace casebridge::store {
namespace {

std::string words(const char* english, std::vector<std::string> args) { return fill(tr(english), args); }

}  // namespace

Database::Database(const std::string& path, Open how) : path_(path) {
  if (how == Open::create) {  // 0600 before SQLite writes the first byte; never over a file that is there
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0)
      throw StoreError(errno == EEXIST ? Exit::usage : Exit::temporary,
                       words(TR_NOOP("{0} cannot be made: {1}"), {path, system_words(errno)}),
                       tr("A store is never made over a file that is there."));
    ::close(made);
  } else if (!std::filesystem::is_regular_file(path)) {
    throw StoreError(Exit::input, words(TR_NOOP("There is no store at {0}."), {path}), tr("casebridge init STORE makes one."));
  }
  const int flags = (how == Open::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_FULLMUTEX;
  const int code = sqlite3_open_v2(path.c_str(), &db_, flags, nullptr);
  if (code != SQLITE_OK) {
    sqlite3_close(db_);
    throw StoreError(code == SQLITE_NOMEM ? Exit::internal : Exit::temporary, words(TR_NOOP("{0} cannot be opened."), {path}),
                     tr("Check the place, its free room and the access rights."));
  }
  // Beside a store in WAL mode SQLite wants a file for its readers; on a read-only disk there is none and none can be made.
  // Where nothing is left to be read from a log, the file alone is the whole store, and nobody can change it.
  std::error_code no_log;
  if (how == Open::read && sqlite3_exec(db_, "SELECT 1 FROM sqlite_schema", nullptr, nullptr, nullptr) == SQLITE_CANTOPEN &&
      (std::filesystem::file_size(path + "-wal", no_log) == 0 || no_log)) {
    sqlite3_close(db_);
    std::string uri = "file:";
    for (const char c : std::filesystem::absolute(path).string())
      if (c == '%' || c == '?' || c == '#') uri += c == '%' ? "%25" : c == '?' ? "%3f" : "%23";
      else uri += c;
    if (sqlite3_open_v2((uri + "?immutable=1").c_str(), &db_, flags | SQLITE_OPEN_URI, nullptr) != SQLITE_OK) {
      sqlite3_close(db_);
      throw StoreError(Exit::temporary, words(TR_NOOP("{0} cannot be opened."), {path}),
                       tr("Check the place, its free room and the access rights."));
    }
  }
  sqlite3_extended_result_codes(db_, 1);
  sqlite3_busy_timeout(db_, 5000);
  // Views and triggers of a file that somebody else may have touched may call nothing; sizes are checked when read.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
}

Database::~Database() { sqlite3_close(db_); }

void Database::fail(int code) const {
  const std::string said = sqlite3_errmsg(db_);
  switch (code & 0xFF) {
    case SQLITE_FULL:
      throw StoreError(Exit::temporary, words(TR_NOOP("The disk is full: {0} was not changed."), {path_}),
                       tr("Free some room and run the command again; nothing is lost."));
    case SQLITE_READONLY:
      throw StoreError(Exit::temporary, words(TR_NOOP("{0} may be read but not written."), {path_}),
                       tr("Check the access rights of the file and its folder, and that the disk is not read-only."));
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw StoreError(Exit::temporary, words(TR_NOOP("{0} is in use by another program."), {path_}),
                       tr("Wait until it has finished, or close it."));
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_SHMSIZE)
        throw StoreError(Exit::temporary, words(TR_NOOP("{0} could not be written to the disk."), {path_}),
                         tr("Free some room and run the command again; nothing is lost."));
      throw StoreError(Exit::temporary, words(TR_NOOP("{0} could not be read from the disk."), {path_}),
                       tr("Check the disk; restore a backup if the file is damaged."));
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      throw StoreError(Exit::temporary, words(TR_NOOP("{0} cannot be opened."), {path_}),
                       tr("Check the place, its free room and the access rights."));
    case SQLITE_NOTADB:
      throw StoreError(Exit::integrity, words(TR_NOOP("{0} is not a store."), {path_}), tr("casebridge init STORE makes one."));
    case SQLITE_CORRUPT:
      throw StoreError(Exit::integrity, words(TR_NOOP("{0} is damaged."), {path_}),
                       tr("Restore a backup: casebridge restore BACKUP STORE."));
    default: throw std::runtime_error("SQLite (" + std::to_string(code) + "): " + said);
  }
}

void Database::run(const std::string& sql) {
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(code);
}
int64_t Database::number(const std::string& sql) {
  Query q(*this, sql);
  return q.step() ? q.as_number(0) : 0;
}
std::string Database::text(const std::string& sql) {
  Query q(*this, sql);
  return q.step() ? std::string(q.as_text(0)) : std::string();
}
int64_t Database::last_row() const { return sqlite3_last_insert_rowid(db_); }
int64_t Database::changes() const { return sqlite3_changes64(db_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Query::Query(Database& db, std::string_view sql) : db_(db) {
  const int code =
      sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) db.fail(code);
}
Query::~Query() { sqlite3_finalize(statement_); }
Query& Query::text(std::string_view value) {
  sqlite3_bind_text64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}
Query& Query::text_or_null(std::string_view value) { return value.empty() ? null() : text(value); }
Query& Query::number(int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}
Query& Query::bytes(std::string_view value) {
  sqlite3_bind_blob64(statement_, next_++, value.data() ? value.data() : "", value.size(), SQLITE_STATIC);
  return *this;
}
Query& Query::null() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}
bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  db_.fail(sqlite3_extended_errcode(db_.handle()));
}
void Query::reset() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  next_ = 1;
}
std::string_view Query::as_text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text ? std::string_view(text, static_cast<size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}
std::string_view Query::as_bytes(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return bytes ? std::string_view(bytes, static_cast<size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}
int64_t Query::as_number(int column) const { return sqlite3_column_int64(statement_, column); }
bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
int Query::kind(int column) const { return sqlite3_column_type(statement_, column); }
int Query::columns() const { return sqlite3_column_count(statement_); }

Savepoint::Savepoint(Database& db) : db_(db) { db_.run("SAVEPOINT part"); }
Savepoint::~Savepoint() {
  if (!open_) return;
  try {
    if (db_.in_transaction()) db_.run("ROLLBACK TO part; RELEASE part");
  } catch (...) {  // the transaction around it is undone with the connection
  }
}
void Savepoint::keep() {
  db_.run("RELEASE part");
  open_ = false;
}

}  // namespace casebridge::store

// SQLite in C++: a connection, a prepared statement, and failures as exceptions that say what a user can do about them.
// A connection and its statements are used by one thread at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/exit_code.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace casebridge::store {

// Ends the command: `exit` and two sentences, already in the language of the process.
struct StoreError : std::runtime_error {
  StoreError(Exit exit, const std::string& message, std::string hint = {})
      : std::runtime_error(message), exit(exit), hint(std::move(hint)) {}
  Exit exit;
  std::string hint;
};

class Query;

class Database {
 public:
  enum class Open { create, write, read };
  Database(const std::string& path, Open how);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql);        // one or several statements without parameters
  int64_t number(const std::string& sql);  // the first column of the first row; 0 without a row
  std::string text(const std::string& sql);
  int64_t last_row() const;
  int64_t changes() const;
  bool in_transaction() const;
  const std::string& path() const { return path_; }
  sqlite3* handle() const { return db_; }
  [[noreturn]] void fail(int code) const;

 private:
  sqlite3* db_ = nullptr;
  std::string path_;
};

// Bind from the left, then step. Text and bytes that are bound must live until the next step or reset.
class Query {
 public:
  Query(Database& db, std::string_view sql);
  ~Query();
  Query(Query&& other) noexcept : db_(other.db_), statement_(other.statement_), next_(other.next_) { other.statement_ = nullptr; }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& text(std::string_view value);
  Query& text_or_null(std::string_view value);  // empty: NULL
  Query& number(int64_t value);
  Query& bytes(std::string_view value);
  Query& null();
  bool step();  // true: a row
  void done() {
    step();
    reset();
  }              // for what gives no rows
  void reset();  // and forget what was bound

  std::string_view as_text(int column) const;  // valid until the next step
  std::string_view as_bytes(int column) const;
  int64_t as_number(int column) const;
  bool is_null(int column) const;
  int kind(int column) const;  // SQLITE_INTEGER, SQLITE_TEXT ...
  int columns() const;

 private:
  Database& db_;
  sqlite3_stmt* statement_ = nullptr;
  int next_ = 1;
};

// Everything or nothing; without keep() it is undone.
class Savepoint {
 public:
  explicit Savepoint(Database& db);
  ~Savepoint();
  void keep();

 private:
  Database& db_;
  bool open_ = true;
};

}  // namespace casebridge::store

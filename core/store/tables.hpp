// The tables of a store: those made from the model, the store's own, and views for analysts.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "model/record.hpp"
#include "store/sqlite.hpp"

namespace casebridge::store {

inline constexpr int kStoreVersion = 3;            // user_version of the file: of the store's own tables
inline constexpr int kApplicationId = 0x43425331;  // "CBS1"

std::string_view model_sql();  // schemas/generated/store.sql, as built in
std::string own_sql();
std::string_view own_sql_added(int version);  // what this version of the store added
std::string view_sql();                       // one view of what holds now for each type, and some for people

// Fills the tables that are made from the model. They repeat what the bodies say, for anyone with SQL; they can be made
// again from the bodies at any time.
class TypedTables {
 public:
  explicit TypedTables(Database& db);
  ~TypedTables();
  // The row of "Record" is there already. `version` and `source` are the store's.
  void insert(const Record& record, int64_t version, int64_t source);
  // What insert() would write, as text: table, columns in their order; for the audit.
  std::vector<std::string> rows(const Record& record, int64_t version, int64_t source);
  std::vector<std::string> stored(const Record& record, int64_t version);

 private:
  struct Table;
  struct Plan;
  Plan& plan(const model::Node* type);
  template <class Sink>
  void each_row(const Record& record, int64_t version, int64_t source, Sink&& sink);
  Database& db_;
  std::vector<std::unique_ptr<Plan>> plans_;  // by tag of the type
};

}  // namespace casebridge::store

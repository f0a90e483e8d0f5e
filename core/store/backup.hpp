// Copies of a store. A backup that the store knows of is in our keeping: destruction and withdrawal reach it too.
#pragma once
#include <string>

#include "store/store.hpp"

namespace casebridge::store {

// A whole copy, made while the store is in use, 0600, at a place where nothing is; in place only when it is complete.
void backup_file(Database& from, const std::string& to);
// backup_file, noted in the store.
void backup(Store& store, const std::string& to, const std::string& time);
// Puts a backup in the place of a store, after a check of the copy. What was destroyed or withdrawn since the backup was
// made is taken out again, as far as the store that stood there can say so. Gives the number of such records.
uint64_t restore(const std::string& backup, const std::string& store, const std::string& time, bool force);

}  // namespace casebridge::store

// The audit log: a chain in which each row seals the one before it, and what the store holds sealed by it.
#pragma once
#include <string>
#include <vector>

#include "store/store.hpp"

namespace casebridge::store {

struct AuditReport {
  uint64_t rows = 0, files = 0, records = 0;
  std::string head;                   // hash of the last row: noted elsewhere, it shows a chain that was made anew
  bool head_found = true;             // the hash that was asked for is one of the chain
  uint64_t pending = 0;               // places that still hold what was taken away: this file, backups
  std::vector<std::string> problems;  // for people; empty: everything holds
};

// Reads all of it: the chain, SQLite's own structure, every body against its digest, every file against its seal, every
// row of the tables made from the model against its body. `expected`: a head noted earlier, or empty.
AuditReport verify(Store& store, const std::string& expected = {});

}  // namespace casebridge::store

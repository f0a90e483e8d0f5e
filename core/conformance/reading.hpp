// One reading of a sample, written down: what came, in a form that two readings can be compared by.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "casebridge/plugin.h"
#include "conformance/subject.hpp"
#include "host/session.hpp"

namespace casebridge::conformance {

struct How {
  uint32_t batch = 4096;  // max_batch_records
  bool in_process = false;
  uint32_t cancel_after = UINT32_MAX;  // batches
  bool whole = true;                   // write the units down; else only what broke
};

struct Reading {
  cb_status status = CB_OK;        // of the end: CB_END or a failure
  std::vector<std::string> units;  // a line for each unit, record and cell; fields before values
  uint64_t n_units = 0, n_records = 0, n_batches = 0;
  std::vector<Finding> findings;
  std::vector<host::LossCount> losses;
  uint64_t most = 0;   // records of a batch without those of its last unit
  std::string broken;  // how the contract was broken, in words, or empty
};

using EachBatch = std::function<void(const cb_batch&)>;

Reading read(const Subject&, const std::string& format, const std::vector<SampleFile>& files, const How&, const EachBatch& each = {});

// Where two readings differ first, in words that quote no value; empty when they are equal.
std::string difference(const Reading& first, const Reading& second);

// "Person.names.full", "ext", "key": for words.
std::string field_name(uint32_t tag);

// The bytes of a file as a reader sees them: of a workbook its text, made as the host makes it. False: it is no workbook
// (`bytes` stay as they are), or `problem` says what is wrong with it.
bool unpack_workbook(const std::string& name, const std::string& packed, std::string& bytes, Finding& problem);

// A file of memory only: what is read in tests never touches a disk.
class MemoryFile {
 public:
  explicit MemoryFile(const std::string& bytes);
  ~MemoryFile();
  MemoryFile(const MemoryFile&) = delete;
  host::InputRef ref(const std::string& name) const;

 private:
  int fd_ = -1;
};

}  // namespace casebridge::conformance

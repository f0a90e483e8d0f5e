// The inside of a worker that opens archives: libarchive over a descriptor, under limits. What goes wrong is GivenUp.
#pragma once
#include <archive.h>
#include <archive_entry.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "host/input.hpp"
#include "host/wire.hpp"

namespace casebridge::host {

constexpr size_t kBlock = size_t(256) << 10;

struct GivenUp : std::runtime_error {  // ends the job with a finding
  GivenUp(const char* code, const std::string& why) : std::runtime_error(why), code(code) {}
  const char* code;
};

// Names are shown and never used: what is not UTF-8 or cannot be printed becomes U+FFFD.
std::string shown(const char* raw);

struct Budget {
  InputLimits limits;
  Pulse& pulse;
  uint64_t packed = 0, unpacked = 0, entries = 0, file_size = 0;

  void took(uint64_t n) {
    packed += n;
    pulse.consumed.fetch_add(n, std::memory_order_relaxed);
  }
  void gave(uint64_t n) {
    unpacked += n;
    pulse.consumed.fetch_add(1, std::memory_order_relaxed);
    check(unpacked);
  }
  void check(uint64_t bytes) const {
    if (bytes > limits.archive_bytes)
      throw GivenUp("E-ARCHIVE-LIMIT", "it unpacks to more than " + std::to_string(limits.archive_bytes) + " bytes");
    if (bytes > limits.archive_free_bytes && bytes / limits.archive_ratio > packed)
      throw GivenUp("E-ARCHIVE-LIMIT", "it unpacks to more than " + std::to_string(limits.archive_ratio) + " times its size");
  }
  void entry() {
    if (++entries > limits.archive_entries)
      throw GivenUp("E-ARCHIVE-LIMIT", "it has more than " + std::to_string(limits.archive_entries) + " members");
  }
};

// An open archive over a file, or over a member of another one.
class ArchiveReader {
 public:
  ArchiveReader(Budget& budget, uint64_t file_size) : budget_(budget), size_(file_size) { open(true); }
  ArchiveReader(Budget& budget, ArchiveReader& outer, std::string head) : budget_(budget), outer_(&outer), head_(std::move(head)) {
    open(false);
  }

  archive_entry* next();  // nullptr: the end
  size_t read(char* into, size_t size);
  bool random_access() const { return !outer_ && ::archive_format(a_.get()) == ARCHIVE_FORMAT_ZIP; }
  bool raw() const { return ::archive_format(a_.get()) == ARCHIVE_FORMAT_RAW; }
  void skip();
  [[noreturn]] void fail();

 private:
  void open(bool file);
  static la_ssize_t read_block(archive* a, void* self, const void** out);
  static la_int64_t seek(archive*, void* self, la_int64_t offset, int whence);
  static la_int64_t skip_bytes(archive*, void* self, la_int64_t n);
  struct Free {
    void operator()(archive* a) const { ::archive_read_free(a); }
  };
  Budget& budget_;
  ArchiveReader* outer_ = nullptr;
  std::string head_;
  std::vector<char> block_;
  uint64_t at_ = 0, size_ = 0;
  std::exception_ptr inner_error_;
  std::unique_ptr<archive, Free> a_{::archive_read_new()};
};

Budget budget_of(const std::vector<uint64_t>& numbers, Pulse& pulse);  // of the first message: see archive.cpp

}  // namespace casebridge::host

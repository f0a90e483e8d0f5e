// The bytes of an input, pulled from cb_input: whole reads, 64-bit offsets, the status of what went wrong below.
// Offsets are those of the original bytes. One thread at a time.
#pragma once
#include <cstddef>
#include <cstdint>

#include "casebridge/plugin.h"

namespace casebridge::read {

class ByteSource {
 public:
  explicit ByteSource(const cb_input& input) : input_(&input) {}  // borrowed
  // Reads until `size` bytes are there, the input ends or fails. A pipe that gives few bytes at a time gives the same
  // blocks as a file, so that nothing that looks at a block depends on how the bytes arrived.
  size_t read(char* into, size_t size);
  bool seek(uint64_t to);                        // false: the input cannot, or failed
  uint64_t offset() const { return offset_; }    // of the next byte
  bool at_end() const { return end_; }           // read() has met the end, or failed
  cb_status status() const { return status_; }   // CB_OK, or why reading failed
  int64_t size() const { return input_->size; }  // -1 unknown

 private:
  const cb_input* input_;
  uint64_t offset_ = 0;
  bool end_ = false;
  cb_status status_ = CB_OK;
};

}  // namespace casebridge::read

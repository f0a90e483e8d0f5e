// A window that slides over the text of an input: what the scanners of delimited, fixed and JSON text look at.
// In an encoding that contains ASCII (UTF-8, Windows-1252, ISO 8859-1) the window holds the input's own bytes; UTF-16 is
// turned into UTF-8 on the way in, and offset() turns a place in the window back into bytes of the input: a unit of
// UTF-16 is two bytes whatever became of it, so the way back needs no table.
// Behind end() stand 64 zero bytes, so that a scanner may look at whole blocks. One thread at a time.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "read/byte_source.hpp"
#include "read/encoding.hpp"

namespace casebridge::read {

class TextWindow {
 public:
  static constexpr size_t kChunk = size_t(256) << 10;
  // Reads the first chunk and detects the encoding. `input` and `reporter` are borrowed.
  TextWindow(const cb_input& input, std::string_view declared, Reporter& reporter);

  const char* begin() const { return begin_; }  // first byte not yet let go
  const char* end() const { return end_; }
  bool at_end() const { return drained_; }  // nothing comes behind end()
  // Lets go what stands before `keep` and reads on, so that more text stands behind end(); twice as much as is kept at
  // least. `keep` and all other pointers into the window move: keep stands at begin() afterwards. false: nothing came.
  bool more(const char* keep);
  // `size` bytes from `keep` on, unless the input ends before; as with more(), what stands before may go and pointers may
  // move. Returns where `keep` is now.
  const char* ensure(const char* keep, size_t size) {
    while (static_cast<size_t>(end_ - keep) < size) {
      const bool came = more(keep);
      keep = begin_;
      if (!came) break;
    }
    return keep;
  }
  bool bytes_are_input() const { return !wide_; }  // offsets are a plain difference
  uint64_t offset(const char* at) const { return wide_ ? wide_offset(at) : base_ + static_cast<uint64_t>(at - data_.data()); }
  // Bytes of the input between two places of the window.
  uint64_t length(const char* from, const char* to) const { return wide_ ? offset(to) - offset(from) : static_cast<uint64_t>(to - from); }
  const Detected& detected() const { return detected_; }
  cb_status status() const { return status_ != CB_OK ? status_ : source_.status(); }

 private:
  uint64_t wide_offset(const char* at) const;
  size_t fill(char* into, size_t size);
  size_t fill_wide(char* into, size_t size);
  ByteSource source_;
  Reporter* reporter_;
  Detected detected_;
  std::vector<char> data_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  uint64_t base_ = 0;  // offset of data_[0]
  bool wide_ = false, drained_ = false;
  cb_status status_ = CB_OK;
  // UTF-16
  std::vector<unsigned char> raw_;
  size_t raw_size_ = 0;
  uint64_t raw_offset_ = 0;             // of raw_[0]
  mutable const char* mark_ = nullptr;  // a place whose offset is known; offsets are asked for in rising order
  mutable uint64_t mark_offset_ = 0;
};

}  // namespace casebridge::read

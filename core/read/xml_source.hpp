// The bytes of an XML input as a sliding window of UTF-8, with the way back to the original byte of each.
// UTF-8 is passed through; ISO-8859-1, Windows-1252 and UTF-16 are decoded. Every byte that leaves here is part of a
// character that XML 1.0 allows: where that ends, the window ends, and stop() says why. One thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "casebridge/plugin.h"

namespace casebridge::read {

enum class XmlEncoding : uint8_t { utf8, latin1, windows1252, utf16le, utf16be };
std::string_view name_of(XmlEncoding);

struct XmlPlace {
  uint64_t offset = 0, line = 0, column = 0;  // line and column from 1, column in bytes of the input
};

class XmlSource {
 public:
  enum class Stop : uint8_t { none, end, bad_bytes, bad_character, io, encoding };

  // `input` is borrowed. With `recover`, what stands before a late XML declaration is left out.
  XmlSource(const cb_input& input, bool recover);

  // Reads the head: byte order mark, declared encoding. What is worth a finding is appended to `findings`.
  // False: the encoding is not one of ours, or nothing can be read (stop() says which).
  bool begin(std::vector<Finding>& findings);

  const char* data() const { return buffer_.data(); }
  size_t size() const { return checked_; }
  uint64_t offset(size_t index) const { return plain() ? base_ + index : base_ + (index < map_.size() ? map_[index] : raw_end_); }

  // Makes the window longer by about `want` bytes. False: nothing more comes, see stop().
  bool pull(size_t want);
  void drop(size_t n);  // the first n bytes of the window are done with

  // The place of an index; cheap when indices come in rising order.
  XmlPlace place(size_t index);

  Stop stop() const { return stop_; }
  uint64_t stop_offset() const { return stop_offset_; }
  XmlEncoding encoding() const { return encoding_; }
  uint64_t consumed() const { return base_; }

 private:
  bool plain() const { return encoding_ == XmlEncoding::utf8; }
  int64_t read(size_t want);  // appends raw bytes to raw_ (or the window itself for UTF-8)
  bool check(bool at_end);    // moves checked_ over what is sound
  bool decode(bool at_end);
  void put(uint32_t character, uint32_t raw_index);
  void stop_at(Stop why, uint64_t offset);
  bool find_encoding(std::vector<Finding>&);
  size_t late_declaration(std::string_view head) const;  // index of a declaration after white space and comments, 0 if none

  const cb_input& input_;
  bool recover_;
  XmlEncoding encoding_ = XmlEncoding::utf8;
  Stop stop_ = Stop::none;
  bool ended_ = false;
  uint64_t stop_offset_ = 0;
  std::string buffer_;  // the window, and for UTF-8 a tail that is not checked yet
  size_t checked_ = 0;
  uint64_t base_ = 0;          // original offset of the window's first byte
  std::string raw_;            // not UTF-8: bytes that are read and not decoded
  std::vector<uint32_t> map_;  // not UTF-8: per byte of the window, its original offset from base_
  uint32_t raw_end_ = 0;       // not UTF-8: original offset of the window's end from base_
  size_t counted_ = 0;         // line ends are counted up to here
  uint64_t line_ = 1, line_start_ = 0;
};

}  // namespace casebridge::read

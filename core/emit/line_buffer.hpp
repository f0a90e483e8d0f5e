// A line in the making. The few calls that write most of the bytes of an output are here, in line, without a check for
// each byte: room() first, then what it was asked for. One thread at a time.
#pragma once
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "emit/escape.hpp"

namespace casebridge::emit {

class LineBuffer {
 public:
  static constexpr size_t kPad = 32;  // bytes behind a padded text that may be read, and behind the line that may be written

  std::string_view text() const { return {store_.get(), static_cast<size_t>(at_ - store_.get())}; }
  void clear() {
    if (size_ > kUsual) store_.reset(), size_ = 0;
    at_ = store_.get();
  }
  void room(size_t bytes) {
    if (static_cast<size_t>(store_.get() + size_ - at_) < bytes + kPad) grow(bytes + kPad);
  }

  // These need room.
  void put(char c) { *at_++ = c; }
  template <size_t N>
  void put(const char (&literal)[N]) {
    std::memcpy(at_, literal, N - 1);
    at_ += N - 1;
  }
  void padded(const char* from, size_t size) {  // kPad bytes behind it may be read
    for (size_t i = 0; i < size; i += kPad) std::memcpy(at_ + i, from + i, kPad);
    at_ += size;
  }
  char* take(size_t size) { return std::exchange(at_, at_ + size); }
  void number(uint64_t n) { at_ = std::to_chars(at_, at_ + 20, n).ptr; }

  // These make their own.
  void add(std::string_view text) {
    if (text.empty()) return;  // may have no address, which memcpy() must not be given
    room(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void quoted(std::string_view text) {  // as append_json_string()
    room(text.size() + 2);
    if (copied_plain(text)) return;
    escaped_.clear();
    append_json_string(escaped_, text);
    add(escaped_);
  }

 private:
  static constexpr size_t kUsual = size_t(1) << 20;

  // Eight bytes at a time: is none below 0x20, a quote or a backslash?
  static uint64_t special(uint64_t word) {
    constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
    const uint64_t quote = word ^ kOnes * '"', slash = word ^ kOnes * '\\';
    return (((word - kOnes * 0x20) & ~word) | ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash)) & kHigh;
  }
  static uint64_t eight(const char* from) {
    uint64_t word;
    std::memcpy(&word, from, 8);
    return word;
  }
  bool copied_plain(std::string_view text) {
    const char* const from = text.data();
    const size_t size = text.size();
    char* const to = at_ + 1;
    uint64_t found = 0;
    if (size >= 8) {
      for (size_t i = 0; i + 8 <= size; i += 8) {
        const uint64_t word = eight(from + i);
        found |= special(word);
        std::memcpy(to + i, &word, 8);
      }
      const uint64_t last = eight(from + size - 8);
      found |= special(last);
      std::memcpy(to + size - 8, &last, 8);
    } else {
      uint64_t word = 0x2020202020202020;
      std::memcpy(&word, from, size);
      found = special(word);
      std::memcpy(to, &word, 8);
    }
    if (found != 0) return false;
    *at_ = '"';
    to[size] = '"';
    at_ = to + size + 1;
    return true;
  }
  void grow(size_t bytes) {
    const size_t have = text().size(), want = std::max(size_ * 2, have + std::max<size_t>(bytes, 4096));
    auto larger = std::make_unique_for_overwrite<char[]>(want);
    if (have != 0) std::memcpy(larger.get(), store_.get(), have);
    store_ = std::move(larger);
    size_ = want;
    at_ = store_.get() + have;
  }

  std::unique_ptr<char[]> store_;
  size_t size_ = 0;
  char* at_ = nullptr;
  std::string escaped_;
};

}  // namespace casebridge::emit

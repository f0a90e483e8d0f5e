#include "read/text_window.hpp"

#include <algorithm>
#include <cstring>

namespace casebridge::read {
namespace {

constexpr size_t kPadding = 64;

// Bytes of UTF-16 that gave this UTF-8: two for each character, four for those outside the first plane.
uint64_t wide_bytes(const char* from, const char* to) {
  uint64_t units = 0;
  for (; from != to; ++from) {
    const auto byte = static_cast<unsigned char>(*from);
    units += (byte & 0xC0) != 0x80;
    units += byte >= 0xF0;
  }
  return units * 2;
}

}  // namespace

TextWindow::TextWindow(const cb_input& input, std::string_view declared, Reporter& reporter) : source_(input), reporter_(&reporter) {
  data_.resize(kChunk + kPadding);
  size_t have = source_.read(data_.data(), kChunk);
  detected_ = detect_encoding({data_.data(), std::min<size_t>(have, 4096)}, declared, reporter);
  if (detected_.encoding == Encoding::unsupported) status_ = CB_E_UNSUPPORTED, have = 0;
  wide_ = detected_.encoding == Encoding::utf16le || detected_.encoding == Encoding::utf16be;
  if (wide_) {
    raw_.assign(data_.begin() + detected_.bom, data_.begin() + static_cast<ptrdiff_t>(std::max<size_t>(have, detected_.bom)));
    raw_size_ = raw_.size();
    raw_.resize(kChunk);
    raw_offset_ = detected_.bom;
    begin_ = end_ = mark_ = data_.data();
    mark_offset_ = detected_.bom;
    more(begin_);
    return;
  }
  begin_ = data_.data() + std::min<size_t>(detected_.bom, have);
  end_ = data_.data() + have;
  drained_ = source_.at_end() || status_ != CB_OK;
  std::memset(data_.data() + have, 0, kPadding);
}

bool TextWindow::more(const char* keep) {
  if (drained_) {
    begin_ = keep;
    return false;
  }
  if (wide_) {
    mark_offset_ = wide_offset(keep);
    mark_ = data_.data();
  } else {
    base_ += static_cast<uint64_t>(keep - data_.data());
  }
  const auto kept = static_cast<size_t>(end_ - keep);
  if (kept) std::memmove(data_.data(), keep, kept);
  // Twice what is kept at least: whoever scans again from `keep` does so in linear time altogether.
  if (const size_t want = std::max(kept * 2, kChunk); data_.size() < want + kPadding) {
    data_.resize(want + want / 2 + kPadding);
    if (wide_) mark_ = data_.data();
  }
  const size_t got = fill(data_.data() + kept, data_.size() - kPadding - kept);
  begin_ = data_.data();
  end_ = begin_ + kept + got;
  std::memset(data_.data() + kept + got, 0, kPadding);
  return got > 0;
}

size_t TextWindow::fill(char* into, size_t size) {
  if (wide_) return fill_wide(into, size);
  const size_t got = source_.read(into, size);
  drained_ = source_.at_end();
  return got;
}

size_t TextWindow::fill_wide(char* into, size_t size) {
  const bool little = detected_.encoding == Encoding::utf16le;
  char* at = into;
  char* const limit = into + size;
  for (;;) {
    if (!source_.at_end()) raw_size_ += source_.read(reinterpret_cast<char*>(raw_.data()) + raw_size_, raw_.size() - raw_size_);
    size_t used = 0;
    const auto unit = [&](size_t i) { return static_cast<uint32_t>(little ? raw_[i] | raw_[i + 1] << 8 : raw_[i] << 8 | raw_[i + 1]); };
    const auto bad = [&](const char* code, size_t bytes) {
      reporter_->report(code, {hex_bytes({reinterpret_cast<const char*>(raw_.data()) + used, bytes})}, raw_offset_ + used, bytes);
    };
    while (raw_size_ - used >= 2 && limit - at >= 4) {
      uint32_t code = unit(used);
      size_t bytes = 2;
      if (code >= 0xD800 && code < 0xE000) {
        if (code < 0xDC00 && raw_size_ - used < 4 && !source_.at_end()) break;  // its other half has not been read yet
        if (const uint32_t low = code < 0xDC00 && raw_size_ - used >= 4 ? unit(used + 2) : 0; low >= 0xDC00 && low < 0xE000) {
          code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
          bytes = 4;
        } else {
          bad("E-TEXT-UTF16", 2);
          code = 0xFFFD;
        }
      } else if ((code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code >= 0xFFFE) {
        bad("E-TEXT-WIDE-CHAR", 2);
        code = 0xFFFD;
      }
      at = put_utf8(at, code);
      used += bytes;
    }
    std::memmove(raw_.data(), raw_.data() + used, raw_size_ - used);
    raw_size_ -= used;
    raw_offset_ += used;
    if (limit - at < 4) break;
    if (source_.at_end()) {
      if (raw_size_ == 1) {  // half a unit at the end: nothing to make a character of
        used = 0;
        bad("E-TEXT-UTF16", 1);
        raw_size_ = 0;
      }
      drained_ = raw_size_ == 0;
      break;
    }
  }
  return static_cast<size_t>(at - into);
}

uint64_t TextWindow::wide_offset(const char* at) const {
  if (at < mark_) return mark_offset_ - wide_bytes(at, mark_);
  mark_offset_ += wide_bytes(mark_, at);
  mark_ = at;
  return mark_offset_;
}

}  // namespace casebridge::read

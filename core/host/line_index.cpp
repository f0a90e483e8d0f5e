#include "host/line_index.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#include "read/workbook/sheet_text.hpp"

namespace casebridge::host {
namespace {

int unlinked_file() {
  const char* folder = std::getenv("TMPDIR");
  if (!folder || !*folder) folder = "/tmp";
  int fd = ::open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0) return fd;
  std::string name = std::string(folder) + "/casebridge-lines-XXXXXX";  // file systems without O_TMPFILE
  fd = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd >= 0) ::unlink(name.c_str());
  return fd;
}

}  // namespace

LineIndex::LineIndex(size_t pages_in_memory) : limit_(pages_in_memory) { begin_line(0); }
LineIndex::~LineIndex() {
  if (spill_ >= 0) ::close(spill_);
}

void LineIndex::close_page() {
  if (memory_.size() < limit_) {
    memory_.push_back(std::make_unique<Page>(open_));
  } else {
    if (spill_ < 0 && (spill_ = unlinked_file()) < 0)
      throw std::runtime_error(std::string("no temporary file for the line index: ") + std::strerror(errno));
    const auto at = static_cast<off_t>((heads_.size() - 1 - limit_) * kPage);
    if (::pwrite(spill_, open_.data(), kPage, at) != static_cast<ssize_t>(kPage))
      throw std::runtime_error(std::string("the line index cannot be kept in a temporary file: ") + std::strerror(errno));
  }
}

// A page begins with the line in its head; then comes the length of each line as a varint, never 0: 0 ends the page.
void LineIndex::begin_line(uint64_t start) {
  ++lines_;
  if (!heads_.empty()) {
    uint64_t delta = start - last_start_;
    if (used_ + 10 <= kPage) {
      for (; delta >= 0x80; delta >>= 7) open_[used_++] = static_cast<uint8_t>(delta | 0x80);
      open_[used_++] = static_cast<uint8_t>(delta);
      last_start_ = start;
      return;
    }
    close_page();
  }
  open_.fill(0);
  used_ = 0;
  last_start_ = start;
  heads_.push_back({lines_, start});
}

void LineIndex::add(std::string_view bytes) {
  if (bytes.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    if (width_ == Width::unknown) {  // two bytes decide; the first may come alone
      if (bytes_ == 0) begin_[0] = static_cast<uint8_t>(bytes[0]);
      if (bytes_ + bytes.size() >= 2) {
        begin_[1] = static_cast<uint8_t>(bytes_ == 0 ? bytes[1] : bytes[0]);
        width_ = begin_[0] == 0xFF && begin_[1] == 0xFE   ? Width::utf16le
                 : begin_[0] == 0xFE && begin_[1] == 0xFF ? Width::utf16be
                                                          : Width::bytes;
      }
    }
    if (width_ == Width::utf16le || width_ == Width::utf16be) {
      add_utf16(bytes);
    } else {
      const char* const begin = bytes.data();
      const char* const end = begin + bytes.size();
      for (const char* at = begin; (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<size_t>(end - at)))) != nullptr;) {
        ++at;
        begin_line(bytes_ + static_cast<uint64_t>(at - begin));
        if (at == end) break;
      }
    }
    bytes_ += bytes.size();
  }
  grown_.notify_all();
}

void LineIndex::add_utf16(std::string_view bytes) {
  const uint8_t low = width_ == Width::utf16le ? '\n' : 0, high = width_ == Width::utf16le ? 0 : '\n';
  for (size_t i = 0; i < bytes.size(); ++i) {
    const auto b = static_cast<uint8_t>(bytes[i]);
    const uint64_t at = bytes_ + i;
    if (at % 2 && carry_ == low && b == high) begin_line(at + 1);
    carry_ = b;
  }
}

void LineIndex::finish() {
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  grown_.notify_all();
}

LineIndex::Page LineIndex::page(size_t number) const {
  if (number + 1 == heads_.size()) return open_;
  if (number < memory_.size()) return *memory_[number];
  Page out{};
  if (::pread(spill_, out.data(), kPage, static_cast<off_t>((number - limit_) * kPage)) != static_cast<ssize_t>(kPage))
    throw std::runtime_error("the line index cannot be read back");
  return out;
}

Position LineIndex::Cursor::at(uint64_t offset) {
  if (starts_.empty() || offset < starts_.front() || offset >= end_) {
    const LineIndex& x = *index_;
    std::unique_lock lock(x.mutex_);
    x.grown_.wait(lock, [&] { return x.done_ || offset < x.bytes_; });
    const auto next =
        std::upper_bound(x.heads_.begin(), x.heads_.end(), offset, [](uint64_t o, const Head& h) { return o < h.first_start; });
    const auto number = static_cast<size_t>(next - x.heads_.begin()) - 1;  // the first page begins at 0
    const Page page = x.page(number);
    // A page that is still being filled answers for what has been seen; after the end, for everything.
    end_ = next != x.heads_.end() ? next->first_start : x.done_ ? UINT64_MAX : x.bytes_;
    first_line_ = x.heads_[number].first_line;
    uint64_t start = x.heads_[number].first_start;
    lock.unlock();
    starts_.assign(1, start);
    for (size_t i = 0; i < kPage && page[i];) {
      uint64_t delta = 0;
      for (int shift = 0;; shift += 7) {
        const uint8_t b = page[i++];
        delta |= static_cast<uint64_t>(b & 0x7F) << shift;
        if (!(b & 0x80)) break;
      }
      starts_.push_back(start += delta);
    }
    last_ = 0;
  }
  if (offset < starts_[last_]) last_ = 0;
  if (last_ + 1 < starts_.size() && starts_[last_ + 1] <= offset) {
    ++last_;  // the next line is the usual case
    if (last_ + 1 < starts_.size() && starts_[last_ + 1] <= offset)
      last_ =
          static_cast<size_t>(std::upper_bound(starts_.begin() + static_cast<ptrdiff_t>(last_), starts_.end(), offset) - starts_.begin()) -
          1;
  }
  if (index_->sheet_fd_ >= 0) return in_sheet(starts_[last_], offset);
  return {first_line_ + last_, offset - starts_[last_] + 1};
}

Position LineIndex::Cursor::in_sheet(uint64_t start, uint64_t offset) const {
  constexpr uint64_t kMost = uint64_t(1) << 20;
  std::string line(std::min(offset - start, kMost) + 16, '\0');  // with the address of the cell at `offset`
  const ssize_t got = ::pread(index_->sheet_fd_, line.data(), line.size(), static_cast<off_t>(start));
  line.resize(got > 0 ? static_cast<size_t>(got) : 0);
  const read::CellRef cell = read::cell_at(std::string_view(line).substr(0, line.find('\n')), offset - start);
  return cell.row ? Position{cell.row, cell.column} : Position{};
}

Position LineIndex::at(uint64_t offset) const { return Cursor(*this).at(offset); }

uint64_t LineIndex::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}
uint64_t LineIndex::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace casebridge::host

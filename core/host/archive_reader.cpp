#include "host/archive_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/batch_check.hpp"

namespace casebridge::host {

// Names are shown and never used: what is not UTF-8 or cannot be printed becomes U+FFFD.
std::string shown(const char* raw) {
  std::string out;
  for (std::string_view rest = raw ? raw : ""; !rest.empty() && out.size() < 1024;) {
    size_t n = 1;
    while (n < 4 && n < rest.size() && (static_cast<uint8_t>(rest[n]) & 0xC0) == 0x80) ++n;
    const auto c = static_cast<uint8_t>(rest[0]);
    if (c < 0x80) n = 1;
    const bool fine = c >= 0x80 ? n > 1 && valid_utf8(rest.data(), n) : c >= 0x20 && c != 0x7F;
    if (fine) out.append(rest.substr(0, n));
    else out += "\xEF\xBF\xBD", n = 1;
    rest.remove_prefix(n);
  }
  return out;
}

Budget budget_of(const std::vector<uint64_t>& n, Pulse& pulse) {
  if (n.size() < 6) throw GivenUp("E-ARCHIVE-BROKEN", "no limits");
  return {{.archive_ratio = std::max<uint64_t>(1, n[0]),
           .archive_free_bytes = n[1],
           .archive_bytes = n[2],
           .archive_entries = n[3],
           .archive_depth = static_cast<uint32_t>(n[4])},
          pulse};
}

archive_entry* ArchiveReader::next() {
  archive_entry* entry = nullptr;
  for (;;) {
    const int status = ::archive_read_next_header(a_.get(), &entry);
    if (status == ARCHIVE_EOF) return nullptr;
    if (status == ARCHIVE_RETRY) continue;
    if (status < ARCHIVE_WARN) fail();
    budget_.entry();
    return entry;
  }
}

size_t ArchiveReader::read(char* into, size_t size) {
  for (;;) {
    const la_ssize_t got = ::archive_read_data(a_.get(), into, size);
    if (got == ARCHIVE_RETRY) continue;
    if (got < 0) fail();
    budget_.gave(static_cast<uint64_t>(got));
    return static_cast<size_t>(got);
  }
}

void ArchiveReader::skip() {
  if (random_access()) {  // the directory says where the next one is
    if (::archive_read_data_skip(a_.get()) < ARCHIVE_WARN) fail();
    return;
  }
  std::vector<char> block(kBlock);
  while (read(block.data(), block.size()) > 0) {}
}

void ArchiveReader::fail() {
  const char* why = ::archive_error_string(a_.get());
  if (inner_error_) std::rethrow_exception(inner_error_);
  if (why && std::strstr(why, "assphrase")) throw GivenUp("E-ARCHIVE-PASSWORD", "");
  throw GivenUp("E-ARCHIVE-BROKEN", why ? why : "unknown");
}

void ArchiveReader::open(bool file) {
  archive* a = a_.get();
  ::archive_read_support_filter_gzip(a);
  ::archive_read_support_format_tar(a);
  ::archive_read_support_format_raw(a);
  if (file) ::archive_read_support_format_zip(a);
  else ::archive_read_support_format_zip_streamable(a);
  ::archive_read_set_callback_data(a, this);
  ::archive_read_set_read_callback(a, read_block);
  if (file) ::archive_read_set_seek_callback(a, seek), ::archive_read_set_skip_callback(a, skip_bytes);
  if (::archive_read_open1(a) < ARCHIVE_WARN) fail();
}

la_ssize_t ArchiveReader::read_block(archive* a, void* self, const void** out) {
  auto& r = *static_cast<ArchiveReader*>(self);
  r.block_.resize(kBlock);
  *out = r.block_.data();
  if (r.outer_) {  // no exception may pass through libarchive
    if (!r.head_.empty()) {
      const size_t n = r.head_.size();
      r.block_.assign(r.head_.begin(), r.head_.end());
      *out = r.block_.data();
      r.head_.clear();
      return static_cast<la_ssize_t>(n);
    }
    try {
      return static_cast<la_ssize_t>(r.outer_->read(r.block_.data(), r.block_.size()));
    } catch (...) {
      r.inner_error_ = std::current_exception();
      ::archive_set_error(a, EIO, "the archive around it cannot be read");
      return -1;
    }
  }
  for (;;) {
    const ssize_t got = ::pread(kFirstInputFd, r.block_.data(), r.block_.size(), static_cast<off_t>(r.at_));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ::archive_set_error(a, errno, "%s", std::strerror(errno)), -1;
    r.at_ += static_cast<uint64_t>(got);
    r.budget_.took(static_cast<uint64_t>(got));
    return got;
  }
}

la_int64_t ArchiveReader::seek(archive*, void* self, la_int64_t offset, int whence) {
  auto& r = *static_cast<ArchiveReader*>(self);
  const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? static_cast<int64_t>(r.at_) : static_cast<int64_t>(r.size_);
  if (base + offset < 0) return ARCHIVE_FATAL;
  r.at_ = static_cast<uint64_t>(base + offset);
  return static_cast<la_int64_t>(r.at_);
}

la_int64_t ArchiveReader::skip_bytes(archive*, void* self, la_int64_t n) {
  auto& r = *static_cast<ArchiveReader*>(self);
  const uint64_t left = r.size_ > r.at_ ? r.size_ - r.at_ : 0;
  const uint64_t step = std::min(left, static_cast<uint64_t>(n));
  r.at_ += step;
  return static_cast<la_int64_t>(step);
}

}  // namespace casebridge::host

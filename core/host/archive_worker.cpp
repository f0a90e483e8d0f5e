#include "host/archive_worker.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <iconv.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstring>
#include <memory>

#include "host/archive.hpp"
#include "host/batch_check.hpp"

namespace casebridge::host {
namespace {

constexpr size_t kBlock = size_t(256) << 10;

struct GivenUp : std::runtime_error {  // ends the job with a finding
  GivenUp(const char* code, const std::string& why) : std::runtime_error(why), code(code) {}
  const char* code;
};

void send(FrameHead head, std::string_view body = {}) {
  if (!write_frame(kSocketFd, head, body)) ::_exit(kExitOrphan);
}
void tell(const char* code, uint32_t severity, const std::string& what) {
  send({.kind = FrameKind::issue}, Packer().text(code).number(severity).text(what).body());
}

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

bool points_outside(std::string_view name) {
  if (name.starts_with('/') || name.find('\\') != name.npos || (name.size() > 1 && name[1] == ':')) return true;
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find('/', at), name.size());
    if (name.substr(at, end - at) == "..") return true;
    at = end + 1;
  }
  return name.find("\xEF\xBF\xBD") != name.npos;
}

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
class Reader {
 public:
  Reader(Budget& budget, uint64_t file_size) : budget_(budget), size_(file_size) { open(true); }
  Reader(Budget& budget, Reader& outer, std::string head) : budget_(budget), outer_(&outer), head_(std::move(head)) { open(false); }

  archive_entry* next() {
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
  size_t read(char* into, size_t size) {
    for (;;) {
      const la_ssize_t got = ::archive_read_data(a_.get(), into, size);
      if (got == ARCHIVE_RETRY) continue;
      if (got < 0) fail();
      budget_.gave(static_cast<uint64_t>(got));
      return static_cast<size_t>(got);
    }
  }
  bool random_access() const { return !outer_ && ::archive_format(a_.get()) == ARCHIVE_FORMAT_ZIP; }
  bool raw() const { return ::archive_format(a_.get()) == ARCHIVE_FORMAT_RAW; }
  void skip() {
    if (random_access()) {  // the directory says where the next one is
      if (::archive_read_data_skip(a_.get()) < ARCHIVE_WARN) fail();
      return;
    }
    std::vector<char> block(kBlock);
    while (read(block.data(), block.size()) > 0) {}
  }
  [[noreturn]] void fail() {
    const char* why = ::archive_error_string(a_.get());
    if (inner_error_) std::rethrow_exception(inner_error_);
    if (why && std::strstr(why, "assphrase")) throw GivenUp("E-ARCHIVE-PASSWORD", "");
    throw GivenUp("E-ARCHIVE-BROKEN", why ? why : "unknown");
  }

 private:
  void open(bool file) {
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
  static la_ssize_t read_block(archive* a, void* self, const void** out) {
    auto& r = *static_cast<Reader*>(self);
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
  static la_int64_t seek(archive*, void* self, la_int64_t offset, int whence) {
    auto& r = *static_cast<Reader*>(self);
    const int64_t base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? static_cast<int64_t>(r.at_) : static_cast<int64_t>(r.size_);
    if (base + offset < 0) return ARCHIVE_FATAL;
    r.at_ = static_cast<uint64_t>(base + offset);
    return static_cast<la_int64_t>(r.at_);
  }
  static la_int64_t skip_bytes(archive*, void* self, la_int64_t n) {
    auto& r = *static_cast<Reader*>(self);
    const uint64_t left = r.size_ > r.at_ ? r.size_ - r.at_ : 0;
    const uint64_t step = std::min(left, static_cast<uint64_t>(n));
    r.at_ += step;
    return static_cast<la_int64_t>(step);
  }

  struct Free {
    void operator()(archive* a) const { ::archive_read_free(a); }
  };
  Budget& budget_;
  Reader* outer_ = nullptr;
  std::string head_;
  std::vector<char> block_;
  uint64_t at_ = 0, size_ = 0;
  std::exception_ptr inner_error_;
  std::unique_ptr<archive, Free> a_{::archive_read_new()};
};

Budget budget_of(const Start& start, Pulse& pulse) {
  const auto& n = start.numbers;
  if (n.size() < 6) throw GivenUp("E-ARCHIVE-BROKEN", "no limits");
  return {{.archive_ratio = std::max<uint64_t>(1, n[0]),
           .archive_free_bytes = n[1],
           .archive_bytes = n[2],
           .archive_entries = n[3],
           .archive_depth = static_cast<uint32_t>(n[4])},
          pulse};
}

// gzip without a tar inside has one member, named like the archive without its ending.
std::string member_name(const Reader& in, archive_entry* entry, const std::string& archive_name) {
  if (!in.raw()) return shown(::archive_entry_pathname(entry));
  const size_t from = archive_name.find_last_of("/!");
  std::string name = archive_name.substr(from == archive_name.npos ? 0 : from + 1);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

void list(Reader& in, Budget& budget, const std::string& name, std::vector<uint64_t>& path, std::vector<std::string>& names,
          uint64_t& declared) {
  uint64_t number = 0;
  const size_t depth = path.size();
  for (archive_entry* entry; (entry = in.next()) != nullptr; ++number) {
    const auto kind = ::archive_entry_filetype(entry);
    if (kind == AE_IFDIR) continue;
    const std::string member = member_name(in, entry, name), full = name + "!" + member;
    if (points_outside(member)) tell("E-ARCHIVE-NAME", CB_WARNING, member);
    if ((kind != AE_IFREG && kind != 0) || ::archive_entry_hardlink(entry)) {
      tell("E-ARCHIVE-KIND", CB_NOTE, full);
      continue;
    }
    if (::archive_entry_is_encrypted(entry)) {
      tell("E-ARCHIVE-PASSWORD", CB_ERROR, full);
      continue;
    }
    const int64_t size = ::archive_entry_size_is_set(entry) ? ::archive_entry_size(entry) : -1;
    if (in.random_access() && size > 0) {  // a directory that promises too much need not be unpacked to be refused
      declared += static_cast<uint64_t>(size);
      Budget promised = budget;
      promised.packed = budget.file_size;
      promised.check(declared);
    }
    std::string head(1024, '\0');
    size_t have = 0;
    for (size_t got; have < head.size() && (got = in.read(head.data() + have, head.size() - have)) > 0;) have += got;
    head.resize(have);
    path.push_back(number);
    names.push_back(member);
    if (archive_kind(head) != ArchiveKind::none) {
      if (path.size() >= budget.limits.archive_depth)
        throw GivenUp("E-ARCHIVE-LIMIT",
                      "it holds archives in archives, more than " + std::to_string(budget.limits.archive_depth) + " deep");
      try {
        Reader inner(budget, in, std::move(head));
        list(inner, budget, full, path, names, declared);
      } catch (const GivenUp& e) {  // a damaged archive inside costs itself and what it holds; a limit is one of the whole
        if (e.code != std::string_view("E-ARCHIVE-BROKEN") && e.code != std::string_view("E-ARCHIVE-PASSWORD")) throw;
        path.resize(depth + 1), names.resize(depth + 1);
        tell("E-ARCHIVE-BROKEN", CB_ERROR, full + kInner + e.what());
      }
    } else {
      Packer p;
      p.number(static_cast<uint64_t>(size)).number(path.size());
      for (size_t i = 0; i < path.size(); ++i) p.number(path[i]).text(names[i]);
      send({.kind = FrameKind::members}, p.body());
    }
    path.pop_back();
    names.pop_back();
    in.skip();
  }
}

// Copies the member at `path` to the output.
void unpack(Reader& in, Budget& budget, const std::vector<uint64_t>& path, size_t depth) {
  uint64_t number = 0;
  for (archive_entry* entry; (entry = in.next()) != nullptr; ++number) {
    if (number != path[depth]) {
      in.skip();
      continue;
    }
    if (depth + 1 < path.size()) {
      std::string head(1024, '\0');
      size_t have = 0;
      for (size_t got; have < head.size() && (got = in.read(head.data() + have, head.size() - have)) > 0;) have += got;
      head.resize(have);
      Reader inner(budget, in, std::move(head));
      return unpack(inner, budget, path, depth + 1);
    }
    std::vector<char> block(kBlock);
    for (size_t got; (got = in.read(block.data(), block.size())) > 0;) {
      for (const char* at = block.data(); got > 0;) {
        const ssize_t put = ::write(kFirstInputFd + 1, at, got);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return;  // the host has what it wants
        at += put;
        got -= static_cast<size_t>(put);
      }
    }
    return;
  }
  throw GivenUp("E-ARCHIVE-BROKEN", "the member is not where it was when the archive was listed");
}

template <class Job>
int guarded(const Start& start, Pulse& pulse, Job job) {
  int32_t status = CB_END;
  try {
    Budget budget = budget_of(start, pulse);
    const off_t size = ::lseek(kFirstInputFd, 0, SEEK_END);
    if (size < 0) throw GivenUp("E-ARCHIVE-BROKEN", "an archive must be a file");
    budget.file_size = static_cast<uint64_t>(size);
    Reader in(budget, budget.file_size);
    job(in, budget);
  } catch (const GivenUp& e) {
    tell(e.code, CB_ERROR, e.what());
    status = CB_E_LIMIT;
  } catch (const std::bad_alloc&) {
    tell("E-ARCHIVE-LIMIT", CB_ERROR, "it needs more memory than it may");
    status = CB_E_LIMIT;
  } catch (const std::exception& e) {
    tell("E-ARCHIVE-BROKEN", CB_ERROR, e.what());
    status = CB_E_INPUT;
  }
  ::close(kFirstInputFd + 1);  // the end of the stream comes after its verdict is settled
  send({.kind = FrameKind::done, .status = status});
  return 0;
}

}  // namespace

void prepare_archives() {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  for (const char* from : {"CP437", "UTF-8", "ISO-8859-1", "UTF-16BE", "UTF-16LE", "CP932"}) {
    const iconv_t loaded = ::iconv_open("UTF-8", from);  // the converter stays loaded while it is open
    (void)loaded;
  }
}

int list_archive_job(const Start& start, Pulse& pulse) {
  return guarded(start, pulse, [&](Reader& in, Budget& budget) {
    std::vector<uint64_t> path;
    std::vector<std::string> names;
    uint64_t declared = 0;
    list(in, budget, start.name, path, names, declared);
  });
}

int unpack_job(const Start& start, Pulse& pulse) {
  return guarded(start, pulse, [&](Reader& in, Budget& budget) {
    unpack(in, budget, {start.numbers.begin() + 6, start.numbers.end()}, 0);
  });
}

}  // namespace casebridge::host

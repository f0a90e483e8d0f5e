#include "host/archive_worker.hpp"

#include <iconv.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <cstring>
#include <memory>

#include "host/archive.hpp"
#include "host/archive_reader.hpp"
#include "host/batch_check.hpp"

namespace casebridge::host {
namespace {

void send(FrameHead head, std::string_view body = {}) {
  if (!write_frame(kSocketFd, head, body)) ::_exit(kExitOrphan);
}
void tell(const char* code, uint32_t severity, const std::string& what) {
  send({.kind = FrameKind::issue}, Packer().text(code).number(severity).text(what).body());
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

// gzip without a tar inside has one member, named like the archive without its ending.
std::string member_name(const ArchiveReader& in, archive_entry* entry, const std::string& archive_name) {
  if (!in.raw()) return shown(::archive_entry_pathname(entry));
  const size_t from = archive_name.find_last_of("/!");
  std::string name = archive_name.substr(from == archive_name.npos ? 0 : from + 1);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  return name;
}

void list(ArchiveReader& in, Budget& budget, const std::string& name, std::vector<uint64_t>& path, std::vector<std::string>& names,
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
        ArchiveReader inner(budget, in, std::move(head));
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
void unpack(ArchiveReader& in, Budget& budget, const std::vector<uint64_t>& path, size_t depth) {
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
      ArchiveReader inner(budget, in, std::move(head));
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
    Budget budget = budget_of(start.numbers, pulse);
    const off_t size = ::lseek(kFirstInputFd, 0, SEEK_END);
    if (size < 0) throw GivenUp("E-ARCHIVE-BROKEN", "an archive must be a file");
    budget.file_size = static_cast<uint64_t>(size);
    ArchiveReader in(budget, budget.file_size);
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
  return guarded(start, pulse, [&](ArchiveReader& in, Budget& budget) {
    std::vector<uint64_t> path;
    std::vector<std::string> names;
    uint64_t declared = 0;
    list(in, budget, start.name, path, names, declared);
  });
}

int unpack_job(const Start& start, Pulse& pulse) {
  return guarded(start, pulse, [&](ArchiveReader& in, Budget& budget) {
    unpack(in, budget, {start.numbers.begin() + 6, start.numbers.end()}, 0);
  });
}

}  // namespace casebridge::host

// The worker's side of workbooks: the package is descriptor kFirstInputFd, its text goes to the next one.
#include <unistd.h>

#include <cerrno>
#include <map>
#include <memory>

#include "host/archive_reader.hpp"
#include "host/archive_worker.hpp"
#include "read/workbook/workbook.hpp"

namespace casebridge::host {
namespace {

void tell(const char* code, const std::vector<std::string>& args) {
  std::string what;
  for (const std::string& arg : args) what += (&arg == args.data() ? "" : "\x1F") + arg;
  if (!write_frame(kSocketFd, {.kind = FrameKind::issue}, Packer().text(code).number(CB_ERROR).text(what).body())) ::_exit(kExitOrphan);
}

std::string folded(std::string name) {
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return name;
}

// The members of the zip by name. Each part is read by an archive opened anew: it is small work beside unpacking, and any
// part can be read at any time, twice.
class Zip final : public read::Package {
 public:
  Zip(const std::vector<uint64_t>& numbers, Pulse& pulse, uint64_t size) : limits_(budget_of(numbers, pulse)), size_(size) {
    limits_.limits.archive_entries = std::min<uint64_t>(limits_.limits.archive_entries, 10'000);
    Budget budget = fresh();
    ArchiveReader in(budget, size_);
    uint64_t number = 0, declared = 0;
    for (archive_entry* entry; (entry = in.next()) != nullptr; ++number) {
      const std::string name = folded(shown(::archive_entry_pathname(entry)));
      if (::archive_entry_is_encrypted(entry)) throw read::WorkbookFailure("E-XLSX-ENCRYPTED", {});
      Member m{number, ::archive_entry_size_is_set(entry) ? static_cast<uint64_t>(::archive_entry_size(entry)) : UINT64_MAX};
      if (m.size != UINT64_MAX) {
        declared += m.size;
        Budget promised = fresh();
        promised.packed = size_;
        promised.check(declared);
      }
      if (!members_.emplace(name, m).second) throw read::WorkbookFailure("E-XLSX-LIMIT", {"two of its parts have one name"});
      in.skip();
    }
  }
  bool has(std::string_view name) const override { return members_.contains(folded(std::string(name))); }
  std::unique_ptr<Part> open(std::string_view name) override {
    const auto at = members_.find(folded(std::string(name)));
    if (at == members_.end()) throw read::WorkbookFailure("E-XLSX-NO-PART", {std::string(name)});
    return std::make_unique<Member::Open>(*this, at->second);
  }
  void wrote(uint64_t n) {  // a text that stands in a million cells is kept once in the file
    written_ += n;
    Budget promised = fresh();
    promised.packed = size_;
    promised.check(written_);
    limits_.pulse.consumed.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  struct Member {
    uint64_t number, size;
    class Open final : public Part {
     public:
      Open(Zip& zip, const Member& member) : budget_(zip.fresh()), in_(budget_, zip.size_), left_(member.size) {
        for (uint64_t i = 0; i <= member.number; ++i) {
          if (!in_.next()) throw GivenUp("E-ARCHIVE-BROKEN", "the member is not where it was when the archive was listed");
          if (i < member.number) in_.skip();
        }
      }
      size_t read(char* into, size_t size) override {
        const size_t got = in_.read(into, size);
        if (got > left_) throw GivenUp("E-ARCHIVE-LIMIT", "a member is longer than the archive says");
        left_ -= got;
        return got;
      }

     private:
      Budget budget_;
      ArchiveReader in_;
      uint64_t left_;
    };
  };
  Budget fresh() const { return {limits_.limits, limits_.pulse, 0, 0, 0, size_}; }
  Budget limits_;
  uint64_t size_, written_ = 0;
  std::map<std::string, Member> members_;
};

// A file of the programs before Office Open XML, or a new one behind a password: both are compound files (MS-CFB), and the
// names in their directory tell them apart. Only the first sectors of it are looked at.
const char* compound_kind() {
  unsigned char head[512];
  if (::pread(kFirstInputFd, head, sizeof head, 0) != static_cast<ssize_t>(sizeof head)) return "E-XLSX-NONE";
  const unsigned shift = head[30] | head[31] << 8;
  const uint64_t first = head[48] | head[49] << 8 | head[50] << 16 | static_cast<uint64_t>(head[51]) << 24;
  if (shift != 9 && shift != 12) return "E-XLSX-NONE";
  std::string directory(size_t(16) << 10, '\0');
  const ssize_t got = ::pread(kFirstInputFd, directory.data(), directory.size(), static_cast<off_t>((first + 1) << shift));
  directory.resize(got > 0 ? static_cast<size_t>(got) : 0);
  const auto has = [&](std::string_view name) {
    std::string wide;
    for (const char c : name) wide += c, wide += '\0';
    for (size_t at = 0; at + 128 <= directory.size(); at += 128)
      if (directory.compare(at, wide.size() + 2, wide + std::string(2, '\0')) == 0) return true;
    return false;
  };
  return has("EncryptedPackage") ? "E-XLSX-ENCRYPTED" : has("Workbook") || has("Book") ? "E-XLSX-OLE" : "E-XLSX-NONE";
}

}  // namespace

int workbook_job(const Start& start, Pulse& pulse) {
  int32_t status = CB_END;
  try {
    const off_t size = ::lseek(kFirstInputFd, 0, SEEK_END);
    if (size < 0) throw GivenUp("E-ARCHIVE-BROKEN", "an archive must be a file");
    char magic[2] = {};
    if (::pread(kFirstInputFd, magic, 2, 0) == 2 && magic[0] != 'P') throw read::WorkbookFailure(compound_kind(), {});
    Zip zip(start.numbers, pulse, static_cast<uint64_t>(size));
    std::string out;
    bool read_by_someone = true;
    const auto flush = [&] {
      for (const char *at = out.data(), *end = at + out.size(); at != end && read_by_someone;) {
        const ssize_t put = ::write(kFirstInputFd + 1, at, static_cast<size_t>(end - at));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) read_by_someone = false;  // the host has what it wants
        else at += put;
      }
      zip.wrote(out.size());
      out.clear();
    };
    const bool workbook = read::write_workbook(zip, [&](std::string_view text) {
      out += text;
      if (out.size() >= kBlock) flush();
      if (!read_by_someone) throw GivenUp("", "");
    });
    flush();
    if (!workbook) tell("E-XLSX-NONE", {});
  } catch (const read::WorkbookFailure& e) {
    tell(e.code, e.args);
    status = CB_E_INPUT;
  } catch (const GivenUp& e) {
    if (*e.code) tell(e.code == std::string_view("E-ARCHIVE-PASSWORD") ? "E-XLSX-ENCRYPTED" : e.code, {e.what()});
    status = CB_E_LIMIT;
  } catch (const std::bad_alloc&) {
    tell("E-ARCHIVE-LIMIT", {"it needs more memory than it may"});
    status = CB_E_LIMIT;
  } catch (const std::exception& e) {
    tell("E-ARCHIVE-BROKEN", {e.what()});
    status = CB_E_INPUT;
  }
  ::close(kFirstInputFd + 1);  // the end of the stream comes after its verdict is settled
  if (!write_frame(kSocketFd, {.kind = FrameKind::done, .status = status}, {})) ::_exit(kExitOrphan);
  return 0;
}

}  // namespace casebridge::host

#include "host/archive.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "host/batch_check.hpp"
#include "host/worker_talk.hpp"

namespace casebridge::host {
namespace {

constexpr std::chrono::milliseconds kPatience{30'000};

Start start_for(Job job, const std::string& name, const InputLimits& limits) {
  Start s;
  s.job = job;
  s.name = name;
  s.memory = uint64_t(512) << 20;
  s.cpu_seconds = limits.archive_seconds;
  s.allow_unsandboxed = limits.allow_unsandboxed;
  s.numbers = {limits.archive_ratio, limits.archive_free_bytes, limits.archive_bytes, limits.archive_entries, limits.archive_depth, 0};
  return s;
}

Finding finding_of(std::string_view code, uint32_t severity, const std::string& archive, std::string_view what) {
  Finding f{.code = std::string(code),
            .severity = severity == CB_NOTE      ? Severity::note
                        : severity == CB_WARNING ? Severity::warning
                                                 : Severity::error,
            .input = archive};
  if (const size_t at = what.rfind(kInner); code == "E-ARCHIVE-BROKEN" && at != what.npos) {  // of an archive inside
    f.input = what.substr(0, at);
    f.args = {f.input, std::string(what.substr(at + 1))};
    return f;
  }
  if (code.starts_with("E-XLSX-")) {
    for (size_t at = 0; at <= what.size() && !what.empty();) {
      const size_t end = std::min(what.find('\x1F', at), what.size());
      f.args.emplace_back(what.substr(at, end - at));
      at = end + 1;
    }
    return f;
  }
  const bool of_member = code == "E-ARCHIVE-KIND" || (code == "E-ARCHIVE-PASSWORD" && !what.empty());
  if (of_member) f.args = {std::string(what)};
  else f.args = {archive, std::string(what)};
  return f;
}

std::optional<Finding> issue_of(std::string_view body, const std::string& archive) {
  Unpacker u(body);
  const std::string_view code = u.text();
  const auto severity = static_cast<uint32_t>(u.number());
  const std::string_view what = u.text();
  if ((!code.starts_with("E-ARCHIVE-") && !code.starts_with("E-XLSX-")) || !valid_utf8(code.data(), code.size()) ||
      !valid_utf8(what.data(), what.size()))
    throw std::runtime_error("an issue that is none");
  return finding_of(code, severity, archive, what);
}

class Stream final : public ArchiveStream {
 public:
  Stream(const Start& start, std::string name, const std::vector<int>& fds, int output)
      : name_(std::move(name)), output_(output), talk_("(libarchive)", kPatience, {}, start, fds) {}
  ~Stream() override {
    if (output_ >= 0) ::close(output_);
  }
  WorkerTalk& talk() { return talk_; }
  int take_output() override { return std::exchange(output_, -1); }
  std::optional<Finding> last_words() override {
    try {
      std::string body;
      for (FrameHead h{}; talk_.head(h);) {
        if (!talk_.body(body, h.size)) break;
        if (h.kind == FrameKind::issue) return issue_of(body, name_);
        if (h.kind == FrameKind::done) return std::nullopt;
        talk_.spoke("a message that does not belong here");
        break;
      }
    } catch (const std::exception& e) { talk_.spoke(e.what()); }
    Finding f = *talk_.problem();
    f.input = name_;
    return f;
  }

 private:
  std::string name_;
  int output_;
  WorkerTalk talk_;
};

}  // namespace

ArchiveKind archive_kind(std::string_view head) {
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) {
    // A workbook or an OpenDocument file is a zip whose first member says so (ECMA-376 part 2; OpenDocument 1.2 part 3).
    if (head.size() > 30) {
      const std::string_view name = head.substr(30, 64);
      if (name.starts_with("[Content_Types].xml") || name.starts_with("mimetype") || name.starts_with("_rels/.rels") ||
          name.starts_with("docProps/") || name.starts_with("xl/"))
        return ArchiveKind::none;
    }
    return ArchiveKind::zip;
  }
  if (head.starts_with("\x1F\x8B\x08")) return ArchiveKind::gzip;
  if (head.size() > 262 && head.substr(257, 5) == "ustar") return ArchiveKind::tar;
  return ArchiveKind::none;
}

bool office_file(std::string_view head) {
  return (head.starts_with("PK\x03\x04") && archive_kind(head) == ArchiveKind::none) ||
         head.starts_with("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
}

std::vector<Member> list_archive(const std::filesystem::path& path, const std::string& name, const InputLimits& limits,
                                 std::vector<Finding>& findings) {
  std::vector<Member> out;
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    findings.push_back({.code = "E-INPUT-MISSING", .args = {name, std::strerror(errno)}, .input = name});
    return out;
  }
  try {
    Start start = start_for(Job::list_archive, name, limits);
    start.inputs = {{true, -1, name}};
    WorkerTalk talk("(libarchive)", kPatience, {}, start, {fd});
    std::string body;
    bool over = !talk.ready();
    for (FrameHead h{}; !over;) {
      if (!talk.head(h) || !talk.body(body, h.size)) break;
      Unpacker u(body);
      if (h.kind == FrameKind::issue) {
        findings.push_back(*issue_of(body, name));
      } else if (h.kind == FrameKind::members) {
        Member m;
        m.size = static_cast<int64_t>(u.number());
        for (uint64_t n = u.number(); n > 0; --n) {
          m.path.push_back(u.number());
          m.names.emplace_back(u.text());
          if (!valid_utf8(m.names.back().data(), m.names.back().size())) throw std::runtime_error("a name that is not UTF-8");
        }
        if (m.path.empty() || out.size() >= limits.archive_entries) throw std::runtime_error("a member that is none");
        out.push_back(std::move(m));
      } else if (h.kind == FrameKind::done) {
        over = true;
      } else {
        talk.spoke("a message that does not belong here");
        break;
      }
    }
    if (talk.problem()) {
      findings.push_back(*talk.problem());
      findings.back().input = name;
    }
  } catch (const std::exception& e) { findings.push_back({.code = "E-WORKER-START", .args = {e.what()}, .input = name}); }
  ::close(fd);
  return out;
}

namespace {
std::unique_ptr<ArchiveStream> start_stream(Job job, int fd, const InputRef& ref, const InputLimits& limits, Finding& problem) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    problem = {.code = "E-WORKER-START", .args = {std::strerror(errno)}, .input = ref.name};
    return nullptr;
  }
  ::fcntl(ends[1], F_SETPIPE_SZ, 1 << 20);
  std::unique_ptr<Stream> stream;
  try {
    Start start = start_for(job, ref.name, limits);
    start.inputs = {{true, -1, ref.name}, {false, -1, "output"}};
    start.numbers.insert(start.numbers.end(), ref.members.begin(), ref.members.end());
    stream = std::make_unique<Stream>(start, ref.name, std::vector{fd, ends[1]}, ends[0]);
    ends[0] = -1;
    if (!stream->talk().ready()) {
      problem = *stream->talk().problem();
      problem.input = ref.name;
      stream.reset();
    }
  } catch (const std::exception& e) { problem = {.code = "E-WORKER-START", .args = {e.what()}, .input = ref.name}; }
  if (ends[0] >= 0) ::close(ends[0]);
  ::close(ends[1]);
  return stream;
}
}  // namespace

std::unique_ptr<ArchiveStream> unpack(int fd, const InputRef& ref, const InputLimits& limits, Finding& problem) {
  return start_stream(Job::unpack, fd, ref, limits, problem);
}

std::unique_ptr<ArchiveStream> open_workbook(int fd, const InputRef& ref, const InputLimits& limits, Finding& problem) {
  InputLimits own = limits;  // a workbook is read by one person's machine, not by a data centre
  own.archive_seconds = std::min<uint32_t>(own.archive_seconds, 600);
  InputRef whole = ref;
  whole.members.clear();
  return start_stream(Job::workbook, fd, whole, own, problem);
}

}  // namespace casebridge::host

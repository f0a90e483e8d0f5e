#include "host/inputs.hpp"

#include <fcntl.h>
#include <fnmatch.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "host/archive.hpp"

namespace casebridge::host {
namespace fs = std::filesystem;
namespace {

class Expander {
 public:
  Expander(const InputLimits& limits, std::vector<Finding>& findings) : limits_(limits), findings_(findings) {}
  std::vector<InputRef> out;

  void argument(const std::string& text) {
    if (text == "-") {
      out.push_back({.name = "-", .label = "-", .standard_input = true});
      return;
    }
    std::error_code error;
    walked_ = fs::is_directory(text, error);
    root_ = walked_ ? text : std::string();
    if (fs::exists(text, error)) return path(text, text, true);
    // A member of an archive, if what stands before a "!" is a file.
    for (size_t bang = text.find('!'); bang != text.npos; bang = text.find('!', bang + 1))
      if (fs::is_regular_file(text.substr(0, bang), error))
        return members(text.substr(0, bang), text.substr(0, bang), text.substr(bang + 1));
    if (text.find_first_of("*?[") != text.npos) return pattern(text);
    const int reason = error ? error.value() : ENOENT;
    problem("E-INPUT-MISSING", {text, std::strerror(reason)}, text);
  }

 private:
  // The label tells nothing of the machine: what stands below the folder that was named, or the file's own name.
  void add(InputRef ref) {
    const size_t bang = ref.name.find('!');
    const fs::path file = ref.name.substr(0, bang);
    const fs::path below = root_.empty() ? file.filename() : file.lexically_relative(root_);
    ref.label = (below.empty() ? file.filename() : below).generic_string() + (bang == ref.name.npos ? "" : ref.name.substr(bang));
    ref.walked |= walked_;
    out.push_back(std::move(ref));
  }

  void problem(const char* code, std::vector<std::string> args, const std::string& input, Severity severity = Severity::error) {
    findings_.push_back({.code = code, .severity = severity, .args = std::move(args), .input = input});
  }

  void path(const fs::path& at, const std::string& name, bool named_by_user) {
    std::error_code error;
    const fs::file_status status = named_by_user ? fs::status(at, error) : fs::symlink_status(at, error);
    if (error) return problem("E-INPUT-MISSING", {name, error.message()}, name);
    if (fs::is_directory(status)) return folder(at, name);
    if (fs::is_symlink(status) && fs::is_regular_file(at, error)) return file(at, name);  // to a file: as good as the file
    if (fs::is_regular_file(status)) return file(at, name);
    if (named_by_user && (fs::is_fifo(status) || fs::is_character_file(status))) {  // /dev/stdin, <(command)
      add({.name = name, .path = at});
      return;
    }
    problem("E-INPUT-KIND", {name}, name, Severity::warning);
  }

  void folder(const fs::path& at, const std::string& name) {
    std::error_code error;
    std::vector<fs::path> found;
    for (fs::directory_iterator it(at, error), end; !error && it != end; it.increment(error))
      if (!it->path().filename().string().starts_with('.')) found.push_back(it->path());
    if (error) return problem("E-INPUT-MISSING", {name, error.message()}, name);
    std::sort(found.begin(), found.end());
    const size_t before = out.size(), problems = findings_.size();
    for (const fs::path& one : found) path(one, (fs::path(name) / one.filename()).string(), false);
    if (out.size() == before && findings_.size() == problems) problem("E-INPUT-NONE", {name}, name);
  }

  void pattern(const std::string& text) {
    glob_t found{};
    const int status = ::glob(text.c_str(), GLOB_ERR | GLOB_NOSORT, nullptr, &found);
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    ::globfree(&found);
    if (status == GLOB_NOMATCH || paths.empty()) return problem("E-INPUT-NONE", {text}, text);
    if (status != 0) return problem("E-INPUT-MISSING", {text, std::strerror(errno)}, text);
    std::sort(paths.begin(), paths.end());
    for (const auto& one : paths) path(one, one, true);
  }

  void file(const fs::path& at, const std::string& name) {
    char head[1024];
    const int fd = ::open(at.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const ssize_t got = fd < 0 ? -1 : ::pread(fd, head, sizeof head, 0);
    const int error = errno;
    if (fd >= 0) ::close(fd);
    if (got < 0) return problem("E-INPUT-MISSING", {name, std::strerror(error)}, name);
    if (archive_kind({head, static_cast<size_t>(got)}) != ArchiveKind::none) return members(at, name, "*");
    add({.name = name, .path = at});
  }

  // `wanted` is compared with the names in the archive only; "*" also goes through "/" and nested archives.
  void members(const fs::path& at, const std::string& name, const std::string& wanted) {
    std::vector<Finding> found;
    const std::vector<Member> all = list_archive(at, name, limits_, found);
    const bool given_up = std::any_of(found.begin(), found.end(), [&](const Finding& f) {
      return f.severity == Severity::error && f.code != "E-ARCHIVE-PASSWORD" && f.input == name;
    });
    findings_.insert(findings_.end(), found.begin(), found.end());
    if (given_up) return;
    const size_t before = out.size();
    for (const Member& m : all) {
      std::string member;
      for (const auto& part : m.names) member += (member.empty() ? "" : "!") + part;
      if (wanted != member && ::fnmatch(wanted.c_str(), member.c_str(), 0) != 0) continue;
      add({.name = name + "!" + member, .walked = wanted == "*", .path = at, .members = m.path, .member_names = m.names});
    }
    if (out.size() == before && found.empty()) {
      if (wanted == "*") problem("E-INPUT-NONE", {name}, name);
      else problem("E-ARCHIVE-MEMBER", {name, wanted}, name);
    }
  }

  const InputLimits& limits_;
  std::vector<Finding>& findings_;
  std::string root_;  // the folder that was named, if it was one
  bool walked_ = false;
};

}  // namespace

std::vector<InputRef> expand(std::span<const std::string> arguments, const InputLimits& limits, std::vector<Finding>& findings) {
  Expander e(limits, findings);
  for (const auto& argument : arguments) e.argument(argument);
  return std::move(e.out);
}

}  // namespace casebridge::host

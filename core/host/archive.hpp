// Archives are untrusted: they are unpacked by libarchive in a sandboxed worker that streams bytes through a pipe. Names
// in an archive are words for messages, never paths. See archive_worker.cpp for the other side.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/input.hpp"

namespace casebridge::host {

enum class ArchiveKind : uint8_t { none, zip, tar, gzip };
ArchiveKind archive_kind(std::string_view head);  // by magic bytes; a zip that is an office document counts as none

struct Member {
  std::vector<uint64_t> path;        // number of the member in each archive, outermost first
  std::vector<std::string> names;    // shown form: UTF-8, control characters replaced
  int64_t size = -1;                 // as declared
};

// All files in an archive, archives inside it opened in turn, in the order of the archive. Findings for what was left
// out; an E-ARCHIVE-* error means the list is not complete and nothing of it should be read.
std::vector<Member> list_archive(const std::filesystem::path&, const std::string& name, const InputLimits&, std::vector<Finding>&);

// The stream of one member, for Input.
struct ArchiveSource {
  static bool start(Input&, const InputRef&, const InputLimits&, Finding& problem);  // replaces fd_ by the pipe
  static void finish(Input&, bool whole, std::optional<Finding>& problem);
  static void stop(Input&) noexcept;
};

}  // namespace casebridge::host

// Archives are untrusted: they are unpacked by libarchive in a sandboxed worker that streams bytes through a pipe. Names
// in an archive are words for messages, never paths. archive_worker.cpp is the other side.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "host/input.hpp"

namespace casebridge::host {

constexpr char kInner = '\x1F';  // between the name of an archive inside another and what is wrong with it

enum class ArchiveKind : uint8_t { none, zip, tar, gzip };
// By magic bytes. A zip that is a document of an office program (a workbook) counts as none: it is one input.
ArchiveKind archive_kind(std::string_view head);

// A zip of Office Open XML or a file of the programs before it, by its first bytes.
bool office_file(std::string_view head);

struct Member {
  std::vector<uint64_t> path;      // number of the member in each archive, outermost first
  std::vector<std::string> names;  // as shown: UTF-8, what cannot be shown replaced
  int64_t size = -1;               // as declared
};

// All files in an archive, archives inside it opened in turn, in the order of the archive. An error among the findings
// means that the list is not complete and nothing of it should be read.
std::vector<Member> list_archive(const std::filesystem::path&, const std::string& name, const InputLimits&, std::vector<Finding>&);

// The stream of one member.
struct ArchiveStream {
  virtual ~ArchiveStream() = default;
  virtual int take_output() = 0;                    // the end of the pipe to read from
  virtual std::optional<Finding> last_words() = 0;  // after its end: why it ended early, or nothing
};
// nullptr and a finding when it cannot be started. `fd` is the archive; it may be closed afterwards.
std::unique_ptr<ArchiveStream> unpack(int fd, const InputRef&, const InputLimits&, Finding& problem);
// The text of a workbook (read/workbook/sheet_text.hpp). No bytes and E-XLSX-NONE as the last words: it is none.
std::unique_ptr<ArchiveStream> open_workbook(int fd, const InputRef&, const InputLimits&, Finding& problem);

}  // namespace casebridge::host

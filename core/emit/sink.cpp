#include "emit/sink.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/system_words.hpp"
#include "base/text.hpp"

namespace casebridge::emit {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  const std::string args[]{path, system_words(error)};
  throw IoError(fill(tr("{0} cannot be written: {1}"), args));
}

void write_all(int descriptor, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      fail(path, errno);
    }
    bytes.remove_prefix(static_cast<size_t>(n));
  }
}

void make_folders(const std::filesystem::path& folder) {
  if (folder.empty() || std::filesystem::exists(folder)) return;
  make_folders(folder.parent_path());
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) fail(folder.string(), errno);
}

}  // namespace

void DescriptorSink::write(std::string_view bytes) { write_all(descriptor_, bytes, "-"); }

FileSink::FileSink(std::string path) : path_(std::move(path)) {
  if (std::filesystem::is_directory(path_)) fail(path_, EISDIR);
  make_folders(std::filesystem::path(path_).parent_path());
  partial_ = path_ + ".partial-XXXXXX";
  descriptor_ = ::mkostemp(partial_.data(), O_CLOEXEC);  // 0600 whatever the umask
  if (descriptor_ < 0) fail(path_, errno);
}

FileSink::~FileSink() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  ::unlink(partial_.c_str());
}

void FileSink::write(std::string_view bytes) { write_all(descriptor_, bytes, path_); }

void FileSink::commit() {
  if (::fsync(descriptor_) != 0 && errno != EINVAL && errno != EROFS) fail(path_, errno);
  if (::close(std::exchange(descriptor_, -1)) != 0) fail(path_, errno);
  if (::rename(partial_.c_str(), path_.c_str()) != 0) {
    const int error = errno;
    ::unlink(partial_.c_str());
    fail(path_, error);
  }
}

}  // namespace casebridge::emit

#include "store/lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "base/system_words.hpp"
#include "base/text.hpp"
#include "store/sqlite.hpp"

namespace casebridge::store {

Lock::Lock(const std::string& store, const std::string& who, const std::string& since) : path_(store + ".lock") {
  fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0)
    throw StoreError(Exit::temporary, fill(tr("{0} cannot be written: {1}"), std::vector<std::string>{path_, system_words(errno)}),
                     tr("Check the access rights of the file and its folder, and that the disk is not read-only."));
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) {
    const std::string holder = who + ", process " + std::to_string(::getpid()) + "\n" + since + "\n";
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, holder.data(), holder.size(), 0) < 0) {}  // words for others: the lock holds without
    return;
  }
  std::string said(256, '\0');
  const ssize_t n = ::pread(fd_, said.data(), said.size(), 0);
  said.resize(n > 0 ? static_cast<size_t>(n) : 0);
  ::close(fd_);
  const size_t line = said.find('\n');
  const std::string holder = said.substr(0, line),
                    from = line == said.npos ? "" : said.substr(line + 1, said.find('\n', line + 1) - line - 1);
  throw StoreError(Exit::temporary, fill(tr("{0} is in use by {1}, since {2}."), std::vector<std::string>{store, holder, from}),
                   tr("Wait until it has finished; one run at a time writes to a store."));
}

Lock::~Lock() {
  if (fd_ < 0) return;
  if (::ftruncate(fd_, 0) != 0) {}
  ::close(fd_);
}

}  // namespace casebridge::store

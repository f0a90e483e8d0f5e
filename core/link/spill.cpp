#include "link/spill.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

namespace casebridge::link {
namespace {

std::string& directory() {
  static std::string d;
  return d;
}

}  // namespace

void spill_to(std::string d) { directory() = std::move(d); }
bool spilling() { return !directory().empty(); }

void* map_large(size_t bytes) {
  void* at = MAP_FAILED;
  if (spilling()) {
    std::string name = directory() + "/casebridge-link-XXXXXX";
    const int fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) throw std::bad_alloc();
    ::unlink(name.c_str());  // gone with the process, whatever happens
    if (::posix_fallocate(fd, 0, static_cast<off_t>(bytes)) == 0) at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ::close(fd);
  } else {
    at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  }
  if (at == MAP_FAILED) throw std::bad_alloc();
  return at;
}

void unmap_large(void* at, size_t bytes) { ::munmap(at, bytes); }

void page_out(void* at, size_t bytes) {
#ifdef MADV_PAGEOUT
  const uintptr_t page = 4096, from = (reinterpret_cast<uintptr_t>(at) + page - 1) / page * page,
                  to = (reinterpret_cast<uintptr_t>(at) + bytes) / page * page;
  if (to > from) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_PAGEOUT);
#endif
}

}  // namespace casebridge::link

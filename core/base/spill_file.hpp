// A file for what does not fit into memory: it has no name, is gone with the process whatever happens, and what is written
// is encrypted with a key that lives in this process only, so that nothing of it can be read from the disk by anybody.
// Append only: what was written stays as it is. One thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace casebridge {

// A file that has no name. Throws std::runtime_error that says why there is none.
int nameless_file(const std::string& folder);

class SpillFile {
 public:
  static constexpr uint64_t kMost = uint64_t(256) << 30;
  explicit SpillFile(int fd);  // an empty file, opened to read and write; owned from now on
  ~SpillFile();
  SpillFile(const SpillFile&) = delete;

  uint64_t append(const void* from, size_t size);       // gives its offset. Throws std::runtime_error: full, or a limit
  void read(uint64_t offset, void* into, size_t size);  // of what was appended; throws std::runtime_error
  uint64_t size() const { return size_; }

  static void warm_up();  // loads what is loaded lazily otherwise: before a sandbox

 private:
  void crypt(uint64_t offset, const unsigned char* from, unsigned char* to, size_t size);
  struct Cipher;
  std::unique_ptr<Cipher> cipher_;
  int fd_ = -1;
  uint64_t size_ = 0;
  std::vector<unsigned char> buffer_;
};

}  // namespace casebridge

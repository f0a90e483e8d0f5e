#include "base/spill_file.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace casebridge {

int nameless_file(const std::string& folder) {
  const std::string where = folder.empty() ? "/tmp" : folder;
  int fd = ::open(where.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0) {  // a file system without O_TMPFILE: the name is gone before the first byte is written
    std::string name = where + "/casebridge-XXXXXX";
    fd = ::mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) ::unlink(name.c_str());
  }
  if (fd < 0) throw std::runtime_error("no temporary file in " + where + ": " + std::strerror(errno));
  return fd;
}

// AES-256 in counter mode: byte n of the file is encrypted by byte n of one key stream, which is used once because the file
// only grows.
struct SpillFile::Cipher {
  static constexpr uint64_t kBlock = 16;
  Cipher() : context(EVP_CIPHER_CTX_new()) {
    if (!context || RAND_bytes(key, sizeof key) != 1) throw std::runtime_error("no key for a temporary file can be made");
  }
  ~Cipher() {
    EVP_CIPHER_CTX_free(context);
    OPENSSL_cleanse(key, sizeof key);
  }
  void seek(uint64_t block) {
    unsigned char counter[16] = {};
    for (int i = 0; i < 8; ++i) counter[15 - i] = static_cast<unsigned char>(block >> (8 * i));
    if (EVP_EncryptInit_ex(context, EVP_aes_256_ctr(), nullptr, key, counter) != 1)
      throw std::runtime_error("a temporary file cannot be encrypted");
  }
  void run(const unsigned char* from, unsigned char* to, size_t size) {
    int done = 0;
    if (EVP_EncryptUpdate(context, to, &done, from, static_cast<int>(size)) != 1)
      throw std::runtime_error("a temporary file cannot be encrypted");
  }
  EVP_CIPHER_CTX* context;
  unsigned char key[32];
};

SpillFile::SpillFile(int fd) : cipher_(std::make_unique<Cipher>()), fd_(fd) {}

SpillFile::~SpillFile() {
  if (fd_ >= 0) ::close(fd_);
}

void SpillFile::warm_up() {
  Cipher cipher;
  unsigned char byte = 0;
  cipher.seek(0);
  cipher.run(&byte, &byte, 1);
}

void SpillFile::crypt(uint64_t offset, const unsigned char* from, unsigned char* to, size_t size) {
  cipher_->seek(offset / Cipher::kBlock);
  unsigned char skipped[Cipher::kBlock] = {};
  if (const size_t skip = offset % Cipher::kBlock) cipher_->run(skipped, skipped, skip);
  cipher_->run(from, to, size);
}

uint64_t SpillFile::append(const void* from, size_t size) {
  constexpr size_t kPiece = size_t(1) << 20;
  if (size_ + size > kMost) throw std::runtime_error("a temporary file would pass its limit");
  const uint64_t at = size_;
  if (::lseek(fd_, static_cast<off_t>(size_), SEEK_SET) < 0)
    throw std::runtime_error(std::string("a temporary file: ") + std::strerror(errno));
  for (const auto* next = static_cast<const unsigned char*>(from); size;) {
    const size_t n = std::min(size, kPiece);
    buffer_.resize(std::max(buffer_.size(), n));
    crypt(size_, next, buffer_.data(), n);
    for (size_t done = 0; done < n;) {  // write, not pwrite: a sandboxed worker has no more
      const ssize_t wrote = ::write(fd_, buffer_.data() + done, n - done);
      if (wrote < 0 && errno == EINTR) continue;
      if (wrote <= 0) {
        const int error = errno;
        size_ = kMost;  // this part of the key stream is used: nothing more is appended
        throw std::runtime_error(std::string("a temporary file cannot be written: ") + std::strerror(error));
      }
      done += static_cast<size_t>(wrote);
    }
    next += n, size -= n, size_ += n;
  }
  return at;
}

void SpillFile::read(uint64_t offset, void* into, size_t size) {
  constexpr size_t kPiece = size_t(1) << 30;
  if (offset > size_ || size > size_ - offset) throw std::runtime_error("a temporary file is read past its end");
  for (auto* next = static_cast<unsigned char*>(into); size;) {
    const ssize_t got = ::pread(fd_, next, std::min(size, kPiece), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) throw std::runtime_error("a temporary file cannot be read back");
    crypt(offset, next, next, static_cast<size_t>(got));
    next += got, offset += static_cast<uint64_t>(got), size -= static_cast<size_t>(got);
  }
}

}  // namespace casebridge

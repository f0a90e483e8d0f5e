// SHA-256 and HMAC-SHA-256 (OpenSSL). An object is used by one thread at a time and may be copied in the middle of its work:
// the copy goes its own way. Any failure of the library is an exception (std::runtime_error): never a wrong digest.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace casebridge {

using Digest = std::array<uint8_t, 32>;

class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&);
  Sha256& operator=(const Sha256&);
  ~Sha256();
  void add(std::string_view bytes);
  Digest digest() const;    // of all bytes so far; more may follow
  std::string hex() const;  // the same as 64 lower-case digits

 private:
  void* state_;  // EVP_MD_CTX
};

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);
std::string to_hex(const uint8_t* bytes, size_t size);
inline std::string to_hex(const Digest& digest) { return to_hex(digest.data(), digest.size()); }
inline std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

}  // namespace casebridge

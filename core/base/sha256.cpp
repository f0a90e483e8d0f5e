#include "base/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace casebridge {
namespace {

EVP_MD_CTX* ctx(void* state) { return static_cast<EVP_MD_CTX*>(state); }

void must(bool ok) {
  if (!ok) throw std::runtime_error("the SHA-256 of the cryptographic library failed");
}

// The library's configuration file is not read: digests must not depend on it, and a confined reader may open no file.
const EVP_MD* algorithm() {
  static const EVP_MD* const made = [] {
    OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    return EVP_MD_fetch(nullptr, "SHA256", nullptr);
  }();
  must(made != nullptr);
  return made;
}

EVP_MD_CTX* copied(void* from) {
  EVP_MD_CTX* made = EVP_MD_CTX_new();
  must(made != nullptr);
  if (EVP_MD_CTX_copy_ex(made, ctx(from)) != 1) {
    EVP_MD_CTX_free(made);
    must(false);
  }
  return made;
}

}  // namespace

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  must(state_ != nullptr);
  if (EVP_DigestInit_ex(ctx(state_), algorithm(), nullptr) != 1) {
    EVP_MD_CTX_free(ctx(state_));
    must(false);
  }
}
Sha256::Sha256(const Sha256& other) : state_(copied(other.state_)) {}
Sha256& Sha256::operator=(const Sha256& other) {
  if (this != &other) must(EVP_MD_CTX_copy_ex(ctx(state_), ctx(other.state_)) == 1);
  return *this;
}
Sha256::~Sha256() { EVP_MD_CTX_free(ctx(state_)); }

void Sha256::add(std::string_view bytes) { must(EVP_DigestUpdate(ctx(state_), bytes.data(), bytes.size()) == 1); }

Digest Sha256::digest() const {
  const Sha256 end(*this);
  Digest out{};
  unsigned size = 0;
  must(EVP_DigestFinal_ex(ctx(end.state_), out.data(), &size) == 1 && size == out.size());
  return out;
}

std::string Sha256::hex() const { return to_hex(digest()); }

Digest sha256(std::string_view bytes) {
  Digest out{};
  unsigned size = 0;
  must(EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, algorithm(), nullptr) == 1 && size == out.size());
  return out;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) {
  Digest out{};
  unsigned size = 0;
  must(HMAC(algorithm(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
            out.data(), &size) != nullptr &&
       size == out.size());
  return out;
}

std::string to_hex(const uint8_t* bytes, size_t size) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out(size * 2, '0');
  for (size_t i = 0; i < size; ++i) {
    out[2 * i] = kDigits[bytes[i] >> 4];
    out[2 * i + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

}  // namespace casebridge

// Low-level SHA-256 states are kept for the two HMAC pads: a token then costs two compressions, not a key schedule.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "normalise/tokens.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <vector>

#include "base/system_words.hpp"
#include "base/text.hpp"
#include "normalise/folding.hpp"

namespace casebridge::normalise {

struct TokenKey::Pads {
  SHA256_CTX inner, outer;
  ~Pads() { OPENSSL_cleanse(this, sizeof *this); }
};

namespace {

bool good_id(std::string_view id) {
  for (const char c : id)
    if (!letter(c) && !digit(c) && c != '-' && c != '_' && c != '.') return false;
  return !id.empty() && id.size() <= 32;
}
constexpr char kBase32[] = "abcdefghijklmnopqrstuvwxyz234567";

[[noreturn]] void fail(const char* english, const std::vector<std::string>& args) { throw TokenKeyError(fill(tr(english), args)); }

std::string slurp(int fd) {
  char buffer[1024];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  std::string out(buffer, n > 0 ? static_cast<size_t>(n) : 0);
  OPENSSL_cleanse(buffer, sizeof buffer);
  return out;
}

int hex_value(char c) { return digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }

}  // namespace

TokenKey::TokenKey(std::string id, std::unique_ptr<Pads> pads) : id_(std::move(id)), pads_(std::move(pads)) {}
TokenKey::TokenKey(TokenKey&&) noexcept = default;
TokenKey& TokenKey::operator=(TokenKey&&) noexcept = default;
TokenKey::~TokenKey() = default;

TokenKey TokenKey::from_bytes(std::string_view id, std::string_view key) {
  if (!good_id(id)) fail("The token key has no usable name.", {});
  if (key.size() != 32) fail("The token key is not 32 bytes long.", {});
  auto pads = std::make_unique<Pads>();
  uint8_t block[64];
  for (const bool outer : {false, true}) {
    std::memset(block, outer ? 0x5C : 0x36, sizeof block);
    for (size_t i = 0; i < 32; ++i) block[i] = static_cast<uint8_t>(block[i] ^ static_cast<uint8_t>(key[i]));
    SHA256_CTX& state = outer ? pads->outer : pads->inner;
    SHA256_Init(&state);
    SHA256_Update(&state, block, sizeof block);
  }
  OPENSSL_cleanse(block, sizeof block);
  return TokenKey(std::string(id), std::move(pads));
}

TokenKey TokenKey::load(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) fail("The token key file {0} cannot be read: {1}", {path, system_words(errno)});
  struct stat info;
  const bool stated = ::fstat(fd, &info) == 0;
  std::string text = stated && S_ISREG(info.st_mode) ? slurp(fd) : std::string();
  ::close(fd);
  if (!stated || !S_ISREG(info.st_mode)) fail("The token key file {0} is not a regular file.", {path});
  if (info.st_mode & 077) {
    OPENSSL_cleanse(text.data(), text.size());
    fail("The token key file {0} may be read by others: chmod 600 it, and make a new key if others had access.", {path});
  }
  std::string id, hex;
  for (size_t from = 0; from < text.size();) {
    size_t end = text.find('\n', from);
    if (end == std::string::npos) end = text.size();
    const std::string_view line = std::string_view(text).substr(from, end - from);
    if (line.starts_with("id:")) id = trim(line.substr(3));
    if (line.starts_with("key:")) hex = trim(line.substr(4));
    from = end + 1;
  }
  std::string key;
  for (size_t i = 0; i + 1 < hex.size() && hex.size() == 64; i += 2) {
    const int high = hex_value(hex[i]), low = hex_value(hex[i + 1]);
    if (high < 0 || low < 0) break;
    key += static_cast<char>(high << 4 | low);
  }
  OPENSSL_cleanse(text.data(), text.size());
  OPENSSL_cleanse(hex.data(), hex.size());
  if (key.size() != 32 || !good_id(id)) fail("The token key file {0} must hold the lines \"id: NAME\" and \"key: 64 hex digits\".", {path});
  TokenKey out = from_bytes(id, key);
  OPENSSL_cleanse(key.data(), key.size());
  return out;
}

void TokenKey::create(const std::string& path, std::string_view id) {
  if (!good_id(id)) fail("The token key has no usable name.", {});
  uint8_t key[32];
  if (::getrandom(key, sizeof key, 0) != static_cast<ssize_t>(sizeof key))
    fail("There are no random numbers to make a token key from.", {});
  std::string text = "id: " + std::string(id) + "\nkey: ";
  for (const uint8_t b : key) {
    text += "0123456789abcdef"[b >> 4];
    text += "0123456789abcdef"[b & 15];
  }
  text += '\n';
  OPENSSL_cleanse(key, sizeof key);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = fd >= 0 && ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (fd >= 0) ::close(fd);
  OPENSSL_cleanse(text.data(), text.size());
  if (!written) fail("The token key file {0} cannot be written: {1}", {path, system_words(errno)});
}

std::string TokenKey::token(std::string_view kind, std::string_view canonical) const {
  uint8_t digest[32];
  SHA256_CTX state = pads_->inner;
  SHA256_Update(&state, kind.data(), kind.size());
  SHA256_Update(&state, "\x1f", 1);
  SHA256_Update(&state, canonical.data(), canonical.size());
  SHA256_Final(digest, &state);
  state = pads_->outer;
  SHA256_Update(&state, digest, sizeof digest);
  SHA256_Final(digest, &state);
  OPENSSL_cleanse(&state, sizeof state);
  std::string out = "tok:" + id_ + ":";
  for (size_t i = 0; i < 20; i += 5) {
    uint64_t five = 0;
    for (size_t k = 0; k < 5; ++k) five = five << 8 | digest[i + k];
    for (int shift = 35; shift >= 0; shift -= 5) out += kBase32[five >> shift & 31];
  }
  return out;
}

bool is_token(std::string_view t) {
  if (!t.starts_with("tok:")) return false;
  const size_t colon = t.rfind(':');
  if (colon <= 4 || t.size() != colon + 33 || !good_id(t.substr(4, colon - 4))) return false;
  for (const char c : t.substr(colon + 1))
    if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'))) return false;
  return true;
}

}  // namespace casebridge::normalise

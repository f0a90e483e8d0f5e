// The low-level SHA-1 calls are used on purpose: the EVP ones look up the algorithm on every call, which costs more
// than hashing one of our short names.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "normalise/ids.hpp"

#include <openssl/sha.h>

namespace casebridge::normalise {
namespace {
constexpr uint8_t kNamespace[16] = {0x4c, 0xb8, 0x11, 0xd2, 0xca, 0x4c, 0x57, 0x30, 0x9f, 0xdc, 0x94, 0x94, 0x02, 0x15, 0x6a, 0x93};

Uuid stamp(const uint8_t* digest) {
  Uuid id;
  std::memcpy(id.bytes.data(), digest, 16);
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0F) | 0x50);
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3F) | 0x80);
  return id;
}
constexpr char kHex[] = "0123456789abcdef";
int hex(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; }
}  // namespace

Uuid uuid5(std::string_view name) {
  SHA_CTX context;
  uint8_t digest[20];
  SHA1_Init(&context);
  SHA1_Update(&context, kNamespace, sizeof kNamespace);
  SHA1_Update(&context, name.data(), name.size());
  SHA1_Final(digest, &context);
  return stamp(digest);
}

Uuid uuid5(std::initializer_list<std::string_view> parts) {
  std::string name;
  bool first = true;
  for (const std::string_view part : parts) {
    if (!first) name += '\x1f';
    first = false;
    name += part;
  }
  return uuid5(name);
}

void to_text(const Uuid& id, char* out) {
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *out++ = '-';
    *out++ = kHex[id.bytes[i] >> 4];
    *out++ = kHex[id.bytes[i] & 15];
  }
}
std::string to_text(const Uuid& id) {
  std::string out(36, '-');
  to_text(id, out.data());
  return out;
}

bool parse_uuid(std::string_view t, Uuid& out) {
  if (t.size() != 36) return false;
  size_t at = 0;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      if (t[at++] != '-') return false;
    const int high = hex(t[at]), low = hex(t[at + 1]);
    if (high < 0 || low < 0) return false;
    out.bytes[i] = static_cast<uint8_t>(high << 4 | low);
    at += 2;
  }
  return true;
}

uint64_t stable_hash(std::string_view t, uint64_t seed) {
  uint64_t h = seed ^ (t.size() * 0x9E3779B97F4A7C15ull);
  const auto mix = [](uint64_t a, uint64_t b) {
    const auto wide = static_cast<unsigned __int128>(a) * b;
    return static_cast<uint64_t>(wide) ^ static_cast<uint64_t>(wide >> 64);
  };
  size_t i = 0;
  for (; i + 8 <= t.size(); i += 8) {
    uint64_t word = 0;
    std::memcpy(&word, t.data() + i, 8);
    h = mix(h ^ word, 0xA0761D6478BD642Full);
  }
  uint64_t tail = 0;
  if (i < t.size()) std::memcpy(&tail, t.data() + i, t.size() - i);
  return mix(h ^ tail, 0xE7037ED1A0B428DBull) ^ h >> 29;
}

}  // namespace casebridge::normalise

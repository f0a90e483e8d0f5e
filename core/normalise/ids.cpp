// The low-level SHA-1 calls are used on purpose: the EVP ones look up the algorithm on every call, which costs more
// than hashing one of our short names.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "normalise/ids.hpp"

#include <openssl/sha.h>

#include <array>

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
constexpr std::array<uint8_t, 256> kNibble = [] {  // of a hexadecimal digit; 0xFF: it is none
  std::array<uint8_t, 256> table;
  table.fill(0xFF);
  for (int i = 0; i < 16; ++i) {
    table[static_cast<uint8_t>(kHex[i])] = static_cast<uint8_t>(i);
    if (i >= 10) table[static_cast<uint8_t>(kHex[i] - 32)] = static_cast<uint8_t>(i);
  }
  return table;
}();
constexpr std::array<std::array<char, 2>, 256> kPairs = [] {
  std::array<std::array<char, 2>, 256> table{};
  for (size_t i = 0; i < 256; ++i) table[i] = {kHex[i >> 4], kHex[i & 15]};
  return table;
}();
constexpr uint8_t kPairAt[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};  // of each byte in the text
}  // namespace

Uuid uuid5(std::string_view name) {
  SHA_CTX context;
  uint8_t digest[20];
  SHA1_Init(&context);
  // A short name is padded here and hashed block by block: the buffering of the general call costs as much as the hash.
  constexpr size_t kBlocks = 5;
  if (name.size() <= kBlocks * 64 - sizeof kNamespace - 9) {
    uint8_t block[kBlocks * 64];
    const size_t size = sizeof kNamespace + name.size(), blocks = (size + 9 + 63) / 64;
    std::memcpy(block, kNamespace, sizeof kNamespace);
    if (!name.empty()) std::memcpy(block + sizeof kNamespace, name.data(), name.size());
    block[size] = 0x80;
    std::memset(block + size + 1, 0, blocks * 64 - size - 9);
    const uint64_t bits = __builtin_bswap64(uint64_t(size) * 8);
    std::memcpy(block + blocks * 64 - 8, &bits, 8);
    for (size_t i = 0; i < blocks; ++i) SHA1_Transform(&context, block + i * 64);
    const uint32_t words[] = {__builtin_bswap32(context.h0), __builtin_bswap32(context.h1), __builtin_bswap32(context.h2),
                              __builtin_bswap32(context.h3)};
    std::memcpy(digest, words, sizeof words);
    return stamp(digest);
  }
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
  for (size_t i = 0; i < 16; ++i) std::memcpy(out + kPairAt[i], kPairs[id.bytes[i]].data(), 2);
  out[8] = out[13] = out[18] = out[23] = '-';
}
std::string to_text(const Uuid& id) {
  std::string out(36, '-');
  to_text(id, out.data());
  return out;
}

bool parse_uuid(std::string_view t, Uuid& out) {
  if (t.size() != 36) return false;
  uint8_t wrong = 0;
  for (size_t i = 0; i < 16; ++i) {
    const uint8_t high = kNibble[static_cast<uint8_t>(t[kPairAt[i]])], low = kNibble[static_cast<uint8_t>(t[kPairAt[i] + 1])];
    wrong |= high | low;
    out.bytes[i] = static_cast<uint8_t>(high << 4 | (low & 15));
  }
  return (wrong & 0xF0) == 0 && t[8] == '-' && t[13] == '-' && t[18] == '-' && t[23] == '-';
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

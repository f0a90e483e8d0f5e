// Hashes of link: fixed for ever, because keys of blocks and ids of records in a model or state file are made with them.
#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace casebridge::link {

inline uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0x9E3779B97F4A7C15ull;
  x ^= x >> 29;
  x *= 0xBF58476D1CE4E5B9ull;
  return x ^ (x >> 32);
}
inline uint64_t mix(uint64_t a, uint64_t b) { return mix(a * 0xD6E8FEB86659FD93ull + b + 0x2545F4914F6CDD1Dull); }

inline uint64_t hash_text(std::string_view s, uint64_t seed = 0) {
  uint64_t h = seed ^ (s.size() * 0xA0761D6478BD642Full);
  const char* p = s.data();
  size_t n = s.size();
  for (; n >= 8; p += 8, n -= 8) {
    uint64_t w;
    std::memcpy(&w, p, 8);
    h = mix(h, w);
  }
  if (n) {
    uint64_t w = 0;
    std::memcpy(&w, p, n);
    h = mix(h, w);
  }
  return mix(h);
}

}  // namespace casebridge::link

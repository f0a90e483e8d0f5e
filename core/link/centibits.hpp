// Scores are whole numbers: hundredths of a bit (log2), so that sums are the same on every machine and in any order.
#pragma once
#include <cstdint>

namespace casebridge::link {

// 100 * log2(x), rounded to nearest; x > 0. Integer arithmetic only.
constexpr int32_t centilog2(uint64_t x) {
  const int whole = 63 - __builtin_clzll(x);
  uint64_t m = whole >= 31 ? x >> (whole - 31) : x << (31 - whole);  // 1.31 fixed point in [1, 2)
  uint64_t fraction = 0;
  for (int i = 0; i < 20; ++i) {
    m = m * m >> 31;
    fraction <<= 1;
    if (m >> 32) {
      m >>= 1;
      fraction |= 1;
    }
  }
  return whole * 100 + static_cast<int32_t>((fraction * 100 + (1u << 19)) >> 20);
}
static_assert(centilog2(1) == 0 && centilog2(2) == 100 && centilog2(3) == 158 && centilog2(1'000'000) == 1993);

// 100 * log2(2^(a/100) + 2^(b/100)), from a table.
int32_t log_sum(int32_t a, int32_t b);

}  // namespace casebridge::link

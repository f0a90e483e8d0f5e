#include <emmintrin.h>

#include "link/compare.hpp"

namespace casebridge::link {
namespace {

// Bits of the bytes at which a and b agree.
unsigned agree(const Name& a, const Name& b) {
  const __m128i x = _mm_load_si128(reinterpret_cast<const __m128i*>(a.text.data()));
  const __m128i y = _mm_load_si128(reinterpret_cast<const __m128i*>(b.text.data()));
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(x, y)));
}
unsigned common_prefix(const Name& a, const Name& b) {
  const unsigned diff = ~agree(a, b) & 0xFFFFu;
  const unsigned p = diff ? static_cast<unsigned>(__builtin_ctz(diff)) : 16u;
  const unsigned shorter = a.length < b.length ? a.length : b.length;
  return p < shorter ? p : shorter;
}

}  // namespace

bool one_edit(const Name& a, const Name& b) {
  const unsigned la = a.length, lb = b.length;
  if (la < 3 || lb < 3 || la + 1 < lb || lb + 1 < la) return false;
  const unsigned p = common_prefix(a, b);
  const char *x = a.text.data(), *y = b.text.data();
  if (la == lb) {
    if (p >= la) return true;
    if (std::memcmp(x + p + 1, y + p + 1, la - p - 1) == 0) return true;
    return p + 1 < la && x[p] == y[p + 1] && x[p + 1] == y[p] && std::memcmp(x + p + 2, y + p + 2, la - p - 2) == 0;
  }
  return la > lb ? std::memcmp(x + p + 1, y + p, lb - p) == 0 : std::memcmp(x + p, y + p + 1, la - p) == 0;
}

float jaro_winkler_bound(const Name& a, const Name& b) {
  const int la = a.length, lb = b.length;
  if (la == 0 || lb == 0) return 0;
  // Every kind of letter that only one side has is at least one letter that finds no partner.
  const int ma = la - __builtin_popcount(a.letters & ~b.letters), mb = lb - __builtin_popcount(b.letters & ~a.letters);
  const int m = ma < mb ? ma : mb;
  if (m <= 0) return 0;
  const float j = (static_cast<float>(m) / static_cast<float>(la) + static_cast<float>(m) / static_cast<float>(lb) + 1.0f) / 3.0f;
  const unsigned prefix = common_prefix(a, b);
  return j + static_cast<float>(prefix < 4 ? prefix : 4) * 0.1f * (1.0f - j);
}

float jaro_winkler(const Name& first, const Name& second) {
  // The greedy matching is not quite symmetric, so the two names are put in order first: no result may depend on rows.
  const bool swap = std::memcmp(first.text.data(), second.text.data(), 16) > 0;
  const Name &a = swap ? second : first, &b = swap ? first : second;
  const unsigned la = a.length, lb = b.length;
  if (la == 0 || lb == 0) return 0;
  const unsigned longer = la > lb ? la : lb;
  const unsigned reach = longer / 2 > 0 ? longer / 2 - 1 : 0;
  const __m128i y = _mm_load_si128(reinterpret_cast<const __m128i*>(b.text.data()));
  const unsigned inside = lb >= 16 ? 0xFFFFu : (1u << lb) - 1u;
  unsigned used = 0, matched_a = 0;
  for (unsigned i = 0; i < la; ++i) {
    const unsigned lo = i > reach ? i - reach : 0, hi = i + reach;  // window [lo, hi]
    const unsigned window = (hi >= 15 ? 0xFFFFu : (2u << hi) - 1u) & ~((1u << lo) - 1u);
    const unsigned hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(y, _mm_set1_epi8(a.text[i])))) & window & inside & ~used;
    if (hits) {
      used |= hits & (0u - hits);
      matched_a |= 1u << i;
    }
  }
  const int m = __builtin_popcount(used);
  if (m == 0) return 0;
  int crossed = 0;
  for (unsigned x = matched_a, u = used; x; x &= x - 1, u &= u - 1)
    crossed += a.text[static_cast<size_t>(__builtin_ctz(x))] != b.text[static_cast<size_t>(__builtin_ctz(u))];
  const float fm = static_cast<float>(m);
  const float j = (fm / static_cast<float>(la) + fm / static_cast<float>(lb) + (fm - static_cast<float>(crossed / 2)) / fm) / 3.0f;
  const unsigned prefix = common_prefix(a, b);
  return j + static_cast<float>(prefix < 4 ? prefix : 4) * 0.1f * (1.0f - j);
}

}  // namespace casebridge::link

#include "base/suggest.hpp"

#include <algorithm>
#include <vector>

namespace casebridge {

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

std::string nearest(std::string_view wrong, std::span<const std::string> known) {
  std::string best;
  size_t best_distance = wrong.size() / 3 + 2;  // a third of the word may be wrong, and one letter more
  for (const std::string& word : known) {
    const size_t distance = edit_distance(wrong, word);
    if (distance < best_distance || (distance == best_distance && !best.empty() && word < best)) best = word, best_distance = distance;
  }
  return best;
}

}  // namespace casebridge

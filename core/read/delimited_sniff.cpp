#include <algorithm>
#include <array>

#include "read/delimited.hpp"

namespace casebridge::read {
namespace {

// Cells of the first hundred rows under one delimiter.
struct Trial {
  char delimiter;
  size_t rows = 0, cells = 0, agreeing = 0;
};

Trial try_delimiter(std::string_view head, char delimiter, char quote, char newline) {
  std::array<size_t, 100> counts{};
  Trial trial{delimiter};
  size_t cells = 1;
  bool quoted = false, start = true, any = false;
  for (size_t i = 0; i < head.size() && trial.rows < counts.size(); ++i) {
    const char c = head[i];
    if (quoted) {
      if (c == quote) {
        if (i + 1 < head.size() && head[i + 1] == quote) ++i;
        else quoted = false;
      }
      continue;
    }
    if (c == quote && quote && start) {
      quoted = true;
      start = false;
      any = true;
    } else if (c == delimiter) {
      ++cells;
      start = true;
      any = true;
    } else if (c == newline) {
      if (any) counts[trial.rows++] = cells;
      cells = 1;
      start = true;
      any = false;
    } else if (c != '\r') {
      start = false;
      any = true;
    }
  }
  if (any && trial.rows == 0) counts[trial.rows++] = cells;  // one line without an end
  for (size_t i = 0; i < trial.rows; ++i) {
    const auto same = static_cast<size_t>(std::count(counts.begin(), counts.begin() + static_cast<ptrdiff_t>(trial.rows), counts[i]));
    if (counts[i] > 1 && (same > trial.agreeing || (same == trial.agreeing && counts[i] > trial.cells))) {
      trial.agreeing = same;
      trial.cells = counts[i];
    }
  }
  return trial;
}

}  // namespace

char sniff_delimiter(std::string_view head, char quote, char newline, std::string& why) {
  Trial best{','};
  for (const char candidate : {',', ';', '\t', '|'}) {
    const Trial trial = try_delimiter(head, candidate, quote, newline);
    // Agreement of the rows first, then the number of cells; the order of the candidates settles what is left.
    const auto better = [](const Trial& a, const Trial& b) {
      const size_t left = a.agreeing * std::max<size_t>(b.rows, 1), right = b.agreeing * std::max<size_t>(a.rows, 1);
      return left != right ? left > right : a.cells > b.cells;
    };
    if (trial.agreeing && better(trial, best)) best = trial;
  }
  why = best.agreeing ? std::to_string(best.cells) + " cells in " + std::to_string(best.agreeing) + " of the first " +
                            std::to_string(best.rows) + " rows"
                      : "no delimiter found; taken as one column";
  return best.delimiter;
}

}  // namespace casebridge::read

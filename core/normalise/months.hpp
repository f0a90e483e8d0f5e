// Months that pass by law.
#pragma once
#include <algorithm>

#include "normalise/civil.hpp"

namespace casebridge::normalise {

// The same day so many months later, or the last of that month where there is none (Interpretation Act, s. 28).
inline int64_t months_later(int64_t day, int months) {
  const CivilDay from = civil_from_days(day);
  const int months_from_zero = from.year * 12 + from.month - 1 + months;
  const int year = months_from_zero / 12, month = months_from_zero % 12 + 1;
  return days_from_civil(year, month, std::min(from.day, days_in_month(year, month)));
}

}  // namespace casebridge::normalise

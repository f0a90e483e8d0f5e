#include "normalise/civil.hpp"
#include "normalise/dates.hpp"
#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

// A normal form as the span it may mean: first and last day, and the instant in seconds where the time is known.
struct Span {
  int64_t first = 0, last = 0;
  bool instant = false;
  int64_t seconds = 0;
  int year = 0, month = 0, day = 0;
};

bool number(std::string_view t, size_t at, size_t width, int& into) {
  if (t.size() < at + width) return false;
  into = 0;
  for (size_t i = at; i < at + width; ++i) {
    if (!digit(t[i])) return false;
    into = into * 10 + (t[i] - '0');
  }
  return true;
}

bool span_of(std::string_view t, Span& s) {
  if (!number(t, 0, 4, s.year)) return false;
  if (t.size() >= 7 && (t[4] != '-' || !number(t, 5, 2, s.month) || s.month < 1 || s.month > 12)) return false;
  if (t.size() >= 10 && (t[7] != '-' || !number(t, 8, 2, s.day) || s.day < 1 || s.day > days_in_month(s.year, s.month))) return false;
  s.first = days_from_civil(s.year, s.month ? s.month : 1, s.day ? s.day : 1);
  const int m = s.month ? s.month : 12;
  s.last = days_from_civil(s.year, m, s.day ? s.day : days_in_month(s.year, m));
  int h = 0, mi = 0, sec = 0;
  if (t.size() >= 20 && t[10] == 'T' && number(t, 11, 2, h) && number(t, 14, 2, mi) && number(t, 17, 2, sec)) {
    int oh = 0, om = 0;
    const size_t sign = t.find_last_of("+-");
    if (t.back() != 'Z' && sign != t.npos && sign >= 19 && number(t, sign + 1, 2, oh) && number(t, sign + 4, 2, om) && t[sign] == '-') {
      oh = -oh;
      om = -om;
    }
    s.instant = true;
    s.seconds = s.first * 86400 + h * 3600 + mi * 60 + sec - oh * 3600 - om * 60;
  }
  return true;
}

int whole_years(CivilDay birth, CivilDay day) {
  return day.year - birth.year - (day.month < birth.month || (day.month == birth.month && day.day < birth.day));
}

}  // namespace

int compare_dates(std::string_view a, std::string_view b) {
  Span x, y;
  if (!span_of(a, x) || !span_of(b, y)) return 0;
  if (x.instant && y.instant) return x.seconds < y.seconds ? -1 : x.seconds > y.seconds;
  if (x.last < y.first) return -1;
  return x.first > y.last ? 1 : 0;
}

bool day_span(std::string_view text, int64_t& first, int64_t& last) {
  Span s;
  if (!span_of(text, s)) return false;
  first = s.first;
  last = s.last;
  return true;
}

void age_between(int64_t birth_first, int64_t birth_last, int64_t day_first, int64_t day_last, int& least, int& most) {
  least = whole_years(civil_from_days(birth_last), civil_from_days(day_first));
  most = whole_years(civil_from_days(birth_first), civil_from_days(day_last));
}

bool age_between(std::string_view birth, std::string_view day, int& least, int& most) {
  Span b, d;
  if (!span_of(birth, b) || !span_of(day, d)) return false;
  age_between(b.first, b.last, d.first, d.last, least, most);
  return true;
}

bool days_between(std::string_view a, std::string_view b, int64_t& days) {
  Span x, y;
  if (!span_of(a, x) || !span_of(b, y) || x.first != x.last || y.first != y.last) return false;
  days = y.first - x.first;
  if (x.instant && y.instant) {  // elapsed, not calendar, days where both hours are known
    const int64_t seconds = y.seconds - x.seconds;
    days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
  }
  return true;
}

}  // namespace casebridge::normalise

#include "read/workbook/cell_dates.hpp"

#include <chrono>
#include <cmath>
#include <cstdio>

namespace casebridge::read {

Shows builtin_format(uint32_t id) {
  if (id >= 14 && id <= 17) return Shows::date;
  if (id >= 18 && id <= 21) return Shows::time;
  if (id == 22) return Shows::both;
  if ((id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) || id == 57 || id == 58) return Shows::date;  // of East Asia
  if ((id >= 32 && id <= 35) || id == 55 || id == 56) return Shows::time;
  return Shows::number;  // 45, 46, 47 are durations
}

std::string_view builtin_code(uint32_t id) {
  switch (id) {
    case 14: return "m/d/yyyy";
    case 15: return "d-mmm-yy";
    case 16: return "d-mmm";
    case 17: return "mmm-yy";
    case 18: return "h:mm AM/PM";
    case 19: return "h:mm:ss AM/PM";
    case 20: return "h:mm";
    case 21: return "h:mm:ss";
    case 22: return "m/d/yyyy h:mm";
    default: return {};
  }
}

Shows format_shows(std::string_view code) {
  bool day = false, clock = false, minutes_or_months = false;
  for (size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ';') break;  // the section of positive numbers is the one of dates
    if (c == '\\' || c == '_' || c == '*') {
      ++i;
      continue;
    }
    if (c == '"') {
      i = code.find('"', i + 1);
      if (i == code.npos) break;
      continue;
    }
    if (c == '[') {
      const size_t end = code.find(']', i);
      if (end == code.npos) break;
      const std::string_view word = code.substr(i + 1, end - i - 1);
      if (!word.empty() && word.find_first_not_of("hHmMsS") == word.npos) return Shows::number;  // hours beyond the day
      i = end;
      continue;
    }
    const auto has = [&](std::string_view word) {
      if (code.size() - i < word.size()) return false;
      for (size_t k = 0; k < word.size(); ++k)
        if ((code[i + k] | 0x20) != (word[k] | 0x20)) return false;
      return true;
    };
    if (has("general")) {
      i += 6;
      continue;
    }
    if (has("am/pm")) {
      clock = true;
      i += 4;
      continue;
    }
    switch (c | 0x20) {
      case 'y':
      case 'd': day = true; break;
      case 'h':
      case 's': clock = true; break;
      case 'm': minutes_or_months = true; break;
      default: break;
    }
  }
  if (minutes_or_months && !clock) day = true;
  return day ? clock ? Shows::both : Shows::date : clock ? Shows::time : Shows::number;
}

std::string date_text(double number, Shows shows, bool system_1904) {
  if (!(number >= 0) || number >= 2'958'466) return {};  // the 31st of December 9999 is the last day
  double whole = std::floor(number);
  auto ms = static_cast<int64_t>(std::llround((number - whole) * 86'400'000.0));
  if (ms >= 86'400'000) ms -= 86'400'000, whole += 1;
  const auto serial = static_cast<int64_t>(whole);
  std::string clock;
  if (ms || shows == Shows::time || shows == Shows::both) {
    char text[32];
    std::snprintf(text, sizeof text, "%02d:%02d:%02d", static_cast<int>(ms / 3'600'000), static_cast<int>(ms / 60'000 % 60),
                  static_cast<int>(ms / 1000 % 60));
    clock = text;
    if (ms % 1000) {
      std::snprintf(text, sizeof text, ".%03d", static_cast<int>(ms % 1000));
      clock += text;
    }
  }
  if (serial == 0 && shows == Shows::time) return clock;
  if (!system_1904 && (serial == 60 || serial == 0)) return {};  // never was; the day before the first
  using namespace std::chrono;
  const sys_days zero = system_1904   ? sys_days(year(1904) / 1 / 1)
                        : serial < 60 ? sys_days(year(1899) / 12 / 31)
                                      : sys_days(year(1899) / 12 / 30);
  const year_month_day date(zero + days(serial));
  if (date.year() > year(9999)) return {};
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return clock.empty() ? text : std::string(text) + "T" + clock;
}

}  // namespace casebridge::read

// Numbers of a sheet that are dates: whether a number format shows one, and which date a number is.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace casebridge::read {

enum class Shows : uint8_t { number, date, time, both };  // both: date and time of day

// Of a format that every program knows by its number (ECMA-376 part 1, 18.8.30).
Shows builtin_format(uint32_t id);
// Of a format code, as "yyyy\-mm\-dd;@". A duration ([h]:mm) is a number.
Shows format_shows(std::string_view code);
std::string_view builtin_code(uint32_t id);  // as it is usually written; empty: none

// The date as text, "2099-03-03", "2099-03-03T14:05:00", "14:05:00". Empty: no such day. In the 1900 system that is the
// 29th of February 1900, day 60, which never was and which spreadsheets count all the same; days before it are one later
// than the count says. A time of day is given where the number has one, whatever the format shows: it stands in the file.
std::string date_text(double number, Shows, bool system_1904);

}  // namespace casebridge::read

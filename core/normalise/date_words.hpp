// Names of months, weekdays and day halves in English and French. Each function gives the bytes it used, 0 = no match.
#pragma once
#include <cstddef>
#include <string_view>

namespace casebridge::normalise {

size_t read_month(std::string_view text, int& month) noexcept;      // 1..12; "Jan", "janv.", "févr.", "AOUT", "September"
size_t read_weekday(std::string_view text, int& weekday) noexcept;  // 0 = Sunday; "Mon", "lundi", "mer."
size_t read_half(std::string_view text, int& half) noexcept;        // 0 AM, 1 PM; "am", "P.M."

}  // namespace casebridge::normalise

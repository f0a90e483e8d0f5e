// Values of a source as the comparer wants them. All are total: text that is not such a value gives "missing".
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "link/person.hpp"

namespace casebridge::link {

Date parse_date(std::string_view text);
uint64_t parse_phone(std::string_view text);                   // national digits of +1 numbers, else all digits; 0 = missing
uint64_t parse_postcode(std::string_view text);                // letters upper case and digits, first one in the lowest byte
std::array<char, 16> parse_identifier(std::string_view text);  // value[0] == 0: missing

struct StreetLine {
  uint32_t number = 0;
  Folded name;  // without number, unit and kind of street
};
void parse_street(std::string_view text, StreetLine& out);

// The first part of a postcode, which names an area: A1A of A1A 1A1, TS19 of TS19 0SH, 902 of 90210. 0 = missing.
uint64_t postcode_area(uint64_t postcode);
inline unsigned postcode_length(uint64_t p) { return p ? (71u - static_cast<unsigned>(__builtin_clzll(p))) / 8u : 0; }

}  // namespace casebridge::link

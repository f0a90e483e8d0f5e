// Civic addresses, English and French, Canadian postal forms first; United States forms pass through.
// Pure; any thread. Nothing is corrected: a postal code with a letter O where a zero belongs is reported, not mended.
#pragma once
#include <string>
#include <string_view>

#include "normalise/normal.hpp"

namespace casebridge::normalise {

Normal normalise_postal_code(std::string_view text);  // "k1a0b1" -> "K1A 0B1"; "12345-6789" and "12345" as they are
Normal normalise_province(std::string_view text);     // "Ontario", "Ont.", "Colombie-Britannique" -> "ON", "BC"; US states too
bool is_canadian_province(std::string_view code);
bool is_us_state(std::string_view code);

struct Civic {
  std::string unit, number, street, city, province, postal_code, country;
};
// "12-345, rue Principale Est, app. 4, Sudbury (Ontario) P3A 1A1" in parts. Only what is certain: an address that begins
// with no number gives no street; a place name is taken as the city only where a province or a postal code follows it.
Civic split_address(std::string_view full);

// One line per place, for exact matching: "ca|on|sudbury|345|principale e|4". Street types and directions in English
// and French are one word each (rue = street, boul. = blvd, O. = W). Empty unless number, street and (city or postal code)
// are known: a vague address must not look like an exact one.
std::string address_key(const Civic&);
// The same from parts that come again and again, made once: street_key() of the street and letters_only() of the city.
bool has_address_key(const Civic&);
std::string address_key(const Civic&, std::string_view street_key, std::string_view city_letters);
std::string street_key(std::string_view street);

}  // namespace casebridge::normalise

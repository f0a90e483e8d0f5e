// The nearest right word for a wrong one: for typos in options, formats, columns and mapping words.
#pragma once
#include <span>
#include <string>
#include <string_view>

namespace casebridge {

size_t edit_distance(std::string_view a, std::string_view b);                     // insert, delete, replace, swap of neighbours; bytes
std::string nearest(std::string_view wrong, std::span<const std::string> known);  // empty: nothing is near enough

}  // namespace casebridge

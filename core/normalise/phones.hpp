// Telephone numbers -> E.164. Nothing is invented: a number without its area code stays as given.
// An extension follows as ";ext=12". Thread-safe; everything libphonenumber needs is loaded by warm_phones().
#pragma once
#include <string_view>

#include "normalise/normal.hpp"

namespace casebridge::normalise {

void warm_phones();
// region: ISO 3166 alpha-2 of numbers written without a country code ("CA"); empty: only +… numbers can be understood.
Normal normalise_phone(std::string_view text, std::string_view region);

}  // namespace casebridge::normalise

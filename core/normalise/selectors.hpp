// Selector values by kind (code of selector_kind): one canonical spelling each, so that equal accounts are equal text.
// Pure; any thread.
#pragma once
#include <string_view>

#include "normalise/normal.hpp"

namespace casebridge::normalise {

// kind: code of the selector_kind list; unknown kinds are tidied only. PAYMENT_CARD in full is not handled here: see
// is_full_card(), it must become a token.
Normal normalise_selector(std::string_view kind, std::string_view value, std::string_view region);
bool is_full_card(std::string_view value);  // 13 to 19 digits whose check digit is right
std::string card_digits(std::string_view value);

Normal normalise_email(std::string_view);
Normal normalise_url(std::string_view);
Normal normalise_ip(std::string_view);
Normal normalise_vin(std::string_view);    // upper case; 17 characters, check digit (North America)
Normal normalise_plate(std::string_view);  // upper case, no blanks, no hyphens

}  // namespace casebridge::normalise

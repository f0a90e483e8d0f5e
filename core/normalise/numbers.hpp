// Numbers, units, truth values and money, as text on the wire. Integer arithmetic only. Pure; any thread.
#pragma once
#include <string_view>

#include "normalise/normal.hpp"

namespace casebridge::normalise {

// "1 234,5", "1,234.50", "+007" -> canonical decimal text. "1,234" may be a thousand or a fraction: reported, unusable.
Normal normalise_decimal(std::string_view);
Normal normalise_integer(std::string_view);  // a decimal whose fraction is zero is an integer; any other is not
Normal normalise_boolean(std::string_view);  // true/false, yes/no, Y/N, 1/0, oui/non, O/N, vrai/faux, T/F

// A measure in the unit of its field, rounded half up to a whole number. `unit` is the source's unit ("in", "ft", "lb",
// "INH", "LBR", "days", "min" ...), empty = the target's own. Text that names its unit itself (5'11", 180 lb, 1 m 80)
// overrides it. target: cm kg s m.
Normal normalise_measure(std::string_view text, std::string_view unit, std::string_view target);

// Amount without its currency sign. Two decimals at least where the currency has them. `currency` (ISO 4217, may be
// empty) is set when the text itself names one ("CAD 120", "120 USD"); a bare "$" names none.
Normal normalise_money(std::string_view text, std::string& currency);

}  // namespace casebridge::normalise

// Sensitive numbers inside running text: found by their shape and what stands around them, and masked. Pure; any thread.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::normalise {

// Masked: social security numbers written 3-2-4, social insurance numbers written 3-3-3 or as nine digits (check digit
// right, or a word such as SIN, NAS, SSN before them), health cards written 4-3-3 (check digit right) or as Québec writes
// them. Each digit becomes '*', so the length stays. Gives how many numbers were masked; `out` is set when > 0.
int mask_sensitive(std::string_view text, std::string& out);
// A source's field name that says a sensitive number stands in it: SSN, SIN, NAS, SocialSecurity..., HealthCard, OHIP ...
bool names_sensitive(std::string_view field_name);

}  // namespace casebridge::normalise

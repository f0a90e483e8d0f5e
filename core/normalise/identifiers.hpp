// Identifiers by type (code of identifier_type): the canonical spelling where the type defines one, and what its check
// digit says. Pure; any thread.
#pragma once
#include <string_view>

#include "normalise/normal.hpp"

namespace casebridge::normalise {

bool is_sensitive_identifier(std::string_view type);  // SIN, SSN, HEALTH_CARD: only a token may stay (H26)
// For sensitive types `text` is the canonical clear form that is hashed: it must not leave the caller. No detail quotes it.
Normal normalise_identifier(std::string_view type, std::string_view value, std::string_view issuer);

}  // namespace casebridge::normalise

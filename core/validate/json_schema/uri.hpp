// The little of RFC 3986 that schemas need: resolving a reference against a base, and cutting off the fragment.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::schema {

std::string resolve_uri(std::string_view base, std::string_view reference);
std::string_view without_fragment(std::string_view uri);
std::string fragment_of(std::string_view uri);  // percent-decoded, without "#"

}  // namespace casebridge::schema

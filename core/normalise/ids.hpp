// Record ids: UUIDv5 in the namespace of design/wire.md. Parts are joined by U+001F. [any-thread]
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>

#include "model/record.hpp"

namespace casebridge::normalise {

Uuid uuid5(std::string_view name);  // in the casebridge namespace
Uuid uuid5(std::initializer_list<std::string_view> parts);
std::string to_text(const Uuid&);  // lower case, 36 characters
void to_text(const Uuid&, char* into36);
bool parse_uuid(std::string_view text, Uuid& out);  // 36 characters, either case

// FNV-like 64-bit hash with a good finish; stable across runs and machines (unlike std::hash).
uint64_t stable_hash(std::string_view text, uint64_t seed = 0);

}  // namespace casebridge::normalise

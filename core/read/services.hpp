// The parsers as the tables of casebridge/services.h, for host->extension(). Static tables; any thread.
#pragma once
#include <string_view>

namespace casebridge::read {

const void* parser_service(std::string_view id);  // "casebridge.json/1" -> its table; nullptr: not a parser of ours

}  // namespace casebridge::read

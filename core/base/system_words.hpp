// What the system says of an errno, in the language of the process: the C library without a locale says it in English.
#pragma once
#include <string>

namespace casebridge {

std::string system_words(int error);  // "No such file or directory"; French where details.def has it

}  // namespace casebridge

#include "base/system_words.hpp"

#include <cstring>

#include "base/text.hpp"

namespace casebridge {

std::string system_words(int error) { return tr(std::strerror(error)); }

}  // namespace casebridge

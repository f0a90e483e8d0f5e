// Patterns of file names: * stands for any characters, ? for one; case is ignored.
#pragma once
#include <string>
#include <string_view>

namespace casebridge {

std::string_view file_name(std::string_view path);  // what stands behind the last "/" or "!"
// Does the file's name fit? What is packed alone (x.csv.gz) fits as what it holds. `star`: what the first * stands for.
bool fits_pattern(std::string_view pattern, std::string_view path, std::string* star = nullptr);

}  // namespace casebridge

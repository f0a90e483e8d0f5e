#include "base/file_pattern.hpp"

namespace casebridge {
namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool fits(std::string_view pattern, std::string_view name, std::string* star) {
  for (size_t i = 0;; ++i) {
    if (i == pattern.size()) return i == name.size();
    if (pattern[i] == '*') {
      for (size_t end = i; end <= name.size(); ++end)
        if (fits(pattern.substr(i + 1), name.substr(end), nullptr)) {
          if (star) *star = name.substr(i, end - i);
          return true;
        }
      return false;
    }
    if (i == name.size() || (pattern[i] != '?' && folded(pattern[i]) != folded(name[i]))) return false;
  }
}

}  // namespace

std::string_view file_name(std::string_view path) {
  const size_t cut = path.find_last_of("/!");
  return cut == path.npos ? path : path.substr(cut + 1);
}

bool fits_pattern(std::string_view pattern, std::string_view path, std::string* star) {
  const std::string_view name = file_name(path);
  return fits(pattern, name, star) || (name.ends_with(".gz") && fits(pattern, name.substr(0, name.size() - 3), star));
}

}  // namespace casebridge

// A whole file as text. Empty where it is not there or cannot be read: whoever needs it asks for its presence first.
#pragma once
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace casebridge::job {

inline std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace casebridge::job

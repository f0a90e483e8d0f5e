#include <yaml-cpp/yaml.h>

#include "validate/xsd_index.hpp"

namespace casebridge::validate {

std::vector<std::pair<std::string, std::string>> read_yaml_catalog(const std::string& text, std::string& problem) {
  std::vector<std::pair<std::string, std::string>> out;
  try {
    const YAML::Node root = YAML::Load(text);
    for (const char* part : {"namespaces", "locations"})
      if (root[part])
        for (const auto& one : root[part]) out.emplace_back(one.first.as<std::string>(), one.second.as<std::string>());
  } catch (const YAML::Exception& wrong) { problem = wrong.what(); }
  return out;
}

}  // namespace casebridge::validate

// casebridge plugin new: a draft of a mapping plugin, from a sample or as a template.
#pragma once
#include <string>

#include "cli/app.hpp"

namespace casebridge::cli {

struct PluginNew {
  std::string sample;  // empty: the template
  std::string id;      // empty: from the sample's name
  std::string folder;  // empty: the id with _ for -
};

Exit new_plugin(const Common&, const PluginNew&);

}  // namespace casebridge::cli

// Whether a plugin keeps the contract: the claims of tests/conformance, run on any plugin folder or mapping file.
#pragma once
#include <string>

#include "cli/app.hpp"

namespace casebridge::cli {

Exit test_plugin(const Common&, const std::string& path);

}  // namespace casebridge::cli

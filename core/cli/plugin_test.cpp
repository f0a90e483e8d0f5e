#include "cli/plugin_test.hpp"

#include "base/text.hpp"

namespace casebridge::cli {

Exit test_plugin(const Common&, const std::string& path) { throw Failure{Exit::usage, fill(tr("{0} is not a plugin."), std::vector<std::string>{path}), {}}; }

}  // namespace casebridge::cli

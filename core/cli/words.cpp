#include "cli/words.hpp"

#include "emit/report.hpp"
#include "handle/gate.hpp"

namespace casebridge::cli {

std::string finding_words(const Finding& finding) {
  static const auto gate = handle::Gate::for_self("1970-01-01");
  const auto cleared = gate->pass(finding);
  if (!cleared) return {};
  std::string out = emit::finding_line(cleared->get());
  if (const std::string fix = fix_of(cleared->get()); !fix.empty()) out += "\n  " + fix;
  return out;
}

}  // namespace casebridge::cli

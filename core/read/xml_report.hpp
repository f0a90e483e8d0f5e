// How the XML readers say what is wrong: a finding of the catalogue with a place.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "base/finding.hpp"
#include "read/xml_source.hpp"

namespace casebridge::read {

using XmlReport = std::function<void(Finding)>;

inline Finding xml_finding(std::string_view code, std::vector<std::string> args, XmlPlace place, uint64_t length) {
  Finding finding;
  finding.code = code;
  if (const FindingCode* known = finding_code(code)) finding.severity = known->severity;
  finding.args = std::move(args);
  finding.offset = place.offset;
  finding.length = length;
  finding.line = place.line;
  finding.column = place.column;
  return finding;
}

}  // namespace casebridge::read

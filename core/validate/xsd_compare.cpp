#include "validate/xsd_compare.hpp"

#include <algorithm>
#include <iterator>
#include <set>

namespace casebridge::validate {
namespace {

std::set<uint64_t> lines(std::span<const Finding> findings) {
  std::set<uint64_t> out;
  for (const Finding& finding : findings)
    if (finding.severity == Severity::error && finding.code.starts_with("E-XSD-")) out.insert(finding.line);
  return out;
}

std::string list(const std::vector<uint64_t>& lines) {
  std::string out;
  for (const uint64_t line : lines) out += (out.empty() ? "" : ",") + std::to_string(line);
  return out.empty() ? "-" : out;
}

}  // namespace

XsdDisagreement compare_verdicts(std::span<const Finding> fast, std::span<const Finding> strict) {
  const auto a = lines(fast), b = lines(strict);
  XsdDisagreement out;
  out.fast_valid = a.empty();
  out.strict_valid = b.empty();
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out.only_fast));
  std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(out.only_strict));
  return out;
}

std::string to_log(const XsdDisagreement& d, const std::string& input) {
  return input + ": libxml2 " + (d.fast_valid ? "valid" : "invalid") + ", Xerces-C " + (d.strict_valid ? "valid" : "invalid") +
         "; lines of libxml2 alone " + list(d.only_fast) + ", of Xerces-C alone " + list(d.only_strict);
}

}  // namespace casebridge::validate

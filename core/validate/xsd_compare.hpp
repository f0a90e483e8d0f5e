// Where the two validators disagree over one document, for the log.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "base/finding.hpp"

namespace casebridge::validate {

struct XsdDisagreement {
  bool fast_valid = true, strict_valid = true;
  std::vector<uint64_t> only_fast, only_strict;  // lines with a schema finding of one of the two alone, rising
  bool verdict() const { return fast_valid != strict_valid; }
  bool any() const { return verdict() || !only_fast.empty() || !only_strict.empty(); }
};

// The findings of both over the same document. Others than those of a schema do not count. The two place one and the
// same mistake differently (at the child that is too much, or at its parent), so lines are a hint, the verdict is not.
XsdDisagreement compare_verdicts(std::span<const Finding> fast, std::span<const Finding> strict);

// One line for a log: no value of the document is quoted.
std::string to_log(const XsdDisagreement& disagreement, const std::string& input);

}  // namespace casebridge::validate

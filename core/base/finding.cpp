#include "base/finding.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace casebridge {
namespace {

constexpr auto kUnsorted = std::to_array<FindingCode>({
#define CB_FINDING(code, severity, message, fix) {code, Severity::severity, message, fix},
#include "base/findings.def"
#include "read/findings.def"
#include "host/findings.def"
#include "normalise/findings.def"
#include "validate/findings.def"
#include "validate/json_schema/findings.def"
#include "handle/findings.def"
#include "emit/findings.def"
#include "pipeline/findings.def"
#include "link/findings.def"
#undef CB_FINDING
});

constexpr auto kCodes = [] {
  auto codes = kUnsorted;
  std::sort(codes.begin(), codes.end(), [](const auto& a, const auto& b) { return a.code < b.code; });
  return codes;
}();

constexpr bool unique_codes() {
  for (size_t i = 1; i < kCodes.size(); ++i)
    if (kCodes[i - 1].code == kCodes[i].code) return false;
  return true;
}
static_assert(unique_codes(), "a finding code is declared twice");

constexpr auto kDetails = [] {
  auto details = std::to_array<std::string_view>({
#define CB_DETAIL(text) text,
#define CB_SYSTEM(text) text,
#include "base/details.def"
#undef CB_DETAIL
#undef CB_SYSTEM
  });
  std::sort(details.begin(), details.end());
  return details;
}();

// The arguments as a message shows them: phrases of ours in the reader's language, everything else as it is.
std::string filled(std::string_view text, const Finding& finding) {
  if (!french()) return fill(tr(text), finding.args);
  auto args = finding.args;
  for (std::string& arg : args)
    if (std::binary_search(kDetails.begin(), kDetails.end(), std::string_view(arg))) arg = tr(arg);
  return fill(tr(text), args);
}

}  // namespace

std::span<const FindingCode> finding_codes() { return kCodes; }

const FindingCode* finding_code(std::string_view code) noexcept {
  const auto at = std::lower_bound(kCodes.begin(), kCodes.end(), code, [](const auto& c, std::string_view want) { return c.code < want; });
  return at != kCodes.end() && at->code == code ? &*at : nullptr;
}

std::string message_of(const Finding& finding) {
  if (const FindingCode* known = finding_code(finding.code)) return filled(known->message, finding);
  if (finding.args.empty()) return finding.code;
  return french() && finding.args.size() > 1 && !finding.args[1].empty() ? finding.args[1] : finding.args[0];
}

std::string fix_of(const Finding& finding) {
  const FindingCode* known = finding_code(finding.code);
  return known && !known->fix.empty() ? filled(known->fix, finding) : std::string();
}

}  // namespace casebridge

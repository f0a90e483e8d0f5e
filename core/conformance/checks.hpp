// The checks of the suite, and the few words they share.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "conformance/suite.hpp"

namespace casebridge::conformance {

Outcome check_descriptor(const Subject&);
Outcome check_options(const Subject&);
Outcome check_mapping_tests(const Subject&);
Outcome check_has_samples(const Subject&);
Outcome check_probe_pure(const Subject&);
Outcome check_probe_knows_its_own(const Subject&);
Outcome check_probe_honest(const Subject&);
Outcome check_read_twice(const Subject&);
Outcome check_read_batch_size(const Subject&);
Outcome check_read_sandbox(const Subject&);
Outcome check_read_places(const Subject&);
Outcome check_read_truncated(const Subject&);
Outcome check_read_flipped(const Subject&);
Outcome check_read_cancelled(const Subject&);
Outcome check_records_fit(const Subject&);
Outcome check_loss_complete(const Subject&);
Outcome check_write_fixed_point(const Subject&);

inline std::string said(const char* english, std::vector<std::string> args = {}) { return fill(tr(english), args); }
inline Outcome not_applicable(std::string why) { return {Verdict::not_applicable, {std::move(why)}}; }
inline void fail(Outcome& outcome, std::string why) {
  if (outcome.verdict != Verdict::failed) outcome.details.clear();
  outcome.verdict = Verdict::failed;
  outcome.details.push_back(std::move(why));
}
inline bool reads(const Subject& s) {
  for (const auto& format : s.plugin.formats)
    if (format.reads()) return true;
  return false;
}
inline std::string no_samples() { return tr("There is no sample."); }

}  // namespace casebridge::conformance

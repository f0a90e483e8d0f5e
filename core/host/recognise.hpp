// Which format is this? Two steps: signatures filter without loading anything; probe() of the plugins that are left
// decides, 0..100, in a sandboxed worker because it reads untrusted bytes. Below 50, or within 10 of the runner-up, the
// answer is a refusal that lists the candidates, why each was one, and the flag that settles it. Never a guess.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/input.hpp"
#include "host/registry.hpp"
#include "host/session.hpp"
#include "host/sniff.hpp"

namespace casebridge::host {

constexpr uint32_t kSureEnough = 50, kClearLead = 10;

struct Candidate {
  Choice choice;
  uint32_t score = 0;
  std::string why;  // "its root element is …; the plugin says 90", in the language of the process
};

struct Recognition {
  Choice best;                        // none: `problem` says why (exit 2)
  std::vector<Candidate> candidates;  // best first, with a score above 0
  std::optional<Finding> problem;     // E-FORMAT-NONE, E-FORMAT-AMBIGUOUS, E-INPUT-EMPTY
  std::vector<Finding> notes;         // plugins that failed to probe
  TextEncoding encoding = TextEncoding::utf8;
};

// `how` says where to run (in_process, allow_unsandboxed, limits); its format and inputs are not used.
Recognition recognise(const Registry&, const Input&, const Request& how = {});
Recognition recognise(const Registry&, std::string_view name, std::string_view head, const Request& how = {});

}  // namespace casebridge::host

// How a command ends. Scheduled jobs decide by these numbers; they never change their meaning.
#pragma once
#include <array>

namespace casebridge {

enum class Exit : int {
  ok = 0,
  internal = 1,       // a defect of ours
  usage = 2,          // bad usage or configuration; format not recognised or ambiguous; a broken schema
  quarantined = 3,    // finished; some records quarantined, or validate found errors
  threshold = 4,      // quarantine threshold passed
  input = 5,          // input missing, late or empty
  drift = 6,          // schema drift stopped a feed
  policy = 7,         // refused by policy
  plugin = 8,         // the only plugin for the input failed to load or broke its contract
  integrity = 9,      // integrity failure: a hash, an end line or a chain does not hold
  temporary = 10,     // temporary failure, try again
  interrupted = 130,  // SIGINT; checkpoint kept
  terminated = 143    // SIGTERM; checkpoint kept
};

// When several hold, the gravest wins: 9, 8, 1, 2, 7, 4, 6, 5, 10, 3.
constexpr Exit worse(Exit a, Exit b) {
  constexpr std::array order{Exit::interrupted, Exit::terminated,  Exit::integrity, Exit::plugin, Exit::internal,
                             Exit::usage,       Exit::policy,      Exit::threshold, Exit::drift,  Exit::input,
                             Exit::temporary,   Exit::quarantined, Exit::ok};
  for (const Exit exit : order)
    if (a == exit || b == exit) return exit;
  return Exit::internal;
}

}  // namespace casebridge

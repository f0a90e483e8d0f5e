// One pass over a batch before anything uses it: whatever the plugin or a taken-over worker sent, indices, ranges and
// text are sound afterwards, so that no later stage checks again. Allocates nothing. Any thread.
#pragma once
#include <string>

#include "casebridge/plugin.h"

namespace casebridge::host {

// Empty when sound; else what is wrong, in English, for the author of the plugin.
std::string check_batch(const cb_batch&, uint32_t n_inputs = 1);

bool valid_utf8(const char* data, uint64_t size);

}  // namespace casebridge::host

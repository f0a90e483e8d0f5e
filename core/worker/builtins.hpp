// The one list of what the program brings itself; called first by every main().
#pragma once

namespace casebridge {

void install_builtins();

}  // namespace casebridge

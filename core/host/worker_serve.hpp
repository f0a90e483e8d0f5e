// The worker's side of a session: does the one job it was started for, then ends. Called by casebridge-worker's main().
#pragma once

namespace casebridge::host {

int serve();

}  // namespace casebridge::host

// Data sets out of the store: the same gate and the same writers as any run, and a row in the log of exports before the
// first byte leaves.
#pragma once
#include "pipeline/run.hpp"
#include "store/supply.hpp"

namespace casebridge::store {

struct ExportResult {
  pipeline::RunResult run;
  int64_t number = 0;           // of the first output's row in the log
  uint64_t records = 0;         // that left
  std::vector<GoneCount> gone;  // known at that time and no longer there: how much, never what
};

// `plan`: outputs, recipient, policy, purpose, reports, run_time (of the clocks, today; not of the state). No inputs.
ExportResult export_set(Store& store, const pipeline::Plan& plan, const View& view, pipeline::Watch& watch);

}  // namespace casebridge::store

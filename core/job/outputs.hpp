// From the store to what leaves: each data set through the gate for its recipient, and into the log of exports before its
// first byte. A data set appears whole or not at all.
#pragma once
#include "job/run_job.hpp"

namespace casebridge::job {

// Writes the outputs of the job, outside of a run; says in `result` what became of each.
void write_outputs(const Job&, store::Store&, JobResult& result, const pipeline::Plan& base, pipeline::Watch&);

}  // namespace casebridge::job

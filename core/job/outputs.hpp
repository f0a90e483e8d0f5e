// From the accepted feeds to what leaves: all of them together, linked, and each data set through the gate for its
// recipient. A data set appears whole or not at all.
#pragma once
#include <string>
#include <vector>

#include "job/run_job.hpp"

namespace casebridge::job {

// `inputs`: case data of the accepted feeds, in the order in which they were accepted. Writes work/linked.jsonl, then the
// outputs of the job; says in `result` what became of each.
void write_outputs(const Job&, const std::vector<std::string>& inputs, const std::string& work, JobResult& result,
                   const pipeline::Plan& base, pipeline::Watch&);

}  // namespace casebridge::job

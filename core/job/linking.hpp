// Linking of all that a store holds now: the clusters and links found become what the store records of entities, with
// their history. Found anew from the records each time something has changed, never mended: so it is the same whatever was
// loaded, withdrawn or destroyed on the way.
#pragma once
#include <string>

#include "job/job_file.hpp"
#include "store/store.hpp"

namespace casebridge::job {

// All that the outcome depends on beside the records: a store whose clusters were found in this way need not be linked again.
std::string how_linked(const Job&, store::Store&);
// Within a run of the store. `date`: of the run, for access that has ended.
store::Store::Derived link_store(const Job&, store::Store&, const std::string& date);

}  // namespace casebridge::job

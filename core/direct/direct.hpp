// casebridge link on a table of people, where only "which record is whom" is asked for: the rows go to the comparer
// without becoming case records first, and the result is the same.
//
//   this process                                      the locked process (locked.hpp)
//   mapping -> columns                                rows -> person table; which rows are not plain
//   the whole pipeline over the rows that are left    (waits)
//   Source line, findings, their persons         ->   all of it linked -> record_id,entity_id
//
// The usual way is taken for the whole file wherever anything is out of the ordinary: see usual_way().
#pragma once
#include <functional>
#include <optional>
#include <string_view>

#include "direct/locked.hpp"
#include "pipeline/run.hpp"

namespace casebridge::direct {

struct Outcome {
  pipeline::RunResult result;  // of the whole file
  Totals totals;
};

// Nothing: read the file the usual way; what was given to `clusters` does not count. Call before this process has threads.
std::optional<Outcome> link(const pipeline::Plan& plan, const resolve::Settings& settings, pipeline::Watch& watch,
                            const std::function<void(std::string_view)>& clusters);

}  // namespace casebridge::direct

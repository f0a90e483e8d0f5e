// One page for the morning, in each language: what is new, which merges changed, what needs a decision, which feeds are
// missing; all of it from the store. Static HTML, no scripts, nothing loaded from anywhere. Counts, names of feeds and places; no value of
// a record.
#pragma once
#include <string>

#include "base/text.hpp"
#include "job/held.hpp"
#include "job/news.hpp"

namespace casebridge::job {

std::string morning_page(const Job&, const JobResult&, const Held&, const News&, Language);

}  // namespace casebridge::job

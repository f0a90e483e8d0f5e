// The pairs worth a person's minute, as a CSV that a spreadsheet opens: plain reasons, both records with their places, and
// an empty column for the decision. Filled in, it is a decisions file.
#pragma once
#include <functional>
#include <string_view>

#include "handle/gate.hpp"
#include "resolve/linking.hpp"

namespace casebridge::resolve {

inline constexpr size_t kReviewPairs = 200;
// Conflicts first (a strong number under two birth dates), then those nearest to the threshold. Words are in the language of
// the process; the columns that --decisions reads have the same names in both.
void write_review(const Linking& linking, const handle::Gate& gate, const std::function<void(std::string_view)>& out);

}  // namespace casebridge::resolve

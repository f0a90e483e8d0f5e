// The pairs worth a person's minute: plain reasons, both records with their places, and empty columns for the decision.
// As CSV, or as a workbook with drop-downs. Filled in, either is a decisions file.
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "handle/gate.hpp"
#include "resolve/linking.hpp"

namespace casebridge::resolve {

inline constexpr size_t kReviewPairs = 200;

struct ReviewPair {
  int32_t score = 0;  // hundredths of a bit
  std::string why;    // in the language of the process
  struct Side {
    std::string shown, place;  // what the record says; file and line
    std::string agency, system, id;
  } a, b;
};
// Conflicts first (a strong number under two birth dates), then those nearest to the threshold.
std::vector<ReviewPair> review_pairs(const Linking& linking, const handle::Gate& gate);

void write_review(const std::vector<ReviewPair>& pairs, const std::function<void(std::string_view)>& out);
// One sheet: row 1, hidden, names the columns as the CSV does; row 2, frozen, names them in the language of the process.
// The ids of both records stand in hidden columns. Throws casebridge::Failure: no memory, no /dev/shm.
void write_review_workbook(const std::vector<ReviewPair>& pairs, std::string_view run_time,
                           const std::function<void(std::string_view)>& out);

}  // namespace casebridge::resolve

// The model: everything that decides whether two records are one person, apart from the records. Written to a JSON file
// (model_file.hpp) and used again, it gives the same pairs and scores for the same records, whatever else is linked.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "link/blocks.hpp"
#include "link/levels.hpp"

namespace casebridge::link {

enum Class : uint8_t { c_match, c_unrelated, c_household, c_twin, classes };
enum Role : uint8_t { r_given, r_family, r_middle, r_birth_city, r_occupation, roles };

// Counts of one role's values, keyed by the hash of the folded letters.
struct RoleCounts {
  std::unordered_map<uint64_t, uint32_t> count;  // of values seen twice or more; every other value counts once
  uint64_t total = 0;                            // records that have a value
  uint64_t squares = 0;                          // sum of squared counts
};

struct Model {
  static constexpr int version = 1;
  uint64_t records = 0;                      // it was fitted on
  std::array<int32_t, classes> prior{};      // hundredths of a bit; base: all pairs
  int32_t weight[fields][16][classes] = {};  // log2 of the probability of a level, given that the field is not missing
  std::array<RoleCounts, roles> counts;
  std::unordered_map<uint64_t, uint32_t> population;  // full name (given, family in this order) -> distinct birth years, 2 or more
  uint64_t records_per_year = 100;                    // hundredths: records for one full name and birth year
  std::unordered_map<uint64_t, uint32_t> phones;      // phone -> records, 3 or more
  uint64_t phone_mean = 100;                          // hundredths: records that share a phone, mean over agreeing pairs
  int32_t new_year = 0;                               // hundredths of a bit: how much oftener 1 January stands than a day should
  BlockLimits limits;
  KeySet parted;
  std::vector<uint64_t> common;  // sorted hashes of values that say nothing (common_values.hpp)
  // How it was fitted, for the summary.
  double match_pairs = 0, household_pairs = 0, twin_pairs = 0, expected_recall = 0;
  uint64_t patterns = 0, sampled_pairs = 0;
};

}  // namespace casebridge::link

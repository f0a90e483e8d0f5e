// How common each value is: counts for the model, and, for one table, weights looked up by the table's own ids.
#pragma once
#include <cstdint>
#include <vector>

#include "link/model.hpp"
#include "link/person.hpp"

namespace casebridge::link {

// Counts names, cities, occupations, full names by birth year, shared phones, 1 January.
void count_values(const PersonTable& t, const Blocks& blocks, unsigned threads, Model& into);

// Corrections to the classes under which the two values would agree by chance, for one value; hundredths of a bit.
struct NameWeights {
  int16_t given = 0, given_household = 0, family = 0, middle = 0;
  int16_t log_given = 0, log_family = 0;  // log2 of the share of records with this value, for events
};
struct PlaceWeights {
  int16_t birth_city = 0, occupation = 0;
};
struct TableWeights {
  std::vector<NameWeights> names;
  std::vector<PlaceWeights> places;
};
TableWeights bind_weights(const Model& m, const PersonTable& t, unsigned threads);
void extend_weights(const Model& m, const PersonTable& t, TableWeights& w, unsigned threads);  // for ids that are new since

}  // namespace casebridge::link

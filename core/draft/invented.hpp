// Invented values for a draft's tests and sample: in the form that the column has, and nobody's.
#pragma once
#include <string>
#include <vector>

#include "draft/guess.hpp"

namespace casebridge::draft {

// Of the n-th invented source record, from 1; by column. Empty where the column must not stand in it.
std::vector<std::string> invented(const Observed&, const Guesses&, int n);

// A source record as the reader of the sample would find it: a row for a test, or a document of these records.
std::string test_input(const Observed&, const std::vector<std::string>& values, const std::string& indent);  // YAML after "given:"
std::string document(const Observed&, const std::vector<std::vector<std::string>>& records);

}  // namespace casebridge::draft

// The model as JSON: versioned, complete, the same bytes for the same model. It holds hashes and counts of values, no names.
#pragma once
#include <string>
#include <string_view>

#include "link/model.hpp"

namespace casebridge::link {

std::string write_model(const Model& m);
Model read_model(std::string_view json);  // throws std::runtime_error: not a model, or of another version

}  // namespace casebridge::link

// JSON-LD as a tree that paths can walk, whatever prefixes its sender chose:
//   "uco-core:hasFacet": …           a member hasFacet in the namespace that @context gives to the prefix (else the prefix itself)
//   "https://…/core/hasFacet": …     the same
//   "@id", "@type", "@value": …      attributes id, type, value; the text of a type is its local name
//   "@graph", "@list", "@set"        members graph, list, set
//   {"@type": …, "@value": "x"}      the text x
// An object with nothing but an @id stands for the object of that @id (TreeSource). Places stay those of the input.
#pragma once
#include "read/tree.hpp"

namespace casebridge::read::mapping {

void read_as_linked_data(Tree& tree);

}  // namespace casebridge::read::mapping

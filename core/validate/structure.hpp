// Is this record what the case model allows? Compiled from the model's tables once; then a few hundred nanoseconds a
// record, and no allocation where nothing is wrong.
//
// Two passes with two meanings (schemas/README.md says why):
//   structure     the same verdict as case.xsd and case.schema.json: fields known and of this type, cardinality, lexical
//                 form, codes in their lists, nothing empty, what no `absent` entry can excuse
//   completeness  what neither schema language can say of every field: a required field that is missing has its `absent`
//                 entry; one of a group stands (Charge: statute or description); a sensitive number is a token
// and a third that only warns:
//   codes         codes marked UNVERIFIED, and codes that were not in force on the day the record speaks of
//
// The place, the id's version and other parts of the header that a Record holds as numbers are right by its type; the
// readers and writers check how they are spelt. References are resolved elsewhere (R-V11); R-V rules are a pass of their own.
#pragma once
#include <memory>
#include <vector>

#include "base/finding.hpp"
#include "model/record.hpp"
#include "model/shape.hpp"

namespace casebridge::validate {

enum Pass : unsigned { kStructure = 1, kCompleteness = 2, kCodes = 4, kAllPasses = 7 };

// Shapes of records in which nothing was wrong: of another record of one of them only the values are looked at. The verdict
// and the findings are the same with and without. One thread at a time.
class GoodShapes {
 private:
  friend class Structure;
  struct Good {};
  ShapeKey key_;
  Shapes<Good> shapes_;
};

class Structure {  // immutable; any thread
 public:
  Structure();
  ~Structure();
  // Appends what is wrong; true: no finding of severity error was appended. Values must be sorted by rank, as Record says.
  bool check(const Record&, std::vector<Finding>& found, unsigned passes = kAllPasses, GoodShapes* known = nullptr) const;

 private:
  struct Plan;
  std::unique_ptr<const Plan> plan_;
};

const Structure& structure();  // the one for the built-in model; made on first use: call it once before sandboxing

}  // namespace casebridge::validate

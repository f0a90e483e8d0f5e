// Who must never stand under an offender construct of a foreign format, nor by name where that format has no handling of its
// own: victims, complainants, children, missing and protected people, whatever else a source says of them (H9), and every
// record that a Cluster says is the same person.
#pragma once
#include <set>

#include "emit/exporting/data_set.hpp"

namespace casebridge::emit {

class Protected {
 public:
  explicit Protected(const DataSet&);
  bool has(const Record& person) const { return people_.count(person.id) > 0; }

 private:
  std::set<Uuid> people_;
};

bool is_protective_role(std::string_view role);  // VICTIM, MISSING_PERSON ...

}  // namespace casebridge::emit

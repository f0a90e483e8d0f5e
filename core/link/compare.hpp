// Comparing two records: pure, without locks or memory of its own; any thread.
#pragma once
#include "link/levels.hpp"
#include "link/person.hpp"

namespace casebridge::link {

bool one_edit(const Name& a, const Name& b);             // an insertion, deletion, replacement or exchange of neighbours
float jaro_winkler(const Name& a, const Name& b);        // on the first 16 letters
float jaro_winkler_bound(const Name& a, const Name& b);  // never below it; from the letters alone

// What the scorer must know beside the pattern to apply frequencies: the values that agreed.
struct Shared {
  uint32_t given = 0, family = 0;  // event levels (swapped, rotated, alias): the two names of the event as (given, family)
  uint32_t middle = 0;
  uint32_t other_given = 0, other_family = 0;  // swapped: how the other record writes the two
  uint64_t phone = 0;
  bool strong_number = false;  // a number that is unique within its issuer is equal
};

class Comparer {
 public:
  explicit Comparer(const PersonTable& t) : names_(t.names.data()), places_(t.places.data()), pool_(t.pool.data()) {}
  Pattern compare(const Person& a, const Person& b, Shared& shared) const;

 private:
  Pattern names(const Person& a, const Person& b, Shared& shared) const;
  Pattern lists(const Person& a, const Person& b, Shared& shared) const;
  unsigned address_level(const Address& a, const Address& b) const;
  bool same(const Name* dict, uint32_t a, uint32_t b) const { return a == b || dict[a].hash == dict[b].hash; }
  bool similar_place(uint32_t a, uint32_t b) const;
  const Name *names_, *places_;
  const uint32_t* pool_;
};

unsigned date_level(Date a, Date b);
// Birth years more than one apart, unless a slip explains it: one wrong digit, or the same day ten years off.
bool dates_conflict(Date a, Date b);

}  // namespace casebridge::link

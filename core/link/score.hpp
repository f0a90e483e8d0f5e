// The score of a pair: hundredths of a bit for "one person" against all of unrelated, household and twin.
#pragma once
#include <cstdint>

#include "link/compare.hpp"
#include "link/flat_map.hpp"
#include "link/frequencies.hpp"
#include "link/model.hpp"

namespace casebridge::link {

// Log probabilities under the four classes, relative to the chance of the values themselves.
struct alignas(16) Evidence {
  int32_t of[classes] = {};
  Evidence& operator+=(const Evidence& o) {
    for (unsigned c = 0; c < classes; ++c) of[c] += o.of[c];
    return *this;
  }
};

class Scorer {
 public:
  Scorer(const Model& m, const PersonTable& t, const TableWeights& w);
  // What one field says: the level's weights, corrected for how common the shared value is.
  Evidence field(unsigned f, Pattern p, const Person& a, const Person& b, const Shared& s) const;
  int32_t score(Pattern p, const Person& a, const Person& b, const Shared& s) const;
  int32_t total(const Evidence& all) const;  // prior added
  const std::array<int32_t, classes>& prior() const { return model_.prior; }
  // A shared phone, address or place is contact, not identity: a name, a birth date or a number must agree as well.
  static bool may_merge(Pattern p);

 private:
  void correct(Evidence& e, unsigned f, unsigned level, const Person& a, const Shared& s) const;
  const Model& model_;
  const PersonTable& table_;
  const TableWeights& weights_;
  Evidence level_[fields][16];
  FlatMap population_, phones_;
  int32_t log_records_ = 0, log_phone_mean_ = 0;
};

// The same strong number under birth dates more than a year apart: for a person to look at, never a merge.
inline bool number_conflict(const Shared& s, const Person& a, const Person& b) {
  return s.strong_number && dates_conflict(a.birth, b.birth);
}

// Word of a source that is not reliable, or is suspected to be false, joins nobody unless a strong number agrees.
inline bool for_review(const Shared& s, const Person& a, const Person& b) {
  return number_conflict(s, a, b) || ((a.doubtful() || b.doubtful()) && !s.strong_number);
}

}  // namespace casebridge::link

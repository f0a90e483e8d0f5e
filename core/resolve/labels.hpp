// How good a result is, where the truth about some records is known: precision, recall and F1 over pairs, with intervals,
// and missed links and false merges by pattern of name, so that it shows whether some names fare worse than others.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "resolve/linking.hpp"

namespace casebridge::resolve {

struct Labels {
  struct Label {
    std::string entity, pattern;
  };
  std::map<std::string, Label, std::less<>> of;  // by record_id
};
// CSV: record_id (or rec_id), entity_id and, where it is there, pattern. Throws std::runtime_error.
Labels read_labels(std::string_view csv);

struct Rate {
  uint64_t of = 0, n = 0;  // n of so many
  double share() const { return of ? static_cast<double>(n) / static_cast<double>(of) : 0; }
  std::pair<double, double> interval() const;  // Wilson, 95 %
};
struct Judgement {
  uint64_t records = 0;
  Rate precision, recall;  // right among the joined; joined among the true
  double f1() const;
  std::map<std::string, std::pair<Rate, Rate>>
      by_pattern;  // missed among the true, false among the joined; a pair counts for both its records
};
Judgement judge(const Linking& linking, const Labels& labels);
std::string judgement_text(const Judgement& j);
std::string judgement_json(const Judgement& j);

// Patterns of name whose rates are known from the labels, and those that are not measured. nullptr: no labels, so none is.
std::string fairness_text(const Judgement* j);
std::string fairness_json(const Judgement* j);  // {"measured":[...],"notMeasured":[...]}

}  // namespace casebridge::resolve

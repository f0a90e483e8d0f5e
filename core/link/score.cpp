#include "link/score.hpp"

#include <cmath>

#include "link/centibits.hpp"
#include "link/hash.hpp"

namespace casebridge::link {
namespace {

constexpr int sum_reach = 1200;
struct SumTable {
  int16_t more[sum_reach];
  SumTable() {
    for (int d = 0; d < sum_reach; ++d) more[d] = static_cast<int16_t>(std::lround(100 * std::log2(1 + std::exp2(-d / 100.0))));
  }
};
const SumTable sum_table;

}  // namespace

int32_t log_sum(int32_t a, int32_t b) {
  const int32_t high = a > b ? a : b, d = a > b ? a - b : b - a;
  return d < sum_reach ? high + sum_table.more[d] : high;
}

Scorer::Scorer(const Model& m, const PersonTable& t, const TableWeights& w)
    : model_(m), table_(t), weights_(w), population_(m.population), phones_(m.phones) {
  for (unsigned f = 0; f < fields; ++f) {
    for (unsigned l = 1; l < 16; ++l) {
      for (unsigned c = 0; c < classes; ++c) level_[f][l].of[c] = m.weight[f][l][c];
    }
  }
  log_records_ = m.records ? centilog2(m.records) : 0;
  log_phone_mean_ = centilog2(m.phone_mean);
}

void Scorer::correct(Evidence& e, unsigned f, unsigned l, const Person& a, const Shared& s) const {
  const auto names = weights_.names.data();
  switch (f) {
    case f_given:
      if (l == given::equal) {
        const NameWeights& n = names[a.given];
        e.of[c_unrelated] += n.given;
        e.of[c_household] += n.given_household;
        e.of[c_twin] += n.given;
      } else if (l == given::swapped || l == given::alias) {
        // Both names at once: their chance is that of the full name, not of one level.
        const NameWeights &x = names[s.given], &y = names[s.family];
        int32_t chance = x.log_given + y.log_family;
        if (l == given::swapped) {
          // Of two spellings the commoner one says how easily they meet; of the two orders the rarer one.
          const NameWeights &u = names[s.other_given], &v = names[s.other_family];
          const auto commoner = [](int16_t p, int16_t q) { return p > q ? int32_t{p} : int32_t{q}; };
          chance = commoner(x.log_given, u.log_given) + commoner(y.log_family, v.log_family);
          const int32_t other = commoner(y.log_given, v.log_given) + commoner(x.log_family, u.log_family);
          chance = chance < other ? chance : other;
        }
        const int32_t change = chance - model_.weight[f_given][l][c_unrelated];
        for (const Class c : {c_unrelated, c_household, c_twin}) e.of[c] += change;
      }
      break;
    case f_family:
      if (l == family::equal) { e.of[c_unrelated] += names[a.family].family; }
      break;
    case f_middle:
      if (l == middle::equal) {
        for (const Class c : {c_unrelated, c_household, c_twin}) e.of[c] += names[a.middle].middle;
      }
      break;
    case f_date:
      if (l == date::equal && a.birth.month() == 1 && a.birth.day() == 1) {
        e.of[c_unrelated] += model_.new_year;
        e.of[c_household] += model_.new_year;
      }
      break;
    case f_phone:
      if (l == phone::one || l == phone::two) {
        const uint32_t n = phones_.find(mix(rule_phone + 1, s.phone));
        e.of[c_unrelated] += centilog2((n ? n : 2) * uint64_t{100}) - log_phone_mean_;
      }
      break;
    case f_birth_city:
      if (l == birth_city::equal) e.of[c_unrelated] += weights_.places[a.birth_city].birth_city;
      break;
    case f_occupation:
      if (l == occupation::equal) {
        for (const Class c : {c_unrelated, c_household, c_twin}) e.of[c] += weights_.places[a.occupation].occupation;
      }
      break;
    default: break;
  }
}

Evidence Scorer::field(unsigned f, Pattern p, const Person& a, const Person&, const Shared& s) const {
  const unsigned l = level(p, f);
  if (l == 0) return {};
  Evidence e = level_[f][l];
  correct(e, f, l, a, s);
  if (f == f_given && l == given::equal && level(p, f_family) == family::equal && !model_.population.empty()) {
    // Namesakes: the full name is at least as common as its birth years show.
    const uint64_t name = mix(table_.names[a.given].hash, table_.names[a.family].hash) & ~0xFFFull;
    if (const uint32_t years = population_.find(name)) {
      const int32_t share = centilog2((years - 1) * model_.records_per_year) - centilog2(100) - log_records_;
      const int32_t product = weights_.names[a.given].log_given + weights_.names[a.family].log_family;
      if (share > product) e.of[c_unrelated] += share - product;
    }
  }
  return e;
}

int32_t Scorer::total(const Evidence& e) const {
  const auto& p = model_.prior;
  const int32_t other = log_sum(log_sum(e.of[c_unrelated] + p[c_unrelated], e.of[c_household] + p[c_household]), e.of[c_twin] + p[c_twin]);
  return e.of[c_match] + p[c_match] - other;
}

int32_t Scorer::score(Pattern p, const Person& a, const Person& b, const Shared& s) const {
  Evidence e;
  for (unsigned f = 0; f < fields; ++f) {
    if (level(p, f)) e += field(f, p, a, b, s);
  }
  return total(e);
}

bool Scorer::may_merge(Pattern p) {
  const unsigned g = level(p, f_given), f = level(p, f_family), d = level(p, f_date), n = level(p, f_number);
  return (g && g != given::same_letter && g != given::differs) || (f && f != family::differs) || (d && d < date::same_year) ||
         n == number::equal || n == number::near;
}

}  // namespace casebridge::link

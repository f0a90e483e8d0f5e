#include "link/estimate.hpp"

#include <cmath>

#include "link/frequencies.hpp"

namespace casebridge::link {
namespace {

using Levels = std::array<double, 16>;
using Table = std::array<Levels, fields>;

// Starting values and pseudo-counts of a match: generic, the same for every data set.
constexpr std::array<std::array<double, 12>, fields> match_start = {{
    {0, .66, .05, .10, .04, .03, .02, .015, .02, .05, .005, .01},  // given
    {0, .76, .10, .04, .02, .08},                                  // family
    {0, .55, .10, .25, .02, .08},                                  // middle
    {0, .80, .02, .05, .02, .02, .02, .02, .02, .03},              // birth date
    {0, .15, .50, .05, .30},                                       // phone
    {0, .93, .04, .03},                                            // number
    {0, .85, .05, .10},                                            // birth place
    {0, .40, .10, .05, .05, .05, .05, .10, .20},                   // address
    {0, .70, .12, .18},                                            // email
    {0, .55, .45},                                                 // occupation
}};
constexpr std::array<double, 12> household_family = {0, .75, .07, .03, .02, .13};
constexpr std::array<double, 12> household_phone = {0, .05, .45, .05, .45};
constexpr std::array<double, 12> household_city = {0, .20, .02, .78};
constexpr std::array<double, 12> household_address = {0, .60, .08, .05, .04, .03, .05, .05, .10};
constexpr double smoothing = 30;  // pseudo-counts
// One person seldom bears two given names that have nothing in common. Left free from the start, EM takes the twins of a
// file whose only relatives are twins for one person each, and never comes back; so the first rounds hold these levels
// low, until twins have found their class. On files with many such matches the later rounds let them rise again, not to
// more than names that were changed explain.
constexpr double most_other_given[] = {0.05, 0.12}, most_same_letter[] = {0.02, 0.06};
constexpr int held_rounds = 12, free_rounds = 20;
constexpr double least_household = 0.01, least_twin = 0.001;  // as shares of the matches

void smooth(Levels& p, const Levels& count, const std::array<double, 12>& start, unsigned levels) {
  double sum = smoothing;
  for (unsigned l = 1; l < levels; ++l) sum += count[l];
  for (unsigned l = 1; l < levels; ++l) p[l] = (count[l] + smoothing * start[l]) / sum;
}

double chance_equal(const RoleCounts& c) {
  const double n = static_cast<double>(c.total);
  return c.total > 1 ? (static_cast<double>(c.squares) - n) / (n * (n - 1)) : 0;
}

// Share of records whose two roles would agree across: sum over values of count in one times count in the other.
double chance_across(const RoleCounts& a, const RoleCounts& b) {
  double sum = 0;
  for (const auto& [hash, n] : a.count) {
    const auto it = b.count.find(hash);
    if (it != b.count.end()) sum += static_cast<double>(n) * it->second;
  }
  const double all = static_cast<double>(a.total) * static_cast<double>(b.total);
  return all > 0 ? sum / all : 0;
}

double chance_equal_date(const PersonTable& t) {
  std::vector<uint32_t> count(size_t{3000} << 9, 0);
  double n = 0, pairs = 0;
  for (const Person& p : t.persons) {
    if (p.birth.full()) pairs += count[p.birth.packed]++, n += 1;
  }
  return n > 1 ? pairs / (n * (n - 1) / 2) : 0;
}

}  // namespace

void estimate(const PersonTable& t, const PatternCounts& blocked, const PatternCounts& random, Model& m) {
  const double n = static_cast<double>(t.persons.size()), all_pairs = n > 1 ? n * (n - 1) / 2 : 1;
  Table p{}, unrelated{}, match{}, household{}, twin{};  // p: all pairs, matches among them
  std::array<double, fields> both{};                     // share of pairs in which neither side is missing
  for (unsigned f = 0; f < fields; ++f) {
    Levels count{};
    double present = 0;
    for (const auto& [pattern, c] : random.rows) {
      const unsigned l = level(pattern, f);
      count[l] += static_cast<double>(c);
      if (l) present += static_cast<double>(c);
    }
    both[f] = random.pairs ? (present + 0.5) / (static_cast<double>(random.pairs) + 1) : 1;
    for (unsigned l = 1; l < level_count[f]; ++l) p[f][l] = (count[l] + 0.5) / (present + 0.5 * level_count[f]);
    for (unsigned l = 1; l < level_count[f]; ++l) match[f][l] = match_start[f][l];
  }
  // Exact values: from the counts of all records, not from a sample.
  const auto& c = m.counts;
  const auto exact = [&](unsigned f, unsigned l, double chance) {
    if (chance > 0) p[f][l] = chance;
  };
  exact(f_given, given::equal, chance_equal(c[r_given]));
  exact(f_family, family::equal, chance_equal(c[r_family]));
  exact(f_middle, middle::equal, chance_equal(c[r_middle]));
  exact(f_birth_city, birth_city::equal, chance_equal(c[r_birth_city]));
  exact(f_occupation, occupation::equal, chance_equal(c[r_occupation]));
  exact(f_date, date::equal, chance_equal_date(t));
  const double cross = chance_across(c[r_given], c[r_family]);
  const double cross_gm = chance_across(c[r_given], c[r_middle]), cross_mf = chance_across(c[r_middle], c[r_family]);
  p[f_given][given::swapped] = std::max(cross * cross, 1e-8);
  p[f_given][given::rotated] = std::max(2 * cross * cross_gm * cross_mf, 1e-10);
  p[f_given][given::alias] = std::max(chance_equal(c[r_given]) * chance_equal(c[r_family]), 1e-8);
  unrelated = p;

  // Where every agreeing pair is blocked, the chance of agreement is what EM itself leaves to the unrelated.
  struct Blocked {
    unsigned field, level;
  };
  constexpr std::array<Blocked, 4> by_em = {
      {{f_phone, phone::one}, {f_phone, phone::two}, {f_number, number::equal}, {f_email, email::equal}}};
  const auto is_by_em = [&](unsigned f, unsigned l) {
    for (const Blocked& b : by_em) {
      if (b.field == f && b.level == l) return true;
    }
    return false;
  };
  for (const Blocked& b : by_em) unrelated[b.field][b.level] = b.level == phone::two && b.field == f_phone ? 1e-8 : 1e-6;

  double pi_m = std::min(0.5 * n / all_pairs, 0.2), pi_h = pi_m * 0.3, pi_t = pi_m * 0.02, same_letter = 0.25;
  Levels h_family{}, h_phone{}, h_city{}, h_address{};
  std::copy(household_family.begin(), household_family.end(), h_family.begin());
  std::copy(household_phone.begin(), household_phone.end(), h_phone.begin());
  std::copy(household_city.begin(), household_city.end(), h_city.begin());
  std::copy(household_address.begin(), household_address.end(), h_address.begin());

  for (int round = 0; round < held_rounds + free_rounds; ++round) {
    // What the classes share is tied before each round.
    household = unrelated;
    household[f_family] = h_family;
    household[f_phone] = h_phone;
    household[f_birth_city] = h_city;
    household[f_address] = h_address;
    for (const unsigned f : {unsigned{f_given}, unsigned{f_date}}) {
      for (unsigned l = 1; l < level_count[f]; ++l) household[f][l] = 0.98 * unrelated[f][l] + (l == 1 ? 0.02 : 0);
    }
    twin = household;
    twin[f_date] = match[f_date];
    twin[f_birth_city] = match[f_birth_city];
    const double rest = (1 - same_letter) / std::max(1e-9, 1 - unrelated[f_given][given::same_letter]);
    for (unsigned l = 1; l < level_count[f_given]; ++l)
      twin[f_given][l] = l == given::same_letter ? same_letter : unrelated[f_given][l] * rest;

    std::array<double, classes> mass{};
    Table in_match{}, in_unrelated{}, in_family{};
    double twin_given = 0, twin_letter = 0;
    const double pi_u = std::max(1e-9, 1 - pi_m - pi_h - pi_t);
    for (const auto& [pattern, count] : blocked.rows) {
      std::array<double, classes> q = {pi_m, pi_u, pi_h, pi_t};
      for (unsigned f = 0; f < fields; ++f) {
        const unsigned l = level(pattern, f);
        if (!l) continue;
        q[c_match] *= match[f][l];
        q[c_unrelated] *= unrelated[f][l];
        q[c_household] *= household[f][l];
        q[c_twin] *= twin[f][l];
      }
      if (pattern & kKnownSame) q[c_unrelated] = q[c_household] = q[c_twin] = 0;
      else if (pattern & kKnownOther) q[c_match] = 0;
      const double sum = q[0] + q[1] + q[2] + q[3];
      if (!(sum > 0)) continue;
      const double w = static_cast<double>(count) / sum;
      for (unsigned k = 0; k < classes; ++k) mass[k] += q[k] *= w;
      for (unsigned f = 0; f < fields; ++f) {
        const unsigned l = level(pattern, f);
        if (!l) continue;
        in_match[f][l] += q[c_match];
        in_unrelated[f][l] += q[c_unrelated];
        in_family[f][l] += q[c_household] + (f == f_birth_city ? 0 : q[c_twin]);
      }
      if (level(pattern, f_given)) {
        twin_given += q[c_twin];
        if (level(pattern, f_given) == given::same_letter) twin_letter += q[c_twin];
      }
    }
    const double scale = blocked.scale / all_pairs;
    pi_m = std::clamp(mass[c_match] * scale, 1e-15, 0.5);
    // A file without visible relatives may still hold some: a wrong merge costs more than a missed link.
    pi_h = std::clamp(mass[c_household] * scale, pi_m * least_household, 0.3);
    pi_t = std::clamp(mass[c_twin] * scale, pi_m * least_twin, 0.1);
    same_letter = (twin_letter + smoothing * 0.25) / (twin_given + smoothing);
    for (unsigned f = 0; f < fields; ++f) smooth(match[f], in_match[f], match_start[f], level_count[f]);
    {
      const size_t phase = round < held_rounds ? 0 : 1;
      Levels& names = match[f_given];
      double before = 0, after = 0;
      for (const auto& [l, most] : {std::pair{unsigned{given::differs}, most_other_given[phase]},
                                    std::pair{unsigned{given::same_letter}, most_same_letter[phase]}}) {
        before += names[l];
        after += names[l] = std::min(names[l], most);
      }
      for (unsigned l = 1; l < level_count[f_given]; ++l)
        if (l != given::differs && l != given::same_letter) names[l] *= (1 - after) / (1 - before);
    }
    smooth(h_family, in_family[f_family], household_family, level_count[f_family]);
    smooth(h_phone, in_family[f_phone], household_phone, level_count[f_phone]);
    smooth(h_city, in_family[f_birth_city], household_city, level_count[f_birth_city]);
    smooth(h_address, in_family[f_address], household_address, level_count[f_address]);
    // Random pairs hold matches as well, which counts on small files.
    for (unsigned f = 0; f < fields; ++f) {
      double sum = 0;
      for (unsigned l = 1; l < level_count[f]; ++l) {
        if (is_by_em(f, l)) unrelated[f][l] = std::max(in_unrelated[f][l] * scale / both[f], 0.5 / (all_pairs * both[f]));
        else unrelated[f][l] = std::max(p[f][l] - pi_m * match[f][l], p[f][l] * 0.02 + 1e-10);
        sum += unrelated[f][l];
      }
      for (unsigned l = 1; l < level_count[f]; ++l) unrelated[f][l] /= sum;
    }
    m.match_pairs = mass[c_match] * blocked.scale;
    m.household_pairs = mass[c_household] * blocked.scale;
    m.twin_pairs = mass[c_twin] * blocked.scale;
  }

  const auto bits = [](double x) { return static_cast<int32_t>(std::lround(100 * std::log2(std::max(x, 1e-18)))); };
  m.prior = {bits(pi_m), bits(std::max(1e-9, 1 - pi_m - pi_h - pi_t)), bits(pi_h), bits(pi_t)};
  for (unsigned f = 0; f < fields; ++f) {
    for (unsigned l = 1; l < level_count[f]; ++l) {
      m.weight[f][l][c_match] = bits(match[f][l]);
      m.weight[f][l][c_unrelated] = bits(unrelated[f][l]);
      m.weight[f][l][c_household] = bits(household[f][l]);
      m.weight[f][l][c_twin] = bits(twin[f][l]);
    }
  }
  m.patterns = blocked.rows.size();
  m.sampled_pairs = blocked.pairs;
}

}  // namespace casebridge::link

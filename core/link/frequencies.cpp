#include "link/frequencies.hpp"

#include "link/centibits.hpp"
#include "link/hash.hpp"
#include "link/parallel.hpp"

namespace casebridge::link {
namespace {

uint32_t value_of(const Person& p, Role r) {
  switch (r) {
    case r_given: return p.given;
    case r_family: return p.family;
    case r_middle: return p.middle;
    case r_birth_city: return p.birth_city;
    default: return p.occupation;
  }
}

void count_role(const PersonTable& t, Role role, RoleCounts& out) {
  const Dictionary& d = role < r_birth_city ? t.names : t.places;
  std::vector<uint32_t> by_id(d.size(), 0);
  for (const Person& p : t.persons) ++by_id[value_of(p, role)];
  // Spellings that differ in spaces only ("van den Berg", "Vandenberg") are one value.
  for (uint32_t id = 1; id < d.size(); ++id) {
    if (by_id[id] == 0 || d[id].words < 2) continue;
    Folded joined;
    const std::string_view text = d.text(id);
    for (const char c : text) {
      if (c != ' ') joined.text[joined.size++] = c;
    }
    joined.tokens = 1;
    joined.token_at[0] = 0;
    joined.token_at[1] = joined.size;
    const uint32_t plain = d.find(Dictionary::key_of(joined));
    if (plain) by_id[plain] += std::exchange(by_id[id], 0);
  }
  std::unordered_map<uint64_t, uint32_t> several;  // several words, no plain spelling in the table
  uint64_t twice = 0;
  for (uint32_t id = 1; id < d.size(); ++id) {
    out.total += by_id[id];
    if (by_id[id] && d[id].words > 1) several[d[id].hash] += by_id[id];
    else if (by_id[id]) out.squares += uint64_t{by_id[id]} * by_id[id];
    twice += by_id[id] > 1;
  }
  out.count.reserve(twice + several.size());
  for (uint32_t id = 1; id < d.size(); ++id) {
    if (by_id[id] > 1 && d[id].words < 2) out.count.emplace(d[id].hash, by_id[id]);
  }
  for (const auto& [hash, n] : several) {
    out.squares += uint64_t{n} * n;
    if (n > 1) out.count.emplace(hash, n);
  }
}

// Full names that several people bear show several birth years; years that differ by one count once.
void count_population(const PersonTable& t, unsigned threads, Model& m) {
  unsigned bits = 0;
  while ((t.persons.size() >> bits) > 8192) ++bits;
  std::vector<uint32_t> start((size_t{1} << bits) + 1, 0);
  const auto key_of = [&](const Person& p) -> uint64_t {
    if (!p.given || !p.family || !p.birth.year() || is_initial(t.names[p.given])) return 0;
    return (mix(t.names[p.given].hash, t.names[p.family].hash) & ~0xFFFull) | p.birth.year();
  };
  std::vector<uint64_t> keys;
  keys.reserve(t.persons.size());
  for (const Person& p : t.persons) {
    const uint64_t k = key_of(p);
    if (!k) continue;
    keys.push_back(k);
    ++start[(bits ? k >> (64 - bits) : 0) + 1];
  }
  for (size_t b = 1; b < start.size(); ++b) start[b] += start[b - 1];
  std::vector<uint64_t> sorted(keys.size());
  std::vector<uint32_t> at(start.begin(), start.end() - 1);
  for (const uint64_t k : keys) sorted[at[bits ? k >> (64 - bits) : 0]++] = k;
  struct Found {
    std::vector<std::pair<uint64_t, uint32_t>> names;
    uint64_t years = 0;
  };
  std::vector<Found> found(start.size() - 1);
  parallel(threads, found.size(), [&](size_t b, unsigned) {
    std::sort(sorted.begin() + start[b], sorted.begin() + start[b + 1]);
    for (size_t i = start[b]; i < start[b + 1];) {
      const uint64_t name = sorted[i] >> 12;
      uint32_t years = 0;
      for (uint64_t last = 0; i < start[b + 1] && sorted[i] >> 12 == name; ++i) {
        const uint64_t y = sorted[i] & 0xFFF;
        years += last == 0 || y > last + 1;
        last = y;
      }
      found[b].years += years;
      if (years > 1) found[b].names.emplace_back(name << 12, years);
    }
  });
  uint64_t years = 0;
  size_t several = 0;
  for (const Found& f : found) {
    years += f.years;
    several += f.names.size();
  }
  m.population.reserve(several);
  for (const Found& f : found) {
    for (const auto& [name, n] : f.names) m.population.emplace(name, n);
  }
  if (years) m.records_per_year = keys.size() * 100 / years;
}

int16_t clamp16(int32_t v) { return static_cast<int16_t>(v < -3000 ? -3000 : v > 3000 ? 3000 : v); }

}  // namespace

void count_values(const PersonTable& t, const Blocks& blocks, unsigned threads, Model& m) {
  parallel(threads, roles + 2, [&](size_t task, unsigned) {
    if (task == 0) {
      count_population(t, 1, m);
    } else if (task <= roles) {
      count_role(t, static_cast<Role>(task - 1), m.counts[task - 1]);
    } else {
      uint64_t full = 0, january = 0;
      for (const Person& p : t.persons) {
        full += p.birth.full();
        january += p.birth.month() == 1 && p.birth.day() == 1;
      }
      // A day's share is 1/365; log2 of how much oftener 1 January stands, from twice on.
      if (full && january * 365 > 2 * full) m.new_year = centilog2(january * 36525) - centilog2(full * 100);
      uint64_t squares = 0, pairs = 0;  // over pairs that agree: how many records share the phone
      for (const auto& [key, n] : blocks.phone_counts) {
        m.phones.emplace(key, n);
        pairs += uint64_t{n} * (n - 1) / 2;
        squares += uint64_t{n} * (n - 1) / 2 * n;
      }
      if (pairs) m.phone_mean = squares * 100 / pairs;
    }
  });
}

TableWeights bind_weights(const Model& m, const PersonTable& t, unsigned threads) {
  TableWeights w;
  w.names.resize(1);
  w.places.resize(1);
  extend_weights(m, t, w, threads);
  return w;
}

void extend_weights(const Model& m, const PersonTable& t, TableWeights& w, unsigned threads) {
  const size_t first_name = w.names.size(), first_place = w.places.size();
  w.names.resize(t.names.size());
  w.places.resize(t.places.size());
  const auto count = [&](Role r, uint64_t hash) -> uint64_t {
    const auto it = m.counts[r].count.find(hash);
    return it == m.counts[r].count.end() ? 1 : it->second;
  };
  // log2 of (this value's share / the mean share that a chance agreement meets)
  const auto against_mean = [&](Role r, uint64_t c) -> int32_t {
    const RoleCounts& k = m.counts[r];
    return k.total && k.squares ? centilog2(c) + centilog2(k.total) - centilog2(k.squares) : 0;
  };
  const auto share = [&](Role r, uint64_t c) -> int32_t { return m.counts[r].total ? centilog2(c) - centilog2(m.counts[r].total) : 0; };
  const RoleCounts& g = m.counts[r_given];
  const int32_t mean_household = g.total ? centilog2(98 * (g.squares / g.total) + 2 * g.total) : 0;
  constexpr size_t slice = 16384;
  parallel(threads, (t.names.size() - first_name + slice - 1) / slice, [&](size_t task, unsigned) {
    for (size_t id = first_name + task * slice; id < t.names.size() && id < first_name + (task + 1) * slice; ++id) {
      const uint64_t h = t.names[static_cast<uint32_t>(id)].hash, cg = count(r_given, h), cf = count(r_family, h);
      NameWeights& n = w.names[id];
      n.given = clamp16(against_mean(r_given, cg));
      n.given_household = g.total ? clamp16(centilog2(98 * cg + 2 * g.total) - mean_household) : int16_t{0};
      n.family = clamp16(against_mean(r_family, cf));
      n.middle = clamp16(against_mean(r_middle, count(r_middle, h)));
      n.log_given = clamp16(share(r_given, cg));
      n.log_family = clamp16(share(r_family, cf));
    }
  });
  for (uint32_t id = static_cast<uint32_t>(first_place); id < t.places.size(); ++id) {
    const uint64_t h = t.places[id].hash;
    w.places[id].birth_city = clamp16(against_mean(r_birth_city, count(r_birth_city, h)));
    w.places[id].occupation = clamp16(against_mean(r_occupation, count(r_occupation, h)));
  }
}

}  // namespace casebridge::link

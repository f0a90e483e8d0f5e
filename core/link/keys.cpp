#include "link/keys.hpp"

#include "link/hash.hpp"
#include "link/parallel.hpp"
#include "link/values.hpp"

namespace casebridge::link {
namespace {

// Day and month in order of size where either may be the month, so that a swap costs no rule of its own.
uint64_t month_day(Date d) {
  if (!d.full()) return 0;
  const uint32_t m = d.month(), day = d.day();
  return day <= 12 && day < m ? day << 8 | m : m << 8 | day;
}
uint64_t whole_date(Date d) { return d.full() ? uint64_t{d.year()} << 16 | month_day(d) : 0; }
uint8_t initial(const Name& n) { return static_cast<uint8_t>(n.text[0]); }
uint32_t three(const Name& n) {
  return n.length == 0 || is_initial(n) ? 0
                                        : uint32_t{static_cast<uint8_t>(n.text[0])} << 16 | uint32_t{static_cast<uint8_t>(n.text[1])} << 8 |
                                              static_cast<uint8_t>(n.text[2]);
}
uint64_t both(uint64_t a, uint64_t b) { return a && b ? mix(a, b) : 0; }
uint64_t unordered(uint64_t a, uint64_t b) { return a && b ? mix(mix(a) + mix(b)) : 0; }

}  // namespace

Alias KeyMaker::name(const Person& p, unsigned variant) const {
  return variant == 0 ? Alias{p.given, p.family} : Lists(p, pool_).aliases(p)[variant - 1];
}
NameParts KeyMaker::parts_of(Alias n) const {
  const Name &g = names_[n.given], &f = names_[n.family];
  NameParts out;
  out.given_three = three(g);
  out.family_three = three(f);
  out.given_initial = initial(g);
  out.family_initial = initial(f);
  if (n.given && n.family && !is_initial(g)) out.full = unordered(g.hash, f.hash);
  out.three = unordered(out.given_three, out.family_three);
  out.sound = unordered(g.phonetic, f.phonetic);
  return out;
}

std::vector<NameParts> make_name_parts(const PersonTable& t, unsigned threads) {
  std::vector<NameParts> out(t.persons.size());
  constexpr size_t slice = 8192;
  parallel(threads, (out.size() + slice - 1) / slice, [&](size_t task, unsigned) {
    const KeyMaker one(t);
    for (size_t row = task * slice; row < out.size() && row < (task + 1) * slice; ++row) {
      if (row + 12 < out.size()) {
        const Person& ahead = t.persons[row + 12];
        __builtin_prefetch(t.names.data() + ahead.given);
        __builtin_prefetch(t.names.data() + ahead.family);
      }
      out[row] = one.parts_of({t.persons[row].given, t.persons[row].family});
    }
  });
  return out;
}

Address KeyMaker::address(const Person& p, unsigned variant) const {
  if (variant) return Lists(p, pool_).addresses(p)[variant - 1];
  return {p.street, p.number, p.city, {static_cast<uint32_t>(p.postcode), static_cast<uint32_t>(p.postcode >> 32)}};
}

uint64_t KeyMaker::part(unsigned rule, unsigned l, const Person& p, unsigned v) const {
  NameParts room;
  const auto this_name = [&]() -> const NameParts& { return v == 0 ? main_name(p, room) : room = parts_of(name(p, v)); };
  const auto full_name = [&]() -> uint64_t { return this_name().full; };
  const auto main = [&]() -> const NameParts& { return main_name(p, room); };
  switch (rule) {
    case 0: {
      const Identifier& id = Lists(p, pool_).identifiers(p)[v];
      return mix(hash_text({id.value.data(), id.value.size()}, id.kind));
    }
    case 1: return Lists(p, pool_).phone(v);
    case 2: {
      const Email& e = Lists(p, pool_).emails(p)[v];
      return both(places_[e.local].hash, places_[e.domain].hash);
    }
    case 3: return l == 0 ? places_[Lists(p, pool_).emails(p)[v].local].hash : main().given_initial;
    case 4: return l == 0 ? full_name() : l == 1 ? postcode_area(p.postcode) : p.birth.year();
    case 5: return l == 0 ? both(full_name(), p.birth.year()) : month_day(p.birth);
    case 6: return p.birth_city ? both(full_name(), places_[p.birth_city].hash) : 0;
    case 7: return p.city ? both(full_name(), places_[p.city].hash) : 0;
    case 8: return both(full_name(), month_day(p.birth));
    case 9: return l == 0 ? whole_date(p.birth) : l == 1 ? uint64_t{main().given_initial} : main().given_three;
    case 10: return l == 0 ? whole_date(p.birth) : l == 1 ? uint64_t{main().family_initial} : main().family_three;
    case 11: return l == 0 ? address(p, v).code() : p.family ? names_[p.family].hash : 0;
    case 12: return l == 0 ? (main().family_three ? names_[p.family].hash : 0) : l == 1 ? p.birth.year() : main().given_initial;
    case 13: return l == 0 ? (main().given_three ? names_[p.given].hash : 0) : l == 1 ? p.birth.year() : main().family_initial;
    case 14: {
      if (l) return l == 1 ? p.birth.year() : month_day(p.birth);
      return this_name().three;
    }
    case 15: {
      if (l) return month_day(p.birth);
      return both(this_name().sound, p.birth.year());
    }
    case 16: {
      const Address a = address(p, v);
      return l == 0 ? (a.street && a.number ? mix(places_[a.street].hash, a.number) : 0) : main().family_initial;
    }
    case 17: return p.birth_city ? both(whole_date(p.birth), places_[p.birth_city].hash) : 0;
    default: return 0;
  }
}

uint64_t KeyMaker::key(unsigned rule, unsigned level, const Person& p, unsigned variant) const {
  uint64_t k = rule + 1;
  for (unsigned l = 0; k && l <= level; ++l) k = finer(rule, l, k, p, variant);
  return k;
}

uint64_t KeyMaker::finer(unsigned rule, unsigned level, uint64_t parent, const Person& p, unsigned variant) const {
  const uint64_t x = part(rule, level, p, variant);
  if (!x) return 0;
  const uint64_t k = mix(parent, x);
  return k ? k : 1;
}

}  // namespace casebridge::link

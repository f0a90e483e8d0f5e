#include "link/keys.hpp"

#include "link/hash.hpp"
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
uint64_t initial(const Name& n) { return n.length ? static_cast<uint8_t>(n.text[0]) : 0; }
uint64_t three(const Name& n) {
  return n.length == 0 || is_initial(n) ? 0 : uint64_t{static_cast<uint8_t>(n.text[0])} << 16 | uint64_t{static_cast<uint8_t>(n.text[1])} << 8 | static_cast<uint8_t>(n.text[2]);
}
uint64_t both(uint64_t a, uint64_t b) { return a && b ? mix(a, b) : 0; }
uint64_t unordered(uint64_t a, uint64_t b) { return a && b ? mix(mix(a) + mix(b)) : 0; }

}  // namespace

Alias KeyMaker::name(const Person& p, unsigned variant) const {
  return variant == 0 ? Alias{p.given, p.family} : Lists(p, pool_).aliases(p)[variant - 1];
}
Address KeyMaker::address(const Person& p, unsigned variant) const {
  if (variant) return Lists(p, pool_).addresses(p)[variant - 1];
  return {p.street, p.number, p.city, {static_cast<uint32_t>(p.postcode), static_cast<uint32_t>(p.postcode >> 32)}};
}

unsigned KeyMaker::variants(unsigned rule, const Person& p) const {
  switch (rule) {
    case 0: return p.identifiers;
    case 1: return p.phones;
    case 2:
    case 3: return p.emails;
    case 4:
    case 5:
    case 6:
    case 7:
    case 8:
    case 14:
    case 15: return 1u + p.aliases;
    case 11:
    case 16: return 1u + p.addresses;
    default: return 1;
  }
}

uint64_t KeyMaker::part(unsigned rule, unsigned l, const Person& p, unsigned v) const {
  const auto full_name = [&]() -> uint64_t {
    const Alias n = name(p, v);
    return n.given && n.family && !is_initial(names_[n.given]) ? unordered(names_[n.given].hash, names_[n.family].hash) : 0;
  };
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
    case 3: return l == 0 ? places_[Lists(p, pool_).emails(p)[v].local].hash : initial(names_[p.given]);
    case 4: return l == 0 ? full_name() : l == 1 ? postcode_area(p.postcode) : p.birth.year();
    case 5: return l == 0 ? both(full_name(), p.birth.year()) : month_day(p.birth);
    case 6: return p.birth_city ? both(full_name(), places_[p.birth_city].hash) : 0;
    case 7: return p.city ? both(full_name(), places_[p.city].hash) : 0;
    case 8: return both(full_name(), month_day(p.birth));
    case 9: return l == 0 ? whole_date(p.birth) : l == 1 ? initial(names_[p.given]) : three(names_[p.given]);
    case 10: return l == 0 ? whole_date(p.birth) : l == 1 ? initial(names_[p.family]) : three(names_[p.family]);
    case 11: return l == 0 ? address(p, v).code() : p.family ? names_[p.family].hash : 0;
    case 12: return l == 0 ? (p.family && !is_initial(names_[p.family]) ? names_[p.family].hash : 0) : l == 1 ? p.birth.year() : initial(names_[p.given]);
    case 13: return l == 0 ? (p.given && !is_initial(names_[p.given]) ? names_[p.given].hash : 0) : l == 1 ? p.birth.year() : initial(names_[p.family]);
    case 14: {
      if (l) return l == 1 ? p.birth.year() : month_day(p.birth);
      const Alias n = name(p, v);
      return unordered(three(names_[n.given]), three(names_[n.family]));
    }
    case 15: {
      if (l) return month_day(p.birth);
      const Alias n = name(p, v);
      return both(unordered(names_[n.given].phonetic, names_[n.family].phonetic), p.birth.year());
    }
    case 16: {
      const Address a = address(p, v);
      return l == 0 ? (a.street && a.number ? mix(places_[a.street].hash, a.number) : 0) : initial(names_[p.family]);
    }
    case 17: return p.birth_city ? both(whole_date(p.birth), places_[p.birth_city].hash) : 0;
    default: return 0;
  }
}

uint64_t KeyMaker::key(unsigned rule, unsigned level, const Person& p, unsigned variant) const {
  uint64_t k = rule + 1;
  for (unsigned l = 0; l <= level; ++l) {
    const uint64_t x = part(rule, l, p, variant);
    if (!x) return 0;
    k = mix(k, x);
  }
  return k ? k : 1;
}

}  // namespace casebridge::link

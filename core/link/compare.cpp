#include "link/compare.hpp"

#include "link/values.hpp"

namespace casebridge::link {
namespace {

enum class Likeness : uint8_t { none, letter, similar, near, nickname, equal, initial };

bool share_nickname(const Name& a, const Name& b) {
  for (const uint16_t x : a.nicknames) {
    if (x == 0) return false;
    for (const uint16_t y : b.nicknames) {
      if (x == y) return true;
    }
  }
  return false;
}

bool share_token(const Name& a, const Name& b) {
  if (a.words < 2 && b.words < 2) return false;
  for (const uint32_t x : a.tokens) {
    if (x == 0) return false;
    for (const uint32_t y : b.tokens) {
      if (x == y) return true;
    }
  }
  return false;
}

Likeness like(const Name& a, const Name& b, bool with_nicknames) {
  if (is_initial(a) || is_initial(b)) return a.text[0] == b.text[0] ? Likeness::initial : Likeness::none;
  if (a.hash == b.hash) return Likeness::equal;
  if (with_nicknames && share_nickname(a, b)) return Likeness::nickname;
  if (one_edit(a, b)) return Likeness::near;
  const unsigned shorter = a.length < b.length ? a.length : b.length;
  const bool prefix = shorter >= 4 && std::memcmp(a.text.data(), b.text.data(), 4) == 0;
  if (jaro_winkler_bound(a, b) >= 0.86f) {
    const float jw = jaro_winkler(a, b);
    if (jw >= 0.93f) return Likeness::near;
    if (jw >= 0.86f) return Likeness::similar;
  }
  if (prefix || share_token(a, b)) return Likeness::similar;
  return a.text[0] == b.text[0] ? Likeness::letter : Likeness::none;
}

unsigned given_level(Likeness l) {
  switch (l) {
    case Likeness::equal: return given::equal;
    case Likeness::nickname: return given::nickname;
    case Likeness::near: return given::near;
    case Likeness::similar: return given::similar;
    case Likeness::initial: return given::initial;
    case Likeness::letter: return given::same_letter;
    case Likeness::none: break;
  }
  return given::differs;
}

}  // namespace

unsigned date_level(Date a, Date b) {
  if (!a.packed || !b.packed) return date::missing;
  const uint32_t ya = a.year(), yb = b.year(), ma = a.month(), mb = b.month(), da = a.day(), db = b.day();
  if (a.full() && b.full()) {
    if (a.packed == b.packed) return date::equal;
    if (ya == yb && ma == db && da == mb) return date::swapped;
    const int apart = (ya != yb) + (ma != mb) + (da != db);
    const bool january = (ma == 1 && da == 1) || (mb == 1 && db == 1);
    if (apart == 1) {
      const auto close = [](uint32_t x, uint32_t y) {  // by one, or one digit differs
        const uint32_t d = x > y ? x - y : y - x;
        if (d == 1) return true;
        int digits = 0;
        for (; x || y; x /= 10, y /= 10) digits += x % 10 != y % 10;
        return digits == 1;
      };
      if (ya != yb) {
        const uint32_t d = ya > yb ? ya - yb : yb - ya;
        if (d == 10 || close(ya, yb)) return date::part_near;
        return date::part;
      }
      if (ma != mb ? close(ma, mb) : close(da, db)) return date::part_near;
      return date::part;
    }
    if (ya == yb) return january ? date::year_only : date::same_year;
    return ya + 1 == yb || yb + 1 == ya ? date::next_year : date::differs;
  }
  if (ya != yb) return ya + 1 == yb || yb + 1 == ya ? date::next_year : date::differs;
  if (ma && mb) return ma == mb ? date::year_month : date::same_year;
  return date::year_only;
}

bool dates_conflict(Date a, Date b) {
  if (!a.packed || !b.packed) return false;
  uint32_t x = a.year(), y = b.year(), differ = 0;
  const uint32_t apart = x > y ? x - y : y - x;
  if (apart <= 1) return false;
  if (apart == 10 && a.full() && b.full() && a.month() == b.month() && a.day() == b.day()) return false;  // 1999 and 2009
  for (; x || y; x /= 10, y /= 10) differ += x % 10 != y % 10;
  return differ > 1;
}

bool Comparer::similar_place(uint32_t a, uint32_t b) const {
  const Name &x = places_[a], &y = places_[b];
  return one_edit(x, y) || (jaro_winkler_bound(x, y) >= 0.93f && jaro_winkler(x, y) >= 0.93f);
}

Pattern Comparer::names(const Person& a, const Person& b, Shared& shared) const {
  const Name* n = names_;
  unsigned g = given::missing, f = family::missing, m = middle::missing;
  if (a.given && b.given)
    g = a.given == b.given && !is_initial(n[a.given]) ? unsigned{given::equal} : given_level(like(n[a.given], n[b.given], true));
  if (a.family && b.family) {
    const Likeness l = a.family == b.family ? Likeness::equal : like(n[a.family], n[b.family], false);
    f = l == Likeness::equal                               ? family::equal
        : l == Likeness::near                              ? family::near
        : l == Likeness::similar || l == Likeness::initial ? family::similar
                                                           : family::differs;
  }
  if (a.middle && b.middle) {
    const Likeness l = like(n[a.middle], n[b.middle], true);
    m = l == Likeness::equal                                                       ? middle::equal
        : l == Likeness::nickname || l == Likeness::near || l == Likeness::similar ? middle::similar
        : l == Likeness::initial                                                   ? middle::initial
                                                                                   : middle::differs;
  }
  shared.given = a.given;
  shared.family = a.family;
  shared.middle = a.middle;
  const bool plain = g && g <= given::similar && f && f <= family::similar;
  if (plain && g == given::equal && f == family::equal) return at_level(f_given, g) | at_level(f_family, f) | at_level(f_middle, m);
  const auto alike = [&](uint32_t x, uint32_t y) { return x && y && same(n, x, y); };

  if (!plain) {
    // Names in each other's place are one event, not two disagreements.
    // One of the two may be misspelt or a short form on top of it.
    const auto close = [&](uint32_t x, uint32_t y) {
      if (alike(x, y)) return true;
      if (!x || !y) return false;
      const Likeness l = like(n[x], n[y], true);
      return l == Likeness::near || l == Likeness::nickname;
    };
    const bool given_there = alike(a.given, b.family), family_there = alike(a.family, b.given);
    if ((given_there && family_there) || (given_there && close(a.family, b.given)) || (family_there && close(a.given, b.family))) {
      shared.other_given = b.family;
      shared.other_family = b.given;
      return at_level(f_given, given::swapped) | at_level(f_family, family::missing) | at_level(f_middle, m);
    }
    if (a.middle && b.middle && !is_initial(n[a.middle]) && !is_initial(n[b.middle]) && m > middle::initial) {
      const auto turned = [&](uint32_t x, uint32_t x2, uint32_t y, uint32_t y2, uint32_t z, uint32_t z2) {
        return alike(x, x2) + alike(y, y2) + alike(z, z2) >= 1 && close(x, x2) && close(y, y2) && close(z, z2);
      };
      const bool left = turned(a.given, b.middle, a.middle, b.family, a.family, b.given);
      const bool right = turned(a.given, b.family, a.family, b.middle, a.middle, b.given);
      if (left || right) return at_level(f_given, given::rotated);
    }
    // A full name among the other's aliases.
    if (a.aliases || b.aliases) {
      uint64_t best = 0;  // of several such names the one with the smallest hash, so that the order of records does not matter
      const auto full = [&](const Alias& x, uint32_t gv, uint32_t fm) {
        if (!alike(x.given, gv) || !alike(x.family, fm)) return;
        const uint64_t h = n[x.given].hash + n[x.family].hash;
        if (best && best <= h) return;
        best = h;
        shared.given = x.given;
        shared.family = x.family;
      };
      const auto mine = Lists(a, pool_).aliases(a), theirs = Lists(b, pool_).aliases(b);
      for (const Alias& x : mine) {
        full(x, b.given, b.family);
        for (const Alias& y : theirs) full(x, y.given, y.family);
      }
      for (const Alias& x : theirs) full(x, a.given, a.family);
      if (best) return at_level(f_given, given::alias) | at_level(f_middle, m);
    }
  }
  if (g > given::initial) {
    bool other = (b.middle && !is_initial(n[b.middle]) && alike(a.given, b.middle)) ||
                 (a.middle && !is_initial(n[a.middle]) && alike(a.middle, b.given));
    if (!other && (a.aliases || b.aliases)) {
      for (const Alias& x : Lists(a, pool_).aliases(a)) other |= alike(x.given, b.given);
      for (const Alias& x : Lists(b, pool_).aliases(b)) other |= alike(x.given, a.given);
    }
    if (other) g = given::other_name;
  }
  if (f == family::differs && (a.aliases || b.aliases)) {
    bool other = false;
    for (const Alias& x : Lists(a, pool_).aliases(a)) other |= alike(x.family, b.family);
    for (const Alias& x : Lists(b, pool_).aliases(b)) other |= alike(x.family, a.family);
    if (other) f = family::alias;
  }
  if (m == middle::differs && (alike(a.middle, b.given) || alike(b.middle, a.given))) m = middle::as_given;
  return at_level(f_given, g) | at_level(f_family, f) | at_level(f_middle, m);
}

unsigned Comparer::address_level(const Address& a, const Address& b) const {
  const uint64_t pa = a.code(), pb = b.code();
  const bool codes = pa && pb;
  bool code_near = false;
  if (codes && pa != pb) {
    const uint64_t x = pa ^ pb;
    int differ = 0;
    for (int i = 0; i < 8; ++i) differ += (x >> (8 * i) & 0xFF) != 0;
    code_near = differ == 1 && postcode_length(pa) == postcode_length(pb) && postcode_length(pa) >= 4;
  }
  const bool streets = a.street && b.street, numbers = a.number && b.number;
  const bool street = streets && (same(places_, a.street, b.street) || similar_place(a.street, b.street));
  const bool door = street && numbers && a.number == b.number;
  if (door && (!codes || pa == pb || code_near)) return address::door;
  if (codes && pa == pb) return address::postcode;
  if (door) return address::number_street;
  if (code_near) return address::postcode_near;
  const bool area = codes && postcode_area(pa) == postcode_area(pb);
  const bool cities = a.city && b.city;
  const bool city = cities && (same(places_, a.city, b.city) || similar_place(a.city, b.city));
  if (street && (city || area)) return address::street;
  if (area) return address::area;
  if (city) return address::city;
  return codes || cities || streets ? address::differs : address::missing;
}

Pattern Comparer::lists(const Person& a, const Person& b, Shared& shared) const {
  const Lists x(a, pool_), y(b, pool_);
  unsigned ph = phone::missing, no = number::missing, em = email::missing;
  if (a.phones && b.phones) {
    unsigned both = 0;
    bool close = false;
    for (unsigned i = 0; i < a.phones; ++i) {
      const uint64_t p = x.phone(i);
      for (unsigned k = 0; k < b.phones; ++k) {
        uint64_t q = y.phone(k), r = p;
        if (r == q) {
          ++both;
          shared.phone = shared.phone && shared.phone < r ? shared.phone : r;
          continue;
        }
        int differ = 0;
        for (; (r || q) && differ < 2; r /= 10, q /= 10) differ += r % 10 != q % 10;
        close |= differ == 1;
      }
    }
    ph = both >= 2 ? phone::two : both ? phone::one : close ? phone::near : phone::differs;
  }
  if (a.identifiers && b.identifiers) {
    for (const Identifier& p : x.identifiers(a)) {
      for (const Identifier& q : y.identifiers(b)) {
        if (p.kind != q.kind) continue;
        unsigned l = number::differs;
        if (p.value == q.value) {
          l = number::equal;
          shared.strong_number |= p.strong();
        } else if (p.value[15] == 0 && q.value[15] == 0) {
          Name u, v;
          u.text = p.value;
          v.text = q.value;
          u.length = static_cast<uint8_t>(std::strlen(p.value.data()));
          v.length = static_cast<uint8_t>(std::strlen(q.value.data()));
          if (u.length >= 5 && one_edit(u, v)) l = number::near;
        }
        if (!no || l < no) no = l;
      }
    }
  }
  if (a.emails && b.emails) {
    em = email::differs;
    for (const Email& p : x.emails(a)) {
      for (const Email& q : y.emails(b)) {
        const bool local = same(places_, p.local, q.local);
        if (local && same(places_, p.domain, q.domain)) em = email::equal;
        else if (em > email::similar && (local || similar_place(p.local, q.local))) em = email::similar;
      }
    }
  }
  return at_level(f_phone, ph) | at_level(f_number, no) | at_level(f_email, em);
}

Pattern Comparer::compare(const Person& a, const Person& b, Shared& shared) const {
  Pattern p = names(a, b, shared) | at_level(f_date, date_level(a.birth, b.birth));
  if ((a.phones && b.phones) || (a.identifiers && b.identifiers) || (a.emails && b.emails)) p |= lists(a, b, shared);
  if (a.birth_city && b.birth_city) {
    p |= at_level(f_birth_city, same(places_, a.birth_city, b.birth_city)   ? birth_city::equal
                                : similar_place(a.birth_city, b.birth_city) ? birth_city::near
                                                                            : birth_city::differs);
  }
  if (a.occupation && b.occupation)
    p |= at_level(f_occupation, same(places_, a.occupation, b.occupation) ? occupation::equal : occupation::differs);
  const Address p0{a.street, a.number, a.city, {static_cast<uint32_t>(a.postcode), static_cast<uint32_t>(a.postcode >> 32)}};
  const Address q0{b.street, b.number, b.city, {static_cast<uint32_t>(b.postcode), static_cast<uint32_t>(b.postcode >> 32)}};
  unsigned best = address_level(p0, q0);
  if (a.addresses || b.addresses) {
    const auto more_a = Lists(a, pool_).addresses(a), more_b = Lists(b, pool_).addresses(b);
    for (size_t i = 0; i <= more_a.size(); ++i) {
      for (size_t k = 0; k <= more_b.size(); ++k) {
        if (i + k == 0) continue;
        const unsigned l = address_level(i ? more_a[i - 1] : p0, k ? more_b[k - 1] : q0);
        if (l && (!best || l < best)) best = l;
      }
    }
  }
  return p | at_level(f_address, best);
}

}  // namespace casebridge::link

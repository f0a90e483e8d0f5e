#include "link/common_values.hpp"

#include <map>

#include "link/hash.hpp"
#include "link/values.hpp"

namespace casebridge::link {
namespace {

uint64_t date_hash(Date d) { return mix(0xDA7E, d.packed); }

uint32_t distinct_names(const PersonTable& t, const std::vector<uint32_t>& rows) {
  std::vector<uint64_t> names;
  for (const uint32_t r : rows) {
    const Person& p = t.persons[r];
    if (p.given && p.family) names.push_back(t.names[p.given].phonetic * 0x9E3779B97F4A7C15ull ^ t.names[p.family].phonetic);
  }
  std::sort(names.begin(), names.end());
  return static_cast<uint32_t>(std::unique(names.begin(), names.end()) - names.begin());
}

// A street and number alone may stand in many towns: an address is common only together with its area or its city.
std::array<uint64_t, 2> door_hashes(const PersonTable& t, uint64_t key, uint64_t postcode, uint32_t city) {
  return {postcode ? mix(key, postcode_area(postcode)) : 0, city ? mix(key ^ 1, t.places[city].hash) : 0};
}

bool listed(const std::vector<uint64_t>& hashes, uint64_t h) { return std::binary_search(hashes.begin(), hashes.end(), h); }

}  // namespace

std::vector<CommonValue> find_common_dates(const PersonTable& t) {
  // A default stands out from the same day in the years beside it, which 1 January alone does not.
  std::vector<uint32_t> count(size_t{3000} << 9, 0);
  for (const Person& p : t.persons) count[p.birth.packed] += p.birth.full();
  std::vector<CommonValue> out;
  for (uint32_t d = 0; d < count.size(); ++d) {
    if (count[d] < 50) continue;
    uint64_t beside = 0;
    for (uint32_t y = 1; y <= 5; ++y) {
      if (d >= (y << 9)) beside += count[d - (y << 9)];
      if (d + (y << 9) < count.size()) beside += count[d + (y << 9)];
    }
    if (count[d] < beside + 20) continue;  // ten times the mean of ten years
    std::vector<uint32_t> rows;
    for (uint32_t r = 0; r < t.size(); ++r) {
      if (t.persons[r].birth.packed == d) rows.push_back(r);
    }
    const uint32_t names = distinct_names(t, rows);
    if (names >= 20) out.push_back({CommonKind::birth_date, date_hash({d}), count[d], names, rows[0]});
  }
  return out;
}

std::vector<CommonValue> find_common_values(const PersonTable& t, const std::vector<LargeBlock>& large) {
  std::vector<CommonValue> out;
  for (const LargeBlock& b : large) {
    const auto judge = [&](CommonKind kind, uint64_t hash, const std::vector<uint32_t>& rows) {
      const uint32_t names = distinct_names(t, rows);
      if (names >= 12 && names * 4 >= rows.size()) out.push_back({kind, hash, static_cast<uint32_t>(rows.size()), names, rows[0]});
    };
    if (b.rule != rule_street) {
      judge(b.rule == rule_phone ? CommonKind::phone : CommonKind::number, b.key, b.rows);
      continue;
    }
    std::map<uint64_t, std::vector<uint32_t>> doors;
    for (const uint32_t row : b.rows) {
      for (const uint64_t h : door_hashes(t, b.key, t.persons[row].postcode, t.persons[row].city)) {
        if (h) doors[h].push_back(row);
      }
    }
    for (const auto& [hash, rows] : doors) judge(CommonKind::address, hash, rows);
  }
  std::sort(out.begin(), out.end(), [](const CommonValue& a, const CommonValue& b) { return a.hash < b.hash; });
  return out;
}

void drop_common(PersonTable& t, const std::vector<uint64_t>& hashes, unsigned) {
  if (hashes.empty()) return;
  for (uint32_t row = 0; row < t.size(); ++row) {
    const KeyMaker keys(t);  // the pool may have moved
    Person p = t.persons[row];
    bool changed = false;
    if (p.birth.full() && listed(hashes, date_hash(p.birth))) p.birth = {}, changed = true;
    bool lists = false;
    std::array<std::vector<char>, 3> gone;  // phones, identifiers, addresses (the first one included)
    constexpr std::array<unsigned, 3> rule_of = {rule_phone, rule_identifier, rule_street};
    for (size_t k = 0; k < 3; ++k) {
      for (unsigned v = 0, n = keys.variants(rule_of[k], t.persons[row]); v < n; ++v) {
        const uint64_t key = keys.key(rule_of[k], 0, t.persons[row], v);
        bool hit = key && listed(hashes, key);
        if (key && k == 2) {
          const Person& q = t.persons[row];
          const Address* more = v ? &Lists(q, t.pool.data()).addresses(q)[v - 1] : nullptr;
          const auto doors = door_hashes(t, key, more ? more->code() : q.postcode, more ? more->city : q.city);
          hit = listed(hashes, doors[0]) || listed(hashes, doors[1]);
        }
        gone[k].push_back(hit);
        lists |= gone[k].back() != 0;
      }
    }
    if (lists) {
      const Person old = t.persons[row];
      const Lists l(old, t.pool.data());
      std::vector<uint32_t> words;
      p.phones = p.identifiers = 0;
      for (unsigned i = 0; i < old.phones; ++i) {
        if (gone[0][i]) continue;
        words.insert(words.end(), {static_cast<uint32_t>(l.phone(i)), static_cast<uint32_t>(l.phone(i) >> 32)});
        ++p.phones;
      }
      for (const Alias& a : l.aliases(old)) words.insert(words.end(), {a.given, a.family});
      for (unsigned i = 0; i < old.identifiers; ++i) {
        if (gone[1][i]) continue;
        const auto* w = reinterpret_cast<const uint32_t*>(&l.identifiers(old)[i]);
        words.insert(words.end(), w, w + 5);
        ++p.identifiers;
      }
      for (const Email& e : l.emails(old)) words.insert(words.end(), {e.local, e.domain});
      if (gone[2][0]) p.street = p.number = 0, p.postcode = 0;  // the city stays
      for (unsigned i = 0; i < old.addresses; ++i) {
        const Address& a = l.addresses(old)[i];
        if (gone[2][i + 1]) words.insert(words.end(), {0, 0, a.city, 0, 0});
        else words.insert(words.end(), {a.street, a.number, a.city, a.postcode[0], a.postcode[1]});
      }
      p.lists = static_cast<uint32_t>(t.pool.size());
      t.pool.insert(t.pool.end(), words.begin(), words.end());
    }
    if (changed || lists) t.persons[row] = p;
  }
}

}  // namespace casebridge::link

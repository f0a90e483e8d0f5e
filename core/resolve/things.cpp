// Organizations, places, vehicles, selectors and occurrences: one entity only by a strong key, and only where nothing
// contradicts it. No model: these records have keys, and where they have none they are left alone.
#include <algorithm>
#include <numeric>
#include <set>
#include <unordered_map>

#include "casebridge/model.h"
#include "link/fold.hpp"
#include "link/hash.hpp"
#include "resolve/linking.hpp"

namespace casebridge::resolve {
namespace {

std::string letters(std::string_view text) {  // upper-case letters and digits of the folded text
  link::Folded f;
  link::fold(text, f);
  return std::string(f.view());
}

// Words of a company's name without those that only say its form, in the order of the alphabet.
std::string company(std::string_view text) {
  static const std::set<std::string, std::less<>> form = {"inc",     "ltd", "ltee", "limited", "limitee", "corp", "co",
                                                          "company", "cie", "llc",  "llp",     "the",     "le",   "la",
                                                          "les",     "of",  "de",   "du",      "des",     "and",  "et"};
  link::Folded f;
  link::fold(text, f);
  std::vector<std::string> words;
  for (size_t i = 0; i < f.tokens; ++i) {
    std::string w(f.token(i));
    for (char& c : w)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    if (!form.contains(w)) words.push_back(w);
  }
  std::sort(words.begin(), words.end());
  std::string out;
  for (const auto& w : words) (out += w) += ' ';
  return out;
}

class Union {
 public:
  Union(const Items& items, Kind kind) : items_(items), kind_(kind) {
    for (const uint32_t i : items.of(kind))
      if (items.at(i).apart == Apart::none) at_.emplace(i, static_cast<uint32_t>(members_.size())), members_.push_back(i);
    parent_.resize(members_.size());
    std::iota(parent_.begin(), parent_.end(), 0u);
    basis_.resize(members_.size());
  }
  const std::vector<uint32_t>& members() const { return members_; }
  void join(uint32_t a, uint32_t b, const std::string& why) {
    const uint32_t x = root(at_.at(a)), y = root(at_.at(b));
    if (x == y) return;
    parent_[std::max(x, y)] = std::min(x, y);
    basis_[std::min(x, y)].insert(why);
    basis_[std::min(x, y)].insert(basis_[std::max(x, y)].begin(), basis_[std::max(x, y)].end());
  }
  // Everything under one key is one entity, unless `contradict` says of two of them that they cannot be.
  template <class KeyOf, class Contradict>
  void by(const std::string& why, KeyOf&& key_of, Contradict&& contradict) {
    std::map<std::string, std::vector<uint32_t>> groups;
    for (const uint32_t i : members_)
      if (std::string key = key_of(i); !key.empty()) groups[std::move(key)].push_back(i);
    for (const auto& [key, all] : groups) {
      bool clear = true;
      for (size_t i = 1; i < all.size() && clear; ++i)
        for (size_t k = 0; k < std::min<size_t>(i, 50) && clear; ++k) clear = !contradict(all[k], all[i]);
      if (clear)
        for (size_t i = 1; i < all.size(); ++i) join(all[0], all[i], why);
    }
  }
  void result(std::vector<Group>& out) {
    std::map<uint32_t, Group> groups;
    for (uint32_t i = 0; i < members_.size(); ++i) groups[root(i)].members.push_back(members_[i]);
    for (auto& [first, g] : groups) {
      if (g.members.size() < 2) continue;
      g.kind = kind_;
      for (const auto& why : basis_[first]) g.basis += (g.basis.empty() ? "" : ", ") + why;
      uint64_t smallest = ~0ull;
      for (const uint32_t i : g.members) smallest = std::min(smallest, entity_alone(items_, items_.at(i)));
      g.entity = link::mix(smallest, static_cast<uint64_t>(kind_) + 0x100);
      out.push_back(std::move(g));
    }
  }

 private:
  uint32_t root(uint32_t x) {
    while (parent_[x] != x) x = parent_[x] = parent_[parent_[x]];
    return x;
  }
  const Items& items_;
  Kind kind_;
  std::vector<uint32_t> members_, parent_;
  std::vector<std::set<std::string>> basis_;
  std::unordered_map<uint32_t, uint32_t> at_;
};

bool differ(std::string_view a, std::string_view b) { return !a.empty() && !b.empty() && a != b; }
bool never(uint32_t, uint32_t) { return false; }

}  // namespace

std::vector<Group> group_things(const Items& items) {
  link::load_tables();
  std::vector<Group> out;
  const auto value = [&](uint32_t i, model::Tag t) { return items.value(items.at(i), t); };
  {
    Union u(items, Kind::selector);
    u.by(
        "kind, value",
        [&](uint32_t i) -> std::string {
          const std::string_view v = value(i, tag::Selector_value);
          if (v.size() < 3) return {};
          return std::string(value(i, tag::Selector_kind)) + '|' + std::string(value(i, tag::Selector_platform)) + '|' + std::string(v);
        },
        never);
    u.result(out);
  }
  {
    Union u(items, Kind::location);
    u.by(
        "normalizedKey", [&](uint32_t i) { return std::string(value(i, tag::Location_normalizedKey)); }, never);
    u.by(
        "online", [&](uint32_t i) { return std::string(value(i, tag::Location_online)); }, never);
    u.result(out);
  }
  {
    Union u(items, Kind::vehicle);
    const auto vin = [&](uint32_t i) { return letters(value(i, tag::Vehicle_vin)); };
    const auto contradict = [&](uint32_t a, uint32_t b) {
      return differ(letters(value(a, tag::Vehicle_make)), letters(value(b, tag::Vehicle_make))) ||
             differ(value(a, tag::Vehicle_year), value(b, tag::Vehicle_year)) || differ(vin(a), vin(b));
    };
    u.by(
        "vin",
        [&](uint32_t i) {
          const std::string v = vin(i);
          return v.size() == 17 ? v : std::string();
        },
        contradict);
    u.by(
        "plate, plateIssuer",
        [&](uint32_t i) -> std::string {  // a plate moves to other vehicles: make, year and VIN must not differ
          const std::string plate = letters(value(i, tag::Vehicle_plate)), issuer = letters(value(i, tag::Vehicle_plateIssuer));
          return plate.size() < 2 || issuer.empty() ? std::string() : issuer + '|' + plate;
        },
        contradict);
    u.result(out);
  }
  {
    Union u(items, Kind::organization);
    struct Words {
      std::string name;
      std::set<std::string> numbers, places, selectors;
    };
    std::unordered_map<uint32_t, Words> words;
    for (const uint32_t i : u.members()) {
      Words& w = words[i];
      std::map<unsigned, std::array<std::string, 3>> numbers;
      items.values(items.at(i), [&](model::Tag t, unsigned block, std::string_view text) {
        if (t == tag::Organization_names_full && w.name.empty()) w.name = company(text);
        else if (t == tag::Organization_identifiers_type) numbers[block][0] = text;
        else if (t == tag::Organization_identifiers_issuer) numbers[block][1] = text;
        else if (t == tag::Organization_identifiers_value) numbers[block][2] = text;
      });
      for (const auto& [block, n] : numbers)
        if (!n[2].empty()) w.numbers.insert(n[0] + '|' + n[1] + '|' + n[2]);
      for (const Contact& c : items.contacts_of(i)) {
        const Item& hub = items.at(c.hub);
        if (hub.apart != Apart::none) continue;
        if (hub.kind == Kind::location) {
          if (const auto key = items.value(hub, tag::Location_normalizedKey); !key.empty()) w.places.insert(std::string(key));
        } else if (hub.kind == Kind::selector) {
          w.selectors.insert(std::string(items.value(hub, tag::Selector_kind)) + '|' + std::string(items.value(hub, tag::Selector_value)));
        }
      }
    }
    const auto other_name = [&](uint32_t a, uint32_t b) { return differ(words[a].name, words[b].name); };
    u.by(
        "identifiers", [&](uint32_t i) { return words[i].numbers.empty() ? std::string() : *words[i].numbers.begin(); }, other_name);
    const auto named = [&](const std::set<std::string> Words::*what) {
      return [&words, what](uint32_t i) {
        return words[i].name.empty() || (words[i].*what).empty() ? std::string() : words[i].name + '|' + *(words[i].*what).begin();
      };
    };
    u.by("name, address", named(&Words::places), never);
    u.by("name, selector", named(&Words::selectors), never);
    u.by(
        "name, type, agency",
        [&](uint32_t i) {  // the same agency calls it the same in two of its systems
          return words[i].name.empty()
                     ? std::string()
                     : words[i].name + '|' + std::string(value(i, tag::Organization_type)) + '|' + items.origin(items.at(i)).agency;
        },
        [&](uint32_t a, uint32_t b) {
          const auto apart = [](const std::set<std::string>& x, const std::set<std::string>& y) {
            return !x.empty() && !y.empty() && x != y;
          };
          return apart(words[a].places, words[b].places) || apart(words[a].numbers, words[b].numbers);
        });
    u.result(out);
  }
  {
    Union u(items, Kind::occurrence);
    const auto day = [&](uint32_t i) { return value(i, tag::Occurrence_reportedAt).substr(0, 10); };
    u.by(
        "occurrenceNumber, agency",
        [&](uint32_t i) -> std::string {
          const std::string number = letters(value(i, tag::Occurrence_occurrenceNumber));
          return number.empty() ? number : items.origin(items.at(i)).agency + '|' + number;
        },
        [&](uint32_t a, uint32_t b) {
          return differ(day(a), day(b)) || differ(value(a, tag::Occurrence_kind), value(b, tag::Occurrence_kind));
        });
    u.result(out);
  }
  return out;
}

}  // namespace casebridge::resolve

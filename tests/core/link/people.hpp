// Invented people for the tests of link: a small town with misspelt records, and single people who are put into it.
#pragma once
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "link/input.hpp"
#include "link/linker.hpp"

namespace link_test {

using namespace casebridge::link;

struct Rec {
  std::string id, given, middle, family, birth, birth_city, street, city, postcode;
  std::vector<std::string> aliases, phones, emails;
  std::string number;
  bool strong = true;
  std::string agency = "TOWN";
  int entity = 0;  // the truth
};

class People final : public LinkInput {
 public:
  explicit People(std::vector<Rec> records, size_t chunks = 3) : records_(std::move(records)), chunks_(chunks) {}
  size_t chunks() const override { return chunks_; }
  void fill(size_t chunk, ChunkBuilder& out) const override {
    const size_t n = records_.size(), from = n * chunk / chunks_, to = n * (chunk + 1) / chunks_;
    for (size_t i = from; i < to; ++i) {
      const Rec& r = records_[i];
      RawPerson p;
      p.local_id = r.id;
      p.source = out.source(r.agency, "TEST");
      p.given = r.given;
      p.middle = r.middle;
      p.family = r.family;
      p.birth_date = r.birth;
      p.birth_city = r.birth_city;
      const std::vector<std::string_view> aliases(r.aliases.begin(), r.aliases.end()), phones(r.phones.begin(), r.phones.end()),
          emails(r.emails.begin(), r.emails.end());
      p.aliases = aliases;
      p.phones = phones;
      p.emails = emails;
      const RawPerson::RawAddress address{r.street, r.city, r.postcode};
      p.addresses = {&address, 1};
      const RawPerson::RawIdentifier number{"client", "TOWN", r.number, r.strong};
      if (!r.number.empty()) p.identifiers = {&number, 1};
      out.add(p);
    }
  }

 private:
  std::vector<Rec> records_;
  size_t chunks_;
};

struct Random {
  uint64_t state;
  explicit Random(uint64_t seed) : state(seed * 2862933555777941757ull + 3037000493ull) {}
  uint32_t operator()(uint32_t n) {
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return static_cast<uint32_t>((state >> 33) % n);
  }
};

inline std::string word(Random& r, int syllables) {
  static const char* parts[] = {"ba", "co", "di", "fu", "ga", "ho", "ki",   "la",  "mo",  "nu",
                                "pe", "ro", "si", "ta", "ve", "zo", "bren", "dal", "ler", "tin"};
  std::string s;
  for (int i = 0; i < syllables; ++i) s += parts[r(20)];
  s[0] = static_cast<char>(s[0] - 32);
  return s;
}

// About n records of n / 2.5 people. Names, streets and numbers are synthetic.
inline std::vector<Rec> town(size_t n, uint64_t seed = 1) {
  Random r(seed);
  std::vector<std::string> given, family, streets, cities;
  for (int i = 0; i < 160; ++i) given.push_back(word(r, 2 + static_cast<int>(r(2))));
  for (int i = 0; i < 700; ++i) family.push_back(word(r, 3 + static_cast<int>(r(2))));
  for (int i = 0; i < 150; ++i) streets.push_back(word(r, 3) + " Street");
  for (int i = 0; i < 25; ++i) cities.push_back(word(r, 3) + "ville");
  const auto skewed = [&](size_t size) { return static_cast<size_t>(uint64_t{r(1000)} * r(1000) * size / 1000 / 1000); };
  std::vector<Rec> out;
  int entity = 0;
  Rec home;
  while (out.size() < n) {
    Rec base;
    base.entity = ++entity;
    base.given = given[skewed(given.size())];
    base.family = family[skewed(family.size())];
    base.middle = r(3) ? given[skewed(given.size())] : "";
    char date[16];
    std::snprintf(date, sizeof date, "%04u-%02u-%02u", 1950 + r(60), 1 + r(12), 1 + r(28));
    base.birth = date;
    base.birth_city = cities[skewed(cities.size())];
    base.city = cities[skewed(cities.size())];
    base.street = std::to_string(1 + r(900)) + " " + streets[skewed(streets.size())];
    base.postcode =
        std::string("X") + static_cast<char>('0' + r(10)) + "Y " + static_cast<char>('0' + r(10)) + "Z" + static_cast<char>('0' + r(10));
    base.phones = {"555-01" + std::to_string(10 + r(90)) + std::to_string(100 + r(900))};
    base.number = std::to_string(100000 + r(900000));
    if (!home.id.empty()) {  // another member of the last household; one in twelve is a twin
      base.family = home.family;
      base.street = home.street;
      base.city = home.city;
      base.postcode = home.postcode;
      base.phones = home.phones;
      if (r(12) == 0) base.birth = home.birth, base.birth_city = home.birth_city;
    }
    home = base;
    home.id = r(100) < 40 ? "another member follows" : "";
    const uint32_t copies = 1 + r(4);
    for (uint32_t c = 0; c < copies; ++c) {
      Rec x = base;
      x.id = "R" + std::to_string(out.size());
      const auto slip = [&](std::string& s) {
        if (s.size() > 3 && r(100) < 8) s.erase(1 + r(static_cast<uint32_t>(s.size()) - 2), 1);
      };
      slip(x.given);
      slip(x.family);
      if (r(100) < 30) x.middle.resize(std::min<size_t>(x.middle.size(), 1));
      if (r(100) < 5) x.birth = x.birth.substr(0, 4);
      if (r(100) < 3) x.birth.clear();
      if (r(100) < 25) x.phones.clear();
      if (r(100) < 60) x.number.clear();
      if (r(100) < 15) x.street.clear(), x.city.clear(), x.postcode.clear();
      if (r(100) < 20) x.birth_city.clear();
      if (r(100) < 2) std::swap(x.given, x.family);
      out.push_back(x);
    }
  }
  return out;
}

struct Linked {
  PersonTable table;
  LinkResult result;
  std::map<std::string, std::string> leader;  // record -> the record that stands for its cluster
  uint32_t row(const std::string& id) const {
    for (uint32_t i = 0; i < table.size(); ++i) {
      if (table.local_id(i) == id) return i;
    }
    return table.size();
  }
  bool together(const std::string& a, const std::string& b) const { return leader.at(a) == leader.at(b); }
};

inline Linked run(std::vector<Rec> records, LinkOptions options = {}, size_t chunks = 3) {
  Linked l;
  l.table = build_table(People(std::move(records), chunks), options.threads);
  l.result = link_table(l.table, options);
  for (uint32_t i = 0; i < l.table.size(); ++i)
    l.leader[std::string(l.table.local_id(i))] = std::string(l.table.local_id(l.result.clusters.of[i]));
  return l;
}

inline void shuffle(std::vector<Rec>& records, uint64_t seed) {
  Random r(seed);
  for (size_t i = records.size(); i > 1; --i) std::swap(records[i - 1], records[r(static_cast<uint32_t>(i))]);
}

}  // namespace link_test

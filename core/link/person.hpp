// The person table: one cache line a record, many-valued fields in a pool beside it.
// Sensitive traits (gender, Indigenous identity, disability, orientation, stage, risk) have no place here, so that the
// comparer cannot read them.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "link/dictionary.hpp"

namespace casebridge::link {

// A birth date of any precision: year << 9 | month << 5 | day; a missing part is 0, and so is a missing date.
struct Date {
  uint32_t packed = 0;
  uint32_t year() const { return packed >> 9; }
  uint32_t month() const { return packed >> 5 & 15; }
  uint32_t day() const { return packed & 31; }
  bool full() const { return month() && day(); }
  static Date of(uint32_t y, uint32_t m = 0, uint32_t d = 0) { return {y << 9 | m << 5 | d}; }
};

struct Alias {
  uint32_t given, family;  // names; either may be 0
};
struct Identifier {
  uint32_t kind;               // kind and issuer, hashed: numbers are compared within one kind. Bit 0: strong, unique within its issuer
  std::array<char, 16> value;  // letters and digits; a longer one is hashed, and value[15] is then '\x01'
  bool strong() const { return kind & 1; }
  bool operator==(const Identifier& o) const { return kind == o.kind && value == o.value; }
};
struct Email {
  uint32_t local, domain;  // places dictionary
};
struct Address {
  uint32_t street, number, city;  // street: the name without kind, number and unit
  uint32_t postcode[2];
  uint64_t code() const { return uint64_t{postcode[1]} << 32 | postcode[0]; }
};

struct alignas(64) Person {
  uint64_t key = 0;  // hash of agency, system and local id: order, samples and ties go by this, never by row
  uint32_t given = 0, middle = 0, family = 0;
  Date birth;
  uint32_t street = 0, number = 0, city = 0, birth_city = 0;  // the first address
  uint64_t postcode = 0;                                      // up to 8 letters and digits, first one lowest
  uint32_t lists = 0;                                         // offset in the pool
  uint8_t phones = 0, aliases = 0, identifiers = 0, emails = 0;
  uint8_t addresses = 0;  // beyond the first
  uint8_t flags = 0;      // bit 0: doubtful, see RawPerson
  uint16_t source = 0;
  uint32_t occupation = 0;
  bool doubtful() const { return flags & 1; }
};
static_assert(sizeof(Person) == 64);

// Where a person's lists lie in the pool, in this order, in 32-bit words: phones 2, aliases 2, identifiers 5, emails 2, addresses 5.
struct Lists {
  const uint32_t* at;
  std::span<const uint32_t> words;
  Lists(const Person& p, const uint32_t* pool) : at(pool + p.lists) {}
  static uint32_t size(const Person& p) { return 2u * p.phones + 2u * p.aliases + 5u * p.identifiers + 2u * p.emails + 5u * p.addresses; }
  uint64_t phone(unsigned i) const { return uint64_t{at[2 * i + 1]} << 32 | at[2 * i]; }
  std::span<const Alias> aliases(const Person& p) const { return {reinterpret_cast<const Alias*>(at + 2 * p.phones), p.aliases}; }
  std::span<const Identifier> identifiers(const Person& p) const {
    return {reinterpret_cast<const Identifier*>(at + 2 * (p.phones + p.aliases)), p.identifiers};
  }
  std::span<const Email> emails(const Person& p) const {
    return {reinterpret_cast<const Email*>(at + 2 * (p.phones + p.aliases) + 5 * p.identifiers), p.emails};
  }
  std::span<const Address> addresses(const Person& p) const {
    return {reinterpret_cast<const Address*>(at + 2 * (p.phones + p.aliases + p.emails) + 5 * p.identifiers), p.addresses};
  }
};
static_assert(sizeof(Identifier) == 20 && sizeof(Address) == 20 && alignof(Identifier) == 4 && alignof(Address) == 4);

struct Source {
  std::string agency, system;
  bool deduplicated = false;  // one record a person: two of its records are never one
  bool unlinked = false;      // its records are linked with nothing (ids that mean nothing outside a file)
};

// All records of a run. Row numbers are those of the input; no result depends on them.
struct PersonTable {
  std::vector<Person> persons;
  std::vector<uint32_t> pool;
  Dictionary names{Dictionary::Kind::names}, places{Dictionary::Kind::places};
  std::vector<Source> sources;
  std::string id_text;          // local ids, one after the other
  std::vector<uint64_t> id_at;  // persons.size() + 1 offsets
  uint32_t size() const { return static_cast<uint32_t>(persons.size()); }
  std::string_view local_id(uint32_t row) const { return std::string_view(id_text).substr(id_at[row], id_at[row + 1] - id_at[row]); }
  Lists lists(uint32_t row) const { return {persons[row], pool.data()}; }
  size_t bytes() const {
    return persons.capacity() * sizeof(Person) + pool.capacity() * 4 + names.bytes() + places.bytes() + id_text.capacity() +
           id_at.capacity() * 8;
  }
};

}  // namespace casebridge::link

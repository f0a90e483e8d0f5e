// Persons of the case data as the comparer wants them: names, dates, numbers of the Person record, telephones, mail and
// home addresses of the records that are linked to it as its own.
#pragma once
#include <string>
#include <vector>

#include "link/input.hpp"
#include "resolve/items.hpp"

namespace casebridge::resolve {

// One person's values; borrowed from Items and from itself until the next read().
class PersonValues {
 public:
  const link::RawPerson& read(const Items& items, uint32_t person);

 private:
  struct Name {
    std::string_view type, full, given, middle, family, birth;
  };
  struct Number {
    std::string_view type, value, issuer;
  };
  void take_names();
  link::RawPerson raw_;
  std::vector<Name> names_;
  std::vector<Number> numbers_;
  std::vector<std::string_view> phones_, emails_;
  std::vector<link::RawPerson::RawName> aliases_;
  std::vector<link::RawPerson::RawAddress> addresses_;
  std::vector<link::RawPerson::RawIdentifier> identifiers_;
  std::string issuer_;
};

// A row of the table is a place in `persons`.
class PersonInput final : public link::LinkInput {
 public:
  PersonInput(const Items& items, const std::vector<uint32_t>& persons) : items_(items), persons_(persons) {}
  size_t chunks() const override { return (persons_.size() + kChunk - 1) / kChunk; }
  void fill(size_t chunk, link::ChunkBuilder& into) const override;

 private:
  static constexpr size_t kChunk = size_t(1) << 15;
  const Items& items_;
  const std::vector<uint32_t>& persons_;
};

// "FAMILY, Given" and "Given Family" in their parts.
link::RawPerson::RawName split_name(std::string_view full);

// A number as the comparer wants it. `own`: local_issuer() of the record's source, for numbers that the source gives out itself.
std::string local_issuer(std::string_view agency, std::string_view system);
link::RawPerson::RawIdentifier number_of(std::string_view type, std::string_view value, std::string_view issuer, std::string_view own);

// A value that a field of the comparison read, and the record that says it.
struct ShownValue {
  std::string text;
  uint32_t item = 0;
};
std::vector<ShownValue> values_of(const Items& items, uint32_t person, unsigned field);

}  // namespace casebridge::resolve

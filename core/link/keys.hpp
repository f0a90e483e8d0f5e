// Block keys: records that share a key are compared. A rule is a chain from coarse to fine; where too many records share
// a key, the next level parts them. Keys depend on the record alone, so blocks do not depend on order.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

#include "base/text.hpp"
#include "link/person.hpp"

namespace casebridge::link {

struct Rule {
  std::string_view name;
  uint8_t levels;
};
constexpr std::array<Rule, 18> rules = {{{TR_NOOP("identifier"), 1},
                                         {TR_NOOP("phone"), 1},
                                         {TR_NOOP("email"), 1},
                                         {TR_NOOP("email name > initial"), 2},
                                         {TR_NOOP("full name > area > year"), 3},
                                         {TR_NOOP("full name and year > birth date"), 2},
                                         {TR_NOOP("full name and birth place"), 1},
                                         {TR_NOOP("full name and city"), 1},
                                         {TR_NOOP("full name and day of birth"), 1},
                                         {TR_NOOP("birth date > given initial > three letters"), 3},
                                         {TR_NOOP("birth date > family initial > three letters"), 3},
                                         {TR_NOOP("postcode > family"), 2},
                                         {TR_NOOP("family > year > given initial"), 3},
                                         {TR_NOOP("given > year > family initial"), 3},
                                         {TR_NOOP("three letters of each name > year > birth date"), 3},
                                         {TR_NOOP("sound of each name and year > birth date"), 2},
                                         {TR_NOOP("street and number > family initial"), 2},
                                         {TR_NOOP("birth place and birth date"), 1}}};
constexpr unsigned rule_identifier = 0, rule_phone = 1, rule_street = 16;

// Which list of a record gives a rule more than one key.
enum class Values : uint8_t { one, identifiers, phones, emails, names, addresses };
constexpr std::array<Values, 18> rule_values = {Values::identifiers, Values::phones,    Values::emails, Values::emails, Values::names,
                                                Values::names,       Values::names,     Values::names,  Values::names,  Values::one,
                                                Values::one,         Values::addresses, Values::one,    Values::one,    Values::names,
                                                Values::names,       Values::addresses, Values::one};

// What keys need of a record's name, so that the name's own cache lines are fetched once and not once a rule.
struct NameParts {
  uint64_t full = 0, three = 0, sound = 0;     // both names, in either order; 0 = one is missing
  uint32_t given_three = 0, family_three = 0;  // three letters; 0 = missing or an initial
  uint8_t given_initial = 0, family_initial = 0;
};

class KeyMaker {
 public:
  explicit KeyMaker(const PersonTable& t, const NameParts* parts = nullptr)
      : names_(t.names.data()), places_(t.places.data()), pool_(t.pool.data()), first_(t.persons.data()), parts_(parts) {}
  // Values of the many-valued part; 0: no key.
  static unsigned variants(unsigned rule, const Person& p) {
    switch (rule_values[rule]) {
      case Values::identifiers: return p.identifiers;
      case Values::phones: return p.phones;
      case Values::emails: return p.emails;
      case Values::names: return 1u + p.aliases;
      case Values::addresses: return 1u + p.addresses;
      default: return 1;
    }
  }
  uint64_t key(unsigned rule, unsigned level, const Person& p, unsigned variant) const;  // 0: a part is missing
  // The key one level finer than `parent`; the same as key(), in one step.
  uint64_t finer(unsigned rule, unsigned level, uint64_t parent, const Person& p, unsigned variant) const;

 private:
  friend std::vector<NameParts> make_name_parts(const PersonTable& t, unsigned threads);
  uint64_t part(unsigned rule, unsigned level, const Person& p, unsigned variant) const;
  Alias name(const Person& p, unsigned variant) const;
  NameParts parts_of(Alias name) const;
  const NameParts& main_name(const Person& p, NameParts& room) const {
    return parts_ ? parts_[&p - first_] : room = parts_of({p.given, p.family});
  }
  Address address(const Person& p, unsigned variant) const;
  const Name *names_, *places_;
  const uint32_t* pool_;
  const Person* first_;     // of the table, when parts_ is there
  const NameParts* parts_;  // by row, or none
};

std::vector<NameParts> make_name_parts(const PersonTable& t, unsigned threads);

}  // namespace casebridge::link

// What leaves together and what stays together: the first reading of a data set for anyone but self. Records are noted by
// id with what they need; settle() withholds whatever needs something withheld, until nothing changes.
#pragma once
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "handle/ledger.hpp"
#include "handle/policy.hpp"
#include "model/record.hpp"

namespace casebridge::handle {

struct UuidHash {
  size_t operator()(const Uuid& id) const {
    size_t h = 0;
    std::memcpy(&h, id.bytes.data(), sizeof h);
    return h;
  }
};

class Survey {
 public:
  void audience(const RecipientPolicy&);
  // `left`: the record as it would leave if nothing else were withheld, or nullptr with the rule that withholds it.
  void note(const Record& record, const Record* left, Rule rule);
  void settle(Ledger&);
  bool alive(const Uuid& id) const;
  bool known(const Uuid& id) const { return index_.contains(id); }
  std::vector<Uuid> withheld_by(Rule rule) const;  // in no order
  bool source_used(uint32_t source) const { return used_.contains(source); }

 private:
  struct Entry {
    uint32_t source = 0;
    bool withheld = false;
    Rule rule{};
    uint32_t first_group = 0, groups = 0;
  };
  struct Group {
    uint32_t first = 0, count = 0;
  };  // one of these records must be left
  struct Noted {
    Uuid id;
    uint32_t entry;
  };

  void withhold(Entry& entry, Rule rule) {
    if (entry.withheld) return;
    entry.withheld = true;
    entry.rule = rule;
  }
  using Ids = std::unordered_set<Uuid, UuidHash>;
  void spread(Ids& persons) const;                       // to every record that a Cluster says is the same person
  void hide(const Ids& persons, Ids hidden, Rule rule);  // their numbers and addresses, wherever they stand; `hidden`: further ones

  // survey_people.cpp: H8, H9, H15, H23
  void watch_people(const Record& record);
  void hide_protected();
  void hide_unwilling();
  void hide_banned();
  bool hide_left_alone();
  void hide_own_service();
  bool role_without_the_other(const Uuid& person) const;
  void need(std::vector<Uuid>&& ids);
  void watch(const Record& record);

  std::vector<Entry> entries_;
  std::unordered_map<Uuid, uint32_t, UuidHash> index_;
  std::vector<Group> groups_;
  std::vector<Uuid> needed_;
  std::unordered_set<uint32_t> used_;
  // H10, H11: who is protected, what is known to belong to whom, and what is the same address or number.
  Ids protected_, hidden_;
  std::vector<std::pair<Uuid, Uuid>> links_;
  std::vector<std::vector<Uuid>> clusters_;
  std::unordered_map<std::string, std::vector<Uuid>> same_value_;  // of selectors and locations
  std::unordered_map<Uuid, std::vector<std::string>, UuidHash> values_of_;
  // H8, H9, H15: who has which part in what.
  struct Role {
    Uuid link, person, in;
    bool offender;
  };
  struct Names {
    Uuid record;
    std::vector<Uuid> persons;
  };  // a record that tells where persons are
  bool publisher_ = false, offenders_ = false;
  std::vector<std::string> bans_lifted_;
  std::vector<Role> roles_;  // of victims, witnesses and offenders, as Links say
  std::vector<Names> whereabouts_;
  std::vector<std::pair<Uuid, Uuid>> accused_, relations_, shown_;   // charge, person; of one family; person, advertisement
  std::unordered_map<Uuid, std::vector<Uuid>, UuidHash> victim_in_;  // person -> records that show them as a victim
  Ids victims_, banned_, young_, missing_, unwilling_, own_service_, ads_;
  std::vector<std::pair<Uuid, Uuid>> sought_;  // missing person, occurrence
};

bool parse_id(std::string_view text, Uuid& id);

}  // namespace casebridge::handle

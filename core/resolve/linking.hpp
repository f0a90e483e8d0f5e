// One linking run over the records of a run: which records are one person, organization, location, vehicle, selector or
// occurrence, and who shares what. core/link judges persons; here stands what it is fed with and what comes of it.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "link/decisions.hpp"
#include "link/linker.hpp"
#include "resolve/items.hpp"

namespace casebridge::resolve {

inline constexpr std::string_view kMethod = "casebridge-link/1";

struct Settings {
  unsigned threads = 1;
  uint64_t memory_limit = 0;  // bytes; 0: none
  std::string model_json;     // a model to use; empty: fit one
  std::string decisions_csv;
  std::function<uint64_t(std::string_view local_id)> label_of;  // who a record is, where it is known; 0: not
  std::vector<std::string> deduplicated;                        // AGENCY or AGENCY/SYSTEM: one record a person there
  bool persons = true;                                          // which records are one person
  bool shares = true;                                           // which are one thing of another kind, and who shares it
  std::function<void(const link::LinkPlan&)> on_plan;
  std::function<void(const char*, double)> on_phase;
};

// Records of one kind that describe one entity.
struct Group {
  Kind kind = Kind::person;
  uint64_t entity = 0;
  std::vector<uint32_t> members;  // items, by (agency, system, local id)
  std::string basis;              // of other kinds than persons: the key that they share
};

// Two records or a record and a hub that are in contact: never one entity, never control or role.
struct Shared {
  uint32_t a = 0, b = 0;        // items; b may be the hub
  uint32_t hub = 0;             // the selector, vehicle or place (one record of it)
  uint32_t size = 0;            // how many different entities hold it
  std::vector<uint32_t> basis;  // records that show it
  std::string from, to;         // when: days or moments, where known
};

// A value that so many different people hold that it says nothing: told, not linked.
struct Ignored {
  std::string what;  // birthDate, phone, number, address, selector, vehicle, location
  uint64_t records = 0, people = 0;
  uint32_t item = 0;  // a record that holds it
};

class Linking {
 public:
  Linking(const Items& items, Settings settings);
  void run();

  const Items& items() const { return items_; }
  const link::PersonTable& table() const { return table_; }
  const link::LinkResult& result() const { return result_; }
  const link::AppliedDecisions& applied() const { return applied_; }
  const std::vector<link::Decision>& decisions() const { return decisions_; }
  const std::vector<uint32_t>& persons() const { return persons_; }  // item of a row
  uint32_t row_of(uint32_t item) const;                              // ~0: not compared
  const std::vector<Group>& groups() const { return groups_; }       // two members or more; persons first
  const std::vector<Shared>& shared() const { return shared_; }
  const std::vector<Ignored>& ignored() const { return ignored_; }
  const std::array<uint64_t, kApartNames.size()>& apart() const { return apart_; }  // persons linked with nothing, by reason
  uint64_t entity_of(uint32_t item) const;                                          // of a person; alone: its own
  const std::string& model_json() const { return model_json_; }
  const std::string& model_version() const { return model_version_; }

 private:
  void link_persons();
  void link_things();
  void share();
  const Items& items_;
  Settings settings_;
  link::PersonTable table_;
  link::LinkResult result_;
  link::AppliedDecisions applied_;
  std::vector<link::Decision> decisions_;
  std::vector<uint32_t> persons_;
  std::vector<uint32_t> row_at_;  // by item, +1
  std::vector<Group> groups_;
  std::vector<Shared> shared_;
  std::vector<Ignored> ignored_;
  std::array<uint64_t, kApartNames.size()> apart_{};
  std::string model_json_, model_version_;
};

// Groups of the other kinds, by strong keys and careful rules (things.cpp).
std::vector<Group> group_things(const Items& items);
// Who shares a number, account, vehicle or place (contacts.cpp). `same`: a number that is equal for records of one entity.
void find_shared(const Items& items, const std::vector<Group>& groups, const std::function<uint64_t(uint32_t)>& same,
                 std::vector<Shared>& shared, std::vector<Ignored>& ignored);

// Marks the sources named AGENCY or AGENCY/SYSTEM as having one record a person.
void mark_deduplicated(link::PersonTable& table, const std::vector<std::string>& sources);

std::string entity_text(uint64_t entity);  // E0123456789abcdef
uint64_t entity_alone(const Items& items, const Item& item);

}  // namespace casebridge::resolve

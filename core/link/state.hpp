// What a run leaves for the next: records, model, index and entities. Under the state's model, adding a night's records
// gives the clusters that linking everything at once with that model gives, in any order and any split; the pairs of a
// record depend on it and the model alone, and clusters are a function of each component.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "link/decisions.hpp"
#include "link/key_index.hpp"
#include "link/linker.hpp"

namespace casebridge::link {

enum class ChangeKind : uint8_t { created, joined, merged, split, retired };
enum class Cause : uint8_t { records, decision, withdrawal, refit };  // the first of these that holds
struct EntityChange {
  ChangeKind kind;
  Cause cause = Cause::records;
  uint64_t entity = 0;   // whose change it is; for merged: the one that stays
  uint64_t other = 0;    // merged: the one that went; split: the one that it came out of
  uint32_t records = 0;  // joined: how many came; else how many it holds now
};

struct NightReport {
  uint32_t added = 0, changed = 0, withdrawn = 0;
  uint64_t compared = 0;
  std::vector<EntityChange> changes;  // by entity, then kind
  uint64_t applied_one = 0, applied_never = 0;
};

class LinkState {
 public:
  LinkState();
  ~LinkState();
  LinkState(LinkState&&) noexcept;
  LinkState& operator=(LinkState&&) noexcept;

  // From a first run. The table and the result move in.
  static LinkState start(PersonTable table, LinkResult result, std::vector<Decision> decisions, unsigned threads);
  static LinkState load(const std::string& dir);  // throws std::runtime_error
  void save(const std::string& dir) const;        // written beside and renamed: a broken run leaves the old state

  // Sources (AGENCY or AGENCY/SYSTEM) that have one record a person: from the next apply() on, and for those of them that
  // are known by then, for ever. What they have joined before is looked at again.
  void one_record_a_person(std::vector<std::string> sources);

  // Adds records (one with an id that is already here replaces it), takes others away, and puts the decisions in force
  // that are given now; one that is no longer given leaves no trace.
  NightReport apply(const LinkInput* more, const std::vector<RecordName>& withdrawn, std::vector<Decision> decisions, unsigned threads);

  // A new model from all living records, and every one of them linked by it. Entities keep their ids by the same rule as
  // from night to night; the report says what moved.
  NightReport refit(std::vector<Decision> decisions, unsigned threads, const std::function<void(const LinkPlan&)>& on_plan = {});

  struct Candidate {
    uint32_t row;
    int32_t score;  // hundredths of a bit
    uint64_t entity;
  };
  // Records that may be the same person as this one, best first, at 0 bits or more. Leaves the state as it was.
  std::vector<Candidate> query(const RawPerson& record, std::string_view agency, std::string_view system);

  const PersonTable& table() const;
  const Model& model() const;
  bool alive(uint32_t row) const;
  uint64_t entity(uint32_t row) const;  // 0: withdrawn
  uint32_t leader(uint32_t row) const;  // the row with the smallest key of its cluster

 private:
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace casebridge::link

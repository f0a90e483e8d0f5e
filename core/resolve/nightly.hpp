// Linking from night to night: a state that holds what was linked before, to which the records of a run are added.
// Beside the engine's own files it keeps who the records are and when access to them ends, so that a record whose time
// has come is withdrawn on that night (H1), and people are found again without it.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "link/state.hpp"
#include "resolve/linking.hpp"

namespace casebridge::resolve {

class Nightly {
 public:
  // Opens the state, or prepares a new one. Throws std::runtime_error: not a state, or broken.
  Nightly(std::string dir, std::string run_date);
  ~Nightly();
  bool fresh() const;  // nothing was linked before

  // Adds the records of a run. The first time everything is linked and a model is made; afterwards that model judges,
  // until refit. Records of the run that are withdrawn or may no longer be linked leave the state.
  void apply(const Items& items, const Settings& settings, bool refit);
  void save() const;

  const link::NightReport& report() const { return report_; }
  const link::LinkState& state() const;
  link::LinkState& state();
  uint64_t records() const;                  // living ones
  uint64_t ended() const { return ended_; }  // withdrawn tonight because access ended
  std::string changes_csv() const;           // change,entity,other,records,cause
  std::string report_text() const;           // for people
  std::string report_json() const;
  void write_clusters(const std::function<void(std::string_view)>& out) const;  // record_id,entity_id of every living record

 private:
  struct Member {
    std::string agency, system, id, ends;
  };
  void load_members();
  std::string dir_, run_date_;
  std::unique_ptr<link::LinkState> state_;
  std::vector<Member> members_;  // living records, by key
  link::NightReport report_;
  uint64_t ended_ = 0;
  bool refitted_ = false;
};

// One record a line in, one answer a line out, against a loaded state, until the input ends. A line is a Person of the
// case data (names, identifiers, birthDate, birthPlace, occupation), with phones, emails and addresses beside.
class Answerer {
 public:
  explicit Answerer(link::LinkState& state) : state_(state) {}
  std::string answer(std::string_view line);  // JSON; {"error": ...} where the line cannot be read

 private:
  link::LinkState& state_;
};

}  // namespace casebridge::resolve

// The insides of Rules: facts, what waits, and the groups of rules.
#pragma once
#include <map>

#include "casebridge/model.h"
#include "normalise/dates.hpp"
#include "normalise/ids.hpp"
#include "validate/rules.hpp"

namespace casebridge::validate {

struct Days {  // an event or a birth: the first and the last day it may be
  int64_t first = 0, last = 0;
  bool known = false;
};
Days days_of(std::string_view text);
Days interval(const Record&, model::Tag start, model::Tag end);
// The greatest age that "16", "25-30" or "25 to 30" allows; -1: other words. Who is so old at the report was no older before.
int most_years(std::string_view age);
bool victims_conduct(std::string_view offence);  // s. 213, ss. 286.1 to 286.4, NIBRS 40A: what a victim is made to do

// A rule about the age of a person at an event, which may have to wait for either.
enum class AgeRule : uint8_t {
  episode_means,     // R-V1 child: other means than NONE_REQUIRED_CHILD
  episode_no_means,  // R-V1 adult: no mean and no statutory fact
  sexual_ban,        // R-V13: too late to repair once the record has left: then it is an error
  adult_victim,      // R-V3: all victims known to be adults
  young_accused,     // R-V6 and R-V12
  own_conduct        // R-V15: the event (Occurrence, Charge) says whether it is such conduct
};
struct Waiting {
  AgeRule rule;
  uint8_t flags = 0;  // young_accused: 1 = youth stands, 2 = YCJA caveat stands
  uint32_t source = 0;
  uint64_t offset = 0, length = 0;
  Uuid record, person, event_record;
  Days event;
};

struct SourceMarks {
  std::string tlp, code;
  bool conditions = false;
  std::vector<std::string> caveats;
};

struct Rules::Work {
  enum : uint32_t { kDated = 1, kConduct = 2, kUnclear = 4, kSeen = 8, kUnder18 = 16, kUnder12 = 32 };
  Work(std::string input_name, const std::string& dir) : input(std::move(input_name)), facts(dir, size_t(8) << 20) {}

  void learn(const Record&);
  Days fact(const Uuid&, uint32_t& flags, bool& there);

  void check(Record&, RecordBatch&);
  void marks(const Record&);            // rules_marks.cpp
  void records(const Record&);          // rules_record.cpp
  void episode(Record&, RecordBatch&);  // rules_people.cpp
  void charge(const Record&);
  void role(const Record&);
  enum class Answer : uint8_t { unknown, no, yes };
  Answer decide(const Waiting&, RecordBatch*, Record*);  // yes: reported
  void ask(Waiting&&, RecordBatch*, Record*);            // decides now, or lets it wait

  bool has_caveat(const Record&, std::string_view) const;
  const SourceMarks* floor(const Record&) const;
  void report(const Record&, std::string_view code, std::string_view rule, std::vector<std::string> args = {}, model::Tag field = 0);
  void report(const Waiting&, std::string_view code, std::string_view rule, std::vector<std::string> args, model::Tag field);
  void send(Finding&&);

  std::string input;
  normalise::IdTable facts;
  std::map<uint32_t, SourceMarks> sources;
  std::vector<Waiting> waiting;
  const FindingSink* sink = nullptr;
  bool error = false;
  uint64_t undecided = 0;
};

constexpr size_t kMostWaiting = size_t(1) << 21;

}  // namespace casebridge::validate

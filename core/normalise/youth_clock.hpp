// When access to a youth record ends: the clocks of s. 119(2) of the Youth Criminal Justice Act (schema.md 2.3), from what
// a Charge says of outcome, finding and sentence. Pure; any thread.
//
// A date that is not exact counts from the first day it may mean: use after the end is an offence, use before it is not
// lost. What cannot be computed is said, never guessed: no appeal period, no end of a sentence is added here.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/record.hpp"

namespace casebridge::normalise {

struct YouthClock {
  enum class State : uint8_t {
    none,     // not a youth's charge, or no longer one (s. 117: an adult sentence upheld)
    running,  // nothing was decided yet: no clock has begun
    ends,     // on `day`
    unknown   // it cannot be told; `missing` is the field that would tell
  };
  State state = State::none;
  int64_t day = 0;           // since 1970-01-01: the last day of access
  std::string_view missing;  // path in the model
  bool partial = false;      // from a date that is not exact
};

YouthClock youth_clock(const Record& charge);

// s. 119(2)(i) and 119(9), among charges of the same accused: a later finding inside the period extends it or, where it is
// an adult's conviction, makes the record an adult's (State::none).
YouthClock youth_clock(const Record& charge, std::span<const Record* const> of_the_same_accused);

std::string day_text(int64_t day);  // YYYY-MM-DD

}  // namespace casebridge::normalise

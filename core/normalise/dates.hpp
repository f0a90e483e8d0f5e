// Dates as a feed writes them -> dates as the wire wants them. Patterns are compiled once; parsing allocates nothing.
//
// Patterns are Unicode (LDML): y M d H h k K m s S a E X x Z, text in '…', other characters as they stand. Letters read:
//   yyyy exactly four digits; yy two digits (the century is the one that puts the year within 79 years before and 20
//   after the run, and is reported); M MM one or two digits; MMM MMMM a month's name in English or French, whole or
//   abbreviated; d H h m s alike; a AM/PM; E a weekday's name, checked against the date; X x Z an offset.
//   A numeric letter next to another one (yyyyMMdd) reads exactly as many digits as it has letters.
// Without patterns: ISO 8601 (YYYY, YYYY-MM, YYYY-MM-DD, YYYYMMDD, date and time with T or a blank).
//
// Never guessed: 30 February, 13/45/1990, a day-month order that the patterns leave open, a two-digit year that no
// pattern announced, a time without an offset and without a zone. All are issues.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "normalise/zones.hpp"

namespace casebridge::normalise {

enum class DateNeed : uint8_t { date, date_time, when };  // the leaf's type: model::ValueType date, dateTime, when

enum class DateIssue : uint8_t {
  none,
  unreadable,  // fits no pattern                                           nothing usable
  impossible,  // fits a pattern, but there is no such day or time          nothing usable
  ambiguous,   // two patterns with another day-month order both fit        nothing usable
  no_time,     // a date where a date-time must stand                       nothing usable
  no_zone,     // a time without offset, and the feed states no zone        the date, where a date may stand
  gap,         // the clocks skipped this time: the offset before the change is taken
  overlap,     // the clocks passed this time twice: the first is taken
  century,     // two-digit year: the century follows from the run's year
  end_of_day   // 24:00, written as 00:00 of the next day
};

struct Date {
  std::array<char, 48> buffer;
  uint8_t size = 0;
  DateIssue issue = DateIssue::none;
  bool usable() const { return size != 0; }
  std::string_view text() const { return {buffer.data(), size}; }
};

class DatePatterns {
 public:
  // `patterns` joined by '|', tried in turn; empty = ISO 8601. zone may be nullptr. Throws std::invalid_argument with the
  // reason when a pattern cannot be compiled (the mapping is at fault, not the data).
  explicit DatePatterns(std::string_view patterns, const Zone* zone = nullptr, int run_year = 2099);
  Date parse(std::string_view text, DateNeed need) const noexcept;

 private:
  struct Step {
    char letter;  // pattern letter, or 0: the literal character `literal`
    uint8_t least, most;
    char literal;
  };
  struct Pattern {
    std::vector<Step> steps;
    char order = 0;      // 'd' day first, 'm' month first, 0: no question (names, or year first with month next)
    bool rival = false;  // a later pattern has the other order
  };
  struct Parts;
  enum class Fit : uint8_t { no, impossible, yes };
  static Pattern compile(std::string_view);
  Fit match(const Pattern&, std::string_view, Parts&) const noexcept;
  static Fit match_iso(std::string_view, Parts&) noexcept;
  Date write(Parts&, DateNeed) const noexcept;

  std::vector<Pattern> patterns_;
  const Zone* zone_;
  int run_year_;
};

// How two ends of an interval stand to each other, each with its own precision: -1 start before end or cannot be told,
// 1 start after end. Texts are normal forms (dates or date-times).
int compare_dates(std::string_view a, std::string_view b);  // <0, 0 (equal or cannot be told), >0
// The days a normal form may mean: first and last, since 1970-01-01. false: not a date.
bool day_span(std::string_view, int64_t& first, int64_t& last);
// Whole years between two such spans: the least and the most that they allow.
void age_between(int64_t birth_first, int64_t birth_last, int64_t day_first, int64_t day_last, int& least, int& most);
// Whole years from `birth` to `day` (normal forms): the least and the most that partial dates allow. false: not dates.
bool age_between(std::string_view birth, std::string_view day, int& least, int& most);
// Whole days from a to b (of 24 hours where both are instants, else by the calendar); false: one is less precise than a day.
bool days_between(std::string_view a, std::string_view b, int64_t& days);

}  // namespace casebridge::normalise

#include "normalise/youth_clock.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "casebridge/model.h"
#include "normalise/civil.hpp"
#include "normalise/dates.hpp"
#include "normalise/months.hpp"

namespace casebridge::normalise {
namespace {

using State = YouthClock::State;

struct Rule {
  std::string_view outcome;
  model::Tag from;  // the date that starts the clock
  std::string_view from_path;
  int months;  // 0: by procedure, three years summary, five indictable
};
constexpr Rule kRules[] = {
    {"EJS", tag::Charge_ejsConsentDate, "ejsConsentDate", 24},
    {"ACQUITTED", tag::Charge_appealEnd, "appealEnd", 2},
    {"DISMISSED", tag::Charge_outcomeDate, "outcomeDate", 2},
    {"WITHDRAWN", tag::Charge_outcomeDate, "outcomeDate", 2},
    {"YOUTH_REPRIMAND", tag::Charge_outcomeDate, "outcomeDate", 2},
    {"STAYED", tag::Charge_outcomeDate, "outcomeDate", 12},
    {"PEACE_BOND", tag::Charge_sentence_completed, "sentence/completed", 6},  // s. 14(2), 20(2): after the order expires
    {"DISCHARGED_ABSOLUTE", tag::Charge_outcomeDate, "outcomeDate", 12},
    {"YOUTH_ABSOLUTE", tag::Charge_outcomeDate, "outcomeDate", 12},
    {"DISCHARGED_CONDITIONAL", tag::Charge_outcomeDate, "outcomeDate", 36},
    {"YOUTH_CONDITIONAL", tag::Charge_outcomeDate, "outcomeDate", 36},
    {"CONVICTED", tag::Charge_sentence_completed, "sentence/completed", 0},
    {"YOUTH_SENTENCE", tag::Charge_sentence_completed, "sentence/completed", 0},
};

std::string_view text(const Record& r, model::Tag field) {
  const Value* v = r.find(field);
  return v ? v->text : std::string_view();
}

bool sentenced(std::string_view outcome) { return outcome == "YOUTH_SENTENCE" || outcome == "CONVICTED"; }

// The day on which guilt was found: of an outcome that is such a finding.
std::optional<int64_t> guilt(const Record& charge) {
  const std::string_view outcome = text(charge, tag::Charge_outcome);
  if (!sentenced(outcome) && outcome != "ADULT_SENTENCE") return std::nullopt;
  int64_t first = 0, last = 0;
  if (!day_span(text(charge, tag::Charge_outcomeDate), first, last)) return std::nullopt;
  return first;
}

}  // namespace

YouthClock youth_clock(const Record& charge) {
  YouthClock clock;
  const std::string_view outcome = text(charge, tag::Charge_outcome);
  if (charge.type->tag != tag::Charge || text(charge, tag::Charge_youth) != "true" || outcome == "ADULT_SENTENCE") return clock;
  if (outcome == "LAID" || outcome == "RECOMMENDED" || outcome == "EJM") {  // EJM: no clock, but four uses only (s. 119(4))
    clock.state = State::running;
    return clock;
  }
  clock.state = State::unknown;
  const auto rule = std::find_if(std::begin(kRules), std::end(kRules), [&](const Rule& r) { return r.outcome == outcome; });
  if (rule == std::end(kRules)) {  // none stated, or none that the Act has a clock for (NCR, UNFIT)
    clock.missing = "outcome";
    return clock;
  }
  int months = rule->months;
  if (months == 0) {
    const std::string_view procedure = text(charge, tag::Charge_procedure);
    months = procedure == "SUMMARY" ? 36 : procedure == "INDICTABLE" ? 60 : 0;
    if (months == 0) {  // a hybrid offence: how the Crown chose is not said
      clock.missing = "procedure";
      return clock;
    }
  }
  int64_t first = 0, last = 0;
  if (!day_span(text(charge, rule->from), first, last)) {
    clock.missing = rule->from_path;
    return clock;
  }
  clock.state = State::ends;
  clock.day = months_later(first, months);
  clock.partial = first != last;
  return clock;
}

YouthClock youth_clock(const Record& charge, std::span<const Record* const> of_the_same_accused) {
  YouthClock clock = youth_clock(charge);
  // Only a sentence's period is extended (s. 119(2)(g) to (j)), and only by what happens inside it.
  if (clock.state != State::ends || !sentenced(text(charge, tag::Charge_outcome))) return clock;
  const auto found = guilt(charge);
  if (!found) return clock;
  std::vector<std::pair<int64_t, const Record*>> after;
  for (const Record* other : of_the_same_accused)
    if (const auto day = other == &charge ? std::nullopt : guilt(*other); day && *day > *found) after.emplace_back(*day, other);
  std::sort(after.begin(), after.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [day, other] : after) {
    if (day > clock.day) break;
    if (text(*other, tag::Charge_youth) == "false") return {};
    const YouthClock own = youth_clock(*other);
    if (own.state == State::unknown) return own;
    if (own.state == State::ends) {
      clock.day = std::max(clock.day, own.day);
      clock.partial = clock.partial || own.partial;
    }
  }
  return clock;
}

std::string day_text(int64_t day) {
  const CivilDay d = civil_from_days(day);
  char out[] = "0000-00-00";
  const auto put = [&](int at, int width, int number) {
    for (int i = width; i-- > 0; number /= 10) out[at + i] = static_cast<char>('0' + number % 10);
  };
  put(0, 4, d.year), put(5, 2, d.month), put(8, 2, d.day);
  return out;
}

}  // namespace casebridge::normalise

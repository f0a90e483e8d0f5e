// Rules about people and their age: R-V1, R-V2, R-V3, R-V6, R-V12, R-V13, R-V15.
#include <algorithm>

#include "validate/rules_internal.hpp"

namespace casebridge::validate {
namespace {

Waiting about(const Record& r, AgeRule rule, const Days& event) {
  Waiting w;
  w.rule = rule;
  w.source = r.source;
  w.offset = r.place.offset;
  w.length = r.place.length;
  w.record = r.id;
  w.event = event;
  return w;
}

// Adds a caveat in its place: after the last value whose rank is not higher.
void add_caveat(Record& r, RecordBatch& batch, std::string_view caveat) {
  Value v;
  v.field = tag::any_handling_caveats;
  v.text = batch.arena.keep(caveat);
  const uint16_t rank = model::node(v.field).rank;
  const auto at = std::find_if(r.values.begin(), r.values.end(), [&](const Value& o) { return model::node(o.field).rank > rank; });
  r.values.insert(at, v);
}

bool against_children(std::string_view code) {
  return code == "CC-279.011" || code == "CC-279.02-2" || code == "CC-279.03-2" || code == "CC-286.1-2" || code == "CC-286.2-2" ||
         code == "CC-286.3-2";
}

}  // namespace

void Rules::Work::episode(Record& r, RecordBatch& batch) {
  const Days period = interval(r, tag::Episode_period_start, tag::Episode_period_end);
  const Value* start = r.find(tag::Episode_period_start);
  bool other_means = false, any_means = false, facts_stand = false, sexual = false;
  std::string late_facts;
  for (const Value& v : r.values) {
    if (v.field == tag::Episode_meansPalermo) {
      any_means = true;
      other_means = other_means || v.text != "NONE_REQUIRED_CHILD";
    }
    if (v.field == tag::Episode_purposes && v.text == "SEXUAL") sexual = true;
    if (v.field != tag::Episode_statutoryFacts) continue;
    facts_stand = true;
    if (!v.text.empty() && v.text[0] >= 'D' && v.text[0] <= 'I' &&
        (v.text.substr(1).starts_with("_") || v.text.substr(0, 3) == "E1_" || v.text.substr(0, 3) == "E2_"))
      late_facts += (late_facts.empty() ? "" : ", ") + std::string(v.text);
  }
  // R-V2: an episode that ended before the day; one without an end may go on.
  if (!late_facts.empty()) {
    const Value* end = r.find(tag::Episode_period_end);
    const Days until = days_of(end ? end->text : std::string_view());
    const Days begins = days_of("2026-07-18");
    if (until.known && until.last < begins.first) report(r, "E-RULE-FACTS-EARLY", "R-V2", {late_facts}, tag::Episode_statutoryFacts);
  }
  Uuid victim;
  const Value* who = r.find(tag::Episode_victim);
  const Days at = start ? days_of(start->text) : period;
  const Value* age = r.find(tag::Episode_ageAtStart);
  int stated = -1;
  if (age && age->text.size() <= 3) {
    stated = 0;
    for (const char c : age->text) stated = c >= '0' && c <= '9' ? stated * 10 + (c - '0') : 1000;
  }
  const auto ask_age = [&](AgeRule rule) {
    if (stated >= 0) {  // the source says the age itself
      const bool child = stated < 18;
      if (rule == AgeRule::episode_means && child) report(r, "E-RULE-MEANS-CHILD", "R-V1", {}, tag::Episode_meansPalermo);
      if (rule == AgeRule::episode_no_means && !child) report(r, "E-RULE-MEANS-ADULT", "R-V1", {}, tag::Episode_meansPalermo);
      if (rule == AgeRule::sexual_ban && child) {
        add_caveat(r, batch, "PUBLICATION_BAN");
        report(r, "E-RULE-BAN-ADDED", "R-V13", {}, tag::any_handling_caveats);
      }
      return;
    }
    if (!who || !normalise::parse_uuid(who->text, victim) || !at.known) return;
    Waiting w = about(r, rule, at);
    w.person = victim;
    ask(std::move(w), &batch, &r);
  };
  if (other_means) ask_age(AgeRule::episode_means);
  if (!facts_stand && (!any_means || !other_means)) ask_age(AgeRule::episode_no_means);
  if (sexual && !has_caveat(r, "PUBLICATION_BAN")) ask_age(AgeRule::sexual_ban);
}

void Rules::Work::charge(const Record& r) {
  const Days offence = interval(r, tag::Charge_offenceDate_start, tag::Charge_offenceDate_end);
  const Value *code = r.find(tag::Charge_statute_code), *section = r.find(tag::Charge_statute_section);
  // R-V3: wrong only if every victim is known, and known to be an adult.
  if (offence.known && code && against_children(code->text)) {
    size_t victims = 0, adults = 0;
    Uuid waiting_for;
    size_t unknown = 0;
    for (const Value& v : r.values) {
      Uuid id;
      if (v.field != tag::Charge_victim || !normalise::parse_uuid(v.text, id)) continue;
      ++victims;
      uint32_t flags;
      bool there;
      const Days birth = fact(id, flags, there);
      if (!there) {
        ++unknown;
        waiting_for = id;
      }
      if (!there || !birth.known) continue;
      int least, most;
      normalise::age_between(birth.first, birth.last, offence.first, offence.last, least, most);
      adults += least >= 18;
    }
    if (victims && adults == victims) report(r, "E-RULE-VICTIM-ADULT", "R-V3", {std::string(code->text)}, tag::Charge_victim);
    if (unknown == 1 && adults + 1 == victims) {  // one is missing, and decides
      Waiting w = about(r, AgeRule::adult_victim, offence);
      w.person = waiting_for;
      ask(std::move(w), nullptr, nullptr);
    }
  }
  const Value* accused = r.find(tag::Charge_accused);
  Uuid person;
  if (!accused || !normalise::parse_uuid(accused->text, person)) return;
  if (offence.known) {
    const Value* youth = r.find(tag::Charge_youth);
    Waiting w = about(r, AgeRule::young_accused, offence);
    w.person = person;
    if (youth && youth->text == "true") w.flags |= 1;
    if (has_caveat(r, "YCJA_RECORD") || has_caveat(r, "YCJA_EJM") || has_caveat(r, "YCJA_SEPARATE_DESTROY")) w.flags |= 2;
    ask(std::move(w), nullptr, nullptr);
  }
  if ((code && victims_conduct(code->text)) || (section && victims_conduct(section->text))) {
    Waiting w = about(r, AgeRule::own_conduct, offence);
    w.person = person;
    w.event_record = r.id;
    if (offence.known) ask(std::move(w), nullptr, nullptr);
    else if (const Value* y = r.find(tag::Charge_youth); y && y->text == "true")
      report(r, "E-RULE-OWN-EXPLOITATION", "R-V15", {"POTENTIAL_VICTIM"}, tag::Charge_accused);
  }
}

// A Link that gives a person the role of an accused in an event.
void Rules::Work::role(const Record& r) {
  const Value *role = r.find(tag::Link_role), *from = r.find(tag::Link_from), *to = r.find(tag::Link_to);
  if (!role || !from || !to) return;
  const bool accused = role->text == "ACCUSED";
  if (!accused && role->text != "SUSPECT" && role->text != "OFFENDER_IN_CUSTODY") return;
  Waiting w = about(r, AgeRule::own_conduct, interval(r, tag::Link_during_start, tag::Link_during_end));
  if (!normalise::parse_uuid(from->text, w.person) || !normalise::parse_uuid(to->text, w.event_record)) return;
  ask(Waiting(w), nullptr, nullptr);
  if (!accused) return;
  w.rule = AgeRule::young_accused;
  w.flags = 3;  // the marks of a youth stand in the charge; here only R-V12 counts
  ask(std::move(w), nullptr, nullptr);
}

void Rules::Work::ask(Waiting&& w, RecordBatch* batch, Record* record) {
  if (decide(w, batch, record) != Answer::unknown) return;
  if (waiting.size() < kMostWaiting) waiting.push_back(std::move(w));
  else ++undecided;
}

Rules::Work::Answer Rules::Work::decide(const Waiting& w, RecordBatch* batch, Record* record) {
  uint32_t flags;
  bool there;
  Days event = w.event;
  if (!w.event_record.nil()) {
    const Days theirs = fact(w.event_record, flags, there);
    if (!there) return Answer::unknown;
    if (w.rule == AgeRule::own_conduct && !(flags & kConduct)) return Answer::no;
    if (!event.known) event = theirs;
  }
  const Days birth = fact(w.person, flags, there);
  if (!there) return Answer::unknown;
  int least = 0, most = flags & kUnder12 ? 11 : 17;
  if (!birth.known && (flags & kUnder18)) {  // no birth date, but an age that says enough
  } else if (!birth.known || !event.known) {
    return Answer::no;
  } else {
    normalise::age_between(birth.first, birth.last, event.first, event.last, least, most);
  }
  if (most < 0) return Answer::no;  // born after the event: not an age (real files have such dates)
  const bool child = most < 18, adult = least >= 18;
  switch (w.rule) {
    case AgeRule::episode_means:
      if (child) report(w, "E-RULE-MEANS-CHILD", "R-V1", {}, tag::Episode_meansPalermo);
      break;
    case AgeRule::episode_no_means:
      if (adult) report(w, "E-RULE-MEANS-ADULT", "R-V1", {}, tag::Episode_meansPalermo);
      break;
    case AgeRule::sexual_ban:
      if (!child) break;
      if (batch && record) {
        add_caveat(*record, *batch, "PUBLICATION_BAN");
        report(w, "E-RULE-BAN-ADDED", "R-V13", {}, tag::any_handling_caveats);
      } else {
        report(w, "E-RULE-BAN-MISSING", "R-V13", {}, tag::any_handling_caveats);
      }
      break;
    case AgeRule::adult_victim:
      if (adult) report(w, "E-RULE-VICTIM-ADULT", "R-V3", {}, tag::Charge_victim);
      break;
    case AgeRule::young_accused:
      if (most < 12) report(w, "E-RULE-ACCUSED-CHILD", "R-V12", {}, 0);
      else if (least >= 12 && child && w.flags != 3)
        report(w, "E-RULE-YOUTH-MARKS", "R-V6", {w.flags & 1 ? "handling/caveats" : "youth"}, tag::Charge_youth);
      break;
    case AgeRule::own_conduct:
      if (child) report(w, "E-RULE-OWN-EXPLOITATION", "R-V15", {"POTENTIAL_VICTIM"}, 0);
      break;
  }
  return Answer::yes;
}

}  // namespace casebridge::validate

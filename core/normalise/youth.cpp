// Youth records: `handling.accessEnds` of the youth charges in one source record, and of what belongs to them alone.
#include "normalise/internal.hpp"
#include "normalise/youth_clock.hpp"

namespace casebridge::normalise {
namespace {

struct Accused {
  std::string_view ref;
  std::vector<const Record*> charges;
  int64_t last = 0;
  bool all_end = true;  // every charge is a youth's and has an end
};

bool youth_type(const Record& r) {
  const auto t = r.type->tag;
  return t == tag::Person || t == tag::Link || t == tag::Custody;
}

}  // namespace

// A Person, and its Custody and Link records, share the end of the charges where the source record says nothing of that
// person but that they were charged, and every charge has an end: then all of it is the youth record.
void Normaliser::Work::youth(std::span<Record> records) {
  std::vector<Accused> all;
  const auto of = [&](std::string_view ref) -> Accused& {
    for (Accused& one : all)
      if (one.ref == ref) return one;
    return all.emplace_back(Accused{ref, {}, 0, true});
  };
  for (const Record& r : records) {
    const Value* accused = r.type->tag == tag::Charge ? r.find(tag::Charge_accused) : nullptr;
    if (accused) of(accused->text).charges.push_back(&r);
  }
  const auto ends = [&](Record& r, int64_t day) {
    if (r.find(tag::any_handling_accessEnds)) return;  // the source said it
    Value v;
    v.field = tag::any_handling_accessEnds;
    v.text = keep(day_text(day));
    r.values.push_back(v);
    record_ = &r;
    sort_values(r.values, -1);
  };
  struct End {
    Record* charge;
    int64_t day;
  };
  std::vector<End> found;  // set only when all were looked at: they read one another
  for (Record& r : records) {
    const Value* accused = r.type->tag == tag::Charge ? r.find(tag::Charge_accused) : nullptr;
    if (!accused) continue;
    Accused& who = of(accused->text);
    const YouthClock clock = youth_clock(r, who.charges);
    const bool stated = r.find(tag::any_handling_accessEnds) != nullptr;
    if (clock.state != YouthClock::State::ends) who.all_end = false;
    else who.last = std::max(who.last, clock.day), found.push_back({&r, clock.day});
    if (stated) continue;
    record_ = &r;
    if (clock.state == YouthClock::State::unknown) report("E-YOUTH-CLOCK", {std::string(clock.missing)}, tag::Charge_outcome);
    else if (clock.partial) report("E-YOUTH-CLOCK-PARTIAL", {day_text(clock.day)}, tag::any_handling_accessEnds);
  }
  for (const Accused& who : all) {
    if (!who.all_end) continue;
    Uuid person;
    if (!parse_uuid(who.ref, person)) continue;
    std::vector<Record*> theirs;
    bool alone = true;
    for (Record& r : records) {
      if (r.id == person) {
        theirs.push_back(&r);
        continue;
      }
      bool names = false, other = false;
      const auto look = [&](std::span<const Value> values) {
        for (const Value& v : values) {
          if (model::node(v.field).type != model::ValueType::ref || v.text != who.ref) continue;
          names = true;
          other = other || (v.field != tag::Charge_accused && v.field != tag::Custody_subject && v.field != tag::Link_from &&
                            v.field != tag::Link_to);
        }
      };
      look(r.values), look(r.block_values);
      if (!names || r.type->tag == tag::Charge) {
        alone = alone && !other;
        continue;
      }
      const Value* role = r.find(tag::Link_role);
      other = other || !youth_type(r) || (role && role->text != "ACCUSED" && role->text != "OFFENDER_IN_CUSTODY");
      alone = alone && !other;
      theirs.push_back(&r);
    }
    if (alone)
      for (Record* r : theirs) ends(*r, who.last);
  }
  for (const End& end : found) ends(*end.charge, end.day);
}

}  // namespace casebridge::normalise

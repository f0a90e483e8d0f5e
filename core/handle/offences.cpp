#include "handle/offences.hpp"

#include <algorithm>
#include <array>

#include "casebridge/model.h"

namespace casebridge::handle {
namespace {

template <size_t N>
bool among(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

constexpr auto kBanned =
    std::to_array<std::string_view>({"151",    "152",    "153",   "153.1", "155",   "160",   "162",   "162.1", "163.1", "170",    "171",
                                     "171.1",  "172",    "172.1", "172.2", "173",   "213",   "271",   "272",   "273",   "279.01", "279.011",
                                     "279.02", "279.03", "280",   "281",   "286.1", "286.2", "286.3", "346",   "347"});
constexpr auto kOwnService = std::to_array<std::string_view>({"213", "286.1", "286.2", "286.3", "286.4"});
constexpr auto kOffender =
    std::to_array<std::string_view>({"ACCUSED", "SUSPECT", "PERSON_OF_INTEREST", "OFFENDER_IN_CUSTODY", "BUYER", "RECRUITER", "TRANSPORTER",
                                     "BROKER", "HARBOURER", "TRANSFERRER", "SELLER", "ACQUIRER", "RECEIVER", "CONTROLLER", "SMUGGLER",
                                     "ABUSER", "KIDNAPPER", "FINANCIAL_FACILITATOR", "EXPLOITER"});
constexpr auto kVictim = std::to_array<std::string_view>({"VICTIM", "POTENTIAL_VICTIM", "COMPLAINANT"});

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view text(const Record& r, model::Tag field) {
  const Value* v = r.find(field);
  return v ? v->text : std::string_view();
}

}  // namespace

std::string_view section_of(std::string_view offence) {
  const auto first = std::find_if(offence.begin(), offence.end(), is_digit);
  size_t at = static_cast<size_t>(first - offence.begin()), end = at;
  while (end < offence.size() &&
         (is_digit(offence[end]) || (offence[end] == '.' && end + 1 < offence.size() && is_digit(offence[end + 1]))))
    ++end;
  return offence.substr(at, end - at);
}

bool banned_section(std::string_view section) { return among(kBanned, section); }
bool own_service_section(std::string_view section) { return among(kOwnService, section); }

bool banned_charge(const Record& charge) {
  if (charge.type->tag != tag::Charge) return false;
  bool any = false;
  for (const model::Tag field : {tag::Charge_statute_code, tag::Charge_statute_section}) {
    const std::string_view section = section_of(text(charge, field));
    if (banned_section(section)) return true;
    any = any || !section.empty();
  }
  return !any;
}

bool own_service(const Record& record) {
  const auto states = [](std::string_view offence) { return offence == "40A" || own_service_section(section_of(offence)); };
  if (record.type->tag == tag::Charge)
    return states(text(record, tag::Charge_statute_code)) || states(text(record, tag::Charge_statute_section));
  if (record.type->tag != tag::Occurrence) return false;
  return std::any_of(record.block_values.begin(), record.block_values.end(),
                     [&](const Value& v) { return v.field == tag::Occurrence_offences_code && states(v.text); });
}

bool offender_role(std::string_view role) { return among(kOffender, role); }
bool victim_role(std::string_view role) { return among(kVictim, role); }

bool inferred_offender(const Record& link) {
  if (link.type->tag != tag::Link) return false;
  const std::string_view by = text(link, tag::Link_assertedBy);
  return (by == "RULE" || by == "MODEL") && (offender_role(text(link, tag::Link_role)) || text(link, tag::Link_type) == "CONTROLS");
}

}  // namespace casebridge::handle

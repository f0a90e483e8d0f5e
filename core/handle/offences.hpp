// What the gate has to know of offences: which ones carry a publication ban, and which ones describe what a victim is made
// to do. By section number, however the source writes it ("CC-286.2-1", "s. 279.01(1)", "C.C. 286.4"). Pure; any thread.
#pragma once
#include <string_view>

#include "model/record.hpp"

namespace casebridge::handle {

std::string_view section_of(std::string_view offence);  // "286.2", or empty: no section can be read
bool banned_section(std::string_view section);          // Criminal Code s. 486.4(1)(a)
bool own_service_section(std::string_view section);     // ss. 213 and 286.1 to 286.4: see s. 286.5 (immunity)

// A charge that counts as under a ban until told otherwise: a listed offence, or one of which the section is not said.
bool banned_charge(const Record& charge);
bool own_service(const Record& charge_or_occurrence);  // states such an offence

bool offender_role(std::string_view role);  // codes of person_role
bool victim_role(std::string_view role);
// A Link by which the program itself makes a person an offender (H9): such a word is a source's or an analyst's, never ours.
bool inferred_offender(const Record& link);

}  // namespace casebridge::handle

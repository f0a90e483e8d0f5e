#include "emit/exporting/protect.hpp"

#include "emit/exporting/words.hpp"
#include "emit/wire_plan.hpp"

namespace casebridge::emit {
namespace {

// Under 18 on the day of the data set; a date that leaves it open counts as a child.
bool maybe_child(std::string_view birth, std::string_view today) {
  if (birth.size() < 4 || today.size() < 10) return false;
  std::string adult_on = std::to_string(std::stoi(std::string(birth.substr(0, 4))) + 18);
  adult_on += birth.size() >= 7 ? std::string(birth.substr(4, 3)) : std::string("-12");
  adult_on += birth.size() >= 10 ? std::string(birth.substr(7, 3)) : std::string("-31");
  return std::string_view(adult_on) > today.substr(0, 10);
}

}  // namespace

bool is_protective_role(std::string_view role) {
  return role == "VICTIM" || role == "POTENTIAL_VICTIM" || role == "COMPLAINANT" || role == "MISSING_PERSON" || role == "PROTECTED_PERSON";
}

Protected::Protected(const DataSet& data) {
  const auto add = [&](std::string_view id) {
    if (const Record* r = data.find(id); r && r->type->name == "Person") people_.insert(r->id);
  };
  const auto add_all = [&](const Record& r, std::string_view path) {
    for (const std::string_view id : raw_all(r, path)) add(id);
  };
  for (const Record* r : data.records()) {
    const std::string_view type = r->type->name;
    if (type == "Person") {
      if (raw_text(*r, "isMinorAtReport") == "true" || maybe_child(raw_text(*r, "birthDate"), data.produced_at())) people_.insert(r->id);
    } else if (type == "Link") {
      if (is_protective_role(raw_text(*r, "role"))) add(raw_text(*r, "from")), add(raw_text(*r, "to"));
    } else if (type == "Episode") {
      add_all(*r, "victim");
    } else if (type == "Charge") {
      add_all(*r, "victim");
    } else if (type == "Assessment" || type == "Referral") {
      add_all(*r, "subject");
    } else if (type == "Order") {
      add_all(*r, "protected");
      for (const Block& b : r->blocks)
        for (const Value& v : r->block_of(b))
          if (model::node(v.field).path == "conditions/persons") add(v.text);
    }
  }
  for (bool more = true; more;) {  // a Cluster carries it to all its members
    more = false;
    for (const Record* r : data.records()) {
      if (r->type->name != "Cluster") continue;
      std::vector<Uuid> members;
      bool any = false;
      for (const Block& b : r->blocks) {
        Uuid id;
        if (model::node(b.tag).path != "members" || !parse_uuid(raw_item(*r, b, "ref"), id)) continue;
        members.push_back(id);
        any |= people_.count(id) > 0;
      }
      if (any)
        for (const Uuid& id : members) more |= people_.insert(id).second;
    }
  }
}

}  // namespace casebridge::emit

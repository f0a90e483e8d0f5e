#include "normalise/plan.hpp"

#include <map>

#include "casebridge/model.h"

namespace casebridge::normalise {
namespace {
using model::Node;
using model::NodeKind;
using model::ValueType;

How header(model::Tag tag) {
  switch (tag) {
    case tag::any_id: return How::id;
    case tag::any_version: return How::version;
    case tag::any_localId: return How::local_id;
    case tag::any_source: return How::source;
    case tag::any_alsoSource: return How::also_source;
    case tag::any_recordStatus: return How::record_status;
    case tag::any_supersedes: return How::supersedes;
    default: return How::none;
  }
}

// Leaves that hold sentences, in which a sensitive number may stand.
bool running_text(const Node& node, const Node* parent) {
  if (parent && parent->form == "Text") return true;
  for (const std::string_view name :
       {"description", "title", "conditions", "marks", "indicators", "scope", "publicationScope", "circumstances"})
    if (node.name == name) return true;
  return false;
}

How of_text(const Node& node, const Node* parent) {
  const auto in = [&](std::string_view form) { return parent && parent->form == form; };
  if (in("Name") && node.name == "full") return How::person_full;
  if ((in("Name") || in("OrganizationName")) &&
      (node.name == "given" || node.name == "middle" || node.name == "family" || node.name == "full"))
    return How::name;
  if (in("Identifier") && node.name == "value") return How::identifier;
  switch (node.tag) {
    case tag::Selector_value: return How::selector;
    case tag::Location_civic_province: return How::province;
    case tag::Location_civic_postalCode: return How::postal;
    case tag::Vehicle_vin: return How::vin;
    case tag::Vehicle_plate: return How::plate;
    default: return running_text(node, parent) ? How::free_text : How::text;
  }
}

std::string_view unit_of(std::string_view name) {
  if (name == "heightCm") return "cm";
  if (name == "weightKg") return "kg";
  if (name == "durationS") return "s";
  if (name == "radiusM" || name == "accuracyM") return "m";
  return {};
}

How of_leaf(const Node& node, const Node* parent) {
  if (const How h = header(node.tag); h != How::none) return h;
  switch (node.type) {
    case ValueType::text: return of_text(node, parent);
    case ValueType::code:
    case ValueType::openCode: return How::code;
    case ValueType::date:
    case ValueType::dateTime:
    case ValueType::when: return How::date;
    case ValueType::integer: return unit_of(node.name).empty() ? How::integer : How::measure;
    case ValueType::boolean: return How::boolean;
    case ValueType::decimal: return parent && parent->form == "Money" ? How::money : How::decimal;
    case ValueType::ref: return How::ref;
    case ValueType::uuid: return How::uuid;
    case ValueType::agencyKey:
    case ValueType::sha256: return How::lower;
    case ValueType::country: return How::country;
    case ValueType::language: return How::language;
    case ValueType::currency: return How::currency;
    case ValueType::url: return How::url;
    case ValueType::pointer:
    case ValueType::place: return How::raw;
    case ValueType::map: return How::none;
  }
  return How::none;
}

}  // namespace

const Plans& Plans::get() {
  static const Plans plans;
  return plans;
}

Plans::Plans() {
  std::map<const model::CodeList*, const CodeIndex*> known;
  const auto index_of = [&](const model::CodeList* list) -> const CodeIndex* {
    if (!list) return nullptr;
    auto& slot = known[list];
    if (!slot) {
      indexes_.push_back(std::make_unique<CodeIndex>(*list));
      slot = indexes_.back().get();
    }
    return slot;
  };
  for (const Node& node : model::nodes()) {
    if (node.tag >= plans_.size()) plans_.resize(size_t(node.tag) + 1);
    Plan& plan = plans_[node.tag];
    plan.node = &node;
    plan.rank = node.rank;
    plan.many = node.many;
    plan.handling = node.path.starts_with("handling/");
    if (node.kind != NodeKind::leaf) continue;
    const Node* parent = model::find_node(node.parent);
    plan.how = node.name == "recordType" && !node.parent ? How::none : of_leaf(node, parent);
    plan.need = node.type == ValueType::date ? DateNeed::date : node.type == ValueType::dateTime ? DateNeed::date_time : DateNeed::when;
    plan.target = unit_of(node.name);
    plan.codes = index_of(node.codes);
    if (!parent) continue;
    const auto sibling = [&](std::string_view name) -> model::Tag {
      for (const model::Tag t : parent->children)
        if (model::node(t).name == name) return t;
      return 0;
    };
    if (parent->form == "Interval" && node.name == "start") plan.partner = sibling("end");
    if (plan.how == How::money) plan.partner = sibling("currency");
    if (plan.how == How::identifier) plan.partner = sibling("type");
  }
  absent_ = index_of(model::code_list("absent_reason"));
}

}  // namespace casebridge::normalise

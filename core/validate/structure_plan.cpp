#include "validate/structure_plan.hpp"

#include <stdexcept>

#include "casebridge/model.h"

namespace casebridge::validate {
namespace {

using model::Node;
using model::NodeKind;
using model::Tag;

struct Dated {
  Tag record, from, to;
};
// The day that a record speaks of. A type that is not here speaks of none, and its codes are not held against a date.
constexpr Dated kDated[] = {
    {tag::Case, tag::Case_opened, tag::Case_closed},
    {tag::Occurrence, tag::Occurrence_occurred_start, tag::Occurrence_occurred_end},
    {tag::Episode, tag::Episode_period_start, tag::Episode_period_end},
    {tag::Assessment, tag::Assessment_assessedAt, tag::Assessment_assessedAt},
    {tag::Charge, tag::Charge_offenceDate_start, tag::Charge_offenceDate_end},
    {tag::Custody, tag::Custody_at_start, tag::Custody_at_end},
    {tag::Order, tag::Order_issued, tag::Order_issued},
    {tag::Referral, tag::Referral_sent, tag::Referral_sent},
    {tag::Transaction, tag::Transaction_at, tag::Transaction_at},
    {tag::Link, tag::Link_during_start, tag::Link_during_end},
};

bool in_header(const Node& node) {
  switch (node.tag) {
    case tag::any_recordType:
    case tag::any_id:
    case tag::any_version:
    case tag::any_localId:
    case tag::any_source:
    case tag::any_alsoSource:
    case tag::any_recordStatus:
    case tag::any_supersedes:
    case tag::any_absent:
    case tag::any_absent_field:
    case tag::any_absent_reason:
    case tag::any_original:
    case tag::any_ext:
    case tag::any_places: return true;
    default: return false;
  }
}

// What must stand among these children. A required part of a block that is not itself required is needed where the block
// stands; Record::id and its kin are members, never missing.
void collect(std::span<const Tag> children, Tag block, std::vector<Needed>& into) {
  for (const Tag child : children) {
    const Node& node = model::node(child);
    if (in_header(node)) continue;
    if (node.required) into.push_back({&node, block, node.hard});
    if (node.kind == NodeKind::block) collect(node.children, node.tag, into);
  }
}

}  // namespace

StructurePlan make_structure_plan() {
  StructurePlan plan;
  const auto nodes = model::nodes();
  if (nodes.empty() || nodes.back().tag >= kMaxTags) throw std::logic_error("the case model has outgrown kMaxTags");
  plan.rules.resize(nodes.back().tag + 1u);
  plan.types.resize(nodes.back().tag + 1u);
  for (const Node& node : nodes) {
    if (node.kind == NodeKind::record) {
      TypePlan& type = plan.types[node.tag];
      type.node = &node;
      for (const Tag child : node.children) type.common = type.common || child == tag::any_id;
      collect(node.children, 0, type.needed);
      for (const Tag child : node.children) type.handling = type.handling || child == tag::any_handling;
      if (type.handling && !type.common) {  // what records inherit must say at least the handling code
        type.needed.push_back({&model::node(tag::any_handling), 0, true});
        type.needed.push_back({&model::node(tag::any_handling_handlingCode), tag::any_handling, true});
      }
      for (const model::AnyOf& group : model::any_of())
        if (group.record == node.tag) type.any_of.push_back(&group);
      for (const Dated& dated : kDated)
        if (dated.record == node.tag) type.dated_from = dated.from, type.dated_to = dated.to;
      continue;
    }
    Rule& rule = plan.rules[node.tag];
    rule.node = &node;
    rule.form = node.kind == NodeKind::leaf ? form_of(node.form) : Form::other;
    rule.header = in_header(node);
    rule.identifiers = node.kind == NodeKind::blocks && node.form == "Identifier";
    if (node.kind == NodeKind::blocks) {
      rule.blocks_path = node.path;
      collect(node.children, 0, rule.needed);
    }
    rule.handling = node.tag == tag::any_handling;
    for (Tag parent = node.parent; parent != 0;) {
      const Node& up = model::node(parent);
      rule.handling = rule.handling || parent == tag::any_handling;
      if (up.kind == NodeKind::record) rule.record = up.tag;
      if (up.kind == NodeKind::blocks) rule.blocks = up.tag, rule.blocks_path = up.path;
      parent = up.parent;
    }
  }
  return plan;
}

}  // namespace casebridge::validate

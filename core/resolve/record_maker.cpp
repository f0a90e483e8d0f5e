#include "resolve/record_maker.hpp"

#include <algorithm>

#include "casebridge/model.h"

namespace casebridge::resolve {

RecordMaker::RecordMaker(RecordBatch& batch, std::string_view type, const Uuid& id) : batch_(batch) {
  Record& r = batch.add();
  at_ = batch.records.size() - 1;
  r.type = model::record_type(type);
  r.id = id;
}

Value RecordMaker::value(model::Tag field, std::string_view text) {
  Value v;
  v.field = field;
  v.text = batch_.arena.keep(text);
  return v;
}

RecordMaker& RecordMaker::set(model::Tag field, std::string_view text) {
  if (!text.empty()) batch_.records[at_].values.push_back(value(field, text));
  return *this;
}

RecordMaker& RecordMaker::block(model::Tag blocks) {
  Record& r = batch_.records[at_];
  r.blocks.push_back({blocks, static_cast<uint32_t>(r.block_values.size()), 0});
  return *this;
}

RecordMaker& RecordMaker::in_block(model::Tag field, std::string_view text) {
  if (text.empty()) return *this;
  Record& r = batch_.records[at_];
  r.block_values.push_back(value(field, text));
  ++r.blocks.back().count;
  return *this;
}

RecordMaker& RecordMaker::ext(std::string_view name, std::string_view text) {
  if (!text.empty()) batch_.records[at_].ext.push_back({batch_.arena.keep(name), batch_.arena.keep(text)});
  return *this;
}

RecordMaker& RecordMaker::handling(const handle::Handling& h) {
  static constexpr std::string_view tlp[] = {"CLEAR", "GREEN", "AMBER", "AMBER_STRICT", "RED"};
  set(tag::any_handling_originator, h.originator);
  set(tag::any_handling_handlingCode, h.conditional ? "C" : h.stated ? "P" : "");
  set(tag::any_handling_conditions, h.conditions);
  if (h.tlp) set(tag::any_handling_tlp, tlp[static_cast<size_t>(*h.tlp)]);
  for (size_t bit = 0; bit < 64; ++bit)
    if (h.caveats >> bit & 1) set(tag::any_handling_caveats, handle::caveat_bits().name(bit));
  const bool nobody = (h.releasable_to && h.releasable_to->empty()) || (h.purposes && !*h.purposes);
  if (nobody) set(tag::any_handling_releasableTo, kNobody);
  else if (h.releasable_to)
    for (const std::string_view a : *h.releasable_to) set(tag::any_handling_releasableTo, a);
  if (h.purposes)
    for (size_t bit = 0; bit < 64; ++bit)
      if (*h.purposes >> bit & 1) set(tag::any_handling_purposes, handle::purpose_bits().name(bit));
  set(tag::any_handling_accessEnds, h.access_ends);
  set(tag::any_handling_destroyBy, h.destroy_by);
  set(tag::any_handling_governance_body, h.governance_body);
  set(tag::any_handling_governance_grantId, h.grant_id);
  set(tag::any_handling_governance_grantExpires, h.grant_expires);
  return *this;
}

Record& RecordMaker::done() {
  Record& r = batch_.records[at_];
  const auto by_rank = [](const Value& a, const Value& b) { return model::node(a.field).rank < model::node(b.field).rank; };
  std::stable_sort(r.values.begin(), r.values.end(), by_rank);
  for (const Block& b : r.blocks) std::stable_sort(r.block_values.begin() + b.first, r.block_values.begin() + b.first + b.count, by_rank);
  std::stable_sort(r.blocks.begin(), r.blocks.end(),
                   [](const Block& a, const Block& b) { return model::node(a.tag).rank < model::node(b.tag).rank; });
  std::stable_sort(r.ext.begin(), r.ext.end(), [](const Ext& a, const Ext& b) { return a.name < b.name; });
  return r;
}

handle::Handling strictest(const handle::Handling& a, const handle::Handling& b) {
  handle::Handling out = handle::tightened(a, b);
  // What one of the two says of nobody in particular must not be lost behind the other.
  if (a.originator != b.originator) {  // either may object: nobody else is told without both
    static const uint64_t third_party = handle::caveats({"THIRD_PARTY"});
    out.originator = {};
    out.caveats |= third_party;
  }
  if (!a.conditions.empty() && !b.conditions.empty() && a.conditions != b.conditions) out.conditional = true, out.releasable_to.emplace();
  if (!a.governance_body.empty() && !b.governance_body.empty() && a.governance_body != b.governance_body) out.releasable_to.emplace();
  if (b.governance_body.empty() && b.grant_id.empty())
    out.governance_body = a.governance_body, out.grant_id = a.grant_id, out.grant_expires = a.grant_expires;
  out.stated = a.stated && b.stated;
  return out;
}

}  // namespace casebridge::resolve

// What a linking run did, for people and for machines.
#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "normalise/ids.hpp"
#include "resolve/found.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  emit::append_json_string(out, text);
  return out;
}

std::string decimal(double v, int digits) {
  char text[40];
  std::snprintf(text, sizeof text, "%.*f", digits, v);
  return text;
}

std::string percent(double v) {
  std::string out = decimal(v * 100, 2) + "%";
  if (!french()) return out;
  if (const size_t dot = out.find('.'); dot != out.npos) out[dot] = ',';
  out.insert(out.size() - 1, "\u00a0");
  return out;
}

std::string grouped(uint64_t n) {
  std::string out = std::to_string(n);
  const std::string_view separator = french() ? "\u00a0" : ",";
  for (size_t at = out.size(); at > 3;) out.insert(at -= 3, separator);
  return out;
}

std::string said(const char* english, std::vector<std::string> args) { return fill(tr(english), args); }

// Field by which a common value is shown.
unsigned field_of(std::string_view what) {
  return what == "birthDate" ? link::f_date : what == "phone" ? link::f_phone : what == "number" ? link::f_number : link::f_address;
}

std::string what_words(std::string_view what) {
  if (what == "birthDate") return tr("birth date");
  if (what == "phone") return tr("telephone");
  if (what == "number") return tr("identification number");
  if (what == "address" || what == "location") return tr("address");
  if (what == "vehicle") return tr("vehicle");
  return tr("account or number");
}

constexpr std::string_view kKindWords[kKinds] = {TR_NOOP("persons"),        TR_NOOP("organizations"),        TR_NOOP("places"),
                                                 TR_NOOP("vehicles"),       TR_NOOP("accounts and numbers"), TR_NOOP("occurrences"),
                                                 TR_NOOP("advertisements"), TR_NOOP("custody events"),       TR_NOOP("links")};
constexpr std::string_view kApartWords[kApartNames.size()] = {"", TR_NOOP("marked as not to be linked"), TR_NOOP("access has ended"),
                                                              TR_NOOP("withdrawn"), TR_NOOP("no handling is stated, or it cannot be read")};

}  // namespace

std::string summary_json(const Linking& l, const Summary& s) {
  std::string out = "{\"method\":" + quoted(kMethod) + ",\"modelVersion\":" + quoted(l.model_version()) + ",\"records\":{";
  for (size_t k = 0; k < kKinds; ++k) out += (k ? "," : "") + quoted(name_of(static_cast<Kind>(k))) + ":" + std::to_string(s.items[k]);
  out += "},\"linkedWithNothing\":{";
  bool first = true;
  for (size_t a = 1; a < kApartNames.size(); ++a) {
    if (!l.apart()[a]) continue;
    out += (first ? "" : ",") + quoted(kApartNames[a]) + ":" + std::to_string(l.apart()[a]);
    first = false;
  }
  const link::LinkPlan& plan = l.result().plan;
  out +=
      "},\"persons\":{\"compared\":" + std::to_string(s.linked) + ",\"entities\":" + std::to_string(s.entities) +
      ",\"clusters\":" + std::to_string(s.groups[0]) + ",\"recordsInClusters\":" + std::to_string(s.grouped[0]) +
      ",\"pairsPlanned\":" + std::to_string(plan.pairs) + ",\"pairsCompared\":" + std::to_string(l.result().compared) +
      ",\"pairsAtOrAboveZero\":" + std::to_string(l.result().edges.size()) +
      ",\"pairsForReview\":" + std::to_string(l.result().review.size()) +
      (s.groups[0] ? ",\"expectedPrecision\":" + decimal(s.expected_precision, 4) + ",\"expectedRecall\":" + decimal(s.expected_recall, 4)
                   : std::string()) +
      "}";
  out += ",\"otherClusters\":{";
  for (size_t k = 1; k < kKinds; ++k) out += (k > 1 ? "," : "") + quoted(name_of(static_cast<Kind>(k))) + ":" + std::to_string(s.groups[k]);
  out += "},\"contactLinks\":" + std::to_string(s.links);
  out += ",\"decisions\":{\"one\":" + std::to_string(l.applied().one) + ",\"never\":" + std::to_string(l.applied().never) +
         ",\"waiting\":" + std::to_string(l.applied().waiting) +
         ",\"contradictions\":" + std::to_string(l.applied().contradictions.size()) + "}";
  out += ",\"blocks\":{\"cap\":" + std::to_string(plan.limits.cap) + ",\"hard\":" + std::to_string(plan.limits.hard) + ",\"rules\":[";
  for (size_t r = 0; r < plan.costs.size(); ++r) {
    const link::RuleCost& c = plan.costs[r];
    out += (r ? "," : "") + std::string("{\"rule\":") + quoted(link::rules[r].name) + ",\"blocks\":" + std::to_string(c.blocks) +
           ",\"pairs\":" + std::to_string(c.pairs) + ",\"refined\":" + std::to_string(c.refined) +
           ",\"skipped\":" + std::to_string(c.skipped) + ",\"skippedPairs\":" + std::to_string(c.skipped_pairs) + "}";
  }
  out += "]},\"scores\":[";
  first = true;
  for (const auto& [bits, n] : s.histogram) {
    out += (first ? "" : ",") + std::string("{\"bits\":") + std::to_string(bits) + ",\"pairs\":" + std::to_string(n) + "}";
    first = false;
  }
  out += "],\"largest\":[";
  for (size_t i = 0; i < s.largest.size(); ++i)
    out += (i ? "," : "") + std::string("{\"entity\":") + quoted(entity_text(s.largest[i].first)) +
           ",\"records\":" + std::to_string(s.largest[i].second) + "}";
  out += "],\"commonValuesIgnored\":[";
  for (size_t i = 0; i < l.ignored().size(); ++i) {
    const Ignored& c = l.ignored()[i];
    out += (i ? "," : "") + std::string("{\"field\":") + quoted(c.what) + ",\"records\":" + std::to_string(c.records) +
           ",\"people\":" + std::to_string(c.people) + ",\"heldBy\":" + quoted(normalise::to_text(l.items().at(c.item).id)) + "}";
  }
  return out + "]}\n";
}

std::string summary_text(const Linking& l, const Summary& s, const handle::Gate& gate) {
  std::string out;
  const auto line = [&](std::string text) { out += std::move(text) + '\n'; };
  line(said("{0} person records, {1} of them compared: {2} people, of whom {3} have more than one record.",
            {grouped(s.records), grouped(s.linked), grouped(s.entities), grouped(s.groups[0])}));
  for (size_t a = 1; a < kApartNames.size(); ++a)
    if (l.apart()[a]) line("  " + said("linked with nothing: {0} ({1})", {grouped(l.apart()[a]), tr(kApartWords[a])}));
  line(said("Pairs compared: {0}; at 0 bits or more: {1}; for review: {2}.",
            {grouped(l.result().compared), grouped(l.result().edges.size()), grouped(l.result().review.size())}));
  if (s.groups[0])
    line(said("Expected by the model: {0} of the joined pairs are right, and {1} of the true pairs are joined.",
              {percent(s.expected_precision), percent(s.expected_recall)}));
  for (size_t k = 1; k < kKinds; ++k)
    if (s.groups[k]) line(said("Also one: {0} records of {1} are {2}.", {grouped(s.grouped[k]), tr(kKindWords[k]), grouped(s.groups[k])}));
  if (s.links) line(said("Links for what is shared (contact only): {0}.", {grouped(s.links)}));
  if (const auto& d = l.applied(); d.one || d.never || d.waiting)
    line(said("Decisions in force: {0} one, {1} never; {2} wait for records that are not here.",
              {grouped(d.one), grouped(d.never), grouped(d.waiting)}));
  for (const auto& [a, b] : l.applied().contradictions)
    line("  " +
         said("Contradiction: {0} and {1} are decided to be apart, and others would join them. They stay apart; a person must mend it.",
              {std::string(l.items().local_id(l.items().at(l.persons()[a]))),
               std::string(l.items().local_id(l.items().at(l.persons()[b])))}));
  const link::LinkPlan& plan = l.result().plan;
  line("");
  line(tr("Blocks by rule: used, pairs, refined, left out (pairs they would have cost)"));
  for (size_t r = 0; r < plan.costs.size(); ++r) {
    const link::RuleCost& c = plan.costs[r];
    if (!c.blocks && !c.skipped) continue;
    line("  " + tr(link::rules[r].name) + (french() ? "\u00a0: " : ": ") + grouped(c.blocks) + ", " + grouped(c.pairs) + ", " +
         grouped(c.refined) + ", " + grouped(c.skipped) + (c.skipped ? " (" + grouped(c.skipped_pairs) + ")" : ""));
  }
  if (!s.histogram.empty()) {
    line("");
    line(tr("Pairs by score in bits"));
    uint64_t most = 0;
    std::map<int, uint64_t> by_five;
    for (const auto& [b, n] : s.histogram) by_five[b / 5 * 5] += n;
    for (const auto& [b, n] : by_five) most = std::max(most, n);
    for (const auto& [b, n] : by_five) {
      std::string range = std::to_string(b) + "–" + std::to_string(b + 5);
      line("  " + std::string(range.size() < 9 ? 9 - range.size() : 0, ' ') + range + "  " +
           std::string(std::max<uint64_t>(1, n * 40 / most), '#') + ' ' + grouped(n));
    }
  }
  if (!s.largest.empty()) {
    line("");
    line(tr("Largest clusters of persons (records)"));
    for (const auto& [entity, n] : s.largest) line("  " + entity_text(entity) + "  " + grouped(n));
  }
  if (!l.ignored().empty()) {
    line("");
    line(tr("Common values that say nothing and were not used (records that hold them, different people)"));
    for (const Ignored& c : l.ignored()) {
      std::string value;
      const Item& item = l.items().at(c.item);
      if (item.kind == Kind::person) {
        const auto values = values_of(l.items(), c.item, field_of(c.what));
        if (values.size() == 1) value = gate.show(values[0].text).get();
      }
      line("  " + what_words(c.what) + (value.empty() ? "" : " " + value) + (french() ? "\u00a0: " : ": ") + grouped(c.records) + ", " +
           grouped(c.people));
    }
  }
  return out;
}

}  // namespace casebridge::resolve

#include "resolve/review.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "link/explain.hpp"
#include "resolve/explain.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::resolve {
namespace {

constexpr int32_t kSure = 1000;  // hundredths of a bit: above it nobody need look

std::string shown(const Linking& l, const handle::Gate& gate, uint32_t item) {
  std::string out;
  for (unsigned f = 0; f < link::fields; ++f) {
    std::string values;
    for (const ShownValue& v : values_of(l.items(), item, f)) (values += values.empty() ? "" : "; ") += gate.show(v.text).get();
    if (!values.empty()) out += (out.empty() ? "" : " | ") + field_label(f) + (french() ? "\u00a0: " : ": ") + values;
  }
  return out;
}

std::string place(const Linking& l, uint32_t item) {
  const Item& i = l.items().at(item);
  return l.items().source_name(i) + (i.line ? ":" + std::to_string(i.line) : "");
}

}  // namespace

std::vector<ReviewPair> review_pairs(const Linking& l, const handle::Gate& gate) {
  const link::TableWeights weights = link::bind_weights(l.result().model, l.table(), 1);
  const link::Scorer scorer(l.result().model, l.table(), weights);
  link::Constraints rules = l.applied().constraints;
  rules.take_sources(l.table());
  struct Row {
    link::Edge edge;
    bool conflict;
  };
  std::vector<Row> rows;
  const auto decided = [&](const link::Edge& e) { return rules.find(e.a, e.b) != nullptr; };
  for (const link::Edge& e : l.result().review)
    if (!decided(e)) rows.push_back({e, true});
  for (const link::Edge& e : l.result().edges)
    if (!decided(e) && (e.score < kSure || l.result().clusters.of[e.a] != l.result().clusters.of[e.b])) rows.push_back({e, false});
  const auto keys = [&](const link::Edge& e) {
    const uint64_t a = l.table().persons[e.a].key, b = l.table().persons[e.b].key;
    return std::pair(std::min(a, b), std::max(a, b));
  };
  std::sort(rows.begin(), rows.end(), [&](const Row& x, const Row& y) {
    if (x.conflict != y.conflict) return x.conflict;
    if (x.edge.score != y.edge.score) return x.edge.score < y.edge.score;
    return keys(x.edge) < keys(y.edge);
  });
  if (rows.size() > kReviewPairs) rows.resize(kReviewPairs);
  std::vector<ReviewPair> out;
  for (const Row& row : rows) {
    uint32_t a = row.edge.a, b = row.edge.b;
    if (l.table().persons[a].key > l.table().persons[b].key) std::swap(a, b);
    const link::PairExplanation e = link::explain_pair(l.table(), scorer, rules, a, b);
    const auto side = [&](uint32_t item) {
      const Origin& o = l.items().origin(l.items().at(item));
      return ReviewPair::Side{shown(l, gate, item), place(l, item), o.agency, o.system,
                              std::string(l.items().local_id(l.items().at(item)))};
    };
    out.push_back({e.score, link::sentences(e), side(l.persons()[a]), side(l.persons()[b])});
  }
  return out;
}

void write_review(const std::vector<ReviewPair>& pairs, const std::function<void(std::string_view)>& out) {
  std::string text =
      "decision,reason,by,at,score,why,first,first_source,second,second_source,a_agency,a_system,a_id,b_agency,b_system,b_id\n";
  for (const ReviewPair& p : pairs) {
    char score[24];
    std::snprintf(score, sizeof score, "%.2f", p.score / 100.0);
    text += ",,,,";
    text += score;
    for (const std::string* cell : {&p.why, &p.a.shown, &p.a.place, &p.b.shown, &p.b.place}) {
      text += ',';
      emit::append_csv_safe(text, *cell);
    }
    for (const ReviewPair::Side* side : {&p.a, &p.b})
      for (const std::string* cell : {&side->agency, &side->system, &side->id}) {
        text += ',';
        emit::append_csv_cell(text, *cell);
      }
    text += '\n';
  }
  out(text);
}

}  // namespace casebridge::resolve

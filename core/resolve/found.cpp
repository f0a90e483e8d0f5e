#include "resolve/found.hpp"

#include <algorithm>
#include <cmath>

#include "casebridge/model.h"
#include "emit/escape.hpp"
#include "link/explain.hpp"
#include "normalise/ids.hpp"
#include "resolve/record_maker.hpp"

namespace casebridge::resolve {
namespace {

// Where a field of the comparison stands in a Person; telephones, mail and addresses stand in records of their own.
constexpr std::string_view kPointers[link::fields] = {"/names/given",     "/names/family", "/names/middle", "/birthDate",
                                                      "/selectors/phone", "/identifiers",  "/birthPlace",   "/locations/address",
                                                      "/selectors/email", "/occupation"};
constexpr size_t kAllPairs = 40;  // members up to which every pair of a cluster speaks; above it the path that holds it together

std::string bits(int32_t hundredths) {
  char text[24];
  std::snprintf(text, sizeof text, "%.2f", hundredths / 100.0);
  return text;
}

class Judge {
 public:
  explicit Judge(const Linking& l)
      : l_(l),
        weights_(link::bind_weights(l.result().model, l.table(), 1)),
        scorer_(l.result().model, l.table(), weights_),
        rules_(l.applied().constraints) {
    rules_.take_sources(l.table());
  }
  link::PairExplanation pair(uint32_t row_a, uint32_t row_b) const {
    const bool ordered = l_.table().persons[row_a].key <= l_.table().persons[row_b].key;
    return link::explain_pair(l_.table(), scorer_, rules_, ordered ? row_a : row_b, ordered ? row_b : row_a);
  }
  std::vector<std::pair<uint32_t, uint32_t>> pairs_of(const std::vector<uint32_t>& rows) const {
    std::vector<std::pair<uint32_t, uint32_t>> out;
    if (rows.size() <= kAllPairs) {
      for (size_t i = 0; i < rows.size(); ++i)
        for (size_t k = i + 1; k < rows.size(); ++k) out.emplace_back(rows[i], rows[k]);
    } else {
      for (const link::Edge& e : link::explain_cluster(l_.table(), scorer_, rows).path) out.emplace_back(e.a, e.b);
    }
    return out;
  }

 private:
  const Linking& l_;
  link::TableWeights weights_;
  link::Scorer scorer_;
  link::Constraints rules_;
};

handle::Handling strictest_of(const Items& items, const std::vector<uint32_t>& members) {
  handle::Handling h = items.handling(items.at(members[0]));
  uint32_t last = items.at(members[0]).handling;
  for (const uint32_t m : members) {
    if (items.at(m).handling == last) continue;
    last = items.at(m).handling;
    h = strictest(h, items.handling(items.at(m)));
  }
  return h;
}

void person_cluster(const Linking& l, const Judge& judge, const Group& g, RecordMaker& made) {
  std::vector<uint32_t> rows;
  std::map<uint32_t, int32_t> best;  // row -> its best pair in the cluster
  std::map<uint32_t, bool> confirmed;
  for (const uint32_t m : g.members) rows.push_back(l.row_of(m));
  std::array<int64_t, link::fields> sum{}, n{};
  for (const auto& [a, b] : judge.pairs_of(rows)) {
    const link::PairExplanation e = judge.pair(a, b);
    for (const uint32_t row : {a, b}) {
      const auto [at, fresh] = best.try_emplace(row, e.score);
      if (!fresh) at->second = std::max(at->second, e.score);
      if (e.rule && *e.rule) confirmed[row] = true;
    }
    for (const link::FieldScore& f : e.fields) sum[f.field] += f.weight, ++n[f.field];
  }
  for (const uint32_t m : g.members) {
    const uint32_t row = l.row_of(m);
    made.block(tag::Cluster_members).in_block(tag::Cluster_members_ref, normalise::to_text(l.items().at(m).id));
    if (best.contains(row)) made.in_block(tag::Cluster_members_score, best[row]);
    made.in_block(tag::Cluster_members_decision, confirmed[row] ? "CONFIRMED" : "MATCH");
  }
  made.set(tag::Cluster_modelVersion, l.model_version()).set(tag::Cluster_threshold, int64_t{0});
  for (const bool against : {false, true})
    for (unsigned f = 0; f < link::fields; ++f) {
      if (!n[f]) continue;
      const int64_t mean = sum[f] / n[f];
      if (against ? mean >= 0 : mean <= 0) continue;
      made.block(against ? tag::Cluster_evidenceAgainst : tag::Cluster_evidenceFor)
          .in_block(against ? tag::Cluster_evidenceAgainst_field : tag::Cluster_evidenceFor_field, kPointers[f])
          .in_block(against ? tag::Cluster_evidenceAgainst_weight : tag::Cluster_evidenceFor_weight, mean);
    }
  // Who decided, where a person did: the latest.
  const link::Decision* last = nullptr;
  std::map<uint64_t, bool> keys;
  for (const uint32_t row : rows) keys[l.table().persons[row].key] = true;
  for (const link::Decision& d : l.decisions())
    if (keys.contains(d.a.key()) && keys.contains(d.b.key()) && (!last || d.at > last->at)) last = &d;
  if (last) made.set(tag::Cluster_reviewer, last->by).set(tag::Cluster_reviewedAt, last->at);
}

std::string pair_end(const Linking& l, uint32_t row) {
  const Items& items = l.items();
  const Item& i = items.at(l.persons()[row]);
  std::string out;
  emit::append_csv_cell(out, items.origin(i).agency);
  out += ',';
  emit::append_csv_cell(out, items.origin(i).system);
  out += ',';
  emit::append_csv_cell(out, items.local_id(i));
  return out;
}

}  // namespace

bool found_before(const Record& r) {
  if (r.source) return false;
  if (r.type->tag == tag::Cluster) return true;
  if (r.type->tag != tag::Link) return false;
  const Value* by = r.find(tag::Link_assertedBy);
  return by && (by->text == "RULE" || by->text == "MODEL");
}

void found_records(const Linking& l, const std::function<void(RecordBatch&)>& each) {
  constexpr size_t kBatch = 512;
  const Items& items = l.items();
  const Judge judge(l);
  RecordBatch batch;
  const auto flush = [&](bool last) {
    if (batch.records.size() < (last ? 1 : kBatch)) return;
    each(batch);
    batch.reset();
  };
  for (const Group& g : l.groups()) {
    const std::string type(name_of(g.kind));
    RecordMaker made(batch, "Cluster", normalise::uuid5({"Cluster", type, entity_text(g.entity)}));
    made.set(tag::Cluster_entityType, type).ext("entityId", entity_text(g.entity));
    if (g.kind == Kind::person) {
      made.set(tag::Cluster_method, kMethod);
      person_cluster(l, judge, g, made);
    } else {
      std::string method(kMethod);
      method += " key: ";
      method += g.basis;
      made.set(tag::Cluster_method, method).set(tag::Cluster_modelVersion, "rules-1");
      for (const uint32_t m : g.members)
        made.block(tag::Cluster_members)
            .in_block(tag::Cluster_members_ref, normalise::to_text(items.at(m).id))
            .in_block(tag::Cluster_members_decision, "MATCH");
    }
    made.handling(strictest_of(items, g.members)).done();
    flush(false);
  }
  std::map<std::string, int> seen;  // of one natural key: several things shared by the same two
  std::string before;
  for (const Shared& s : l.shared()) {
    const std::string from = normalise::to_text(items.at(s.a).id), to = normalise::to_text(items.at(s.b).id);
    std::string key = "OTHER|" + from + '|' + to + "||" + s.from;
    if (const int n = ++seen[key]; n > 1) key += '|' + std::to_string(n);
    RecordMaker made(batch, "Link", normalise::uuid5({"Link", "", "", key}));
    made.set(tag::Link_type, "OTHER").set(tag::Link_from, from).set(tag::Link_to, to).set(tag::Link_assertedBy, "RULE");
    made.set(tag::Link_during_start, s.from).set(tag::Link_during_end, s.to);
    std::vector<uint32_t> all{s.a, s.b, s.hub};
    for (const uint32_t b : s.basis) {
      made.set(tag::Link_basis, normalise::to_text(items.at(b).id));
      all.push_back(b);
    }
    const Item& hub = items.at(s.hub);
    const std::string_view kind = hub.kind == Kind::selector ? items.value(hub, tag::Selector_kind) : std::string_view();
    made.ext("contactThrough", normalise::to_text(hub.id))
        .ext("contactKind", kind.empty() ? name_of(hub.kind) : kind)
        .ext("hubSize", std::to_string(s.size));
    made.handling(strictest_of(items, all)).done();
    flush(false);
  }
  flush(true);
}

void write_pairs(const Linking& l, const std::function<void(std::string_view)>& out) {
  std::string text = "a_agency,a_system,a_id,b_agency,b_system,b_id,score,prior";
  for (const std::string_view f : link::field_name) (text += ',') += f;
  text += ",relatives,outcome\n";
  const Judge judge(l);
  struct Row {
    std::string ends;
    uint32_t a, b;
    bool review;
  };
  std::vector<Row> rows;
  const auto add = [&](const link::Edge& e, bool review) {
    std::string a = pair_end(l, e.a), b = pair_end(l, e.b);
    if (b < a) rows.push_back({b + ',' + a, e.b, e.a, review});
    else rows.push_back({a + ',' + b, e.a, e.b, review});
  };
  rows.reserve(l.result().edges.size());
  for (const link::Edge& e : l.result().edges) add(e, false);
  for (const link::Edge& e : l.result().review) add(e, true);
  std::sort(rows.begin(), rows.end(), [](const Row& x, const Row& y) { return x.ends < y.ends; });
  for (const Row& r : rows) {
    const link::PairExplanation e = judge.pair(r.a, r.b);
    std::array<std::string, link::fields> weight;
    for (const link::FieldScore& f : e.fields) weight[f.field] = bits(f.weight);
    text += r.ends + ',' + bits(e.score) + ',' + bits(e.base);
    for (const auto& w : weight) text += ',' + w;
    const bool one = l.result().clusters.of[r.a] == l.result().clusters.of[r.b];
    text += ',' + bits(e.relatives) + ',' +
            (e.rule                     ? (*e.rule ? "CONFIRMED" : "REJECTED")
             : one                      ? "MATCH"
             : r.review || e.score >= 0 ? "POSSIBLE"
                                        : "NON_MATCH") +
            '\n';
    if (text.size() > 1 << 20) out(text), text.clear();
  }
  out(text);
}

void write_clusters(const Linking& l, const std::function<void(std::string_view)>& out) {
  std::string text = "record_id,entity_id\n";
  const Items& items = l.items();
  for (const uint32_t i : items.of(Kind::person)) {
    emit::append_csv_cell(text, items.local_id(items.at(i)));
    text += ',';
    text += entity_text(l.entity_of(i));
    text += '\n';
    if (text.size() > 1 << 20) out(text), text.clear();
  }
  out(text);
}

Summary summarise(const Linking& l) {
  Summary s;
  const Items& items = l.items();
  for (size_t k = 0; k < kKinds; ++k) s.items[k] = items.of(static_cast<Kind>(k)).size();
  s.records = s.items[0];
  s.linked = l.persons().size();
  for (const Group& g : l.groups()) {
    ++s.groups[static_cast<size_t>(g.kind)];
    s.grouped[static_cast<size_t>(g.kind)] += g.members.size();
    if (g.kind == Kind::person) s.largest.emplace_back(g.entity, g.members.size());
  }
  s.clustered = s.grouped[0];
  s.entities = s.records - s.clustered + s.groups[0];
  s.links = l.shared().size();
  std::sort(s.largest.begin(), s.largest.end(),
            [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
  if (s.largest.size() > 10) s.largest.resize(10);
  // A score is the logarithm of the odds, so what is expected to be right can be summed over the pairs.
  double right = 0, within = 0;
  for (const link::Edge& e : l.result().edges) {
    ++s.histogram[static_cast<int>(std::floor(e.score / 100.0))];
    if (l.result().clusters.of[e.a] != l.result().clusters.of[e.b]) continue;
    ++within;
    right += 1 / (1 + std::exp2(-e.score / 100.0));
  }
  if (within > 0) s.expected_precision = right / within;
  // Pairs that the model expects among all: those that clusters imply but no block gave are found as well.
  double implied = 0;
  for (const Group& g : l.groups())
    if (g.kind == Kind::person) implied += static_cast<double>(g.members.size()) * static_cast<double>(g.members.size() - 1) / 2;
  const double expected = l.result().model.match_pairs;
  if (expected > 0) s.expected_recall = std::min(1.0, implied * s.expected_precision / std::max(expected, implied * s.expected_precision));
  return s;
}

}  // namespace casebridge::resolve

#include "link/state.hpp"

#include <map>

#include "link/hash.hpp"
#include "link/state_body.hpp"

namespace casebridge::link {

LinkState::LinkState() : body_(std::make_unique<Body>()) {}
LinkState::~LinkState() = default;
LinkState::LinkState(LinkState&&) noexcept = default;
LinkState& LinkState::operator=(LinkState&&) noexcept = default;

const PersonTable& LinkState::table() const { return body_->table; }
const Model& LinkState::model() const { return body_->model; }
bool LinkState::alive(uint32_t row) const { return body_->alive[row]; }
uint64_t LinkState::entity(uint32_t row) const { return body_->entity[row]; }
uint32_t LinkState::leader(uint32_t row) const { return body_->leader[row]; }

void LinkState::Body::bind() {
  weights = bind_weights(model, table, 1);
  neighbours.clear();
  new_rows.clear();
  loaded_rows = FlatMap(table.persons.size());
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (alive[row]) loaded_rows.put(table.persons[row].key, row + 1);
  }
  first_edge.assign(table.persons.size() + 1, 0);
  for (const Edge& e : edges) ++first_edge[e.a + 1], ++first_edge[e.b + 1];
  for (size_t i = 1; i < first_edge.size(); ++i) first_edge[i] += first_edge[i - 1];
  edge_at.resize(edges.size() * 2);
  std::vector<uint32_t> at(first_edge.begin(), first_edge.end() - 1);
  for (uint32_t i = 0; i < edges.size(); ++i) edge_at[at[edges[i].a]++] = i, edge_at[at[edges[i].b]++] = i;
}

template <class Visit>
void LinkState::Body::each_edge(uint32_t row, Visit&& visit) const {
  if (row + 1 < first_edge.size()) {
    for (uint32_t i = first_edge[row]; i < first_edge[row + 1]; ++i) visit(edges[edge_at[i]]);
  }
  const auto it = neighbours.find(row);
  if (it == neighbours.end()) return;
  for (const uint32_t e : it->second) visit(edges[e]);
}

LinkState LinkState::start(PersonTable table, LinkResult result, std::vector<Decision> decisions, unsigned threads) {
  LinkState s;
  Body& b = *s.body_;
  b.table = std::move(table);
  b.model = std::move(result.model);
  b.edges = std::move(result.edges);
  b.decisions = std::move(decisions);
  b.leader = std::move(result.clusters.of);
  b.alive.assign(b.table.persons.size(), 1);
  b.entity.resize(b.table.persons.size());
  for (uint32_t row = 0; row < b.table.size(); ++row) b.entity[row] = mix(b.table.persons[b.leader[row]].key, 0xE);
  b.index.build(b.table, b.alive, b.model.parted, threads);
  b.bind();
  return s;
}

NightReport LinkState::refit(std::vector<Decision> decisions, unsigned threads, const std::function<void(const LinkPlan&)>& on_plan) {
  Body& b = *body_;
  // The living records alone, under the ids they have.
  PersonTable t;
  t.names = std::move(b.table.names);
  t.places = std::move(b.table.places);
  t.pool = std::move(b.table.pool);
  t.sources = b.table.sources;
  t.id_at.push_back(0);
  std::vector<uint64_t> entity;
  for (uint32_t row = 0; row < b.table.size(); ++row) {
    if (!b.alive[row]) continue;
    t.persons.push_back(b.table.persons[row]);
    t.id_text += b.table.local_id(row);
    t.id_at.push_back(t.id_text.size());
    entity.push_back(b.entity[row]);
  }
  const std::vector<uint64_t> common = b.model.common;
  LinkOptions options;
  options.threads = threads;
  options.on_plan = on_plan;
  const AppliedDecisions applied = apply_decisions(t, decisions);
  options.constraints = applied.constraints;
  LinkResult result = link_table(t, options);
  // What an earlier model left out as common was taken from the records; it stays common for those that come.
  result.model.common.insert(result.model.common.end(), common.begin(), common.end());
  std::sort(result.model.common.begin(), result.model.common.end());
  result.model.common.erase(std::unique(result.model.common.begin(), result.model.common.end()), result.model.common.end());
  const std::vector<uint32_t> of = result.clusters.of;
  *this = start(std::move(t), std::move(result), std::move(decisions), threads);
  Body& n = *body_;
  n.entity = std::move(entity);
  std::vector<uint32_t> rows(n.table.size());
  for (uint32_t row = 0; row < n.table.size(); ++row) rows[row] = row;
  NightReport report;
  n.settle(rows, of, {}, {}, n.table.size(), Cause::refit, report);
  report.applied_one = applied.one;
  report.applied_never = applied.never;
  return report;
}

// Candidates of one row: every living row that shares a final key with it, once.
std::vector<uint32_t> LinkState::Body::candidates(const Person& p) const {
  std::vector<uint32_t> out;
  final_keys(KeyMaker(table), model.parted, p, [&](unsigned, uint64_t key) {
    index.each(key, [&](uint32_t row) {
      if (alive[row]) out.push_back(row);
    });
  });
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

void LinkState::one_record_a_person(std::vector<std::string> sources) { body_->one_record = std::move(sources); }

NightReport LinkState::apply(const LinkInput* more, const std::vector<RecordName>& withdrawn, std::vector<Decision> decisions,
                             unsigned threads) {
  Body& b = *body_;
  NightReport report;
  std::vector<uint32_t> touched;
  std::vector<std::pair<uint64_t, uint32_t>> gone;  // entity of a withdrawn row, row
  const auto withdraw = [&](uint32_t row) {
    b.alive[row] = 0;
    gone.emplace_back(b.entity[row], row);
    b.each_edge(row, [&](const Edge& e) { touched.push_back(e.a == row ? e.b : e.a); });
  };
  for (const RecordName& name : withdrawn) {
    const uint32_t row = b.row_of(name.key());
    if (row == b.table.size()) continue;
    ++report.withdrawn;
    withdraw(row);
  }

  // New records: their pairs are those with every living record that shares a final key.
  const uint32_t first = b.table.size();
  std::map<uint32_t, uint64_t> replaced;  // new row -> entity of the row it replaces
  if (more) {
    PersonTable fresh = build_table(*more, threads);
    drop_common(fresh, b.model.common, threads);
    append_table(b.table, fresh);
    extend_weights(b.model, b.table, b.weights, threads);
  }
  b.alive.resize(b.table.persons.size(), 1);
  b.entity.resize(b.table.persons.size(), 0);
  b.leader.resize(b.table.persons.size());
  for (uint32_t row = first; row < b.table.size(); ++row) {
    b.leader[row] = row;
    const uint64_t key = b.table.persons[row].key;
    const uint32_t old = b.row_of(key);
    if (old == b.table.size() || old == row) {
      ++report.added;
    } else {
      ++report.changed;
      const uint64_t entity = b.entity[old];
      withdraw(old);
      if (entity) replaced[row] = entity;
      else if (replaced.contains(old)) replaced[row] = replaced[old];
    }
    b.new_rows[key] = row;
  }
  const Comparer comparer(b.table);
  const Scorer& scorer = b.scorer();
  const KeyMaker maker(b.table);
  for (uint32_t row = first; row < b.table.size(); ++row) {
    if (!b.alive[row]) continue;
    const Person& p = b.table.persons[row];
    for (const uint32_t other : b.candidates(p)) {
      ++report.compared;
      const Person& q = b.table.persons[other];
      Shared shared;
      const Pattern pattern = comparer.compare(q, p, shared);
      const int32_t score = scorer.score(pattern, q, p, shared);
      if (score < 0 || for_review(shared, p, q) || !Scorer::may_merge(pattern)) continue;
      const uint32_t e = static_cast<uint32_t>(b.edges.size());
      b.edges.push_back({other, row, score});
      b.neighbours[other].push_back(e);
      b.neighbours[row].push_back(e);
    }
    final_keys(maker, b.model.parted, p, [&](unsigned, uint64_t key) { b.index.add(key, row); });
    touched.push_back(row);
  }

  // Rows whose decisions changed are looked at again as well.
  const AppliedDecisions before = apply_decisions(b.table, b.decisions), now = apply_decisions(b.table, decisions);
  const auto differ = [&](const Constraints& x, const Constraints& y) {
    for (const auto& [pair, one] : x.pairs) {
      const auto it = y.pairs.find(pair);
      if (it != y.pairs.end() && it->second == one) continue;
      for (const uint32_t row : {static_cast<uint32_t>(pair >> 32), static_cast<uint32_t>(pair)})
        touched.push_back(row), b.decided.push_back(row);
    }
  };
  b.decided.clear();
  std::vector<char> marked(b.table.sources.size(), 0);  // tonight
  for (size_t i = 0; i < marked.size(); ++i) {
    Source& s = b.table.sources[i];
    const bool now_one = std::any_of(b.one_record.begin(), b.one_record.end(),
                                     [&](const std::string& named) { return named == s.agency || named == s.agency + "/" + s.system; });
    if (now_one && !s.deduplicated) s.deduplicated = marked[i] = true;
  }
  if (std::find(marked.begin(), marked.end(), 1) != marked.end())
    for (uint32_t row = 0; row < first; ++row)
      if (b.alive[row] && marked[b.table.persons[row].source]) touched.push_back(row), b.decided.push_back(row);
  differ(before.constraints, now.constraints);
  differ(now.constraints, before.constraints);
  // A decision that names a record of tonight was waiting before.
  for (const auto& [pair, one] : now.constraints.pairs) {
    if (static_cast<uint32_t>(pair) >= first)
      touched.push_back(static_cast<uint32_t>(pair >> 32)), touched.push_back(static_cast<uint32_t>(pair));
  }
  std::sort(b.decided.begin(), b.decided.end());
  b.decisions = std::move(decisions);
  report.applied_one = now.one;
  report.applied_never = now.never;
  b.recluster(touched, now.constraints, gone, replaced, first, threads, report);
  if (b.index.recent() > b.index.size() / 8 + 1000) {
    b.index.build(b.table, b.alive, b.model.parted, threads);
    b.index_in.clear();
  }
  return report;
}

void LinkState::Body::recluster(const std::vector<uint32_t>& touched, Constraints rules,
                                const std::vector<std::pair<uint64_t, uint32_t>>& gone, const std::map<uint32_t, uint64_t>& replaced,
                                uint32_t first, unsigned threads, NightReport& report) {
  rules.take_sources(table);
  // Everything that hangs together with a touched row, by edges and by old clusters, among the living.
  std::unordered_map<uint32_t, std::vector<uint32_t>> demanded;
  for (const auto& [pair, one] : rules.pairs) {
    if (!one) continue;
    demanded[static_cast<uint32_t>(pair >> 32)].push_back(static_cast<uint32_t>(pair));
    demanded[static_cast<uint32_t>(pair)].push_back(static_cast<uint32_t>(pair >> 32));
  }
  std::vector<char> seen(table.persons.size(), 0);
  std::vector<uint32_t> rows;
  std::vector<Edge> own;
  const auto visit = [&](uint32_t row) {
    if (!alive[row] || seen[row]) return;
    seen[row] = 1;
    rows.push_back(row);
  };
  for (const uint32_t row : touched) visit(row);
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t row = rows[i];
    each_edge(row, [&](const Edge& e) {
      const uint32_t other = e.a == row ? e.b : e.a;
      if (!alive[other]) return;
      if (row == e.a) own.push_back(e);
      visit(other);
    });
    const auto it = demanded.find(row);
    if (it == demanded.end()) continue;
    for (const uint32_t other : it->second) visit(other);
  }
  Constraints living = rules;
  for (auto it = living.pairs.begin(); it != living.pairs.end();) {
    const uint32_t x = static_cast<uint32_t>(it->first >> 32), y = static_cast<uint32_t>(it->first);
    if (alive[x] && alive[y] && seen[x] && seen[y]) ++it;
    else it = living.pairs.erase(it);
  }
  const Comparer comparer(table);
  const Clusters c = make_clusters(table, comparer, scorer(), living.allowed(table, own), living, {}, threads);

  settle(rows, c.of, gone, replaced, first, Cause::withdrawal, report);
}

void LinkState::Body::settle(const std::vector<uint32_t>& rows, const std::vector<uint32_t>& of,
                             const std::vector<std::pair<uint64_t, uint32_t>>& gone, const std::map<uint32_t, uint64_t>& replaced,
                             uint32_t first, Cause other, NightReport& report) {
  // An old entity goes where most of its records are; of several the one with most records here stays.
  struct Claim {
    uint32_t records = 0;
    uint64_t smallest = ~0ull;
  };
  std::map<uint64_t, std::map<uint32_t, Claim>> claims;  // entity -> cluster -> claim
  std::map<uint32_t, std::vector<uint32_t>> clusters;    // leader -> rows
  for (const uint32_t row : rows) {
    const uint32_t lead = of[row];
    clusters[lead].push_back(row);
    uint64_t old = entity[row];
    if (const auto it = replaced.find(row); it != replaced.end()) old = it->second;
    if (!old) continue;
    Claim& claim = claims[old][lead];
    ++claim.records;
    claim.smallest = std::min(claim.smallest, table.persons[row].key);
  }
  std::map<uint32_t, std::vector<std::pair<Claim, uint64_t>>> wanted;  // cluster -> entities that go there
  for (const auto& [old, where] : claims) {
    auto best = where.begin();
    for (auto it = where.begin(); it != where.end(); ++it) {
      if (it->second.records > best->second.records ||
          (it->second.records == best->second.records && it->second.smallest < best->second.smallest))
        best = it;
    }
    wanted[best->first].emplace_back(best->second, old);
  }
  std::map<uint64_t, uint32_t> left;  // entity -> living records, for those that lost some
  for (auto& [lead, members] : clusters) {
    auto& all = wanted[lead];
    std::sort(all.begin(), all.end(), [](const auto& x, const auto& y) {
      return x.first.records != y.first.records ? x.first.records > y.first.records : x.second < y.second;
    });
    uint64_t id = all.empty() ? 0 : all[0].second;
    uint64_t from = 0;
    uint32_t joined = 0;
    Cause cause = other;
    for (const uint32_t row : members) {
      if (row >= first) cause = Cause::records;
      else if (cause == other && std::binary_search(decided.begin(), decided.end(), row)) cause = Cause::decision;
      if (entity[row] && entity[row] != id) from = entity[row];
      joined += row >= first && !replaced.contains(row);
    }
    if (!id) {
      id = mix(table.persons[lead].key, 0xE);
      for (uint64_t salt = 1; claims.contains(id); ++salt) id = mix(table.persons[lead].key, 0xE + salt * 256);
      report.changes.push_back({from ? ChangeKind::split : ChangeKind::created, cause, id, from, static_cast<uint32_t>(members.size())});
    } else {
      for (size_t i = 1; i < all.size(); ++i)
        report.changes.push_back({ChangeKind::merged, cause, id, all[i].second, static_cast<uint32_t>(members.size())});
      if (joined) report.changes.push_back({ChangeKind::joined, cause, id, 0, joined});
    }
    for (const uint32_t row : members) {
      entity[row] = id;
      leader[row] = lead;
    }
  }
  // An entity whose records are all gone is retired.
  std::map<uint64_t, bool> lost;
  for (const auto& [old, row] : gone) {
    entity[row] = 0;
    leader[row] = row;
    if (old) lost[old] = true;
  }
  for (const auto& r : replaced) lost.erase(r.second);
  if (!lost.empty()) {
    for (uint32_t row = 0; row < table.size(); ++row) {
      if (alive[row]) lost.erase(entity[row]);
    }
    for (const auto& [old, yes] : lost) {
      bool merged = false;
      for (const EntityChange& x : report.changes) merged |= x.kind == ChangeKind::merged && x.other == old;
      if (!merged) report.changes.push_back({ChangeKind::retired, Cause::withdrawal, old, 0, 0});
    }
  }
  std::sort(report.changes.begin(), report.changes.end(), [](const EntityChange& x, const EntityChange& y) {
    return x.entity != y.entity ? x.entity < y.entity : x.kind != y.kind ? x.kind < y.kind : x.other < y.other;
  });
}

namespace {
class OneRecord final : public LinkInput {
 public:
  OneRecord(const RawPerson& r, std::string_view agency, std::string_view system) : record_(r), agency_(agency), system_(system) {}
  size_t chunks() const override { return 1; }
  void fill(size_t, ChunkBuilder& out) const override {
    RawPerson r = record_;
    r.source = out.source(agency_, system_);
    out.add(r);
  }

 private:
  const RawPerson& record_;
  std::string_view agency_, system_;
};
}  // namespace

std::vector<LinkState::Candidate> LinkState::query(const RawPerson& record, std::string_view agency, std::string_view system) {
  Body& b = *body_;
  const uint32_t names = b.table.names.size(), places = b.table.places.size(), row = b.table.size();
  const size_t pool = b.table.pool.size(), text = b.table.id_text.size(), sources = b.table.sources.size();
  PersonTable one = build_table(OneRecord(record, agency, system), 1);
  drop_common(one, b.model.common, 1);
  append_table(b.table, one);
  extend_weights(b.model, b.table, b.weights, 1);
  std::vector<Candidate> out;
  {
    const Comparer comparer(b.table);
    const Person p = b.table.persons[row];
    for (const uint32_t other : b.candidates(p)) {
      const Person& q = b.table.persons[other];
      Shared shared;
      const Pattern pattern = comparer.compare(q, p, shared);
      const int32_t score = b.scorer().score(pattern, q, p, shared);
      if (score >= 0 && Scorer::may_merge(pattern)) out.push_back({other, score, b.entity[other]});
    }
  }
  b.table.persons.pop_back();
  b.table.id_at.pop_back();
  b.table.id_text.resize(text);
  b.table.pool.resize(pool);
  b.table.sources.resize(sources);
  b.table.names.truncate(names);
  b.table.places.truncate(places);
  b.weights.names.resize(names);
  b.weights.places.resize(places);
  std::sort(out.begin(), out.end(), [&](const Candidate& x, const Candidate& y) {
    return x.score != y.score ? x.score > y.score : b.table.persons[x.row].key < b.table.persons[y.row].key;
  });
  return out;
}

}  // namespace casebridge::link

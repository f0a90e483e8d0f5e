#include "link/linker.hpp"

#include <chrono>

#include "link/estimate.hpp"
#include "link/parallel.hpp"
#include "link/stream.hpp"

namespace casebridge::link {
namespace {

class Phases {
 public:
  explicit Phases(const LinkOptions& o) : report_(o.on_phase) {}
  void done(const char* name) {
    const auto now = std::chrono::steady_clock::now();
    if (report_) report_(name, std::chrono::duration<double>(now - last_).count());
    last_ = now;
  }

 private:
  const std::function<void(const char*, double)>& report_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

LinkPlan plan_of(const PersonTable& t, const Blocks& b, BlockLimits limits, unsigned threads) {
  LinkPlan p;
  p.records = t.persons.size();
  p.pairs = b.pairs();
  p.limits = limits;
  p.costs = b.costs;
  const uint64_t n = p.records, blocks = b.members.size() * 8;
  p.spilled_bytes = spilling() ? blocks : 0;
  const uint64_t making = n * sizeof(NameParts) + threads * n * 26 + blocks / 2;  // keys of one rule a thread
  const uint64_t comparing = blocks + n * 4 + threads * n * 4 + t.names.size() * sizeof(NameWeights) +
                             t.places.size() * sizeof(PlaceWeights) + b.parted.size() * 24 + n * 60;  // edges, counts, the forest
  p.memory_bytes = (uint64_t{16} << 20) + t.bytes() + std::max(making, comparing) - p.spilled_bytes;
  return p;
}

void drop(PersonTable& t, const std::vector<CommonValue>& values, Model& m, unsigned threads) {
  if (values.empty()) return;
  for (const CommonValue& v : values) m.common.push_back(v.hash);
  std::sort(m.common.begin(), m.common.end());
  drop_common(t, m.common, threads);
}

struct Streamed {
  std::vector<Edge> edges, review;
  uint64_t compared = 0;
};

void stream(const PersonTable& t, const Blocks& blocks, const Scorer& scorer, const Comparer& comparer, unsigned threads, Streamed& out) {
  struct Part {
    std::unique_ptr<PairStream> pairs;
    std::vector<uint32_t> rows;
    Streamed found;
  };
  std::vector<Part> parts(threads ? threads : 1);
  constexpr size_t slice = 2048;
  parallel(threads, (t.persons.size() + slice - 1) / slice, [&](size_t task, unsigned self) {
    Part& part = parts[self];
    if (!part.pairs) part.pairs = std::make_unique<PairStream>(blocks, t.persons.size());
    const uint32_t end = static_cast<uint32_t>(std::min((task + 1) * slice, t.persons.size()));
    for (uint32_t row = static_cast<uint32_t>(task * slice); row < end; ++row) {
      part.rows.clear();
      part.pairs->after(row, [&](uint32_t other) {
        __builtin_prefetch(&t.persons[other]);
        part.rows.push_back(other);
      });
      const Person& p = t.persons[row];
      for (size_t i = 0; i < part.rows.size(); ++i) {
        if (i + 3 < part.rows.size()) {  // fetch ahead what the first checks of a comparison need
          const Person& ahead = t.persons[part.rows[i + 3]];
          __builtin_prefetch(t.names.data() + ahead.given);
          __builtin_prefetch(t.names.data() + ahead.family);
          __builtin_prefetch(t.pool.data() + ahead.lists);
        }
        const uint32_t other = part.rows[i];
        const Person& q = t.persons[other];
        Shared shared;
        const Pattern pattern = comparer.compare(p, q, shared);
        const int32_t score = scorer.score(pattern, p, q, shared);
        if (score < 0) continue;
        if (for_review(shared, p, q)) {
          part.found.review.push_back({row, other, score});
        } else if (Scorer::may_merge(pattern)) {
          part.found.edges.push_back({row, other, score});
        }
      }
      part.found.compared += part.rows.size();
    }
  });
  for (Part& p : parts) {
    out.edges.insert(out.edges.end(), p.found.edges.begin(), p.found.edges.end());
    out.review.insert(out.review.end(), p.found.review.begin(), p.found.review.end());
    out.compared += p.found.compared;
    p = Part{};
  }
}

}  // namespace

LinkResult link_table(PersonTable& t, const LinkOptions& o) {
  Phases phases(o);
  LinkResult r;
  Constraints rules = o.constraints;
  rules.take_sources(t);
  if (o.model) {
    drop_common(t, o.model->common, o.threads);
  } else {
    r.common = find_common_dates(t);
    drop(t, r.common, r.model, o.threads);
  }
  BlockLimits limits = o.model ? o.model->limits : o.limits.cap ? o.limits : default_limits(t.persons.size());
  const auto take_common = [&](const std::vector<LargeBlock>& large) {
    const std::vector<CommonValue> more = find_common_values(t, large);
    r.common.insert(r.common.end(), more.begin(), more.end());
    drop(t, more, r.model, o.threads);
    return std::any_of(more.begin(), more.end(), [](const CommonValue& v) { return v.kind == CommonKind::address; });
  };
  Blocks blocks = o.model ? make_blocks(t, limits, &o.model->parted, o.threads) : make_blocks(t, limits, nullptr, o.threads, take_common);
  r.plan = plan_of(t, blocks, limits, o.threads);
  const auto again = [&] {
    blocks = {};
    blocks = make_blocks(t, limits, o.model ? &o.model->parted : nullptr, o.threads);
    r.plan = plan_of(t, blocks, limits, o.threads);
  };
  struct SpillEnd {
    ~SpillEnd() { spill_to({}); }
  } spill_end;
  if (o.memory_limit && r.plan.memory_bytes > o.memory_limit) {
    spill_to(o.spill_directory);
    again();
    page_out(blocks.members.data(), blocks.members.size() * 4);
    page_out(blocks.places.data(), blocks.places.size() * 4);
  }
  while (!o.model && o.memory_limit && r.plan.memory_bytes > o.memory_limit && limits.cap > 3) {
    limits.cap = limits.cap * 2 / 3;
    limits.hard = std::max(limits.cap, limits.hard * 2 / 3);
    again();
  }
  phases.done("blocks");
  if (o.on_plan) o.on_plan(r.plan);

  if (o.model) {
    r.model = *o.model;
  } else {
    r.model.records = t.persons.size();
    r.model.limits = limits;
    r.model.parted.assign(std::move(blocks.parted));
    count_values(t, blocks, o.threads, r.model);
    phases.done("counts");
    static const std::vector<uint64_t> nobody;
    const PatternCounts blocked = count_blocked(t, blocks, o.threads, o.labels ? *o.labels : nobody), random = count_random(t, o.threads);
    phases.done("sample");
    estimate(t, blocked, random, r.model);
    phases.done("em");
  }
  const TableWeights weights = bind_weights(r.model, t, o.threads);
  const Comparer comparer(t);
  const Scorer scorer(r.model, t, weights);
  phases.done("weights");
  Streamed found;
  stream(t, blocks, scorer, comparer, o.threads, found);
  r.compared = found.compared;
  r.edges = std::move(found.edges);
  r.review = std::move(found.review);
  blocks = {};
  phases.done("compare");
  if (rules.none()) r.clusters = make_clusters(t, comparer, scorer, r.edges, rules, {}, o.threads);
  else r.clusters = make_clusters(t, comparer, scorer, rules.allowed(t, r.edges), rules, {}, o.threads);
  phases.done("clusters");
  return r;
}

}  // namespace casebridge::link

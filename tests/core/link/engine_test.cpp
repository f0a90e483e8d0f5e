#include <boost/test/unit_test.hpp>

#include <cmath>

#include "core/link/people.hpp"
#include "link/explain.hpp"

using namespace link_test;

BOOST_AUTO_TEST_SUITE(link_engine)

BOOST_AUTO_TEST_CASE(a_town_is_linked_without_training) {
  const auto people = town(3000);
  const Linked l = run(people);
  uint64_t hit = 0, said = 0, real = 0;
  std::map<std::string, int> entity;
  for (const Rec& r : people) entity[r.id] = r.entity;
  std::map<std::string, std::map<int, uint64_t>> clusters;
  std::map<int, uint64_t> truth;
  for (const auto& [id, leader] : l.leader) ++clusters[leader][entity[id]], ++truth[entity[id]];
  for (const auto& [leader, by] : clusters) {
    uint64_t size = 0;
    for (const auto& [e, n] : by) hit += n * (n - 1) / 2, size += n;
    said += size * (size - 1) / 2;
  }
  for (const auto& [e, n] : truth) real += n * (n - 1) / 2;
  BOOST_TEST_MESSAGE("precision " << double(hit) / double(said) << " recall " << double(hit) / double(real));
  BOOST_TEST(double(hit) / double(said) > 0.99);
  BOOST_TEST(double(hit) / double(real) > 0.97);
}

BOOST_AUTO_TEST_CASE(the_order_of_records_does_not_change_the_clusters) {
  auto people = town(2500);
  const Linked first = run(people);
  for (const uint64_t seed : {5u, 6u, 7u}) {
    shuffle(people, seed);
    const Linked again = run(people);
    BOOST_TEST((first.leader == again.leader));
    BOOST_TEST(first.result.compared == again.result.compared);
  }
}

BOOST_AUTO_TEST_CASE(threads_and_chunks_do_not_change_the_clusters) {
  const auto people = town(2500, 2);
  LinkOptions one;
  one.threads = 1;
  const Linked first = run(people, one, 1);
  for (const unsigned threads : {2u, 4u}) {
    LinkOptions many;
    many.threads = threads;
    BOOST_TEST((run(people, many, 7).leader == first.leader));
  }
}

BOOST_AUTO_TEST_CASE(the_fields_of_an_explanation_sum_to_the_score) {
  const Linked l = run(town(1500, 3));
  const TableWeights weights = bind_weights(l.result.model, l.table, 1);
  const Scorer scorer(l.result.model, l.table, weights);
  BOOST_REQUIRE(l.result.edges.size() > 500);
  for (const Edge& e : l.result.edges) {
    const PairExplanation x = explain_pair(l.table, scorer, {}, e.a, e.b);
    int32_t sum = x.base + x.relatives;
    for (const FieldScore& f : x.fields) sum += f.weight;
    BOOST_REQUIRE_EQUAL(sum, e.score);
    BOOST_REQUIRE_EQUAL(x.score, e.score);
    BOOST_REQUIRE(x.relatives <= 0);
  }
}

BOOST_AUTO_TEST_CASE(what_is_known_of_some_pairs_guides_the_model) {
  const auto people = town(2000, 31);
  const auto fitted = [&](const std::vector<uint64_t>* labels) {
    PersonTable t = build_table(People(people), 2);
    LinkOptions o;
    o.labels = labels;
    return link_table(t, o);
  };
  const LinkResult plain = fitted(nullptr);
  std::vector<uint64_t> all, none(people.size(), 0), some(people.size(), 0), swapped;
  for (size_t i = 0; i < people.size(); ++i) {
    all.push_back(static_cast<uint64_t>(people[i].entity));
    if (people[i].entity % 3 == 0) some[i] = all.back();
    swapped.push_back(i + 1);  // everybody another
  }
  const LinkResult known = fitted(&all);
  // Every blocked pair is known, so the matches are counted and not estimated.
  BOOST_TEST(std::abs(known.model.match_pairs - std::round(known.model.match_pairs)) < 1e-6);
  BOOST_TEST(known.model.match_pairs > 1000);
  BOOST_TEST(fitted(&none).model.match_pairs == plain.model.match_pairs);
  BOOST_TEST(std::abs(fitted(&some).model.match_pairs - known.model.match_pairs) < 0.01 * known.model.match_pairs);
  BOOST_TEST(fitted(&swapped).model.match_pairs < 1);
}

BOOST_AUTO_TEST_CASE(a_model_given_back_gives_the_same_clusters) {
  const auto people = town(2500, 4);
  const Linked fitted = run(people);
  LinkOptions again;
  again.model = &fitted.result.model;
  const Linked reused = run(people, again);
  BOOST_TEST((reused.leader == fitted.leader));
  BOOST_TEST(reused.result.compared == fitted.result.compared);
}

BOOST_AUTO_TEST_CASE(a_memory_limit_spills_first_which_changes_nothing_and_then_refines) {
  const auto people = town(40000, 5);
  const Linked free = run(people);
  BOOST_TEST(free.result.plan.spilled_bytes == 0u);
  LinkOptions tight;
  tight.memory_limit = free.result.plan.memory_bytes - 1;
  const Linked spilled = run(people, tight);
  BOOST_TEST(spilled.result.plan.spilled_bytes > 0u);
  BOOST_TEST(spilled.result.plan.memory_bytes <= tight.memory_limit);
  BOOST_TEST((spilled.leader == free.leader));
  tight.memory_limit = 1;
  const Linked least = run(people, tight);
  BOOST_TEST(least.result.plan.limits.cap < free.result.plan.limits.cap);
  BOOST_TEST(least.result.plan.pairs < free.result.plan.pairs);
}

BOOST_AUTO_TEST_SUITE_END()

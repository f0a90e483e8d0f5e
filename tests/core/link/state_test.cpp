// Nights: what comes in parts must end as what comes at once, under the same model.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <set>
#include <unistd.h>

#include "core/link/people.hpp"
#include "link/state.hpp"

using namespace link_test;

namespace {

std::map<std::string, std::string> leaders(const LinkState& s) {
  std::map<std::string, std::string> out;
  for (uint32_t row = 0; row < s.table().size(); ++row) {
    if (s.alive(row)) out[std::string(s.table().local_id(row))] = std::string(s.table().local_id(s.leader(row)));
  }
  return out;
}
std::map<std::string, uint64_t> entities(const LinkState& s) {
  std::map<std::string, uint64_t> out;
  for (uint32_t row = 0; row < s.table().size(); ++row) {
    if (s.alive(row)) out[std::string(s.table().local_id(row))] = s.entity(row);
  }
  return out;
}
LinkState first_night(const std::vector<Rec>& people, const Model* model = nullptr) {
  PersonTable t = build_table(People(people), 2);
  LinkOptions o;
  o.model = model;
  LinkResult r = link_table(t, o);
  return LinkState::start(std::move(t), std::move(r), {}, 2);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_state)

BOOST_AUTO_TEST_CASE(nights_in_any_order_and_split_end_as_one_run_with_the_same_model) {
  auto people = town(2400, 21);
  const Linked fitted = run(std::vector<Rec>(people.begin(), people.begin() + 1200));
  const Model& model = fitted.result.model;
  LinkOptions o;
  o.model = &model;
  const Linked whole = run(people, o);
  for (const uint64_t seed : {1u, 2u}) {
    shuffle(people, seed);
    const size_t cut = 800 + 300 * seed;
    LinkState s = first_night({people.begin(), people.begin() + static_cast<ptrdiff_t>(cut)}, &model);
    for (size_t at = cut; at < people.size(); at += 170 * seed) {
      const People night(
          {people.begin() + static_cast<ptrdiff_t>(at), people.begin() + static_cast<ptrdiff_t>(std::min(at + 170 * seed, people.size()))},
          2);
      s.apply(&night, {}, {}, 2);
    }
    BOOST_TEST((leaders(s) == whole.leader));
    const auto ids = entities(s);  // one id a cluster
    std::map<std::string, uint64_t> of;
    std::set<uint64_t> used;
    for (const auto& [id, leader] : leaders(s)) {
      const auto [it, fresh] = of.emplace(leader, ids.at(id));
      if (fresh) BOOST_REQUIRE(used.insert(it->second).second);
      BOOST_REQUIRE_EQUAL(it->second, ids.at(id));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_record_taken_away_leaves_no_trace_and_entities_keep_their_ids) {
  auto people = town(1500, 22);
  LinkState s = first_night(people);
  const auto before = leaders(s);
  const auto ids = entities(s);
  Rec extra = people[10];
  extra.id = "EXTRA";
  const People night({extra}, 1);
  const NightReport added = s.apply(&night, {}, {}, 1);
  BOOST_TEST(added.added == 1u);
  BOOST_TEST(entities(s).at("EXTRA") == ids.at(people[10].id));
  BOOST_REQUIRE(added.changes.size() == 1u);
  BOOST_TEST((added.changes[0].kind == ChangeKind::joined));
  const NightReport gone = s.apply(nullptr, {{"TOWN", "TEST", "EXTRA"}}, {}, 1);
  BOOST_TEST(gone.withdrawn == 1u);
  BOOST_TEST((leaders(s) == before));
  BOOST_TEST((entities(s) == ids));
}

BOOST_AUTO_TEST_CASE(a_changed_record_keeps_its_entity_and_a_lone_one_that_goes_is_retired) {
  auto people = town(1500, 23);
  Rec lone;
  lone.id = "LONE";
  lone.given = "Zebulon";
  lone.family = "Testardexemple";
  lone.birth = "1941-02-03";
  people.push_back(lone);
  LinkState s = first_night(people);
  const uint64_t id = entities(s).at("LONE");
  lone.birth = "1941-03-02";
  const People night({lone}, 1);
  const NightReport changed = s.apply(&night, {}, {}, 1);
  BOOST_TEST(changed.changed == 1u);
  BOOST_TEST(entities(s).at("LONE") == id);
  const NightReport gone = s.apply(nullptr, {{"TOWN", "TEST", "LONE"}}, {}, 1);
  BOOST_REQUIRE(gone.changes.size() == 1u);
  BOOST_TEST((gone.changes[0].kind == ChangeKind::retired));
  BOOST_TEST(gone.changes[0].entity == id);
}

BOOST_AUTO_TEST_CASE(a_decision_in_a_state_is_obeyed_and_undone) {
  const auto people = town(1500, 24);
  LinkState s = first_night(people);
  const auto before = leaders(s);
  const auto ids = entities(s);
  std::string a, b;
  for (const auto& [id, leader] : before) {
    if (id != leader) a = id, b = leader;
  }
  std::string far;
  for (const auto& [id, leader] : before) {
    if (leader != b) far = id;
  }
  const auto name = [](const std::string& id) { return RecordName{"TOWN", "TEST", id}; };
  const NightReport split =
      s.apply(nullptr, {}, {{name(a), name(b), "REJECTED", "", "2099", ""}, {name(far), name(b), "CONFIRMED", "", "2099", ""}}, 1);
  BOOST_TEST(split.applied_never == 1u);
  BOOST_TEST(leaders(s).at(a) != leaders(s).at(b));
  BOOST_TEST(leaders(s).at(far) == leaders(s).at(b));
  s.apply(nullptr, {}, {}, 1);
  BOOST_TEST((leaders(s) == before));
  BOOST_TEST(entities(s).at(b) == ids.at(b));
}

BOOST_AUTO_TEST_CASE(a_source_is_told_to_have_one_record_a_person_on_a_later_night) {
  const auto people = town(1500, 26);
  LinkState s = first_night(people);
  Rec extra = people[10];
  extra.id = "EXTRA";
  const People night({extra}, 1);
  s.one_record_a_person({"OTHER", "TOWN/TEST"});
  const NightReport r = s.apply(&night, {}, {}, 2);
  std::set<uint64_t> apart;
  for (const auto& [id, entity] : entities(s)) apart.insert(entity);
  BOOST_TEST(apart.size() == people.size() + 1);  // old records as well as the new one
  BOOST_TEST(std::any_of(r.changes.begin(), r.changes.end(),
                         [](const EntityChange& c) { return c.kind == ChangeKind::split && c.cause == Cause::decision; }));
  const auto dir = (std::filesystem::temp_directory_path() / ("link_one_" + std::to_string(::getpid()))).string();
  s.save(dir);
  LinkState again = LinkState::load(dir);
  extra.id = "EXTRA2";
  const People next({extra}, 1);
  again.apply(&next, {}, {}, 1);  // it need not be said again
  BOOST_TEST(entities(again).at("EXTRA2") != entities(again).at("EXTRA"));
  std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_CASE(a_state_on_disk_goes_on_as_if_it_had_stayed_in_memory) {
  auto people = town(1600, 25);
  const std::vector<Rec> base(people.begin(), people.begin() + 1300), rest(people.begin() + 1300, people.end());
  const auto dir = (std::filesystem::temp_directory_path() / ("link_state_" + std::to_string(::getpid()))).string();
  LinkState memory = first_night(base);
  first_night(base).save(dir);
  LinkState disk = LinkState::load(dir);
  const People night(rest, 2);
  memory.apply(&night, {}, {}, 2);
  disk.apply(&night, {}, {}, 1);
  disk.save(dir);
  const LinkState again = LinkState::load(dir);
  BOOST_TEST((leaders(memory) == leaders(again)));
  BOOST_TEST((entities(memory) == entities(again)));
  std::filesystem::resize_file(dir + "/records.bin", 1000);
  BOOST_CHECK_THROW(LinkState::load(dir), std::runtime_error);
  std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_CASE(one_record_is_looked_up_and_the_state_stays_as_it_was) {
  const auto people = town(2000, 26);
  LinkState s = first_night(people);
  const auto names = s.table().names.size();
  size_t found = 0;
  for (size_t i = 0; i < 200; ++i) {
    const Rec& r = people[i];
    RawPerson p;
    p.local_id = "query";
    p.given = r.given;
    const std::string never = "Never" + r.family;
    p.family = never;
    s.query(p, "ELSEWHERE", "");
    const std::string family = r.family;
    p.family = family;
    p.birth_date = r.birth;
    p.middle = r.middle;
    p.birth_city = r.birth_city;
    const std::vector<std::string_view> phones(r.phones.begin(), r.phones.end());
    p.phones = phones;
    const auto hits = s.query(p, "ELSEWHERE", "");
    for (const auto& h : hits) found += s.table().local_id(h.row) == r.id;
    for (size_t k = 1; k < hits.size(); ++k) BOOST_REQUIRE(hits[k - 1].score >= hits[k].score);
  }
  BOOST_TEST(found > 170u);
  BOOST_TEST(s.table().names.size() == names);
  BOOST_TEST((leaders(s) == leaders(first_night(people))));
}

BOOST_AUTO_TEST_SUITE_END()

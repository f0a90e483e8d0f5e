// What reviewers and sources demand, what a model file keeps, what is never read.
#include <boost/test/unit_test.hpp>

#include "core/link/people.hpp"
#include "link/decisions.hpp"
#include "link/load_csv.hpp"
#include "link/model_file.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace link_test;

namespace {

Decision decide(std::string a, std::string b, std::string code, std::string at = "2099-01-01T00:00:00Z") {
  return {{"TOWN", "TEST", std::move(a)}, {"TOWN", "TEST", std::move(b)}, std::move(code), "reviewer", std::move(at), "synthetic"};
}
Linked with_decisions(const std::vector<Rec>& people, const std::vector<Decision>& decisions, AppliedDecisions* applied = nullptr) {
  Linked l;
  l.table = build_table(People(people), 2);
  AppliedDecisions d = apply_decisions(l.table, decisions);
  LinkOptions o;
  o.constraints = d.constraints;
  l.result = link_table(l.table, o);
  for (uint32_t i = 0; i < l.table.size(); ++i)
    l.leader[std::string(l.table.local_id(i))] = std::string(l.table.local_id(l.result.clusters.of[i]));
  if (applied) *applied = std::move(d);
  return l;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_rules)

BOOST_AUTO_TEST_CASE(a_decision_is_obeyed_and_undone_leaves_no_trace) {
  auto people = town(2000, 11);
  const Linked before = run(people);
  std::string joined_a, joined_b, apart_a = people[0].id, apart_b;
  for (const Edge& e : before.result.edges) {
    joined_a = before.table.local_id(e.a);
    joined_b = before.table.local_id(e.b);
    if (before.together(joined_a, joined_b)) break;
  }
  for (const Rec& r : people) {
    if (!before.together(apart_a, r.id)) apart_b = r.id;
  }
  const std::vector<Decision> decisions = {decide(joined_a, joined_b, "REJECTED"), decide(apart_b, apart_a, "CONFIRMED"),
                                           decide("gone", apart_a, "CONFIRMED")};
  AppliedDecisions applied;
  const Linked with = with_decisions(people, decisions, &applied);
  BOOST_TEST(!with.together(joined_a, joined_b));
  BOOST_TEST(with.together(apart_a, apart_b));
  BOOST_TEST(applied.one == 1u);
  BOOST_TEST(applied.never == 1u);
  BOOST_TEST(applied.waiting == 1u);
  shuffle(people, 3);  // a new import in another order
  BOOST_TEST((with_decisions(people, decisions).leader == with.leader));
  BOOST_TEST((with_decisions(people, {}).leader == before.leader));
}

BOOST_AUTO_TEST_CASE(the_latest_decision_on_a_pair_holds) {
  const auto people = town(300, 12);
  const PersonTable t = build_table(People(people), 1);
  const auto applied = apply_decisions(t, {decide("R1", "R2", "CONFIRMED", "2099-02-01"), decide("R2", "R1", "REJECTED", "2099-03-01"),
                                           decide("R3", "R4", "CONFIRMED", "2099-02-01"), decide("R3", "R4", "POSSIBLE", "2099-02-02")});
  BOOST_TEST(applied.one == 0u);
  BOOST_TEST(applied.never == 1u);
}

BOOST_AUTO_TEST_CASE(contradicting_decisions_keep_apart_and_are_reported) {
  const auto people = town(300, 12);
  AppliedDecisions applied;
  const Linked l = with_decisions(
      people, {decide("R1", "R50", "CONFIRMED"), decide("R50", "R99", "CONFIRMED"), decide("R1", "R99", "REJECTED")}, &applied);
  BOOST_TEST(applied.contradictions.size() == 1u);
  BOOST_TEST(!l.together("R1", "R99"));
}

BOOST_AUTO_TEST_CASE(decisions_are_read_from_csv) {
  const auto d = read_decisions(
      "a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\nTOWN,TEST,R1,TOWN,TEST,\"R,2\",CONFIRMED,me,2099-01-01,\"she "
      "said \"\"yes\"\"\"\n");
  BOOST_REQUIRE(d.size() == 1u);
  BOOST_TEST(d[0].b.local_id == "R,2");
  BOOST_TEST(d[0].reason == "she said \"yes\"");
  BOOST_CHECK_THROW(read_decisions("a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\nA,B,1,A,B,2,MAYBE,,,\n"),
                    std::runtime_error);
  BOOST_CHECK_THROW(read_decisions("a,b\n1,2\n"), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_source_without_doubles_keeps_one_record_a_person) {
  const auto people = town(1500, 13);
  PersonTable t = build_table(People(people), 2);
  for (Source& s : t.sources) s.deduplicated = true;
  const LinkResult r = link_table(t, {});
  BOOST_TEST(r.clusters.count == t.size());
}

BOOST_AUTO_TEST_CASE(an_unlinked_source_is_linked_with_nothing) {
  auto people = town(1500, 13);
  for (size_t i = 0; i < people.size(); i += 3) people[i].agency = "STATISTICS";
  PersonTable t = build_table(People(people), 2);
  for (Source& s : t.sources) s.unlinked = s.agency == "STATISTICS";
  const LinkResult r = link_table(t, {});
  BOOST_TEST(r.clusters.count < t.size());
  for (uint32_t i = 0; i < t.size(); ++i) {
    if (t.sources[t.persons[i].source].unlinked) BOOST_REQUIRE_EQUAL(r.clusters.of[i], i);
  }
}

BOOST_AUTO_TEST_CASE(a_model_file_keeps_the_whole_model) {
  auto people = town(2000, 14);
  const Linked fitted = run(people);
  const std::string json = write_model(fitted.result.model);
  const Model again = read_model(json);
  BOOST_TEST(write_model(again) == json);
  LinkOptions o;
  o.model = &again;
  BOOST_TEST((run(people, o).leader == fitted.leader));
  shuffle(people, 8);
  BOOST_TEST(write_model(run(people).result.model) == json);
  BOOST_CHECK_THROW(read_model("{}"), std::runtime_error);
  BOOST_CHECK_THROW(read_model("{\"casebridgeLinkModel\":99}"), std::runtime_error);
  BOOST_CHECK_THROW(read_model(json.substr(0, json.size() / 2)), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(values_that_everybody_shares_say_nothing) {
  auto people = town(4000, 15);
  Random r(4);
  for (Rec& p : people) {
    if (r(12) == 0) p.birth = "1900-01-01";
    if (r(12) == 0) p.phones = {"555-0100-000"};
    if (r(12) == 0) p.street = "1 Shelter Street", p.city = "Testardville", p.postcode = "X0X 9X9";
    if (r(12) == 0) p.number = "12345678";
  }
  const Linked l = run(people);
  std::map<CommonKind, int> found;
  for (const CommonValue& v : l.result.common) ++found[v.kind];
  BOOST_TEST(found[CommonKind::birth_date] == 1);
  BOOST_TEST(found[CommonKind::phone] == 1);
  BOOST_TEST(found[CommonKind::address] >= 1);
  BOOST_TEST(found[CommonKind::number] == 1);
  std::map<std::string, int> entity;
  for (const Rec& p : people) entity[p.id] = p.entity;
  size_t wrong = 0;
  for (const auto& [id, leader] : l.leader) wrong += entity[id] != entity[leader];
  BOOST_TEST(wrong < people.size() / 50);
  const Model again = read_model(write_model(l.result.model));
  LinkOptions o;
  o.model = &again;
  BOOST_TEST((run(people, o).leader == l.leader));
}

BOOST_AUTO_TEST_CASE(sensitive_traits_are_never_read) {
  // The comparer's record has no place for them; a CSV that changes them gives the same clusters to the byte.
  const auto dir = std::filesystem::temp_directory_path() / ("link_traits_" + std::to_string(::getpid()));
  std::filesystem::create_directories(dir);
  const auto clusters = [&](const char* sex, const char* nation, const char* identity) {
    const std::string path = dir / "people.csv";
    std::ofstream out(path);
    out << "rec_id,source,given,middle,family,aliases,sex,gender,dob,birth_city,nationality,indigenous_identity,disability,street,city,"
           "postcode,phones,person_no\n";
    int i = 0;
    for (const Rec& r : town(1200, 16)) {
      out << r.id << ",TOWN," << r.given << ',' << r.middle << ',' << r.family << ",," << (i % 2 ? sex : "") << ',' << sex << ',' << r.birth
          << ',' << r.birth_city << ',' << nation << ',' << identity << ',' << identity << ',' << r.street << ',' << r.city << ','
          << r.postcode << ',' << (r.phones.empty() ? "" : r.phones[0]) << ',' << r.number << '\n';
      ++i;
    }
    out.close();
    PersonTable t = build_table(*open_people_csv(path, people_columns()), 2);
    return link_table(t, {}).clusters.of;
  };
  BOOST_TEST((clusters("F", "CA", "FIRST_NATIONS") == clusters("M", "US", "")));
  std::filesystem::remove_all(dir);
}

BOOST_AUTO_TEST_CASE(a_csv_with_quoted_breaks_and_doubled_quotes_is_read_whole) {
  const auto path = std::filesystem::temp_directory_path() / ("link_csv_" + std::to_string(::getpid()) + ".csv");
  std::ofstream out(path);
  out << "\xEF\xBB\xBFrec_id,given,family,street\r\n1,\"Mona \"\"M\"\"\",Testard,\"12 Exemple St\nApt 3\"\r\n2,Mona,Testard,\r\n";
  out.close();
  const PersonTable t = build_table(*open_people_csv(path, people_columns()), 2);
  BOOST_REQUIRE(t.size() == 2u);
  BOOST_TEST(t.names.text(t.persons[0].given) == "mona m");
  BOOST_TEST(t.persons[0].number == 12u);
  BOOST_TEST(t.local_id(1) == "2");
  std::filesystem::remove(path);
  BOOST_CHECK_THROW(open_people_csv(path, people_columns()), std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()

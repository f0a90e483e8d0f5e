// People who are easily taken for one another, each put into a town of others.
#include <boost/test/unit_test.hpp>

#include "core/link/people.hpp"
#include "link/explain.hpp"

using namespace link_test;

namespace {

Rec person(std::string id, std::string given, std::string family, std::string birth) {
  Rec r;
  r.id = std::move(id);
  r.given = std::move(given);
  r.family = std::move(family);
  r.birth = std::move(birth);
  return r;
}
Rec at_home(Rec r) {
  r.street = "77 Exemple Street";
  r.city = "Testardville";
  r.postcode = "X0X 0X0";
  r.phones = {"555-0100-123"};
  return r;
}
Linked with(const std::vector<Rec>& extra) {
  auto people = town(4000, 9);
  people.insert(people.end(), extra.begin(), extra.end());
  Linked l = run(people);
  const TableWeights weights = bind_weights(l.result.model, l.table, 1);
  const Scorer scorer(l.result.model, l.table, weights);
  for (size_t i = 1; i < extra.size(); ++i) {
    const PairExplanation e = explain_pair(l.table, scorer, {}, l.row(extra[0].id), l.row(extra[i].id));
    BOOST_TEST_MESSAGE(extra[0].id << " " << extra[i].id << ": " << sentences(e));
    for (const FieldScore& f : e.fields)
      BOOST_TEST_MESSAGE("  " << field_name[f.field] << " " << level_name(f.field, f.level) << " " << f.weight);
    BOOST_TEST_MESSAGE("  base " << e.base << " relatives " << e.relatives);
  }
  return l;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(link_cases)

BOOST_AUTO_TEST_CASE(members_of_a_household_stay_apart) {
  const Linked l = with({at_home(person("H1", "Mona", "Testard", "1961-02-03")), at_home(person("H2", "Gustave", "Testard", "1959-11-21")),
                         at_home(person("H3", "Lise", "Testard", "1988-07-30"))});
  BOOST_TEST(!l.together("H1", "H2"));
  BOOST_TEST(!l.together("H1", "H3"));
  BOOST_TEST(!l.together("H2", "H3"));
}

BOOST_AUTO_TEST_CASE(twins_stay_apart) {
  auto a = at_home(person("T1", "Pauline", "Testard", "1990-05-06")), b = at_home(person("T2", "Gregoire", "Testard", "1990-05-06"));
  a.birth_city = b.birth_city = "Exempleville";
  const Linked l = with({a, b});
  BOOST_TEST(!l.together("T1", "T2"));
}

BOOST_AUTO_TEST_CASE(father_and_son_of_one_name_stay_apart) {
  const Linked l =
      with({at_home(person("S1", "Gustave", "Testard", "1950-01-17")), at_home(person("S2", "Gustave", "Testard", "1979-09-02"))});
  BOOST_TEST(!l.together("S1", "S2"));
}

BOOST_AUTO_TEST_CASE(namesakes_of_another_age_stay_apart) {
  const Linked l = with({person("N1", "Gustave", "Testard", "1950-01-17"), person("N2", "Gustave", "Testard", "1979-09-02")});
  BOOST_TEST(!l.together("N1", "N2"));
}

BOOST_AUTO_TEST_CASE(one_person_is_found_through_a_slip_a_nickname_and_exchanged_names) {
  auto a = at_home(person("P1", "William", "Testardson", "1972-03-04")), b = at_home(person("P2", "Bill", "Testardson", "1972-04-03")),
       c = person("P3", "Testardson", "William", "1972-03-04"), d = person("P4", "WILLIAM", "Testradson", "1972-03-04");
  const Linked l = with({a, b, c, d});
  BOOST_TEST(l.together("P1", "P2"));
  BOOST_TEST(l.together("P1", "P3"));
  BOOST_TEST(l.together("P1", "P4"));
}

BOOST_AUTO_TEST_CASE(accents_hyphens_and_other_scripts_are_read_as_one_name) {
  const Linked l = with({person("A1", "Éloïse-Anne", "Testard", "1980-02-03"), person("A2", "ELOISE ANNE", "TESTARD", "1980-02-03"),
                         person("C1", "Иван", "Тестов", "1975-06-07"), person("C2", "Ivan", "Testov", "1975-06-07")});
  BOOST_TEST(l.together("A1", "A2"));
  BOOST_TEST(l.together("C1", "C2"));
}

BOOST_AUTO_TEST_CASE(a_shared_telephone_alone_joins_nobody) {
  auto a = person("F1", "Mona", "Testard", "1961-02-03"), b = person("F2", "Yvette", "Exemple", "1990-08-09");
  a.phones = b.phones = {"555-0100-777", "555-0100-778"};
  const Linked l = with({a, b});
  BOOST_TEST(!l.together("F1", "F2"));
}

BOOST_AUTO_TEST_CASE(a_strong_number_under_birth_dates_years_apart_goes_to_review) {
  auto a = person("B1", "Mona", "Testard", "1961-02-03"), b = person("B2", "Mona", "Testard", "1984-11-25");
  a.number = b.number = "7654321";
  const Linked l = with({a, b});
  BOOST_TEST(!l.together("B1", "B2"));
  bool found = false;
  for (const Edge& e : l.result.review) found |= (e.a == l.row("B1") && e.b == l.row("B2")) || (e.a == l.row("B2") && e.b == l.row("B1"));
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(an_alias_that_is_the_others_full_name_joins_them) {
  auto a = person("L1", "Mona", "Testard", "1961-02-03"), b = person("L2", "Violette", "Exemplaire", "1961-02-03");
  a.aliases = {"Violette Exemplaire"};
  const Linked l = with({a, b});
  BOOST_TEST(l.together("L1", "L2"));
}

BOOST_AUTO_TEST_SUITE_END()

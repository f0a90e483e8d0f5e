#include <boost/test/unit_test.hpp>

#include "link/compare.hpp"
#include "link/centibits.hpp"
#include "link/values.hpp"

using namespace casebridge::link;

namespace {
Name name(std::string_view text) {
  static Dictionary d(Dictionary::Kind::names);
  Folded f;
  fold(text, f);
  return d[d.intern(f)];
}
std::string folded(std::string_view text) {
  Folded f;
  fold(text, f);
  std::string out;
  for (size_t i = 0; i < f.tokens; ++i) out += (i ? " " : "") + std::string(f.token(i));
  return out;
}
}  // namespace

BOOST_AUTO_TEST_SUITE(link_values)

BOOST_AUTO_TEST_CASE(names_are_folded_to_plain_letters) {
  BOOST_TEST(folded("O'Brien-St. Émile") == "obrien st emile");
  BOOST_TEST(folded("Łukasz Ñandú") == "lukasz nandu");
  BOOST_TEST(folded("Щукін") == "shchukin");
  BOOST_TEST(folded("") == "");
  BOOST_TEST(folded("\xFF\xC3") == "");
}

BOOST_AUTO_TEST_CASE(names_in_two_scripts_without_case_look_alike_only_if_they_are) {
  BOOST_TEST(name("王小明").length == 3);
  BOOST_TEST(!one_edit(name("王小明"), name("李大强")));
  BOOST_TEST(jaro_winkler(name("王小明"), name("王小明")) == 1.0f);
}

BOOST_AUTO_TEST_CASE(the_bound_is_never_below_jaro_winkler) {
  const char* words[] = {"martha", "marhta", "dixon",    "dicksonx", "jellyfish", "smellyfish",
                         "abe",    "eba",    "tremblay", "trembley", "a",         "bb"};
  for (const char* a : words) {
    for (const char* b : words) {
      const float jw = jaro_winkler(name(a), name(b));
      BOOST_TEST(jaro_winkler_bound(name(a), name(b)) >= jw - 1e-6f);
      BOOST_TEST(jw == jaro_winkler(name(b), name(a)));
    }
  }
  BOOST_TEST(jaro_winkler(name("martha"), name("marhta")) == 0.9611f, boost::test_tools::tolerance(0.001f));
}

BOOST_AUTO_TEST_CASE(birth_dates_conflict_unless_a_slip_explains_them) {
  const auto conflict = [](const char* a, const char* b) { return dates_conflict(parse_date(a), parse_date(b)); };
  BOOST_TEST(!conflict("1999-08-17", "2000-08-17"));  // a year
  BOOST_TEST(!conflict("1961-08-17", "1981-03-02"));  // one digit
  BOOST_TEST(!conflict("1999-08-17", "2009-08-17"));  // ten years, the same day
  BOOST_TEST(conflict("1999-08-17", "2009-08-18"));
  BOOST_TEST(conflict("1999-08-17", "2010-08-17"));
  BOOST_TEST(conflict("1999", "2009"));  // years alone say too little
  BOOST_TEST(!conflict("1999-08-17", ""));
}

BOOST_AUTO_TEST_CASE(one_edit_is_one_slip) {
  BOOST_TEST(one_edit(name("tremblay"), name("trembley")));
  BOOST_TEST(one_edit(name("tremblay"), name("trembaly")));
  BOOST_TEST(one_edit(name("tremblay"), name("temblay")));
  BOOST_TEST(one_edit(name("temblay"), name("tremblay")));
  BOOST_TEST(!one_edit(name("tremblay"), name("trombley")));
  BOOST_TEST(!one_edit(name("ab"), name("ac")));
}

BOOST_AUTO_TEST_CASE(birth_dates_compare_by_what_can_go_wrong) {
  const auto at = [](const char* a, const char* b) { return date_level(parse_date(a), parse_date(b)); };
  BOOST_TEST(at("1990-02-03", "1990-02-03") == date::equal);
  BOOST_TEST(at("1990-02-03", "1990-03-02") == date::swapped);
  BOOST_TEST(at("1990-02-03", "1990-02-04") == date::part_near);
  BOOST_TEST(at("1990-02-03", "1980-02-03") == date::part_near);
  BOOST_TEST(at("1990-02-03", "1963-02-03") == date::part);
  BOOST_TEST(at("1990-02", "1990-02-11") == date::year_month);
  BOOST_TEST(at("1990", "1990-02-11") == date::year_only);
  BOOST_TEST(at("1990-01-01", "1990-07-23") == date::year_only);
  BOOST_TEST(at("1990-05-16", "1990-07-23") == date::same_year);
  BOOST_TEST(at("1990-05-16", "1991-07-23") == date::next_year);
  BOOST_TEST(at("1990-05-16", "2005-07-23") == date::differs);
  BOOST_TEST(at("", "2005-07-23") == date::missing);
}

BOOST_AUTO_TEST_CASE(values_that_are_none_are_missing) {
  BOOST_TEST(parse_date("13/45/1990").packed == 0u);
  BOOST_TEST(parse_date("1990-02-31").packed == Date::of(1990, 2).packed);
  BOOST_TEST(parse_phone("+1 (555) 555-0123") == 5555550123u);
  BOOST_TEST(parse_phone("000-0000") == 0u);
  BOOST_TEST(parse_phone("12") == 0u);
  BOOST_TEST(parse_postcode("x0x 0x0") == parse_postcode("X0X0X0"));
  BOOST_TEST(postcode_area(parse_postcode("X0X 0X0")) == parse_postcode("X0X"));
  BOOST_TEST(parse_identifier("11111")[0] == 0);
}

BOOST_AUTO_TEST_CASE(a_street_line_gives_number_and_name) {
  StreetLine a, b;
  parse_street("8910 Testard Rd Apt 58", a);
  parse_street("8910 TESTARD Road", b);
  BOOST_TEST(a.number == 8910u);
  BOOST_TEST(a.name.view() == b.name.view());
  parse_street("118 chemin Exemple App369", a);
  BOOST_TEST(a.number == 118u);
  BOOST_TEST(a.name.view() == "exemple");
}

BOOST_AUTO_TEST_SUITE_END()

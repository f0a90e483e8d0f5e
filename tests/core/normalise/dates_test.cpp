#include <boost/test/unit_test.hpp>

#include "normalise/dates.hpp"

using namespace casebridge::normalise;

namespace {
const Zone* toronto() { return Zone::find("America/Toronto"); }
std::string read(const DatePatterns& p, std::string_view text, DateNeed need = DateNeed::when) {
  const Date d = p.parse(text, need);
  return d.usable() ? std::string(d.text()) : "";
}
DateIssue issue(const DatePatterns& p, std::string_view text, DateNeed need = DateNeed::when) { return p.parse(text, need).issue; }
}  // namespace

BOOST_AUTO_TEST_CASE(dates_are_read_as_their_patterns_say) {
  struct Row {
    const char *pattern, *text, *normal;
  };
  const Row rows[] = {{"d/M/yyyy HH:mm", "1/7/2099 22:10", "2099-07-01T22:10:00-04:00"},
                      {"d/M/yyyy HH:mm", "01/12/2099 00:00", "2099-12-01T00:00:00-05:00"},
                      {"MM/yyyy", "03/2084", "2084-03"},
                      {"yyyy", "2084", "2084"},
                      {"M/d/yyyy H", "7/1/2099 5", "2099-07-01T05:00:00-04:00"},
                      {"M/d/yyyy h:mm:ss a", "1/2/2099 5:00:00 AM", "2099-01-02T05:00:00-05:00"},
                      {"M/d/yyyy h:mm a", "1/2/2099 12:05 p.m.", "2099-01-02T12:05:00-05:00"},
                      {"M/d/yyyy h:mm a", "1/2/2099 12:05 AM", "2099-01-02T00:05:00-05:00"},
                      {"yyyyMMdd", "20990704", "2099-07-04"},
                      {"yyyyMMddHHmm", "209907042315", "2099-07-04T23:15:00-04:00"},
                      {"d MMMM yyyy", "14 juillet 2099", "2099-07-14"},
                      {"d MMM yyyy", "3 f\xC3\xA9vr. 2099", "2099-02-03"},
                      {"d MMM yyyy", "3 FEB 2099", "2099-02-03"},
                      {"d MMMM yyyy", "1 AO\xC3\x9BT 2099", "2099-08-01"},
                      {"EEEE d MMMM yyyy", "mercredi 1 juillet 2099", "2099-07-01"},
                      {"MMM d, yyyy", "Sept. 9, 2099", "2099-09-09"},
                      {"yyyy-MM-dd'T'HH:mm:ssX", "2099-07-01T22:10:00Z", "2099-07-01T22:10:00Z"},
                      {"d/M/yyyy|MM/yyyy|yyyy", "2084", "2084"},
                      {"d/M/yyyy|MM/yyyy|yyyy", "3/2084", "2084-03"},
                      {"d/M/yyyy", "  1/7/2099 ", "2099-07-01"},
                      {"d/M/yyyy HH:mm", "24/12/2099 24:00", "2099-12-25T00:00:00-05:00"},
                      {"yyyy/MM/dd HH'h'mm", "2099/07/01 22h10", "2099-07-01T22:10:00-04:00"}};
  for (const Row& row : rows)
    BOOST_TEST(read(DatePatterns(row.pattern, toronto()), row.text) == row.normal,
               row.pattern << " on " << row.text << " gave " << read(DatePatterns(row.pattern, toronto()), row.text));
}

BOOST_AUTO_TEST_CASE(without_patterns_dates_are_iso) {
  const DatePatterns iso("", toronto());
  BOOST_TEST(read(iso, "2099") == "2099");
  BOOST_TEST(read(iso, "2099-07") == "2099-07");
  BOOST_TEST(read(iso, "2099-07-01") == "2099-07-01");
  BOOST_TEST(read(iso, "20990701") == "2099-07-01");
  BOOST_TEST(read(iso, "2099-07-01T08:05:00-04:00") == "2099-07-01T08:05:00-04:00");
  BOOST_TEST(read(iso, "2099-07-01T08:05:00.250Z") == "2099-07-01T08:05:00.25Z");
  BOOST_TEST(read(iso, "2099-07-01 08:05") == "2099-07-01T08:05:00-04:00");
  BOOST_TEST(read(iso, "2099-07-01-05:00") == "2099-07-01");
  BOOST_TEST(read(iso, "20990701T080500Z") == "2099-07-01T08:05:00Z");
  BOOST_TEST(read(iso, "2099-07-01T08:05:00Z", DateNeed::date) == "2099-07-01");
  for (const char* text : {"1/7/2099", "01-07-2099", "2099-7-1", "July 1", "", "20990", "2099-07-01T", "2099-07-01T08:05:00+0"})
    BOOST_TEST(read(iso, text) == "", text);
}

BOOST_AUTO_TEST_CASE(impossible_dates_are_findings_and_never_guesses) {
  const DatePatterns dmy("d/M/yyyy HH:mm|d/M/yyyy", toronto());
  for (const char* text :
       {"30/2/2099", "29/2/2099", "13/45/1990", "0/1/2099", "1/0/2099", "1/1/2099 24:01", "1/1/2099 25:00", "1/1/2099 10:60"}) {
    BOOST_TEST(read(dmy, text) == "", text);
    BOOST_TEST((issue(dmy, text) == DateIssue::impossible), text);
  }
  BOOST_TEST(read(dmy, "29/2/2096") == "2096-02-29");
  BOOST_TEST((issue(DatePatterns("EEE d MMM yyyy"), "Mon 1 Jul 2099") == DateIssue::impossible));  // it is a Wednesday
  BOOST_TEST((issue(DatePatterns("M/d/yyyy h:mm a"), "1/2/2099 13:00 PM") == DateIssue::impossible));
  for (const char* text : {"1/7/99", "1/7/20999", "1.7.2099", "x"}) BOOST_TEST((issue(dmy, text) == DateIssue::unreadable), text);
}

BOOST_AUTO_TEST_CASE(an_order_of_day_and_month_left_open_is_ambiguous) {
  const DatePatterns both("d/M/yyyy|M/d/yyyy");
  BOOST_TEST((issue(both, "3/4/2099") == DateIssue::ambiguous));
  BOOST_TEST(read(both, "3/4/2099") == "");
  BOOST_TEST(read(both, "13/4/2099") == "2099-04-13");
  BOOST_TEST(read(both, "4/13/2099") == "2099-04-13");
  BOOST_TEST(read(both, "4/4/2099") == "2099-04-04");
}

BOOST_AUTO_TEST_CASE(a_year_of_two_digits_needs_a_pattern_that_says_so) {
  const DatePatterns yy("d/M/yy", nullptr, 2026);
  BOOST_TEST(read(yy, "1/7/84") == "1984-07-01");
  BOOST_TEST(read(yy, "1/7/26") == "2026-07-01");
  BOOST_TEST(read(yy, "1/7/46") == "2046-07-01");
  BOOST_TEST(read(yy, "1/7/47") == "1947-07-01");
  BOOST_TEST((issue(yy, "1/7/84") == DateIssue::century));
  BOOST_TEST(read(DatePatterns("yyyy"), "84") == "");
}

BOOST_AUTO_TEST_CASE(clock_changes_are_reported) {
  const DatePatterns p("yyyy-MM-dd HH:mm", toronto());
  BOOST_TEST(read(p, "2025-03-09 02:30") == "2025-03-09T02:30:00-05:00");
  BOOST_TEST((issue(p, "2025-03-09 02:30") == DateIssue::gap));
  BOOST_TEST(read(p, "2025-11-02 01:30") == "2025-11-02T01:30:00-04:00");
  BOOST_TEST((issue(p, "2025-11-02 01:30") == DateIssue::overlap));
  for (const char* text : {"2025-03-09 01:59", "2025-03-09 03:00", "2025-11-02 00:59", "2025-11-02 02:00"})
    BOOST_TEST((issue(p, text) == DateIssue::none), text);
  BOOST_TEST(read(DatePatterns("yyyy-MM-dd HH:mm", Zone::find("America/St_Johns")), "2025-01-05 12:00") == "2025-01-05T12:00:00-03:30");
  BOOST_TEST(read(DatePatterns("yyyy-MM-dd HH:mm", Zone::find("America/Regina")), "2025-07-05 12:00") == "2025-07-05T12:00:00-06:00");
  BOOST_TEST(read(p, "1969-07-20 12:00") == "1969-07-20T12:00:00-04:00");
  BOOST_TEST(Zone::find("Mars/Olympus") == nullptr);
}

BOOST_AUTO_TEST_CASE(a_field_gets_the_precision_it_can_hold) {
  const DatePatterns no_zone("d/M/yyyy HH:mm|d/M/yyyy");
  BOOST_TEST(read(no_zone, "1/7/2099 10:00") == "2099-07-01");
  BOOST_TEST((issue(no_zone, "1/7/2099 10:00") == DateIssue::no_zone));
  BOOST_TEST((issue(no_zone, "1/7/2099 10:00", DateNeed::date_time) == DateIssue::no_zone));
  BOOST_TEST(read(no_zone, "1/7/2099 10:00", DateNeed::date_time) == "");
  BOOST_TEST((issue(no_zone, "1/7/2099", DateNeed::date_time) == DateIssue::no_time));
}

BOOST_AUTO_TEST_CASE(a_pattern_that_means_nothing_is_refused) {
  for (const char* p : {"dd/MM", "yyy", "d yyyy", "HH:mm", "yyyy-MM-dd 'x", "yyyy QQ", "yyyy mm"})
    BOOST_CHECK_THROW(DatePatterns{p}, std::invalid_argument);
}

BOOST_AUTO_TEST_CASE(ages_and_order_follow_precision) {
  int least, most;
  BOOST_TEST((age_between("2084-03", "2099-03-15", least, most) && least == 14 && most == 15));
  BOOST_TEST((age_between("2081-07-02", "2099-07-01", least, most) && least == 17 && most == 17));
  BOOST_TEST((age_between("2081-07-01", "2099-07-01T10:00:00-04:00", least, most) && least == 18 && most == 18));
  BOOST_TEST((age_between("2081", "2099", least, most) && least == 17 && most == 18));
  BOOST_TEST((age_between("2080-02-29", "2098-02-28", least, most) && least == 17));
  BOOST_TEST(compare_dates("2099-01-02", "2099-01") == 0);
  BOOST_TEST(compare_dates("2099-02", "2099-01-31") == 1);
  BOOST_TEST(compare_dates("2099-01-01T00:00:00Z", "2098-12-31T20:00:00-05:00") == -1);
  int64_t days;
  BOOST_TEST((days_between("2099-07-01T21:30:00-04:00", "2099-07-09", days) && days == 8));
  BOOST_TEST(!days_between("2099-07", "2099-07-09", days));
}

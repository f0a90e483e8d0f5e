// The matchers by hand and the patterns in the schemas must say the same of every text.
#include <boost/test/unit_test.hpp>
#include <re2/re2.h>

#include <random>

#include "model/modelgen/fixtures.hpp"
#include "validate/lexical.hpp"

using casebridge::validate::Form;
using casebridge::validate::form_of;
using casebridge::validate::matches;

namespace {

// Texts near the border of the form: good and bad samples with one or two bytes changed, dropped or doubled.
std::vector<std::string> texts_near(const modelgen::Form& form, std::mt19937& random) {
  std::vector<std::string> seeds = modelgen::good_of(form);
  for (const auto& bad : modelgen::bad_of(form)) seeds.push_back(bad);
  for (const char* seed :
       {"", "a", "0", "CA", "fra", "2099-07-02T08:05:00.5Z", "true", "00000000-0000-5000-8000-000000000001", "/a~1b", "1.25", "1.0.0"})
    seeds.push_back(seed);
  static const std::string kLetters = "0123456789-+:.TZabcfxAZ/~ \t_";
  std::vector<std::string> texts = seeds;
  for (const auto& seed : seeds)
    for (int i = 0; i < 400; ++i) {
      std::string text = seed;
      for (unsigned edits = 1 + random() % 2; edits > 0; --edits) {
        const size_t at = text.empty() ? 0 : random() % text.size();
        const char letter = kLetters[random() % kLetters.size()];
        switch (random() % 4) {
          case 0: text.insert(at, 1, letter); break;
          case 1:
            if (!text.empty()) text.erase(at, 1);
            break;
          case 2:
            if (!text.empty()) text.insert(at, 1, text[at]);
            break;
          default:
            if (!text.empty()) text[at] = letter;
        }
      }
      texts.push_back(text);
    }
  return texts;
}

bool utf8(const std::string& text) {  // edits may have cut a character in two; RE2 would not match it at all
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

BOOST_AUTO_TEST_CASE(matchers_and_patterns_say_the_same) {
  std::mt19937 random(7);
  size_t compared = 0, forms = 0;
  for (const modelgen::Form& form : modelgen::forms()) {
    const Form mine = form_of(form.name);
    if (mine == Form::other || form.pattern[0] == 0) continue;
    ++forms;
    const re2::RE2 pattern(form.pattern);
    BOOST_REQUIRE(pattern.ok());
    size_t accepted = 0;
    for (const auto& text : texts_near(form, random)) {
      if (!utf8(text)) continue;
      ++compared;
      const bool expected = re2::RE2::FullMatch(text, pattern);
      accepted += expected;
      BOOST_TEST(matches(mine, text) == expected, form.name << ": \"" << text << "\"");
    }
    BOOST_TEST(accepted > 0u, form.name << " was never accepted");
  }
  BOOST_TEST(forms > 20u);
  BOOST_TEST(compared > 50000u);
}

BOOST_AUTO_TEST_CASE(samples_of_every_form_are_judged_as_they_are_named) {
  for (const modelgen::Form& form : modelgen::forms()) {
    const Form mine = form_of(form.name);
    if (mine == Form::other) continue;
    for (const auto& text : modelgen::good_of(form)) BOOST_TEST(matches(mine, text), form.name << ": \"" << text << "\"");
    for (const auto& text : modelgen::bad_of(form)) BOOST_TEST(!matches(mine, text), form.name << ": \"" << text << "\"");
  }
}

BOOST_AUTO_TEST_CASE(text_is_what_xml_can_hold) {
  BOOST_TEST(matches(Form::text, "a\tb\n\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd"));
  BOOST_TEST(!matches(Form::text, ""));
  BOOST_TEST(!matches(Form::text, "a\x0b"));
  BOOST_TEST(!matches(Form::text, std::string_view("a\0b", 3)));
  BOOST_TEST(!matches(Form::text, "a\xef\xbf\xbe"));
  BOOST_TEST(!matches(Form::text, "\xef\xbf\xbf"));
  // The long way and the short way agree wherever the character stands.
  for (size_t size = 1; size < 40; ++size)
    for (size_t at = 0; at < size; ++at) {
      std::string text(size, 'x');
      for (const char* bad : {"\x01", "\x1f", "\x0b", "\xef\xbf\xbe", "\xef\xbf\xbf"})
        BOOST_TEST(!matches(Form::text, std::string(text).insert(at, bad)));
      for (const char* good : {"\t", "\n", "\r", " ", "\x7f", "\xc3\xa9", "\xef\xbf\xbd", "\xef\xbb\xbf", "\xf0\x9f\x98\x80"})
        BOOST_TEST(matches(Form::text, std::string(text).insert(at, good)));
    }
}

#include "normalise/phones.hpp"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <array>
#include <atomic>

#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {
using i18n::phonenumbers::NullLogger;
using i18n::phonenumbers::PhoneNumber;
using i18n::phonenumbers::PhoneNumberUtil;

PhoneNumberUtil& util() {
  static PhoneNumberUtil& one = *[] {
    PhoneNumberUtil* made = PhoneNumberUtil::GetInstance();
    made->SetLogger(new NullLogger);  // numbers are personal data: nothing of them may reach a log
    return made;
  }();
  return one;
}

size_t count_digits(std::string_view t) {
  size_t n = 0;
  for (const char c : t) n += digit(c);
  return n;
}

// North American numbers need no parser: ten digits (or 1 and ten), neither part beginning with 0 or 1. Whether an area
// code is assigned is asked of libphonenumber once for each of the 800.
enum : uint8_t { kUnasked, kValid, kInvalid };
bool area_is_assigned(int area) {
  static std::array<std::atomic<uint8_t>, 1000> known{};
  uint8_t state = known[static_cast<size_t>(area)].load(std::memory_order_relaxed);
  if (state == kUnasked) {
    PhoneNumber number;
    number.set_country_code(1);
    number.set_national_number(static_cast<uint64_t>(area) * 10000000 + 2345678);
    state = util().IsValidNumber(number) ? kValid : kInvalid;
    known[static_cast<size_t>(area)].store(state, std::memory_order_relaxed);
  }
  return state == kValid;
}

bool north_american(std::string_view t, std::string_view region, Normal& out) {
  char digits[12];
  size_t n = 0;
  bool plus = false;
  for (size_t i = 0; i < t.size(); ++i) {
    const char c = t[i];
    if (digit(c)) {
      if (n == 11) return false;
      digits[n++] = c;
    } else if (c == '+') {
      if (i) return false;
      plus = true;
    } else if (c != ' ' && c != '-' && c != '(' && c != ')' && c != '.') {
      return false;
    }
  }
  if (!plus && region != "CA" && region != "US") return false;
  if (plus ? n != 11 : n != 10 && n != 11) return false;
  if (n == 11 && digits[0] != '1') return false;
  const std::string_view ten(digits + (n - 10), 10);
  if (ten[0] < '2' || ten[3] < '2') return false;
  out.text = "+1";
  out.text += ten;
  if (!area_is_assigned((ten[0] - '0') * 100 + (ten[1] - '0') * 10 + ten[2] - '0')) out.code = "E-PHONE-UNASSIGNED";
  return true;
}

// Two numbers in one field: a mark between them, and enough digits on both sides.
bool several(std::string_view t) {
  for (size_t i = 1; i < t.size(); ++i) {
    const bool mark = t[i] == '/' || t[i] == ';' || t[i] == ',' || t[i] == '|' || t[i] == '+' || t[i] == '&';
    if (mark && count_digits(t.substr(0, i)) >= 7 && count_digits(t.substr(i)) >= 7) return true;
  }
  return false;
}

// The library knows the English word only.
std::string with_extension(const std::string& given) {
  const std::string low = lower(given);
  const size_t at = low.find("poste");
  return at == low.npos ? given : given.substr(0, at) + " ext. " + given.substr(at + 5);
}

}  // namespace

void warm_phones() {
  PhoneNumber number;
  util().Parse("+33 1 99 00 12 34 ext. 5", "CA", &number);
  (void)util().IsValidNumber(number);
  (void)area_is_assigned(705);  // the others when they are met: asking for all takes as long as reading a small file
}

Normal normalise_phone(std::string_view raw, std::string_view region) {
  const std::string given = tidy(raw);
  Normal out;
  if (north_american(given, region, out)) return out;
  if (several(given)) return Normal::as_given(given, "E-PHONE-MANY");
  if (given.size() > 60 || !count_digits(given)) return Normal::as_given(given, "E-PHONE-PARSE");
  PhoneNumber number;
  const auto error = util().Parse(with_extension(given), region.empty() ? "ZZ" : std::string(region), &number);
  if (error == PhoneNumberUtil::INVALID_COUNTRY_CODE_ERROR) return Normal::as_given(given, "E-PHONE-NO-REGION");
  if (error == PhoneNumberUtil::TOO_SHORT_NSN || error == PhoneNumberUtil::TOO_SHORT_AFTER_IDD)
    return Normal::as_given(given, "E-PHONE-LOCAL");
  if (error != PhoneNumberUtil::NO_PARSING_ERROR) return Normal::as_given(given, "E-PHONE-PARSE");
  const auto possible = util().IsPossibleNumberWithReason(number);
  if (possible == PhoneNumberUtil::IS_POSSIBLE_LOCAL_ONLY || possible == PhoneNumberUtil::TOO_SHORT)
    return Normal::as_given(given, "E-PHONE-LOCAL");
  if (possible != PhoneNumberUtil::IS_POSSIBLE) return Normal::as_given(given, "E-PHONE-PARSE");
  util().Format(number, PhoneNumberUtil::E164, &out.text);
  // The library reads as far as it understands. Digits that it left out may be a second number: then nothing is taken.
  const size_t understood = count_digits(out.text) + count_digits(number.extension());
  // A trunk prefix (0, 1, 00, 011) is written but not part of the number.
  if (count_digits(given) > understood + 3) return Normal::as_given(given, "E-PHONE-MANY");
  if (!util().IsValidNumber(number)) out.code = "E-PHONE-UNASSIGNED";
  if (!number.extension().empty()) out.text += ";ext=" + number.extension();
  return out;
}

}  // namespace casebridge::normalise

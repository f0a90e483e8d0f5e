#include "normalise/identifiers.hpp"

#include "normalise/folding.hpp"

namespace casebridge::normalise {
namespace {

std::string bare(std::string_view t) { return upper(without(t, " -./")); }

Normal sin(std::string_view given) {
  const std::string digits = bare(given);
  if (digits.size() != 9 || !all_digits(digits)) return Normal::noted(digits, "E-ID-FORM", "SIN");
  return luhn(digits) && digits[0] != '0' && digits[0] != '8' ? Normal::good(digits) : Normal::noted(digits, "E-CHECK-DIGIT", "SIN");
}

Normal ssn(std::string_view given) {
  const std::string d = bare(given);
  if (d.size() != 9 || !all_digits(d)) return Normal::noted(d, "E-ID-FORM", "SSN");
  const std::string_view area = std::string_view(d).substr(0, 3);
  const bool never = area == "000" || area == "666" || area[0] == '9' || d.substr(3, 2) == "00" || d.substr(5) == "0000";
  return never ? Normal::noted(d, "E-ID-FORM", "SSN") : Normal::good(d);
}

Normal health_card(std::string_view given, std::string_view issuer) {
  std::string card = bare(given);
  const bool ontario = equal_fold(issuer, "ON") || equal_fold(issuer, "CA-ON") || equal_fold(issuer, "Ontario");
  // Ontario: ten digits and a version code that changes when the card is replaced; the person's number is the digits.
  if (card.size() == 12 && all_digits(std::string_view(card).substr(0, 10)) && letter(card[10]) && letter(card[11])) card.resize(10);
  if (card.size() == 12 && letter(card[0]) && letter(card[1]) && letter(card[2]) && letter(card[3]) &&
      all_digits(std::string_view(card).substr(4)))
    return Normal::good(card);  // Québec
  if (!all_digits(card) || card.size() < 8 || card.size() > 12) return Normal::noted(card, "E-ID-FORM", "HEALTH_CARD");
  if (ontario && (card.size() != 10 || !luhn(card))) return Normal::noted(card, "E-CHECK-DIGIT", "HEALTH_CARD");
  return Normal::good(card);
}

Normal driver_licence(std::string_view given, std::string_view issuer) {
  const std::string licence = bare(given);
  if (!equal_fold(issuer, "ON") && !equal_fold(issuer, "CA-ON")) return Normal::good(licence);
  // Ontario: the family name's first letter and fourteen digits.
  const bool right = licence.size() == 15 && letter(licence[0]) && all_digits(std::string_view(licence).substr(1));
  return right ? Normal::good(licence) : Normal::noted(licence, "E-ID-FORM", "DRIVER_LICENCE");
}

}  // namespace

bool is_sensitive_identifier(std::string_view type) { return type == "SIN" || type == "SSN" || type == "HEALTH_CARD"; }

Normal normalise_identifier(std::string_view type, std::string_view value, std::string_view issuer) {
  const std::string given = tidy(value);
  if (given.empty()) return Normal::unusable("E-ID-FORM", std::string(type));
  if (type == "SIN") return sin(given);
  if (type == "SSN") return ssn(given);
  if (type == "HEALTH_CARD") return health_card(given, issuer);
  if (type == "DRIVER_LICENCE") return driver_licence(given, issuer);
  if (type == "PASSPORT" || type == "STATUS_CARD" || type == "STATE_ID" || type == "FBI") return Normal::good(bare(given));
  if (type == "FPS") {
    const std::string fps = bare(given);
    return fps.empty() || !digit(fps[0]) ? Normal::as_given(given, "E-ID-FORM", "FPS") : Normal::good(fps);
  }
  if (type == "UCI") {
    const std::string uci = bare(given);
    return all_digits(uci) && (uci.size() == 8 || uci.size() == 10) ? Normal::good(uci) : Normal::as_given(given, "E-ID-FORM", "UCI");
  }
  return Normal::good(given);  // numbers of one system: its own spelling is the form
}

}  // namespace casebridge::normalise

#include "normalise/selectors.hpp"

#include <arpa/inet.h>

#include "normalise/folding.hpp"
#include "normalise/phones.hpp"

namespace casebridge::normalise {
namespace {

bool only(std::string_view t, std::string_view extra) {
  for (const char c : t)
    if (!letter(c) && !digit(c) && extra.find(c) == extra.npos) return false;
  return true;
}

bool host_name(std::string_view host) {
  return !host.empty() && host.size() <= 253 && host.find('.') != host.npos && host.front() != '.' && host.back() != '.' &&
         host.front() != '-' && host.find("..") == host.npos;
}

Normal device(std::string_view given, size_t least, size_t most, bool check, std::string_view what) {
  const std::string digits = without(given, " -./");
  if (!all_digits(digits)) return Normal::as_given(given, "E-SELECTOR-FORM", std::string(what));
  if (digits.size() < least || digits.size() > most) return Normal::noted(digits, "E-SELECTOR-FORM", std::string(what));
  if (check && !luhn(digits)) return Normal::noted(digits, "E-CHECK-DIGIT", std::string(what));
  return Normal::good(digits);
}

bool iban_right(std::string_view t) {
  int rest = 0;
  for (size_t i = 0; i < t.size(); ++i) {  // the first four characters go to the end
    const char c = t[(i + 4) % t.size()];
    if (digit(c)) rest = (rest * 10 + (c - '0')) % 97;
    else if (c >= 'A' && c <= 'Z') rest = (rest * 100 + (c - 'A' + 10)) % 97;
    else return false;
  }
  return rest == 1;
}

Normal account(std::string_view given) {
  const std::string joined = upper(without(given, " "));
  if (joined.size() >= 15 && joined.size() <= 34 && letter(joined[0]) && letter(joined[1]) && digit(joined[2]) && digit(joined[3]) &&
      only(joined, ""))
    return iban_right(joined) ? Normal::good(joined) : Normal::noted(joined, "E-CHECK-DIGIT", "IBAN");
  return Normal::good(joined);
}

Normal wallet(std::string_view given) {
  const std::string low = lower(given);
  if (low.starts_with("0x") || low.starts_with("bc1") || low.starts_with("tb1") || low.starts_with("ltc1")) return Normal::good(low);
  return Normal::good(std::string(given));  // base58: upper and lower case are different addresses
}

Normal mac(std::string_view given) {
  const std::string hex = lower(without(given, " :-."));
  if (hex.size() != 12 || hex.find_first_not_of("0123456789abcdef") != hex.npos) return Normal::as_given(given, "E-SELECTOR-FORM", "MAC");
  std::string out;
  for (size_t i = 0; i < 12; i += 2) {
    if (i) out += ':';
    out.append(hex, i, 2);
  }
  return Normal::good(out);
}

}  // namespace

Normal normalise_email(std::string_view text) {
  std::string given = tidy(text);
  std::string low = lower(given);
  if (low.starts_with("mailto:")) low.erase(0, 7);
  const size_t at = low.rfind('@');
  if (at == low.npos || !at || !host_name(std::string_view(low).substr(at + 1)) || low.find(' ') != low.npos)
    return Normal::as_given(given, "E-SELECTOR-FORM", "e-mail");
  return Normal::good(low);
}

Normal normalise_url(std::string_view text) {
  const std::string given = tidy(text);
  if (given.empty() || given.find(' ') != given.npos) return Normal::as_given(given, "E-SELECTOR-FORM", "URL");
  const size_t colon = given.find("://");
  if (colon == given.npos)
    return host_name(std::string_view(given).substr(0, given.find('/'))) ? Normal::good(given)
                                                                         : Normal::as_given(given, "E-SELECTOR-FORM", "URL");
  std::string scheme = lower(std::string_view(given).substr(0, colon));
  size_t end = given.find_first_of("/?#", colon + 3);
  if (end == given.npos) end = given.size();
  std::string_view authority = std::string_view(given).substr(colon + 3, end - colon - 3);
  const size_t user = authority.rfind('@');
  std::string out = scheme + "://";
  if (user != authority.npos) {
    out += authority.substr(0, user + 1);
    authority.remove_prefix(user + 1);
  }
  std::string host = lower(authority);
  const auto drop_port = [&](std::string_view port) {
    if (host.ends_with(port)) host.resize(host.size() - port.size());
  };
  if (scheme == "http") drop_port(":80");
  if (scheme == "https") drop_port(":443");
  if (host.empty()) return Normal::as_given(given, "E-SELECTOR-FORM", "URL");
  out += host;
  out += std::string_view(given).substr(end);
  return Normal::good(out);
}

Normal normalise_ip(std::string_view text) {
  const std::string given = tidy(text);
  char out[INET6_ADDRSTRLEN];
  unsigned char raw[16];
  std::string_view host = given;
  if (!host.empty() && host.front() == '[') {
    const size_t close = host.find(']');
    if (close != host.npos) host = host.substr(1, close - 1);
  }
  const std::string name(host);
  for (const int family : {AF_INET, AF_INET6})
    if (inet_pton(family, name.c_str(), raw) == 1 && inet_ntop(family, raw, out, sizeof out)) return Normal::good(out);
  return Normal::as_given(given, "E-SELECTOR-FORM", "IP");
}

Normal normalise_vin(std::string_view text) {
  const std::string given = tidy(text);
  const std::string vin = upper(without(given, " -"));
  if (vin.size() != 17 || !only(vin, "")) return Normal::noted(vin, "E-VIN-FORM");
  if (vin.find_first_of("IOQ") != vin.npos) return Normal::noted(vin, "E-VIN-FORM");
  static constexpr int kWeights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  static constexpr std::string_view kValues = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ";
  int sum = 0;
  for (size_t i = 0; i < 17; ++i) sum += static_cast<int>(kValues.find(vin[i]) % 10) * kWeights[i];
  const int rest = sum % 11;
  return vin[8] == (rest == 10 ? 'X' : static_cast<char>('0' + rest)) ? Normal::good(vin) : Normal::noted(vin, "E-CHECK-DIGIT", "VIN");
}

Normal normalise_plate(std::string_view text) {
  const std::string given = tidy(text);
  const std::string plate = upper(without(given, " -."));
  return plate.empty() ? Normal::as_given(given, "E-SELECTOR-FORM", "plate") : Normal::good(plate);
}

std::string card_digits(std::string_view value) { return without(value, " -"); }
bool is_full_card(std::string_view value) {
  const std::string digits = card_digits(trim(value));
  return digits.size() >= 13 && digits.size() <= 19 && all_digits(digits) && luhn(digits);
}

Normal normalise_selector(std::string_view kind, std::string_view value, std::string_view region) {
  if (kind == "PHONE") return normalise_phone(value, region);
  const std::string given = tidy(value);
  if (kind == "EMAIL") return normalise_email(given);
  if (kind == "URL") return normalise_url(given);
  if (kind == "IP_ADDRESS") return normalise_ip(given);
  if (kind == "MAC_ADDRESS") return mac(given);
  if (kind == "IMEI") return device(given, 14, 16, without(given, " -./").size() == 15, "IMEI");
  if (kind == "IMSI") return device(given, 14, 15, false, "IMSI");
  if (kind == "ICCID") return device(given, 18, 22, false, "ICCID");
  if (kind == "BANK_ACCOUNT") return account(given);
  if (kind == "CRYPTO_WALLET") return wallet(given);
  if (kind == "ETRANSFER_HANDLE") return given.find('@') != given.npos ? normalise_email(given) : normalise_phone(given, region);
  if (kind == "SOCIAL_HANDLE") {
    if (given.find("://") != given.npos) return normalise_url(given);
    std::string handle = fold(given).size() == given.size() ? lower(given) : given;
    if (handle.starts_with('@')) handle.erase(0, 1);
    return handle.empty() ? Normal::as_given(given, "E-SELECTOR-FORM", "handle") : Normal::good(handle);
  }
  return Normal::good(given);
}

}  // namespace casebridge::normalise

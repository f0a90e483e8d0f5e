// The formats that are asserted when asked for (an option; by default "format" is a note for people, as the drafts say).
#include <array>
#include <charconv>

#include "validate/json_schema/program.hpp"

namespace casebridge::schema {
namespace {

bool digits(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == text.npos; }
int number(std::string_view text) {
  int n = -1;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

bool date(std::string_view t) {
  if (t.size() != 10 || t[4] != '-' || t[7] != '-' || !digits(t.substr(0, 4)) || !digits(t.substr(5, 2)) || !digits(t.substr(8, 2)))
    return false;
  const int y = number(t.substr(0, 4)), m = number(t.substr(5, 2)), d = number(t.substr(8, 2));
  constexpr std::array days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return m >= 1 && m <= 12 && d >= 1 && d <= days[static_cast<size_t>(m - 1)] + (m == 2 && leap);
}

bool clock(std::string_view t) {
  if (t.size() < 9 || t[2] != ':' || t[5] != ':' || !digits(t.substr(0, 2)) || !digits(t.substr(3, 2)) || !digits(t.substr(6, 2)))
    return false;
  int h = number(t.substr(0, 2)), m = number(t.substr(3, 2));
  const int s = number(t.substr(6, 2));
  if (h > 23 || m > 59 || s > 60) return false;
  t.remove_prefix(8);
  if (t.front() == '.') {
    const size_t end = t.find_first_not_of("0123456789", 1);
    if (end == 1 || end == t.npos) return false;
    t.remove_prefix(end);
  }
  if (t != "Z" && t != "z") {
    if (t.size() != 6 || (t[0] != '+' && t[0] != '-') || t[3] != ':' || !digits(t.substr(1, 2)) || !digits(t.substr(4, 2))) return false;
    const int oh = number(t.substr(1, 2)), om = number(t.substr(4, 2));
    if (oh > 23 || om > 59) return false;
    const int sign = t[0] == '+' ? -1 : 1;
    m += sign * om;
    h += sign * oh + (m < 0 ? -1 : m > 59 ? 1 : 0);
    m = (m + 60) % 60;
    h = (h + 24) % 24;
  }
  return s < 60 || (h == 23 && m == 59);  // a leap second ends a day in UTC
}

bool hostname(std::string_view t) {
  if (t.empty() || t.size() > 253) return false;
  while (!t.empty()) {
    const size_t dot = t.find('.');
    const std::string_view label = t.substr(0, dot);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    for (const char c : label)
      if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-') return false;
    if (dot == t.npos) return true;
    t.remove_prefix(dot + 1);
  }
  return false;
}

bool ipv4(std::string_view t) {
  for (int part = 0; part < 4; ++part) {
    const size_t dot = part < 3 ? t.find('.') : t.size();
    if (dot == t.npos) return false;
    const std::string_view n = t.substr(0, dot);
    if (!digits(n) || n.size() > 3 || (n.size() > 1 && n[0] == '0') || number(n) > 255) return false;
    t.remove_prefix(part < 3 ? dot + 1 : dot);
  }
  return true;
}

bool ipv6(std::string_view t) {
  const size_t gap = t.find("::");
  if (gap != t.npos && t.find("::", gap + 1) != t.npos) return false;
  int groups = 0;
  for (size_t at = 0; at <= t.size();) {
    const size_t end = std::min(t.find(':', at), t.size());
    const std::string_view group = t.substr(at, end - at);
    if (group.empty()) {
      if (gap == t.npos || !(at == gap || at == gap + 1 || at == gap + 2)) return false;
    } else if (group.find('.') != group.npos) {
      if (end != t.size() || !ipv4(group)) return false;
      groups += 2;
    } else {
      if (group.size() > 4 || group.find_first_not_of("0123456789abcdefABCDEF") != group.npos) return false;
      ++groups;
    }
    at = end + 1;
  }
  return gap == t.npos ? groups == 8 : groups <= 7;
}

bool email(std::string_view t) {
  const size_t at = t.rfind('@');
  if (at == t.npos || at == 0) return false;
  const std::string_view local = t.substr(0, at);
  return local.front() != '.' && local.back() != '.' && local.find("..") == local.npos && local.find_first_of(" \t\r\n") == local.npos &&
         hostname(t.substr(at + 1));
}

bool uri(std::string_view t, bool reference) {
  for (const char c : t)
    if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7f ||
        std::string_view("<>\"{}|\\^`").find(c) != std::string_view::npos)
      return false;
  if (reference) return true;
  const size_t colon = t.find(':');
  return colon != t.npos && colon > 0 && std::isalpha(static_cast<unsigned char>(t[0])) &&
         t.substr(0, colon).find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-") == t.npos;
}

bool uuid(std::string_view t) {
  if (t.size() != 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? t[i] != '-' : !std::isxdigit(static_cast<unsigned char>(t[i]))) return false;
  }
  return true;
}

bool json_pointer(std::string_view t) {
  if (!t.empty() && t.front() != '/') return false;
  for (size_t i = 0; i < t.size(); ++i)
    if (t[i] == '~' && (i + 1 == t.size() || (t[i + 1] != '0' && t[i + 1] != '1'))) return false;
  return true;
}

}  // namespace

bool format_holds(std::string_view format, std::string_view t) {
  if (format == "date") return date(t);
  if (format == "time") return clock(t);
  if (format == "date-time") return t.size() > 11 && date(t.substr(0, 10)) && (t[10] == 'T' || t[10] == 't') && clock(t.substr(11));
  if (format == "email") return email(t);
  if (format == "hostname") return hostname(t);
  if (format == "ipv4") return ipv4(t);
  if (format == "ipv6") return ipv6(t);
  if (format == "uri") return uri(t, false);
  if (format == "uri-reference") return uri(t, true);
  if (format == "uuid") return uuid(t);
  if (format == "json-pointer") return json_pointer(t);
  if (format == "regex") return Pattern::make(t) != nullptr;
  return true;
}

}  // namespace casebridge::schema

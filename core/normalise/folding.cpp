#include "normalise/folding.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

namespace casebridge::normalise {
namespace {

const icu::Normalizer2& form(bool compose) {
  static const auto get = [](bool c) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* n = c ? icu::Normalizer2::getNFCInstance(status) : icu::Normalizer2::getNFKDInstance(status);
    return n;  // compiled into ICU's common library; cannot fail once the library is loaded
  };
  static const icu::Normalizer2* const nfc = get(true);
  static const icu::Normalizer2* const nfkd = get(false);
  return compose ? *nfc : *nfkd;
}

bool ascii(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80) return false;
  return true;
}
bool blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Length of a non-ASCII white space character at the start of `text`, or 0.
size_t wide_blank(std::string_view t) {
  if (t.size() >= 2 && t[0] == '\xC2' && (t[1] == '\xA0' || t[1] == '\x85')) return 2;
  if (t.size() >= 3 && t[0] == '\xE2' && t[1] == '\x80') {
    const auto c = static_cast<unsigned char>(t[2]);
    if ((c >= 0x80 && c <= 0x8B) || c == 0xA8 || c == 0xA9 || c == 0xAF) return 3;
  }
  if (t.substr(0, 3) == "\xE2\x81\xA0" || t.substr(0, 3) == "\xE3\x80\x80" || t.substr(0, 3) == "\xEF\xBB\xBF") return 3;
  return 0;
}

std::string collapse(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  bool gap = false;
  for (size_t i = 0; i < text.size();) {
    size_t wide = 0;
    if (blank(text[i])) wide = 1;
    else if (static_cast<unsigned char>(text[i]) >= 0x80) wide = wide_blank(text.substr(i));
    if (wide) {
      gap = true;
      i += wide;
      continue;
    }
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 || c == 0x7F) {
      ++i;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += text[i++];
  }
  return out;
}

std::string to_utf8(const icu::UnicodeString& s) {
  std::string out;
  return s.toUTF8String(out);
}

}  // namespace

void warm_folding() {
  (void)tidy("\xC3\xA9  x");
  (void)fold("\xC3\x89t\xC3\xA9");
}

std::string_view trim(std::string_view t) {
  for (bool again = true; again && !t.empty();) {
    again = false;
    while (!t.empty() && blank(t.front())) t.remove_prefix(1);
    while (!t.empty() && blank(t.back())) t.remove_suffix(1);
    if (t.empty() || (static_cast<unsigned char>(t.front()) < 0x80 && static_cast<unsigned char>(t.back()) < 0x80)) break;
    if (const size_t n = wide_blank(t)) {
      t.remove_prefix(n);
      again = true;
    }
    for (const size_t n : {size_t(2), size_t(3)})
      if (t.size() >= n && wide_blank(t.substr(t.size() - n)) == n) {
        t.remove_suffix(n);
        again = true;
        break;
      }
  }
  return t;
}

bool is_plain(std::string_view t) {
  char before = ' ';
  for (const char c : t) {
    if (static_cast<unsigned char>(c) >= 0x7F || static_cast<unsigned char>(c) < 0x20 || (c == ' ' && before == ' ')) return false;
    before = c;
  }
  return t.empty() || before != ' ';
}

std::string tidy(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string out = collapse(text);
  if (ascii(out)) return out;
  UErrorCode status = U_ZERO_ERROR;
  const auto wide = icu::UnicodeString::fromUTF8(out);
  if (form(true).isNormalized(wide, status) && U_SUCCESS(status)) return out;
  status = U_ZERO_ERROR;
  const auto composed = form(true).normalize(wide, status);
  return U_SUCCESS(status) ? to_utf8(composed) : out;
}

std::string fold(std::string_view text) {
  if (is_plain(text)) return lower(text);
  std::string out = collapse(text);
  if (ascii(out)) {
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
  }
  UErrorCode status = U_ZERO_ERROR;
  auto wide = form(false).normalize(icu::UnicodeString::fromUTF8(out), status);
  if (U_FAILURE(status)) return out;
  wide.foldCase();
  icu::UnicodeString kept;
  for (int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
    const UChar32 c = wide.char32At(i);
    if (u_charType(c) == U_NON_SPACING_MARK) continue;
    switch (c) {
      case 0x2018:
      case 0x2019:
      case 0x02BC:
      case 0x00B4: kept += u'\''; break;
      case 0x201C:
      case 0x201D:
      case 0x00AB:
      case 0x00BB: kept += u'"'; break;
      case 0x2010:
      case 0x2011:
      case 0x2012:
      case 0x2013:
      case 0x2014:
      case 0x2212: kept += u'-'; break;
      case 0x00E6: kept += u"ae"; break;
      case 0x0153: kept += u"oe"; break;
      case 0x00F8: kept += u'o'; break;
      case 0x0142: kept += u'l'; break;
      case 0x0111:
      case 0x00F0: kept += u'd'; break;
      case 0x00FE: kept += u"th"; break;
      case 0x0131: kept += u'i'; break;
      default: kept += c;
    }
  }
  return collapse(to_utf8(kept));
}

std::string letters_only(std::string_view text) {
  std::string folded = fold(text), out;
  for (const char c : folded) {
    if (letter(c) || digit(c) || static_cast<unsigned char>(c) >= 0x80) out += c;
    else if (c != '\'' && c != '.' && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string upper(std::string_view t) {
  std::string out(t);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  return out;
}
std::string lower(std::string_view t) {
  std::string out(t);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}
std::string without(std::string_view t, std::string_view drop) {
  std::string out;
  for (const char c : t)
    if (drop.find(c) == drop.npos) out += c;
  return out;
}
bool all_digits(std::string_view t) {
  for (const char c : t)
    if (!digit(c)) return false;
  return !t.empty();
}
bool luhn(std::string_view digits) {
  unsigned sum = 0;
  bool twice = false;
  for (size_t i = digits.size(); i-- > 0; twice = !twice) {
    unsigned d = static_cast<unsigned>(digits[i] - '0');
    if (twice && (d *= 2) > 9) d -= 9;
    sum += d;
  }
  return sum % 10 == 0;
}
bool equal_fold(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto low = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (low(a[i]) != low(b[i])) return false;
  }
  return true;
}

}  // namespace casebridge::normalise

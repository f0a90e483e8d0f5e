#include "read/encoding.hpp"

#include <algorithm>
#include <cctype>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace casebridge::read {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// 0x80..0x9F of Windows-1252; 0: not assigned.
constexpr uint16_t kWindows1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                       0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                       0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool forbidden(unsigned char byte) { return byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r'; }
bool forbidden_code(uint32_t code) {
  return (code < 0x80 && forbidden(static_cast<unsigned char>(code))) || code == 0xFFFE || code == 0xFFFF;
}

std::string code_name(uint32_t code) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string name = "U+";
  for (int shift = 12; shift >= 0; shift -= 4) name += kDigits[(code >> shift) & 15];
  return name;
}

// Zero bytes at even and odd places tell UTF-16 apart: text of our languages has a zero in most units.
Encoding zero_pattern(std::string_view head) {
  const size_t units = std::min<size_t>(head.size(), 4096) / 2;
  if (units < 2) return Encoding::ascii;
  size_t even = 0, odd = 0;
  for (size_t i = 0; i < units; ++i) {
    even += head[2 * i] == 0;
    odd += head[2 * i + 1] == 0;
  }
  if (odd * 10 >= units * 6 && even * 10 < units) return Encoding::utf16le;
  if (even * 10 >= units * 6 && odd * 10 < units) return Encoding::utf16be;
  return Encoding::ascii;
}

}  // namespace

std::string_view encoding_name(Encoding encoding) {
  switch (encoding) {
    case Encoding::ascii: return "ASCII";
    case Encoding::utf8: return "UTF-8";
    case Encoding::windows_1252: return "windows-1252";
    case Encoding::iso_8859_1: return "ISO-8859-1";
    case Encoding::utf16le: return "UTF-16LE";
    case Encoding::utf16be: return "UTF-16BE";
    case Encoding::unsupported: break;
  }
  return "?";
}

Encoding encoding_of(std::string_view name) {
  std::string key;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c))) key += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (key.empty() || key == "auto" || key == "ascii" || key == "usascii") return Encoding::ascii;
  if (key == "utf8" || key == "utf8bom" || key == "utf8sig") return Encoding::utf8;
  if (key == "windows1252" || key == "cp1252" || key == "win1252" || key == "1252" || key == "ansi") return Encoding::windows_1252;
  if (key == "iso88591" || key == "latin1" || key == "l1" || key == "88591") return Encoding::iso_8859_1;
  if (key == "utf16" || key == "utf16le" || key == "ucs2" || key == "unicode") return Encoding::utf16le;
  if (key == "utf16be") return Encoding::utf16be;
  return Encoding::unsupported;
}

Detected detect_encoding(std::string_view head, std::string_view declared, Reporter& reporter) {
  const auto starts = [&](std::string_view mark) { return head.substr(0, mark.size()) == mark; };
  const Encoding said = encoding_of(declared);
  Detected found;
  if (starts(std::string_view("\xFF\xFE\0\0", 4)) || starts(std::string_view("\0\0\xFE\xFF", 4))) {
    reporter.report("E-TEXT-UNSUPPORTED", {"UTF-32"}, 0, 4);
    return {Encoding::unsupported, 4, "byte order mark of UTF-32"};
  }
  if (said == Encoding::unsupported) {
    reporter.report("E-TEXT-UNSUPPORTED", {declared}, 0, 0);
    return {Encoding::unsupported, 0, "declared"};
  }
  if (starts("\xEF\xBB\xBF")) found = {Encoding::utf8, 3, "byte order mark"};
  else if (starts("\xFF\xFE")) found = {Encoding::utf16le, 2, "byte order mark"};
  else if (starts("\xFE\xFF")) found = {Encoding::utf16be, 2, "byte order mark"};
  // A mark before plain ASCII was put there by mistake: no text in UTF-16 looks like this.
  if (found.bom == 2 && head.size() >= 10 && is_plain(head.substr(2))) {
    reporter.report("E-TEXT-ENCODING", {encoding_name(found.encoding), "its bytes are plain ASCII", "UTF-8"}, 0, 2);
    return {Encoding::ascii, 2, "byte order mark of UTF-16, but its bytes are plain ASCII"};
  }
  if (found.encoding == Encoding::ascii)
    if (const Encoding pattern = zero_pattern(head); pattern != Encoding::ascii) found = {pattern, 0, "every second byte is zero"};

  if (found.encoding == Encoding::ascii) {
    if (said == Encoding::utf16le || said == Encoding::utf16be) {
      // A file of two-byte units has zero bytes or at least no long run of plain ASCII.
      if (head.size() >= 8 && is_plain(head)) {
        reporter.report("E-TEXT-ENCODING", {encoding_name(said), "its bytes are plain ASCII", "UTF-8"}, 0, 0);
        return {Encoding::ascii, 0, "declared as UTF-16, but its bytes are plain ASCII"};
      }
    }
    found.encoding = said;
    found.why = said == Encoding::ascii ? "nothing but ASCII so far" : "declared";
    return found;
  }
  const bool family16 = found.encoding == Encoding::utf16le || found.encoding == Encoding::utf16be;
  const bool said16 = said == Encoding::utf16le || said == Encoding::utf16be;
  // "utf-16" names no byte order: the mark or the pattern settles it, which contradicts nothing.
  const bool agrees =
      said == Encoding::ascii || said == found.encoding || (family16 && said16 && encoding_of(declared) == Encoding::utf16le);
  if (!agrees) reporter.report("E-TEXT-ENCODING", {encoding_name(said), found.why, encoding_name(found.encoding)}, 0, found.bom);
  return found;
}

bool is_plain(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
#ifdef __SSE2__
  const __m128i space = _mm_set1_epi8(0x20);
  for (; end - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    if (_mm_movemask_epi8(_mm_cmplt_epi8(block, space)) == 0) continue;
    for (int i = 0; i < 16; ++i)
      if (static_cast<unsigned char>(at[i]) >= 0x80 || forbidden(static_cast<unsigned char>(at[i]))) return false;
  }
#endif
  for (; at != end; ++at)
    if (static_cast<unsigned char>(*at) >= 0x80 || forbidden(static_cast<unsigned char>(*at))) return false;
  return true;
}

uint32_t utf8_length(std::string_view text) {
  if (text.empty()) return 0;
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return tail(1) ? 2 : 0;
  if (first < 0xF0) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) >= 0xA0) return 0;  // surrogates
    return 3;
  }
  if (first > 0xF4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) >= 0x90) return 0;
  return 4;
}

char* put_utf8(char* at, uint32_t code) {
  if (code < 0x80) {
    *at++ = static_cast<char>(code);
  } else if (code < 0x800) {
    *at++ = static_cast<char>(0xC0 | (code >> 6));
    *at++ = static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    *at++ = static_cast<char>(0xE0 | (code >> 12));
    *at++ = static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *at++ = static_cast<char>(0x80 | (code & 0x3F));
  } else {
    *at++ = static_cast<char>(0xF0 | (code >> 18));
    *at++ = static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    *at++ = static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    *at++ = static_cast<char>(0x80 | (code & 0x3F));
  }
  return at;
}

void append_utf8(std::string& out, uint32_t code_point) {
  char text[4];
  out.append(text, static_cast<size_t>(put_utf8(text, code_point) - text));
}

void Decoder::decide(std::string_view sample, uint64_t offset) {
  size_t good = 0, bad = 0, first_bad = 0;
  for (size_t i = 0; i < sample.size();) {
    const uint32_t length = utf8_length(sample.substr(i));
    // A sequence cut by the end of the sample says nothing.
    if (length == 0 && sample.size() - i >= 4 && bad++ == 0) first_bad = i;
    good += length > 1;
    i += std::max<uint32_t>(length, 1);
  }
  if (bad > good) {
    encoding_ = Encoding::windows_1252;
    why_ = "the bytes " + hex_bytes(sample.substr(first_bad, 4)) + " are not UTF-8";
    reporter_->report("E-TEXT-GUESS", {hex_bytes(sample.substr(first_bad, 4)), encoding_name(encoding_)}, offset + first_bad, 1);
  } else {
    encoding_ = Encoding::utf8;
    why_ = "its bytes past ASCII are good UTF-8";
  }
}

std::string_view Decoder::decode_slow(std::string_view raw, uint64_t offset, Arena& arena) {
  if (encoding_ == Encoding::windows_1252 || encoding_ == Encoding::iso_8859_1) return from_single_byte(raw, offset, arena);
  return repair_utf8(raw, offset, arena);
}

std::string_view Decoder::repair_utf8(std::string_view raw, uint64_t offset, Arena& arena) {
  // First look whether there is anything to mend: in most inputs with accents there is not.
  size_t good = 0;
  while (good < raw.size()) {
    const auto byte = static_cast<unsigned char>(raw[good]);
    if (byte < 0x80) {
      if (forbidden(byte)) break;
      ++good;
      continue;
    }
    const uint32_t length = utf8_length(raw.substr(good));
    if (length == 0) break;
    if (byte == 0xEF && static_cast<unsigned char>(raw[good + 1]) == 0xBF && static_cast<unsigned char>(raw[good + 2]) >= 0xBE) break;
    good += length;
  }
  if (good == raw.size()) return raw;

  char* const into = arena.allocate(raw.size() * 3);  // a byte becomes at most U+FFFD
  std::memcpy(into, raw.data(), good);
  char* at = into + good;
  for (size_t i = good; i < raw.size();) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    const uint32_t length = utf8_length(raw.substr(i));
    if (length == 0) {
      size_t end = i;
      while (end < raw.size() && utf8_length(raw.substr(end)) == 0) {
        at = put_utf8(at, kReplacement);
        ++end;
      }
      reporter_->report("E-TEXT-UTF8", {hex_bytes(raw.substr(i, end - i))}, offset + i, end - i);
      i = end;
      continue;
    }
    const bool nonchar = byte == 0xEF && static_cast<unsigned char>(raw[i + 1]) == 0xBF && static_cast<unsigned char>(raw[i + 2]) >= 0xBE;
    if (nonchar || forbidden(byte)) {
      const uint32_t code = nonchar ? 0xFF00u | static_cast<unsigned char>(raw[i + 2]) | 0x40u : byte;
      reporter_->report("E-TEXT-CHAR", {code_name(code)}, offset + i, length);
      at = put_utf8(at, kReplacement);
    } else {
      std::memcpy(at, raw.data() + i, length);
      at += length;
    }
    i += length;
  }
  return {into, static_cast<size_t>(at - into)};
}

std::string_view Decoder::from_single_byte(std::string_view raw, uint64_t offset, Arena& arena) {
  char* const into = arena.allocate(raw.size() * 3);
  char* at = into;
  for (size_t i = 0; i < raw.size(); ++i) {
    const auto byte = static_cast<unsigned char>(raw[i]);
    uint32_t code = byte;
    if (byte >= 0x80 && byte < 0xA0) {
      code = kWindows1252[byte - 0x80];
      // ISO 8859-1 has control characters here, which no text holds: in real files these are the quotation marks of 1252.
      if (encoding_ == Encoding::iso_8859_1 && code) reporter_->report("E-TEXT-LATIN1", {hex_bytes(raw.substr(i, 1))}, offset + i, 1);
      if (!code) {
        reporter_->report("E-TEXT-BYTE", {hex_bytes(raw.substr(i, 1)), encoding_name(encoding_)}, offset + i, 1);
        code = kReplacement;
      }
    } else if (forbidden_code(code)) {
      reporter_->report("E-TEXT-CHAR", {code_name(code)}, offset + i, 1);
      code = kReplacement;
    }
    at = put_utf8(at, code);
  }
  return {into, static_cast<size_t>(at - into)};
}

}  // namespace casebridge::read

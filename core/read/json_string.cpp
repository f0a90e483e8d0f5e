// Strings and whitespace of the JSON cursor.
#include <algorithm>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "read/json_cursor.hpp"

namespace casebridge::read {
namespace {

constexpr size_t kHead = size_t(64) << 10;

// First byte that ends or troubles a plain run: a mark, a backslash, a control character, anything past ASCII.
const char* plain_run(const char* at, const char* end) {
#ifdef __SSE2__
  const __m128i mark = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
  for (; at < end; at += 16) {  // the window is padded, so whole blocks may be read
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i stop =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, mark), _mm_cmpeq_epi8(block, backslash)), _mm_cmplt_epi8(block, space));
    if (const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(stop))) return std::min(end, at + std::countr_zero(bits));
  }
  return end;
#else
  while (at != end && *at != '"' && *at != '\\' && static_cast<signed char>(*at) >= 0x20) ++at;
  return at;
#endif
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four hexadecimal digits, or -1.
int32_t code_unit(std::string_view digits) {
  if (digits.size() < 4) return -1;
  int32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(digits[static_cast<size_t>(i)]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

}  // namespace

bool JsonCursor::here() {
  if (at_ != window_.end()) return true;
  const bool more = window_.more(at_);
  at_ = window_.begin();
  return more;
}

// White space; in lines mode a line end is none. false: the input ends.
bool JsonCursor::skip_space() {
  for (;;) {
    if (at_ == window_.end() && !here()) return false;
    const char c = *at_;
    if (c == '\n') {
      if (options_.lines) return true;
      ++line_;
    } else if (c != ' ' && c != '\t' && c != '\r') {
      return true;
    }
    ++at_;
  }
}

// Behind the next line end. false: the input ends.
bool JsonCursor::skip_line() {
  for (;;) {
    const auto left = static_cast<size_t>(window_.end() - at_);
    if (const auto* end = static_cast<const char*>(left ? std::memchr(at_, '\n', left) : nullptr)) {
      at_ = end + 1;
      ++line_;
      return true;
    }
    at_ = window_.end();
    if (!here()) return false;
  }
}

bool JsonCursor::skip_string() {
  for (;; ++at_) {
    at_ = plain_run(at_, window_.end());
    if (!here()) return false;
    if (*at_ == '"') {
      ++at_;
      return true;
    }
    line_ += *at_ == '\n';
    if (*at_ == '\\') {
      ++at_;
      if (!here()) return false;
    }
  }
}

bool JsonCursor::skip_brackets(uint32_t levels) {
  while (levels) {
    if (!here()) return false;
    switch (*at_++) {
      case '{':
      case '[': ++levels; break;
      case '}':
      case ']': --levels; break;
      case '\n': ++line_; break;
      case '"':
        if (!skip_string()) return false;
        break;
      default: break;
    }
  }
  return true;
}

// A string at at_ (its opening mark) as UTF-8: in the window if nothing had to be done, else in the arena.
bool JsonCursor::read_string(Text& out, Arena& arena) {
  const char* open = at_;
  const char* at = open + 1;
  bool plain = true, escaped = false;
  for (;;) {
    at = plain_run(at, window_.end());
    if (at == window_.end()) {
      const auto have = static_cast<uint64_t>(at - open);
      if (have > options_.max_string) break;
      const bool more = window_.more(open);
      open = at_ = window_.begin();
      at = open + have;
      if (!more) {
        at_ = at;
        failed_ = cut();
        return false;
      }
      continue;
    }
    if (*at == '"') break;
    if (*at == '\\') {
      escaped = true;
      if (at + 1 == window_.end()) {  // what follows is not in the window yet; a backslash at the very end is cut off
        const auto have = static_cast<uint64_t>(at - open);
        const bool more = window_.more(open);
        open = at_ = window_.begin();
        at = open + have;
        if (!more) {
          at_ = at + 1;
          failed_ = cut();
          return false;
        }
      }
      at += static_cast<signed char>(at[1]) >= 0x20 ? 2 : 1;  // what is not plain is looked at in its turn
      continue;
    }
    if (static_cast<signed char>(*at) >= 0) {
      if (*at == '\n' && options_.lines) {
        at_ = at;
        failed_ = fail("E-JSON-LINE", {});
        return false;
      }
      reporter_->report("E-JSON-CONTROL", {hex_bytes({at, 1})}, window_.offset(at), 1);
      line_ += *at == '\n';
    }
    plain = false;
    ++at;
  }
  if (at == window_.end() || static_cast<uint64_t>(at - open) > options_.max_string) {
    const uint64_t offset = window_.offset(open);
    at_ = at;
    if (!skip_string()) {
      failed_ = cut();
      return false;
    }
    reporter_->report("E-JSON-STRING-LENGTH", {counted(options_.max_string)}, offset, window_.offset(at_) - offset);
    refuse("E-JSON-STRING-LENGTH");
    out = {{}, offset + 1, 0};
    return true;
  }
  if (!plain && !decoder_.decided() && window_.bytes_are_input()) {
    const auto size = at - open;
    open = window_.ensure(open, kHead);
    at = open + size;
    const char* const first = std::find_if(open, at, [](char c) { return static_cast<signed char>(c) < 0; });
    if (first != at) decoder_.decide({first, std::min<size_t>(static_cast<size_t>(window_.end() - first), kHead)}, window_.offset(first));
  }
  const std::string_view raw(open + 1, static_cast<size_t>(at - open - 1));
  out.offset = window_.offset(open + 1);
  out.length = static_cast<uint32_t>(window_.offset(at) - out.offset);
  out.text = plain || !window_.bytes_are_input() ? raw : decoder_.decode(raw, out.offset, arena);
  if (escaped) out.text = unescape(out.text, out.offset, out.text.data() == raw.data() && out.length == raw.size() ? 0 : out.length, arena);
  at_ = at + 1;
  return true;
}

// `whole`: 0 when raw is the input's own bytes; else the bytes of the input that gave it, and findings name all of them.
std::string_view JsonCursor::unescape(std::string_view raw, uint64_t offset, uint32_t whole, Arena& arena) {
  char* const into = arena.allocate(raw.size() + raw.size() / 2 + 4);  // a backslash and "b" become U+FFFD
  char* to = into;
  const auto say = [&](const char* code, std::initializer_list<std::string_view> args, size_t at, size_t bytes) {
    reporter_->report(code, args, whole ? offset : offset + at, whole ? whole : std::min(bytes, raw.size() - at));
  };
  for (size_t i = 0; i < raw.size();) {
    const char* const next = static_cast<const char*>(std::memchr(raw.data() + i, '\\', raw.size() - i));
    const size_t run = next ? static_cast<size_t>(next - raw.data()) - i : raw.size() - i;
    std::memcpy(to, raw.data() + i, run);
    to += run;
    i += run;
    if (!next) break;
    static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    const char kind = i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (const size_t known = kind ? kFrom.find(kind) : kFrom.npos; known != kFrom.npos) {
      if (kind == 'b' || kind == 'f') {  // characters that XML 1.0 cannot hold
        say("E-TEXT-CHAR", {kind == 'b' ? "U+0008" : "U+000C"}, i, 2);
        to = put_utf8(to, 0xFFFD);
      } else {
        *to++ = kTo[known];
      }
      i += 2;
      continue;
    }
    const int32_t unit = kind == 'u' ? code_unit(raw.substr(i + 2)) : -1;
    if (unit < 0) {  // not an escape: kept as written
      say("E-JSON-ESCAPE", {}, i, 2);
      *to++ = '\\';
      ++i;
      continue;
    }
    auto code = static_cast<uint32_t>(unit);
    size_t used = 6;
    if (code >= 0xD800 && code < 0xE000) {
      const int32_t low = code < 0xDC00 && raw.substr(i + 6, 2) == "\\u" ? code_unit(raw.substr(i + 8)) : -1;
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (static_cast<uint32_t>(low) - 0xDC00);
        used = 12;
      } else {
        say("E-JSON-SURROGATE", {}, i, 6);
        code = 0xFFFD;
      }
    } else if ((code < 0x20 && code != '\t' && code != '\n' && code != '\r') || code >= 0xFFFE) {
      static constexpr char kDigits[] = "0123456789ABCDEF";
      const std::string name = {'U', '+', kDigits[code >> 12], kDigits[code >> 8 & 15], kDigits[code >> 4 & 15], kDigits[code & 15]};
      say("E-TEXT-CHAR", {name}, i, 6);
      code = 0xFFFD;
    }
    to = put_utf8(to, code);
    i += used;
  }
  return {into, static_cast<size_t>(to - into)};
}

}  // namespace casebridge::read

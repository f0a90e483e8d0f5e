#include "read/xml_source.hpp"

#include <algorithm>
#include <cstring>

#include "read/xml_report.hpp"

namespace casebridge::read {
namespace {

constexpr size_t kHead = size_t(64) << 10;

// 0x80 to 0x9F of Windows-1252; 0 where the code page has nothing.
constexpr uint16_t kWindows1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
                                       0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                       0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

bool allowed(uint32_t c) {
  return c >= 0x20 ? c < 0xD800 || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF) : c == 9 || c == 10 || c == 13;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// The value of encoding="..." in a declaration that begins `head`; empty if there is none.
std::string_view declared(std::string_view head) {
  if (!head.starts_with("<?xml") || head.size() < 6 || !blank(head[5])) return {};
  const size_t end = head.find("?>");
  if (end == std::string_view::npos) return {};
  const std::string_view declaration = head.substr(0, end);
  size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const size_t close = declaration.find(declaration[at], at + 1);
  return close == std::string_view::npos ? std::string_view{} : declaration.substr(at + 1, close - at - 1);
}

// One character from UTF-8: its length, 0 when more bytes are needed, -1 when it is not UTF-8.
int sequence(const unsigned char* p, size_t n, uint32_t& c) {
  const unsigned char a = p[0];
  const auto tail = [&](size_t i) { return i < n ? (p[i] & 0xC0) == 0x80 : true; };
  if (a >= 0xC2 && a <= 0xDF) {
    if (!tail(1)) return -1;
    if (n < 2) return 0;
    c = (a & 0x1Fu) << 6 | (p[1] & 0x3Fu);
    return 2;
  }
  if (a >= 0xE0 && a <= 0xEF) {
    if (!tail(1) || !tail(2)) return -1;
    if (n < 3) return 0;
    c = (a & 0x0Fu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
    return c < 0x800 || (c >= 0xD800 && c < 0xE000) ? -1 : 3;
  }
  if (a >= 0xF0 && a <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return -1;
    if (n < 4) return 0;
    c = (a & 0x07u) << 18 | (p[1] & 0x3Fu) << 12 | (p[2] & 0x3Fu) << 6 | (p[3] & 0x3Fu);
    return c < 0x10000 || c > 0x10FFFF ? -1 : 4;
  }
  return -1;
}

}  // namespace

std::string_view name_of(XmlEncoding encoding) {
  switch (encoding) {
    case XmlEncoding::utf8: return "UTF-8";
    case XmlEncoding::latin1: return "ISO-8859-1";
    case XmlEncoding::windows1252: return "windows-1252";
    case XmlEncoding::utf16le: return "UTF-16LE";
    case XmlEncoding::utf16be: return "UTF-16BE";
  }
  return {};
}

XmlSource::XmlSource(const cb_input& input, bool recover) : input_(input), recover_(recover) {}

int64_t XmlSource::read(size_t want) {
  std::string& into = plain() ? buffer_ : raw_;
  const size_t had = into.size();
  into.resize(had + want);
  int64_t got = 0;
  got = input_.read(input_.self, into.data() + had, want);
  into.resize(had + static_cast<size_t>(std::clamp<int64_t>(got, 0, static_cast<int64_t>(want))));
  return got;
}

void XmlSource::stop_at(Stop why, uint64_t offset) {
  if (stop_ != Stop::none) return;
  stop_ = why;
  stop_offset_ = offset;
}

bool XmlSource::begin(std::vector<Finding>& findings) {
  while (buffer_.size() < kHead && !ended_) {
    const int64_t got = read(kHead - buffer_.size());
    if (got < 0) {
      stop_at(Stop::io, buffer_.size());
      return false;
    }
    ended_ = got == 0;
  }
  if (!find_encoding(findings)) return false;
  if (!plain()) {
    raw_ = std::move(buffer_);
    buffer_.clear();
    decode(ended_);
  } else {
    check(ended_);
  }
  // The declaration must be the first thing; a licence comment before it is the usual mistake.
  if (const size_t late = late_declaration({data(), size()}); late > 0) {
    findings.push_back(xml_finding("E-XML-DECL-PLACE", {}, place(late), 5));
    if (recover_) findings.back().severity = Severity::warning;  // said, and read all the same
    if (!recover_) {
      stop_at(Stop::encoding, offset(late));
      return false;
    }
    drop(late);
  }
  if (ended_ && checked_ == 0 && stop_ == Stop::none) stop_at(Stop::end, base_);
  return true;
}

size_t XmlSource::late_declaration(std::string_view head) const {
  size_t at = 0;
  for (;;) {
    while (at < head.size() && blank(head[at])) ++at;
    const std::string_view rest = head.substr(at);
    if (rest.starts_with("<!--")) {
      const size_t end = rest.find("-->", 4);
      if (end == std::string_view::npos) return 0;
      at += end + 3;
    } else {
      return rest.starts_with("<?xml") && rest.size() > 5 && blank(rest[5]) ? at : 0;
    }
  }
}

bool XmlSource::find_encoding(std::vector<Finding>& findings) {
  const std::string_view head = buffer_;
  const auto skip = [&](size_t n) {
    buffer_.erase(0, n);
    base_ = line_start_ = n;
  };
  const auto unsupported = [&](std::string_view name) {
    findings.push_back(xml_finding("E-XML-ENCODING-UNKNOWN", {std::string(name)}, {0, 1, 1}, 0));
    stop_at(Stop::encoding, 0);
    return false;
  };
  bool marked = true;
  if (head.starts_with(std::string_view("\xFF\xFE\0\0", 4)) || head.starts_with(std::string_view("\0\0\xFE\xFF", 4)) ||
      head.starts_with(std::string_view("<\0\0\0", 4)) || head.starts_with(std::string_view("\0\0\0<", 4)))
    return unsupported("UTF-32");
  if (head.starts_with("\xEF\xBB\xBF")) skip(3);
  else if (head.starts_with("\xFF\xFE")) {
    encoding_ = XmlEncoding::utf16le;
    skip(2);
  } else if (head.starts_with("\xFE\xFF")) {
    encoding_ = XmlEncoding::utf16be;
    skip(2);
  } else if (head.starts_with(std::string_view("<\0", 2))) encoding_ = XmlEncoding::utf16le;
  else if (head.starts_with(std::string_view("\0<", 2))) encoding_ = XmlEncoding::utf16be;
  else marked = false;

  std::string ascii;  // the declaration, whatever its width
  const size_t step = plain() ? 1 : 2, first = encoding_ == XmlEncoding::utf16be ? 1 : 0;
  for (size_t i = first; i < buffer_.size() && ascii.size() < kHead; i += step) ascii += buffer_[i];
  const std::string word(declared(std::string_view(ascii).substr(late_declaration(ascii))));
  const std::string name = lower(word);
  if (name.empty()) return true;
  const bool wide = encoding_ == XmlEncoding::utf16le || encoding_ == XmlEncoding::utf16be;
  const bool says_wide =
      name == "utf-16" || name == "utf-16le" || name == "utf-16be" || name == "utf16" || name == "ucs-2" || name == "iso-10646-ucs-2";
  const bool says_utf8 = name == "utf-8" || name == "utf8" || name == "us-ascii" || name == "ascii";
  const bool says_latin1 =
      name == "iso-8859-1" || name == "iso_8859-1" || name == "iso8859-1" || name == "latin1" || name == "latin-1" || name == "l1";
  const bool says_1252 = name == "windows-1252" || name == "cp1252" || name == "cp-1252" || name == "x-cp1252";
  if (marked || says_wide) {  // the bytes themselves have spoken
    const bool agrees = wide ? says_wide && !(name.ends_with("le") && encoding_ == XmlEncoding::utf16be) &&
                                   !(name.ends_with("be") && encoding_ == XmlEncoding::utf16le)
                             : says_utf8;
    if (!agrees) findings.push_back(xml_finding("E-XML-ENCODING-LIE", {word, std::string(name_of(encoding_))}, {base_, 1, 1}, 0));
    return true;
  }
  if (says_latin1) encoding_ = XmlEncoding::latin1;
  else if (says_1252) encoding_ = XmlEncoding::windows1252;
  else if (!says_utf8) return unsupported(word);
  return true;
}

bool XmlSource::pull(size_t want) {
  if (stop_ != Stop::none) return false;
  const size_t had = checked_;
  while (checked_ == had && stop_ == Stop::none) {
    if (!ended_) {
      const int64_t got = read(want);
      if (got < 0) {
        stop_at(Stop::io, offset(checked_));
        return false;
      }
      ended_ = got == 0;
    }
    plain() ? check(ended_) : decode(ended_);
    if (ended_ && checked_ == had) stop_at(Stop::end, offset(checked_));
  }
  return checked_ > had;
}

bool XmlSource::check(bool at_end) {
  const auto* p = reinterpret_cast<const unsigned char*>(buffer_.data());
  const size_t n = buffer_.size();
  size_t i = checked_;
  while (i < n) {
    // Eight at a time while all are ASCII and none is a control character (a line end is looked at by itself).
    while (i + 8 <= n) {
      uint64_t x;
      std::memcpy(&x, p + i, 8);
      if ((x | (x - 0x2020202020202020ull)) & 0x8080808080808080ull) break;
      i += 8;
    }
    if (i >= n) break;
    const size_t until = std::min(n, i + 8);
    while (i < until) {
      const unsigned char a = p[i];
      if (a < 0x80) {
        if (a < 0x20 && a != '\n' && a != '\r' && a != '\t') {
          checked_ = i;
          stop_at(Stop::bad_character, base_ + i);
          return false;
        }
        ++i;
        continue;
      }
      uint32_t c = 0;
      const int length = sequence(p + i, n - i, c);
      if (length == 0 && !at_end) {
        checked_ = i;
        return true;
      }
      if (length <= 0) {
        checked_ = i;
        stop_at(Stop::bad_bytes, base_ + i);
        return false;
      }
      if (!allowed(c)) {
        checked_ = i;
        stop_at(Stop::bad_character, base_ + i);
        return false;
      }
      i += static_cast<size_t>(length);
    }
  }
  checked_ = n;
  return true;
}

void XmlSource::put(uint32_t c, uint32_t at) {
  char out[4];
  size_t n = 0;
  if (c < 0x80) out[n++] = static_cast<char>(c);
  else if (c < 0x800) {
    out[n++] = static_cast<char>(0xC0 | c >> 6);
    out[n++] = static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out[n++] = static_cast<char>(0xE0 | c >> 12);
    out[n++] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out[n++] = static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out[n++] = static_cast<char>(0xF0 | c >> 18);
    out[n++] = static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out[n++] = static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out[n++] = static_cast<char>(0x80 | (c & 0x3F));
  }
  buffer_.append(out, n);
  map_.insert(map_.end(), n, at);
}

bool XmlSource::decode(bool at_end) {
  const auto* p = reinterpret_cast<const unsigned char*>(raw_.data());
  const size_t n = raw_.size();
  size_t i = 0;
  const auto bad = [&](Stop why) { stop_at(why, base_ + raw_end_ + i); };
  const bool wide = encoding_ == XmlEncoding::utf16le || encoding_ == XmlEncoding::utf16be;
  const auto unit = [&](size_t at) -> uint32_t {
    return encoding_ == XmlEncoding::utf16le ? p[at] | p[at + 1] << 8 : p[at] << 8 | p[at + 1];
  };
  while (i < n) {
    uint32_t c = p[i];
    size_t length = 1;
    if (wide) {
      if (i + 2 > n) {
        if (at_end) bad(Stop::bad_bytes);
        break;
      }
      c = unit(i);
      length = 2;
      if (c >= 0xD800 && c < 0xDC00) {
        if (i + 4 > n) {
          if (at_end) bad(Stop::bad_bytes);
          break;
        }
        const uint32_t low = unit(i + 2);
        if (low < 0xDC00 || low > 0xDFFF) {
          bad(Stop::bad_bytes);
          break;
        }
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        length = 4;
      } else if (c >= 0xDC00 && c < 0xE000) {
        bad(Stop::bad_bytes);
        break;
      }
    } else if (encoding_ == XmlEncoding::windows1252 && c >= 0x80 && c < 0xA0) {
      c = kWindows1252[c - 0x80];
      if (c == 0) {
        bad(Stop::bad_bytes);
        break;
      }
    }
    if (!allowed(c)) {
      bad(Stop::bad_character);
      break;
    }
    put(c, raw_end_ + static_cast<uint32_t>(i));
    i += length;
  }
  raw_end_ += static_cast<uint32_t>(i);
  raw_.erase(0, i);
  checked_ = buffer_.size();
  return stop_ == Stop::none;
}

XmlPlace XmlSource::place(size_t index) {
  if (index >= counted_) {
    const char* p = data() + counted_;
    const char* end = data() + index;
    while (const void* at = std::memchr(p, '\n', static_cast<size_t>(end - p))) {
      p = static_cast<const char*>(at) + 1;
      ++line_;
      line_start_ = offset(static_cast<size_t>(p - data()));
    }
    counted_ = index;
    return {offset(index), line_, offset(index) - line_start_ + 1};
  }
  const uint64_t line = line_ - static_cast<uint64_t>(std::count(data() + index, data() + counted_, '\n'));
  const size_t before = index == 0 ? std::string::npos : std::string_view(data(), index).rfind('\n');
  if (line == line_) return {offset(index), line, offset(index) - line_start_ + 1};
  return {offset(index), line, before == std::string::npos ? 0 : offset(index) - offset(before + 1) + 1};
}

void XmlSource::drop(size_t n) {
  if (n == 0) return;
  if (counted_ < n) place(n);
  counted_ -= n;
  if (plain()) {
    base_ += n;
  } else {
    const uint32_t moved = n < map_.size() ? map_[n] : raw_end_;
    map_.erase(map_.begin(), map_.begin() + static_cast<std::ptrdiff_t>(n));
    for (uint32_t& at : map_) at -= moved;
    raw_end_ -= moved;
    base_ += moved;
  }
  buffer_.erase(0, n);
  checked_ -= n;
}

}  // namespace casebridge::read

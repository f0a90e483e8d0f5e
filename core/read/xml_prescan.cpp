#include "read/xml_prescan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/text.hpp"
#include "read/xml_report.hpp"

namespace casebridge::read {
namespace {

enum : uint8_t { kNameStart = 1, kNameChar = 2, kBlank = 4, kTextStop = 8, kValueStop = 16 };

constexpr std::array<uint8_t, 256> make_classes() {
  std::array<uint8_t, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c >= 0x80;
    const bool more = letter || (c >= '0' && c <= '9') || c == '-' || c == '.';
    table[static_cast<size_t>(c)] = static_cast<uint8_t>((letter ? kNameStart : 0) | (more ? kNameChar : 0));
  }
  for (const char c : {' ', '\t', '\r', '\n'}) table[static_cast<uint8_t>(c)] |= kBlank;
  for (const char c : {'<', '&', '\r', ']'}) table[static_cast<uint8_t>(c)] |= kTextStop;
  for (const char c : {'<', '&', '\r', '\n', '\t', '"', '\''}) table[static_cast<uint8_t>(c)] |= kValueStop;
  return table;
}
constexpr std::array<uint8_t, 256> kClass = make_classes();
bool is(char c, uint8_t what) { return kClass[static_cast<uint8_t>(c)] & what; }

bool allowed(uint32_t c) {
  return c >= 0x20 ? c < 0xD800 || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF) : c == 9 || c == 10 || c == 13;
}

// "#65" or "#x41" -> the character; 0 = not one.
uint32_t character(std::string_view digits) {
  const bool hex = digits.starts_with("#x");
  digits.remove_prefix(hex ? 2 : 1);
  uint32_t c = 0;
  if (digits.empty()) return 0;
  for (const char d : digits) {
    const uint32_t v = d >= '0' && d <= '9'          ? uint32_t(d - '0')
                       : hex && d >= 'a' && d <= 'f' ? uint32_t(d - 'a' + 10)
                       : hex && d >= 'A' && d <= 'F' ? uint32_t(d - 'A' + 10)
                                                     : 99u;
    if (v == 99u) return 0;
    c = c * (hex ? 16 : 10) + v;
    if (c > 0x10FFFF) return 0;
  }
  return allowed(c) ? c : 0;
}

void append(uint32_t c, std::string& out) {
  if (c < 0x80) {
    out += static_cast<char>(c);
    return;
  }
  if (c < 0x800) out += static_cast<char>(0xC0 | c >> 6);
  else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
  }
  out += static_cast<char>(0x80 | (c & 0x3F));
}

// Quoted in a message: never longer than a line, never cut inside a character.
std::string quote(std::string_view text) {
  size_t n = std::min<size_t>(text.size(), 60);
  while (n < text.size() && n > 0 && (text[n] & 0xC0) == 0x80) --n;
  return std::string(text.substr(0, n));
}

}  // namespace

XmlTokenKind XmlPrescan::fail(std::string_view code, std::vector<std::string> args, size_t begin, size_t end, cb_status status) {
  if (status_ == CB_OK) {
    const XmlPlace place = source_.place(begin);
    failure_ = xml_finding(code, std::move(args), place, source_.offset(std::max(begin, end)) - place.offset);
    status_ = status;
  }
  return XmlTokenKind::failed;
}

XmlTokenKind XmlPrescan::limit(std::string_view what, uint64_t most, size_t begin, size_t end) {
  return fail("E-XML-LIMIT", {tr(what), std::to_string(most)}, begin, end, CB_E_LIMIT);
}

XmlTokenKind XmlPrescan::cut(std::vector<std::string> args) {
  const size_t end = source_.size();
  switch (source_.stop()) {
    case XmlSource::Stop::bad_bytes: return fail("E-XML-ENCODING", {std::string(name_of(source_.encoding()))}, end, end);
    case XmlSource::Stop::bad_character: return fail("E-XML-CHARACTER", {}, end, end);
    case XmlSource::Stop::io: return fail("E-XML-IO", {}, end, end, CB_E_IO);
    default: return fail("E-XML-TRUNCATED", std::move(args), end, end);
  }
}

void XmlPrescan::refill() {
  // A token that does not fit is scanned again from its start: twice as much each time keeps that linear.
  const size_t had = source_.size() - position_;
  const size_t until = position_ == 0 && had >= 4096 ? had * 2 : had + 1;
  source_.drop(position_);
  position_ = body_ = 0;
  while (!ended_ && source_.size() < until) ended_ = !source_.pull(std::clamp(until - source_.size(), kChunk, kChunk * 64));
}

XmlTokenKind XmlPrescan::incomplete(size_t begin) {
  if (!ended_) return XmlTokenKind::need;
  return cut({quote(text(begin, source_.size()))});
}

XmlTokenKind XmlPrescan::next(XmlToken& token) {
  if (status_ != CB_OK) return token.kind = XmlTokenKind::failed;
  token.begin = position_;
  token.plain = true;
  token.empty = token.blank = false;
  const size_t n = source_.size();
  if (position_ == n) {
    if (!ended_) return token.kind = XmlTokenKind::need;
    return token.kind = source_.stop() == XmlSource::Stop::end || source_.stop() == XmlSource::Stop::none ? XmlTokenKind::finish : cut({});
  }
  const char* p = source_.data() + position_;
  XmlTokenKind kind;
  if (*p != '<') {
    kind = text_run(token);
  } else if (n - position_ < 2) {
    kind = incomplete(position_);
  } else if (p[1] == '/') {
    kind = end_tag(token);
  } else if (p[1] == '?') {
    kind = instruction(token);
  } else if (p[1] == '!') {
    if (starts("<!--")) kind = comment(token);
    else if (starts("<![CDATA[")) kind = cdata(token);
    else if (starts("<!DOCTYPE")) kind = fail("E-XML-DOCTYPE", {}, position_, position_ + 9);
    else if (n - position_ < 9) kind = incomplete(position_);
    else kind = fail("E-XML-SYNTAX", {quote(text(position_, position_ + 9))}, position_, position_ + 9);
  } else {
    kind = start_tag(token);
  }
  began_ = began_ || (kind != XmlTokenKind::need && kind != XmlTokenKind::failed);
  if (kind != XmlTokenKind::need && kind != XmlTokenKind::failed) position_ = token.end;
  return token.kind = kind;
}

size_t XmlPrescan::name_end(size_t at, size_t end) const {
  const char* data = source_.data();
  if (at >= end || !is(data[at], kNameStart)) return at;
  while (at < end && is(data[at], kNameChar)) ++at;
  return at;
}

XmlTokenKind XmlPrescan::start_tag(XmlToken& token) {
  const char* data = source_.data();
  const size_t n = source_.size(), begin = position_;
  attributes_.clear();
  size_t at = name_end(begin + 1, n);
  const auto too_long = [&](size_t from, size_t to) { return to - from > limits_.name_bytes; };
  token.first = begin + 1;
  token.last = at;
  if (too_long(begin + 1, at)) return limit("bytes in a name", limits_.name_bytes, begin, at);
  if (at == n) return incomplete(begin);
  if (at == begin + 1) return fail("E-XML-SYNTAX", {quote(text(begin, std::min(n, begin + 20)))}, begin, begin + 1);
  for (;;) {
    const size_t gap = at;
    while (at < n && is(data[at], kBlank)) ++at;
    if (at - begin > limits_.tag_bytes) return limit("bytes in a start tag", limits_.tag_bytes, begin, at);
    if (at == n) return incomplete(begin);
    if (data[at] == '>') {
      token.end = at + 1;
      break;
    }
    if (data[at] == '/') {
      if (at + 1 == n) return incomplete(begin);
      if (data[at + 1] != '>') return fail("E-XML-SYNTAX", {quote(text(at, std::min(n, at + 20)))}, at, at + 1);
      token.empty = true;
      token.end = at + 2;
      break;
    }
    XmlAttribute attribute{at, 0, 0, 0, true};
    attribute.name_end = at = name_end(at, n);
    if (too_long(attribute.name, at)) return limit("bytes in a name", limits_.name_bytes, begin, at);
    if (at == attribute.name || gap == attribute.name) return fail("E-XML-SYNTAX", {quote(text(gap, std::min(n, gap + 20)))}, gap, gap + 1);
    while (at < n && is(data[at], kBlank)) ++at;
    if (at < n && data[at] != '=') return fail("E-XML-SYNTAX", {quote(text(attribute.name, std::min(n, at + 1)))}, attribute.name, at + 1);
    if (at < n) ++at;
    while (at < n && is(data[at], kBlank)) ++at;
    if (at == n) return at - begin > limits_.tag_bytes ? limit("bytes in a start tag", limits_.tag_bytes, begin, at) : incomplete(begin);
    const char mark = data[at];
    if (mark != '"' && mark != '\'')
      return fail("E-XML-SYNTAX", {quote(text(attribute.name, std::min(n, at + 1)))}, attribute.name, at + 1);
    attribute.value = ++at;
    for (;;) {
      while (at < n && !is(data[at], kValueStop)) ++at;
      if (at - attribute.value > limits_.attribute_bytes)
        return limit("bytes in an attribute", limits_.attribute_bytes, attribute.name, at);
      if (at == n) return incomplete(begin);
      if (data[at] == mark) break;
      if (data[at] == '<') return fail("E-XML-SYNTAX", {quote(text(attribute.name, at + 1))}, at, at + 1);
      if (data[at] == '&') {
        const size_t after = reference(at, n);
        if (after == std::string::npos) return XmlTokenKind::failed;
        if (after == 0) return incomplete(begin);
        attribute.plain = false;
        at = after;
        continue;
      }
      if (data[at] != '"' && data[at] != '\'') attribute.plain = false;
      ++at;
    }
    attribute.value_end = at++;
    if (attributes_.size() == limits_.attributes) return limit("attributes of one element", limits_.attributes, begin, at);
    attributes_.push_back(attribute);
  }
  run_ = 0;
  return XmlTokenKind::start;
}

XmlTokenKind XmlPrescan::end_tag(XmlToken& token) {
  const char* data = source_.data();
  const size_t n = source_.size();
  size_t at = name_end(position_ + 2, n);
  token.first = position_ + 2;
  token.last = at;
  if (at - token.first > limits_.name_bytes) return limit("bytes in a name", limits_.name_bytes, position_, at);
  while (at < n && is(data[at], kBlank)) ++at;
  if (at == n)
    return at - position_ > limits_.tag_bytes ? limit("bytes in an end tag", limits_.tag_bytes, position_, at) : incomplete(position_);
  if (data[at] != '>' || token.last == token.first)
    return fail("E-XML-SYNTAX", {quote(text(position_, std::min(n, at + 1)))}, position_, at + 1);
  token.end = at + 1;
  run_ = 0;
  return XmlTokenKind::end;
}

XmlTokenKind XmlPrescan::text_run(XmlToken& token) {
  const char* data = source_.data();
  const size_t n = source_.size();
  size_t at = position_;
  while (at < n && is(data[at], kBlank) && data[at] != '\r') ++at;
  token.blank = at < n && data[at] == '<';
  while (at < n) {
    while (at < n && !is(data[at], kTextStop)) ++at;
    if (at == n || data[at] == '<') break;
    if (data[at] == '&') {
      const size_t after = reference(at, n);
      if (after == std::string::npos) return XmlTokenKind::failed;
      if (after == 0) {  // the reference goes on beyond the window: give what stands before it
        if (at == position_) return incomplete(position_);
        break;
      }
      token.plain = false;
      at = after;
    } else if (data[at] == '\r') {
      token.plain = false;
      if (at + 1 == n && !ended_) {
        if (at == position_) return XmlTokenKind::need;
        break;
      }
      ++at;
    } else {  // "]]>" may not stand in text
      if (n - at < 3 && !ended_) {
        if (at == position_) return XmlTokenKind::need;
        break;
      }
      if (text(at, n).starts_with("]]>")) return fail("E-XML-SYNTAX", {"]]>"}, at, at + 3);
      ++at;
    }
  }
  run_ += at - position_;
  if (run_ > limits_.text_bytes) return limit("bytes in a text", limits_.text_bytes, position_, at);
  token.first = position_;
  token.last = token.end = at;
  return XmlTokenKind::text;
}

XmlTokenKind XmlPrescan::cdata(XmlToken& token) {
  const std::string_view rest = text(position_, source_.size());
  const size_t end = rest.find("]]>", 9);
  const size_t length = end == std::string_view::npos ? rest.size() : end;
  if (run_ + length > limits_.text_bytes) return limit("bytes in a text", limits_.text_bytes, position_, position_ + length);
  if (end == std::string_view::npos) return incomplete(position_);
  run_ += end;
  token.first = position_ + 9;
  token.last = position_ + end;
  token.end = position_ + end + 3;
  token.plain = rest.substr(0, end).find('\r') == std::string_view::npos;
  return XmlTokenKind::cdata;
}

XmlTokenKind XmlPrescan::comment(XmlToken& token) {
  const std::string_view rest = text(position_, source_.size());
  const size_t end = rest.find("--", 4);
  if (std::min(end, rest.size()) > limits_.text_bytes)
    return limit("bytes in a comment", limits_.text_bytes, position_, position_ + rest.size());
  if (end == std::string_view::npos || end + 2 >= rest.size()) return incomplete(position_);
  if (rest[end + 2] != '>') return fail("E-XML-SYNTAX", {"--"}, position_ + end, position_ + end + 2);
  token.end = position_ + end + 3;
  return XmlTokenKind::other;
}

XmlTokenKind XmlPrescan::instruction(XmlToken& token) {
  const std::string_view rest = text(position_, source_.size());
  const size_t end = rest.find("?>", 2);
  if (std::min(end, rest.size()) > limits_.text_bytes)
    return limit("bytes in an instruction", limits_.text_bytes, position_, position_ + rest.size());
  if (end == std::string_view::npos) return incomplete(position_);
  const size_t name = name_end(position_ + 2, source_.size());
  const std::string_view target = text(position_ + 2, name);
  token.end = position_ + end + 2;
  if (target.empty() || !(is(rest[name - position_], kBlank) || rest[name - position_] == '?'))
    return fail("E-XML-SYNTAX", {quote(rest.substr(0, end + 2))}, position_, token.end);
  if (target == "xml") {
    if (began_) return fail("E-XML-DECL-PLACE", {}, position_, token.end);
    const std::string_view words = rest.substr(0, end);
    const size_t version = words.find("version");
    if (version == std::string_view::npos || words.find("1.", version) == std::string_view::npos)
      return fail("E-XML-SYNTAX", {quote(rest.substr(0, end + 2))}, position_, token.end);
    body_ = token.end;
  } else if (target.size() == 3 && (target[0] | 32) == 'x' && (target[1] | 32) == 'm' && (target[2] | 32) == 'l') {
    return fail("E-XML-SYNTAX", {quote(rest.substr(0, end + 2))}, position_, token.end);
  }
  return XmlTokenKind::other;
}

size_t XmlPrescan::reference(size_t at, size_t end) {
  size_t stop = at + 1;
  while (stop < end && stop - at <= limits_.name_bytes && (is(source_.data()[stop], kNameChar) || source_.data()[stop] == '#')) ++stop;
  if (stop == end && stop - at <= limits_.name_bytes) return 0;
  if (source_.data()[stop] == ';' && stop > at + 1) {
    const std::string_view name = text(at + 1, stop);
    if (name[0] == '#' ? character(name) != 0 : name == "amp" || name == "lt" || name == "gt" || name == "quot" || name == "apos")
      return stop + 1;
    fail(name[0] == '#' ? "E-XML-CHARACTER" : "E-XML-ENTITY", {quote(name)}, at, stop + 1);
  } else {
    fail("E-XML-ENTITY", {quote(text(at + 1, stop))}, at, stop);
  }
  return std::string::npos;
}

void XmlPrescan::decode(std::string_view raw, bool attribute, std::string& out) {
  size_t i = 0;
  while (i < raw.size()) {
    const char c = raw[i];
    if (c == '&') {
      const size_t end = raw.find(';', i);
      const std::string_view name = raw.substr(i + 1, end - i - 1);
      if (name[0] == '#') append(character(name), out);
      else out += name == "amp" ? '&' : name == "lt" ? '<' : name == "gt" ? '>' : name == "quot" ? '"' : '\'';
      i = end + 1;
    } else if (c == '\r') {
      out += attribute ? ' ' : '\n';
      i += i + 1 < raw.size() && raw[i + 1] == '\n' ? 2 : 1;
    } else if (attribute && (c == '\n' || c == '\t')) {
      out += ' ';
      ++i;
    } else {
      size_t end = i + 1;
      while (end < raw.size() && raw[end] != '&' && raw[end] != '\r' && !(attribute && (raw[end] == '\n' || raw[end] == '\t'))) ++end;
      out.append(raw, i, end - i);
      i = end;
    }
  }
}

}  // namespace casebridge::read

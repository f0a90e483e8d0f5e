#include "normalise/dates.hpp"

#include <stdexcept>

#include "normalise/civil.hpp"
#include "normalise/date_words.hpp"
#include "normalise/folding.hpp"

namespace casebridge::normalise {

struct DatePatterns::Parts {
  int year = -1, month = 0, day = 0, hour = -1, minute = -1, second = -1;
  int weekday = -1, half = -1;  // half: 0 AM, 1 PM
  bool twelve = false;          // hour is of twelve
  bool two_digits = false;
  bool has_offset = false, zulu = false;
  int offset = 0;  // minutes
  std::string_view fraction;
};

namespace {

bool known_letter(char c) { return std::string_view("yMdHhkKmsSaEXxZ").find(c) != std::string_view::npos; }

// Z, ±hh, ±hhmm, ±hh:mm
size_t read_offset(std::string_view t, int& minutes, bool& zulu) noexcept {
  if (t.empty()) return 0;
  if (t[0] == 'Z' || t[0] == 'z') {
    minutes = 0;
    zulu = true;
    return 1;
  }
  if ((t[0] != '+' && t[0] != '-') || t.size() < 3 || !digit(t[1]) || !digit(t[2])) return 0;
  const int h = (t[1] - '0') * 10 + t[2] - '0';
  size_t used = 3;
  int m = 0;
  const size_t at = t.size() > 3 && t[3] == ':' ? 4 : 3;
  if (t.size() >= at + 2 && digit(t[at]) && digit(t[at + 1])) {
    m = (t[at] - '0') * 10 + t[at + 1] - '0';
    used = at + 2;
  } else if (at == 4) {
    return 0;
  }
  if (h > 18 || m > 59) return 0;
  minutes = (t[0] == '-' ? -1 : 1) * (h * 60 + m);
  return used;
}

char* put2(char* p, int v) {
  p[0] = static_cast<char>('0' + v / 10);
  p[1] = static_cast<char>('0' + v % 10);
  return p + 2;
}
char* put4(char* p, int v) { return put2(put2(p, v / 100), v % 100); }

}  // namespace

DatePatterns::DatePatterns(std::string_view patterns, const Zone* zone, int run_year) : zone_(zone), run_year_(run_year) {
  while (!patterns.empty()) {
    size_t cut = 0;
    for (bool quoted = false; cut < patterns.size() && (quoted || patterns[cut] != '|'); ++cut)
      if (patterns[cut] == '\'') quoted = !quoted;
    if (const std::string_view one = trim(patterns.substr(0, cut)); !one.empty()) patterns_.push_back(compile(one));
    patterns.remove_prefix(cut < patterns.size() ? cut + 1 : cut);
  }
  for (size_t i = 0; i < patterns_.size(); ++i)
    for (size_t k = i + 1; k < patterns_.size(); ++k)
      if (patterns_[i].order && patterns_[k].order && patterns_[i].order != patterns_[k].order) patterns_[i].rival = true;
}

DatePatterns::Pattern DatePatterns::compile(std::string_view text) {
  Pattern out;
  bool year = false;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\'') {
      if (i + 1 < text.size() && text[i + 1] == '\'') {
        out.steps.push_back({0, 1, 1, '\''});
        i += 2;
        continue;
      }
      const size_t close = text.find('\'', i + 1);
      if (close == text.npos) throw std::invalid_argument("the quote is not closed");
      for (size_t k = i + 1; k < close; ++k) out.steps.push_back({0, 1, 1, text[k]});
      i = close + 1;
      continue;
    }
    if (!letter(c)) {
      out.steps.push_back({0, 1, 1, c});
      ++i;
      continue;
    }
    if (!known_letter(c)) throw std::invalid_argument(std::string("the letter ") + c + " has no meaning here");
    size_t n = 1;
    while (i + n < text.size() && text[i + n] == c) ++n;
    Step step{c, 1, 2, 0};
    const auto wide = [&](size_t most) {
      if (n > most) throw std::invalid_argument(std::string("too many ") + c);
    };
    switch (c) {
      case 'y':
        year = true;
        if (n == 1 || n == 4) step.least = step.most = 4;
        else if (n == 2) step.least = step.most = 2;
        else throw std::invalid_argument("a year is written yyyy or yy");
        break;
      case 'S':
        wide(9);
        step.least = 1;
        step.most = 9;
        break;
      case 'M':
        wide(4);
        if (n >= 3) step.letter = 'L';
        break;
      case 'a':
      case 'E':
      case 'X':
      case 'x':
      case 'Z': wide(5); break;
      default: wide(2);
    }
    // Digits that touch digits have a fixed width.
    const bool digits = step.letter != 'L' && std::string_view("yMdHhkKmsS").find(c) != std::string_view::npos;
    if (digits && c != 'y') {
      const bool before = !out.steps.empty() && std::string_view("yMdHhkKmsS").find(out.steps.back().letter) != std::string_view::npos &&
                          out.steps.back().letter;
      const char next = i + n < text.size() ? text[i + n] : 0;
      const bool after = next && std::string_view("yMdHhkKmsS").find(next) != std::string_view::npos;
      if (before || after) step.least = step.most = static_cast<uint8_t>(n);
    }
    if (c == 'd' && !out.order) out.order = 'd';
    if (c == 'M' && step.letter == 'M' && !out.order) out.order = year ? 'y' : 'm';
    if (step.letter == 'L') out.order = 'n';  // a month's name leaves no question
    out.steps.push_back(step);
    i += n;
  }
  bool day = false, month = false, hour = false, minute = false;
  for (const Step& s : out.steps) {
    day |= s.letter == 'd';
    month |= s.letter == 'M' || s.letter == 'L';
    hour |= s.letter == 'H' || s.letter == 'h' || s.letter == 'k' || s.letter == 'K';
    minute |= s.letter == 'm';
  }
  if (!year) throw std::invalid_argument("there is no year in it");
  if (day && !month) throw std::invalid_argument("there is a day but no month in it");
  if (hour && !day) throw std::invalid_argument("there is an hour but no day in it");
  if (minute && !hour) throw std::invalid_argument("there are minutes but no hour in it");
  if (!day || out.order == 'n' || out.order == 'y') out.order = 0;
  return out;
}

DatePatterns::Fit DatePatterns::match(const Pattern& pattern, std::string_view t, Parts& p) const noexcept {
  for (const Step& step : pattern.steps) {
    if (!step.letter) {
      if (step.literal == ' ') {  // one blank or several, or the no-break spaces of French typography
        size_t n = 0;
        while (n < t.size() && t[n] == ' ') ++n;
        if (!n && t.substr(0, 2) == "\xC2\xA0") n = 2;
        if (!n && t.substr(0, 3) == "\xE2\x80\xAF") n = 3;
        if (!n) return Fit::no;
        t.remove_prefix(n);
      } else {
        if (t.empty() || t[0] != step.literal) return Fit::no;
        t.remove_prefix(1);
      }
      continue;
    }
    switch (step.letter) {
      case 'L': {
        const size_t n = read_month(t, p.month);
        if (!n) return Fit::no;
        t.remove_prefix(n);
        continue;
      }
      case 'E': {
        const size_t n = read_weekday(t, p.weekday);
        if (!n) return Fit::no;
        t.remove_prefix(n);
        continue;
      }
      case 'a': {
        const size_t n = read_half(t, p.half);
        if (!n) return Fit::no;
        t.remove_prefix(n);
        continue;
      }
      case 'X':
      case 'x':
      case 'Z': {
        const size_t n = read_offset(t, p.offset, p.zulu);
        if (!n) return Fit::no;
        p.has_offset = true;
        t.remove_prefix(n);
        continue;
      }
      default: break;
    }
    size_t n = 0;
    int value = 0;
    while (n < step.most && n < t.size() && digit(t[n])) value = value * 10 + (t[n++] - '0');
    if (n < step.least) return Fit::no;
    switch (step.letter) {
      case 'y':
        p.year = value;
        if (step.most == 2) {
          p.two_digits = true;
          const int century = run_year_ - run_year_ % 100;
          p.year = century + value;
          if (p.year > run_year_ + 20) p.year -= 100;
          else if (p.year <= run_year_ - 80) p.year += 100;
        }
        break;
      case 'M':
        p.month = value;
        if (!value) p.month = 99;
        break;
      case 'd':
        p.day = value;
        if (!value) p.day = 99;
        break;
      case 'H': p.hour = value; break;
      case 'k':
        p.hour = value == 24 ? 0 : value;
        if (!value || value > 24) p.hour = 99;
        break;
      case 'h':
        p.hour = value == 12 ? 0 : value;
        p.twelve = true;
        if (!value || value > 12) p.hour = 99;
        break;
      case 'K':
        p.hour = value;
        p.twelve = true;
        if (value > 11) p.hour = 99;
        break;
      case 'm': p.minute = value; break;
      case 's': p.second = value; break;
      case 'S': p.fraction = t.substr(0, n); break;
      default: break;
    }
    t.remove_prefix(n);
  }
  if (!t.empty()) return Fit::no;
  if (p.twelve) {
    if (p.half < 0) return p.hour >= 0 && p.hour <= 12 ? Fit::impossible : Fit::no;
    if (p.hour <= 12) p.hour += p.half * 12;
  }
  return Fit::yes;
}

DatePatterns::Fit DatePatterns::match_iso(std::string_view t, Parts& p) noexcept {
  const auto number = [&](size_t width, int& into) {
    if (t.size() < width) return false;
    int v = 0;
    for (size_t i = 0; i < width; ++i) {
      if (!digit(t[i])) return false;
      v = v * 10 + (t[i] - '0');
    }
    into = v;
    t.remove_prefix(width);
    return true;
  };
  if (!number(4, p.year)) return Fit::no;
  if (!t.empty() && t[0] == '-') {
    t.remove_prefix(1);
    if (!number(2, p.month)) return Fit::no;
    if (!p.month) p.month = 99;
    if (!t.empty() && t[0] == '-') {
      t.remove_prefix(1);
      if (!number(2, p.day)) return Fit::no;
      if (!p.day) p.day = 99;
    }
  } else if (t.size() >= 4 && digit(t[0])) {  // YYYYMMDD
    if (p.year < 1700 || p.year > 2199 || !number(2, p.month) || !number(2, p.day)) return Fit::no;
    if (!p.month) p.month = 99;
    if (!p.day) p.day = 99;
  }
  if (t.empty()) return Fit::yes;
  if (t[0] == 'T' || t[0] == 't' || t[0] == ' ') {
    if (!p.day) return Fit::no;
    t.remove_prefix(1);
    if (!number(2, p.hour)) return Fit::no;
    if (!t.empty() && t[0] == ':') {
      t.remove_prefix(1);
      if (!number(2, p.minute)) return Fit::no;
      if (!t.empty() && t[0] == ':') {
        t.remove_prefix(1);
        if (!number(2, p.second)) return Fit::no;
        if (t.size() > 1 && (t[0] == '.' || t[0] == ',') && digit(t[1])) {
          size_t n = 1;
          while (n < t.size() && digit(t[n])) ++n;
          p.fraction = t.substr(1, n - 1);
          t.remove_prefix(n);
        }
      }
    } else if (t.size() >= 2 && digit(t[0])) {
      if (!number(2, p.minute)) return Fit::no;
      if (t.size() >= 2 && digit(t[0]) && !number(2, p.second)) return Fit::no;
    }
    if (!t.empty() && t[0] == ' ') t.remove_prefix(1);
  }
  if (!t.empty()) {  // xs:date, xs:gYear and xs:dateTime may all end with an offset
    const size_t n = read_offset(t, p.offset, p.zulu);
    if (!n || n != t.size()) return Fit::no;
    p.has_offset = p.hour >= 0;
  }
  return Fit::yes;
}

Date DatePatterns::write(Parts& p, DateNeed need) const noexcept {
  Date out;
  const auto fail = [&](DateIssue issue) {
    out.size = 0;
    out.issue = issue;
    return out;
  };
  if (p.year < 1 || p.year > 9999 || p.month < 0 || p.month > 12) return fail(DateIssue::impossible);
  if (p.day && (!p.month || p.day > days_in_month(p.year, p.month))) return fail(DateIssue::impossible);
  if (p.hour > 24 || p.minute > 59 || p.second > 59) return fail(DateIssue::impossible);
  if (p.hour == 24 && (p.minute > 0 || p.second > 0)) return fail(DateIssue::impossible);
  if (p.weekday >= 0 && (!p.day || weekday_from_days(days_from_civil(p.year, p.month, p.day)) != p.weekday))
    return fail(DateIssue::impossible);
  DateIssue issue = p.two_digits ? DateIssue::century : DateIssue::none;
  const bool time = p.hour >= 0;
  if (need == DateNeed::date_time && !time) return fail(DateIssue::no_time);
  bool with_time = time && need != DateNeed::date;
  int offset = p.offset;
  if (with_time && !p.has_offset && !zone_) {
    if (need == DateNeed::date_time) return fail(DateIssue::no_zone);
    with_time = false;
    issue = DateIssue::no_zone;
  }
  if (with_time && p.hour == 24) {
    const CivilDay next = civil_from_days(days_from_civil(p.year, p.month, p.day) + 1);
    if (next.year > 9999) return fail(DateIssue::impossible);
    p.year = next.year;
    p.month = next.month;
    p.day = next.day;
    p.hour = 0;
    issue = DateIssue::end_of_day;
  }
  if (with_time && !p.has_offset) {
    const int64_t local = days_from_civil(p.year, p.month, p.day) * 86400 + p.hour * 3600 + (p.minute > 0 ? p.minute * 60 : 0) +
                          (p.second > 0 ? p.second : 0);
    const Zone::Local at = zone_->at(local);
    offset = at.offset / 60;
    if (at.kind == Zone::Kind::gap) issue = DateIssue::gap;
    if (at.kind == Zone::Kind::overlap) issue = DateIssue::overlap;
  }
  char* at = put4(out.buffer.data(), p.year);
  if (p.month) {
    *at++ = '-';
    at = put2(at, p.month);
  }
  if (p.day) {
    *at++ = '-';
    at = put2(at, p.day);
  }
  if (with_time) {
    *at++ = 'T';
    at = put2(at, p.hour);
    *at++ = ':';
    at = put2(at, p.minute > 0 ? p.minute : 0);
    *at++ = ':';
    at = put2(at, p.second > 0 ? p.second : 0);
    std::string_view fraction = p.fraction.substr(0, 9);
    while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
    if (!fraction.empty()) {
      *at++ = '.';
      for (const char c : fraction) *at++ = c;
    }
    if (p.zulu && p.has_offset) {
      *at++ = 'Z';
    } else {
      const int m = offset < 0 ? -offset : offset;
      *at++ = offset < 0 ? '-' : '+';
      at = put2(at, m / 60);
      *at++ = ':';
      at = put2(at, m % 60);
    }
  }
  out.size = static_cast<uint8_t>(at - out.buffer.data());
  out.issue = issue;
  return out;
}

Date DatePatterns::parse(std::string_view text, DateNeed need) const noexcept {
  text = trim(text);
  Date failed;
  failed.issue = DateIssue::unreadable;
  if (text.empty() || text.size() > 80) return failed;
  if (patterns_.empty()) {
    Parts parts;
    if (match_iso(text, parts) == Fit::yes) return write(parts, need);
    return failed;
  }
  for (size_t i = 0; i < patterns_.size(); ++i) {
    Parts parts;
    const Fit fit = match(patterns_[i], text, parts);
    if (fit == Fit::no) continue;
    Date date;
    if (fit == Fit::yes) date = write(parts, need);
    else date.issue = DateIssue::impossible;
    if (!date.usable()) {  // another pattern may still make sense of it
      if (failed.issue == DateIssue::unreadable) failed.issue = date.issue;
      continue;
    }
    if (patterns_[i].rival)
      for (size_t k = i + 1; k < patterns_.size(); ++k) {
        Parts other;
        if (!patterns_[k].order || patterns_[k].order == patterns_[i].order || match(patterns_[k], text, other) != Fit::yes) continue;
        const Date second = write(other, need);
        if (second.usable() && second.text() != date.text()) {
          failed.issue = DateIssue::ambiguous;
          return failed;
        }
      }
    return date;
  }
  return failed;
}

}  // namespace casebridge::normalise

#include "direct/rows.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "host/batch_check.hpp"
#include "link/hash.hpp"
#include "normalise/addresses.hpp"
#include "normalise/codes.hpp"
#include "normalise/folding.hpp"
#include "normalise/identifiers.hpp"
#include "normalise/phones.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::direct {
namespace {

constexpr size_t kPart = size_t(4) << 20;
constexpr size_t kLongest = size_t(1) << 16;  // of a row

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

// One line in cells. Marks may stand around a whole cell; what stands between them has no mark and no line break.
enum class Cut : uint8_t { row, odd, broken };
Cut cut(std::string_view line, std::vector<std::string_view>& cells) {
  cells.clear();
  const char *p = line.data(), *const end = p + line.size();
  bool odd = false;
  for (;;) {
    if (p < end && *p == '"') {
      const char* const from = ++p;
      for (;;) {
        p = static_cast<const char*>(std::memchr(p, '"', static_cast<size_t>(end - p)));
        if (!p) return Cut::broken;
        if (p + 1 == end || p[1] != '"') break;
        odd = true;  // a doubled mark
        p += 2;
      }
      cells.emplace_back(from, static_cast<size_t>(p - from));
      if (++p < end && *p != ',') return Cut::broken;
    } else {
      const char* const from = p;
      p = static_cast<const char*>(std::memchr(p, ',', static_cast<size_t>(end - p)));
      if (!p) p = end;
      cells.emplace_back(from, static_cast<size_t>(p - from));
      if (std::memchr(from, '"', static_cast<size_t>(p - from))) return Cut::broken;
    }
    if (p == end) return odd ? Cut::odd : Cut::row;
    ++p;
  }
}

bool leap(unsigned y) { return (y % 4 == 0 && y % 100) || y % 400 == 0; }

// 1990, 1990-07, 1990-07-01.
bool plain_date(std::string_view t) {
  const auto number = [&](size_t at, size_t n) {
    unsigned v = 0;
    for (size_t i = at; i < at + n; ++i) {
      if (!normalise::digit(t[i])) return ~0u;
      v = v * 10 + static_cast<unsigned>(t[i] - '0');
    }
    return v;
  };
  if (t.size() != 4 && t.size() != 7 && t.size() != 10) return false;
  const unsigned year = number(0, 4);
  if (year < 1000 || year > 9999) return false;
  if (t.size() == 4) return true;
  const unsigned month = t[4] == '-' ? number(5, 2) : 0;
  if (month < 1 || month > 12) return false;
  if (t.size() == 7) return true;
  static constexpr unsigned kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const unsigned day = t[7] == '-' ? number(8, 2) : 0;
  return day >= 1 && day <= kDays[month - 1] + (month == 2 && leap(year));
}

bool usable(const normalise::Normal& n) { return n.use == normalise::Use::normal && n.code.empty() && !n.text.empty(); }

// Answers that cost a while, for words that come again and again.
class Known {
 public:
  template <class Ask>
  bool operator()(std::string_view word, Ask&& ask) {
    const auto at = answers_.find(link::hash_text(word));
    if (at != answers_.end()) return at->second;
    if (answers_.size() > 4096) answers_.clear();
    return answers_[link::hash_text(word)] = ask();
  }

 private:
  std::unordered_map<uint64_t, bool> answers_;
};

}  // namespace

Rows::Rows(std::string_view text, const Columns& columns) : text_(text), columns_(columns) {
  size_t at = text.starts_with("\xEF\xBB\xBF") ? 3 : 0;
  const size_t line_end = text.find('\n', at);
  if (line_end == text.npos || line_end > kLongest) return;
  std::string_view head = text.substr(at, line_end - at);
  if (head.ends_with('\r')) head.remove_suffix(1);
  // Another delimiter, or a line end that is none here, is for the reader that finds such things out.
  if (head.find_first_of(";\t|\"\r") != head.npos || !host::valid_utf8(head.data(), head.size())) return;
  std::vector<std::string_view> names;
  if (cut(head, names) != Cut::row || names.size() > 200) return;
  for (std::string_view& name : names) name = trim(name);
  std::vector<std::string_view> sorted = names;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end(), [](auto a, auto b) { return read::mapping::fold(a) == read::mapping::fold(b); }) !=
      sorted.end())
    return;
  const auto has = [&](const std::string& name) { return std::binary_search(sorted.begin(), sorted.end(), std::string_view(name)); };
  if (std::none_of(columns.headers.begin(), columns.headers.end(),
                   [&](const auto& all) { return std::all_of(all.begin(), all.end(), has); }))
    return;
  for (const Column& c : columns.all) {
    const auto name = std::find(names.begin(), names.end(), std::string_view(c.name));
    if (name != names.end()) bound_.push_back({&c, static_cast<uint32_t>(name - names.begin())});
    else if (c.use == Use::key) return;
  }
  width_ = names.size();
  for (uint64_t from = line_end + 1; from < text.size();) {
    uint64_t to = std::min<uint64_t>(from + kPart, text.size());
    if (to < text.size()) {
      const size_t next = text.find('\n', to);
      to = next == text.npos ? text.size() : next + 1;
    }
    parts_.emplace_back();
    parts_.back().from = from, parts_.back().to = to;
    from = to;
  }
  fits_ = true;
}

// Reads the rows of one part.
class Rows::Reader {
 public:
  Reader(const Rows& rows, link::ChunkBuilder& into)
      : rows_(rows),
        into_(into),
        source_(into.source(rows.columns_.agency, rows.columns_.system)),
        own_(resolve::local_issuer(rows.columns_.agency, rows.columns_.system)) {
    raw_.source = source_;
  }

  Cut row(std::string_view line) {
    const Cut how = cut(line, cells_);
    if (how != Cut::row) return how;
    if (cells_.size() != rows_.width_) return Cut::odd;
    return take() ? Cut::row : Cut::odd;
  }

 private:
  // Stands in the case record as it stands here.
  static bool text(std::string_view t) {
    if (t.empty() || normalise::is_plain(t)) return true;
    for (size_t k = 0; k < t.size(); ++k) {
      const auto c = static_cast<unsigned char>(t[k]), next = static_cast<unsigned char>(k + 1 < t.size() ? t[k + 1] : 0);
      if (c < 0x20 || c == 0x7F || (c == 0xC2 && next < 0xA1) || (c == 0xEF && next >= 0xBF)) return false;
    }
    return normalise::tidy(t) == t;
  }

  bool take() {
    std::string_view street, city, postcode;
    raw_.local_id = raw_.given = raw_.middle = raw_.family = raw_.birth_date = raw_.birth_city = raw_.occupation = {};
    aliases_.clear(), phones_.clear(), numbers_.clear();
    phones_used_ = 0;
    for (size_t i = 0; i < rows_.bound_.size(); ++i) {
      const Column& c = *rows_.bound_[i].column;
      std::string_view v = trim(cells_[rows_.bound_[i].at]);
      if (v.empty()) {
        if (c.use == Use::key) return false;
        continue;
      }
      if (v.size() > 500 || !text(v)) return false;
      switch (c.use) {
        case Use::key:
          if (v.size() > 100) return false;
          raw_.local_id = v;
          break;
        case Use::given: raw_.given = v; break;
        case Use::middle: raw_.middle = v; break;
        case Use::family: raw_.family = v; break;
        case Use::birth_city: raw_.birth_city = v; break;
        case Use::occupation: raw_.occupation = v; break;
        case Use::birth_date:
          if (!plain_date(v)) return false;
          raw_.birth_date = v;
          break;
        case Use::alias:
          if (v.find(',') != v.npos || !each(v, c.split, [&](std::string_view one) {
                if (!normalise::is_plain(one) && normalise::tidy(one) != one) return false;
                aliases_.push_back(resolve::split_name(one));
                return true;
              }))
            return false;
          break;
        case Use::phone:
          if (!each(v, c.split, [&](std::string_view one) { return phone(one); })) return false;
          break;
        case Use::number: numbers_.push_back(resolve::number_of(c.kind, v, {}, own_)); break;
        case Use::street: street = v; break;
        case Use::city: city = v; break;
        case Use::postcode:
          if (!usable(normalise::normalise_postal_code(v))) return false;
          postcode = v;
          break;
        case Use::date:
          if (v.size() != 10 || !plain_date(v)) return false;
          break;
        case Use::country:
          if (!countries_(v, [&] { return usable(normalise::normalise_country(v)); })) return false;
          break;
        case Use::code:
          if (!codes_(v, [&] { return c.table && (c.table->rows.contains(read::mapping::fold(v)) || !c.table->otherwise.empty()); }))
            return false;
          break;
        case Use::text: break;
      }
    }
    if (raw_.given.empty() && raw_.family.empty()) return false;
    raw_.addresses = {};
    if (!street.empty()) {
      // The line may hold a city or a postal code that the columns do not.
      if (city.empty() || postcode.empty()) {
        const normalise::Civic parts = normalise::split_address(street);
        if ((city.empty() && !parts.city.empty()) || (postcode.empty() && !parts.postal_code.empty())) return false;
      }
      address_[0] = {street, city, postcode};
      raw_.addresses = address_;
    } else if (!city.empty() || !postcode.empty()) {
      return false;
    }
    raw_.phones = {phones_.data(), phones_.size()};
    raw_.names = aliases_;
    raw_.identifiers = numbers_;
    into_.add(raw_);
    return true;
  }

  template <class Each>
  static bool each(std::string_view list, const std::string& split, Each&& each) {
    for (size_t at = 0; at <= list.size();) {
      const size_t end = std::min(list.find(split, at), list.size());
      if (const std::string_view one = trim(list.substr(at, end - at)); !one.empty() && !each(one)) return false;
      at = end + split.size();
    }
    return true;
  }

  bool phone(std::string_view one) {
    size_t digits = 0;
    for (const char c : one) digits += normalise::digit(c);
    if (digits < 10 || digits > 11 || phones_used_ == kPhones) return false;
    const normalise::Normal n = normalise::normalise_phone(one, rows_.columns_.region);
    if (!usable(n) || n.text.size() != 12) return false;
    std::string& kept = e164_[phones_used_++];
    kept = n.text;
    phones_.push_back(kept);
    return true;
  }

  static constexpr size_t kPhones = 16;
  const Rows& rows_;
  link::ChunkBuilder& into_;
  uint16_t source_;
  std::string own_;
  link::RawPerson raw_;
  std::vector<std::string_view> cells_, phones_;
  std::array<std::string, kPhones> e164_;
  size_t phones_used_ = 0;
  std::vector<link::RawPerson::RawName> aliases_;
  std::vector<link::RawPerson::RawIdentifier> numbers_;
  std::array<link::RawPerson::RawAddress, 1> address_;
  Known countries_, codes_;
};

void Rows::fill(size_t chunk, link::ChunkBuilder& into) const {
  const Part& part = parts_[chunk];
  const std::string_view text = text_.substr(part.from, part.to - part.from);
  into.reserve(text.size() / 80);
  if (!host::valid_utf8(text.data(), text.size())) {
    part.broken = true;
    return;
  }
  Reader reader(*this, into);
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    ++part.lines;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) {
      const Cut how = line.size() > kLongest || line.find('\r') != line.npos ? Cut::broken : reader.row(line);
      if (how == Cut::broken) {
        part.broken = true;
        return;
      }
      if (how == Cut::row) ++part.taken;
      else part.left.push_back({part.lines, part.from + at, line.size(), part.taken});
    }
    at = end + 1;
  }
  // Read once: pages of the file need not stay.
  constexpr uintptr_t kPage = 4096;
  const uintptr_t from = (reinterpret_cast<uintptr_t>(text.data()) + kPage - 1) / kPage * kPage,
                  to = reinterpret_cast<uintptr_t>(text.data() + text.size()) / kPage * kPage;
  if (to > from) ::madvise(reinterpret_cast<void*>(from), to - from, MADV_DONTNEED);
}

bool Rows::still_fits() const {
  return fits_ && std::none_of(parts_.begin(), parts_.end(), [](const Part& p) { return p.broken; });
}

uint64_t Rows::taken() const {
  uint64_t n = 0;
  for (const Part& p : parts_) n += p.taken;
  return n;
}

std::vector<LeftRow> Rows::left() const {
  std::vector<LeftRow> out;
  uint64_t line = 1, taken = 0;  // the header
  for (const Part& p : parts_) {
    for (LeftRow row : p.left) {
      row.line += line, row.before += taken;
      out.push_back(row);
    }
    line += p.lines, taken += p.taken;
  }
  return out;
}

}  // namespace casebridge::direct

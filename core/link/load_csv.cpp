#include "link/load_csv.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <stdexcept>

namespace casebridge::link {
namespace {

enum class Field : uint8_t {
  record_id,
  source,
  given,
  middle,
  family,
  aliases,
  birth_date,
  birth_city,
  occupation,
  phones,
  emails,
  identifier,
  street,
  city,
  postcode
};
const std::map<std::string, Field, std::less<>> field_names = {{"record_id", Field::record_id},
                                                               {"source", Field::source},
                                                               {"given", Field::given},
                                                               {"middle", Field::middle},
                                                               {"family", Field::family},
                                                               {"aliases", Field::aliases},
                                                               {"birth_date", Field::birth_date},
                                                               {"birth_city", Field::birth_city},
                                                               {"phones", Field::phones},
                                                               {"occupation", Field::occupation},
                                                               {"emails", Field::emails},
                                                               {"street", Field::street},
                                                               {"city", Field::city},
                                                               {"postcode", Field::postcode}};

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t' || s.back() == '\r')) s.remove_suffix(1);
  return s;
}

struct Binding {
  Field field;
  std::string kind;  // of an identifier
  bool strong = false;
  std::vector<size_t> columns;  // joined by a space
};

// Splits one line into cells; quoted cells with doubled quotes are unescaped into scratch. Returns the byte after the line.
const char* split(const char* p, const char* end, std::vector<std::string_view>& cells, std::vector<std::string>& scratch) {
  cells.clear();
  size_t used = 0;
  while (true) {
    if (p < end && *p == '"') {
      const char* start = ++p;
      bool doubled = false;
      while (p < end && (*p != '"' || (p + 1 < end && p[1] == '"'))) {
        if (*p == '"') {
          doubled = true;
          ++p;
        }
        ++p;
      }
      std::string_view cell(start, static_cast<size_t>(p - start));
      if (doubled) {
        if (scratch.size() == used) scratch.emplace_back();
        std::string& s = scratch[used++];
        s.clear();
        for (size_t i = 0; i < cell.size(); ++i) {
          s += cell[i];
          if (cell[i] == '"') ++i;
        }
        cell = s;
      }
      cells.push_back(cell);
      if (p < end) ++p;
      while (p < end && *p != ',' && *p != '\n') ++p;
    } else {
      const char* start = p;
      while (p < end && *p != ',' && *p != '\n') ++p;
      cells.push_back(trim({start, static_cast<size_t>(p - start)}));
    }
    if (p >= end) return end;
    if (*p++ == '\n') return p;
  }
}

template <class Each>
void each_value(std::string_view list, Each&& each) {
  while (!list.empty()) {
    const size_t semicolon = list.find(';');
    const std::string_view v = trim(list.substr(0, semicolon));
    if (!v.empty()) each(v);
    list = semicolon == std::string_view::npos ? std::string_view() : list.substr(semicolon + 1);
  }
}

class PeopleCsv final : public LinkInput {
 public:
  PeopleCsv(const std::string& path, const std::vector<CsvColumn>& columns) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat st {};
    if (fd < 0 || ::fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
      if (fd >= 0) ::close(fd);
      throw std::runtime_error(path + ": cannot be read");
    }
    size_ = static_cast<size_t>(st.st_size);
    if (size_) {
      void* m = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd, 0);
      ::close(fd);
      if (m == MAP_FAILED) throw std::runtime_error(path + ": cannot be mapped");
      data_ = static_cast<const char*>(m);
      ::madvise(m, size_, MADV_SEQUENTIAL);
    } else {
      ::close(fd);
    }
    bind(path, columns);
    find_chunks();
  }
  ~PeopleCsv() override {
    if (data_) ::munmap(const_cast<char*>(data_), size_);
  }
  size_t chunks() const override { return starts_.size() - 1; }

  void fill(size_t c, ChunkBuilder& out) const override {
    const char *p = data_ + starts_[c], *end = data_ + starts_[c + 1];
    out.reserve(static_cast<size_t>(end - p) / 80);
    std::vector<std::string_view> cells, aliases, phones, emails;
    std::vector<std::string> scratch, joined(bindings_.size());
    std::vector<RawPerson::RawIdentifier> ids;
    std::vector<RawPerson::RawAddress> address(1);
    std::string last_source;
    uint16_t source = 0;
    bool have_source = false;
    while (p < end) {
      p = split(p, end, cells, scratch);
      if (cells.size() == 1 && cells[0].empty()) continue;  // an empty line
      RawPerson r;
      aliases.clear();
      phones.clear();
      emails.clear();
      ids.clear();
      address[0] = {};
      std::string_view agency;
      for (size_t b = 0; b < bindings_.size(); ++b) {
        const std::string_view v = value(bindings_[b], cells, joined[b]);
        if (v.empty()) continue;
        switch (bindings_[b].field) {
          case Field::record_id: r.local_id = v; break;
          case Field::source: agency = v; break;
          case Field::given: r.given = v; break;
          case Field::middle: r.middle = v; break;
          case Field::family: r.family = v; break;
          case Field::aliases: each_value(v, [&](std::string_view x) { aliases.push_back(x); }); break;
          case Field::birth_date: r.birth_date = v; break;
          case Field::birth_city: r.birth_city = v; break;
          case Field::occupation: r.occupation = v; break;
          case Field::phones: each_value(v, [&](std::string_view x) { phones.push_back(x); }); break;
          case Field::emails: each_value(v, [&](std::string_view x) { emails.push_back(x); }); break;
          case Field::identifier: ids.push_back({bindings_[b].kind, {}, v, bindings_[b].strong}); break;
          case Field::street: address[0].street = v; break;
          case Field::city: address[0].city = v; break;
          case Field::postcode: address[0].postcode = v; break;
        }
      }
      if (!have_source || agency != last_source) {
        source = out.source(agency, {});
        last_source = agency;
        have_source = true;
      }
      r.source = source;
      r.aliases = aliases;
      r.phones = phones;
      r.emails = emails;
      r.identifiers = ids;
      r.addresses = address;
      out.add(r);
    }
    const size_t page = 4096, from = (starts_[c] + page - 1) / page * page, to = starts_[c + 1] / page * page;
    if (to > from) ::madvise(const_cast<char*>(data_) + from, to - from, MADV_DONTNEED);  // read once: do not keep it resident
  }

 private:
  static std::string_view value(const Binding& b, const std::vector<std::string_view>& cells, std::string& joined) {
    if (b.columns.size() == 1) return b.columns[0] < cells.size() ? cells[b.columns[0]] : std::string_view();
    joined.clear();
    for (const size_t c : b.columns) {
      if (c >= cells.size() || cells[c].empty()) continue;
      if (!joined.empty()) joined += ' ';
      joined += cells[c];
    }
    return joined;
  }

  void bind(const std::string& path, const std::vector<CsvColumn>& columns) {
    const char* p = data_;
    if (size_ >= 3 && std::string_view(p, 3) == "\xEF\xBB\xBF") p += 3;
    std::vector<std::string_view> header;
    std::vector<std::string> scratch;
    p = split(p, data_ + size_, header, scratch);
    first_row_ = static_cast<size_t>(p - data_);
    bool have_id = false;
    for (const CsvColumn& c : columns) {
      Binding b;
      if (c.field.starts_with("identifier:") || c.field.starts_with("strong:")) {
        b.field = Field::identifier;
        b.strong = c.field[0] == 's';
        b.kind = c.field.substr(c.field.find(':') + 1);
      } else {
        const auto it = field_names.find(c.field);
        if (it == field_names.end()) throw std::runtime_error("unknown field in the column mapping: " + c.field);
        b.field = it->second;
      }
      std::string_view rest = c.columns;
      while (!rest.empty()) {
        const size_t plus = rest.find('+');
        const std::string_view wanted = trim(rest.substr(0, plus));
        rest = plus == std::string_view::npos ? std::string_view() : rest.substr(plus + 1);
        for (size_t i = 0; i < header.size(); ++i) {
          if (trim(header[i]) == wanted) b.columns.push_back(i);
        }
      }
      if (b.columns.empty()) continue;  // a file need not have every column
      have_id |= b.field == Field::record_id;
      bindings_.push_back(std::move(b));
    }
    if (!have_id) throw std::runtime_error(path + ": has no column for record_id");
  }

  // Chunks of about 4 MiB end at a line break outside quotes: the parity of quotes before it is even.
  void find_chunks() {
    constexpr size_t wanted = size_t{4} << 20;
    starts_ = {first_row_};
    size_t at = first_row_;
    bool inside = false;
    while (at < size_) {
      const size_t goal = at + wanted;
      if (goal >= size_) break;
      for (const char *p = data_ + at, *e = data_ + goal; (p = static_cast<const char*>(memchr(p, '"', static_cast<size_t>(e - p)))); ++p)
        inside = !inside;
      at = goal;
      while (at < size_ && (inside || data_[at] != '\n')) inside ^= data_[at++] == '"';
      if (at < size_) starts_.push_back(++at);
      ::madvise(const_cast<char*>(data_) + (starts_[starts_.size() - 2] / 4096 * 4096), wanted, MADV_DONTNEED);
    }
    if (starts_.back() < size_) starts_.push_back(size_);
  }

  const char* data_ = nullptr;
  size_t size_ = 0, first_row_ = 0;
  std::vector<Binding> bindings_;
  std::vector<size_t> starts_;
};

}  // namespace

std::vector<CsvColumn> people_columns() {
  return {{"record_id", "rec_id"},
          {"source", "source"},
          {"given", "given"},
          {"middle", "middle"},
          {"family", "family"},
          {"aliases", "aliases"},
          {"birth_date", "dob"},
          {"birth_city", "birth_city"},
          {"street", "street"},
          {"city", "city"},
          {"postcode", "postcode"},
          {"phones", "phones"},
          {"strong:person_no", "person_no"},
          {"emails", "email"},
          {"occupation", "occupation"}};
}

std::vector<CsvColumn> read_columns(const std::string& path) {
  std::ifstream in(path);
  if (!in) throw std::runtime_error(path + ": cannot be read");
  std::vector<CsvColumn> out;
  for (std::string line; std::getline(in, line);) {
    const std::string_view l = trim(std::string_view(line).substr(0, line.find('#')));
    const size_t equals = l.find('=');
    if (l.empty()) continue;
    if (equals == std::string_view::npos) throw std::runtime_error(path + ": a line is not \"field = column\": " + line);
    out.push_back({std::string(trim(l.substr(0, equals))), std::string(trim(l.substr(equals + 1)))});
  }
  return out;
}

std::unique_ptr<LinkInput> open_people_csv(const std::string& path, const std::vector<CsvColumn>& columns) {
  return std::make_unique<PeopleCsv>(path, columns);
}

}  // namespace casebridge::link

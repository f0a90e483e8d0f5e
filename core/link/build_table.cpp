#include <map>
#include <stdexcept>

#include "link/hash.hpp"
#include "link/input.hpp"
#include "link/parallel.hpp"
#include "link/values.hpp"

namespace casebridge::link {

struct ChunkBuilder::State {
  std::vector<Person> persons;
  std::vector<uint32_t> pool;
  Dictionary names{Dictionary::Kind::names}, places{Dictionary::Kind::places};
  std::map<std::pair<std::string, std::string>, uint16_t> source_of;
  std::vector<Source> sources;
  std::vector<uint64_t> source_hash;
  std::string id_text;
  std::vector<uint32_t> id_end;
  uint64_t dropped = 0;
  Folded folded;
  StreetLine street;
};

ChunkBuilder::ChunkBuilder() : state_(std::make_unique<State>()) {}
ChunkBuilder::~ChunkBuilder() = default;
ChunkBuilder::ChunkBuilder(ChunkBuilder&&) noexcept = default;
uint64_t ChunkBuilder::dropped() const { return state_->dropped; }
void ChunkBuilder::reserve(size_t n) {
  state_->persons.reserve(n);
  state_->id_end.reserve(n);
}

uint16_t ChunkBuilder::source(std::string_view agency, std::string_view system) {
  State& s = *state_;
  for (size_t i = 0; i < s.sources.size(); ++i) {
    if (s.sources[i].agency == agency && s.sources[i].system == system) return static_cast<uint16_t>(i);
  }
  if (s.sources.size() == 0xFFFF) throw std::runtime_error("more than 65,535 sources");
  s.sources.push_back({std::string(agency), std::string(system)});
  s.source_hash.push_back(hash_text(system, hash_text(agency)));
  return static_cast<uint16_t>(s.sources.size() - 1);
}

void ChunkBuilder::add(const RawPerson& r) {
  State& s = *state_;
  Person p;
  const auto name = [&](std::string_view text) -> uint32_t {
    if (text.empty()) return 0;
    fold(text, s.folded);
    return is_placeholder(s.folded.view()) ? 0 : s.names.intern(s.folded);
  };
  const auto place = [&](std::string_view text) -> uint32_t {
    if (text.empty()) return 0;
    fold(text, s.folded);
    return is_placeholder(s.folded.view()) ? 0 : s.places.intern(s.folded);
  };
  const auto limit = [&](size_t n) -> size_t {
    if (n > 255) s.dropped += n - 255;
    return n < 255 ? n : 255;
  };
  p.source = r.source;
  p.flags = r.doubtful ? 1 : 0;
  p.key = hash_text(r.local_id, s.source_hash.at(r.source));
  p.given = name(r.given);
  p.middle = name(r.middle);
  p.family = name(r.family);
  p.birth = parse_date(r.birth_date);
  p.birth_city = place(r.birth_city);
  p.occupation = place(r.occupation);
  p.lists = static_cast<uint32_t>(s.pool.size());
  if (s.pool.size() > 0xF0000000u) throw std::runtime_error("more many-valued fields than one chunk can hold");

  const auto put2 = [&](uint32_t a, uint32_t b) {
    s.pool.push_back(a);
    s.pool.push_back(b);
  };
  for (size_t i = 0; i < limit(r.phones.size()); ++i) {
    const uint64_t v = parse_phone(r.phones[i]);
    bool fresh = v != 0;
    for (unsigned k = 0; fresh && k < p.phones; ++k) {
      fresh = (uint64_t{s.pool[p.lists + 2 * k + 1]} << 32 | s.pool[p.lists + 2 * k]) != v;
    }
    if (!fresh) continue;
    put2(static_cast<uint32_t>(v), static_cast<uint32_t>(v >> 32));
    ++p.phones;
  }
  for (size_t i = 0; i < limit(r.aliases.size()); ++i) {
    std::string_view full = r.aliases[i];
    while (!full.empty() && full.back() == ' ') full.remove_suffix(1);
    const size_t space = full.rfind(' ');
    const uint32_t family = name(space == std::string_view::npos ? full : full.substr(space + 1));
    const uint32_t given = space == std::string_view::npos ? 0 : name(full.substr(0, space));
    if (!family && !given) continue;
    put2(given, family);
    ++p.aliases;
  }
  for (size_t i = 0; i < limit(r.names.size()) && p.aliases < 255; ++i) {
    const uint32_t family = name(r.names[i].family), given = name(r.names[i].given);
    if (!family && !given) continue;
    put2(given, family);
    ++p.aliases;
  }
  for (size_t i = 0; i < limit(r.identifiers.size()); ++i) {
    const auto& given = r.identifiers[i];
    const uint32_t kind = static_cast<uint32_t>(hash_text(given.issuer, hash_text(given.kind)));
    const Identifier id{given.strong ? kind | 1u : kind & ~1u, parse_identifier(given.value)};
    if (!id.value[0]) continue;
    const auto* words = reinterpret_cast<const uint32_t*>(&id);
    s.pool.insert(s.pool.end(), words, words + 5);
    ++p.identifiers;
  }
  for (size_t i = 0; i < limit(r.emails.size()); ++i) {
    const size_t at = r.emails[i].find('@');
    if (at == std::string_view::npos) continue;
    const uint32_t local = place(r.emails[i].substr(0, at)), domain = place(r.emails[i].substr(at + 1));
    if (!local || !domain) continue;
    put2(local, domain);
    ++p.emails;
  }
  bool first = true;
  for (size_t i = 0; i < limit(r.addresses.size()); ++i) {
    const auto& a = r.addresses[i];
    s.street.number = 0;
    s.street.name.size = s.street.name.tokens = 0;
    if (!a.street.empty()) parse_street(a.street, s.street);
    const uint32_t street = is_placeholder(s.street.name.view()) ? 0 : s.places.intern(s.street.name);
    const uint32_t city = place(a.city);
    const uint64_t code = parse_postcode(a.postcode);
    if (!street && !city && !code && !s.street.number) continue;
    if (first) {
      p.street = street;
      p.number = s.street.number;
      p.city = city;
      p.postcode = code;
      first = false;
    } else {
      for (const uint32_t w : {street, s.street.number, city, static_cast<uint32_t>(code), static_cast<uint32_t>(code >> 32)})
        s.pool.push_back(w);
      ++p.addresses;
    }
  }
  s.persons.push_back(p);
  s.id_text += r.local_id;
  s.id_end.push_back(static_cast<uint32_t>(s.id_text.size()));
}

namespace {

// Names and places in a person's lists get the ids of another table.
void remap_lists(const Person& p, uint32_t* w, const std::vector<uint32_t>& names, const std::vector<uint32_t>& places) {
  w += 2 * p.phones;
  for (unsigned k = 0; k < 2u * p.aliases; ++k, ++w) *w = names[*w];
  w += 5 * p.identifiers;
  for (unsigned k = 0; k < 2u * p.emails; ++k, ++w) *w = places[*w];
  for (unsigned k = 0; k < p.addresses; ++k, w += 5) {
    w[0] = places[w[0]];
    w[2] = places[w[2]];
  }
}

}  // namespace

// Chunks are merged in their own order, so ids are a function of the input, not of threads.
class TableBuilder {
 public:
  static PersonTable build(const LinkInput& input, unsigned threads);

 private:
  struct Maps {
    std::vector<uint32_t> names, places;
    std::vector<uint16_t> sources;
  };
  static void move_in(ChunkBuilder::State& s, const Maps& m, PersonTable& t, size_t row, size_t word, size_t byte);
};

void TableBuilder::move_in(ChunkBuilder::State& s, const Maps& m, PersonTable& t, size_t row, size_t word, size_t byte) {
  for (size_t i = 0; i < s.persons.size(); ++i) {
    Person p = s.persons[i];
    p.given = m.names[p.given];
    p.middle = m.names[p.middle];
    p.family = m.names[p.family];
    for (uint32_t* id : {&p.street, &p.city, &p.birth_city, &p.occupation}) *id = m.places[*id];
    p.source = m.sources[p.source];
    remap_lists(p, s.pool.data() + p.lists, m.names, m.places);
    p.lists += static_cast<uint32_t>(word);
    t.persons[row + i] = p;
    t.id_at[row + i + 1] = byte + s.id_end[i];
  }
  std::copy(s.pool.begin(), s.pool.end(), t.pool.begin() + static_cast<ptrdiff_t>(word));
  std::copy(s.id_text.begin(), s.id_text.end(), t.id_text.begin() + static_cast<ptrdiff_t>(byte));
}

PersonTable TableBuilder::build(const LinkInput& input, unsigned threads) {
  load_tables();
  std::vector<ChunkBuilder> chunks(input.chunks());
  parallel(threads, chunks.size(), [&](size_t c, unsigned) { input.fill(c, chunks[c]); });

  PersonTable t;
  std::vector<Maps> maps(chunks.size());
  size_t rows = 0, words = 0, bytes = 0;
  for (const ChunkBuilder& c : chunks) {
    rows += c.state_->persons.size();
    words += c.state_->pool.size();
    bytes += c.state_->id_text.size();
  }
  if (rows >= 0x7FFFFFFFu || words > 0xFFFFFFFFu) throw std::runtime_error("more than 2,147,483,646 records or 4 Gi many-valued words");
  // Names and places are merged by two threads at once; each in chunk order.
  parallel(threads, 2, [&](size_t which, unsigned) {
    Dictionary& to = which ? t.places : t.names;
    for (size_t c = 0; c < chunks.size(); ++c) {
      const Dictionary& from = which ? chunks[c].state_->places : chunks[c].state_->names;
      auto& map = which ? maps[c].places : maps[c].names;
      map.resize(from.size());
      for (uint32_t id = 1; id < from.size(); ++id) map[id] = to.intern(from, id);
    }
  });
  for (size_t c = 0; c < chunks.size(); ++c) {
    for (const Source& s : chunks[c].state_->sources) {
      size_t at = 0;
      while (at < t.sources.size() && (t.sources[at].agency != s.agency || t.sources[at].system != s.system)) ++at;
      if (at == t.sources.size()) t.sources.push_back(s);
      maps[c].sources.push_back(static_cast<uint16_t>(at));
    }
    chunks[c].state_->names = Dictionary(Dictionary::Kind::names);
    chunks[c].state_->places = Dictionary(Dictionary::Kind::places);
  }
  t.persons.resize(rows);
  t.pool.resize(words);
  t.id_text.resize(bytes);
  t.id_at.resize(rows + 1);
  std::vector<std::array<size_t, 3>> at(chunks.size() + 1);
  for (size_t c = 0; c < chunks.size(); ++c) {
    const auto& s = *chunks[c].state_;
    at[c + 1] = {at[c][0] + s.persons.size(), at[c][1] + s.pool.size(), at[c][2] + s.id_text.size()};
  }
  parallel(threads, chunks.size(), [&](size_t c, unsigned) {
    move_in(*chunks[c].state_, maps[c], t, at[c][0], at[c][1], at[c][2]);
    chunks[c].state_.reset();
  });
  return t;
}

void append_table(PersonTable& into, const PersonTable& more) {
  std::vector<uint32_t> names(more.names.size(), 0), places(more.places.size(), 0);
  for (uint32_t id = 1; id < more.names.size(); ++id) names[id] = into.names.intern(more.names, id);
  for (uint32_t id = 1; id < more.places.size(); ++id) places[id] = into.places.intern(more.places, id);
  std::vector<uint16_t> sources;
  for (const Source& s : more.sources) {
    size_t at = 0;
    while (at < into.sources.size() && (into.sources[at].agency != s.agency || into.sources[at].system != s.system)) ++at;
    if (at == into.sources.size()) into.sources.push_back(s);
    sources.push_back(static_cast<uint16_t>(at));
  }
  if (into.id_at.empty()) into.id_at.push_back(0);
  const size_t word = into.pool.size();
  if (word + more.pool.size() > 0xFFFFFFFFu || into.persons.size() + more.persons.size() >= 0x7FFFFFFFu)
    throw std::runtime_error("the table is full");
  into.pool.insert(into.pool.end(), more.pool.begin(), more.pool.end());
  for (uint32_t row = 0; row < more.size(); ++row) {
    Person p = more.persons[row];
    for (uint32_t* id : {&p.given, &p.middle, &p.family}) *id = names[*id];
    for (uint32_t* id : {&p.street, &p.city, &p.birth_city, &p.occupation}) *id = places[*id];
    p.source = sources[p.source];
    p.lists += static_cast<uint32_t>(word);
    remap_lists(p, into.pool.data() + p.lists, names, places);
    into.persons.push_back(p);
    into.id_text += more.local_id(row);
    into.id_at.push_back(into.id_text.size());
  }
}

PersonTable build_table(const LinkInput& input, unsigned threads) { return TableBuilder::build(input, threads); }

}  // namespace casebridge::link

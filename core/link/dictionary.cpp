#include "link/dictionary.hpp"

#include "link/bytes.hpp"
#include "link/hash.hpp"

namespace casebridge::link {
namespace {

// Classes of consonants that are written for one another; vowels, h, w and y are passed over after the first letter.
constexpr std::string_view phonetic_class = "abktafk0akklmnabkrstaffkas";  // for a..z; vowels 'a', h '0'

uint32_t phonetic_of(std::string_view text) {
  uint64_t h = 0;
  char last = 0;
  int n = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    char k = c >= 'a' && c <= 'z' ? phonetic_class[static_cast<size_t>(c - 'a')] : c;
    if (c == 'p' && i + 1 < text.size() && text[i + 1] == 'h') k = 'f';
    if (c == 'j' || c == 'y') k = i == 0 ? 'j' : 'a';
    if (i > 0 && (k == 'a' || k == '0' || k == last)) continue;
    h = mix(h, static_cast<uint8_t>(k));
    last = k;
    ++n;
  }
  return n ? static_cast<uint32_t>(mix(h) >> 32) | 1u : 0;
}

bool particle(std::string_view t) {
  for (const char* p :
       {"van", "von", "der", "den", "del", "las", "los", "bin", "ben", "abu", "dos", "des", "les", "saint", "sainte", "mac"}) {
    if (t == p) return true;
  }
  return false;
}

}  // namespace

Dictionary::Dictionary(Kind kind) : kind_(kind), entries_(1), text_at_(1), slots_(1024, 0) {}

uint64_t Dictionary::key_of(const Folded& v) {
  uint64_t h = hash_text(v.view());
  for (size_t t = 1; t < v.tokens; ++t) h = mix(h, v.token_at[t]);
  return h;
}

void Dictionary::reserve(size_t n) {
  entries_.reserve(n + 1);
  size_t slots = slots_.size();
  while (slots < n * 2) slots *= 2;
  if (slots > slots_.size()) grow(slots);
}

void Dictionary::grow(size_t slots) {
  std::vector<uint32_t> bigger(slots, 0);
  for (uint32_t id = 1; id < entries_.size(); ++id) {
    size_t at = entries_[id].key & (slots - 1);
    while (bigger[at]) at = (at + 1) & (slots - 1);
    bigger[at] = id;
  }
  slots_.swap(bigger);
}

void Dictionary::truncate(uint32_t wanted) {
  // Slots are cleared in the reverse order of filling, so no entry that stays was ever placed past one that goes.
  while (size() > wanted) {
    const uint32_t id = size() - 1;
    size_t at = entries_[id].key & (slots_.size() - 1);
    while (slots_[at] != id) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = 0;
    arena_.resize(text_at_[id]);
    entries_.pop_back();
    text_at_.pop_back();
  }
}

void Dictionary::save(std::string& out) const {
  put_vector(out, entries_);
  put_vector(out, text_at_);
  put_vector(out, std::vector<char>(arena_.begin(), arena_.end()));
}

void Dictionary::load(std::string_view& in) {
  std::vector<char> text;
  take_vector(in, entries_);
  take_vector(in, text_at_);
  take_vector(in, text);
  arena_.assign(text.begin(), text.end());
  if (entries_.empty() || entries_.size() != text_at_.size() || (entries_.size() > 1 && (arena_.empty() || arena_.back() != 0)))
    throw std::runtime_error("state: a broken dictionary");
  for (const uint32_t at : text_at_) {
    if (at > arena_.size()) throw std::runtime_error("state: a broken dictionary");
  }
  size_t slots = 1024;
  while (slots < entries_.size() * 2) slots *= 2;
  grow(slots);
}

uint32_t Dictionary::find(uint64_t key) const {
  for (size_t at = key & (slots_.size() - 1); slots_[at]; at = (at + 1) & (slots_.size() - 1)) {
    if (entries_[slots_[at]].key == key) return slots_[at];
  }
  return 0;
}

uint32_t Dictionary::place(uint64_t key, bool& fresh) {
  size_t at = key & (slots_.size() - 1);
  for (; slots_[at]; at = (at + 1) & (slots_.size() - 1)) {
    if (entries_[slots_[at]].key == key) {
      fresh = false;
      return slots_[at];
    }
  }
  fresh = true;
  const uint32_t id = size();
  slots_[at] = id;
  entries_.emplace_back();
  text_at_.push_back(0);
  entries_.back().key = key;
  if (entries_.size() * 2 > slots_.size()) grow(slots_.size() * 2);
  return id;
}

uint32_t Dictionary::intern(const Folded& value) {
  if (value.size == 0) return 0;
  bool fresh;
  const uint32_t id = place(key_of(value), fresh);
  if (!fresh) return id;
  Name& n = entries_[id];
  n.hash = hash_text(value.view());
  n.length = value.size < 16 ? value.size : 16;
  n.words = value.tokens;
  std::memcpy(n.text.data(), value.text.data(), n.length);
  for (const char c : n.text) {
    if (c >= 'a' && c <= 'z') n.letters |= 1u << (c - 'a');
    else if (c) n.letters |= 1u << (26 + (static_cast<uint8_t>(c) % 6));
  }
  n.phonetic = phonetic_of(value.view());
  size_t kept = 0;
  for (size_t t = 0; t < value.tokens && kept < n.tokens.size(); ++t) {
    if (value.token(t).size() >= 3 && !(value.tokens > 1 && particle(value.token(t))))
      n.tokens[kept++] = static_cast<uint32_t>(hash_text(value.token(t))) | 1u;
  }
  if (kind_ == Kind::names) {
    n.nicknames = nickname_groups(value.view());
    if (n.nicknames[0] == 0 && value.tokens > 1) n.nicknames = nickname_groups(value.token(0));
  }
  text_at_[id] = static_cast<uint32_t>(arena_.size());
  for (size_t t = 0; t < value.tokens; ++t) {
    if (t) arena_ += ' ';
    arena_ += value.token(t);
  }
  arena_ += '\0';
  return id;
}

uint32_t Dictionary::intern(const Dictionary& from, uint32_t other) {
  if (other == 0) return 0;
  bool fresh;
  const uint32_t id = place(from.entries_[other].key, fresh);
  if (!fresh) return id;
  entries_[id] = from.entries_[other];
  text_at_[id] = static_cast<uint32_t>(arena_.size());
  arena_ += from.text(other);
  arena_ += '\0';
  return id;
}

std::string_view Dictionary::text(uint32_t id) const { return id ? std::string_view(arena_.data() + text_at_[id]) : std::string_view(); }

size_t Dictionary::bytes() const {
  return entries_.capacity() * sizeof(Name) + text_at_.capacity() * 4 + slots_.capacity() * 4 + arena_.capacity();
}

}  // namespace casebridge::link

#include "store/body.hpp"

#include "base/text.hpp"
#include "model/joined_place.hpp"
#include "store/sqlite.hpp"

namespace casebridge::store {
namespace {

constexpr uint8_t kForm = 1;

class Out {
 public:
  explicit Out(std::string& to) : to_(to) {}
  void number(uint64_t n) {  // seven bits a byte, the lowest first
    while (n >= 0x80) to_ += static_cast<char>(n | 0x80), n >>= 7;
    to_ += static_cast<char>(n);
  }
  void text(std::string_view t) {
    number(t.size());
    to_ += t;
  }
  void fixed(const void* bytes, size_t size) { to_.append(static_cast<const char*>(bytes), size); }
  void word(uint64_t n) {
    for (int i = 0; i < 8; ++i) to_ += static_cast<char>(n >> (8 * i));
  }

 private:
  std::string& to_;
};

class In {
 public:
  explicit In(std::string_view from) : from_(from) {}
  uint64_t number() {
    uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = static_cast<uint8_t>(take(1)[0]);
      n |= uint64_t(byte & 0x7F) << shift;
      if (!(byte & 0x80)) return n;
    }
    broken();
  }
  std::string_view text() { return take(number()); }
  std::string_view take(uint64_t size) {
    if (size > from_.size()) broken();
    const std::string_view out = from_.substr(0, size);
    from_.remove_prefix(size);
    return out;
  }
  uint64_t word() {
    uint64_t n = 0;
    const std::string_view bytes = take(8);
    for (int i = 0; i < 8; ++i) n |= uint64_t(static_cast<uint8_t>(bytes[static_cast<size_t>(i)])) << (8 * i);
    return n;
  }
  void id(Uuid& id) { std::memcpy(id.bytes.data(), take(16).data(), 16); }
  bool at_end() const { return from_.empty(); }
  size_t count(size_t least) {  // of items of at least so many bytes
    const uint64_t n = number();
    if (n > from_.size() / least) broken();
    return static_cast<size_t>(n);
  }
  [[noreturn]] static void broken() {
    throw StoreError(Exit::integrity, tr("A record in the store is damaged."),
                     tr("casebridge audit verify STORE finds where; restore a backup."));
  }

 private:
  std::string_view from_;
};

// A zigzag difference: a value may stand before its record (a column that belongs to a group).
uint64_t zigzag(uint64_t value, uint64_t base) {
  const auto d = static_cast<int64_t>(value - base);
  return (static_cast<uint64_t>(d) << 1) ^ static_cast<uint64_t>(d >> 63);
}
uint64_t unzigzag(uint64_t z, uint64_t base) { return base + ((z >> 1) ^ (~(z & 1) + 1)); }

bool placed(const Value& v) { return v.length && !is_joined(v.offset); }

void put_values(Out& out, const std::vector<Value>& values, uint64_t base) {
  out.number(values.size());
  for (const Value& v : values) {
    out.number(v.field);
    out.number((v.normal_differs ? 1u : 0u) | (v.original.empty() ? 0u : 2u) | (placed(v) ? 4u : 0u));
    out.text(v.text);
    if (!v.original.empty()) out.text(v.original);
    if (placed(v)) out.number(zigzag(v.offset, base)), out.number(v.length);
  }
}

void get_values(In& in, std::vector<Value>& values, Arena& arena) {
  const size_t n = in.count(3);
  values.resize(n);
  for (Value& v : values) {
    v.field = static_cast<model::Tag>(in.number());
    if (!model::find_node(v.field)) In::broken();
    const uint64_t flags = in.number();
    v.normal_differs = flags & 1;
    v.text = arena.keep(in.text());
    if (flags & 2) v.original = arena.keep(in.text());
    if (flags & 4) v.offset = unzigzag(in.number(), 0), v.length = static_cast<uint32_t>(in.number());
  }
}

}  // namespace

void write_body(const Record& record, std::string& to) {
  Out out(to);
  out.number(kForm);
  out.number(record.type->tag);
  out.fixed(record.id.bytes.data(), 16);
  out.fixed(record.supersedes.bytes.data(), 16);
  out.word(record.content_hash);
  out.number(record.keyless);
  out.text(record.status);
  out.text(record.local_id);
  put_values(out, record.values, record.place.offset);
  out.number(record.blocks.size());
  for (const Block& b : record.blocks) out.number(b.tag), out.number(b.first), out.number(b.count);
  put_values(out, record.block_values, record.place.offset);
  out.number(record.absent.size());
  for (const Absent& a : record.absent) out.number(a.field), out.number(static_cast<uint64_t>(int64_t(a.block) + 1)), out.text(a.reason);
  out.number(record.ext.size());
  for (const Ext& e : record.ext) out.text(e.name), out.text(e.value);
}

Record& read_body(std::string_view bytes, RecordBatch& into) {
  In in(bytes);
  if (in.number() != kForm) In::broken();
  Record& record = into.add();
  record.type = model::find_node(static_cast<model::Tag>(in.number()));
  if (!record.type || record.type->kind != model::NodeKind::record) In::broken();
  in.id(record.id);
  in.id(record.supersedes);
  record.content_hash = in.word();
  record.keyless = in.number();
  record.status = into.arena.keep(in.text());
  record.local_id = into.arena.keep(in.text());
  get_values(in, record.values, into.arena);
  record.blocks.resize(in.count(3));
  for (Block& b : record.blocks)
    b.tag = static_cast<model::Tag>(in.number()), b.first = static_cast<uint32_t>(in.number()),
    b.count = static_cast<uint32_t>(in.number());
  get_values(in, record.block_values, into.arena);
  for (const Block& b : record.blocks)
    if (uint64_t(b.first) + b.count > record.block_values.size() || !model::find_node(b.tag)) In::broken();
  record.absent.resize(in.count(3));
  for (Absent& a : record.absent)
    a.field = static_cast<model::Tag>(in.number()), a.block = static_cast<int32_t>(int64_t(in.number()) - 1),
    a.reason = into.arena.keep(in.text());
  record.ext.resize(in.count(2));
  for (Ext& e : record.ext) e.name = into.arena.keep(in.text()), e.value = into.arena.keep(in.text());
  if (!in.at_end()) In::broken();
  return record;
}

uint64_t content_hash_of(std::string_view body) {
  In in(body);
  in.number();
  in.number();
  in.take(32);
  return in.word();
}

void write_places(const std::vector<std::pair<uint32_t, Place>>& places, std::string& to) {
  Out out(to);
  for (const auto& [source, p] : places)
    out.number(source), out.number(p.offset), out.number(p.length), out.number(p.line), out.number(p.column);
}

void read_places(std::string_view bytes, std::vector<std::pair<uint32_t, Place>>& into) {
  In in(bytes);
  while (!in.at_end()) {
    into.emplace_back();
    auto& [source, p] = into.back();
    source = static_cast<uint32_t>(in.number());
    p.offset = in.number(), p.length = in.number(), p.line = in.number(), p.column = in.number();
  }
}

}  // namespace casebridge::store

#include "read/mapping/sorted_bytes.hpp"

#include <algorithm>
#include <cstring>

#include "casebridge/batch.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr size_t kHead = 20;                      // a, b, length
constexpr size_t kBlock = size_t(8) << 10;        // one entry of the index for so many bytes
constexpr size_t kReadAhead = size_t(128) << 10;  // of each run that is merged
constexpr size_t kMostRuns = 64;                  // of one length; then they are merged

uint64_t number_at(const char* from) {
  uint64_t n;
  std::memcpy(&n, from, sizeof n);
  return n;
}

[[noreturn]] void broken(int64_t status) {
  throw Failure(static_cast<cb_status>(status < 0 ? status : CB_E_IO), "the spill file of the host cannot be used");
}

}  // namespace

uint64_t key_hash(std::string_view key) {  // FNV-1a, then spread: the order of the hashes is nobody's secret
  uint64_t h = 0xCBF29CE484222325ull;
  for (const char c : key) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
  h ^= h >> 33;
  h *= 0xFF51AFD7ED558CCDull;
  return h ^ h >> 33;
}

// Pieces of one run in their order.
class SortedBytes::Reader {
 public:
  Reader(const cb_spill& spill, Run run, size_t ahead = kReadAhead) : spill_(spill), at_(run.begin), end_(run.end), ahead_(ahead) {}
  bool next() {
    if (!have(kHead)) return false;
    const char* head = buffer_.data() + used_;
    piece.a = number_at(head);
    piece.b = number_at(head + 8);
    uint32_t length;
    std::memcpy(&length, head + 16, sizeof length);
    if (!have(kHead + length)) broken(CB_E_IO);
    piece.bytes = {buffer_.data() + used_ + kHead, length};
    used_ += kHead + length;
    return true;
  }
  Piece piece;

 private:
  bool have(size_t n) {
    if (filled_ - used_ >= n) return true;
    if (filled_ - used_ + (end_ - at_) < n) return false;
    std::memmove(buffer_.data(), buffer_.data() + used_, filled_ - used_);
    filled_ -= used_;
    used_ = 0;
    buffer_.resize(std::max({buffer_.size(), n, ahead_}));
    const size_t more = static_cast<size_t>(std::min<uint64_t>(buffer_.size() - filled_, end_ - at_));
    if (const cb_status status = spill_.read(spill_.self, at_, buffer_.data() + filled_, more); status != CB_OK) broken(status);
    at_ += more;
    filled_ += more;
    return true;
  }
  const cb_spill& spill_;
  uint64_t at_, end_;
  size_t ahead_, used_ = 0, filled_ = 0;
  std::vector<char> buffer_;
};

class SortedBytes::Writer {
 public:
  explicit Writer(const cb_spill& spill) : spill_(spill) {}
  void put(uint64_t a, uint64_t b, std::string_view bytes) {
    const auto length = static_cast<uint32_t>(bytes.size());
    buffer_.append(reinterpret_cast<const char*>(&a), 8).append(reinterpret_cast<const char*>(&b), 8);
    buffer_.append(reinterpret_cast<const char*>(&length), 4).append(bytes);
    if (buffer_.size() >= size_t(1) << 20) flush();
  }
  uint64_t written() const { return written_ + buffer_.size(); }
  Run done() {
    flush();
    return {begin_, begin_ + written_};
  }

 private:
  void flush() {
    if (buffer_.empty()) return;
    const int64_t at = spill_.append(spill_.self, buffer_.data(), buffer_.size());
    if (at < 0) broken(at);
    if (!written_) begin_ = static_cast<uint64_t>(at);
    if (static_cast<uint64_t>(at) != begin_ + written_) broken(CB_E_IO);  // one run is written at a time
    written_ += buffer_.size();
    buffer_.clear();
  }
  const cb_spill& spill_;
  std::string buffer_;
  uint64_t begin_ = 0, written_ = 0;
};

SortedBytes::SortedBytes(const cb_spill* spill, uint64_t memory, const char* what) : spill_(spill), memory_(memory), what_(what) {}
SortedBytes::~SortedBytes() = default;

void SortedBytes::add(uint64_t a, uint64_t b, std::string_view bytes) {
  if (bytes.size() > UINT32_MAX) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", what_);
  refs_.push_back({a, b, heap_.size(), static_cast<uint32_t>(bytes.size())});
  heap_ += bytes;
  ++size_;
  if (heap_.size() + refs_.size() * sizeof(Ref) <= memory_) return;
  if (!spill_) throw Failure(CB_E_LIMIT, "E-MAP-TOO-MUCH", what_);
  spill();
}

void SortedBytes::sort_memory() {
  std::sort(refs_.begin(), refs_.end(), [](const Ref& x, const Ref& y) { return x.a != y.a ? x.a < y.a : x.b < y.b; });
}

void SortedBytes::spill() {
  sort_memory();
  Writer out(*spill_);
  for (const Ref& r : refs_) out.put(r.a, r.b, std::string_view(heap_).substr(r.at, r.length));
  runs_.push_back(out.done());
  heap_.clear();
  refs_.clear();
  if (runs_.size() - merged_ < kMostRuns) return;
  merge(merged_, false);  // the short ones only: each piece is written at most twice before the end
  merged_ = runs_.size();
}

void SortedBytes::sort() {
  at_ = 0;
  readers_.clear();
  queue_.clear();
  if (runs_.empty()) return sort_memory();
  if (!refs_.empty()) spill();
  std::string().swap(heap_);
  std::vector<Ref>().swap(refs_);
  for (const Run& run : runs_) {
    readers_.push_back(std::make_unique<Reader>(*spill_, run));
    if (readers_.back()->next()) queue_.push_back(readers_.size() - 1);
  }
  const auto later = [&](size_t x, size_t y) {
    const Piece &p = readers_[x]->piece, &q = readers_[y]->piece;
    return p.a != q.a ? p.a > q.a : p.b > q.b;
  };
  std::make_heap(queue_.begin(), queue_.end(), later);
  at_ = SIZE_MAX;  // no piece is lent yet
}

bool SortedBytes::next(Piece& out) {
  if (runs_.empty()) {
    if (at_ >= refs_.size()) return false;
    const Ref& r = refs_[at_++];
    out = {r.a, r.b, std::string_view(heap_).substr(r.at, r.length)};
    return true;
  }
  const auto later = [&](size_t x, size_t y) {
    const Piece &p = readers_[x]->piece, &q = readers_[y]->piece;
    return p.a != q.a ? p.a > q.a : p.b > q.b;
  };
  if (at_ != SIZE_MAX) {  // the reader whose piece was lent goes on
    if (readers_[at_]->next()) {
      queue_.push_back(at_);
      std::push_heap(queue_.begin(), queue_.end(), later);
    }
    at_ = SIZE_MAX;
  }
  if (queue_.empty()) return false;
  std::pop_heap(queue_.begin(), queue_.end(), later);
  at_ = queue_.back();
  queue_.pop_back();
  out = readers_[at_]->piece;
  return true;
}

void SortedBytes::merge(size_t first, bool with_index) {
  std::vector<Run> rest(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(first));
  runs_.erase(runs_.begin(), runs_.begin() + static_cast<ptrdiff_t>(first));
  sort();
  Writer out(*spill_);
  uint64_t block = 0;
  std::vector<std::pair<uint64_t, uint64_t>> blocks;
  for (Piece p; next(p);) {
    if (with_index && (blocks.empty() || out.written() >= block + kBlock)) {
      block = out.written();
      blocks.emplace_back(p.a, block);
    }
    out.put(p.a, p.b, p.bytes);
  }
  readers_.clear();
  const Run one = out.done();
  for (auto& [a, offset] : blocks) offset += one.begin;
  runs_ = std::move(rest);
  runs_.push_back(one);
  if (with_index) blocks_ = std::move(blocks);
}

void SortedBytes::index() {
  indexed_ = true;
  if (runs_.empty()) return sort_memory();
  merge(0, true);
}

void SortedBytes::find(uint64_t a, const std::function<void(const Piece&)>& each) {
  if (!indexed_) index();
  if (runs_.empty()) {
    const auto from = std::lower_bound(refs_.begin(), refs_.end(), a, [](const Ref& r, uint64_t want) { return r.a < want; });
    for (auto r = from; r != refs_.end() && r->a == a; ++r) each({r->a, r->b, std::string_view(heap_).substr(r->at, r->length)});
    return;
  }
  auto block = std::lower_bound(blocks_.begin(), blocks_.end(), a, [](const auto& b, uint64_t want) { return b.first < want; });
  if (block != blocks_.begin()) --block;  // its last pieces may have this `a` already
  if (block == blocks_.end()) return;
  Reader reader(*spill_, {block->second, runs_[0].end}, kBlock + kBlock / 2);
  while (reader.next() && reader.piece.a <= a)
    if (reader.piece.a == a) each(reader.piece);
}

}  // namespace casebridge::read::mapping

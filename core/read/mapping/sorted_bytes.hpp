// Pieces of bytes sorted by two numbers: in memory, or beyond a limit in the host's spill file. The order, and so whatever
// is made of it, is the same either way. One thread at a time. Throws Failure(CB_E_LIMIT, CB_E_IO).
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/spill.h"

namespace casebridge::read::mapping {

class SortedBytes {
 public:
  struct Piece {
    uint64_t a = 0, b = 0;
    std::string_view bytes;  // lent until the next call
  };
  // spill: nullptr: more than `memory` bytes are a failure, in whose words `what` stands.
  SortedBytes(const cb_spill* spill, uint64_t memory, const char* what);
  ~SortedBytes();

  void add(uint64_t a, uint64_t b, std::string_view bytes);
  void sort();            // no more add(); next() begins at the first piece
  bool next(Piece& out);  // in the order of a, then b
  // After sort(), instead of next(): every piece with this `a`, in the order of b. May be asked again and again.
  void find(uint64_t a, const std::function<void(const Piece&)>& each);
  uint64_t size() const { return size_; }
  bool spilled() const { return !runs_.empty(); }

 private:
  struct Run {
    uint64_t begin = 0, end = 0;
  };
  struct Ref {
    uint64_t a, b;
    size_t at;
    uint32_t length;
  };
  class Reader;
  class Writer;
  void sort_memory();
  void spill();
  void merge(size_t first, bool with_index);  // the runs from there on become one
  void index();

  const cb_spill* spill_;
  uint64_t memory_;
  const char* what_;
  std::string heap_;
  std::vector<Ref> refs_;
  std::vector<Run> runs_;
  size_t merged_ = 0;  // so many of them are long ones already, made of many
  uint64_t size_ = 0;
  size_t at_ = 0;  // of next(), in memory
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<size_t> queue_;                          // heap of readers_
  std::vector<std::pair<uint64_t, uint64_t>> blocks_;  // of the one run: a of the first piece, offset
  bool indexed_ = false;
  std::string scratch_;
};

uint64_t key_hash(std::string_view key);  // the same in every run

}  // namespace casebridge::read::mapping

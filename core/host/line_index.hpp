// Where each line of an input begins: offset -> line and column, past line 65,535 and past 4 GiB. Lines end at LF (for
// UTF-16, told by its byte order mark, at the code unit of LF). About one byte per line shorter than 128 bytes; beyond a
// few MiB the pages lie in an unlinked temporary file, which holds nothing but numbers.
// One thread adds; any number of threads ask, and wait until what they ask for has been indexed.
#pragma once
#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace casebridge::host {

struct Position {
  uint64_t line = 0, column = 0;  // from 1; column in bytes; 0 = unknown
};

class LineIndex {
 public:
  explicit LineIndex(size_t pages_in_memory = 2048);  // of 4 KiB
  ~LineIndex();
  LineIndex(const LineIndex&) = delete;
  LineIndex& operator=(const LineIndex&) = delete;

  void add(std::string_view bytes);  // the next bytes of the input. Throws std::runtime_error if pages cannot be kept.
  // The input is the text of a workbook: lines and columns are those of the sheet that a place stands in. Before the first
  // question; the descriptor is borrowed.
  void sheets(int fd) { sheet_fd_ = fd; }
  void finish();  // no more will come: whoever waits gets what there is

  Position at(uint64_t offset) const;  // for many lookups in rising order use a Cursor
  uint64_t lines() const;              // lines begun so far; a file that ends with LF has one more than line ends
  uint64_t bytes() const;

  class Cursor {  // keeps the page it used last; one thread
   public:
    explicit Cursor(const LineIndex& index) : index_(&index) {}
    Position at(uint64_t offset);

   private:
    const LineIndex* index_;
    std::vector<uint64_t> starts_;       // of the lines of one page
    uint64_t first_line_ = 0, end_ = 0;  // number of the first of them; they answer for offsets below end_
    size_t last_ = 0;
    Position in_sheet(uint64_t start, uint64_t offset) const;
  };

 private:
  static constexpr size_t kPage = 4096;
  using Page = std::array<uint8_t, kPage>;
  struct Head {
    uint64_t first_line, first_start;
  };

  void begin_line(uint64_t start);
  void add_utf16(std::string_view bytes);
  void close_page();
  Page page(size_t number) const;  // under the lock

  mutable std::mutex mutex_;
  mutable std::condition_variable grown_;
  std::vector<Head> heads_;                    // one per page
  std::vector<std::unique_ptr<Page>> memory_;  // the first pages
  Page open_{};                                // the page being filled: heads_.back()
  size_t used_ = 0, limit_;
  int spill_ = -1, sheet_fd_ = -1;
  uint64_t lines_ = 0, last_start_ = 0, bytes_ = 0;
  bool done_ = false;
  enum class Width : uint8_t { unknown, bytes, utf16le, utf16be } width_ = Width::unknown;
  uint8_t carry_ = 0, begin_[2] = {0, 0};
};

}  // namespace casebridge::host

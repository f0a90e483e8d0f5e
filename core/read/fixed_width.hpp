// Lines with columns at fixed bytes, and several kinds of lines (NIBRS and its kin). A cell has its text in UTF-8 without
// outer blanks, and the bytes that gave it.
//   - Line ends LF, CRLF, or CR alone where the file has no LF; or none, with `line_bytes`. Blank lines and a trailing
//     Ctrl-Z are passed over.
//   - A line that ends before a column has an empty cell there: senders strip trailing blanks.
//   - Text that no column covers is counted in `unread`, so that a loss report can tell of it.
//   - A header line (`header_line`) is read before any data: header() says which words stand where, and the columns may be
//     given afterwards, with use().
// Columns are bytes of the input; in UTF-16, or with `characters`, they are characters.
// Lines and cells are lent until the next call of next(). No allocation per line. One thread at a time.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "read/delimited.hpp"  // Cell

namespace casebridge::read {

struct FixedColumn {
  std::string name;
  uint32_t first = 1, last = 1;  // bytes from 1, both included
};
struct FixedCondition {
  std::string column;  // of every line, or of this kind
  std::string value;   // compared without outer blanks
};
struct FixedKind {
  std::string name;
  std::vector<FixedCondition> when;  // all of them; the first kind that holds is the line's
  std::vector<FixedColumn> columns;  // besides those of every line
};
struct FixedOptions {
  std::vector<FixedColumn> columns;  // of every line
  std::vector<FixedKind> kinds;      // empty: all lines are of one kind
  uint32_t line_bytes = 0;           // > 0: no line ends, every line has so many bytes
  uint32_t header_line = 0;          // > 0: this line (from 1) names the columns; lines before it are passed over
  bool characters = false;           // columns count characters, whatever bytes these take
  std::string encoding;
  uint64_t max_line = uint64_t(1) << 20;
};

struct FixedWord {               // of the header line
  std::string text;              // UTF-8; without blanks
  uint32_t first = 1, last = 1;  // columns it stands in
  uint64_t offset = 0;
  uint32_t length = 0;
};

struct FixedLine {
  static constexpr uint32_t kNoKind = UINT32_MAX;
  uint32_t kind = kNoKind;          // index into kinds; kNoKind: none holds (E-FIXED-KIND), or there are no kinds
  std::span<const Cell> cells;      // columns of every line, then those of the kind
  std::string_view text;            // the whole line, as it stands in the window: not decoded
  uint32_t unread = 0;              // bytes, other than blanks, that no column covers
  uint64_t offset = 0, length = 0;  // without the line end
  uint64_t line = 0, number = 0;    // line of the input; number among those that are not blank; from 1
  const char* refused = nullptr;    // code of the finding that refuses this line
};

class FixedWidth {
 public:
  FixedWidth(const cb_input& input, FixedOptions options, Reporter& reporter);  // both borrowed for life
  const FixedLine* next();                                                      // nullptr: the end, or see status()
  cb_status status() const { return status_ != CB_OK ? status_ : window_.status(); }
  // The words of the header line, from left to right. status() is CB_E_INPUT when the input ends before it.
  std::span<const FixedWord> header() const { return header_; }
  // Other columns than those of the options; before the first call of next().
  void use(std::vector<FixedColumn> columns, std::vector<FixedKind> kinds);
  // Index of a column among the cells of a kind (kNoKind: of a line without kind), or -1.
  int32_t column(uint32_t kind, std::string_view name) const;
  Encoding encoding() const { return window_.bytes_are_input() ? decoder_.encoding() : window_.detected().encoding; }
  uint64_t blank_lines() const { return blank_lines_; }

 private:
  struct Test {
    uint32_t first, last;
    std::string value;
  };
  struct Kind {
    std::vector<Test> tests;
    std::vector<FixedColumn> columns;                 // of every line, then its own
    std::vector<std::pair<uint32_t, uint32_t>> gaps;  // bytes no column covers, from 0; the last one is open
  };
  Kind compile(const std::vector<FixedColumn>& own, const std::vector<FixedCondition>& when);
  bool find_line();
  bool pass_line();
  void read_header();
  void decide_encoding();
  bool count_bytes() const { return window_.bytes_are_input() && !options_.characters; }
  void read_cells(const Kind& kind);
  const char* ahead(const char* from, const char* end, uint64_t n) const;
  std::string_view part(uint32_t first, uint32_t last) const;

  FixedOptions options_;
  Reporter* reporter_;
  TextWindow window_;
  Decoder decoder_;
  Arena arena_;
  std::vector<FixedWord> header_;
  std::vector<Kind> kinds_;  // one for each of the options, and at the end that of lines without kind
  std::vector<Cell> cells_;
  FixedLine line_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;  // of the present line
  const char* next_at_ = nullptr;
  char newline_ = '\n';
  bool too_long_ = false;
  uint64_t line_number_ = 0, blank_lines_ = 0;
  cb_status status_ = CB_OK;
};

}  // namespace casebridge::read

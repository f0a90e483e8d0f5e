// Delimited text: RFC 4180 and what real files make of it. Every cell has its text in UTF-8 and its bytes in the input.
//   - Delimiter given or found from the first rows (, ; tab |), said with its reason. Quotation marks, doubled marks, line
//     breaks inside marks. CRLF and LF; CR alone where the file has no LF. Blank lines are passed over.
//   - A row with too few or too many cells is a finding (E-CSV-RAGGED) and is kept.
//   - A quotation mark that never closes costs its row only: the row is read again up to the end of its line, is marked
//     `refused`, and reading goes on behind it.
//   - Limits (columns, cell, row) refuse the row, in bounded memory, and reading goes on at the next line.
// A refused row is still one source record: put it into quarantine with its place and its code.
// Rows and cells are lent until the next call of next(). No allocation per row. One thread at a time.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "casebridge/plugin.h"
#include "model/record.hpp"  // Arena
#include "read/encoding.hpp"
#include "read/report.hpp"
#include "read/text_window.hpp"

namespace casebridge::read {

struct DelimitedOptions {
  char delimiter = 0;                // ASCII; 0: find it
  char quote = '"';                  // 0: the format has none
  uint32_t header_row = 1;           // line (from 1) that holds the names; lines before it are passed over. 0: no header
  std::vector<std::string> columns;  // names, for an input without header (header_row 0)
  std::string encoding;              // as declared; empty: find it
  uint32_t max_columns = 10'000;
  uint64_t max_field = uint64_t(1) << 20;
  uint64_t max_row = uint64_t(16) << 20;
};

struct Column {
  std::string name;     // as in the header, decoded, outer spaces kept
  uint64_t offset = 0;  // of the name; 0/0 when the names were given
  uint32_t length = 0;
  uint32_t ordinal = 1;  // 2 for the second column of this name
};

struct Cell {
  std::string_view text;  // UTF-8; without its quotation marks, doubled marks made single
  uint64_t offset = 0;    // of the bytes between the marks
  uint32_t length = 0;    // bytes of the input (more than text.size() where marks were doubled)
  uint32_t quoted = 0;    // 1: stood in quotation marks; 2: and holds doubled ones; 3: and has text behind them; or kCalendar
};
inline constexpr uint32_t kCalendar =
    4;  // a number of a sheet that is shown as a date: its text is ISO 8601, however the feed writes dates

struct Row {
  std::span<const Cell> cells;
  uint64_t offset = 0, length = 0;  // without the line end
  uint64_t line = 0;                // from 1; a row may span several
  uint64_t number = 0;              // of the data row, from 1
  const char* refused = nullptr;    // code of the finding that refuses this row; cells are then as far as they could be read
  uint32_t kind = 0;                // of a fixed-width line: 1 + index of its kind; 0: the table has no kinds
  bool part = false;                // a part of the line before it, as a row of its own kind
};

class Delimited {
 public:
  // Reads the head of the input: encoding, delimiter, header. `input` and `reporter` are borrowed for life.
  Delimited(const cb_input& input, DelimitedOptions options, Reporter& reporter);

  std::span<const Column> header() const { return header_; }  // empty: neither header nor given names
  const Row* next();                                          // nullptr: the end, or see status()
  // CB_OK; CB_E_INPUT no header; CB_E_UNSUPPORTED encoding; CB_E_IO and others from the input.
  cb_status status() const { return status_ != CB_OK ? status_ : window_.status(); }
  char delimiter() const { return options_.delimiter; }
  const std::string& delimiter_why() const { return delimiter_why_; }
  Encoding encoding() const { return window_.bytes_are_input() ? decoder_.encoding() : window_.detected().encoding; }
  std::string encoding_why() const { return decoder_.why().empty() ? window_.detected().why : decoder_.why(); }
  uint64_t blank_lines() const { return blank_lines_; }

 private:
  enum class Scan : uint8_t { row, blank, more, unclosed };
  // Blocks of 64 bytes as bit masks of the bytes that mean something; bits are used up from the lowest.
  struct Scanner {
    const char* base;
    const char* end;
    uint64_t bits, dirty;  // dirty: bytes that are not printable ASCII
    bool any_dirty;        // since the row began
  };
  bool read_row(bool data);
  Scan scan(const char* row, const char* literal_from);
  void load(Scanner&, const char* at) const;
  const char* next_special(Scanner&) const;
  void add(const char* from, const char* to, uint32_t quoted);
  bool decide_encoding(const char* row);
  void finish_cells();
  std::string_view unquote(const Cell&);
  void read_header();
  bool skip_line(const char* from);

  DelimitedOptions options_;
  Reporter* reporter_;
  TextWindow window_;
  Decoder decoder_;
  Arena arena_;
  std::vector<Cell> cells_;
  size_t n_cells_ = 0;
  std::vector<Column> header_;
  std::string delimiter_why_;
  char newline_ = '\n';
  Row row_;
  const char* at_ = nullptr;  // first byte not yet read, in the window
  uint64_t line_ = 1, blank_lines_ = 0;
  size_t expected_ = 0;
  cb_status status_ = CB_OK;
  // What scan() found.
  Scanner scanner_{};                 // stands behind the row
  const char* scanned_to_ = nullptr;  // behind the line end
  const char* row_end_ = nullptr;
  const char* opened_ = nullptr;  // the mark that is not closed
  uint64_t bias_ = 0;             // from an address in the window to an offset
  uint64_t lines_ = 0;
  const char* refused_ = nullptr;
  bool dirty_ = false;  // something in these blocks is not plain ASCII
  bool marks_ = false;  // a cell has marks to take out
};

// The most likely delimiter of text that begins here, with the reason in words; ',' when no candidate tells.
char sniff_delimiter(std::string_view head, char quote, char newline, std::string& why);

}  // namespace casebridge::read

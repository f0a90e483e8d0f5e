#include "read/delimited.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace casebridge::read {
namespace {

constexpr size_t kHead = size_t(64) << 10;  // what the delimiter and a late encoding are found from

}  // namespace

Delimited::Delimited(const cb_input& input, DelimitedOptions options, Reporter& reporter)
    : options_(std::move(options)),
      reporter_(&reporter),
      window_(input, options_.encoding, reporter),
      decoder_(window_.bytes_are_input() ? window_.detected().encoding : Encoding::utf8, reporter) {
  options_.max_columns = std::max(options_.max_columns, 1u);
  options_.max_field = std::min<uint64_t>(options_.max_field, UINT32_MAX);  // a cell's length is 32 bits
  cells_.resize(std::min(options_.max_columns, 64u));
  at_ = window_.begin();
  const std::string_view head(at_, std::min<size_t>(static_cast<size_t>(window_.end() - at_), kHead));
  if (head.find('\n') == head.npos && head.find('\r') != head.npos) newline_ = '\r';
  load(scanner_, at_);
  if (options_.header_row > 1)
    for (uint32_t i = 1; i < options_.header_row && skip_line(at_); ++i) {}
  if (!options_.delimiter) {
    const std::string_view sample(at_, std::min<size_t>(static_cast<size_t>(window_.end() - at_), kHead));
    options_.delimiter = sniff_delimiter(sample, options_.quote, newline_, delimiter_why_);
  } else {
    delimiter_why_ = "given";
  }
  load(scanner_, at_);
  if (options_.header_row) {
    read_header();
  } else {
    for (const std::string& name : options_.columns) header_.push_back({name});
    expected_ = header_.size();
  }
}

void Delimited::read_header() {
  if (!read_row(false)) {
    if (status() == CB_OK) {
      reporter_->report("E-CSV-NO-HEADER", {counted(options_.header_row)}, window_.offset(at_), 0);
      status_ = CB_E_INPUT;
    }
    return;
  }
  for (size_t i = 0; i < n_cells_; ++i) {
    const Cell& cell = cells_[i];
    Column column{std::string(cell.text), cell.offset, cell.length, 1};
    header_.push_back(std::move(column));
  }
  std::vector<uint32_t> order(header_.size());
  for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return header_[a].name < header_[b].name; });
  for (size_t i = 1; i < order.size(); ++i) {
    const Column& before = header_[order[i - 1]];
    Column& column = header_[order[i]];
    if (column.name != before.name) continue;
    column.ordinal = before.ordinal + 1;
    if (!column.name.empty()) reporter_->report("E-CSV-HEADER-TWICE", {column.name}, column.offset, column.length);
  }
  expected_ = header_.size();
}

const Row* Delimited::next() {
  if (status_ != CB_OK || !read_row(true)) return nullptr;
  return &row_;
}

// --- blocks --------------------------------------------------------------------------------------------------------

void Delimited::load(Scanner& s, const char* at) const {
  s.base = at;
  s.end = window_.end();
  uint64_t bits = 0, dirty = 0;
#ifdef __SSE2__
  const __m128i delimiter = _mm_set1_epi8(options_.delimiter), quote = _mm_set1_epi8(options_.quote), newline = _mm_set1_epi8(newline_);
  const __m128i space = _mm_set1_epi8(0x20);
  for (int i = 0; i < 4; ++i) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at) + i);
    const __m128i special =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(block, delimiter), _mm_cmpeq_epi8(block, newline)), _mm_cmpeq_epi8(block, quote));
    // Signed: below space are the control characters and everything past ASCII.
    const __m128i low = _mm_andnot_si128(special, _mm_cmplt_epi8(block, space));
    bits |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(special))) << (16 * i);
    dirty |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(low))) << (16 * i);
  }
#else
  for (int i = 0; i < 64; ++i) {
    const char c = at[i];
    const bool special = c == options_.delimiter || c == newline_ || c == options_.quote;
    bits |= static_cast<uint64_t>(special) << i;
    dirty |= static_cast<uint64_t>(!special && static_cast<signed char>(c) < 0x20) << i;
  }
#endif
  // Behind the end stand zeros, which are no text.
  if (const auto left = static_cast<size_t>(s.end - at); left < 64) {
    const uint64_t valid = (uint64_t(1) << left) - 1;
    bits &= valid;
    dirty &= valid;
  }
  s.bits = bits;
  s.dirty = dirty;
}

// The next delimiter, line end or quotation mark, or the end of the window.
inline const char* Delimited::next_special(Scanner& s) const {
  while (s.bits == 0) {
    if (s.end - s.base <= 64) return s.end;
    load(s, s.base + 64);
    s.any_dirty |= s.dirty != 0;
  }
  const char* at = s.base + std::countr_zero(s.bits);
  s.bits &= s.bits - 1;
  return at;
}

inline void Delimited::add(const char* from, const char* to, uint32_t quoted) {
  if (n_cells_ == cells_.size()) {
    if (n_cells_ >= options_.max_columns) {
      refused_ = "E-CSV-COLUMNS";
      return;
    }
    cells_.resize(std::min<size_t>(cells_.size() * 2, options_.max_columns));
  }
  if (static_cast<uint64_t>(to - from) > options_.max_field) refused_ = "E-CSV-FIELD-LENGTH";
  cells_[n_cells_++] = {
      {from, static_cast<size_t>(to - from)}, reinterpret_cast<uint64_t>(from) + bias_, static_cast<uint32_t>(to - from), quoted};
}

// --- one row -------------------------------------------------------------------------------------------------------

// The row that begins at `row`, into cells_. From `literal_from` on (nullptr: nowhere) quotation marks are ordinary.
Delimited::Scan Delimited::scan(const char* row, const char* literal_from) {
  n_cells_ = 0;
  lines_ = 1;
  refused_ = nullptr;
  marks_ = false;
  Scanner s = scanner_;
  s.any_dirty = s.dirty != 0;
  const char delimiter = options_.delimiter, quote = options_.quote, newline = newline_;
  const char* const end = s.end;
  const bool last = window_.at_end();
  bias_ = window_.offset(row) - reinterpret_cast<uint64_t>(row);
  const char* field = row;
  if (field == end && !last) return Scan::more;
  for (;;) {
    const char* at;
    const bool literal = literal_from && field >= literal_from;
    if (field != end && *field == quote && quote && !literal) {
      next_special(s);  // the opening mark
      uint32_t kind = 1;
      bool broken = false;  // there is a line break inside
      for (;;) {
        at = next_special(s);
        if (at == end || static_cast<uint64_t>(at - field) > options_.max_field) {
          if (at == end && !last && static_cast<uint64_t>(end - field) <= options_.max_field) return Scan::more;
          opened_ = field;
          return Scan::unclosed;
        }
        if (*at == quote) {
          if (at + 1 == end && !last) return Scan::more;
          if (at + 1 == end || at[1] != quote) break;
          next_special(s);
          kind = 2;
        } else if (*at == newline) {
          ++lines_;
          broken = true;
        }
      }
      const char* const close = at;
      at = next_special(s);
      if (at == end && !last) return Scan::more;
      const char* tail = at;
      if (newline == '\n' && at > close + 1 && at[-1] == '\r' && (at == end || *at == newline)) --tail;
      if (tail == close + 1) {
        add(field + 1, close, kind);
        marks_ |= kind == 2;
      } else {
        if (broken) {  // what seemed to close it opens a cell of a later row
          opened_ = field;
          return Scan::unclosed;
        }
        while (at != end && *at == quote) at = next_special(s);
        if (at == end && !last) return Scan::more;
        add(field, at, 3);
        marks_ = true;
      }
    } else {
      at = next_special(s);
      while (at != end && *at == quote && quote) at = next_special(s);
      if (at == end && !last) return Scan::more;
      add(field, at, 0);
    }
    if (at != end && *at == delimiter) {
      field = at + 1;
      continue;
    }
    row_end_ = at;
    if (at > row && newline == '\n' && at[-1] == '\r') {
      --row_end_;
      Cell& cell = cells_[n_cells_ - 1];
      if (!cell.text.empty() && cell.text.data() + cell.text.size() == at) {
        cell.text.remove_suffix(1);
        --cell.length;
      }
    }
    scanned_to_ = at == end ? end : at + 1;
    dirty_ = s.any_dirty;
    scanner_ = s;
    return row_end_ == row ? Scan::blank : Scan::row;
  }
}

bool Delimited::read_row(bool data) {
  arena_.clear();
  const char* row = at_;
  const char* literal_from = nullptr;
  for (;;) {
    switch (scan(row, literal_from)) {
      case Scan::more: {
        if (static_cast<uint64_t>(window_.end() - row) > options_.max_row) {
          row_ = {{}, window_.offset(row), 0, line_, row_.number + data, "E-CSV-ROW-LENGTH"};
          skip_line(row);
          row_.length = window_.offset(row_end_) - row_.offset;
          reporter_->report("E-CSV-ROW-LENGTH", {counted(options_.max_row)}, row_.offset, row_.length);
          n_cells_ = 0;
          return true;
        }
        const ptrdiff_t literal_at = literal_from - row;
        window_.more(row);
        row = at_ = window_.begin();
        if (literal_from) literal_from = row + literal_at;
        load(scanner_, row);
        continue;
      }
      case Scan::blank:
        if (row == window_.end()) {
          at_ = row;
          return false;
        }
        ++blank_lines_;
        ++line_;
        row = at_ = scanned_to_;
        literal_from = nullptr;
        continue;
      case Scan::unclosed:
        // Read it again, now up to the end of the line: one row is lost to a mark, not the rest of the input.
        reporter_->report("E-CSV-UNCLOSED", {}, window_.offset(opened_), 1);
        literal_from = opened_;
        load(scanner_, row);
        continue;
      case Scan::row: break;
    }
    if (dirty_ && !decoder_.decided() && decide_encoding(row)) {
      row = at_;
      literal_from = nullptr;
      load(scanner_, row);
      continue;
    }
    break;
  }
  if (row_end_ == window_.end() && window_.status() != CB_OK) return false;  // cut by a failure to read, not by the sender
  if (literal_from) refused_ = "E-CSV-UNCLOSED";
  at_ = scanned_to_;
  const uint64_t offset = window_.offset(row);
  finish_cells();
  row_ = {{cells_.data(), n_cells_}, offset, window_.length(row, row_end_), line_, row_.number + data, refused_};
  line_ += lines_;
  if (!data) return true;
  if (refused_ && !literal_from) {
    const bool columns = std::string_view(refused_) == "E-CSV-COLUMNS";
    reporter_->report(refused_, {counted(columns ? options_.max_columns : options_.max_field)}, row_.offset, row_.length);
  } else if (!expected_) {
    expected_ = n_cells_;
  } else if (n_cells_ != expected_ && !refused_) {
    reporter_->report("E-CSV-RAGGED", {counted(n_cells_), counted(expected_)}, row_.offset, row_.length);
  }
  return true;
}

// Called with the first row that is not plain ASCII. true: decided now, the row must be scanned again (it has moved).
bool Delimited::decide_encoding(const char* row) {
  const auto past_ascii = [](char c) { return static_cast<signed char>(c) < 0; };
  if (std::none_of(row, row_end_, past_ascii)) return false;
  row = at_ = window_.ensure(row, kHead);
  const char* const first = std::find_if(row, window_.end(), past_ascii);
  decoder_.decide({first, std::min<size_t>(static_cast<size_t>(window_.end() - first), kHead)}, window_.offset(first));
  return true;
}

// Text of the cells as UTF-8 without marks; places in the input where the window is not the input.
void Delimited::finish_cells() {
  if (!window_.bytes_are_input()) {
    for (size_t i = 0; i < n_cells_; ++i) {
      Cell& cell = cells_[i];
      const char* const from = cell.text.data();
      cell.offset = window_.offset(from);
      cell.length = static_cast<uint32_t>(window_.offset(from + cell.text.size()) - cell.offset);
    }
  } else if (dirty_) {
    for (size_t i = 0; i < n_cells_; ++i) cells_[i].text = decoder_.decode(cells_[i].text, cells_[i].offset, arena_);
  }
  if (!marks_) return;
  for (size_t i = 0; i < n_cells_; ++i) {
    if (cells_[i].quoted < 2) continue;
    cells_[i].text = unquote(cells_[i]);
    if (cells_[i].quoted == 3) reporter_->report("E-CSV-AFTER-QUOTE", {}, cells_[i].offset, cells_[i].length);
  }
}

std::string_view Delimited::unquote(const Cell& cell) {
  const char quote = options_.quote;
  char* const into = arena_.allocate(cell.text.size());
  char* to = into;
  const char* from = cell.text.data();
  const char* const end = from + cell.text.size();
  bool inside = true;
  if (cell.quoted == 3) ++from;
  while (from != end) {
    if (*from == quote && inside) {
      if (from + 1 != end && from[1] == quote) {
        *to++ = quote;
        from += 2;
        continue;
      }
      inside = false;  // closed; what follows is kept as it is
      ++from;
      continue;
    }
    *to++ = *from++;
  }
  return {into, static_cast<size_t>(to - into)};
}

// Passes over text up to the next line end, in bounded memory; row_end_ is then that line's end. false: the input ended.
bool Delimited::skip_line(const char* from) {
  for (;;) {
    const auto left = static_cast<size_t>(window_.end() - from);
    if (const auto* at = static_cast<const char*>(left ? std::memchr(from, newline_, left) : nullptr)) {
      row_end_ = at;
      at_ = at + 1;
      ++line_;
      load(scanner_, at_);
      return true;
    }
    const bool more = window_.more(window_.end());
    from = window_.begin();
    if (more) continue;
    row_end_ = at_ = window_.end();
    load(scanner_, at_);
    return false;
  }
}

}  // namespace casebridge::read

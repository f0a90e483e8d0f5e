#include "read/fixed_width.hpp"

#include <algorithm>
#include <cstring>

namespace casebridge::read {
namespace {

constexpr size_t kHead = size_t(64) << 10;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

FixedWidth::FixedWidth(const cb_input& input, FixedOptions options, Reporter& reporter)
    : options_(std::move(options)),
      reporter_(&reporter),
      window_(input, options_.encoding, reporter),
      decoder_(window_.bytes_are_input() ? window_.detected().encoding : Encoding::utf8, reporter) {
  options_.max_line = std::min<uint64_t>(options_.max_line, UINT32_MAX);
  at_ = window_.begin();
  const std::string_view head(at_, std::min<size_t>(static_cast<size_t>(window_.end() - at_), kHead));
  if (head.find('\n') == head.npos && head.find('\r') != head.npos) newline_ = '\r';
  if (options_.header_line) read_header();
  use(std::move(options_.columns), std::move(options_.kinds));
}

void FixedWidth::use(std::vector<FixedColumn> columns, std::vector<FixedKind> kinds) {
  options_.columns = std::move(columns);
  options_.kinds = std::move(kinds);
  kinds_.clear();
  for (const FixedKind& kind : options_.kinds) kinds_.push_back(compile(kind.columns, kind.when));
  kinds_.push_back(compile({}, {}));
}

// Passes over the line at at_; false: there is none.
bool FixedWidth::pass_line() {
  if (!find_line()) return false;
  ++line_number_;
  if (too_long_) {
    status_ = CB_E_INPUT;
    reporter_->report("E-FIXED-LENGTH", {counted(options_.max_line)}, window_.offset(at_), 0);
  }
  return !too_long_;
}

void FixedWidth::read_header() {
  for (uint32_t n = 1; n <= options_.header_line; ++n) {
    if (!pass_line()) {
      if (status() == CB_OK) {
        status_ = CB_E_INPUT;
        reporter_->report("E-FIXED-NO-HEADER", {counted(options_.header_line)}, window_.offset(at_), 0);
      }
      return;
    }
    if (n < options_.header_line) at_ = next_at_;
  }
  decide_encoding();
  uint32_t column = 1;
  for (const char* c = at_; c != end_;) {
    if (*c == ' ' || *c == '\t') {
      ++c, ++column;
      continue;
    }
    const char* const from = c;
    FixedWord word;
    word.first = column;
    for (; c != end_ && *c != ' ' && *c != '\t'; ++column) c = ahead(c, end_, 1);
    word.last = column - 1;
    word.offset = window_.offset(from);
    word.length = static_cast<uint32_t>(window_.length(from, c));
    const std::string_view raw(from, static_cast<size_t>(c - from));
    word.text = window_.bytes_are_input() ? decoder_.decode(raw, word.offset, arena_) : raw;
    header_.push_back(std::move(word));
  }
  at_ = next_at_;
}

// The encoding is asked for when the first line past ASCII comes; the window may move.
void FixedWidth::decide_encoding() {
  if (decoder_.decided() || !window_.bytes_are_input()) return;
  const auto past_ascii = [](char c) { return static_cast<signed char>(c) < 0; };
  if (!std::any_of(at_, end_, past_ascii)) return;
  const auto size = end_ - at_, whole = next_at_ - at_;
  at_ = window_.ensure(at_, kHead);
  end_ = at_ + size;
  next_at_ = at_ + whole;
  const char* const first = std::find_if(at_, end_, past_ascii);
  decoder_.decide({first, std::min<size_t>(static_cast<size_t>(window_.end() - first), kHead)}, window_.offset(first));
}

FixedWidth::Kind FixedWidth::compile(const std::vector<FixedColumn>& own, const std::vector<FixedCondition>& when) {
  Kind kind;
  kind.columns = options_.columns;
  kind.columns.insert(kind.columns.end(), own.begin(), own.end());
  for (const FixedColumn& column : kind.columns)
    if (column.first == 0 || column.last < column.first) status_ = CB_E_OPTION;
  for (const FixedCondition& condition : when) {
    const auto at =
        std::find_if(kind.columns.begin(), kind.columns.end(), [&](const FixedColumn& c) { return c.name == condition.column; });
    if (at == kind.columns.end()) status_ = CB_E_OPTION;
    else kind.tests.push_back({at->first, at->last, std::string(trim(condition.value))});
  }
  std::vector<std::pair<uint32_t, uint32_t>> covered;
  for (const FixedColumn& column : kind.columns) covered.emplace_back(column.first - 1, column.last);
  std::sort(covered.begin(), covered.end());
  uint32_t at = 0;
  for (const auto& [from, to] : covered) {
    if (from > at) kind.gaps.emplace_back(at, from);
    at = std::max(at, to);
  }
  kind.gaps.emplace_back(at, UINT32_MAX);
  return kind;
}

int32_t FixedWidth::column(uint32_t kind, std::string_view name) const {
  const auto& columns = kinds_[std::min<size_t>(kind, kinds_.size() - 1)].columns;
  for (size_t i = 0; i < columns.size(); ++i)
    if (columns[i].name == name) return static_cast<int32_t>(i);
  return -1;
}

// `n` columns on from `from`: bytes, or characters where the window is not the input.
const char* FixedWidth::ahead(const char* from, const char* end, uint64_t n) const {
  if (count_bytes()) return from + std::min<uint64_t>(n, static_cast<uint64_t>(end - from));
  const bool single_byte = window_.bytes_are_input() && decoder_.encoding() != Encoding::utf8 && decoder_.encoding() != Encoding::ascii;
  if (single_byte) return from + std::min<uint64_t>(n, static_cast<uint64_t>(end - from));
  for (; n && from != end; --n) {
    ++from;
    while (from != end && (static_cast<unsigned char>(*from) & 0xC0) == 0x80) ++from;
  }
  return from;
}

std::string_view FixedWidth::part(uint32_t first, uint32_t last) const {
  if (!count_bytes()) {
    const char* const from = ahead(at_, end_, first - 1);
    return {from, static_cast<size_t>(ahead(from, end_, uint64_t(last) - first + 1) - from)};
  }
  const auto size = static_cast<uint64_t>(end_ - at_);
  if (first > size) return {end_, 0};
  return {at_ + first - 1, static_cast<size_t>(std::min<uint64_t>(last, size) - (first - 1))};
}

// at_ .. end_ become the next line, next_at_ what follows. false: the input ends.
bool FixedWidth::find_line() {
  too_long_ = false;
  size_t searched = 0;
  for (;;) {
    const auto left = static_cast<size_t>(window_.end() - at_);
    if (options_.line_bytes) {
      if (left >= uint64_t(options_.line_bytes) * 4 || window_.at_end()) {  // four bytes a character at most
        if (!left) return false;
        end_ = next_at_ = ahead(at_, window_.end(), options_.line_bytes);
        return true;
      }
    } else {
      const auto* found = static_cast<const char*>(left > searched ? std::memchr(at_ + searched, newline_, left - searched) : nullptr);
      if (found || window_.at_end()) {
        if (!found && !left) return false;
        end_ = found ? found : window_.end();
        next_at_ = found ? found + 1 : end_;
        too_long_ = static_cast<uint64_t>(end_ - at_) > options_.max_line;
        if (newline_ == '\n' && end_ != at_ && end_[-1] == '\r') --end_;
        return true;
      }
      searched = left;
      if (left > options_.max_line) {
        too_long_ = true;
        return true;
      }
    }
    window_.more(at_);
    at_ = window_.begin();
  }
}

const FixedLine* FixedWidth::next() {
  if (status_ != CB_OK) return nullptr;
  arena_.clear();
  for (;;) {
    if (!find_line()) return nullptr;
    if (end_ == window_.end() && window_.status() != CB_OK) return nullptr;  // cut by a failure to read
    ++line_number_;
    line_.offset = window_.offset(at_);
    line_.line = line_number_;
    line_.refused = nullptr;
    line_.kind = FixedLine::kNoKind;
    line_.unread = 0;
    if (too_long_) {
      ++line_.number;
      const char* found = nullptr;
      for (;;) {
        const auto left = static_cast<size_t>(window_.end() - at_);
        found = static_cast<const char*>(left ? std::memchr(at_, newline_, left) : nullptr);
        if (found || !window_.more(window_.end())) break;
        at_ = window_.begin();
      }
      const char* const stop = found ? found : window_.end();
      line_.length = window_.offset(stop) - line_.offset;
      at_ = found ? found + 1 : stop;
      line_.cells = {};
      line_.text = {};
      line_.refused = "E-FIXED-LENGTH";
      reporter_->report("E-FIXED-LENGTH", {counted(options_.max_line)}, line_.offset, line_.length);
      return &line_;
    }
    const std::string_view text(at_, static_cast<size_t>(end_ - at_));
    const std::string_view inner = trim(text);
    if (!inner.empty() && inner != "\x1A") break;
    ++blank_lines_;
    at_ = next_at_;
  }
  decide_encoding();
  ++line_.number;
  line_.text = {at_, static_cast<size_t>(end_ - at_)};
  line_.length = window_.length(at_, end_);
  for (uint32_t k = 0; k + 1 < kinds_.size() && line_.kind == FixedLine::kNoKind; ++k) {
    const auto& tests = kinds_[k].tests;
    if (std::all_of(tests.begin(), tests.end(), [&](const Test& t) { return trim(part(t.first, t.last)) == t.value; })) line_.kind = k;
  }
  if (kinds_.size() > 1 && line_.kind == FixedLine::kNoKind) reporter_->report("E-FIXED-KIND", {}, line_.offset, line_.length);
  read_cells(kinds_[std::min<size_t>(line_.kind, kinds_.size() - 1)]);
  at_ = next_at_;
  return &line_;
}

void FixedWidth::read_cells(const Kind& kind) {
  cells_.resize(std::max(cells_.size(), kind.columns.size()));
  for (size_t i = 0; i < kind.columns.size(); ++i) {
    const std::string_view raw = trim(part(kind.columns[i].first, kind.columns[i].last));
    Cell& cell = cells_[i];
    cell.offset = window_.offset(raw.data());
    cell.length = static_cast<uint32_t>(window_.length(raw.data(), raw.data() + raw.size()));
    cell.quoted = 0;
    cell.text = window_.bytes_are_input() ? decoder_.decode(raw, cell.offset, arena_) : raw;
  }
  line_.cells = {cells_.data(), kind.columns.size()};
  for (const auto& [from, to] : kind.gaps) {
    const std::string_view gap = part(from + 1, to);
    line_.unread += static_cast<uint32_t>(std::count_if(gap.begin(), gap.end(), [](char c) { return c != ' ' && c != '\t'; }));
  }
}

}  // namespace casebridge::read

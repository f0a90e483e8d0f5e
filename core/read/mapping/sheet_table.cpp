// Sheets of a workbook as rows. What is read here is the text of the workbook (read/workbook/sheet_text.hpp): a place is
// the text of a cell, the line of a place is the row of its sheet and the column that of the cell.
#include <algorithm>
#include <charconv>
#include <cstring>

#include "read/byte_source.hpp"
#include "read/mapping/row_table.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::read::mapping {
namespace {

constexpr size_t kMostLine = size_t(64) << 20;

class Lines {  // of the text; one line at a time, its end taken off
 public:
  explicit Lines(const cb_input& input) : source_(input) {}
  bool next() {
    begin_ += length_;
    for (;;) {
      if (const auto* end = static_cast<const char*>(std::memchr(buffer_.data() + begin_, '\n', buffer_.size() - begin_))) {
        const auto at = static_cast<size_t>(end - buffer_.data());
        line_ = std::string_view(buffer_).substr(begin_, at - begin_);
        length_ = at + 1 - begin_;
        return true;
      }
      if (source_.at_end() || buffer_.size() - begin_ > kMostLine) {  // what does not end is no line of ours
        cut_ = begin_ < buffer_.size();
        line_ = std::string_view(buffer_).substr(begin_);
        length_ = 0;
        return false;
      }
      buffer_.erase(0, begin_);
      base_ += begin_;
      begin_ = 0;
      const size_t have = buffer_.size(), want = std::max<size_t>(size_t(256) << 10, have);
      buffer_.resize(have + want);
      buffer_.resize(have + source_.read(buffer_.data() + have, want));
    }
  }
  std::string_view line() const { return line_; }
  uint64_t offset() const { return base_ + begin_; }  // of the line
  bool cut() const { return cut_; }
  cb_status status() const { return source_.status(); }
  bool rewind() {
    if (!source_.seek(0)) return false;
    buffer_.clear();
    base_ = begin_ = length_ = 0;
    cut_ = false;
    return true;
  }

 private:
  ByteSource source_;
  std::string buffer_;
  std::string_view line_;
  uint64_t base_ = 0;
  size_t begin_ = 0, length_ = 0;
  bool cut_ = false;
};

std::vector<std::string_view> fields_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (size_t at = 0; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    out.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

uint32_t number_of(std::string_view text) {
  uint32_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

std::string trimmed(std::string_view s) {  // a name over several lines of its cell is one name
  std::string out;
  for (const char c : s) {
    if (c != ' ' && c != '\t' && c != '\n' && c != '\r') out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

struct SheetCell {
  CellRef at;
  std::string_view text;  // as written: escaped
  std::string_view number, mark;
  uint64_t offset = 0;
};

struct SheetRow {
  uint32_t number = 0;
  bool hidden = false;
  std::vector<SheetCell> cells;
};

// false: the line is no row.
bool parse_row(std::string_view line, uint64_t offset, SheetRow& row) {
  row.cells.clear();
  const size_t first = std::min(line.find('\t'), line.size());
  row.number = number_of(line.substr(0, first));
  row.hidden = line.substr(0, first).ends_with(" h");
  if (!row.number) return false;
  for (size_t at = first + 1; at <= line.size();) {
    const size_t end = std::min(line.find('\t', at), line.size());
    const std::string_view field = line.substr(at, end - at);
    if (field.starts_with('@') && !row.cells.empty()) {
      row.cells.back().number = field.substr(1, field.find(' ') - 1);
    } else if (field.starts_with('!') && !row.cells.empty()) {
      row.cells.back().mark = field.substr(1);
    } else {
      const size_t equals = field.find('=');
      const auto ref = equals == field.npos ? std::nullopt : cell_ref(field.substr(0, equals));
      if (!ref) return false;
      row.cells.push_back({*ref, field.substr(equals + 1), {}, {}, offset + at + equals + 1});
    }
    at = end + 1;
  }
  return true;
}

struct Header {
  std::vector<std::string> names;   // by column; empty: no name
  std::vector<std::string> places;  // cell of the name
  std::vector<uint64_t> offsets;    // of the name
  uint32_t last = 0;                // row
  std::string sheet;
};

class SheetTable final : public RowTable {
 public:
  SheetTable(const Program& p, const cb_input& input, Reporter& reporter) : program_(p), reporter_(reporter), lines_(input) {
    if (!lines_.next() || std::string(lines_.line()) + "\n" != kSheetText) {
      if (lines_.status() == CB_OK) broken_text();
      return;
    }
    while (more() && lines_.line().starts_with("%sheet\t")) {
      const auto f = fields_of(lines_.line());
      sheets_.push_back({unescaped(f.size() > 3 ? f[3] : ""), f.size() > 2 && f[2] != "visible"});
    }
    find_wanted();
    if (status_ != CB_OK) return;
    find_likeliest();
    if (all_ && !p.reads.columns.size()) {  // the columns of every sheet must be known before the first row of any
      while (!ended_ && status_ == CB_OK) {
        if (lines_.line().starts_with("%rows\t") && !enter(true)) continue;
        if (!more()) break;
      }
      for (const Header& header : headers_)
        for (const std::string& name : header.names)
          if (!name.empty() && column(name) == SIZE_MAX) shape_.header.push_back(name);
      headers_.clear();
      if (status_ != CB_OK || !lines_.rewind()) return;
      ended_ = done_ = false;
      if (!more()) return;
    }
    if (!all_ && !next_sheet() && status_ == CB_OK) {  // up to the header, which is the shape
      reporter_.report("E-XLSX-NO-HEADER",
                       {sheets_.empty() ? "" : sheets_[named_ ? named_ - 1 : 0].name, counted(std::max(p.reads.header_row, 1u))}, 0, 0);
      status_ = CB_E_INPUT;
    }
  }

  const Row* next() override {
    while (status_ == CB_OK && !ended_) {
      if (!reading_ && !next_sheet()) return nullptr;
      if (!more()) return nullptr;
      const std::string_view line = lines_.line();
      if (line.starts_with('%')) {
        control(line);
        continue;
      }
      if (!parse_row(line, lines_.offset(), row_text_)) return broken_text();
      return deliver();
    }
    return nullptr;
  }
  cb_status status() const override {
    if (lines_.status() != CB_OK) return lines_.status();
    return status_ == CB_OK && ended_ && damaged_ ? CB_E_INPUT : status_;
  }

 private:
  struct Sheet {
    std::string name;
    bool hidden = false;
  };

  const Row* broken_text() {
    reporter_.report("E-XLSX-TEXT", {}, lines_.offset(), 0);
    status_ = CB_E_INPUT;
    return nullptr;
  }
  bool more() {
    if (lines_.next()) return true;
    if (lines_.cut() && lines_.status() == CB_OK) broken_text();
    ended_ = true;
    return false;
  }

  void find_wanted() {
    const std::string& word = program_.reads.sheet;
    all_ = word == "all";
    if (word.empty() || all_) return;
    for (size_t i = 0; i < sheets_.size(); ++i)
      if (fold(sheets_[i].name) == fold(word)) named_ = static_cast<uint32_t>(i + 1);
    if (!named_ && word.find_first_not_of("0123456789") == word.npos && number_of(word) <= sheets_.size()) named_ = number_of(word);
    if (named_) return;
    std::string have;
    for (const Sheet& sheet : sheets_) have += (have.empty() ? "" : ", ") + sheet.name;
    reporter_.report("E-XLSX-SHEET-NONE", {word, have}, 0, 0);
    status_ = CB_E_INPUT;
  }

  // Which row is the header where none has all the names that recognise the format: a column was renamed or taken out,
  // which is said when the mapping looks for it. Of the first rows of the sheets, the one with most of the names.
  void find_likeliest() {
    const auto& wanted = program_.reads.headers;
    size_t most = 0;
    while (lines_.line().starts_with("%head\t")) {
      const auto f = fields_of(lines_.line());
      Header header;
      for (size_t i = 3; i < f.size(); ++i)
        if (const size_t equals = f[i].find('='); equals != f[i].npos) header.names.push_back(trimmed(unescaped(f[i].substr(equals + 1))));
      const uint32_t sheet = f.size() > 1 ? number_of(f[1]) : 0;
      if (!likely_complete_ && f.size() > 3 && (!named_ || named_ == sheet) && !wanted.empty()) {
        size_t n = 0;
        for (const auto& names : wanted) n = std::max(n, matches(header, names));
        likely_complete_ = fits(header);
        if (n > most || likely_complete_) most = n, likely_sheet_ = sheet, likely_row_ = number_of(f[2]);
      }
      if (!more()) return;
    }
  }
  static size_t matches(const Header& h, const std::vector<std::string>& names) {
    return static_cast<size_t>(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
      return std::any_of(h.names.begin(), h.names.end(), [&](const std::string& got) { return fold(got) == fold(name); });
    }));
  }

  std::string cell_name(CellRef at) const { return sheets_[sheet_ - 1].name + "!" + column_name(at.column) + std::to_string(at.row); }

  // On to the rows of the next sheet that is read; false: there is none.
  bool next_sheet() {
    while (status_ == CB_OK && !ended_) {
      if (lines_.line().starts_with("%rows\t")) {
        if (enter(false)) return reading_ = true;
        continue;  // stands at the line behind the sheet
      }
      if (!more()) break;
    }
    return false;
  }

  // The line is "%rows N". True: it is read, and the next line is the first one of its data. `look`: for the names only.
  bool enter(bool look) {
    sheet_ = number_of(lines_.line().substr(6));
    if (!sheet_ || sheet_ > sheets_.size()) return broken_text(), false;
    const Sheet& sheet = sheets_[sheet_ - 1];
    const uint64_t at = lines_.offset();
    merges_.clear();
    hidden_columns_.clear();
    // Up to ten rows are looked at for the header.
    std::vector<std::string> texts;
    std::vector<uint64_t> offsets;
    std::vector<SheetRow> rows;
    const Reads& reads = program_.reads;
    const bool given = !reads.columns.empty();
    const bool wanted = all_ || (named_ ? named_ == sheet_ : !done_ && (!sheet.hidden || any_header()));
    Header header;
    bool found = given;
    while (wanted && !found && more()) {
      const std::string_view line = lines_.line();
      if (line.starts_with("%merge\t")) {
        note_merge(line);
        continue;
      }
      if (line.starts_with("%hidden\t")) {
        hidden_columns_.push_back(std::string(line.substr(8)));
        continue;
      }
      if (line.starts_with('%')) break;  // it has no more rows
      texts.push_back(std::string(line));
      offsets.push_back(lines_.offset());
      found = header_here(texts, offsets, header);
      if (!found && (texts.size() >= 10 || past_header(texts.back()))) break;
    }
    if (!wanted || !found) {
      // Nothing named it, and it does not look like the table: it is left, and said.
      uint64_t n = texts.size();
      const auto broken = [&] {
        if (!look && lines_.line().starts_with("%broken\t")) control(lines_.line());
      };
      broken();
      if (!lines_.line().starts_with("%end\t"))
        while (more() && !lines_.line().starts_with("%end\t")) {
          n += !lines_.line().starts_with('%');
          broken();
        }
      if (!look && n) reporter_.report("E-XLSX-SHEET-UNREAD", {sheet.name, counted(n)}, at, 0);
      if (!ended_) more();
      return false;
    }
    if (given) {
      header.names = reads.columns;
      header.places.resize(header.names.size());
      header.offsets.resize(header.names.size());
    }
    done_ = true;
    if (look) {
      headers_.push_back(std::move(header));
      return true;
    }
    if (sheet.hidden) reporter_.report("E-XLSX-HIDDEN-SHEET", {sheet.name}, at, 0);
    for (size_t i = 0; i < texts.size(); ++i)
      if (const uint32_t row = number_of(texts[i]); row < first_row_of(header))
        reporter_.report("E-XLSX-ABOVE", {sheet.name + "!" + std::to_string(row)}, offsets[i], texts[i].size());
    header_row_ = header.last;
    use(header);
    for (const std::string& range : hidden_columns_) reporter_.report("E-XLSX-HIDDEN-COLUMN", {sheet.name + "!" + range}, at, 0);
    for (const CellRange& m : merges_) tell_merge(m, at);
    return true;
  }

  uint32_t first_row_of(const Header& h) const {
    const Reads& reads = program_.reads;
    return reads.header_row ? reads.header_first : h.last;
  }
  bool past_header(std::string_view line) const { return program_.reads.header_row && number_of(line) >= program_.reads.header_row; }
  bool any_header() const { return !program_.reads.headers.empty() && !program_.reads.header_row; }

  // Is the header complete with the last of these rows?
  bool header_here(const std::vector<std::string>& texts, const std::vector<uint64_t>& offsets, Header& out) const {
    const Reads& reads = program_.reads;
    const uint32_t row = number_of(texts.back());
    if (reads.header_row) {
      if (row < reads.header_row) return false;
      if (row > reads.header_row && row > reads.header_first && texts.size() < 2) return false;
      if (row != reads.header_row) return false;
    }
    std::vector<std::vector<std::pair<std::string, uint64_t>>> rows;  // of the header: by column
    size_t width = 0;
    std::vector<uint32_t> numbers;
    for (size_t i = 0; i < texts.size(); ++i) {
      const uint32_t number = number_of(texts[i]);
      if (reads.header_row ? number < reads.header_first : number != row) continue;
      SheetRow parsed;
      if (!parse_row(texts[i], offsets[i], parsed)) return false;
      auto& cells = rows.emplace_back();
      numbers.push_back(number);
      for (const SheetCell& c : parsed.cells) {
        if (cells.size() < c.at.column) cells.resize(c.at.column);
        cells[c.at.column - 1] = {trimmed(unescaped(c.text)), c.offset};
      }
      width = std::max(width, cells.size());
    }
    // A title over several columns stands for each of them.
    for (size_t r = 0; r < rows.size(); ++r) {
      rows[r].resize(width);
      for (const CellRange& m : merges_)
        if (m.first.row == numbers[r] && r + 1 < rows.size())
          for (uint32_t c = m.first.column; c < m.last.column && c < width; ++c)
            if (rows[r][c].first.empty()) rows[r][c] = rows[r][m.first.column - 1];
    }
    out = {};
    out.last = row;
    out.sheet = sheets_[sheet_ - 1].name;
    for (size_t c = 0; c < width; ++c) {
      std::string name, place;
      uint64_t offset = 0;
      for (size_t r = 0; r < rows.size(); ++r) {
        if (rows[r][c].first.empty() || rows[r][c].first == name) continue;
        name += (name.empty() ? "" : " ") + rows[r][c].first;
        place = column_name(static_cast<uint32_t>(c + 1)) + std::to_string(numbers[r]);
        offset = rows[r][c].second;
      }
      out.names.push_back(std::move(name));
      out.places.push_back(std::move(place));
      out.offsets.push_back(offset);
    }
    return fits(out);
  }

  // The names that recognise the format stand in it; where the mapping states none, any row will do.
  bool fits(const Header& h) const {
    const auto& wanted = program_.reads.headers;
    if (wanted.empty() || (program_.reads.header_row && !all_)) return !h.names.empty();
    if (likely_sheet_ && !likely_complete_ && likely_sheet_ == sheet_ && likely_row_ == h.last) return true;
    return std::any_of(wanted.begin(), wanted.end(), [&](const auto& names) { return matches(h, names) == names.size(); });
  }

  size_t column(const std::string& name) const {
    const std::string want = fold(name);
    for (size_t i = 0; i < shape_.header.size(); ++i)
      if (fold(shape_.header[i]) == want) return i;
    return SIZE_MAX;
  }

  // Where each column of the sheet stands among those of the table.
  void use(const Header& h) {
    slots_.clear();
    std::vector<std::string> seen;
    for (size_t c = 0; c < h.names.size(); ++c) {
      const std::string& name = h.names[c];
      const bool twice = !name.empty() && std::find(seen.begin(), seen.end(), fold(name)) != seen.end();
      if (twice) reporter_.report("E-XLSX-HEADER-TWICE", {name, h.sheet + "!" + h.places[c]}, h.offsets[c], 0);
      seen.push_back(fold(name));
      const size_t at = twice || name.empty() ? SIZE_MAX : column(name);
      if (at != SIZE_MAX) {
        slots_.push_back(at);
      } else if (all_) {
        slots_.push_back(SIZE_MAX);  // unnamed in this sheet: behind the named ones
      } else {
        slots_.push_back(shape_.header.size());
        shape_.header.push_back(name);
      }
    }
  }

  void note_merge(std::string_view line) {
    if (const auto range = cell_range(line.substr(7)); range && merges_.size() < 100'000) merges_.push_back(*range);
  }
  void tell_merge(const CellRange& m, uint64_t at) {
    if (m.last.row <= header_row_ || m.first.row <= header_row_) return;
    reporter_.report("E-XLSX-MERGED", {cell_name(m.first) + ":" + column_name(m.last.column) + std::to_string(m.last.row)}, at, 0);
  }

  void control(std::string_view line) {
    if (line.starts_with("%end\t") || line.starts_with("%rows\t")) {
      reading_ = false;
    } else if (line.starts_with("%merge\t")) {
      note_merge(line);
      if (!merges_.empty()) tell_merge(merges_.back(), lines_.offset());
    } else if (line.starts_with("%hidden\t")) {
      reporter_.report("E-XLSX-HIDDEN-COLUMN", {sheets_[sheet_ - 1].name + "!" + std::string(line.substr(8))}, lines_.offset(), 0);
    } else if (line.starts_with("%broken\t")) {
      const auto f = fields_of(line);
      std::string args[3];
      for (size_t i = 0; i < 3 && i + 2 < f.size(); ++i) args[i] = unescaped(f[i + 2]);
      if (f[1] == "E-XLSX-ORDER") reporter_.report("E-XLSX-ORDER", {args[0], args[1]}, lines_.offset(), line.size());
      else reporter_.report("E-XLSX-PART", {args[0], args[1], args[2]}, lines_.offset(), line.size());
      damaged_ = true;
    }
  }

  const Row* deliver() {
    arena_.clear();
    cells_.assign(shape_.header.size(), Cell{});
    row_.refused = nullptr;
    if (row_text_.hidden)
      reporter_.report("E-XLSX-HIDDEN-ROW", {sheets_[sheet_ - 1].name + "!" + std::to_string(row_text_.number)}, lines_.offset(),
                       lines_.line().size());
    for (const SheetCell& c : row_text_.cells) {
      Cell cell;
      cell.text = c.text.find('\\') == c.text.npos ? c.text : arena_.keep(unescaped(c.text));
      cell.offset = c.offset;
      cell.length = static_cast<uint32_t>(c.text.size());
      if (!c.number.empty() && c.mark.empty()) cell.quoted = kCalendar;
      if (c.mark == "error") {
        reporter_.report("E-XLSX-ERROR", {cell_name(c.at), cell.text}, c.offset, cell.length);
        continue;
      }
      if (c.mark == "uncomputed") {
        reporter_.report("E-XLSX-FORMULA", {cell_name(c.at)}, c.offset, cell.length);
        continue;
      }
      if (c.mark == "string") {
        reporter_.report("E-XLSX-STRING", {cell_name(c.at), cell.text}, c.offset, cell.length);
        row_.refused = "E-XLSX-STRING";
      }
      if (c.mark == "date") reporter_.report("E-XLSX-DATE", {cell_name(c.at), cell.text}, c.offset, cell.length);
      size_t slot = c.at.column - 1 < slots_.size() ? slots_[c.at.column - 1] : SIZE_MAX;
      if (slot == SIZE_MAX) {  // no name: kept behind the others
        slot = cells_.size();
        cells_.emplace_back();
      }
      cells_[slot] = cell;
    }
    row_.cells = cells_;
    row_.offset = lines_.offset();
    row_.length = lines_.line().size();
    row_.line = row_text_.number;
    ++row_.number;
    return &row_;
  }

  const Program& program_;
  Reporter& reporter_;
  Lines lines_;
  std::vector<Sheet> sheets_;
  uint32_t named_ = 0, sheet_ = 0, header_row_ = 0;
  uint32_t likely_sheet_ = 0, likely_row_ = 0;
  bool likely_complete_ = false;
  bool all_ = false, done_ = false, reading_ = false, ended_ = false, damaged_ = false;
  cb_status status_ = CB_OK;
  std::vector<CellRange> merges_;
  std::vector<std::string> hidden_columns_;
  std::vector<Header> headers_;
  std::vector<size_t> slots_;
  SheetRow row_text_;
  Arena arena_;
  std::vector<Cell> cells_;
  Row row_;
};

}  // namespace

std::unique_ptr<RowTable> open_sheets(const Program& p, const cb_input& input, Reporter& reporter) {
  return std::make_unique<SheetTable>(p, input, reporter);
}

}  // namespace casebridge::read::mapping

#include "read/workbook/workbook.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <exception>
#include <map>
#include <set>

#include "model/record.hpp"  // Arena
#include "read/encoding.hpp"
#include "read/workbook/cell_dates.hpp"
#include "read/workbook/sheet_text.hpp"
#include "read/xml_tree.hpp"

namespace casebridge::read {
namespace {

constexpr size_t kHeadRows = 10, kHeadCell = 60, kHeadLine = 4000, kHeadBytes = size_t(40) << 10;  // the first 64 KiB show all heads

std::string folded(std::string_view name) {  // names of parts are the same in any case
  std::string out(name);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// The part that a relationship of `from` points at.
std::string target_of(std::string_view from, std::string_view target) {
  std::vector<std::string_view> steps;
  const auto walk = [&](std::string_view path) {
    for (size_t at = 0; at <= path.size();) {
      const size_t end = std::min(path.find('/', at), path.size());
      const std::string_view step = path.substr(at, end - at);
      if (step == ".." && !steps.empty()) steps.pop_back();
      else if (!step.empty() && step != "." && step != "..") steps.push_back(step);
      at = end + 1;
    }
  };
  if (!target.starts_with('/')) walk(from.substr(0, from.rfind('/') == from.npos ? 0 : from.rfind('/')));
  walk(target);
  std::string out;
  for (const std::string_view step : steps) out += (out.empty() ? "" : "/") + std::string(step);
  return out;
}

std::string rels_of(const std::string& part) {
  const size_t slash = part.rfind('/');
  return slash == part.npos ? "_rels/" + part + ".rels" : part.substr(0, slash) + "/_rels/" + part.substr(slash + 1) + ".rels";
}

// Elements of one part, one after the other, under the caps of every XML that is read.
class PartXml {
 public:
  PartXml(Package& package, const std::string& name, const std::string& each) : name_(name), part_(package.open(name)) {
    input_ = {sizeof(cb_input), 0, this, {name_.data(), name_.size()}, -1, read, nullptr};
    XmlOptions options;
    options.each = each;
    options.keep_space = true;
    options.check_ids = false;
    options.limits.record_bytes = uint64_t(32) << 20;
    reader_ = std::make_unique<XmlReader>(input_, options, names_, [this](Finding finding) {
      if (finding.severity == Severity::error && problem_.empty()) problem_ = finding.code, line_ = finding.line;
    });
  }
  bool next() {
    const bool more = reader_->next(tree_);
    if (thrown_) std::rethrow_exception(thrown_);
    return more && !tree_.refused;
  }
  bool broken() const { return !problem_.empty() || (reader_->status() != CB_END && reader_->status() != CB_OK); }
  std::vector<std::string> why() const { return {name_, problem_.empty() ? "E-XML-IO" : problem_, std::to_string(line_)}; }

  const TreeNode& unit() const { return tree_.nodes[tree_.unit]; }
  std::string_view name(const TreeNode& node) const { return node.name == Names::kNone ? std::string_view() : names_.text(node.name); }
  std::string_view parent() const { return unit().parent == Names::kNone ? std::string_view() : name(tree_.nodes[unit().parent]); }
  const TreeNode* first(const TreeNode& node) const { return at(node.first_child); }
  const TreeNode* after(const TreeNode& node) const { return at(node.next_sibling); }
  std::string_view attribute(const TreeNode& node, std::string_view wanted) const {
    for (const TreeNode* child = first(node); child; child = after(*child))
      if (child->attribute && name(*child) == wanted) return child->text;
    return {};
  }
  bool set(const TreeNode& node, std::string_view wanted) const {
    const std::string_view word = attribute(node, wanted);
    return word == "1" || word == "true" || word == "on";
  }

 private:
  const TreeNode* at(uint32_t index) const { return index == Names::kNone ? nullptr : &tree_.nodes[index]; }
  static int64_t read(void* self, void* into, uint64_t size) {  // nothing is thrown through the parser
    auto& p = *static_cast<PartXml*>(self);
    try {
      return static_cast<int64_t>(p.part_->read(static_cast<char*>(into), size));
    } catch (...) {
      p.thrown_ = std::current_exception();
      return CB_E_IO;
    }
  }
  std::string name_;
  std::unique_ptr<Package::Part> part_;
  cb_input input_{};
  Names names_;
  Tree tree_;
  std::unique_ptr<XmlReader> reader_;
  std::string problem_;
  uint64_t line_ = 0;
  std::exception_ptr thrown_;
};

// _xHHHH_ stands for a character that XML cannot hold, or for an underscore that would be taken for one (ST_Xstring).
std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    uint32_t c = 0;
    if (text[i] == '_' && i + 6 < text.size() && text[i + 1] == 'x' && text[i + 6] == '_') {
      const auto [end, error] = std::from_chars(text.data() + i + 2, text.data() + i + 6, c, 16);
      if (error == std::errc() && end == text.data() + i + 6) {
        if (c == '\r' || c == '\n' || c == '\t' || (c >= 0x20 && (c < 0xD800 || c > 0xDFFF) && c < 0xFFFE)) append_utf8(out, c);
        else append_utf8(out, 0xFFFD);
        i += 7;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

struct Sheet {
  std::string name, state, part;
};

struct Format {
  Shows shows = Shows::number;
  std::string code;
};

class Writer {
 public:
  Writer(Package& package, const std::function<void(std::string_view)>& out) : package_(package), out_(out) {}

  bool run() {
    if (!find_workbook()) return false;
    read_workbook();
    read_styles();
    read_strings();
    out_(kSheetText);
    for (size_t i = 0; i < sheets_.size(); ++i) {
      std::string line = "%sheet\t" + std::to_string(i + 1) + "\t" + sheets_[i].state + "\t";
      append_escaped(line, sheets_[i].name);
      out_(line += '\n');
    }
    for (size_t i = 0; i < sheets_.size() && head_bytes_ < kHeadBytes; ++i) heads(i);
    for (size_t i = 0; i < sheets_.size(); ++i) rows(i);
    return true;
  }

 private:
  bool find_workbook() {
    if (!package_.has("_rels/.rels")) return false;
    PartXml rels(package_, "_rels/.rels", "Relationship");
    while (rels.next())
      if (rels.attribute(rels.unit(), "Type").ends_with("/officeDocument"))
        workbook_ = target_of("", rels.attribute(rels.unit(), "Target"));
    if (rels.broken()) throw WorkbookFailure("E-XLSX-PART", rels.why());
    if (folded(workbook_).ends_with(".bin")) throw WorkbookFailure("E-XLSX-BINARY", {});
    if (workbook_.empty() || !package_.has(workbook_)) return false;
    PartXml main(package_, workbook_, "workbook");
    if (!main.next()) return false;
    return main.name(main.unit()) == "workbook" && main.parent().empty();
  }

  void read_workbook() {
    std::map<std::string, std::pair<std::string, std::string>> targets;  // id: type, part
    if (const std::string name = rels_of(workbook_); package_.has(name)) {
      PartXml rels(package_, name, "Relationship");
      while (rels.next()) {
        const TreeNode& r = rels.unit();
        if (rels.attribute(r, "TargetMode") == "External") continue;
        const std::string_view type = rels.attribute(r, "Type");
        const std::string kind(type.substr(type.rfind('/') == type.npos ? 0 : type.rfind('/') + 1));
        const std::string part = target_of(workbook_, rels.attribute(r, "Target"));
        if (kind == "sharedStrings") strings_part_ = part;
        if (kind == "styles") styles_part_ = part;
        targets[std::string(rels.attribute(r, "Id"))] = {kind, part};
      }
      if (rels.broken()) throw WorkbookFailure("E-XLSX-PART", rels.why());
    }
    PartXml book(package_, workbook_, "workbookPr|sheet");
    std::set<std::string> used;
    while (book.next()) {
      const TreeNode& node = book.unit();
      if (book.name(node) == "workbookPr") {
        system_1904_ = book.set(node, "date1904");
        continue;
      }
      if (book.parent() != "sheets") continue;
      const auto target = targets.find(std::string(book.attribute(node, "id")));
      const std::string state(book.attribute(node, "state"));
      Sheet sheet{std::string(book.attribute(node, "name")), state == "hidden" || state == "veryHidden" ? state : "visible", {}};
      if (target != targets.end() && target->second.first == "worksheet") sheet.part = target->second.second;
      if (target != targets.end() && target->second.first != "worksheet") continue;  // a chart has no cells
      if (sheet.part.empty() || !package_.has(sheet.part)) throw WorkbookFailure("E-XLSX-NO-PART", {sheet.name});
      if (!used.insert(folded(sheet.part)).second || sheets_.size() >= kMostSheets)
        throw WorkbookFailure("E-XLSX-LIMIT",
                              {sheets_.size() >= kMostSheets ? "it has too many sheets" : "two of its sheets are the same part"});
      sheets_.push_back(std::move(sheet));
    }
    if (book.broken()) throw WorkbookFailure("E-XLSX-PART", book.why());
  }

  void read_styles() {
    if (styles_part_.empty() || !package_.has(styles_part_)) return;
    PartXml styles(package_, styles_part_, "numFmt|xf");
    std::map<uint32_t, std::string> codes;
    while (styles.next()) {
      const TreeNode& node = styles.unit();
      uint32_t id = 0;
      const std::string_view number = styles.attribute(node, "numFmtId");
      std::from_chars(number.data(), number.data() + number.size(), id);
      if (styles.name(node) == "numFmt") {
        if (styles.parent() == "numFmts") codes[id] = styles.attribute(node, "formatCode").substr(0, 255);
        continue;
      }
      if (styles.parent() != "cellXfs") continue;
      if (formats_.size() >= 65'536) throw WorkbookFailure("E-XLSX-LIMIT", {"it has too many formats of cells"});
      const auto code = codes.find(id);
      if (code != codes.end()) formats_.push_back({format_shows(code->second), code->second});
      else formats_.push_back({builtin_format(id), std::string(builtin_code(id))});
    }
    if (styles.broken()) throw WorkbookFailure("E-XLSX-PART", styles.why());
  }

  // All text of <t>, in runs or not; the reading aid of East Asian scripts (rPh) is no part of it.
  std::string text_of(const PartXml& xml, const TreeNode& node) const {
    std::string out;
    for (const TreeNode* child = xml.first(node); child; child = xml.after(*child)) {
      if (child->attribute) continue;
      const std::string_view name = xml.name(*child);
      if (name == "t") out += child->text;
      if (name == "r")
        for (const TreeNode* part = xml.first(*child); part; part = xml.after(*part))
          if (!part->attribute && xml.name(*part) == "t") out += part->text;
    }
    return decoded(out);
  }

  void read_strings() {
    if (strings_part_.empty() || !package_.has(strings_part_)) return;
    PartXml xml(package_, strings_part_, "si");
    uint64_t bytes = 0;
    while (xml.next()) {
      const std::string text = text_of(xml, xml.unit());
      bytes += text.size();
      if (bytes > kMostStringBytes || strings_.size() >= kMostStrings)
        throw WorkbookFailure("E-XLSX-LIMIT", {"its shared strings take too much room"});
      strings_.push_back(arena_.keep(text));
    }
    if (xml.broken()) throw WorkbookFailure("E-XLSX-PART", xml.why());
  }

  // One cell behind `line`, if there is anything in it.
  void cell(const PartXml& xml, const TreeNode& c, CellRef at, std::string& line) const {
    const TreeNode* v = nullptr;
    const TreeNode* is = nullptr;
    bool formula = false;
    for (const TreeNode* child = xml.first(c); child; child = xml.after(*child)) {
      if (child->attribute) continue;
      const std::string_view name = xml.name(*child);
      if (name == "v") v = child;
      if (name == "is") is = child;
      if (name == "f") formula = true;
    }
    const std::string_view type = xml.attribute(c, "t");
    std::string text;
    std::string more;  // what is said of it
    const std::string_view value = v ? trimmed(v->text) : std::string_view();
    if (type == "inlineStr" || (is && !v)) {
      if (is) text = text_of(xml, *is);
    } else if (!v) {
      if (!formula) return;  // a cell that only has a colour
      more = "\t!uncomputed";
    } else if (type == "s") {
      uint64_t index = UINT64_MAX;
      std::from_chars(value.data(), value.data() + value.size(), index);
      if (index < strings_.size()) text = strings_[index];
      else text = value, more = "\t!string";
    } else if (type == "str") {
      text = decoded(v->text);
    } else if (type == "b") {
      text = value == "1" || value == "true" ? "TRUE" : value == "0" || value == "false" ? "FALSE" : value;
    } else if (type == "e") {
      text = value;
      more = "\t!error";
    } else {
      text = value;
      uint64_t style = 0;
      const std::string_view s = xml.attribute(c, "s");
      std::from_chars(s.data(), s.data() + s.size(), style);
      if (type != "d" && style < formats_.size() && formats_[style].shows != Shows::number) number_date(formats_[style], text, more);
    }
    if (text.empty() && more.empty()) return;
    line += '\t' + column_name(at.column) + std::to_string(at.row) + '=';
    append_escaped(line, text);
    line += more;
  }

  void number_date(const Format& format, std::string& text, std::string& more) const {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return;
    const std::string date = date_text(number, format.shows, system_1904_);
    more = "\t@" + text + " ";
    append_escaped(more, format.code);
    if (date.empty()) more += "\t!date";
    else text = date;
  }

  static std::string_view trimmed(std::string_view s) {
    while (!s.empty() && (s.front() == ' ' || s.front() == '\n' || s.front() == '\r' || s.front() == '\t')) s.remove_prefix(1);
    while (!s.empty() && (s.back() == ' ' || s.back() == '\n' || s.back() == '\r' || s.back() == '\t')) s.remove_suffix(1);
    return s;
  }

  // The line of a row, without its end; empty where no cell says anything. `last`: the row before.
  bool row(const PartXml& xml, uint32_t& last, std::string& line) const {
    line.clear();
    uint32_t number = last + 1;
    if (const std::string_view r = xml.attribute(xml.unit(), "r"); !r.empty()) {
      const auto [end, error] = std::from_chars(r.data(), r.data() + r.size(), number);
      if (error != std::errc() || end != r.data() + r.size()) return false;
    }
    if (!number || number > kMostRows || number <= last) return false;
    last = number;
    uint32_t column = 0;
    std::string cells;
    for (const TreeNode* c = xml.first(xml.unit()); c; c = xml.after(*c)) {
      if (c->attribute || xml.name(*c) != "c") continue;
      CellRef at{number, column + 1};
      if (const std::string_view r = xml.attribute(*c, "r"); !r.empty()) {
        const auto ref = cell_ref(r);
        if (!ref || ref->row != number) return false;
        at = *ref;
      }
      if (at.column > kMostColumns || at.column <= column) return false;
      column = at.column;
      cell(xml, *c, at, cells);
      if (cells.size() > kMostRowBytes) throw WorkbookFailure("E-XLSX-LIMIT", {"the text of a row takes too much room"});
    }
    if (!cells.empty()) line = std::to_string(number) + (xml.set(xml.unit(), "hidden") ? " h" : "") + cells;
    return true;
  }

  void heads(size_t index) {
    PartXml xml(package_, sheets_[index].part, "row");
    std::string line;
    uint32_t last = 0;
    for (size_t n = 0; n < kHeadRows && head_bytes_ < kHeadBytes && xml.next();) {
      if (!row(xml, last, line)) return;  // rows() says what is wrong
      if (line.empty()) continue;
      ++n;
      std::string head = "%head\t" + std::to_string(index + 1);
      for (size_t at = 0; at <= line.size() && head.size() < kHeadLine;) {
        const size_t end = std::min(line.find('\t', at), line.size());
        std::string_view field = std::string_view(line).substr(at, end - at);
        if (field.size() > kHeadCell) {
          size_t cut = kHeadCell;
          while (cut > 0 && (static_cast<uint8_t>(field[cut]) & 0xC0) == 0x80) --cut;
          field = field.substr(0, cut);
        }
        head += '\t';
        head += field;
        at = end + 1;
      }
      out_(head += '\n');
      head_bytes_ += head.size();
    }
  }

  // Merged cells stand behind the rows that they are about: looked for first, and only then read.
  void merges(const Sheet& sheet) {
    static constexpr std::string_view kWord = "mergeCell";
    const auto part = package_.open(sheet.part);
    std::string window;
    std::vector<char> block(size_t(256) << 10);
    bool any = false;
    for (size_t got; !any && (got = part->read(block.data(), block.size())) > 0;) {
      window.append(block.data(), got);
      any = window.find(kWord) != window.npos || window.find('\0') != window.npos;  // UTF-16 hides it
      if (window.size() > kWord.size()) window.erase(0, window.size() - kWord.size());
    }
    if (!any) return;
    PartXml xml(package_, sheet.part, "mergeCell");
    while (xml.next())
      if (const auto range = cell_range(xml.attribute(xml.unit(), "ref")))
        out_("%merge\t" + column_name(range->first.column) + std::to_string(range->first.row) + ":" + column_name(range->last.column) +
             std::to_string(range->last.row) + "\n");
  }

  void rows(size_t index) {
    const Sheet& sheet = sheets_[index];
    out_("%rows\t" + std::to_string(index + 1) + "\n");
    merges(sheet);
    PartXml xml(package_, sheet.part, "col|row");
    std::string line;
    uint32_t last = 0;
    bool sound = true;
    while (sound && xml.next()) {
      if (xml.name(xml.unit()) == "col") {
        uint32_t from = 0, to = 0;
        const std::string_view min = xml.attribute(xml.unit(), "min"), max = xml.attribute(xml.unit(), "max");
        std::from_chars(min.data(), min.data() + min.size(), from);
        std::from_chars(max.data(), max.data() + max.size(), to);
        if (xml.set(xml.unit(), "hidden") && from && from <= to && to <= kMostColumns)
          out_("%hidden\t" + column_name(from) + ":" + column_name(to) + "\n");
        continue;
      }
      sound = row(xml, last, line);
      if (!sound || line.empty()) continue;
      out_(line += '\n');
    }
    if (!sound || xml.broken()) {
      line = "%broken\t";
      line += sound ? "E-XLSX-PART" : "E-XLSX-ORDER";
      for (const std::string& arg : sound ? xml.why() : std::vector<std::string>{sheet.name, std::to_string(last)}) {
        line += '\t';
        append_escaped(line, arg);
      }
      out_(line += '\n');
    }
    out_("%end\t" + std::to_string(index + 1) + "\n");
  }

  Package& package_;
  const std::function<void(std::string_view)>& out_;
  std::string workbook_, strings_part_, styles_part_;
  bool system_1904_ = false;
  std::vector<Sheet> sheets_;
  std::vector<Format> formats_;
  Arena arena_;
  std::deque<std::string_view> strings_;
  size_t head_bytes_ = 0;
};

}  // namespace

bool write_workbook(Package& package, const std::function<void(std::string_view)>& out) { return Writer(package, out).run(); }

}  // namespace casebridge::read

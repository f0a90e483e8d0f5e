#include "draft/observe.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "base/text.hpp"
#include "conformance/reading.hpp"
#include "host/sniff.hpp"
#include "normalise/folding.hpp"

namespace casebridge::draft {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;
constexpr size_t kMostBytes = size_t(32) << 20;  // a sample; the rest of a larger file is not looked at
constexpr size_t kMostColumns = 2000;
constexpr size_t kMostCandidates = 12;

// The mapping that knows nothing stands in a folder of its own for as long as it is needed. It holds names of the format
// alone, no value of the sample.
class Scratch {
 public:
  Scratch() {
    std::string name = (fs::temp_directory_path() / "casebridge-draft-XXXXXX").string();
    if (!::mkdtemp(name.data())) throw NoDraft(tr("A folder for the draft cannot be made."), {});
    folder_ = name;
  }
  ~Scratch() {
    std::error_code error;
    fs::remove_all(folder_, error);
  }
  Scratch(const Scratch&) = delete;
  std::string write(const std::string& text) const {
    std::ofstream(folder_ / "mapping.yaml", std::ios::binary) << text;
    return (folder_ / "mapping.yaml").string();
  }

 private:
  fs::path folder_;
};

std::string reads_text(const Observed& o) {
  std::string out = std::string("reads: {reader: ") + reader_word(o.reader);
  if (o.reader == Reader::xml) out += ", root: " + yaml_word(o.root);
  if (!o.each.empty()) out += ", each: " + yaml_word(o.each);
  return out + "}\n";
}

// Everything that a source record holds comes out in the ext of its one record.
std::string blank_mapping(const Observed& o) {
  return "mapping: draft/1\ntitle: {en: draft, fr: ébauche}\n" + reads_text(o) +
         "source: {agency: draft, agencyType: OTHER, system: DRAFT, legalAuthority: CSPA_DUTY}\n"
         "records:\n  all: {record: Organization, type: =OTHER, names: {full: =DRAFT}}\n";
}

struct Pass {
  std::vector<Column> columns;
  uint64_t records = 0, refused = 0;
  std::vector<Finding> findings;
};

Pass pass(const Scratch& scratch, const Observed& o, const conformance::SampleFile& file, const Safety& safety) {
  conformance::Ask ask{scratch.write(blank_mapping(o)), {}, {}, safety.in_process, safety.allow_unsandboxed};
  const conformance::Subject subject = [&] {
    try {
      return conformance::find_subject(ask);
    } catch (const conformance::NoPlugin& e) { throw NoDraft(e.what(), {}); }
  }();
  Pass out;
  std::unordered_map<std::string, size_t> known;
  std::unordered_map<size_t, uint64_t> here;
  conformance::How how;
  how.in_process = safety.in_process;
  how.whole = false;
  const auto reading = conformance::read(subject, "draft", {file}, how, [&](const cb_batch& b) {
    for (uint32_t u = 0; u < b.n_units; ++u) {
      const cb_unit& unit = b.units[u];
      if (unit.outcome == CB_UNIT_REFUSED) ++out.refused;
      if (unit.outcome != CB_UNIT_MAPPED || !unit.n_records || !unit.source_length) continue;
      ++out.records;
      here.clear();
      for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r)
        for (uint32_t c = b.records[r].first_cell; c < b.records[r].first_cell + b.records[r].n_cells; ++c) {
          const cb_cell& cell = b.cells[c];
          if (cell.field != CB_FIELD_EXT || cell.kind != CB_TEXT) continue;
          const std::string_view text(b.heap + cell.offset, cell.length);
          const size_t name = cell.hint ? cell.hint : std::min(text.find('='), text.size());
          const auto [at, fresh] = known.try_emplace(std::string(text.substr(0, name)), out.columns.size());
          if (fresh) {
            if (out.columns.size() >= kMostColumns) throw NoDraft(tr("The sample has more columns than a draft can hold."), {});
            out.columns.push_back({at->first, {}, 0, 0});
          }
          out.columns[at->second].shapes.see(text.substr(std::min(name + 1, text.size())));
          ++here[at->second];
        }
      for (const auto& [column, n] : here) {
        ++out.columns[column].records;
        out.columns[column].most = std::max(out.columns[column].most, n);
      }
    }
  });
  out.findings = reading.findings;
  if (!out.records && !reading.broken.empty()) throw NoDraft(reading.broken, {});
  return out;
}

// Names on the way to values, from the top: what may be one source record each.
std::vector<std::string> containers(const std::vector<Column>& columns, bool paths) {
  std::vector<std::pair<size_t, std::string>> found;
  for (const Column& c : columns) {
    const std::string_view place = c.place;
    size_t depth = 0;
    for (size_t slash = place.find('/'); slash != place.npos; slash = place.find('/', slash + 1), ++depth) {
      const std::string_view upto = place.substr(0, slash);
      const size_t last = upto.rfind('/');
      const std::string name = paths ? "/" + std::string(upto) : std::string(upto.substr(last == upto.npos ? 0 : last + 1));
      if (std::none_of(found.begin(), found.end(), [&](const auto& f) { return f.second == name; })) found.emplace_back(depth, name);
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (auto& [depth, name] : found)
    if (out.size() < kMostCandidates) out.push_back(std::move(name));
  return out;
}

uint64_t values_of(const Pass& p) {
  uint64_t n = 0;
  for (const Column& c : p.columns) n += c.shapes.values;
  return n;
}

bool json_lines(std::string_view text) {  // a second line that begins an object, and the first one ends it
  const size_t end = text.find('\n');
  if (end == text.npos) return false;
  const std::string_view first = normalise::trim(text.substr(0, end));
  const size_t next = text.find_first_not_of(" \t\r\n", end);
  return first.starts_with('{') && first.ends_with('}') && (next == text.npos || text[next] == '{');
}

Observed shape_of(const conformance::SampleFile& file) {
  Observed o;
  const host::Sniffed seen = host::sniff(std::string_view(file.bytes).substr(0, host::kHeadSize));
  if (file.bytes.starts_with("PK\x03\x04")) {
    o.reader = Reader::xlsx;
    return o;
  }
  if (seen.encoding == host::TextEncoding::binary)
    throw NoDraft(tr("The sample is no text: a draft is made from a table, JSON, JSON Lines, XML or a workbook."), {});
  if (!seen.root_name.empty()) {
    o.reader = Reader::xml;
    o.root = (seen.root_namespace.empty() ? "" : seen.root_namespace + " ") + seen.root_name;
  } else if (!seen.json_keys.empty()) {
    o.reader = json_lines(seen.text) ? Reader::jsonl : Reader::json;
    o.keys = seen.json_keys;
    if (normalise::trim(seen.text).starts_with('[')) o.each = "/";
  } else {
    const auto widest =
        std::max_element(seen.headers.begin(), seen.headers.end(), [](const auto& a, const auto& b) { return a.size() < b.size(); });
    if (widest == seen.headers.end() || widest->size() < 2)
      throw NoDraft(tr("The sample is no table: its first line has one column."),
                    tr("Lines of fixed width and tables in one column are mapped by hand: see `reader: fixed`."));
    size_t bare = 0;
    for (const std::string& name : *widest) bare += name.empty() || name.find_first_not_of("0123456789.,:/+- ") == name.npos;
    if (bare * 2 > widest->size())
      throw NoDraft(tr("The first line of the sample holds values and no names of columns."),
                    tr("Put a header line over it, or write the mapping by hand and name the columns under `columns`."));
    o.header = *widest;
  }
  return o;
}

}  // namespace

const char* reader_word(Reader r) {
  switch (r) {
    case Reader::delimited: return "delimited";
    case Reader::json: return "json";
    case Reader::jsonl: return "jsonl";
    case Reader::xml: return "xml";
    case Reader::xlsx: return "xlsx";
  }
  return "";
}

std::string yaml_word(std::string_view text) {
  const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return normalise::letter(c) || normalise::digit(c) || c == '_' || c == '/';
  });
  if (plain) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      static constexpr char kHex[] = "0123456789ABCDEF";
      out += std::string("\\x") + kHex[static_cast<unsigned char>(c) >> 4] + kHex[c & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string place_word(std::string_view path, Reader reader) {
  const bool table = reader == Reader::delimited || reader == Reader::xlsx;
  if (path.find_first_of("`{}\n\r") != path.npos) return {};
  std::string out;
  for (size_t from = 0; from <= path.size();) {
    const size_t end = table ? path.size() : std::min(path.find('/', from), path.size());
    std::string_view step = path.substr(from, end - from);
    if (step.empty()) return {};
    const bool attribute = reader == Reader::xml && step.starts_with('@');
    if (attribute) step.remove_prefix(1);
    const bool plain = std::all_of(step.begin(), step.end(), [](char c) {
      return normalise::letter(c) || normalise::digit(c) || c == '_' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
    });
    out += (out.empty() ? "" : "/") + std::string(attribute ? "@" : "");
    out += plain ? std::string(step) : "`" + std::string(step) + "`";
    from = end + 1;
  }
  return out;
}

namespace {

// In some documents a member's name is itself somebody's number or address: {"705-555-0100": {…}}. A draft must not show it.
bool names_somebody(std::string_view place) {
  size_t digits = 0;
  for (const char c : place) {
    digits = normalise::digit(c) ? digits + 1 : c == '-' || c == ' ' || c == '.' || c == '(' || c == ')' ? digits : 0;
    if (digits >= 6) return true;
  }
  const size_t at = place.find('@', 1);
  return at != place.npos && place[at - 1] != '/' && place.find('.', at) != place.npos;
}

}  // namespace

Observed observe(const std::string& path, const Safety& safety) {
  std::ifstream in(path, std::ios::binary);
  if (!in || fs::is_directory(path)) throw NoDraft(fill(tr("There is no file {0}."), Words{path}), {});
  conformance::SampleFile file{fs::path(path).filename().string(), std::string(kMostBytes + 1, '\0')};
  in.read(file.bytes.data(), static_cast<std::streamsize>(file.bytes.size()));
  file.bytes.resize(static_cast<size_t>(in.gcount()));
  const bool cut = file.bytes.size() > kMostBytes;
  if (cut) file.bytes.resize(kMostBytes);
  if (file.bytes.empty()) throw NoDraft(tr("The sample is empty."), {});

  Observed o = shape_of(file);
  o.cut = cut;
  const Scratch scratch;
  Pass got = pass(scratch, o, file, safety);
  if ((o.reader == Reader::xml || o.reader == Reader::json) && o.each.empty()) {
    // The shallowest thing that comes more than once and holds at least half of all values is one source record each.
    const uint64_t all = values_of(got);
    for (const std::string& name : containers(got.columns, o.reader == Reader::json)) {
      Observed tried = o;
      tried.each = name;
      Pass other = pass(scratch, tried, file, safety);
      if (other.records < 2 || values_of(other) * 2 < all) continue;
      o.each = name;
      got = std::move(other);
      break;
    }
  }
  if (!got.records) {
    const std::string why = got.findings.empty() ? std::string() : message_of(got.findings.front());
    throw NoDraft(fill(tr("The sample gave no source record. {0}"), Words{why}), tr("A draft needs a sample of at least one record."));
  }
  o.columns = std::move(got.columns);
  o.records = got.records;
  o.refused = got.refused;
  if (o.reader == Reader::delimited) {  // the file's own spelling, and the columns without a value
    std::vector<Column> ordered;
    for (std::string& name : o.header) {
      const auto at = std::find_if(o.columns.begin(), o.columns.end(),
                                   [&](const Column& c) { return normalise::equal_fold(normalise::trim(c.place), name); });
      if (at == o.columns.end()) {
        ordered.push_back({name, {}, 0, 0});
      } else {
        name = std::string(normalise::trim(at->place));
        ordered.push_back(std::move(*at));
        o.columns.erase(at);
        ordered.back().place = name;
      }
    }
    o.columns = std::move(ordered);
    std::erase_if(o.columns, [](const Column& c) { return c.place.empty(); });
    std::erase_if(o.header, [](const std::string& name) { return name.empty() || names_somebody(name); });
  }
  o.hidden = std::erase_if(o.columns, [](const Column& c) { return names_somebody(c.place); });
  std::erase_if(o.keys, [](const std::string& key) { return names_somebody(key); });
  return o;
}

}  // namespace casebridge::draft

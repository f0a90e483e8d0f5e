// Places: inside of the input, and the value really stands there. And what stands in the source is in the loss report.
#include <algorithm>
#include <map>
#include <set>

#include "conformance/checks.hpp"
#include "conformance/reading.hpp"
#include "conformance/source_text.hpp"

namespace casebridge::conformance {
namespace {

constexpr size_t kMostDetails = 8;

std::string squeezed(std::string_view text) {  // runs of white space as one blank, none outside
  std::string out;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::set<std::string> words_of(std::string_view text) {
  std::set<std::string> out;
  std::string word;
  for (const char c : std::string(text) + " ") {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
    if (letter) word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    else if (!word.empty()) out.insert(std::move(word)), word.clear();
  }
  return out;
}

enum class Match { stands_there, computed, elsewhere };

// A value made of several places, or cut out and put together again, shares its words with the place it names.
Match match(const std::string& there, std::string_view value) {
  const std::string source = squeezed(there), wanted = squeezed(value);
  if (source.find(wanted) != source.npos) return Match::stands_there;
  const auto here = words_of(source);
  for (const std::string& word : words_of(wanted)) {
    if (here.contains(word)) return Match::computed;
    for (const std::string& known : here)  // 2099-03-01 in 20990301, AB-12 in AB12
      if ((word.size() > 1 && known.find(word) != known.npos) || (known.size() > 2 && word.find(known) != word.npos))
        return Match::computed;
  }
  return here.empty() && words_of(wanted).empty() ? Match::computed : Match::elsewhere;
}

struct Places {
  uint64_t checked = 0, computed = 0, constants = 0;
  std::map<std::string, uint64_t> outside, elsewhere;  // by field
};

void look(const cb_batch& b, const std::vector<SampleFile>& files, const std::vector<std::pair<host::TextEncoding, Shape>>& forms,
          Places& p) {
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r) {
      const cb_record& record = b.records[r];
      const auto normal = [](const cb_cell& cell) { return (cell.flags & CB_CELL_NORMAL) != 0; };
      if (std::any_of(b.cells + record.first_cell, b.cells + record.first_cell + record.n_cells, normal))
        continue;  // case data: places are in the first source
      for (uint32_t i = record.first_cell; i < record.first_cell + record.n_cells; ++i) {
        const cb_cell& cell = b.cells[i];
        if (!cell.source_length) continue;
        if (cell.flags & CB_CELL_CONSTANT) {
          ++p.constants;
          continue;
        }
        const std::string field = field_name(record.type) + " " + field_name(cell.field);
        const uint32_t shift = cell.flags >> CB_CELL_INPUT_SHIFT, input = shift ? shift - 1 : unit.input;
        const int64_t at = cell.source_delta + (shift ? 0 : static_cast<int64_t>(record.source_offset));
        if (input >= files.size() || at < 0 || static_cast<uint64_t>(at) + cell.source_length > files[input].bytes.size()) {
          ++p.outside[field];
          continue;
        }
        const bool coded =
            i + 1 < record.first_cell + record.n_cells && (b.cells[i + 1].flags & CB_CELL_ORIGINAL) && b.cells[i + 1].field == cell.field;
        if (coded && !(cell.flags & CB_CELL_ORIGINAL)) continue;  // the source's own word follows
        if (cell.kind == CB_ABSENT || (cell.kind == CB_REF && (cell.flags & CB_CELL_INDEX)) || cell.field == CB_FIELD_ALSO ||
            cell.field == CB_FIELD_RULE)
          continue;
        std::string_view value(b.heap + cell.offset, cell.length);
        if (cell.field == CB_FIELD_EXT)
          value.remove_prefix(std::min<size_t>(value.size(), cell.hint ? cell.hint + 1 : value.find('=') + 1));
        const auto& [encoding, shape] = forms[input];
        switch (match(decoded(std::string_view(files[input].bytes).substr(static_cast<size_t>(at), cell.source_length), encoding, shape),
                      value)) {
          case Match::stands_there: ++p.checked; break;
          case Match::computed: ++p.computed; break;
          case Match::elsewhere: ++p.elsewhere[field]; break;
        }
      }
    }
  }
}

std::vector<std::pair<host::TextEncoding, Shape>> forms_of(const Sample& sample) {
  std::vector<std::pair<host::TextEncoding, Shape>> out;
  for (const SampleFile& file : sample.files) {
    const host::Sniffed seen = host::sniff(std::string_view(file.bytes).substr(0, host::kHeadSize));
    out.emplace_back(seen.encoding, shape_of(file.bytes, seen));
  }
  return out;
}

// "persons/DOB", "nc:Person/@nc:id[2]", "field[Body]/value": the last step, without prefix, sign and what stands in brackets.
std::string last_step(std::string_view path) {
  size_t from = 0, end = path.size();
  int depth = 0;
  for (size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '[' && depth++ == 0) end = i;
    if (path[i] == ']' && depth > 0) --depth;
    if (path[i] == '/' && depth == 0) from = i + 1, end = path.size();
  }
  path = path.substr(from, std::max(from, end) - from);
  if (path.starts_with('@')) path.remove_prefix(1);
  if (const size_t colon = path.rfind(':'); colon != path.npos) path.remove_prefix(colon + 1);
  return std::string(path);
}

bool first_line_names(const host::FormatInfo& format, const Sample& sample) {
  if (sample.files.size() > 1) return true;
  return std::any_of(format.signatures.begin(), format.signatures.end(), [](const std::string& s) { return s.starts_with("csv-header="); });
}

}  // namespace

Outcome check_read_places(const Subject& s) {
  if (s.samples.empty()) return not_applicable(no_samples());
  Outcome out;
  Places p;
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format) continue;
    const auto forms = forms_of(sample);
    const Reading reading = read(s, format->id, sample.files, {}, [&](const cb_batch& b) { look(b, sample.files, forms, p); });
    if (!reading.broken.empty()) fail(out, sample.name + ": " + reading.broken);
    for (const Finding& f : reading.findings)
      if (std::none_of(sample.files.begin(), sample.files.end(),
                       [&](const SampleFile& file) { return f.offset + f.length <= file.bytes.size(); }))
        fail(out, said("{0}: the finding {1} ends past the input.", {sample.name, f.code}));
    const auto tell = [&](std::map<std::string, uint64_t>& fields, const char* words) {
      for (const auto& [field, n] : fields)
        if (out.details.size() < kMostDetails) fail(out, said(words, {sample.name, field, std::to_string(n)}));
      fields.clear();
    };
    tell(p.outside, "{0}: {1} lies outside of the input ({2} times).");
    tell(p.elsewhere, "{0}: the value of {1} does not stand at its place ({2} times).");
  }
  if (out.verdict == Verdict::failed) return out;
  const uint64_t all = p.checked + p.computed;
  if (!all) return not_applicable(tr("No value of the samples has a place of its own."));
  out.details.push_back(
      said("Compared with the bytes at their place: {0} of {1} values ({2} %); the others are made of several places. Constants: {3}.",
           {std::to_string(p.checked), std::to_string(all), std::to_string(p.checked * 100 / all), std::to_string(p.constants)}));
  return out;
}

// Attributes of XML are left out of this: most are references and types, which no report counts.
Outcome check_loss_complete(const Subject& s) {
  if (s.samples.empty()) return not_applicable(no_samples());
  Outcome out;
  uint64_t named = 0;
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format || (format->caps & CB_LOSSLESS)) continue;
    std::vector<std::pair<uint64_t, uint64_t>> left_out;  // ranges of input 0 that gave no records
    const Reading reading = read(s, format->id, sample.files, {}, [&](const cb_batch& b) {
      for (uint32_t u = 0; u < b.n_units; ++u)
        if (b.units[u].outcome != CB_UNIT_MAPPED && b.units[u].input == 0)
          left_out.emplace_back(b.units[u].source_offset, b.units[u].source_length);
    });
    if (reading.status != CB_END) continue;  // what could not be read has no complete report
    std::set<std::string> known, missing;
    for (const host::LossCount& loss : reading.losses) known.insert(last_step(loss.field));
    const auto forms = forms_of(sample);
    for (size_t i = 0; i < sample.files.size(); ++i) {
      if (forms[i].first == host::TextEncoding::utf16le || forms[i].first == host::TextEncoding::utf16be) continue;
      for (const Leaf& leaf : leaves(sample.files[i].bytes, forms[i].second, first_line_names(*format, sample))) {
        const bool outside = i == 0 && std::any_of(left_out.begin(), left_out.end(), [&](const auto& r) {
                               return leaf.offset + 3 >= r.first && leaf.offset < r.first + r.second;
                             });
        const std::string name = decoded(leaf.name, forms[i].first, Shape::other);
        if (outside) continue;
        if (known.contains(last_step(name)) || known.contains(name)) ++named;
        else missing.insert(name);
      }
    }
    for (const std::string& name : missing)
      if (out.details.size() < kMostDetails)
        fail(out, said("{0}: the source's {1} is neither mapped nor kept nor dropped for a reason.", {sample.name, name}));
  }
  if (out.verdict == Verdict::passed && !named) return not_applicable(tr("The samples show no field that could be missed."));
  if (out.verdict == Verdict::passed)
    out.details.push_back(said("Values of the samples that it accounts for: {0}.", {std::to_string(named)}));
  return out;
}

}  // namespace casebridge::conformance

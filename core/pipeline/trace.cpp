#include "pipeline/trace.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "host/archive.hpp"
#include "host/inputs.hpp"
#include "host/related_tables.hpp"
#include "model/joined_place.hpp"
#include "normalise/ids.hpp"
#include "normalise/normaliser.hpp"
#include "pipeline/feed.hpp"
#include "read/workbook/sheet_text.hpp"

namespace casebridge::pipeline {
namespace {

namespace fs = std::filesystem;
constexpr uint64_t kShownBytes = 64 << 10;

std::string said(const char* english, std::vector<std::string> args) { return fill(tr(english), args); }

std::string text_of(const Record& record, std::string_view path) {
  const model::Node* node = model::field(*record.type, path);
  const Value* value = node ? record.find(node->tag) : nullptr;
  return value ? std::string(value->text) : std::string();
}

// Reads a feed until a record of this id comes by; keeps its own copy of the batch it stands in.
struct Search {
  RecordBatch batch;
  const Record* record = nullptr;
  std::vector<Record> lines;  // Source lines; text belongs to `normaliser`
  std::unique_ptr<normalise::Normaliser> normaliser;
  Exit exit = Exit::ok;
  std::string problem;

  bool run(const host::Registry& registry, const host::InputSet& set, const Plan& plan, const Uuid& id, const normalise::Settings& settings,
           uint32_t source = 0) {
    std::vector<FeedBooks> books(set.refs.size());
    Feed feed(registry, set, plan, books);
    if (feed.open() && feed.start()) {
      normaliser = std::make_unique<normalise::Normaliser>(settings);
      OwnedBatch owned;
      while (!record && feed.read(owned)) {
        normaliser->run(owned.view(), batch, [](Finding&&) {});
        for (const Record& one : batch.records)
          if (one.id == id && (!source || one.source == source)) {
            record = &one;
            break;
          }
      }
      lines = normaliser->lines();
    }
    feed.stop();
    if (!record && feed.failed()) {
      for (const FeedBooks& file : books) exit = worse(exit, file.exit);
      for (const Finding& finding : feed.take_findings())
        if (finding.severity == Severity::error) {
          problem = message_of(finding);
          break;
        }
    }
    return record != nullptr;
  }
};

std::string hash_of(const host::InputRef& ref) {
  Finding problem;
  auto input = host::Input::open(ref, {}, problem);
  if (!input) return {};
  const int fd = input->start();
  std::vector<char> buffer(1 << 20);
  if (!input->seekable())
    while (::read(fd, buffer.data(), buffer.size()) > 0) {}
  return input->finish(true).sha256;
}

struct Found {
  std::optional<host::InputRef> ref;
  bool same_name = false;
};

// The file, or the member of an archive, with these bytes.
Found find_source(const std::vector<std::string>& places, const std::string& name, const std::string& sha256, uint64_t bytes) {
  Found found;
  const std::string base = fs::path(name.substr(name.rfind('!') == name.npos ? 0 : name.rfind('!') + 1)).filename().string();
  std::vector<fs::path> files;
  for (const std::string& place : places) {
    std::error_code error;
    if (fs::is_regular_file(place, error)) files.emplace_back(place);
    else if (fs::is_directory(place, error))
      for (auto at = fs::recursive_directory_iterator(place, fs::directory_options::skip_permission_denied, error);
           at != fs::recursive_directory_iterator(); at.increment(error))
        if (at->is_regular_file(error)) files.push_back(at->path());
  }
  std::sort(files.begin(), files.end());
  for (const fs::path& file : files) {
    std::error_code error;
    if (file.filename() == base) found.same_name = true;
    if (fs::file_size(file, error) != bytes || error) continue;
    host::InputRef ref;
    ref.name = file.string();
    ref.path = file;
    if (hash_of(ref) == sha256) {
      found.ref = ref;
      return found;
    }
  }
  for (const fs::path& file : files) {  // moved into an archive, or read from one
    std::vector<Finding> problems;
    const std::vector<std::string> argument{file.string()};
    const std::vector<host::InputRef> refs = host::expand(argument, {}, problems);
    for (const host::InputRef& ref : refs) {
      if (ref.members.empty()) continue;
      if (fs::path(ref.member_names.back()).filename() == base) found.same_name = true;
      if (hash_of(ref) == sha256) {
        found.ref = ref;
        return found;
      }
    }
  }
  return found;
}

// The tables that were read as one feed with this one, found again: those of the Source lines with the same mapping that make
// a set. `mine`: which of them this one is.
template <class Find>
host::InputSet related(const std::vector<Record>& lines, const Record& source, const host::InputRef& ref, const host::Registry& registry,
                       const std::string& format, const Find& find, size_t& mine) {
  std::vector<host::InputRef> refs;
  for (const Record& line : lines) {
    if (line.type->name != "Source" || text_of(line, "mappingVersion") != text_of(source, "mappingVersion")) continue;
    if (const Found found = find(line); found.ref) refs.push_back(*found.ref);
  }
  for (host::InputSet& set : host::into_sets(registry, refs, format))
    for (size_t i = 0; i < set.refs.size(); ++i)
      if (set.refs[i].name == ref.name) {
        mine = i;
        return std::move(set);
      }
  host::InputSet alone;
  alone.refs.push_back(ref);
  return alone;
}

}  // namespace

const Value* value_at(const Record& record, std::string_view pointer) {
  if (pointer.starts_with('/')) pointer.remove_prefix(1);
  std::map<model::Tag, size_t> seen;
  const auto matches = [&](const Value& value, const std::string& prefix, std::map<model::Tag, size_t>& counts, std::string_view parent) {
    const model::Node& node = model::node(value.field);
    std::string path(node.path);
    if (!parent.empty() && path.starts_with(parent)) path = path.substr(parent.size() + 1);
    const size_t ordinal = counts[value.field]++;
    const std::string full = prefix + path;
    return pointer == full ? !node.many || ordinal == 0 : node.many && pointer == full + "/" + std::to_string(ordinal);
  };
  for (const Value& value : record.values)
    if (matches(value, "", seen, {})) return &value;
  std::map<model::Tag, size_t> items;
  for (const Block& block : record.blocks) {
    const model::Node& node = model::node(block.tag);
    const std::string prefix = std::string(node.path) + "/" + std::to_string(items[block.tag]++) + "/";
    std::map<model::Tag, size_t> within;
    for (const Value& value : record.block_of(block))
      if (matches(value, prefix, within, node.path)) return &value;
  }
  return nullptr;
}

namespace {

// Of a workbook: the sheet and the cell, and what stands there in the file where the text is what it means.
void in_sheet(host::Input& input, Traced& out, const handle::Gate& gate) {
  std::unique_ptr<FILE, int (*)(FILE*)> text(::fdopen(::dup(input.start()), "r"), ::fclose);
  std::map<std::string, std::string> names;
  std::string sheet, raw;
  char* line = nullptr;
  size_t room = 0;
  uint64_t at = 0;
  if (text) std::rewind(text.get());
  for (ssize_t got; text && at <= out.offset && (got = ::getline(&line, &room, text.get())) > 0; at += static_cast<uint64_t>(got)) {
    std::string_view here(line, static_cast<size_t>(got));
    if (here.ends_with('\n')) here.remove_suffix(1);
    if (here.starts_with("%sheet\t")) {
      const size_t number = here.find('\t', 7), name = here.rfind('\t');
      names[std::string(here.substr(7, number - 7))] = read::unescaped(here.substr(name + 1));
    }
    if (here.starts_with("%rows\t")) sheet = names[std::string(here.substr(6))];
    if (at + static_cast<uint64_t>(got) <= out.offset) continue;
    const auto from = static_cast<size_t>(out.offset - at);
    raw = here.substr(std::min(from, here.size()), std::min(out.length, kShownBytes));
    const read::CellRef cell = read::cell_at(here, from);
    out.line = cell.row, out.column = cell.row ? cell.column : 0;
    out.sheet = gate.show(sheet).get();
    if (!cell.row || !out.exact) break;
    raw = read::unescaped(raw);
    out.cell = read::column_name(cell.column) + std::to_string(cell.row);
    const size_t end = from + out.length;
    if (end + 1 < here.size() && here.substr(end).starts_with("\t@")) {
      const std::string_view more = here.substr(end + 2, here.find('\t', end + 1) - end - 2);
      const size_t blank = more.find(' ');
      const std::string number = gate.show(more.substr(0, blank)).get();
      out.note = said("The cell holds the number {0}, shown as a date by its format {1}.",
                      {number, blank == more.npos ? "" : read::unescaped(more.substr(blank + 1))});
    }
    break;
  }
  std::free(line);
  input.finish(false);
  out.raw_ = gate.show(raw);
}

}  // namespace

Traced trace(const TraceQuery& query, const Plan& plan, const host::Registry& registry, const handle::Gate& gate) {
  Traced out;
  const auto fail = [&](Exit exit, std::string problem, std::string hint = {}) {
    out.exit = exit;
    out.problem = std::move(problem);
    out.hint = std::move(hint);
    return out;
  };
  Uuid id;
  if (!normalise::parse_uuid(query.id, id))
    return fail(Exit::usage, said("{0} is not a record id.", {query.id}),
                tr("Record ids look like c11374db-5a8f-5817-81de-c5782e1d10d4; they stand at \"id\" in the data set."));
  if (!fs::exists(query.data)) return fail(Exit::input, said("There is no file {0}.", {query.data}));

  Search in_data;
  host::InputSet data;
  data.refs.push_back({.name = query.data, .path = query.data});
  Plan reading = plan;
  reading.from.clear();
  reading.settings.clear();
  if (!in_data.run(registry, data, reading, id, {})) {
    if (!in_data.problem.empty()) return fail(in_data.exit == Exit::ok ? Exit::usage : in_data.exit, in_data.problem);
    return fail(Exit::usage, said("There is no record {0} in {1}.", {query.id, query.data}));
  }
  const Record& record = *in_data.record;
  out.type = std::string(record.type->name);
  out.offset = record.place.offset, out.length = record.place.length, out.line = record.place.line, out.column = record.place.column;
  const Record* source = nullptr;
  for (const Record& line : in_data.lines)
    if (line.type->name == "Source" && (line.source == record.source || text_of(line, "source") == std::to_string(record.source)))
      source = &line;
  if (gate.ended(record, source))
    return fail(Exit::policy, said("Access to the record {0} has ended.", {query.id}),
                tr("Nothing of it is shown; take it out of the data set."));
  const Value* value = nullptr;
  if (!query.field.empty()) {
    value = value_at(record, query.field);
    if (!value)
      return fail(Exit::usage, said("The record has no value at {0}.", {query.field}),
                  tr("Give a JSON Pointer such as /birthDate or /names/0/full."));
    out.value = gate.show(value->text).get();
  }
  if (record.source == 0) {
    out.note = tr("casebridge found this record itself; its basis and evidence say from what.");
    return out;
  }
  if (!source) return fail(Exit::integrity, said("The data set has no Source line {0}.", {std::to_string(record.source)}));
  out.source_name = text_of(*source, "name");
  out.agency = text_of(*source, "agency");
  out.system = text_of(*source, "system");
  out.mapping = text_of(*source, "mappingVersion");
  out.sha256 = text_of(*source, "sha256");

  std::vector<std::string> places = query.sources;
  if (places.empty()) places = {fs::path(query.data).parent_path().empty() ? "." : fs::path(query.data).parent_path().string()};
  if (fs::exists(out.source_name)) places.push_back(out.source_name);
  const auto find = [&](const Record& line) {
    return find_source(places, text_of(line, "name"), text_of(line, "sha256"), std::strtoull(text_of(line, "bytes").c_str(), nullptr, 10));
  };
  Found found = find(*source);
  if (!found.ref)
    return fail(Exit::input,
                found.same_name ? said("The source {0} was found, but its bytes have changed since it was read.", {out.source_name})
                                : said("The source {0} was not found.", {out.source_name}),
                tr("Name the files or folders to look in with --source; the source is known by its SHA-256, whatever its name."));
  out.found_at = found.ref->name;

  if (value && value->length) {
    out.exact = true;
    out.offset = value->offset, out.length = value->length, out.line = 0;
  } else if (value) {  // places of values are not in the data: read the record again, by the same mapping
    Search in_source;
    Plan again = plan;
    again.agency = out.agency;
    again.system = out.system;
    again.from = out.mapping.substr(0, out.mapping.find('/'));
    const host::Choice format = registry.reader(again.from);
    if (!format) again.from.clear();
    host::InputSet set;
    set.refs.push_back(*found.ref);
    size_t mine = 0;  // of the tables of the feed: where the record stands
    if (format && !host::tables_of(*format.format).empty())
      set = related(in_data.lines, *source, *found.ref, registry, again.from, find, mine);
    normalise::Settings settings;
    settings.agency = out.agency;
    settings.system = out.system;
    settings.source = 1;
    settings.run_year = std::atoi(plan.run_time.c_str());
    if (in_source.run(registry, set, again, id, settings, set.refs.size() > 1 ? static_cast<uint32_t>(mine) + 1 : 0)) {
      const Value* there = value_at(*in_source.record, query.field);
      if (there && there->length) {
        out.exact = true;
        out.offset = offset_there(there->offset), out.length = there->length, out.line = 0;
        if (is_joined(there->offset) && joined_file(there->offset) < set.refs.size()) {
          found.ref = set.refs[joined_file(there->offset)];
          out.found_at = found.ref->name;
          out.sha256 = hash_of(*found.ref);
          for (const Record& line : in_data.lines)
            if (line.type->name == "Source" && text_of(line, "sha256") == out.sha256) out.source_name = text_of(line, "name");
        }
      } else {
        out.note = tr("This value is a constant of the mapping or was computed; the place is that of its record.");
      }
    } else {
      out.note = tr("The source could not be read again by the same mapping; the place is that of the whole record.");
    }
  }
  Finding problem;
  const SeekableInput opened = open_seekable(*found.ref, {}, problem);
  if (!opened.input) return fail(Exit::input, message_of(problem));
  const auto& input = opened.input;
  if (input->head().starts_with(read::kSheetText)) {
    in_sheet(*input, out, gate);
    return out;
  }
  // The bytes, and the line where they stand, from one pass over the source.
  std::string raw, before;
  const int fd = input->start();
  std::vector<char> buffer(1 << 20);
  uint64_t at = 0, line = 1, line_start = 0;
  const bool seek = input->seekable();
  for (;;) {
    const ssize_t got = seek ? ::pread(fd, buffer.data(), buffer.size(), static_cast<off_t>(at)) : ::read(fd, buffer.data(), buffer.size());
    if (got <= 0) break;
    for (ssize_t i = 0; i < got && at + static_cast<uint64_t>(i) < out.offset; ++i)
      if (buffer[static_cast<size_t>(i)] == '\n') ++line, line_start = at + static_cast<uint64_t>(i) + 1;
    const uint64_t from = std::max(at, out.offset),
                   to = std::min(at + static_cast<uint64_t>(got), out.offset + std::min(out.length, kShownBytes));
    if (from < to) raw.append(buffer.data() + (from - at), to - from);
    at += static_cast<uint64_t>(got);
    if (seek && at >= out.offset + out.length) break;
  }
  input->finish(false);
  out.line = line;
  out.column = out.offset - line_start + 1;
  out.raw_ = gate.show(raw);
  return out;
}

}  // namespace casebridge::pipeline

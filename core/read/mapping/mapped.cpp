#include "read/mapping/mapped.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "base/text.hpp"
#include "read/mapping/reader.hpp"
#include "validate/source_schemas.hpp"

namespace casebridge::read::mapping {
namespace {

namespace fs = std::filesystem;

std::string slurp(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw std::runtime_error(file.string() + ": cannot be read");
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

bool beside(void* context, std::string_view name, std::string& into) {
  std::ifstream in(*static_cast<fs::path*>(context) / std::string(name), std::ios::binary);
  if (!in) return false;
  into.assign(std::istreambuf_iterator<char>(in), {});
  return true;
}

std::shared_ptr<const Program> load(const fs::path& file) {
  Problems problems(file.filename().string());
  fs::path folder = file.parent_path();
  auto program = compile(slurp(file), problems, beside, &folder);
  if (problems.failed()) {
    const std::vector<Finding> found = problems.take();
    const auto first = std::find_if(found.begin(), found.end(), [](const Finding& f) { return f.severity == Severity::error; });
    throw std::runtime_error(first->input + ":" + std::to_string(first->line) + ":" + std::to_string(first->column) + ": " +
                             message_of(*first));
  }
  return program;
}

// mapping.yaml first, then the other mappings of the folder by name.
std::vector<fs::path> mappings_of(const fs::path& main) {
  std::vector<fs::path> out{main}, more;
  for (const auto& entry : fs::directory_iterator(main.parent_path().empty() ? fs::path(".") : main.parent_path()))
    if (entry.is_regular_file() && entry.path().extension() == ".yaml" && entry.path().filename() != main.filename())
      more.push_back(entry.path());
  std::sort(more.begin(), more.end());
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

// What the host looks for before it asks anybody: one line per alternative.
std::vector<std::string> signatures(const Reads& r) {
  std::vector<std::string> out;
  const bool fixed = r.reader == Reads::Reader::fixed;
  for (const auto& header : r.headers) {
    std::string names;
    for (const std::string& name : header) names += (names.empty() ? "" : ",") + name;
    if (fixed) out.push_back("fixed-header=" + names);
    if (r.reader == Reads::Reader::delimited || r.reader == Reads::Reader::table) out.push_back("csv-header=" + names);
    if (r.reader == Reads::Reader::xlsx || r.reader == Reads::Reader::table) out.push_back("sheet-header=" + names);
  }
  for (const std::string& text : r.begins) {
    std::string line = "magic=";
    for (const char c : text) line += c == '\\' ? std::string("\\\\") : std::string(1, c);
    out.push_back(line);
  }
  for (const std::string& root : r.roots) out.push_back((root.find(' ') == root.npos ? "root=* " : "root=") + root);
  for (const std::string& key : r.keys) {
    const bool several = key.find(" + ") != key.npos || key.find(" > ") != key.npos;
    out.push_back((several || key.find('=') == key.npos ? "json-key=" : "json-text=") + key);
  }
  for (const RelatedTable& table : r.tables) {
    std::string line = "table=" + table.name + "|" + table.file + "|";
    for (size_t i = 0; i < table.header.size(); ++i) line += (i ? "," : "") + table.header[i];
    out.push_back(line + (table.optional ? "|optional" : "|"));
  }
  return out;
}

std::vector<std::string> extensions(const Reads& r) {
  switch (r.reader) {
    case Reads::Reader::delimited: return {"csv", "txt", "tsv"};
    case Reads::Reader::table: return {"csv", "txt", "tsv", "xlsx", "xlsm"};
    case Reads::Reader::xlsx: return {"xlsx", "xlsm"};
    case Reads::Reader::fixed: return {"txt", "dat"};
    case Reads::Reader::xml: return {"xml"};
    case Reads::Reader::json: return {"json"};
    case Reads::Reader::jsonl: return {"jsonl", "ndjson"};
  }
  return {};
}

bool takes_schema(const Reads& r) {
  return r.reader == Reads::Reader::xml || r.reader == Reads::Reader::json || r.reader == Reads::Reader::jsonl;
}

cb_status prepare(const cb_host* host, const cb_args* args, const char* folder, void** out) {
  *out = nullptr;
  std::string name = "mapping.yaml";
  for (uint32_t i = 0; i < args->n_settings; ++i)
    if (std::string_view(args->settings[i].name) == "casebridge.mapping") name = view(args->settings[i].value);
  return detail::guard(host, [&] {
    std::shared_ptr<const Program> chosen;
    for (const fs::path& file : mappings_of(fs::path(folder) / name)) {
      std::shared_ptr<const Program> p;
      try {
        p = load(file);
      } catch (const std::runtime_error& e) { throw Failure(CB_E_INTERNAL, "E-MAP-BROKEN", e.what()); }
      if (!chosen || p->id == args->format) chosen = p;
      if (p->id == args->format) break;
    }
    std::shared_ptr<const SourceCheck> check;
    if (takes_schema(chosen->reads))
      check = validate::load_schemas(*args, chosen->reads.reader == Reads::Reader::xml ? validate::Kind::xml : validate::Kind::json);
    *out = new Prepared{chosen, check};
    return CB_OK;
  });
}

void release(void* prepared) { delete static_cast<Prepared*>(prepared); }

const cb_prepare kPrepare{sizeof(cb_prepare), 0, prepare, release};

const void* extension(const char* id) { return std::string_view(id) == "casebridge.prepare/1" ? &kPrepare : nullptr; }

constexpr cb_format kFormats[] = {
    {"mapped", "Format described by a mapping", "Format décrit par un mappage", nullptr, nullptr, nullptr, CB_READS | CB_STREAMS}};

}  // namespace

const cb_plugin& mapped_plugin() {
  static const cb_plugin kPlugin = [] {
    cb_plugin p = reader_plugin<MappedReader>({"mapped", "1.0.0", "Formats described by a mapping", "Formats décrits par un mappage"},
                                              kFormats, validate::schema_options());
    p.extension = extension;
    return p;
  }();
  return kPlugin;
}

host::PluginInfo describe_mapping(const fs::path& mapping) {
  host::PluginInfo info;
  for (const fs::path& file : mappings_of(mapping)) {
    const auto p = load(file);
    if (info.id.empty()) {
      info.id = p->id;
      info.version = p->version;
      info.title_en = p->title_en;
      info.title_fr = p->title_fr;
      info.licence = "Apache-2.0";
      info.engine = "mapped";
      info.mapping = mapping.filename().string();
    }
    if (takes_schema(p->reads) && info.options.empty()) info.options = host::describe(mapped_plugin()).options;
    host::FormatInfo f;
    f.id = p->id;
    f.title_en = p->title_en;
    f.title_fr = p->title_fr;
    f.versions = {p->version};
    f.extensions = extensions(p->reads);
    f.signatures = signatures(p->reads);
    f.caps = CB_READS | (p->reads.group.empty() && p->reads.tables.empty() ? CB_STREAMS : 0);
    info.formats.push_back(std::move(f));
  }
  return info;
}

}  // namespace casebridge::read::mapping

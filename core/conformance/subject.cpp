#include "conformance/subject.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include "base/text.hpp"
#include "conformance/reading.hpp"
#include "host/builtin.hpp"
#include "host/library.hpp"
#include "host/recognise.hpp"
#include "host/related_tables.hpp"

namespace casebridge::conformance {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

fs::path whole(const fs::path& path) {
  std::error_code error;
  const fs::path out = fs::weakly_canonical(fs::absolute(path), error);
  return error ? path : out;
}

// The words a compiler of mappings or a loader of libraries has for what is wrong are the author's answer.
host::PluginInfo described(const fs::path& path, const host::Registry& installed) {
  std::error_code error;
  const auto mapping = [](const fs::path& file) {
    if (!host::builtins().describe_mapping) throw NoPlugin(tr("This build has no mapping engine."));
    host::PluginInfo info = host::builtins().describe_mapping(file);
    info.folder = file.parent_path();
    return info;
  };
  try {
    if (fs::is_directory(path, error)) {
      const fs::path folder = whole(path);
      if (fs::exists(folder / "plugin.json", error)) return host::read_manifest(folder / "plugin.json");
      if (fs::exists(folder / "mapping.yaml", error)) return mapping(folder / "mapping.yaml");
      std::string id = folder.filename().string();
      std::replace(id.begin(), id.end(), '_', '-');
      if (const host::PluginInfo* known = installed.plugin(id)) return *known;  // sources of a plugin that is built in
      throw NoPlugin(fill(tr("{0} holds neither a plugin.json nor a mapping.yaml. A plugin in C++ is tested where it was built."),
                          Words{path.string()}));
    }
    if (fs::is_regular_file(path, error)) {
      const fs::path file = whole(path);
      if (file.extension() == ".yaml" || file.extension() == ".yml") return mapping(file);
      if (file.extension() == ".so") {
        host::PluginInfo info = host::describe(host::Library::open(file)->plugin());
        info.library = file.filename().string();
        info.folder = file.parent_path();
        return info;
      }
      throw NoPlugin(fill(tr("{0} is not a plugin."), Words{path.string()}));
    }
  } catch (const NoPlugin&) { throw; } catch (const std::exception& e) {
    throw NoPlugin(fill(tr("{0} is not a plugin: {1}"), Words{path.string(), e.what()}));
  }
  if (const host::PluginInfo* known = installed.plugin(path.string())) return *known;
  throw NoPlugin(fill(tr("There is no file, folder or installed plugin {0}."), Words{path.string()}));
}

SampleFile load(const fs::path& file, uint64_t most) {
  std::ifstream in(file, std::ios::binary);
  SampleFile out{file.filename().string(), std::string(most, '\0'), {}};
  in.read(out.bytes.data(), static_cast<std::streamsize>(most));
  out.bytes.resize(static_cast<size_t>(std::max<std::streamsize>(0, in.gcount())));
  if (!out.bytes.starts_with("PK")) return out;
  std::error_code error;
  const uint64_t size = fs::file_size(file, error);
  if (error || size > kMostSampleBytes) return out;
  std::string packed = out.bytes;
  packed.resize(size);
  in.clear();
  in.seekg(0);
  in.read(packed.data(), static_cast<std::streamsize>(size));
  Finding problem;
  if (!unpack_workbook(out.name, packed, out.bytes, problem)) return out;
  out.packed = std::move(packed);
  if (out.bytes.size() > most) out.bytes.resize(most);
  return out;
}

bool counts(const fs::path& file) {  // words about samples are no sample
  const std::string name = file.filename().string();
  return !name.starts_with('.') && !name.starts_with("README") && file.extension() != ".md";
}

std::vector<fs::path> sorted(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error))
    if (counts(at->path())) out.push_back(at->path());
  std::sort(out.begin(), out.end());
  return out;
}

// A file is a sample, a folder in the folder is one feed of related tables.
void collect(const fs::path& folder, const std::string& label, const std::string& format, uint64_t most, std::vector<Sample>& into) {
  std::error_code error;
  for (const fs::path& at : sorted(folder)) {
    Sample sample{label + "/" + at.filename().string(), format, {}};
    if (fs::is_regular_file(at, error)) sample.files.push_back(load(at, most));
    else
      for (const fs::path& table : sorted(at))
        if (fs::is_regular_file(table, error)) sample.files.push_back(load(table, most));
    if (!sample.files.empty()) into.push_back(std::move(sample));
  }
}

// Folders called samples, from here upwards.
std::vector<fs::path> sample_folders(const fs::path& from) {
  std::vector<fs::path> out;
  fs::path at = whole(from);
  for (int level = 0; level < 8 && !at.empty(); ++level, at = at.parent_path())
    for (const char* name : {"samples", "share/casebridge/samples"}) {
      std::error_code error;
      if (fs::is_directory(at / name, error)) out.push_back(at / name);
      if (at == at.root_path()) return out;
    }
  return out;
}

bool of_tables(const host::FormatInfo& format) { return !host::tables_of(format).empty(); }  // its files belong together

void join_tables(Subject& s) {
  std::vector<Sample> out;
  for (Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    const bool joins = format && of_tables(*format) && sample.files.size() == 1;
    const std::string folder = sample.name.substr(0, sample.name.rfind('/'));
    auto feed = std::find_if(out.begin(), out.end(), [&](const Sample& o) { return joins && o.name == folder; });
    if (feed != out.end()) {
      feed->files.push_back(std::move(sample.files[0]));
    } else {
      if (joins) sample.name = folder;
      out.push_back(std::move(sample));
    }
  }
  s.samples = std::move(out);
}

}  // namespace

const host::FormatInfo* Subject::format_of(const Sample& sample) const {
  if (const host::FormatInfo* named = plugin.format(sample.format)) return named;
  host::Request how;
  how.in_process = in_process;
  how.allow_unsandboxed = allow_unsandboxed;
  const SampleFile& first = sample.files.front();
  const auto found = host::recognise(registry, first.name, std::string_view(first.bytes).substr(0, host::kHeadSize), how);
  for (const host::Candidate& c : found.candidates)
    if (c.choice.plugin->id == plugin.id) return plugin.format(c.choice.format->id);
  for (const host::FormatInfo& format : plugin.formats)
    if (format.reads()) return &format;
  return plugin.formats.empty() ? nullptr : &plugin.formats.front();
}

Subject find_subject(const Ask& ask) {
  Subject s{{}, host::Registry::with_defaults(), {}, {}, {}, {}, ask.in_process, ask.allow_unsandboxed};
  s.plugin = described(ask.path, s.registry);
  s.registry.put(s.plugin);
  std::vector<Finding> problems;
  s.settings = host::check_options(s.plugin, ask.settings, problems);
  if (!problems.empty()) throw NoPlugin(message_of(problems.front()));

  std::set<std::string> own{s.plugin.id}, known;
  for (const host::FormatInfo& format : s.plugin.formats)
    if (format.reads()) own.insert(format.id);  // what is only written here is read by another plugin, whose samples these are
  for (const host::PluginInfo& plugin : s.registry.plugins()) {
    known.insert(plugin.id);
    for (const host::FormatInfo& format : plugin.formats) known.insert(format.id);
  }
  std::error_code error;
  for (const std::string& more : ask.samples) {
    if (fs::is_directory(more, error)) collect(more, fs::path(more).filename().string(), {}, kMostSampleBytes, s.samples);
    else if (fs::is_regular_file(more, error))
      s.samples.push_back({fs::path(more).filename().string(), {}, {load(more, kMostSampleBytes)}});
    else throw NoPlugin(fill(tr("There is no file {0}."), Words{more}));
  }
  std::vector<fs::path> folders = sample_folders(s.plugin.folder.empty() ? host::program_folder() : s.plugin.folder);
  if (!s.plugin.folder.empty())
    for (const fs::path& more : sample_folders(host::program_folder()))
      if (std::find(folders.begin(), folders.end(), more) == folders.end()) folders.push_back(more);
  if (!s.plugin.folder.empty() && !folders.empty() && folders.front() == whole(s.plugin.folder) / "samples") {
    collect(folders.front(), "samples", {}, kMostSampleBytes, s.samples);
    folders.erase(folders.begin());
  }
  std::set<std::string> taken;  // the nearest folder of a name wins
  for (const fs::path& folder : folders)
    for (const fs::path& at : sorted(folder)) {
      const std::string id = at.filename().string();
      if (!fs::is_directory(at, error) || !known.contains(id) || !taken.insert(id).second) continue;
      const bool mine = own.contains(id);
      const std::string format = s.plugin.format(id) && s.plugin.formats.size() == 1 ? id : std::string();
      if (mine) collect(at, id, format, kMostSampleBytes, s.samples);
      else collect(at, id, id, host::kHeadSize, s.others);
      if (id == "case-jsonl" || id == "case-xml") collect(at, id, id, kMostSampleBytes, s.case_data);
    }
  join_tables(s);
  return s;
}

}  // namespace casebridge::conformance

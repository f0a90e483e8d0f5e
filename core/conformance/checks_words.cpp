// What a plugin says of itself, and the tests its author wrote.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "conformance/checks.hpp"
#include "read/mapping/program.hpp"
#include "read/mapping/testing.hpp"

namespace casebridge::conformance {
namespace {

namespace fs = std::filesystem;

bool kebab(const std::string& id) {
  if (id.empty() || id.front() == '-' || id.back() == '-') return false;
  return std::all_of(id.begin(), id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

bool sentence(const std::string& text) { return text.find_first_not_of(" \t") != text.npos; }

bool open_file(void* folder, std::string_view name, std::string& into) {
  std::ifstream in(*static_cast<fs::path*>(folder) / std::string(name), std::ios::binary);
  if (!in) return false;
  into.assign(std::istreambuf_iterator<char>(in), {});
  return true;
}

// The runner belongs to the mapping language; this is the one place that calls it.
void run_inline_tests(const fs::path& file, uint64_t& n, Outcome& outcome) {
  using namespace read::mapping;
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  Problems problems(file.filename().string());
  fs::path folder = file.parent_path();
  const auto program = compile(text.str(), problems, open_file, &folder);
  if (problems.failed() || !program) return fail(outcome, said("{0} does not compile.", {file.filename().string()}));
  std::vector<Finding> untested;
  for (const TestResult& test : run_tests(program, untested)) {
    ++n;
    for (const std::string& failure : test.failures)
      fail(outcome, said("{0}, line {1}, \"{2}\": {3}", {file.filename().string(), std::to_string(test.line), test.name, failure}));
  }
  for (const Finding& f : untested)
    if (outcome.verdict == Verdict::passed) outcome.details.push_back(message_of(f));
}

}  // namespace

Outcome check_descriptor(const Subject& s) {
  Outcome out;
  const host::PluginInfo& p = s.plugin;
  if (!kebab(p.id)) fail(out, said("The id \"{0}\" is not small letters, digits and hyphens.", {p.id}));
  if (p.version.empty()) fail(out, tr("It has no version."));
  if (p.licence.empty()) fail(out, tr("It has no licence."));
  if (!sentence(p.title_en)) fail(out, tr("It has no English title."));
  if (!sentence(p.title_fr)) fail(out, tr("It has no French title."));
  if (p.formats.empty()) fail(out, tr("It has no format."));
  std::set<std::string> ids;
  for (const host::FormatInfo& f : p.formats) {
    if (!kebab(f.id)) fail(out, said("The id \"{0}\" is not small letters, digits and hyphens.", {f.id}));
    if (!ids.insert(f.id).second) fail(out, said("Two formats are called {0}.", {f.id}));
    if (!sentence(f.title_en)) fail(out, said("Format {0} has no English title.", {f.id}));
    if (!sentence(f.title_fr)) fail(out, said("Format {0} has no French title.", {f.id}));
    if (!f.reads() && !f.writes()) fail(out, said("Format {0} is neither read nor written.", {f.id}));
    if (f.extensions.empty()) fail(out, said("Format {0} names no file extension.", {f.id}));
    if (f.reads() && f.signatures.empty() && !p.probes && out.verdict == Verdict::passed)
      out.details.push_back(said("Nothing tells format {0} from others: it is read on request only.", {f.id}));
  }
  return out;
}

Outcome check_options(const Subject& s) {
  Outcome out;
  if (s.plugin.options.empty()) return not_applicable(tr("It has no options."));
  std::set<std::string> names;
  for (const host::OptionInfo& o : s.plugin.options) {
    if (!kebab(o.name)) fail(out, said("The name of option {0} is not small letters, digits and hyphens.", {o.name}));
    if (!names.insert(o.name).second) fail(out, said("Two options are called {0}.", {o.name}));
    if (!sentence(o.summary_en)) fail(out, said("Option {0} has no English summary.", {o.name}));
    if (!sentence(o.summary_fr)) fail(out, said("Option {0} has no French summary.", {o.name}));
    if (o.type == CB_OPT_CHOICE && o.choices.empty()) fail(out, said("Option {0} has no choices.", {o.name}));
    if (!o.fallback) continue;
    std::vector<Finding> problems;
    host::PluginInfo alone;
    alone.id = s.plugin.id;
    alone.options = {o};
    const std::vector<host::Setting> given{{o.name, *o.fallback}};
    host::check_options(alone, given, problems);
    for (const Finding& problem : problems) fail(out, message_of(problem));
  }
  return out;
}

Outcome check_mapping_tests(const Subject& s) {
  if (s.plugin.mapping.empty()) return not_applicable(tr("It is not made from a mapping."));
  std::vector<fs::path> files{s.plugin.folder / s.plugin.mapping};
  if (s.plugin.formats.size() > 1)
    for (const auto& entry : fs::directory_iterator(s.plugin.folder))
      if (entry.path().extension() == ".yaml" && entry.path().filename() != s.plugin.mapping) files.push_back(entry.path());
  std::sort(files.begin() + 1, files.end());
  Outcome out;
  uint64_t n = 0;
  for (const fs::path& file : files) run_inline_tests(file, n, out);
  if (out.verdict == Verdict::passed && n == 0) fail(out, tr("The mapping has no test. Write one under tests: given and expect."));
  if (out.verdict == Verdict::passed) out.details.insert(out.details.begin(), said("Tests: {0}.", {std::to_string(n)}));
  return out;
}

Outcome check_has_samples(const Subject& s) {
  Outcome out;
  if (!reads(s)) return not_applicable(tr("It reads nothing."));
  if (s.samples.empty())
    fail(out, said("There is none. Put one into samples/{0} or into a folder samples inside of the plugin's, or name it with --sample.",
                   {s.plugin.id}));
  for (const Sample& sample : s.samples) {
    out.details.push_back(sample.name);
    for (const SampleFile& file : sample.files)
      if (file.bytes.size() >= kMostSampleBytes)
        out.details.push_back(said("Of {0} only the first {1} bytes are used.", {file.name, std::to_string(kMostSampleBytes)}));
  }
  return out;
}

}  // namespace casebridge::conformance

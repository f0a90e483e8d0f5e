#include "validate/xsd.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "handle/mask.hpp"
#include "validate/xsd_compiled.hpp"

namespace casebridge::validate {
using read::xml_finding;
namespace {

// Runs the compiler in a child that may take so much processor time. 0 = it ended by itself, else the signal.
template <typename Work>
int trial(uint32_t seconds, Work work) {
  const pid_t child = fork();
  if (child < 0) return 0;  // no room for a child: the compiler runs here, as without a trial
  if (child == 0) {
    const rlimit time{seconds, seconds + 1}, none{0, 0};
    setrlimit(RLIMIT_CPU, &time);
    setrlimit(RLIMIT_CORE, &none);
    work();
    _exit(0);
  }
  int state = 0;
  while (waitpid(child, &state, 0) < 0 && errno == EINTR) {}
  return WIFSIGNALED(state) ? WTERMSIG(state) : 0;
}

}  // namespace

XsdSet::XsdSet() = default;
XsdSet::~XsdSet() = default;
XsdSet::XsdSet(XsdSet&&) noexcept = default;
XsdSet& XsdSet::operator=(XsdSet&&) noexcept = default;

bool XsdSet::load(const std::vector<std::filesystem::path>& paths, XsdOptions options, const read::XmlReport& report) {
  options_ = std::move(options);
  if (!index_.load(paths, options_.catalog, report)) return false;
  ids_ = index_.id_attributes();
  return true;
}

bool XsdSet::compile(uint32_t file, Mode mode, const read::XmlReport& report) {
  auto& slot = compiled_[{file, mode}];
  if (slot) return !slot->broken;
  slot = std::make_unique<CompiledXsd>();
  slot->path = index_.files()[file].path;
  const auto work = [&](CompiledXsd& into, const read::XmlReport& to) {
    return mode == Mode::fast ? compile_fast(index_, file, into, to) : compile_strict(index_, file, into, to);
  };
  if (options_.trial) {
    const int signal = trial(options_.compile_seconds, [&] { work(*slot, [](Finding) {}); });
    if (signal != 0) {
      Finding finding = signal == SIGXCPU || signal == SIGKILL
                            ? xml_finding("E-XSD-SCHEMA-TIME", {std::to_string(options_.compile_seconds)}, {}, 0)
                            : xml_finding("E-XSD-SCHEMA", {"signal " + std::to_string(signal)}, {}, 0);
      finding.input = slot->path;
      report(std::move(finding));
      slot->broken = true;
      return false;
    }
  }
  slot->broken = !work(*slot, report);
  return !slot->broken;
}

bool XsdSet::preload(std::string_view ns, std::string_view name, Mode mode, const read::XmlReport& report) {
  if (const auto file = index_.entry_for(ns, name)) return compile(*file, mode, report);
  // Nothing declares this root. A schema of its namespace that is not even XML is then the likely reason: say so.
  bool good = true;
  for (uint32_t i = 0; i < index_.files().size(); ++i)
    if (!index_.files()[i].problem.empty() && index_.files()[i].ns == ns) good = compile(i, mode, report) && good;
  return good;
}

bool XsdSet::preload_all(Mode mode, const read::XmlReport& report) {
  bool good = true;
  for (const uint32_t file : index_.tops()) good = compile(file, mode, report) && good;
  return good;
}

std::string XsdSet::schema_for(std::string_view ns, std::string_view name) const {
  const auto file = index_.entry_for(ns, name);
  return file ? index_.files()[*file].path : std::string();
}

const CompiledXsd* XsdSet::compiled(std::string_view ns, std::string_view name, Mode mode) const {
  const auto file = index_.entry_for(ns, name);
  if (!file) return nullptr;
  if (const auto at = compiled_.find({*file, mode}); at != compiled_.end()) return at->second.get();
  for (const auto& [key, one] : compiled_)  // preload_all() compiled a file that leads to it
    if (key.second == mode && index_.reaches(key.first, ns, name)) return one.get();
  return nullptr;
}

std::unique_ptr<read::XmlJudge> XsdSet::judge(Mode mode) const {
  return mode == Mode::fast ? make_fast_judge(*this) : make_strict_judge(*this);
}

Finding xsd_finding(std::string_view code, std::string element, std::string words, const read::XmlMark& mark,
                    const std::vector<read::XmlAttributeMark>& attributes, const std::vector<read::XmlMark>& path) {
  while (!words.empty() && (words.back() == '\n' || words.back() == ' ')) words.pop_back();
  const read::XmlMark* start = path.empty() ? nullptr : &path.back();
  const auto sensitive = [](std::string_view name) { return handle::names_sensitive_number(name); };
  bool withheld = sensitive(element) || sensitive(mark.name);
  for (const read::XmlMark& open : path) withheld = withheld || sensitive(open.name);
  for (const read::XmlAttributeMark& one : attributes)
    withheld = withheld || (sensitive(one.name) && words.find("attribute '") != words.npos);
  read::XmlPlace place = mark.place;
  uint64_t length = mark.length;
  if (mark.start) {
    for (const read::XmlAttributeMark& one : attributes) {
      const std::string_view local = one.name.substr(one.name.find(':') == std::string_view::npos ? 0 : one.name.find(':') + 1);
      const std::string quoted = std::string(local) + "'";
      const size_t at = words.find("attribute '");
      if (at == std::string::npos) break;
      const std::string_view named = std::string_view(words).substr(at + 11, words.find('\'', at + 11) - at - 11);
      if (named == local || named.ends_with("}" + std::string(local)) || named == one.name) {
        place = one.place;
        length = one.length;
        break;
      }
    }
  } else if (mark.text_length > 0) {
    place = mark.text;
    length = mark.text_length;
  } else if (start) {
    place = start->place;
    length = start->length;
  }
  if (withheld && code != "E-XSD-CONTENT") words = "(not shown: a sensitive number)";
  Finding finding = xml_finding(code, {element, std::move(words)}, place, length);
  finding.field_path = std::move(element);
  return finding;
}

}  // namespace casebridge::validate

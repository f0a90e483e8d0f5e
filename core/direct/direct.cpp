#include "direct/direct.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

#include "direct/items_tap.hpp"
#include "emit/report.hpp"
#include "host/inputs.hpp"
#include "host/registry.hpp"
#include "resolve/person_input.hpp"

namespace casebridge::direct {
namespace {

constexpr std::string_view kFormat = "people-csv";

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  operator int() const { return fd_; }

 private:
  int fd_;
};

// Something was asked for that only the usual way does.
bool usual_way(const pipeline::Plan& p, const resolve::Settings& s) {
#ifdef CASEBRIDGE_SANITIZED
  return true;  // a locked process cannot have what a sanitizer needs
#endif
  return p.inputs.size() != 1 || (!p.from.empty() && p.from != kFormat) || !p.outputs.empty() || !p.settings.empty() ||
         !p.schemas.empty() || !p.mappings.empty() || !p.handling.empty() || !p.reports.empty() || !p.findings_to_stdout.empty() ||
         p.strict || p.recover || p.quarantine_threshold || p.recipient != "self" || p.in_process || s.memory_limit;
}

std::shared_ptr<const read::mapping::Program> mapping() {
  const host::Registry registry = host::Registry::with_defaults();
  const host::Choice choice = registry.reader(kFormat);
  if (!choice || choice.plugin->mapping.empty()) return nullptr;
  std::ifstream in(choice.plugin->folder / choice.plugin->mapping, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  read::mapping::Problems problems(choice.plugin->mapping);
  auto program = read::mapping::compile(text.str(), problems);
  return problems.failed() || !program || program->id != kFormat ? nullptr : program;
}

// Where the rows that were left begin: in the file, and in what the pipeline reads.
struct Place {
  uint64_t read, file;
};

// Findings are shown when it is sure that this is not done again the usual way, and with their places in the file.
class Held final : public pipeline::Watch {
 public:
  Held(pipeline::Watch& to, const std::vector<Place>& places) : to_(to), places_(places) {}
  void feed(const std::string& name, uint64_t bytes) override { to_.feed(name, bytes); }
  void at(uint64_t bytes, uint64_t records) override { to_.at(bytes, records); }
  void told(const Finding& finding) override {
    last_ = finding;
    const auto after =
        std::upper_bound(places_.begin(), places_.end(), last_.offset, [](uint64_t o, const Place& p) { return o < p.read; });
    if (after != places_.begin()) last_.offset += after[-1].file - after[-1].read;
  }
  void finding(const std::string&) override { lines_.push_back(emit::finding_line(last_)); }
  bool cancelled() override { return to_.cancelled(); }
  void show() {
    for (const std::string& line : lines_) to_.finding(line);
  }

 private:
  pipeline::Watch& to_;
  const std::vector<Place>& places_;
  Finding last_;
  std::vector<std::string> lines_;
};

// The file without the rows that were taken: the header, and every other row on its own line. In memory only.
int without_taken(int file, const std::vector<LeftRow>& left, std::vector<Place>& places) {
  const int fd = ::memfd_create("casebridge", MFD_CLOEXEC);
  if (fd < 0) return fd;
  std::string text;
  const auto copy = [&](uint64_t offset, uint64_t length) {
    const size_t at = text.size();
    text.resize(at + length);
    return ::pread(file, text.data() + at, length, static_cast<off_t>(offset)) == static_cast<ssize_t>(length);
  };
  bool good = true;
  for (uint64_t offset = 0; good; offset += 4096) {  // the header, with its line end
    const size_t at = text.size();
    text.resize(at + 4096);
    const ssize_t got = ::pread(file, text.data() + at, 4096, static_cast<off_t>(offset));
    text.resize(at + static_cast<size_t>(std::max<ssize_t>(got, 0)));
    good = got > 0;
    if (const size_t end = text.find('\n', at); end != text.npos) {
      text.resize(end + 1);
      break;
    }
  }
  uint64_t line = 2;
  for (const LeftRow& row : left) {
    text.append(row.line - line, '\n');
    places.push_back({text.size(), row.offset});
    good = good && copy(row.offset, row.length);
    text += '\n';
    line = row.line + 1;
  }
  for (size_t put = 0; good && put < text.size();) {
    const ssize_t wrote = ::write(fd, text.data() + put, text.size() - put);
    good = wrote > 0;
    put += static_cast<size_t>(std::max<ssize_t>(wrote, 0));
  }
  if (good) return fd;
  ::close(fd);
  return -1;
}

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_size == b.st_size && a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

}  // namespace

std::optional<Outcome> link(const pipeline::Plan& plan, const resolve::Settings& settings, pipeline::Watch& watch,
                            const std::function<void(std::string_view)>& clusters) {
  const auto begin = std::chrono::steady_clock::now();
  if (usual_way(plan, settings)) return std::nullopt;
  std::vector<Finding> problems;
  std::vector<host::InputRef> refs = host::expand(plan.inputs, {}, problems);
  if (refs.size() != 1 || !problems.empty() || refs[0].standard_input || !refs[0].members.empty()) return std::nullopt;
  const Descriptor file(::open(refs[0].path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat before {
  }, after{};
  if (file < 0 || ::fstat(file, &before) != 0 || !S_ISREG(before.st_mode)) return std::nullopt;
  const auto program = mapping();
  if (!program) return std::nullopt;
  std::optional<Columns> columns = columns_of(*program);
  if (!columns) return std::nullopt;
  if (!plan.agency.empty()) columns->agency = plan.agency;
  if (!plan.system.empty()) columns->system = plan.system;

  Locked locked(file, static_cast<uint64_t>(before.st_size), *columns, settings, plan.allow_unsandboxed);
  std::vector<LeftRow> left;
  uint64_t taken = 0;
  if (!locked.rows(left, taken) || left.size() > 1000 + taken / 4) return std::nullopt;

  std::vector<Place> places;
  const Descriptor rest(without_taken(file, left, places));
  if (rest < 0) return std::nullopt;
  refs[0].path = "/proc/self/fd/" + std::to_string(rest);
  pipeline::Plan usual = plan;
  usual.inputs.clear();
  usual.opened = std::move(refs);
  Held held(watch, places);
  ItemsTap tap(plan.run_time.substr(0, 10));
  Outcome out;
  out.result = pipeline::run(usual, held, &tap);
  const auto& feeds = out.result.books.feeds;
  if (feeds.size() != 1 || feeds[0].format != kFormat || !tap.whole() || !tap.items().one_open_source(columns->agency, columns->system))
    return std::nullopt;
  const resolve::Items& items = tap.items();
  std::vector<LeftPerson> persons;
  resolve::PersonValues values;
  for (const uint32_t i : items.of(resolve::Kind::person)) {
    if (items.at(i).apart != resolve::Apart::none) return std::nullopt;
    persons.push_back({items.at(i).line, pack_person(values.read(items, i))});
  }
  if (!locked.link(persons, clusters, out.totals)) {
    if (!watch.cancelled()) return std::nullopt;
    out.result.exit = Exit::interrupted;
    return out;
  }
  if (::fstat(file, &after) != 0 || !same_file(before, after)) return std::nullopt;  // the usual way says that it changes
  held.show();
  pipeline::FeedBooks& books = out.result.books.feeds[0];
  books.bytes = static_cast<uint64_t>(before.st_size);
  books.units += taken, books.mapped += taken;
  books.records.clear();  // no case records are written
  books.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace casebridge::direct

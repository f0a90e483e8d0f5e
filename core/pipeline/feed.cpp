#include "pipeline/feed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "casebridge/tables.h"
#include "host/options.hpp"
#include "host/recognise.hpp"
#include "host/sniff.hpp"

namespace casebridge::pipeline {

void OwnedBatch::copy(const cb_batch& b) {
  units_.assign(b.units, b.units + b.n_units);
  records_.assign(b.records, b.records + b.n_records);
  cells_.assign(b.cells, b.cells + b.n_cells);
  hints_.assign(b.hints, b.hints + b.n_hints);
  heap_.assign(b.heap, b.heap_size);
}

cb_batch OwnedBatch::view() const {
  cb_batch b{};
  b.struct_size = sizeof b;
  b.n_units = static_cast<uint32_t>(units_.size());
  b.n_records = static_cast<uint32_t>(records_.size());
  b.n_cells = static_cast<uint32_t>(cells_.size());
  b.n_hints = static_cast<uint32_t>(hints_.size());
  b.heap_size = heap_.size();
  b.units = units_.data();
  b.records = records_.data();
  b.cells = cells_.data();
  b.hints = hints_.data();
  b.heap = heap_.data();
  return b;
}

std::shared_ptr<Spool> Spool::of(host::Input& input, Finding& problem) {
  auto spool = std::make_shared<Spool>();
  spool->fd_ = ::memfd_create("casebridge", MFD_CLOEXEC);
  const int from = input.start();
  std::vector<char> buffer(1 << 20);
  uint64_t size = 0;
  bool fits = spool->fd_ >= 0;
  while (fits) {
    const ssize_t got = ::read(from, buffer.data(), buffer.size());
    if (got <= 0) break;
    size += static_cast<uint64_t>(got);
    for (ssize_t put = 0; put < got;) {
      const ssize_t wrote = ::write(spool->fd_, buffer.data() + put, static_cast<size_t>(got - put));
      if (wrote <= 0) {
        fits = false;
        break;
      }
      put += wrote;
    }
    fits &= size <= kMost;
  }
  const host::Input::Result result = input.finish(fits);
  if (result.problem) {
    problem = *result.problem;
    return nullptr;
  }
  if (fits && input.workbook()) spool->received_sha256_ = result.sha256, spool->received_bytes_ = result.bytes;
  if (fits) return spool;
  problem.code = "E-INPUT-SPOOL";
  problem.args.assign({input.name(), std::to_string(kMost >> 20)});
  problem.input = input.name();
  return nullptr;
}

Spool::~Spool() {
  if (fd_ >= 0) ::close(fd_);
}

host::InputRef Spool::ref(const host::InputRef& of) const {
  host::InputRef ref;
  ref.name = of.name;
  ref.label = of.label;
  ref.walked = of.walked;
  ref.path = "/proc/self/fd/" + std::to_string(fd_);
  ref.received_sha256 = received_sha256_;
  ref.received_bytes = received_bytes_;
  return ref;
}

SeekableInput open_seekable(const host::InputRef& ref, const host::InputLimits& limits, Finding& problem) {
  SeekableInput out;
  out.ref = ref;
  // Twice at most: a workbook in an archive comes as a stream, and then as its text.
  for (;;) {
    out.input = host::Input::open(out.ref, limits, problem);
    if (!out.input || out.input->seekable()) return out;
    out.opened = true;
    std::shared_ptr<Spool> spool = Spool::of(*out.input, problem);
    out.input.reset();
    if (!spool) return out;
    out.spool = std::move(spool);  // the one before may go: its bytes have been read
    out.ref = out.spool->ref(ref);
  }
}

namespace {

// What says that case data is not what its sender closed: cut, changed or added to on its way.
bool breaks_integrity(const Finding& finding) {
  static constexpr std::string_view kCodes[] = {"E-CASE-CUT-OFF", "E-CASE-HASH", "E-CASE-COUNTS", "E-CASE-AFTER-END", "E-CASE-NO-HEAD"};
  return std::find(std::begin(kCodes), std::end(kCodes), finding.code) != std::end(kCodes);
}

// Bytes that a reader holds before it spills: CASEBRIDGE_TABLE_MEMORY in MiB, else 256 MiB.
uint64_t table_memory() {
  const char* given = std::getenv("CASEBRIDGE_TABLE_MEMORY");
  const double mib = given ? std::strtod(given, nullptr) : 0;
  return mib > 0 && mib < 1e6 ? std::max<uint64_t>(uint64_t(1) << 16, static_cast<uint64_t>(mib * (1 << 20))) : uint64_t(256) << 20;
}

// A set of tables of which nothing is read.
Exit exit_of_set(const Finding& problem) {
  return problem.severity != Severity::error ? Exit::ok : problem.code == "E-TABLES-MISSING" ? Exit::input : Exit::usage;
}

}  // namespace

Exit exit_of(cb_status status) {
  switch (status) {
    case CB_E_OPTION: return Exit::usage;
    case CB_E_INPUT:
    case CB_E_LIMIT: return Exit::quarantined;
    case CB_E_IO: return Exit::temporary;
    case CB_E_CANCELLED: return Exit::interrupted;
    case CB_E_UNSUPPORTED: return Exit::ok;  // recognised and left out on purpose; the books say so
    default: return Exit::plugin;
  }
}

// What is there and cannot be read is refused; what is not there is missing; a remark changes nothing.
Exit exit_of(const Finding& problem) {
  if (problem.severity != Severity::error) return Exit::ok;
  if (problem.code == "E-WORKER-SANDBOX" || problem.code == "E-WORKER-START") return Exit::plugin;
  if (problem.code.starts_with("E-WORKER-") || problem.code.starts_with("E-XLSX-") ||
      (problem.code.starts_with("E-ARCHIVE-") && problem.code != "E-ARCHIVE-MEMBER"))
    return Exit::quarantined;
  return Exit::input;
}

Feed::Feed(const host::Registry& registry, const host::InputSet& set, const Plan& plan, std::span<FeedBooks> books)
    : registry_(registry), set_(set), plan_(plan), books_(books), spools_(set.refs.size()) {
  for (size_t i = 0; i < files(); ++i) books_[i].input = set_.refs[i].label.empty() ? set_.refs[i].name : set_.refs[i].label;
  if (set_.problem) {
    fail(*set_.problem, exit_of_set(*set_.problem));
    for (FeedBooks& one : books_) one.exit = books_[0].exit;
    return;
  }
  for (size_t i = 0; i < files(); ++i)
    if (!open_file(i)) {
      inputs_.clear();
      return;
    }
  if (!recognise()) return;
  for (FeedBooks& one : books_) {
    one.format = choice_.format->id;
    one.mapping = choice_.plugin->mapping.empty() ? "" : choice_.plugin->id + "/" + choice_.plugin->version;
  }
}

bool Feed::open_file(size_t file) {
  host::InputRef& ref = set_.refs[file];
  Finding problem;
  SeekableInput opened = open_seekable(ref, {.allow_unsandboxed = plan_.allow_unsandboxed}, problem);
  if (!opened.input) {
    const Exit exit = exit_of(problem);
    fail(std::move(problem), opened.opened ? Exit::quarantined : exit == Exit::ok ? Exit::input : exit, file);
    return false;
  }
  spools_[file] = std::move(opened.spool);
  if (spools_[file]) ref = opened.ref;
  books_[file].bytes = ref.received_bytes ? ref.received_bytes : opened.input->size() > 0 ? static_cast<uint64_t>(opened.input->size()) : 0;
  inputs_.push_back(std::move(opened.input));
  return true;
}

bool Feed::recognise() {
  const host::Input& input = *inputs_.front();
  if (!set_.tables.empty()) {
    choice_ = registry_.reader(set_.format);
    for (size_t i = 0; i < files(); ++i) books_[i].encoding = host::name_of(host::sniff(inputs_[i]->head()).encoding);
    return true;
  }
  if (!plan_.from.empty()) {
    choice_ = registry_.reader(plan_.from);
    if (!choice_) fail(registry_.unknown(plan_.from), Exit::usage);
    return bool(choice_);
  }
  host::Request how;
  how.in_process = plan_.in_process;
  how.allow_unsandboxed = plan_.allow_unsandboxed;
  host::Recognition found = host::recognise(registry_, input, how);
  for (Finding& note : found.notes) findings_.push_back(std::move(note));
  if (!found.best && plan_.validating && !plan_.schemas.empty()) {  // no mapping is needed to hold it against a schema
    const host::Sniffed seen = host::sniff(input.head());
    const std::string_view text = std::string_view(seen.text).substr(std::min(seen.text.find_first_not_of(" \t\r\n"), seen.text.size()));
    found.best = !seen.root_name.empty()                          ? registry_.reader("xml-document")
                 : text.starts_with('{') || text.starts_with('[') ? registry_.reader("json-document")
                                                                  : host::Choice{};
  }
  if (!found.best) {
    Finding problem = found.problem ? std::move(*found.problem) : Finding{};
    // A folder may hold a page of notes or a schema beside the feeds. What could be two formats is the user's to settle.
    const bool aside = set_.refs[0].walked && problem.code == "E-FORMAT-NONE";
    if (aside) problem.severity = Severity::warning;
    fail(std::move(problem), aside ? Exit::ok : Exit::usage);
    return false;
  }
  choice_ = found.best;
  books_[0].encoding = host::name_of(found.encoding);
  return true;
}

Feed::~Feed() {
  if (session_) session_->close();
}

void Feed::fail(Finding finding, Exit exit, size_t file) {
  if (finding.input.empty()) finding.input = set_.refs[file].name;
  finding.source = static_cast<uint32_t>(file);
  findings_.push_back(std::move(finding));
  books_[file].exit = worse(books_[file].exit, exit);
  failed_ = true;
}

bool Feed::start(std::function<bool()> cancelled) {
  if (!open()) return false;
  std::vector<Finding> problems;
  host::Request request;
  request.format = choice_.format->id;
  request.settings = host::check_options(*choice_.plugin, with_schemas(), problems);
  if (!problems.empty()) {
    for (Finding& problem : problems) fail(std::move(problem), Exit::usage);
    return false;
  }
  if (const host::Sniffed seen = host::sniff(inputs_[0]->head()); !plan_.schemas.empty() && !seen.root_name.empty())
    request.settings.emplace_back("casebridge.root", seen.root_namespace + " " + seen.root_name);
  for (const auto& input : inputs_) request.inputs.push_back(input.get());
  if (!set_.tables.empty()) {
    std::string tables;
    for (const std::string& table : set_.tables) tables += (tables.empty() ? "" : "\x1F") + table;
    request.settings.emplace_back(CB_SETTING_TABLES, tables);
  }
  if (!(choice_.format->caps & CB_STREAMS))  // it holds some of its input: rows to be joined or grouped
    request.settings.emplace_back("casebridge.spill", std::to_string(table_memory()));
  request.in_process = plan_.in_process;
  request.allow_unsandboxed = plan_.allow_unsandboxed;
  request.limits = plan_.limits;
  request.cancelled = std::move(cancelled);
  request.max_batch_records = 256;  // fits the caches: less memory and less time than larger ones
  Finding problem;
  session_ = host::open_session(*choice_.plugin, request, problem);
  if (!session_) {
    const bool schema = problem.code.starts_with("E-XSD-") || problem.code.starts_with("E-SCHEMA-");
    fail(std::move(problem), schema ? Exit::usage : Exit::plugin);
    return false;
  }
  return true;
}

// The settings of the plan, with the schemas where the format takes them.
std::vector<host::Setting> Feed::with_schemas() {
  std::vector<host::Setting> out = plan_.settings;
  const auto takes = [&](std::string_view name) {
    const auto& options = choice_.plugin->options;
    return std::any_of(options.begin(), options.end(), [&](const host::OptionInfo& o) { return o.name == name; });
  };
  if (!plan_.schemas.empty() && !takes("schema")) {
    Finding unused{.code = "E-SCHEMA-UNUSED", .severity = Severity::warning, .args = {choice_.format->id}};
    unused.input = name();
    findings_.push_back(std::move(unused));
  } else {
    for (const std::string& path : plan_.schemas) out.emplace_back("schema", std::filesystem::absolute(path).lexically_normal().string());
  }
  if (plan_.strict && takes("strict")) out.emplace_back("strict", "true");
  if (plan_.recover && takes("recover")) out.emplace_back("recover", "true");
  return out;
}

bool Feed::read(OwnedBatch& into) {
  if (!session_ || ended_) return false;
  cb_batch batch{};
  const cb_status status = session_->next(batch);
  for (Finding& finding : session_->take_findings()) {
    if (breaks_integrity(finding)) books_[0].exit = worse(books_[0].exit, Exit::integrity);
    findings_.push_back(std::move(finding));
  }
  if (status == CB_OK) {
    into.copy(batch);
    return true;
  }
  ended_ = true;
  if (status != CB_END) {
    failed_ = true;
    for (FeedBooks& one : books_) one.exit = worse(one.exit, exit_of(status));
    if (status == CB_E_UNSUPPORTED) {  // a table of statistics, a receipt: one source record, left out with its reason
      ++books_[0].units;
      ++books_[0].skipped["AGGREGATE"];
    }
  }
  return false;
}

std::vector<Finding> Feed::take_findings() {
  std::vector<Finding> out = std::move(findings_);
  findings_.clear();
  return out;
}

const std::vector<host::LossCount>& Feed::losses() const {
  static const std::vector<host::LossCount> none;
  return session_ ? session_->losses() : none;
}

void Feed::await_digest() {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const host::Input::Result result = inputs_[i]->await();
    books_[i].sha256 = result.sha256;
    if (result.bytes) books_[i].bytes = result.bytes;
  }
}

void Feed::stop(bool whole) {
  if (session_) session_->close();
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const host::Input::Result result = inputs_[i]->finish(whole && (!failed_ || books_[i].exit == Exit::quarantined));
    if (!result.sha256.empty()) books_[i].sha256 = result.sha256;
    if (whole && result.bytes) books_[i].bytes = result.bytes;
    if (result.problem) fail(*result.problem, Exit::integrity, i);
  }
}

std::string Feed::raw(size_t file, uint64_t offset, uint64_t length, uint64_t most) const {
  const host::InputRef& ref = set_.refs[file];
  std::string out;
  if (ref.standard_input || !ref.members.empty()) return out;
  const int fd = ::open(ref.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return out;
  out.resize(std::min(length, most));
  size_t have = 0;
  while (have < out.size()) {
    const ssize_t got = ::pread(fd, out.data() + have, out.size() - have, static_cast<off_t>(offset + have));
    if (got <= 0) break;
    have += static_cast<size_t>(got);
  }
  out.resize(have);
  ::close(fd);
  return out;
}

}  // namespace casebridge::pipeline

#include "pipeline/feed.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

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

Feed::Feed(const host::Registry& registry, const host::InputRef& ref, const Plan& plan, FeedBooks& books)
    : registry_(registry), ref_(ref), plan_(plan), books_(books) {
  books_.input = ref.label.empty() ? ref.name : ref.label;
  Finding problem;
  SeekableInput found_input = open_seekable(ref, {.allow_unsandboxed = plan.allow_unsandboxed}, problem);
  if (!found_input.input) {
    const Exit exit = exit_of(problem);
    fail(std::move(problem), found_input.opened ? Exit::quarantined : exit == Exit::ok ? Exit::input : exit);
    return;
  }
  input_ = std::move(found_input.input);
  spool_ = std::move(found_input.spool);
  if (spool_) ref_ = found_input.ref;
  books_.bytes = ref_.received_bytes ? ref_.received_bytes : input_->size() > 0 ? static_cast<uint64_t>(input_->size()) : 0;
  if (!plan.from.empty()) {
    choice_ = registry.reader(plan.from);
    if (!choice_) {
      fail(registry.unknown(plan.from), Exit::usage);
      return;
    }
  } else {
    host::Request how;
    how.in_process = plan.in_process;
    how.allow_unsandboxed = plan.allow_unsandboxed;
    host::Recognition found = host::recognise(registry, *input_, how);
    for (Finding& note : found.notes) findings_.push_back(std::move(note));
    if (!found.best && plan.validating && !plan.schemas.empty()) {  // no mapping is needed to hold it against a schema
      const host::Sniffed seen = host::sniff(input_->head());
      const std::string_view text = std::string_view(seen.text).substr(std::min(seen.text.find_first_not_of(" \t\r\n"), seen.text.size()));
      found.best = !seen.root_name.empty()                          ? registry.reader("xml-document")
                   : text.starts_with('{') || text.starts_with('[') ? registry.reader("json-document")
                                                                    : host::Choice{};
    }
    if (!found.best) {
      Finding problem_found = found.problem ? std::move(*found.problem) : Finding{};
      // A folder may hold a page of notes or a schema beside the feeds. What could be two formats is the user's to settle.
      if (ref.walked && problem_found.code == "E-FORMAT-NONE") {
        problem_found.severity = Severity::warning;
        fail(std::move(problem_found), Exit::ok);
      } else {
        fail(std::move(problem_found), Exit::usage);
      }
      return;
    }
    choice_ = found.best;
    books_.encoding = host::name_of(found.encoding);
  }
  books_.format = choice_.format->id;
  books_.mapping = choice_.plugin->mapping.empty() ? "" : choice_.plugin->id + "/" + choice_.plugin->version;
}

Feed::~Feed() {
  if (session_) session_->close();
}

void Feed::fail(Finding finding, Exit exit) {
  if (finding.input.empty()) finding.input = ref_.name;
  findings_.push_back(std::move(finding));
  books_.exit = worse(books_.exit, exit);
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
  if (const host::Sniffed seen = host::sniff(input_->head()); !plan_.schemas.empty() && !seen.root_name.empty())
    request.settings.emplace_back("casebridge.root", seen.root_namespace + " " + seen.root_name);
  request.inputs = {input_.get()};
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
    unused.input = ref_.name;
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
    if (breaks_integrity(finding)) books_.exit = worse(books_.exit, Exit::integrity);
    findings_.push_back(std::move(finding));
  }
  if (status == CB_OK) {
    into.copy(batch);
    return true;
  }
  ended_ = true;
  if (status != CB_END) {
    failed_ = true;
    books_.exit = worse(books_.exit, exit_of(status));
    if (status == CB_E_UNSUPPORTED) {  // a table of statistics, a receipt: one source record, left out with its reason
      ++books_.units;
      ++books_.skipped["AGGREGATE"];
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
  if (!input_) return;
  const host::Input::Result result = input_->await();
  books_.sha256 = result.sha256;
  if (result.bytes) books_.bytes = result.bytes;
}

void Feed::stop(bool whole) {
  if (session_) session_->close();
  if (!input_) return;
  const host::Input::Result result = input_->finish(whole && (!failed_ || books_.exit == Exit::quarantined));
  if (!result.sha256.empty()) books_.sha256 = result.sha256;
  if (whole && result.bytes) books_.bytes = result.bytes;
  if (result.problem) fail(*result.problem, Exit::integrity);
}

std::string Feed::raw(uint64_t offset, uint64_t length, uint64_t most) const {
  std::string out;
  if (ref_.standard_input || !ref_.members.empty()) return out;
  const int fd = ::open(ref_.path.c_str(), O_RDONLY | O_CLOEXEC);
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

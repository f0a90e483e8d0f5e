#include "conformance/reading.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <stdexcept>

#include "base/text.hpp"
#include "model/model.hpp"

namespace casebridge::conformance {
namespace {

using Words = std::vector<std::string>;
constexpr char kSeparator = '\x1F';

std::string_view heap(const cb_batch& b, uint64_t offset, uint64_t length) { return {b.heap + offset, static_cast<size_t>(length)}; }

// Indices are counted from the unit's first record and hints spelled out, so that the cut into batches does not show.
std::string written(const cb_batch& b, const cb_unit& unit) {
  std::string out = "unit" + std::string(1, kSeparator) + std::to_string(unit.outcome) + " " + std::to_string(unit.input) + " " +
                    std::to_string(unit.source_offset) + "+" + std::to_string(unit.source_length) + " ";
  out += heap(b, unit.reason_offset, unit.reason_length);
  out += '\n';
  for (uint32_t r = unit.first_record; r < unit.first_record + unit.n_records; ++r) {
    const cb_record& record = b.records[r];
    out += field_name(record.type) + kSeparator + (record.parent == CB_NONE ? "-" : std::to_string(record.parent - unit.first_record)) +
           " " + std::to_string(record.source_offset) + "+" + std::to_string(record.source_length) + "\n";
    for (uint32_t c = record.first_cell; c < record.first_cell + record.n_cells; ++c) {
      const cb_cell& cell = b.cells[c];
      const bool index = cell.kind == CB_REF && (cell.flags & CB_CELL_INDEX);
      out += field_name(record.type) + " " + field_name(cell.field) + kSeparator + std::to_string(cell.kind) + " " +
             std::to_string(cell.flags) + " " + std::to_string(cell.source_delta) + "+" + std::to_string(cell.source_length) + " ";
      if (cell.kind == CB_TEXT && cell.field >= CB_FIELD_FIRST && cell.hint)
        out += heap(b, b.hints[cell.hint - 1].offset, b.hints[cell.hint - 1].length);
      else if (cell.hint) out += std::to_string(cell.hint);
      out += kSeparator;
      if (index) out += std::to_string(static_cast<int64_t>(cell.offset) - unit.first_record);
      else out += heap(b, cell.offset, cell.length);
      out += '\n';
    }
  }
  return out;
}

// A plugin that fails by the contract says CB_E_INPUT or CB_E_LIMIT; these say that it did not keep it.
bool blames_plugin(const Finding& f) { return f.code.starts_with("E-PLUGIN-") || f.code.starts_with("E-WORKER-"); }

std::string outside(const cb_batch& b, const std::vector<uint64_t>& sizes) {
  for (uint32_t u = 0; u < b.n_units; ++u) {
    const cb_unit& unit = b.units[u];
    if (unit.input >= sizes.size())
      return fill(tr("A source record stands in input {0}, which there is not."), Words{std::to_string(unit.input)});
    if (unit.source_offset > sizes[unit.input] || unit.source_length > sizes[unit.input] - unit.source_offset)
      return fill(tr("A source record ends at byte {0} of an input of {1} bytes."),
                  Words{std::to_string(unit.source_offset + unit.source_length), std::to_string(sizes[unit.input])});
  }
  return {};
}

std::string place_words(const std::string& unit) {  // "byte 120", from the first line of a written unit
  const size_t plus = unit.find('+'), blank = unit.rfind(' ', plus);
  return plus == unit.npos || blank == unit.npos ? std::string() : unit.substr(blank + 1, plus - blank - 1);
}

std::string first_field(const std::string& a, const std::string& b) {
  size_t at = 0;
  for (;;) {
    const size_t end_a = a.find('\n', at), end_b = b.find('\n', at);
    const std::string_view line_a = std::string_view(a).substr(at, end_a - at), line_b = std::string_view(b).substr(at, end_b - at);
    if (line_a != line_b || end_a != end_b) {
      const std::string_view one = line_a.empty() ? line_b : line_a;
      return std::string(one.substr(0, one.find(kSeparator)));
    }
    if (end_a == a.npos) return {};
    at = end_a + 1;
  }
}

}  // namespace

std::string field_name(uint32_t tag) {
  switch (tag) {
    case CB_FIELD_EXT: return "ext";
    case CB_FIELD_KEY: return "key";
    case CB_FIELD_RULE: return "rule";
    case CB_FIELD_ALSO: return "also";
    default: break;
  }
  const model::Node* node = tag <= UINT16_MAX ? model::find_node(static_cast<model::Tag>(tag)) : nullptr;
  if (!node) return "tag " + std::to_string(tag);
  return node->kind == model::NodeKind::record ? std::string(node->name) : std::string(node->path);
}

MemoryFile::MemoryFile(const std::string& bytes) : fd_(::memfd_create("casebridge-sample", MFD_CLOEXEC)) {
  if (fd_ < 0) throw std::runtime_error("memfd_create failed");
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd_, bytes.data() + done, bytes.size() - done);
    if (n <= 0) {
      ::close(fd_);
      throw std::runtime_error("a file in memory cannot be written");
    }
    done += static_cast<size_t>(n);
  }
}

MemoryFile::~MemoryFile() { ::close(fd_); }

host::InputRef MemoryFile::ref(const std::string& name) const {
  host::InputRef ref;
  ref.name = name;
  ref.path = "/proc/self/fd/" + std::to_string(fd_);
  return ref;
}

bool unpack_workbook(const std::string& name, const std::string& packed, std::string& bytes, Finding& problem) {
  if (!packed.starts_with("PK")) return false;
  const MemoryFile file(packed);
  const auto input = host::Input::open(file.ref(name), {}, problem);
  if (!input || input->seekable()) return false;
  const int fd = input->start();
  std::string text;
  std::vector<char> block(size_t(256) << 10);
  for (ssize_t got; (got = ::read(fd, block.data(), block.size())) > 0;) text.append(block.data(), static_cast<size_t>(got));
  if (const host::Input::Result result = input->finish(); result.problem) {
    problem = *result.problem;
    return false;
  }
  bytes = std::move(text);
  return true;
}

Reading read(const Subject& subject, const std::string& format, const std::vector<SampleFile>& files, const How& how,
             const EachBatch& each) {
  Reading out;
  std::deque<MemoryFile> memory;
  std::vector<std::unique_ptr<host::Input>> inputs;
  host::Request request;
  Finding problem;
  std::vector<uint64_t> sizes;
  for (const SampleFile& file : files) {
    std::string text;
    if (!file.packed.empty() && !unpack_workbook(file.name, file.packed, text, problem)) {
      if (!problem.code.empty()) {  // what is no workbook any more, or a broken one, is the host's to refuse
        out.status = CB_E_INPUT;
        out.findings.push_back(problem);
        if (blames_plugin(problem)) out.broken = problem.code + ": " + message_of(problem);
        return out;
      }
      text = file.packed;
    }
    const std::string& bytes = file.packed.empty() ? file.bytes : text;
    sizes.push_back(bytes.size());
    memory.emplace_back(bytes);
    inputs.push_back(host::Input::open(memory.back().ref(file.name), {}, problem));
    if (!inputs.back()) {  // an input of no bytes is the host's to refuse
      out.status = CB_E_INPUT;
      out.findings.push_back(problem);
      return out;
    }
    request.inputs.push_back(inputs.back().get());
  }
  request.format = format;
  request.settings = subject.settings;
  request.max_batch_records = how.batch;
  request.in_process = how.in_process || subject.in_process;
  request.allow_unsandboxed = subject.allow_unsandboxed;
  request.limits.hang = std::chrono::seconds(30);
  request.limits.cpu_seconds = 60;
  request.cancelled = [&] { return out.n_batches >= how.cancel_after; };

  auto session = host::open_session(subject.plugin, request, problem);
  if (!session) {
    out.status = CB_E_INTERNAL;
    out.findings.push_back(problem);
    out.broken = message_of(problem);
    return out;
  }
  cb_batch batch{};
  while ((out.status = session->next(batch)) == CB_OK) {
    ++out.n_batches;
    out.n_units += batch.n_units;
    out.n_records += batch.n_records;
    if (batch.n_units) out.most = std::max<uint64_t>(out.most, batch.n_records - batch.units[batch.n_units - 1].n_records);
    if (out.broken.empty()) out.broken = outside(batch, sizes);
    if (how.whole)
      for (uint32_t u = 0; u < batch.n_units; ++u) out.units.push_back(written(batch, batch.units[u]));
    if (each) each(batch);
  }
  session->close();
  out.losses = session->losses();
  out.findings = session->take_findings();
  for (const Finding& f : out.findings)
    if (out.broken.empty() && blames_plugin(f)) out.broken = f.code + ": " + message_of(f);
  if (out.broken.empty() && out.status == CB_E_INTERNAL) out.broken = tr("It ended with an error of its own.");
  for (auto& input : inputs) input->finish(false);
  return out;
}

std::string difference(const Reading& a, const Reading& b) {
  if (a.status != b.status)
    return fill(tr("One ends with status {0}, the other with {1}."), Words{std::to_string(a.status), std::to_string(b.status)});
  for (size_t i = 0; i < std::min(a.units.size(), b.units.size()); ++i)
    if (a.units[i] != b.units[i])
      return fill(tr("Source record {0} at byte {1} differs: {2}."),
                  Words{std::to_string(i + 1), place_words(a.units[i]), first_field(a.units[i], b.units[i])});
  if (a.units.size() != b.units.size())
    return fill(tr("One has {0} source records, the other {1}."), Words{std::to_string(a.units.size()), std::to_string(b.units.size())});
  for (size_t i = 0; i < std::min(a.findings.size(), b.findings.size()); ++i) {
    const Finding &x = a.findings[i], &y = b.findings[i];
    if (x.code != y.code || x.args != y.args || x.offset != y.offset || x.length != y.length || x.severity != y.severity)
      return fill(tr("Finding {0} differs: {1}, {2}."), Words{std::to_string(i + 1), x.code, y.code});
  }
  if (a.findings.size() != b.findings.size())
    return fill(tr("One has {0} findings, the other {1}."), Words{std::to_string(a.findings.size()), std::to_string(b.findings.size())});
  const auto same = [](const host::LossCount& x, const host::LossCount& y) {
    return x.field == y.field && x.what == y.what && x.why == y.why && x.count == y.count;
  };
  for (size_t i = 0; i < std::min(a.losses.size(), b.losses.size()); ++i)
    if (!same(a.losses[i], b.losses[i])) return fill(tr("The loss report differs at {0}."), Words{a.losses[i].field});
  if (a.losses.size() != b.losses.size()) return tr("One loss report names more fields than the other.");
  return {};
}

}  // namespace casebridge::conformance

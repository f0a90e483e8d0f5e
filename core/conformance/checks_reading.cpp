// Reading is a function of the bytes and the settings, and of nothing else; and it stops when asked.
#include <algorithm>

#include "conformance/checks.hpp"
#include "conformance/reading.hpp"
#include "host/library.hpp"

namespace casebridge::conformance {
namespace {

// Each sample read plainly, and then in another way: both must be equal.
template <class Again>
Outcome compared(const Subject& s, Again again) {
  if (s.samples.empty()) return not_applicable(no_samples());
  Outcome out;
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format) continue;
    const Reading first = read(s, format->id, sample.files, {});
    if (!first.broken.empty()) fail(out, sample.name + ": " + first.broken);
    else again(sample, format->id, first, out);
  }
  return out;
}

std::string status_words(cb_status status, const std::vector<Finding>& findings) {
  for (auto f = findings.rbegin(); f != findings.rend(); ++f)
    if (f->severity == Severity::error) return f->code + ": " + message_of(*f);
  return std::to_string(status);
}

}  // namespace

Outcome check_read_twice(const Subject& s) {
  return compared(s, [&](const Sample& sample, const std::string& format, const Reading& first, Outcome& out) {
    const std::string differs = difference(first, read(s, format, sample.files, {}));
    if (!differs.empty()) fail(out, sample.name + ": " + differs);
    else if (out.verdict == Verdict::passed && first.status < 0)
      out.details.push_back(
          said("{0} is refused, the same way both times ({1}).", {sample.name, status_words(first.status, first.findings)}));
  });
}

Outcome check_read_batch_size(const Subject& s) {
  return compared(s, [&](const Sample& sample, const std::string& format, const Reading& first, Outcome& out) {
    for (const uint32_t size : {1u, 7u, 100'000u}) {
      How how;
      how.batch = size;
      const Reading other = read(s, format, sample.files, how);
      if (other.most > size)
        fail(out, said("{0}: a batch of at most {1} records holds {2}.", {sample.name, std::to_string(size), std::to_string(other.most)}));
      const std::string differs = difference(first, other);
      if (!differs.empty()) fail(out, said("{0}, {1} records a batch: {2}", {sample.name, std::to_string(size), differs}));
    }
  });
}

Outcome check_read_sandbox(const Subject& s) {
#ifdef CASEBRIDGE_SANITIZED
  return not_applicable(tr("This build reads in its own process."));
#endif
  if (s.in_process) return not_applicable(tr("Reading in this process was asked for."));
  const auto stays_loaded = host::Library::open(s.plugin);
  return compared(s, [&](const Sample& sample, const std::string& format, const Reading& first, Outcome& out) {
    How how;
    how.in_process = true;
    for (int time = 0; time < 2; ++time)  // a worker is born anew, a process remembers: the second time shows what was left behind
      if (const std::string differs = difference(first, read(s, format, sample.files, how)); !differs.empty())
        return fail(out, sample.name + ": " + differs);
  });
}

// In this process: of a worker the host simply takes leave. One batch may still come that was begun before.
Outcome check_read_cancelled(const Subject& s) {
  if (s.samples.empty()) return not_applicable(no_samples());
  Outcome out;
  bool tried = false;
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format) continue;
    How how;
    how.batch = 1;
    how.in_process = true;
    const Reading whole = read(s, format->id, sample.files, how);
    if (whole.n_batches < 4) continue;
    tried = true;
    how.cancel_after = 1;
    const Reading stopped = read(s, format->id, sample.files, how);
    if (!stopped.broken.empty()) fail(out, sample.name + ": " + stopped.broken);
    else if (stopped.n_batches > 2 || (stopped.status != CB_E_CANCELLED && stopped.status != CB_END))
      fail(out, said("{0}: {1} batches came after it was asked to stop, and then status {2}.",
                     {sample.name, std::to_string(stopped.n_batches - 1), std::to_string(stopped.status)}));
    else if (stopped.status == CB_END && stopped.n_units == whole.n_units) fail(out, said("{0}: it read on to the end.", {sample.name}));
  }
  return tried ? out : not_applicable(tr("The samples are too short to be stopped in."));
}

}  // namespace casebridge::conformance

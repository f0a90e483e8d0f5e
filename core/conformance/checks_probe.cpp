// Recognition: pure, right about its own samples, silent about those of others.
#include <deque>
#include <optional>

#include "conformance/checks.hpp"
#include "conformance/reading.hpp"
#include "host/recognise.hpp"
#include "host/related_tables.hpp"
#include "host/session.hpp"

namespace casebridge::conformance {
namespace {

host::Request how(const Subject& s) {
  host::Request out;
  out.in_process = s.in_process;
  out.allow_unsandboxed = s.allow_unsandboxed;
  return out;
}

std::string_view head(const SampleFile& file) { return std::string_view(file.bytes).substr(0, host::kHeadSize); }

bool recognisable(const Subject& s, const host::FormatInfo& format) { return !format.signatures.empty() || s.plugin.probes; }

}  // namespace

Outcome check_probe_pure(const Subject& s) {
  if (!s.plugin.probes) return not_applicable(tr("It has no probe: its signatures decide alone."));
  Outcome out;
  std::vector<std::string> formats;
  for (const auto& format : s.plugin.formats) formats.push_back(format.id);
  const std::string nothing, noise = std::string("\0\xFF\xFE<{\"\n,;\t", 10);
  std::vector<std::pair<std::string, std::string_view>> heads{{"nothing", nothing}, {"noise", noise}};
  for (const auto* list : {&s.samples, &s.others})
    for (const Sample& sample : *list) heads.emplace_back(sample.name, head(sample.files.front()));
  for (const auto& [name, bytes] : heads) {
    std::optional<Finding> problem;
    const auto first = host::probe_formats(s.plugin, formats, name, bytes, how(s), problem);
    const auto again = host::probe_formats(s.plugin, formats, name, bytes, how(s), problem);
    if (problem) fail(out, name + ": " + message_of(*problem));
    else if (first != again) fail(out, said("{0}: two answers differ.", {name}));
  }
  return out;
}

Outcome check_probe_knows_its_own(const Subject& s) {
  if (s.samples.empty()) return not_applicable(no_samples());
  Outcome out;
  size_t tried = 0;
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format || !recognisable(s, *format)) continue;
    if (!host::tables_of(*format).empty()) {  // its tables are one feed
      ++tried;
      std::deque<MemoryFile> memory;
      std::vector<host::InputRef> refs;
      for (const SampleFile& file : sample.files) refs.push_back(memory.emplace_back(file.bytes).ref(file.name));
      const std::vector<host::InputSet> sets = host::into_sets(s.registry, refs, {});
      if (sets.size() == 1 && !sets[0].problem && sets[0].format == format->id) continue;
      for (const host::InputSet& set : sets)
        fail(out, set.problem ? message_of(*set.problem) : said("{0} is taken for {1}.", {set.refs[0].name, set.format}));
      continue;
    }
    for (const SampleFile& file : sample.files) {
      ++tried;
      const auto found = host::recognise(s.registry, file.name, head(file), how(s));
      if (found.best && found.best.plugin->id == s.plugin.id) continue;
      if (found.best) fail(out, said("{0} is taken for {1}.", {sample.name, found.best.format->id}));
      else fail(out, sample.name + ": " + (found.problem ? message_of(*found.problem) : std::string()));
    }
  }
  return tried ? out : not_applicable(tr("Nothing tells its formats from others: they are read on request only."));
}

Outcome check_probe_honest(const Subject& s) {
  if (s.others.empty()) return not_applicable(tr("There are no samples of other formats."));
  Outcome out;
  for (const Sample& sample : s.others)
    for (const SampleFile& file : sample.files) {
      const auto found = host::recognise(s.registry, file.name, head(file), how(s));
      if (found.candidates.empty()) continue;
      const uint32_t best = found.candidates.front().score;
      for (const host::Candidate& c : found.candidates)
        if (c.choice.plugin->id == s.plugin.id && c.score >= host::kSureEnough && best - c.score < host::kClearLead)
          fail(out, said("It gives {0} of 100 to {1}.", {std::to_string(c.score), sample.name}));
    }
  if (out.verdict == Verdict::passed) out.details.push_back(said("Samples of other formats: {0}.", {std::to_string(s.others.size())}));
  return out;
}

}  // namespace casebridge::conformance

// What becomes of the samples after reading: case records that the case model takes. A sample may hold records that are
// wrong on purpose; a field that is wrong in every record of its type is the plugin's doing.
#include <map>

#include "conformance/checks.hpp"
#include "conformance/reading.hpp"
#include "normalise/normaliser.hpp"
#include "validate/structure.hpp"

namespace casebridge::conformance {

Outcome check_records_fit(const Subject& s) {
  if (s.samples.empty()) return not_applicable(no_samples());
  std::map<std::string, uint64_t> records;                        // by type
  std::map<std::pair<std::string, std::string>, uint64_t> wrong;  // by type, and code with field
  for (const Sample& sample : s.samples) {
    const host::FormatInfo* format = s.format_of(sample);
    if (!format) continue;
    normalise::Settings settings;
    settings.source = 1;
    settings.input = sample.files.front().name;
    settings.run_year = 2099;
    settings.key = std::make_shared<const normalise::TokenKey>(normalise::TokenKey::from_bytes("test", std::string(32, 't')));
    normalise::Normaliser normaliser(settings);
    RecordBatch batch;
    read(s, format->id, sample.files, {}, [&](const cb_batch& b) {
      normaliser.run(b, batch, [](Finding&&) {});
      for (const Record& record : batch.records) {
        if (record.type->name == "Dataset" || record.type->name == "Source" || record.type->name == "DatasetEnd") continue;
        const std::string type(record.type->name);
        ++records[type];
        std::vector<Finding> found;
        validate::structure().check(record, found, validate::kStructure | validate::kCompleteness);
        std::map<std::string, bool> once;
        for (const Finding& f : found)
          if (f.severity == Severity::error) once[f.code + " " + f.field_path] = true;
        for (const auto& [what, _] : once) ++wrong[{type, what}];
      }
    });
  }
  Outcome out;
  uint64_t all = 0;
  for (const auto& [type, n] : records) all += n;
  if (!all) return not_applicable(tr("The samples give no case records."));
  for (const auto& [what, n] : wrong)
    if (n == records[what.first])
      fail(out, said("Every {0} of the samples has {1}: it would go to quarantine.", {what.first, what.second}));
  if (out.verdict == Verdict::passed) out.details.push_back(said("Case records: {0}.", {std::to_string(all)}));
  return out;
}

}  // namespace casebridge::conformance

#include "conformance/suite.hpp"

#include <exception>

#include "conformance/checks.hpp"

namespace casebridge::conformance {

const std::vector<Check>& checks() {
  static const std::vector<Check> kChecks{
      {"descriptor.complete", "It says what it is, in English and French, and how its formats are recognised.", check_descriptor},
      {"options.documented", "Every option is explained in English and French, and its default is a value it takes.", check_options},
      {"mapping.tests", "The tests inside of the mapping hold.", check_mapping_tests},
      {"samples.present", "There is a sample to try it on.", check_has_samples},
      {"probe.pure", "The same beginning of a file gets the same answer every time.", check_probe_pure},
      {"probe.own", "It recognises its own samples.", check_probe_knows_its_own},
      {"probe.honest", "It does not claim the samples of other formats.", check_probe_honest},
      {"read.twice", "Reading twice gives the same.", check_read_twice},
      {"read.batch-size", "The size of the batches does not matter.", check_read_batch_size},
      {"read.sandbox", "The sandbox and this process give the same.", check_read_sandbox},
      {"read.places", "Every place lies inside the input, and the value stands there.", check_read_places},
      {"read.truncated", "An input cut off anywhere ends in words, not in a crash.", check_read_truncated},
      {"read.flipped", "An input with a damaged byte ends in words, not in a crash.", check_read_flipped},
      {"read.cancelled", "It stops when it is asked to.", check_read_cancelled},
      {"records.fit", "The records it gives are what the case model takes.", check_records_fit},
      {"loss.complete", "The loss report names every field of the source.", check_loss_complete},
      {"write.fixed-point", "What it writes, reads back and writes again is the same to the byte.", check_write_fixed_point},
  };
  return kChecks;
}

std::vector<Result> run_suite(const Subject& subject, const Progress& before_each) {
  std::vector<Result> out;
  for (const Check& check : checks()) {
    if (before_each) before_each(check);
    Result result{&check, {}};
    try {
      result.outcome = check.run(subject);
    } catch (const std::exception& e) { result.outcome = {Verdict::failed, {said("The check ended with an error: {0}", {e.what()})}}; }
    out.push_back(std::move(result));
  }
  return out;
}

}  // namespace casebridge::conformance

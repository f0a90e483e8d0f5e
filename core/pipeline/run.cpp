#include "pipeline/run.hpp"

#include "base/text.hpp"
#include "pipeline/stages.hpp"

namespace casebridge::pipeline {

// The picture of the README, and nothing more.
RunResult run(const Plan& plan, Watch& watch, Tap* tap, Keeper* keeper, Supply* supply) {
  Stages stages(plan, watch, tap, keeper, supply);
  stages.probe();                              // which inputs, which formats; every input hashed
  if (stages.needs_survey()) stages.survey();  // for anyone but self: what is withheld depends on the whole
  stages.begin_outputs();                      // Dataset and Source lines
  while (stages.next_feed()) {
    flow(
        stages.threads(), [&](Parcel& parcel) { return stages.read(parcel); },  // in order: the worker's batches
        [&](Parcel& parcel) { stages.normalise(parcel); },                      // side by side
        [&](Parcel& parcel) { stages.validate(parcel); },
        [&](Parcel& parcel) { stages.account(parcel); },  // in order: versions, references, quarantine, books
        [&](Parcel& parcel) { stages.handle(parcel); },   // side by side: the gate, and the writers' spelling
        [&](Parcel& parcel) { stages.emit(parcel); });    // in order
    stages.close_feed();
  }
  if (tap) stages.link();  // what was found in all of them goes the same way out
  return stages.finish();  // reports, manifest; outputs take their place
}

}  // namespace casebridge::pipeline

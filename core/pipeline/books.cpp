#include "pipeline/books.hpp"

namespace casebridge::pipeline {

void FeedBooks::count(const Finding& finding) {
  ++findings[finding.code];
  switch (finding.severity) {
    case Severity::error: ++errors; break;
    case Severity::warning: ++warnings; break;
    case Severity::note: ++notes; break;
  }
}

uint64_t FeedBooks::skipped_units() const {
  uint64_t sum = 0;
  for (const auto& [reason, n] : skipped) sum += n;
  return sum;
}

uint64_t FeedBooks::records_out() const {
  uint64_t sum = 0;
  for (const auto& [type, n] : records) sum += n;
  return sum;
}

FeedBooks Books::total() const {
  FeedBooks all;
  for (const FeedBooks& feed : feeds) {
    all.bytes += feed.bytes;
    all.units += feed.units;
    all.mapped += feed.mapped;
    all.quarantined += feed.quarantined;
    all.repeated += feed.repeated;
    all.errors += feed.errors;
    all.warnings += feed.warnings;
    all.notes += feed.notes;
    all.seconds += feed.seconds;
    for (const auto& [reason, n] : feed.skipped) all.skipped[reason] += n;
    for (const auto& [type, n] : feed.records) all.records[type] += n;
    for (const auto& [type, n] : feed.withheld) all.withheld[type] += n;
    for (const auto& [code, n] : feed.findings) all.findings[code] += n;
    all.exit = worse(all.exit, feed.exit);
  }
  return all;
}

}  // namespace casebridge::pipeline

// How fast: dates alone, and batches of narrow records (as a table of custody events gives). Synthetic.
// Run by hand or by `./dev bench`; prints one line each, fails nothing.
#include <ctime>
#include <cstdio>

#include "casebridge/batch.hpp"
#include "casebridge/model.h"
#include "normalise/dates.hpp"
#include "normalise/ledgers.hpp"
#include "normalise/normaliser.hpp"

using namespace casebridge;
using namespace casebridge::normalise;

namespace {
double seconds() {  // of processor time: other work on the machine does not count
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void dates(const char* label, const DatePatterns& patterns, const std::vector<std::string>& texts) {
  size_t sum = 0, n = 0;
  const double begin = seconds();
  while (seconds() - begin < 0.5)
    for (const std::string& t : texts) {
      sum += patterns.parse(t, DateNeed::when).size;
      ++n;
    }
  std::printf("dates %-28s %6.1f M/s (%zu)\n", label, static_cast<double>(n) / (seconds() - begin) / 1e6, sum % 10);
}
}  // namespace

int main() {
  warm_up();
  const Zone* toronto = Zone::find("America/Toronto");
  std::vector<std::string> plain, timed, iso;
  for (int i = 0; i < 1000; ++i) {
    const std::string d = std::to_string(1 + i % 28), m = std::to_string(1 + i % 12), y = std::to_string(1950 + i % 140);
    plain.push_back(d + "/" + m + "/" + y);
    timed.push_back(d + "/" + m + "/" + y + " " + std::to_string(10 + i % 14) + ":15");
    iso.push_back(y + "-0" + std::to_string(1 + i % 9) + "-1" + std::to_string(i % 10));
  }
  dates("d/M/yyyy", DatePatterns("d/M/yyyy"), plain);
  dates("d/M/yyyy HH:mm, zone", DatePatterns("d/M/yyyy HH:mm", toronto), timed);
  dates("d/M/yyyy HH:mm|d/M/yyyy", DatePatterns("d/M/yyyy HH:mm|d/M/yyyy", toronto), plain);
  dates("ISO 8601", DatePatterns(""), iso);

  for (const bool wide : {false, true}) {
    Settings settings;
    settings.agency = "example-corrections";
    settings.system = "custody";
    settings.zone = "America/Toronto";
    BatchBuilder b(1 << 20);
    const auto hint = b.hint("date=d/M/yyyy HH:mm|d/M/yyyy");
    for (int i = 0; i < 4000; ++i) {
      const uint64_t at = static_cast<uint64_t>(i) * 90;
      const std::string key = "P" + std::to_string(100000 + i), booking = "BK-" + std::to_string(700000 + i);
      b.begin_unit({at, 90});
      const auto person = b.record(tag::Person, {at, 90});
      b.key(key, {at, 7});
      b.text(tag::Person_gender, i % 2 ? "Feminine" : "Masculine", {at + 8, 9});
      b.text(tag::Person_birthDate, plain[static_cast<size_t>(i) % 1000], {at + 20, 10}, hint);
      if (wide) {
        const auto name = b.record(tag::Person_names, {at, 90}, person);
        b.constant(tag::Person_names_type, "LEGAL");
        b.text(tag::Person_names_given, "Exemple" + std::to_string(i % 50), {at + 30, 8});
        b.text(tag::Person_names_family, "Testard" + std::to_string(i % 300), {at + 40, 8});
        (void)name;
        const auto phone = b.record(tag::Selector, {at, 90}, person);
        b.constant(tag::Selector_kind, "PHONE");
        b.text(tag::Selector_value, "705 555-0" + std::to_string(100 + i % 900), {at + 50, 12});
        b.record(tag::Link, {at, 90}, person);
        b.constant(tag::Link_type, "USES");
        b.ref(tag::Link_from, person);
        b.ref(tag::Link_to, phone);
        b.constant(tag::Link_assertedBy, "SOURCE");
      }
      b.record(tag::Custody, {at, 90});
      b.key(booking, {at, 9});
      b.ref(tag::Custody_subject, person);
      b.constant(tag::Custody_event, "ADMISSION");
      b.text(tag::Custody_at_start, timed[static_cast<size_t>(i) % 1000], {at + 60, 15}, hint);
      b.ref_key(tag::Custody_facility, tag::Organization, "NORTH", {at + 80, 5});
      b.end_unit();
    }
    const cb_batch batch = b.view();
    Normaliser normaliser(settings);
    RecordBatch out;
    uint64_t records = 0, findings = 0;
    const double begin = seconds();
    while (seconds() - begin < 1.5) {
      normaliser.run(batch, out, [&](Finding&&) { ++findings; });
      records += out.records.size();
    }
    const double took = seconds() - begin;
    std::printf("%s records %.0f k/s, %llu findings\n", wide ? "wide  " : "narrow", static_cast<double>(records) / took / 1e3,
                static_cast<unsigned long long>(findings));
    VersionLedger versions("/tmp");
    ReferenceLedger references("/tmp");
    const double again = seconds();
    references.add(out);
    versions.see(out);
    std::printf("ledgers %.0f ns a record\n", (seconds() - again) * 1e9 / static_cast<double>(references.made()));
  }
  return 0;
}

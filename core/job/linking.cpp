#include "job/linking.hpp"

#include <memory>
#include <thread>

#include "base/sha256.hpp"
#include "emit/escape.hpp"
#include "resolve/found.hpp"
#include "store/supply.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::job {
namespace {

// What reviewers decided about pairs, as linking reads it.
std::string decisions_csv(store::Store& store) {
  std::string out;
  for (const store::DecisionRow& d : store.decisions("link")) {
    if (out.empty()) out = "a_agency,a_system,a_id,b_agency,b_system,b_id,decision,by,at,reason\n";
    bool first = true;
    for (const std::string* text :
         {&d.a_agency, &d.a_system, &d.a_local_id, &d.b_agency, &d.b_system, &d.b_local_id, &d.code, &d.by, &d.at, &d.reason}) {
      if (!first) out += ',';
      emit::append_csv_cell(out, *text);
      first = false;
    }
    out += '\n';
  }
  return out;
}

}  // namespace

std::string how_linked(const Job& job, store::Store& store) {
  std::string out = "casebridge " CASEBRIDGE_VERSION;
  out += job.linking.persons ? " persons" : "";
  out += job.linking.shares ? " shares" : "";
  return out + " " + sha256_hex(decisions_csv(store)).substr(0, 16);
}

store::Store::Derived link_store(const Job& job, store::Store& store, const std::string& date) {
  if (!job.linking.persons && !job.linking.shares) return store.put_derived({});
  resolve::Items items(date);
  {
    store::View view;
    view.derived = false;
    store::Supply supply(store, view);
    RecordBatch batch;
    supply.lines(batch);
    for (const Record& line : batch.records) items.source(line);
    for (supply.rewind(); supply.next(batch);)
      for (const Record& record : batch.records) items.take(record);
  }
  items.settle();
  resolve::Settings settings;
  settings.threads = job.limits.jobs ? static_cast<unsigned>(job.limits.jobs) : std::max(1u, std::thread::hardware_concurrency());
  settings.memory_limit = job.limits.memory_mb << 20;
  settings.decisions_csv = decisions_csv(store);
  settings.persons = job.linking.persons, settings.shares = job.linking.shares;
  resolve::Linking linking(items, settings);
  linking.run();
  std::vector<std::unique_ptr<RecordBatch>> batches;  // they hold the text of the records
  std::vector<Record> found;
  resolve::found_records(linking, [&](RecordBatch& batch) {
    batches.push_back(std::make_unique<RecordBatch>());
    std::swap(*batches.back(), batch);
    for (Record& record : batches.back()->records) found.push_back(std::move(record));
  });
  return store.put_derived(found);
}

}  // namespace casebridge::job

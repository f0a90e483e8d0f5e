#include "store/export.hpp"

#include <filesystem>

#include "store/internal.hpp"

namespace casebridge::store {
ExportResult export_set(Store& store, const pipeline::Plan& plan, const View& view, pipeline::Watch& watch) {
  ExportResult out;
  std::vector<int64_t> numbers;
  Database& db = store.db();
  {  // first the log, then the bytes: after a kill it says too much, never too little
    Store::Change change(store);
    for (const pipeline::OutputPlan& output : plan.outputs) {
      ExportRow row;
      row.time = plan.run_time, row.recipient = plan.recipient, row.purpose = plan.purpose, row.authority = plan.authority;
      row.name = std::filesystem::path(output.path).filename().string(), row.format = output.format;
      numbers.push_back(store.put_export(row));
    }
    change.commit();
  }
  if (!numbers.empty()) out.number = numbers.front();
  Supply supply(store, view);
  out.gone = store.gone(view.as_of ? view.as_of : store.last_run(), view.as_of ? view.as_of : store.last_run());
  try {
    out.run = pipeline::run(plan, watch, nullptr, nullptr, &supply);
  } catch (...) {  // nothing took its place: nothing left
    Store::Change change(store);
    for (const int64_t number : numbers) db.run("DELETE FROM \"Export\" WHERE \"export\"=" + std::to_string(number));
    change.commit();
    throw;
  }
  out.records = supply.all_sent().size();
  Store::Change change(store);
  std::string ledger = "{";
  for (const auto& [rule, n] : out.run.ledger) ledger += (ledger.size() > 1 ? "," : "") + json_text(rule) + ":" + std::to_string(n);
  ledger += "}";
  Query done(db, "UPDATE \"Export\" SET \"sha256\"=?, \"records\"=?, \"ledger\"=? WHERE \"export\"=?");
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (i >= out.run.outputs.size()) {
      db.run("DELETE FROM \"Export\" WHERE \"export\"=" + std::to_string(numbers[i]));
      continue;
    }
    std::string sha256 = out.run.outputs[i].sha256;
    const std::string& path = plan.outputs[i].path;
    if (sha256.empty() && path != "-" && std::filesystem::is_regular_file(path)) sha256 = file_sha256(path);
    if (sha256.empty()) sha256 = "-";  // a folder, or a stream that went by
    done.text(sha256).number(static_cast<int64_t>(out.run.outputs[i].records)).text(ledger).number(numbers[i]).done();
    store.put_received(numbers[i], plan.recipient, supply.all_sent());
    store.audit("export", "{\"export\":" + std::to_string(numbers[i]) + ",\"recipient\":" + json_text(plan.recipient) +
                              ",\"purpose\":" + json_text(plan.purpose) + ",\"format\":" + json_text(plan.outputs[i].format) +
                              ",\"records\":" + std::to_string(out.records) + ",\"withheld\":" + ledger + "}");
  }
  change.commit();
  return out;
}

}  // namespace casebridge::store

// Rows that people and jobs put in and read back: decisions, exports, counts, quarantine.
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "normalise/ids.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

int64_t Store::put_decision(const DecisionRow& d) {
  Change change(*this);
  Query q(db_, "INSERT INTO \"Decision\" VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q.number(run_ ? run_ : last_run())
      .text(d.kind)
      .text_or_null(d.a_agency)
      .text_or_null(d.a_system)
      .text_or_null(d.a_local_id)
      .text_or_null(d.b_agency)
      .text_or_null(d.b_system)
      .text_or_null(d.b_local_id)
      .text(d.code)
      .text(d.by)
      .text(d.at)
      .text(d.reason)
      .done();
  const int64_t number = db_.last_row();
  audit("decision", "{\"decision\":" + std::to_string(number) + ",\"kind\":" + json_text(d.kind) + ",\"code\":" + json_text(d.code) +
                        ",\"by\":" + json_text(d.by) + "}");
  change.commit();
  return number;
}

std::vector<DecisionRow> Store::decisions(std::string_view kind) {
  std::vector<DecisionRow> out;
  Query q(db_,
          "SELECT \"kind\", \"aAgency\", \"aSystem\", \"aLocalId\", \"bAgency\", \"bSystem\", \"bLocalId\", \"code\", \"by\", \"at\", "
          "\"reason\" FROM \"Decision\" ORDER BY \"decision\"");
  while (q.step()) {
    if (!kind.empty() && q.as_text(0) != kind) continue;
    DecisionRow d;
    int at = 0;
    for (std::string* text :
         {&d.kind, &d.a_agency, &d.a_system, &d.a_local_id, &d.b_agency, &d.b_system, &d.b_local_id, &d.code, &d.by, &d.at, &d.reason})
      *text = q.as_text(at++);
    out.push_back(std::move(d));
  }
  return out;
}

int64_t Store::put_export(const ExportRow& e) {
  Change change(*this);
  Query q(db_, "INSERT INTO \"Export\" VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  q.number(run_ ? run_ : last_run())
      .text(utc(e.time))
      .text(e.recipient)
      .text(e.purpose)
      .text(e.authority)
      .text(e.name)
      .text(e.format)
      .text(e.sha256)
      .number(static_cast<int64_t>(e.records))
      .text(e.ledger)
      .done();
  const int64_t number = db_.last_row();
  change.commit();
  return number;
}

void Store::put_received(int64_t number, std::string_view recipient, std::span<const std::pair<Uuid, uint32_t>> records) {
  Change change(*this);
  std::string name;
  {
    Query of(db_, "SELECT \"name\" FROM \"Export\" WHERE \"export\"=?");
    of.number(number);
    if (of.step()) name = of.as_text(0);
  }
  Query q(db_, "INSERT INTO \"Received\" VALUES (?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO UPDATE SET \"lastExport\"=excluded.\"lastExport\"");
  for (const auto& [id, version] : records) {
    const std::string text = normalise::to_text(id);
    q.text(text).number(version).text(recipient).text(name).number(number).done();
  }
  change.commit();
}

std::vector<ExportRow> Store::exports() {
  std::vector<ExportRow> out;
  Query q(db_,
          "SELECT \"export\", \"time\", \"recipient\", \"purpose\", \"authority\", \"name\", \"format\", \"sha256\", \"ledger\", "
          "\"records\" FROM \"Export\" ORDER BY \"export\"");
  while (q.step()) {
    ExportRow e;
    e.number = q.as_number(0);
    int at = 1;
    for (std::string* text : {&e.time, &e.recipient, &e.purpose, &e.authority, &e.name, &e.format, &e.sha256, &e.ledger})
      *text = q.as_text(at++);
    e.records = static_cast<uint64_t>(q.as_number(9));
    out.push_back(std::move(e));
  }
  return out;
}

void Store::put_ledger(std::string_view input, std::string_view what, uint64_t count) {
  Query q(db_, "INSERT INTO \"Ledger\" VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET \"count\"=\"count\"+excluded.\"count\"");
  q.number(run_).text(input).text(what).number(static_cast<int64_t>(count)).done();
}

std::vector<Store::Quarantined> Store::quarantine(std::string_view state, bool with_raw) {
  std::vector<Quarantined> out;
  Query q(db_, std::string("SELECT \"item\", \"of\", \"source\", \"input\", \"state\", \"sha256\", \"by\", \"why\", \"offset\", "
                           "\"length\", \"line\", \"column\", \"raw\" IS NOT NULL") +
                   (with_raw ? ", \"raw\"" : ", NULL") + " FROM \"Quarantine\" ORDER BY \"item\"");
  Query reasons(
      db_, "SELECT \"code\", \"message\", \"field\", \"line\", \"column\" FROM \"QuarantineReason\" WHERE \"item\"=? ORDER BY \"ordinal\"");
  while (q.step()) {
    if (!state.empty() && q.as_text(4) != state) continue;
    Quarantined item;
    item.item = q.as_number(0), item.of = q.as_number(1), item.source = q.as_number(2);
    item.input = q.as_text(3), item.state = q.as_text(4), item.sha256 = q.as_text(5), item.by = q.as_text(6), item.why = q.as_text(7);
    item.place = {static_cast<uint64_t>(q.as_number(8)), static_cast<uint64_t>(q.as_number(9)), static_cast<uint64_t>(q.as_number(10)),
                  static_cast<uint64_t>(q.as_number(11))};
    item.kept = q.as_number(12);
    item.raw = q.as_bytes(13);
    reasons.number(item.item);
    while (reasons.step())
      item.reasons.push_back({std::string(reasons.as_text(0)), std::string(reasons.as_text(1)), std::string(reasons.as_text(2)),
                              static_cast<uint64_t>(reasons.as_number(3)), static_cast<uint64_t>(reasons.as_number(4))});
    reasons.reset();
    out.push_back(std::move(item));
  }
  return out;
}

std::optional<Store::Quarantined> Store::quarantine_item(int64_t number) {
  for (Quarantined& item : quarantine({}, true))
    if (item.item == number) return std::move(item);
  return std::nullopt;
}

void Store::set_quarantine_state(int64_t item, std::string_view state, std::string_view by, std::string_view why) {
  Change change(*this);
  Query q(db_, "UPDATE \"Quarantine\" SET \"state\"=?, \"by\"=?, \"why\"=?, \"changedRun\"=? WHERE \"item\"=?");
  q.text(state).text_or_null(by).text_or_null(why).number(run_ ? run_ : last_run()).number(item).done();
  if (db_.changes() != 1)
    throw StoreError(Exit::usage, fill(tr("There is no item {0} in quarantine."), std::vector<std::string>{std::to_string(item)}),
                     tr("casebridge quarantine list STORE lists them."));
  audit("quarantine", "{\"item\":" + std::to_string(item) + ",\"state\":" + json_text(state) + ",\"by\":" + json_text(by) + "}");
  change.commit();
}

int64_t Store::edit_quarantine(int64_t item, std::string_view raw, std::string_view by, std::string_view why) {
  Change change(*this);
  Query q(db_,
          "INSERT INTO \"Quarantine\" (\"run\", \"source\", \"input\", \"offset\", \"length\", \"line\", \"column\", \"sha256\", \"raw\", "
          "\"of\", \"by\", \"why\") "
          "SELECT ?, \"source\", \"input\", \"offset\", \"length\", \"line\", \"column\", ?, ?, \"item\", ?, ? FROM \"Quarantine\" WHERE "
          "\"item\"=?");
  const std::string sha256 = sha256_hex(raw);
  q.number(run_ ? run_ : last_run()).text(sha256).bytes(raw).text_or_null(by).text_or_null(why).number(item).done();
  if (db_.changes() != 1)
    throw StoreError(Exit::usage, fill(tr("There is no item {0} in quarantine."), std::vector<std::string>{std::to_string(item)}),
                     tr("casebridge quarantine list STORE lists them."));
  const int64_t made = db_.last_row();
  set_quarantine_state(item, "edited", by, why);
  change.commit();
  return made;
}

}  // namespace casebridge::store

#include "store/audit.hpp"

#include <map>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "normalise/ids.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

namespace casebridge::store {

std::string audit_hash(std::string_view previous, int64_t seq, std::string_view time, int64_t run, std::string_view action,
                       std::string_view detail) {
  const std::string number = std::to_string(seq), of_run = std::to_string(run);  // views of temporaries would end with the braces
  Sha256 hash;
  for (const std::string_view part : {previous, std::string_view(number), time, std::string_view(of_run), action, detail}) {
    hash.add(std::to_string(part.size()) + ":");
    hash.add(part);
  }
  return hash.hex();
}

void append_audit(Database& db, std::string_view time, int64_t run, std::string_view action, std::string_view detail) {
  int64_t seq = 0;
  std::string previous(64, '0');
  {
    Query last(db, "SELECT \"seq\", \"hash\" FROM \"Audit\" ORDER BY \"seq\" DESC LIMIT 1");
    if (last.step()) seq = last.as_number(0), previous = last.as_text(1);
  }
  ++seq;
  const std::string hash = audit_hash(previous, seq, time, run, action, detail);
  Query q(db, "INSERT INTO \"Audit\" VALUES (?, ?, ?, ?, ?, ?, ?)");
  q.number(seq).text(time).number(run).text(action).text(detail).text(previous).text(hash).done();
}

void Store::audit(std::string_view action, std::string_view detail) {
  Change change(*this);
  append_audit(db_, run_ ? time_ : run_time(last_run()), run_ ? run_ : last_run(), action, detail);
  change.commit();
}

AuditReport verify(Store& store, const std::string& expected) {
  AuditReport out;
  Database& db = store.db();
  const auto problem = [&](const char* english, std::vector<std::string> args) { out.problems.push_back(fill(tr(english), args)); };
  out.head_found = expected.empty();
  // The chain.
  std::string previous(64, '0');
  std::map<int64_t, std::string> seals;
  std::string tables;  // the last seal of the store's own tables
  int64_t seq = 0;
  {
    Query q(db,
            "SELECT \"seq\", \"time\", \"run\", \"action\", \"detail\", \"previous\", \"hash\", json_valid(\"detail\") FROM \"Audit\" "
            "ORDER BY \"seq\"");
    Query seal(db, "SELECT json_extract(?1, '$.source'), json_extract(?1, '$.digest')");
    while (q.step()) {
      ++seq;
      ++out.rows;
      const std::string hash(q.as_text(6));
      if (q.as_number(0) != seq) problem(TR_NOOP("Row {0} of the audit log is missing."), {std::to_string(seq)}), seq = q.as_number(0);
      if (q.as_text(5) != previous ||
          audit_hash(q.as_text(5), q.as_number(0), q.as_text(1), q.as_number(2), q.as_text(3), q.as_text(4)) != hash)
        problem(TR_NOOP("Row {0} of the audit log was changed."), {std::to_string(q.as_number(0))});
      else if (q.as_text(3) == "source" && q.as_number(7)) {
        seal.text(q.as_text(4));
        if (seal.step()) seals[seal.as_number(0)] = seal.as_text(1);
        seal.reset();
      }
      if (q.as_text(3) == "seal") tables = q.as_text(4);
      previous = hash;
      if (hash == expected) out.head_found = true;
    }
  }
  out.head = previous;
  if (!out.head_found) problem(TR_NOOP("The audit log does not hold the hash {0}: it was made anew or cut off."), {expected});
  // SQLite's own structure, indexes included.
  {
    Query q(db, "PRAGMA integrity_check(20)");
    while (q.step())
      if (q.as_text(0) != "ok") problem(TR_NOOP("The file is damaged: {0}"), {std::string(q.as_text(0))});
    Query keys(db, "PRAGMA foreign_key_check");
    while (keys.step()) problem(TR_NOOP("A row of the table {0} points at a row that is not there."), {std::string(keys.as_text(0))});
  }
  // The store's own tables.
  for (const std::string& table : broken_seals(db, tables)) problem(TR_NOOP("The table {0} was changed."), {table});
  out.pending = static_cast<uint64_t>(db.number("SELECT count(*) FROM \"PendingPlace\""));
  // Bodies.
  {
    Query q(db, "SELECT \"content\", \"digest\", \"body\" FROM \"Content\"");
    while (q.step()) {
      const Digest full = sha256(q.as_bytes(2));
      if (q.as_bytes(1) != std::string_view(reinterpret_cast<const char*>(full.data()), 16))
        problem(TR_NOOP("What a record says was changed (content {0})."), {std::to_string(q.as_number(0))});
    }
  }
  // What each file states.
  {
    Query q(db, "SELECT \"source\" FROM \"SourceFile\" ORDER BY \"source\"");
    while (q.step()) {
      const int64_t source = q.as_number(0);
      ++out.files;
      if (!source && !seals.contains(0)) continue;  // nothing found by the program yet
      if (!seals.contains(source) || seals[source] != source_digest(db, source))
        problem(TR_NOOP("What file {0} of the store states was changed."), {std::to_string(source)});
    }
  }
  // The tables for people.
  {
    TypedTables typed(db);
    Query q(db,
            "SELECT r.\"source\", r.\"version\", " + std::string(kStatedColumns) +
                ", r.\"recordType\", r.\"id\", s.\"id\" FROM \"Record\" r LEFT JOIN \"Stated\" s ON s.\"source\"=r.\"source\" AND "
                "s.\"ordinal\"=r.\"ordinal\" LEFT JOIN \"Content\" c ON c.\"content\"=s.\"content\" ORDER BY r.\"source\", r.\"ordinal\"");
    RecordBatch batch;
    while (q.step()) {
      ++out.records;
      const std::string id(q.as_text(9));
      batch.reset();
      try {
        store.read_stated(q, 2, batch);
        const Record& record = batch.records.front();
        const int64_t version = q.as_number(1), source = q.as_number(0);
        if (normalise::to_text(record.id) != id || q.as_text(10) != id || record.type->name != q.as_text(8) ||
            typed.rows(record, version, source) != typed.stored(record, version))
          problem(TR_NOOP("The tables say something else than the source did, of record {0}."), {id});
      } catch (const StoreError&) { problem(TR_NOOP("A record of the store is damaged: {0}."), {id}); }
      if (out.problems.size() > 100) break;
    }
  }
  return out;
}

}  // namespace casebridge::store

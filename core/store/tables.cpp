#include "store/tables.hpp"

#include "model/model.hpp"

namespace casebridge::store {

namespace {

// Times are UTC. What happened is a run: its number orders everything, and nothing is ever said to have happened before the
// run before it, whatever the clock said.
constexpr std::string_view kFirst = R"sql(
CREATE TABLE "Meta" ("name" TEXT PRIMARY KEY, "value" NOT NULL) WITHOUT ROWID;
-- Each change of the store. kind: init, load, night, clocks, link, decide, withdraw, readmit, destroy, migrate, restore.
CREATE TABLE "Run" ("run" INTEGER PRIMARY KEY, "time" TEXT NOT NULL, "kind" TEXT NOT NULL, "program" TEXT NOT NULL, "cause" TEXT, "manifest" TEXT);
-- A file as it was received. Source 0 is the program itself. "line" is its Source line as a body; "floor" a hash of the
-- handling and provenance it gives its records; "secret" keys the digest that the audit log keeps, and goes with the row.
CREATE TABLE "SourceFile" (
  "source" INTEGER PRIMARY KEY, "run" INTEGER NOT NULL REFERENCES "Run", "name" TEXT NOT NULL, "sha256" TEXT NOT NULL, "bytes" INTEGER NOT NULL,
  "agency" TEXT NOT NULL, "system" TEXT NOT NULL, "format" TEXT NOT NULL, "mapping" TEXT NOT NULL, "line" BLOB NOT NULL, "floor" INTEGER NOT NULL,
  "secret" BLOB NOT NULL, "part" INTEGER NOT NULL
);
CREATE INDEX "SourceFile_by_sha256" ON "SourceFile" ("sha256");
-- What a record says, once for all the files that say it.
CREATE TABLE "Content" ("content" INTEGER PRIMARY KEY, "digest" BLOB NOT NULL UNIQUE, "body" BLOB NOT NULL);
-- That a file states a record: its place in the file, and which version of the record that is.
CREATE TABLE "Stated" (
  "source" INTEGER NOT NULL REFERENCES "SourceFile", "ordinal" INTEGER NOT NULL, "id" TEXT NOT NULL, "content" INTEGER NOT NULL REFERENCES "Content",
  "ownVersion" INTEGER NOT NULL, "offset" INTEGER NOT NULL, "length" INTEGER NOT NULL, "line" INTEGER NOT NULL, "column" INTEGER NOT NULL, "also" BLOB,
  "run" INTEGER NOT NULL REFERENCES "Run", PRIMARY KEY ("source", "ordinal")
) WITHOUT ROWID;
CREATE INDEX "Stated_by_id" ON "Stated" ("id");
CREATE INDEX "Stated_by_content" ON "Stated" ("content");
-- The versions of each record: known from "run" until "untilRun", which is empty for what holds now.
CREATE TABLE "Record" (
  "id" TEXT NOT NULL, "version" INTEGER NOT NULL, "recordType" TEXT NOT NULL, "source" INTEGER NOT NULL, "ordinal" INTEGER NOT NULL,
  "run" INTEGER NOT NULL REFERENCES "Run", "untilRun" INTEGER REFERENCES "Run", PRIMARY KEY ("id", "version"),
  FOREIGN KEY ("source", "ordinal") REFERENCES "Stated"
) WITHOUT ROWID;
CREATE INDEX "Record_by_place" ON "Record" ("source", "ordinal");
CREATE TABLE "Finding" (
  "finding" INTEGER PRIMARY KEY, "run" INTEGER NOT NULL REFERENCES "Run", "source" INTEGER REFERENCES "SourceFile", "input" TEXT NOT NULL, "code" TEXT NOT NULL,
  "severity" TEXT NOT NULL, "message" TEXT NOT NULL, "offset" INTEGER NOT NULL, "length" INTEGER NOT NULL, "line" INTEGER NOT NULL, "column" INTEGER NOT NULL,
  "field" TEXT, "id" TEXT
);
CREATE INDEX "Finding_by_source" ON "Finding" ("source", "offset");
-- state: open, replayed, discarded. An edited item is a new one that names the one it came from in "of".
CREATE TABLE "Quarantine" (
  "item" INTEGER PRIMARY KEY, "run" INTEGER NOT NULL REFERENCES "Run", "source" INTEGER REFERENCES "SourceFile", "input" TEXT NOT NULL, "offset" INTEGER NOT NULL,
  "length" INTEGER NOT NULL, "line" INTEGER NOT NULL, "column" INTEGER NOT NULL, "sha256" TEXT NOT NULL, "raw" BLOB, "state" TEXT NOT NULL DEFAULT 'open',
  "of" INTEGER REFERENCES "Quarantine" ON DELETE CASCADE, "by" TEXT, "why" TEXT, "changedRun" INTEGER REFERENCES "Run"
);
CREATE INDEX "Quarantine_by_source" ON "Quarantine" ("source", "offset");
CREATE TABLE "QuarantineReason" (
  "item" INTEGER NOT NULL REFERENCES "Quarantine" ON DELETE CASCADE, "ordinal" INTEGER NOT NULL, "code" TEXT NOT NULL, "message" TEXT NOT NULL, "field" TEXT,
  "line" INTEGER NOT NULL, "column" INTEGER NOT NULL, PRIMARY KEY ("item", "ordinal")
) WITHOUT ROWID;
-- What people decided. Records by agency, system and local id: a decision survives a new import. Of a decision about a job (mapping, accept, edit, replay,
-- discard) aAgency is the job, aSystem the feed, and code what it is about: a proposal, the key of a feed, an item.
CREATE TABLE "Decision" (
  "decision" INTEGER PRIMARY KEY, "run" INTEGER NOT NULL REFERENCES "Run", "kind" TEXT NOT NULL, "aAgency" TEXT, "aSystem" TEXT, "aLocalId" TEXT, "bAgency" TEXT,
  "bSystem" TEXT, "bLocalId" TEXT, "code" TEXT NOT NULL, "by" TEXT NOT NULL, "at" TEXT NOT NULL, "reason" TEXT NOT NULL
);
-- Data sets that left. sha256 is empty for one that was begun and of which nobody knows that it was finished. Which version
-- of which record was in the data sets of a name: the first and the last of them.
CREATE TABLE "Export" (
  "export" INTEGER PRIMARY KEY, "run" INTEGER NOT NULL REFERENCES "Run", "time" TEXT NOT NULL, "recipient" TEXT NOT NULL, "purpose" TEXT NOT NULL,
  "authority" TEXT NOT NULL, "name" TEXT NOT NULL, "format" TEXT NOT NULL, "sha256" TEXT NOT NULL, "records" INTEGER NOT NULL, "ledger" TEXT NOT NULL
);
CREATE TABLE "Received" (
  "id" TEXT NOT NULL, "version" INTEGER NOT NULL, "recipient" TEXT NOT NULL, "name" TEXT NOT NULL, "firstExport" INTEGER NOT NULL, "lastExport" INTEGER NOT NULL,
  PRIMARY KEY ("id", "version", "recipient", "name")
) WITHOUT ROWID;
-- How much is no longer there, by the run that brought it; never what.
CREATE TABLE "Gone" ("broughtRun" INTEGER NOT NULL, "goneRun" INTEGER NOT NULL REFERENCES "Run", "rule" TEXT NOT NULL, "records" INTEGER NOT NULL,
  PRIMARY KEY ("broughtRun", "goneRun", "rule")) WITHOUT ROWID;
-- What may not come in again: keyed hashes, whose key stands in Meta and can be destroyed.
CREATE TABLE "Barred" ("kind" TEXT NOT NULL, "hash" TEXT NOT NULL, "run" INTEGER NOT NULL REFERENCES "Run", PRIMARY KEY ("kind", "hash")) WITHOUT ROWID;
CREATE TABLE "Backup" ("path" TEXT PRIMARY KEY, "time" TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE "Ledger" ("run" INTEGER NOT NULL REFERENCES "Run", "input" TEXT NOT NULL, "what" TEXT NOT NULL, "count" INTEGER NOT NULL,
  PRIMARY KEY ("run", "input", "what")) WITHOUT ROWID;
-- Each row seals the one before it.
CREATE TABLE "Audit" ("seq" INTEGER PRIMARY KEY, "time" TEXT NOT NULL, "run" INTEGER NOT NULL, "action" TEXT NOT NULL, "detail" TEXT NOT NULL, "previous" TEXT NOT NULL, "hash" TEXT NOT NULL);
)sql";

// What jobs remember.
constexpr std::string_view kSecond = R"sql(
-- What a job remembers from night to night. "until": the last run of the store when its last night ended. "runTime": of the night under way, which began
-- "from" that run; empty: none is. "linked": the last run whose records were linked, and "linkedHow" by which settings.
CREATE TABLE "Night" ("job" TEXT PRIMARY KEY, "nights" INTEGER NOT NULL, "from" INTEGER NOT NULL, "until" INTEGER NOT NULL, "runTime" TEXT NOT NULL,
  "linked" INTEGER NOT NULL, "linkedHow" TEXT NOT NULL) WITHOUT ROWID;
-- A feed of a job as it was found. "key" is a hash over its bytes and all that decides what becomes of them. state: loaded; held, nothing of it is in the store but
-- what its reader refused; mended, records of it that people gave new bytes. "profile": names of fields and counts, no value.
CREATE TABLE "Feed" ("job" TEXT NOT NULL, "feed" TEXT NOT NULL, "key" TEXT NOT NULL, "state" TEXT NOT NULL, "run" INTEGER NOT NULL REFERENCES "Run", "units" INTEGER NOT NULL,
  "bytes" INTEGER NOT NULL, "profile" TEXT NOT NULL, PRIMARY KEY ("job", "feed", "key")) WITHOUT ROWID;
-- The files of a feed. "mendedFrom": of an edited source record, the file that it came from; it goes with that.
CREATE TABLE "FeedFile" ("source" INTEGER PRIMARY KEY REFERENCES "SourceFile" ON DELETE CASCADE, "job" TEXT NOT NULL, "feed" TEXT NOT NULL, "key" TEXT NOT NULL, "mendedFrom" INTEGER,
  FOREIGN KEY ("job", "feed", "key") REFERENCES "Feed" ON DELETE CASCADE);
CREATE INDEX "FeedFile_by_feed" ON "FeedFile" ("job", "feed", "key");
-- Source records in quarantine whose feed is held back: its file has no row in SourceFile.
CREATE TABLE "HeldItem" ("item" INTEGER PRIMARY KEY REFERENCES "Quarantine" ON DELETE CASCADE, "job" TEXT NOT NULL, "feed" TEXT NOT NULL, "key" TEXT NOT NULL, "sha256" TEXT NOT NULL,
  "agency" TEXT NOT NULL, "system" TEXT NOT NULL, FOREIGN KEY ("job", "feed", "key") REFERENCES "Feed" ON DELETE CASCADE);
CREATE INDEX "HeldItem_by_feed" ON "HeldItem" ("job", "feed", "key");
-- What stands around an edited source record in its file, until it is read again: column names, the opening and end of a document.
CREATE TABLE "Around" ("item" INTEGER PRIMARY KEY REFERENCES "Quarantine" ON DELETE CASCADE, "head" BLOB NOT NULL, "tail" BLOB NOT NULL);
-- A change of a mapping that was proposed, with its evidence (JSON) and its files. One that is accepted has a row in Decision.
CREATE TABLE "Proposal" ("proposal" TEXT PRIMARY KEY, "job" TEXT NOT NULL, "feed" TEXT NOT NULL, "key" TEXT NOT NULL, "format" TEXT NOT NULL, "run" INTEGER NOT NULL REFERENCES "Run",
  "patch" TEXT NOT NULL, "evidence" TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE "ProposalFile" ("proposal" TEXT NOT NULL REFERENCES "Proposal" ON DELETE CASCADE, "name" TEXT NOT NULL, "content" TEXT NOT NULL, PRIMARY KEY ("proposal", "name"));
-- To whom it was said that records under their grant have left.
CREATE TABLE "Receipt" ("export" INTEGER NOT NULL REFERENCES "Export" ON DELETE CASCADE, "body" TEXT NOT NULL, "grantId" TEXT NOT NULL, "records" INTEGER NOT NULL,
  PRIMARY KEY ("export", "body", "grantId")) WITHOUT ROWID;
)sql";

constexpr std::string_view kThird = R"sql(
-- Cleaning that is owed after something was taken away, and where: the path of a backup, or nothing for this file itself.
-- "keyed" has a line for each that went: its kind and a hash keyed by "secret", which goes with the row.
CREATE TABLE "Pending" ("run" INTEGER PRIMARY KEY REFERENCES "Run", "time" TEXT NOT NULL, "rule" TEXT NOT NULL, "records" INTEGER NOT NULL, "secret" BLOB NOT NULL, "keyed" TEXT NOT NULL);
CREATE TABLE "PendingPlace" ("run" INTEGER NOT NULL REFERENCES "Pending" ON DELETE CASCADE, "path" TEXT NOT NULL, PRIMARY KEY ("run", "path")) WITHOUT ROWID;
-- When access ends by law, worked out from all that the store holds: the last day, or the field that would tell it. A date that
-- a source states stands in the record. Known from "run" until "untilRun". rule: of clocks.hpp.
CREATE TABLE "Clock" (
  "id" TEXT NOT NULL, "rule" TEXT NOT NULL, "run" INTEGER NOT NULL REFERENCES "Run", "untilRun" INTEGER REFERENCES "Run", "ends" TEXT, "missing" TEXT,
  PRIMARY KEY ("id", "rule", "run")
) WITHOUT ROWID;
)sql";

}  // namespace

std::string own_sql() { return std::string(kFirst) + std::string(kSecond) + std::string(kThird); }
std::string_view own_sql_added(int version) { return version == 2 ? kSecond : version == 3 ? kThird : std::string_view(); }

std::string view_sql() {
  std::string out;
  for (const model::Node& type : model::nodes()) {
    if (type.kind != model::NodeKind::record || type.name == "Dataset" || type.name == "Source" || type.name == "DatasetEnd") continue;
    const std::string name(type.name);
    out += "CREATE VIEW \"current_" + name +
           "\" AS SELECT t.*, f.\"agency\", f.\"system\", f.\"name\" AS \"file\", k.\"time\" AS \"knownFrom\" FROM \"" + name +
           "\" t JOIN \"Record\" r ON r.\"id\" = t.\"id\" AND r.\"version\" = t.\"version\" JOIN \"SourceFile\" f ON f.\"source\" = "
           "t.\"source\" "
           "JOIN \"Run\" k ON k.\"run\" = r.\"run\" WHERE r.\"untilRun\" IS NULL;\n";
  }
  out += R"sql(
CREATE VIEW "record_history" AS SELECT r."recordType", r."id", r."version", k."time" AS "knownFrom", u."time" AS "knownUntil", f."agency", f."system", f."name" AS "file",
  s."line", s."column" FROM "Record" r JOIN "Stated" s ON s."source" = r."source" AND s."ordinal" = r."ordinal" JOIN "SourceFile" f ON f."source" = r."source"
  JOIN "Run" k ON k."run" = r."run" LEFT JOIN "Run" u ON u."run" = r."untilRun";
CREATE VIEW "person_overview" AS SELECT p."id", (SELECT n."full" FROM "Person_names" n WHERE n."id" = p."id" AND n."version" = p."version" ORDER BY n."ordinal" LIMIT 1) AS "name",
  p."birthDate", p."gender", p."agency", p."file", p."sourceLine",
  (SELECT m."id" FROM "Cluster_members" m JOIN "current_Cluster" c ON c."id" = m."id" AND c."version" = m."version" WHERE m."ref" = p."id" LIMIT 1) AS "cluster" FROM "current_Person" p;
CREATE VIEW "entity_members" AS SELECT c."id" AS "cluster", c."entityType", m."ref" AS "member", m."score", m."decision" FROM "current_Cluster" c
  JOIN "Cluster_members" m ON m."id" = c."id" AND m."version" = c."version";
CREATE VIEW "source_overview" AS SELECT f."source", f."name", f."sha256", f."bytes", f."agency", f."system", f."format", f."mapping", k."time" AS "received",
  (SELECT count(*) FROM "Stated" s WHERE s."source" = f."source") AS "stated", (SELECT count(*) FROM "Quarantine" q WHERE q."source" = f."source" AND q."state" = 'open') AS "quarantined"
  FROM "SourceFile" f JOIN "Run" k ON k."run" = f."run" WHERE f."source" > 0;
CREATE VIEW "access_clocks" AS SELECT r."recordType", c."id", c."rule", c."ends", c."missing" FROM "Clock" c JOIN "Record" r ON r."id" = c."id" AND r."untilRun" IS NULL
  WHERE c."untilRun" IS NULL;
CREATE VIEW "export_overview" AS SELECT e."export", e."time", e."recipient", e."purpose", e."authority", e."name", e."format", e."records", e."sha256" FROM "Export" e;
CREATE VIEW "record_received" AS SELECT v."id", v."version", v."recipient", v."name" AS "dataSet", f."time" AS "firstSent", l."time" AS "lastSent" FROM "Received" v
  JOIN "Export" f ON f."export" = v."firstExport" JOIN "Export" l ON l."export" = v."lastExport";
CREATE VIEW "quarantine_overview" AS SELECT q."item", q."state", q."input", q."line", q."column", q."length", r."code", r."message", r."field" FROM "Quarantine" q
  LEFT JOIN "QuarantineReason" r ON r."item" = q."item";
)sql";
  return out;
}

}  // namespace casebridge::store

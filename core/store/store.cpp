#include "store/store.hpp"

#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdio>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/escape.hpp"
#include "model/pointers.hpp"
#include "normalise/civil.hpp"
#include "normalise/ids.hpp"
#include "store/body.hpp"
#include "store/internal.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::store {

using normalise::to_text;

std::string json_text(std::string_view text) {
  std::string out;
  emit::append_json_string(out, text);
  return out;
}

std::string utc(std::string_view t) {
  const auto digits = [&](size_t at, size_t n) {
    int value = 0;
    for (size_t i = at; i < at + n; ++i) {
      if (i >= t.size() || t[i] < '0' || t[i] > '9')
        throw StoreError(Exit::usage, fill(tr("{0} is not a date and time with an offset, such as 2099-07-15T06:00:00Z."),
                                           std::vector<std::string>{std::string(t)}));
      value = value * 10 + (t[i] - '0');
    }
    return value;
  };
  const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2), hour = digits(11, 2), minute = digits(14, 2),
            second = digits(17, 2);
  int64_t at = normalise::days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
  size_t zone = 19;
  while (zone < t.size() && (t[zone] == '.' || (t[zone] >= '0' && t[zone] <= '9'))) ++zone;
  if (zone < t.size() && (t[zone] == '+' || t[zone] == '-'))
    at -= (t[zone] == '-' ? -1 : 1) * (digits(zone + 1, 2) * 3600 + digits(zone + 4, 2) * 60);
  const int64_t days = at >= 0 ? at / 86400 : (at - 86399) / 86400, rest = at - days * 86400;
  const auto d = normalise::civil_from_days(days);
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, static_cast<int>(rest / 3600),
                static_cast<int>(rest / 60 % 60), static_cast<int>(rest % 60));
  return out;
}

std::string random_bytes(size_t n) {
  std::string out(n, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(n)) != 1) throw std::runtime_error("no random bytes");
  return out;
}

namespace {

void prepare(Database& db, bool write) {
  // What is deleted is overwritten; nothing is spilled to temporary files; sums of the log are checked by its frames.
  db.run("PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA cell_size_check=ON;");
  if (write) db.run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-65536;");
}

}  // namespace

void Store::create(const std::string& path, const std::string& time) {
  const std::string at = utc(time);
  Database db(path, Database::Open::create);
  try {
    db.run("PRAGMA page_size=4096; PRAGMA auto_vacuum=NONE;");
    prepare(db, true);
    db.run("BEGIN");
    db.run(std::string(own_sql()));
    db.run(std::string(model_sql()));
    db.run(view_sql());
    Query meta(db, "INSERT INTO \"Meta\" VALUES (?, ?)");
    meta.text("model").text(sha256_hex(model_sql())).done();
    meta.text("key").bytes(random_bytes(32)).done();
    Query run(db, "INSERT INTO \"Run\" VALUES (1, ?, 'init', ?, NULL, NULL)");
    run.text(at).text("casebridge " CASEBRIDGE_VERSION).done();
    Query self(db, "INSERT INTO \"SourceFile\" VALUES (0, 1, 'casebridge', '', 0, '', '', '', '', x'', 0, ?, 0)");
    self.bytes(random_bytes(32)).done();
    append_audit(db, at, 1, "init", "{\"program\":" + json_text("casebridge " CASEBRIDGE_VERSION) + "}");
    seal_tables(db, at, 1);
    db.run("PRAGMA application_id=" + std::to_string(kApplicationId) + "; PRAGMA user_version=" + std::to_string(kStoreVersion) +
           "; COMMIT");
  } catch (...) {
    std::remove(path.c_str());
    for (const char* beside : {"-wal", "-shm"}) std::remove((path + beside).c_str());
    throw;
  }
}

Store::Store(const std::string& path, Mode mode, const std::string& who, const std::string& now)
    : lock_(mode != Mode::read && ::access(path.c_str(), F_OK) == 0 ? std::make_unique<Lock>(path, who, now) : nullptr),
      db_(path, mode == Mode::read ? Database::Open::read : Database::Open::write),
      typed_(db_) {
  if (db_.number("PRAGMA application_id") != kApplicationId)
    throw StoreError(Exit::usage, fill(tr("{0} is not a store of casebridge."), std::vector<std::string>{path}),
                     tr("casebridge init STORE makes one."));
  check_version(mode, now);
  prepare(db_, mode != Mode::read);
  if (mode == Mode::write) resume_pending();
}

Store::~Store() { abandon_run(); }

Store::Statements& Store::st() {
  if (!st_) st_ = std::make_unique<Statements>(db_);
  return *st_;
}

// --- runs -----------------------------------------------------------------------------------------------------------

int64_t Store::begin_run(std::string_view kind, std::string_view time, std::string_view cause) {
  if (run_) throw std::logic_error("a run is under way");
  std::string at = utc(time);
  db_.run("BEGIN IMMEDIATE");
  try {
    const std::string last = db_.text("SELECT max(\"time\") FROM \"Run\"");
    time_ = std::max(at, last);
    run_ = db_.number("SELECT max(\"run\") + 1 FROM \"Run\"");
    Query q(db_, "INSERT INTO \"Run\" VALUES (?, ?, ?, ?, ?, NULL)");
    q.number(run_).text(time_).text(kind).text("casebridge " CASEBRIDGE_VERSION).text_or_null(cause).done();
  } catch (...) {
    run_ = 0;
    db_.run("ROLLBACK");
    throw;
  }
  next_derived_ = 0;
  return run_;
}

void Store::commit_run(std::string_view manifest) {
  if (!run_) throw std::logic_error("no run is under way");
  if (!manifest.empty()) {
    Query q(db_, "UPDATE \"Run\" SET \"manifest\"=? WHERE \"run\"=?");
    q.text(manifest).number(run_).done();
  }
  st().seal_sources(*this, run_);
  keep_clocks();
  std::string detail = "{\"kind\":" + json_text(db_.text("SELECT \"kind\" FROM \"Run\" WHERE \"run\"=" + std::to_string(run_)));
  detail += ",\"records\":" + std::to_string(db_.number("SELECT count(*) FROM \"Record\" WHERE \"run\"=" + std::to_string(run_))) + "}";
  audit("run", detail);
  seal_tables(db_, time_, run_);
  db_.run("COMMIT");
  run_ = 0;
}

void Store::abandon_run() noexcept {
  if (!run_) return;
  run_ = 0;
  try {
    if (db_.in_transaction()) db_.run("ROLLBACK");
  } catch (...) {  // closing the connection undoes it too
  }
}

Store::Change::Change(Store& store) : store_(store), own_(!store.db_.in_transaction()) {
  if (own_) store_.db_.run("BEGIN IMMEDIATE");
}
Store::Change::~Change() {
  if (own_ && store_.db_.in_transaction()) try {
      store_.db_.run("ROLLBACK");
    } catch (...) {  // closing the connection undoes it too
    }
}
void Store::Change::commit() {
  if (!own_) return;
  const int64_t run = store_.last_run();
  seal_tables(store_.db_, store_.run_time(run), run);
  store_.db_.run("COMMIT");
  own_ = false;
}

std::vector<RunRow> Store::runs() {
  std::vector<RunRow> out;
  Query q(db_, "SELECT \"run\", \"time\", \"kind\", \"cause\" FROM \"Run\" ORDER BY \"run\"");
  while (q.step()) out.push_back({q.as_number(0), std::string(q.as_text(1)), std::string(q.as_text(2)), std::string(q.as_text(3))});
  return out;
}

std::string Store::run_time(int64_t run) { return db_.text("SELECT \"time\" FROM \"Run\" WHERE \"run\"=" + std::to_string(run)); }
int64_t Store::last_run() { return db_.number("SELECT max(\"run\") FROM \"Run\""); }

int64_t Store::run_at(std::string_view when) {
  std::string until(when);
  bool date = when.size() == 10;
  for (size_t i = 0; date && i < 10; ++i) date = i == 4 || i == 7 ? when[i] == '-' : when[i] >= '0' && when[i] <= '9';
  if (date) until += "T23:59:60Z";
  else until = utc(when);
  Query q(db_, "SELECT max(\"run\") FROM \"Run\" WHERE \"time\" <= ?");
  q.text(until);
  return q.step() ? q.as_number(0) : 0;
}

// --- records ----------------------------------------------------------------------------------------------------------

int64_t Store::put_content(const Record& record) {
  Statements& s = st();
  s.body.clear();
  write_body(record, s.body);
  const Digest full = sha256(s.body);
  const std::string_view digest(reinterpret_cast<const char*>(full.data()), 16);
  s.find_content.bytes(digest);
  int64_t found = s.find_content.step() ? s.find_content.as_number(0) : 0;
  s.find_content.reset();
  if (found) return found;
  s.add_content.bytes(digest).bytes(s.body).done();
  return db_.last_row();
}

int64_t Store::put_version(const Record& record, int64_t source, int64_t ordinal, int64_t run, int64_t own_version, int64_t floor) {
  Statements& s = st();
  const std::string id = to_text(record.id);
  // What the version before it said, and the floor its file gives it.
  s.last_version.text(id);
  int64_t version = 0, until = 0;
  bool same = false;
  if (s.last_version.step()) {
    version = s.last_version.as_number(0);
    until = s.last_version.as_number(1);
    uint64_t hash = 0;
    const std::string_view body = s.last_version.as_bytes(2);
    hash = content_hash_of(body);
    same = hash == record.content_hash && s.last_version.as_number(3) == floor;
  }
  s.last_version.reset();
  if (same && !until && (own_version <= 1 || own_version == version)) return 0;
  if (version && !until) s.end_version.number(run).text(id).number(version).done();
  const int64_t next = std::max<int64_t>(version + 1, own_version);
  s.add_record.text(id).number(next).text(record.type->name).number(source).number(ordinal).number(run).done();
  typed_.insert(record, next, source);
  return next;
}

void Store::state_record(const Record& record, int64_t source, int64_t ordinal) {
  Statements& s = st();
  const std::string id = to_text(record.id);
  const int64_t content = put_content(record);
  s.also.clear();
  write_places(record.also, s.also);
  s.add_stated.number(source)
      .number(ordinal)
      .text(id)
      .number(content)
      .number(record.version)
      .number(static_cast<int64_t>(record.place.offset))
      .number(static_cast<int64_t>(record.place.length))
      .number(static_cast<int64_t>(record.place.line))
      .number(static_cast<int64_t>(record.place.column));
  if (s.also.empty()) s.add_stated.null();
  else s.add_stated.bytes(s.also);
  s.add_stated.number(run_).done();
}

void Store::read_stated(Query& row, int at, RecordBatch& into) {
  Record& record = read_body(row.as_bytes(at), into);
  record.place = {static_cast<uint64_t>(row.as_number(at + 1)), static_cast<uint64_t>(row.as_number(at + 2)),
                  static_cast<uint64_t>(row.as_number(at + 3)), static_cast<uint64_t>(row.as_number(at + 4))};
  for (auto* values : {&record.values, &record.block_values})
    for (Value& v : *values)
      if (v.length) v.offset += record.place.offset;
  read_places(row.as_bytes(at + 5), record.also);
}

Store::Derived Store::put_derived(std::span<const Record> records) {
  if (!run_) throw std::logic_error("clusters are put in a run");
  Derived out;
  std::unordered_map<std::string, int64_t> held;  // id -> version of what holds now
  {
    Query q(db_, "SELECT \"id\", \"version\" FROM \"Record\" WHERE \"source\" = 0 AND \"untilRun\" IS NULL");
    while (q.step()) held.emplace(q.as_text(0), q.as_number(1));
  }
  if (!next_derived_) next_derived_ = db_.number("SELECT coalesce(max(\"ordinal\"), -1) + 1 FROM \"Stated\" WHERE \"source\" = 0");
  std::vector<const Record*> order;
  for (const Record& record : records) order.push_back(&record);
  std::sort(order.begin(), order.end(), [](const Record* a, const Record* b) { return a->id < b->id; });
  for (const Record* given : order) {
    Record record = *given;
    record.source = 0;
    record.place = {};
    if (!record.content_hash) {  // the linker counts none: that of its body serves
      std::string body;
      write_body(record, body);
      record.content_hash = normalise::stable_hash(body);
    }
    const auto known = held.find(to_text(record.id));
    const bool was = known != held.end();
    if (was) held.erase(known);
    Savepoint both(db_);
    state_record(record, 0, next_derived_);
    const int64_t version = put_version(record, 0, next_derived_, run_, 1, 0);
    if (!version) {
      ++out.unchanged;
      continue;
    }  // undone: nothing new is stated
    both.keep();
    ++next_derived_;
    ++(was ? out.changed : out.added);
  }
  std::vector<std::string> ended;
  for (const auto& [id, version] : held) ended.push_back(id);
  std::sort(ended.begin(), ended.end());
  for (const std::string& id : ended) st().end_version.number(run_).text(id).number(held[id]).done();
  out.ended = ended.size();
  return out;
}

int64_t Store::count_current() { return db_.number("SELECT count(*) FROM \"Record\" WHERE \"untilRun\" IS NULL"); }

bool Store::has(const Uuid& id) {
  Statements& s = st();
  const std::string text = to_text(id);
  s.has.text(text);
  const bool found = s.has.step();
  s.has.reset();
  return found;
}

std::optional<int64_t> Store::source_of(std::string_view sha256, std::string_view agency, std::string_view system, std::string_view format,
                                        std::string_view mapping) {
  Query q(db_,
          "SELECT \"source\" FROM \"SourceFile\" WHERE \"sha256\"=? AND \"agency\"=? AND \"system\"=? AND \"format\"=? AND \"mapping\"=? "
          "AND \"source\" > 0 LIMIT 1");
  q.text(sha256).text(agency).text(system).text(format).text(mapping);
  if (!q.step()) return std::nullopt;
  return q.as_number(0);
}

std::vector<GoneCount> Store::gone(int64_t brought_until, int64_t gone_after) {
  std::vector<GoneCount> out;
  Query q(
      db_,
      "SELECT \"rule\", sum(\"records\") FROM \"Gone\" WHERE \"broughtRun\" <= ? AND \"goneRun\" > ? GROUP BY \"rule\" ORDER BY \"rule\"");
  q.number(brought_until).number(gone_after);
  while (q.step()) out.push_back({std::string(q.as_text(0)), static_cast<uint64_t>(q.as_number(1))});
  return out;
}

std::string Store::keyed(std::string_view name) {
  Query q(db_, "SELECT \"value\" FROM \"Meta\" WHERE \"name\"='key'");
  if (!q.step()) return {};
  return to_hex(hmac_sha256(q.as_bytes(0), name));
}

bool Store::barred(std::string_view kind, std::string_view name) {
  if (!db_.number("SELECT EXISTS (SELECT 1 FROM \"Barred\")")) return false;
  const std::string hash = keyed(std::string(kind) + '\x1F' + std::string(name));
  Query q(db_, "SELECT 1 FROM \"Barred\" WHERE \"kind\"=? AND \"hash\"=?");
  q.text(kind).text(hash);
  return q.step();
}

}  // namespace casebridge::store

// The case store: one SQLite file that holds what was received, decided and sent. See README.md in this folder.
//
//   Store::create("case.store", now)                      a new one
//   Store store("case.store", Store::Mode::write, who)    the one lock; Mode::read takes none and changes nothing
//   store.begin_run("load", "2025-03-04T06:00:00Z");       one transaction: all of the run or nothing of it
//     Loader loader(store); pipeline::run(plan, watch, &loader);    any number of feeds; loader.hpp
//     store.put_derived(records);                         clusters and links that the program found: the whole set
//     store.commit_run(manifest);
//
// Times are given, never read from the clock. One thread at a time. Failures are StoreError, with the exit of the command.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.hpp"
#include "store/lock.hpp"
#include "store/sqlite.hpp"
#include "store/tables.hpp"

namespace casebridge::store {

struct RunRow {
  int64_t run = 0;
  std::string time, kind, cause;
};

struct DecisionRow {  // kind: link, drift, quarantine ...; of a link all six names, of others none need be
  std::string kind, a_agency, a_system, a_local_id, b_agency, b_system, b_local_id, code, by, at, reason;
};

struct ExportRow {
  int64_t number = 0;
  std::string time, recipient, purpose, authority, name, format, sha256, ledger;
  uint64_t records = 0;
};

struct GoneCount {
  std::string rule;
  uint64_t records = 0;
};

class Remover;

class Store {
 public:
  // backup: to write to a copy in another store's keeping, of which no further copy may come to be.
  enum class Mode { read, write, backup };
  // Makes a store with 0600 at a place where nothing is.
  static void create(const std::string& path, const std::string& time);
  // Write mode: takes the lock (StoreError names its holder), and migrates an older store after a backup beside it.
  // `who` and `now` are for the lock's message only.
  Store(const std::string& path, Mode mode, const std::string& who = {}, const std::string& now = {});
  ~Store();
  Store(const Store&) = delete;

  const std::string& path() const { return db_.path(); }
  Database& db() { return db_; }
  const std::vector<std::string>& words() const { return words_; }  // what opening it did, for the user

  // --- runs ---------------------------------------------------------------------------------------------------------
  // Begins a transaction. `time`: RFC 3339. Should it lie before the last run's (a clock that jumped), the last run's holds.
  int64_t begin_run(std::string_view kind, std::string_view time, std::string_view cause = {});
  void commit_run(std::string_view manifest = {});
  void abandon_run() noexcept;  // as if it had not begun
  bool in_run() const { return run_ > 0; }
  int64_t run() const { return run_; }
  std::vector<RunRow> runs();
  std::string run_time(int64_t run);  // UTC
  // The last run not after a date (all of that day, UTC) or a time; 0: before the first. Throws on what is neither.
  int64_t run_at(std::string_view date_or_time);
  int64_t last_run();

  // What is changed outside of a run: all of it or nothing, and sealed. Within a run, or another change, part of that.
  class Change {
   public:
    explicit Change(Store& store);
    ~Change();
    Change(const Change&) = delete;
    void commit();

   private:
    Store& store_;
    bool own_;
  };

  // --- what the program found ------------------------------------------------------------------------------------------
  // All clusters and links under this model, in any order: what is new or changed becomes a version, what is no longer
  // there ends with this run. Records have source 0 and ids of their own.
  struct Derived {
    uint64_t added = 0, changed = 0, ended = 0, unchanged = 0;
  };
  Derived put_derived(std::span<const Record> records);

  // --- decisions, exports, counts ----------------------------------------------------------------------------------------
  int64_t put_decision(const DecisionRow&);
  std::vector<DecisionRow> decisions(std::string_view kind = {});
  int64_t put_export(const ExportRow&);  // gives its number
  void put_received(int64_t export_number, std::string_view recipient, std::span<const std::pair<Uuid, uint32_t>>);
  std::vector<ExportRow> exports();
  void put_ledger(std::string_view input, std::string_view what, uint64_t count);  // counts of the run, for the books
  void audit(std::string_view action, std::string_view detail_json);               // a row of the chained log

  // --- quarantine --------------------------------------------------------------------------------------------------------
  struct Quarantined {
    int64_t item = 0, of = 0, source = 0;
    std::string input, state, sha256, raw, by, why;
    bool kept = false;  // its bytes are here
    Place place;
    struct Reason {
      std::string code, message, field;
      uint64_t line = 0, column = 0;
    };
    std::vector<Reason> reasons;
  };
  std::vector<Quarantined> quarantine(std::string_view state = "open", bool with_raw = false);
  std::optional<Quarantined> quarantine_item(int64_t item);
  void set_quarantine_state(int64_t item, std::string_view state, std::string_view by, std::string_view why);
  int64_t edit_quarantine(int64_t item, std::string_view raw, std::string_view by, std::string_view why);  // a new item; the old one stays

  // --- reading back ------------------------------------------------------------------------------------------------------
  int64_t count_current();
  bool has(const Uuid& id);  // any version
  std::optional<int64_t> source_of(std::string_view sha256, std::string_view agency, std::string_view system, std::string_view format,
                                   std::string_view mapping);
  std::vector<GoneCount> gone(int64_t brought_until, int64_t gone_after);  // by rule
  void read_stated(Query& row, int first_column, RecordBatch& into);       // columns of kStatedColumns

  // --- taking away (remove.cpp) --------------------------------------------------------------------------------------------
  struct Removal {
    uint64_t records = 0, versions = 0, files = 0, quarantined = 0, derived = 0;
    std::vector<std::string> recipients;   // "recipient: data set (time)"
    std::vector<std::string> unreachable;  // backups that could not be cleaned
    bool found = false;
  };
  // A source ("agency" or "agency/system"), a file (name or SHA-256) or a record (id), whole. Everything that remains is as
  // if it had never come. Begins and commits a run of its own, then leaves no byte behind. It is barred from coming back.
  Removal withdraw(std::string_view what, std::string_view time, std::string_view by, std::string_view why);
  bool readmit(std::string_view what, std::string_view time, std::string_view by, std::string_view why);
  // Works out the clocks (clocks.hpp) and destroys what access to has ended by `date` (YYYY-MM-DD; never before the last run's):
  // H1, H3, H18, H29. At the start of each run, outside of one.
  Removal enforce_clocks(std::string_view date, std::string_view time);
  // Of the keyed hashes, here and in backups: nothing can be asked of them any more, and nothing is kept out by them.
  Removal destroy_key(std::string_view time, std::string_view by = {}, std::string_view why = {});
  struct Taken {
    std::string time, rule;
    uint64_t records = 0;  // that went together
  };
  // When this source, file or record was taken away last; throws StoreError when the key is gone.
  std::optional<Taken> taken(std::string_view what);
  bool barred(std::string_view kind, std::string_view name);  // kind: file, source, record
  uint64_t remove_what_is_barred_in(const std::string& other_store, std::string_view time);
  void take_over(const std::string& other_path);  // what it keeps out and where its backups lie; within a run
  void leave_no_trace();                          // free pages, write-ahead log
  // Cleaning that is still owed; a backup that is not there stays owed, and is named.
  void finish_pending(std::vector<std::string>& unreachable);

 private:
  friend class Loader;
  friend class Remover;
  using Names = std::set<std::pair<std::string, std::string>>;  // kind and name, as in Barred; key: the key of its hashes
  struct Away {
    std::set<std::string> ids;
    std::vector<int64_t> files;
    Names names, held;  // held: of feeds that are held back
    bool key = false;
  };
  Removal take_away(std::string_view kind, std::string_view rule, std::string_view time, std::string_view by, std::string_view why,
                    const std::function<void(Remover&)>& what);
  bool keep_clocks();  // of a run: the clocks as its records make them; outside of one, whether they would differ
  void owe(std::string_view rule, uint64_t records, const Names& names);
  void resume_pending();
  Away matching(const std::function<bool(std::string_view kind, std::string_view name)>& taken);
  void remove_again(const Away& away, std::string_view rule, std::string_view time);  // in a backup
  void check_version(Mode mode, const std::string& now);
  void make_model_tables();
  void refill_model_tables();
  std::string keyed(std::string_view name);  // empty: the key was destroyed
  int64_t put_content(const Record& record);
  // The next version of the record, or 0: it says what its last version says.
  int64_t put_version(const Record& record, int64_t source, int64_t ordinal, int64_t run, int64_t own_version, int64_t floor);
  void state_record(const Record& record, int64_t source, int64_t ordinal);

  std::unique_ptr<Lock> lock_;
  Database db_;
  TypedTables typed_;
  int64_t run_ = 0, next_derived_ = 0;
  std::string time_;
  std::vector<std::string> words_;
  struct Statements;
  std::unique_ptr<Statements> st_;
  Statements& st();
};

// For SELECTs that read_stated() reads: of "Stated" s and "Content" c.
inline constexpr std::string_view kStatedColumns = "c.\"body\", s.\"offset\", s.\"length\", s.\"line\", s.\"column\", s.\"also\"";

std::string utc(std::string_view rfc3339);     // "2025-03-04T06:00:00Z"; throws StoreError on what is no time
std::string json_text(std::string_view text);  // with its quotes

}  // namespace casebridge::store

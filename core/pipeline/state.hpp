// What the stages of a run share. Internal to core/pipeline.
#pragma once
#include <deque>
#include <mutex>

#include "emit/loss.hpp"
#include "emit/quarantine.hpp"
#include "emit/report.hpp"
#include "handle/gate.hpp"
#include "normalise/ledgers.hpp"
#include "normalise/normaliser.hpp"
#include "pipeline/lines.hpp"
#include "pipeline/plugin_output.hpp"
#include "pipeline/stages.hpp"
#include "validate/rules.hpp"

namespace casebridge::pipeline {

inline constexpr uint64_t kSmallInput = uint64_t(1) << 20;    // read whole while probing, and not opened again
inline constexpr uint64_t kKeptBatches = uint64_t(64) << 20;  // bytes of batches kept so, of all inputs together
inline constexpr size_t kOpenSessions = 8;                    // sessions left open between probing and reading

struct FeedState {
  std::unique_ptr<Feed> feed;
  host::InputSet set;                          // one input, or the tables of the feed
  size_t first_file = 0;                       // in the books: of its first file; the others follow
  std::vector<std::shared_ptr<Spool>> spools;  // keep streams until their turn comes
  std::deque<OwnedBatch> pending;              // read while probing
  bool whole = false;                          // all of it is pending
  bool case_data = false;                      // its records name Source lines of their own
  std::vector<Record> said;                    // Source lines as the feed says them
  std::unique_ptr<RecordBatch> lines;          // Source lines as we write them
  uint32_t first_source = 0;                   // number of its first Source line; of several files each has one, in their order
  normalise::Settings settings;
};

struct Output {
  OutputPlan plan;
  std::unique_ptr<emit::Sink> sink;
  std::unique_ptr<emit::CaseWriter> writer;
  PluginOutput* plugin = nullptr;  // the same writer, where a plugin writes
  OutputBooks books;
};

struct Report {
  std::unique_ptr<emit::Sink> sink;
  std::unique_ptr<emit::FindingWriter> writer;
};

struct Stages::State {
  State(const Plan& p, Watch& w, Tap* t, Keeper* k, Supply* y) : plan(p), watch(w), tap(t), keeper(k), supply(y) {}
  const Plan& plan;
  Watch& watch;
  Tap* tap;
  Keeper* keeper;
  Supply* supply;
  std::string program_version;
  std::unique_ptr<host::Registry> registry;
  std::unique_ptr<handle::Gate> gate;
  std::shared_ptr<const normalise::TokenKey> key;
  std::vector<FeedState> feeds;
  size_t current = SIZE_MAX;
  Books books;
  std::vector<Output> outputs;
  std::vector<Report> reports;
  std::unique_ptr<emit::Quarantine> quarantine;
  emit::LossReport loss;
  RunResult result;
  std::chrono::steady_clock::time_point feed_begin;
  std::vector<uint64_t> bytes_done;  // of each file of the feed at hand: the end of the last source record seen
  std::string example;               // id of a record whose values are worth tracing
  bool last_refused = false;         // the last source record was refused: what follows it in a broken input is that record

  std::unique_ptr<normalise::VersionLedger> versions;  // over all feeds: one record may come again in another file
  std::unique_ptr<normalise::ReferenceLedger> references;
  bool needs_survey = false;

  // Of the feed at hand.
  std::mutex idle_mutex;
  std::vector<std::unique_ptr<normalise::Normaliser>> idle;       // one is used by one thread at a time
  std::unique_ptr<normalise::Normaliser> ordered;                 // for parcels with records without a key
  std::vector<std::unique_ptr<host::LineIndex::Cursor>> cursors;  // of each file
  std::unique_ptr<validate::Rules> rules;
  std::unique_ptr<normalise::IdTable> keys;  // of related tables: where the row with each key stands

  FeedState& feed() { return feeds[current]; }
  std::span<FeedBooks> books_of(const FeedState& f) { return std::span(books.feeds).subspan(f.first_file, f.set.refs.size()); }
  FeedBooks& file_books(size_t file) { return books.feeds[feed().first_file + file]; }
  size_t file_of(uint32_t source) {  // of the feed at hand: which file has this number
    const FeedState& f = feed();
    const size_t file = source - f.first_source;
    return !f.case_data && source > f.first_source && file < f.set.refs.size() ? file : 0;
  }

  void open_gate();
  void open_outputs();
  void open_reports();
  void probe_feed(size_t index);
  void take_lines(FeedState&);
  void tell(const Finding&, size_t file);  // through the gate, to every report and the watcher; file: as the books count
  void normalise_with(normalise::Normaliser&, Parcel&);
  void account_for(Output&, RunResult&);
  void write_notices(RunResult&);
  bool keeps(FeedState&, std::string& why_not);
  void locate(Parcel&);
  void keys_once(Parcel&);
  void refuse_by_code(Parcel&);
  void quarantine_unit(const Parcel&, size_t unit);
  void quarantine_rest(const FeedState&, Feed&, size_t file, const std::vector<Finding>&, uint64_t from);
};

}  // namespace casebridge::pipeline

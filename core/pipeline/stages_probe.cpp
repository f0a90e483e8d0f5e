// Before the flow: who receives, which inputs and formats, what each feed says of itself.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/text.hpp"
#include "host/builtin.hpp"
#include "host/inputs.hpp"
#include "pipeline/state.hpp"
#include "validate/structure.hpp"

#ifndef CASEBRIDGE_VERSION
#define CASEBRIDGE_VERSION "0.0.0"
#endif

namespace casebridge::pipeline {

namespace fs = std::filesystem;

Stages::Stages(const Plan& plan, Watch& watch, Tap* tap, Keeper* keeper, Supply* supply)
    : s_(std::make_unique<State>(plan, watch, tap, keeper, supply)) {
  s_->program_version = CASEBRIDGE_VERSION;
}
Stages::~Stages() = default;

unsigned Stages::threads() const { return s_->plan.jobs ? s_->plan.jobs : std::max(1u, std::thread::hardware_concurrency()); }
bool Stages::needs_survey() const { return s_->needs_survey; }

void Stages::State::open_gate() {
  const std::string date = plan.run_time.substr(0, 10);
  if (plan.recipient == "self") gate = handle::Gate::for_self(date);
  else gate = handle::Gate::for_recipient(handle::load_policy(plan.policy), plan.recipient, plan.purpose, plan.authority, date);
}

void Stages::probe() {
  State& s = *s_;
  s.registry = std::make_unique<host::Registry>(host::Registry::with_defaults());
  for (const std::string& mapping : s.plan.mappings) {
    host::PluginInfo info = host::builtins().describe_mapping(mapping);
    info.folder = fs::absolute(mapping).parent_path();
    s.registry->put(std::move(info));
  }
  s.open_gate();
  s.needs_survey = s.gate->needs_survey();
  const std::string spill = fs::temp_directory_path().string();
  s.versions = std::make_unique<normalise::VersionLedger>(spill);
  s.references = std::make_unique<normalise::ReferenceLedger>(
      spill, size_t(8) << 20,
      [versions = s.versions.get(), keeper = s.keeper](const Uuid& id) { return versions->has(id) || (keeper && keeper->knows(id)); });
  if (!s.plan.token_key.empty()) s.key = std::make_shared<normalise::TokenKey>(normalise::TokenKey::load(s.plan.token_key));
  normalise::warm_up();
  validate::structure();
  std::vector<Finding> problems;
  auto refs = host::expand(s.plan.inputs, {}, problems);
  refs.insert(refs.begin(), s.plan.opened.begin(), s.plan.opened.end());
  s.open_reports();
  if (s.supply) {
    s.feeds.resize(1);
    s.books.feeds.resize(1);
    s.feeds[0].lines = std::make_unique<RecordBatch>();
    s.supply->lines(*s.feeds[0].lines);
    s.feeds[0].first_source = 1;
    return;
  }
  const size_t n_files = refs.size();
  std::vector<host::InputSet> sets =
      host::into_sets(*s.registry, std::move(refs), s.plan.from, {.allow_unsandboxed = s.plan.allow_unsandboxed});
  s.feeds.resize(sets.size());
  s.books.feeds.resize(n_files);
  for (Finding& problem : problems) {  // an input that is not there has its own line in the books
    s.books.feeds.emplace_back();
    s.books.feeds.back().input = problem.input;
    s.books.feeds.back().exit = exit_of(problem);
    s.tell(problem, s.books.feeds.size() - 1);
  }
  uint32_t next_source = 1;
  size_t open = 0;
  uint64_t kept = 0;
  size_t next_file = 0;
  for (size_t i = 0; i < sets.size(); ++i) {
    s.feeds[i].set = std::move(sets[i]);
    s.feeds[i].first_file = next_file;
    next_file += s.feeds[i].set.refs.size();
  }
  for (size_t i = 0; i < s.feeds.size() && !s.watch.cancelled(); ++i) {
    FeedState& feed = s.feeds[i];
    s.watch.feed(feed.set.refs[0].name, 0);
    s.probe_feed(i);
    if (!feed.feed) continue;
    feed.first_source = next_source;
    next_source += static_cast<uint32_t>(feed.said.size());
    s.take_lines(feed);
    uint64_t bytes = 0;
    for (size_t file = 0; file < feed.set.refs.size(); ++file) bytes += s.books.feeds[feed.first_file + file].bytes;
    if (feed.whole && kept + bytes <= kKeptBatches) {
      kept += bytes;
    } else if (feed.whole || ++open > kOpenSessions) {  // read again when its turn comes
      feed.feed.reset();
      feed.pending.clear();
      feed.whole = false;
    }
  }
}

void Stages::State::probe_feed(size_t index) {
  FeedState& f = feeds[index];
  const std::span<FeedBooks> b = std::span(books.feeds).subspan(f.first_file, f.set.refs.size());
  f.feed = std::make_unique<Feed>(*registry, f.set, plan, b);
  const auto give_up = [&] {
    f.feed->stop();
    const std::vector<Finding> findings = f.feed->take_findings();
    last_refused = false;
    for (size_t file = 0; file < b.size(); ++file) quarantine_rest(f, *f.feed, file, findings, 0);
    for (Finding finding : findings) {
      const size_t file = f.first_file + std::exchange(finding.source, 0);
      tell(finding, file);
    }
    f.feed.reset();
  };
  if (!f.feed->open() || !f.feed->start()) return give_up();
  f.set = f.feed->set();
  f.spools = f.feed->spools();
  f.settings.agency = plan.agency;
  f.settings.system = plan.system;
  f.settings.input = f.set.refs[0].name;
  f.settings.run_year = std::atoi(plan.run_time.c_str());
  f.settings.key = key;
  // Up to the first Source line; a small input to its end, so that it is opened once.
  normalise::Normaliser first(f.settings);
  RecordBatch scratch;
  uint64_t bytes = 0;
  for (const FeedBooks& one : b) bytes += one.bytes;
  const bool small = bytes > 0 && bytes <= kSmallInput;
  for (;;) {
    OwnedBatch batch;
    if (!f.feed->read(batch)) {
      f.whole = true;
      break;
    }
    f.pending.push_back(std::move(batch));
    if (first.lines().empty()) first.run(f.pending.back().view(), scratch, [](Finding&&) {});
    if (!small && !first.lines().empty()) break;
  }
  for (const Record& line : first.lines()) {
    f.case_data |= line.type->name == "Dataset";
    if (line.type->name == "Source") f.said.push_back(line);
  }
  if (f.set.refs.size() > 1 && !f.said.empty()) f.said.assign(f.set.refs.size(), Record(f.said[0]));  // one for each file
  // The text of those lines belongs to the normaliser: copy it.
  f.lines = std::make_unique<RecordBatch>();
  std::vector<Record> said = std::move(f.said);
  f.said.clear();
  for (const Record& line : said) LineBuilder(*f.lines, line);
  f.said = std::move(f.lines->records);
  f.lines->records.clear();
  f.feed->await_digest();
  if (f.whole) f.feed->stop();
  if (f.said.empty() && f.feed->failed()) return give_up();
}

// The Source lines of a feed as this data set says them: numbered anew, with the file's name, hash and size.
void Stages::State::take_lines(FeedState& f) {
  RecordBatch& lines = *f.lines;
  uint32_t number = f.first_source;
  size_t file = f.first_file;
  for (const Record& said : f.said) {
    if (f.case_data) {
      LineBuilder line(lines, said);
      line.record().source = number;
      line.set("source", std::to_string(number));
      line.done();
    } else {
      add_source_line(lines, said, number, books.feeds[file], "casebridge " + program_version, plan);
      if (f.set.refs.size() > 1) ++file;
    }
    ++number;
  }
  if (lines.records.empty()) return;
  LineBuilder first(lines, lines.records.front());  // a copy to look at
  f.settings.agency = std::string(first.get("agency"));
  f.settings.system = std::string(first.get("system"));
  for (size_t i = 0; i < f.set.refs.size(); ++i) {
    FeedBooks& b = books.feeds[f.first_file + i];
    b.agency = f.settings.agency;
    b.system = f.settings.system;
    if (b.mapping.empty()) b.mapping = std::string(first.get("mappingVersion"));
  }
  lines.records.pop_back();
  f.settings.source = f.first_source;
}

void Stages::survey() {
  State& s = *s_;
  if (s.supply) {
    for (const Record& line : s.feeds[0].lines->records) s.gate->source(line);
    RecordBatch batch;
    for (s.supply->rewind(true); s.supply->next(batch);) s.gate->survey(batch.records);
    return;
  }
  for (FeedState& feed : s.feeds)
    if (feed.lines)
      for (const Record& line : feed.lines->records) s.gate->source(line);
  for (size_t i = 0; i < s.feeds.size(); ++i) {
    FeedState& feed = s.feeds[i];
    if (!feed.lines || feed.lines->records.empty()) continue;
    std::vector<FeedBooks> scratch_books(feed.set.refs.size());
    normalise::Normaliser normaliser(feed.settings);
    RecordBatch batch;
    std::vector<Finding> ignored;
    const auto look = [&](const OwnedBatch& owned) {
      normaliser.run(owned.view(), batch, [](Finding&&) {});
      std::erase_if(batch.records,
                    [&](const Record& r) { return r.type->name == "Dataset" || r.type->name == "Source" || r.type->name == "DatasetEnd"; });
      if (feed.case_data)
        for (Record& r : batch.records)
          if (r.source) r.source += feed.first_source - 1;
      s.gate->survey(batch.records);
    };
    if (feed.whole) {
      for (const OwnedBatch& owned : feed.pending) look(owned);
      continue;
    }
    Feed again(*s.registry, feed.set, s.plan, scratch_books);
    OwnedBatch owned;
    if (again.open() && again.start())
      while (again.read(owned)) look(owned);
    again.stop();
  }
}

}  // namespace casebridge::pipeline

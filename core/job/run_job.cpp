#include "job/run_job.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/text.hpp"
#include "emit/sink.hpp"
#include "handle/policy.hpp"
#include "host/registry.hpp"
#include "job/outputs.hpp"
#include "job/page.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

class Lock {
 public:
  explicit Lock(const Job& job) {
    const fs::path work = work_folder(job);
    std::error_code error;
    fs::create_directories(work, error);
    fs::permissions(work, fs::perms::owner_all, error);
    const std::string file = (work / "lock").string();
    fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) throw emit::IoError(fill(tr("{0} cannot be written"), std::vector<std::string>{file}));
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      char pid[32] = {};
      if (::pread(fd_, pid, sizeof pid - 1, 0) <= 0) pid[0] = '?';
      ::close(fd_);
      throw Locked(
          fill(tr("another run (process {1}) has the store {0}"), std::vector<std::string>{job.path(job.store), std::string(pid)}));
    }
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, pid.data(), pid.size(), 0) < 0) {}  // only for the message of the next one
  }
  ~Lock() { ::close(fd_); }

 private:
  int fd_ = -1;
};

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f", share * 100);
  return text;
}

class Night {
 public:
  Night(const Job& job, const RunOptions& options, pipeline::Watch& watch)
      : job_(job), options_(options), watch_(watch), work_(work_folder(job)), ledger_(load_ledger(work_.string())) {}

  JobResult run() {
    begin();
    for (const SourcePlan& source : job_.sources) {
      FeedResult feed = take(source);
      take_edited(source);
      log("feed", {{"feed", feed.name},
                   {"verdict", std::string(name_of(feed.verdict))},
                   {"in", std::to_string(feed.profile.units)},
                   {"mapped", std::to_string(feed.profile.mapped)},
                   {"quarantined", std::to_string(feed.profile.quarantined)},
                   {"proposal", feed.proposal}});
      result_.exit = worse(result_.exit, feed.exit);
      result_.feeds.push_back(std::move(feed));
      if (watch_.cancelled()) return interrupted();
    }
    const std::vector<std::string> inputs = accepted_files();
    if (!inputs.empty()) {
      write_outputs(job_, inputs, work_.string(), result_, plan_base(), watch_);
      if (watch_.cancelled()) return interrupted();
      for (const OutputResult& output : result_.outputs) {
        log("output", {{"output", output.name},
                       {"recipient", output.recipient},
                       {"records", std::to_string(output.records)},
                       {"sha256", output.sha256}});
        result_.exit = worse(result_.exit, output.exit);
      }
    }
    end();
    return std::move(result_);
  }

 private:
  void log(const std::string& event, std::vector<std::pair<std::string, std::string>> facts) {
    if (options_.log) options_.log(event, facts);
  }

  // The time of a run is taken once: a run that goes on after a kill has the time of the one that was killed.
  void begin() {
    if (!job_.run_time.empty()) ledger_.run_time = job_.run_time;
    else if (ledger_.run_time.empty()) ledger_.run_time = options_.run_time;
    else log("resumed", {{"runTime", ledger_.run_time}});
    if (fs::exists(work_ / "linked.jsonl") && ledger_.kept != ledger_.runs + 1) {  // what the page of this run is compared with
      fs::rename(work_ / "linked.jsonl", work_ / "linked.last.jsonl");
    }
    ledger_.kept = ledger_.runs + 1;
    save_ledger(work_.string(), ledger_);
    result_.run_time = ledger_.run_time;
    result_.run = ledger_.runs + 1;
    log("run", {{"job", job_.name}, {"run", std::to_string(result_.run)}, {"runTime", result_.run_time}});
  }

  void end() {
    const auto write = [&](const std::string& path, const std::string& text) {
      if (path.empty()) return;
      emit::FileSink sink(job_.path(path));
      sink.write(text);
      sink.commit();
    };
    write(job_.manifest, manifest_json(job_, result_));
    write(job_.metrics, open_metrics(job_, result_));
    if (!job_.page.empty()) {
      const Held held = what_is_held(job_);
      const Diff diff = compare((work_ / "linked.last.jsonl").string(), (work_ / "linked.jsonl").string());
      const fs::path page(job_.page);
      for (const Language language : {Language::en, Language::fr})
        write(
            (page.parent_path() / (page.stem().string() + (language == Language::fr ? ".fr" : ".en") + page.extension().string())).string(),
            morning_page(job_, result_, held, diff, language));
    }
    ledger_.runs = result_.run;
    ledger_.run_time.clear();
    save_ledger(work_.string(), ledger_);
    log("end", {{"exit", std::to_string(static_cast<int>(result_.exit))}});
  }

  JobResult interrupted() {  // what was staged stays; the next run goes on from it
    result_.exit = Exit::interrupted;
    log("interrupted", {});
    return std::move(result_);
  }

  FeedResult take(const SourcePlan& source) {
    FeedResult feed;
    feed.name = source.name;
    const auto hold = [&](Verdict verdict, Exit exit, std::string why) {
      feed.verdict = verdict, feed.exit = exit, feed.why = std::move(why);
      return feed;
    };
    const std::string decided = ledger_.mapping_of(source.name);
    const Arrival arrival = look_for(job_, source, decided);
    const std::string clock = result_.run_time.size() > 15 ? result_.run_time.substr(11, 5) : "";
    if (arrival.missing) {
      if (!source.expected.by.empty() && clock < source.expected.by)
        return hold(Verdict::not_due, Exit::ok, fill(tr("due by {0}"), std::vector<std::string>{source.expected.by}));
      return hold(Verdict::late, Exit::input,
                  source.expected.by.empty()
                      ? tr("nothing is there")
                      : fill(tr("nothing is there, and it was due by {0}"), std::vector<std::string>{source.expected.by}));
    }
    if (arrival.empty) return hold(Verdict::empty, Exit::input, tr("the input is empty"));
    feed.key = arrival.key;
    const Staged staged = stage(job_, source, arrival, decided, (work_ / "feeds").string(), result_.run_time, watch_);
    feed.folder = staged.folder, feed.profile = staged.profile;
    const Profile& p = staged.profile;
    if (p.exit == Exit::interrupted || p.exit == Exit::terminated) return hold(Verdict::interrupted, p.exit, {});
    if (const Accepted* known = ledger_.find(source.name, arrival.key)) {  // by this very run, where one was killed and goes on
      feed.verdict = known->run == result_.run ? Verdict::loaded : Verdict::unchanged;
      feed.exit = p.quarantined ? Exit::quarantined : Exit::ok;
      return feed;
    }
    const Accepted* last = ledger_.last(source.name);  // of a whole feed
    const bool accepted = ledger_.decided("accept", source.name, arrival.key);
    if (!accepted) {
      if (p.exit != Exit::ok && p.exit != Exit::quarantined) return hold(Verdict::broken, p.exit, tr("it could not be read to its end"));
      Profile before;
      const Profile* baseline = last && read_staged(source.name, last->key, before) ? &before : nullptr;
      feed.changes = judge_drift(p, baseline);
      if (std::any_of(feed.changes.begin(), feed.changes.end(), [](const Change& c) { return c.stops; })) {
        const std::string mapping = decided.empty() ? mapping_file(p.format) : decided;
        if (!mapping.empty())
          feed.proposal = propose(job_, source, arrival, feed.changes, mapping, work_.string(), result_.run_time, watch_).id;
        std::string why;
        for (const Change& change : feed.changes)
          if (change.stops) why += (why.empty() ? "" : "; ") + change.words();
        return hold(Verdict::drifted, Exit::drift, why);
      }
      if (source.threshold && p.units && static_cast<double>(p.quarantined) > *source.threshold * static_cast<double>(p.units))
        return hold(Verdict::over_threshold, Exit::threshold,
                    fill(tr("{0} of {1} source records are in quarantine, more than {2} %"),
                         std::vector<std::string>{std::to_string(p.quarantined), std::to_string(p.units), percent(*source.threshold)}));
      if (p.units < source.expected.records)
        return hold(Verdict::shrunken, Exit::input,
                    fill(tr("{0} source records where {1} are expected"),
                         std::vector<std::string>{std::to_string(p.units), std::to_string(source.expected.records)}));
      if (arrival.bytes < source.expected.bytes)
        return hold(Verdict::shrunken, Exit::input,
                    fill(tr("{0} bytes where {1} are expected"),
                         std::vector<std::string>{std::to_string(arrival.bytes), std::to_string(source.expected.bytes)}));
      if (last && static_cast<double>(p.units) < source.expected.shrink * static_cast<double>(last->units))
        return hold(Verdict::shrunken, Exit::input,
                    fill(tr("{0} source records; the last night had {1}"),
                         std::vector<std::string>{std::to_string(p.units), std::to_string(last->units)}));
    }
    ledger_.accepted.push_back({source.name, arrival.key, result_.run_time, p.units, arrival.bytes, result_.run});
    save_ledger(work_.string(), ledger_);
    feed.verdict = Verdict::loaded;
    feed.exit = p.quarantined ? Exit::quarantined : Exit::ok;
    return feed;
  }

  // Records that people mended: each is read as a feed of its own, in the head and tail of the one it came from.
  void take_edited(const SourcePlan& source) {
    for (const Decision& d : std::vector<Decision>(ledger_.decisions)) {
      const fs::path folder = work_ / "edits" / d.subject / "feed";
      if (d.what != "replay" || d.source != source.name || !fs::exists(folder)) continue;
      SourcePlan edited = source;
      edited.paths = {fs::absolute(folder).string()};
      const std::string mapping = ledger_.mapping_of(source.name);
      const Arrival arrival = look_for(job_, edited, mapping);
      if (arrival.key.empty() || ledger_.find(source.name, arrival.key)) continue;
      const Staged staged = stage(job_, edited, arrival, mapping, (work_ / "feeds").string(), result_.run_time, watch_);
      const bool good = staged.profile.exit == Exit::ok && staged.profile.mapped > 0;
      log("replayed", {{"feed", source.name},
                       {"item", d.subject},
                       {"mapped", std::to_string(staged.profile.mapped)},
                       {"quarantined", std::to_string(staged.profile.quarantined)}});
      if (!good) continue;
      ledger_.accepted.push_back({source.name, arrival.key, result_.run_time, 0, 0, result_.run});
      save_ledger(work_.string(), ledger_);
    }
  }

  bool read_staged(const std::string& source, const std::string& key, Profile& into) const {
    Arrival arrival;
    arrival.key = key;
    if (!fs::exists(work_ / "feeds" / source / key / "profile.json")) return false;
    SourcePlan named;
    named.name = source;
    into = stage(job_, named, arrival, {}, (work_ / "feeds").string(), result_.run_time, watch_).profile;
    return true;
  }

  static std::string mapping_file(const std::string& format) {
    const host::Registry registry = host::Registry::with_defaults();
    const host::Choice choice = registry.reader(format);
    return choice && !choice.plugin->mapping.empty() ? (choice.plugin->folder / choice.plugin->mapping).string() : "";
  }

  std::vector<std::string> accepted_files() const {
    std::vector<std::string> out;
    for (const Accepted& a : ledger_.accepted) {
      const fs::path file = work_ / "feeds" / a.source / a.key / "case.jsonl";
      if (fs::exists(file)) out.push_back(file.string());
    }
    return out;
  }

  pipeline::Plan plan_base() const {
    pipeline::Plan plan;
    plan.run_time = result_.run_time;
    plan.force = true;
    plan.jobs = static_cast<unsigned>(job_.limits.jobs);
    plan.in_process = options_.in_process;
    plan.allow_unsandboxed = options_.allow_unsandboxed;
    return plan;
  }

  const Job& job_;
  const RunOptions& options_;
  pipeline::Watch& watch_;
  fs::path work_;
  Ledger ledger_;
  JobResult result_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view kNames[] = {"LOADED",   "UNCHANGED", "NOT_DUE", "LATE",           "EMPTY",
                                         "SHRUNKEN", "DRIFTED",   "BROKEN",  "OVER_THRESHOLD", "INTERRUPTED"};
  return kNames[static_cast<size_t>(verdict)];
}

std::string words_of(Verdict verdict) {
  static constexpr const char* kWords[] = {TR_NOOP("loaded"),
                                           TR_NOOP("unchanged"),
                                           TR_NOOP("not due yet"),
                                           TR_NOOP("late"),
                                           TR_NOOP("empty"),
                                           TR_NOOP("shrunken"),
                                           TR_NOOP("held back: its form has changed"),
                                           TR_NOOP("held back: broken"),
                                           TR_NOOP("held back: over its threshold"),
                                           TR_NOOP("interrupted")};
  return tr(kWords[static_cast<size_t>(verdict)]);
}

bool held(Verdict verdict) { return verdict != Verdict::loaded && verdict != Verdict::unchanged; }

std::string work_folder(const Job& job) { return job.path(job.store) + ".work"; }

JobResult run_job(const Job& job, const RunOptions& options, pipeline::Watch& watch) {
  const Lock lock(job);
  return Night(job, options, watch).run();
}

void decide(const Job& job, Decision decision) {
  const Lock lock(job);
  Ledger ledger = load_ledger(work_folder(job));
  decision.number = ledger.decisions.size() + 1;
  ledger.decisions.push_back(std::move(decision));
  save_ledger(work_folder(job), ledger);
}

}  // namespace casebridge::job

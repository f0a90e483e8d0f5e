#include "job/run_job.hpp"

#include <algorithm>
#include <filesystem>

#include "base/text.hpp"
#include "emit/sink.hpp"
#include "host/registry.hpp"
#include "job/edited.hpp"
#include "job/linking.hpp"
#include "job/news.hpp"
#include "job/outputs.hpp"
#include "job/page.hpp"
#include "store/loader.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

// A store appears whole or not at all.
std::string made_where_none_is(const Job& job, const std::string& time) {
  const std::string path = job.path(job.store);
  if (fs::exists(path)) return path;
  if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path());
  const store::Lock lock(path, "casebridge run", time);
  if (fs::exists(path)) return path;  // another has made it meanwhile
  const std::string fresh = path + ".new";
  for (const char* beside : {"", "-wal", "-shm", "-journal"}) fs::remove(fresh + beside);
  store::Store::create(fresh, time);
  fs::rename(fresh, path);
  return path;
}

std::string percent(double share) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f", share * 100);
  return text;
}

class OneNight {
 public:
  OneNight(const Job& job, const RunOptions& options, pipeline::Watch& watch)
      : job_(job),
        options_(options),
        watch_(watch),
        work_(work_folder(job)),
        now_(job.run_time.empty() ? options.run_time : job.run_time),
        time_(now_),
        store_(made_where_none_is(job, now_), store::Store::Mode::write, "casebridge run", now_),
        ledger_(store_, job.name) {
    std::error_code error;
    fs::create_directories(work_, error);
    fs::permissions(work_, fs::perms::owner_all, error);
    clear_scratch(work_.string());
  }

  JobResult run() {
    begin();
    end_access();
    store_.begin_run("night", time_, job_.name);
    if (!take_feeds()) return interrupted();
    link();
    if (changed_) {
      store_.commit_run();
    } else {
      store_.abandon_run();
      if (!linked_.empty()) ledger_.set_linked(linked_);  // and nothing came of it
    }
    result_.removed = removed_since(store_, night_.since);
    pipeline::Plan plan = plan_base();
    plan.run_time = now_;  // of the gate's clocks
    write_outputs(job_, store_, result_, plan, watch_);
    if (watch_.cancelled()) return interrupted();
    for (const OutputResult& output : result_.outputs) {
      log("output", {{"output", output.name},
                     {"recipient", output.recipient},
                     {"records", std::to_string(output.records)},
                     {"sha256", output.sha256}});
      result_.exit = worse(result_.exit, output.exit);
    }
    end();
    return std::move(result_);
  }

 private:
  void log(const std::string& event, std::vector<std::pair<std::string, std::string>> facts) {
    if (options_.log) options_.log(event, facts);
  }

  // The time of a night is taken once: one that goes on after a kill has the time of the one that was killed. Access ends by
  // the clock of now.
  void begin() {
    night_ = ledger_.begin_night(time_);
    if (job_.run_time.empty()) time_ = night_.run_time;
    if (night_.resumed) log("resumed", {{"runTime", time_}});
    result_.run_time = time_;
    result_.run = night_.number;
    result_.since = night_.since;
    log("run", {{"job", job_.name}, {"run", std::to_string(result_.run)}, {"runTime", time_}});
  }

  // Before anything else: what nobody may have any more is in no version, past view, quarantine, cluster or output of this
  // night, and in no backup that can be reached.
  void end_access() {
    const store::Store::Removal gone = store_.enforce_clocks(now_.substr(0, 10), now_);
    if (gone.found) log("destroyed", {{"records", std::to_string(gone.records)}, {"derived", std::to_string(gone.derived)}});
    result_.unreachable = gone.unreachable;
    if (!gone.unreachable.empty()) result_.exit = worse(result_.exit, Exit::temporary);
  }

  bool take_feeds() {
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
      if (watch_.cancelled()) return false;
    }
    return true;
  }

  void link() {
    const std::string how = how_linked(job_, store_);
    const bool again = changed_ || !ledger_.linked(how);
    if (!again) return;
    const store::Store::Derived found = link_store(job_, store_, now_.substr(0, 10));
    changed_ |= found.added || found.changed || found.ended;
    ledger_.set_linked(linked_ = how);
    log("linked",
        {{"new", std::to_string(found.added)}, {"changed", std::to_string(found.changed)}, {"ended", std::to_string(found.ended)}});
  }

  uint64_t count_of(const std::string& type) {
    return static_cast<uint64_t>(
        store_.db().number("SELECT count(*) FROM \"Record\" WHERE \"untilRun\" IS NULL AND \"recordType\"='" + type + "'"));
  }

  void end() {
    result_.store_run = store_.last_run();
    result_.records = static_cast<uint64_t>(store_.count_current());
    result_.clusters = count_of("Cluster");
    const News news = news_since(store_, night_.since, night_.number == 1);
    const auto write = [&](const std::string& path, const std::string& text) {
      if (path.empty()) return;
      emit::FileSink sink(job_.path(path));
      sink.write(text);
      sink.commit();
    };
    write(job_.manifest, manifest_json(job_, result_));
    write(job_.metrics, open_metrics(job_, result_));
    if (!job_.page.empty()) {
      const Held held = what_is_held(job_, store_);
      const fs::path page(job_.page);
      for (const Language language : {Language::en, Language::fr})
        write(
            (page.parent_path() / (page.stem().string() + (language == Language::fr ? ".fr" : ".en") + page.extension().string())).string(),
            morning_page(job_, result_, held, news, language));
    }
    ledger_.end_night();
    log("end", {{"exit", std::to_string(static_cast<int>(result_.exit))}});
  }

  JobResult interrupted() {  // the store is as it was before, or has all of the run; the next run goes on from there
    store_.abandon_run();
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
    const std::string mapping = mapping_decided_for(ledger_, source.name, work_.string());
    const Arrival arrival = look_for(job_, source, mapping);
    const std::string clock = time_.size() > 15 ? time_.substr(11, 5) : "";
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
    const std::optional<FeedRow> known = ledger_.find(source.name, arrival.key);
    const bool accepted = ledger_.decided("accept", source.name, arrival.key);
    if (known && known->state == "loaded") {
      feed.profile = known->profile;
      feed.verdict = known->run > night_.from ? Verdict::loaded : Verdict::unchanged;  // by this very night, where it was killed
      feed.exit = feed.profile.quarantined ? Exit::quarantined : Exit::ok;
      return feed;
    }
    if (known && !accepted) {  // held back before: it is not read again to be held back again
      feed.profile = known->profile;
      if (judge(source, arrival, mapping, feed)) {
        keep_proposal();
        return feed;
      }
    }
    feed.changes.clear();
    feed.why.clear();
    const int64_t before = store_.db().number("SELECT max(\"source\") FROM \"SourceFile\"");
    Reading reading;
    {
      store::Savepoint whole(store_.db());
      reading = read_feed(job_, source, arrival, mapping, plan_base(), watch_, &store_);
      feed.profile = reading.profile;
      const Profile& p = feed.profile;
      if (p.exit == Exit::interrupted || p.exit == Exit::terminated) return hold(Verdict::interrupted, p.exit, {});
      if (p.withdrawn && !p.files && !p.known) return hold(Verdict::withdrawn, Exit::ok, tr("it was withdrawn, and stays out"));
      if (accepted || !judge(source, arrival, mapping, feed)) {
        ledger_.put_loaded(source.name, arrival.key, p, arrival.bytes, before);
        whole.keep();
        changed_ |= p.files > 0;
        feed.verdict = p.files ? Verdict::loaded : Verdict::unchanged;
        if (const auto last = ledger_.last_loaded(source.name); !p.files && last && last->profile.sha256 == p.sha256)
          feed.profile = last->profile;  // it was not read: what it looked like then
        feed.exit = p.quarantined ? Exit::quarantined : Exit::ok;
        return feed;
      }
    }
    keep_what_was_refused(source.name, arrival, reading);
    return feed;
  }

  // Is the feed to be held back? Then `feed` says why.
  bool judge(const SourcePlan& source, const Arrival& arrival, const std::string& mapping, FeedResult& feed) {
    const auto hold = [&](Verdict verdict, Exit exit, std::string why) {
      feed.verdict = verdict, feed.exit = exit, feed.why = std::move(why);
      return true;
    };
    const Profile& p = feed.profile;
    if (p.exit != Exit::ok && p.exit != Exit::quarantined) return hold(Verdict::broken, p.exit, tr("it could not be read to its end"));
    const std::optional<FeedRow> last = ledger_.last_loaded(source.name);
    feed.changes = judge_drift(p, last ? &last->profile : nullptr);
    if (std::any_of(feed.changes.begin(), feed.changes.end(), [](const Change& c) { return c.stops; })) {
      feed.proposal = propose_once(source, arrival, mapping, feed);
      std::string why;
      for (const Change& change : feed.changes)
        if (change.stops) why += (why.empty() ? "" : "; ") + change.words();
      return hold(Verdict::drifted, Exit::drift, why);
    }
    if (source.threshold && p.units && static_cast<double>(p.quarantined) > *source.threshold * static_cast<double>(p.units))
      return hold(Verdict::over_threshold, Exit::threshold,
                  fill(tr("{0} of {1} source records are in quarantine, more than {2} %"),
                       std::vector<std::string>{std::to_string(p.quarantined), std::to_string(p.units), percent(*source.threshold)}));
    const uint64_t units = p.units + p.known_units;
    if (units < source.expected.records)
      return hold(Verdict::shrunken, Exit::input,
                  fill(tr("{0} source records where {1} are expected"),
                       std::vector<std::string>{std::to_string(units), std::to_string(source.expected.records)}));
    if (arrival.bytes < source.expected.bytes)
      return hold(Verdict::shrunken, Exit::input,
                  fill(tr("{0} bytes where {1} are expected"),
                       std::vector<std::string>{std::to_string(arrival.bytes), std::to_string(source.expected.bytes)}));
    const uint64_t before = last ? last->profile.units + last->profile.known_units : 0;
    if (static_cast<double>(units) < source.expected.shrink * static_cast<double>(before))
      return hold(
          Verdict::shrunken, Exit::input,
          fill(tr("{0} source records; the last night had {1}"), std::vector<std::string>{std::to_string(units), std::to_string(before)}));
    return false;
  }

  // Should the feed be held back, the savepoint that it was read in is undone; so a proposal waits until then.
  std::string propose_once(const SourcePlan& source, const Arrival& arrival, const std::string& mapping, const FeedResult& feed) {
    for (const Proposal& p : ledger_.proposals())
      if (p.feed == source.name && p.key == arrival.key) return p.id;
    const std::string from = mapping.empty() ? mapping_file(feed.profile.format) : mapping;
    if (from.empty()) return {};
    proposed_ = propose(job_, source, arrival, feed.changes, from, work_.string(), plan_base(), watch_);
    return proposed_.id;
  }

  // Of a feed that is held back the store has what its reader refused, for people to look at, and what the feed looked like.
  void keep_what_was_refused(const std::string& name, const Arrival& arrival, const Reading& reading) {
    if (!ledger_.find(name, arrival.key)) ledger_.put_held(name, arrival.key, reading.profile, arrival.bytes);
    store::Loader loader(store_);
    for (const Refused& refused : reading.refused) {
      emit::QuarantineItem item = refused.item;
      item.raw = refused.raw;
      loader.quarantined(item);
      ledger_.put_held_item(store_.db().number("SELECT max(\"item\") FROM \"Quarantine\""), name, arrival.key, reading.profile);
    }
    keep_proposal();
    changed_ = true;
  }

  void keep_proposal() {
    if (proposed_.id.empty()) return;
    ledger_.put_proposal(proposed_);
    proposed_ = {};
    changed_ = true;
  }

  // Records that people mended: each is read as a feed of its own, in the head and tail of the one it came from.
  void take_edited(const SourcePlan& source) {
    for (const Edited& edited : edited_and_accepted(job_, store_, source.name)) {
      const EditedFile file(work_.string(), edited);
      SourcePlan plan = source;
      plan.paths = {file.path()};
      const std::string mapping = mapping_decided_for(ledger_, source.name, work_.string());
      const Arrival arrival = look_for(job_, plan, mapping);
      const int64_t before = store_.db().number("SELECT max(\"source\") FROM \"SourceFile\"");
      Profile p;
      bool good = ledger_.find(source.name, arrival.key).has_value();
      if (!good) {
        store::Savepoint whole(store_.db());
        p = read_feed(job_, plan, arrival, mapping, plan_base(), watch_, &store_).profile;
        if (p.exit == Exit::interrupted || p.exit == Exit::terminated) return;
        good = p.exit == Exit::ok && p.mapped > 0;
        if (good) {
          ledger_.put_loaded(source.name, arrival.key, p, 0, before, edited.source);
          whole.keep();
        }
      }
      settle_edited(store_, edited, good);
      changed_ = true;
      log("replayed", {{"feed", source.name},
                       {"item", edited.id},
                       {"mapped", std::to_string(p.mapped)},
                       {"quarantined", std::to_string(p.quarantined)}});
    }
  }

  static std::string mapping_file(const std::string& format) {
    const host::Registry registry = host::Registry::with_defaults();
    const host::Choice choice = registry.reader(format);
    return choice && !choice.plugin->mapping.empty() ? (choice.plugin->folder / choice.plugin->mapping).string() : "";
  }

  pipeline::Plan plan_base() const {
    pipeline::Plan plan;
    plan.run_time = time_;
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
  std::string now_;   // clocks go by it
  std::string time_;  // of the night
  store::Store store_;
  Ledger ledger_;
  Night night_;
  Proposal proposed_;     // of the feed at hand
  std::string linked_;    // by which settings, where it was done again
  bool changed_ = false;  // this run is worth keeping
  JobResult result_;
};

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::string_view kNames[] = {"LOADED",  "UNCHANGED", "NOT_DUE",        "LATE",        "EMPTY",    "SHRUNKEN",
                                         "DRIFTED", "BROKEN",    "OVER_THRESHOLD", "INTERRUPTED", "WITHDRAWN"};
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
                                           TR_NOOP("interrupted"),
                                           TR_NOOP("withdrawn")};
  return tr(kWords[static_cast<size_t>(verdict)]);
}

bool held(Verdict verdict) { return verdict != Verdict::loaded && verdict != Verdict::unchanged; }

std::string work_folder(const Job& job) { return job.path(job.store) + ".work"; }

JobResult run_job(const Job& job, const RunOptions& options, pipeline::Watch& watch) { return OneNight(job, options, watch).run(); }

}  // namespace casebridge::job

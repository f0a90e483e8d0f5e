#include "job/ledger.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <filesystem>

#include "emit/sink.hpp"
#include "job/content.hpp"
#include "job/json_out.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;
using store::Query;
using Change = store::Store::Change;

FeedRow row_of(Query& q) {  // key, state, run, units, bytes, profile
  FeedRow row;
  row.key = q.as_text(0), row.state = q.as_text(1), row.run = q.as_number(2);
  row.units = static_cast<uint64_t>(q.as_number(3)), row.bytes = static_cast<uint64_t>(q.as_number(4));
  row.profile = parse_profile(std::string(q.as_text(5)));
  return row;
}

constexpr std::string_view kFeedColumns = "SELECT \"key\", \"state\", \"run\", \"units\", \"bytes\", \"profile\" FROM \"Feed\" ";

}  // namespace

Night Ledger::begin_night(const std::string& run_time) {
  Night night;
  store::Database& db = store_.db();
  Change change(store_);
  Query q(db, "SELECT \"nights\", \"from\", \"until\", \"runTime\" FROM \"Night\" WHERE \"job\"=?");
  q.text(job_);
  const bool known = q.step();
  night.number = 1, night.run_time = run_time;
  night.since = known ? q.as_number(2) : store_.last_run();
  night.from = store_.last_run();
  if (known) {
    night.number = static_cast<uint64_t>(q.as_number(0)) + 1;
    night.resumed = !q.as_text(3).empty();
    if (night.resumed) night.run_time = q.as_text(3), night.from = q.as_number(1);
  }
  q.reset();
  Query put(db,
            "INSERT INTO \"Night\" VALUES (?1, 0, ?2, ?3, ?4, 0, '') ON CONFLICT DO UPDATE SET \"from\"=excluded.\"from\", "
            "\"runTime\"=excluded.\"runTime\"");
  put.text(job_).number(night.from).number(night.since).text(night.run_time).done();
  change.commit();
  return night;
}

void Ledger::end_night() {
  Change change(store_);
  Query q(store_.db(), "UPDATE \"Night\" SET \"nights\"=\"nights\"+1, \"until\"=?, \"runTime\"='' WHERE \"job\"=?");
  q.number(store_.last_run()).text(job_).done();
  change.commit();
}

bool Ledger::linked(const std::string& how) {
  Query q(store_.db(), "SELECT \"linked\", \"linkedHow\" FROM \"Night\" WHERE \"job\"=?");
  q.text(job_);
  const int64_t last = store_.in_run() ? store_.run() - 1 : store_.last_run();  // the run under way has brought nothing yet
  return q.step() && q.as_number(0) == last && q.as_text(1) == how;
}

void Ledger::set_linked(const std::string& how) {
  Change change(store_);
  Query q(store_.db(), "UPDATE \"Night\" SET \"linked\"=?, \"linkedHow\"=? WHERE \"job\"=?");
  q.number(store_.in_run() ? store_.run() : store_.last_run()).text(how).text(job_).done();
  change.commit();
}

std::optional<FeedRow> Ledger::find(const std::string& feed, const std::string& key) {
  Query q(store_.db(), std::string(kFeedColumns) + "WHERE \"job\"=? AND \"feed\"=? AND \"key\"=?");
  q.text(job_).text(feed).text(key);
  if (!q.step()) return std::nullopt;
  return row_of(q);
}

std::optional<FeedRow> Ledger::last_loaded(const std::string& feed) {
  Query q(store_.db(), std::string(kFeedColumns) +
                           "WHERE \"job\"=? AND \"feed\"=? AND \"state\"='loaded' AND \"units\" > 0 ORDER BY \"run\" DESC LIMIT 1");
  q.text(job_).text(feed);
  if (!q.step()) return std::nullopt;
  return row_of(q);
}

void Ledger::put_loaded(const std::string& feed, const std::string& key, const Profile& profile, uint64_t bytes, int64_t after,
                        int64_t mended_from) {
  store::Database& db = store_.db();
  // What the reader refused while the feed was held back, it has refused again, or no longer.
  Query items(db,
              "DELETE FROM \"Quarantine\" WHERE \"item\" IN (SELECT \"item\" FROM \"HeldItem\" WHERE \"job\"=?1 AND \"feed\"=?2 AND "
              "(\"key\"=?3 OR \"sha256\" IN (SELECT \"sha256\" FROM \"SourceFile\" WHERE \"source\" > ?4)))");
  items.text(job_).text(feed).text(key).number(after).done();
  Query held(db, "DELETE FROM \"Feed\" WHERE \"job\"=? AND \"feed\"=? AND \"key\"=?");
  held.text(job_).text(feed).text(key).done();
  Query put(db, "INSERT INTO \"Feed\" VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const std::string json = profile_json(profile);
  put.text(job_).text(feed).text(key).text(mended_from ? "mended" : "loaded").number(store_.run());
  put.number(static_cast<int64_t>(profile.units)).number(static_cast<int64_t>(bytes)).text(json).done();
  Query files(db,
              "INSERT INTO \"FeedFile\" SELECT \"source\", ?, ?, ?, nullif(?, 0) FROM \"SourceFile\" WHERE \"source\" > ? AND \"run\"=?");
  files.text(job_).text(feed).text(key).number(mended_from).number(after).number(store_.run()).done();
}

void Ledger::put_held(const std::string& feed, const std::string& key, const Profile& profile, uint64_t bytes) {
  Query put(store_.db(), "INSERT INTO \"Feed\" VALUES (?, ?, ?, 'held', ?, ?, ?, ?)");
  const std::string json = profile_json(profile);
  put.text(job_).text(feed).text(key).number(store_.run());
  put.number(static_cast<int64_t>(profile.units)).number(static_cast<int64_t>(bytes)).text(json).done();
}

void Ledger::put_held_item(int64_t item, const std::string& feed, const std::string& key, const Profile& profile) {
  Query put(store_.db(), "INSERT INTO \"HeldItem\" VALUES (?, ?, ?, ?, ?, ?, ?)");
  put.number(item).text(job_).text(feed).text(key).text(profile.sha256).text(profile.agency).text(profile.system).done();
}

void Ledger::put_receipts(int64_t number, const std::vector<Receipt>& receipts) {
  if (receipts.empty()) return;
  Change change(store_);
  Query put(store_.db(), "INSERT OR REPLACE INTO \"Receipt\" VALUES (?, ?, ?, ?)");
  for (const Receipt& r : receipts) put.number(number).text(r.body).text(r.grant).number(static_cast<int64_t>(r.records)).done();
  change.commit();
}

void Ledger::decide(const Decision& decision, const std::function<void()>& also) {
  store::DecisionRow row;
  row.kind = decision.what, row.a_agency = job_, row.a_system = decision.feed, row.code = decision.subject;
  row.by = decision.by, row.at = decision.at, row.reason = decision.why;
  Change change(store_);
  store_.put_decision(row);
  if (also) also();
  change.commit();
}

std::vector<Decision> Ledger::decisions() {
  std::vector<Decision> out;
  for (store::DecisionRow& row : store_.decisions())
    if (row.kind != "link" && row.a_agency == job_) out.push_back({row.kind, row.a_system, row.code, row.by, row.reason, row.at});
  return out;
}

bool Ledger::decided(const std::string& what, const std::string& feed, const std::string& subject) {
  const std::vector<Decision> all = decisions();
  return std::any_of(all.begin(), all.end(), [&](const Decision& d) { return d.what == what && d.feed == feed && d.subject == subject; });
}

std::string Ledger::proposal_of(const std::string& feed) {
  std::string out;
  for (const Decision& d : decisions())
    if (d.what == "mapping" && d.feed == feed) out = d.subject;
  return out;
}

void Ledger::put_proposal(const Proposal& p) {
  store::Database& db = store_.db();
  JsonOut evidence;
  evidence.open('[');
  for (const std::string& line : p.evidence) evidence.text(line);
  const std::string json = evidence.close(']').done();
  Query put(db, "INSERT OR IGNORE INTO \"Proposal\" VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  put.text(p.id).text(job_).text(p.feed).text(p.key).text(p.format).number(store_.run()).text(p.patch).text(json).done();
  Query file(db, "INSERT OR IGNORE INTO \"ProposalFile\" VALUES (?, ?, ?)");
  for (const auto& [name, content] : p.files) file.text(p.id).text(name).text(content).done();
}

std::vector<Proposal> Ledger::proposals() {
  std::vector<Proposal> out;
  Query q(store_.db(),
          "SELECT \"proposal\", \"feed\", \"key\", \"format\", \"patch\", \"evidence\" FROM \"Proposal\" WHERE \"job\"=? ORDER BY "
          "\"proposal\"");
  q.text(job_);
  while (q.step()) {
    Proposal p;
    p.id = q.as_text(0), p.feed = q.as_text(1), p.key = q.as_text(2), p.format = q.as_text(3), p.patch = q.as_text(4);
    rapidjson::Document evidence;
    evidence.Parse(q.as_text(5).data(), q.as_text(5).size());
    if (!evidence.HasParseError() && evidence.IsArray())
      for (const auto& line : evidence.GetArray())
        if (line.IsString()) p.evidence.emplace_back(line.GetString());
    out.push_back(std::move(p));
  }
  return out;
}

std::string Ledger::lay_out(const std::string& proposal, const std::string& folder) {
  const fs::path into = fs::path(folder) / proposal;
  Query q(store_.db(), "SELECT \"name\", \"content\" FROM \"ProposalFile\" WHERE \"proposal\"=?");
  q.text(proposal);
  while (q.step()) {
    const fs::path file = into / std::string(q.as_text(0));
    if (fs::exists(file) && content(file) == q.as_text(1)) continue;
    emit::FileSink sink(file.string());
    sink.write(q.as_text(1));
    sink.commit();
  }
  return (into / "mapping.yaml").string();
}

}  // namespace casebridge::job

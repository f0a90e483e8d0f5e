#include "job/held.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/report_parts.hpp"
#include "emit/sink.hpp"
#include "handle/gate.hpp"
#include "job/content.hpp"
#include "job/edited.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

constexpr size_t kExcerpt = 120;

store::Store open(const Job& job, const Decision& decision) {
  const std::string path = job.path(job.store);
  if (!fs::exists(path)) throw Unknown(tr("The job has not run yet: nothing is held back."));
  return store::Store(path, store::Store::Mode::write, "casebridge quarantine", decision.at);
}

HeldRecord record_of(const Job& job, store::Store& store, const std::string& id) {
  for (HeldRecord& r : what_is_held(job, store).records)
    if (r.id == id) return r;
  throw Unknown(fill(tr("Nothing in quarantine is called {0}."), std::vector<std::string>{id}));
}

std::string from_editor(const fs::path& file) {
  const char* editor = std::getenv("VISUAL");
  if (!editor || !*editor) editor = std::getenv("EDITOR");
  if (!editor || !*editor) throw Unknown(tr("No editor is set; give the record with --with FILE."));
  const std::string command = std::string(editor) + " '" + file.string() + "'";
  if (std::system(command.c_str()) != 0) throw Unknown(tr("The editor ended with an error; nothing was changed."));
  return content(file);
}

// A file that is gone when its user is.
class Scratch {
 public:
  Scratch(const fs::path& path, std::string_view text) : path_(path) {
    emit::FileSink sink(path_.string());
    sink.write(text);
    sink.commit();
  }
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_.parent_path(), ignored);
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// Where the source records of a file begin and end: what stands before is its head (column names, the opening of a
// document), what stands after is its tail.
std::pair<uint64_t, uint64_t> span_of(store::Store& store, int64_t source) {
  store::Query q(store.db(),
                 "SELECT min(\"begin\"), max(\"end\") FROM (SELECT \"offset\" AS \"begin\", \"offset\"+\"length\" AS \"end\" FROM "
                 "\"Stated\" WHERE \"source\"=?1 AND \"length\" > 0 UNION ALL SELECT \"offset\", \"offset\"+\"length\" FROM "
                 "\"Quarantine\" WHERE \"source\"=?1)");
  q.number(source);
  q.step();
  return {static_cast<uint64_t>(q.as_number(0)), static_cast<uint64_t>(q.as_number(1))};
}

// The file of a refused record as it was read, where the job still has it.
std::string file_of(const Job& job, store::Store& store, const HeldRecord& r) {
  if (r.state == "held")
    throw Unknown(fill(tr("The feed {0} is held back whole: mend its file, or let it in as it is (casebridge quarantine replay)."),
                       std::vector<std::string>{r.feed}));
  std::string sha256, format;
  store::Query q(
      store.db(),
      "SELECT \"sha256\", \"format\", EXISTS (SELECT 1 FROM \"Gone\" WHERE \"broughtRun\"=f.\"run\") FROM \"SourceFile\" f WHERE "
      "\"source\"=?");
  q.number(r.source);
  if (q.step()) sha256 = q.as_text(0), format = q.as_text(1);
  if (q.as_number(2))  // what was taken out of the store would come back with what stands around
    throw Unknown(
        fill(tr("Records of {0} were taken out of the store: mend the file and let it come again."), std::vector<std::string>{r.input}));
  const auto source = std::find_if(job.sources.begin(), job.sources.end(), [&](const SourcePlan& s) { return s.name == r.feed; });
  fs::path original;
  for (const std::string& path : source->paths) {
    const fs::path at = job.path(path);
    if (fs::is_regular_file(at) && at.filename() == r.input) original = at;
    else if (fs::is_regular_file(at / r.input)) original = at / r.input;
  }
  if (original.empty())
    throw Unknown(fill(tr("{0} is not where the job looks for it; an edited record needs what stands around it."),
                       std::vector<std::string>{r.input}));
  std::string whole = content(original);
  if (whole.starts_with("PK") || format.starts_with("case-"))
    throw Unknown(tr("A record of a workbook, an archive or case data cannot be edited by itself: mend the file and run the job again."));
  if (sha256_hex(whole) != sha256) throw Unknown(fill(tr("{0} is no longer the file that was read."), std::vector<std::string>{r.input}));
  return whole;
}

}  // namespace

std::string words_of_state(const HeldRecord& r) {
  if (r.state == "held") return tr("its feed is held back");
  if (r.state == "edited") return tr("edited");
  if (r.state == "accepted") return tr("edited; the next run reads it");
  if (r.state == "refused") return tr("edited, and refused again");
  if (r.state == "replayed") return tr("replayed");
  if (r.state == "discarded") return tr("discarded");
  return tr("waiting");
}

Held what_is_held(const Job& job) {
  const std::string path = job.path(job.store);
  if (!fs::exists(path)) return {};
  store::Store store(path, store::Store::Mode::read);
  return what_is_held(job, store);
}

Held what_is_held(const Job& job, store::Store& store) {
  Held out;
  Ledger ledger(store, job.name);
  const auto gate = handle::Gate::for_self("9999-12-31");
  store::Query q(store.db(),
                 "SELECT q.\"item\", q.\"source\", q.\"input\", q.\"state\", q.\"sha256\", q.\"offset\", q.\"length\", q.\"line\", "
                 "q.\"column\", substr(q.\"raw\", 1, ?1), length(q.\"raw\"), coalesce(f.\"feed\", h.\"feed\"), f.\"feed\" IS NULL, "
                 "(SELECT e.\"state\" FROM \"Quarantine\" e WHERE e.\"of\"=q.\"item\" ORDER BY e.\"item\" DESC LIMIT 1) "
                 "FROM \"Quarantine\" q LEFT JOIN \"FeedFile\" f ON f.\"source\"=q.\"source\" AND f.\"job\"=?2 LEFT JOIN \"HeldItem\" h ON "
                 "h.\"item\"=q.\"item\" AND h.\"job\"=?2 WHERE q.\"of\" IS NULL AND coalesce(f.\"feed\", h.\"feed\") IS NOT NULL ORDER BY "
                 "q.\"source\", q.\"item\"");
  q.number(static_cast<int64_t>(kExcerpt + 64)).text(job.name);  // more than is shown, so that a number at the cut is masked whole
  store::Query reasons(store.db(), "SELECT \"code\", \"message\" FROM \"QuarantineReason\" WHERE \"item\"=? ORDER BY \"ordinal\"");
  while (q.step()) {
    HeldRecord r;
    r.item = q.as_number(0), r.source = q.as_number(1), r.input = q.as_text(2), r.sha256 = q.as_text(4), r.feed = q.as_text(11);
    r.place = {static_cast<uint64_t>(q.as_number(5)), static_cast<uint64_t>(q.as_number(6)), static_cast<uint64_t>(q.as_number(7)),
               static_cast<uint64_t>(q.as_number(8))};
    r.id = item_id(r.feed, r.sha256, r.place.offset);
    const std::string state(q.as_text(3)), edit(q.as_text(13));
    r.state = q.as_number(12)     ? "held"
              : state == "edited" ? (edit == "accepted" || edit == "refused" ? edit : "edited")
              : state == "open"   ? "waiting"
                                  : state;
    std::string shown = gate->show(std::string(q.as_bytes(9))).get();
    const bool cut = shown.size() > kExcerpt || static_cast<size_t>(q.as_number(10)) > shown.size();
    shown.resize(std::min(shown.size(), kExcerpt));
    while (cut && !shown.empty() && (static_cast<uint8_t>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
    r.excerpt = emit::one_line(shown) + (cut ? "…" : "");
    reasons.number(r.item);
    while (reasons.step()) r.reasons.emplace_back(reasons.as_text(0), reasons.as_text(1));
    reasons.reset();
    out.records.push_back(std::move(r));
  }
  const auto rank = [&](const HeldRecord& r) {
    return std::find_if(job.sources.begin(), job.sources.end(), [&](const SourcePlan& s) { return s.name == r.feed; }) -
           job.sources.begin();
  };
  std::stable_sort(out.records.begin(), out.records.end(), [&](const HeldRecord& a, const HeldRecord& b) { return rank(a) < rank(b); });
  for (Proposal& p : ledger.proposals())
    if (!ledger.decided("mapping", p.feed, p.id)) out.proposals.push_back(std::move(p));
  return out;
}

void accept_proposal(const Job& job, const std::string& id, Decision decision) {
  store::Store store = open(job, decision);
  Ledger ledger(store, job.name);
  for (const Proposal& p : ledger.proposals()) {
    if (p.id != id) continue;
    decision.feed = p.feed, decision.subject = p.id;
    return ledger.decide(decision);
  }
  throw Unknown(fill(tr("No proposal is called {0}."), std::vector<std::string>{id}));
}

void accept_held(const Job& job, const std::string& item, Decision decision) {
  store::Store store = open(job, decision);
  Ledger ledger(store, job.name);
  for (const SourcePlan& source : job.sources) {
    if (source.name != item) continue;
    const Arrival arrival = look_for(job, source, mapping_decided_for(ledger, item, work_folder(job)));
    if (arrival.key.empty()) throw Unknown(fill(tr("Nothing is there of the feed {0}."), std::vector<std::string>{item}));
    decision.feed = item, decision.subject = arrival.key;
    return ledger.decide(decision);
  }
  const HeldRecord r = record_of(job, store, item);
  store::Query edit(store.db(), "SELECT max(\"item\") FROM \"Quarantine\" WHERE \"of\"=? AND \"state\" IN ('open', 'refused')");
  edit.number(r.item);
  const int64_t edited = edit.step() ? edit.as_number(0) : 0;
  edit.reset();
  if (!edited)
    throw Unknown(fill(tr("{0} was not edited; casebridge quarantine edit gives it new bytes."), std::vector<std::string>{item}));
  decision.what = "replay", decision.feed = r.feed, decision.subject = r.id;
  ledger.decide(decision, [&] { store.set_quarantine_state(edited, "accepted", decision.by, decision.why); });
}

void edit_record(const Job& job, const std::string& id, const std::string& file, Decision decision) {
  store::Store store = open(job, decision);
  const HeldRecord r = record_of(job, store, id);
  const std::string whole = file_of(job, store, r);
  const auto [first, last] = span_of(store, r.source);
  std::string edited;
  if (file.empty()) {
    const Scratch at(fs::path(work_folder(job)) / ("edited-" + r.id) / "record",
                     std::string_view(whole).substr(r.place.offset, r.place.length));
    edited = from_editor(at.path());
  } else {
    if (!fs::is_regular_file(file)) throw Unknown(fill(tr("There is no file {0}."), std::vector<std::string>{file}));
    edited = content(file);
  }
  while (!edited.empty() && (edited.back() == '\n' || edited.back() == '\r')) edited.pop_back();
  decision.feed = r.feed, decision.subject = r.id;
  Ledger(store, job.name).decide(decision, [&] {
    const int64_t item = store.edit_quarantine(r.item, edited, decision.by, decision.why);
    store::Query around(store.db(), "INSERT INTO \"Around\" VALUES (?, ?, ?)");
    const std::string tail = last < whole.size() ? whole.substr(last) : "\n";
    around.number(item).bytes(std::string_view(whole).substr(0, first)).bytes(tail).done();
  });
}

void discard_record(const Job& job, const std::string& id, Decision decision) {
  store::Store store = open(job, decision);
  const HeldRecord r = record_of(job, store, id);
  decision.feed = r.feed, decision.subject = r.id;
  Ledger(store, job.name).decide(decision, [&] { store.set_quarantine_state(r.item, "discarded", decision.by, decision.why); });
}

}  // namespace casebridge::job

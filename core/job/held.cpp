#include "job/held.hpp"

#include <rapidjson/document.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/sha256.hpp"
#include "base/text.hpp"
#include "emit/sink.hpp"
#include "job/content.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

HeldRecord record_of(const Job& job, const std::string& id) {
  for (HeldRecord& r : what_is_held(job).records)
    if (r.id == id) return r;
  throw Unknown(fill(tr("Nothing in quarantine is called {0}."), std::vector<std::string>{id}));
}

// Where the source records of a staged feed begin and end: what stands before is its head (column names, the opening of a
// document), what stands after is its tail.
std::pair<uint64_t, uint64_t> span_of(const std::string& folder, const emit::QuarantineEntry& also) {
  uint64_t first = also.place.offset, last = also.place.offset + also.place.length;
  std::ifstream in(fs::path(folder) / "case.jsonl", std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const size_t at = line.find("\"source\":[");
    if (at == line.npos) continue;
    unsigned long long source = 0, offset = 0, length = 0;
    if (std::sscanf(line.c_str() + at + 10, "%llu,%llu,%llu", &source, &offset, &length) != 3 || !length) continue;
    first = std::min<uint64_t>(first, offset), last = std::max<uint64_t>(last, offset + length);
  }
  return {first, last};
}

std::string from_editor(const fs::path& file) {
  const char* editor = std::getenv("VISUAL");
  if (!editor || !*editor) editor = std::getenv("EDITOR");
  if (!editor || !*editor) throw Unknown(tr("No editor is set; give the record with --with FILE."));
  const std::string command = std::string(editor) + " '" + file.string() + "'";
  if (std::system(command.c_str()) != 0) throw Unknown(tr("The editor ended with an error; nothing was changed."));
  return content(file);
}

}  // namespace

Held what_is_held(const Job& job) {
  Held out;
  const fs::path work = work_folder(job);
  const Ledger ledger = load_ledger(work.string());
  const auto gate = handle::Gate::for_self("9999-12-31");
  for (const SourcePlan& source : job.sources) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (fs::directory_iterator at(work / "feeds" / source.name, error), end; !error && at != end; at.increment(error))
      folders.push_back(at->path());
    std::sort(folders.begin(), folders.end());
    for (const fs::path& folder : folders) {
      if (!fs::exists(folder / "profile.json") || !fs::exists(folder / "quarantine" / "index.jsonl")) continue;
      const bool loaded = ledger.find(source.name, folder.filename().string()) != nullptr;
      for (emit::QuarantineEntry& entry : emit::list_quarantine((folder / "quarantine").string(), *gate)) {
        HeldRecord r;
        r.id = sha256_hex(source.name + "\x1f" + entry.sha256 + "\x1f" + std::to_string(entry.place.offset)).substr(0, 12);
        r.feed = source.name, r.folder = folder.string();
        r.state = !loaded ? tr("its feed is held back") : tr("waiting");
        for (const Decision& d : ledger.decisions) {
          if (d.subject != r.id) continue;
          r.state = d.what == "edit" ? tr("edited") : d.what == "replay" ? tr("replayed") : d.what == "discard" ? tr("discarded") : r.state;
        }
        r.entry = std::move(entry);
        out.records.push_back(std::move(r));
      }
    }
  }
  for (Proposal& p : load_proposals(work.string()))
    if (!ledger.decided("mapping", p.source, p.mapping)) out.proposals.push_back(std::move(p));
  return out;
}

void accept_proposal(const Job& job, const std::string& id, Decision decision) {
  for (const Proposal& p : load_proposals(work_folder(job))) {
    if (p.id != id) continue;
    decision.source = p.source, decision.subject = p.mapping;
    return decide(job, std::move(decision));
  }
  throw Unknown(fill(tr("No proposal is called {0}."), std::vector<std::string>{id}));
}

void accept_held(const Job& job, const std::string& item, Decision decision) {
  for (const SourcePlan& source : job.sources) {
    if (source.name != item) continue;
    const Arrival arrival = look_for(job, source, load_ledger(work_folder(job)).mapping_of(item));
    if (arrival.key.empty()) throw Unknown(fill(tr("Nothing is there of the feed {0}."), std::vector<std::string>{item}));
    decision.source = item, decision.subject = arrival.key;
    return decide(job, std::move(decision));
  }
  const HeldRecord r = record_of(job, item);
  if (!fs::exists(fs::path(work_folder(job)) / "edits" / r.id))
    throw Unknown(fill(tr("{0} was not edited; casebridge quarantine edit gives it new bytes."), std::vector<std::string>{item}));
  decision.what = "replay", decision.source = r.feed, decision.subject = r.id;
  decide(job, std::move(decision));
}

void edit_record(const Job& job, const std::string& id, const std::string& file, Decision decision) {
  const HeldRecord r = record_of(job, id);
  const auto source = std::find_if(job.sources.begin(), job.sources.end(), [&](const SourcePlan& s) { return s.name == r.feed; });
  fs::path original;
  for (const std::string& path : source->paths) {
    const fs::path at = job.path(path);
    if (fs::is_regular_file(at) && at.filename() == r.entry.input) original = at;
    else if (fs::is_regular_file(at / r.entry.input)) original = at / r.entry.input;
  }
  if (original.empty())
    throw Unknown(fill(tr("{0} is not where the job looks for it; an edited record needs what stands around it."),
                       std::vector<std::string>{r.entry.input}));
  const std::string whole = content(original);
  if (whole.starts_with("PK"))
    throw Unknown(tr("A record of a workbook or an archive cannot be edited by itself: mend the file and run the job again."));
  const fs::path folder = fs::path(work_folder(job)) / "edits" / r.id;
  const auto write = [&](const fs::path& path, std::string_view text) {
    emit::FileSink sink(path.string());
    sink.write(text);
    sink.commit();
  };
  std::string edited;
  if (file.empty()) {
    write(folder / "record", std::string_view(whole).substr(r.entry.place.offset, r.entry.place.length));
    edited = from_editor(folder / "record");
  } else {
    if (!fs::is_regular_file(file)) throw Unknown(fill(tr("There is no file {0}."), std::vector<std::string>{file}));
    edited = content(file);
    write(folder / "record", edited);
  }
  while (!edited.empty() && (edited.back() == '\n' || edited.back() == '\r')) edited.pop_back();
  const auto [first, last] = span_of(r.folder, r.entry);
  if (r.entry.place.offset > whole.size() || last > whole.size())
    throw Unknown(fill(tr("{0} is no longer the file that was read."), std::vector<std::string>{r.entry.input}));
  write(folder / "feed" / r.entry.input, whole.substr(0, first) + edited + (last < whole.size() ? whole.substr(last) : "\n"));
  decision.source = r.feed, decision.subject = r.id;
  decide(job, std::move(decision));
}

void discard_record(const Job& job, const std::string& id, Decision decision) {
  const HeldRecord r = record_of(job, id);
  decision.source = r.feed, decision.subject = r.id;
  decide(job, std::move(decision));
}

}  // namespace casebridge::job

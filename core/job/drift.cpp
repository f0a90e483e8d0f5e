#include "job/drift.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "base/sha256.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"
#include "emit/sink.hpp"
#include "job/content.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

constexpr double kJump = 0.4;     // of all source records: a share of filled values that moves by more has jumped
constexpr double kRetyped = 0.5;  // of all source records: so many findings of one kind in one field are no slips
constexpr uint64_t kFew = 20;     // source records below which shares say nothing

bool word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

// The name of a column wherever the mapping writes it, but not the same word as a constant (=WORD), as a part of another
// word, or in what a test expects: there stand words of the case model.
std::string renamed_in(const std::string& text, const std::string& was, const std::string& now) {
  std::string out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    const size_t begin = line.find_first_not_of(' ');
    const bool expects = begin != line.npos && line.compare(begin, 2, "- ") == 0 && begin + 2 < line.size() && line[begin + 2] >= 'A' &&
                         line[begin + 2] <= 'Z';
    size_t at = 0;
    for (size_t found = line.find(was); !expects && found != line.npos; found = line.find(was, at)) {
      const size_t end = found + was.size();
      const bool whole = (found == 0 || (!word_char(line[found - 1]) && line[found - 1] != '=' && line[found - 1] != '$')) &&
                         (end == line.size() || !word_char(line[end]));
      out += line.substr(at, found - at) + (whole ? now : was);
      at = end;
    }
    out += line.substr(at) + "\n";
  }
  return out;
}

// "mapping: id/1" becomes id/2: what is read with it can be told from what was read before.
std::string next_version(const std::string& text) {
  const size_t at = text.find("mapping: ");
  if (at == text.npos) return text;
  const size_t end = text.find_first_of("\r\n", at), slash = text.find('/', at);
  if (slash == text.npos || slash > end) return text;
  return text.substr(0, slash + 1) + std::to_string(std::strtoull(text.c_str() + slash + 1, nullptr, 10) + 1) + text.substr(end);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) out.push_back(line);
  return out;
}

// A unified diff; no line is added or taken away, so lines stand beside each other.
std::string diff(const std::string& name, const std::string& before, const std::string& after) {
  const auto a = lines_of(before), b = lines_of(after);
  std::string out = "--- " + name + "\n+++ " + name + "\n";
  for (size_t i = 0; i < a.size() && i < b.size();) {
    if (a[i] == b[i]) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < a.size() && end < b.size() && a[end] != b[end]) ++end;
    const std::string range = std::to_string(i + 1) + (end - i == 1 ? "" : "," + std::to_string(end - i));
    out += "@@ -" + range + " +" + range + " @@\n";
    for (size_t k = i; k < end; ++k) out += "-" + a[k] + "\n";
    for (size_t k = i; k < end; ++k) out += "+" + b[k] + "\n";
    i = end;
  }
  return out;
}

}  // namespace

std::string Change::words() const {
  const auto say = [&](const char* english) {
    return fill(tr(english), std::vector<std::string>{was, now, std::to_string(count), std::to_string(of)});
  };
  switch (kind) {
    case Kind::renamed: return say(TR_NOOP("{0} is now called {1}"));
    case Kind::gone: return say(TR_NOOP("{0} is gone"));
    case Kind::added: return say(TR_NOOP("{1} is new ({2} values)"));
    case Kind::retyped: return say(TR_NOOP("{0} no longer holds what it held: {2} findings in {3} source records ({1})"));
    case Kind::jumped: return say(TR_NOOP("{0} was filled in otherwise the last time: now {2} of {3} source records"));
    case Kind::code: return say(TR_NOOP("{0} has words that the mapping does not know ({2})"));
  }
  return {};
}

std::vector<Change> judge_drift(const Profile& now, const Profile* last) {
  std::vector<Change> out;
  std::set<std::string> told;
  const auto add = [&](Change change) {
    if (told.insert(std::to_string(static_cast<int>(change.kind)) + change.was + "\n" + change.now).second)
      out.push_back(std::move(change));
  };
  for (const auto& [was, is] : now.renamed) add({Change::Kind::renamed, was, is, 0, now.units, true});
  const auto renamed_to = [&](const std::string& name) {
    return std::any_of(out.begin(), out.end(), [&](const Change& c) { return c.kind == Change::Kind::renamed && c.now == name; });
  };
  std::vector<std::string> gone = now.gone, added;
  if (last && now.units >= kFew)
    for (const auto& [name, f] : last->fields)
      if (!now.fields.count(name) && f.total() * 10 > last->units && std::find(gone.begin(), gone.end(), name) == gone.end())
        gone.push_back(name);
  for (const auto& [name, f] : now.fields)
    if (f.unkept && !renamed_to(name) && (!last || !last->fields.count(name))) added.push_back(name);
  std::erase_if(gone, [&](const std::string& name) {
    return std::any_of(out.begin(), out.end(), [&](const Change& c) { return c.kind == Change::Kind::renamed && c.was == name; });
  });
  // One gone and one new: the likely new name. Of several, the nearest in spelling.
  for (const std::string& name : gone) {
    const std::string* best = nullptr;
    size_t least = SIZE_MAX;
    for (const std::string& candidate : added) {
      const size_t distance = edit_distance(name, candidate);
      if (distance < least) least = distance, best = &candidate;
    }
    const bool near = best && (added.size() == 1 || least * 2 <= std::max(name.size(), best->size()));
    if (near) {
      const std::string is = *best;
      std::erase(added, is);
      add({Change::Kind::renamed, name, is, now.fields.count(is) ? now.fields.at(is).total() : 0, now.units, true});
    } else {
      add({Change::Kind::gone, name, {}, 0, now.units, true});
    }
  }
  for (const std::string& name : added) add({Change::Kind::added, {}, name, now.fields.at(name).total(), now.units, false});
  if (now.units >= kFew) {
    for (const auto& [what, n] : now.by_field) {
      const size_t space = what.find(' ');
      const std::string code = what.substr(0, space), field = what.substr(space + 1);
      if (static_cast<double>(n) > kRetyped * static_cast<double>(now.units)) add({Change::Kind::retyped, field, code, n, now.units, true});
    }
    if (last && last->units >= kFew)
      for (const auto& [name, f] : now.fields) {
        const auto before = last->fields.find(name);
        if (before == last->fields.end()) continue;
        const double is = static_cast<double>(f.total()) / static_cast<double>(now.units),
                     was = static_cast<double>(before->second.total()) / static_cast<double>(last->units);
        if (is - was > kJump || was - is > kJump) add({Change::Kind::jumped, name, {}, f.total(), now.units, true});
      }
  }
  if (const auto at = now.findings.find("E-MAP-UNKNOWN-CODE"); at != now.findings.end() && at->second)
    add({Change::Kind::code,
         now.format,
         {},
         at->second,
         now.units,
         static_cast<double>(at->second) > kRetyped * static_cast<double>(now.units)});
  return out;
}

Proposal propose(const Job& job, const SourcePlan& source, const Arrival& arrival, const std::vector<Change>& changes,
                 const std::string& mapping_file, const std::string& scratch, const pipeline::Plan& base, pipeline::Watch& watch) {
  Proposal out;
  const std::string before = content(mapping_file);
  std::string after = before;
  for (const Change& change : changes)
    if (change.kind == Change::Kind::renamed) after = renamed_in(after, change.was, change.now);
  if (before.empty() || after == before) return out;
  after = next_version(after);
  out.id = sha256_hex(source.name + "\x1f" + arrival.key + "\x1f" + after).substr(0, 12);
  out.feed = source.name, out.key = arrival.key, out.format = source.format;
  out.patch = diff(source.format + "/mapping.yaml", before, after);
  out.files.emplace_back("mapping.yaml", after);
  // Further files of the mapping (code tables) lie beside it.
  for (const auto& entry : fs::directory_iterator(fs::path(mapping_file).parent_path()))
    if (entry.is_regular_file() && entry.path().extension() == ".csv")
      out.files.emplace_back(entry.path().filename().string(), content(entry.path()));
  std::sort(out.files.begin(), out.files.end());
  const fs::path folder = fs::path(scratch) / ("trial-" + out.id);
  for (const auto& [name, text] : out.files) {
    emit::FileSink sink((folder / name).string());
    sink.write(text);
    sink.commit();
  }
  const Profile tried = read_feed(job, source, arrival, (folder / "mapping.yaml").string(), base, watch, nullptr).profile;
  fs::remove_all(folder);
  for (const Change& change : changes) out.evidence.push_back(change.words());
  const auto still = judge_drift(tried, nullptr);
  if (std::any_of(still.begin(), still.end(), [](const Change& c) { return c.stops; }))
    out.evidence.push_back(tr("Read with the change, the feed still differs from its mapping."));
  out.evidence.push_back(
      fill(tr("Read with the change: {0} source records = {1} mapped + {2} quarantined + {3} skipped."),
           std::vector<std::string>{std::to_string(tried.units), std::to_string(tried.mapped), std::to_string(tried.quarantined),
                                    std::to_string(tried.units - tried.mapped - tried.quarantined)}));
  return out;
}

}  // namespace casebridge::job

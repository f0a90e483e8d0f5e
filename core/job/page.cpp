#include "job/page.hpp"

#include <fstream>
#include <map>
#include <unordered_map>

#include "base/sha256.hpp"
#include "emit/escape.hpp"

namespace casebridge::job {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  emit::append_html(out, text);
  return out;
}

// Both languages stand side by side: a page is made in each, whatever the language of the process.
struct Words {
  Language language;
  std::string operator()(const char* en, const char* fr) const { return language == Language::fr ? fr : en; }
  std::string condition(Verdict v) const {
    switch (v) {
      case Verdict::loaded: return (*this)("loaded", "chargé");
      case Verdict::unchanged: return (*this)("unchanged since the last run", "inchangé depuis la dernière exécution");
      case Verdict::not_due: return (*this)("not due yet", "pas encore attendu");
      case Verdict::late: return (*this)("late: nothing has come", "en retard : rien n'est arrivé");
      case Verdict::empty: return (*this)("empty", "vide");
      case Verdict::shrunken: return (*this)("held back: much smaller than it should be", "retenu : bien plus petit que prévu");
      case Verdict::drifted: return (*this)("held back: its form has changed", "retenu : sa forme a changé");
      case Verdict::broken: return (*this)("held back: broken", "retenu : endommagé");
      case Verdict::over_threshold:
        return (*this)("held back: too many records in quarantine", "retenu : trop d'enregistrements en quarantaine");
      case Verdict::interrupted: return (*this)("interrupted", "interrompu");
    }
    return {};
  }
};

std::string_view field(std::string_view line, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const size_t at = line.find(key);
  if (at == line.npos) return {};
  const size_t from = at + key.size(), to = line.find('"', from);
  return line.substr(from, to - from);
}

struct Seen {
  std::map<std::string, uint64_t> types;
  std::unordered_map<std::string, std::string> clusters;  // id -> hash of its members
};

Seen look(const std::string& path) {
  Seen out;
  std::ifstream in(path, std::ios::binary);
  for (std::string line; std::getline(in, line);) {
    const std::string type(field(line, "recordType"));
    if (type == "Dataset" || type == "DatasetEnd" || type == "Source") continue;
    ++out.types[type];
    if (type != "Cluster") continue;
    std::string members;
    for (size_t at = line.find("\"ref\":\""); at != line.npos; at = line.find("\"ref\":\"", at + 1)) members += line.substr(at + 7, 36);
    out.clusters[std::string(field(line, "id"))] = sha256_hex(members);
  }
  return out;
}

}  // namespace

Diff compare(const std::string& before, const std::string& now) {
  Diff out;
  out.first = !std::ifstream(before);
  const Seen was = look(before), is = look(now);
  for (const auto& [type, n] : was.types) out.records[type].first = n;
  for (const auto& [type, n] : is.types) out.records[type].second = n;
  for (const auto& [type, n] : out.records) n.second > n.first ? out.added += n.second - n.first : out.gone += n.first - n.second;
  for (const auto& [id, members] : is.clusters) {
    const auto at = was.clusters.find(id);
    if (at == was.clusters.end()) ++out.clusters_new;
    else if (at->second != members) ++out.clusters_changed;
  }
  for (const auto& [id, members] : was.clusters) out.clusters_gone += !is.clusters.count(id);
  return out;
}

std::string morning_page(const Job& job, const JobResult& result, const Held& held, const Diff& diff, Language language) {
  const Words w{language};
  const auto n = [](uint64_t number) { return std::to_string(number); };
  std::string out =
      "<!doctype html>\n<html lang=\"" + w("en", "fr") + "\">\n<meta charset=\"utf-8\">\n<title>" + escaped(job.name) + " " +
      escaped(result.run_time.substr(0, 10)) +
      "</title>\n<style>body{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 "
      "1em}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.2em .8em .2em 0;border-bottom:1px solid #ccc}"
      ".held{font-weight:bold}pre{background:#f4f4f4;padding:.6em;overflow:auto}</style>\n";
  out += "<h1>" + escaped(job.name) + "</h1>\n<p>" + w("Run of ", "Exécution du ") + escaped(result.run_time) + ". " +
         w("For the custodian's own desk; not for release.", "Pour le bureau du dépositaire; ne pas diffuser.") + "</p>\n";

  out += "<h2>" + w("What needs a decision", "Ce qui demande une décision") + "</h2>\n";
  uint64_t waiting = 0;
  for (const HeldRecord& r : held.records) waiting += r.state == tr("waiting");
  if (held.proposals.empty() && !waiting) out += "<p>" + w("Nothing.", "Rien.") + "</p>\n";
  for (const Proposal& p : held.proposals)
    out += "<p class=\"held\">" + escaped(p.source) +
           w(": a change of its mapping is proposed (", " : une modification de son mappage est proposée (") + escaped(p.id) +
           ")</p>\n<pre>" + escaped(p.patch) + "</pre>\n";
  if (waiting) {
    out += "<p>" + n(waiting) + w(" source records in quarantine.", " enregistrements sources en quarantaine.") +
           "</p>\n<table>\n<tr><th>" + w("Item", "Élément") + "<th>" + w("Feed", "Flux") + "<th>" + w("Place", "Lieu") + "<th>Code\n";
    size_t shown = 0;
    for (const HeldRecord& r : held.records) {
      if (r.state != tr("waiting") || ++shown > 50) continue;
      out += "<tr><td>" + escaped(r.id) + "<td>" + escaped(r.feed) + "<td>" + escaped(r.entry.input) + ":" + n(r.entry.place.line) + ":" +
             n(r.entry.place.column) + "<td>" + escaped(r.entry.reasons.empty() ? "" : r.entry.reasons.front().first) + "\n";
    }
    out += "</table>\n";
    if (shown > 50) out += "<p>" + w("… and more: casebridge quarantine list.", "… et d'autres : casebridge quarantine list.") + "</p>\n";
  }

  out += "<h2>" + w("Which feeds are missing", "Quels flux manquent") + "</h2>\n<table>\n<tr><th>" + w("Feed", "Flux") + "<th>" +
         w("Condition", "État") + "<th>" + w("Source records", "Enregistrements sources") + "<th>" + w("Mapped", "Convertis") + "<th>" +
         w("In quarantine", "En quarantaine") + "\n";
  for (const FeedResult& f : result.feeds)
    out += std::string(job::held(f.verdict) ? "<tr class=\"held\">" : "<tr>") + "<td>" + escaped(f.name) + "<td>" + w.condition(f.verdict) +
           "<td>" + n(f.profile.units) + "<td>" + n(f.profile.mapped) + "<td>" + n(f.profile.quarantined) + "\n";
  out += "</table>\n";

  out += "<h2>" + w("What is new", "Ce qui est nouveau") + "</h2>\n";
  if (diff.first)
    out += "<p>" + w("This is the first run; everything is new.", "C'est la première exécution; tout est nouveau.") + "</p>\n";
  out += "<table>\n<tr><th>" + w("Record type", "Type d'enregistrement") + "<th>" + w("Before", "Avant") + "<th>" + w("Now", "Maintenant") +
         "\n";
  for (const auto& [type, counts] : diff.records)
    out += "<tr><td>" + escaped(type) + "<td>" + n(counts.first) + "<td>" + n(counts.second) + "\n";
  out += "</table>\n";

  out += "<h2>" + w("Which merges changed", "Quels regroupements ont changé") + "</h2>\n<p>" + n(diff.clusters_new) +
         w(" new, ", " nouveaux, ") + n(diff.clusters_changed) + w(" with other members, ", " avec d'autres membres, ") +
         n(diff.clusters_gone) + w(" gone.", " disparus.") + "</p>\n";

  out += "<h2>" + w("What has left", "Ce qui est sorti") + "</h2>\n<table>\n<tr><th>" + w("Data set", "Jeu de données") + "<th>" +
         w("Recipient", "Destinataire") + "<th>" + w("Records", "Enregistrements") + "<th>" + w("Lacks", "Manque") + "\n";
  for (const OutputResult& o : result.outputs) {
    std::string lacks;
    for (const std::string& feed : o.lacks) lacks += (lacks.empty() ? "" : ", ") + feed;
    out += "<tr><td>" + escaped(o.path) + "<td>" + escaped(o.recipient) + "<td>" + n(o.records) + "<td>" + escaped(lacks) + "\n";
  }
  return out + "</table>\n</html>\n";
}

}  // namespace casebridge::job

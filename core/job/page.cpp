#include "job/page.hpp"

#include <algorithm>

#include "emit/escape.hpp"

namespace casebridge::job {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  emit::append_html(out, text);
  return out;
}

constexpr size_t kMostShown = 50;  // of one kind; the commands list all

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
      case Verdict::withdrawn: return (*this)("withdrawn: it stays out", "retiré : il reste dehors");
    }
    return {};
  }
  std::string change(const std::string& what) const {
    if (what == "merged") return (*this)("merged", "fusionné");
    if (what == "split") return (*this)("split", "scindé");
    if (what == "joined") return (*this)("more members", "plus de membres");
    if (what == "left") return (*this)("fewer members", "moins de membres");
    return (*this)("gone", "disparu");
  }
};

std::string rule_words(const Words& w, const std::string& rule) {
  if (rule == "withdrawn") return w("withdrawn", "retiré");
  if (rule == "access ended") return w("access ended", "accès terminé");
  return rule;
}

}  // namespace

std::string morning_page(const Job& job, const JobResult& result, const Held& held, const News& news, Language language) {
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
  for (const HeldRecord& r : held.records) waiting += r.state == "waiting";
  const auto asks = [](const FeedResult& f) {  // a person can let it in as it is
    return f.verdict == Verdict::shrunken || f.verdict == Verdict::drifted || f.verdict == Verdict::over_threshold ||
           f.verdict == Verdict::broken;
  };
  if (held.proposals.empty() && !waiting && std::none_of(result.feeds.begin(), result.feeds.end(), asks))
    out += "<p>" + w("Nothing.", "Rien.") + "</p>\n";
  for (const FeedResult& f : result.feeds)
    if (asks(f))
      out += "<p class=\"held\">" + escaped(f.name) + w(": ", " : ") + w.condition(f.verdict) + ". " +
             w("Have it mended, or let it in as it is: ", "Faites-le corriger, ou laissez-le entrer tel quel : ") +
             "<code>casebridge quarantine replay " + escaped(job.file) + " " + escaped(f.name) + " --by … --why …</code></p>\n";
  for (const Proposal& p : held.proposals)
    out += "<p class=\"held\">" + escaped(p.feed) +
           w(": a change of its mapping is proposed (", " : une modification de sa correspondance est proposée (") + escaped(p.id) +
           ")</p>\n<pre>" + escaped(p.patch) + "</pre>\n";
  if (waiting) {
    out += "<p>" + n(waiting) + w(" source records in quarantine.", " enregistrements sources en quarantaine.") +
           "</p>\n<table>\n<tr><th>" + w("Item", "Élément") + "<th>" + w("Feed", "Flux") + "<th>" + w("Place", "Lieu") + "<th>Code\n";
    size_t shown = 0;
    for (const HeldRecord& r : held.records) {
      if (r.state != "waiting" || ++shown > kMostShown) continue;
      out += "<tr><td>" + escaped(r.id) + "<td>" + escaped(r.feed) + "<td>" + escaped(r.input) + ":" + n(r.place.line) + ":" +
             n(r.place.column) + "<td>" + escaped(r.reasons.empty() ? "" : r.reasons.front().first) + "\n";
    }
    out += "</table>\n";
    if (shown > kMostShown)
      out += "<p>" + w("… and more: casebridge quarantine list.", "… et d'autres : casebridge quarantine list.") + "</p>\n";
  }

  out += "<h2>" + w("Which feeds are missing", "Quels flux manquent") + "</h2>\n<table>\n<tr><th>" + w("Feed", "Flux") + "<th>" +
         w("Condition", "État") + "<th>" + w("Source records", "Enregistrements sources") + "<th>" + w("Mapped", "Convertis") + "<th>" +
         w("In quarantine", "En quarantaine") + "\n";
  for (const FeedResult& f : result.feeds)
    out += std::string(job::held(f.verdict) ? "<tr class=\"held\">" : "<tr>") + "<td>" + escaped(f.name) + "<td>" + w.condition(f.verdict) +
           "<td>" + n(f.profile.units) + "<td>" + n(f.profile.mapped) + "<td>" + n(f.profile.quarantined) + "\n";
  out += "</table>\n";

  out += "<h2>" + w("What is new", "Ce qui est nouveau") + "</h2>\n";
  if (news.first)
    out += "<p>" + w("This is the first run; everything is new.", "C'est la première exécution; tout est nouveau.") + "</p>\n";
  out += "<table>\n<tr><th>" + w("Record type", "Type d'enregistrement") + "<th>" + w("New", "Nouveaux") + "<th>" +
         w("Changed", "Modifiés") + "<th>" + w("Ended", "Terminés") + "<th>" + w("Now", "Maintenant") + "\n";
  for (const auto& [type, c] : news.records)
    out += "<tr><td>" + escaped(type) + "<td>" + n(c.added) + "<td>" + n(c.changed) + "<td>" + n(c.ended) + "<td>" + n(c.now) + "\n";
  out += "</table>\n";
  if (!news.first)
    out += "<p>" + w("One by one: ", "Un à un : ") + "<code>casebridge diff " + escaped(job.store) + " --since " +
           std::to_string(result.since) + "</code></p>\n";

  out += "<h2>" + w("Which merges changed", "Quels regroupements ont changé") + "</h2>\n<p>";
  const auto entities = [&](const char* what) {
    const auto at = news.entities.find(what);
    return n(at == news.entities.end() ? 0 : at->second);
  };
  out += entities("created") + w(" new, ", " nouveaux, ") + entities("merged") + w(" merged, ", " fusionnés, ") + entities("split") +
         w(" split, ", " scindés, ") + entities("joined") + w(" with more members, ", " avec plus de membres, ") + entities("left") +
         w(" with fewer, ", " avec moins, ") + entities("ended") + w(" gone.", " disparus.") + "</p>\n";
  if (!news.merges.empty()) {
    out += "<table>\n<tr><th>" + w("Change", "Changement") + "<th>" + w("Cluster", "Regroupement") + "<th>" + w("Cause", "Cause") + "<th>" +
           w("With", "Avec") + "\n";
    size_t shown = 0;
    for (const store::Change& c : news.merges) {
      if (++shown > kMostShown) break;
      std::string with;
      for (const std::string& id : c.with) with += (with.empty() ? "" : " ") + id;
      out += "<tr><td>" + w.change(c.what) + "<td><code>" + escaped(c.id) + "</code><td>" +
             escaped(c.kind == "withdraw"  ? w("a withdrawal", "un retrait")
                     : c.kind == "destroy" ? w("access ended", "accès terminé")
                                           : w("what came in", "ce qui est entré")) +
             "<td><code>" + escaped(with) + "</code>\n";
    }
    out += "</table>\n";
    if (news.merges.size() > kMostShown) out += "<p>" + w("… and more: casebridge diff.", "… et d'autres : casebridge diff.") + "</p>\n";
  }

  if (!result.removed.empty()) {
    out += "<h2>" + w("What was taken away, and who had received it", "Ce qui a été retiré, et qui l'avait reçu") +
           "</h2>\n<table>\n<tr><th>" + w("Time", "Heure") + "<th>" + w("Rule", "Règle") + "<th>" + w("Records", "Enregistrements") +
           "<th>" + w("Received by", "Reçu par") + "\n";
    for (const Removed& r : result.removed) {
      std::string who;
      for (const std::string& one : r.recipients) who += (who.empty() ? "" : "; ") + one;
      out += "<tr><td>" + escaped(r.time) + "<td>" + escaped(rule_words(w, r.rule)) + "<td>" + n(r.records) + "<td>" +
             (who.empty() ? w("nobody", "personne") : escaped(who)) + "\n";
    }
    out += "</table>\n";
  }
  for (const std::string& path : result.unreachable)
    out += "<p class=\"held\">" +
           w("A backup could not be reached and still holds what was taken away; destroy it: ",
             "Une sauvegarde n'a pu être atteinte et contient encore ce qui a été retiré; détruisez-la : ") +
           escaped(path) + "</p>\n";

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

#include "job/job_file.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "base/finding.hpp"
#include "base/suggest.hpp"
#include "base/text.hpp"
#include "model/model.hpp"

namespace casebridge::job {
namespace {

namespace fs = std::filesystem;

constexpr auto kWords = std::to_array<JobWord>({
    {"job", At::job, "text", true, "Name of the job.", "Nom de la tâche."},
    {"runTime", At::job, "text", false, "Time of the run, with an offset; else that of the command line.",
     "Heure de l'exécution, avec décalage; sinon celle de la ligne de commande."},
    {"store", At::job, "file", true, "The case store; made where there is none.", "L'entrepôt de dossiers; créé au besoin."},
    {"tokenKey", At::job, "file", false, "File (mode 0600) with the key of sensitive identifiers.",
     "Fichier (mode 0600) de la clé des identifiants sensibles."},
    {"sources", At::job, "list:source", true, "The feeds that are expected.", "Les flux attendus."},
    {"linking", At::job, "map:linking", false, "What is linked.", "Ce qui est relié."},
    {"outputs", At::job, "list:output", false, "The data sets that leave.", "Les jeux de données qui sortent."},
    {"limits", At::job, "map:limits", false, "What the run may use.", "Ce que l'exécution peut utiliser."},
    {"manifest", At::job, "file", false, "Where the run manifest goes (JSON).", "Où va le manifeste d'exécution (JSON)."},
    {"metrics", At::job, "file", false, "Where the OpenMetrics text file goes.", "Où va le fichier texte OpenMetrics."},
    {"page", At::job, "file", false, "Where the page for the morning goes (HTML, one in each language).",
     "Où va la page du matin (HTML, une par langue)."},

    {"name", At::source, "text", true, "Name of the feed, unique in the job.", "Nom du flux, unique dans la tâche."},
    {"paths", At::source, "texts", true, "Files, folders or patterns.", "Fichiers, dossiers ou motifs."},
    {"format", At::source, "text", false, "Format id; else it is recognised.", "Identifiant du format; sinon il est reconnu."},
    {"agency", At::source, "text", false, "Key of the agency, in place of the mapping's.",
     "Clé de l'organisme, à la place de celle de la correspondance."},
    {"system", At::source, "text", false, "Key of the system, in place of the mapping's.",
     "Clé du système, à la place de celle de la correspondance."},
    {"options", At::source, "map", false, "Options of the format.", "Options du format."},
    {"handling", At::source, "map", false, "Marks of the feed where its mapping states none.",
     "Marques du flux là où la correspondance n'en indique pas."},
    {"expected", At::source, "map:expected", false, "By when, and how large.", "Pour quand, et de quelle taille."},
    {"quarantineThreshold", At::source, "share", false, "Share of source records (0 to 1) in quarantine above which the feed is held back.",
     "Part des enregistrements (0 à 1) en quarantaine au-delà de laquelle le flux est retenu."},
    {"refuse", At::source, "texts", false, "Codes of findings that send a source record to quarantine.",
     "Codes de constats qui envoient un enregistrement en quarantaine."},

    {"by", At::expected, "time", false, "Time of day, HH:MM, on the clock of the run, by which the feed is there.",
     "Heure, HH:MM, à l'horloge de l'exécution, à laquelle le flux est là."},
    {"records", At::expected, "count", false, "Fewer source records: the feed has shrunk.", "Moins d'enregistrements : le flux a rétréci."},
    {"bytes", At::expected, "count", false, "Fewer bytes: the feed has shrunk.", "Moins d'octets : le flux a rétréci."},
    {"shrink", At::expected, "share", false, "Share of the last night below which it has shrunk; 0.5 unless stated.",
     "Part de la dernière nuit sous laquelle il a rétréci; 0.5 par défaut."},

    {"name", At::output, "text", true, "Name of the data set, unique in the job.", "Nom du jeu de données, unique dans la tâche."},
    {"format", At::output, "text", false, "Format; case-jsonl unless stated.", "Format; case-jsonl par défaut."},
    {"path", At::output, "file", true, "Where it goes; it appears whole or not at all.", "Où il va; il apparaît entier ou pas du tout."},
    {"recipient", At::output, "text", false, "Who receives it; self unless stated.", "Qui le reçoit; self par défaut."},
    {"policy", At::output, "file", false, "Policy file; needed for anyone but self.", "Fichier de politique; nécessaire sauf pour self."},
    {"purpose", At::output, "code:legal_authority", false, "For what.", "À quelle fin."},
    {"authority", At::output, "code:legal_authority", false, "By what authority.", "En vertu de quelle autorité."},
    {"receipts", At::output, "file", false, "Folder of receipts to the bodies that govern what has left.",
     "Dossier des reçus pour les instances qui gouvernent ce qui est sorti."},
    {"filter", At::output, "texts", false,
     "Only what fits: type=, agency=, system=, file= or id= with one or more values, such as type=Person,Link.",
     "Seulement ce qui convient : type=, agency=, system=, file= ou id= avec une ou plusieurs valeurs, comme type=Person,Link."},

    {"persons", At::linking, "flag", false, "Which records are the same person; true unless stated.",
     "Quels enregistrements sont la même personne; true par défaut."},
    {"shares", At::linking, "flag", false,
     "Which records are the same number, vehicle, place, organization or event, and who shares one; true unless stated.",
     "Quels enregistrements sont le même numéro, véhicule, lieu, organisme ou événement, et qui en partage un; true par défaut."},

    {"jobs", At::limits, "count", false, "Threads; all cores unless stated.", "Fils d'exécution; tous les cœurs par défaut."},
    {"memoryMb", At::limits, "count", false, "Memory for linking.", "Mémoire pour la mise en relation."},
});

constexpr std::array<std::string_view, 6> kPlaces = {"job", "source", "expected", "output", "linking", "limits"};

class Loader {
 public:
  explicit Loader(const std::string& path) : path_(path) {}

  Job load(std::string_view text) {
    YAML::Node root;
    try {
      root = YAML::Load(std::string(text));
    } catch (const YAML::Exception& e) {
      throw JobError(path_ + ':' + std::to_string(e.mark.line + 1) + ": " +
                     fill(tr("this is not YAML: {0}"), std::vector<std::string>{e.msg}));
    }
    Job job;
    job.file = path_;
    job.folder = fs::path(path_).parent_path().string();
    each(root, At::job, [&](const std::string& key, const YAML::Node& value) {
      if (key == "job") job.name = value.Scalar();
      else if (key == "runTime") job.run_time = value.Scalar();
      else if (key == "store") job.store = value.Scalar();
      else if (key == "tokenKey") job.token_key = value.Scalar();
      else if (key == "manifest") job.manifest = value.Scalar();
      else if (key == "metrics") job.metrics = value.Scalar();
      else if (key == "page") job.page = value.Scalar();
      else if (key == "sources")
        for (const auto& item : value) job.sources.push_back(source(item));
      else if (key == "outputs")
        for (const auto& item : value) job.outputs.push_back(output(item));
      else if (key == "linking")
        each(value, At::linking, [&](const std::string& word, const YAML::Node& v) {
          (word == "persons" ? job.linking.persons : job.linking.shares) = v.Scalar() == "true";
        });
      else if (key == "limits")
        each(value, At::limits, [&](const std::string& word, const YAML::Node& v) {
          (word == "jobs" ? job.limits.jobs : job.limits.memory_mb) = std::stoull(v.Scalar());
        });
    });
    if (job.sources.empty()) fail(root, tr("the job has no sources"));
    unique(job.sources, tr("two sources have the name {0}"), [](const SourcePlan& s) { return s.name; });
    unique(job.outputs, tr("two outputs have the name {0}"), [](const OutputPlan& o) { return o.name; });
    unique(job.outputs, tr("two outputs go to {0}"), [](const OutputPlan& o) { return o.path; });
    return job;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& at, const std::string& why) const { fail(static_cast<size_t>(at.Mark().line + 1), why); }
  [[noreturn]] void fail(size_t line, const std::string& why) const { throw JobError(path_ + ':' + std::to_string(line) + ": " + why); }

  template <class List, class Of>
  void unique(const List& list, const std::string& words, Of of) const {
    std::set<std::string> seen;
    for (const auto& one : list)
      if (!seen.insert(of(one)).second) fail(one.line, fill(words, std::vector<std::string>{of(one)}));
  }

  // Every word of a map, checked against the table: known, once, of its type; and none that is required missing.
  void each(const YAML::Node& map, At at, const std::function<void(const std::string&, const YAML::Node&)>& take) const {
    if (!map.IsMap())
      fail(map, fill(tr("a map is wanted here ({0})"), std::vector<std::string>{std::string(kPlaces[static_cast<size_t>(at)])}));
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const std::string key = entry.first.Scalar();
      const JobWord* word = nullptr;
      std::vector<std::string> known;
      for (const JobWord& w : kWords) {
        if (w.at != at) continue;
        known.emplace_back(w.name);
        if (w.name == key) word = &w;
      }
      if (!word) {
        const std::string near = nearest(key, known);
        fail(entry.first, fill(tr("\"{0}\" means nothing here."), std::vector<std::string>{key}) +
                              (near.empty() ? "" : " " + fill(tr("Did you mean {0}?"), std::vector<std::string>{near})));
      }
      if (!seen.insert(key).second) fail(entry.first, fill(tr("\"{0}\" stands here twice"), std::vector<std::string>{key}));
      check(entry.second, word->type, key);
      take(key, entry.second);
    }
    for (const JobWord& w : kWords)
      if (w.at == at && w.required && !seen.count(std::string(w.name)))
        fail(map, fill(tr("\"{0}\" is missing here"), std::vector<std::string>{std::string(w.name)}));
  }

  void check(const YAML::Node& at, std::string_view type, const std::string& key) const {
    const auto want = [&](bool holds, const std::string& what) {
      if (!holds) fail(at, fill(tr("\"{0}\": {1}"), std::vector<std::string>{key, what}));
    };
    if (type.starts_with("list:")) return want(at.IsSequence(), tr("a list is wanted here"));
    if (type.starts_with("map")) return want(at.IsMap(), tr("a map is wanted here"));
    if (type == "texts") {
      want(at.IsSequence() || (at.IsScalar() && !at.Scalar().empty()), tr("a text or a list of texts is wanted here"));
      for (const auto& item : at) want(item.IsScalar() && !item.Scalar().empty(), tr("a text is wanted here"));
      return;
    }
    want(at.IsScalar() && !at.Scalar().empty(), tr("a text is wanted here"));
    const std::string& text = at.Scalar();
    if (type == "flag") want(text == "true" || text == "false", tr("true or false is wanted here"));
    if (type == "count") want(text.size() < 16 && text.find_first_not_of("0123456789") == text.npos, tr("a whole number is wanted here"));
    if (type == "share") {
      char* end = nullptr;
      const double share = std::strtod(text.c_str(), &end);
      want(*end == '\0' && share >= 0 && share <= 1, tr("a share from 0 to 1 is wanted here"));
    }
    if (type == "time") {
      const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
      want(text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4) && text < "24:00" && text[3] < '6',
           tr("a time of day such as 05:30 is wanted here"));
    }
    if (type.starts_with("code:")) {
      const model::CodeList* list = model::code_list(type.substr(5));
      want(list && list->find(text), fill(tr("{0} is not a code of {1}"), std::vector<std::string>{text, std::string(type.substr(5))}));
    }
  }

  static std::vector<std::string> texts(const YAML::Node& at) {
    std::vector<std::string> out;
    if (at.IsScalar()) out.push_back(at.Scalar());
    else
      for (const auto& item : at) out.push_back(item.Scalar());
    return out;
  }

  // What may stand inside of a value: a map of texts; a list there is several values of one name.
  std::vector<std::pair<std::string, std::string>> pairs(const YAML::Node& at) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& entry : at) {
      if (entry.second.IsMap()) fail(entry.second, tr("a text or a list of texts is wanted here"));
      for (const std::string& text : texts(entry.second)) out.emplace_back(entry.first.Scalar(), text);
    }
    return out;
  }

  SourcePlan source(const YAML::Node& at) const {
    SourcePlan to;
    to.line = static_cast<size_t>(at.Mark().line + 1);
    each(at, At::source, [&](const std::string& key, const YAML::Node& value) {
      if (key == "name") to.name = value.Scalar();
      else if (key == "paths") to.paths = texts(value);
      else if (key == "format") to.format = value.Scalar();
      else if (key == "agency") to.agency = value.Scalar();
      else if (key == "system") to.system = value.Scalar();
      else if (key == "options") to.options = pairs(value);
      else if (key == "handling") to.handling = handling(value);
      else if (key == "quarantineThreshold") to.threshold = std::strtod(value.Scalar().c_str(), nullptr);
      else if (key == "refuse") to.refuse = codes(value);
      else if (key == "expected")
        each(value, At::expected, [&](const std::string& word, const YAML::Node& v) {
          if (word == "by") to.expected.by = v.Scalar();
          else if (word == "records") to.expected.records = std::stoull(v.Scalar());
          else if (word == "bytes") to.expected.bytes = std::stoull(v.Scalar());
          else to.expected.shrink = std::strtod(v.Scalar().c_str(), nullptr);
        });
    });
    if (to.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != to.name.npos)
      fail(at, fill(tr("the name {0} may hold lower-case letters, digits and hyphens only"), std::vector<std::string>{to.name}));
    return to;
  }

  std::vector<std::string> codes(const YAML::Node& at) const {
    std::vector<std::string> out = texts(at), known;
    for (const FindingCode& code : finding_codes()) known.emplace_back(code.code);
    for (const std::string& code : out) {
      if (finding_code(code) || code.find('/') != code.npos) continue;
      const std::string near = nearest(code, known);
      fail(at, fill(tr("{0} is not a code of a finding."), std::vector<std::string>{code}) +
                   (near.empty() ? "" : " " + fill(tr("Did you mean {0}?"), std::vector<std::string>{near})));
    }
    return out;
  }

  std::vector<std::pair<std::string, std::string>> handling(const YAML::Node& at) const {
    const auto out = pairs(at);
    const model::Node* line = model::record_type("Source");
    for (const auto& [name, text] : out) {
      const model::Node* field = model::field(*line, "handling/" + name);
      if (!field || field->kind != model::NodeKind::leaf || field->computed)
        fail(at, fill(tr("\"{0}\" means nothing here."), std::vector<std::string>{name}));
      if (field->codes && !field->codes->accepts(text))
        fail(at, fill(tr("{0} is not a code of {1}"), std::vector<std::string>{text, std::string(field->codes->name)}));
    }
    return out;
  }

  OutputPlan output(const YAML::Node& at) const {
    OutputPlan to;
    to.line = static_cast<size_t>(at.Mark().line + 1);
    each(at, At::output, [&](const std::string& key, const YAML::Node& value) {
      if (key == "name") to.name = value.Scalar();
      else if (key == "format") to.format = value.Scalar();
      else if (key == "path") to.path = value.Scalar();
      else if (key == "recipient") to.recipient = value.Scalar();
      else if (key == "policy") to.policy = value.Scalar();
      else if (key == "purpose") to.purpose = value.Scalar();
      else if (key == "authority") to.authority = value.Scalar();
      else if (key == "receipts") to.receipts = value.Scalar();
      else if (key == "filter") to.filter = texts(value);
    });
    if (to.recipient != "self" && (to.policy.empty() || to.purpose.empty() || to.authority.empty()))
      fail(at, fill(tr("nothing may go to {0} without policy, purpose and authority"), std::vector<std::string>{to.recipient}));
    return to;
  }

  std::string path_;
};

std::string json_word(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string Job::path(const std::string& relative) const {
  const fs::path p(relative);
  return p.is_absolute() || folder.empty() ? relative : (fs::path(folder) / p).lexically_normal().string();
}

std::span<const JobWord> job_words() { return kWords; }

Job parse_job(std::string_view text, const std::string& path) { return Loader(path).load(text); }

Job load_job(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw JobError(fill(tr("the job file {0} cannot be read"), std::vector<std::string>{path}));
  return parse_job(std::string{std::istreambuf_iterator<char>(in), {}}, path);
}

std::string job_schema() {
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$id\": \"urn:casebridge:job:1\",\n  \"title\": "
      "\"casebridge job\",\n  \"$ref\": \"#/$defs/job\",\n  \"$defs\": {\n";
  for (size_t at = 0; at < kPlaces.size(); ++at) {
    std::string required, properties;
    for (const JobWord& w : kWords) {
      if (static_cast<size_t>(w.at) != at) continue;
      if (w.required) required += (required.empty() ? "" : ", ") + json_word(w.name);
      std::string body;
      if (w.type.starts_with("list:"))
        body = "\"type\": \"array\", \"items\": {\"$ref\": " + json_word("#/$defs/" + std::string(w.type.substr(5))) + "}";
      else if (w.type.starts_with("map:")) body = "\"$ref\": " + json_word("#/$defs/" + std::string(w.type.substr(4)));
      else if (w.type == "map") body = "\"type\": \"object\"";
      else if (w.type == "flag") body = "\"type\": \"boolean\"";
      else if (w.type == "count") body = "\"type\": \"integer\", \"minimum\": 0";
      else if (w.type == "share") body = "\"type\": \"number\", \"minimum\": 0, \"maximum\": 1";
      else if (w.type == "time") body = "\"type\": \"string\", \"pattern\": \"^([01][0-9]|2[0-3]):[0-5][0-9]$\"";
      else if (w.type == "texts")
        body =
            "\"anyOf\": [{\"type\": \"string\", \"minLength\": 1}, {\"type\": \"array\", \"items\": {\"type\": \"string\", \"minLength\": "
            "1}}]";
      else if (w.type.starts_with("code:")) {
        body = "\"enum\": [";
        for (const model::CodeRow& row : model::code_list(w.type.substr(5))->rows)
          body += (body.back() == '[' ? "" : ", ") + json_word(row.code);
        body += "]";
      } else body = "\"type\": \"string\", \"minLength\": 1";
      properties += (properties.empty() ? "" : ",\n") + ("        " + json_word(w.name)) + ": {" + body +
                    ", \"description\": " + json_word(french() ? w.doc_fr : w.doc_en) + "}";
    }
    out += "    " + json_word(kPlaces[at]) + ": {\n      \"type\": \"object\", \"additionalProperties\": false, \"required\": [" +
           required + "],\n      \"properties\": {\n" + properties + "\n      }\n    }" + (at + 1 < kPlaces.size() ? ",\n" : "\n");
  }
  return out + "  }\n}\n";
}

}  // namespace casebridge::job

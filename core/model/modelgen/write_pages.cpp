// Pages for people (fields.en.md, fields.fr.md) and one row per field for programs (fields.csv).
#include <functional>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

struct FormWords {
  const char *name, *en, *fr;
};
const FormWords kForms[] = {
    {"text", "Text, not empty, of characters that XML 1.0 can hold", "Texte non vide, de caractères que XML 1.0 admet"},
    {"code", "A code of the list named", "Un code de la liste nommée"},
    {"date", "YYYY, YYYY-MM or YYYY-MM-DD: its form is its precision", "AAAA, AAAA-MM ou AAAA-MM-JJ : sa forme est sa précision"},
    {"dateTime", "Date and time of day with seconds and offset (RFC 3339)", "Date et heure avec secondes et décalage (RFC 3339)"},
    {"when", "A date or a dateTime", "Une date ou une date avec heure"},
    {"integer", "Whole number of at most 15 digits", "Nombre entier d'au plus 15 chiffres"},
    {"count", "Whole number from 0, of at most 15 digits", "Nombre entier à partir de 0, d'au plus 15 chiffres"},
    {"version", "Whole number from 1", "Nombre entier à partir de 1"},
    {"year", "Year of four digits", "Année de quatre chiffres"},
    {"boolean", "true or false", "true ou false"},
    {"decimal", "Decimal text with a point", "Texte décimal avec un point"},
    {"latitude", "Decimal text from -90 to 90", "Texte décimal de -90 à 90"},
    {"longitude", "Decimal text from -180 to 180", "Texte décimal de -180 à 180"},
    {"share", "Decimal text from 0 to 1", "Texte décimal de 0 à 1"},
    {"ref", "Identifier of another record", "Identifiant d'un autre enregistrement"},
    {"uuid", "UUID in lower case", "UUID en minuscules"},
    {"pointer", "JSON Pointer (RFC 6901), not empty", "JSON Pointer (RFC 6901) non vide"},
    {"agencyKey", "Stable key of an agency: lower-case letters, digits and hyphens",
     "Clé stable d'un organisme : minuscules, chiffres et traits d'union"},
    {"country", "ISO 3166-1, two letters", "ISO 3166-1, deux lettres"},
    {"language", "ISO 639-2 (terminology), three lower-case letters", "ISO 639-2 (terminologie), trois minuscules"},
    {"currency", "ISO 4217, three letters", "ISO 4217, trois lettres"},
    {"sha256", "64 lower-case hexadecimal digits", "64 chiffres hexadécimaux en minuscules"},
    {"url", "Address without white space", "Adresse sans espace"},
    {"semver", "Major, minor and patch version", "Version majeure, mineure et corrective"},
    {"place", "0 alone, or number, offset, length, line and column", "0 seul, ou numéro, décalage, longueur, ligne et colonne"},
    {"map", "Names with their values", "Des noms et leurs valeurs"},
};

std::string cardinality(const Field& f) { return f.hard ? "!!" : f.required ? (f.many ? "+" : "!") : f.many ? "*" : "?"; }
std::string keys(const Field& f) { return std::string(f.key & 1 ? "S" : "") + (f.key & 2 ? "W" : "") + (f.key & 4 ? "B" : ""); }
std::string joined(const std::vector<std::string>& words, const char* between) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : between) + word;
  return all;
}
std::string maps(const Field& f, const char* column) {
  const auto at = f.maps.find(column);
  return at == f.maps.end() ? "" : at->second;
}

class Page {
 public:
  Page(const Model& model, bool french) : model_(model), french_(french) {}

  std::string write() {
    out_ = say("# Fields of the case model ", "# Champs du modèle de cas ") + model_.version + "\n\n";
    out_ +=
        say("Made by modelgen from `schemas/case`; do not edit. Cardinality: `!!` always, `!` one (or an `absent` entry says why not), `?` "
            "zero or one, `*` zero or more, `+` one or more. "
            "Key: S strong, W weighted comparison, B blocking.\n",
            "Produit par modelgen à partir de `schemas/case`; ne pas modifier. Cardinalité : `!!` toujours, `!` une valeur (ou une entrée "
            "`absent` dit pourquoi), `?` zéro ou une, `*` zéro ou plus, `+` une ou plus. "
            "Clé : S forte, W comparaison pondérée, B blocage.\n");
    for (const Record& record : model_.records) {
      out_ += "\n## " + record.name + "\n\n" + pick(record.doc) + "\n\n";
      head();
      for (const Field& field : record.parts) rows(field);
      const std::string to = mapped(record);
      if (!to.empty()) out_ += say("\nMaps to: ", "\nCorrespond à : ") + to + "\n";
    }
    out_ += say("\n## What every record has\n\n", "\n## Ce que chaque enregistrement a\n\n");
    head();
    for (const auto* common : {&model_.header, &model_.trailer})
      for (const Field& field : *common) rows(field);
    out_ += say("\n## Forms of values\n\n| form | meaning | pattern |\n", "\n## Formes des valeurs\n\n| forme | sens | motif |\n") +
            "|---|---|---|\n";
    for (const FormWords& form : kForms)
      out_ += std::string("| ") + form.name + " | " + (french_ ? form.fr : form.en) + " | " + code(find_form(form.name)->pattern) + " |\n";
    lists();
    return out_;
  }

 private:
  std::string say(const char* en, const char* fr) const { return french_ ? fr : en; }
  const std::string& pick(const Words& words) const { return french_ ? words.fr : words.en; }
  static std::string code(const std::string& text) {
    if (text.empty()) return "";
    std::string out = "`";
    for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
    return out + "`";
  }
  void head() {
    out_ += say("| field | form | | key | meaning | maps to |\n", "| champ | forme | | clé | sens | correspond à |\n") +
            "|---|---|---|---|---|---|\n";
  }

  void rows(const Field& f) {
    std::string type = !f.codes.empty()       ? "code (" + f.codes + ")"
                       : f.form               ? f.form->name
                       : f.block_type.empty() ? say("block", "bloc")
                                              : f.block_type;
    if (!f.targets.empty()) type += " " + joined(f.targets, ", ");
    std::string words = pick(f.label) + (pick(f.doc).empty() ? "" : ". " + pick(f.doc));
    if (f.computed) words += say(" Computed.", " Calculé.");
    if (f.sensitive) words += say(" Sensitive.", " Sensible.");
    if (f.attribute) words += say(" XML attribute.", " Attribut XML.");
    std::string key = keys(f);
    if (!f.with.empty()) key += say(" with ", " avec ") + f.with;
    out_ += "| `" + f.path + "` | " + type + " | " + cardinality(f) + " | " + key + " | " + words + " | " + mapped(f) + " |\n";
    for (const Field& part : f.parts) rows(part);
  }
  static std::string mapped(const Field& f) {
    std::string all;
    for (const auto& [column, title] :
         {std::pair("htcds", "HTCDS"), std::pair("niem", "NIEM"), std::pair("ftm", "FtM"), std::pair("ctdc", "CTDC")})
      if (const std::string value = maps(f, column); !value.empty())
        all += (all.empty() ? "" : "; ") + std::string(title) + " " + code(value);
    return all;
  }

  void lists() {
    out_ += say("\n## Code lists\n\nThe codes with their labels, sources and dates stand in `schemas/case/codes`.\n\n| list | codes | not "
                "verified | open to |\n",
                "\n## Listes de codes\n\nLes codes, avec leurs libellés, sources et dates, se trouvent dans `schemas/case/codes`.\n\n| "
                "liste | codes | non vérifiés | ouverte à |\n") +
            "|---|---|---|---|\n";
    for (const auto& [name, list] : model_.lists) {
      size_t unverified = 0;
      for (const Code& c : list.codes) unverified += c.unverified;
      out_ += "| " + name + " | " + std::to_string(list.codes.size()) + " | " + (unverified ? std::to_string(unverified) : "") + " | " +
              code(list.open_form) + " |\n";
    }
  }

  const Model& model_;
  const bool french_;
  std::string out_;
};

std::string cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

std::string table(const Model& model) {
  std::string out =
      "record,path,tag,kind,form,cardinality,codes,targets,key,with,computed,sensitive,attribute,since,label_en,label_fr,htcds,niem,ftm,"
      "ctdc\n";
  static const char* kinds[] = {"record", "block", "blocks", "leaf"};
  std::function<void(const std::string&, const Field&)> row = [&](const std::string& record, const Field& f) {
    const std::string form = f.form ? f.form->name : f.block_type, yes[] = {"", "yes"};
    const std::vector<std::string> cells = {record,
                                            f.kind == Kind::record ? "" : f.path,
                                            std::to_string(f.tag),
                                            kinds[int(f.kind)],
                                            form,
                                            f.kind == Kind::record ? "" : cardinality(f),
                                            f.codes,
                                            joined(f.targets, " "),
                                            keys(f),
                                            f.with,
                                            yes[f.computed],
                                            yes[f.sensitive],
                                            yes[f.attribute],
                                            f.since,
                                            f.label.en,
                                            f.label.fr,
                                            maps(f, "htcds"),
                                            maps(f, "niem"),
                                            maps(f, "ftm"),
                                            maps(f, "ctdc")};
    for (size_t i = 0; i < cells.size(); ++i) out += (i ? "," : "") + cell(cells[i]);
    out += "\n";
    for (const Field& part : f.parts) row(record, part);
  };
  for (const Field& field : model.header) row("*", field);
  for (const Record& record : model.records) row(record.name, record);
  for (const Field& field : model.trailer) row("*", field);
  return out;
}

}  // namespace

void write_pages(const Model& model, Files& files) {
  files["fields.en.md"] = Page(model, false).write();
  files["fields.fr.md"] = Page(model, true).write();
  files["fields.csv"] = table(model);
}

}  // namespace modelgen

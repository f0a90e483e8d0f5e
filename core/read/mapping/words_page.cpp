// The JSON Schema of a mapping file and the reference page, both from the one table of words.
#include "read/mapping/words.hpp"

namespace casebridge::read::mapping {
namespace {

std::string quoted(std::string_view s) {
  std::string out = "\"";
  for (const char c : s) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + "\"";
}

// The words of one context as an object schema; `rest` is what other members are allowed.
std::string object(At at, std::string_view required, std::string_view rest, const std::string& indent) {
  std::string out = "{\n" + indent + "  \"type\": \"object\",\n";
  if (!required.empty()) out += indent + "  \"required\": [" + std::string(required) + "],\n";
  out += indent + "  \"properties\": {";
  bool first = true;
  for (const Word& w : words()) {
    if (w.at != at) continue;
    out += (first ? "\n" : ",\n") + indent + "    " + quoted(w.name) + ": ";
    first = false;
    const bool empty = w.schema == "{}";
    out += "{\"description\": " + quoted(w.en) + (empty ? "}" : ", " + std::string(w.schema.substr(1)));
  }
  out += "\n" + indent + "  },\n" + indent + "  \"additionalProperties\": " + std::string(rest) + "\n" + indent + "}";
  return out;
}

struct Section {
  At at;
  std::string_view en, fr;
};
constexpr Section kSections[] = {
    {At::file, "The file", "Le fichier"},
    {At::reads, "Under reads", "Sous reads"},
    {At::references, "Under reads: references", "Sous reads : references"},
    {At::lines, "Under reads: lines", "Sous reads : lines"},
    {At::table, "Under reads: tables", "Sous reads : tables"},
    {At::refuse, "Under reads: refuse", "Sous reads : refuse"},
    {At::source, "Under source, besides the fields of the Source line", "Sous source, outre les champs de la ligne Source"},
    {At::rule, "In a rule and in a record in a field, besides the fields of its record type",
     "Dans une règle et dans un enregistrement dans un champ, outre les champs de son type"},
    {At::block, "In a block, besides its fields", "Dans un bloc, outre ses champs"},
    {At::item, "In an item of a list, besides its fields and the words of a block",
     "Dans un élément de liste, outre ses champs et les mots d'un bloc"},
    {At::ref, "In a reference", "Dans une référence"},
    {At::value, "In a value; the steps apply in the order split, capture, join, codes, whatever order they are written in",
     "Dans une valeur; les étapes s'appliquent dans l'ordre split, capture, join, codes, quel que soit l'ordre écrit"},
    {At::table_file, "In a table under codes", "Dans une table sous codes"},
    {At::skip, "Under skip", "Sous skip"},
    {At::note, "Under notes", "Sous notes"},
    {At::test, "Under tests", "Sous tests"},
};

}  // namespace

std::string mapping_schema() {
  const std::string d = "    ";
  std::string out =
      "{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n  \"$id\": \"urn:casebridge:mapping:1\",\n"
      "  \"title\": \"casebridge mapping\",\n  \"description\": \"How one feed becomes case records. Made from the words of the mapping "
      "language; do not edit.\",\n"
      "  \"$ref\": \"#/$defs/file\",\n  \"$defs\": {\n";
  const auto def = [&](std::string_view name, const std::string& schema, bool last = false) {
    out += d + quoted(name) + ": " + schema + (last ? "\n" : ",\n");
  };
  def("scalar", R"({"type": ["string", "number", "boolean"]})");
  def("texts", R"({"anyOf": [{"$ref": "#/$defs/scalar"}, {"type": "array", "items": {"$ref": "#/$defs/scalar"}}]})");
  def("label", R"({"type": "object", "properties": {"en": {"type": "string"}, "fr": {"type": "string"}}, "additionalProperties": false})");
  def("codes", R"({"type": "object", "additionalProperties": {"$ref": "#/$defs/scalar"}})");
  def("condition", R"({"anyOf": [{"$ref": "#/$defs/test_line"}, {"type": "array", "items": {"$ref": "#/$defs/test_line"}}]})");
  def("test_line", R"({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"$ref": "#/$defs/texts"}}]})");
  def("values", R"({"anyOf": [{"$ref": "#/$defs/value"}, {"type": "array", "items": {"$ref": "#/$defs/value"}}]})");
  def("value", R"({"anyOf": [{"$ref": "#/$defs/scalar"}, {"$ref": "#/$defs/value_map"}]})");
  def("value_map", object(At::value, "", "false", d));
  def("handling",
      R"({"type": "object", "properties": {"governance": {"$ref": "#/$defs/codes"}}, "additionalProperties": {"$ref": "#/$defs/texts"}})");
  def("marks",
      R"({"type": "object", "properties": {"governance": {"$ref": "#/$defs/codes"}}, "additionalProperties": {"$ref": "#/$defs/values"}})");
  def("reads", object(At::reads, "\"reader\"", "false", d));
  def("references", object(At::references, "\"id\", \"ref\"", "false", d));
  def("lines", object(At::lines, "\"columns\"", "false", d));
  def("table", object(At::table, "", "false", d));
  def("refuse", object(At::refuse, "\"as\"", "false", d));
  def("source", object(At::source, "\"agency\", \"agencyType\", \"system\", \"legalAuthority\"", "true", d));
  def("rule", object(At::rule, "\"record\"", "true", d));
  def("skip", object(At::skip, "\"as\"", "false", d));
  def("note", object(At::note, "\"en\", \"fr\"", "false", d));
  def("test", object(At::test, "\"given\", \"expect\"", "false", d));
  def("file", object(At::file, "\"mapping\", \"reads\", \"source\"", "false", d), true);
  return out + "  }\n}\n";
}

std::string mapping_page(bool french) {
  std::string out = french
                        ? "# Les mots du langage de mappage\n\nPage produite à partir du code; ne pas modifier. À gauche d'un mappage se "
                          "trouvent les noms de champs du modèle; à droite `=MOT` "
                          "est ce mot même, `\"{LIEU} texte\"` un texte qui contient des lieux, et tout autre texte un lieu de la source.\n"
                        : "# The words of the mapping language\n\nMade from the code; do not edit. On the left of a mapping stand field "
                          "names of the case model; on the right `=WORD` is this "
                          "very word, `\"{PLACE} text\"` a text with places in it, and any other text a place in the source.\n";
  for (const Section& s : kSections) {
    out += "\n## " + std::string(french ? s.fr : s.en) + "\n\n" + (french ? "| mot | sens |\n" : "| word | meaning |\n") + "|---|---|\n";
    for (const Word& w : words())
      if (w.at == s.at) out += "| `" + std::string(w.name) + "` | " + std::string(french ? w.fr : w.en) + " |\n";
  }
  out += french ? "\n## Lieux\n\n| on écrit | sens |\n|---|---|\n"
                  "| `NOM` | la colonne, l'élément enfant, le membre |\n| `a/b`, `@id`, `*`, `..`, `.` | pas, attribut, tout enfant, le "
                  "parent, ici |\n"
                  "| `//Booking`, `/*/Date` | n'importe où dans cet enregistrement source; depuis le sommet du document |\n"
                  "| `j:Arrest` | le préfixe restreint à une famille d'espaces de noms, de toute version |\n"
                  "| `x[code]`, `x[kind = home]`, `x[2]` | ceux qui ont…; ceux où…; le deuxième |\n"
                  "| `aliases[ID = this/ID]/NAME` | jointure avec une autre table, ou avec ce qui désigne ce lieu |\n"
                  "| `flags/*/name()` | le nom de l'élément |\n| `` `Zip/Code` `` | un nom qui contient une barre ou un crochet |\n"
                : "\n## Places\n\n| write | means |\n|---|---|\n"
                  "| `NAME` | the column, the child element, the member |\n| `a/b`, `@id`, `*`, `..`, `.` | step, attribute, any child, "
                  "one up, here |\n"
                  "| `//Booking`, `/*/Date` | anywhere in this source record; from the top of the document |\n"
                  "| `j:Arrest` | the prefix narrows to a family of namespaces, of any version |\n"
                  "| `x[code]`, `x[kind = home]`, `x[2]` | those that have …; where …; the second |\n"
                  "| `aliases[ID = this/ID]/NAME` | join with another table, or with what points at this place |\n"
                  "| `flags/*/name()` | the element's own name |\n| `` `Zip/Code` `` | a name with a slash or a bracket in it |\n";
  return out;
}

}  // namespace casebridge::read::mapping

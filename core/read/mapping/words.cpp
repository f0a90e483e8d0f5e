#include "read/mapping/words.hpp"

#include <algorithm>

namespace casebridge::read::mapping {
namespace {

constexpr std::string_view kText = R"({"type":"string"})";
constexpr std::string_view kScalar = R"({"$ref":"#/$defs/scalar"})";
constexpr std::string_view kTexts = R"({"$ref":"#/$defs/texts"})";
constexpr std::string_view kLabel = R"({"$ref":"#/$defs/label"})";
constexpr std::string_view kValue = R"({"$ref":"#/$defs/value"})";
constexpr std::string_view kValues = R"({"$ref":"#/$defs/values"})";
constexpr std::string_view kCondition = R"({"$ref":"#/$defs/condition"})";
constexpr std::string_view kMapOfText = R"({"type":"object","additionalProperties":{"$ref":"#/$defs/scalar"}})";
constexpr std::string_view kMapOfValues = R"({"type":"object","additionalProperties":{"$ref":"#/$defs/values"}})";
constexpr std::string_view kAny = "{}";

constexpr Word kWords[] = {
    {"mapping", At::file, kText,
     "Id and version, as rms-tables/1. The version stands in every Source line; renaming a rule is a new version.",
     "Identifiant et version, p. ex. rms-tables/1. La version figure dans chaque ligne Source; renommer une règle crée une nouvelle "
     "version."},
    {"title", At::file, kLabel, "What the format is called, in English and French.", "Nom du format, en anglais et en français."},
    {"reads", At::file, R"({"$ref":"#/$defs/reads"})", "Which reader, how to know the format, what one source record is.",
     "Quel lecteur, comment reconnaître le format, ce qu'est un enregistrement source."},
    {"source", At::file, R"({"$ref":"#/$defs/source"})", "Who says it: the fields of the Source line.",
     "Qui le dit : les champs de la ligne Source."},
    {"handling", At::file, R"({"$ref":"#/$defs/handling"})", "Marks of every record of this feed; a rule may only tighten them.",
     "Marques de chaque enregistrement de ce flux; une règle ne peut que les resserrer."},
    {"absent", At::file, kMapOfText, "Words that mean nothing, each with its reason.",
     "Mots qui veulent dire « rien », chacun avec sa raison."},
    {"codes", At::file, R"({"type":"object","additionalProperties":{"$ref":"#/$defs/codes"}})",
     "Tables from a source word to a code; case is ignored; otherwise: for all other words.",
     "Tables d'un mot source vers un code; la casse est ignorée; otherwise : pour tous les autres mots."},
    {"let", At::file, kMapOfValues, "Named values, used as $name; a later one may use those above it.",
     "Valeurs nommées, utilisées comme $nom; une valeur peut utiliser celles qui la précèdent."},
    {"records", At::file, R"({"type":"object","additionalProperties":{"$ref":"#/$defs/rule"},"minProperties":1})",
     "The rules; the first one makes the main record.", "Les règles; la première produit l'enregistrement principal."},
    {"skip", At::file, R"({"type":"array","items":{"$ref":"#/$defs/skip"}})", "Source records that are left out, each with a reason.",
     "Enregistrements source laissés de côté, chacun avec une raison."},
    {"drop", At::file, kMapOfText,
     "Source fields that are left out, each with a reason; * stands within a name, and a branch drops what hangs on it. With a filter "
     "(objects[type = tool]) it is a place from the top of the source record.",
     "Champs source laissés de côté, chacun avec une raison; * vaut à l'intérieur d'un nom, et une branche emporte ce qui y pend. Avec un "
     "filtre (objects[type = tool]), c'est un chemin depuis le sommet de l'enregistrement source."},
    {"notes", At::file, R"({"type":"array","items":{"$ref":"#/$defs/note"}})",
     "What whoever reads the result should be told about a source record: one finding (E-MAP-NOTE) each time it holds.",
     "Ce qu'il faut dire d'un enregistrement source à qui lira le résultat : un constat (E-MAP-NOTE) chaque fois que c'est vrai."},
    {"tests", At::file, R"({"type":"array","items":{"$ref":"#/$defs/test"}})", "Examples: given … expect …", "Exemples : given … expect …"},

    {"reader", At::reads, R"({"enum":["delimited","xlsx","table","fixed","xml","json","jsonl"]})",
     "The generic reader; table: delimited text or a workbook, as it comes.",
     "Le lecteur générique; table : du texte délimité ou un classeur, selon ce qui vient."},
    {"header", At::reads, R"({"anyOf":[{"$ref":"#/$defs/texts"},{"type":"array","items":{"$ref":"#/$defs/texts"}}]})",
     "Column names that recognise the format (case and outer blanks ignored); a list of lists means any of them.",
     "Noms de colonnes qui reconnaissent le format (casse et blancs extérieurs ignorés); une liste de listes : l'une d'elles."},
    {"delimiter", At::reads, kText, "The character between columns; found by itself when not given.",
     "Le caractère entre les colonnes; trouvé automatiquement s'il n'est pas donné."},
    {"encoding", At::reads, kText, "The encoding; found by itself when not given.",
     "Le codage; trouvé automatiquement s'il n'est pas donné."},
    {"columns", At::reads, kAny,
     "Names of the columns when there is no header; fixed width: name and positions from 1, as 17-25; not needed where a header line "
     "stands over the columns.",
     "Noms des colonnes quand il n'y a pas d'en-tête; largeur fixe : nom et positions à partir de 1, p. ex. 17-25; inutile quand une ligne "
     "d'en-tête surmonte les colonnes."},
    {"lines", At::reads, R"({"type":"object","additionalProperties":{"$ref":"#/$defs/lines"}})",
     "Fixed width: columns per kind of line; the name of a kind is a place, the lines of that kind (each: victim, victim/sex).",
     "Largeur fixe : colonnes par genre de ligne; le nom d'un genre est un lieu, les lignes de ce genre (each: victim, victim/sex)."},
    {"places", At::reads, R"({"enum":["bytes","characters"]})", "Fixed width: what the positions count; bytes if not given.",
     "Largeur fixe : ce que comptent les positions; des octets si rien n'est dit."},
    {"lineLength", At::reads, kScalar, "Fixed width: bytes of a line, where lines have no ends.",
     "Largeur fixe : octets d'une ligne, quand les lignes n'ont pas de fin."},
    {"begins", At::reads, kTexts, "Text that every input of this format begins with; any of these recognises it.",
     "Texte par lequel commence toute entrée de ce format; l'un d'eux suffit à le reconnaître."},
    {"sheet", At::reads, kText,
     "The sheet of a workbook: its name, its number from 1, or all, which reads every sheet with the columns of the header. Without it: "
     "the first sheet that has them, else the first that is shown. A sheet that is not read is said.",
     "La feuille d'un classeur : son nom, son numéro à partir de 1, ou all, qui lit chaque feuille portant les colonnes de l'en-tête. Sans "
     "ce mot : la première qui les porte, sinon la première affichée. Une feuille qui n'est pas lue est signalée."},
    {"headerRow", At::reads, kScalar,
     "The row or line of the header, from 1. Of a sheet also several rows, as 1-2: a name is what stands in them from above, and a title "
     "over merged cells stands for each (Caller over Phone: the column Caller Phone). Without it: the first row, within ten, that has the "
     "columns of the header.",
     "La rangée ou la ligne de l'en-tête, à partir de 1. D'une feuille, aussi plusieurs rangées, p. ex. 1-2 : un nom est ce qui s'y lit de "
     "haut en bas, et un titre sur des cellules fusionnées vaut pour chacune (Appelant au-dessus de Tél. : la colonne Appelant Tél.). Sans "
     "ce mot : la première rangée, parmi dix, qui porte les colonnes de l'en-tête."},
    {"root", At::reads, kTexts,
     "XML: local names of the document element that recognise the format; a name that others use too with its namespace before it "
     "and a blank between; a namespace may end with * for every version of it.",
     "XML : noms locaux de l'élément racine qui reconnaissent le format; un nom que d'autres emploient aussi, avec son espace de noms "
     "devant et une espace entre les deux; un espace de noms peut finir par * pour toutes ses versions."},
    {"keys", At::reads, kTexts,
     "JSON: members that recognise the format, any of them; `*:object` is `object` under any prefix, `kind=case/` "
     "the member kind whose text begins with case/; a + b where both are there, a > b a member b within a, through arrays.",
     "JSON : membres qui reconnaissent le format, l'un ou l'autre; `*:object` est `object` sous tout préfixe, `kind=case/` le membre kind "
     "dont le texte commence par case/; a + b quand les deux sont là, a > b un membre b dans a, à travers les tableaux."},
    {"each", At::reads, kTexts,
     "What one source record is: an element name, or a place from the top; else the document. Of several, XML takes every one, JSON the "
     "first at which something stands.",
     "Ce qu'est un enregistrement source : un nom d'élément, ou un chemin depuis le sommet; sinon le document. De plusieurs, XML prend "
     "chacun, JSON le premier où se trouve quelque chose."},
    {"labels", At::reads, kTexts,
     "XML: where an attribute says what an element is, as field/@name: a value of <field name=\"Body\"> that no rule takes is kept and "
     "counted under field[Body]. Only for words of the format: they stand in reports.",
     "XML : là où un attribut dit ce qu'est un élément, comme field/@name : une valeur de <field name=\"Body\"> que nulle règle ne prend "
     "est gardée et comptée sous field[Body]. Seulement pour des mots du format : ils figurent dans les rapports."},
    {"together", At::reads, R"({"enum":["yes"]})", "JSON Lines: all lines are one source record, which has a member line for each.",
     "JSON Lines : toutes les lignes forment un seul enregistrement source, qui a un membre line pour chacune."},
    {"references", At::reads, R"({"anyOf":[{"enum":["niem","jsonld"]},{"$ref":"#/$defs/references"}]})",
     "niem, jsonld, or the names of id and ref: a reference stands for what it points to. With jsonld names go without their prefixes, "
     "@id, @type and @value are attributes, and a typed value is its text.",
     "niem, jsonld, ou les noms de id et de ref : une référence vaut pour ce qu'elle désigne. Avec jsonld, les noms vont sans leurs "
     "préfixes, @id, @type et @value sont des attributs, et une valeur typée est son texte."},
    {"tables", At::reads, R"({"type":"object","additionalProperties":{"anyOf":[{"$ref":"#/$defs/scalar"},{"$ref":"#/$defs/table"}]}})",
     "Several related tables that are one feed: the name of each, and how its file is told (a pattern of its name, or file and header).",
     "Plusieurs tables liées qui forment un seul flux : le nom de chacune, et à quoi se reconnaît son fichier (un motif de nom, ou file et "
     "header)."},
    {"file", At::table, kText, "A pattern of the file's name; * stands for any characters.",
     "Un motif du nom de fichier; * vaut n'importe quels caractères."},
    {"header", At::table, kTexts, "Columns by which the file is told, whatever it is called.",
     "Colonnes auxquelles le fichier se reconnaît, quel que soit son nom."},
    {"optional", At::table, R"({"enum":["yes","no"]})", "yes: a feed may come without this table.",
     "yes : un flux peut arriver sans cette table."},
    {"spellings", At::reads, R"({"type":"object","additionalProperties":{"$ref":"#/$defs/texts"}})",
     "Other names under which a column may come: the mapping uses the first name only.",
     "Autres noms sous lesquels une colonne peut venir : le mappage n'utilise que le premier."},
    {"optional", At::reads, kTexts, "Columns that an input may lack without a word; * stands within a name.",
     "Colonnes qui peuvent manquer sans qu'on le dise; * vaut à l'intérieur d'un nom."},
    {"group", At::reads, kTexts, "Rows with equal values here are one source record, wherever they stand in the file.",
     "Les rangées de même valeur ici forment un seul enregistrement source, où qu'elles soient dans le fichier."},
    {"repeats", At::reads, R"({"enum":["dropped"]})",
     "Of a group: a row that says word for word what another row of it says is left out, and counted as dropped.",
     "D'un groupe : une rangée qui répète mot pour mot une autre rangée est laissée de côté, et comptée comme écartée."},
    {"refuse", At::reads, R"({"$ref":"#/$defs/refuse"})", "Recognised, and not case data: the whole input is skipped with this reason.",
     "Reconnu, mais ce ne sont pas des données de dossier : toute l'entrée est laissée de côté pour cette raison."},
    {"as", At::refuse, kText, "The reason as a code: AGGREGATE.", "La raison, comme code : AGGREGATE."},
    {"why", At::refuse, kText, "The reason in words.", "La raison en mots."},
    {"id", At::references, kText, "What carries the id; @ marks an attribute.", "Ce qui porte l'identifiant; @ marque un attribut."},
    {"ref", At::references, kTexts, "What carries the reference; @ marks an attribute.",
     "Ce qui porte la référence; @ marque un attribut."},
    {"when", At::lines, kMapOfText, "Which lines these are: column and word.", "De quelles lignes il s'agit : colonne et mot."},
    {"columns", At::lines, kMapOfText, "Name and byte positions from 1.", "Nom et positions à partir de 1."},
    {"of", At::lines, kText,
     "This is no line, but a part that comes several times in each line of that kind. As a place it is each part that holds something "
     "(each: relation); .. is the line it stands in, and victim/relation the parts of a line.",
     "Ce n'est pas une ligne, mais une partie qui revient plusieurs fois dans chaque ligne de ce genre. Comme lieu, c'est chaque partie "
     "qui "
     "contient quelque chose (each: relation); .. est la ligne où elle se trouve, et victim/relation les parties d'une ligne."},
    {"times", At::lines, kScalar, "How often the part comes in a line; once if not given.",
     "Combien de fois la partie revient dans une ligne; une fois si rien n'est dit."},
    {"every", At::lines, kScalar,
     "How many columns on the next part stands; the width of one part if not given. Its columns are those of "
     "the first.",
     "À combien de colonnes se trouve la partie suivante; la largeur d'une partie si rien n'est dit. Ses colonnes sont celles de la "
     "première."},

    {"timeZone", At::source, kText, "Zone of every time without an offset, as America/Toronto.",
     "Fuseau de toute heure sans décalage, p. ex. America/Toronto."},
    {"dates", At::source, kTexts, "How dates are written where a field has no date: (LDML patterns, tried in turn).",
     "Comment les dates sont écrites là où un champ n'a pas de date: (motifs LDML, essayés dans l'ordre)."},
    {"region", At::source, kText, "Country of telephone numbers that have none.", "Pays des numéros de téléphone qui n'en portent pas."},

    {"take", At::value, kValues, "Where the value stands; several places give several values.",
     "Où se trouve la valeur; plusieurs lieux donnent plusieurs valeurs."},
    {"first", At::value, R"({"type":"array","items":{"$ref":"#/$defs/value"}})", "The first of these that has a value.",
     "La première de celles-ci qui a une valeur."},
    {"absent", At::value, kText, "Says why the field is missing.", "Dit pourquoi le champ manque."},
    {"date", At::value, kTexts, "How this date is written (LDML patterns, tried in turn; shorter ones give partial dates).",
     "Comment cette date est écrite (motifs LDML, essayés dans l'ordre; les plus courts donnent des dates partielles)."},
    {"zone", At::value, kText, "Time zone of this time.", "Fuseau de cette heure."},
    {"split", At::value, kText, "Cuts one text into many.", "Coupe un texte en plusieurs."},
    {"capture", At::value, kText, "RE2 pattern: the first group, or the whole match.",
     "Motif RE2 : le premier groupe, sinon toute la correspondance."},
    {"join", At::value, kText, "Joins many values into one.", "Réunit plusieurs valeurs en une."},
    {"codes", At::value, R"({"anyOf":[{"type":"string"},{"$ref":"#/$defs/codes"}]})",
     "Name of a table under codes, or a table written here.", "Nom d'une table sous codes, ou une table écrite ici."},
    {"unit", At::value, kValue, "The unit of the number: =in, or a place; the core converts.",
     "L'unité du nombre : =in, ou un lieu; le noyau convertit."},
    {"token", At::value, R"({"enum":["yes","no",true,false]})", "Sensitive: becomes a keyed token; the clear text goes nowhere.",
     "Sensible : devient un jeton à clé; le texte clair ne va nulle part."},
    {"when", At::value, kCondition, "Only where this holds.", "Seulement là où ceci est vrai."},
    {"unless", At::value, kCondition, "Not where this holds.", "Pas là où ceci est vrai."},
    {"why", At::value, kText, "The reason, for those who read it later.", "La raison, pour qui lira plus tard."},

    {"record", At::rule, kText, "The record type it makes.", "Le type d'enregistrement produit."},
    {"each", At::rule, kValues, "One record per place; a list of places is allowed.",
     "Un enregistrement par lieu; une liste de lieux est permise."},
    {"besides", At::rule, kTexts, "Rules above this one: the places they made a record from are left to them.",
     "Règles au-dessus de celle-ci : les lieux dont elles ont produit un enregistrement leur sont laissés."},
    {"key", At::rule, kValues, "The local id; several parts as a list.", "L'identifiant local; plusieurs parties en liste."},
    {"let", At::rule, kMapOfValues, "Named values of this rule.", "Valeurs nommées de cette règle."},
    {"handling", At::rule, R"({"$ref":"#/$defs/marks"})", "Tightens the marks of the feed; {take: =WORD, when: …} where a condition holds.",
     "Resserre les marques du flux; {take: =MOT, when: …} là où une condition est vraie."},
    {"ext", At::rule, kMapOfValues, "Named fields the model does not have.", "Champs nommés que le modèle n'a pas."},
    {"when", At::rule, kCondition, "Only where this holds.", "Seulement là où ceci est vrai."},
    {"unless", At::rule, kCondition, "Not where this holds.", "Pas là où ceci est vrai."},
    {"why", At::rule, kText, "The reason, for those who read it later.", "La raison, pour qui lira plus tard."},

    {"first", At::block, R"({"type":"array"})", "The first of these blocks that has a value; the last may be {absent: REASON}.",
     "Le premier de ces blocs qui a une valeur; le dernier peut être {absent: RAISON}."},
    {"when", At::block, kCondition, "Only where this holds.", "Seulement là où ceci est vrai."},
    {"unless", At::block, kCondition, "Not where this holds.", "Pas là où ceci est vrai."},
    {"why", At::block, kText, "The reason, for those who read it later.", "La raison, pour qui lira plus tard."},
    {"each", At::item, kValues, "One item per place.", "Un élément par lieu."},

    {"ref", At::ref, kTexts, "Name of the rule that makes the record pointed to; of a list, the first that made one there.",
     "Nom de la règle qui produit l'enregistrement visé; d'une liste, la première qui en a produit un à cet endroit."},
    {"of", At::ref, kText, "The place it is made from, when that is not this place.",
     "Le lieu dont il est produit, quand ce n'est pas ce lieu-ci."},
    {"key", At::ref, kValue, "Its key: anywhere in the feed, any order, any file.",
     "Sa clé : n'importe où dans le flux, dans tout ordre, dans tout fichier."},
    {"when", At::ref, kCondition, "Only where this holds; of several under first:, the first that holds.",
     "Seulement là où ceci est vrai; de plusieurs sous first:, la première qui l'est."},
    {"unless", At::ref, kCondition, "Not where this holds.", "Pas là où ceci est vrai."},
    {"why", At::ref, kText, "The reason, for those who read it later.", "La raison, pour qui lira plus tard."},

    {"when", At::skip, kCondition, "Which source records.", "Quels enregistrements source."},
    {"unless", At::skip, kCondition, "Not these.", "Pas ceux-ci."},
    {"as", At::skip, kText,
     "The reason as a code: DELETE, RECEIPT, LEGAL_CALL … JOINED: a row that others join; where none does it goes to quarantine.",
     "La raison, comme code : DELETE, RECEIPT, LEGAL_CALL… JOINED : une rangée que d'autres joignent; si aucune ne le fait, elle va en "
     "quarantaine."},
    {"why", At::skip, kText, "The reason in words.", "La raison en mots."},

    {"when", At::note, kCondition, "When it is said.", "Quand c'est dit."},
    {"unless", At::note, kCondition, "Not then.", "Pas alors."},
    {"at", At::note, kText, "The place it is about; else the whole source record.",
     "Le lieu dont il s'agit; sinon tout l'enregistrement source."},
    {"en", At::note, kText, "What is said, in English.", "Ce qui est dit, en anglais."},
    {"fr", At::note, kText, "What is said, in French.", "Ce qui est dit, en français."},

    {"file", At::table_file, kText, "A file of two columns beside the mapping.", "Un fichier de deux colonnes à côté du mappage."},
    {"otherwise", At::table_file, kText, "The code of all other words.", "Le code de tous les autres mots."},

    {"name", At::test, kText, "What the example shows.", "Ce que montre l'exemple."},
    {"given", At::test, kAny, "A row, a list of rows, {table: [rows]}, or the text of a document.",
     "Une rangée, une liste de rangées, {table: [rangées]}, ou le texte d'un document."},
    {"expect", At::test, R"({"type":"array","items":{"type":"object","minProperties":1,"maxProperties":1}})",
     "Every record that comes out, each with the fields worth saying.", "Chaque enregistrement produit, avec les champs qui comptent."},
    {"findings", At::test, kTexts, "Exactly these codes of findings.", "Exactement ces codes de constats."},
};

}  // namespace

std::span<const Word> words() { return kWords; }

std::vector<std::string_view> words_of(At at) {
  std::vector<std::string_view> out;
  for (const Word& w : kWords)
    if (w.at == at) out.push_back(w.name);
  return out;
}

bool is_word(At at, std::string_view name) {
  return std::any_of(std::begin(kWords), std::end(kWords), [&](const Word& w) { return w.at == at && w.name == name; });
}

}  // namespace casebridge::read::mapping

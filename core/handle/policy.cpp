#include "handle/policy.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"

namespace casebridge::handle {
namespace {

constexpr auto kKeys = std::to_array<PolicyKey>({
    {"agency", "agencyKey", true, "The recipient's stable key, as releasableTo names it.",
     "La clé stable du destinataire, comme dans releasableTo."},
    {"purposes", "purposes", true, "For what it may ask.", "À quelles fins il peut demander."},
    {"legalAuthorities", "purposes", true, "By what authority data may be given to it.",
     "En vertu de quelle autorité on peut lui communiquer des données."},
    {"types", "types", true, "Types of record that it may receive.", "Types d'enregistrement qu'il peut recevoir."},
    {"tlp", "tlp", true, "The highest TLP mark that it may receive.", "La marque TLP la plus élevée qu'il peut recevoir."},
    {"unstatedTlp", "tlp", false, "What a record without a TLP mark counts as; RED unless stated.",
     "Valeur d'un enregistrement sans marque TLP; RED par défaut."},
    {"caveats", "caveats", false, "Caveats under which it may receive records.",
     "Réserves sous lesquelles il peut recevoir des enregistrements."},
    {"conditional", "flag", false, "It accepts the conditions of handling code C.", "Il accepte les conditions du code de traitement C."},
    {"unlisted", "flag", false, "It may receive records that name no recipient.",
     "Il peut recevoir des enregistrements qui ne nomment aucun destinataire."},
    {"consents", "list", false, "Originators who have agreed to release to it.",
     "Organismes d'origine qui ont consenti à la communication."},
    {"youthBasis", "text", false, "YCJA_119 or YCJA_125: the basis on which it may see youth records.",
     "YCJA_119 ou YCJA_125 : fondement de l'accès aux dossiers d'adolescents."},
    {"audience", "audience", false,
     "publisher: what it receives is published, so publication bans hold; offenders: its view is of offenders.",
     "publisher : ce qu'il reçoit est publié, les interdictions de publication s'appliquent; offenders : sa vue porte sur les "
     "délinquants."},
    {"bansLifted", "list", false, "Court files of which the court has said that no publication ban holds.",
     "Dossiers de la cour pour lesquels elle a dit qu'aucune interdiction de publication ne vaut."},
    {"privateRecordBasis", "text", false,
     "Reference of the agreement, notice to adduce or court order under which private and therapeutic records may go; their caveats can be "
     "granted only with it.",
     "Référence de l'entente, de l'avis de production ou de l'ordonnance permettant de communiquer les dossiers privés et thérapeutiques; "
     "leurs réserves ne peuvent être levées sans elle."},
    {"privateRecordNotice", "flag", false,
     "It is told that private and therapeutic records are held that it does not receive: a reference for each, and nothing of what they "
     "say.",
     "Il est avisé de l'existence des dossiers privés et thérapeutiques qu'il ne reçoit pas : une référence pour chacun, rien de "
     "leur contenu."},
    {"grants", "list", false, "Numbers of the grants that governing bodies gave for it.",
     "Numéros des autorisations accordées par les instances responsables."},
    {"withhold", "fields", false, "Fields that it does not receive, as Type/path.",
     "Champs qu'il ne reçoit pas, sous la forme Type/chemin."},
    {"traits", "traits", false, "Sensitive traits that it may receive, as Type/path.",
     "Caractéristiques sensibles qu'il peut recevoir, sous la forme Type/chemin."},
    {"ext", "flag", false, "Source fields without a home may pass.", "Les champs de la source sans équivalent peuvent passer."},
    {"originals", "flag", false, "The source's own words may pass.", "Les mots de la source peuvent passer."},
    {"withdrawn", "flag", false, "It is told of withdrawn records that it had before.",
     "Il est avisé du retrait d'enregistrements déjà reçus."},
    {"key", "file", true, "File with the key of its pseudonyms: 32 bytes or more, readable by its owner only.",
     "Fichier de la clé de ses pseudonymes : au moins 32 octets, lisible par son propriétaire seul."},
    {"keyId", "text", true, "Name of that key.", "Nom de cette clé."},
});

class Loader {
 public:
  explicit Loader(const std::string& path) : path_(path) {}

  Policy load(std::string_view text) {
    YAML::Node root;
    try {
      root = YAML::Load(std::string(text));
    } catch (const YAML::Exception& e) {
      const std::string args[]{e.msg};
      throw PolicyError(path_ + ':' + std::to_string(e.mark.line + 1) + ": " + fill(tr("this is not YAML: {0}"), args), false);
    }
    if (!root.IsMap()) fail(root, tr("a policy is a map"));
    Policy policy;
    for (const auto& entry : root) {
      const auto key = entry.first.as<std::string>();
      if (key == "policy") policy.name = scalar(entry.second);
      else if (key == "recipients") recipients(entry.second, policy);
      else unknown(entry.first, key);
    }
    if (policy.name.empty()) fail(root, tr("the policy has no name"));
    return policy;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& at, const std::string& why) const {
    throw PolicyError(path_ + ':' + std::to_string(at.Mark().line + 1) + ": " + why, false);
  }
  [[noreturn]] void unknown(const YAML::Node& at, const std::string& word) const {
    const std::string args[]{word};
    fail(at, fill(tr("\"{0}\" means nothing in a policy"), args));
  }
  std::string scalar(const YAML::Node& at) const {
    if (!at.IsScalar() || at.Scalar().empty()) fail(at, tr("a text is wanted here"));
    return at.Scalar();
  }
  std::vector<std::pair<std::string, YAML::Node>> words(const YAML::Node& at) const {
    std::vector<std::pair<std::string, YAML::Node>> out;
    if (!at.IsSequence()) fail(at, tr("a list is wanted here"));
    for (const auto& item : at) out.emplace_back(scalar(item), item);
    return out;
  }
  bool flag(const YAML::Node& at) const {
    const std::string text = scalar(at);
    if (text != "true" && text != "false") fail(at, tr("true or false is wanted here"));
    return text == "true";
  }
  Tlp tlp(const YAML::Node& at) const {
    const auto mark = tlp_of(scalar(at));
    if (!mark) unknown(at, at.Scalar());
    return *mark;
  }
  uint64_t bits(const YAML::Node& at, const CodeBits& list) const {
    uint64_t set = 0;
    for (const auto& [word, node] : words(at)) {
      const auto bit = list.bit(word);
      if (!bit) unknown(node, word);
      set |= *bit;
    }
    return set;
  }
  std::vector<model::Tag> fields(const YAML::Node& at, bool traits) const {
    std::vector<model::Tag> out;
    for (const auto& [word, node] : words(at)) {
      const size_t slash = word.find('/');
      const model::Node* type = model::record_type(word.substr(0, slash));
      const model::Node* field = type && slash != std::string::npos ? model::field(*type, word.substr(slash + 1)) : nullptr;
      if (!field) unknown(node, word);
      if (traits && !field->sensitive) {
        const std::string args[]{word};
        fail(node, fill(tr("\"{0}\" is not a sensitive trait"), args));
      }
      out.push_back(field->tag);
    }
    return out;
  }

  void recipients(const YAML::Node& at, Policy& policy) const {
    if (!at.IsMap()) fail(at, tr("recipients are a map by name"));
    for (const auto& entry : at) {
      RecipientPolicy made;
      made.name = scalar(entry.first);
      if (made.name == "self") fail(entry.first, tr("\"self\" is the custodian's own desk and needs no policy"));
      recipient(entry.second, made);
      policy.recipients[made.name] = std::move(made);
    }
  }

  void recipient(const YAML::Node& at, RecipientPolicy& to) const {
    if (!at.IsMap()) fail(at, tr("a recipient is a map"));
    std::vector<std::string> seen;
    for (const auto& entry : at) {
      const auto key = entry.first.as<std::string>();
      const YAML::Node& value = entry.second;
      seen.push_back(key);
      if (key == "agency") to.agency = scalar(value);
      else if (key == "purposes") to.purposes = bits(value, purpose_bits());
      else if (key == "legalAuthorities") to.authorities = bits(value, purpose_bits());
      else if (key == "caveats") to.caveats = granted(value);
      else if (key == "types") to.types = types(value);
      else if (key == "tlp") to.ceiling = tlp(value);
      else if (key == "unstatedTlp") to.unstated_tlp = tlp(value);
      else if (key == "conditional") to.conditional = flag(value);
      else if (key == "unlisted") to.unlisted = flag(value);
      else if (key == "withdrawn") to.withdrawn = flag(value);
      else if (key == "ext") to.ext = flag(value);
      else if (key == "originals") to.originals = flag(value);
      else if (key == "withhold") to.withhold = fields(value, false);
      else if (key == "traits") to.traits = fields(value, true);
      else if (key == "youthBasis") to.youth_basis = scalar(value);
      else if (key == "audience") audience(value, to);
      else if (key == "bansLifted")
        for (auto& [word, node] : words(value)) to.bans_lifted.push_back(word);
      else if (key == "privateRecordBasis") to.private_basis = scalar(value);
      else if (key == "privateRecordNotice") to.private_notice = flag(value);
      else if (key == "grants")
        for (auto& [word, node] : words(value)) to.grants.push_back(word);
      else if (key == "consents")
        for (auto& [word, node] : words(value)) to.consents.push_back(word);
      else if (key == "key") to.key = key_file(value);
      else if (key == "keyId") to.key_id = scalar(value);
      else unknown(entry.first, key);
    }
    for (const PolicyKey& key : kKeys) {
      if (!key.required || std::find(seen.begin(), seen.end(), key.name) != seen.end()) continue;
      const std::string args[]{to.name, std::string(key.name)};
      fail(at, fill(tr("the recipient {0} has no \"{1}\""), args));
    }
    if (!to.youth_basis.empty() && to.youth_basis != "YCJA_119" && to.youth_basis != "YCJA_125")
      fail(at, tr("youthBasis is YCJA_119 or YCJA_125"));
    static const uint64_t bans = caveats({"PUBLICATION_BAN", "YCJA_PUBLICATION"}), records = caveats({"CC278_RECORD", "CC278_THERAPEUTIC"});
    if (to.publisher && ((to.caveats & bans) != 0 || !to.youth_basis.empty()))
      fail(at, tr("to a publisher no policy can grant PUBLICATION_BAN, YCJA_PUBLICATION or youth records"));
    if ((to.caveats & records) != 0 && to.private_basis.empty())
      fail(at, tr("CC278_RECORD and CC278_THERAPEUTIC need a privateRecordBasis"));
  }

  void audience(const YAML::Node& at, RecipientPolicy& to) const {
    for (const auto& [word, node] : words(at)) {
      if (word == "publisher") to.publisher = true;
      else if (word == "offenders") to.offenders = true;
      else unknown(node, word);
    }
  }

  // Some caveats no policy can grant: what they protect is not this program's to release.
  uint64_t granted(const YAML::Node& at) const {
    static const uint64_t never = caveats({"INFORMER", "WITNESS_PROTECTION", "SAFE_LOCATION", "YCJA_EJM", "SEALED", "RECORD_SUSPENSION"});
    const uint64_t set = bits(at, caveat_bits());
    if ((set & never) != 0)
      fail(at, tr("INFORMER, WITNESS_PROTECTION, SAFE_LOCATION, YCJA_EJM, SEALED and RECORD_SUSPENSION can be granted by no policy"));
    return set;
  }

  std::vector<std::string> types(const YAML::Node& at) const {
    std::vector<std::string> out;
    for (const auto& [word, node] : words(at)) {
      if (!model::record_type(word)) unknown(node, word);
      out.push_back(word);
    }
    return out;
  }

  std::string key_file(const YAML::Node& at) const {
    std::filesystem::path file = scalar(at);
    if (file.is_relative()) file = std::filesystem::path(path_).parent_path() / file;
    struct stat about {};
    const std::string args[]{file.string()};
    if (::stat(file.c_str(), &about) != 0) fail(at, fill(tr("the key file {0} cannot be read"), args));
    if ((about.st_mode & 077) != 0) fail(at, fill(tr("the key file {0} can be read by others: give it mode 0600"), args));
    std::ifstream in(file, std::ios::binary);
    std::string key{std::istreambuf_iterator<char>(in), {}};
    if (key.size() < 32) fail(at, fill(tr("the key file {0} holds fewer than 32 bytes"), args));
    return key;
  }

  std::string path_;
};

}  // namespace

std::span<const PolicyKey> policy_keys() { return kKeys; }

Policy parse_policy(std::string_view text, const std::string& path) { return Loader(path).load(text); }

Policy load_policy(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string args[]{path};
  if (!in) throw PolicyError(fill(tr("the policy {0} cannot be read"), args), false);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  return parse_policy(text, path);
}

std::string policy_schema() {
  const auto list_of = [](std::string_view list) {
    std::string out = "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[";
    std::string_view comma;
    for (const model::CodeRow& row : model::code_list(list)->rows)
      out.append(comma).append("\"").append(row.code).append("\""), comma = ",";
    return out + "]}";
  };
  std::string out =
      "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"urn:casebridge:policy:1\",\"title\":\"casebridge policy\","
      "\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"policy\",\"recipients\"],\"properties\":{\"policy\":{\"type\":"
      "\"string\","
      "\"minLength\":1},\"recipients\":{\"type\":\"object\",\"propertyNames\":{\"not\":{\"const\":\"self\"}},\"additionalProperties\":"
      "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[";
  std::string_view comma;
  for (const PolicyKey& key : kKeys)
    if (key.required) out.append(comma).append("\"").append(key.name).append("\""), comma = ",";
  out += "],\"properties\":{";
  comma = "";
  for (const PolicyKey& key : kKeys) {
    out.append(comma).append("\"").append(key.name).append("\":");
    comma = ",";
    std::string body;
    if (key.type == "flag") body = "{\"type\":\"boolean\"}";
    else if (key.type == "tlp") body = "{\"enum\":[\"CLEAR\",\"GREEN\",\"AMBER\",\"AMBER_STRICT\",\"RED\"]}";
    else if (key.type == "audience") body = "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"publisher\",\"offenders\"]}}";
    else if (key.type == "purposes") body = list_of("legal_authority");
    else if (key.type == "caveats") body = list_of("caveat");
    else if (key.type == "types") body = list_of("record_type");
    else if (key.type == "fields" || key.type == "traits")
      body = "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"pattern\":\"^[A-Z][A-Za-z]*/\"}}";
    else if (key.type == "list") body = "{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":1}}";
    else if (key.type == "agencyKey") body = "{\"type\":\"string\",\"pattern\":\"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$\"}";
    else body = "{\"type\":\"string\",\"minLength\":1}";
    body.pop_back();
    std::string doc(key.doc_en);
    out.append(body).append(",\"description\":\"").append(doc).append("\"}");
  }
  return out + "}}}}}\n";
}

}  // namespace casebridge::handle

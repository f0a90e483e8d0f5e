// schemas/case/*.yaml -> Model. Every mistake is told with its file and line.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  explicit Reader(std::string dir) : dir_(std::move(dir)) {}

  Model read() {
    model_.lists = read_lists(dir_ + "/case/codes");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(dir_ + "/case"))
      if (entry.path().extension() == ".yaml" && entry.path().stem() != "types") names.push_back(entry.path().stem().string());
    std::sort(names.begin(), names.end());
    for (const auto& name : names) known_.insert(name);
    read_shared();
    for (const auto& name : names) read_record(name);
    std::stable_sort(model_.records.begin(), model_.records.end(), [](const Record& a, const Record& b) { return rank(a) < rank(b); });
    check_record_list();
    return std::move(model_);
  }

 private:
  // The lines that frame the records stand last, in the order of the file.
  static int rank(const Record& record) { return !record.line ? 0 : record.name == "Dataset" ? 1 : record.name == "Source" ? 2 : 3; }

  [[noreturn]] void fail(const YAML::Node& at, const std::string& what) const { fail(at.Mark().line + 1, what); }
  [[noreturn]] void fail(int line, const std::string& what) const { throw ModelError(file_ + ":" + std::to_string(line) + ": " + what); }

  YAML::Node load(const std::string& name) {
    file_ = dir_ + "/case/" + name + ".yaml";
    try {
      YAML::Node node = YAML::LoadFile(file_);
      if (!node.IsMap()) fail(1, "a map is expected");
      return node;
    } catch (const YAML::Exception& e) { fail(e.mark.line + 1, e.msg); }
  }

  std::string text(const YAML::Node& at, const char* key, bool needed) const {
    const YAML::Node value = at[key];
    if (!value) {
      if (needed) fail(at, std::string(key) + " is missing");
      return {};
    }
    if (!value.IsScalar() || value.Scalar().empty()) fail(value, std::string(key) + " must be a text");
    return value.Scalar();
  }
  bool flag(const YAML::Node& at, const char* key) const {
    const std::string word = text(at, key, false);
    if (word.empty() || word == "false") return false;
    if (word != "true") fail(at[key], std::string(key) + " must be true or false");
    return true;
  }
  void only(const YAML::Node& at, const std::set<std::string>& words) const {
    std::set<std::string> seen;
    for (const auto& pair : at) {
      const std::string key = pair.first.Scalar();
      if (!words.count(key)) fail(pair.first, "unknown word " + key);
      if (!seen.insert(key).second) fail(pair.first, key + " stands twice");
    }
  }

  void read_shared() {
    const YAML::Node top = load("types");
    only(top, {"schemaVersion", "codeListVersions", "namespace", "openLists", "types", "header", "trailer"});
    model_.version = text(top, "schemaVersion", true);
    model_.list_version = text(top, "codeListVersions", true);
    model_.ns = text(top, "namespace", true);
    for (const auto& pair : top["openLists"]) {
      const auto at = model_.lists.find(pair.first.Scalar());
      if (at == model_.lists.end()) fail(pair.first, "no code list " + pair.first.Scalar());
      at->second.open_form = pair.second.Scalar();
    }
    for (const auto& pair : top["types"]) {
      if (find_form(pair.first.Scalar()) || model_.types.count(pair.first.Scalar()))
        fail(pair.first, pair.first.Scalar() + " is defined twice");
      model_.types[pair.first.Scalar()] = read_fields(pair.second, "");
    }
    model_.header = read_fields(top["header"], "");
    model_.trailer = read_fields(top["trailer"], "");
  }

  void read_record(const std::string& name) {
    const YAML::Node top = load(name);
    only(top, {"record", "line", "handling", "en", "fr", "doc", "htcds", "niem", "ftm", "ctdc", "anyOf", "fields"});
    Record record;
    record.name = text(top, "record", true);
    if (record.name != name) fail(top["record"], "the file of " + record.name + " must be named " + record.name + ".yaml");
    record.kind = Kind::record;
    record.file = file_;
    record.line = flag(top, "line");
    record.Field::line = 1;
    record.handling = flag(top, "handling");
    read_words(top, record);
    if (record.doc.en.empty()) fail(top, "a record needs its doc");
    record.parts = read_fields(top["fields"], "");
    std::set<std::string> names;
    for (const Field& part : record.parts) names.insert(part.name);
    if (!record.line)
      for (const auto* common : {&model_.header, &model_.trailer})
        for (const Field& field : *common)
          if (names.count(field.name)) fail(1, field.name + " is a field of every record");
    for (const YAML::Node& group : top["anyOf"]) {
      record.any_of.emplace_back();
      for (const YAML::Node& word : group) {
        if (!names.count(word.Scalar())) fail(word, "no field " + word.Scalar());
        record.any_of.back().push_back(word.Scalar());
      }
    }
    for (const Field& part : record.parts) check_with(record, part);
    model_.records.push_back(std::move(record));
  }

  void check_with(const Record& record, const Field& field) const {
    if (field.with.empty() || field.with == "agency") return;
    for (const Field& part : record.parts)
      if (part.name == field.with) return;
    fail(field.line, field.name + ": no field " + field.with + " that it could be a key with");
  }

  std::vector<Field> read_fields(const YAML::Node& map, const std::string& path) {
    if (!map || !map.IsMap()) fail(map ? map.Mark().line + 1 : 1, "fields must be a map");
    std::vector<Field> fields;
    std::set<std::string> seen;
    for (const auto& pair : map) {
      const std::string name = pair.first.Scalar();
      if (!seen.insert(name).second) fail(pair.first, name + " stands twice");
      if (name.empty() || name[0] < 'a' || name[0] > 'z' ||
          name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != std::string::npos)
        fail(pair.first, name + " is not a name in camelCase");
      fields.push_back(read_field(name, pair.first.Mark().line + 1, pair.second, path));
    }
    if (fields.empty()) fail(map, "no field");
    return fields;
  }

  Field read_field(const std::string& name, int line, const YAML::Node& at, const std::string& path) {
    if (!at.IsMap()) fail(line, name + ": a map is expected");
    only(at,
         {"is", "key", "with", "computed", "sensitive", "attribute", "en", "fr", "doc", "htcds", "niem", "ftm", "ctdc", "since", "fields"});
    Field field;
    field.name = name;
    field.path = path.empty() ? name : path + "/" + name;
    field.file = file_;
    field.line = line;
    read_is(at, field);
    read_words(at, field);
    field.computed = flag(at, "computed");
    field.sensitive = flag(at, "sensitive");
    field.attribute = flag(at, "attribute");
    field.with = text(at, "with", false);
    if (const std::string since = text(at, "since", false); !since.empty()) field.since = since;
    for (const char c : text(at, "key", false)) {
      const size_t bit = std::string("SWB").find(c);
      if (bit == std::string::npos) fail(at["key"], "a key is of S, W and B");
      field.key |= 1 << bit;
    }
    if (field.computed && field.required) fail(line, name + ": what is computed cannot be required");
    if (field.key && (name == "gender" || field.sensitive)) fail(line, name + " must never be a key");
    if (field.attribute && field.kind != Kind::leaf) fail(line, name + ": only a leaf can be an attribute");
    return field;
  }

  // type, code list or targets, and cardinality: "text!", "code(gender)?", "ref(Person,Organization)*", "block+".
  void read_is(const YAML::Node& at, Field& field) {
    std::string is = text(at, "is", true);
    const auto ends = [&](const char* tail) {
      const std::string t = tail;
      if (is.size() < t.size() || is.compare(is.size() - t.size(), t.size(), t) != 0) return false;
      is.resize(is.size() - t.size());
      return true;
    };
    if (ends("!!")) field.required = field.hard = true;
    else if (ends("!")) field.required = true;
    else if (ends("+")) field.required = field.many = true;
    else if (ends("*")) field.many = true;
    else if (!ends("?")) fail(at["is"], field.name + ": the cardinality is one of !! ! ? * +");
    std::string inside;
    if (const size_t open = is.find('('); open != std::string::npos) {
      if (is.back() != ')') fail(at["is"], field.name + ": ) is missing");
      inside = is.substr(open + 1, is.size() - open - 2);
      is.resize(open);
    }
    const YAML::Node parts = at["fields"];
    if (is == "block") {
      if (!parts) fail(at["is"], field.name + ": a block needs its fields");
      set_block(field, at["is"]);
      field.parts = read_fields(parts, field.path);
    } else if (model_.types.count(is)) {
      set_block(field, at["is"]);
      field.block_type = is;
      field.parts = model_.types[is];
      re_path(field);
    } else if ((field.form = find_form(is))) {
      field.kind = Kind::leaf;
    } else {
      fail(at["is"], field.name + ": no type " + is);
    }
    if (parts && is != "block") fail(parts, field.name + ": only a block has fields");
    read_inside(at["is"], is, inside, field);
  }

  void set_block(Field& field, const YAML::Node&) { field.kind = field.many ? Kind::blocks : Kind::block; }

  static void re_path(Field& field) {
    for (Field& part : field.parts) {
      part.path = field.path + "/" + part.name;
      re_path(part);
    }
  }

  void read_inside(const YAML::Node& at, const std::string& is, const std::string& inside, Field& field) {
    std::vector<std::string> words;
    for (size_t from = 0; !inside.empty() && from <= inside.size();) {
      const size_t comma = std::min(inside.find(',', from), inside.size());
      words.push_back(inside.substr(from, comma - from));
      from = comma + 1;
    }
    if (is == "code") {
      if (words.empty()) fail(at, field.name + ": which code list?");
      field.codes = inside;
      if (!model_.lists.count(inside)) model_.lists[inside] = unite(at, words);
    } else if (is == "ref") {
      field.targets = words;
      for (const auto& word : words)
        if (!known_.count(word)) fail(at, field.name + ": no record type " + word);
    } else if (!words.empty()) {
      fail(at, field.name + ": only a code or a ref has ( )");
    }
  }

  List unite(const YAML::Node& at, const std::vector<std::string>& names) const {
    List all;
    std::set<std::string> seen;
    for (const auto& name : names) {
      all.name += (all.name.empty() ? "" : ",") + name;
      const auto list = model_.lists.find(name);
      if (list == model_.lists.end()) fail(at, "no code list " + name);
      if (!list->second.open_form.empty() && names.size() > 1) fail(at, name + " is open and cannot be united");
      for (const Code& code : list->second.codes) {
        if (!seen.insert(code.code).second) fail(at, "code " + code.code + " is in several of these lists");
        all.codes.push_back(code);
      }
    }
    std::sort(all.codes.begin(), all.codes.end(), [](const Code& a, const Code& b) { return a.code < b.code; });
    return all;
  }

  void read_words(const YAML::Node& at, Field& field) const {
    field.label = {text(at, "en", true), text(at, "fr", true)};
    if (const YAML::Node doc = at["doc"]) {
      if (!doc.IsMap()) fail(doc, "doc needs en and fr");
      field.doc = {text(doc, "en", true), text(doc, "fr", true)};
    }
    for (const char* column : {"htcds", "niem", "ftm", "ctdc"})
      if (const std::string value = text(at, column, false); !value.empty()) field.maps[column] = value;
  }

  void check_record_list() {
    std::set<std::string> cases, listed;
    for (const Record& record : model_.records)
      if (!record.line) cases.insert(record.name);
    for (const Code& code : model_.lists["record_type"].codes) listed.insert(code.code);
    file_ = dir_ + "/case/codes/record_type.csv";
    if (cases != listed) fail(1, "must list exactly the record types that have a file");
  }

  std::string dir_, file_;
  std::set<std::string> known_;
  Model model_;
};

}  // namespace

Model read_model(const std::string& schemas_dir) { return Reader(schemas_dir).read(); }

std::vector<const Field*> fields_of(const Model& model, const Record& record) {
  std::vector<const Field*> all;
  for (const Field& field : model.header)
    if (!record.line || field.name == "recordType") all.push_back(&field);
  for (const Field& field : record.parts) all.push_back(&field);
  for (const Field& field : model.trailer)
    if (!record.line || (record.handling && field.name == "handling")) all.push_back(&field);
  return all;
}

}  // namespace modelgen

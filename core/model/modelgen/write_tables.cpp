// model_tables.cpp (the table behind model.hpp) and casebridge/model.h (tags for plugin authors).
#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '\n') out += "\\n";
    else out += c;
  }
  return out + "\"";
}

std::string maps_to(const Field& field) {
  std::string all;
  for (const auto& [column, title] :
       std::map<std::string, std::string>{{"htcds", "HTCDS"}, {"niem", "NIEM"}, {"ftm", "FtM"}, {"ctdc", "CTDC"}})
    if (const auto at = field.maps.find(column); at != field.maps.end()) all += (all.empty() ? "" : "; ") + title + " " + at->second;
  return all;
}

class TableWriter {
 public:
  explicit TableWriter(const Model& model) : model_(model) {}

  std::string write() {
    for (const Field& field : model_.header) walk(field);
    for (const Record& record : model_.records) {
      std::vector<uint16_t> children;
      for (const Field* field : fields_of(model_, record)) {
        children.push_back(field->tag);
        path_rows(record.tag, *field);
      }
      all_[record.tag] = node_text(record, children);
      for (const Field& field : record.parts) walk(field);
      for (const auto& group : record.any_of) any_of(record, group);
    }
    for (const Field& field : model_.trailer) walk(field);
    return text();
  }

 private:
  void walk(const Field& field) {
    std::vector<uint16_t> children;
    for (const Field& part : field.parts) children.push_back(part.tag);
    all_[field.tag] = node_text(field, children);
    for (const Field& part : field.parts) walk(part);
  }
  void path_rows(uint16_t record, const Field& field) {
    paths_.insert({record, field.path, field.tag});
    for (const Field& part : field.parts) path_rows(record, part);
  }
  void any_of(const Record& record, const std::vector<std::string>& group) {
    std::vector<uint16_t> tags;
    for (const auto& name : group)
      for (const Field& part : record.parts)
        if (part.name == name) tags.push_back(part.tag);
    any_of_ += "    {" + std::to_string(record.tag) + ", " + span(tags) + "},\n";
  }

  std::string span(const std::vector<uint16_t>& tags) {
    if (tags.empty()) return "{}";
    const size_t at = n_tags_;
    for (const uint16_t tag : tags) tags_ += std::to_string(tag) + ",";
    tags_ += "\n    ";
    n_tags_ += tags.size();
    return "{kTags + " + std::to_string(at) + ", " + std::to_string(tags.size()) + "}";
  }

  std::string node_text(const Field& f, const std::vector<uint16_t>& children) {
    static const char* kinds[] = {"record", "block", "blocks", "leaf"};
    std::vector<uint16_t> targets;
    for (const auto& name : f.targets)
      for (const Record& record : model_.records)
        if (record.name == name) targets.push_back(record.tag);
    std::string type = f.form ? f.form->value_type : "text", codes = "nullptr";
    if (!f.codes.empty()) {
      if (!model_.lists.at(f.codes).open_form.empty()) type = "openCode";
      codes = "&kLists[" + std::to_string(std::distance(model_.lists.begin(), model_.lists.find(f.codes))) + "]";
    }
    const auto yes = [](bool b) { return b ? "true" : "false"; };
    std::string out =
        "    {" + std::to_string(f.tag) + ", " + std::to_string(f.parent) + ", NodeKind::" + kinds[int(f.kind)] + ", ValueType::" + type;
    for (const bool b : {f.kind == Kind::leaf && f.many, f.required, f.computed, f.sensitive, f.attribute})
      out += std::string(", ") + yes(b);
    out += ", " + std::to_string(f.key) + ", " + std::to_string(f.rank) + ", " + quoted(f.name) + ", " +
           quoted(f.kind == Kind::record ? "" : f.path) + ", " + codes;
    out += ", " + span(targets) + ", " + span(children);
    for (const std::string& words :
         {f.doc.en, f.doc.fr, f.label.en, f.label.fr, maps_to(f), f.form ? std::string(f.form->name) : f.block_type, f.with, f.since})
      out += ", " + quoted(words);
    return out + ", " + yes(f.hard) + "},\n";
  }

  std::string text() {
    std::string rows, lists, nodes, paths, by_tag;
    size_t n = 0;
    for (const auto& [name, list] : model_.lists) {
      for (const Code& c : list.codes) {
        rows += "    {";
        for (const auto* cell : {&c.code, &c.en, &c.fr, &c.source, &c.valid_from, &c.valid_to, &c.replaced_by})
          rows += quoted(*cell) + ", ";
        rows += c.unverified ? "true},\n" : "false},\n";
      }
      lists += "    {" + quoted(name) + ", {kRows + " + std::to_string(n) + ", " + std::to_string(list.codes.size()) + "}, " +
               (list.open_form.empty() ? "false" : "true") + ", " + quoted(list.open_form) + "},\n";
      n += list.codes.size();
    }
    std::vector<unsigned> index(all_.rbegin()->first + 1u, 0);
    unsigned at = 0;
    for (const auto& [tag, line] : all_) {
      nodes += line;
      index[tag] = ++at;
    }
    for (size_t i = 0; i < index.size(); ++i) by_tag += std::to_string(index[i]) + (i % 32 == 31 ? ",\n    " : ",");
    for (const auto& row : paths_)
      paths += "    {" + std::to_string(row.record) + ", " + quoted(row.path) + ", " + std::to_string(row.tag) + "},\n";
    return "// Written by modelgen from schemas/case. Do not edit.\n#include \"model/tables.hpp\"\n\nnamespace casebridge::model "
           "{\nnamespace {\n\n"
           "constexpr CodeRow kRows[] = {\n" +
           rows + "};\nconstexpr CodeList kLists[] = {\n" + lists + "};\nconstexpr Tag kTags[] = {\n    " + tags_ +
           "};\nconstexpr Node kNodes[] = {\n" + nodes + "};\nconstexpr uint16_t kByTag[] = {\n    " + by_tag +
           "};\nconstexpr PathRow kPaths[] = {\n" + paths + "};\nconstexpr AnyOf kAnyOf[] = {\n" + any_of_ +
           "};\nconstexpr Tables kTables = {kNodes, kByTag, kPaths, kLists, kAnyOf, " + quoted(model_.version) + ", " +
           quoted(model_.list_version) +
           "};\n\n}  // namespace\n\nconst Tables& tables() { return kTables; }\n\n}  // namespace casebridge::model\n";
  }

  struct Path {
    uint16_t record;
    std::string path;
    uint16_t tag;
    bool operator<(const Path& o) const { return record != o.record ? record < o.record : path < o.path; }
  };
  const Model& model_;
  std::map<uint16_t, std::string> all_;
  std::set<Path> paths_;
  std::string tags_, any_of_;
  size_t n_tags_ = 0;
};

}  // namespace

std::string constant_name(const std::string& record, const std::string& path) {
  std::string out = "CB_TAG_";
  for (const std::string& word : {record, path}) {
    if (word.empty()) continue;
    if (&word != &record && out.back() != '_') out += '_';
    for (size_t i = 0; i < word.size(); ++i) {
      const char c = word[i];
      const bool upper = c >= 'A' && c <= 'Z';
      if (c == '/') out += '_';
      else if (upper && i > 0 && word[i - 1] != '/' && !(word[i - 1] >= 'A' && word[i - 1] <= 'Z')) out += std::string("_") + c;
      else out += upper || (c >= '0' && c <= '9') ? c : char(c - 'a' + 'A');
    }
    out += '_';
  }
  out.pop_back();
  return out;
}

void write_tables(const Model& model, Files& files) { files["model_tables.cpp"] = TableWriter(model).write(); }

void write_header(const Model& model, Files& files) {
  std::string macros, constants;
  std::map<std::string, std::string> used;
  const auto add = [&](const std::string& record, const std::string& path, uint16_t tag, const std::string& word) {
    const std::string macro = constant_name(record, path);
    if (const auto [at, fresh] = used.emplace(macro, record + "/" + path); !fresh)
      throw ModelError("schemas/case:1: " + record + "/" + path + " and " + at->second + " would have the same constant " + macro);
    std::string name = word + (path.empty() ? "" : "_" + path);
    std::replace(name.begin(), name.end(), '/', '_');
    macros += "#define " + macro + " " + std::to_string(tag) + "u\n";
    constants += "inline constexpr uint16_t " + name + " = " + std::to_string(tag) + ";\n";
  };
  std::function<void(const Field&, const std::string&, const std::string&)> walk = [&](const Field& field, const std::string& record,
                                                                                       const std::string& word) {
    add(record, field.path, field.tag, word);
    for (const Field& part : field.parts) walk(part, record, word);
  };
  for (const Field& field : model.header) walk(field, "Any", "any");
  for (const Field& field : model.trailer) walk(field, "Any", "any");
  for (const Record& record : model.records) {
    add(record.name, "", record.tag, record.name);
    for (const Field& field : record.parts) walk(field, record.name, record.name);
  }
  std::string version;
  unsigned parts[3] = {0, 0, 0}, at = 0;
  for (const char c : model.version)
    if (c == '.') ++at;
    else parts[at] = parts[at] * 10 + unsigned(c - '0');
  version = std::to_string(parts[0] * 10000 + parts[1] * 100 + parts[2]);
  files["casebridge/model.h"] =
      "/* casebridge/model.h -- tags of the case model " + model.version +
      ", written by modelgen. Do not edit.\n"
      " * CB_TAG_PERSON is a record type, CB_TAG_PERSON_NAMES_FULL a field of it, CB_TAG_ANY_... what every record has.\n"
      " * In C++ the same: casebridge::tag::Person_names_full. Tags are never reused. */\n"
      "#ifndef CASEBRIDGE_MODEL_H\n#define CASEBRIDGE_MODEL_H\n\n#define CB_MODEL_VERSION " +
      version + "u /* cb_args.model_version: major * 10000 + minor * 100 + patch */\n\n" + macros +
      "\n#ifdef __cplusplus\n#include <cstdint>\nnamespace casebridge::tag {\n" + constants + "}\n#endif\n\n#endif\n";
}

}  // namespace modelgen

// case.schema.json (JSON Schema 2020-12) and its draft-04 twin, which validators without later drafts can read. Both say
// the same: the twin repeats the shared fields in every record, because draft 04 has no unevaluatedProperties.
#include "model/modelgen/model_def.hpp"
#include <cstdio>

namespace modelgen {
namespace {

std::string json(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    char buffer[8];
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (uint8_t(c) < 0x20) std::snprintf(buffer, sizeof buffer, "\\u%04x", unsigned(c)), out += buffer;
    else out += c;
  }
  return out + "\"";
}

class JsonWriter {
 public:
  JsonWriter(const Model& model, bool draft4) : model_(model), draft4_(draft4), defs_(draft4 ? "#/definitions/" : "#/$defs/") {}

  std::string write() {
    std::string out = draft4_ ? "{\"$schema\":\"http://json-schema.org/draft-04/schema#\",\n\"id\":" + json(model_.ns + ":draft4") + ",\n"
                              : "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\n\"$id\":" + json(model_.ns) + ",\n";
    out += "\"title\":" +
           json("Case model " + model_.version + ", code lists of " + model_.list_version + "; one line of the JSON Lines spelling") +
           ",\n\"oneOf\":[\n";
    for (const Record& record : model_.records) out += ref(record.name) + (&record == &model_.records.back() ? "\n" : ",\n");
    out += std::string("],\n") + (draft4_ ? "\"definitions\"" : "\"$defs\"") + ":{\n";
    if (!draft4_) {
      define("header", shared(model_.header, false));
      define("trailer", shared(model_.trailer, false));
    }
    for (const Record& record : model_.records) define(record.name, record_schema(record));
    for (const auto& [name, parts] : model_.types) define(name, block(parts, ""));
    for (const Field& field : model_.trailer)
      if (field.kind == Kind::block) define("any." + field.name, block(field.parts, ""));
    define("SourceHandling", block(field_named(model_.trailer, "handling").parts, "handlingCode"));
    for (const Form& form : forms()) define_form(form);
    define_maps();
    for (const auto& [name, list] : model_.lists) define(list_name(name), list_schema(list));
    out += body_;
    out.erase(out.size() - 2);
    return out + "\n}}\n";
  }

 private:
  void define(const std::string& name, const std::string& schema) { body_ += json(name) + ":" + schema + ",\n"; }
  std::string ref(const std::string& name) const { return "{\"$ref\":" + json(defs_ + name) + "}"; }
  static const Field& field_named(const std::vector<Field>& fields, const std::string& name) {
    for (const Field& field : fields)
      if (field.name == name) return field;
    throw ModelError("schemas/case/types.yaml:1: no field " + name);
  }

  static std::string list_name(const std::string& codes) {
    std::string name = "code." + codes;
    for (char& c : name)
      if (c == ',') c = '.';
    return name;
  }
  static std::string anchored(const std::string& pattern) { return json("^(" + pattern + ")$"); }

  void define_form(const Form& form) {
    const std::string name = form.name, type = form.json_type;
    if (name == "map" || name == "code") return;
    if (name == "place") {
      define("place", "{\"anyOf\":[" + tuple({"{\"type\":\"integer\",\"minimum\":0,\"maximum\":0}"}) + "," + ref("place5") + "]}");
      define("place5", tuple({whole(1), whole(0), whole(0), whole(1), whole(1)}));
    } else if (type == "boolean") {
      define(name, "{\"type\":\"boolean\"}");
    } else if (type == "integer") {
      const bool year = name == "year", version = name == "version";
      define(name, "{\"type\":\"integer\",\"minimum\":" +
                       std::string(year              ? "1000"
                                   : version         ? "1"
                                   : name == "count" ? "0"
                                                     : "-999999999999999") +
                       ",\"maximum\":" +
                       (year      ? "9999"
                        : version ? "999999999"
                                  : "999999999999999") +
                       "}");
    } else if (name == "url" || name == "pointer") {  // their patterns alone would let control characters pass
      define(name, "{\"allOf\":[" + ref("text") + ",{\"pattern\":" + anchored(form.pattern) + "}]}");
    } else if (form.pattern[0]) {
      define(name, "{\"type\":\"string\",\"pattern\":" + anchored(form.pattern) + "}");
    } else {
      // Characters that XML 1.0 cannot hold; the twin cannot name U+0000, which no reader delivers.
      const std::string first = draft4_ ? "\\u0001" : "\\u0000";
      define(name, "{\"type\":\"string\",\"pattern\":\"^[^" + first + "-\\u0008\\u000b\\u000c\\u000e-\\u001f\\ufffe\\uffff]+$\"}");
    }
  }

  static std::string whole(int least) {
    return "{\"type\":\"integer\",\"minimum\":" + std::to_string(least) + ",\"maximum\":999999999999999}";
  }
  std::string tuple(const std::vector<std::string>& items) const {
    std::string all;
    for (const auto& item : items) all += (all.empty() ? "" : ",") + item;
    const std::string n = std::to_string(items.size());
    return "{\"type\":\"array\",\"minItems\":" + n + ",\"maxItems\":" + n + "," + (draft4_ ? "\"items\"" : "\"prefixItems\"") + ":[" + all +
           "]}";
  }

  void define_maps() {
    const std::string pointer = anchored(find_form("pointer")->pattern);
    const std::string start = "{\"type\":\"object\",\"minProperties\":1,";
    // RapidJSON 1.1 refuses what matches patternProperties where additionalProperties is plain false.
    const std::string only = std::string("\"additionalProperties\":") + (draft4_ ? "{\"not\":{}}" : "false") + "}";
    define("original", start + "\"patternProperties\":{" + pointer + ":" + ref("text") + "}," + only);
    define("places", start + "\"patternProperties\":{" + pointer + ":{\"anyOf\":[" + tuple({whole(0), whole(0)}) + "," +
                         tuple({whole(0), whole(0), whole(1), whole(1)}) + "]}}," + only);
    define("ext", start + "\"patternProperties\":{\"^.\":{\"type\":\"array\",\"minItems\":1,\"items\":" + ref("text") + "}}," + only);
    std::string counts;
    for (const Code& code : model_.lists.at("record_type").codes)
      counts += (counts.empty() ? "" : ",") + json(code.code) + ":" + ref("count");
    define("counts", start + "\"properties\":{" + counts + "},\"additionalProperties\":false}");
  }

  std::string list_schema(const List& list) const {
    std::string codes;
    for (const Code& code : list.codes) codes += (codes.empty() ? "" : ",") + json(code.code);
    if (list.open_form.empty()) return "{\"type\":\"string\",\"enum\":[" + codes + "]}";
    return "{\"type\":\"string\",\"anyOf\":[{\"enum\":[" + codes + "]},{\"pattern\":" + anchored(list.open_form) + "}]}";
  }

  std::string value(const Field& field) const {
    std::string one;
    if (!field.block_type.empty()) one = ref(field.block_type);
    else if (field.kind != Kind::leaf) one = field.parent == 0 ? ref("any." + field.name) : block(field.parts, "");
    else if (!field.codes.empty()) one = ref(list_name(field.codes));
    else if (field.form->json_type == std::string("map")) one = ref(field.name);
    else one = ref(field.many && field.form->name == std::string("place") ? "place5" : field.form->name);
    return field.many ? "{\"type\":\"array\",\"minItems\":1,\"items\":" + one + "}" : one;
  }

  std::string properties(const std::vector<Field>& fields, bool& first) const {
    std::string out;
    for (const Field& field : fields) {
      out += (first ? "" : ",") + json(field.name) + ":" + value(field);
      first = false;
    }
    return out;
  }
  static void hard_names(const std::vector<Field>& fields, std::string& names) {
    for (const Field& field : fields)
      if (field.hard) names += (names.empty() ? "" : ",") + json(field.name);
  }

  // A block is never empty, and holds nothing that the model does not know.
  std::string block(const std::vector<Field>& parts, const std::string& also_required) const {
    std::string names;
    hard_names(parts, names);
    if (!also_required.empty()) names += (names.empty() ? "" : ",") + json(also_required);
    bool first = true;
    return "{\"type\":\"object\"," + (names.empty() ? std::string() : "\"required\":[" + names + "],") +
           "\"minProperties\":1,\"additionalProperties\":false,\"properties\":{" + properties(parts, first) + "}}";
  }
  std::string shared(const std::vector<Field>& fields, bool) const {
    std::string names;
    hard_names(fields, names);
    bool first = true;
    return "{" + (names.empty() ? std::string() : "\"required\":[" + names + "],") + "\"properties\":{" + properties(fields, first) + "}}";
  }

  std::string record_schema(const Record& record) const {
    std::string names = json("recordType");
    const std::string type = draft4_ ? "{\"enum\":[" + json(record.name) + "]}" : "{\"const\":" + json(record.name) + "}";
    std::string out = "{\"title\":" + json(record.label.en) + ",\"description\":" + json(record.doc.en) + ",\"type\":\"object\",";
    if (!record.line && !draft4_) out += "\"allOf\":[" + ref("header") + "," + ref("trailer") + "],";
    std::string own = "\"recordType\":" + type;
    bool first = false;
    if (!record.line && draft4_) {
      std::vector<Field> rest(model_.header.begin() + 1, model_.header.end());
      own += properties(rest, first);
      hard_names(rest, names);
    }
    own += properties(record.parts, first);
    hard_names(record.parts, names);
    if (!record.line && draft4_) own += properties(model_.trailer, first);
    if (record.handling) {
      own += ",\"handling\":" + ref("SourceHandling");
      names += "," + json("handling");
    }
    return out + "\"required\":[" + names + "],\"properties\":{" + own + "},\"" +
           (draft4_ ? "additionalProperties" : "unevaluatedProperties") + "\":false}";
  }

  const Model& model_;
  const bool draft4_;
  const std::string defs_;
  std::string body_;
};

}  // namespace

void write_json_schema(const Model& model, Files& files) {
  files["case.schema.json"] = JsonWriter(model, false).write();
  files["case.schema.draft4.json"] = JsonWriter(model, true).write();
}

}  // namespace modelgen

// case.xsd: XSD 1.0, read alike by Xerces-C and libxml2. Every value is restricted from xs:string by pattern, never by
// a built-in type: the two disagree on the corners of xs:dateTime, and JSON Schema has no such types at all.
#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else out += c;
  }
  return out;
}

std::string list_type(const std::string& codes) {
  std::string name = "code." + codes;
  for (char& c : name)
    if (c == ',') c = '.';
  return name;
}

class XsdWriter {
 public:
  explicit XsdWriter(const Model& model) : model_(model) {}

  std::string write() {
    out_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- Case model " + model_.version + ", code lists of " + model_.list_version +
           ". Written by modelgen from schemas/case; do not edit.\n     A required field may be missing where an absent entry says why, so "
           "it is optional here: see schemas/README.md. -->\n"
           "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xmlns=\"" +
           model_.ns + "\" targetNamespace=\"" + model_.ns + "\" elementFormDefault=\"qualified\" version=\"" + model_.version + "\">\n";
    dataset();
    for (const Record& record : model_.records) record_type(record);
    for (const auto& [name, parts] : model_.types)
      if (name != "Absent") block_type(name, parts);
    for (const auto* common : {&model_.header, &model_.trailer})
      for (const Field& field : *common) inner_types(field, "any");
    values();
    return out_ + "</xs:schema>\n";
  }

 private:
  void line(int depth, const std::string& text) { out_ += std::string(size_t(depth) * 2, ' ') + text + "\n"; }

  void dataset() {
    line(1, "<xs:element name=\"dataset\"><xs:complexType><xs:sequence>");
    line(2, "<xs:element ref=\"Dataset\"/>");
    line(2, "<xs:element ref=\"Source\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>");
    line(2, "<xs:choice minOccurs=\"0\" maxOccurs=\"unbounded\">");
    for (const Record& record : model_.records)
      if (!record.line) line(3, "<xs:element ref=\"" + record.name + "\"/>");
    line(2, "</xs:choice>");
    line(2, "<xs:element ref=\"DatasetEnd\"/>");
    line(1, "</xs:sequence></xs:complexType></xs:element>");
  }

  void record_type(const Record& record) {
    line(1, "<xs:element name=\"" + record.name + "\" type=\"" + record.name + "\"/>");
    line(1, "<xs:complexType name=\"" + record.name + "\">");
    annotation(2, record);
    line(2, "<xs:sequence>");
    const auto fields = fields_of(model_, record);
    for (const Field* field : fields)
      if (!field->attribute && field->name != "recordType" && field->name != "original" && field->name != "places")
        element(3, *field, scope(record, *field), record.line, false);
    line(2, "</xs:sequence>");
    for (const Field* field : fields)
      if (field->attribute) attribute(2, *field);
    line(1, "</xs:complexType>");
    for (const Field& field : record.parts) inner_types(field, record.name);
  }

  std::string scope(const Record& record, const Field& field) const { return field.parent == record.tag ? record.name : "any"; }

  void annotation(int depth, const Field& field) {
    const auto say = [](const Words& label, const Words& doc, bool en) {
      const std::string& sentence = en ? doc.en : doc.fr;
      return escaped((en ? label.en : label.fr) + (sentence.empty() ? "" : (en ? ". " : ". ") + sentence));
    };
    line(depth, "<xs:annotation><xs:documentation xml:lang=\"en\">" + say(field.label, field.doc, true) +
                    "</xs:documentation><xs:documentation xml:lang=\"fr\">" + say(field.label, field.doc, false) +
                    "</xs:documentation></xs:annotation>");
  }

  // In a line (Dataset, Source, DatasetEnd) nothing is said about values: plain types. `first`: it must stand.
  void element(int depth, const Field& field, const std::string& scope, bool plain, bool first) {
    const bool ext = field.name == "ext";
    const bool map = field.form && field.form->value_type == std::string("map");
    const bool many = field.many || map;
    const bool floor = field.name == "handling" && scope == "any" && plain;  // of a Source line
    const bool must = first || field.hard || floor;
    std::string occurs = std::string(must ? "" : " minOccurs=\"0\"") + (many ? " maxOccurs=\"unbounded\"" : "");
    std::string type;
    if (floor) type = "SourceHandling";
    else if (!field.block_type.empty()) type = field.block_type;
    else if (field.kind != Kind::leaf) type = inner_name(field, scope);
    else if (field.form->value_type == std::string("map")) type = ext ? "Ext" : "Count";
    else type = plain ? value_type(field) : value_type(field) + ".value";
    if (depth > 3 || first || field.path.find('/') != std::string::npos) {
      line(depth, "<xs:element name=\"" + field.name + "\" type=\"" + type + "\"" + occurs + "/>");
      return;
    }
    line(depth, "<xs:element name=\"" + field.name + "\" type=\"" + type + "\"" + occurs + ">");
    annotation(depth + 1, field);
    line(depth, "</xs:element>");
  }

  void attribute(int depth, const Field& field) {
    const bool places = field.many && field.form->value_type == std::string("place");
    line(depth, "<xs:attribute name=\"" + field.name + "\" type=\"" + (places ? "places" : value_type(field)) + "\"" +
                    (field.hard ? " use=\"required\"" : "") + "/>");
  }

  std::string value_type(const Field& field) {
    if (!field.codes.empty()) return list_type(field.codes);
    return field.form->name;
  }
  static std::string inner_name(const Field& field, const std::string& scope) {
    std::string name = scope + "." + field.path;
    for (char& c : name)
      if (c == '/') c = '.';
    return name;
  }

  // Types of blocks that are written in place (Person/physical), and of what stands in them.
  void inner_types(const Field& field, const std::string& scope) {
    if (field.kind == Kind::leaf) return;
    if (field.block_type.empty()) {
      block(inner_name(field, scope), field.parts, scope);
      for (const Field& part : field.parts) inner_types(part, scope);
    }
  }
  void block_type(const std::string& name, const std::vector<Field>& parts) { block(name, parts, name); }

  void block(const std::string& name, const std::vector<Field>& parts, const std::string& scope) {
    line(1, "<xs:complexType name=\"" + name + "\">");
    content(parts, scope);
    line(1, "</xs:complexType>");
    if (name != "any.handling") return;
    std::vector<Field> floor = parts;  // the Source line states at least the handling code
    for (Field& part : floor)
      if (part.name == "handlingCode") part.hard = true;
    line(1, "<xs:complexType name=\"SourceHandling\">");
    content(floor, scope);
    line(1, "</xs:complexType>");
  }

  // A block is never empty. Where no part must stand, one alternative for each part that may come first.
  void content(const std::vector<Field>& parts, const std::string& scope) {
    bool hard = false;
    for (const Field& part : parts) hard = hard || part.hard;
    if (hard || parts.size() == 1) {
      line(2, "<xs:sequence>");
      for (const Field& part : parts) element(4, part, scope, false, parts.size() == 1);
      line(2, "</xs:sequence>");
      return;
    }
    line(2, "<xs:choice>");
    for (size_t from = 0; from < parts.size(); ++from) {
      line(3, "<xs:sequence>");
      for (size_t i = from; i < parts.size(); ++i) element(4, parts[i], scope, false, i == from);
      line(3, "</xs:sequence>");
    }
    line(2, "</xs:choice>");
  }

  void simple(const std::string& name, const std::string& restriction) {
    line(1, "<xs:simpleType name=\"" + name + "\"><xs:restriction base=\"xs:string\">" + restriction + "</xs:restriction></xs:simpleType>");
  }
  // The same type on an element, where the source's own words and the place of the value may stand beside it.
  void with_about(const std::string& name) {
    line(1, "<xs:complexType name=\"" + name + ".value\"><xs:simpleContent><xs:extension base=\"" + name +
                "\"><xs:attributeGroup ref=\"about\"/></xs:extension></xs:simpleContent></xs:complexType>");
  }
  static std::string pattern(const std::string& text) { return "<xs:pattern value=\"" + escaped(text) + "\"/>"; }

  void values() {
    const std::string number = find_form("count")->pattern;
    for (const Form& form : forms()) {
      const std::string name = form.name;
      if (name == "map" || name == "code") continue;
      simple(name, form.pattern[0] ? pattern(form.pattern) : "<xs:minLength value=\"1\"/>");
      if (name != "place") with_about(name);
    }
    const std::string place = "[1-9][0-9]{0,14}( " + number + "){2}( [1-9][0-9]{0,14}){2}";
    simple("places", pattern(place + "( " + place + ")*"));
    simple("valuePlace", pattern(number + " " + number + "( [1-9][0-9]{0,14} [1-9][0-9]{0,14})?"));
    line(1, "<xs:attributeGroup name=\"about\">");
    line(2, "<xs:attribute name=\"original\" type=\"text\"/>");
    line(2, "<xs:attribute name=\"place\" type=\"valuePlace\"/>");
    line(1, "</xs:attributeGroup>");
    line(1, "<xs:complexType name=\"Absent\">");
    for (const Field& part : model_.types.at("Absent")) attribute(2, part);
    line(1, "</xs:complexType>");
    line(1,
         "<xs:complexType name=\"Ext\"><xs:simpleContent><xs:extension base=\"text\"><xs:attribute name=\"name\" type=\"text\" "
         "use=\"required\"/></xs:extension></xs:simpleContent></xs:complexType>");
    line(1, "<xs:complexType name=\"Count\"><xs:simpleContent><xs:extension base=\"count\"><xs:attribute name=\"name\" type=\"" +
                list_type("record_type") + "\" use=\"required\"/></xs:extension></xs:simpleContent></xs:complexType>");
    for (const auto& [name, list] : model_.lists) code_type(list);
  }

  void code_type(const List& list) {
    const std::string name = list_type(list.name);
    std::string codes;
    for (const Code& code : list.codes) codes += "<xs:enumeration value=\"" + escaped(code.code) + "\"/>";
    if (list.open_form.empty()) {
      simple(name, codes);
    } else {
      simple(name + ".listed", codes);
      simple(name + ".other", pattern(list.open_form));
      line(1, "<xs:simpleType name=\"" + name + "\"><xs:union memberTypes=\"" + name + ".listed " + name + ".other\"/></xs:simpleType>");
    }
    with_about(name);
  }

  const Model& model_;
  std::string out_;
};

}  // namespace

void write_xsd(const Model& model, Files& files) { files["case.xsd"] = XsdWriter(model).write(); }

}  // namespace modelgen

// A draft as JSON and as XML, mistakes included; sample values of every form.
#include "model/modelgen/fixtures.hpp"

#include <cstdio>

namespace modelgen {
namespace {

std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') (out += '\\') += c;
    else if (c == '\n') out += "\\n";
    else if (uint8_t(c) < 0x20) out += std::string("\\u00") + "0123456789abcdef"[uint8_t(c) >> 4] + "0123456789abcdef"[c & 15];
    else out += c;
  }
  return out + "\"";
}
std::string escaped(const std::string& text, bool attribute) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '"' && attribute) out += "&quot;";
    else out += c;
  }
  return out;
}
bool is_map(const Field& f) { return f.form && f.form->json_type == std::string("map"); }
bool is_place(const Field& f) { return f.form && f.form->name == std::string("place"); }

std::string numbers(const std::string& text) {
  std::string out = "[";
  for (const char c : text) out += c == ' ' ? ',' : c;
  return out + "]";
}

std::string json_value(const Field& f, const std::string& text) {
  if (is_place(f)) return numbers(text);
  const std::string type = f.form->json_type;
  const bool looks = type == "boolean" ? text == "true" || text == "false"
                                       : text.find_first_not_of("-0123456789") == std::string::npos && !text.empty() &&
                                             !(text[0] == '0' && text.size() > 1) && text != "-" && text.substr(0, 2) != "-0";
  return type == "string" || !looks ? quoted(text) : text;
}

std::string json_item(const std::vector<Part>& parts, const std::string& stray);

std::string json_part(const Part& part) {
  if (!part.json_raw.empty()) return part.json_raw;
  const Field& f = *part.field;
  std::string all;
  size_t n = 0;
  const auto add = [&](const std::string& text) { all += (n++ ? "," : "") + text; };
  if (is_map(f)) {
    for (size_t i = 0; i + 1 < part.texts.size(); i += 2) {
      const std::string key = (i ? "," : "") + quoted(part.texts[i]) + ":";
      all += key + (f.name == "ext"      ? "[" + quoted(part.texts[i + 1]) + "]"
                    : f.name == "counts" ? part.texts[i + 1]
                    : f.name == "places" ? numbers(part.texts[i + 1])
                                         : quoted(part.texts[i + 1]));
    }
    return "{" + all + "}";
  }
  for (const auto& text : part.texts) add(json_value(f, text));
  for (size_t i = 0; i < part.items.size(); ++i) add(json_item(part.items[i], i + 1 == part.items.size() ? part.stray : ""));
  if (part.empty_item) add("{}");
  return f.many || n > 1 ? "[" + all + "]" : all;
}

std::string json_item(const std::vector<Part>& parts, const std::string& stray) {
  std::string all;
  for (const Part& part : parts) all += (all.empty() ? "" : ",") + quoted(part.field->name) + ":" + json_part(part);
  if (!stray.empty()) all += (all.empty() ? "" : ",") + quoted(stray) + ":\"x\"";
  return "{" + all + "}";
}

struct XmlWriter {
  const Draft& draft;

  std::string about(const std::string& pointer) const {
    std::string out;
    if (const auto at = draft.original.find(pointer); at != draft.original.end()) out += " original=\"" + escaped(at->second, true) + "\"";
    if (const auto at = draft.places.find(pointer); at != draft.places.end()) out += " place=\"" + at->second + "\"";
    return out;
  }

  // The elements of one field, one string each.
  void part(const Part& part, const std::string& above, std::vector<std::string>& out) const {
    const Field& f = *part.field;
    const std::string pointer = above + "/" + f.name;
    if (is_map(f)) {
      for (size_t i = 0; (f.name == "ext" || f.name == "counts") && i + 1 < part.texts.size(); i += 2)
        out.push_back("<" + f.name + " name=\"" + escaped(part.texts[i], true) + "\">" + escaped(part.texts[i + 1], false) + "</" + f.name +
                      ">");
      return;
    }
    for (size_t i = 0; i < part.texts.size(); ++i)
      out.push_back("<" + f.name + about(f.many ? pointer + "/" + std::to_string(i) : pointer) + ">" + escaped(part.texts[i], false) +
                    "</" + f.name + ">");
    for (size_t i = 0; i < part.items.size(); ++i)
      out.push_back(
          item(f.name, part.items[i], f.many ? pointer + "/" + std::to_string(i) : pointer, i + 1 == part.items.size() ? part.stray : ""));
    if (part.empty_item) out.push_back("<" + f.name + "/>");
  }

  std::string item(const std::string& name, const std::vector<Part>& parts, const std::string& pointer, const std::string& stray) const {
    std::string attributes;
    std::vector<std::string> inside;
    for (const Part& p : parts) {
      if (p.field->attribute) attributes += " " + p.field->name + "=\"" + escaped(joined(p.texts), true) + "\"";
      else part(p, pointer, inside);
    }
    if (!stray.empty()) inside.push_back("<" + stray + ">x</" + stray + ">");
    return element(name, attributes, inside);
  }

  static std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const auto& text : texts) all += (all.empty() ? "" : " ") + text;
    return all;
  }
  static std::string element(const std::string& name, const std::string& attributes, const std::vector<std::string>& inside) {
    std::string all;
    for (const auto& text : inside) all += text;
    return "<" + name + attributes + (all.empty() ? "/>" : ">" + all + "</" + name + ">");
  }
};

}  // namespace

std::string to_json(const Draft& draft) {
  std::string all = "{\"recordType\":" + quoted(draft.type_name);
  for (const Part& part : draft.parts)
    if (part.field->name != "recordType") all += "," + quoted(part.field->name) + ":" + json_part(part);
  if (!draft.stray.empty()) all += "," + quoted(draft.stray) + ":\"x\"";
  return all + "}";
}

std::string to_xml(const Draft& draft) {
  const XmlWriter writer{draft};
  std::string attributes;
  std::vector<std::string> inside;
  for (const Part& part : draft.parts) {
    if (part.field->name == "recordType") continue;
    if (part.field->attribute) attributes += " " + part.field->name + "=\"" + escaped(XmlWriter::joined(part.texts), true) + "\"";
    else writer.part(part, "", inside);
  }
  if (!draft.stray.empty()) inside.push_back("<" + draft.stray + ">x</" + draft.stray + ">");
  if (!draft.stray_attribute.empty()) attributes += " " + draft.stray_attribute + "=\"x\"";
  if (draft.swapped && inside.size() > 1) std::swap(inside[0], inside.back());
  return XmlWriter::element(draft.type_name, attributes, inside);
}

std::string sample_of(const Model& model, const Field& field, size_t ordinal) {
  const std::string name = field.form->name, n = std::to_string(ordinal);
  if (!field.codes.empty()) {
    size_t at = 0;
    std::string last;
    for (const Code& code : model.lists.at(field.codes).codes) {
      if (code.unverified || !code.valid_from.empty() || !code.valid_to.empty()) continue;
      last = code.code;
      if (at++ == ordinal) break;
    }
    return last.empty() ? model.lists.at(field.codes).codes.front().code : last;
  }
  if (name == "text") return "Example \xc3\x89" + n + " & <text>";
  if (name == "date") return "2099-0" + std::to_string(ordinal % 9 + 1) + "-15";
  if (name == "dateTime") return "2099-07-0" + std::to_string(ordinal % 9 + 1) + "T08:05:00-04:00";
  if (name == "when") return ordinal ? "2099-07" : "2099-07-02T08:05:00.5Z";
  if (name == "integer") return "-" + std::to_string(ordinal + 1);
  if (name == "count") return std::to_string(ordinal + 1);
  if (name == "version") return std::to_string(ordinal + 2);
  if (name == "year") return "2099";
  if (name == "boolean") return ordinal ? "false" : "true";
  if (name == "decimal") return "120.00";
  if (name == "latitude") return "51.25";
  if (name == "longitude") return "-80.5";
  if (name == "share") return "0.75";
  if (name == "ref" || name == "uuid") return "00000000-0000-5000-8000-00000000000" + std::to_string(ordinal % 9 + 1);
  if (name == "pointer") return ordinal ? "/names/0/full" : "/a~1b";
  if (name == "agencyKey") return ordinal ? "example-ps" : "example-corrections";
  if (name == "country") return ordinal ? "US" : "CA";
  if (name == "language") return ordinal ? "fra" : "oji";
  if (name == "currency") return "CAD";
  if (name == "sha256") return std::string(63, 'a') + std::to_string(ordinal % 9);
  if (name == "url") return "https://example.test/?n=" + n + "&x=1";
  if (name == "semver") return "1.0.0";
  if (name == "place") return std::to_string(ordinal + 1) + " 0 252 1 1";
  throw ModelError(field.file + ":" + std::to_string(field.line) + ": no sample of the form " + name);
}

std::vector<std::string> good_of(const Form& form) {
  const std::string name = form.name;
  if (name == "date") return {"2099", "2099-12", "2096-02-29", "2000-02-29", "1000-01-01"};
  if (name == "dateTime") return {"2099-12-31T23:59:59Z", "2099-01-01T00:00:00.123456789+14:00"};
  if (name == "when") return {"2099", "2099-12", "2099-12-31", "2099-12-31T00:00:00+05:30"};
  if (name == "integer") return {"0", "-999999999999999", "999999999999999"};
  if (name == "count") return {"0", "999999999999999"};
  if (name == "decimal") return {"0", "-0.5", "-120", "999999999999999999.000000000000000001"};
  if (name == "latitude") return {"90", "-90.0", "0", "-0.5"};
  if (name == "longitude") return {"180", "-180.00", "9.5", "99.999"};
  if (name == "share") return {"0", "1", "1.0", "0.000000000000000001"};
  if (name == "pointer") return {"/", "/a", "/0/~0/\xc3\xa9"};
  if (name == "agencyKey") return {"a", "1-2", std::string(64, 'x')};
  if (name == "year") return {"1000", "9999"};
  if (name == "version") return {"2", "999999999"};
  if (name == "url") return {"a", "https://example.test/\xc3\xa9"};
  if (name == "text") return {" ", "a\tb\nc", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"};
  if (name == "semver") return {"0.0.0", "10.20.30"};
  if (name == "place") return {"0"};
  return {};
}

std::vector<std::string> bad_of(const Form& form) {
  const std::string name = form.name;
  if (name == "date")
    return {"2099-02-29", "2100-02-29", "2099-13",  "2099-00-01", "2099-1-1", "2099-04-31",
            "0999",       "2099-",      "20990101", " 2099",      "2099 ",    "2099-12-31T00:00:00Z"};
  if (name == "dateTime")
    return {"2099-07-02T08:05:00",
            "2099-07-02",
            "2099-07-02T24:00:00Z",
            "2099-07-02T08:60:00Z",
            "2099-07-02T08:05:60Z",
            "2099-07-02T08:05:00.Z",
            "2099-07-02T08:05:00.1234567890Z",
            "2099-07-02T08:05:00+15:00",
            "2099-02-30T08:05:00Z",
            "2099-07-02 08:05:00Z",
            "2099-07-02T08:05Z",
            "2099-07-02t08:05:00z"};
  if (name == "when") return {"2099-02-29", "2099-07-02T08:05:00", "2099-07T08:05:00Z", "yesterday"};
  if (name == "integer") return {"1.5", "-0", "01", "+1", "1e3", "1000000000000000", "x"};
  if (name == "count") return {"-1", "1.5", "01", "1000000000000000", " 1"};
  if (name == "version") return {"0", "-1", "1000000000"};
  if (name == "year") return {"999", "0999", "10000"};
  if (name == "boolean") return {"TRUE", "yes", "1", "0"};
  if (name == "decimal") return {"1.", ".5", "1,5", "1e3", "--1", "01.5", "1.0000000000000000001", "NaN"};
  if (name == "latitude") return {"90.5", "-91", "100", "051.25", "1."};
  if (name == "longitude") return {"180.1", "181", "-200", "0080"};
  if (name == "share") return {"1.5", "-0.5", "2", "1.01", ".5"};
  if (name == "ref" || name == "uuid")
    return {"00000000-0000-5000-8000-00000000000A", "00000000000050008000000000000001", "00000000-0000-5000-8000-0000000000011", "x"};
  if (name == "pointer") return {"a", "/a~", "/a~2"};
  if (name == "agencyKey") return {"Example", "-a", "a-", "a b", "a_b", std::string(65, 'x')};
  if (name == "country") return {"CAN", "ca", "C", "124"};
  if (name == "language") return {"fr", "FRA", "fren"};
  if (name == "currency") return {"cad", "CA", "$"};
  if (name == "sha256") return {std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g'), std::string(65, 'a')};
  if (name == "url") return {"a b", "a\tb"};
  if (name == "semver") return {"1.0", "1.0.0.0", "01.0.0", "1.0.x"};
  if (name == "place") return {"1", "1 0 252 1", "0 0 252 1 1", "1 0 252 0 1", "1 0 252 1 1 1", "1 -1 252 1 1"};
  return {};
}

}  // namespace modelgen

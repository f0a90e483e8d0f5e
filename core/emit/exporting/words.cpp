#include "emit/exporting/words.hpp"

#include <algorithm>

#include "base/sha256.hpp"
#include "emit/wire_plan.hpp"

namespace casebridge::emit {
namespace {

void add(std::string& out, std::string_view part, std::string_view between = " ") {
  if (part.empty()) return;
  if (!out.empty()) out += between;
  out += part;
}

}  // namespace

std::string_view label(const model::Node& node, Lang lang) {
  const std::string_view words = lang == Lang::fr ? node.label_fr : node.label_en;
  return words.empty() ? node.name : words;
}

std::string full_label(const model::Node& node, Lang lang) {
  std::string out(label(node, lang));
  for (const model::Node* at = &node; at->parent;) {
    at = &model::node(at->parent);
    if (at->kind == model::NodeKind::record) break;
    out = std::string(label(*at, lang)) + (lang == Lang::fr ? "\u00a0: " : ": ") + out;
  }
  return out;
}

std::string code_label(const model::Node& field, std::string_view code, Lang lang) {
  const model::CodeRow* row = field.codes ? field.codes->find(code) : nullptr;
  if (!row) return std::string(code);
  const std::string_view words = lang == Lang::fr ? row->fr : row->en;
  return std::string(words.empty() ? code : words);
}

std::string code_label(std::string_view list, std::string_view code, Lang lang) {
  const model::CodeList* codes = model::code_list(list);
  const model::CodeRow* row = codes ? codes->find(code) : nullptr;
  if (!row) return std::string(code);
  const std::string_view words = lang == Lang::fr ? row->fr : row->en;
  return std::string(words.empty() ? code : words);
}

std::string tlp_words(std::string_view code) {
  if (code.empty()) return {};
  std::string out = "TLP:" + std::string(code);
  std::replace(out.begin(), out.end(), '_', '+');
  return out;
}

std::string_view raw_text(const Record& r, std::string_view path) {
  const model::Node* node = model::field(*r.type, path);
  if (!node) return {};
  const Value* v = r.find(node->tag);
  return v ? v->text : std::string_view();
}

std::vector<std::string_view> raw_all(const Record& r, std::string_view path) {
  std::vector<std::string_view> out;
  const model::Node* node = model::field(*r.type, path);
  for (const Value& v : r.values)
    if (node && v.field == node->tag) out.push_back(v.text);
  return out;
}

std::string_view raw_item(const Record& r, const Block& b, std::string_view name) {
  const model::Node* node = model::field(*r.type, std::string(model::node(b.tag).path) + '/' + std::string(name));
  if (!node) return {};
  for (const Value& v : r.block_of(b))
    if (v.field == node->tag) return v.text;
  return {};
}

std::string name_line(const Record& r, const Block& b) {
  std::string out(raw_item(r, b, "full"));
  if (out.empty() && r.type->name == "Person")
    for (const char* part : {"given", "middle", "family"}) add(out, raw_item(r, b, part));
  return out;
}

std::string person_name(const Record& r) {
  const model::Node* names = model::field(*r.type, "names");
  std::string out;
  for (const Block& b : r.blocks) {
    if (!names || b.tag != names->tag) continue;
    std::string line = name_line(r, b);
    if (line.empty()) continue;
    if (raw_item(r, b, "type") == "LEGAL") return line;
    if (out.empty()) out = std::move(line);
  }
  return out;
}

std::string address_line(const Record& r) {
  const auto t = [&](const char* path) { return raw_text(r, path); };
  std::string street;
  if (!t("civic/unit").empty()) street.append(t("civic/unit")).append("-");
  street += t("civic/number");
  add(street, t("civic/street"));
  std::string out = street;
  if (out.empty()) out = t("civic/full");
  std::string city(t("civic/city"));
  add(city, t("civic/province"));
  add(city, t("civic/postalCode"));
  add(out, city, ", ");
  add(out, t("civic/country"), ", ");
  return out;
}

std::string uuid_text(const Uuid& id) {
  std::string out;
  append_uuid(out, id);
  return out;
}
std::string id_text(const Record& r) { return uuid_text(r.id); }

std::string title(const Record& r, Lang lang) {
  const std::string_view type = r.type->name;
  const auto t = [&](const char* path) { return raw_text(r, path); };
  std::string out;
  if (type == "Person" || type == "Organization") out = person_name(r);
  else if (type == "Location") {
    out = t("name");
    add(out, address_line(r), ", ");
    if (out.empty()) out = t("online");
    if (out.empty()) out = t("area");
    if (out.empty() && !t("geo/lat").empty()) out = std::string(t("geo/lat")) + ", " + std::string(t("geo/lon"));
  } else if (type == "Vehicle") {
    out = t("plate");
    if (out.empty()) out = t("vin");
    if (out.empty())
      for (const char* path : {"year", "make", "model", "colour"}) add(out, t(path));
  } else if (type == "Selector") out = t("value");
  else if (type == "Case") out = t("caseNumber");
  else if (type == "Occurrence") out = t("occurrenceNumber");
  else if (type == "Order") out = t("number");
  else if (type == "Advertisement") {
    out = t("title");
    if (out.empty()) out = t("postId");
    if (out.empty()) out = t("url");
  } else if (type == "Evidence") {
    out = t("exhibitNumber");
    if (out.empty()) out = t("fileName");
  } else if (type == "Link") {
    out = code_label("link_type", t("type"), lang);
    if (const auto role = t("role"); !role.empty()) add(out, code_label(*model::field(*r.type, "role"), role, lang), ": ");
  } else if (type == "Charge") {
    out = t("statute/section");
    if (out.empty()) out = t("description");
  }
  if (out.empty()) out = r.local_id;
  return out.empty() ? std::string(label(*r.type, lang)) + " " + id_text(r).substr(0, 8) : out;
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) add(out, part, between);
  return out;
}

std::string derived_uuid(std::string_view kind, std::string_view text) {
  // Version 8 of RFC 9562: what is hashed is ours to say. SHA-256 over kind, a separator and text.
  Sha256 hash;
  hash.add(kind);
  hash.add("\x1F");
  hash.add(text);
  std::string hex = hash.hex().substr(0, 32);
  hex[12] = '8';
  static constexpr char kVariant[] = "89ab";
  const char c = hex[16];
  hex[16] = kVariant[(c <= '9' ? c - '0' : c - 'a' + 10) & 3];
  return hex.substr(0, 8) + '-' + hex.substr(8, 4) + '-' + hex.substr(12, 4) + '-' + hex.substr(16, 4) + '-' + hex.substr(20);
}

}  // namespace casebridge::emit

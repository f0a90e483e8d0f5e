#include <rapidjson/document.h>

#include <algorithm>

#include "casebridge/model.h"
#include "schema/fixtures.hpp"
#include "validate/lexical.hpp"

namespace casebridge::fixtures {
namespace {

using Json = rapidjson::Value;
using model::Node;
using model::NodeKind;
using validate::Form;

class Builder {
 public:
  Builder(RecordBatch& batch, Record& record) : batch_(batch), record_(record) {}

  bool build(const Json& top) {
    if (!top.IsObject() || !top.HasMember("recordType") || !top["recordType"].IsString()) return false;
    record_ = Record();
    record_.type = model::record_type(top["recordType"].GetString());
    if (!record_.type) return false;
    line_ = std::none_of(record_.type->children.begin(), record_.type->children.end(), [](model::Tag t) { return t == tag::any_id; });
    fields(top, record_.type->children, record_.values);
    if (top.HasMember("absent") && top["absent"].IsArray()) absent(top["absent"]);
    return good_;
  }

 private:
  void refuse() { good_ = false; }
  std::string_view keep(const Json& text) { return batch_.arena.keep({text.GetString(), text.GetStringLength()}); }
  std::string_view keep(const std::string& text) { return batch_.arena.keep(text); }

  void fields(const Json& object, std::span<const model::Tag> children, std::vector<Value>& into) {
    if (!object.IsObject() || object.ObjectEmpty()) return refuse();
    size_t known = 0;
    for (const model::Tag child : children) {
      const Node& node = model::node(child);
      const auto at = object.FindMember(Json(rapidjson::StringRef(node.name.data(), node.name.size())));
      if (at == object.MemberEnd()) {
        if (node.hard && node.attribute && node.parent == 0) refuse();  // id and source are members of Record
        continue;
      }
      ++known;
      if (at->value.IsNull()) refuse();
      else if (!header(node, at->value)) one(node, at->value, into);
    }
    if (known != object.MemberCount()) refuse();
  }

  void one(const Node& node, const Json& json, std::vector<Value>& into) {
    if (json.IsArray() && json.Empty()) return refuse();
    if (node.kind == NodeKind::blocks) {
      if (!json.IsArray()) return refuse();
      for (const Json& item : json.GetArray()) {
        Block block{node.tag, uint32_t(record_.block_values.size()), 0};
        std::vector<Value> values;
        if (!item.IsObject()) return refuse();
        if (!item.ObjectEmpty()) fields(item, node.children, values);
        block.count = uint32_t(values.size());
        record_.block_values.insert(record_.block_values.end(), values.begin(), values.end());
        record_.blocks.push_back(block);
      }
    } else if (node.kind == NodeKind::block) {
      fields(json, node.children, into);
    } else if (json.IsArray()) {
      for (const Json& item : json.GetArray()) leaf(node, item, into);
    } else if (node.many) {
      refuse();
    } else {
      leaf(node, json, into);
    }
  }

  void leaf(const Node& node, const Json& json, std::vector<Value>& into) {
    if (node.type == model::ValueType::map) return map(json);
    const bool integer = node.type == model::ValueType::integer, boolean = node.type == model::ValueType::boolean;
    std::string_view text;
    if (json.IsString()) {
      text = keep(json);
      if ((integer || boolean) && matches(validate::form_of(node.form), text)) return refuse();  // right, but not its JSON type
    } else if (integer && json.IsInt64()) {
      text = keep(std::to_string(json.GetInt64()));
    } else if (boolean && json.IsBool()) {
      text = json.GetBool() ? "true" : "false";
    } else {
      return refuse();
    }
    Value value;
    value.field = node.tag;
    value.text = text;
    into.push_back(value);
  }
  void map(const Json& json) {
    if (!json.IsObject() || json.ObjectEmpty()) refuse();
  }

  // What Record keeps as members; true: this was one of them.
  bool header(const Node& node, const Json& json) {
    if (node.parent != 0 || line_) return node.tag == tag::any_recordType;
    switch (node.tag) {
      case tag::any_recordType: return true;
      case tag::any_id: return id(json, record_.id), true;
      case tag::any_supersedes: return id(json, record_.supersedes), true;
      case tag::any_version:
        if (!json.IsUint() || json.GetUint() < 1 || json.GetUint() > 999999999) refuse();
        return true;
      case tag::any_localId:
        if (!json.IsString() || json.GetStringLength() == 0) refuse();
        else record_.local_id = keep(json);
        return true;
      case tag::any_recordStatus:
        if (!json.IsString() || json.GetStringLength() == 0) refuse();
        else record_.status = keep(json);
        return true;
      case tag::any_source: return place(json, true), true;
      case tag::any_alsoSource:
        if (!json.IsArray() || json.Empty()) refuse();
        else
          for (const Json& item : json.GetArray()) place(item, false);
        return true;
      case tag::any_absent: return json.IsArray() && !json.Empty() ? void() : refuse(), true;
      case tag::any_ext: return ext(json), true;
      case tag::any_original:
      case tag::any_places: return map(json), true;
      default: return false;
    }
  }

  void id(const Json& json, Uuid& into) {
    if (!json.IsString() || !matches(Form::uuid, {json.GetString(), json.GetStringLength()})) return refuse();
    size_t at = 0;
    for (const char* c = json.GetString(); *c; ++c) {
      if (*c == '-') continue;
      const uint8_t digit = uint8_t(*c <= '9' ? *c - '0' : *c - 'a' + 10);
      into.bytes[at / 2] = uint8_t(into.bytes[at / 2] << 4 | digit);
      ++at;
    }
  }
  void place(const Json& json, bool zero) {
    if (!json.IsArray() || json.Empty()) return refuse();
    for (const Json& number : json.GetArray())
      if (!number.IsUint64()) return refuse();
    if (json.Size() == 1 && zero && json[0].GetUint64() == 0) return;
    if (json.Size() != 5 || json[0].GetUint64() < 1 || json[3].GetUint64() < 1 || json[4].GetUint64() < 1) return refuse();
    record_.source = uint32_t(json[0].GetUint64());
    record_.place = {json[1].GetUint64(), json[2].GetUint64(), json[3].GetUint64(), json[4].GetUint64()};
  }
  void ext(const Json& json) {
    map(json);
    if (!json.IsObject()) return;
    for (const auto& member : json.GetObject()) {
      if (!member.value.IsArray() || member.value.Empty()) return refuse();
      for (const Json& text : member.value.GetArray()) {
        if (!text.IsString()) return refuse();
        record_.ext.push_back({keep(member.name), keep(text)});
      }
    }
  }

  void absent(const Json& list) {
    const Node& node = model::node(tag::any_absent);
    for (const Json& item : list.GetArray()) {
      std::vector<Value> parts;
      fields(item, node.children, parts);
      std::string_view pointer, reason;
      for (const Value& part : parts) (part.field == tag::any_absent_field ? pointer : reason) = part.text;
      if (!matches(Form::pointer, pointer)) return refuse();
      Absent entry;
      entry.reason = reason;
      if (reason.empty()) return refuse();
      // A pointer that leads to no field of the model excuses nothing; its reason is still checked.
      entry.field = record_.type->children.front();
      resolve(pointer, entry);
      record_.absent.push_back(entry);
    }
  }
  void resolve(std::string_view pointer, Absent& entry) const {
    std::string path;
    model::Tag blocks = 0;
    while (!pointer.empty()) {
      const size_t end = std::min(pointer.find('/', 1), pointer.size());
      const std::string word(pointer.substr(1, end - 1));
      pointer.remove_prefix(end);
      const Node* so_far = model::field(*record_.type, path);
      if (so_far && so_far->kind == NodeKind::blocks && word.find_first_not_of("0123456789") == std::string::npos && !word.empty()) {
        blocks = so_far->tag;
        uint32_t n = uint32_t(std::stoul(word));
        for (size_t i = 0; i < record_.blocks.size(); ++i)
          if (record_.blocks[i].tag == blocks && n-- == 0) entry.block = int32_t(i);
      } else {
        path += (path.empty() ? "" : "/") + word;
      }
    }
    if (const Node* found = model::field(*record_.type, path)) entry.field = found->tag;
  }

  RecordBatch& batch_;
  Record& record_;
  bool good_ = true, line_ = false;
};

}  // namespace

bool to_record(const std::string& json, RecordBatch& batch, Record& record) {
  rapidjson::Document document;
  document.Parse(json.data(), json.size());
  return !document.HasParseError() && Builder(batch, record).build(document);
}

}  // namespace casebridge::fixtures

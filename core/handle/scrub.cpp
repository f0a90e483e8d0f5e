#include "handle/scrub.hpp"

#include <algorithm>

#include "handle/mask.hpp"

namespace casebridge::handle {
namespace {

struct Tags {
  std::vector<std::pair<model::Tag, model::Tag>> identifiers;  // type and value of each block of identifiers
  model::Tag csaem = 0, uri = 0, evidence = 0;
  std::vector<uint8_t> free;  // by tag: text in which anything may stand
  static const Tags& get() {
    static const Tags tags;
    return tags;
  }

 private:
  Tags() {
    for (const model::Node& node : model::nodes()) {
      if (free.size() <= node.tag) free.resize(size_t(node.tag) + 1);
      using enum model::ValueType;
      free[node.tag] =
          node.kind == model::NodeKind::leaf && (node.type == text || node.type == openCode || node.type == url || node.type == code);
      if (node.kind != model::NodeKind::blocks || node.name != "identifiers") continue;
      model::Tag type = 0, value = 0;
      for (const model::Tag child : node.children) {
        if (model::node(child).name == "type") type = child;
        if (model::node(child).name == "value") value = child;
      }
      identifiers.emplace_back(type, value);
    }
    const model::Node* record = model::record_type("Evidence");
    evidence = record ? record->tag : model::Tag(0);
    if (record) csaem = model::field(*record, "containsCsaem")->tag, uri = model::field(*record, "uri")->tag;
  }
};

bool sensitive_type(std::string_view type) { return type == "SIN" || type == "SSN" || type == "HEALTH_CARD"; }

// A sensitive identifier that is not a token: index of its value in `values`, or -1.
ptrdiff_t clear_identifier(std::span<const Value> values) {
  const Tags& tags = Tags::get();
  for (const auto& [type, value] : tags.identifiers) {
    bool sensitive = false;
    ptrdiff_t at = -1;
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].field == type) sensitive = sensitive_type(values[i].text) || sensitive_type(values[i].original);
      if (values[i].field == value) at = static_cast<ptrdiff_t>(i);
    }
    if (sensitive && at >= 0 && (!is_token(values[static_cast<size_t>(at)].text) || !values[static_cast<size_t>(at)].original.empty()))
      return at;
  }
  return -1;
}

bool bad_text(std::string_view text) {
  return text.size() >= 9 && (holds_sensitive_number(text, Care::record) || (text.size() >= 20 && holds_media(text)));
}

size_t digits(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; }));
}
bool bad_ext(const Ext& ext) {
  return bad_text(ext.value) || (digits(ext.value) >= 8 && names_sensitive_number(ext.name)) || bad_text(ext.name);
}

bool bad_value(const Value& value) {
  return (Tags::get().free[value.field] && bad_text(value.text)) || (!value.original.empty() && bad_text(value.original));
}

bool hidden_uri(const Record& record) {
  const Tags& tags = Tags::get();
  if (record.type->tag != tags.evidence) return false;
  const Value* csaem = record.find(tags.csaem);
  return record.find(tags.uri) && (!csaem || csaem->text != "false");
}

void clean(std::string_view& text, Arena& arena, Scrubbed& done) {
  if (!bad_text(text)) return;
  done.media += holds_media(text);
  done.numbers += holds_sensitive_number(text, Care::record);
  text = arena.keep(masked(text, Care::record));
}

void clean(Value& value, Arena& arena, Scrubbed& done) {
  if (Tags::get().free[value.field]) clean(value.text, arena, done);
  if (!value.original.empty()) clean(value.original, arena, done);
}

}  // namespace

bool needs_scrub(const Value& value) { return bad_value(value); }

bool needs_scrub(const Record& record) {
  for (const Value& value : record.values)
    if (bad_value(value)) return true;
  for (const Value& value : record.block_values)
    if (bad_value(value)) return true;
  for (const Ext& ext : record.ext)
    if (bad_ext(ext)) return true;
  for (const Block& block : record.blocks)
    if (clear_identifier(record.block_of(block)) >= 0) return true;
  return bad_text(record.local_id) || hidden_uri(record);
}

Scrubbed scrub(Record& record, Arena& arena) {
  Scrubbed done;
  const Tags& tags = Tags::get();
  if (hidden_uri(record)) {
    std::erase_if(record.values, [&](const Value& v) { return v.field == tags.uri; });
    ++done.media;
  }
  for (Value& value : record.values) clean(value, arena, done);
  for (const Block& block : record.blocks) {
    const ptrdiff_t at = clear_identifier(record.block_of(block));
    if (at < 0) continue;
    // The item stays, so that it is seen that the source gave such a number; its digits do not.
    Value& value = record.block_values[block.first + static_cast<size_t>(at)];
    if (!is_token(value.text)) value.text = "[withheld]";
    value.original = {};
    value.normal_differs = false;
    ++done.numbers;
  }
  for (Value& value : record.block_values) clean(value, arena, done);
  for (Ext& ext : record.ext) {
    if (digits(ext.value) >= 8 && names_sensitive_number(ext.name)) {
      std::string hidden(ext.value);
      for (char& c : hidden)
        if (c >= '0' && c <= '9') c = '*';
      ext.value = arena.keep(hidden);
      ++done.numbers;
    }
    clean(ext.value, arena, done);
    clean(ext.name, arena, done);
  }
  clean(record.local_id, arena, done);
  return done;
}

}  // namespace casebridge::handle

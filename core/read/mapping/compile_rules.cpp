#include <algorithm>

#include "base/text.hpp"
#include "read/mapping/compiler.hpp"

namespace casebridge::read::mapping {
namespace {

bool has_key(const Yaml& y, std::string_view key) { return y.is_map() && y.find(key); }

// What the core or the host writes: never mapped.
bool mappable(const model::Node& node) {
  static constexpr std::string_view kOurs[] = {"recordType", "id",     "version",  "localId", "source", "alsoSource",
                                               "supersedes", "absent", "original", "ext",     "places"};
  return !node.computed && std::find(std::begin(kOurs), std::end(kOurs), node.path) == std::end(kOurs);
}

std::vector<std::string_view> field_names(const model::Node& parent) {
  std::vector<std::string_view> out;
  for (const model::Tag t : parent.children)
    if (const model::Node& n = model::node(t); mappable(n)) out.push_back(n.name);
  return out;
}

bool may_point(const model::Node& field, const model::Node& type) {
  return field.targets.empty() || std::find(field.targets.begin(), field.targets.end(), type.tag) != field.targets.end();
}

bool dated(const model::Node& n) {
  return n.type == model::ValueType::date || n.type == model::ValueType::dateTime || n.type == model::ValueType::when;
}

}  // namespace

void Compiler::rules(const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  p_->n_top = static_cast<uint32_t>(y.entries.size());
  p_->rules.resize(p_->n_top);
  for (uint32_t i = 0; i < p_->n_top; ++i) {
    p_->rules[i].name = y.entries[i].key.text;
    p_->rules[i].mark = y.entries[i].key.mark;
    p_->rules[i].top = true;
  }
  for (uint32_t i = 0; i < p_->n_top; ++i) rule(i, y.entries[i].value);
}

void Compiler::rule(uint32_t index, const Yaml& y) {
  if (!must_be(y, Yaml::Kind::map)) return;
  Rule r = p_->rules[index];
  rule_words(r, index, y, {index});
  p_->rules[index] = std::move(r);
}

// The words of a rule and its fields; `index` is where the rule will stand, so that its lets are its own.
void Compiler::rule_words(Rule& r, uint32_t index, const Yaml& y, const Scope& scope) {
  const Yaml* record = y.find("record");
  if (!record) {
    wrong("E-MAP-MISSING", y.mark, {"record"});
    return;
  }
  const std::string name = text_of(*record);
  r.type = model::record_type(name);
  static constexpr std::string_view kLines[] = {"Dataset", "Source", "DatasetEnd", "Cluster"};
  if (!r.type || std::find(std::begin(kLines), std::end(kLines), name) != std::end(kLines)) {
    std::vector<std::string_view> known;
    for (const model::Node& n : model::nodes())
      if (n.kind == model::NodeKind::record && std::find(std::begin(kLines), std::end(kLines), n.name) == std::end(kLines))
        known.push_back(n.name);
    wrong("E-MAP-RECORD", record->mark, {name, nearest(name, known)});
    r.type = nullptr;
    return;
  }
  r.natural = name == "Selector" || name == "Link";
  r.first_let = static_cast<uint32_t>(p_->lets.size());
  if (const Yaml* l = y.find("let")) lets(*l, index);
  r.n_lets = static_cast<uint32_t>(p_->lets.size()) - r.first_let;
  if (const Yaml* e = y.find("each")) {
    r.has_each = true;
    if (e->is_list())
      for (const Yaml& one : e->items) r.each.push_back(value(one, scope));
    else r.each.push_back(value(*e, scope));
    for (const RelatedTable& table : p_->reads.tables)
      for (const uint32_t v : r.each)
        if (const Value& place = p_->values[v]; place.kind == Value::Kind::place && place.path != kNone &&
                                                !p_->paths[place.path].steps.empty() && p_->paths[place.path].steps[0].name == table.name)
          r.table = table.name;
  }
  if (const Yaml* b = y.find("besides")) {
    std::vector<std::string_view> above;  // the rules before this one; a record in a field has none
    for (uint32_t i = 0; r.top && i < index; ++i) above.push_back(p_->rules[i].name);
    for (const std::string& name : texts_of(*b)) {
      const auto at = std::find(above.begin(), above.end(), name);
      if (at == above.end()) wrong("E-MAP-RULE", b->mark, {name, nearest(name, above)});
      else r.besides.push_back(static_cast<uint32_t>(at - above.begin()));
    }
  }
  if (const Yaml* k = y.find("key")) {
    if (k->is_list())
      for (const Yaml& one : k->items) r.key.push_back(value(one, scope));
    else r.key.push_back(value(*k, scope));
  }
  r.body = body(*r.type, "", y, At::rule, scope);
  if (name != "Link" || y.find("assertedBy")) return;
  const model::Node* asserted = model::field(*r.type, "assertedBy");
  if (!asserted) return;
  Field f;  // a link of a source is what the source asserts
  f.node = asserted;
  f.tag = asserted->tag;
  Value v;
  v.word = "SOURCE";
  f.value = add(std::move(v), y.mark);
  f.mark = y.mark;
  p_->bodies[r.body].fields.push_back(f);
}

uint32_t Compiler::record_in_field(const Yaml& y, const std::string& name, const model::Node& field, const Scope& scope) {
  Rule r;
  r.name = name;
  r.mark = y.mark;
  if (y.find("each")) wrong("E-MAP-WORD", y.find("each")->mark, {"each", tr("a record in a field"), ""});
  // Its own lets come on top of those of the rule around it, which it may use.
  rule_words(r, scope.rule, y, scope);
  if (r.type && !may_point(field, *r.type)) wrong("E-MAP-TARGET", y.mark, {std::string(field.path), std::string(r.type->name)});
  p_->rules.push_back(std::move(r));
  return static_cast<uint32_t>(p_->rules.size() - 1);
}

uint32_t Compiler::body(const model::Node& record, const std::string& prefix, const Yaml& y, At at, const Scope& scope) {
  Body b;
  std::string why;
  for (const YamlEntry& e : y.entries) {
    const std::string& key = e.key.text;
    if (key == "when") {
      b.when = condition(e.value, scope);
      continue;
    }
    if (key == "unless") {
      b.unless = condition(e.value, scope);
      continue;
    }
    if (key == "why") {
      why = text_of(e.value);
      continue;
    }
    if (at == At::item && key == "each") continue;
    if (at == At::rule && (key == "record" || key == "each" || key == "besides" || key == "key" || key == "let")) continue;
    if (at == At::rule && key == "ext") {
      ext(b, e.value, scope);
      continue;
    }
    const std::string path = prefix.empty() ? key : prefix + "/" + key;
    const model::Node* node = model::field(record, path);
    if (!node || !mappable(*node)) {
      const model::Node* parent = prefix.empty() ? &record : model::field(record, prefix);
      std::vector<std::string_view> known = field_names(*parent);
      const std::vector<std::string_view> words = words_of(at);
      known.insert(known.end(), words.begin(), words.end());
      if (node && node->computed) wrong("E-MAP-COMPUTED", e.key.mark, {path, std::string(record.name)});
      else wrong("E-MAP-FIELD", e.key.mark, {path, std::string(record.name), nearest(key, known)});
      continue;
    }
    field(b, record, *node, path, e.value, scope);
  }
  b.conditional = !b.when.empty() || !b.unless.empty();
  if (b.conditional) b.reason = reason(why);
  b.constant = !b.conditional && b.ext.empty() && !b.fields.empty() &&
               std::all_of(b.fields.begin(), b.fields.end(), [&](const Field& f) { return constant(f); });
  p_->bodies.push_back(std::move(b));
  return static_cast<uint32_t>(p_->bodies.size() - 1);
}

// A word of the mapping, or a block of such words.
bool Compiler::constant(const Field& f) const {
  if (f.kind == Field::Kind::leaf) {
    const Value& v = p_->values[f.value];
    return !v.conditional &&
           (v.kind == Value::Kind::constant ||
            (v.kind == Value::Kind::list && !v.parts.empty() && std::all_of(v.parts.begin(), v.parts.end(), [&](uint32_t part) {
               return p_->values[part].kind == Value::Kind::constant && !p_->values[part].conditional;
             })));
  }
  return (f.kind == Field::Kind::block || (f.kind == Field::Kind::items && f.each == kNone)) && p_->bodies[f.body].constant;
}

void Compiler::field(Body& b, const model::Node& record, const model::Node& node, const std::string& path, const Yaml& y,
                     const Scope& scope) {
  const bool only_absent = has_key(y, "absent") && !model::field(record, path + "/absent");
  if (node.kind == model::NodeKind::leaf && node.type == model::ValueType::ref && !only_absent) {
    if (y.is_list())
      for (const Yaml& one : y.items) ref(b, node, one, scope);
    else ref(b, node, y, scope);
  } else if (node.kind == model::NodeKind::leaf || only_absent) {
    leaf(b, node, path, y, scope);
  } else if (node.kind == model::NodeKind::block) {
    if (path == "handling" && y.is_map()) {  // words, as at the top of the file
      Body marks;
      for (const YamlEntry& e : y.entries) {
        if (e.key.text == "why") continue;
        const model::Node* leaf_node = model::field(record, path + "/" + e.key.text);
        if (!leaf_node || leaf_node->computed || leaf_node->kind != model::NodeKind::leaf) {
          wrong("E-MAP-FIELD", e.key.mark, {path + "/" + e.key.text, std::string(record.name), nearest(e.key.text, field_names(node))});
          continue;
        }
        if (e.value.is_list())
          for (const Yaml& one : e.value.items) mark(b, *leaf_node, one, scope);
        else mark(b, *leaf_node, e.value, scope);
      }
      return;
    }
    if (!must_be(y, Yaml::Kind::map)) return;
    Field f;
    if (const Yaml* first = y.find("first"); first && !model::field(record, path + "/first")) {  // of several blocks
      if (y.entries.size() != 1) wrong("E-MAP-TAKE", y.mark, {});
      if (!must_be(*first, Yaml::Kind::list)) return;
      Body ways;
      for (const Yaml& one : first->items) field(ways, record, node, path, one, scope);
      f.kind = Field::Kind::first;
      f.node = &node;
      f.tag = node.tag;
      f.mark = y.mark;
      p_->bodies.push_back(std::move(ways));
      f.body = static_cast<uint32_t>(p_->bodies.size() - 1);
      b.fields.push_back(f);
      return;
    }
    f.kind = Field::Kind::block;
    f.node = &node;
    f.tag = node.tag;
    f.mark = y.mark;
    f.body = body(record, path, y, At::block, scope);
    b.fields.push_back(f);
  } else if (y.is_list()) {
    for (const Yaml& one : y.items) items(b, record, node, path, one, scope);
  } else {
    items(b, record, node, path, y, scope);
  }
}

// A mark of handling: always a word of the mapping, never one of the source; it may hold under a condition.
void Compiler::mark(Body& b, const model::Node& node, const Yaml& y, const Scope& scope) {
  Field f;
  f.node = &node;
  f.tag = node.tag;
  f.mark = y.mark;
  if (y.is_map()) {
    f.value = value(y, scope);
    const Value& v = p_->values[f.value];
    const bool word = v.kind == Value::Kind::list && v.parts.size() == 1 && p_->values[v.parts[0]].kind == Value::Kind::constant;
    // What the source states is a mark where a table says what it means, or where the mark is words.
    const bool stated = v.codes != kNone || v.kind == Value::Kind::first || !node.codes;
    if (!word && !stated) wrong("E-MAP-KIND", y.mark, {tr("a map"), tr("a text")});
    check_codes(f.value, node);
  } else {
    Value v;
    const std::string word = text_of(y);
    v.word = word.starts_with('=') ? word.substr(1) : word;
    check_code(v.word, node, y.mark);
    f.value = add(std::move(v), y.mark);
  }
  b.fields.push_back(f);
}

void Compiler::items(Body& b, const model::Node& record, const model::Node& node, const std::string& path, const Yaml& y,
                     const Scope& scope) {
  if (!must_be(y, Yaml::Kind::map)) return;
  Field f;
  f.kind = Field::Kind::items;
  f.node = &node;
  f.tag = node.tag;
  f.mark = y.mark;
  if (const Yaml* each = y.find("each")) f.each = value(*each, scope);
  f.body = body(record, path, y, At::item, scope);
  b.fields.push_back(f);
}

void Compiler::ref(Body& b, const model::Node& node, const Yaml& y, const Scope& scope) {
  if (!must_be(y, Yaml::Kind::map)) return;
  Field f;
  f.node = &node;
  f.tag = node.tag;
  f.mark = y.mark;
  if (y.find("absent")) {
    leaf(b, node, std::string(node.path), y, scope);
    return;
  }
  if (const Yaml* first = y.find("first")) {
    if (y.entries.size() != 1) wrong("E-MAP-TAKE", y.mark, {});
    if (!must_be(*first, Yaml::Kind::list)) return;
    Body ways;
    for (const Yaml& one : first->items) ref(ways, node, one, scope);
    f.kind = Field::Kind::first;
    p_->bodies.push_back(std::move(ways));
    f.body = static_cast<uint32_t>(p_->bodies.size() - 1);
    b.fields.push_back(f);
    return;
  }
  if (y.find("record")) {
    f.kind = Field::Kind::record;
    f.rule = record_in_field(y, std::string(node.path), node, scope);
  } else if (const Yaml* r = y.find("ref")) {
    check_words(y, At::ref);
    f.kind = Field::Kind::ref;
    f.ref.mark = r->mark;
    if (const Yaml* of = y.find("of")) f.ref.of = path(text_of(*of), of->mark);
    if (const Yaml* key = y.find("key")) f.ref.key = value(*key, scope);
    if (const Yaml* when = y.find("when")) f.ref.when = condition(*when, scope);
    if (const Yaml* unless = y.find("unless")) f.ref.unless = condition(*unless, scope);
    f.ref.conditional = !f.ref.when.empty() || !f.ref.unless.empty();
    if (const Yaml* why = y.find("why"); why && f.ref.conditional) f.ref.reason = reason(text_of(*why));
    f.rule = static_cast<uint32_t>(pending_.size());  // until all rules are known: resolve_refs()
    pending_.push_back({texts_of(*r), &node});
  } else {
    wrong("E-MAP-REFERENCE", y.mark, {std::string(node.path)});
    return;
  }
  b.fields.push_back(f);
}

void Compiler::leaf(Body& b, const model::Node& node, const std::string& path, const Yaml& y, const Scope& scope) {
  Field f;
  f.node = &node;
  f.tag = node.tag;
  f.mark = y.mark;
  if (y.is_list() && !node.many) wrong("E-MAP-MANY-PLACES", y.mark, {path});
  if (y.is_map() && !y.find("take") && !y.find("first") && !y.find("absent")) {
    wrong("E-MAP-KIND", y.mark, {tr("a map without take, first or absent"), tr("a value")});
    return;
  }
  f.value = value(y, scope);
  if (node.kind == model::NodeKind::leaf) check_codes(f.value, node);
  if (dated(node)) f.hint = date_default_;
  else if (node.path == "value" && node.parent != 0 && model::node(node.parent).name == "Selector") f.hint = region_hint_;
  b.fields.push_back(f);
}

void Compiler::ext(Body& b, const Yaml& y, const Scope& scope) {
  if (!must_be(y, Yaml::Kind::map)) return;
  for (const YamlEntry& e : y.entries) b.ext.push_back({e.key.text, value(e.value, scope)});
}

void Compiler::resolve_refs() {
  std::vector<std::string_view> known;
  for (uint32_t i = 0; i < p_->n_top; ++i) known.push_back(p_->rules[i].name);
  for (Body& b : p_->bodies)
    for (Field& f : b.fields) {
      if (f.kind != Field::Kind::ref || f.rule == kNone) continue;
      const PendingRef& want = pending_[f.rule];
      f.rule = kNone;
      for (const std::string& name : want.rules) {
        const auto at = std::find(known.begin(), known.end(), name);
        if (at == known.end()) {
          wrong("E-MAP-RULE", f.ref.mark, {name, nearest(name, known)});
          continue;
        }
        f.ref.rules.push_back(static_cast<uint32_t>(at - known.begin()));
        const Rule& to = p_->rules[f.ref.rules.back()];
        if (to.type && !may_point(*want.node, *to.type))
          wrong("E-MAP-TARGET", f.ref.mark, {std::string(want.node->path), std::string(to.type->name)});
        if (f.ref.key != kNone && to.key.empty() && to.type && !to.natural) wrong("E-MAP-KEYLESS", f.ref.mark, {name});
      }
      // A key says the type of what it names: one rule.
      if (want.rules.empty() || (f.ref.key != kNone && want.rules.size() > 1))
        wrong("E-MAP-KIND", f.ref.mark, {tr("a list"), tr("a text")});
    }
}

}  // namespace casebridge::read::mapping

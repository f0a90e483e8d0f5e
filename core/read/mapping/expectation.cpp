#include "read/mapping/expectation.hpp"

#include <algorithm>
#include <functional>

#include "base/text.hpp"
#include "normalise/ids.hpp"

namespace casebridge::read::mapping {
namespace {

std::string say(std::string_view text, std::vector<std::string> args) { return fill(tr(text), args); }

bool none(const Yaml& y) { return y.is_text() && !y.quoted && y.text == "none"; }

class Matcher {
 public:
  explicit Matcher(const Outcome& got) : got_(got) {}

  // Empty: `record` is what `want` says.
  std::string differs(const Record& record, std::string_view type, const Yaml& want) const {
    if (record.type->name != type) return "type";
    for (const YamlEntry& e : want.entries) {
      if (e.key.text == "key") {
        if (!is(record, type, e.value.text)) return "key";
      } else if (e.key.text == "absent") {
        if (std::string d = absent(record, e.value); !d.empty()) return d;
      } else if (e.key.text == "ext") {
        if (std::string d = ext(record, e.value); !d.empty()) return d;
      } else if (std::string d = field(record, e.key.text, e.value); !d.empty()) {
        return d;
      }
    }
    return {};
  }

 private:
  // Is this the record that Type:key names? The key is its own, or that of its parent, a slash, and the rule or field.
  bool is(const Record& record, std::string_view type, std::string_view key) const {
    if (record.type->name != type) return false;
    if (record.local_id == key) return true;
    if (type == "Selector") {
      const size_t equals = key.find('=');
      if (equals == std::string_view::npos) return false;
      const model::Node* kind = model::field(*record.type, "kind");
      const model::Node* value = model::field(*record.type, "value");
      const Value* k = record.find(kind->tag);
      const Value* v = record.find(value->tag);
      return k && v && k->text == key.substr(0, equals) && (v->text == key.substr(equals + 1) || v->original == key.substr(equals + 1));
    }
    for (size_t slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/', slash + 1)) {
      for (const Record* parent : got_.records) {
        if (parent->local_id != key.substr(0, slash)) continue;
        const std::string_view rest = key.substr(slash + 1);
        const std::string id = normalise::to_text(parent->id);
        if (normalise::uuid5({type, id, rest}) == record.id) return true;
        const size_t ordinal = rest.rfind('/');
        if (ordinal != std::string_view::npos &&
            normalise::uuid5({type, id, rest.substr(0, ordinal), rest.substr(ordinal + 1)}) == record.id)
          return true;
      }
    }
    return false;
  }

  bool value_is(const Value& v, const model::Node& node, const Yaml& want) const {
    if (!want.is_text()) return false;
    if (node.type != model::ValueType::ref) return v.text == want.text || (!v.original.empty() && v.original == want.text);
    const size_t colon = want.text.find(':');
    if (colon == std::string::npos) return false;
    const std::string_view type = std::string_view(want.text).substr(0, colon), key = std::string_view(want.text).substr(colon + 1);
    for (const Record* r : got_.records)
      if (normalise::to_text(r->id) == v.text && is(*r, type, key)) return true;
    // A record of another input of the feed has no picture here: its key decides.
    return std::none_of(got_.records.begin(), got_.records.end(), [&](const Record* r) { return normalise::to_text(r->id) == v.text; }) &&
           external(v, type, key);
  }
  bool external(const Value& v, std::string_view type, std::string_view key) const {
    return normalise::to_text(normalise::uuid5({type, got_.agency, got_.system, key})) == v.text;
  }

  std::string values(std::span<const Value> all, const model::Node& node, const Yaml& want) const {
    std::vector<const Value*> have;
    for (const Value& v : all)
      if (v.field == node.tag) have.push_back(&v);
    if (none(want)) return have.empty() ? "" : std::string(node.path);
    if (want.is_list()) {
      if (have.size() != want.items.size()) return std::string(node.path);
      for (size_t i = 0; i < have.size(); ++i)
        if (!value_is(*have[i], node, want.items[i])) return std::string(node.path);
      return {};
    }
    return have.size() == 1 && value_is(*have[0], node, want) ? "" : std::string(node.path);
  }

  std::string block(std::span<const Value> all, const Record& record, const std::string& path, const Yaml& want) const {
    const model::Node* node = model::field(*record.type, path);
    if (!node) return path + " (" + tr("no such field") + ")";
    if (node->kind == model::NodeKind::leaf) return values(all, *node, want);
    if (none(want)) {
      const std::string prefix = path + "/";
      for (const Value& v : all)
        if (model::node(v.field).path.starts_with(prefix)) return path;
      return {};
    }
    if (!want.is_map()) return path;
    for (const YamlEntry& e : want.entries)
      if (std::string d = block(all, record, path + "/" + e.key.text, e.value); !d.empty()) return d;
    return {};
  }

  std::string field(const Record& record, const std::string& path, const Yaml& want) const {
    const model::Node* node = model::field(*record.type, path);
    if (!node) return path + " (" + tr("no such field") + ")";
    if (node->kind != model::NodeKind::blocks) return block(record.values, record, path, want);
    std::vector<const Block*> have;
    for (const Block& b : record.blocks)
      if (b.tag == node->tag) have.push_back(&b);
    if (none(want)) return have.empty() ? "" : path;
    const std::vector<Yaml> one{want};
    const std::vector<Yaml>& items = want.is_list() ? want.items : one;
    if (have.size() != items.size()) return path;
    for (size_t i = 0; i < items.size(); ++i)
      for (const YamlEntry& e : items[i].entries)
        if (std::string d = block(record.block_of(*have[i]), record, path + "/" + e.key.text, e.value); !d.empty()) return d;
    return {};
  }

  std::string absent(const Record& record, const Yaml& want) const {
    for (const Yaml& one : want.items) {
      const Yaml* at = one.find("field");
      const Yaml* reason = one.find("reason");
      const bool there = at && reason && std::any_of(record.absent.begin(), record.absent.end(), [&](const Absent& a) {
                           return "/" + std::string(model::node(a.field).path) == at->text && a.reason == reason->text;
                         });
      if (!there) return "absent";
    }
    return {};
  }

  std::string ext(const Record& record, const Yaml& want) const {
    for (const YamlEntry& e : want.entries) {
      std::vector<std::string_view> have;
      for (const Ext& x : record.ext)
        if (x.name == e.key.text) have.push_back(x.value);
      std::vector<std::string_view> wanted;
      if (e.value.is_list())
        for (const Yaml& y : e.value.items) wanted.push_back(y.text);
      else if (!none(e.value)) wanted.push_back(e.value.text);
      if (have != wanted) return "ext/" + e.key.text;
    }
    return {};
  }

  const Outcome& got_;
};

}  // namespace

std::string picture(const Record& record) {
  std::string out(record.type->name);
  if (!record.local_id.empty()) out += " " + std::string(record.local_id);
  out += " {";
  const auto add = [&](const Value& v) {
    if (out.back() != '{') out += ", ";
    out += std::string(model::node(v.field).path) + ": " + std::string(v.text);
  };
  for (const Value& v : record.values) add(v);
  for (const Value& v : record.block_values) add(v);
  for (const Absent& a : record.absent)
    out += (out.back() == '{' ? "" : ", ") + std::string("absent ") + std::string(model::node(a.field).path) + " " + std::string(a.reason);
  for (const Ext& x : record.ext)
    out += (out.back() == '{' ? "" : ", ") + std::string("ext ") + std::string(x.name) + ": " + std::string(x.value);
  return out + "}";
}

std::vector<std::string> compare(const Outcome& got, const Yaml& expect, const Yaml* findings) {
  std::vector<std::string> wrong;
  const Matcher matcher(got);
  const size_t n = expect.items.size(), m = got.records.size();
  // Which record may stand for which expectation, and the best pairing of the two.
  std::vector<std::vector<bool>> fits(n, std::vector<bool>(m));
  for (size_t i = 0; i < n; ++i) {
    const Yaml& one = expect.items[i];
    if (!one.is_map() || one.entries.size() != 1) {
      wrong.push_back(say("Line {0}: an expectation is one record type with its fields.", {std::to_string(one.mark.line)}));
      continue;
    }
    for (size_t r = 0; r < m; ++r) fits[i][r] = matcher.differs(*got.records[r], one.entries[0].key.text, one.entries[0].value).empty();
  }
  std::vector<int> taken(m, -1);
  std::function<bool(size_t, std::vector<bool>&)> place = [&](size_t i, std::vector<bool>& seen) {
    for (size_t r = 0; r < m; ++r) {
      if (!fits[i][r] || seen[r]) continue;
      seen[r] = true;
      if (taken[r] < 0 || place(static_cast<size_t>(taken[r]), seen)) {
        taken[r] = static_cast<int>(i);
        return true;
      }
    }
    return false;
  };
  for (size_t i = 0; i < n; ++i) {
    std::vector<bool> seen(m);
    if (!expect.items[i].is_map() || expect.items[i].entries.size() != 1 || place(i, seen)) continue;
    const YamlEntry& want = expect.items[i].entries[0];
    std::string nearest_field;
    const Record* near = nullptr;
    for (size_t r = 0; r < m; ++r) {
      if (got.records[r]->type->name != want.key.text || (near && taken[r] >= 0)) continue;
      near = got.records[r];
      nearest_field = matcher.differs(*near, want.key.text, want.value);
    }
    if (!near) wrong.push_back(say("Line {0}: no {1} came out.", {std::to_string(want.key.mark.line), want.key.text}));
    else
      wrong.push_back(say("Line {0}: no {1} is as expected; the nearest differs in {2}: {3}",
                          {std::to_string(want.key.mark.line), want.key.text,
                           nearest_field.empty() ? tr("nothing, but it is expected twice") : nearest_field, picture(*near)}));
  }
  for (size_t r = 0; r < m; ++r)
    if (taken[r] < 0) wrong.push_back(say("A record came out that is not expected: {0}", {picture(*got.records[r])}));
  if (findings) {
    std::vector<std::string> want;
    for (const Yaml& y : findings->items) want.push_back(y.text);
    std::sort(want.begin(), want.end());
    want.erase(std::unique(want.begin(), want.end()), want.end());
    if (want != got.findings) {
      std::string list;
      for (const std::string& code : got.findings) list += (list.empty() ? "" : ", ") + code;
      wrong.push_back(say("Line {0}: the findings are [{1}].", {std::to_string(findings->mark.line), list}));
    }
  }
  return wrong;
}

}  // namespace casebridge::read::mapping

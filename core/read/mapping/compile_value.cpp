#include <re2/re2.h>

#include <algorithm>

#include "base/text.hpp"
#include "read/mapping/compiler.hpp"

namespace casebridge::read::mapping {

uint32_t Compiler::path(std::string_view text, const Mark& at) {
  Path p;
  if (const PathError error = read_path(text, p); !error.why.empty()) {
    wrong("E-MAP-PATH", at, {std::string(text), error.why, std::to_string(error.at + 1)});
    return kNone;
  }
  for (size_t i = 0; i < p_->paths.size(); ++i)
    if (p_->paths[i].text == p.text) return static_cast<uint32_t>(i);
  number_filters(p);
  p_->paths.push_back(std::move(p));
  return static_cast<uint32_t>(p_->paths.size() - 1);
}

void Compiler::number_filters(Path& p) {
  for (Step& s : p.steps) {
    s.id = ++p_->n_steps;
    p_->step_names.resize(s.id + 1);
    p_->step_names[s.id] = s.name;
    for (Filter& f : s.filters) {
      f.id = p_->n_filters++;
      number_filters(f.left);
      number_filters(f.right);
    }
  }
}

uint32_t Compiler::let_named(std::string_view name, const Mark& at, const Scope& scope) {
  std::vector<std::string_view> known;
  for (size_t i = p_->lets.size(); i-- > 0;) {
    const Let& l = p_->lets[i];
    if (l.rule != kNone && l.rule != scope.rule) continue;
    if (l.name == name) return static_cast<uint32_t>(i);
    known.push_back(l.name);
  }
  wrong("E-MAP-LET", at, {std::string(name), nearest(name, known)});
  return kNone;
}

uint32_t Compiler::value(const Yaml& y, const Scope& scope) {
  if (y.is_map()) return value_map(y, scope);
  if (y.is_list()) {
    Value v;
    v.kind = Value::Kind::list;
    for (const Yaml& one : y.items) v.parts.push_back(value(one, scope));
    return add(std::move(v), y.mark);
  }
  if (!y.is_text()) {
    must_be(y, Yaml::Kind::scalar);
    return add({}, y.mark);
  }
  return value_text(y, scope);
}

uint32_t Compiler::value_text(const Yaml& y, const Scope& scope) {
  Value v;
  if (y.text.starts_with('=')) {
    v.word = y.text.substr(1);
    if (v.word.empty()) wrong("E-MAP-EMPTY", y.mark, {});
  } else if (y.text.starts_with('$') && y.text.find('{') == std::string::npos) {
    v.kind = Value::Kind::let;
    v.let = let_named(y.text.substr(1), y.mark, scope);
  } else if (y.text.find('{') != std::string::npos) {
    return braces(y, scope);
  } else if (y.text.empty()) {
    wrong("E-MAP-EMPTY", y.mark, {});
  } else {
    v.kind = Value::Kind::place;
    v.path = path(y.text, y.mark);
  }
  return add(std::move(v), y.mark);
}

uint32_t Compiler::braces(const Yaml& y, const Scope& scope) {
  Value v;
  v.kind = Value::Kind::text;
  const std::string& s = y.text;
  std::string literal;
  for (size_t i = 0; i < s.size(); ++i) {
    if (s.compare(i, 2, "{{") == 0 || s.compare(i, 2, "}}") == 0) {
      literal += s[i++];
    } else if (s[i] == '{') {
      const size_t end = s.find('}', i);
      if (end == std::string::npos) {
        wrong("E-MAP-BRACE", y.mark, {s});
        break;
      }
      if (!literal.empty()) v.pieces.push_back({std::move(literal), kNone});
      literal.clear();
      Yaml inside = y;
      inside.text = s.substr(i + 1, end - i - 1);
      if (inside.text.starts_with('=')) wrong("E-MAP-BRACE", y.mark, {s});
      v.pieces.push_back({{}, value_text(inside, scope)});
      i = end;
    } else {
      literal += s[i];
    }
  }
  if (!literal.empty()) v.pieces.push_back({std::move(literal), kNone});
  return add(std::move(v), y.mark);
}

uint32_t Compiler::value_map(const Yaml& y, const Scope& scope) {
  check_words(y, At::value);
  Value v;
  const Yaml* take = y.find("take");
  const Yaml* first = y.find("first");
  const Yaml* gone = y.find("absent");
  if ((take != nullptr) + (first != nullptr) + (gone != nullptr) != 1) wrong("E-MAP-TAKE", y.mark, {});
  if (gone) {
    v.kind = Value::Kind::absent;
    v.word = text_of(*gone);
    const model::CodeList* reasons = model::code_list("absent_reason");
    if (reasons && !reasons->find(v.word)) {
      std::vector<std::string_view> known;
      for (const model::CodeRow& row : reasons->rows) known.push_back(row.code);
      wrong("E-MAP-CODE", gone->mark, {v.word, "absent_reason", nearest(v.word, known)});
    }
  } else if (first) {
    v.kind = Value::Kind::first;
    if (must_be(*first, Yaml::Kind::list))
      for (const Yaml& one : first->items) v.parts.push_back(value(one, scope));
  } else if (take) {
    if (take->is_text() && !take->text.starts_with('=') && take->text.find('{') == std::string::npos && !take->text.starts_with('$') &&
        !take->text.empty()) {
      v.kind = Value::Kind::place;
      v.path = path(take->text, take->mark);
    } else {
      v.kind = Value::Kind::list;
      if (take->is_list())
        for (const Yaml& one : take->items) v.parts.push_back(value(one, scope));
      else v.parts.push_back(value(*take, scope));
    }
  }
  if (const Yaml* s = y.find("split")) {
    v.split = text_of(*s);
    if (v.split.empty()) wrong("E-MAP-EMPTY", s->mark, {});
  }
  if (const Yaml* c = y.find("capture")) v.capture = pattern(text_of(*c), c->mark);
  if (const Yaml* j = y.find("join")) {
    v.join = text_of(*j);
    v.has_join = true;
  }
  if (const Yaml* c = y.find("codes")) {
    if (c->is_map()) {
      v.codes = static_cast<uint32_t>(p_->tables.size());
      table({}, *c);
    } else {
      const std::string name = text_of(*c);
      std::vector<std::string_view> known;
      for (size_t i = 0; i < p_->tables.size(); ++i) {
        if (p_->tables[i].name.empty()) continue;
        known.push_back(p_->tables[i].name);
        if (p_->tables[i].name == name) v.codes = static_cast<uint32_t>(i);
      }
      if (v.codes == kNone) wrong("E-MAP-TABLE", c->mark, {name, nearest(name, known)});
    }
  }
  if (const Yaml* u = y.find("unit")) v.unit = value(*u, scope);
  if (const Yaml* t = y.find("token")) v.token = text_of(*t) == "yes" || text_of(*t) == "true";
  const Yaml* date = y.find("date");
  const Yaml* zone = y.find("zone");
  if (date || zone) v.hint = hint(date_hint(date ? texts_of(*date) : p_->dates, zone ? text_of(*zone) : p_->time_zone));
  if (const Yaml* w = y.find("when")) v.when = condition(*w, scope);
  if (const Yaml* u = y.find("unless")) v.unless = condition(*u, scope);
  if (const Yaml* why = y.find("why")) v.why = text_of(*why);
  v.conditional = !v.when.empty() || !v.unless.empty();
  if (v.conditional) v.reason = reason(v.why);
  v.steps = !v.split.empty() || v.capture || v.has_join || v.codes != kNone || v.unit != kNone || v.token || v.hint || v.conditional;
  return add(std::move(v), y.mark);
}

std::shared_ptr<const re2::RE2> Compiler::pattern(const std::string& text, const Mark& at) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(int64_t(1) << 20);
  auto re = std::make_shared<re2::RE2>(text, options);
  if (!re->ok()) {
    wrong("E-MAP-PATTERN", at, {text, re->error()});
    return nullptr;
  }
  return re;
}

Condition Compiler::condition(const Yaml& y, const Scope& scope) {
  Condition out;
  if (y.is_list()) {
    for (const Yaml& one : y.items) out.any.push_back(all_of(one, scope));
  } else {
    out.any.push_back(all_of(y, scope));
  }
  return out;
}

std::vector<Test> Compiler::all_of(const Yaml& y, const Scope& scope) {
  std::vector<Test> out;
  const auto subject = [&](const Yaml& at) {
    Test t;
    if (at.text.starts_with('$')) t.let = let_named(std::string_view(at.text).substr(1), at.mark, scope);
    else t.path = path(at.text, at.mark);
    return t;
  };
  if (y.is_text()) {
    Test t = subject(y);
    t.has = true;
    out.push_back(std::move(t));
  } else if (must_be(y, Yaml::Kind::map)) {
    for (const YamlEntry& e : y.entries) {
      Test t = subject(e.key);
      for (const std::string& word : texts_of(e.value)) {
        if (word.size() > 1 && word.front() == '/' && word.back() == '/') {
          if (auto re = pattern(word.substr(1, word.size() - 2), e.value.mark)) t.patterns.push_back(std::move(re));
        } else {
          t.words.push_back(fold(word));
        }
      }
      out.push_back(std::move(t));
    }
  }
  return out;
}

uint32_t Compiler::hint(std::string_view text) {
  if (text.empty()) return 0;
  for (size_t i = 0; i < p_->hints.size(); ++i)
    if (p_->hints[i] == text) return static_cast<uint32_t>(i + 1);
  p_->hints.emplace_back(text);
  return static_cast<uint32_t>(p_->hints.size());
}

std::string Compiler::date_hint(const std::vector<std::string>& dates, std::string_view zone) const {
  std::string out;
  for (const std::string& d : dates) out += (out.empty() ? "date=" : "|") + d;
  if (!zone.empty()) out += (out.empty() ? "" : "\x1F") + ("zone=" + std::string(zone));
  return out;
}

uint32_t Compiler::reason(std::string_view text) {
  for (size_t i = 0; i < p_->reasons.size(); ++i)
    if (p_->reasons[i] == text) return static_cast<uint32_t>(i);
  p_->reasons.emplace_back(text);
  return static_cast<uint32_t>(p_->reasons.size() - 1);
}

void Compiler::check_code(std::string_view code, const model::Node& node, const Mark& at) {
  if (!node.codes || node.codes->find(code) || node.codes->open || node.codes->rows.empty()) return;
  std::vector<std::string_view> known;
  for (const model::CodeRow& row : node.codes->rows) known.push_back(row.code);
  wrong("E-MAP-CODE", at, {std::string(code), std::string(node.codes->name), nearest(code, known)});
}

// Every word this value can become on its own account (constants, tables) must be in the field's list.
void Compiler::check_codes(uint32_t index, const model::Node& node) {
  if (index == kNone) return;
  const Value& v = p_->values[index];
  if (v.codes != kNone) {
    const Table& t = p_->tables[v.codes];
    std::vector<std::string> codes;
    for (const auto& [word, code] : t.rows) codes.push_back(code);
    if (!t.otherwise.empty()) codes.push_back(t.otherwise);
    std::sort(codes.begin(), codes.end());
    codes.erase(std::unique(codes.begin(), codes.end()), codes.end());
    for (const std::string& code : codes) check_code(code, node, t.mark);
    return;
  }
  if (v.kind == Value::Kind::constant && !v.word.empty()) {
    check_code(v.word, node, v.mark);
    const bool number = node.type == model::ValueType::integer || node.type == model::ValueType::decimal;
    if (node.type == model::ValueType::boolean && v.word != "true" && v.word != "false")
      wrong("E-MAP-CODE", v.mark, {v.word, "true, false", ""});
    if (number && v.word.find_first_not_of("+-.0123456789") != std::string::npos) wrong("E-MAP-CODE", v.mark, {v.word, tr("a number"), ""});
  }
  for (const uint32_t part : v.parts) check_codes(part, node);
}

}  // namespace casebridge::read::mapping

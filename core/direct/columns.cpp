#include "direct/columns.hpp"

#include <algorithm>

#include "casebridge/model.h"

namespace casebridge::direct {
namespace {

using namespace read::mapping;

// Thrown inside of this file: the mapping does more than is known here.
struct Unknown {};

class Look {
 public:
  explicit Look(const Program& p) : p_(p) {}

  Columns run() {
    const Reads& r = p_.reads;
    need(r.reader == Reads::Reader::delimited && r.delimiter.empty() && r.encoding.empty() && r.header_row <= 1 && r.columns.empty());
    need(r.tables.empty() && r.spellings.empty() && r.group.empty() && r.refuse_as.empty() && !r.headers.empty());
    need(p_.skip.empty() && p_.notes.empty() && p_.lets.empty() && p_.drop.empty() && p_.absent_words.empty() && p_.dates.empty());
    out_.headers = r.headers;
    out_.agency = p_.agency, out_.system = p_.system, out_.region = p_.region;
    need(!out_.agency.empty() && !out_.system.empty());
    for (uint32_t i = 0; i < p_.n_top; ++i) {
      const Rule& rule = p_.rules[i];
      need(rule.type && rule.n_lets == 0 && rule.table.empty() && rule.besides.empty());
      if (rule.type->name == "Person") person(rule, i);
      else if (rule.type->name == "Link") link(rule);
      else throw Unknown{};
    }
    need(person_ != kNone);
    return std::move(out_);
  }

 private:
  static void need(bool so) {
    if (!so) throw Unknown{};
  }
  const Value& value(uint32_t i) const {
    need(i < p_.values.size());
    return p_.values[i];
  }
  const Body& body(uint32_t i) const {
    need(i < p_.bodies.size());
    return p_.bodies[i];
  }
  std::string column(uint32_t path) const {
    need(path < p_.paths.size() && is_simple(p_.paths[path]));
    return p_.paths[path].steps[0].name;
  }
  bool constant(const Field& f, std::string_view word) const {
    if (f.kind != Field::Kind::leaf) return false;
    const Value& v = value(f.value);
    return v.kind == Value::Kind::constant && !v.conditional && (word.empty() || v.word == word);
  }
  // The column that a value takes as it stands.
  std::string plain(uint32_t i) const {
    const Value& v = value(i);
    need(v.kind == Value::Kind::place && !v.conditional && v.split.empty() && !v.has_join && !v.capture && v.codes == kNone &&
         v.unit == kNone && !v.token && v.hint == 0);
    return column(v.path);
  }
  // A split column.
  Column list(uint32_t i, Use use) const {
    const Value& v = value(i);
    need(v.kind == Value::Kind::place && !v.conditional && !v.split.empty() && !v.has_join && !v.capture && v.codes == kNone && !v.token);
    return {.use = use, .name = column(v.path), .split = v.split};
  }
  bool this_value(const Field& f) const {  // "."
    if (f.kind != Field::Kind::leaf) return false;
    const Value& v = value(f.value);
    return v.kind == Value::Kind::place && !v.steps && !v.conditional && v.path < p_.paths.size() && p_.paths[v.path].text == ".";
  }
  // "when" is nothing but: one of these columns has a value.
  std::vector<std::string> any_of(const Body& b) const {
    need(b.unless.empty());
    std::vector<std::string> out;
    for (const auto& all : b.when.any) {
      need(all.size() == 1 && all[0].has && all[0].words.empty() && all[0].patterns.empty() && all[0].let == kNone);
      out.push_back(column(all[0].path));
    }
    return out;
  }

  void take(Use use, std::string name) { out_.all.push_back({.use = use, .name = std::move(name)}); }

  void person(const Rule& rule, uint32_t index) {
    need(person_ == kNone && !rule.has_each && rule.key.size() == 1);
    person_ = index;
    take(Use::key, plain(rule.key[0]));
    const Body& b = body(rule.body);
    need(!b.conditional);
    for (const Field& f : b.fields) {
      if (f.kind == Field::Kind::items && f.tag == tag::Person_names) name(f);
      else if (f.kind == Field::Kind::items && f.tag == tag::Person_identifiers) number(f);
      else if (f.kind == Field::Kind::leaf) leaf(f);
      else throw Unknown{};
    }
    for (const Ext& e : b.ext) (void)plain(e.value);
  }

  void leaf(const Field& f) {
    const Value& v = value(f.value);
    if (f.tag == tag::Person_birthDate) return take(Use::birth_date, plain(f.value));
    if (f.tag == tag::Person_birthPlace) return take(Use::birth_city, plain(f.value));
    if (f.tag == tag::Person_occupation) return take(Use::occupation, plain(f.value));
    if (f.tag == tag::Person_citizenship) return take(Use::country, plain(f.value));
    if (f.tag == tag::Person_gender) {
      need(v.kind == Value::Kind::place && !v.conditional && v.split.empty() && v.codes < p_.tables.size());
      out_.all.push_back({.use = Use::code, .name = column(v.path), .table = &p_.tables[v.codes]});
      return;
    }
    throw Unknown{};
  }

  void name(const Field& items) {
    const Body& b = body(items.body);
    need(!b.conditional && b.ext.empty());
    if (items.each != kNone) {
      bool alias = false, full = false;
      for (const Field& f : b.fields) {
        if (f.tag == tag::Person_names_type) alias = constant(f, "ALIAS");
        else if (f.tag == tag::Person_names_full) full = this_value(f);
        else throw Unknown{};
      }
      need(alias && full);
      out_.all.push_back(list(items.each, Use::alias));
      return;
    }
    for (const Field& f : b.fields) {
      if (f.tag == tag::Person_names_type) need(constant(f, "LEGAL") && !legal_);
      else if (f.tag == tag::Person_names_given) take(Use::given, plain(f.value));
      else if (f.tag == tag::Person_names_middle) take(Use::middle, plain(f.value));
      else if (f.tag == tag::Person_names_family) take(Use::family, plain(f.value));
      else throw Unknown{};
    }
    legal_ = true;
  }

  void number(const Field& items) {
    const Body& b = body(items.body);
    need(items.each == kNone && b.ext.empty());
    Column c{.use = Use::number, .name = {}};
    for (const Field& f : b.fields) {
      if (f.tag == tag::Person_identifiers_type && constant(f, {})) c.kind = value(f.value).word;
      else if (f.tag == tag::Person_identifiers_value) c.name = plain(f.value);
      else throw Unknown{};
    }
    need(c.kind == "RMS_PERSON" && !c.name.empty());  // a kind whose spelling is its source's own
    if (b.conditional) need(any_of(b) == std::vector<std::string>{c.name});
    out_.all.push_back(std::move(c));
  }

  void link(const Rule& rule) {
    need(rule.key.empty());
    const Body& b = body(rule.body);
    need(b.ext.empty());
    std::string type;
    const Field *from = nullptr, *to = nullptr;
    for (const Field& f : b.fields) {
      if (f.tag == tag::Link_type && constant(f, {})) type = value(f.value).word;
      else if (f.tag == tag::Link_from) from = &f;
      else if (f.tag == tag::Link_to) to = &f;
      else if (f.tag == tag::Link_assertedBy && constant(f, "SOURCE")) continue;
      else if (f.kind == Field::Kind::block && f.tag == tag::Link_during) during(f);
      else throw Unknown{};
    }
    need(from && from->kind == Field::Kind::ref && from->ref.rules.size() == 1 && from->ref.of == kNone && from->ref.key == kNone);
    need(p_.rules[from->ref.rules[0]].type && p_.rules[from->ref.rules[0]].type->name == "Person");
    need(to && to->kind == Field::Kind::record && to->rule < p_.rules.size());
    const Rule& other = p_.rules[to->rule];
    need(other.type && !other.has_each && other.n_lets == 0 && other.key.empty());
    if (other.type->name == "Location") home(rule, b, body(other.body), type);
    else if (other.type->name == "Selector") selector(rule, b, body(other.body), type);
    else throw Unknown{};
  }

  void during(const Field& block) {
    const Body& b = body(block.body);
    need(!b.conditional);
    for (const Field& f : b.fields) {
      if (f.tag == tag::Link_during_end || f.tag == tag::Link_during_start) {
        need(dates_++ == 0);  // two ends could contradict each other
        take(Use::date, plain(f.value));
      } else {
        need(constant(f, {}));
      }
    }
  }

  void home(const Rule& rule, const Body& b, const Body& place, const std::string& type) {
    need(type == "RESIDES_AT" && !rule.has_each && !place.conditional && place.ext.empty() && !home_);
    home_ = true;
    std::vector<std::string> said;
    for (const Field& f : place.fields) {
      if (constant(f, {}) && f.tag == tag::Location_kind) continue;
      need(f.kind == Field::Kind::block);
      for (const Field& c : body(f.body).fields) {
        const std::string name = plain(c.value);
        if (c.tag == tag::Location_civic_full) take(Use::street, name);
        else if (c.tag == tag::Location_civic_city) take(Use::city, name);
        else if (c.tag == tag::Location_civic_postalCode) take(Use::postcode, name);
        else throw Unknown{};
        said.push_back(name);
      }
    }
    std::vector<std::string> when = any_of(b);
    std::sort(said.begin(), said.end()), std::sort(when.begin(), when.end());
    need(when == said);
  }

  void selector(const Rule& rule, const Body& b, const Body& number, const std::string& type) {
    need(type == "USES" && rule.has_each && rule.each.size() == 1 && !b.conditional && !number.conditional && number.ext.empty());
    bool phone = false, that = false;
    for (const Field& f : number.fields) {
      if (f.tag == tag::Selector_kind) phone = constant(f, "PHONE");
      else if (f.tag == tag::Selector_value) that = this_value(f);
      else throw Unknown{};
    }
    need(phone && that);
    out_.all.push_back(list(rule.each[0], Use::phone));
  }

  const Program& p_;
  Columns out_;
  uint32_t person_ = kNone;
  int dates_ = 0;
  bool legal_ = false, home_ = false;
};

}  // namespace

std::optional<Columns> columns_of(const Program& program) {
  try {
    return Look(program).run();
  } catch (const Unknown&) { return std::nullopt; }
}

}  // namespace casebridge::direct

// From schema documents to a Program: find every identifier first, then compile what the root can reach.
#include <map>

#include "base/text.hpp"
#include "validate/json_schema/keywords.hpp"
#include "validate/json_schema/program.hpp"
#include "validate/json_schema/uri.hpp"

namespace casebridge::schema {
namespace {

struct Broken {
  std::string what;
  uint32_t document, node;
};

std::string said(const char* english, std::string_view arg) { return fill(tr(english), std::vector<std::string>{std::string(arg)}); }

class Compiler {
 public:
  Compiler(Program& program, const Loader& loader) : p_(program), load_(loader) {}

  const Sub* root(std::string_view text, const std::string& uri) { return compile(add_document(uri, text), 0); }

 private:
  struct Home {  // of a schema resource: what its $schema says
    std::string base;
    uint32_t document = 0, node = 0;
    Draft draft = Draft::d2020;
    uint8_t vocabularies = kAllVocabularies;
    std::map<std::string, uint32_t, std::less<>> anchors;
    std::map<std::string, uint32_t, std::less<>> dynamic;
    uint32_t resource = UINT32_MAX;  // in the program, once reached
  };
  struct Marks {
    std::vector<uint32_t> home;
    std::vector<bool> scanned;
  };

  const Document& doc(uint32_t d) const { return p_.sources[d].document; }

  uint32_t add_document(const std::string& uri, std::string_view text) {
    const auto index = static_cast<uint32_t>(p_.sources.size());
    p_.sources.push_back({uri, std::string(text), {}});
    marks_.emplace_back();
    ParseError error;
    if (!p_.sources[index].document.reparse(p_.sources[index].text, error)) {
      p_.sources[index].document = {};
      throw Broken{said("This is not JSON: {0}.", error.what), index,
                   UINT32_MAX - static_cast<uint32_t>(std::min<uint64_t>(error.offset, UINT32_MAX / 2))};
    }
    const uint32_t size = doc(index).size();
    marks_[index].home.assign(size, UINT32_MAX);
    marks_[index].scanned.assign(size, false);
    Home home;
    home.base = std::string(without_fragment(uri));
    home.document = index;
    home.draft = p_.settings.draft;
    homes_.push_back(std::move(home));
    const auto number = static_cast<uint32_t>(homes_.size() - 1);
    by_uri_[homes_[number].base] = number;
    declare(homes_[number], index, 0);
    scan(index, 0, number, true);
    return index;
  }

  // Reads $schema: the draft, and which vocabularies count.
  void declare(Home& home, uint32_t d, uint32_t node) {
    const uint32_t at = doc(d).member(node, "$schema");
    if (!at || doc(d)[at].type != Type::string) return;
    const std::string uri(doc(d).string(doc(d)[at]));
    if (draft_of_uri(uri, home.draft)) {
      home.vocabularies = kAllVocabularies;
      return;
    }
    const std::string plain(without_fragment(uri));
    if (!declaring_.emplace(plain, true).second) return;  // a metaschema that names itself
    const auto loaded = find_home(plain);
    declaring_.erase(plain);
    if (!loaded) return;  // an unknown dialect is read as the default draft
    const Home& meta = homes_[*loaded];
    home.draft = meta.draft;
    home.vocabularies = kAllVocabularies;
    const uint32_t list = doc(meta.document).member(meta.node, "$vocabulary");
    if (!list || doc(meta.document)[list].type != Type::object) return;
    const Document& m = doc(meta.document);
    uint8_t counted = 0;
    for (uint32_t v = list + 1; v < m[list].next; v = m[v].next) {
      Vocabulary known;
      if (vocabulary_of_uri(m.key(m[v]), known)) counted |= known;
      else if (m.key(m[v]).ends_with("vocab/format-assertion")) counted |= kFormat;
      else if (m[v].truth) throw Broken{said("The schema needs a vocabulary that is not known here: {0}.", m.key(m[v])), meta.document, v};
    }
    if (counted & kApplicator && home.draft == Draft::d2019) counted |= kUnevaluated;
    home.vocabularies = counted | kCore;
  }

  // Walks a document, giving each value its resource and noting identifiers where a schema stands.
  void scan(uint32_t d, uint32_t node, uint32_t home, bool is_schema) {
    if (is_schema && marks_[d].scanned[node]) return;
    const Document& document = doc(d);
    if (is_schema && document[node].type == Type::object) home = identify(d, node, home);
    marks_[d].home[node] = home;
    marks_[d].scanned[node] = is_schema;
    if (document[node].type != Type::object && document[node].type != Type::array) return;
    const Draft draft = homes_[home].draft;
    const bool only_ref = is_schema && draft <= Draft::d7 && document.member(node, "$ref");
    for (uint32_t child = node + 1; child < document[node].next; child = document[child].next) {
      const Keyword* known = is_schema && document[node].type == Type::object ? keyword(document.key(document[child]), draft) : nullptr;
      const Holds holds = known ? known->holds : Holds::data;
      const bool direct = !only_ref || holds != Holds::data;
      const bool array = document[child].type == Type::array;
      if (!direct) {
        scan(d, child, home, false);
        continue;
      }
      switch (holds) {
        case Holds::data: scan(d, child, home, false); break;
        case Holds::schema: scan(d, child, home, true); break;
        case Holds::schema_or_schemas:
          if (array) scan_each(d, child, home);
          else scan(d, child, home, true);
          break;
        case Holds::schemas:
        case Holds::schema_map:
        case Holds::schema_map_or_names: scan_each(d, child, home); break;
      }
    }
  }

  void scan_each(uint32_t d, uint32_t list, uint32_t home) {
    marks_[d].home[list] = home;
    const Document& document = doc(d);
    if (document[list].type != Type::object && document[list].type != Type::array) return;
    for (uint32_t child = list + 1; child < document[list].next; child = document[child].next)
      scan(d, child, home, document[child].type == Type::object || document[child].type == Type::boolean);
  }

  uint32_t identify(uint32_t d, uint32_t node, uint32_t home) {
    const Document& document = doc(d);
    Draft draft = homes_[home].draft;
    if (const uint32_t own = document.member(node, "$schema"); own && document[own].type == Type::string)
      draft_of_uri(document.string(document[own]), draft);
    const uint32_t at = document.member(node, draft == Draft::d4 ? "id" : "$id");
    const bool hidden = draft <= Draft::d7 && document.member(node, "$ref");  // siblings of $ref do not count
    if (at && !hidden && document[at].type == Type::string) {
      const std::string id(document.string(document[at]));
      if (id.starts_with('#')) {
        if (id.size() > 1 && draft <= Draft::d7) homes_[home].anchors[id.substr(1)] = node;
      } else {
        const std::string uri = resolve_uri(homes_[home].base, id);
        const bool same = node == homes_[home].node && d == homes_[home].document;
        if (same) {
          homes_[home].base = std::string(without_fragment(uri));
        } else {
          Home inner;
          inner.base = std::string(without_fragment(uri));
          inner.document = d;
          inner.node = node;
          inner.draft = homes_[home].draft;
          inner.vocabularies = homes_[home].vocabularies;
          homes_.push_back(std::move(inner));
          home = static_cast<uint32_t>(homes_.size() - 1);
          declare(homes_[home], d, node);
        }
        by_uri_[homes_[home].base] = home;
        if (const std::string name = fragment_of(uri); !name.empty()) homes_[home].anchors[name] = node;
      }
    }
    if (draft >= Draft::d2019) {
      if (const uint32_t a = document.member(node, "$anchor"); a && document[a].type == Type::string)
        homes_[home].anchors[std::string(document.string(document[a]))] = node;
      if (draft >= Draft::d2020)
        if (const uint32_t a = document.member(node, "$dynamicAnchor"); a && document[a].type == Type::string) {
          homes_[home].anchors[std::string(document.string(document[a]))] = node;
          homes_[home].dynamic[std::string(document.string(document[a]))] = node;
        }
    }
    return home;
  }

  std::optional<uint32_t> find_home(const std::string& uri) {
    if (const auto at = by_uri_.find(uri); at != by_uri_.end()) return at->second;
    std::string text = metaschema(uri);
    if (text.empty() && load_)
      if (auto loaded = load_(uri)) text = std::move(*loaded);
    if (text.empty()) return std::nullopt;
    add_document(uri, text);
    const auto at = by_uri_.find(uri);
    return at == by_uri_.end() ? std::nullopt : std::optional(at->second);
  }

  struct Target {
    uint32_t document, node;
    std::string dynamic;
  };

  Target resolve(uint32_t d, uint32_t home, uint32_t ref_node) {
    const std::string reference(doc(d).string(doc(d)[ref_node]));
    const std::string uri = resolve_uri(homes_[home].base, reference);
    const auto found = find_home(std::string(without_fragment(uri)));
    if (!found) throw Broken{said("The reference {0} leads nowhere.", reference), d, ref_node};
    const std::string fragment = fragment_of(uri);
    const Home& target = homes_[*found];
    if (fragment.empty()) return {target.document, target.node, {}};
    if (fragment.front() != '/') {
      const auto anchor = target.anchors.find(fragment);
      if (anchor == target.anchors.end()) throw Broken{said("The reference {0} leads nowhere.", reference), d, ref_node};
      return {target.document, anchor->second, target.dynamic.contains(fragment) ? fragment : std::string()};
    }
    const Document& document = doc(target.document);
    uint32_t node = target.node;
    for (size_t at = 1; at <= fragment.size();) {
      const size_t end = std::min(fragment.find('/', at), fragment.size());
      std::string step;
      for (size_t i = at; i < end; ++i) {
        if (fragment[i] == '~' && i + 1 < end) {
          step += fragment[i + 1] == '1' ? '/' : '~';
          ++i;
        } else step += fragment[i];
      }
      uint32_t next = document.member(node, step);
      if (!next && document[node].type == Type::array && !step.empty() && step.size() < 9 &&
          step.find_first_not_of("0123456789") == step.npos)
        next = document.item(node, static_cast<uint32_t>(std::stoul(step)));
      if (!next) throw Broken{said("The reference {0} leads nowhere.", reference), d, ref_node};
      node = next;
      at = end + 1;
    }
    return {target.document, node, {}};
  }

  uint32_t resource_of(uint32_t home) {
    Home& h = homes_[home];
    if (h.resource != UINT32_MAX) return h.resource;
    h.resource = static_cast<uint32_t>(p_.resources.size());
    p_.resources.push_back({h.base, nullptr, false, {}});
    const uint32_t number = h.resource, d = h.document, node = h.node;
    const uint32_t recursive = doc(d).member(node, "$recursiveAnchor");
    p_.resources[number].recursive_anchor = h.draft == Draft::d2019 && recursive && doc(d)[recursive].truth;
    const auto dynamic = h.dynamic;  // compiling may add homes
    p_.resources[number].root = compile(d, node);
    for (const auto& [name, at] : dynamic) p_.resources[number].dynamic_anchors.emplace(name, compile(d, at));
    return number;
  }

  const Sub* compile(uint32_t d, uint32_t node) {
    const uint64_t key = (static_cast<uint64_t>(d) << 32) | node;
    if (const auto at = made_.find(key); at != made_.end()) return at->second;
    const uint32_t known = marks_[d].home[node];
    scan(d, node, known, true);
    const uint32_t home = marks_[d].home[node];
    p_.subs.emplace_back();
    Sub& sub = p_.subs.back();
    made_[key] = &sub;
    sub.document = d;
    sub.node = node;
    sub.resource = resource_of(home);
    const Document& document = doc(d);
    if (document[node].type == Type::boolean) {
      (document[node].truth ? sub.always : sub.never) = true;
      return &sub;
    }
    if (document[node].type != Type::object) throw Broken{tr("A schema must be an object, true or false."), d, node};
    Builder(*this, sub, d, node, home).build();
    return &sub;
  }

  // One subschema's keywords into one Sub.
  struct Builder {
    Compiler& c;
    Sub& s;
    uint32_t d, node, home;
    const Document& doc;
    Draft draft;
    uint8_t vocabularies;
    Builder(Compiler& compiler, Sub& sub, uint32_t document, uint32_t at, uint32_t h)
        : c(compiler),
          s(sub),
          d(document),
          node(at),
          home(h),
          doc(c.doc(document)),
          draft(c.homes_[h].draft),
          vocabularies(c.homes_[h].vocabularies) {}

    uint32_t get(std::string_view name) const {
      const Keyword* known = keyword(name, draft);
      return known && (known->vocabulary & vocabularies) ? doc.member(node, name) : 0;
    }
    const Sub* sub(std::string_view name) const {
      const uint32_t at = get(name);
      return at ? c.compile(d, at) : nullptr;
    }
    void subs(std::string_view name, std::vector<const Sub*>& out) const {
      const uint32_t at = get(name);
      if (at && doc[at].type == Type::array)
        for (uint32_t i = at + 1; i < doc[at].next; i = doc[i].next) out.push_back(c.compile(d, i));
    }
    std::optional<uint64_t> count(std::string_view name) const {
      const uint32_t at = get(name);
      if (!at) return std::nullopt;
      if (doc[at].type != Type::number || !doc[at].integral || doc[at].number < 0)
        throw Broken{said("{0} must be a whole number that is not negative.", name), d, at};
      return static_cast<uint64_t>(doc[at].number);
    }
    std::optional<double> number(std::string_view name) const {
      const uint32_t at = get(name);
      return at && doc[at].type == Type::number ? std::optional(doc[at].number) : std::nullopt;
    }
    std::optional<Bound> bound(std::string_view name) const {
      const uint32_t at = get(name);
      if (!at || doc[at].type != Type::number) return std::nullopt;
      return Bound{doc[at].number, doc[at].integer, doc[at].is_int64};
    }
    std::unique_ptr<Pattern> expression(std::string_view text, uint32_t at) const {
      auto made = Pattern::make(text);
      if (!made) throw Broken{said("{0} is not a regular expression.", text), d, at};
      return made;
    }
    bool flag(std::string_view name) const {
      const uint32_t at = get(name);
      return at && doc[at].type == Type::boolean && doc[at].truth;
    }

    void build() {
      s.old = draft <= Draft::d2019;
      if (const uint32_t at = doc.member(node, "$ref"); at && doc[at].type == Type::string) {
        const Target target = c.resolve(d, home, at);
        s.ref = c.compile(target.document, target.node);
        if (draft <= Draft::d7) return;  // everything beside it is ignored
      }
      if (const uint32_t at = get("$dynamicRef"); at && doc[at].type == Type::string) {
        const Target target = c.resolve(d, home, at);
        s.dynamic_ref = c.compile(target.document, target.node);
        s.dynamic_anchor = target.dynamic;
      }
      if (const uint32_t at = get("$recursiveRef"); at && doc[at].type == Type::string) {
        const Target target = c.resolve(d, home, at);
        s.recursive_ref = c.compile(target.document, target.node);
      }
      any_type();
      numbers_and_strings();
      arrays();
      objects();
      discriminate();
    }

    void any_type() {
      if (const uint32_t at = get("type")) {
        const auto one = [&](uint32_t t) {
          static const std::map<std::string_view, uint8_t> bits{
              {"null", kNull},   {"boolean", kBoolean}, {"number", kNumber | kInteger}, {"integer", kInteger}, {"string", kString},
              {"array", kArray}, {"object", kObject}};
          const auto bit = doc[t].type == Type::string ? bits.find(doc.string(doc[t])) : bits.end();
          if (bit == bits.end()) throw Broken{tr("type must name one of array, boolean, integer, null, number, object, string."), d, t};
          s.types |= bit->second;
        };
        if (doc[at].type == Type::array)
          for (uint32_t t = at + 1; t < doc[at].next; t = doc[t].next) one(t);
        else one(at);
      }
      if (const uint32_t at = get("const")) s.has_const = true, s.const_node = at;
      if (const uint32_t at = get("enum"); at && doc[at].type == Type::array) {
        s.has_enum = true;
        for (uint32_t i = at + 1; i < doc[at].next; i = doc[i].next) s.enum_nodes.push_back(i);
      }
      subs("allOf", s.all_of);
      subs("anyOf", s.any_of);
      subs("oneOf", s.one_of);
      s.not_ = sub("not");
      s.if_ = sub("if");
      if (s.if_) s.then_ = sub("then"), s.else_ = sub("else");
    }

    void numbers_and_strings() {
      s.multiple_of = number("multipleOf");
      if (s.multiple_of && *s.multiple_of <= 0) throw Broken{tr("multipleOf must be greater than 0."), d, get("multipleOf")};
      s.minimum = bound("minimum");
      s.maximum = bound("maximum");
      if (draft == Draft::d4) s.exclusive_minimum = flag("exclusiveMinimum"), s.exclusive_maximum = flag("exclusiveMaximum");
      else s.over = bound("exclusiveMinimum"), s.under = bound("exclusiveMaximum");
      s.has_number = s.multiple_of || s.minimum || s.maximum || s.over || s.under;
      s.min_length = count("minLength");
      s.max_length = count("maxLength");
      if (const uint32_t at = get("pattern"); at && doc[at].type == Type::string) s.pattern = expression(doc.string(doc[at]), at);
      if (c.p_.settings.assert_formats)
        if (const uint32_t at = get("format"); at && doc[at].type == Type::string) s.format = std::string(doc.string(doc[at]));
      s.has_string = s.min_length || s.max_length || s.pattern || !s.format.empty();
    }

    void arrays() {
      if (draft >= Draft::d2020) {
        subs("prefixItems", s.prefix);
        s.items = sub("items");
        s.items_keyword = "items";
      } else if (const uint32_t at = get("items"); at && doc[at].type == Type::array) {
        subs("items", s.prefix);
        s.items = sub("additionalItems");
        s.items_keyword = "additionalItems";
      } else {
        s.items = sub("items");
        s.items_keyword = "items";
      }
      s.contains = sub("contains");
      s.min_contains = count("minContains");
      s.max_contains = count("maxContains");
      s.unevaluated_items = sub("unevaluatedItems");
      s.min_items = count("minItems");
      s.max_items = count("maxItems");
      s.unique = flag("uniqueItems");
      s.has_array = !s.prefix.empty() || s.items || s.contains || s.unevaluated_items || s.min_items || s.max_items || s.unique;
    }

    std::vector<std::string> names(uint32_t list) const {
      std::vector<std::string> out;
      if (doc[list].type == Type::array)
        for (uint32_t i = list + 1; i < doc[list].next; i = doc[i].next)
          if (doc[i].type == Type::string) out.emplace_back(doc.string(doc[i]));
      return out;
    }

    void objects() {
      if (const uint32_t at = get("properties"); at && doc[at].type == Type::object)
        for (uint32_t i = at + 1; i < doc[at].next; i = doc[i].next) s.property_for(std::string(doc.key(doc[i]))).sub = c.compile(d, i);
      if (const uint32_t at = get("required")) {
        for (std::string& name : names(at)) {
          Property& property = s.property_for(name);
          if (property.required >= 0) continue;
          property.required = static_cast<int32_t>(s.required_names.size());
          s.required_names.push_back(std::move(name));
        }
      }
      if (const uint32_t at = get("patternProperties"); at && doc[at].type == Type::object)
        for (uint32_t i = at + 1; i < doc[at].next; i = doc[i].next)
          s.pattern_properties.emplace_back(expression(doc.key(doc[i]), i), c.compile(d, i));
      s.additional = sub("additionalProperties");
      s.property_names = sub("propertyNames");
      s.unevaluated_properties = sub("unevaluatedProperties");
      s.min_properties = count("minProperties");
      s.max_properties = count("maxProperties");
      for (const std::string_view word : {"dependencies", "dependentRequired", "dependentSchemas"}) {
        const uint32_t at = get(word);
        if (!at || doc[at].type != Type::object) continue;
        for (uint32_t i = at + 1; i < doc[at].next; i = doc[i].next) {
          if (doc[i].type == Type::array) s.dependent_required.emplace_back(std::string(doc.key(doc[i])), names(i));
          else if (doc[i].type == Type::string)
            s.dependent_required.emplace_back(std::string(doc.key(doc[i])), std::vector<std::string>{std::string(doc.string(doc[i]))});
          else s.dependent_schemas.emplace_back(std::string(doc.key(doc[i])), c.compile(d, i));
        }
      }
      s.has_object = !s.properties.empty() || !s.pattern_properties.empty() || s.additional || s.property_names ||
                     s.unevaluated_properties || s.min_properties || s.max_properties || !s.dependent_required.empty() ||
                     !s.dependent_schemas.empty();
    }

    // A member that every branch of oneOf requires, each with a string constant of its own.
    void discriminate() {
      if (s.one_of.size() < 3) return;
      const auto plain = [](const Sub* branch) {
        for (int hops = 0; branch->ref && branch->properties.empty() && hops < 8; ++hops) branch = branch->ref;
        return branch;
      };
      const Sub* first = plain(s.one_of.front());
      for (const Property& candidate : first->properties) {
        const std::string& name = candidate.name;
        NameMap<const Sub*> branches;
        for (const Sub* branch : s.one_of) {
          const Sub* target = plain(branch);
          const Property* at = target->property(name);
          if (!at || at->required < 0 || !at->sub || !at->sub->has_const) break;
          const Document& owner = c.doc(at->sub->document);
          const Node& constant = owner[at->sub->const_node];
          if (constant.type != Type::string || !branches.emplace(std::string(owner.string(constant)), branch).second) break;
        }
        if (branches.size() == s.one_of.size()) {
          s.discriminator = name;
          s.branches = std::move(branches);
          return;
        }
      }
    }
  };

  Program& p_;
  const Loader& load_;
  std::deque<Home> homes_;
  std::deque<Marks> marks_;
  std::map<std::string, uint32_t, std::less<>> by_uri_;
  std::map<std::string, bool> declaring_;
  std::unordered_map<uint64_t, const Sub*> made_;
};

}  // namespace

std::unique_ptr<Program> compile_program(std::string_view text, const std::string& uri, const Settings& settings, const Loader& loader,
                                         CompileError& error) {
  auto program = std::make_unique<Program>();
  program->settings = settings;
  try {
    Compiler compiler(*program, loader);
    program->root = compiler.root(text, uri);
    return program;
  } catch (const Broken& broken) {
    const Source& source = program->sources[broken.document];
    error.what = broken.what;
    error.uri = source.uri;
    if (source.document.size() == 0) {  // not JSON: the offset stands in `node`
      error.position.offset = UINT32_MAX - broken.node;
      for (uint64_t i = 0; i < error.position.offset && i < source.text.size(); ++i) {
        if (source.text[i] == '\n') ++error.position.line, error.position.column = 1;
        else ++error.position.column;
      }
    } else {
      error.position = Document::locate(source.text, broken.node);
    }
    return nullptr;
  }
}

}  // namespace casebridge::schema

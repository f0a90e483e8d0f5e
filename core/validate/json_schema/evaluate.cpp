// Running a Program over a document. Two speeds: without an error list the first failure ends it; with one, everything
// is looked at and each failure is written down. Branches of anyOf, oneOf, not and if are always tried the fast way.
#include <cmath>

#include "validate/json_schema/program.hpp"

namespace casebridge::schema {
namespace {

constexpr uint32_t kMaxDepth = 3000;

// Which members or items of one value have been evaluated; children by their order.
struct Marks {
  uint64_t first = 0;  // the first 64 stand here: most values have fewer
  std::vector<bool> rest;
  void set(uint32_t ordinal, uint32_t size) {
    if (ordinal < 64) {
      first |= uint64_t(1) << ordinal;
      return;
    }
    if (rest.empty()) rest.resize(size - 64);
    rest[ordinal - 64] = true;
  }
  void all(uint32_t size) {
    first = ~uint64_t(0);
    if (size > 64) rest.assign(size - 64, true);
  }
  bool has(uint32_t ordinal) const { return ordinal < 64 ? (first >> ordinal) & 1 : ordinal - 64 < rest.size() && rest[ordinal - 64]; }
  void merge(const Marks& other) {
    first |= other.first;
    if (other.rest.empty()) return;
    if (rest.empty()) rest = other.rest;
    else
      for (size_t i = 0; i < rest.size(); ++i)
        if (other.rest[i]) rest[i] = true;
  }
};

uint64_t characters(std::string_view text) {
  uint64_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

std::string number_text(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.15g", value);
  return buffer;
}

// Whole numbers are compared as such: past 2^53 a double no longer tells neighbours apart.
int compare(const Node& n, const Bound& b) {
  if (n.is_int64 && b.exact) return n.integer < b.integer ? -1 : n.integer > b.integer;
  return n.number < b.value ? -1 : n.number > b.value;
}

std::string bound_text(const Bound& b) { return b.exact ? std::to_string(b.integer) : number_text(b.value); }

bool is_multiple(const Node& n, double of) {
  if (n.is_int64 && of == std::floor(of) && of < 9.0e15) return n.integer % static_cast<int64_t>(of) == 0;
  const double quotient = n.number / of;
  if (!std::isfinite(quotient)) return n.number == 0 || std::fmod(n.number, of) == 0;
  return std::fabs(quotient - std::nearbyint(quotient)) < 1e-12 * std::max(1.0, std::fabs(quotient));  // 0.0075 is 75 times 0.0001
}

class Run {
 public:
  Run(const Program& p, const Document& d, std::vector<Error>* errors) : p_(p), d_(d), errors_(errors) {}

  bool whole() { return eval(*p_.root, 0, nullptr); }

 private:
  template <class... Args>
  bool fail(const Sub& s, uint32_t node, const char* code, std::string_view keyword, Args&&... args) {
    if (!errors_ || errors_->size() >= p_.settings.max_errors) return false;
    Error error;
    error.code = code;
    error.args = {std::string(std::forward<Args>(args))...};
    error.node = node;
    error.instance = d_.pointer(node);
    const Source& source = p_.sources[s.document];
    error.keyword = (s.document ? source.uri : std::string()) + "#" + source.document.pointer(s.node) + (keyword.empty() ? "" : "/") +
                    std::string(keyword);
    errors_->push_back(std::move(error));
    return false;
  }

  // A branch whose failure is no error by itself.
  bool tries(const Sub& s, uint32_t node, Marks* marks) {
    std::vector<Error>* const kept = errors_;
    errors_ = nullptr;
    const bool ok = eval(s, node, marks);
    errors_ = kept;
    return ok;
  }

  bool eval(const Sub& s, uint32_t node, Marks* outer) {
    if (s.always) return true;
    if (s.never) return fail(s, node, "E-SCHEMA-NEVER", "");
    if (++steps_ > p_.settings.max_steps || depth_ > kMaxDepth) return fail(s, node, "E-SCHEMA-LIMIT", "");
    const bool enters = scope_.empty() || scope_.back() != s.resource;
    if (enters) scope_.push_back(s.resource);
    ++depth_;
    Marks own;
    const bool tracks = s.unevaluated_items || s.unevaluated_properties;
    Marks* const marks = tracks ? &own : outer;
    bool ok = checks(s, node, marks);
    if (ok && tracks && outer) outer->merge(own);
    --depth_;
    if (enters) scope_.pop_back();
    return ok;
  }

#define CB_STEP(expression)       \
  do {                            \
    if (!(expression)) {          \
      ok = false;                 \
      if (!errors_) return false; \
    }                             \
  } while (false)

  bool checks(const Sub& s, uint32_t node, Marks* marks) {
    bool ok = true;
    const Node& n = d_[node];
    if (s.types) CB_STEP(type_fits(s, n) || fail(s, node, "E-SCHEMA-TYPE", "type", type_names(s.types), type_name(n)));
    if (s.has_const)
      CB_STEP(equal(d_, node, p_.sources[s.document].document, s.const_node) ||
              fail(s, node, "E-SCHEMA-CONST", "const", shown(s, s.const_node)));
    if (s.has_enum) CB_STEP(in_enum(s, node) || fail(s, node, "E-SCHEMA-ENUM", "enum", enum_text(s)));
    if (s.ref) CB_STEP(eval(*s.ref, node, marks));
    if (s.dynamic_ref) CB_STEP(eval(dynamic_target(s), node, marks));
    if (s.recursive_ref) CB_STEP(eval(recursive_target(s), node, marks));
    if (n.type == Type::number && s.has_number) CB_STEP(number(s, node));
    if (n.type == Type::string && s.has_string) CB_STEP(text(s, node));
    if (n.type == Type::array && s.has_array) CB_STEP(array(s, node, marks));
    if (n.type == Type::object && s.has_object) CB_STEP(object(s, node, marks));
    for (const Sub* one : s.all_of) CB_STEP(eval(*one, node, marks));
    if (!s.any_of.empty()) CB_STEP(any_of(s, node, marks));
    if (!s.one_of.empty()) CB_STEP(one_of(s, node, marks));
    if (s.not_) CB_STEP(!tries(*s.not_, node, nullptr) || fail(s, node, "E-SCHEMA-NOT", "not"));
    if (s.if_) CB_STEP(condition(s, node, marks));
    if (s.unevaluated_items && n.type == Type::array) CB_STEP(rest_of_array(s, node, marks));
    if (s.unevaluated_properties && n.type == Type::object) CB_STEP(rest_of_object(s, node, marks));
    return ok;
  }

  static bool type_fits(const Sub& s, const Node& n) {
    switch (n.type) {
      case Type::null: return s.types & kNull;
      case Type::boolean: return s.types & kBoolean;
      case Type::number: return (s.types & kNumber) || ((s.types & kInteger) && n.integral);
      case Type::string: return s.types & kString;
      case Type::array: return s.types & kArray;
      case Type::object: return s.types & kObject;
    }
    return false;
  }
  static std::string type_name(const Node& n) {
    static const char* const names[] = {"null", "boolean", "number", "string", "array", "object"};
    return n.type == Type::number && n.integral ? "integer" : names[static_cast<int>(n.type)];
  }
  static std::string type_names(uint8_t types) {
    std::string out;
    const auto add = [&](uint8_t bit, const char* name) {
      if (types & bit) out += (out.empty() ? "" : ", ") + std::string(name);
    };
    add(kNull, "null"), add(kBoolean, "boolean"), add(kNumber, "number");
    if (!(types & kNumber)) add(kInteger, "integer");
    add(kString, "string"), add(kArray, "array"), add(kObject, "object");
    return out;
  }
  std::string shown(const Sub& s, uint32_t node) const {
    const Position at = Document::locate(p_.sources[s.document].text, node);
    return p_.sources[s.document].text.substr(at.offset, std::min<uint64_t>(at.length, 80));
  }
  std::string enum_text(const Sub& s) const {
    std::string out;
    for (size_t i = 0; i < s.enum_nodes.size() && i < 12; ++i) out += (i ? ", " : "") + shown(s, s.enum_nodes[i]);
    return s.enum_nodes.size() > 12 ? out + " ..." : out;
  }
  bool in_enum(const Sub& s, uint32_t node) const {
    for (const uint32_t at : s.enum_nodes)
      if (equal(d_, node, p_.sources[s.document].document, at)) return true;
    return false;
  }

  const Sub& dynamic_target(const Sub& s) const {
    if (s.dynamic_anchor.empty()) return *s.dynamic_ref;
    for (const uint32_t resource : scope_)
      if (const auto at = p_.resources[resource].dynamic_anchors.find(s.dynamic_anchor); at != p_.resources[resource].dynamic_anchors.end())
        return *at->second;
    return *s.dynamic_ref;
  }
  const Sub& recursive_target(const Sub& s) const {
    if (!p_.resources[s.recursive_ref->resource].recursive_anchor) return *s.recursive_ref;
    for (const uint32_t resource : scope_)
      if (p_.resources[resource].recursive_anchor) return *p_.resources[resource].root;
    return *s.recursive_ref;
  }

  bool number(const Sub& s, uint32_t node) {
    const Node& n = d_[node];
    bool ok = true;
    const auto at = [&](const Bound& b) { return compare(n, b); };
    if (s.minimum)
      CB_STEP((s.exclusive_minimum ? at(*s.minimum) > 0 : at(*s.minimum) >= 0) ||
              fail(s, node, "E-SCHEMA-MINIMUM", "minimum", bound_text(*s.minimum)));
    if (s.maximum)
      CB_STEP((s.exclusive_maximum ? at(*s.maximum) < 0 : at(*s.maximum) <= 0) ||
              fail(s, node, "E-SCHEMA-MAXIMUM", "maximum", bound_text(*s.maximum)));
    if (s.over) CB_STEP(at(*s.over) > 0 || fail(s, node, "E-SCHEMA-MINIMUM", "exclusiveMinimum", bound_text(*s.over)));
    if (s.under) CB_STEP(at(*s.under) < 0 || fail(s, node, "E-SCHEMA-MAXIMUM", "exclusiveMaximum", bound_text(*s.under)));
    if (s.multiple_of)
      CB_STEP(is_multiple(n, *s.multiple_of) || fail(s, node, "E-SCHEMA-MULTIPLE", "multipleOf", number_text(*s.multiple_of)));
    return ok;
  }

  bool text(const Sub& s, uint32_t node) {
    const std::string_view value = d_.string(d_[node]);
    bool ok = true;
    if (s.min_length || s.max_length) {
      const uint64_t length = characters(value);
      if (s.min_length)
        CB_STEP(length >= *s.min_length || fail(s, node, "E-SCHEMA-LENGTH-MIN", "minLength", std::to_string(*s.min_length)));
      if (s.max_length)
        CB_STEP(length <= *s.max_length || fail(s, node, "E-SCHEMA-LENGTH-MAX", "maxLength", std::to_string(*s.max_length)));
    }
    if (s.pattern)
      CB_STEP(s.pattern->found_in(value) ||
              fail(s, node, "E-SCHEMA-PATTERN", "pattern", shown(s, p_.sources[s.document].document.member(s.node, "pattern"))));
    if (!s.format.empty()) CB_STEP(format_holds(s.format, value) || fail(s, node, "E-SCHEMA-FORMAT", "format", s.format));
    return ok;
  }

  bool array(const Sub& s, uint32_t node, Marks* marks) {
    const Node& n = d_[node];
    bool ok = true;
    if (s.min_items) CB_STEP(n.size >= *s.min_items || fail(s, node, "E-SCHEMA-ITEMS-MIN", "minItems", std::to_string(*s.min_items)));
    if (s.max_items) CB_STEP(n.size <= *s.max_items || fail(s, node, "E-SCHEMA-ITEMS-MAX", "maxItems", std::to_string(*s.max_items)));
    if (!s.prefix.empty() || s.items) {
      uint32_t ordinal = 0;
      for (uint32_t i = node + 1; i < n.next; i = d_[i].next, ++ordinal) {
        const Sub* one = ordinal < s.prefix.size() ? s.prefix[ordinal] : s.items;
        if (!one) break;
        CB_STEP(eval(*one, i, nullptr));
        if (marks) marks->set(ordinal, n.size);
      }
    }
    if (s.contains) CB_STEP(contains(s, node, marks));
    if (s.unique && n.size > 1) CB_STEP(unique(node) || fail(s, node, "E-SCHEMA-UNIQUE", "uniqueItems"));
    return ok;
  }

  bool contains(const Sub& s, uint32_t node, Marks* marks) {
    const Node& n = d_[node];
    uint64_t found = 0;
    uint32_t ordinal = 0;
    for (uint32_t i = node + 1; i < n.next; i = d_[i].next, ++ordinal) {
      if (!tries(*s.contains, i, nullptr)) continue;
      ++found;
      if (marks && !s.old) marks->set(ordinal, n.size);
    }
    bool ok = true;
    CB_STEP(found >= s.min_contains.value_or(1) ||
            fail(s, node, "E-SCHEMA-CONTAINS", "contains", std::to_string(s.min_contains.value_or(1))));
    if (s.max_contains)
      CB_STEP(found <= *s.max_contains || fail(s, node, "E-SCHEMA-CONTAINS-MAX", "maxContains", std::to_string(*s.max_contains)));
    return ok;
  }

  bool unique(uint32_t node) const {
    if (d_[node].size <= 8) {
      for (uint32_t i = node + 1; i < d_[node].next; i = d_[i].next)
        for (uint32_t k = d_[i].next; k < d_[node].next; k = d_[k].next)
          if (equal(d_, i, d_, k)) return false;
      return true;
    }
    std::unordered_multimap<uint64_t, uint32_t> seen;
    for (uint32_t i = node + 1; i < d_[node].next; i = d_[i].next) {
      const uint64_t key = hash(d_, i);
      for (auto [at, end] = seen.equal_range(key); at != end; ++at)
        if (equal(d_, i, d_, at->second)) return false;
      seen.emplace(key, i);
    }
    return true;
  }

  bool object(const Sub& s, uint32_t node, Marks* marks) {
    const Node& n = d_[node];
    bool ok = true;
    if (s.min_properties)
      CB_STEP(n.size >= *s.min_properties || fail(s, node, "E-SCHEMA-MEMBERS-MIN", "minProperties", std::to_string(*s.min_properties)));
    if (s.max_properties)
      CB_STEP(n.size <= *s.max_properties || fail(s, node, "E-SCHEMA-MEMBERS-MAX", "maxProperties", std::to_string(*s.max_properties)));
    uint64_t present = 0;  // of the first 64 required names
    uint32_t ordinal = 0;
    size_t guess = 0;
    const bool members = !s.properties.empty() || !s.pattern_properties.empty() || s.additional || s.property_names;
    for (uint32_t i = node + 1; members && i < n.next; i = d_[i].next, ++ordinal) {
      const std::string_view name = d_.key(d_[i]);
      bool known = false;
      // Members mostly stand in the schema's order: look at the next one first, and only then in the index.
      const Property* property = guess < s.properties.size() && s.properties[guess].name == name ? &s.properties[guess] : s.property(name);
      if (property) {
        guess = static_cast<size_t>(property - s.properties.data()) + 1;
        if (property->required >= 0 && property->required < 64) present |= uint64_t(1) << property->required;
        if (property->sub) {
          known = true;
          CB_STEP(eval(*property->sub, i, nullptr));
        }
      }
      for (const auto& [pattern, sub] : s.pattern_properties) {
        if (!pattern->found_in(name)) continue;
        known = true;
        CB_STEP(eval(*sub, i, nullptr));
      }
      if (!known && s.additional) {
        known = true;
        if (s.additional->never) CB_STEP(fail(s, i, "E-SCHEMA-UNKNOWN", "additionalProperties", name));
        else CB_STEP(eval(*s.additional, i, nullptr));
      }
      if (known && marks) marks->set(ordinal, n.size);
      if (s.property_names) CB_STEP(name_fits(s, i));
    }
    for (size_t r = 0; r < s.required_names.size(); ++r)
      CB_STEP((r < 64 ? (present >> r) & 1 : d_.member(node, s.required_names[r]) != 0) ||
              fail(s, node, "E-SCHEMA-REQUIRED", "required", s.required_names[r]));
    for (const auto& [name, needs] : s.dependent_required)
      if (d_.member(node, name))
        for (const std::string& need : needs)
          CB_STEP(d_.member(node, need) || fail(s, node, "E-SCHEMA-DEPENDENT", "dependentRequired", name, need));
    for (const auto& [name, sub] : s.dependent_schemas)
      if (d_.member(node, name)) CB_STEP(eval(*sub, node, marks));
    return ok;
  }

  bool name_fits(const Sub& s, uint32_t member) {
    Document name;  // a member's name, as a document of one string
    ParseError error;
    std::string text = "\"";
    for (const char c : d_.key(d_[member])) {
      if (c == '"' || c == '\\') text += '\\', text += c;
      else if (static_cast<unsigned char>(c) < 0x20) {
        char u[8];
        std::snprintf(u, sizeof u, "\\u%04x", c);
        text += u;
      } else text += c;
    }
    text += '"';
    if (!name.reparse(text, error)) return fail(s, member, "E-SCHEMA-NAME", "propertyNames", d_.key(d_[member]));
    Run run(p_, name, nullptr);
    run.scope_ = scope_;
    return run.eval(*s.property_names, 0, nullptr) || fail(s, member, "E-SCHEMA-NAME", "propertyNames", d_.key(d_[member]));
  }

  bool any_of(const Sub& s, uint32_t node, Marks* marks) {
    bool any = false;
    for (const Sub* one : s.any_of) {
      Marks branch;
      if (!tries(*one, node, marks ? &branch : nullptr)) continue;
      any = true;
      if (!marks) return true;
      marks->merge(branch);
    }
    if (any) return true;
    fail(s, node, "E-SCHEMA-ANY", "anyOf", std::to_string(s.any_of.size()));
    return false;
  }

  bool one_of(const Sub& s, uint32_t node, Marks* marks) {
    if (!s.discriminator.empty() && d_[node].type == Type::object) {
      const uint32_t at = d_.member(node, s.discriminator);
      if (at && d_[at].type == Type::string) {
        const auto branch = s.branches.find(d_.string(d_[at]));
        if (branch == s.branches.end()) return fail(s, at, "E-SCHEMA-KIND", "oneOf", s.discriminator);
        return eval(*branch->second, node, marks);  // with its own errors, which say more than "none of 22"
      }
      return fail(s, node, "E-SCHEMA-REQUIRED", "oneOf", s.discriminator);
    }
    uint32_t fits = 0;
    Marks chosen;
    for (const Sub* one : s.one_of) {
      Marks branch;
      if (!tries(*one, node, marks ? &branch : nullptr)) continue;
      if (++fits == 2) break;
      chosen = std::move(branch);
    }
    if (fits == 1) {
      if (marks) marks->merge(chosen);
      return true;
    }
    return fail(s, node, fits ? "E-SCHEMA-SEVERAL" : "E-SCHEMA-NONE", "oneOf", std::to_string(s.one_of.size()));
  }

  bool condition(const Sub& s, uint32_t node, Marks* marks) {
    Marks branch;
    const bool holds = tries(*s.if_, node, marks ? &branch : nullptr);
    if (holds && marks) marks->merge(branch);
    const Sub* next = holds ? s.then_ : s.else_;
    return !next || eval(*next, node, marks);
  }

  bool rest_of_array(const Sub& s, uint32_t node, Marks* marks) {
    bool ok = true;
    uint32_t ordinal = 0;
    for (uint32_t i = node + 1; i < d_[node].next; i = d_[i].next, ++ordinal) {
      if (marks->has(ordinal)) continue;
      if (s.unevaluated_items->never) CB_STEP(fail(s, i, "E-SCHEMA-ITEM", "unevaluatedItems"));
      else CB_STEP(eval(*s.unevaluated_items, i, nullptr));
    }
    marks->all(d_[node].size);
    return ok;
  }

  bool rest_of_object(const Sub& s, uint32_t node, Marks* marks) {
    bool ok = true;
    uint32_t ordinal = 0;
    for (uint32_t i = node + 1; i < d_[node].next; i = d_[i].next, ++ordinal) {
      if (marks->has(ordinal)) continue;
      if (s.unevaluated_properties->never) CB_STEP(fail(s, i, "E-SCHEMA-UNKNOWN", "unevaluatedProperties", d_.key(d_[i])));
      else CB_STEP(eval(*s.unevaluated_properties, i, nullptr));
    }
    marks->all(d_[node].size);
    return ok;
  }
#undef CB_STEP

  const Program& p_;
  const Document& d_;
  std::vector<Error>* errors_;
  std::vector<uint32_t> scope_;  // schema resources entered, outermost first
  uint64_t steps_ = 0;
  uint32_t depth_ = 0;
};

}  // namespace

bool run_program(const Program& program, const Document& document, std::vector<Error>* errors) {
  return Run(program, document, errors).whole();
}

Schema::Schema(std::unique_ptr<Program> program) : program_(std::move(program)) {}
Schema::~Schema() = default;

std::unique_ptr<Schema> Schema::compile(std::string_view text, const std::string& uri, const Settings& settings, const Loader& loader,
                                        CompileError& error) {
  auto program = compile_program(text, uri, settings, loader, error);
  return program ? std::unique_ptr<Schema>(new Schema(std::move(program))) : nullptr;
}

bool Schema::valid(const Document& document) const { return run_program(*program_, document, nullptr); }

std::vector<Error> Schema::validate(const Document& document) const {
  std::vector<Error> errors;
  if (!run_program(*program_, document, nullptr)) run_program(*program_, document, &errors);
  return errors;
}

std::vector<Error> Schema::check(std::string_view json) const {
  ParseError broken;
  const auto document = Document::parse(json, broken);
  std::vector<Error> errors;
  if (!document) {
    Error error;
    error.code = "E-SCHEMA-JSON";
    error.args = {broken.what};
    error.position.offset = broken.offset;
    for (uint64_t i = 0; i < broken.offset && i < json.size(); ++i) {
      if (json[i] == '\n') ++error.position.line, error.position.column = 1;
      else ++error.position.column;
    }
    errors.push_back(std::move(error));
    return errors;
  }
  errors = validate(*document);
  for (Error& error : errors) error.position = Document::locate(json, error.node);
  return errors;
}

}  // namespace casebridge::schema

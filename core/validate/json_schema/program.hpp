// What a schema compiles to: one Sub per subschema, linked by pointers, with the checks it asks for and nothing else.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "validate/json_schema/pattern.hpp"
#include "validate/json_schema/schema.hpp"

namespace casebridge::schema {

struct Sub;

struct Property {
  const Sub* sub = nullptr;
  int32_t required = -1;  // bit in Sub::required_names, or -1
  std::string name;
};

struct TransparentHash : std::hash<std::string_view> {
  using is_transparent = void;
};
template <class V>
using NameMap = std::unordered_map<std::string, V, TransparentHash, std::equal_to<>>;

enum TypeBit : uint8_t { kNull = 1, kBoolean = 2, kNumber = 4, kInteger = 8, kString = 16, kArray = 32, kObject = 64 };

struct Bound {  // of a number
  double value = 0;
  int64_t integer = 0;  // where exact
  bool exact = false;
};

struct Sub {
  uint32_t document = 0, node = 0;  // where it stands, for keyword locations
  uint32_t resource = 0;            // index of the schema resource it belongs to
  bool always = false, never = false;
  bool old = false;  // drafts to 2019-09: contains does not count as evaluating
  // any type
  uint8_t types = 0;  // TypeBit, 0 = any
  bool has_const = false, has_enum = false;
  uint32_t const_node = 0;
  std::vector<uint32_t> enum_nodes;
  std::vector<const Sub*> all_of, any_of, one_of;
  const Sub *not_ = nullptr, *if_ = nullptr, *then_ = nullptr, *else_ = nullptr, *ref = nullptr, *dynamic_ref = nullptr,
            *recursive_ref = nullptr;
  std::string dynamic_anchor;  // of dynamic_ref's target, empty: it is an ordinary reference
  // A oneOf whose branches each demand another constant in the same member needs only that branch.
  std::string discriminator;
  NameMap<const Sub*> branches;
  // numbers
  bool has_number = false;
  std::optional<double> multiple_of;
  std::optional<Bound> minimum, maximum;
  bool exclusive_minimum = false, exclusive_maximum = false;
  std::optional<Bound> over, under;  // exclusiveMinimum, exclusiveMaximum as numbers
  // strings
  bool has_string = false;
  std::optional<uint64_t> min_length, max_length;
  std::unique_ptr<Pattern> pattern;
  std::string format;
  // arrays
  bool has_array = false;
  std::vector<const Sub*> prefix;
  const Sub *items = nullptr, *contains = nullptr, *unevaluated_items = nullptr;
  std::string items_keyword;
  std::optional<uint64_t> min_items, max_items, min_contains, max_contains;
  bool unique = false;
  // objects
  bool has_object = false;
  std::vector<Property> properties;  // of "properties" and "required" together, in the schema's order
  NameMap<uint32_t> property_index;
  const Property* property(std::string_view name) const {
    const auto at = property_index.find(name);
    return at == property_index.end() ? nullptr : &properties[at->second];
  }
  Property& property_for(const std::string& name) {
    const auto [at, added] = property_index.emplace(name, static_cast<uint32_t>(properties.size()));
    if (added) properties.push_back({nullptr, -1, name});
    return properties[at->second];
  }
  std::vector<std::string> required_names;
  std::vector<std::pair<std::unique_ptr<Pattern>, const Sub*>> pattern_properties;
  const Sub *additional = nullptr, *property_names = nullptr, *unevaluated_properties = nullptr;
  std::vector<std::pair<std::string, std::vector<std::string>>> dependent_required;
  std::vector<std::pair<std::string, const Sub*>> dependent_schemas;
  std::optional<uint64_t> min_properties, max_properties;
};

struct Resource {
  std::string uri;
  const Sub* root = nullptr;
  bool recursive_anchor = false;
  NameMap<const Sub*> dynamic_anchors;
};

struct Source {  // one schema document
  std::string uri, text;
  Document document;
};

struct Program {
  Settings settings;
  std::deque<Source> sources;  // never move
  std::deque<Resource> resources;
  std::deque<Sub> subs;
  const Sub* root = nullptr;
};

std::unique_ptr<Program> compile_program(std::string_view text, const std::string& uri, const Settings&, const Loader&, CompileError&);
bool run_program(const Program&, const Document&, std::vector<Error>* errors);  // errors null: stop at the first
bool format_holds(std::string_view format, std::string_view text);              // an unknown format holds

}  // namespace casebridge::schema

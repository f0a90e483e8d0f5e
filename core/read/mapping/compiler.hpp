// The inside of compile(): one walk over the YAML, one Program out. Not for use elsewhere.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "read/mapping/program.hpp"
#include "read/mapping/words.hpp"

namespace casebridge::read::mapping {

class Compiler {
 public:
  Compiler(Problems& problems, OtherFile other, void* context) : problems_(problems), other_(other), context_(context) {}
  std::shared_ptr<const Program> run(std::string_view text);

 private:
  // compile.cpp: the file
  void reads(const Yaml&);
  void fixed(const Yaml&);
  void parts(const YamlEntry& kind, const Yaml& of, const Yaml& lines, LinesOfKind& made);
  void source(const Yaml&);
  void handling_of_source(const Yaml&);
  void absent(const Yaml&);
  void tables(const Yaml&);
  void table(const std::string& name, const Yaml&);
  void table_file(Table&, const Yaml& file);
  void skip(const Yaml&);
  void drop(const Yaml&);
  void notes(const Yaml&);
  void lets(const Yaml&, uint32_t rule);

  // compile_value.cpp: values and conditions
  struct Scope {
    uint32_t rule = kNone;  // whose lets are visible
  };
  uint32_t value(const Yaml&, const Scope&);
  uint32_t value_map(const Yaml&, const Scope&);
  uint32_t value_text(const Yaml&, const Scope&);
  uint32_t braces(const Yaml&, const Scope&);
  uint32_t path(std::string_view text, const Mark&);
  void number_filters(Path&);
  uint32_t let_named(std::string_view name, const Mark&, const Scope&);
  Condition condition(const Yaml&, const Scope&);
  std::vector<Test> all_of(const Yaml&, const Scope&);
  std::shared_ptr<const re2::RE2> pattern(const std::string& text, const Mark&);
  uint32_t hint(std::string_view text);
  std::string date_hint(const std::vector<std::string>& dates, std::string_view zone) const;
  void check_codes(uint32_t value, const model::Node& node);
  void check_code(std::string_view code, const model::Node& node, const Mark&);
  uint32_t add(Value v, const Mark& at) {
    v.mark = at;
    p_->values.push_back(std::move(v));
    return static_cast<uint32_t>(p_->values.size() - 1);
  }
  uint32_t reason(std::string_view text);

  // compile_rules.cpp: rules, blocks, fields
  void rules(const Yaml&);
  void rule(uint32_t index, const Yaml&);
  uint32_t record_in_field(const Yaml&, const std::string& name, const model::Node& field, const Scope&);
  void rule_words(Rule&, uint32_t index, const Yaml&, const Scope&);
  uint32_t body(const model::Node& record, const std::string& prefix, const Yaml&, At words, const Scope&);
  void field(Body&, const model::Node& record, const model::Node& node, const std::string& path, const Yaml&, const Scope&);
  void ref(Body&, const model::Node& node, const Yaml&, const Scope&);
  void mark(Body&, const model::Node& node, const Yaml&, const Scope&);
  void items(Body&, const model::Node& record, const model::Node& node, const std::string& path, const Yaml&, const Scope&);
  void leaf(Body&, const model::Node& node, const std::string& path, const Yaml&, const Scope&);
  bool constant(const Field&) const;
  void ext(Body&, const Yaml&, const Scope&);
  void resolve_refs();

  // shared
  void check_words(const Yaml&, At);
  std::string text_of(const Yaml&, bool required = true);
  std::vector<std::string> texts_of(const Yaml&);
  bool must_be(const Yaml&, Yaml::Kind);
  void wrong(std::string_view code, const Mark& at, std::vector<std::string> args) { problems_.add(code, at, std::move(args)); }

  struct PendingRef {
    std::vector<std::string> rules;
    const model::Node* node;
  };
  Problems& problems_;
  OtherFile other_;
  void* context_;
  std::shared_ptr<Program> p_;
  std::vector<PendingRef> pending_;
  uint32_t date_default_ = 0, region_hint_ = 0;
};

}  // namespace casebridge::read::mapping

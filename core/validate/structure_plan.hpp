// What structure.cpp works from: the model's tables turned round, one row per tag, made once.
#pragma once
#include <string_view>
#include <vector>

#include "model/model.hpp"
#include "validate/lexical.hpp"

namespace casebridge::validate {

constexpr uint32_t kMaxTags = 1024;  // make_structure_plan() throws when the model has outgrown it

struct Needed {
  const model::Node* node = nullptr;
  model::Tag block = 0;  // only where this single block stands; 0 = always
  bool hard = false;
};

struct Rule {  // by tag
  const model::Node* node = nullptr;
  model::Tag record = 0;         // record type it stands in; 0 = in every record
  model::Tag blocks = 0;         // the repeated block it stands in, or 0
  std::string_view blocks_path;  // path of that block (or of itself, where it is one)
  Form form = Form::other;
  bool handling = false;       // handling or a part of it, which a Source line has too
  bool header = false;         // a member of Record, never among its values
  bool identifiers = false;    // a list of identifiers: type and value
  std::vector<Needed> needed;  // of a repeated block: what its items need
};

struct TypePlan {  // by tag of a record type
  const model::Node* node = nullptr;
  bool common = false;    // has header and trailer (every type but the lines)
  bool handling = false;  // a line with handling: the Source
  std::vector<Needed> needed;
  std::vector<const model::AnyOf*> any_of;
  model::Tag dated_from = 0, dated_to = 0;  // the day that the record speaks of, for codes in force
};

struct StructurePlan {
  std::vector<Rule> rules;
  std::vector<TypePlan> types;
};

StructurePlan make_structure_plan();

}  // namespace casebridge::validate

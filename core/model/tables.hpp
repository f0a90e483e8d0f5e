// What modelgen wrote (model_tables.cpp in the build tree); only model.cpp looks here.
#pragma once
#include "model/model.hpp"

namespace casebridge::model {

struct PathRow {  // sorted by record, then path, bytewise
  Tag record;
  std::string_view path;
  Tag tag;
};
struct Tables {
  std::span<const Node> nodes;       // by tag
  std::span<const uint16_t> by_tag;  // tag -> 1 + index into nodes, 0 = never was
  std::span<const PathRow> paths;
  std::span<const CodeList> lists;  // by name
  std::span<const AnyOf> any_of;
  std::string_view schema_version, code_list_versions;
};
const Tables& tables();

}  // namespace casebridge::model

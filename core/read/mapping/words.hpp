// The words of the mapping language, declared once: what the compiler allows, what the JSON Schema offers to editors and
// what the reference page explains all come from this table.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::read::mapping {

enum class At : uint8_t {
  file,
  reads,
  source,
  value,
  rule,
  block,
  item,
  ref,
  skip,
  refuse,
  references,
  lines,
  table,
  table_file,
  test,
  note
};
inline constexpr int kContexts = 16;

struct Word {
  std::string_view name;
  At at;
  std::string_view schema;  // JSON Schema of its value
  std::string_view en, fr;
};
std::span<const Word> words();
std::vector<std::string_view> words_of(At at);
bool is_word(At at, std::string_view name);

std::string mapping_schema();           // schemas/generated/mapping.schema.json
std::string mapping_page(bool french);  // schemas/generated/mapping.en.md, mapping.fr.md

}  // namespace casebridge::read::mapping

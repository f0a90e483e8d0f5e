#include "model/model.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "model/tables.hpp"

namespace casebridge::model {
namespace {

bool upper_digit_underscore(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; });
}

}  // namespace

const CodeRow* CodeList::find(std::string_view code) const {
  if (rows.size() <= 32) {  // most lists: looking at each costs less than halving
    for (const CodeRow& row : rows)
      if (row.code.size() == code.size() &&
          (code.empty() || (row.code.front() == code.front() && std::memcmp(row.code.data(), code.data(), code.size()) == 0)))
        return &row;
    return nullptr;
  }
  const auto at =
      std::lower_bound(rows.begin(), rows.end(), code, [](const CodeRow& row, std::string_view want) { return row.code < want; });
  return at != rows.end() && at->code == code ? &*at : nullptr;
}

bool CodeList::accepts(std::string_view code) const {
  if (find(code)) return true;
  if (!open) return false;
  if (open_form == "[0-9]{4}")
    return code.size() == 4 && std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
  return code.size() > 2 && code.substr(0, 2) == "X-" && upper_digit_underscore(code.substr(2));
}

std::span<const Node> nodes() { return tables().nodes; }

const Node* find_node(Tag tag) noexcept {
  const Tables& t = tables();
  if (tag >= t.by_tag.size() || t.by_tag[tag] == 0) return nullptr;
  return &t.nodes[t.by_tag[tag] - 1u];
}

const Node& node(Tag tag) {
  if (const Node* found = find_node(tag)) return *found;
  throw std::out_of_range("no model node has this tag");
}

const Node* record_type(std::string_view name) noexcept {
  for (const Node& node : nodes())
    if (node.kind == NodeKind::record && node.name == name) return &node;
  return nullptr;
}

const Node* field(const Node& record, std::string_view path) noexcept {
  const auto paths = tables().paths;
  const auto at = std::lower_bound(paths.begin(), paths.end(), path, [&](const PathRow& row, std::string_view want) {
    return row.record != record.tag ? row.record < record.tag : row.path < want;
  });
  return at != paths.end() && at->record == record.tag && at->path == path ? find_node(at->tag) : nullptr;
}

std::span<const CodeList> code_lists() { return tables().lists; }

const CodeList* code_list(std::string_view name) noexcept {
  const auto lists = tables().lists;
  const auto at =
      std::lower_bound(lists.begin(), lists.end(), name, [](const CodeList& list, std::string_view want) { return list.name < want; });
  return at != lists.end() && at->name == name ? &*at : nullptr;
}

std::span<const AnyOf> any_of() { return tables().any_of; }
std::string_view schema_version() { return tables().schema_version; }
std::string_view code_list_versions() { return tables().code_list_versions; }

}  // namespace casebridge::model

// From a record to rows of the tables that modelgen made: see core/model/modelgen/write_sql.cpp for their form.
#include <algorithm>

#include "model/pointers.hpp"
#include "normalise/ids.hpp"
#include "store/tables.hpp"

namespace casebridge::store {
namespace {

std::string quoted(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return '"' + name + '"';
}

using Row = std::vector<std::optional<std::string>>;  // after id and version

std::string value_of(const Value& v) {
  if (model::node(v.field).type == model::ValueType::boolean) return v.text == "true" ? "1" : "0";
  return std::string(v.text);
}

}  // namespace

struct TypedTables::Table {
  std::string name;
  std::vector<std::string> columns;  // after id and version
  std::unique_ptr<Query> insert, select;
};

struct TypedTables::Plan {
  std::vector<Table> tables;            // the first is that of the type
  std::vector<std::pair<int, int>> at;  // tag of a value -> table, column; {-1, 0}: nowhere
  std::vector<int> block;               // tag of a repeated block -> table
  int also = -1, absent = -1, original = -1, ext = -1;
};

TypedTables::TypedTables(Database& db) : db_(db) {}
TypedTables::~TypedTables() = default;

TypedTables::Plan& TypedTables::plan(const model::Node* type) {
  if (plans_.size() <= type->tag) plans_.resize(type->tag + 1u);
  auto& slot = plans_[type->tag];
  if (slot) return *slot;
  slot = std::make_unique<Plan>();
  Plan& p = *slot;
  const size_t tags = model::nodes().back().tag + 1u;
  p.at.assign(tags, {-1, 0});
  p.block.assign(tags, -1);
  p.tables.push_back({std::string(type->name), {}, nullptr, nullptr});
  const auto table = [&](std::string name, std::vector<std::string> columns) {
    p.tables.push_back({std::move(name), std::move(columns), nullptr, nullptr});
    return static_cast<int>(p.tables.size()) - 1;
  };
  const std::function<void(const model::Node&, const std::string&)> walk = [&](const model::Node& node, const std::string& prefix) {
    using model::NodeKind;
    using model::ValueType;
    if (node.name == "recordType" || node.name == "id" || node.name == "version" || node.name == "places") return;
    const std::string path(node.path), child = prefix + "_" + path;
    if (node.kind == NodeKind::block) {
      for (const model::Tag tag : node.children) walk(model::node(tag), prefix);
    } else if (node.kind == NodeKind::blocks) {
      const int of = table(child, {"ordinal"});
      p.block[node.tag] = of;
      if (node.name == "absent") p.absent = of;
      const std::function<void(const model::Node&)> part = [&](const model::Node& inner) {
        if (inner.kind == NodeKind::block) {
          for (const model::Tag tag : inner.children) part(model::node(tag));
        } else if (inner.many) {
          p.at[inner.tag] = {table(prefix + "_" + std::string(inner.path), {"ordinal", "item", "value"}), 0};
        } else {
          Table& t = p.tables[static_cast<size_t>(of)];
          p.at[inner.tag] = {of, static_cast<int>(t.columns.size())};
          t.columns.push_back(std::string(inner.path.substr(path.size() + 1)));
        }
      };
      for (const model::Tag tag : node.children) part(model::node(tag));
    } else if (node.type == ValueType::map) {
      (node.name == "original" ? p.original : p.ext) = table(child, {"name", "ordinal", "value"});
    } else if (node.many) {
      const int of = table(child, {"ordinal", "value"});
      if (node.name == "alsoSource") p.also = of;
      p.at[node.tag] = {of, 0};
    } else if (node.type == ValueType::place) {
      for (const char* name : {"source", "sourceOffset", "sourceLength", "sourceLine", "sourceColumn"})
        p.tables[0].columns.emplace_back(name);
    } else {
      p.at[node.tag] = {0, static_cast<int>(p.tables[0].columns.size())};
      p.tables[0].columns.push_back(path);
    }
  };
  for (const model::Tag tag : type->children) {
    const model::Node& node = model::node(tag);
    walk(node, node.parent == 0 ? "Any" : std::string(type->name));
  }
  for (Table& t : p.tables) {
    std::string names = "\"id\",\"version\"", marks = "?,?", read;
    for (const std::string& column : t.columns)
      names += "," + quoted(column), marks += ",?", read += (read.empty() ? "" : ",") + quoted(column);
    t.insert = std::make_unique<Query>(db_, "INSERT INTO " + quoted(t.name) + " (" + names + ") VALUES (" + marks + ")");
    t.select =
        std::make_unique<Query>(db_, "SELECT " + read + " FROM " + quoted(t.name) + " WHERE \"id\"=? AND \"version\"=? ORDER BY " + names);
  }
  return p;
}

template <class Sink>
void TypedTables::each_row(const Record& record, int64_t version, int64_t source, Sink&& sink) {
  (void)version;
  Plan& p = plan(record.type);
  Row main(p.tables[0].columns.size());
  std::vector<std::pair<int, Row>> rows;
  const auto column = [&](std::string_view name) -> std::optional<std::string>& {
    const auto& columns = p.tables[0].columns;
    return main[static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin())];
  };
  column("source") = std::to_string(source);
  if (source) {
    column("sourceOffset") = std::to_string(record.place.offset);
    column("sourceLength") = std::to_string(record.place.length);
    column("sourceLine") = std::to_string(record.place.line);
    column("sourceColumn") = std::to_string(record.place.column);
  }
  if (!record.local_id.empty()) column("localId") = std::string(record.local_id);
  if (!record.status.empty()) column("recordStatus") = std::string(record.status);
  if (!record.supersedes.nil()) column("supersedes") = normalise::to_text(record.supersedes);
  int64_t index = 0;
  for (size_t i = 0; i < record.values.size(); ++i) {
    const Value& v = record.values[i];
    const auto [table, at] = p.at[v.field];
    index = i > 0 && record.values[i - 1].field == v.field ? index + 1 : 0;
    if (table < 0 || v.text.empty()) continue;
    if (table == 0) main[static_cast<size_t>(at)] = value_of(v);
    else rows.push_back({table, {std::to_string(index), value_of(v)}});
  }
  int64_t ordinal = 0;
  for (size_t b = 0; b < record.blocks.size(); ++b) {
    const Block& block = record.blocks[b];
    ordinal = b > 0 && record.blocks[b - 1].tag == block.tag ? ordinal + 1 : 0;
    const int of = p.block[block.tag];
    if (of < 0) continue;
    Row row(p.tables[static_cast<size_t>(of)].columns.size());
    row[0] = std::to_string(ordinal);
    const auto values = record.block_of(block);
    int64_t item = 0;
    std::vector<std::pair<int, Row>> lists;
    for (size_t i = 0; i < values.size(); ++i) {
      const auto [table, at] = p.at[values[i].field];
      item = i > 0 && values[i - 1].field == values[i].field ? item + 1 : 0;
      if (table < 0 || values[i].text.empty()) continue;
      if (table == of) row[static_cast<size_t>(at)] = value_of(values[i]);
      else lists.push_back({table, {std::to_string(ordinal), std::to_string(item), value_of(values[i])}});
    }
    rows.push_back({of, std::move(row)});
    for (auto& list : lists) rows.push_back(std::move(list));
  }
  index = 0;
  if (p.also >= 0)
    for (const auto& [from, place] : record.also) {
      std::string text = std::to_string(from);
      for (const uint64_t n : {place.offset, place.length, place.line, place.column}) text += " " + std::to_string(n);
      rows.push_back({p.also, {std::to_string(index++), text}});
    }
  index = 0;
  if (p.absent >= 0)
    for (const Absent& a : record.absent)
      rows.push_back({p.absent, {std::to_string(index++), absent_pointer(record, a), std::string(a.reason)}});
  if (p.original >= 0)
    each_pointer(record, [&](std::string pointer, const Value& v) {
      if (v.normal_differs && !v.original.empty() && !v.text.empty())
        rows.push_back({p.original, {std::move(pointer), "0", std::string(v.original)}});
    });
  index = 0;
  if (p.ext >= 0)
    for (size_t i = 0; i < record.ext.size(); ++i) {
      index = i > 0 && record.ext[i - 1].name == record.ext[i].name ? index + 1 : 0;
      rows.push_back({p.ext, {std::string(record.ext[i].name), std::to_string(index), std::string(record.ext[i].value)}});
    }
  sink(p.tables[0], main);
  for (const auto& [table, row] : rows) sink(p.tables[static_cast<size_t>(table)], row);
}

void TypedTables::insert(const Record& record, int64_t version, int64_t source) {
  const std::string id = normalise::to_text(record.id);
  each_row(record, version, source, [&](Table& table, const Row& row) {
    table.insert->text(id).number(version);
    for (const auto& cell : row) cell ? table.insert->text(*cell) : table.insert->null();
    table.insert->done();
  });
}

std::vector<std::string> TypedTables::rows(const Record& record, int64_t version, int64_t source) {
  std::vector<std::string> out;
  each_row(record, version, source, [&](Table& table, const Row& row) {
    std::string line = table.name;
    for (const auto& cell : row) line += '\x1F' + (cell ? *cell : std::string(1, '\x1E'));
    out.push_back(std::move(line));
  });
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> TypedTables::stored(const Record& record, int64_t version) {
  std::vector<std::string> out;
  const std::string id = normalise::to_text(record.id);
  for (Table& table : plan(record.type).tables) {
    table.select->text(id).number(version);
    while (table.select->step()) {
      std::string line = table.name;
      for (int i = 0; i < static_cast<int>(table.columns.size()); ++i)
        line += '\x1F' + (table.select->is_null(i) ? std::string(1, '\x1E') : std::string(table.select->as_text(i)));
      out.push_back(std::move(line));
    }
    table.select->reset();
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace casebridge::store

// Reads an input to its end with one of the readers and checks what every reader promises: text is UTF-8 that XML can
// hold, places lie inside the input and inside their row, the tree hangs together. Used by the bombs and by the fuzzer.
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

#include "read/delimited.hpp"
#include "read/fixed_width.hpp"
#include "read/json_cursor.hpp"

namespace casebridge::test {

struct Driven {
  uint64_t records = 0, refused = 0;
  cb_status status = CB_OK;
};

inline void promise(bool kept, const char* what) {
  if (!kept) throw std::logic_error(what);
}

inline void check_text(std::string_view text) {
  if (read::is_plain(text)) return;
  for (size_t i = 0; i < text.size();) {
    const uint32_t length = read::utf8_length(text.substr(i));
    promise(length > 0, "text is UTF-8");
    promise(length > 1 || static_cast<unsigned char>(text[i]) >= 0x20 || text[i] == '\t' || text[i] == '\n' || text[i] == '\r',
            "text is XML's");
    i += length;
  }
}

inline Driven drive(read::Delimited& table, uint64_t size) {
  Driven out;
  for (const read::Column& column : table.header()) check_text(column.name);
  uint64_t end = 0;
  while (const read::Row* row = table.next()) {
    ++out.records;
    out.refused += row->refused != nullptr;
    promise(row->number == out.records, "rows are numbered");
    promise(row->offset >= end && row->offset + row->length <= size, "rows follow each other inside the input");
    end = row->offset + row->length;
    uint64_t from = row->offset;
    for (const read::Cell& cell : row->cells) {
      promise(cell.offset >= from && cell.offset + cell.length <= end, "cells follow each other inside their row");
      from = cell.offset + cell.length;
      check_text(cell.text);
    }
  }
  out.status = table.status();
  return out;
}

inline Driven drive(read::FixedWidth& fixed, uint64_t size) {
  Driven out;
  while (const read::FixedLine* line = fixed.next()) {
    ++out.records;
    out.refused += line->refused != nullptr;
    promise(line->offset + line->length <= size, "lines lie inside the input");
    for (const read::Cell& cell : line->cells) {
      promise(cell.offset >= line->offset && cell.offset + cell.length <= line->offset + line->length, "cells lie inside their line");
      check_text(cell.text);
    }
  }
  out.status = fixed.status();
  return out;
}

inline void check_tree(const read::Tree& tree, uint64_t size) {
  promise(tree.offset + tree.length <= size, "records lie inside the input");
  promise(tree.nodes.empty() ? tree.refused != nullptr : tree.unit < tree.nodes.size(), "the record is in the tree");
  for (uint32_t i = 0; i < tree.nodes.size(); ++i) {
    const read::TreeNode& node = tree.nodes[i];
    promise(i == 0 ? node.parent == read::Names::kNone : node.parent < i, "parents come first");
    promise(node.first_child == read::Names::kNone || tree.nodes.at(node.first_child).parent == i, "children know their parent");
    promise(node.next_sibling == read::Names::kNone || (node.next_sibling > i && tree.nodes.at(node.next_sibling).parent == node.parent),
            "siblings share it");
    promise(node.offset + node.length <= size && node.text_offset + node.text_length <= size, "values lie inside the input");
    check_text(node.text);
    if (node.name != read::Names::kNone) check_text(tree.names->text(node.name));
  }
}

template <class Cursor>
Driven drive_trees(Cursor& cursor, uint64_t size) {
  Driven out;
  read::Tree tree;
  while (cursor.next(tree)) {
    ++out.records;
    out.refused += tree.refused != nullptr;
    check_tree(tree, size);
  }
  out.status = cursor.status();
  return out;
}

}  // namespace casebridge::test

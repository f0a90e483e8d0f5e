#include "read/services.hpp"

#include <memory>
#include <new>

#include "casebridge/services.h"
#include "read/delimited.hpp"
#include "read/fixed_width.hpp"
#include "read/json_cursor.hpp"
#include "read/xml_tree.hpp"

using namespace casebridge::read;

namespace {

std::string text(cb_text t) { return t.size ? std::string(t.data, t.size) : std::string(); }
cb_text text(std::string_view t) { return {t.data(), t.size()}; }

// No exception crosses the boundary.
template <class Work>
cb_status guarded(Work work) noexcept {
  try {
    return work();
  } catch (const std::bad_alloc&) { return CB_E_LIMIT; } catch (...) {
    return CB_E_INTERNAL;
  }
}

template <class Struct>
bool whole(const Struct* options) {
  return options && options->struct_size >= sizeof(Struct);
}

cb_status report_xml(const cb_host* host, uint32_t input, const casebridge::Finding& finding) {
  if (!host || !host->report) return CB_OK;
  std::string message;
  for (const std::string& arg : finding.args) {
    if (&arg != finding.args.data()) message += '\x1f';
    message += arg;
  }
  const cb_issue issue{sizeof(cb_issue),
                       static_cast<uint32_t>(finding.severity),
                       finding.code.c_str(),
                       text(message),
                       {},
                       finding.field,
                       input,
                       finding.offset,
                       finding.length};
  host->report(host->self, &issue);
  return CB_OK;
}

}  // namespace

// --- rows

struct cb_rows {
  cb_rows(const cb_host* host, uint32_t input) : reporter(host, 1000, input) {}
  Reporter reporter;
  std::unique_ptr<Delimited> delimited;
  std::unique_ptr<FixedWidth> fixed;
  std::vector<cb_slot> slots, header;

  void lend(std::span<const Cell> cells, cb_row& out) {
    slots.resize(std::max(slots.size(), cells.size()));
    for (size_t i = 0; i < cells.size(); ++i)
      slots[i] = {text(cells[i].text), cells[i].offset, cells[i].length, cells[i].quoted ? uint32_t(CB_SLOT_QUOTED) : 0u};
    out.slots = slots.data();
    out.n_slots = static_cast<uint32_t>(cells.size());
  }
  cb_status ended(cb_status status) {
    reporter.finish();
    return status == CB_OK ? CB_END : status;
  }
};

namespace {

cb_text encoding_of_rows(cb_rows* rows) {
  return text(encoding_name(rows->delimited ? rows->delimited->encoding() : rows->fixed->encoding()));
}
void close_rows(cb_rows* rows) { delete rows; }

cb_status open_delimited(const cb_host* host, const cb_input* input, const cb_delimited_options* o, cb_rows** out) {
  return guarded([&] {
    if (!out || !input || !whole(o)) return CB_E_INTERNAL;
    DelimitedOptions options;
    options.delimiter = o->delimiter;
    if (o->quote) options.quote = o->quote;
    if (o->no_quotes) options.quote = 0;
    options.header_row = o->no_header ? 0 : std::max(o->header_row, 1u);
    for (uint32_t i = 0; i < o->n_columns; ++i) options.columns.push_back(text(o->columns[i]));
    options.encoding = text(o->encoding);
    if (o->max_columns) options.max_columns = std::min(options.max_columns, o->max_columns);  // a plugin may lower a limit, not raise it
    if (o->max_field) options.max_field = std::min(options.max_field, o->max_field);
    if (o->max_row) options.max_row = std::min(options.max_row, o->max_row);
    auto rows = std::make_unique<cb_rows>(host, o->input);
    rows->delimited = std::make_unique<Delimited>(*input, std::move(options), rows->reporter);
    if (const cb_status status = rows->delimited->status(); status != CB_OK) return rows->ended(status);
    for (const Column& column : rows->delimited->header()) rows->header.push_back({text(column.name), column.offset, column.length, 0});
    *out = rows.release();
    return CB_OK;
  });
}

cb_status next_delimited(cb_rows* rows, cb_row* out) {
  return guarded([&] {
    const Row* row = rows->delimited->next();
    if (!row) return rows->ended(rows->delimited->status());
    *out = {sizeof(cb_row), 0, nullptr, row->offset, row->length, row->line, row->number, row->refused, CB_NO_KIND, 0};
    rows->lend(row->cells, *out);
    return CB_OK;
  });
}

uint32_t columns_of(cb_rows* rows, const cb_slot** out) {
  *out = rows->header.data();
  return static_cast<uint32_t>(rows->header.size());
}

std::vector<FixedColumn> columns_of(const cb_fixed_column* columns, uint32_t n) {
  std::vector<FixedColumn> out;
  for (uint32_t i = 0; i < n; ++i) out.push_back({text(columns[i].name), columns[i].first, columns[i].last});
  return out;
}

cb_status open_fixed(const cb_host* host, const cb_input* input, const cb_fixed_options* o, cb_rows** out) {
  return guarded([&] {
    if (!out || !input || !whole(o)) return CB_E_INTERNAL;
    FixedOptions options;
    options.columns = columns_of(o->columns, o->n_columns);
    for (uint32_t i = 0; i < o->n_kinds; ++i) {
      const cb_fixed_kind& kind = o->kinds[i];
      FixedKind made{text(kind.name), {}, columns_of(kind.columns, kind.n_columns)};
      if (kind.when_column.size) made.when.push_back({text(kind.when_column), text(kind.when_value)});
      options.kinds.push_back(std::move(made));
    }
    options.line_bytes = o->line_bytes;
    options.encoding = text(o->encoding);
    if (o->max_line) options.max_line = std::min(options.max_line, o->max_line);
    auto rows = std::make_unique<cb_rows>(host, o->input);
    rows->fixed = std::make_unique<FixedWidth>(*input, std::move(options), rows->reporter);
    if (const cb_status status = rows->fixed->status(); status != CB_OK) return rows->ended(status);
    *out = rows.release();
    return CB_OK;
  });
}

cb_status next_fixed(cb_rows* rows, cb_row* out) {
  return guarded([&] {
    const FixedLine* line = rows->fixed->next();
    if (!line) return rows->ended(rows->fixed->status());
    *out = {sizeof(cb_row), 0, nullptr, line->offset, line->length, line->line, line->number, line->refused, line->kind, line->unread};
    rows->lend(line->cells, *out);
    return CB_OK;
  });
}

}  // namespace

// --- trees

struct cb_trees {
  cb_trees(const cb_host* host, uint32_t input) : reporter(host, 1000, input) {}
  Reporter reporter;
  Names names;
  Tree tree;
  std::unique_ptr<JsonCursor> json;
  std::unique_ptr<XmlReader> xml;
  std::vector<cb_node> nodes;

  void lend(cb_tree& out) {
    nodes.resize(tree.nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
      const TreeNode& n = tree.nodes[i];
      const uint32_t flags = (n.attribute ? uint32_t(CB_NODE_ATTRIBUTE) : 0u) | (n.nil ? uint32_t(CB_NODE_NIL) : 0u) |
                             (n.has_text ? uint32_t(CB_NODE_TEXT) : 0u);
      nodes[i] = {n.name,        n.ns,     n.parent, n.first_child, n.next_sibling, flags, text(n.text),
                  n.text_offset, n.offset, n.length, n.line,        n.text_length,  0};
    }
    out = {sizeof(cb_tree), static_cast<uint32_t>(nodes.size()), nodes.data(), tree.unit, 0, tree.offset, tree.length, tree.refused};
  }
};

namespace {

uint32_t intern(cb_trees* trees, cb_text name) {
  try {
    return trees->names.intern({name.data, name.size});
  } catch (...) { return CB_NONE; }
}
cb_text name_of(cb_trees* trees, uint32_t number) { return number < trees->names.size() ? text(trees->names.text(number)) : cb_text{}; }
cb_text encoding_of_trees(cb_trees* trees) { return text(encoding_name(trees->json->encoding())); }
void close_trees(cb_trees* trees) { delete trees; }

cb_status open_json(const cb_host* host, const cb_input* input, const cb_json_options* o, cb_trees** out) {
  return guarded([&] {
    if (!out || !input || !whole(o)) return CB_E_INTERNAL;
    JsonOptions options;
    options.lines = o->lines != 0;
    options.each = text(o->each);
    options.encoding = text(o->encoding);
    if (o->max_depth) options.max_depth = std::min(options.max_depth, o->max_depth);
    if (o->max_members) options.max_members = std::min(options.max_members, o->max_members);
    if (o->max_nodes) options.max_nodes = std::min(options.max_nodes, o->max_nodes);
    if (o->max_names) options.max_names = std::min(options.max_names, o->max_names);
    if (o->max_string) options.max_string = std::min(options.max_string, o->max_string);
    if (o->max_text) options.max_text = std::min(options.max_text, o->max_text);
    auto trees = std::make_unique<cb_trees>(host, o->input);
    trees->json = std::make_unique<JsonCursor>(*input, std::move(options), trees->names, trees->reporter);
    if (const cb_status status = trees->json->status(); status != CB_OK) return status;
    *out = trees.release();
    return CB_OK;
  });
}

cb_status next_json(cb_trees* trees, cb_tree* out) {
  return guarded([&] {
    if (!trees->json->next(trees->tree)) {
      trees->reporter.finish();
      const cb_status status = trees->json->status();
      return status == CB_OK ? CB_END : status;
    }
    trees->lend(*out);
    return CB_OK;
  });
}

cb_status open_xml(const cb_host* host, const cb_input* input, const cb_xml_options* o, cb_trees** out) {
  return guarded([&] {
    if (!out || !input || !whole(o)) return CB_E_INTERNAL;
    XmlOptions options;
    options.each = text(o->each);
    options.recover = o->recover != 0;
    auto trees = std::make_unique<cb_trees>(host, o->input);
    trees->xml = std::make_unique<XmlReader>(*input, std::move(options), trees->names,
                                             [host, number = o->input](casebridge::Finding finding) { report_xml(host, number, finding); });
    *out = trees.release();
    return CB_OK;
  });
}

cb_status next_xml(cb_trees* trees, cb_tree* out) {
  return guarded([&] {
    if (trees->xml->next(trees->tree)) {
      trees->lend(*out);
      return CB_OK;
    }
    const cb_status status = trees->xml->status();
    return status == CB_OK ? CB_END : status;
  });
}

cb_status root_of(cb_trees* trees, uint32_t* name, uint32_t* ns) {
  return guarded([&] {
    if (!trees->xml->start()) return trees->xml->status() == CB_OK ? CB_END : trees->xml->status();
    *name = trees->xml->root_name();
    *ns = trees->xml->root_ns();
    return CB_OK;
  });
}

constexpr cb_delimited_service kDelimited{sizeof(cb_delimited_service),
                                          1,
                                          open_delimited,
                                          next_delimited,
                                          columns_of,
                                          encoding_of_rows,
                                          [](cb_rows* rows) { return rows->delimited->delimiter(); },
                                          close_rows};
constexpr cb_fixed_service kFixed{sizeof(cb_fixed_service), 1, open_fixed, next_fixed, encoding_of_rows, close_rows};
constexpr cb_json_service kJson{sizeof(cb_json_service), 1, open_json, next_json, intern, name_of, encoding_of_trees, close_trees};
constexpr cb_xml_service kXml{sizeof(cb_xml_service), 1, open_xml, next_xml, intern, name_of, close_trees, root_of};

}  // namespace

const void* casebridge::read::parser_service(std::string_view id) {
  if (id == CB_SERVICE_DELIMITED) return &kDelimited;
  if (id == CB_SERVICE_FIXED) return &kFixed;
  if (id == CB_SERVICE_JSON) return &kJson;
  if (id == CB_SERVICE_XML) return &kXml;
  return nullptr;
}

// casebridge/cursors.hpp -- the host's parsers for C++ plugins: header-only, over casebridge/services.h.
//
//   DelimitedRows rows(open.host, open.input, {.delimiter = ';'});
//   const int family = rows.column("FAMILY");
//   while (const cb_row* row = rows.next())
//     if (row->refused) ... else use(rows.text(*row, family));
//
//   JsonTrees trees(open.host, open.input, {.each = text("/reports")});
//   const uint32_t id = trees.intern("id");
//   while (const cb_tree* tree = trees.next()) use(trees.text(trees.child(*tree, tree->unit, id)));
//
// Rows and trees are lent until the next call of next(). A failed open or read throws Failure with the status that the
// SDK hands on. One thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "casebridge/sdk.hpp"
#include "casebridge/services.h"

namespace casebridge {
namespace detail {

// Opens with the service's own struct_size; closes when it goes out of scope.
template <class Service, class Handle, class Out>
class Cursor {
 public:
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor() {
    if (handle_) service_.close(handle_);
  }
  const Out* next() {  // nullptr: the end
    const cb_status status = service_.next(handle_, &out_);
    if (status == CB_OK) return &out_;
    if (status != CB_END) throw Failure(status, "the input could not be read to its end");
    return nullptr;
  }

 protected:
  template <class Options>
  Cursor(const char* id, const casebridge::Host& host, const casebridge::Input& input, Options options)
      : service_(host.service<Service>(id)) {
    options.struct_size = sizeof options;
    if (const cb_status status = service_.open(host.raw(), input.raw(), &options, &handle_); status != CB_OK)
      throw Failure(status, "the input could not be opened");
  }
  const Service& service_;
  Handle* handle_ = nullptr;
  Out out_{};
};

inline std::string_view view_of(cb_text t) { return t.size ? std::string_view(t.data, t.size) : std::string_view(); }

}  // namespace detail

class DelimitedRows : public detail::Cursor<cb_delimited_service, cb_rows, cb_row> {
 public:
  DelimitedRows(const Host& host, const Input& input, cb_delimited_options options = {})
      : Cursor(CB_SERVICE_DELIMITED, host, input, options) {
    n_columns_ = service_.columns(handle_, &columns_);
  }
  int column(std::string_view name) const {  // -1: the header has no such column
    for (uint32_t i = 0; i < n_columns_; ++i)
      if (detail::view_of(columns_[i].text) == name) return static_cast<int>(i);
    return -1;
  }
  uint32_t columns() const { return n_columns_; }
  // The header's word for a column; empty for a cell beyond it. Until the cursor closes.
  std::string_view name(uint32_t column) const { return column < n_columns_ ? detail::view_of(columns_[column].text) : std::string_view(); }
  // Empty where the row has no such cell.
  std::string_view text(const cb_row& row, int column) const {
    return column >= 0 && static_cast<uint32_t>(column) < row.n_slots ? detail::view_of(row.slots[column].text) : std::string_view();
  }
  std::string_view encoding() const { return detail::view_of(service_.encoding(handle_)); }

 private:
  const cb_slot* columns_ = nullptr;
  uint32_t n_columns_ = 0;
};

class FixedRows : public detail::Cursor<cb_fixed_service, cb_rows, cb_row> {
 public:
  FixedRows(const Host& host, const Input& input, cb_fixed_options options) : Cursor(CB_SERVICE_FIXED, host, input, options) {}
};

template <class Service>
class Trees : public detail::Cursor<Service, cb_trees, cb_tree> {
 public:
  uint32_t intern(std::string_view name) { return this->service_.intern(this->handle_, {name.data(), name.size()}); }
  std::string_view name(uint32_t number) const { return detail::view_of(this->service_.name(this->handle_, number)); }
  // First child of that interned name, or nullptr.
  static const cb_node* child(const cb_tree& tree, uint32_t of, uint32_t name) {
    for (uint32_t at = tree.nodes[of].first_child; at != CB_NONE; at = tree.nodes[at].next_sibling)
      if (tree.nodes[at].name == name) return &tree.nodes[at];
    return nullptr;
  }
  static std::string_view text(const cb_node* node) { return node ? detail::view_of(node->text) : std::string_view(); }

 protected:
  using detail::Cursor<Service, cb_trees, cb_tree>::Cursor;
};

class JsonTrees : public Trees<cb_json_service> {
 public:
  JsonTrees(const Host& host, const Input& input, cb_json_options options = {}) : Trees(CB_SERVICE_JSON, host, input, options) {}
};

class XmlTrees : public Trees<cb_xml_service> {
 public:
  XmlTrees(const Host& host, const Input& input, cb_xml_options options = {}) : Trees(CB_SERVICE_XML, host, input, options) {}
  struct Root {
    uint32_t name, ns;
  };
  Root root() {
    Root root{CB_NONE, CB_NONE};
    if (const cb_status status = service_.root(handle_, &root.name, &root.ns); status < 0)
      throw Failure(status, "the input could not be opened");
    return root;
  }
};

}  // namespace casebridge

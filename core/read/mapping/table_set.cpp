#include "read/mapping/table_set.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/file_pattern.hpp"
#include "read/mapping/row_table.hpp"

namespace casebridge::read::mapping {
namespace {

struct Join {
  std::string table;
  const Filter* filter;
};

bool joins(const Filter& f) { return f.kind == Filter::Kind::joined; }

void joins_of(const Path& p, std::vector<Join>& out) {
  if (!p.steps.empty()) {
    const std::vector<Filter>& filters = p.steps[0].filters;
    if (const auto join = std::find_if(filters.begin(), filters.end(), joins); join != filters.end())
      out.push_back({p.steps[0].name, &*join});
  }
  for (const Step& s : p.steps)
    for (const Filter& f : s.filters) {
      joins_of(f.left, out);
      joins_of(f.right, out);
    }
}

std::string_view trimmed(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\t')) s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\t')) s.remove_suffix(1);
  return s;
}

int32_t column_of(const std::vector<std::string>& header, const std::string& folded) {
  for (size_t i = 0; i < header.size(); ++i)
    if (fold(header[i]) == folded) return static_cast<int32_t>(i);
  return -1;
}

template <class T>
void put(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}
template <class T>
T take(std::string_view& from) {
  T value;
  std::memcpy(&value, from.data(), sizeof value);
  from.remove_prefix(sizeof value);
  return value;
}

}  // namespace

DelimitedOptions delimited_options(const Reads& reads) {
  DelimitedOptions o;
  if (!reads.delimiter.empty()) o.delimiter = reads.delimiter == "tab" || reads.delimiter == "\\t" ? '\t' : reads.delimiter[0];
  o.encoding = reads.encoding;
  if (!reads.columns.empty()) {
    o.columns = reads.columns;
    o.header_row = 0;
  } else if (reads.header_row) {
    o.header_row = reads.header_row;
  }
  return o;
}

std::vector<std::string> tables_of(const Reads& reads, const cb_inputs& inputs, std::string_view told) {
  std::vector<std::string> out(inputs.n_inputs);
  std::vector<std::string_view> names;
  for (std::string_view rest = told; !rest.empty();) {
    names.push_back(rest.substr(0, rest.find('\x1F')));
    rest.remove_prefix(std::min(rest.size(), names.back().size() + 1));
  }
  for (uint32_t i = 0; i < inputs.n_inputs; ++i)
    for (const RelatedTable& table : reads.tables)
      if (out[i].empty() && (i < names.size() ? table.name == names[i] : fits_pattern(table.file, view(inputs.inputs[i]->name))))
        out[i] = table.name;
  return out;
}

// Cells without text are left out: a line of one kind has few of the columns of all kinds.
void pack_row(const Row& row, std::string& into) {
  into.clear();
  put(into, row.offset), put(into, row.length), put(into, row.line), put(into, row.number), put(into, row.refused), put(into, row.kind);
  put(into, row.part);
  put(into, static_cast<uint32_t>(row.cells.size()));
  for (uint32_t i = 0; i < row.cells.size(); ++i) {
    const Cell& c = row.cells[i];
    if (c.text.empty()) continue;
    put(into, i), put(into, c.offset), put(into, c.length), put(into, c.quoted), put(into, static_cast<uint32_t>(c.text.size()));
    into += c.text;
  }
}

void unpack_row(std::string_view bytes, Row& row, std::vector<Cell>& cells) {
  row.offset = take<uint64_t>(bytes), row.length = take<uint64_t>(bytes), row.line = take<uint64_t>(bytes);
  row.number = take<uint64_t>(bytes), row.refused = take<const char*>(bytes), row.kind = take<uint32_t>(bytes);
  row.part = take<decltype(row.part)>(bytes);
  cells.resize(take<uint32_t>(bytes));
  while (!bytes.empty()) {
    Cell& c = cells[take<uint32_t>(bytes)];
    c.offset = take<uint64_t>(bytes), c.length = take<uint32_t>(bytes), c.quoted = take<uint32_t>(bytes);
    const auto size = take<uint32_t>(bytes);
    c.text = bytes.substr(0, size);
    bytes.remove_prefix(size);
  }
}

void JoinTables::load(const Program& program, const cb_inputs& inputs, const std::vector<std::string>& names) {
  std::vector<Join> wanted;
  for (const Path& p : program.paths) joins_of(p, wanted);
  std::erase_if(wanted, [&](const Join& j) { return std::find(names.begin(), names.end(), j.table) == names.end(); });
  if (wanted.empty()) return;
  std::set<std::pair<std::string, std::string>> sorted;
  for (const Join& j : wanted) {
    if (!is_simple(j.filter->left))
      throw Failure(CB_E_UNSUPPORTED, "E-MAP-BROKEN", program.file + ": the left side of a join of tables is one column");
    sorted.emplace(j.table, fold(j.filter->left.steps[0].name));
  }
  const uint64_t share = (spill_ ? spill_->memory : kHeldMost) / sorted.size();
  for (uint32_t i = 0; i < inputs.n_inputs; ++i) {
    if (std::none_of(wanted.begin(), wanted.end(), [&](const Join& j) { return j.table == names[i]; })) continue;
    const cb_input& input = *inputs.inputs[i];
    if (!input.seek) throw Failure(CB_E_UNSUPPORTED, "E-MAP-JOIN-INPUT", std::string(view(input.name)));
    Reporter silent(nullptr);
    const std::unique_ptr<RowTable> rows = open_rows(program, input, silent);
    RowSource::JoinTable& table = tables_.emplace_back();
    table.name = names[i];
    table.input = static_cast<uint8_t>(i + 1);
    for (const std::string& name : rows->shape().header) table.header.emplace_back(trimmed(name));
    std::vector<Store*> mine;
    for (const Join& j : wanted) {
      if (j.table != table.name) continue;
      const std::string column = fold(j.filter->left.steps[0].name);
      auto store =
          std::find_if(stores_.begin(), stores_.end(), [&](const Store& s) { return s.table == tables_.size() - 1 && s.column == column; });
      if (store == stores_.end()) {
        Store& made = stores_.emplace_back();
        made.table = tables_.size() - 1;
        made.column = column;
        made.at = column_of(table.header, column);
        made.rows = std::make_unique<SortedBytes>(spill_, share, "the size of a joined table");
        made.unkeyed = std::make_unique<SortedBytes>(spill_, share / 16, "the rows of a joined table without a key");
        mine.push_back(&made);
        store = std::prev(stores_.end());
      }
      const Path& right = j.filter->right;
      if (right.steps.size() == 1 && right.steps[0].axis == Step::Axis::child && right.steps[0].filters.empty())
        store->other = fold(right.steps[0].name);
      by_filter_[j.filter->id] = &*store;
    }
    std::string packed;
    uint64_t most = 0;
    while (const Row* row = rows->next()) {
      const uint64_t number = most = row->number;
      if (row->refused) continue;
      pack_row(*row, packed);
      for (Store* store : mine) {
        const auto at = static_cast<size_t>(store->at);
        const std::string_view key = store->at >= 0 && at < row->cells.size() ? trimmed(row->cells[at].text) : std::string_view();
        if (key.empty()) store->unkeyed->add(number, 0, packed);
        else store->rows->add(key_hash(key), number, packed);
      }
    }
    for (Store* store : mine) store->met.resize(most + 1), store->taken.resize(most + 1);
    input.seek(input.self, 0);
  }
  held_.resize(tables_.size());
}

// Two keys may have one hash: what is given has this key.
void JoinTables::find(Store& store, std::string_view key, const std::function<void(const SortedBytes::Piece&)>& each) {
  store.rows->find(key_hash(key), [&](const SortedBytes::Piece& piece) {
    Row row;
    scratch_.clear();
    unpack_row(piece.bytes, row, scratch_);
    if (trimmed(scratch_[static_cast<size_t>(store.at)].text) == key) each(piece);
  });
}

void JoinTables::rows_with(size_t table, const Filter& join, std::string_view key, std::vector<uint64_t>& rows) {
  const auto at = by_filter_.find(join.id);
  if (at == by_filter_.end() || at->second->table != table) return;
  Held& held = held_[table];
  used_ = true;
  find(*at->second, key, [&](const SortedBytes::Piece& piece) {
    at->second->taken[piece.b] = true;
    const auto [slot, fresh] = held.slots.emplace(piece.b, static_cast<uint32_t>(tables_[table].rows.size()));
    if (fresh) {
      Row row;
      std::vector<Cell>& cells = held.cells.emplace_back();
      unpack_row(arena_.keep(piece.bytes), row, cells);
      tables_[table].rows.emplace_back(cells);
    }
    rows.push_back(slot->second);
  });
}

void JoinTables::new_unit() {
  if (!used_) return;
  used_ = false;
  for (size_t t = 0; t < tables_.size(); ++t) {
    tables_[t].rows.clear();
    held_[t].slots.clear();
    held_[t].cells.clear();
  }
  arena_.clear();
}

void JoinTables::meet(const std::string& table, const std::vector<std::string>& header, std::span<const Cell> cells) {
  for (Store& store : stores_) {
    if (store.other.empty() || tables_[store.table].name == table) continue;
    auto from = store.seen_from.find(table);
    if (from == store.seen_from.end()) from = store.seen_from.emplace(table, column_of(header, store.other)).first;
    if (from->second < 0 || static_cast<size_t>(from->second) >= cells.size()) continue;
    const std::string_view key = trimmed(cells[static_cast<size_t>(from->second)].text);
    if (!key.empty()) find(store, key, [&](const SortedBytes::Piece& piece) { store.met[piece.b] = true; });
  }
}

bool JoinTables::take_orphan(std::string_view table, uint64_t number) {
  bool any = false;
  for (const Store& store : stores_) {
    if (tables_[store.table].name != table || number >= store.met.size()) continue;
    if (store.taken[number]) return false;
    any = any || std::any_of(store.seen_from.begin(), store.seen_from.end(), [](const auto& from) { return from.second >= 0; });
  }
  for (Store& store : stores_)
    if (any && tables_[store.table].name == table) store.met[number] = true;
  return any;
}

void JoinTables::tell_orphans(Reporter& reporter) {
  for (Store& store : stores_) {
    if (std::none_of(store.seen_from.begin(), store.seen_from.end(), [](const auto& from) { return from.second >= 0; })) continue;
    SortedBytes& orphans = *store.unkeyed;  // those without a key stand there already
    SortedBytes::Piece piece;
    for (store.rows->sort(); store.rows->next(piece);)
      if (!store.met[piece.b]) orphans.add(piece.b, 0, piece.bytes);
    const RowSource::JoinTable& table = tables_[store.table];
    reporter.about(table.input - 1u);
    for (orphans.sort(); orphans.next(piece);) {
      if (store.met[piece.a]) continue;  // without a key, and told already
      Row row;
      scratch_.clear();
      unpack_row(piece.bytes, row, scratch_);
      reporter.report("E-MAP-ORPHAN", {table.name, table.header[static_cast<size_t>(std::max(store.at, 0))]}, row.offset, row.length);
    }
  }
}

}  // namespace casebridge::read::mapping

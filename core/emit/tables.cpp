// case-csv: one table for each record type and one for each repeated block, in a folder.
//
//   <Type>.csv          id, version, localId, source (number, offset, length, line, column: five columns), alsoSource,
//                       recordStatus, supersedes, one column for each field ("occurred/start"), then absent, original,
//                       ext and places as JSON text in the wire's own form
//   <Type>.<block>.csv  id, version and index of the item, then its fields; the block's path with "." for "/"
//   Source.csv, Dataset.csv   their fields
// A list of values is JSON text too ("[\"CA\",\"FR\"]"), so that nothing is lost and every cell reads back. RFC 4180:
// CRLF, quotation marks doubled. Text that a spreadsheet would take for a formula gets an apostrophe in front, and so does
// text that begins with one: a reader takes one off (escape.hpp). Numbers stand as they are, negative ones too.
// The header comes from the model: every column is there, filled or not, so that two exports can be laid together.
#include <algorithm>
#include <filesystem>
#include <map>

#include "emit/escape.hpp"
#include "emit/writer.hpp"

namespace casebridge::emit {
namespace {

using Key = uint32_t;  // record type << 16 | tag of the block, or 0
Key key_of(const model::Node* type, model::Tag block) { return Key(type->tag) << 16 | block; }

struct Column {
  const model::Node* node;
  std::string name;
};

// Leaves below a node, single blocks opened, repeated blocks left to their own tables.
void columns_below(const model::Node& node, const std::string& prefix, std::vector<Column>& out) {
  for (const model::Tag tag : node.children) {
    const model::Node& child = model::node(tag);
    const std::string name = prefix + std::string(child.name);
    if (child.kind == model::NodeKind::block) columns_below(child, name + '/', out);
    else if (child.kind == model::NodeKind::leaf) out.push_back({&child, name});
  }
}

bool said_apart(std::string_view name) { return name == "original" || name == "ext" || name == "places" || name == "recordType"; }

class Tables {
 public:
  static const Tables& get() {
    static const Tables tables;
    return tables;
  }
  const std::vector<Column>& columns(Key key) const { return columns_.at(key); }
  const std::string& header(Key key) const { return headers_.at(key); }
  const std::string& file(Key key) const { return files_.at(key); }

 private:
  Tables() {
    const WirePlan& plan = WirePlan::get();
    for (const model::Node& type : model::nodes()) {
      if (type.kind != model::NodeKind::record || &type == plan.dataset_end) continue;
      const bool line = &type == plan.dataset || &type == plan.source_line;
      std::vector<Column> list;
      columns_below(type, "", list);
      std::erase_if(list, [&](const Column& c) { return plan.at(c.node->tag).header || said_apart(c.name); });
      std::string header = line ? (&type == plan.source_line ? "source" : "")
                                : "id,version,localId,source,offset,length,line,column,alsoSource,recordStatus,supersedes";
      for (const Column& c : list) header.append(header.empty() ? "" : ",").append(c.name);
      if (!line) header += ",absent,original,ext,places";
      add(key_of(&type, 0), std::string(type.name), std::move(list), header);
      blocks(type, type, "");
    }
  }
  void blocks(const model::Node& type, const model::Node& at, const std::string& prefix) {
    for (const model::Tag tag : at.children) {
      const model::Node& child = model::node(tag);
      const std::string name = prefix + std::string(child.name);
      if (child.kind == model::NodeKind::block) blocks(type, child, name + '.');
      if (child.kind != model::NodeKind::blocks || child.name == "absent") continue;
      std::vector<Column> list;
      columns_below(child, "", list);
      std::string header = "id,version,index";
      for (const Column& c : list) header.append(",").append(c.name);
      add(key_of(&type, tag), std::string(type.name) + '.' + name, std::move(list), header);
    }
  }
  void add(Key key, const std::string& file, std::vector<Column> list, const std::string& header) {
    columns_[key] = std::move(list);
    headers_[key] = header + "\r\n";
    files_[key] = file + ".csv";
  }
  std::map<Key, std::vector<Column>> columns_;
  std::map<Key, std::string> headers_, files_;
};

bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

void cell(std::string& out, const model::Node& node, std::string_view text) {
  using model::ValueType;
  if ((node.type == ValueType::integer || node.type == ValueType::decimal) && is_number(text)) out += text;
  else append_csv_safe(out, text);
}

class TableEncoder final : public Encoder {
 public:
  explicit TableEncoder(const WriteOptions& options) : json_(options), places_(options.value_places) {}

 protected:
  void records(std::span<const Record> records, Chunk& into) override {
    for (const Record& record : records) {
      one(record, into);
      into.count(record.type);
    }
  }

 private:
  static std::string& table(Chunk& into, Key key) {
    for (auto& [known, text] : into.tables)
      if (known == key) return text;
    return into.tables.emplace_back(key, std::string()).second;
  }

  void cells(std::string& out, const std::vector<Column>& columns, std::span<const Value> values, bool first) {
    size_t v = 0;
    for (const Column& column : columns) {
      if (!first) out += ',';
      first = false;
      while (v < values.size() && model::node(values[v].field).rank < column.node->rank) ++v;
      if (v == values.size() || values[v].field != column.node->tag) continue;
      if (!column.node->many) {
        cell(out, *column.node, values[v].text);
        continue;
      }
      std::string list = "[";
      for (; v < values.size() && values[v].field == column.node->tag; ++v) {
        if (list.size() > 1) list += ',';
        append_json_string(list, values[v].text);
      }
      append_csv_cell(out, list + ']');
    }
  }

  void one(const Record& record, Chunk& into) {
    const WirePlan& plan = WirePlan::get();
    const Tables& tables = Tables::get();
    const Key key = key_of(record.type, 0);
    std::string& out = table(into, key);
    const bool line = record.type == plan.dataset || record.type == plan.source_line;
    std::string id;
    if (line) {
      if (record.type == plan.source_line) append_number(out, record.source);
    } else {
      append_uuid(id, record.id);
      id += ',';
      append_number(id, record.version);
      out += id;
      out += ',';
      append_csv_safe(out, record.local_id);
      for (const uint64_t n : {uint64_t(record.source), record.place.offset, record.place.length, record.place.line, record.place.column}) {
        out += ',';
        append_number(out, n);
      }
      out += ',';
      std::string also;
      for (const auto& [source, place] : record.also) {
        if (!also.empty()) also += ' ';
        append_place(also, source, place, ' ');
      }
      out.append(also) += ',';
      append_csv_safe(out, record.status.empty() ? std::string_view("CURRENT") : record.status);
      out += ',';
      if (!record.supersedes.nil()) append_uuid(out, record.supersedes);
    }
    cells(out, tables.columns(key), record.values, record.type == plan.dataset);
    if (!line)
      for (const auto part : {JsonLine::Part::absent, JsonLine::Part::original, JsonLine::Part::ext, JsonLine::Part::places}) {
        out += ',';
        scratch_.clear();
        if (part != JsonLine::Part::places || places_) json_.append_part(scratch_, record, part);
        append_csv_cell(out, scratch_);
      }
    out += "\r\n";
    uint32_t index = 0;
    for (size_t i = 0; i < record.blocks.size(); ++i) {
      index = i > 0 && record.blocks[i - 1].tag == record.blocks[i].tag ? index + 1 : 0;
      const Key block = key_of(record.type, record.blocks[i].tag);
      std::string& rows = table(into, block);
      rows.append(line ? std::to_string(record.source) + ',' : id).append(",");
      append_number(rows, index);
      cells(rows, tables.columns(block), record.block_of(record.blocks[i]), false);
      rows += "\r\n";
    }
  }

  JsonLine json_;
  bool places_;
  std::string scratch_;
};

class TableWriter final : public CaseWriter {
 public:
  TableWriter(std::string folder, const WriteOptions& options) : folder_(std::move(folder)), options_(options) {}
  std::unique_ptr<Encoder> encoder() const override { return std::make_unique<TableEncoder>(options_); }
  void put(const Chunk& chunk) override {
    for (const auto& [key, text] : chunk.tables) {
      auto& sink = sinks_[key];
      if (!sink) {
        sink = std::make_unique<FileSink>((std::filesystem::path(folder_) / Tables::get().file(key)).string());
        sink->write(Tables::get().header(key));
      }
      sink->write(text);
    }
    add_counts(chunk);
  }
  void finish() override {
    for (auto& [key, sink] : sinks_) sink->commit();
  }

 private:
  std::string folder_;
  WriteOptions options_;
  std::map<Key, std::unique_ptr<FileSink>> sinks_;
};

}  // namespace

std::unique_ptr<CaseWriter> make_csv_writer(const std::string& folder, const WriteOptions& options) {
  return std::make_unique<TableWriter>(folder, options);
}

}  // namespace casebridge::emit

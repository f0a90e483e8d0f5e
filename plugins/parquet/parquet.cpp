// parquet: typed tables for DuckDB, pandas, Spark, Splink: one file for each type of record and each repeated block. Written in
// memory through Arrow and Parquet as they come with the pyarrow wheel; the host puts the bytes where they belong.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/writer.h>

#include <map>
#include <unordered_map>

#include "casebridge/output_files.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;

void must(const arrow::Status& status) {  // the words of Arrow name no value of ours
  if (!status.ok()) throw Failure(status.IsOutOfMemory() ? CB_E_LIMIT : CB_E_INTERNAL, "Arrow: " + status.message());
}

std::shared_ptr<arrow::DataType> type_of(const model::Node& leaf) {
  using model::ValueType;
  std::shared_ptr<arrow::DataType> one = leaf.type == ValueType::integer   ? arrow::int64()
                                         : leaf.type == ValueType::boolean ? arrow::boolean()
                                         : leaf.type == ValueType::decimal && leaf.path.find("geo/") != std::string_view::npos
                                             ? arrow::float64()
                                             : arrow::utf8();
  return leaf.many ? arrow::list(one) : one;  // partial dates and money stay text: neither has a type that keeps what it says
}

void append(arrow::ArrayBuilder& to, std::string_view text) {
  switch (to.type()->id()) {
    case arrow::Type::INT64: return must(static_cast<arrow::Int64Builder&>(to).Append(std::stoll(std::string(text))));
    case arrow::Type::BOOL: return must(static_cast<arrow::BooleanBuilder&>(to).Append(text == "true"));
    case arrow::Type::DOUBLE: return must(static_cast<arrow::DoubleBuilder&>(to).Append(std::stod(std::string(text))));
    default: return must(static_cast<arrow::StringBuilder&>(to).Append(text.data(), static_cast<int32_t>(text.size())));
  }
}

// A table that grows row by row; a column that a row does not name is null there.
class Table {
 public:
  void column(const std::string& name, std::shared_ptr<arrow::DataType> type) {
    fields_.push_back(arrow::field(name, type));
    std::unique_ptr<arrow::ArrayBuilder> builder;
    must(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder));
    builders_.push_back(std::move(builder));
  }
  void leaf(const model::Node& node, const std::string& name) {
    at_[node.tag] = builders_.size();
    column(name, type_of(node));
  }
  bool knows(model::Tag tag) const { return at_.count(tag) > 0; }
  void put(size_t column, std::string_view text) {
    if (!text.empty()) append(*builders_[column], text);
  }
  void values(std::span<const Value> values, DataSet& set, const Record& r, size_t base, bool block) {
    for (size_t i = 0; i < values.size(); ++i) {
      const auto found = at_.find(values[i].field);
      if (found == at_.end()) continue;
      set.carry(r, base + i, block);
      arrow::ArrayBuilder& b = *builders_[found->second];
      if (b.type()->id() != arrow::Type::LIST) {
        append(b, values[i].text);
        continue;
      }
      auto& list = static_cast<arrow::ListBuilder&>(b);
      if (list.length() == rows_) must(list.Append());
      append(*list.value_builder(), values[i].text);
    }
  }
  void list(size_t column, const std::vector<std::string_view>& texts) {
    auto& list = static_cast<arrow::ListBuilder&>(*builders_[column]);
    must(list.Append());
    for (const std::string_view t : texts) append(*list.value_builder(), t);
  }
  void end_row() {
    ++rows_;
    for (auto& b : builders_)
      if (b->length() < rows_) must(b->AppendNull());
  }
  int64_t rows() const { return rows_; }
  std::string file() {
    std::vector<std::shared_ptr<arrow::Array>> arrays(builders_.size());
    for (size_t i = 0; i < builders_.size(); ++i) must(builders_[i]->Finish(&arrays[i]));
    const auto table = arrow::Table::Make(arrow::schema(fields_), arrays);
    auto stream = arrow::io::BufferOutputStream::Create().ValueOrDie();
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->created_by("casebridge")->build();
    must(parquet::arrow::WriteTable(*table, arrow::default_memory_pool(), stream, 131'072, properties));
    return stream->Finish().ValueOrDie()->ToString();
  }

 private:
  std::vector<std::shared_ptr<arrow::Field>> fields_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  std::map<model::Tag, size_t> at_;
  int64_t rows_ = 0;
};

bool in_header(std::string_view path) {
  for (const char* said : {"recordType", "id", "version", "localId", "source", "alsoSource", "recordStatus", "supersedes", "original",
                           "ext", "places", "absent"})
    if (path == said) return true;
  return false;
}

class Parquet final : public emit::DataSetWriter {
 public:
  explicit Parquet(OpenOutput open) : DataSetWriter(open), files_(open) {}

 private:
  enum Fixed : size_t {
    kId,
    kTitle,
    kVersion,
    kLocalId,
    kAgency,
    kSourceFile,
    kLine,
    kTlp,
    kHandling,
    kConditions,
    kCaveats,
    kExt,
    kCluster
  };

  static void leaves(Table& table, const model::Node& at, const std::string& below) {
    for (const model::Tag tag : at.children) {
      const model::Node& n = model::node(tag);
      const std::string name = below + std::string(n.name);
      if (n.kind == model::NodeKind::block) leaves(table, n, name + "_");
      else if (n.kind == model::NodeKind::leaf && !in_header(n.path)) table.leaf(n, name);
    }
  }

  Table& of_type(const model::Node& type) {
    auto [found, fresh] = tables_.try_emplace(std::string(type.name));
    if (!fresh) return found->second;
    Table& t = found->second;
    for (const char* name : {"id", "label"}) t.column(name, arrow::utf8());
    t.column("version", arrow::int64());
    for (const char* name : {"localId", "agency", "sourceFile"}) t.column(name, arrow::utf8());
    t.column("line", arrow::int64());
    for (const char* name : {"tlp", "handlingCode", "conditions"}) t.column(name, arrow::utf8());
    t.column("caveats", arrow::list(arrow::utf8()));
    t.column("ext", arrow::list(arrow::utf8()));
    t.column("cluster", arrow::utf8());
    leaves(t, type, "");
    return t;
  }
  Table& of_block(const model::Node& type, const model::Node& block) {
    std::string name(type.name);
    name += '.';
    for (const char c : block.path) name += c == '/' ? '.' : c;
    auto [found, fresh] = tables_.try_emplace(name);
    if (fresh) {
      found->second.column("id", arrow::utf8());
      found->second.column("item", arrow::int64());
      leaves(found->second, block, "");
    }
    return found->second;
  }

  void emit(DataSet& set) override {
    std::unordered_map<std::string, std::string> cluster_of;  // record -> the entity that linking made of it
    for (const Record* r : set.records())
      if (r->type->name == "Cluster")
        for (const Block& b : r->blocks)
          if (model::node(b.tag).path == "members") cluster_of[std::string(emit::raw_item(*r, b, "ref"))] = emit::id_text(*r);
    for (const Record* r : set.records()) {
      Table& t = of_type(*r->type);
      const std::string id = emit::id_text(*r);
      t.put(kId, id);
      t.put(kTitle, emit::title(*r, lang()));
      t.put(kVersion, std::to_string(r->version));
      t.put(kLocalId, r->local_id);
      t.put(kAgency, set.agency(*r));
      if (const Record* s = set.source(r->source)) t.put(kSourceFile, emit::raw_text(*s, "name"));
      if (r->place.line) t.put(kLine, std::to_string(r->place.line)), set.carry(*r, DataSet::Part::place);
      const emit::Marking m = set.marking(*r);
      t.put(kTlp, m.tlp);
      t.put(kHandling, m.handling_code);
      t.put(kConditions, m.conditions);
      if (!m.caveats.empty()) t.list(kCaveats, m.caveats);
      std::vector<std::string> ext;
      for (const Ext& x : r->ext) ext.push_back(std::string(x.name) + "=" + std::string(x.value));
      if (!ext.empty()) t.list(kExt, {ext.begin(), ext.end()});
      if (const auto at = cluster_of.find(id); at != cluster_of.end()) t.put(kCluster, at->second);
      for (const auto part : {DataSet::Part::ext, DataSet::Part::local_id, DataSet::Part::version}) set.carry(*r, part);
      t.values(r->values, set, *r, 0, false);
      t.end_row();
      std::map<model::Tag, size_t> items;
      for (const Block& b : r->blocks) {
        Table& rows = of_block(*r->type, model::node(b.tag));
        rows.put(0, id);
        rows.put(1, std::to_string(items[b.tag]++));
        rows.values(r->block_of(b), set, *r, b.first, true);
        rows.end_row();
      }
    }
    for (auto& [name, table] : tables_) files_.write(name + ".parquet", table.file());
    files_.finish();
  }

  OutputFiles files_;
  std::map<std::string, Table> tables_;
};

constexpr cb_format kFormats[] = {
    {"parquet", "Typed tables (Parquet)", "Tableaux typés (Parquet)", "2", "tar", nullptr, CB_WRITES | CB_FOLDER}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Parquet>(
    {.id = "parquet", .version = "1.0.0", .title_en = "Typed tables (Parquet)", .title_fr = "Tableaux typés (Parquet)"},
    casebridge::kFormats, casebridge::emit::kLanguageOnly);

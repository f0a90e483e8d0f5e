// store.sql: the case model as tables, in SQL that SQLite and PostgreSQL both read. One table for each record type, with
// a column for each value that stands once; one table for each list and each repeated block; one set of tables for what
// every record has. Rows are keyed by (id, version) and go with their row of "Record", which the store keeps itself
// (core/store/tables.cpp). Decimals and dates stay text, so that nothing is rounded. Places of values are no rows: the
// store keeps them with what a source stated.
#include <functional>

#include "model/modelgen/model_def.hpp"

namespace modelgen {
namespace {

std::string name_of(const std::string& path) {
  std::string name = path;
  for (char& c : name)
    if (c == '/') c = '_';
  return "\"" + name + "\"";
}
std::string sql_type(const Field& f) {
  const std::string type = f.form->value_type;
  return type == "integer" ? "BIGINT" : type == "boolean" ? "BOOLEAN" : "TEXT";
}
const std::string kOf = "FOREIGN KEY (\"id\", \"version\") REFERENCES \"Record\" (\"id\", \"version\") ON DELETE CASCADE";
bool is_map(const Field& f) { return f.form && f.form->json_type == std::string("map"); }

class SqlWriter {
 public:
  explicit SqlWriter(const Model& model) : model_(model) {}

  std::string write() {
    std::string out = "-- Case model " + model_.version + ". Written by modelgen from schemas/case; do not edit.\n";
    for (const Record& record : model_.records) {
      if (record.line) continue;
      columns_.clear();
      for (const Field& field : model_.header) single(field);
      for (const Field& field : record.parts) single(field);
      for (const Field& field : model_.trailer) single(field);
      out += "\nCREATE TABLE \"" + record.name + "\" (\n" + columns_ + "  PRIMARY KEY (\"id\", \"version\"),\n  " + kOf + "\n);\n";
      for (const Field& field : record.parts) index(record.name, field, out);
      for (const Field& field : record.parts) children(record.name, field, out);
    }
    out += "\n-- What every record has more than once, in one set of tables: ids are unique over all types.\n";
    for (const auto* common : {&model_.header, &model_.trailer})
      for (const Field& field : *common) children("Any", field, out);
    for (const char* map : {"original", "ext"})
      out += "CREATE TABLE \"Any_" + std::string(map) +
             "\" (\"id\" TEXT NOT NULL, \"version\" BIGINT NOT NULL, \"name\" TEXT NOT NULL, \"ordinal\" BIGINT NOT NULL, \"value\" TEXT "
             "NOT NULL, "
             "PRIMARY KEY (\"id\", \"version\", \"name\", \"ordinal\"), " +
             kOf + ");\n";
    return out;
  }

 private:
  void column(const std::string& name, const std::string& type, bool always) {
    columns_ += "  " + name + " " + type + (always ? " NOT NULL" : "") + ",\n";
  }

  // Columns of what stands once. A required field may be absent with a reason, so only the header is NOT NULL.
  void single(const Field& f) {
    if (f.kind == Kind::blocks || is_map(f) || (f.kind == Kind::leaf && f.many) || f.name == "recordType") return;
    if (f.kind == Kind::block) {
      for (const Field& part : f.parts) single(part);
    } else if (f.form->value_type == std::string("place")) {
      for (const char* part : {"source", "sourceOffset", "sourceLength", "sourceLine", "sourceColumn"})
        column(name_of(part), "BIGINT", std::string(part) == "source");
    } else {
      column(name_of(f.path), sql_type(f), f.path == "id" || f.path == "version");
    }
  }

  void index(const std::string& record, const Field& f, std::string& out) const {
    if (f.kind == Kind::block)
      for (const Field& part : f.parts) index(record, part, out);
    if (f.kind != Kind::leaf || f.many || is_map(f)) return;
    if ((f.key & 1) || f.form->name == std::string("ref"))
      out += "CREATE INDEX " + name_of(record + "_by_" + f.path) + " ON \"" + record + "\" (" + name_of(f.path) + ");\n";
  }

  void children(const std::string& record, const Field& f, std::string& out) const {
    const std::string table = name_of(record + "_" + f.path),
                      key = "\"id\" TEXT NOT NULL, \"version\" BIGINT NOT NULL, \"ordinal\" BIGINT NOT NULL";
    if (f.kind == Kind::block) {
      for (const Field& part : f.parts) children(record, part, out);
    } else if (f.kind == Kind::leaf && f.many) {
      out += "CREATE TABLE " + table + " (" + key + ", \"value\" " + sql_type(f) +
             " NOT NULL, PRIMARY KEY (\"id\", \"version\", \"ordinal\"), " + kOf + ");\n";
      if ((f.key & 1) || f.form->name == std::string("ref"))
        out += "CREATE INDEX " + name_of(record + "_" + f.path + "_by_value") + " ON " + table + " (\"value\");\n";
    } else if (f.kind == Kind::blocks) {
      std::string columns, lists, indexes;
      std::function<void(const Field&)> part = [&](const Field& p) {
        const std::string path = p.path.substr(f.path.size() + 1);
        if (p.kind == Kind::block) {
          for (const Field& inner : p.parts) part(inner);
        } else if (p.many) {
          lists += "CREATE TABLE " + name_of(record + "_" + p.path) + " (" + key + ", \"item\" BIGINT NOT NULL, \"value\" " + sql_type(p) +
                   " NOT NULL, PRIMARY KEY (\"id\", \"version\", \"ordinal\", \"item\"), " + kOf + ");\n";
        } else {
          columns += ", " + name_of(path) + " " + sql_type(p);
          if ((p.key & 1) || p.form->name == std::string("ref"))
            indexes += "CREATE INDEX " + name_of(record + "_" + f.path + "_by_" + path) + " ON " + table + " (" + name_of(path) + ");\n";
        }
      };
      for (const Field& p : f.parts) part(p);
      out += "CREATE TABLE " + table + " (" + key + columns + ", PRIMARY KEY (\"id\", \"version\", \"ordinal\"), " + kOf + ");\n" +
             indexes + lists;
    }
  }

  const Model& model_;
  std::string columns_;
};

}  // namespace

void write_sql(const Model& model, Files& files) { files["store.sql"] = SqlWriter(model).write(); }

}  // namespace modelgen

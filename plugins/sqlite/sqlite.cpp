// sqlite: a database of typed tables, foreign keys and views. It is made in memory and leaves as the bytes of its file, so
// nothing of it touches a disk before the host writes it.
//
//   record                  every record: id, type, what people call it, and where it comes from; all references point here
//   Person, Occurrence ...  one table for each type of record, one column for each field
//   Person_names ...        one row for each item of a repeated block
//   Person_citizenship ...  one row for each value of a list
//   source, ext             who says it; fields of the source without a home
//   code, field             labels in English and French, for every code list and column in use
//   v_people, v_links, v_timeline, v_codes: what one asks first
#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <set>

#include "emit/exporting/words.hpp"
#include "emit/wire_lines.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Lang;

struct Column {
  const model::Node* leaf;
  std::string name;  // "occurred_start"
};

std::string flat(std::string_view path) {
  std::string out(path);
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}
std::string quoted(std::string_view name) { return "\"" + std::string(name) + "\""; }  // names are the model's: letters, digits, "_"

const char* affinity(const model::Node& leaf) {
  using model::ValueType;
  if (leaf.type == ValueType::integer || leaf.type == ValueType::boolean) return "INTEGER";
  if (leaf.type == ValueType::decimal && leaf.path.starts_with("geo/")) return "REAL";
  return "TEXT";  // money is decimal text: no binary fraction may come between
}

bool in_header(const model::Node& leaf) {
  static const std::set<std::string_view> kSaid{"recordType",   "id",         "version",  "localId", "source", "alsoSource",
                                                "recordStatus", "supersedes", "original", "ext",     "places", "absent"};
  return kSaid.count(leaf.path) > 0;
}

// Statements of one database; a failure is told with SQLite's own words, which name no value.
class Database {
 public:
  Database() {
    if (sqlite3_open(":memory:", &db_) != SQLITE_OK) fail("open");
    run("PRAGMA page_size=4096; PRAGMA encoding='UTF-8'; PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=OFF; PRAGMA journal_mode=OFF; "
        "BEGIN");
  }
  ~Database() {
    for (auto& [sql, statement] : prepared_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Database(const Database&) = delete;
  void run(const std::string& sql) {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql.c_str());
  }
  // Row by row: texts as they stand, an empty one as NULL.
  void insert(const std::string& table, const std::vector<std::string>& columns,
              const std::vector<std::pair<std::string_view, bool>>& values) {
    std::string sql = "INSERT INTO " + quoted(table) + " (";
    for (size_t i = 0; i < columns.size(); ++i) sql += (i ? "," : "") + quoted(columns[i]);
    sql += ") VALUES (";
    for (size_t i = 0; i < columns.size(); ++i) sql += i ? ",?" : "?";
    sql += ")";
    sqlite3_stmt*& s = prepared_[sql];
    if (!s && sqlite3_prepare_v2(db_, sql.c_str(), -1, &s, nullptr) != SQLITE_OK) fail(table.c_str());
    sqlite3_reset(s);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto& [text, truth] = values[i];
      const int at = static_cast<int>(i + 1);
      if (text.empty()) sqlite3_bind_null(s, at);
      else if (truth) sqlite3_bind_int(s, at, text == "true" ? 1 : 0);
      else sqlite3_bind_text64(s, at, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);  // affinity makes numbers of it
    }
    if (sqlite3_step(s) != SQLITE_DONE) fail(table.c_str());
  }
  template <class Each>
  void bytes(Each&& each) {
    run("COMMIT");
    sqlite3_int64 size = 0;
    unsigned char* data = sqlite3_serialize(db_, "main", &size, 0);
    if (!data) throw Failure(CB_E_LIMIT, "no memory for the database");
    each(std::string_view(reinterpret_cast<const char*>(data), static_cast<size_t>(size)));
    sqlite3_free(data);
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw Failure(CB_E_INTERNAL, std::string("SQLite: ") + sqlite3_errmsg(db_) + " (" + std::string(what).substr(0, 60) + ")");
  }
  sqlite3* db_ = nullptr;
  std::map<std::string, sqlite3_stmt*> prepared_;
};

class Sqlite final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  // Leaves below a node that have one value, lists, and repeated blocks, single blocks opened.
  struct Shape {
    std::vector<Column> columns, lists;
    std::vector<const model::Node*> blocks;
  };
  static void shape(const model::Node& at, const std::string& below, Shape& out) {
    for (const model::Tag tag : at.children) {
      const model::Node& n = model::node(tag);
      const std::string name = below + std::string(n.name);
      if (n.kind == model::NodeKind::block) shape(n, name + "_", out);
      else if (n.kind == model::NodeKind::blocks) {
        if (n.name != "absent") out.blocks.push_back(&n);
      } else if (!in_header(n)) (n.many ? out.lists : out.columns).push_back({&n, name});
    }
  }

  static std::string declare(const Column& c) {
    std::string out = quoted(c.name) + " " + affinity(*c.leaf);
    if (c.leaf->type == model::ValueType::ref) out += " REFERENCES record(id)";
    if (c.leaf->type == model::ValueType::boolean) out += " CHECK (" + quoted(c.name) + " IN (0,1))";
    return out;
  }

  void tables(const model::Node& type) {
    Shape s;
    shape(type, "", s);
    std::string sql = "CREATE TABLE " + quoted(type.name) + " (id TEXT PRIMARY KEY REFERENCES record(id)";
    for (const Column& c : s.columns) sql += ", " + declare(c);
    db_->run(sql + ")");
    for (const Column& c : s.lists)
      list_table(std::string(type.name) + "_" + c.name, *c.leaf, "id TEXT NOT NULL REFERENCES " + quoted(type.name) + "(id)", "id");
    for (const model::Node* block : s.blocks) {
      const std::string table = std::string(type.name) + "_" + flat(block->path);
      Shape inner;
      shape(*block, "", inner);
      sql = "CREATE TABLE " + quoted(table) + " (id TEXT NOT NULL REFERENCES " + quoted(type.name) + "(id), item INTEGER NOT NULL";
      for (const Column& c : inner.columns) sql += ", " + declare(c);
      db_->run(sql + ", PRIMARY KEY (id, item))");
      for (const Column& c : inner.lists)
        list_table(table + "_" + c.name, *c.leaf, "id TEXT NOT NULL, item INTEGER NOT NULL", "id, item",
                   ", FOREIGN KEY (id, item) REFERENCES " + quoted(table) + "(id, item)");
      shapes_[block] = inner;
    }
    shapes_[&type] = std::move(s);
  }
  void list_table(const std::string& table, const model::Node& leaf, const std::string& key, const std::string& columns,
                  const std::string& more = "") {
    db_->run("CREATE TABLE " + quoted(table) + " (" + key + ", position INTEGER NOT NULL, " + declare({&leaf, "value"}) +
             ", PRIMARY KEY (" + columns + ", position)" + more + ")");
  }

  void row(DataSet& set, const Record& r, const std::string& table, const model::Node& shape_of, std::span<const Value> values, bool block,
           size_t base, const std::string& id, const std::string& item) {
    const Shape& s = shapes_.at(&shape_of);
    std::vector<std::string> columns{"id"};
    std::vector<std::pair<std::string_view, bool>> row{{id, false}};
    if (!item.empty()) columns.push_back("item"), row.emplace_back(item, false);
    std::map<model::Tag, size_t> positions;
    std::vector<std::tuple<const Column*, size_t, std::string_view>> lists;
    for (size_t i = 0; i < values.size(); ++i) {
      const Value& v = values[i];
      set.carry(r, base + i, block);
      for (const Column& c : s.columns)
        if (c.leaf->tag == v.field) columns.push_back(c.name), row.emplace_back(v.text, c.leaf->type == model::ValueType::boolean);
      for (const Column& c : s.lists)
        if (c.leaf->tag == v.field) lists.emplace_back(&c, positions[v.field]++, v.text);
    }
    db_->insert(table, columns, row);
    for (const auto& [c, position, text] : lists) {
      const std::string number = std::to_string(position);
      if (item.empty()) db_->insert(table + "_" + c->name, {"id", "position", "value"}, {{id, false}, {number, false}, {text, false}});
      else
        db_->insert(table + "_" + c->name, {"id", "item", "position", "value"},
                    {{id, false}, {item, false}, {number, false}, {text, false}});
    }
  }

  void outside(const DataSet& set, std::string_view id) {  // a reference that leaves the data set still needs its row
    if (set.find(id) || !outside_.insert(std::string(id)).second) return;
    db_->insert("record", {"id"}, {{id, false}});
  }

  void emit(DataSet& set) override {
    Database db;
    db_ = &db;
    db.run("CREATE TABLE dataset (name TEXT PRIMARY KEY, value TEXT)");
    db.run(
        "CREATE TABLE source (source INTEGER PRIMARY KEY, name TEXT, sha256 TEXT, bytes INTEGER, agency TEXT, agencyName_en TEXT, "
        "agencyName_fr TEXT, agencyType TEXT, system TEXT, mappingVersion TEXT, "
        "recordedAt TEXT, legalAuthority TEXT, handlingCode TEXT, tlp TEXT, conditions TEXT, caveats TEXT)");
    db.run(
        "CREATE TABLE record (id TEXT PRIMARY KEY, type TEXT, title_en TEXT, title_fr TEXT, version INTEGER, localId TEXT, agency TEXT, "
        "source INTEGER REFERENCES source(source), \"offset\" INTEGER, "
        "length INTEGER, line INTEGER, \"column\" INTEGER, tlp TEXT, handlingCode TEXT, conditions TEXT, caveats TEXT, absent TEXT, "
        "original TEXT)");
    db.run(
        "CREATE TABLE ext (id TEXT NOT NULL REFERENCES record(id), position INTEGER NOT NULL, name TEXT NOT NULL, value TEXT, PRIMARY KEY "
        "(id, position))");
    db.run("CREATE TABLE code (list TEXT NOT NULL, code TEXT NOT NULL, label_en TEXT, label_fr TEXT, PRIMARY KEY (list, code))");
    db.run(
        "CREATE TABLE field (\"table\" TEXT NOT NULL, \"column\" TEXT NOT NULL, label_en TEXT, label_fr TEXT, list TEXT, PRIMARY KEY "
        "(\"table\", \"column\"))");
    for (const model::Node& type : model::nodes())  // all of them: two exports can be laid together, and views need no test
      if (type.kind == model::NodeKind::record && type.name != "Dataset" && type.name != "Source" && type.name != "DatasetEnd")
        tables(type), fields(type);
    codes();
    if (const Record* d = set.dataset())
      for (const Value& v : d->values) db.insert("dataset", {"name", "value"}, {{model::node(v.field).name, false}, {v.text, false}});
    for (const Record* s : set.sources()) source(*s);
    for (const Record* r : set.records()) record(set, *r);
    views();
    db.run("PRAGMA application_id=1667395442; PRAGMA user_version=1");
    db.bytes([&](std::string_view all) {
      for (; !all.empty(); all.remove_prefix(std::min<size_t>(all.size(), size_t(1) << 20))) out().write(all.substr(0, size_t(1) << 20));
    });
    db_ = nullptr;
  }

  void source(const Record& s) {
    const std::string number = std::to_string(s.source);
    std::string caveats;
    for (const auto c : emit::raw_all(s, "handling/caveats")) caveats.append(caveats.empty() ? "" : " ").append(c);
    const auto t = [&](const char* path) { return std::pair{emit::raw_text(s, path), false}; };
    db_->insert("source",
                {"source", "name", "sha256", "bytes", "agency", "agencyName_en", "agencyName_fr", "agencyType", "system", "mappingVersion",
                 "recordedAt", "legalAuthority", "handlingCode", "tlp", "conditions", "caveats"},
                {{number, false},
                 t("name"),
                 t("sha256"),
                 t("bytes"),
                 t("agency"),
                 t("agencyName/en"),
                 t("agencyName/fr"),
                 t("agencyType"),
                 t("system"),
                 t("mappingVersion"),
                 t("recordedAt"),
                 t("legalAuthority"),
                 t("handling/handlingCode"),
                 t("handling/tlp"),
                 t("handling/conditions"),
                 {caveats, false}});
  }

  void record(DataSet& set, const Record& r) {
    const std::string id = emit::id_text(r), en = emit::title(r, Lang::en), fr = emit::title(r, Lang::fr),
                      version = std::to_string(r.version);
    const std::string number = r.source ? std::to_string(r.source) : "", offset = r.source ? std::to_string(r.place.offset) : "",
                      length = r.source ? std::to_string(r.place.length) : "", line = r.place.line ? std::to_string(r.place.line) : "",
                      column = r.place.column ? std::to_string(r.place.column) : "";
    const emit::Marking m = set.marking(r);
    std::string caveats, absent, original;
    for (const auto c : m.caveats) caveats.append(caveats.empty() ? "" : " ").append(c);
    emit::JsonLine json;
    json.append_part(absent, r, emit::JsonLine::Part::absent);
    json.append_part(original, r, emit::JsonLine::Part::original);
    const bool known = set.source(r.source) != nullptr;
    db_->insert("record",
                {"id", "type", "title_en", "title_fr", "version", "localId", "agency", "source", "offset", "length", "line", "column",
                 "tlp", "handlingCode", "conditions", "caveats", "absent", "original"},
                {{id, false},
                 {r.type->name, false},
                 {en, false},
                 {fr, false},
                 {version, false},
                 {r.local_id, false},
                 {set.agency(r), false},
                 {known ? std::string_view(number) : std::string_view(), false},
                 {offset, false},
                 {length, false},
                 {line, false},
                 {column, false},
                 {m.tlp, false},
                 {m.handling_code, false},
                 {m.conditions, false},
                 {caveats, false},
                 {absent, false},
                 {original, false}});
    for (const auto part : {DataSet::Part::ext, DataSet::Part::original, DataSet::Part::absent, DataSet::Part::place,
                            DataSet::Part::local_id, DataSet::Part::version})
      set.carry(r, part);
    for (size_t i = 0; i < r.ext.size(); ++i) {
      const std::string position = std::to_string(i);
      db_->insert("ext", {"id", "position", "name", "value"},
                  {{id, false}, {position, false}, {r.ext[i].name, false}, {r.ext[i].value, false}});
    }
    for (const auto* list : {&r.values, &r.block_values})
      for (const Value& v : *list)
        if (model::node(v.field).type == model::ValueType::ref) outside(set, v.text);
    row(set, r, std::string(r.type->name), *r.type, r.values, false, 0, id, "");
    std::map<model::Tag, size_t> items;
    for (const Block& b : r.blocks) {
      const model::Node& block = model::node(b.tag);
      row(set, r, std::string(r.type->name) + "_" + flat(block.path), block, r.block_of(b), true, b.first, id,
          std::to_string(items[b.tag]++));
    }
  }

  void fields(const model::Node& type) {
    const auto all = [&](const std::string& table, const model::Node& shape_of) {
      const auto say = [&](const std::string& in, const std::string& column, const model::Node& leaf) {
        const std::string en = emit::full_label(leaf, Lang::en), fr = emit::full_label(leaf, Lang::fr);
        db_->insert("field", {"table", "column", "label_en", "label_fr", "list"},
                    {{in, false}, {column, false}, {en, false}, {fr, false}, {leaf.codes ? leaf.codes->name : std::string_view(), false}});
        if (leaf.codes) lists_.insert(leaf.codes);
      };
      for (const Column& c : shapes_.at(&shape_of).columns) say(table, c.name, *c.leaf);
      for (const Column& c : shapes_.at(&shape_of).lists) say(table + "_" + c.name, "value", *c.leaf);
    };
    all(std::string(type.name), type);
    for (const model::Node* block : shapes_.at(&type).blocks) all(std::string(type.name) + "_" + flat(block->path), *block);
  }

  void codes() {
    std::map<std::string_view, const model::CodeList*> sorted;
    for (const model::CodeList& list : model::code_lists()) sorted[list.name] = &list;
    for (const auto& [name, list] : sorted)
      for (const model::CodeRow& c : list->rows)
        db_->insert("code", {"list", "code", "label_en", "label_fr"}, {{name, false}, {c.code, false}, {c.en, false}, {c.fr, false}});
  }

  void views() {
    db_->run(
        "CREATE VIEW v_people AS SELECT p.id, r.title_en AS name, p.birthDate, g.label_en AS gender_en, g.label_fr AS gender_fr, "
        "(SELECT group_concat(DISTINCT c.label_en) FROM Link l JOIN code c ON c.list IN ('person_role','mcm_role') AND c.code = l.role "
        "WHERE l.\"from\" = p.id) AS roles_en, "
        "(SELECT group_concat(DISTINCT c.label_fr) FROM Link l JOIN code c ON c.list IN ('person_role','mcm_role') AND c.code = l.role "
        "WHERE l.\"from\" = p.id) AS roles_fr, "
        "r.agency, s.name AS sourceFile, r.line, r.tlp, r.handlingCode, r.caveats "
        "FROM Person p JOIN record r ON r.id = p.id LEFT JOIN source s ON s.source = r.source LEFT JOIN code g ON g.list = 'gender' AND "
        "g.code = p.gender");
    db_->run(
        "CREATE VIEW v_links AS SELECT l.id, a.type AS from_type, a.title_en AS from_title, t.label_en AS link_en, t.label_fr AS link_fr, "
        "(SELECT label_en FROM code WHERE list IN ('person_role','mcm_role') AND code = l.role LIMIT 1) AS role_en, (SELECT label_fr FROM "
        "code WHERE list IN ('person_role','mcm_role') AND code = l.role LIMIT 1) AS role_fr, "
        "b.type AS to_type, b.title_en AS to_title, l.during_start, l.during_end, l.\"from\" AS from_id, l.\"to\" AS to_id, r.tlp, "
        "r.handlingCode, r.caveats "
        "FROM Link l JOIN record r ON r.id = l.id JOIN record a ON a.id = l.\"from\" JOIN record b ON b.id = l.\"to\" LEFT JOIN code t ON "
        "t.list = 'link_type' AND t.code = l.type");
    db_->run(
        "CREATE VIEW v_timeline AS SELECT at, until, type, title_en, title_fr, id FROM ("
        "SELECT coalesce(o.occurred_start, o.reportedAt) AS at, o.occurred_end AS until, o.id FROM Occurrence o UNION ALL SELECT "
        "c.at_start, c.at_end, c.id FROM Custody c UNION ALL "
        "SELECT t.at, NULL, t.id FROM \"Transaction\" t UNION ALL SELECT a.postedAt, NULL, a.id FROM Advertisement a UNION ALL SELECT "
        "t.depart_at, t.arrive_at, t.id FROM Trip t UNION ALL "
        "SELECT o.issued, o.expires, o.id FROM \"Order\" o) JOIN record USING (id) WHERE at IS NOT NULL ORDER BY at");
    db_->run(
        "CREATE VIEW v_codes AS SELECT f.\"table\", f.\"column\", c.code, c.label_en, c.label_fr FROM field f JOIN code c ON c.list = "
        "f.list");
  }

  Database* db_ = nullptr;
  std::map<const model::Node*, Shape> shapes_;
  std::set<const model::CodeList*> lists_;
  std::set<std::string> outside_;
};

constexpr cb_format kFormats[] = {{"sqlite", "Database (SQLite)", "Base de données (SQLite)", "3", "sqlite db", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Sqlite>(
    {.id = "sqlite", .version = "1.0.0", .title_en = "Database (SQLite)", .title_fr = "Base de données (SQLite)"}, casebridge::kFormats);

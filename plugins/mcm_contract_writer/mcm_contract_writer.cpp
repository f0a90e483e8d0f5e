// mcm-contract, mcm-contract-xml: the case as an approved system for major case management would want it, until an agency says
// how its own does: seven tables as CSV files, or the same rows as one XML document; beside the tables what is still to be
// entered, in English and French. The layout is columns.def; the reader is the plugin mcm-contract.
#include <algorithm>
#include <map>
#include <set>

#include "casebridge/output_files.hpp"
#include "emit/escape.hpp"
#include "emit/exporting/words.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Fields;
using emit::Item;
using emit::Lang;

enum class Need : uint8_t { NONE, KEY, DUTY, VICLAS };

struct Column {
  std::string_view table, name;
  Need need;
  std::string_view en, fr;
};
constexpr Column kColumns[] = {
#define MCM(table, column, need, en, fr) {#table, #column, Need::need, en, fr},
#include "columns.def"
#undef MCM
};

struct Table {
  std::string_view name, en, fr;
};
constexpr Table kTables[] = {{"case", "Cases", "Dossiers"},      {"occurrence", "Occurrences", "Événements"},
                             {"person", "Persons", "Personnes"}, {"involvement", "Involvements", "Participations"},
                             {"action", "Actions", "Mesures"},   {"document", "Documents", "Documents"},
                             {"order", "Orders", "Ordonnances"}};

constexpr const char* kNoTable = "the layout has no table for it";
constexpr const char* kOne = "the layout has room for one of them";
constexpr const char* kLinkShape = "the layout has involvements of persons in cases, occurrences and persons only";
constexpr std::string_view kLayout = "mcm-contract/1";

using Row = std::map<std::string_view, std::string>;  // column -> text; what is empty is not there

class Mcm final : public emit::DataSetWriter {
 public:
  explicit Mcm(OpenOutput open) : DataSetWriter(open), xml_(open.options.format() == "mcm-contract-xml"), files_(open) {}

 private:
  static void put(Row& row, std::string_view column, std::string_view text) {
    if (!text.empty()) row[column] = text;
  }
  // Several values of one cell stand with "|" between; one inside of a value becomes a broken bar, and that is told.
  void add(Row& row, std::string_view column, std::string_view text) {
    if (text.empty()) return;
    std::string& cell = row[column];
    if (!cell.empty()) cell += '|';
    if (text.find('|') != std::string_view::npos) set_->lose(std::string(column), "a vertical bar in it was written as a broken bar");
    for (const char c : text) c == '|' ? cell.append("\u00a6") : cell.append(1, c);
  }
  void first(Row& row, std::string_view column, std::string_view text, const std::string& field) {
    if (text.empty()) return;
    if (!row.count(column)) row[column] = text;
    else if (row[column] != text) set_->lose(field, kOne);
  }

  // The record's number in its source where only one record of its type has it, else its id: so that a row keeps its key
  // when it is read and written again.
  std::string key(const Record& r) {
    if (!r.local_id.empty() && used_[{r.type, r.local_id}] == 1) {
      set_->carry(r, DataSet::Part::local_id);
      return std::string(r.local_id);
    }
    return emit::id_text(r);
  }
  static std::string_view table_of(const Record& r) {
    const std::string_view type = r.type->name;
    return type == "Case" ? "case" : type == "Occurrence" ? "occurrence" : type == "Person" ? "person" : std::string_view();
  }

  void emit(DataSet& set) override {
    set_ = &set;
    for (const Record* r : set.records()) ++used_[{r->type, r->local_id}];
    for (const Record* r : set.records())
      if (r->type->name == "Link") before(*r);
    for (const Record* r : set.records()) {
      const std::string_view type = r->type->name;
      if (type == "Case") cases(*r);
      else if (type == "Occurrence") occurrence(*r);
      else if (type == "Person") person(*r);
      else if (type == "Link") involvement(*r);
      else if (type == "Evidence") document(*r);
      else if (type == "Order") order(*r);
      else if (type != "Location" && type != "Selector" && type != "Organization") set.lose(std::string(type), kNoTable);
    }
    for (auto& [table, rows] : rows_) {  // by key, so that the order of the input does not matter
      const std::string_view by = kColumns[first_of(table)].name;
      std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) { return at(a, by) < at(b, by); });
    }
    if (xml_) return write_xml();
    write_tables();
    write_report("completeness.en.md", Lang::en);
    write_report("completeness.fr.md", Lang::fr);
    write_schema();
    files_.finish();
  }

  // Links that stand in a row of something else: telephones of a person, the case of an occurrence.
  void before(const Record& link) {
    const Record *from = set_->find(emit::raw_text(link, "from")), *to = set_->find(emit::raw_text(link, "to"));
    if (!from || !to) return;
    const std::string_view a = from->type->name, b = to->type->name;
    if (a == "Person" && b == "Selector") {
      const std::string_view kind = emit::raw_text(*to, "kind");
      if (kind != "PHONE" && kind != "EMAIL") return;
      selectors_[from].push_back(to);
    } else if (a == "Occurrence" && b == "Case" && emit::raw_text(link, "type") == "PART_OF") {
      case_of_.emplace(from, to);
    } else {
      return;
    }
    Fields f(*set_, link);
    f.text("type"), f.text("from"), f.text("to"), f.text("assertedBy");
    inside_.insert(&link);
  }

  void cases(const Record& r) {
    Fields f(*set_, r);
    Row row;
    put(row, "case_key", key(r));
    put(row, "case_number", f.text("caseNumber"));
    put(row, "title", f.text("title"));
    put(row, "status", f.text("status"));
    put(row, "mcm_class", f.text("mcmClass"));
    for (const auto g : f.all("majorCaseGrounds")) add(row, "grounds", g);
    put(row, "multi_jurisdictional", f.text("multiJurisdictional"));
    put(row, "opened", f.text("opened"));
    put(row, "closed", f.text("closed"));
    put(row, "closure_reason", f.text("closureReason"));
    put(row, "viclas_required", f.text("viclas/required"));
    put(row, "viclas_ground", f.text("viclas/ground"));
    put(row, "viclas_due", f.text("viclas/dueDate"));
    put(row, "viclas_submitted", f.text("viclas/submittedAt"));
    put(row, "viclas_update_due", f.text("viclas/updateDue"));
    put(row, "crown_file", f.text("crownFile"));
    put(row, "operation_name", f.text("operationName"));
    rows_["case"].push_back(row);
    actions(r, row["case_key"]);
  }

  // An action is no record of the model: it travels in the Case's ext, one line each.
  void actions(const Record& r, const std::string& case_key) {
    for (const Ext& x : r.ext) {
      if (x.name != "action") {
        set_->lose("Case.ext." + std::string(x.name), kNoTable);
        continue;
      }
      Row row;
      put(row, "case_key", case_key);
      std::string_view rest = x.value;
      for (const std::string_view column : {"action_number", "status", "due", "assigned_to", "text"}) {
        const size_t end = column == "text" ? rest.npos : rest.find(" | ");
        const std::string_view part = rest.substr(0, end);
        if (part != "-") put(row, column, part);
        if (end == rest.npos) break;
        rest.remove_prefix(end + 3);
      }
      put(row, "entry", x.value);
      rows_["action"].push_back(std::move(row));
    }
    set_->carry(r, DataSet::Part::ext);
  }

  void occurrence(const Record& r) {
    Fields f(*set_, r);
    Row row;
    put(row, "occurrence_key", key(r));
    if (const auto at = case_of_.find(&r); at != case_of_.end()) put(row, "case_key", key(*at->second));
    put(row, "occurrence_number", f.text("occurrenceNumber"));
    put(row, "kind", f.text("kind"));
    put(row, "reported_at", f.text("reportedAt"));
    put(row, "occurred_from", f.text("occurred/start"));
    put(row, "occurred_to", f.text("occurred/end"));
    for (const auto u : f.all("ucr2")) add(row, "ucr2", u);
    put(row, "division", f.text("division"));
    put(row, "summary_en", f.text("summary/en"));
    put(row, "summary_fr", f.text("summary/fr"));
    put(row, "last_seen", f.text("missing/lastSeen"));
    for (const auto c : f.all("missing/circumstances")) add(row, "circumstances", c);
    bool placed = false;
    for (const Record* place : f.refs("location")) {
      if (placed) {
        set_->lose("Occurrence.location", kOne);
        continue;
      }
      placed = true;
      Fields p(*set_, *place);
      p.text("kind");
      put(row, "place_name", p.text("name"));
      put(row, "street_number", p.text("civic/number"));
      const std::string_view street = p.text("civic/street"), full = p.text("civic/full");
      put(row, "street", street.empty() ? full : street);
      put(row, "city", p.text("civic/city"));
      put(row, "province", p.text("civic/province"));
      put(row, "postal_code", p.text("civic/postalCode"));
      put(row, "country", p.text("civic/country"));
      put(row, "latitude", p.text("geo/lat"));
      put(row, "longitude", p.text("geo/lon"));
    }
    rows_["occurrence"].push_back(std::move(row));
  }

  void person(const Record& r) {
    Fields f(*set_, r);
    Row row;
    put(row, "person_key", key(r));
    bool named = false;
    for (const Item& n : f.items("names")) {
      const std::string_view type = emit::raw_item(r, n.block(), "type");
      if (!named && (type.empty() || type == "LEGAL")) {
        named = true;
        n.text("type");
        put(row, "full_name", n.text("full"));
        put(row, "family", n.text("family"));
        put(row, "given", n.text("given"));
        put(row, "middle", n.text("middle"));
      } else {
        add(row, "aliases", emit::name_line(r, n.block()));
        n.text("full");
        if (type == "ALIAS") n.text("type");
      }
    }
    put(row, "birth_date", f.text("birthDate"));
    put(row, "gender", f.text("gender"));
    for (const auto c : f.all("citizenship")) add(row, "citizenship", c);
    for (const auto l : f.all("languages")) add(row, "languages", l);
    put(row, "height_cm", f.text("physical/heightCm"));
    put(row, "occupation", f.text("occupation"));
    if (const auto at = selectors_.find(&r); at != selectors_.end())
      for (const Record* s : at->second) {
        Fields sf(*set_, *s);
        add(row, sf.text("kind") == "PHONE" ? "telephones" : "emails", sf.text("value"));
      }
    for (const Item& id : f.items("identifiers")) {
      if (row.count("identifier")) {
        set_->lose("Person.identifiers", kOne);
        continue;
      }
      put(row, "identifier_type", id.text("type"));
      put(row, "identifier", id.text("value"));
      put(row, "identifier_issuer", id.text("issuer"));
    }
    rows_["person"].push_back(std::move(row));
  }

  void involvement(const Record& r) {
    if (inside_.count(&r)) return;
    Fields f(*set_, r);
    const Record *from = set_->find(emit::raw_text(r, "from")), *to = set_->find(emit::raw_text(r, "to"));
    if (!from || !to || from->type->name != "Person" || table_of(*to).empty()) return set_->lose("Link", kLinkShape);
    f.text("from"), f.text("to"), f.text("assertedBy");
    Row row;
    put(row, "involvement_key", key(r));
    put(row, "kind", f.text("type"));
    put(row, "person_key", key(*from));
    put(row, "target_table", table_of(*to));
    put(row, "target_key", key(*to));
    put(row, "role", f.text("role"));
    put(row, "since", f.text("during/start"));
    put(row, "until", f.text("during/end"));
    put(row, "confidence", f.text("confidence"));
    rows_["involvement"].push_back(std::move(row));
  }

  void document(const Record& r) {
    Fields f(*set_, r);
    Row row;
    put(row, "document_key", key(r));
    put(row, "type", f.text("type"));
    put(row, "exhibit_number", f.text("exhibitNumber"));
    put(row, "file_name", f.text("fileName"));
    for (const Item& h : f.items("hashes")) {
      const std::string_view algorithm = emit::raw_item(r, h.block(), "algorithm");
      const std::string_view column = algorithm == "SHA256" ? "sha256"
                                      : algorithm == "SHA1" ? "sha1"
                                      : algorithm == "MD5"  ? "md5"
                                                            : std::string_view();
      if (column.empty()) continue;
      h.text("algorithm");
      first(row, column, h.text("value"), "Evidence.hashes.value");
    }
    put(row, "size", f.text("size"));
    put(row, "mime", f.text("mime"));
    put(row, "captured_at", f.text("capturedAt"));
    if (const Record* who = f.ref("heldBy")) put(row, "held_by", emit::title(*who, lang()));
    put(row, "contains_csaem", f.text("containsCsaem"));
    rows_["document"].push_back(std::move(row));
  }

  void order(const Record& r) {
    Fields f(*set_, r);
    Row row;
    put(row, "order_key", key(r));
    put(row, "type", f.text("type"));
    put(row, "number", f.text("number"));
    put(row, "court", f.text("court"));
    put(row, "issued", f.text("issued"));
    put(row, "expires", f.text("expires"));
    for (const Record* who : f.refs("respondent"))
      if (who->type->name == "Person") add(row, "respondent_keys", key(*who));
      else set_->lose("Order.respondent", kLinkShape);
    for (const Record* who : f.refs("protected")) add(row, "protected_keys", key(*who));
    for (const Item& c : f.items("conditions")) {
      const std::string_view code = c.text("code"), words = c.words("text", lang());
      add(row, "conditions", words.empty() ? code : words);
    }
    put(row, "status", f.text("status"));
    rows_["order"].push_back(std::move(row));
  }

  template <class Each>
  static void each_column(std::string_view table, Each&& each) {
    for (const Column& c : kColumns)
      if (c.table == table) each(c);
  }

  void write_tables() {
    for (const Table& t : kTables) {
      std::string text;
      each_column(t.name, [&](const Column& c) { text.append(text.empty() ? "" : ",").append(c.name); });
      text += "\r\n";
      for (Row& row : rows_[t.name]) {
        bool fresh = true;
        each_column(t.name, [&](const Column& c) {
          if (!fresh) text += ',';
          fresh = false;
          // A key, number or code is for a machine; an apostrophe would make another of it. Free text may meet a spreadsheet.
          if (const auto at = row.find(c.name); at != row.end()) emit::append_csv_cell(text, at->second);
        });
        text += "\r\n";
      }
      files_.write(std::string(t.name) + ".csv", text);
    }
  }

  void write_schema() {
    std::string text = "layout,table,column,need,verified,label_en,label_fr\r\n";
    for (const Column& c : kColumns) {
      text.append(kLayout).append(",").append(c.table).append(",").append(c.name).append(",").append(need_name(c.need)).append(",");
      text.append(c.need == Need::DUTY ? "unverified" : c.need == Need::NONE ? "" : "yes").append(",");
      emit::append_csv_cell(text, c.en);
      text += ',';
      emit::append_csv_cell(text, c.fr);
      text += "\r\n";
    }
    files_.write("schema.csv", text);
  }
  static const char* need_name(Need need) {
    switch (need) {
      case Need::KEY: return "key";
      case Need::DUTY: return "duty";
      case Need::VICLAS: return "viclas";
      default: return "";
    }
  }

  // What is still to be entered, table by table and field by field, with the keys of the rows.
  void write_report(const char* file, Lang in) {
    const bool fr = in == Lang::fr;
    std::string text = fr ? "# Champs encore à saisir\n\n" : "# Fields still to enter\n\n";
    text.append(fr ? "Disposition : " : "Layout: ").append(kLayout).append(". ");
    text += fr ? "Une obligation dite *non vérifiée* tient à un texte qui n'a pas été lu (Règl. de l'Ont. 394/23, art. 21 et 22); à "
                 "confirmer par le service avant de s'y fier. Celle du SALCV : Règl. de l'Ont. 395/23, art. 18.\n"
               : "A duty called *unverified* rests on a text that was not read (O. Reg. 394/23, ss. 21 and 22): have it confirmed before "
                 "relying on it. That of ViCLAS: O. Reg. 395/23, s. 18.\n";
    uint64_t open = 0;
    for (const Table& t : kTables) {
      const std::vector<Row>& rows = rows_[t.name];
      text.append("\n## ").append(fr ? t.fr : t.en).append(" (").append(std::to_string(rows.size())).append(")\n\n");
      if (rows.empty()) {
        text += fr ? "Aucune ligne.\n" : "No rows.\n";
        continue;
      }
      const std::string_view key =
          t.name == "action" ? std::string_view("action_number") : std::string_view(kColumns[first_of(t.name)].name);
      bool any = false;
      each_column(t.name, [&](const Column& c) {
        if (c.need == Need::NONE) return;
        std::string keys;
        uint64_t n = 0;
        for (const Row& row : rows) {
          if (row.count(c.name) || !due(row, c)) continue;
          const auto at = row.find(key);
          keys.append(n++ ? ", " : "");
          std::string shown = at == row.end() ? std::string("?") : at->second;
          std::replace_if(
              shown.begin(), shown.end(), [](char s) { return s == '\n' || s == '\r' || s == '`'; }, ' ');
          keys.append("`").append(shown).append("`");
        }
        if (!n) return;
        any = true;
        open += n;
        text.append("- **").append(fr ? c.fr : c.en).append("** (`").append(c.name).append("`, ");
        text.append(c.need == Need::KEY      ? (fr ? "exigé par la disposition" : "needed by the layout")
                    : c.need == Need::VICLAS ? (fr ? "SALCV" : "ViCLAS")
                                             : (fr ? "obligation non vérifiée" : "duty unverified"));
        text.append(fr ? ") : " : "): ").append(std::to_string(n)).append(fr ? " à saisir : " : " to enter: ").append(keys).append("\n");
      });
      if (!any) text += fr ? "Rien ne manque.\n" : "Nothing is missing.\n";
    }
    text.append("\n").append(fr ? "En tout : " : "In all: ").append(std::to_string(open)).append("\n");
    files_.write(file, text);
  }
  static std::string_view at(const Row& row, std::string_view column) {
    const auto found = row.find(column);
    return found == row.end() ? std::string_view() : std::string_view(found->second);
  }
  static size_t first_of(std::string_view table) {
    for (size_t i = 0; i < std::size(kColumns); ++i)
      if (kColumns[i].table == table) return i;
    return 0;
  }
  static bool due(const Row& row, const Column& c) {  // a date of submission only where submission is required
    if (c.name == "viclas_due") {
      const auto at = row.find("viclas_required");
      return at != row.end() && at->second == "true";
    }
    if (c.name == "grounds") {
      const auto at = row.find("mcm_class");
      return at != row.end() && at->second == "THRESHOLD";
    }
    if (c.name == "family" || c.name == "given") return row.count("full_name") == 0;
    if (c.name == "role") {
      const auto at = row.find("kind");
      return at != row.end() && at->second == "ROLE_IN";
    }
    return true;
  }

  void write_xml() {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mcmContract xmlns=\"urn:casebridge:mcm-contract:1\" version=\"1\">\n";
    for (const Table& t : kTables)
      for (Row& row : rows_[t.name]) {
        text.append("  <").append(t.name).append(">");
        each_column(t.name, [&](const Column& c) {
          const auto at = row.find(c.name);
          if (at == row.end()) return;
          text.append("<").append(c.name).append(">");
          emit::append_xml_text(text, at->second);
          text.append("</").append(c.name).append(">");
        });
        text.append("</").append(t.name).append(">\n");
        if (text.size() > (size_t(1) << 20)) out().write(text), text.clear();
      }
    text += "</mcmContract>\n";
    out().write(text);
  }

  bool xml_;
  OutputFiles files_;
  DataSet* set_ = nullptr;
  std::map<std::pair<const model::Node*, std::string_view>, size_t> used_;
  std::map<const Record*, std::vector<const Record*>> selectors_;
  std::map<const Record*, const Record*> case_of_;
  std::set<const Record*> inside_;
  std::map<std::string_view, std::vector<Row>> rows_;
};

constexpr cb_format kFormats[] = {
    {"mcm-contract", "Major case in seven tables (CSV)", "Cas grave en sept tableaux (CSV)", "1", "tar", nullptr, CB_WRITES | CB_FOLDER},
    {"mcm-contract-xml", "Major case in seven tables (XML)", "Cas grave en sept tableaux (XML)", "1", "xml", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 =
    casebridge::writer_plugin<casebridge::Mcm>({.id = "mcm-contract-writer",
                                                .version = "1.0.0",
                                                .title_en = "Major case in seven tables, written",
                                                .title_fr = "Cas grave en sept tableaux, écriture"},
                                               casebridge::kFormats, casebridge::emit::kLanguageOnly);

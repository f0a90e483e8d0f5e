// xlsx: a workbook to open and work with: one sheet for each type of record, frozen headings with a filter, dates as dates and
// numbers as numbers, and every reference a link to the row that it means.
#include <algorithm>
#include <map>

#include "emit/exporting/words.hpp"
#include "emit/exporting/workbook.hpp"

namespace casebridge {
namespace {

using emit::DataSet;
using emit::Lang;

constexpr lxw_row_t kMostRows = 1'048'575;  // of a sheet, without the heading
constexpr uint32_t kMostLinks = 60'000;     // Excel takes 65,530 of a sheet; beyond them the cell is text
constexpr const char* kBetween = "; ";

struct Column {
  const model::Node* leaf = nullptr;
  std::string heading;
  size_t width = 0;
};

struct Sheet {
  const model::Node* type = nullptr;
  std::string name;
  std::vector<const Record*> rows;
  std::vector<Column> columns;
};

size_t signs(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

class Xlsx final : public emit::DataSetWriter {
 public:
  using DataSetWriter::DataSetWriter;

 private:
  const char* say(const char* en, const char* fr) const { return lang() == Lang::fr ? fr : en; }

  static std::string cut(std::string name, const std::string& more) {  // 31 signs, none of []:*?/\ or an apostrophe
    for (char& c : name)
      if (std::string_view("[]:*?/\\'").find(c) != std::string_view::npos) c = ' ';
    std::string out;
    size_t n = 0;
    for (size_t i = 0; i < name.size(); ++i) {
      if ((static_cast<unsigned char>(name[i]) & 0xC0) != 0x80 && ++n > 31 - more.size()) break;
      out += name[i];
    }
    return out + more;
  }

  // Sheets in the order of use to a reader, the rest in that of the model.
  void lay_out(const DataSet& set) {
    static constexpr std::string_view kFirst[] = {"Case",     "Occurrence", "Person",   "Organization",
                                                  "Location", "Vehicle",    "Selector", "Link"};
    std::map<std::pair<size_t, model::Tag>, std::vector<const Record*>> by_type;
    for (const Record* r : set.records()) {
      const auto at = static_cast<size_t>(std::find(std::begin(kFirst), std::end(kFirst), r->type->name) - std::begin(kFirst));
      by_type[{at, r->type->tag}].push_back(r);
    }
    for (auto& [key, records] : by_type)
      for (size_t from = 0, part = 1; from < records.size(); from += kMostRows, ++part) {
        Sheet sheet;
        sheet.type = records.front()->type;
        sheet.rows.assign(records.begin() + static_cast<std::ptrdiff_t>(from),
                          records.begin() + static_cast<std::ptrdiff_t>(std::min<size_t>(from + kMostRows, records.size())));
        sheet.name = cut(std::string(emit::label(*sheet.type, lang())), part > 1 ? " (" + std::to_string(part) + ")" : "");
        sheets_.push_back(std::move(sheet));
      }
    for (size_t s = 0; s < sheets_.size(); ++s)
      for (size_t i = 0; i < sheets_[s].rows.size(); ++i) where_[sheets_[s].rows[i]] = {s, i + 1};
    for (Sheet& sheet : sheets_) columns(sheet);
  }

  void columns(Sheet& sheet) {
    std::map<uint32_t, const model::Node*> used;
    const auto take = [&](std::span<const Value> values) {
      for (const Value& v : values)
        if (const model::Node& leaf = model::node(v.field); !leaf.path.starts_with("handling/")) used[leaf.rank] = &leaf;
    };
    for (const Record* r : sheet.rows) take(r->values), take(r->block_values);
    for (const auto& [rank, leaf] : used) sheet.columns.push_back({leaf, emit::full_label(*leaf, lang()), 0});
  }

  std::string link_to(const Record& r) const {
    const auto& [sheet, row] = where_.at(&r);
    return "internal:'" + sheets_[sheet].name + "'!A" + std::to_string(row + 1);
  }

  static bool whole_date(std::string_view text) { return text.size() == 10 && text[4] == '-' && text[7] == '-' && text >= "1900-03-01"; }

  // One cell from all values of a field. A single number, truth value or whole date is what it is; the rest is text.
  void cell(DataSet& set, lxw_worksheet* sheet, lxw_row_t row, lxw_col_t at, Column& column, const std::vector<std::string_view>& values,
            uint32_t& links) {
    using model::ValueType;
    if (values.empty()) return;
    const model::Node& leaf = *column.leaf;
    std::string text;
    if (leaf.type == ValueType::ref) {
      const Record* only = nullptr;
      for (const std::string_view id : values) {
        const Record* r = set.find(id);
        text.append(text.empty() ? "" : kBetween).append(r ? emit::title(*r, lang()) : std::string(id));
        if (r) only = r;
      }
      if (values.size() == 1 && only && links < kMostLinks) {
        ++links;
        column.width = std::max(column.width, signs(text));
        worksheet_write_url(sheet, row, at, link_to(*only).c_str(), link_);
        if (!emit::write_text(sheet, row, at, text, link_)) set.lose(std::string(leaf.name), "cut to what a cell can hold");
        return;
      }
    } else {
      for (const std::string_view v : values) {
        std::string one = leaf.codes                        ? emit::code_label(leaf, v, lang())
                          : leaf.type == ValueType::boolean ? std::string(v == "true" ? say("yes", "oui") : say("no", "non"))
                                                            : std::string(v);
        text.append(text.empty() ? "" : kBetween).append(one);
      }
    }
    column.width = std::max(column.width, signs(text));
    if (values.size() == 1) {
      const std::string v(values.front());
      if (leaf.type == ValueType::integer || leaf.type == ValueType::decimal) {
        if (v.size() <= 15)
          return void(worksheet_write_number(sheet, row, at, std::stod(v), leaf.type == ValueType::integer ? integer_ : nullptr));
      } else if ((leaf.type == ValueType::date || leaf.type == ValueType::when) && whole_date(v)) {
        lxw_datetime day{std::stoi(v.substr(0, 4)), std::stoi(v.substr(5, 2)), std::stoi(v.substr(8, 2)), 0, 0, 0};
        return void(worksheet_write_datetime(sheet, row, at, &day, date_));
      }
    }
    if (!emit::write_text(sheet, row, at, text, wrap_)) set.lose(std::string(leaf.name), "cut to what a cell can hold");
  }

  void fill(DataSet& set, Sheet& sheet) {
    lxw_worksheet* s = workbook_add_worksheet(book_, sheet.name.c_str());
    if (!s) throw Failure(CB_E_INTERNAL, "a sheet could not be made");
    static constexpr const char* kEn[] = {"Name",     "Agency",  "Source file",         "Line", "Number in the source", "TLP",
                                          "Handling", "Caveats", "Other source fields", "Id"};
    static constexpr const char* kFr[] = {"Nom",
                                          "Organisme",
                                          "Fichier source",
                                          "Ligne",
                                          "Numéro dans la source",
                                          "TLP",
                                          "Traitement",
                                          "Réserves",
                                          "Autres champs de la source",
                                          "Identifiant"};
    const auto n = static_cast<lxw_col_t>(sheet.columns.size());
    const auto heading = [&](lxw_col_t at, const std::string& text) { emit::write_text(s, 0, at, text, head_); };
    std::vector<size_t> widths(n + 10u, 8);
    heading(0, say(kEn[0], kFr[0]));
    for (lxw_col_t c = 0; c < n; ++c) heading(static_cast<lxw_col_t>(c + 1), sheet.columns[c].heading);
    for (lxw_col_t c = 1; c < 10; ++c) heading(static_cast<lxw_col_t>(n + c), lang() == Lang::fr ? kFr[c] : kEn[c]);
    uint32_t links = 0;
    lxw_row_t row = 0;
    std::vector<std::string_view> values;
    for (const Record* r : sheet.rows) {
      ++row;
      const std::string name = emit::title(*r, lang());
      widths[0] = std::max(widths[0], signs(name));
      emit::write_text(s, row, 0, name, bold_);
      for (lxw_col_t c = 0; c < n; ++c) {
        values.clear();
        for (size_t i = 0; i < r->values.size(); ++i)
          if (r->values[i].field == sheet.columns[c].leaf->tag) values.push_back(r->values[i].text), set.carry(*r, i, false);
        for (size_t i = 0; i < r->block_values.size(); ++i)
          if (r->block_values[i].field == sheet.columns[c].leaf->tag) values.push_back(r->block_values[i].text), set.carry(*r, i, true);
        cell(set, s, row, static_cast<lxw_col_t>(c + 1), sheet.columns[c], values, links);
      }
      standing(set, s, row, static_cast<lxw_col_t>(n + 1), *r);
    }
    for (lxw_col_t c = 0; c < n; ++c) widths[c + 1u] = std::max(signs(sheet.columns[c].heading), sheet.columns[c].width);
    for (lxw_col_t c = 0; c < n + 10; ++c)
      worksheet_set_column(s, c, c, static_cast<double>(std::clamp<size_t>((c > n ? 14 : widths[c]) + 2, 8, 48)), nullptr);
    worksheet_set_column(s, static_cast<lxw_col_t>(n + 9), static_cast<lxw_col_t>(n + 9), 38, nullptr);
    worksheet_freeze_panes(s, 1, 1);
    worksheet_autofilter(s, 0, 0, row, static_cast<lxw_col_t>(n + 9));
    worksheet_set_landscape(s);
    worksheet_repeat_rows(s, 0, 0);
    worksheet_fit_to_pages(s, 1, 0);
  }

  void standing(DataSet& set, lxw_worksheet* s, lxw_row_t row, lxw_col_t at, const Record& r) {
    for (size_t i = 0; i < r.values.size(); ++i)
      if (const auto path = model::node(r.values[i].field).path;
          path.starts_with("handling/") && path != "handling/destroyBy" && !path.starts_with("handling/governance"))
        set.carry(r, i, false);
    const auto put = [&](std::string_view text) {
      if (!text.empty() && !emit::write_text(s, row, at, text, wrap_))
        set.lose(std::string(r.type->name) + ".ext", "cut to what a cell can hold");
      ++at;
    };
    put(set.agency(r));
    const Record* source = set.source(r.source);
    put(source ? emit::raw_text(*source, "name") : std::string_view());
    if (r.place.line) worksheet_write_number(s, row, at, static_cast<double>(r.place.line), integer_), set.carry(r, DataSet::Part::place);
    ++at;
    put(r.local_id);
    const emit::Marking m = set.marking(r);
    put(emit::tlp_words(m.tlp));
    std::string handling = m.handling_code.empty() ? std::string() : emit::code_label("handling_3x5x2", m.handling_code, lang());
    if (!m.conditions.empty()) handling.append(handling.empty() ? "" : kBetween).append(m.conditions);
    put(handling);
    std::string caveats, ext;
    for (const auto c : m.caveats) caveats.append(caveats.empty() ? "" : kBetween).append(emit::code_label("caveat", c, lang()));
    put(caveats);
    for (const Ext& x : r.ext) ext.append(ext.empty() ? "" : kBetween).append(x.name).append("=").append(x.value);
    put(ext);
    put(emit::id_text(r));
    for (const auto part : {DataSet::Part::ext, DataSet::Part::local_id}) set.carry(r, part);
  }

  // The first sheet: for whom, how it is to be handled, and the way to the others.
  void cover(const DataSet& set) {
    lxw_worksheet* s = workbook_add_worksheet(book_, say("Contents", "Contenu"));
    lxw_row_t row = 0;
    emit::write_text(s, row++, 0, say("Case data", "Données de cas"), bold_);
    const auto line = [&](const char* name, std::string_view text) {
      emit::write_text(s, row, 0, name, nullptr);
      emit::write_text(s, row++, 1, text, nullptr);
    };
    line(say("Produced by", "Produit par"), set.producer());
    line(say("Produced at", "Produit le"), set.produced_at());
    const bool self = set.recipient() == "self";
    line(say("Recipient", "Destinataire"),
         self ? std::string_view(say("the custodian's own desk; not for release", "le bureau du dépositaire; pas pour communication"))
              : set.recipient());
    ++row;
    emit::write_text(s, row, 0, say("Sheet", "Feuille"), head_);
    emit::write_text(s, row++, 1, say("Records", "Enregistrements"), head_);
    for (const Sheet& sheet : sheets_) {
      worksheet_write_url(s, row, 0, ("internal:'" + sheet.name + "'!A1").c_str(), link_);
      emit::write_text(s, row, 0, sheet.name, link_);
      worksheet_write_number(s, row++, 1, static_cast<double>(sheet.rows.size()), integer_);
    }
    ++row;
    lxw_col_t at = 0;
    for (const char* word : {say("Source file", "Fichier source"), say("Agency", "Organisme"), say("Handling", "Traitement"), "SHA-256"})
      emit::write_text(s, row, at++, word, head_);
    for (const Record* source : set.sources()) {
      ++row;
      emit::write_text(s, row, 0, emit::raw_text(*source, "name"), nullptr);
      emit::write_text(s, row, 1, emit::raw_text(*source, "agency"), nullptr);
      std::string handling;
      if (const auto tlp = emit::raw_text(*source, "handling/tlp"); !tlp.empty()) handling = emit::tlp_words(tlp);
      if (const auto code = emit::raw_text(*source, "handling/handlingCode"); !code.empty())
        handling.append(handling.empty() ? "" : kBetween).append(emit::code_label("handling_3x5x2", code, lang()));
      if (const auto words = emit::raw_text(*source, "handling/conditions"); !words.empty()) handling.append(kBetween).append(words);
      for (const auto c : emit::raw_all(*source, "handling/caveats"))
        handling.append(handling.empty() ? "" : kBetween).append(emit::code_label("caveat", c, lang()));
      emit::write_text(s, row, 2, handling, nullptr);
      emit::write_text(s, row, 3, emit::raw_text(*source, "sha256"), nullptr);
    }
    worksheet_set_column(s, 0, 0, 34, nullptr);
    worksheet_set_column(s, 1, 1, 30, nullptr);
    worksheet_set_column(s, 2, 2, 48, nullptr);
    worksheet_set_column(s, 3, 3, 66, nullptr);
  }

  void emit(DataSet& set) override {
    emit::Workbook workbook;
    book_ = workbook.raw();
    workbook.about(say("Case data", "Données de cas"), std::string(set.producer()), set.produced_at());
    const auto format = [&] { return workbook_add_format(book_); };
    head_ = format(), bold_ = format(), date_ = format(), integer_ = format(), wrap_ = format(), link_ = format();
    format_set_bold(head_);
    format_set_bg_color(head_, 0xDDE6F0);
    format_set_text_wrap(head_);
    format_set_align(head_, LXW_ALIGN_VERTICAL_TOP);
    format_set_bottom(head_, LXW_BORDER_THIN);
    format_set_bold(bold_);
    format_set_num_format(date_, "yyyy-mm-dd");
    format_set_num_format(integer_, "0");
    for (lxw_format* f : {bold_, date_, integer_, wrap_, link_}) format_set_align(f, LXW_ALIGN_VERTICAL_TOP);
    format_set_font_color(link_, 0x0563C1);
    format_set_underline(link_, LXW_UNDERLINE_SINGLE);
    lay_out(set);
    cover(set);
    for (Sheet& sheet : sheets_) fill(set, sheet);
    workbook.bytes([&](std::string_view bytes) { out().write(bytes); });
  }

  lxw_workbook* book_ = nullptr;
  lxw_format *head_ = nullptr, *bold_ = nullptr, *date_ = nullptr, *integer_ = nullptr, *wrap_ = nullptr, *link_ = nullptr;
  std::vector<Sheet> sheets_;
  std::map<const Record*, std::pair<size_t, size_t>> where_;
};

constexpr cb_format kFormats[] = {{"xlsx", "Workbook (Excel)", "Classeur (Excel)", "2007", "xlsx", nullptr, CB_WRITES}};
}  // namespace
}  // namespace casebridge

extern "C" const cb_plugin casebridge_plugin_v1 = casebridge::writer_plugin<casebridge::Xlsx>(
    {.id = "xlsx", .version = "1.0.0", .title_en = "Workbook (Excel)", .title_fr = "Classeur (Excel)"}, casebridge::kFormats,
    casebridge::emit::kLanguageOnly);

// Workbooks as text, from parts in memory, and sheets of that text through the reader that mappings use.
#include <boost/test/unit_test.hpp>
#include <map>

#include "core/read/mapping_runs.hpp"
#include "read/workbook/cell_dates.hpp"
#include "read/workbook/sheet_text.hpp"
#include "read/workbook/workbook.hpp"

using namespace mapping_help;
using namespace casebridge::read;

namespace {

constexpr const char* kMain = R"(xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main")";
constexpr const char* kRel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

struct Parts final : Package {
  std::map<std::string, std::string> parts;
  struct Open final : Part {
    explicit Open(std::string b) : bytes(std::move(b)) {}
    size_t read(char* into, size_t size) override {
      const size_t n = std::min(size, bytes.size() - at);
      std::memcpy(into, bytes.data() + at, n);
      at += n;
      return n;
    }
    std::string bytes;
    size_t at = 0;
  };
  bool has(std::string_view name) const override { return parts.contains(std::string(name)); }
  std::unique_ptr<Part> open(std::string_view name) override { return std::make_unique<Open>(parts.at(std::string(name))); }
};

std::string relation(const std::string& id, const std::string& kind, const std::string& target) {
  return "<Relationship Id=\"" + id + "\" Type=\"" + kRel + "/" + kind + "\" Target=\"" + target + "\"/>";
}

// Sheets by name and what stands in <worksheet>; "~Name" is hidden.
Parts workbook(const std::vector<std::pair<std::string, std::string>>& sheets, const std::string& strings = "",
               const std::string& styles = "", bool date1904 = false) {
  Parts p;
  p.parts["_rels/.rels"] = "<Relationships>" + relation("r", "officeDocument", "/xl/workbook.xml") + "</Relationships>";
  std::string book =
      std::string("<workbook ") + kMain + " xmlns:r=\"" + kRel + "\"><workbookPr" + (date1904 ? " date1904=\"1\"" : "") + "/><sheets>";
  std::string rels = "<Relationships>" + relation("s", "sharedStrings", "sharedStrings.xml") + relation("t", "styles", "styles.xml");
  for (size_t i = 0; i < sheets.size(); ++i) {
    const std::string n = std::to_string(i + 1);
    const bool hidden = sheets[i].first.starts_with('~');
    book += "<sheet name=\"" + sheets[i].first.substr(hidden) + "\" sheetId=\"" + n + "\"" + (hidden ? " state=\"hidden\"" : "") +
            " r:id=\"r" + n + "\"/>";
    rels += relation("r" + n, "worksheet", "worksheets/sheet" + n + ".xml");
    p.parts["xl/worksheets/sheet" + n + ".xml"] = std::string("<worksheet ") + kMain + ">" + sheets[i].second + "</worksheet>";
  }
  p.parts["xl/workbook.xml"] = book + "</sheets></workbook>";
  p.parts["xl/_rels/workbook.xml.rels"] = rels + "</Relationships>";
  if (!strings.empty()) p.parts["xl/sharedStrings.xml"] = std::string("<sst ") + kMain + ">" + strings + "</sst>";
  if (!styles.empty()) p.parts["xl/styles.xml"] = std::string("<styleSheet ") + kMain + ">" + styles + "</styleSheet>";
  return p;
}

std::string text_of(Parts p) {
  std::string out;
  BOOST_TEST(write_workbook(p, [&](std::string_view text) { out += text; }));
  return out;
}

bool holds(const std::string& text, const std::string& word) { return text.find(word) != std::string::npos; }

std::string rows(const std::string& cells) { return "<sheetData>" + cells + "</sheetData>"; }
std::string inline_cell(const std::string& at, const std::string& text) {
  return "<c r=\"" + at + "\" t=\"inlineStr\"><is><t>" + text + "</t></is></c>";
}

const std::string kTitles = "<row r=\"1\">" + inline_cell("A1", "NO") + inline_cell("B1", "NAME") + inline_cell("C1", "DOB") + "</row>";
std::string person(int row, const std::string& no, const std::string& name) {
  const std::string n = std::to_string(row);
  return "<row r=\"" + n + "\">" + inline_cell("A" + n, no) + inline_cell("B" + n, name) + "</row>";
}

Run read_sheets(const std::string& reads, const std::string& text, const std::string& more = "") {
  Run run;
  std::deque<NamedInput> inputs;
  inputs.emplace_back("book.xlsx", text);
  run_inputs(run,
             compiled("mapping: t/1\nreads: " + reads +
                      "\nsource: {agency: a, agencyType: OTHER, system: S, legalAuthority: CSPA_DUTY}\n"
                      "records:\n  p: {record: Person, key: NO, names: {full: NAME}, birthDate: DOB}\n" +
                      more),
             inputs);
  return run;
}
std::string joined(const Run& r) {
  std::string out;
  for (const std::string& l : r.lines) out += l + "\n";
  return out;
}
uint64_t count(const Run& r, const std::string& code) {
  const auto at = r.findings.find(code);
  return at == r.findings.end() ? 0 : at->second;
}

}  // namespace

BOOST_AUTO_TEST_CASE(cells_of_every_type_say_what_the_file_says) {
  const std::string text =
      text_of(workbook({{"One", rows("<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c><c r=\"B1\" t=\"s\"><v>0</v></c><c r=\"C1\" "
                                     "t=\"b\"><v>1</v></c><c r=\"D1\" t=\"e\"><f>1/0</f><v>#DIV/0!</v></c>"
                                     "<c r=\"E1\"><v>0.10000000000000001</v></c><c r=\"F1\" t=\"str\"><f>A1</f><v>from a formula</v></c><c "
                                     "r=\"G1\"><f>A1+1</f></c><c r=\"H1\" s=\"3\"/><c t=\"s\"><v>9</v></c></row>")}},
                       "<si><t xml:space=\"preserve\"> outer blanks </t></si><si><r><rPr><b/></rPr><t>rich </t></r><r><t>text</t></r><rPh "
                       "sb=\"0\" eb=\"1\"><t>aid</t></rPh></si>"));
  BOOST_TEST(holds(text,
                   "\n1\tA1=rich text\tB1=outer blanks \tC1=TRUE\tD1=#DIV/0!\t!error\tE1=0.10000000000000001\tF1=from a "
                   "formula\tG1=\t!uncomputed\tI1=9\t!string\n"),
             text);
}

BOOST_AUTO_TEST_CASE(a_line_break_a_tabulator_and_a_backslash_stay_in_their_cell) {
  const std::string text =
      text_of(workbook({{"One", rows("<row r=\"4\">" + inline_cell("B4", "two_x000A_lines&#9;and \\ and _x005F_x0041_") + "</row>")}}));
  BOOST_TEST(holds(text, "\n4\tB4=two\\nlines\\tand \\\\ and _x0041_\n"));
  BOOST_TEST(unescaped("two\\nlines\\tand \\\\") == "two\nlines\tand \\");
}

BOOST_AUTO_TEST_CASE(a_number_is_a_date_by_its_format_and_keeps_the_number_beside_it) {
  const std::string styles =
      "<numFmts><numFmt numFmtId=\"164\" formatCode=\"yyyy\\-mm\\-dd\"/><numFmt numFmtId=\"165\" formatCode=\"0.00 "
      "&quot;days&quot;\"/></numFmts>"
      "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf "
      "numFmtId=\"165\"/><xf numFmtId=\"22\"/><xf numFmtId=\"46\"/></cellXfs>";
  const std::string cells = rows(
      "<row r=\"1\"><c r=\"A1\" s=\"0\"><v>45719</v></c><c r=\"B1\" s=\"1\"><v>45719</v></c><c r=\"C1\" s=\"2\"><v>45719</v></c><c "
      "r=\"D1\" s=\"3\"><v>45719</v></c>"
      "<c r=\"E1\" s=\"4\"><v>45719.944444444445</v></c><c r=\"F1\" s=\"5\"><v>1.5</v></c><c r=\"G1\" s=\"1\"><v>60</v></c></row>");
  const std::string text = text_of(workbook({{"One", cells}}, "", styles));
  BOOST_TEST(holds(text, "A1=45719\tB1=2025-03-03\t@45719 m/d/yyyy\tC1=2025-03-03\t@45719 yyyy\\\\-mm\\\\-dd\tD1=45719\t"));
  BOOST_TEST(holds(text, "E1=2025-03-03T22:40:00\t@45719.944444444445 m/d/yyyy h:mm\tF1=1.5\tG1=60\t@60 m/d/yyyy\t!date\n"));
  BOOST_TEST(holds(text_of(workbook({{"One", cells}}, "", styles, true)), "B1=2029-03-04\t"));  // counted from 1904
}

BOOST_AUTO_TEST_CASE(days_are_counted_as_spreadsheets_count_them) {
  BOOST_TEST(date_text(1, Shows::date, false) == "1900-01-01");
  BOOST_TEST(date_text(59, Shows::date, false) == "1900-02-28");
  BOOST_TEST(date_text(60, Shows::date, false) == "");  // the day that never was
  BOOST_TEST(date_text(61, Shows::date, false) == "1900-03-01");
  BOOST_TEST(date_text(0, Shows::date, true) == "1904-01-01");
  BOOST_TEST(date_text(60, Shows::date, true) == "1904-03-01");
  BOOST_TEST(date_text(2958465, Shows::date, false) == "9999-12-31");
  BOOST_TEST(date_text(2958466, Shows::date, false) == "");
  BOOST_TEST(date_text(-1, Shows::date, false) == "");
  BOOST_TEST(date_text(45719, Shows::both, false) == "2025-03-03T00:00:00");
  BOOST_TEST(date_text(45719.5, Shows::date, false) == "2025-03-03T12:00:00");  // the time stands in the file
  BOOST_TEST(date_text(0.75, Shows::time, false) == "18:00:00");
  BOOST_TEST(date_text(45719.99999999999, Shows::both, false) == "2025-03-04T00:00:00");
  BOOST_TEST(date_text(45719.000005787, Shows::both, false) == "2025-03-03T00:00:00.500");
}

BOOST_AUTO_TEST_CASE(formats_tell_dates_from_numbers) {
  using enum Shows;
  const std::pair<const char*, Shows> kCases[] = {{"General", number},
                                                  {"0.00", number},
                                                  {"#,##0.00 \"d\"", number},
                                                  {"[Red]0;-0", number},
                                                  {"[h]:mm", number},
                                                  {"0.00E+00", number},
                                                  {"@", number},
                                                  {"yyyy-mm-dd", date},
                                                  {"[$-409]d-mmm-yy;@", date},
                                                  {"mmm", date},
                                                  {"dd\\/mm\\/yyyy", date},
                                                  {"h:mm", time},
                                                  {"mm:ss.0", time},
                                                  {"h:mm AM/PM", time},
                                                  {"d/m/yyyy h:mm", both},
                                                  {"[$-F800]dddd\\,\\ mmmm\\ dd", date},
                                                  {"\"yd\"0", number},
                                                  {"_d0", number}};
  for (const auto& [code, shows] : kCases) BOOST_TEST((format_shows(code) == shows), code);
  BOOST_TEST((builtin_format(14) == date));
  BOOST_TEST((builtin_format(22) == both));
  BOOST_TEST((builtin_format(46) == number));
  BOOST_TEST((builtin_format(4) == number));
}

BOOST_AUTO_TEST_CASE(what_is_no_workbook_is_said_to_be_none) {
  Parts none;
  const auto nothing = [](std::string_view) {};
  BOOST_TEST(!write_workbook(none, nothing));
  none.parts["_rels/.rels"] = "<Relationships>" + relation("r", "officeDocument", "word/document.xml") + "</Relationships>";
  none.parts["word/document.xml"] = "<document/>";
  BOOST_TEST(!write_workbook(none, nothing));
  none.parts["_rels/.rels"] = "<Relationships>" + relation("r", "officeDocument", "xl/workbook.bin") + "</Relationships>";
  BOOST_CHECK_EXCEPTION(write_workbook(none, nothing), WorkbookFailure,
                        [](const auto& e) { return e.code == std::string("E-XLSX-BINARY"); });
  Parts lacks = workbook({{"One", rows(kTitles)}});
  lacks.parts.erase("xl/worksheets/sheet1.xml");
  BOOST_CHECK_EXCEPTION(write_workbook(lacks, nothing), WorkbookFailure,
                        [](const auto& e) { return e.code == std::string("E-XLSX-NO-PART"); });
  Parts doctype = workbook({{"One", rows(kTitles)}}, "<si><t>x</t></si>");
  doctype.parts["xl/sharedStrings.xml"] = "<!DOCTYPE sst [<!ENTITY a \"b\">]><sst><si><t>&a;</t></si></sst>";
  BOOST_CHECK_EXCEPTION(write_workbook(doctype, nothing), WorkbookFailure,
                        [](const auto& e) { return e.code == std::string("E-XLSX-PART"); });
}

BOOST_AUTO_TEST_CASE(rows_are_records_and_a_place_is_the_text_of_the_cell) {
  const std::string text = text_of(workbook({{"People", rows(kTitles + person(2, "1", "EXEMPLE, Ana") + person(5, "2", "FICTIF"))}}));
  const Run r = read_sheets("{reader: xlsx, header: [NO, NAME]}", text);
  BOOST_TEST(r.units == 2u);
  BOOST_TEST(r.values_wrong == 0u);
  BOOST_TEST(holds(joined(r), "key=1"));
  BOOST_TEST(holds(joined(r), "full=FICTIF"));
  BOOST_TEST(r.findings.empty());
  const size_t line = text.find("\n5\t") + 1;
  BOOST_TEST(cell_at(std::string_view(text).substr(line, text.find('\n', line) - line), text.find("FICTIF", line) - line).column == 2u);
}

BOOST_AUTO_TEST_CASE(the_sheet_is_chosen_by_name_by_number_by_its_header_or_all_of_them) {
  const std::string text =
      text_of(workbook({{"Notes", rows("<row r=\"1\">" + inline_cell("A1", "Synthetic") + "</row>")},
                        {"East", rows(kTitles + person(2, "1", "EXEMPLE"))},
                        {"West", rows("<row r=\"1\">" + inline_cell("A1", "NAME") + inline_cell("B1", "NO") + "</row><row r=\"2\">" +
                                      inline_cell("A2", "FICTIF") + inline_cell("B2", "2") + "</row>")}}));
  const Run by_header = read_sheets("{reader: xlsx, header: [NO, NAME]}", text);
  BOOST_TEST(by_header.units == 1u);
  BOOST_TEST(holds(joined(by_header), "key=1"));
  BOOST_TEST(count(by_header, "E-XLSX-SHEET-UNREAD") == 2u);
  for (const char* sheet : {"west", "3"}) {
    const Run one = read_sheets("{reader: xlsx, header: [NO, NAME], sheet: " + std::string(sheet) + "}", text);
    BOOST_TEST(one.units == 1u);
    BOOST_TEST(holds(joined(one), "key=2"));
  }
  const Run all = read_sheets("{reader: xlsx, header: [NO, NAME], sheet: all}", text);
  BOOST_TEST(all.units == 2u);
  BOOST_TEST(holds(joined(all), "full=FICTIF"));
  BOOST_TEST(all.values_wrong == 0u);
  BOOST_TEST(count(all, "E-XLSX-SHEET-UNREAD") == 1u);
  const Run none = read_sheets("{reader: xlsx, header: [NO, NAME], sheet: South}", text);
  BOOST_TEST(none.units == 0u);
  BOOST_TEST(count(none, "E-XLSX-SHEET-NONE") == 1u);
}

BOOST_AUTO_TEST_CASE(two_rows_of_a_header_are_one_name_where_cells_are_merged) {
  const std::string text = text_of(
      workbook({{"Tips", rows("<row r=\"1\">" + inline_cell("A1", "No") + inline_cell("B1", "Caller") + "</row><row r=\"2\">" +
                              inline_cell("B2", "Name") + inline_cell("C2", "Phone") + inline_cell("D2", "Note") + "</row><row r=\"3\">" +
                              inline_cell("A3", "7") + inline_cell("B3", "EXEMPLE") + inline_cell("C3", "613-555-0142") +
                              inline_cell("D3", "x") + "</row>") +
                             "<mergeCells><mergeCell ref=\"A1:A2\"/><mergeCell ref=\"B1:C1\"/><mergeCell ref=\"A3:A4\"/></mergeCells>"}}));
  Run run;
  std::deque<NamedInput> inputs;
  inputs.emplace_back("book.xlsx", text);
  run_inputs(run,
             compiled("mapping: t/1\nreads: {reader: xlsx, header: [No, Caller Phone], headerRow: 1-2}\nsource: {agency: a, agencyType: "
                      "OTHER, system: S, legalAuthority: CSPA_DUTY}\n"
                      "records:\n  p: {record: Person, key: No, names: {full: Caller Name}, ext: {phone: Caller Phone, note: Note}}\n"),
             inputs);
  BOOST_TEST(run.units == 1u);
  BOOST_TEST(holds(joined(run), "full=EXEMPLE"));
  BOOST_TEST(holds(joined(run), "phone=613-555-0142"));
  BOOST_TEST(holds(joined(run), "note=x"));
  BOOST_TEST(count(run, "E-MAP-COLUMN") == 0u);
  BOOST_TEST(count(run, "E-XLSX-MERGED") == 1u);  // of the data; merged titles are what they are for
}

BOOST_AUTO_TEST_CASE(what_is_hidden_wrong_or_above_the_header_is_said) {
  const std::string text = text_of(workbook(
      {{"~People", "<cols><col min=\"3\" max=\"3\" hidden=\"1\"/></cols>" +
                       rows("<row r=\"1\">" + inline_cell("A1", "Synthetic list") + "</row><row r=\"3\">" + inline_cell("A3", "NO") +
                            inline_cell("B3", "NAME") + inline_cell("C3", "DOB") + "</row><row r=\"4\" hidden=\"1\">" +
                            inline_cell("A4", "1") + "<c r=\"B4\" t=\"e\"><v>#N/A</v></c></row><row r=\"5\">" + inline_cell("A5", "2") +
                            "<c r=\"B5\"><f>A1</f></c></row><row r=\"6\">" + inline_cell("A6", "3") +
                            "<c r=\"B6\" t=\"s\"><v>4</v></c></row><row r=\"7\">" + inline_cell("A7", "4") + inline_cell("F7", "beyond") +
                            "</row>")}}));
  const Run r = read_sheets("{reader: xlsx, header: [NO, NAME]}", text);
  for (const char* code : {"E-XLSX-HIDDEN-SHEET", "E-XLSX-HIDDEN-ROW", "E-XLSX-HIDDEN-COLUMN", "E-XLSX-ABOVE", "E-XLSX-ERROR",
                           "E-XLSX-FORMULA", "E-XLSX-STRING"})
    BOOST_TEST(count(r, code) == 1u, code);
  BOOST_TEST(r.units == 4u);
  BOOST_TEST(!holds(joined(r), "#N/A"));
  BOOST_TEST(!holds(joined(r), "key=3"));  // a row that points at a text there is not: into quarantine
  BOOST_TEST(holds(joined(r), "beyond"));
}

BOOST_AUTO_TEST_CASE(a_column_that_was_renamed_does_not_hide_the_table) {
  const std::string text =
      text_of(workbook({{"People", rows("<row r=\"1\">" + inline_cell("A1", "NO") + inline_cell("B1", "NOM") + "</row><row r=\"2\">" +
                                        inline_cell("A2", "1") + inline_cell("B2", "EXEMPLE") + "</row>")}}));
  const Run r = read_sheets("{reader: xlsx, header: [NO, NAME], headerRow: 1}", text);
  BOOST_TEST(r.units == 1u);
  const Run found = read_sheets("{reader: xlsx, header: [NO, NAME]}", text);
  BOOST_TEST(found.units == 1u);
  BOOST_TEST(count(found, "E-MAP-COLUMN") == 2u);  // NAME, DOB
  BOOST_TEST(holds(joined(found), "NOM=EXEMPLE"));
}

BOOST_AUTO_TEST_CASE(a_sheet_that_breaks_off_costs_what_follows_and_no_more) {
  Parts p = workbook({{"People", rows(kTitles + person(2, "1", "EXEMPLE"))}});
  std::string& sheet = p.parts["xl/worksheets/sheet1.xml"];
  sheet.resize(sheet.find("</sheetData>"));
  const Run r = read_sheets("{reader: xlsx, header: [NO, NAME]}", text_of(std::move(p)));
  BOOST_TEST(r.failed == 1u);  // and what was read before is delivered: tests/pipeline/workbook_test.py
  BOOST_TEST(count(r, "E-XLSX-PART") == 1u);
  const Run twice = read_sheets("{reader: xlsx, header: [NO, NAME]}",
                                text_of(workbook({{"People", rows(kTitles + person(2, "1", "EXEMPLE") + person(2, "2", "FICTIF"))}})));
  BOOST_TEST(twice.failed == 1u);
  BOOST_TEST(count(twice, "E-XLSX-ORDER") == 1u);
}

BOOST_AUTO_TEST_CASE(a_table_is_read_from_text_and_from_a_workbook_alike) {
  const std::string reads = "{reader: table, header: [NO, NAME]}";
  const Run book = read_sheets(reads, text_of(workbook({{"People", rows(kTitles + person(2, "1", "EXEMPLE"))}})));
  const Run text = read_sheets(reads, "NO,NAME,DOB\n1,EXEMPLE,\n");
  BOOST_TEST(joined(book) == joined(text));
  BOOST_TEST(book.units == 1u);
}

// The review file as a workbook, for those who judge in a spreadsheet.
#include "base/text.hpp"
#include "emit/exporting/workbook.hpp"
#include "resolve/review.hpp"

namespace casebridge::resolve {
namespace {

struct SheetColumn {
  std::string_view name;     // as --decisions reads it
  std::string_view heading;  // for people; empty: hidden
  double width;
  const std::string* (*text)(const ReviewPair&);  // nullptr: to be filled in, or a number
};

constexpr uint16_t kDecision = 0, kReason = 1, kAt = 3, kScore = 4;
const SheetColumn kColumns[] = {
    {"decision", TR_NOOP("Decision"), 14, nullptr},
    {"reason", TR_NOOP("Reason"), 30, nullptr},
    {"by", TR_NOOP("Decided by"), 18, nullptr},
    {"at", TR_NOOP("Day"), 12, nullptr},
    {"score", TR_NOOP("Score (bits)"), 9, nullptr},
    {"why", TR_NOOP("Why"), 46, [](const ReviewPair& p) { return &p.why; }},
    {"first", TR_NOOP("First record"), 52, [](const ReviewPair& p) { return &p.a.shown; }},
    {"first_source", TR_NOOP("Its place"), 22, [](const ReviewPair& p) { return &p.a.place; }},
    {"second", TR_NOOP("Second record"), 52, [](const ReviewPair& p) { return &p.b.shown; }},
    {"second_source", TR_NOOP("Its place"), 22, [](const ReviewPair& p) { return &p.b.place; }},
    {"a_agency", {}, 10, [](const ReviewPair& p) { return &p.a.agency; }},
    {"a_system", {}, 10, [](const ReviewPair& p) { return &p.a.system; }},
    {"a_id", {}, 10, [](const ReviewPair& p) { return &p.a.id; }},
    {"b_agency", {}, 10, [](const ReviewPair& p) { return &p.b.agency; }},
    {"b_system", {}, 10, [](const ReviewPair& p) { return &p.b.system; }},
    {"b_id", {}, 10, [](const ReviewPair& p) { return &p.b.id; }},
};
constexpr std::string_view kReasons[] = {
    TR_NOOP("the documents agree"),       TR_NOOP("known to me in person"), TR_NOOP("same photograph or fingerprints"),
    TR_NOOP("relatives, not one person"), TR_NOOP("a number typed wrong"),  TR_NOOP("not enough to say")};

// A drop-down over the rows of the pairs.
void choices(lxw_worksheet* sheet, uint16_t column, uint32_t last, std::vector<std::string> words, bool others, std::string title,
             std::string help) {
  std::vector<char*> list;  // the library reads them, and says so to no compiler
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  lxw_data_validation v{};
  v.validate = LXW_VALIDATION_TYPE_LIST;
  v.value_list = list.data();
  v.ignore_blank = LXW_VALIDATION_ON;
  v.show_input = v.show_error = LXW_VALIDATION_ON;
  v.dropdown = LXW_VALIDATION_ON;
  v.input_title = v.error_title = title.data();
  v.input_message = v.error_message = help.data();
  v.error_type = others ? LXW_VALIDATION_ERROR_TYPE_INFORMATION : LXW_VALIDATION_ERROR_TYPE_STOP;
  if (const lxw_error error = worksheet_data_validation_range(sheet, 2, column, last, column, &v); error != LXW_NO_ERROR)
    throw Failure(CB_E_IO, std::string("workbook: ") + lxw_strerror(error));
}

}  // namespace

void write_review_workbook(const std::vector<ReviewPair>& pairs, std::string_view run_time,
                           const std::function<void(std::string_view)>& out) {
  emit::Workbook file;
  const std::string title = tr("Pairs to decide");
  file.about(title, "casebridge", run_time);
  lxw_worksheet* sheet = workbook_add_worksheet(file.raw(), title.c_str());
  lxw_format* const heading = workbook_add_format(file.raw());
  format_set_bold(heading);
  format_set_bottom(heading, LXW_BORDER_THIN);
  format_set_text_wrap(heading);
  lxw_format* const text = workbook_add_format(file.raw());
  format_set_text_wrap(text);
  format_set_align(text, LXW_ALIGN_VERTICAL_TOP);
  lxw_format* const number = workbook_add_format(file.raw());
  format_set_num_format(number, "0.00");
  format_set_align(number, LXW_ALIGN_VERTICAL_TOP);
  lxw_format* const fill_in = workbook_add_format(file.raw());
  format_set_bg_color(fill_in, 0xFFF8DC);
  format_set_text_wrap(fill_in);
  format_set_align(fill_in, LXW_ALIGN_VERTICAL_TOP);
  lxw_format* const day = workbook_add_format(file.raw());
  format_set_num_format(day, "@");  // a text: a date of a spreadsheet has a form of its own
  format_set_bg_color(day, 0xFFF8DC);
  format_set_align(day, LXW_ALIGN_VERTICAL_TOP);
  uint16_t visible = 0;
  for (uint16_t c = 0; c < std::size(kColumns); ++c) {
    const SheetColumn& column = kColumns[c];
    lxw_row_col_options hidden{};
    hidden.hidden = column.heading.empty();
    worksheet_set_column_opt(sheet, c, c, column.width, nullptr, &hidden);
    emit::write_text(sheet, 0, c, column.name, nullptr);
    emit::write_text(sheet, 1, c, column.heading.empty() ? std::string(column.name) : tr(column.heading), heading);
    if (!column.heading.empty()) visible = c;
  }
  lxw_row_col_options hidden{};
  hidden.hidden = 1;
  worksheet_set_row_opt(sheet, 0, LXW_DEF_ROW_HEIGHT, nullptr, &hidden);
  worksheet_freeze_panes(sheet, 2, 1);
  uint32_t row = 2;
  for (const ReviewPair& p : pairs) {
    for (uint16_t c = 0; c < std::size(kColumns); ++c) {
      if (kColumns[c].text) emit::write_text(sheet, row, c, *kColumns[c].text(p), text);
      else if (c == kScore) worksheet_write_number(sheet, row, c, p.score / 100.0, number);
      else worksheet_write_blank(sheet, row, c, c == kAt ? day : fill_in);
    }
    ++row;
  }
  const uint32_t last = std::max<uint32_t>(row, 3) - 1;
  worksheet_autofilter(sheet, 1, 0, last, visible);
  const bool in_french = french();
  choices(sheet, kDecision, last,
          in_french ? std::vector<std::string>{"identiques", "différents", "incertain"}
                    : std::vector<std::string>{"same", "different", "unsure"},
          false, tr("Decision"), tr("Are both records one person? Leave it empty where nobody has looked."));
  std::vector<std::string> reasons;
  for (const std::string_view reason : kReasons) reasons.push_back(tr(reason));
  choices(sheet, kReason, last, reasons, true, tr("Reason"), tr("Choose one, or write your own words."));
  worksheet_set_landscape(sheet);
  worksheet_fit_to_pages(sheet, 1, 0);
  worksheet_repeat_rows(sheet, 1, 1);
  file.bytes(out);
}

}  // namespace casebridge::resolve

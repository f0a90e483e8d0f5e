// A workbook as text: what its cells say, with their addresses. The archive and the XML of a workbook are read once, in a
// worker of their own; everything behind (recognition, the reader, places, quarantine, trace) works on this text, so that
// a place is bytes that a person can read: the row "14<TAB>A14=ST-7<TAB>B14=2099-03-03" and the cell in it.
//
//   %casebridge-workbook 1                fields are parted by tabulators; in texts \t \n \r \\ are written so
//   %sheet 1 visible Tips                 every sheet: number, visible | hidden | veryHidden, name
//   %head 1 3 A3=No B3=Received           the first rows of every sheet, shortened: what recognises the format
//   %rows 1                               a sheet begins
//   %merge A1:C1                          cells that are one
//   %hidden C:D                           columns that are not shown
//   14 A14=ST-7 B14=2099-03-03 @45719 yyyy\-mm\-dd
//                                         a row; "14 h" is hidden. What follows a cell says more of it: @ the number that
//                                         stands in the file and its format, where the text is the date it means; ! a word:
//                                         error, uncomputed, string, date
//   %broken CODE ARGUMENT...              the rest of this sheet cannot be read
//   %end 1
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace casebridge::read {

inline constexpr std::string_view kSheetText = "%casebridge-workbook\t1\n";
inline constexpr uint32_t kMostColumns = 16'384, kMostRows = 1'048'576;  // of a sheet: ECMA-376

void append_escaped(std::string& out, std::string_view text);
std::string unescaped(std::string_view text);
std::string column_name(uint32_t column);  // 1 is A

struct CellRef {
  uint32_t row = 0, column = 0;  // from 1
};
std::optional<CellRef> cell_ref(std::string_view a1);  // "AB12"

struct CellRange {
  CellRef first, last;
};
std::optional<CellRange> cell_range(std::string_view text);  // "A1:C1", "B2"

// The cell that stands at index `at` of a row's line; column 1 where it is no cell. Row 0: the line is no row.
CellRef cell_at(std::string_view line, size_t at);

}  // namespace casebridge::read

// What --decisions names: CSV as it stands, or a filled review workbook, which is unpacked and read in a locked worker.
#pragma once
#include <string>
#include <string_view>

namespace casebridge::cli {

// The CSV. Throws Failure where the file cannot be read.
std::string decisions_text(const std::string& path, bool allow_unsandboxed);

// The first sheet of a workbook's text (read/workbook/sheet_text.hpp) as CSV.
std::string csv_of_sheet(std::string_view text);

}  // namespace casebridge::cli

// Text into JSON, XML, CSV and HTML: the escapes of the wire form (design note: core/emit/README.md), appended to a buffer.
// Pure functions; any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace casebridge::emit {

void append_json_string(std::string& out, std::string_view text);    // with its quotes; only ", \ and U+0000..U+001F are escaped
void append_xml_text(std::string& out, std::string_view text);       // line breaks become references: one record stays on one line
void append_xml_attribute(std::string& out, std::string_view text);  // without its quotes
void append_html(std::string& out, std::string_view text);
void append_csv_cell(std::string& out, std::string_view text);  // RFC 4180, nothing more
void append_number(std::string& out, uint64_t number);

// A spreadsheet takes a cell that begins with = + - @ or a tab for a formula. Such a text gets an apostrophe in front, and
// so does one that begins with an apostrophe: the reader takes exactly one off, and nothing is lost.
void append_csv_safe(std::string& out, std::string_view text);
std::string_view csv_unsafe(std::string_view cell);  // the text of a cell written by append_csv_safe

}  // namespace casebridge::emit

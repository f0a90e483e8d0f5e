// What the findings writers share. Not for use outside core/emit.
#pragma once
#include "emit/report.hpp"

namespace casebridge::emit {

std::unique_ptr<FindingWriter> make_sarif_report(Sink&, const ReportInfo&);
std::unique_ptr<FindingWriter> make_junit_report(Sink&, const ReportInfo&);
std::unique_ptr<FindingWriter> make_html_report(Sink&, const ReportInfo&);

std::string one_line(std::string_view text);  // for terminals: no line breaks, no control characters
bool has_place(const Finding&);
std::string place_words(const Finding&);  // "line 88 (byte 9,120)", or empty
void append_finding_json(std::string& out, const Finding&);

}  // namespace casebridge::emit

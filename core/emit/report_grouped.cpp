// JUnit XML and HTML: findings grouped by input and code. Each group keeps its first examples and counts the rest, and
// says so: a feed with a million bad dates gives a page that opens.
#include <map>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "emit/report_parts.hpp"

namespace casebridge::emit {
namespace {

struct Group {
  Severity severity = Severity::note;
  uint64_t count = 0;
  std::vector<Finding> examples;
};

class GroupedReport : public FindingWriter {
 public:
  GroupedReport(Sink& sink, const ReportInfo& info) : sink_(sink), info_(info) {}
  void write(const handle::ClearedFinding& cleared) final {
    const Finding& f = cleared.get();
    count(f.severity);
    Group& group = inputs_[f.input][f.code];
    group.severity = std::max(group.severity, f.severity);
    ++group.count;
    if (group.examples.size() < kExamples) group.examples.push_back(f);
  }

 protected:
  static std::string more(const Group& group) {
    if (group.count <= group.examples.size()) return {};
    const uint64_t n = group.count - group.examples.size();
    const std::string args[]{grouped_digits(n)};
    return fill(trn("and {0} more finding of this kind", "and {0} more findings of this kind", n), args);
  }

  Sink& sink_;
  ReportInfo info_;
  std::map<std::string, std::map<std::string, Group>> inputs_;  // sorted: the same findings in any order give the same file
};

class JunitReport final : public GroupedReport {
 public:
  using GroupedReport::GroupedReport;
  void finish() override {
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"casebridge\" tests=\"";
    uint64_t tests = 0, failures = 0;
    for (const auto& [input, groups] : inputs_)
      for (const auto& [code, group] : groups) ++tests, failures += group.severity == Severity::error;
    append_number(out, tests);
    out += "\" failures=\"";
    append_number(out, failures);
    out += "\" errors=\"0\">\n";
    for (const auto& [input, groups] : inputs_) suite(out, input, groups);
    out += "</testsuites>\n";
    sink_.write(out);
    sink_.commit();
  }

 private:
  void suite(std::string& out, const std::string& input, const std::map<std::string, Group>& groups) const {
    uint64_t failures = 0;
    for (const auto& [code, group] : groups) failures += group.severity == Severity::error;
    out += "  <testsuite name=\"";
    append_xml_attribute(out, input.empty() ? "casebridge" : input);
    out += "\" tests=\"";
    append_number(out, groups.size());
    out += "\" failures=\"";
    append_number(out, failures);
    out += "\" errors=\"0\">\n";
    for (const auto& [code, group] : groups) {
      out += "    <testcase classname=\"";
      append_xml_attribute(out, input.empty() ? "casebridge" : input);
      out += "\" name=\"";
      append_xml_attribute(out, code);
      out += "\">";
      const std::string_view tag = group.severity == Severity::error ? "failure" : "system-out";
      out.append("<").append(tag);
      if (group.severity == Severity::error) {
        out.append(" type=\"").append(severity_word(group.severity)).append("\" message=\"");
        append_xml_attribute(out, message_of(group.examples.front()));
        out += '"';
      }
      out += '>';
      for (const Finding& f : group.examples) {
        append_xml_text(out, finding_line(f));
        out += '\n';
      }
      if (const std::string rest = more(group); !rest.empty()) append_xml_text(out, rest), out += '\n';
      out.append("</").append(tag).append("></testcase>\n");
    }
    out += "  </testsuite>\n";
  }
};

class HtmlReport final : public GroupedReport {
 public:
  using GroupedReport::GroupedReport;
  void finish() override {
    std::string out = "<!DOCTYPE html>\n<html lang=\"";
    out += french() ? "fr-CA" : "en-CA";
    // No script, nothing from elsewhere: a report about hostile input must not run any of it.
    out +=
        "\"><head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>";
    append_html(out, tr("Findings"));
    out +=
        "</title><style>body{font:15px/1.5 sans-serif;margin:2em auto;max-width:70em;padding:0 "
        "1em}table{border-collapse:collapse;width:100%}"
        "td,th{text-align:left;vertical-align:top;padding:.3em .6em;border-bottom:1px solid #ccc}.error{border-left:.4em solid #b00020}"
        ".warning{border-left:.4em solid #b26a00}.note{border-left:.4em solid #446}code{white-space:pre-wrap;overflow-wrap:anywhere}"
        "@media(prefers-color-scheme:dark){body{background:#111;color:#ddd}td,th{border-color:#444}}</style></head><body>\n<h1>";
    append_html(out, tr("Findings"));
    out += "</h1>\n<p>";
    const std::string args[]{grouped_digits(errors()), grouped_digits(warnings()), grouped_digits(notes()), info_.recipient};
    append_html(out, fill(tr("Errors: {0}. Warnings: {1}. Notes: {2}. Made for: {3}."), args));
    if (!info_.run_time.empty()) out += " <time>", append_html(out, info_.run_time), out += "</time>";
    out += "</p>\n";
    for (const auto& [input, groups] : inputs_) table(out, input, groups);
    out += "</body></html>\n";
    sink_.write(out);
    sink_.commit();
  }

 private:
  void table(std::string& out, const std::string& input, const std::map<std::string, Group>& groups) const {
    out += "<h2>";
    append_html(out, input.empty() ? tr("The whole run") : input);
    out += "</h2>\n<table><thead><tr>";
    for (const char* head : {TR_NOOP("Code"), TR_NOOP("Number"), TR_NOOP("Where and what"), TR_NOOP("What to do")}) {
      out += "<th scope=\"col\">";
      append_html(out, tr(head));
      out += "</th>";
    }
    out += "</tr></thead><tbody>\n";
    for (const auto& [code, group] : groups) {
      out.append("<tr><td class=\"").append(severity_word(group.severity)).append("\"><code>");
      append_html(out, code);
      out += "</code><br>";
      append_html(out, tr(severity_word(group.severity)));
      out += "</td><td>";
      append_html(out, grouped_digits(group.count));
      out += "</td><td>";
      for (const Finding& f : group.examples) {
        out += "<div><code>";
        if (const std::string place = place_words(f); !place.empty()) append_html(out, place + ": ");
        append_html(out, one_line(message_of(f)));
        out += "</code></div>";
      }
      if (const std::string rest = more(group); !rest.empty()) out += "<div><em>", append_html(out, rest), out += "</em></div>";
      out += "</td><td>";
      append_html(out, fix_of(group.examples.front()));
      out += "</td></tr>\n";
    }
    out += "</tbody></table>\n";
  }
};

}  // namespace

std::unique_ptr<FindingWriter> make_junit_report(Sink& sink, const ReportInfo& info) { return std::make_unique<JunitReport>(sink, info); }
std::unique_ptr<FindingWriter> make_html_report(Sink& sink, const ReportInfo& info) { return std::make_unique<HtmlReport>(sink, info); }

}  // namespace casebridge::emit

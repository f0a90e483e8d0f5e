#include "emit/report.hpp"

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "emit/report_parts.hpp"

namespace casebridge::emit {
namespace {

class TextReport final : public FindingWriter {
 public:
  explicit TextReport(Sink& sink) : sink_(sink) {}
  void write(const handle::ClearedFinding& cleared) override {
    const Finding& finding = cleared.get();
    count(finding.severity);
    std::string line = finding_line(finding);
    line += '\n';
    if (const std::string fix = fix_of(finding); !fix.empty()) line.append("  ").append(one_line(fix)) += '\n';
    sink_.write(line);
  }
  void finish() override { sink_.commit(); }

 private:
  Sink& sink_;
};

class JsonReport final : public FindingWriter {
 public:
  explicit JsonReport(Sink& sink) : sink_(sink) {}
  void write(const handle::ClearedFinding& cleared) override {
    const Finding& finding = cleared.get();
    count(finding.severity);
    line_.clear();
    append_finding_json(line_, finding);
    line_ += '\n';
    sink_.write(line_);
  }
  void finish() override { sink_.commit(); }

 private:
  Sink& sink_;
  std::string line_;
};

class CsvReport final : public FindingWriter {
 public:
  explicit CsvReport(Sink& sink) : sink_(sink) {
    sink_.write("input,line,column,offset,length,severity,code,message,fix,field,recordId,rule\r\n");
  }
  void write(const handle::ClearedFinding& cleared) override {
    const Finding& f = cleared.get();
    count(f.severity);
    line_.clear();
    append_csv_safe(line_, f.input);
    for (const uint64_t n : {f.line, f.column}) {
      line_ += ',';
      if (n > 0) append_number(line_, n);
    }
    for (const uint64_t n : {f.offset, f.length}) {
      line_ += ',';
      if (has_place(f)) append_number(line_, n);
    }
    line_ += ',';
    line_ += severity_word(f.severity);
    for (const std::string& text : {f.code, message_of(f), fix_of(f), f.field_path, f.record_id, f.rule}) {
      line_ += ',';
      append_csv_safe(line_, text);
    }
    line_ += "\r\n";
    sink_.write(line_);
  }
  void finish() override { sink_.commit(); }

 private:
  Sink& sink_;
  std::string line_;
};

}  // namespace

std::optional<ReportFormat> report_format(std::string_view name) noexcept {
  if (name == "text") return ReportFormat::text;
  if (name == "jsonl" || name == "json") return ReportFormat::jsonl;
  if (name == "csv") return ReportFormat::csv;
  if (name == "sarif") return ReportFormat::sarif;
  if (name == "junit") return ReportFormat::junit;
  if (name == "html") return ReportFormat::html;
  return std::nullopt;
}

std::unique_ptr<FindingWriter> make_finding_writer(ReportFormat format, Sink& sink, const ReportInfo& info) {
  switch (format) {
    case ReportFormat::text: return std::make_unique<TextReport>(sink);
    case ReportFormat::jsonl: return std::make_unique<JsonReport>(sink);
    case ReportFormat::csv: return std::make_unique<CsvReport>(sink);
    case ReportFormat::sarif: return make_sarif_report(sink, info);
    case ReportFormat::junit: return make_junit_report(sink, info);
    case ReportFormat::html: return make_html_report(sink, info);
  }
  return nullptr;
}

std::string_view severity_word(Severity severity) {
  switch (severity) {
    case Severity::note: return TR_NOOP("note");
    case Severity::warning: return TR_NOOP("warning");
    case Severity::error: return TR_NOOP("error");
  }
  return "error";
}

std::string grouped_digits(uint64_t number) {
  const std::string digits = std::to_string(number);
  const std::string_view mark = french() ? "\xE2\x80\xAF" : ",";
  std::string out;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += mark;
    out += digits[i];
  }
  return out;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += "\\n";
    else if (c == '\r') out += "\\r";
    else if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) out += '?';  // nothing of a source may steer a terminal
    else out += c;
  }
  // C1 controls, written C2 80 .. C2 9F in UTF-8, steer terminals too.
  for (size_t i = 0; i + 1 < out.size(); ++i)
    if (out[i] == '\xC2' && static_cast<uint8_t>(out[i + 1]) < 0xA0) out.replace(i, 2, "?");
  return out;
}

bool has_place(const Finding& finding) { return finding.length > 0 || finding.offset > 0 || finding.line > 0; }

std::string place_words(const Finding& finding) {
  if (!has_place(finding)) return {};
  const std::string args[]{std::to_string(finding.line), grouped_digits(finding.offset)};
  return finding.line > 0 ? fill(tr("line {0} (byte {1})"), args) : fill(tr("byte {1}"), args);
}

std::string finding_line(const Finding& finding) {
  std::string out = one_line(finding.input);
  if (const std::string place = place_words(finding); !place.empty()) {
    if (!out.empty()) out += ": ";
    out += place;
  }
  if (!out.empty()) out += ": ";
  out += one_line(message_of(finding));
  out += " [";
  out += one_line(finding.code);
  out += ']';
  return out;
}

void append_finding_json(std::string& out, const Finding& f) {
  const auto text = [&](std::string_view key, std::string_view value) {
    if (value.empty()) return;
    out.append(",\"").append(key).append("\":");
    append_json_string(out, value);
  };
  const auto number = [&](std::string_view key, uint64_t value) {
    out.append(",\"").append(key).append("\":");
    append_number(out, value);
  };
  out += "{\"severity\":\"";
  out.append(severity_word(f.severity)) += '"';
  text("code", f.code);
  text("input", f.input);
  if (f.source > 0) number("source", f.source);
  if (has_place(f)) number("offset", f.offset), number("length", f.length);
  if (f.line > 0) number("line", f.line);
  if (f.column > 0) number("column", f.column);
  text("field", f.field_path);
  text("recordId", f.record_id);
  text("rule", f.rule);
  text("message", message_of(f));
  text("fix", fix_of(f));
  out += '}';
}

}  // namespace casebridge::emit

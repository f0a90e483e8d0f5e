// SARIF 2.1.0 (OASIS). The results stream; the rules, which are known only at the end, follow them: a JSON object has no
// order. Our columns count bytes, and SARIF knows only two other units, so columns stand in `properties`, and the exact
// place in byteOffset and byteLength.
#include <map>

#include "base/text.hpp"
#include "emit/escape.hpp"
#include "emit/report_parts.hpp"

namespace casebridge::emit {
namespace {

class SarifReport final : public FindingWriter {
 public:
  SarifReport(Sink& sink, const ReportInfo& info) : sink_(sink), info_(info) {
    sink_.write("{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\",\"runs\":[{\"results\":[\n");
  }

  void write(const handle::ClearedFinding& cleared) override {
    const Finding& f = cleared.get();
    count(f.severity);
    const auto [at, fresh] = rules_.try_emplace(f.code, rules_.size());
    if (fresh) order_.push_back(f.code), severities_.push_back(f.severity);
    out_ = first_ ? "" : ",\n";
    first_ = false;
    out_ += "{\"ruleId\":";
    append_json_string(out_, f.code);
    out_ += ",\"ruleIndex\":";
    append_number(out_, at->second);
    out_.append(",\"level\":\"").append(severity_word(f.severity)).append("\",\"message\":{\"text\":");
    std::string words = message_of(f);
    if (const std::string fix = fix_of(f); !fix.empty()) words.append(" ").append(fix);
    append_json_string(out_, words.empty() ? f.code : words);
    out_ += '}';
    locations(f);
    properties(f);
    out_ += '}';
    sink_.write(out_);
  }

  void finish() override {
    out_ = "\n],\"tool\":{\"driver\":{\"name\":\"casebridge\",\"version\":";
    append_json_string(out_, info_.tool_version.empty() ? "0" : info_.tool_version);
    out_.append(",\"language\":\"").append(french() ? "fr-CA" : "en-CA").append("\",\"rules\":[");
    for (size_t i = 0; i < order_.size(); ++i) {
      out_ += i > 0 ? ",\n" : "\n";
      rule(order_[i], severities_[i]);
    }
    out_ += "]}}";
    if (!info_.run_time.empty()) {  // SARIF wants times in UTC
      out_ += ",\"properties\":{\"runTime\":";
      append_json_string(out_, info_.run_time);
      out_ += '}';
    }
    out_ += "}]}\n";
    sink_.write(out_);
    sink_.commit();
  }

 private:
  void locations(const Finding& f) {
    if (f.input.empty()) return;
    out_ += ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":";
    append_json_string(out_, uri_of(f.input));
    out_ += '}';
    if (has_place(f)) {
      out_ += ",\"region\":{";
      if (f.line > 0) {
        out_ += "\"startLine\":";
        append_number(out_, f.line);
        out_ += ',';
      }
      out_ += "\"byteOffset\":";
      append_number(out_, f.offset);
      out_ += ",\"byteLength\":";
      append_number(out_, f.length);
      if (f.column > 0) {
        out_ += ",\"properties\":{\"byteColumn\":";
        append_number(out_, f.column);
        out_ += '}';
      }
      out_ += '}';
    }
    out_ += '}';
    if (!f.field_path.empty()) {
      out_ += ",\"logicalLocations\":[{\"fullyQualifiedName\":";
      append_json_string(out_, f.field_path);
      out_ += ",\"kind\":\"member\"}]";
    }
    out_ += "}]";
  }

  void properties(const Finding& f) {
    if (f.record_id.empty() && f.rule.empty() && f.source == 0) return;
    out_ += ",\"properties\":{";
    std::string_view comma;
    const auto text = [&](std::string_view key, std::string_view value) {
      if (value.empty()) return;
      out_.append(comma).append("\"").append(key).append("\":");
      append_json_string(out_, value);
      comma = ",";
    };
    text("recordId", f.record_id);
    text("rule", f.rule);
    if (f.source > 0) {
      out_.append(comma).append("\"source\":");
      append_number(out_, f.source);
    }
    out_ += '}';
  }

  void rule(const std::string& code, Severity severity) {
    out_ += "{\"id\":";
    append_json_string(out_, code);
    if (const FindingCode* known = finding_code(code)) {
      out_ += ",\"shortDescription\":{\"text\":";
      append_json_string(out_, tr(known->message));
      out_ += '}';
      if (!known->fix.empty()) {
        out_ += ",\"help\":{\"text\":";
        append_json_string(out_, tr(known->fix));
        out_ += '}';
      }
    }
    out_.append(",\"defaultConfiguration\":{\"level\":\"").append(severity_word(severity)).append("\"}}");
  }

  Sink& sink_;
  ReportInfo info_;
  std::map<std::string, size_t> rules_;
  std::vector<std::string> order_;
  std::vector<Severity> severities_;
  std::string out_;
  bool first_ = true;
};

}  // namespace

std::string uri_of(std::string_view input) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  static constexpr std::string_view kPlain = "-._~/!";  // "!" parts an archive from its member
  std::string out;
  for (const char c : input) {
    const auto byte = static_cast<uint8_t>(c);
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kPlain.find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::unique_ptr<FindingWriter> make_sarif_report(Sink& sink, const ReportInfo& info) { return std::make_unique<SarifReport>(sink, info); }

}  // namespace casebridge::emit

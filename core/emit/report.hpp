// Findings as people and machines want them. Every writer takes findings that have passed the gate, in any order, and
// ends with finish(). text, jsonl, csv and sarif stream; junit and html group by input and code, keep the first
// kExamples of each group and say how many more there were: their memory does not grow with the number of findings.
// One thread at a time. Failures of the sink are IoError.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "emit/sink.hpp"
#include "handle/cleared.hpp"

namespace casebridge::emit {

enum class ReportFormat { text, jsonl, csv, sarif, junit, html };
std::optional<ReportFormat> report_format(std::string_view name) noexcept;  // "text", "jsonl", "csv", "sarif", "junit", "html"

struct ReportInfo {
  std::string tool_version;  // "0.1.0"
  std::string run_time;      // RFC 3339; empty: not said
  std::string recipient = "self";
};

class FindingWriter {
 public:
  static constexpr size_t kExamples = 20;
  virtual ~FindingWriter() = default;
  virtual void write(const handle::ClearedFinding&) = 0;
  virtual void finish() = 0;  // end of the document and commit of the sink; without it there is no file

  uint64_t errors() const { return counts_[2]; }
  uint64_t warnings() const { return counts_[1]; }
  uint64_t notes() const { return counts_[0]; }

 protected:
  void count(Severity severity) { ++counts_[static_cast<size_t>(severity)]; }

 private:
  uint64_t counts_[3] = {0, 0, 0};
};

// The sink must outlive the writer.
std::unique_ptr<FindingWriter> make_finding_writer(ReportFormat, Sink&, const ReportInfo&);

// "bookings.csv: line 88 (byte 9,120): birth date ... is not a date [booking-csv/bad-date]", in the language of the process.
std::string finding_line(const Finding&);
std::string grouped_digits(uint64_t number);  // 9,120; in French 9 120 with a narrow no-break space
std::string_view severity_word(Severity);     // "error", for machines; tr() of it for people
std::string uri_of(std::string_view input);   // percent-encoded, relative: for SARIF

}  // namespace casebridge::emit

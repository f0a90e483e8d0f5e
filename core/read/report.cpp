#include "read/report.hpp"

namespace casebridge::read {

void Reporter::send(const char* code, std::initializer_list<std::string_view> args, uint64_t offset, uint64_t length) {
  if (!host_ || !host_->report) return;
  message_.clear();
  for (const std::string_view& arg : args) {
    if (&arg != args.begin()) message_ += '\x1f';
    message_ += arg;
  }
  cb_issue issue{};
  issue.struct_size = sizeof issue;
  const FindingCode* known = finding_code(code);
  issue.severity = static_cast<uint32_t>(known ? known->severity : Severity::error);
  issue.code = code;
  issue.message = {message_.data(), message_.size()};
  issue.input = input_;
  issue.source_offset = offset;
  issue.source_length = length;
  host_->report(host_->self, &issue);
}

bool Reporter::room(const char* code, uint64_t offset) {
  Seen* at = nullptr;
  for (Seen& seen : seen_)
    if (seen.code == code || std::string_view(seen.code) == code) at = &seen;
  if (!at) at = &seen_.emplace_back(Seen{code, 0, 0});
  at->last_offset = offset;
  return ++at->count <= limit_;
}

void Reporter::report(const char* code, std::initializer_list<std::string_view> args, uint64_t offset, uint64_t length) {
  if (room(code, offset)) send(code, args, offset, length);
}

void Reporter::relay(const Finding& finding) {
  const FindingCode* known = finding_code(finding.code);
  if (!host_ || !host_->report || !known || !room(known->code.data(), finding.offset)) return;
  message_.clear();
  for (const std::string& arg : finding.args) message_ += (&arg == finding.args.data() ? "" : "\x1f") + arg;
  if (!finding.field_path.empty()) message_ += '\x1f' + finding.field_path;  // behind the arguments: see plugin.h
  cb_issue issue{};
  issue.struct_size = sizeof issue;
  issue.severity = static_cast<uint32_t>(finding.severity);
  issue.code = known->code.data();
  issue.message = {message_.data(), message_.size()};
  issue.input = input_;
  issue.source_offset = finding.offset;
  issue.source_length = finding.length;
  host_->report(host_->self, &issue);
}

void Reporter::about(uint32_t input) {
  if (input == input_) return;
  finish();
  input_ = input;
}

void Reporter::finish() {
  for (const Seen& seen : seen_)
    if (seen.count > limit_) send("E-READ-MORE", {counted(seen.count - limit_), seen.code}, seen.last_offset, 0);
  seen_.clear();
}

uint64_t Reporter::count(std::string_view code) const {
  for (const Seen& seen : seen_)
    if (seen.code == code) return seen.count;
  return 0;
}

std::string hex_bytes(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out;
  for (size_t i = 0; i < bytes.size() && i < 8; ++i) {
    if (i) out += ' ';
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  if (bytes.size() > 8) out += " ...";
  return out;
}

std::string counted(uint64_t n) { return std::to_string(n); }

}  // namespace casebridge::read

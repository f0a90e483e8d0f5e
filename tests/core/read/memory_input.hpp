// An input that lives in memory, and a host that keeps what readers report.
#pragma once
#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "casebridge/plugin.h"

namespace casebridge::test {

// `step`: the most bytes one read gives, as a pipe would.
class MemoryInput {
 public:
  explicit MemoryInput(std::string bytes, uint64_t step = UINT64_MAX) : kept_(std::move(bytes)), bytes_(kept_), step_(step) { set(); }
  explicit MemoryInput(std::string_view borrowed, uint64_t step = UINT64_MAX) : bytes_(borrowed), step_(step) { set(); }
  explicit MemoryInput(const char* text) : MemoryInput(std::string(text)) {}
  MemoryInput(const MemoryInput&) = delete;
  const cb_input& operator*() const { return input_; }
  std::string_view bytes() const { return bytes_; }
  std::string at(uint64_t offset, uint64_t length) const { return std::string(bytes_.substr(offset, length)); }
  uint64_t fail_at = UINT64_MAX;  // reading fails once this many bytes were given

 private:
  void set() { input_ = {sizeof(cb_input), 0, this, {"memory", 6}, static_cast<int64_t>(bytes_.size()), read, nullptr}; }
  static int64_t read(void* self, void* into, uint64_t size) {
    auto& in = *static_cast<MemoryInput*>(self);
    if (in.at_ >= in.fail_at) return CB_E_IO;
    const uint64_t give = std::min({size, in.step_, static_cast<uint64_t>(in.bytes_.size()) - in.at_, in.fail_at - in.at_});
    std::memcpy(into, in.bytes_.data() + in.at_, give);
    in.at_ += give;
    return static_cast<int64_t>(give);
  }
  std::string kept_;
  std::string_view bytes_;
  uint64_t step_, at_ = 0;
  cb_input input_;
};

struct Reported {
  std::string code, args;
  uint64_t offset, length;
};

class Host {
 public:
  Host() { host_ = {CB_ABI_MAJOR, CB_ABI_MINOR, sizeof(cb_host), 0, this, report, nullptr, nullptr}; }
  const cb_host* get() const { return &host_; }
  std::vector<Reported> found;
  // "E-CODE(args)@offset+length" joined by spaces; arguments by commas.
  std::string said() const {
    std::string out;
    for (const Reported& r : found) {
      std::string args = r.args;
      std::replace(args.begin(), args.end(), '\x1f', ',');
      out += (out.empty() ? "" : " ") + r.code + "(" + args + ")@" + std::to_string(r.offset) + "+" + std::to_string(r.length);
    }
    return out;
  }

 private:
  static void report(void* self, const cb_issue* issue) {
    if (!finding_code(issue->code)) throw std::logic_error(std::string("not in the catalogue: ") + issue->code);
    static_cast<Host*>(self)->found.push_back(
        {issue->code, {issue->message.data, issue->message.size}, issue->source_offset, issue->source_length});
  }
  cb_host host_;
};

}  // namespace casebridge::test

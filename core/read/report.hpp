// What a reader says about its input: findings of the catalogue, sent to the host as they are met.
// The first `limit` findings of a code are sent with their place; of the rest only the number is told, by finish(), so
// that an input made to fill the disk with findings fills one line. Nothing is left out in silence.
// Arguments say counts, names of columns and bytes in hexadecimal, never a value of the source.
// One thread at a time.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/finding.hpp"
#include "casebridge/plugin.h"

namespace casebridge::read {

class Reporter {
 public:
  // host: borrowed. input: index into cb_inputs of the file this is about.
  explicit Reporter(const cb_host* host, uint64_t limit = 1000, uint32_t input = 0) : host_(host), input_(input), limit_(limit) {}
  // `code` is of the catalogue and static.
  void report(const char* code, std::initializer_list<std::string_view> args, uint64_t offset, uint64_t length);
  void relay(const Finding& finding);           // one made elsewhere, with its own severity; its place counts, its line does not
  void about(uint32_t input);                   // from here on it is this input; what passed the limit for the one before is told
  void finish();                                // E-READ-MORE for each code that passed the limit; then counts anew
  uint64_t count(std::string_view code) const;  // sent or not
  bool cancelled() const { return host_ && host_->cancelled && host_->cancelled(host_->self); }

 private:
  struct Seen {
    const char* code;
    uint64_t count;
    uint64_t last_offset;
  };
  bool room(const char* code, uint64_t offset);  // counts; may it be sent?
  void send(const char* code, std::initializer_list<std::string_view> args, uint64_t offset, uint64_t length);
  const cb_host* host_;
  uint32_t input_;
  uint64_t limit_;
  std::vector<Seen> seen_;
  std::string message_;
};

std::string hex_bytes(std::string_view bytes);  // "E9 20", at most eight of them
std::string counted(uint64_t n);                // decimal

}  // namespace casebridge::read

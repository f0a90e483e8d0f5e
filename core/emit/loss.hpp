// The loss report: for each input every field of the source that found no home of its own in the model, with counts; for
// each output that a plugin writes every field of the model that its format could not carry.
// Fields are names, never values. One thread at a time; the same counts in any order give the same bytes.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "emit/sink.hpp"
#include "handle/gate.hpp"

namespace casebridge::emit {

class LossReport {
 public:
  enum class What { mapped, ext, dropped, unkept };  // unkept: neither mapped nor kept; should never be

  // `why`: the reason of the rule that dropped it; empty otherwise.
  void add(const std::string& input, const std::string& format, const std::string& field, What what, const std::string& why, uint64_t n);
  // What the format of an output could not carry: fields of the model, by count and reason.
  void add_output(const std::string& output, const std::string& format, const std::string& field, const std::string& why, uint64_t n);
  void write(Sink& into, const handle::Gate& gate) const;  // JSON; commits
  uint64_t total(What what) const;

 private:
  struct Field {
    uint64_t mapped = 0, ext = 0, unkept = 0;
    std::map<std::string, uint64_t> dropped;
  };
  std::map<std::pair<std::string, std::string>, std::map<std::string, Field>> inputs_;
  std::map<std::pair<std::string, std::string>, std::map<std::pair<std::string, std::string>, uint64_t>> outputs_;
};

}  // namespace casebridge::emit

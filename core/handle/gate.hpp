// The gate: the only door to any writer, to findings, rejects, trace and standard output. See handle/README.md.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "handle/cleared.hpp"

namespace casebridge::handle {

class Gate {
 public:
  // The custodian's own desk. `run_date` is YYYY-MM-DD: no stage reads the clock.
  static std::unique_ptr<Gate> for_self(std::string run_date);
  ~Gate();

  const std::string& recipient() const;

  // A finding as it may be shown: sensitive numbers and media in its words are masked. [any-thread]
  std::optional<ClearedFinding> pass(const Finding&) const;
  // Raw bytes or words of a source, for trace, listings of the quarantine and messages. [any-thread]
  ClearedText show(std::string_view raw) const;

 private:
  struct State;
  explicit Gate(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace casebridge::handle

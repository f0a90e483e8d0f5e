// The gate: the only door to any writer, to findings, rejects, trace and standard output. See README.md in this folder.
//
// For the custodian's own desk ("self") records stream:
//     gate->source(line) -> Source line to write;   gate->pass(records) -> records to write
// For anyone else what may leave depends on what is withheld elsewhere (a Link to a withheld Person, an address of a
// protected one), so the data set is looked at first, as a whole, and written in a second reading:
//     gate->source(line); gate->survey(records) ... ; gate->settle() -> Source lines to write;  gate->pass(records) ...
// The survey keeps some 100 bytes for each record. Nothing in what leaves shows that something was withheld; the ledger
// says how much, by rule, and stays with the custodian.
//
// Threads: survey() and settle() by one thread at a time and before any pass(); source() may come between batches;
// pass() and show() from any thread.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "handle/cleared.hpp"
#include "handle/ledger.hpp"
#include "handle/policy.hpp"

namespace casebridge::handle {

struct Refused {     // H27: goes to quarantine
  size_t index = 0;  // into the records given
  Finding finding;
};

// What came through. Borrows the records given and owns what had to be changed: keep both until it is written.
class Outgoing {
 public:
  Outgoing(Outgoing&&) = default;
  const Cleared& cleared() const { return cleared_; }
  const std::vector<Refused>& refused() const { return refused_; }
  const std::vector<Finding>& findings() const { return findings_; }  // values that were masked; not yet through the gate themselves

 private:
  friend class Gate;
  Outgoing() = default;
  std::unique_ptr<Arena> arena_ = std::make_unique<Arena>();
  std::unique_ptr<std::vector<Record>> own_ = std::make_unique<std::vector<Record>>();
  Cleared cleared_;
  std::vector<Refused> refused_;
  std::vector<Finding> findings_;
};

class Gate {
 public:
  // The custodian's own desk. `run_date` is YYYY-MM-DD: no stage reads the clock.
  static std::unique_ptr<Gate> for_self(std::string run_date);
  // Anyone else, by policy. Throws PolicyError with `refusal` (exit 7) where the recipient is not in the policy, or the
  // purpose or authority is none of its own. Both are codes of legal_authority.
  static std::unique_ptr<Gate> for_recipient(const Policy&, std::string_view recipient, std::string_view purpose,
                                             std::string_view authority, std::string run_date);
  ~Gate();

  const std::string& recipient() const;
  bool needs_survey() const;  // false for self

  // The Dataset line, stamped with recipient, purpose, authority and ceiling.
  Outgoing dataset(const Record& line) const;
  // A Source line: the floor of its records. For self it comes back; for others see settle().
  Outgoing source(const Record& line);
  void survey(std::span<const Record> records);
  Outgoing settle();  // the Source lines of which anything is left, renumbered
  Outgoing pass(std::span<const Record> records) const;
  // H7: the private and therapeutic records that stay for that reason alone, as references that mean something to the
  // custodian only, in their own order; empty unless the policy says that the recipient is told of them. After settle().
  std::vector<std::string> notices() const;

  // A finding as it may be shown: sensitive numbers, sensitive traits and media in its words are masked. For anyone but
  // self, findings about what is withheld, or about no record, do not pass, and no value is quoted.
  // `about`: the record, if at hand, so that its field marks count.
  std::optional<ClearedFinding> pass(const Finding&, const Record* about = nullptr) const;
  // Raw bytes or words of a source, for trace, listings of the quarantine and messages; nothing for anyone but self.
  ClearedText show(std::string_view raw) const;

  // Access to the record has ended (H1, H29), by its own handling, its Source line's, or the clock of a youth charge.
  bool ended(const Record& record, const Record* source_line) const;

  const Ledger& ledger() const;

 private:
  struct State;
  explicit Gate(std::unique_ptr<State>);
  std::unique_ptr<State> state_;
};

}  // namespace casebridge::handle

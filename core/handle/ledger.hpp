// What was withheld or changed, by rule: counts, never content. For the audit log of the custodian; nothing of it may
// travel with the data. Counting is safe from any thread.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace casebridge::handle {

enum class Rule : uint8_t {
  // whole records
  access_ended,      // H1, H29
  extrajudicial,     // H2
  youth,             // H3
  originator,        // H4: the third-party rule
  release_to,        // H5
  private_record,    // H7
  publication_ban,   // H8
  victim,            // H9: victims are not suspects
  safe_location,     // H10
  protected_person,  // H11
  legal_call,        // H12
  missing_person,    // H13: locating use only
  unwilling,         // H15: a located person who does not want contact
  governed,          // H16
  suspended,         // H18
  informer,          // H19
  purpose,           // H20
  consent,           // H23: withdrawn
  caveat,            // any other caveat that the policy does not grant
  tlp,
  condition,
  type,
  withdrawn,
  reference,   // it needs a record that is withheld
  cluster,     // H4: one of its members is withheld
  unreadable,  // H27: refused, goes to quarantine
  // values
  media,         // H6
  trait,         // H22
  clear_number,  // H26
  field_mark,
  field_policy,
  field_reference,
  unmapped,  // unmapped: ext, which no policy granted
  count_
};
std::string_view rule_id(Rule) noexcept;  // "H10 safe-location"

class Ledger {
 public:
  void add(Rule rule, uint64_t n = 1) { counts_[static_cast<size_t>(rule)].fetch_add(n, std::memory_order_relaxed); }
  uint64_t operator[](Rule rule) const { return counts_[static_cast<size_t>(rule)].load(std::memory_order_relaxed); }
  std::vector<std::pair<std::string, uint64_t>> rows() const;  // what is not 0, in the order above

 private:
  std::array<std::atomic<uint64_t>, static_cast<size_t>(Rule::count_)> counts_{};
};

}  // namespace casebridge::handle

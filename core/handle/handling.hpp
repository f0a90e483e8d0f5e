// The handling of a record as it applies: the Source's floor and what the record adds. Handling only tightens.
// Values are bit sets and small numbers, so that a rule is a comparison. Text is borrowed from the record or the Source.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/record.hpp"
#include "normalise/youth_clock.hpp"

namespace casebridge::handle {

enum class Tlp : uint8_t { clear, green, amber, amber_strict, red };
std::optional<Tlp> tlp_of(std::string_view code) noexcept;

// One bit for each row of a code list of at most 64 rows, in the order of the list.
class CodeBits {
 public:
  explicit CodeBits(std::string_view list);  // throws std::logic_error on a list that is not there or too long
  std::optional<uint64_t> bit(std::string_view code) const noexcept;
  std::string_view name(size_t bit) const;

 private:
  std::vector<std::string_view> codes_;
};
const CodeBits& caveat_bits();
const CodeBits& purpose_bits();
uint64_t caveats(std::initializer_list<std::string_view> codes);  // throws std::logic_error on an unknown one

struct FieldMark {
  std::string_view pointer;
  uint64_t caveats = 0;
  std::vector<std::string_view> releasable_to;
};

struct Handling {
  std::string_view originator, conditions, access_ends, destroy_by, governance_body, grant_id, grant_expires;
  bool stated = false;       // a handling code stands somewhere: without one nothing may be released
  bool conditional = false;  // handling code C
  std::optional<Tlp> tlp;
  uint64_t caveats = 0;
  std::optional<uint64_t> purposes;  // none stated: any; stated and empty: none
  std::optional<std::vector<std::string_view>> releasable_to;
  std::vector<FieldMark> marks;
  normalise::YouthClock clock;  // of a youth charge whose end nobody stated; set by the gate
};

struct Unreadable {       // H27: why a handling block is a refusal
  std::string_view code;  // of a finding
  std::string value;
};

// The record's own block; `out` is complete only when nothing is returned.
std::optional<Unreadable> read_handling(const Record& record, Handling& out);
// The floor with the record's own block on top.
Handling tightened(const Handling& floor, const Handling& own);
// Sorts before: the stricter of two dates in the forms YYYY, YYYY-MM and YYYY-MM-DD; empty is no date.
std::string_view earlier(std::string_view a, std::string_view b);
bool date_passed(std::string_view date, std::string_view today);  // the last day of a partial date has passed

}  // namespace casebridge::handle

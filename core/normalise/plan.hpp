// How each leaf of the model is normalised: looked up once per field instead of once per value. Immutable; any thread.
#pragma once
#include <memory>
#include <vector>

#include "model/model.hpp"
#include "normalise/codes.hpp"
#include "normalise/dates.hpp"

namespace casebridge::normalise {

enum class How : uint8_t {
  none,  // no leaf, or one that is not a value (recordType, map)
  text,
  free_text,
  raw,
  code,
  date,
  integer,
  measure,
  boolean,
  decimal,
  country,
  language,
  currency,
  url,
  lower,
  uuid,
  ref,
  name,
  person_full,
  province,
  postal,
  vin,
  plate,
  identifier,
  selector,
  money,  // need their neighbours: settled when the whole item is there
  id,
  version,
  local_id,
  source,
  also_source,
  record_status,
  supersedes  // of the header
};

struct Plan {
  const model::Node* node = nullptr;
  How how = How::none;
  DateNeed need = DateNeed::when;
  bool many = false;
  bool handling = false;  // a handling mark: an unknown word must stay, and hold the record back
  uint16_t rank = 0;
  std::string_view target;  // unit of a measure
  const CodeIndex* codes = nullptr;
  model::Tag partner = 0;  // start: its end; money: its currency; identifier: its type
};

class Plans {
 public:
  static const Plans& get();  // made at the first call
  const Plan& of(uint32_t tag) const { return tag < plans_.size() ? plans_[tag] : none_; }
  const CodeIndex& absent_reasons() const { return *absent_; }

 private:
  Plans();
  std::vector<Plan> plans_;
  std::vector<std::unique_ptr<CodeIndex>> indexes_;
  const CodeIndex* absent_ = nullptr;
  Plan none_;
};

}  // namespace casebridge::normalise

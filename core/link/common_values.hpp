// Values that many different people share by default or by circumstance, and that therefore say nothing: 1900-01-01, a
// shelter's address, a motel's switchboard, 99999999. Found from counts before anything is estimated, then read as missing.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "link/blocks.hpp"

namespace casebridge::link {

enum class CommonKind : uint8_t { birth_date, phone, number, address };
struct CommonValue {
  CommonKind kind;
  uint64_t hash;     // what the model keeps
  uint32_t records;  // that hold it
  uint32_t names;    // different full names among them
  uint32_t row;      // one record that holds it, to show the value
};

std::vector<CommonValue> find_common_dates(const PersonTable& t);
// Of the identifiers, phones and addresses whose blocks were too large.
std::vector<CommonValue> find_common_values(const PersonTable& t, const std::vector<LargeBlock>& large);
// Takes the values away from every record that holds them. hashes: sorted.
void drop_common(PersonTable& t, const std::vector<uint64_t>& hashes, unsigned threads);

}  // namespace casebridge::link

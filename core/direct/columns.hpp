// What a table says of people, column by column, for a mapping so plain that this can be known beforehand: each row is one
// person with names, a birth date, numbers, telephones and one home. A mapping that does more is read the usual way.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "model/model.hpp"
#include "read/mapping/program.hpp"

namespace casebridge::direct {

enum class Use : uint8_t {
  key,
  given,
  middle,
  family,
  alias,  // whole names
  birth_date,
  birth_city,
  occupation,
  number,  // `kind`: its type
  phone,
  street,
  city,
  postcode,
  // Not compared. Looked at, because a value that is not in order is a finding, and then the row goes the usual way.
  date,
  country,
  code,
  text
};

struct Column {
  Use use = Use::text;
  std::string name;                             // as the mapping writes it
  std::string split;                            // between several values of one cell; empty: one value
  std::string kind;                             // of number
  const read::mapping::Table* table = nullptr;  // of code: the mapping's words
};

struct Columns {
  std::vector<Column> all;
  std::vector<std::vector<std::string>> headers;  // the file must have all names of one
  std::string agency, system, region;
};

// Nothing: the mapping does something that is not known here. `program` must outlive the result.
std::optional<Columns> columns_of(const read::mapping::Program& program);

}  // namespace casebridge::direct

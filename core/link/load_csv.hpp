// A fast reader of people CSV files (RFC 4180, UTF-8, first line names the columns), one of the inputs of link.
// The file is mapped and parsed in chunks on all threads; quoted line breaks are allowed.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "link/input.hpp"

namespace casebridge::link {

// field = a column's name, or several joined by " + " (their texts are joined by a space). Fields: record_id, source,
// given, middle, family, aliases, birth_date, birth_city, occupation, phones, emails, identifier:KIND,
// strong:KIND (a number that is unique within its issuer, see RawIdentifier), street, city, postcode. aliases, phones and emails hold lists
// parted by ';'. A field may stand more than once where it has many values.
struct CsvColumn {
  std::string field, columns;
};
std::vector<CsvColumn> people_columns();                       // what the project's generator writes
std::vector<CsvColumn> read_columns(const std::string& path);  // lines "field = column", # starts a comment

// Throws std::runtime_error when the file cannot be read, has no record_id column, or names an unknown field.
std::unique_ptr<LinkInput> open_people_csv(const std::string& path, const std::vector<CsvColumn>& columns);

}  // namespace casebridge::link

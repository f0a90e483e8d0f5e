// Fields and their levels of agreement. A pair of records is one pattern: four bits a field, 0 = missing on either side.
#pragma once
#include <array>
#include <cstdint>
#include <string_view>

namespace casebridge::link {

enum Field : uint8_t { f_given, f_family, f_middle, f_date, f_phone, f_number, f_birth_city, f_address, f_email, f_occupation, fields };

namespace given {
enum : uint8_t { missing, equal, nickname, near, similar, initial, other_name, swapped, same_letter, differs, rotated, alias };
}
namespace family {
enum : uint8_t { missing, equal, near, similar, alias, differs };
}
namespace middle {
enum : uint8_t { missing, equal, similar, initial, as_given, differs };
}
namespace date {
enum : uint8_t { missing, equal, swapped, part_near, part, year_month, year_only, same_year, next_year, differs };
}
namespace phone {
enum : uint8_t { missing, two, one, near, differs };
}
namespace number {
enum : uint8_t { missing, equal, near, differs };
}
namespace birth_city {
enum : uint8_t { missing, equal, near, differs };
}
namespace address {
enum : uint8_t { missing, door, postcode, number_street, postcode_near, street, area, city, differs };
}
namespace email {
enum : uint8_t { missing, equal, similar, differs };
}
namespace occupation {
enum : uint8_t { missing, equal, differs };
}

constexpr std::array<uint8_t, fields> level_count = {12, 6, 6, 10, 5, 4, 4, 9, 4, 3};  // with level 0
constexpr std::array<std::string_view, fields> field_name = {"given",  "family",     "middle",  "birthDate", "phone",
                                                             "number", "birthPlace", "address", "email",     "occupation"};
// Fields that may rightly have many values: the best pair speaks for two clusters, not the mean.
constexpr bool many_valued(unsigned f) { return f == f_phone || f == f_address || f == f_email; }

using Pattern = uint64_t;
constexpr unsigned level(Pattern p, unsigned field) { return static_cast<unsigned>(p >> (4 * field)) & 15u; }
constexpr Pattern at_level(unsigned field, unsigned l) { return Pattern{l} << (4 * field); }

std::string_view level_name(unsigned field, unsigned level);  // English, for explanations

}  // namespace casebridge::link
